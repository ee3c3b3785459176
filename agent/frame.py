"""Between the screen's pixels and the numbers a model says. Nothing else scales, divides or rounds a coordinate.

A model is sent a picture of the screen, often at another size, and answers in one of three ways: in pixels of the
picture it was sent, in parts of a thousand (of 1000 or of 999), or in fractions of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil, floor, isfinite, sqrt
from typing import Literal

from envs.types import Point, Rect, Size

Space = Literal["pixels", "relative"]
"""`pixels` of the picture that was sent; `relative` to a divisor that stands for the whole side."""


class OffScreen(ValueError):  # noqa: N818 - what happened, in words for the model
    """A point that is not on what the model was shown. The message is for the model."""


_NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"
_OUTSIDE = re.compile(rf"the coordinate \({_NUMBER}, {_NUMBER}\) is outside of 0\.\.{_NUMBER}, 0\.\.{_NUMBER}")


def beyond(words: str) -> tuple[float, float] | None:
    """Where outside, by an OffScreen's words, in fractions of what was shown; None where the words are another's."""
    found = _OUTSIDE.search(words)
    if found is None:
        return None
    x, y, across, down = map(float, found.groups())
    return x / across, y / down


@dataclass(frozen=True)
class Frame:
    """How a picture that a model was sent lies on the screen, and how the model counts on it.

    `sent` is the picture's size in pixels, `divisor` what a relative coordinate counts to (1000, 999 or 1), `crop`
    the part of the screen that the picture shows (None: all of it).
    """

    screen: Size
    sent: Size
    space: Space = "pixels"
    divisor: float = 1000.0
    crop: Rect | None = None

    def to_screen(self, x: float, y: float) -> Point:
        """The screen's pixel for what the model said, rounded half to even.

        A point up to one pixel over the edge is put on it: a thousand of a thousand is one too far. Raises OffScreen
        for any other outside, and for what is no number.
        """
        part = self._part
        across, down = self._whole
        if not (isfinite(x) and isfinite(y)):
            raise OffScreen(f"({x}, {y}) is no point")
        on_x, on_y = x / across * part.width, y / down * part.height
        if not (-1 <= on_x <= part.width and -1 <= on_y <= part.height):
            raise OffScreen(f"the coordinate ({x:g}, {y:g}) is outside of 0..{across:g}, 0..{down:g}")
        inside_x = min(max(round(on_x + part.x), part.x), part.x + part.width - 1)
        inside_y = min(max(round(on_y + part.y), part.y), part.y + part.height - 1)
        return Point(x=inside_x, y=inside_y)

    def to_model(self, point: Point) -> tuple[float, float]:
        """What a model says that means this pixel, not rounded."""
        part = self._part
        across, down = self._whole
        return (point.x - part.x) / part.width * across, (point.y - part.y) / part.height * down

    @property
    def _part(self) -> Rect:
        return self.crop or Rect(x=0, y=0, width=self.screen.width, height=self.screen.height)

    @property
    def _whole(self) -> tuple[float, float]:
        if self.space == "pixels":
            return self.sent.width, self.sent.height
        return self.divisor, self.divisor


def smart_size(size: Size, factor: int = 28, least: int = 3136, most: int = 12_845_056) -> Size:
    """The size to which Qwen's image processor brings a picture: multiples of `factor`, `least` to `most` pixels.

    Sent at this size, a picture is left as it is by a server with the same limits. Raises ValueError for a picture
    more than 200 times as long as wide. Source: smart_resize of qwen-vl-utils.
    """
    wide, high = size.width, size.height
    if max(wide, high) > 200 * min(wide, high):
        raise ValueError(f"a picture of {wide}x{high} is too long for its width")
    across, down = max(factor, round(wide / factor) * factor), max(factor, round(high / factor) * factor)
    if across * down > most:
        shrink = sqrt(wide * high / most)
        across = max(factor, floor(wide / shrink / factor) * factor)
        down = max(factor, floor(high / shrink / factor) * factor)
    elif across * down < least:
        grow = sqrt(least / (wide * high))
        across, down = ceil(wide * grow / factor) * factor, ceil(high * grow / factor) * factor
    return Size(width=across, height=down)


def claude_size(size: Size, edge: int = 2576, tokens: int = 4784) -> Size:
    """The largest size of the same shape that Claude takes without shrinking it: `edge` pixels, `tokens` of 28x28.

    The older tier is 1568 pixels and 1568 tokens. Source: the reference algorithm of Anthropic's vision guide.
    """

    def fits(wide: int, high: int) -> bool:
        across, down = ceil(wide / 28), ceil(high / 28)
        return across * 28 <= edge and down * 28 <= edge and across * down <= tokens

    wide, high = size.width, size.height
    if fits(wide, high):
        return size
    if high > wide:
        turned = claude_size(Size(width=high, height=wide), edge, tokens)
        return Size(width=turned.height, height=turned.width)
    low, top = 1, wide
    while low + 1 < top:
        middle = (low + top) // 2
        if fits(middle, max(round(middle * high / wide), 1)):
            low = middle
        else:
            top = middle
    return Size(width=low, height=max(round(low * high / wide), 1))


def within(size: Size, most: Size) -> Size:
    """The size of the same shape that lies within `most`; never larger than it was."""
    scale = min(1.0, most.width / size.width, most.height / size.height)
    return Size(width=max(1, round(size.width * scale)), height=max(1, round(size.height * scale)))
