"""A suite's tasks for some seeds, made and looked over before anything is run."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from envs.errors import BadInput
from tasks.base import Suite, Task


def made(name: str, suite: Suite, seeds: Sequence[int], globs: Sequence[str] = ()) -> dict[int, tuple[Task, ...]]:
    """The tasks of each seed whose id fits one of the globs, or all of them.

    A glob is matched against the whole id, and against what follows the suite's name and stands before the
    version. Raises BadInput when the suite raises, names two tasks alike, or has none that fits.
    """
    tasks = {seed: _of(name, suite, seed) for seed in seeds}
    for glob in globs:
        if not any(_fits(task.id, glob) for some in tasks.values() for task in some):
            ids = sorted({task.id for some in tasks.values() for task in some})
            raise BadInput(f"no task of {name} fits {glob!r}{_near(glob, ids)}")
    return {
        seed: tuple(task for task in some if not globs or any(_fits(task.id, glob) for glob in globs))
        for seed, some in tasks.items()
    }


def _of(name: str, suite: Suite, seed: int) -> tuple[Task, ...]:
    try:
        tasks = tuple(suite(seed))
    except Exception as err:
        raise BadInput(f"the suite {name} cannot make its tasks for seed {seed}: {err!r}") from err
    ids = [task.id for task in tasks]
    double = next((each for each in ids if ids.count(each) > 1), None)
    if double is not None:
        raise BadInput(f"the suite {name} has two tasks {double!r} for seed {seed}")
    if not tasks:
        raise BadInput(f"the suite {name} has no tasks for seed {seed}")
    return tasks


def short(task: str) -> str:
    """`budget` of `smoke/budget@2`."""
    return task.rpartition("/")[2].partition("@")[0]


def _fits(task: str, glob: str) -> bool:
    return any(fnmatchcase(name, glob) for name in (task, task.partition("@")[0], short(task)))


def _near(glob: str, ids: Sequence[str]) -> str:
    plain = glob.strip("*").partition("@")[0]
    names = {each.partition("@")[0]: each for each in ids} | {short(each): each for each in ids}
    close = difflib.get_close_matches(plain, names, n=1)
    return f"; did you mean {names[close[0]]!r}?" if close else f"; it has {', '.join(ids)}"
