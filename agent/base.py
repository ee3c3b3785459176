"""What an agent is. A backend imports this and `envs.types`, and nothing else of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from envs.types import Action, Called, Closed, Observation, Point
from envs.types import Card as Card  # noqa: PLC0414 - a word of this module, kept where the record can have it


class Usage(Closed):
    """What model calls took. Money only where a price is known. `cached_tokens` are part of `input_tokens`."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float | None = None

    def __add__(self, other: Usage) -> Usage:
        unpriced = self.usd is None or other.usd is None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            usd=None if unpriced else (self.usd or 0.0) + (other.usd or 0.0),
        )


@dataclass(frozen=True)
class Decision:
    """What the agent does next. The loop runs `actions` in order, until the first that is refused.

    `intent` is what it wants to bring about, in a few words (shown in the replay); `thought` the reasoning, if
    it gave any; `raw` the reply as it came, for whoever debugs it; `calls` every model call that was made for it.
    """

    actions: tuple[Action, ...]
    intent: str = ""
    thought: str = ""
    usage: Usage = field(default_factory=Usage)
    raw: str = ""
    calls: tuple[Called, ...] = ()


class Spot(Closed):
    """Where a model says that something is: a pixel of the picture it was asked about, or why it names none."""

    at: Point | None
    why_not: str = ""
    calls: tuple[Called, ...] = ()


class Answer(Closed):
    """What a model answers to a question about pictures. `problem` says why there is no answer, if there is none."""

    text: str
    problem: str = ""
    calls: tuple[Called, ...] = ()


class Answerer(Protocol):
    """A model that is asked instead of acting: the same model, configuration and picture size as when it acts."""

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        """Answer a question about PNGs. Raises what a model call raises; a refusal is a `problem`."""
        ...


class Grounder(Protocol):
    """A model that says where something is."""

    def locate(self, png: bytes, description: str) -> Spot:
        """The point of the PNG, in its own pixels, where the thing described is. Raises as `ask` does."""
        ...


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
        """Decide on at least one action. `seen.refused` tells why the last one was not carried out.

        An agent with an attribute `wants = ("elements",)` is given the accessibility tree as `seen.elements` too.
        """
        ...

    def close(self) -> None:
        """Called once at the end, whatever happened."""
        ...


@dataclass(frozen=True)
class Planting:
    """What an agent with planted faults is given to play: the decisions of the solution that are left, and by what
    its faults are drawn.

    `key` names the episode, with its condition; `begun` is how many of the solution's steps were played before,
    `steps` how many it has, where that is known; `aids` are those of the condition that tell the truth; `alone`: one
    step is wanted, and no more.
    """

    decisions: Iterator[Decision]
    key: str = ""
    begun: int = 0
    steps: int | None = None
    aids: frozenset[str] = frozenset()
    alone: bool = False


def episode_key(task: str, seed: int, repeat: int, condition: str) -> str:
    """What names an episode, whoever plays it: `Planting.key`, and `Asked.episode` of items about its screens."""
    return f"{task} seed {seed} repeat {repeat} {condition}".rstrip()


class Asked(Closed):
    """What the runner knows of a question, for an agent whose understanding is planted (`Planted`).

    `right` and `wrong` are answers as they are written after `ANSWER:`, those that will be taken for right and some
    that will not. `rung` is the item's. `key` names the question, its rotation too; for an item about a screen of an
    episode, `episode` is that episode's `Planting.key` and `step` the decision, from 0, that was made there.
    """

    key: str
    rung: str
    right: str
    wrong: tuple[str, ...]
    blind: bool = False
    episode: str = ""
    step: int = -1


class Planted(Protocol):
    """An agent that is told the truth with each question, and errs at a known rate. Asked instead of `ask`."""

    def answer(self, asked: Asked) -> Answer:
        """`ANSWER: ...`, the right one but for its planted faults."""
        ...


Gift = Literal["solution", "recording", "planting"]
"""What an agent that plays something is given as `play`: an iterator of Decisions, or a `Planting`. See `given`."""

Factory = TypeVar("Factory", bound=Callable[..., Agent])


def given(what: Gift) -> Callable[[Factory], Factory]:
    """Marks what makes an agent as one to which the runner hands `play`: decisions, and nothing they came from."""

    def mark(factory: Factory) -> Factory:
        factory.given = what  # type: ignore[attr-defined]  # a mark on a function
        return factory

    return mark


FAMILY = "family"


def speaks(family: str) -> Callable[[Factory], Factory]:
    """Marks what makes an agent as one whose model always speaks as this family does: for listing it."""

    def mark(factory: Factory) -> Factory:
        setattr(factory, FAMILY, family)
        return factory

    return mark


PARTS = "parts"


def takes(**kinds: Literal["agents", "families"]) -> Callable[[Factory], Factory]:
    """Marks options that are specs of their own: `@takes(planner="agents", family="families")`.

    The factory is then given what was made of them, also where only a name was written (`grounder=openai_chat:gta1`).
    """

    def mark(factory: Factory) -> Factory:
        setattr(factory, PARTS, kinds)
        return factory

    return mark
