"""What a model sees of a request's picture: its size as it arrived, and where things are on it."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
from dataclasses import dataclass
from math import ceil, floor, sqrt

from PIL import Image, ImageChops

from envs.types import Point, Size


class Unreadable(ValueError):  # noqa: N818 - what it is
    """What was sent is no PNG in a data URL."""


@dataclass(frozen=True)
class Seen:
    """A picture as it came in: the PNG's own width and height, in pixels."""

    png: bytes
    size: Size

    @property
    def digest(self) -> str:
        """Which picture it is."""
        return hashlib.sha256(self.png).hexdigest()


def from_base64(text: str) -> Seen:
    """The PNG, its size read off the IHDR chunk. Raises Unreadable."""
    try:
        png = base64.b64decode(text, validate=True)
    except ValueError as err:
        raise Unreadable("the image is not valid base64") from err
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR":
        raise Unreadable("the image is not a PNG")
    wide, high = struct.unpack(">II", png[16:24])
    return Seen(png=png, size=Size(width=wide, height=high))


def from_url(url: str) -> Seen:
    """The PNG of a data URL. Raises Unreadable."""
    head, comma, body = url.partition(",")
    if head != "data:image/png;base64" or not comma:
        raise Unreadable(f"the image's URL begins with {head[:40]!r}; wanted data:image/png;base64")
    return from_base64(body)


def smart(size: Size, factor: int, least: int, most: int) -> Size:
    """What Qwen's image processor makes of a picture: sides that are multiples of `factor`, area within bounds."""
    high = max(factor, round(size.height / factor) * factor)
    wide = max(factor, round(size.width / factor) * factor)
    if high * wide > most:
        beta = sqrt(size.height * size.width / most)
        high = max(factor, floor(size.height / beta / factor) * factor)
        wide = max(factor, floor(size.width / beta / factor) * factor)
    elif high * wide < least:
        beta = sqrt(least / (size.height * size.width))
        high, wide = ceil(size.height * beta / factor) * factor, ceil(size.width * beta / factor) * factor
    return Size(width=wide, height=high)


def cross(png: bytes) -> tuple[float, float] | None:
    """Where the arms of a red cross meet, in pixels of the picture; None where hardly anything is red."""
    red, green, blue = Image.open(io.BytesIO(png)).convert("RGB").split()
    strong = red.point(lambda value: 255 if value > 150 else 0)
    pale = ImageChops.lighter(green, blue).point(lambda value: 255 if value < 110 else 0)
    mask = ImageChops.darker(strong, pale)
    if mask.getbbox() is None:
        return None
    parts = mask.convert("F")
    across = _peak(list(parts.resize((mask.width, 1), Image.Resampling.BOX).get_flattened_data()))
    down = _peak(list(parts.resize((1, mask.height), Image.Resampling.BOX).get_flattened_data()))
    return across, down


def _peak(weights: list[float]) -> float:
    """The middle of where most is."""
    most = max(weights)
    high = [at for at, weight in enumerate(weights) if weight >= most * 0.75]
    return (high[0] + high[-1]) / 2


@dataclass(frozen=True)
class Eye:
    """How a model counts on what it sees: `shown` is the size of the picture inside its own processor.

    `swapped` is a model that says y before x: a fault to be found.
    """

    screen: Size
    shown: Size
    swapped: bool = False

    def pixels(self, point: Point) -> tuple[int, int]:
        """In whole pixels of the picture."""
        across, down = self._part(point)
        return self._order(round(across * self.shown.width), round(down * self.shown.height))

    def parts(self, point: Point, whole: int) -> tuple[int, int]:
        """In whole parts of a side that counts to `whole`."""
        across, down = self._part(point)
        return self._order(round(across * whole), round(down * whole))

    def unit(self, point: Point) -> tuple[float, float]:
        """In fractions of a side, to four places: a fifth of a pixel on 1920."""
        across, down = self._part(point)
        return self._order(round(across, 4), round(down, 4))

    def _part(self, point: Point) -> tuple[float, float]:
        return point.x / self.screen.width, point.y / self.screen.height

    def _order(self, across, down):
        return (down, across) if self.swapped else (across, down)
