"""The one owner of retries and limits: how a model is asked until it answers, or until patience ends.

The SDKs' own retries are off. A provider gives `patiently` a function that makes one request and a judge that says
what a failure means; the words by which vendors say it are in `agent.models.troubles`. A request changes nothing on a
desktop, so it may always be made again. All waiting of all callers is in `Limiter.enter`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from time import monotonic
from typing import Generic, TypeAlias, TypeVar

from agent.models.base import ProtocolBroken, Unspeakable
from envs.errors import EndpointFault, Fault
from envs.types import Called

T = TypeVar("T")

CONCURRENCY = 8
_STEPS_DOWN = 8  # more than any provider knows of: a judge that never ends is a bug


@dataclass(frozen=True)
class Patience:
    """How long one call is tried, in seconds: another try may begin until `seconds` after the first one was let in.

    Between tries `first` seconds are waited, then twice as long each time up to `most`, less up to a quarter by
    chance from `seed`. `queue`: how long a call may stand in line for one of our own places at the endpoint.
    """

    seconds: float = 300.0
    first: float = 0.5
    most: float = 8.0
    seed: int = 0
    queue: float = 3600.0


@dataclass(frozen=True)
class Again:
    """Try again, in `after` seconds where the endpoint said so. `said` is what it said, short: `529 overloaded`.

    `everyone`: it concerns all callers of the endpoint, and they wait too. `suspect`: it may be only this request
    that the server cannot answer, see `patiently`.
    """

    said: str
    after: float | None = None
    everyone: bool = False
    suspect: bool = False


@dataclass(frozen=True)
class Changed:
    """The provider has changed what it sends (a tool version stepped down): try at once. `note` is recorded."""

    note: str


@dataclass(frozen=True)
class Stop:
    """Trying again is of no use: `error` is raised, in our words."""

    error: Exception


Trouble: TypeAlias = Again | Changed | Stop
Judge: TypeAlias = Callable[[Exception], Trouble | None]
"""What an exception of a request means; None for one that is no failure of the request, and is raised as it is."""


@dataclass(frozen=True)
class Done(Generic[T]):
    """What came of it, after how many requests, and how many seconds of waiting between them and before the first."""

    value: T
    tries: int
    waited: float
    notes: tuple[str, ...] = ()


class Limiter:
    """Lets at most `most` requests be under way at an endpoint, and none while it has asked to be left alone."""

    def __init__(self, most: int = CONCURRENCY) -> None:
        self.most = most
        self.turns = count()
        self._changed = threading.Condition()
        self._inside = 0
        self._opens = 0.0

    def enter(self, *, wait: float, earliest: float = 0.0) -> float | None:
        """Take a place, not before the monotonic time `earliest`: the seconds waited; None if there was none.

        `wait` is for how long, in seconds, it stands in line after it might have gone in. `leave` gives it back.
        """
        began = monotonic()
        with self._changed:
            while True:
                now = monotonic()
                opens = max(self._opens, earliest)
                if now >= opens and self._inside < self.most:
                    self._inside += 1
                    return now - began
                if now >= max(opens, began) + wait:
                    return None
                self._changed.wait(opens - now if now < opens else max(opens, began) + wait - now)

    def leave(self) -> None:
        """Give the place back."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def hold(self, seconds: float) -> None:
        """Let nobody in for so long."""
        with self._changed:
            self._opens = max(self._opens, monotonic() + seconds)
            self._changed.notify_all()

    def narrow(self, most: int) -> None:
        """Allow no more than `most` from now on: who asked for least is heeded."""
        with self._changed:
            self.most = min(self.most, most)

    @property
    def held(self) -> float:
        """For how many seconds from now nobody is let in."""
        with self._changed:
            return max(0.0, self._opens - monotonic())


_LIMITERS: dict[str, Limiter] = {}
_MAKING = threading.Lock()


def limiter(endpoint: str, most: int | None = None) -> Limiter:
    """The one of this process for the base URL, narrowed to `most` where that is said."""
    with _MAKING:
        found = _LIMITERS.setdefault(endpoint.rstrip("/"), Limiter(most or CONCURRENCY))
    if most is not None:
        found.narrow(most)
    return found


