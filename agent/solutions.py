"""How many actions each task's solution takes, as last measured: what an agent's steps are held against.

Kept from run to run in the cache, by task (with its version) and seed. Losing it loses no more than that column.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from envs.recipe import cache

STEPS = dict[str, dict[int, int]]


def known() -> dict[tuple[str, int], int]:
    """The actions by task and seed."""
    return {(task, seed): steps for task, seeds in _read().items() for seed, steps in seeds.items()}


def keep(measured: dict[tuple[str, int], int]) -> None:
    """Remember these. A cache that cannot be written to is done without."""
    steps = _read()
    for (task, seed), count in measured.items():
        steps.setdefault(task, {})[seed] = count
    path = _path()
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode(steps))
        part.rename(path)
    except OSError:
        return


def _path() -> Path:
    return cache() / "solutions.json"


def _read() -> STEPS:
    try:
        return msgspec.json.decode(_path().read_bytes(), type=STEPS)
    except (OSError, msgspec.MsgspecError):
        return {}
