"""Where things are in a folder of OSWorld's results, and what our own export keeps there besides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from envs.errors import BadInput, Cause
from envs.types import About, Closed
from scoring.record import Deed, How

TRAJECTORY: Final = "traj.jsonl"
RESULT: Final = "result.txt"
RECORDING: Final = "recording.mp4"
LOG: Final = "runtime.log"
ARGUMENTS: Final = "args.json"
INSTRUCTION: Final = "instruction.txt"
BEFORE: Final = ("step_0.png", "initial_state.png")
"""The screen before the first action, where a runner keeps it."""
SUMMARY: Final = Path("summary", "results.json")
ORIGIN: Final = "handeye.json"
OWN: Final = "handeye"
"""The key of a line's `Own`."""
BASELINES: Final = ("infeasible", "idle", "corrected")
"""What a run of ours says of itself that its score must be held against: kept in the arguments' `handeye`."""
OURS: Final = (TRAJECTORY, RESULT, RECORDING, LOG)
DEEPEST: Final = 8
"""Folders down to a task's from where one begins to look."""


class Origin(Closed):
    """What the layout has no place for of an episode that handeye exported: `handeye.json` in the task's folder."""

    suite: str
    task: str
    seed: int
    repeat: int
    agent: str
    goal: str
    desktop: About
    condition: str = ""
    apps: tuple[str, ...] = ()
    budget_steps: int = 0
    budget_seconds: float = 0.0
    solution_steps: int | None = None
    how: How | None = None
    claim: str = ""
    answer: str = ""
    reason: str = ""
    cause: Cause = ""


class Own(Closed):
    """What a line of ours says beside OSWorld's words: the action itself, and what was meant by it."""

    action: Deed
    intent: str = ""
    thought: str = ""
    refused: str = ""
    lead: bool = False


@dataclass(frozen=True)
class Place:
    """One task's folder."""

    folder: Path

    @property
    def task(self) -> str:
        """Its id."""
        return self.folder.name

    @property
    def domain(self) -> str:
        """The folder above it."""
        return self.folder.parent.name

    @property
    def model(self) -> Path:
        """The folder above that."""
        return self.folder.parent.parent


def find(where: Path) -> tuple[Place, ...]:
    """The tasks' folders at or below a folder of results, in order. Raises BadInput where there is none."""
    if not where.is_dir():
        raise BadInput(f"there is no folder {where}; give OSWorld's result_dir, or a folder below it")
    places = tuple(Place(folder) for folder in _below(where.resolve(), DEEPEST) if _is_task(folder))
    if not places:
        raise BadInput(
            f"{where} holds no results of OSWorld: no folder below it has a {TRAJECTORY} or a {RESULT}; "
            "give its result_dir, or a folder below that"
        )
    return places


def _below(folder: Path, deep: int) -> list[Path]:
    inner = sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()) if deep else []
    return [folder, *(found for each in inner for found in _below(each, deep - 1))]


def _is_task(folder: Path) -> bool:
    """A task's folder has files of its own; one with a log alone was begun, and came to no action."""
    return any((folder / name).is_file() for name in (TRAJECTORY, RESULT, LOG))


_STAMP = re.compile(r"(\d{8})@(\d{6})_?(\d{1,6})?")


def moment(stamp: object) -> datetime | None:
    """When an action began, by the runner's own clock; its zone is not written down. None for what is no stamp.

    Microseconds stand behind the seconds (`20260301@090000123456`), behind a `_`, or are left out: `strptime` would
    take the last of the seconds for them.
    """
    found = _STAMP.fullmatch(stamp) if isinstance(stamp, str) else None
    if found is None:
        return None
    day, time, fraction = found.groups()
    try:
        whole = datetime.strptime(f"{day}{time}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is not known
    except ValueError:
        return None
    return whole + timedelta(microseconds=int((fraction or "").ljust(6, "0")))


def stamp(when: datetime) -> str:
    """The same, as OSWorld writes it."""
    return when.strftime("%Y%m%d@%H%M%S%f")
