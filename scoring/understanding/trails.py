"""Plays that were executed and recorded with their states: what items are made of.

A trail is one episode of a bank's run, told by decisions: a play's step may be several actions without a look between
them, and items ask about what was seen before and after all of a step. `moments[k]` is the screen after k steps of
this play, so `moments[0]` is the start and there is one moment more than there are steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from envs.errors import BadInput
from envs.types import Action, Finish, Size
from scoring.record import Acted, Captured, Decided, Episode, Looked, Unread, read_run
from scoring.state import State, stored

SOLUTION, UNTOUCHED = "solution", "untouched"


@dataclass(frozen=True)
class Moment:
    """A screen: the picture's SHA-256 in `frames/`, and the name of the state beside it in `states/`."""

    run: Path
    picture: str
    size: Size
    state_name: str
    settled: bool = True
    """Whether the screen had come to rest when it was looked at."""

    @property
    def state(self) -> State:
        """Read when it is asked for, and kept for a while."""
        return stored(self.run, self.state_name)

    @property
    def png(self) -> bytes:
        """The picture."""
        return (self.run / "frames" / f"{self.picture}.png").read_bytes()


@dataclass(frozen=True)
class Did:
    """One step of a play: what it is for, and the actions that were carried out."""

    intent: str
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Trail:
    """One executed play. `operator` is what play it was: `solution`, `untouched`, `equivalent ...`, a mutation.

    `at` is the number of the solution's steps that were played before it went another way: the whole solution's where
    it did not. `score` is the task's at its end, None where it was void; `whole` says that the play came to its end.
    """

    name: str
    task: str
    seed: int
    operator: str
    moments: tuple[Moment, ...]
    steps: tuple[Did, ...]
    score: float | None
    whole: bool

    @property
    def end(self) -> Moment:
        """The last screen."""
        return self.moments[-1]


@dataclass(frozen=True)
class Trails:
    """All that was executed of one task and seed. `ways` are equivalents and mutations, by operator.

    `turns[k]` are the other things that were done after k steps of the solution, by what they were, each followed by
    the rest of the solution as far as that went: its moment k+1 is what it led to, its score whether it can be right.
    `again` are further plays of the solution, for what differs from play to play.
    """

    task: str
    seed: int
    goal: str
    app: str
    solution: Trail
    untouched: Trail | None = None
    again: tuple[Trail, ...] = ()
    ways: dict[str, Trail] = field(default_factory=dict)
    turns: dict[int, dict[str, Trail]] = field(default_factory=dict)
    odd: frozenset[str] = frozenset()
    """Pictures that would be others if it were all played again: nothing may show them."""


def trails(run: Path) -> Iterator[tuple[str, Trail, Episode]]:
    """Every episode of a run that has states: its condition (what play it was), and its trail."""
    _, episodes = read_run(run)
    for episode in episodes:
        if episode.started is not None and episode.ended is not None:
            told = trail(run, episode)
            if told is not None:
                yield episode.started.condition, told, episode


def trail(run: Path, episode: Episode) -> Trail | None:
    """An episode as a trail; None where it has not a single screen with its state."""
    started, ended = episode.started, episode.ended
    if started is None or ended is None:
        raise BadInput(f"{run}: the episode {episode.name} did not end")
    moments, steps = list[Moment](), list[Did]()
    last: Moment | None = None
    intent, done = "", list[Action]()
    for line in episode.lines:
        match line.event:
            case Looked() as looked:
                last = Moment(run, looked.frame, looked.size, state_name="", settled=looked.settled)
            case Captured(state=state) if last is not None:
                last = replace(last, state_name=state)
                if not moments:
                    moments.append(last)
            case Decided() as decided:
                _close(moments, steps, last, intent, done)
                intent, done = decided.intent, []
            case Acted(action=action) if not isinstance(action, Unread):
                done.append(action)
    _close(moments, steps, last, intent, done)
    if not moments:
        return None
    return Trail(
        name=episode.name,
        task=started.task,
        seed=started.seed,
        operator=started.condition or SOLUTION,
        moments=tuple(moments),
        steps=tuple(steps),
        score=ended.score,
        whole=ended.how in ("finished", "out_of_budget"),
    )


def _close(moments: list[Moment], steps: list[Did], last: Moment | None, intent: str, done: list[Action]) -> None:
    """A step is over: what was done, and the screen that it led to."""
    acts = tuple(action for action in done if not isinstance(action, Finish))
    if acts and moments and last is not None and last.state_name:
        steps.append(Did(intent=intent, actions=acts))
        moments.append(last)
