"""Runs tasks with stand-ins on a desktop, by an agent that does nothing, and writes down which ran through.

    python -m tests.osworld.standins.proving --tasks DIR [--task GLOB] [--sample N] [--jobs N] [--proofs FILE]

Without --task it runs a small set of tasks that has every step type, getter and metric which offline tasks use,
beyond those of the tasks without files: `handeye osworld run` plays those as they are. --proofs takes a file of
`tasks.osworld.proofs`, in which a row is written for each task that ran through: setup, postconfig, every getter and
every metric. Exits with 1 where one did not, saying what of it was missing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import msgspec

from agent import asking, running
from agent.asking import Ask
from agent.registry import Spec
from envs.errors import BadInput
from scoring.metrics import current
from scoring.story import read
from tasks.base import Task
from tasks.osworld import coverage, layout, needs, proofs
from tasks.osworld.assets import Assets
from tasks.osworld.example import Example

from . import choosing, making, standing
from .__main__ import chosen
from .standing import Ran

RAN = "ran.jsonl"


def suite(seed: int, tasks: str, assets: str, ran: str) -> Iterator[Task]:
    """The tasks of a folder, with stand-ins; a line is written to `ran` of each that was judged."""
    del seed
    store, tell = Assets(Path(assets)), partial(_note, Path(ran))
    return (standing.task(each, store, tell) for each in choosing.runnable(layout.read(Path(tasks)).examples))


def _note(path: Path, ran: Ran) -> None:
    with path.open("ab") as file:
        file.write(msgspec.json.encode(ran) + b"\n")


def usual(examples: Sequence[Example]) -> list[Example]:
    """The small set: beyond what the tasks without files have, which run as they are."""
    playable = choosing.runnable(examples)
    bare = [example for example in playable if needs.sort(example).kind == "offline"]
    return choosing.cover(playable, {part for example in bare for part in coverage.parts(example)})


@dataclass(frozen=True)
class Wish:
    """How to run them."""

    tasks: Path
    folder: Path
    desktop: str = ""
    jobs: int = 1


def run(wish: Wish, examples: Sequence[Example]) -> dict[str, Ran]:
    """Run these; what came of each, by its id. Of one that could not be set up, its reason is the hole."""
    assets = wish.folder / "assets"
    making.lay(examples, assets)
    options = {"tasks": str(wish.tasks.absolute()), "assets": str(assets), "ran": str(wish.folder / RAN)}
    ask = Ask(
        suite=str(Spec(f"{__package__}.proving:suite", options)),
        agent="idle",
        desktop=wish.desktop,
        jobs=wish.jobs,
        globs=tuple(f"osworld/{example.domain}/{example.id}" for example in examples),
        known_as="osworld-standins",
    )
    plan = asking.begin(ask, wish.folder / "run")
    running.perform(plan)
    path = wish.folder / RAN
    lines = path.read_bytes().splitlines() if path.is_file() else []
    found = {each.task: each for each in (msgspec.json.decode(line, type=Ran) for line in lines)}
    _, stories = read(plan.order.folder)
    for story in current(stories):
        name = story.started.task.rpartition("/")[2]
        if story.ended and story.ended.how != "finished":
            why = f"{story.ended.how}: {story.ended.reason}"
            found[name] = Ran(task=name, holes=(why,), said="", notes=(), desktop=story.started.desktop.image)
    return found


def prove(found: dict[str, Ran], examples: Sequence[Example], path: Path) -> None:
    """A row for each that ran through."""
    today = datetime.now(UTC).date().isoformat()
    by_id = {example.id: example for example in examples}
    rows = [
        proofs.Proof(
            task=ran.task,
            digest=by_id[ran.task].digest,
            how="stand-in",
            on=today,
            desktop=ran.desktop,
            note="; ".join(ran.notes),
        )
        for ran in found.values()
        if not ran.holes
    ]
    proofs.add(path, *rows)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.osworld.standins.proving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tasks", type=Path, required=True, help="OSWorld's tasks, as `handeye osworld` takes them")
    parser.add_argument("--task", action="append", metavar="GLOB", help="these, not the small set")
    parser.add_argument("--sample", type=int, help="so many of them, by --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--desktop", default="", help="docker or embedded")
    parser.add_argument("--out", type=Path, help="a new folder for the run; else it is not kept")
    parser.add_argument("--proofs", type=Path, help="the file to write rows into")
    asked = parser.parse_args()
    try:
        examples = layout.read(asked.tasks).examples
        wanted = choosing.runnable(chosen(asked.tasks, asked.task)) if asked.task else usual(examples)
        if asked.sample is not None:
            wanted = Random(asked.seed).sample(wanted, min(asked.sample, len(wanted)))
        with tempfile.TemporaryDirectory() as scratch:
            folder = (asked.out or Path(scratch)).absolute()
            folder.mkdir(parents=True, exist_ok=True)
            found = run(Wish(asked.tasks, folder, asked.desktop, asked.jobs), wanted)
    except BadInput as err:
        print(err, file=sys.stderr)
        return 2
    if asked.proofs:
        prove(found, wanted, asked.proofs)
    return _shown(found, wanted)


def _shown(found: dict[str, Ran], wanted: Sequence[Example]) -> int:
    """A line of each. Returns the exit code."""
    bad = 0
    for example in wanted:
        ran = found.get(example.id)
        trouble = ("it was not run",) if ran is None else ran.holes
        bad += bool(trouble)
        said = "; ".join(trouble) if trouble else f"ran through: {ran.said if ran else ''}"
        print(f"{example.domain}/{example.id}  {said}")
        for note in ran.notes if ran else ():
            print(f"    {note}")
    print(f"{len(wanted) - bad} of {len(wanted)} ran through")
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())
