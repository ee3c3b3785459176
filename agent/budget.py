"""What stops an episode, or a run: actions, seconds, tokens and money used against what may be used."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from agent.base import Usage
from envs.types import Called
from scoring.record import Decided, Episode, Run
from tasks.base import Budget


@dataclass(frozen=True)
class Limits:
    """What an episode may use, in place of what its task says; None leaves the task's."""

    steps: int | None = None
    seconds: float | None = None
    tokens: int | None = None
    usd: float | None = None

    def on(self, budget: Budget) -> Budget:
        """The task's budget with what is limited here in its place."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return replace(budget, **given)


@dataclass(frozen=True)
class Allowance:
    """What all of a run may use: tokens and US dollars, None where there is no limit."""

    tokens: int | None = None
    usd: float | None = None

    def over(self, other: Allowance) -> Allowance:
        """This one, with the other's limits where this has none."""
        return Allowance(
            tokens=other.tokens if self.tokens is None else self.tokens,
            usd=other.usd if self.usd is None else self.usd,
        )


@dataclass
class Purse:
    """What a run has used of its allowance. Its episodes share it: any thread may pay and ask."""

    most: Allowance = field(default_factory=Allowance)
    tokens: int = 0
    usd: float = 0.0
    unpriced: bool = False
    """Whether tokens were paid for of which no price is known: no limit in dollars can be kept then."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def pay(self, usage: Usage | Called | Decided) -> None:
        """Count what was used. Tokens served from a cache count as those that were not."""
        with self._lock:
            tokens = usage.input_tokens + usage.output_tokens
            self.tokens += tokens
            self.usd += usage.usd or 0.0
            self.unpriced = self.unpriced or bool(tokens and usage.usd is None)

    def recall(self, run: Run, episodes: Iterable[Episode]) -> None:
        """Count what the run used before: in its episodes, and for its calibration."""
        for calibration in run.calibration:
            for called in calibration.calls:
                self.pay(called)
        for episode in episodes:
            for line in episode.lines:
                if isinstance(line.event, Decided):
                    self.pay(line.event)

    @property
    def spent(self) -> str:
        """Which limit of the run is reached, in words; empty while none is."""
        with self._lock:
            return _reached(self.most, self)


@dataclass
class Meter:
    """What an episode has used so far. Seconds count from when the meter is made."""

    budget: Budget
    steps: int = 0
    tokens: int = 0
    usd: float = 0.0
    unpriced: bool = False
    _began: float = field(default_factory=time.monotonic)

    def pay(self, usage: Usage) -> None:
        """Count what a decision took. Tokens served from a cache count as those that were not."""
        tokens = usage.input_tokens + usage.output_tokens
        self.tokens += tokens
        self.usd += usage.usd or 0.0
        self.unpriced = self.unpriced or bool(tokens and usage.usd is None)

    @property
    def spent(self) -> str:
        """Which limit is reached, in words; empty while none is."""
        limit = self.budget
        seconds = time.monotonic() - self._began
        if self.steps >= limit.steps:
            return f"all {limit.steps} steps used"
        if seconds >= limit.seconds:
            return f"all {limit.seconds:g} seconds used"
        return _reached(limit, self)


def _reached(limit: Allowance | Budget, used: Purse | Meter) -> str:
    if limit.tokens is not None and used.tokens >= limit.tokens:
        return f"{used.tokens} tokens used, of {limit.tokens}"
    if limit.usd is not None and used.unpriced:
        return f"tokens used without a known price, of {limit.usd:g} USD"
    if limit.usd is not None and used.usd >= limit.usd:
        return f"{used.usd:.4f} USD used, of {limit.usd:g}"
    return ""
