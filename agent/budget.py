"""What stops an episode: actions, seconds, tokens and money used against what it may use."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from agent.base import Usage
from tasks.base import Budget


@dataclass(frozen=True)
class Limits:
    """A run's own limits; None leaves the task's."""

    steps: int | None = None
    seconds: float | None = None
    tokens: int | None = None
    usd: float | None = None

    def on(self, budget: Budget) -> Budget:
        """The task's budget with what is limited here in its place."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return replace(budget, **given)


@dataclass
class Meter:
    """What an episode has used so far. Seconds count from when the meter is made."""

    budget: Budget
    steps: int = 0
    tokens: int = 0
    usd: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def pay(self, usage: Usage) -> None:
        """Count what a decision took. Tokens served from a cache count as those that were not."""
        self.tokens += usage.input_tokens + usage.output_tokens
        self.usd += usage.usd or 0.0

    @property
    def spent(self) -> str:
        """Which limit is reached, in words; empty while none is."""
        limit = self.budget
        seconds = time.monotonic() - self._began
        if self.steps >= limit.steps:
            return f"all {limit.steps} steps used"
        if seconds >= limit.seconds:
            return f"all {limit.seconds:g} seconds used"
        if limit.tokens is not None and self.tokens >= limit.tokens:
            return f"{self.tokens} tokens used, of {limit.tokens}"
        if limit.usd is not None and self.usd >= limit.usd:
            return f"{self.usd:.4f} USD used, of {limit.usd:g}"
        return ""