@dataclass
class _Course:
    """How a call has gone so far."""

    endpoint: str
    model: str
    patience: Patience
    gate: Limiter
    asked: float = field(default_factory=monotonic)
    began: float | None = None
    tries: int = 0
    waited: float = 0.0
    suspects: int = 0
    steps: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.patience.seed}:{next(self.gate.turns)}")

    def go_in(self, pause: float = 0.0) -> None:
        """Wait for `pause` seconds and for a place."""
        took = self.gate.enter(wait=self.patience.queue, earliest=monotonic() + pause)
        if took is None:
            raise self.blamed(
                EndpointFault(
                    f"{self.endpoint}: no place among {self.gate.most} requests in {self.patience.queue:g} s"
                )
            )
        self.waited += took
        self.began = self.began if self.began is not None else monotonic()
        self.tries += 1

    def pause(self, again: Again) -> float:
        """How long to wait before the next try. Raises EndpointFault where patience does not reach so far."""
        backoff = min(self.patience.most, self.patience.first * 2.0 ** min(self.tries - 1, 30))
        wait = backoff * (1 - self.chance.random() / 4)
        if again.after is not None:
            wait = again.after + wait / 8  # not all callers in the same instant
        if again.everyone and again.after is not None:
            self.gate.hold(again.after)
        gone = monotonic() - (self.began if self.began is not None else self.asked)
        if gone + max(wait, self.gate.held) > self.patience.seconds:
            raise self.blamed(self._given_up(again, wait))
        return wait

    def _given_up(self, again: Again, wait: float) -> EndpointFault:
        where, limit = f"{self.model} at {self.endpoint}", f"{self.patience.seconds:g} s"
        if again.after is not None and wait > self.patience.seconds:
            return EndpointFault(f"{where} asks to wait {again.after:.0f} s, more than {limit}: {again.said}")
        tries = "one try" if self.tries == 1 else f"{self.tries} tries"
        return EndpointFault(f"{where} gave no reply in {limit} ({tries}): last said {again.said}")

    def blamed(self, error: Exception) -> Exception:
        """The error; a fault says with it what was tried."""
        if isinstance(error, Fault) and not error.calls:
            error.calls = (
                Called(
                    model=self.model,
                    seconds=round(monotonic() - self.asked, 6),
                    waited=round(self.waited, 6),
                    tries=self.tries,
                    problem=str(error),
                    notes=tuple(self.notes),
                ),
            )
        return error


def patiently(
    send: Callable[[], T],
    *,
    endpoint: str,
    judge: Judge,
    patience: Patience,
    model: str,
    healthy: Callable[[], bool] | None = None,
    doubts: int = 2,
) -> Done[T]:
    """What `send` returns, tried as long as patience lasts.

    Raises EndpointFault when it ends, whatever a `Stop` holds, and Unspeakable when `doubts` suspect failures in a
    row came from a server that is well by `healthy`, a cheap question to it that needs no model. A Fault's `calls`
    say how often and how long it was tried. The failed requests' own exceptions are not chained: they hold bodies.
    """
    course = _Course(endpoint, model, patience, limiter(endpoint))
    course.go_in()
    while True:
        try:
            return Done(send(), course.tries, course.waited, tuple(course.notes))
        except Exception as err:
            trouble = judge(err)
            if trouble is None:
                raise
        finally:
            course.gate.leave()
        match trouble:
            case Stop(error):
                raise course.blamed(error)
            case Changed(note):
                course.notes.append(note)
                course.steps += 1
                if course.steps > _STEPS_DOWN:
                    raise course.blamed(ProtocolBroken(f"{model} at {endpoint}: no end of stepping down: {note}"))
                course.go_in()
            case Again():
                course.suspects = course.suspects + 1 if trouble.suspect else 0
                if course.suspects >= doubts and healthy is not None and healthy():
                    raise course.blamed(Unspeakable(f"{endpoint} is well but fails on this request: {trouble.said}"))
                course.go_in(course.pause(trouble))
