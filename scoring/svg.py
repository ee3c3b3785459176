"""Small drawings as SVG: lines, bars, intervals and axes, made to be read at the width of a phone.

A drawing is 380 units wide and may be shown larger. Colours are classes (`s0` to `s7` for series, `ink`, `faint`,
`grid`, `ghost`), so that the page says what they are in light and in dark. Text is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 380.0
FONT = 12.0
GLYPH = 0.62
"""The mean width of a letter, as a part of the font's size."""


@dataclass(frozen=True)
class Scale:
    """From values to places; logarithmic where `log`. `low` must differ from `high`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; what lies outside is put at the edge."""
        low, high, at = (math.log(each) if self.log else each for each in (self.low, self.high, value))
        part = (min(max(at, low), high) - low) / (high - low)
        return self.start + part * (self.end - self.start)


@dataclass
class Drawing:
    """A picture that is being drawn. `label` is what is read out in its place."""

    height: float
    label: str
    width: float = WIDTH
    parts: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, width: float = 1.0, dash: str = "") -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line class="{kind} stroke" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
            f' stroke-width="{_n(width)}"{dashed}/>'
        )

    def curve(self, points: Sequence[tuple[float, float]], kind: str, width: float = 2.0, dash: str = "") -> None:
        """A line through points."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self.parts.append(
            f'<polyline class="{kind} stroke" points="{path}" fill="none" stroke-width="{_n(width)}"{dashed}/>'
        )

    def band(self, points: Sequence[tuple[float, float, float]], kind: str) -> None:
        """The area between two lines: x, lower y, upper y."""
        way = [*((x, low) for x, low, _ in points), *((x, high) for x, _, high in reversed(points))]
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in way)
        self.parts.append(f'<polygon class="{kind} fill" points="{path}" opacity="0.16"/>')

    def box(self, x1: float, y1: float, x2: float, y2: float, kind: str, opacity: float = 1.0) -> None:
        """A filled rectangle between two corners."""
        faded = f' opacity="{_n(opacity)}"' if opacity != 1 else ""
        self.parts.append(
            f'<rect class="{kind} fill" x="{_n(min(x1, x2))}" y="{_n(min(y1, y2))}" width="{_n(abs(x2 - x1))}"'
            f' height="{_n(abs(y2 - y1))}"{faded}/>'
        )

    def frame(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A dashed rectangle that is not filled."""
        self.parts.append(
            f'<rect class="{kind} stroke" x="{_n(min(x1, x2))}" y="{_n(min(y1, y2))}" width="{_n(abs(x2 - x1))}"'
            f' height="{_n(abs(y2 - y1))}" fill="none" stroke-width="1.2" stroke-dasharray="3 2"/>'
        )

    def hatch(self, x1: float, y1: float, x2: float, y2: float, kind: str, apart: float = 6.0) -> None:
        """Slanting lines inside a rectangle."""
        high = y2 - y1
        for number in range(1, math.ceil((x2 - x1 + high) / apart)):
            reach = number * apart  # where the line would meet the upper edge, from the left
            left, right = max(0.0, reach - high), min(reach, x2 - x1)
            self.line(x1 + left, y1 + reach - left, x1 + right, y1 + reach - right, kind, 0.7)

    def dot(self, x: float, y: float, kind: str, radius: float = 3.5, opacity: float = 1.0) -> None:
        """A filled circle."""
        faded = f' opacity="{_n(opacity)}"' if opacity != 1 else ""
        self.parts.append(f'<circle class="{kind} fill" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"{faded}/>')

    def whisker(self, low: float, high: float, y: float, kind: str) -> None:
        """A lying interval."""
        self.line(low, y, high, y, kind, 1.5)
        self.line(low, y - 3, low, y + 3, kind, 1.5)
        self.line(high, y - 3, high, y + 3, kind, 1.5)

    def standing(self, x: float, low: float, high: float, kind: str) -> None:
        """A standing interval."""
        self.line(x, low, x, high, kind, 1.5)
        self.line(x - 3, low, x + 3, low, kind, 1.5)
        self.line(x - 3, high, x + 3, high, kind, 1.5)

    def text(
        self, x: float, y: float, words: str, *, anchor: str = "start", kind: str = "ink", size: float = FONT
    ) -> None:
        """Words with their baseline at y; `anchor` is start, middle or end. They are kept inside the drawing."""
        wide = breadth(words, size)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
        shift = max(0.0, 1 - left) - max(0.0, left + wide - (self.width - 1))
        self.parts.append(
            f'<text class="{kind} fill" x="{_n(x + shift)}" y="{_n(y)}" text-anchor="{anchor}"'
            f' font-size="{_n(size)}">{html.escape(words)}</text>'
        )

    def svg(self) -> str:
        """The picture."""
        label = html.escape(self.label, quote=True)
        return (
            f'<svg viewBox="0 0 {_n(self.width)} {_n(self.height)}" role="img" aria-label="{label}">'
            f"{''.join(self.parts)}</svg>"
        )


