"""A codec for families that only point: a picture and a description, and a place in reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.codecs.base import Batch, Family, Item, Reading, Talk, invalid
from agent.codecs.spotting import placed, spot
from agent.frame import Frame, Space, smart_size, within
from agent.models.base import Message, Part, Picture, Reply, Text, Tool
from agent.prompts import prompt
from envs.errors import BadInput
from envs.types import Point, Size

PARTED: Final = "\n\n---\n\n"
"""What stands in a prompt's file between the system's part and the user's."""


@dataclass(frozen=True)
class Smart:
    """Qwen's rule for the size of a picture: multiples of `factor`, between `least` and `most` pixels."""

    factor: int = 28
    least: int = 3136
    most: int = 12_845_056

    def __post_init__(self) -> None:
        if not (1 <= self.factor <= 4096 and 1 <= self.least <= self.most and self.factor**2 <= self.most):
            raise BadInput(
                f"no picture has sides of whole {self.factor}s and {self.least} to {self.most} pixels: "
                "give a factor from 1 on, least_pixels from 1 on, and most_pixels that are no fewer"
            )

    def fit(self, screen: Size) -> Size:
        """The size at which a server with the same rule leaves the picture alone."""
        return smart_size(screen, self.factor, self.least, self.most)

    def __str__(self) -> str:
        return f"smart resize: multiples of {self.factor}, {self.least} to {self.most} pixels"


@dataclass(frozen=True)
class Bounded(Smart):
    """As `Smart` only above `most`: a family that counts in parts of the picture means the same at any size.

    Its server resizes the picture anyway. One that was resized before is several times as large as a PNG, and takes
    longer to make than all else that is done for a model call.
    """

    def fit(self, screen: Size) -> Size:
        """The screen's own size, if it is not too large."""
        return screen if screen.width * screen.height <= self.most else super().fit(screen)

    def __str__(self) -> str:
        return f"sent as it is, up to {self.most} pixels"


def sized(space: Space, factor: int, least: int, most: int) -> Smart:
    """The rule of a model with Qwen's image processor, by how it counts. Raises BadInput."""
    return (Smart if space == "pixels" else Bounded)(factor, least, most)


@dataclass(frozen=True)
class Plain:
    """A picture is sent as it is, or smaller, with `edge` pixels on its longer side."""

    edge: int | None = None

    def __post_init__(self) -> None:
        if self.edge is not None and self.edge < 1:
            raise BadInput(f"edge must be at least 1 pixel, and is {self.edge}")

    def fit(self, screen: Size) -> Size:
        """The screen's own size, if it is not too long."""
        return screen if self.edge is None else within(screen, Size(width=self.edge, height=self.edge))

    def __str__(self) -> str:
        return "sent as it is" if self.edge is None else f"at most {self.edge} px long"


def batched(batch: Batch) -> Batch:
    """It, if it is one of the two. Raises BadInput."""
    if batch not in ("all", "first"):
        raise BadInput(f"batch is 'all' or 'first', not {batch!r}")
    return batch


def divided(divisor: float) -> float:
    """It, if something can be divided by it. Raises BadInput."""
    if not divisor > 0:
        raise BadInput(f"divisor must be above 0, and is {divisor}")
    return divisor


def asked(name: str, picture: Picture, description: str, *, picture_first: bool = True) -> tuple[Message, ...]:
    """The prompt NAME as messages: what stands before its line is the system's, the rest the user's with the picture.

    Places: {description}, {width} and {height} of the picture in pixels.
    """
    text = prompt(name).replace("{width}", str(picture.size.width)).replace("{height}", str(picture.size.height))
    system, parted, user = text.rpartition(PARTED)
    words = Text(user.replace("{description}", description))
    parts: tuple[Part, ...] = (picture, words) if picture_first else (words, picture)
    asking = Message(role="user", parts=parts)
    return (Message(role="system", parts=(Text(system),)), asking) if parted else (asking,)


@dataclass(frozen=True)
class Locator:
    """A family that points, and cannot act."""

    family: Family
    resize: Smart | Plain

    def fit(self, screen: Size) -> Size:
        """As its resize rule says."""
        return self.resize.fit(screen)

    def frame(self, screen: Size, sent: Size) -> Frame:
        """In its space."""
        return Frame(screen=screen, sent=sent, space=self.family.space, divisor=self.family.divisor)

    def tools(self, frame: Frame) -> tuple[Tool, ...]:  # noqa: ARG002 - the protocol's
        """None."""
        return ()

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """Raises ValueError: it cannot act."""
        raise ValueError(f"{self.family.name} points and cannot act on {talk.goal!r}: use it as a grounder")

    def read(self, reply: Reply, frame: Frame) -> Reading:  # noqa: ARG002 - the protocol's
        """An Invalid: it cannot act."""
        return invalid(f"{self.family.name} points and cannot act")

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:  # noqa: ARG002 - the protocol's
        """Raises ValueError: it cannot act."""
        raise ValueError(f"{self.family.name} points and cannot ask for {items!r}")

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:  # noqa: ARG002
        """Its prompt, the picture and the description."""
        return asked(self.family.name, picture, description, picture_first=self.family.picture_first)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """The last point that it names. Nothing named is a reason, and never the corner (0, 0)."""
        return placed(spot(reply), frame)
