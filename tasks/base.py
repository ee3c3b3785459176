"""What a task is: a goal, the scene it starts from, how it is judged, and the proof that it can be done.

A suite is a function `suite(seed) -> Iterator[Task]`: names, numbers, dates and places differ by seed, and
the same seed always gives the same tasks. A task whose check or goal changes gets a new version:
`smoke/budget@2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from envs.desktop import Probe
from envs.types import Action, Scene
from scoring.verdict import Check


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


@dataclass(frozen=True)
class Task:
    """One thing asked of an agent.

    `near_misses` each end in a state that a careless check would pass, and must score 0; `equivalents` reach
    the goal another way than `solution`, and must score 1. `milestones` are checks of the way there: they are
    reported and never scored. `plan` is the solution in words, a line a step.
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


Suite = Callable[[int], Iterator[Task]]
