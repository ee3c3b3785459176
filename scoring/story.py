"""An episode's log told as turns: what was seen, decided, done, and what it led to.

The log is a flat list of events; metrics, replay and viewer all need the same reading of it, which is here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from envs.types import Click, Drag, Finish, MouseDown, MouseUp, Move, Point, Scroll
from scoring.record import Acted, Decided, Deed, Ended, Judged, Left, Line, Looked, Run, Started, read_run
from scoring.verdict import Verdict


@dataclass(frozen=True)
class Split:
    """Where a turn's seconds went. `harness` is what is left: host, transport, log."""

    model: float = 0.0
    act: float = 0.0
    settle: float = 0.0
    look: float = 0.0
    harness: float = 0.0


@dataclass(frozen=True)
class Turn:
    """One action. Times are seconds on the episode's clock.

    `began` is when the turn before was over (checks of the way there included), `acted` when the action was
    handed to the desktop, `ended` when the picture it led to was there. `leads` marks the first action of a
    decision: the time to decide is counted there and nowhere else.
    """

    number: int
    action: Deed
    decided: Decided | None
    leads: bool
    before: Looked | None
    began: float
    acted: float
    ended: float
    after: Looked | None = None
    milestones: tuple[Judged, ...] = ()
    reached: tuple[str, ...] = ()
    """Checks that are met after it and were not before, as far as they were judged on the way."""

    @property
    def split(self) -> Split:
        """Where the time went. Nothing is known of a turn without a picture after it, but the deciding."""
        model = self.decided.seconds if self.decided and self.leads else 0.0
        if self.after is None:
            return Split(model=model)
        took = self.after.took
        left = self.ended - self.began - model - took.act - took.settle - took.look
        return Split(model=model, act=took.act, settle=took.settle, look=took.look, harness=max(0.0, left))


@dataclass(frozen=True)
class Story:
    """One attempt at a task. `name` is its folder's; `ended` is None while it runs, or when it was cut off.

    `lasted` is in seconds, from its first action to its last where the record is another's; NaN where none were kept.
    """

    name: str
    started: Started
    first: Looked | None
    turns: tuple[Turn, ...]
    finals: tuple[Verdict, ...]
    milestones: tuple[Judged, ...]
    ended: Ended | None
    lasted: float
    decisions: tuple[Decided, ...]
    left: tuple[Left, ...] = ()
    """What it found and what it left, where both were kept."""

    @property
    def actions(self) -> int:
        """How many actions were carried out or refused; the word that it is over is none."""
        return sum(not isinstance(turn.action, Finish) for turn in self.turns)

    @property
    def led(self) -> int:
        """How many of them were played before the agent began (see `Decided.lead`)."""
        return sum(turn.decided is not None and turn.decided.lead for turn in self.turns)

    @property
    def own(self) -> int:
        """How many were the agent's own."""
        return self.actions - self.led

    @property
    def shown(self) -> Looked | None:
        """The first picture that there is: another's record may not have the one from before the first action."""
        return next(
            (look for look in (self.first, *(turn.after for turn in self.turns)) if look is not None), self.last
        )

    @property
    def last(self) -> Looked | None:
        """The last picture."""
        return next((turn.after for turn in reversed(self.turns) if turn.after), self.first)


@dataclass
class _Teller:
    """The story so far."""

    turns: list[Turn] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    first: Looked | None = None
    seen: Looked | None = None
    ended: Ended | None = None
    undone: Decided | None = None
    decided: float = 0.0
    began: float = 0.0
    t: float = 0.0

    def hear(self, line: Line) -> None:
        match line.event:
            case Looked() as looked:
                self._look(looked, line.t)
            case Decided() as decided:
                self.decisions.append(decided)
                self.undone, self.decided = decided, line.t
                self.began = self.t
            case Acted(step=step, action=action):
                self._act(step, action, line.t)
            case Judged() as judged:
                self.judged.append(judged)
                if self.turns and not judged.final:
                    self.turns[-1] = replace(self.turns[-1], milestones=(*self.turns[-1].milestones, judged))
            case Left() as left:
                self.left.append(left)
            case Ended() as ended:
                self.ended = ended
            case Started():
                pass
        self.t = line.t

    def _look(self, looked: Looked, t: float) -> None:
        if self.turns and self.turns[-1].after is None and self.undone is None:
            self.turns[-1] = replace(self.turns[-1], after=looked, ended=t)
        elif self.first is None and not self.turns:
            self.first = looked
        self.seen = looked

    def _act(self, step: int, action: Deed, t: float) -> None:
        leads = self.undone is not None
        self.turns.append(
            Turn(
                number=step,
                action=action,
                decided=self.decisions[-1] if self.decisions else None,
                leads=leads,
                before=self.seen,
                began=self.began if leads else self.t,
                acted=t,
                ended=t,
            )
        )
        self.undone = None

    def finish(self) -> None:
        """The word that it is over is a turn as well, though nothing was done. What was only meant is none."""
        if self.undone is None or not self.undone.actions or not isinstance(self.undone.actions[0], Finish):
            return
        number = self.turns[-1].number + 1 if self.turns else 1
        self._act(number, self.undone.actions[0], self.decided)


def _reached(turns: Sequence[Turn]) -> Iterator[Turn]:
    """The turns with what each has brought about. What is met after turn 1 may always have been."""
    met: dict[str, bool] = {}
    for place, turn in enumerate(turns):
        now = {judged.verdict.check: judged.verdict.met for judged in turn.milestones}
        yield replace(
            turn, reached=tuple(check for check, good in now.items() if good and not met.get(check, place == 0))
        )
        met |= now


def tell(name: str, lines: Sequence[Line]) -> Story | None:
    """The story of an episode's log; None when not even its first line was written."""
    if not lines or not isinstance(lines[0].event, Started):
        return None
    teller = _Teller()
    for line in lines:
        teller.hear(line)
    teller.finish()
    return Story(
        name=name,
        started=lines[0].event,
        first=teller.first,
        turns=tuple(_reached(teller.turns)),
        finals=tuple(judged.verdict for judged in teller.judged if judged.final),
        milestones=tuple(judged for judged in teller.judged if not judged.final),
        ended=teller.ended,
        lasted=_lasted(lines[0].event, teller),
        decisions=tuple(teller.decisions),
        left=tuple(teller.left),
    )


def _lasted(started: Started, teller: _Teller) -> float:
    seconds = teller.ended.seconds if teller.ended and teller.ended.seconds else teller.t
    return math.nan if started.source and not seconds else seconds


def aim(action: Deed) -> Point | None:
    """Where an action begins on the screen; None where the pointer is, or nowhere."""
    match action:
        case Click(at=at) | Move(at=at) | Scroll(at=at) | MouseDown(at=at) | MouseUp(at=at):
            return at
        case Drag(path=path) if len(path) > 1:
            return path[0]
    return None


def frames(story: Story) -> Iterator[str]:
    """The pictures' names in order, each where it first appears."""
    looks = [story.first, *(look for turn in story.turns for look in (turn.before, turn.after))]
    yield from dict.fromkeys(look.frame for look in looks if look is not None)


def read(folder: Path) -> tuple[Run, tuple[Story, ...]]:
    """What a run was asked to do, and the story of each of its episodes. Raises BadInput when it is no run."""
    run, episodes = read_run(folder)
    told = (tell(episode.name, episode.lines) for episode in episodes)
    return run, tuple(story for story in told if story is not None)
