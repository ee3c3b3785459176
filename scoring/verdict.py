"""What a check says: not only whether, but what was wanted and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

import msgspec

from envs.desktop import Probe
from envs.types import Closed

Axis = Literal["control", "understanding"]


class Verdict(Closed):
    """One check's word on the machine's state. `score` is 1 when it is met, 0 when not, between for part credit."""

    check: str
    score: Annotated[float, msgspec.Meta(ge=0, le=1)]
    expected: str
    actual: str
    axis: Axis = "control"

    @property
    def met(self) -> bool:
        """Whether the whole of it is fulfilled."""
        return self.score >= 1.0


class Check(Protocol):
    """Reads the desktop and judges. It never presses a key, saves a file or opens a window.

    Whatever it raises but DesktopFault is a TaskFault: a file the agent should have made is not an exception
    but a verdict of 0 that says so.
    """

    @property
    def name(self) -> str:
        """What it looks at, in a few words: `the total in B7`."""
        ...

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        """Judge the state as it is now. `answer` is what the agent said when it finished."""
        ...


def score(verdicts: Sequence[Verdict]) -> float:
    """An episode's score: every check must be met, so the least of them. Raises ValueError without any."""
    return min(verdict.score for verdict in verdicts)
