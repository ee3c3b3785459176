"""Agents that play what the runner gives them: a task's own solution, or an episode that was recorded.

They get decisions, not the task: a backend never sees the answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.base import Decision, given
from envs.types import Finish, Observation


class Scripted:
    """Plays decisions in order, whatever it sees; at their end it claims that it is done."""

    cards = ()

    def __init__(self, play: Iterator[Decision], name: str = "scripted") -> None:
        self.name = name
        self._play = play

    def begin(self, goal: str) -> None:
        """The goal changes nothing."""

    def act(self, seen: Observation) -> Decision:  # noqa: ARG002 - it needs no eyes
        """The next decision."""
        return next(self._play, Decision(actions=(Finish(),), intent="done"))

    def close(self) -> None:
        """There is nothing to close."""


@given("solution")
def oracle(play: Iterator[Decision]) -> Scripted:
    """Plays each task's own solution: what a task is worth when it is done."""
    return Scripted(play, "oracle")


@given("recording")
def replay(play: Iterator[Decision], run: str) -> Scripted:
    """Plays the actions of the same task, seed and repeat as recorded in the folder `run`."""
    return Scripted(play, f"replay({run})")
