"""Ways through OSWorld's feasible tasks with mouse and keyboard: one module a domain, each with its `PLAYS`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from tasks.base import Play


def find(id: str) -> Play | None:  # noqa: A002 - OSWorld's word
    """The way through the task with this whole id of OSWorld's (a UUID); None where none has been written."""
    return plays().get(id)


@cache
def plays() -> dict[str, Play]:
    """All of them, by the task's id. Raises ValueError where two modules have one for the same task."""
    found: dict[str, Play] = {}
    for module in pkgutil.iter_modules(__path__):
        of = getattr(importlib.import_module(f"{__name__}.{module.name}"), "PLAYS", {})
        if twice := found.keys() & of.keys():
            raise ValueError(f"two ways through {', '.join(sorted(twice))}: leave one out")
        found |= of
    return found
