"""Writes down which of OSWorld's tasks ran as they are, from runs of the oracle, and of an idle agent.

    python -m tests.osworld.executed --tasks DIR --oracle RUN... --idle RUN... --proofs FILE

A task is `executed` where the oracle got all of it, and the idle agent was judged. Where the idle agent got all of it
too, as one task asks for the time zone that the desktop has, its row says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from envs.errors import BadInput
from scoring.metrics import COUNTED, current, outcome, scored
from scoring.story import Story, read
from tasks.osworld import layout, proofs
from tasks.osworld.suite import named


def counted(runs: Sequence[Path]) -> dict[str, Story]:
    """The episodes of these runs that count, by the task's `domain/id`; of several the latest."""
    found = [story for run in runs for story in current(read(run)[1]) if outcome(story) in COUNTED]
    found.sort(key=lambda story: story.started.utc)
    return {story.started.task.removeprefix("osworld/"): story for story in found}


def right(name: str, oracle: Mapping[str, Story], idle: Mapping[str, Story]) -> str:
    """What is wrong with a task's verdicts; empty where they are as they should be."""
    if name not in oracle or name not in idle:
        return f"was not judged for {'the oracle' if name not in oracle else 'the idle agent'}"
    if scored(oracle[name]) != 1.0:
        return f"gave the oracle {scored(oracle[name]):g}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.osworld.executed", description=__doc__)
    for option in ("--tasks", "--proofs"):
        parser.add_argument(option, type=Path, required=True)
    for option in ("--oracle", "--idle"):
        parser.add_argument(option, type=Path, required=True, nargs="+", metavar="RUN")
    asked = parser.parse_args()
    try:
        oracle, idle = counted(asked.oracle), counted(asked.idle)
        examples = {named(each): each for each in layout.read(asked.tasks).examples}
    except BadInput as err:
        print(err, file=sys.stderr)
        return 2
    wrong = {name: right(name, oracle, idle) for name in sorted({*oracle, *idle})}
    rows = [
        proofs.Proof(
            task=examples[name].id,
            digest=examples[name].digest,
            how="executed",
            on=oracle[name].started.utc[:10],
            desktop=oracle[name].started.desktop.image,
            note="done before anything is: the idle agent gets all of it" if scored(idle[name]) == 1.0 else "",
        )
        for name, why in wrong.items()
        if not why
    ]
    proofs.add(asked.proofs, *rows)
    for name, why in wrong.items():
        if why:
            print(f"{name} {why}")
    print(f"{len(rows)} of {len(wrong)} ran as they are")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
