"""What an agent is. A backend imports this and `envs.types`, and nothing else of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from envs.types import Action, Closed, Observation


class Usage(Closed):
    """What one model call took. Money only where a price is known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float | None = None


@dataclass(frozen=True)
class Decision:
    """What the agent does next. The loop runs `actions` in order, until the first that is refused.

    `intent` is what it wants to bring about, in a few words (shown in the replay); `thought` the reasoning, if
    it gave any; `raw` the reply as it came, for whoever debugs it.
    """

    actions: tuple[Action, ...]
    intent: str = ""
    thought: str = ""
    usage: Usage = field(default_factory=Usage)
    raw: str = ""


class Agent(Protocol):
    """One episode's agent: made anew for each. Whatever it raises is an AgentFault."""

    @property
    def name(self) -> str:
        """As it appears in reports."""
        ...

    def begin(self, goal: str) -> None:
        """Called once, before the first `act`."""
        ...

    def act(self, seen: Observation) -> Decision:
        """Decide on at least one action. `seen.refused` tells why the last one was not carried out."""
        ...

    def close(self) -> None:
        """Called once at the end, whatever happened."""
        ...


Gift = Literal["solution", "recording"]
"""What an agent that plays something is given as `play`, an iterator of Decisions: see `given`."""

Factory = TypeVar("Factory", bound=Callable[..., Agent])


def given(what: Gift) -> Callable[[Factory], Factory]:
    """Marks what makes an agent as one to which the runner hands `play`: decisions, and nothing they came from."""

    def mark(factory: Factory) -> Factory:
        factory.given = what  # type: ignore[attr-defined]  # a mark on a function
        return factory

    return mark
