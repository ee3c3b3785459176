"""A backend without a model: it types what a goal quotes, and saves."""

from __future__ import annotations

import re

from agent import Decision
from envs.types import Finish, Observation, Press, Type


class Typist:
    """Types the words that the goal has in quotes into the window in front, and saves. Fails where there are none."""

    name = "typist"

    def __init__(self, save: str = "ctrl+s") -> None:
        self.save = tuple(save.split("+"))

    def begin(self, goal: str) -> None:
        """Reads the goal; the pictures will not help it."""
        self.words = " ".join(re.findall(r"'([^']+)'", goal))

    def act(self, seen: Observation) -> Decision:
        """All of it in one decision. The loop stops at the first action that the desktop refuses."""
        if seen.refused or not self.words:
            return Decision(actions=(Finish(claim="failed"),), thought=seen.refused or "the goal quotes nothing")
        actions = (Type(text=self.words), Press(keys=self.save), Finish())
        return Decision(actions=actions, intent=f"write {self.words!r} and save")

    def close(self) -> None:
        """Nothing is held."""
