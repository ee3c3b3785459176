"""Known defects of the pinned release: which bear on a number, so that no number stands without them being told."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from envs.types import Closed
from scoring.osworld.evaluator import Evaluator

UNBOUND = "or-goes-on-without-a-file"
"""The one that shows only while judging."""


class Defect(Closed):
    """What is wrong, for the functions `of`. `correction` is empty where the number stays as it is."""

    id: str
    of: tuple[str, ...]
    wrong: str
    correction: str = ""


@cache
def known() -> dict[str, Defect]:
    """All of them, by id."""
    listed = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["defect"]
    return {each["id"]: Defect(**{**each, "of": tuple(each.get("of", ()))}) for each in listed}


def bearing(evaluator: Evaluator) -> tuple[str, ...]:
    """The ids of those of its metrics and getters."""
    named = set(evaluator.functions)
    return tuple(defect.id for defect in known().values() if named & set(defect.of))
