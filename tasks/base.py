"""What a task is: a goal, the scene it starts from, how it is judged, and the proof that it can be done.

A suite is a function `suite(seed) -> Iterator[Task]`: names, numbers, dates and places differ by seed, and
the same seed always gives the same tasks. A task whose check or goal changes gets a new version:
`smoke/budget@2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from envs.desktop import Desktop, Probe
from envs.types import Action, Finish, Scene
from scoring.record import How
from scoring.verdict import Check, Verdict


@dataclass(frozen=True)
class Step:
    """One step of a play: what it is for, and the actions that do it."""

    intent: str
    actions: tuple[Action, ...]


Play = Callable[[Probe], Iterator[Step]]
"""Plays a way through a task with mouse and keyboard only. The probe is for finding where things are on the
screen and for waiting until they are there; each step is carried out, and the screen settled, before the next
is asked for. A play that ends without `Finish` claims that it is done. See `tasks.play` for the verbs."""


@dataclass(frozen=True)
class Budget:
    """What an episode may use. `tokens` and `usd` are None where there is no limit."""

    steps: int = 40
    seconds: float = 600.0
    tokens: int | None = None
    usd: float | None = None


class Prepared(Protocol):
    """An episode's stage, once it is set."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than was meant while it was set, and was no fault; a line each."""
        ...

    def judge(self, how: How, last: Finish, since: float) -> tuple[Verdict, ...]:
        """Judge what is left, once; unlike a check it may act. `last` is the agent's word where `how` is finished.

        `since` is how many seconds ago the last action was carried out; infinite where there was none.
        """
        ...

    def close(self) -> None:
        """Nothing of it is left running. Called once, whatever happened."""
        ...


class Stage(Protocol):
    """Sets up and judges a task of a foreign benchmark by that one's own means, which a scene and checks are not.

    Both raise TaskFault for what is wrong with the task, and DesktopFault as the desktop does. Whatever else they
    raise but BadInput is a TaskFault: what happens on a stage is never the agent's fault.
    """

    def prepare(self, desktop: Desktop) -> Prepared:
        """Bring about the state from which the agent starts, on a desktop that was just reset to the task's scene."""
        ...


@dataclass(frozen=True)
class Task:
    """One thing asked of an agent.

    `near_misses` each end in a state that a careless check would pass, and must score 0; `equivalents` reach
    the goal another way than `solution`, and must score 1. `milestones` are checks of the way there: they are
    reported and never scored. `plan` is the solution in words, a line a step.

    A task with a `stage` is set up and judged by it, once, at the end: it has neither checks nor milestones.
    """

    id: str
    goal: str
    checks: tuple[Check, ...]
    scene: Scene = field(default_factory=Scene)
    budget: Budget = field(default_factory=Budget)
    apps: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    solution: Play | None = None
    near_misses: Mapping[str, Play] = field(default_factory=dict)
    equivalents: Mapping[str, Play] = field(default_factory=dict)
    milestones: tuple[Check, ...] = ()
    stage: Stage | None = None

    def __post_init__(self) -> None:
        if self.stage is not None and (self.checks or self.milestones):
            raise ValueError(f"{self.id} is judged by its stage: leave out its checks and milestones")


Suite = Callable[[int], Iterator[Task]]
