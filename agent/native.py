"""A model that acts in its family's own way, and can be asked and made to point: provider x codec, one configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.base import Answer, Card, Decision, Spot
from agent.codecs.base import Codec
from agent.models.base import About, ChatModel, Message, Picture, Reply, Tool
from envs.types import Called, Observation

Safety = Literal["ack", "stop"]
"""What to do about a vendor's pending safety checks. Each is recorded in any case."""


@dataclass(frozen=True)
class Spoken:
    """A bare model call, with what the record keeps of it."""

    reply: Reply
    called: Called


class Native:
    """Acts, answers and points. One object per episode; the provider behind it serves all of them.

    `tries` is how often a reply that means nothing is asked for again, each time told why.
    """

    wants: tuple[str, ...] = ()

    def __init__(  # noqa: PLR0913 - a configuration
        self,
        model: ChatModel,
        codec: Codec,
        *,
        name: str,
        prompt: str = "",
        tries: int = 3,
        safety: Safety = "ack",
    ) -> None:
        self.name = name
        self.model = model
        self.codec = codec

    @property
    def cards(self) -> tuple[Card, ...]:
        """What models are in it, and where pictures go. Empty when none leaves the process."""
        raise NotImplementedError

    def prepare(self) -> tuple[About, ...]:
        """Ask each endpoint, before any desktop starts. Raises BadInput for what cannot be."""
        raise NotImplementedError

    def begin(self, goal: str) -> None:
        """A new conversation."""
        raise NotImplementedError

    def act(self, seen: Observation) -> Decision:
        """What the model does next. Raises AgentFault or EndpointFault, with the calls that led to it."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held."""

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        """Answer a question about PNGs."""
        raise NotImplementedError

    def locate(self, png: bytes, description: str) -> Spot:
        """Where on the PNG it says that the thing is."""
        raise NotImplementedError

    def show(self, png: bytes) -> Picture:
        """The PNG at the size at which this model is shown one."""
        raise NotImplementedError

    def speak(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Tool] = (),
        part: str = "",
        temperature: float | None = None,
    ) -> Spoken:
        """Ask once, in a scaffold's own words, and keep account."""
        raise NotImplementedError
