"""Draws on pictures of a screen what was done there: rings, paths, arrows, keys and text.

Coordinates are pixels of the picture drawn on. Shapes are drawn at twice their size and scaled down, because
Pillow's own have hard edges.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from math import atan2, cos, hypot, pi, sin
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

Spot: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]
Font: TypeAlias = "ImageFont.FreeTypeFont | ImageFont.ImageFont"

ACCENT: Colour = (255, 106, 0)
REFUSED: Colour = (226, 29, 72)
GOOD: Colour = (34, 160, 92)
INK: Colour = (20, 24, 31)
PAPER: Colour = (245, 247, 250)
MUTED: Colour = (160, 170, 184)
FINE = 2  # shapes are drawn this many times their size

FALLBACKS = (
    "opentype/noto/NotoSansCJK-Regular.ttc",
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/droid/DroidSansFallbackFull.ttf",
)
"""Fonts of Debian, under /usr/share/fonts, for what the font that comes with Pillow has no glyph for."""


@lru_cache
def fonts(size: int) -> tuple[Font, ...]:
    """The fonts of that size in pixels, in the order in which a glyph is looked for."""
    there = [Path("/usr/share/fonts") / name for name in FALLBACKS]
    return (
        ImageFont.load_default(size),
        *(ImageFont.truetype(str(path), size) for path in there if path.is_file()),
    )


@lru_cache(4096)
def _font(character: str, size: int) -> int:
    """Which of the fonts has the character; the first when none has."""
    for place, font in enumerate(fonts(size)):
        if character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask("\uffff")):
            return place
    return 0


def width(text: str, size: int) -> float:
    """How wide the text is."""
    return sum(fonts(size)[place].getlength(part) for place, part in _runs(text, size))


def _runs(text: str, size: int) -> list[tuple[int, str]]:
    return [(place, "".join(part)) for place, part in groupby(text, key=lambda character: _font(character, size))]


def write(image: Image.Image, at: Spot, text: str, size: int, colour: Colour) -> float:
    """Write one line with its top-left at `at`; returns its width."""
    draw = ImageDraw.Draw(image)
    x, y = at
    for place, part in _runs(text, size):
        font = fonts(size)[place]
        draw.text((x, y + size), part, fill=colour, font=font, anchor="ls")
        x += font.getlength(part)
    return x - at[0]


def cut(text: str, size: int, most: float) -> str:
    """The text in one line no wider than `most`, with an ellipsis where it was cut."""
    line = " ".join(text.split())
    if width(line, size) <= most:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if width(f"{line[:middle]}…", size) <= most:
            low = middle
        else:
            high = middle - 1
    return f"{line[:low].rstrip()}…"


def wrap(text: str, size: int, most: float, lines: int) -> list[str]:
    """The text in at most so many lines no wider than `most`; the last is cut where there is more."""
    words = text.split()
    made: list[str] = []
    while words and len(made) < lines - 1:
        count = 1
        while count < len(words) and width(" ".join(words[: count + 1]), size) <= most:
            count += 1
        made.append(cut(" ".join(words[:count]), size, most))
        words = words[count:]
    return [*made, cut(" ".join(words), size, most)] if words else made


class Pen:
    """Draws on a box of the picture, at twice the size, in the picture's own coordinates."""

    def __init__(self, image: Image.Image, box: tuple[float, float, float, float]) -> None:
        left, top, right, bottom = (round(edge) for edge in box)
        self._image = image
        self._at = (max(0, left), max(0, top))
        self._size = (min(image.width, right) - self._at[0], min(image.height, bottom) - self._at[1])
        self._layer = Image.new("RGBA", (max(1, self._size[0]) * FINE, max(1, self._size[1]) * FINE))
        self._draw = ImageDraw.Draw(self._layer)

    def _put(self, spot: Spot) -> Spot:
        return (spot[0] - self._at[0]) * FINE, (spot[1] - self._at[1]) * FINE

    def disc(self, centre: Spot, radius: float, colour: Colour, alpha: int = 255) -> None:
        """A filled circle."""
        x, y = self._put(centre)
        edge = radius * FINE
        self._draw.ellipse((x - edge, y - edge, x + edge, y + edge), fill=(*colour, alpha))

    def ring(self, centre: Spot, radius: float, colour: Colour, thick: float = 4, alpha: int = 255) -> None:
        """A circle with a pale edge on both sides, so that it shows on any ground."""
        x, y = self._put(centre)
        for grown, pen, ink in ((1.5, thick + 3, (255, 255, 255)), (0.0, thick, colour)):
            edge = (radius + grown) * FINE
            box = (x - edge, y - edge, x + edge, y + edge)
            self._draw.ellipse(box, outline=(*ink, alpha), width=round(pen * FINE))

    def line(self, spots: list[Spot], colour: Colour, thick: float = 5) -> None:
        """A line through the spots, with a pale edge."""
        put = [self._put(spot) for spot in spots]
        for pen, ink in ((thick + 3, (255, 255, 255)), (thick, colour)):
            self._draw.line(put, fill=(*ink, 255), width=round(pen * FINE), joint="curve")

    def head(self, start: Spot, tip: Spot, colour: Colour, length: float = 18) -> None:
        """An arrow's head at `tip`, pointing away from `start`."""
        if hypot(tip[0] - start[0], tip[1] - start[1]) < 1:
            return
        angle = atan2(tip[1] - start[1], tip[0] - start[0])
        for reach, ink in ((length + 4, (255, 255, 255)), (length, colour)):
            ahead = (tip[0] + cos(angle) * reach * 0.4, tip[1] + sin(angle) * reach * 0.4)
            sides = [
                (ahead[0] - cos(angle + turn) * reach, ahead[1] - sin(angle + turn) * reach)
                for turn in (pi / 6, -pi / 6)
            ]
            self._draw.polygon([self._put(spot) for spot in (ahead, *sides)], fill=(*ink, 255))

    def pointer(self, tip: Spot) -> None:
        """A mouse pointer, larger than the screen's own."""
        shape = ((0, 0), (0, 26), (6, 20), (10, 29), (14, 27), (10, 18.5), (18, 18))
        put = [self._put((tip[0] + x, tip[1] + y)) for x, y in shape]
        self._draw.polygon(put, fill=(*INK, 255))
        self._draw.line([*put, put[0], put[1]], fill=(255, 255, 255, 255), width=2 * FINE, joint="curve")

    def plate(self, box: tuple[float, float, float, float], colour: Colour, radius: float, alpha: int = 255) -> None:
        """A filled box with round corners."""
        left, top = self._put((box[0], box[1]))
        right, bottom = self._put((box[2], box[3]))
        self._draw.rounded_rectangle((left, top, right, bottom), radius * FINE, fill=(*colour, alpha))

    def lay(self) -> None:
        """Put what was drawn on the picture."""
        if min(self._size) > 0:
            layer = self._layer.reduce(FINE)
            self._image.paste(layer, self._at, layer)


