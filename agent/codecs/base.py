"""What a family's codec is given and gives: a conversation to put into messages, a reply to read.

A codec is pure: no network, no clock, no desktop, no chance. The backend keeps the conversation (`Talk`) and the
codec renders all of it anew for each call, always the same for the same turns: so whatever was sent once is a prefix
of what is sent next, unless pictures must go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from agent.frame import Frame, Space
from agent.models.base import Message, Picture, Reply, Tool
from envs.types import Act, Action, Closed, Point, Rect, Size


class Look(Act):
    """Only look: the model asked for a picture."""


class Zoom(Act):
    """Show this part of the screen, enlarged."""

    region: Rect


class Pointer(Act):
    """Say where the pointer is."""


class Consult(Act):
    """Ask the person who gave the task. There is none: the model is told to decide by itself."""

    text: str = ""


class Invalid(Act):
    """Something that cannot be carried out, and why, in words for the model. It counts as a try."""

    reason: str


Item: TypeAlias = Action | Look | Zoom | Pointer | Consult | Invalid


class Wanted(Closed):
    """One thing that a reply asks for: `call` is the tool call's id if there is one, `raw` the words it came from."""

    item: Item
    call: str = ""
    raw: str = ""


class Reading(Closed):
    """What a reply means: at least one item, in order. `intent` and `thought` are the model's own words, if any.

    `repaired` says what was put right before it could be read; `dropped` counts further actions of a reply in a
    family that does one at a time.
    """

    wanted: tuple[Wanted, ...]
    intent: str = ""
    thought: str = ""
    repaired: tuple[str, ...] = ()
    dropped: int = 0

    @property
    def problem(self) -> str:
        """Why nothing of it can be carried out; empty when something can."""
        first = self.wanted[0].item
        return first.reason if isinstance(first, Invalid) else ""


def invalid(reason: str, *, thought: str = "", repaired: tuple[str, ...] = ()) -> Reading:
    """A reply of which nothing can be carried out."""
    return Reading(wanted=(Wanted(item=Invalid(reason=reason)),), thought=thought, repaired=repaired)


@dataclass(frozen=True)
class Outcome:
    """What became of one wanted item. `said` is `OK`, an answer to a question, or why it was not carried out."""

    wanted: Wanted
    said: str = "OK"
    failed: bool = False
    picture: Picture | None = None
    """Of a Zoom or a Look in the middle of a batch."""


@dataclass(frozen=True)
class Told:
    """What the model is told before it speaks: the screen now, what became of what it wanted, what was wrong.

    `picture` is None when the screen is not shown anew (its reply could not be read, and nothing changed). `words` is
    what a scaffold adds: notes, marks, a list of elements.
    """

    frame: Frame
    picture: Picture | None
    outcomes: tuple[Outcome, ...] = ()
    problem: str = ""
    words: str = ""


@dataclass(frozen=True)
class Turn:
    """One round: what the model was told, what it said, and what that was taken to mean."""

    told: Told
    reply: Reply
    reading: Reading


@dataclass(frozen=True)
class Talk:
    """An episode's conversation so far, with what is to be told now.

    At most `pictures` of the pictures are sent, the latest ones (None: as many as the family's history says).
    `prompt` replaces the family's own system prompt when the person gave one.
    """

    goal: str
    told: Told
    turns: tuple[Turn, ...] = ()
    pictures: int | None = None
    prompt: str | None = None


Can = Literal["act", "ask", "locate"]
Batch = Literal["all", "first"]


@dataclass(frozen=True)
class Family:
    """What is explicit about a family: how it sees, counts and remembers.

    `resize` names the rule in words for people; `fit` of the codec applies it. `pictures` is how many screens a
    request may hold; None: all, because the history may only be appended to. `scroll_unit` is wheel clicks for one of
    the family's units. `sure` are pieces of a model's name, lower case, by which the family is known.
    """

    name: str
    about: str
    can: tuple[Can, ...]
    space: Space
    divisor: float = 1000.0
    resize: str = "sent as it is"
    pictures: int | None = 3
    batch: Batch = "first"
    scroll_unit: float = 1.0
    picture_first: bool = True
    sure: tuple[str, ...] = ()
    source: str = ""


class Codec(Protocol):
    """One family's way of speaking. Made by the factory registered under `handeye.families`, options by name."""

    @property
    def family(self) -> Family:
        """Its explicit facts, with the options that were given applied."""
        ...

    def fit(self, screen: Size) -> Size:
        """The size at which a picture of this size is sent."""
        ...

    def frame(self, screen: Size, sent: Size) -> Frame:
        """How this family counts on a picture of size `sent` that shows all of the screen."""
        ...

    def tools(self, frame: Frame) -> tuple[Tool, ...]:
        """Tools for the request's own field; most families describe them in the prompt, and send none."""
        ...

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """The conversation, ready to be sent."""
        ...

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """What the reply asks for. Never raises: what cannot be read is an `Invalid`, with the reason."""
        ...

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """The reply by which this family asks for the items: `read` gives them back, to the family's own precision.

        Raises ValueError for an item that the family cannot say.
        """
        ...

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:
        """Ask where something is. Raises ValueError when the family cannot `locate`."""
        ...

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """The point it names, on the screen; or why it names none."""
        ...


Options: TypeAlias = Mapping[str, object]
