"""Numbers on a picture: an outlined box around each element and a tag beside it, where it hides nothing.

Set-of-mark prompting (arXiv:2310.11441) lets a model point by saying a number. A tag goes where the picture is
emptiest, off other tags and boxes if it can; colours alternate so that a tag is seen to belong to its box.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from agent.models.base import Picture
from envs.boxes import shared
from envs.types import Rect, Size

COLOURS = ("#d7191c", "#1a5fb4", "#137333", "#8e24aa", "#b35900", "#00695c")
"""Dark enough for white digits, and apart from each other."""
DIGITS = 12
"""The height of the tags' type, in pixels of the picture that is sent."""
OWN, OTHER, TAG = 0.35, 1.0, 6.0
"""What a tag's pixel costs on its own box, on another's, and on another tag; a pixel of drawing costs 2."""


def numbered(picture: Picture, boxes: Sequence[Rect], screen: Size) -> Picture:
    """The picture with the boxes, which are in pixels of the screen, numbered from 1."""
    with Image.open(io.BytesIO(picture.png)) as opened:
        image = opened.convert("RGB")
    across, down = image.width / screen.width, image.height / screen.height
    on_it = [_scaled(box, across, down) for box in boxes]
    ink = image.convert("L").filter(ImageFilter.FIND_EDGES).point(lambda level: 255 if level > 40 else 0)
    draw = ImageDraw.Draw(image)
    for number, box in enumerate(on_it, 1):
        corners = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
        draw.rectangle(corners, outline=_colour(number))
    page = _Page(ink, on_it, [])
    for number, box in enumerate(on_it, 1):
        _tag(draw, page.place(box, number), number)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return Picture(png=out.getvalue(), size=picture.size)


def _scaled(box: Rect, across: float, down: float) -> Rect:
    left, top = round(box.x * across), round(box.y * down)
    right, bottom = round((box.x + box.width) * across), round((box.y + box.height) * down)
    return Rect(x=left, y=top, width=max(3, right - left), height=max(3, bottom - top))


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=DIGITS)


def _extent(number: int) -> tuple[int, int]:
    left, top, right, bottom = _font().getbbox(str(number), anchor="lt")
    return int(right - left) + 4, int(bottom - top) + 4


def _tag(draw: ImageDraw.ImageDraw, where: Rect, number: int) -> None:
    corners = (where.x, where.y, where.x + where.width - 1, where.y + where.height - 1)
    draw.rectangle(corners, fill=_colour(number))
    draw.text((where.x + 2, where.y + 2), str(number), fill="white", font=_font(), anchor="lt")


@dataclass
class _Page:
    """What is on the picture already: drawing (white where there is some), boxes, and the tags so far."""

    ink: Image.Image
    boxes: list[Rect]
    tags: list[Rect]

    def place(self, box: Rect, number: int) -> Rect:
        """Where its tag goes: of the places about the box and in its corners the one that hides least."""
        near = [other for other in self.boxes if other is not box and shared(_about(box), other)]
        tags = [tag for tag in self.tags if shared(_about(box), tag)]
        spots = list(_spots(box, *_extent(number), self.ink.width, self.ink.height))
        best = min(spots, key=lambda spot: self._cost(spot, box, near, tags))
        self.tags.append(best)
        return best

    def _cost(self, spot: Rect, box: Rect, near: Sequence[Rect], tags: Sequence[Rect]) -> float:
        region = self.ink.crop((spot.x, spot.y, spot.x + spot.width, spot.y + spot.height))
        drawn = region.histogram()[255]
        others = sum(shared(spot, other) for other in near)
        over = sum(shared(spot, tag) for tag in tags)
        return 2 * drawn + OWN * shared(spot, box) + OTHER * others + TAG * over


def _about(box: Rect) -> Rect:
    return Rect(x=box.x - 40, y=box.y - 24, width=box.width + 80, height=box.height + 48)


def _spots(box: Rect, wide: int, high: int, width: int, height: int) -> Iterator[Rect]:
    """Outside at the left, above and below, at the right; then inside, at the corners and the right end."""
    left, right, top, bottom = box.x, box.x + box.width, box.y, box.y + box.height
    middle = (top + bottom - high) // 2
    outside = ((left - wide, middle), (left, top - high), (left, bottom), (right, middle))
    corners = ((right - wide, top - high), (right - wide, bottom), (left - wide, top), (right, top))
    inside = (
        (right - wide - 1, middle),
        (left + 1, top + 1),
        (right - wide - 1, top + 1),
        (left + 1, bottom - high - 1),
    )
    for x, y in (*outside, *corners, *inside, (right - wide - 1, bottom - high - 1)):
        yield Rect(x=min(max(0, x), width - wide), y=min(max(0, y), height - high), width=wide, height=high)