def around(spots: list[Spot], margin: float) -> tuple[float, float, float, float]:
    """The box that holds the spots with that margin."""
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def plates(image: Image.Image, middle: Spot, texts: list[str], size: int, colour: Colour = INK) -> None:
    """Texts on plates side by side around `middle`, moved inside the picture: keys, or what is typed."""
    pad = size * 0.55
    wide = [width(text, size) + 2 * pad for text in texts]
    gap = size * 0.35
    total = sum(wide) + gap * (len(wide) - 1)
    high = size * 1.75
    x = min(max(6.0, middle[0] - total / 2), image.width - total - 6)
    y = min(max(6.0, middle[1] - high / 2), image.height - high - 6)
    pen = Pen(image, (x - 4, y - 4, x + total + 4, y + high + 4))
    lefts: list[float] = []
    for each in wide:
        pen.plate((x - 2, y - 2, x + each + 2, y + high + 2), (255, 255, 255), size * 0.45, 230)
        pen.plate((x, y, x + each, y + high), colour, size * 0.4, 240)
        lefts.append(x)
        x += each + gap
    pen.lay()
    for left, text in zip(lefts, texts, strict=True):
        write(image, (left + pad, y + (high - size * 1.3) / 2), text, size, PAPER)


def mark(image: Image.Image, centre: Spot, radius: float, *, good: bool | None) -> None:
    """A tick on green, a cross on red, or for None a bar on grey."""
    pen = Pen(image, around([centre], radius + 2))
    pen.disc(centre, radius, {True: GOOD, False: REFUSED, None: MUTED}[good])
    x, y = centre
    part = radius * 0.42
    strokes: dict[bool | None, list[list[Spot]]] = {
        True: [[(x - part, y), (x - part * 0.2, y + part * 0.8), (x + part * 1.1, y - part * 0.8)]],
        False: [[(x - part, y - part), (x + part, y + part)], [(x - part, y + part), (x + part, y - part)]],
        None: [[(x - part, y), (x + part, y)]],
    }
    for stroke in strokes[good]:
        pen.line(stroke, (255, 255, 255), radius * 0.15)
    pen.lay()
