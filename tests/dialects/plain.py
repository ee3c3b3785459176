"""Families that answer in a JSON object of this project's own schema, as its prompt puts it."""

from __future__ import annotations

from dataclasses import dataclass

from envs.types import Action, Point
from tests.dialects.plan import Limits
from tests.dialects.session import Said, View


@dataclass(frozen=True)
class Plain:
    name: str
    batch: int = 1
    limits = Limits()

    def say(self, actions: list[Action], view: View) -> Said:
        return Said()

    def point(self, at: Point, view: View) -> Said:
        return Said()

    def nothing(self, view: View) -> Said:
        return Said()


JSON = Plain("json")
INTERNVL = Plain("internvl")
HOLO = Plain("holo")
