"""What happened, as it happened: one append-only log per episode, one writer, and the only reader.

A run is a folder:

    RUN/run.json                      what was asked for: a `Run`
    RUN/frames/<sha256>.png           every picture seen, stored once, named by its content
    RUN/episodes/<episode>/events.jsonl   one `Line` per line

Everything else in the folder (videos, pages, tables) is derived and can be deleted.
"""

from __future__ import annotations

from typing import Literal

from envs.types import About, Action, Closed, Size, Took
from scoring.verdict import Verdict

How = Literal["finished", "out_of_budget", "agent_fault", "desktop_fault", "task_fault", "stopped"]


class Event(Closed, tag_field="event", tag=str.lower):
    """Something that happened in an episode."""


class Started(Event):
    """First line. `axes` says what the episode was going to be judged on, so that a missing verdict is known."""

    format: int
    utc: str
    suite: str
    task: str
    goal: str
    seed: int
    repeat: int
    agent: str
    desktop: About
    axes: tuple[str, ...]
    checks: tuple[str, ...]
    apps: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    budget_steps: int = 0
    budget_seconds: float = 0.0
    solution_steps: int | None = None
    """Actions the solution took when it was last measured, if it was."""


class Looked(Event):
    """A picture of the screen: the first of the episode, or what an action led to."""

    frame: str
    """SHA-256 of the PNG, in hex: its name in `frames/`."""
    size: Size
    settled: bool
    refused: str = ""
    took: Took = Took()
    wall: float = 0.0
    """Seconds from asking the desktop to having the picture, on the host."""


class Decided(Event):
    """The agent's decision, before any of it is carried out. `seconds` is how long it took to decide."""

    intent: str
    thought: str
    actions: tuple[Action, ...]
    seconds: float
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float | None = None
    raw: str = ""


class Acted(Event):
    """One action, about to be carried out. `step` counts actions from 1."""

    step: int
    action: Action


class Judged(Event):
    """One check's verdict. `final` ones make the score; the others are milestones on the way."""

    verdict: Verdict
    final: bool
    step: int


class Ended(Event):
    """Last line. `score` is None when the episode is void: a fault of ours, or stopped by hand."""

    how: How
    score: float | None
    reason: str = ""
    claim: str = ""
    answer: str = ""
    seconds: float = 0.0


AnyEvent = Started | Looked | Decided | Acted | Judged | Ended


class Line(Closed):
    """One line of the log. `t` is seconds since the episode began, by a monotonic clock."""

    seq: int
    t: float
    event: AnyEvent


class Run(Closed):
    """What a run was asked to do: enough to do it again, and to know what is missing."""

    format: int
    id: str
    utc: str
    handeye: str
    """Version of handeye, with the commit where it is known."""
    suite: str
    agent: str
    desktop: str
    seeds: tuple[int, ...]
    repeats: int
    tasks: tuple[str, ...]
    jobs: int
    size: Size
    options: dict[str, str]
