"""OSWorld's tasks as a suite of ours, and which of them are in it: those that can be played and judged here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from envs.errors import BadInput
from tasks.base import Task
from tasks.osworld import assets, layout, needs, staging
from tasks.osworld.assets import Assets
from tasks.osworld.coverage import unjudged
from tasks.osworld.example import Example
from tasks.osworld.layout import Library

Why = Literal["web", "files", "left out", "unknown", "unreadable"]


@dataclass(frozen=True)
class Left:
    """A task that is not played, and why in a few words."""

    name: str
    why: Why
    said: str


@dataclass(frozen=True)
class Sifted:
    """The tasks that can be played, and the others."""

    playable: tuple[Example, ...]
    left: tuple[Left, ...]


def sift(library: Library, store: Assets | None) -> Sifted:
    """Which tasks of the library can be played with these files."""
    judged = [(example, _stands_against(example, store)) for example in library.examples]
    left = [Left(named(example), *why) for example, why in judged if why]
    left += [Left(f"{each.domain}/{each.id}", "unreadable", each.why) for each in library.refused]
    return Sifted(tuple(example for example, why in judged if not why), tuple(left))


def named(example: Example) -> str:
    """`os/<id>`: as people ask for it."""
    return f"{example.domain}/{example.id}"


def _stands_against(example: Example, store: Assets | None) -> tuple[Why, str] | None:
    its = needs.sort(example)
    if its.kind == "unknown":
        return "unknown", its.why
    if its.kind == "web":
        return "web", its.why
    if said := unjudged(example):
        return "left out", said
    wanted = assets.of(example)
    missing = store.missing(wanted) if store else tuple(asset.key for asset in wanted)
    return ("files", missing[0]) if missing else None


def suite(seed: int, tasks: str = "", assets: str = "", corrected: bool = False) -> Iterator[Task]:
    """OSWorld's tasks in the folder `tasks` that need no web, and whose files, if any, are in the folder `assets`.

    They do not differ by seed. `corrected` has OSWorld's known defects corrected.
    """
    if not tasks:
        raise BadInput("wanted the folder of OSWorld's tasks; give it: osworld(tasks=DIR)")
    del seed
    store = Assets(Path(assets)) if assets else None
    sifted = sift(layout.read(Path(tasks)), store)
    return (staging.task(example, store, corrected=corrected) for example in sifted.playable)
