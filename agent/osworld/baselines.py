"""What an agent that does nothing scored on each of OSWorld's tasks, kept in the cache to stand beside later runs.

By the task's content, so that a changed task has none. Losing it loses no more than that line of a report.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from envs.recipe import cache
from scoring.metrics import COUNTED, current, outcome, scored
from scoring.story import read
from tasks.osworld.example import Example
from tasks.osworld.suite import named

AGENT = "idle"


def known(examples: Sequence[Example], *, corrected: bool) -> float | None:
    """The mean score over these tasks; None unless each was played."""
    scores = _read()
    mine = [scores.get(_key(each, corrected=corrected)) for each in examples]
    found = [score for score in mine if score is not None]
    return sum(found) / len(found) if found and len(found) == len(mine) else None


def keep(run: Path, examples: Sequence[Example], *, corrected: bool) -> None:
    """Remember what it scored in the run. A cache that cannot be written to is done without."""
    by_name = {f"osworld/{named(each)}": each for each in examples}
    _, stories = read(run)
    found = {
        _key(by_name[story.started.task], corrected=corrected): scored(story)
        for story in current(stories)
        if story.started.agent == AGENT and outcome(story) in COUNTED and story.started.task in by_name
    }
    if not found:
        return
    path = _path()
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode({**_read(), **found}))
        part.rename(path)
    except OSError:
        return


def _key(example: Example, *, corrected: bool) -> str:
    return f"{example.digest}{' corrected' if corrected else ''}"


def _path() -> Path:
    return cache() / "osworld-idle.json"


def _read() -> dict[str, float]:
    try:
        return msgspec.json.decode(_path().read_bytes(), type=dict[str, float])
    except (OSError, msgspec.MsgspecError):
        return {}
