"""The smoke suite as it is played in a dialect: its twelve tasks, in an order that keeps several desktops busy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tasks import smoke
from tasks.base import Play, Task
from tasks.play import route
from tasks.smoke.receipts import add, create, receipts
from tasks.suites import short

FIRST = ("picture", "slide", "budget", "letter", "form", "archive")
"""What takes longest: begun last, it would be waited for alone."""


def suite(seed: int, *, hold: bool = True) -> Iterator[Task]:
    """The tasks of `smoke`. Without `hold` no key is held while the mouse clicks, as some families cannot say it."""
    for task in sorted(smoke.suite(seed), key=_place):
        yield task if hold or short(task.id) != "archive" else replace(task, solution=_one_by_one(seed))


def _place(task: Task) -> int:
    name = short(task.id)
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _one_by_one(seed: int) -> Play:
    """The receipts are added each by itself, so that none need be selected beside another."""
    about = receipts(Random(f"{seed}:archive"))
    return route(create(about, about.archive), *(add(about, name) for name in about.wanted))