def breadth(words: str, size: float = FONT) -> float:
    """About how wide words are."""
    return len(words) * size * GLYPH


def _n(value: float) -> str:
    """A coordinate: two digits are enough, and the same everywhere."""
    return f"{round(value, 2) + 0.0:g}"


@dataclass(frozen=True)
class Plane:
    """A drawing's field with two axes, drawn by `axes`."""

    drawing: Drawing
    x: Scale
    y: Scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of a point."""
        return self.x(x), self.y(y)

    def curve(self, points: Sequence[tuple[float, float]], kind: str, width: float = 2.0, dash: str = "") -> None:
        """A line through values."""
        self.drawing.curve([self.at(x, y) for x, y in points], kind, width, dash)

    def steps(self, points: Sequence[tuple[float, float]], kind: str, width: float = 2.0) -> None:
        """A line that rises where it rises, and not before."""
        way = [points[0]]
        for x, y in points[1:]:
            way += [(x, way[-1][1]), (x, y)]
        self.curve(way, kind, width)


def plane(
    drawing: Drawing,
    x: tuple[float, float],
    y: tuple[float, float],
    labels: tuple[str, str],
    ticks: tuple[Sequence[tuple[float, str]], Sequence[tuple[float, str]]],
    *,
    log: bool = False,
) -> Plane:
    """Two axes with grid, ticks and labels; the y axis' label stands above it."""
    left = 8 + max((breadth(word) for _, word in ticks[1]), default=0)
    top, bottom = 24.0, drawing.height - 36
    made = Plane(drawing, Scale(*x, left, drawing.width - 10, log), Scale(*y, bottom, top))
    for value, word in ticks[1]:
        drawing.line(left, made.y(value), drawing.width - 10, made.y(value), "grid")
        drawing.text(left - 5, made.y(value) + 4, word, anchor="end", kind="faint")
    for value, word in ticks[0]:
        drawing.line(made.x(value), bottom, made.x(value), bottom + 4, "grid")
        drawing.text(made.x(value), bottom + 16, word, anchor="middle", kind="faint")
    drawing.line(left, bottom, drawing.width - 10, bottom, "axis")
    drawing.text(1, 12, labels[1])
    drawing.text(drawing.width - 10, drawing.height - 4, labels[0], anchor="end")
    return made


PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)


def shares() -> list[tuple[float, str]]:
    """Ticks of an axis of shares."""
    return [(part, f"{100 * part:.0f} %") for part in PARTS]


def counts(highest: int, lowest: int = 0) -> list[tuple[float, str]]:
    """Ticks at whole numbers, no more than seven."""
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if (highest - lowest) / size <= 6)
    first = lowest + (-lowest % step)
    return [(float(value), str(value)) for value in range(first, highest + 1, step)]


def decades(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks of a logarithmic axis: 1, 2 and 5 of each power of ten, or fewer: no more than six."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for wanted in ((1, 2, 5), (1, 3), (1,)):
        found = [first * 10.0**power for power in powers for first in wanted]
        found = [value for value in found if low * 0.999 <= value <= high * 1.001]
        if len(found) <= 6:
            break
    found = found[:: math.ceil(len(found) / 6)]
    return [(value, f"{value:.10f}".rstrip("0").rstrip(".") if value < 1e6 else f"{value:g}") for value in found]
