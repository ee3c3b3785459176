"""The agents that do nothing and say that it is done, or cannot be: what a task is worth when it is left alone."""

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


class Fail(Idle):
    """Does nothing and claims that it cannot be done: worth something only where it cannot."""

    name = "fail"

    def act(self, seen: Observation) -> Decision:  # noqa: ARG002 - it needs no eyes
        """It cannot be done."""
        return Decision(actions=(Finish(claim="infeasible"),), intent="give up")
