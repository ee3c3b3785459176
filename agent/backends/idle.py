"""The agent that does nothing and says that it is done: what a task is worth when it is left alone."""

from __future__ import annotations

from agent.base import Decision
from envs.types import Finish, Observation


class Idle:
    """Does nothing and claims that it is done: every task must score 0."""

    name = "idle"
    cards = ()

    def begin(self, goal: str) -> None:
        """The goal changes nothing."""

    def act(self, seen: Observation) -> Decision:  # noqa: ARG002 - it needs no eyes
        """Done."""
        return Decision(actions=(Finish(),), intent="leave all as it is")

    def close(self) -> None:
        """There is nothing to close."""
