"""Does the model point where it means to? Crosses at known points, through all of the pipeline, before it is scored.

A model that is sent pictures of another size than it thinks, or counts in another way than its family, misses by a
scale, an offset or a swap of the axes: the same for every point. A line is fitted to each axis, robust to one point
of five that is simply wrong (the median of the slopes of all pairs: Theil 1950, Sen 1968).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median, pstdev

from agent.base import Grounder
from agent.frame import Frame, beyond
from agent.looking import size_of
from envs.errors import BadInput, Fault
from envs.types import Called, Point, Size
from scoring.calibrated import Calibration, Cross

WHERE = ((0.07, 0.31), (0.93, 0.12), (0.41, 0.90), (0.70, 0.58), (0.22, 0.74))
"""The crosses, in fractions of the sides: over both axes, near each edge, the two axes not alike."""
ASKED = "the centre of the red cross"
SCALE = 0.03
"""Of one: how far the scale may be off. A thousand against 999 is far below, and moves no point by two pixels."""
OFFSET = 0.02
"""Of the side: how far all points may be moved."""
LOOSE = 0.015
"""Of the side: a model whose points lie further from the lines than this points too loosely to be judged."""
ROUGH = 0.06
"""Of the side: what points as loosely as this could be chance, and is called neither right nor wrong."""
SURE = 6.0
"""A scale or offset is off only if by so many of its own standard errors: few points say little of their spread."""
WILD = 8.0
"""A point so many times as far off as the others is simply wrong."""
STILL = 0.02
"""A scale below this: the model points at one place, wherever the cross is."""


def calibrate(
    grounder: Grounder, model: str, size: Size, heard: Callable[[Called], None] = lambda _: None
) -> Calibration:
    """Ask for each cross on a picture of this size, once. `heard` is told each call as it is made.

    Raises BadInput where the endpoint does not answer.
    """
    crosses, calls = [], list[Called]()
    for x, y in WHERE:
        at = Point(x=round(x * (size.width - 1)), y=round(y * (size.height - 1)))
        try:
            spot = grounder.locate(picture(size, at), ASKED)
        except Fault as fault:
            raise BadInput(f"{model} cannot be calibrated, for it does not answer: {fault}") from fault
        for called in spot.calls:
            heard(called)
        calls += spot.calls
        crosses.append(Cross(at=at, found=spot.at or _outside(spot.why_not, size), why_not=spot.why_not))
    return fit(model, size, crosses, counted(grounder, size), tuple(calls))


def picture(size: Size, at: Point) -> bytes:
    """A PNG of a plain desktop with a red cross whose centre is at this pixel."""
    from PIL import Image, ImageDraw

    arm = max(8, size.height // 30)
    wide = max(2, arm // 6)
    image = Image.new("RGB", (size.width, size.height), "#d7dde3")
    draw = ImageDraw.Draw(image)
    draw.rectangle((at.x - arm, at.y - wide, at.x + arm, at.y + wide), fill="#e00000")
    draw.rectangle((at.x - wide, at.y - arm, at.x + wide, at.y + arm), fill="#e00000")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def counted(grounder: Grounder, size: Size) -> Frame | None:
    """How its family counts on such a picture, where it is a model that says so."""
    codec, show = getattr(grounder, "codec", None), getattr(grounder, "show", None)
    if codec is None or show is None:
        return None
    blank = picture(size, Point(x=0, y=0))
    frame = codec.frame(size_of(blank), show(blank).size)
    return frame if isinstance(frame, Frame) else None


def _outside(why_not: str, size: Size) -> Point | None:
    """The point beyond the picture that was named, if that is why there is none."""
    parts = beyond(why_not)
    if parts is None or not all(abs(part) < 1e6 for part in parts):
        return None
    return Point(x=round(parts[0] * size.width), y=round(parts[1] * size.height))


@dataclass(frozen=True)
class Line:
    """found = scale * true + offset, in fractions of the side, with what is left over at each point.

    `pull` is the standard deviation of the true values.
    """

    scale: float
    offset: float
    left: tuple[float, ...]
    pull: float

    @property
    def middle(self) -> float:
        """How far a point in the middle is moved: at an edge that depends on the scale."""
        return self.offset + (self.scale - 1) / 2

    def stretched(self, spread: float) -> bool:
        """Whether the scale is off beyond doubt, where points lie about the line with that standard deviation."""
        off = abs(self.scale - 1)
        return off > SCALE and off > SURE * spread / (self.pull * math.sqrt(len(self.left)))

    def moved(self, spread: float) -> bool:
        """Whether the offset is, likewise."""
        off = abs(self.middle)
        return off > OFFSET and off > SURE * spread / math.sqrt(len(self.left))


def line(pairs: Sequence[tuple[float, float]]) -> Line:
    """Through (true, found) pairs, at least three of them with different true values."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(pairs, 2) if abs(b[0] - a[0]) > 0.05]
    scale = median(slopes)
    offset = median(found - scale * true for true, found in pairs)
    left = tuple(found - scale * true - offset for true, found in pairs)
    return Line(scale, offset, left, pstdev(true for true, _ in pairs))


def spread(*lines: Line) -> float:
    """The standard deviation of the points about their lines. One point of all that is simply wrong is left out."""
    off = [math.hypot(*each) for each in zip(*(line.left for line in lines), strict=True)]
    worst = max(off)
    rest = sorted(off)[:-1]
    if len(off) > 3 and worst > WILD * max(median(off), 0.003):
        off = rest
    return math.sqrt(sum(each**2 for each in off) / len(lines) / (len(off) - 2))


def fit(
    model: str, size: Size, crosses: Sequence[Cross], frame: Frame | None = None, calls: tuple[Called, ...] = ()
) -> Calibration:
    """What the found points say. `frame` is how the family counts: with it the likely cause has its numbers."""
    pairs = [_parts(cross.at, cross.found, size) for cross in crosses if cross.found]
    made = Calibration(model=model, size=size, verdict="unsure", points=tuple(crosses), found=len(pairs), calls=calls)
    if len(pairs) < 3:
        why = next((cross.why_not for cross in crosses if cross.why_not), "")
        return _said(made, cause=f"it named {len(pairs)} of {len(crosses)} points" + (f": {why}" if why else ""))
    straight = Fitted(_axis(pairs, 0, 0), _axis(pairs, 1, 1))
    made = _said(
        made,
        scale_x=round(straight.x.scale, 4),
        scale_y=round(straight.y.scale, 4),
        offset_x=round(straight.x.offset * size.width, 1),
        offset_y=round(straight.y.offset * size.height, 1),
        residual=round(straight.spread, 4),
    )
    return _judged(made, pairs, straight, frame)


@dataclass(frozen=True)
class Fitted:
    """The lines of both axes."""

    x: Line
    y: Line

    @property
    def spread(self) -> float:
        """Of the points about both."""
        return spread(self.x, self.y)


def _parts(at: Point, found: Point, size: Size) -> tuple[tuple[float, float], tuple[float, float]]:
    wide, high = size.width, size.height
    return (at.x / wide, at.y / high), (found.x / wide, found.y / high)


Pairs = Sequence[tuple[tuple[float, float], tuple[float, float]]]


def _axis(pairs: Pairs, true: int, found: int) -> Line:
    return line([(each[0][true], each[1][found]) for each in pairs])


def _judged(made: Calibration, pairs: Pairs, fitted: Fitted, frame: Frame | None) -> Calibration:
    loose, x, y = fitted.spread, fitted.x, fitted.y
    if _swapped(pairs, loose):
        return _said(made, verdict="wrong", cause="swapped axes: what it means as x is read as y")
    if abs(x.scale) < STILL and abs(y.scale) < STILL and not _in_corner(pairs):
        return _said(made, cause="it points at one place wherever the cross is")
    if loose > ROUGH * max(1.0, abs(x.scale), abs(y.scale)):
        return _said(made, cause="it points too loosely to tell a wrong scale from a miss")
    if x.stretched(loose) or y.stretched(loose):
        return _said(made, verdict="wrong", cause=_scaled(x, y, made.size, frame))
    if x.moved(loose) or y.moved(loose):
        moved = f"{x.middle * made.size.width:.0f}, {y.middle * made.size.height:.0f}"
        return _said(made, verdict="wrong", cause=f"a constant offset: all points are moved by {moved} pixels")
    if loose > LOOSE or max(abs(each.scale - 1) for each in (x, y)) > SCALE:
        return _said(made, cause="it points too loosely to tell a wrong scale from a miss")
    return _said(made, verdict="right")


def _swapped(pairs: Pairs, loose: float) -> bool:
    """Whether x follows the true y, and y the true x, where neither follows its own."""
    crossed = Fitted(_axis(pairs, 1, 0), _axis(pairs, 0, 1))
    return loose > 0.1 and crossed.spread < loose / 4 and min(crossed.x.scale, crossed.y.scale) > 0.25


def _in_corner(pairs: Pairs) -> bool:
    """Whether all points are in the top-left corner, as fractions of one are that are read as thousandths."""
    return len({found for _, found in pairs}) > 1 and all(max(found) < 0.005 for _, found in pairs)


def _scaled(across: Line, down: Line, size: Size, frame: Frame | None) -> str:
    """What the model counts to, against what it is taken to count to."""
    if min(across.scale, down.scale) < 0:
        return "a mirrored axis: what it counts from one edge is read from the other"
    by = f"points land at {across.scale:.3f} of their x and {down.scale:.3f} of their y"
    wide, high = (frame.sent.width, frame.sent.height) if frame else (size.width, size.height)
    if frame and frame.space == "relative":
        wide = high = frame.divisor  # type: ignore[assignment]  # what it counts to may be a fraction
    x, y = across.scale * wide, down.scale * high
    alike = abs(x - y) <= SCALE * max(x, y) or max(x, y) < 2  # one pixel is half of a fraction's range there
    if frame and frame.space == "relative":
        if alike:
            return f"wrong divisor: it counts to about {_about(x, y)}, and is read as counting to {wide:g} ({by})"
        return (
            f"unscaled coordinates: it answers in pixels of a picture of about {x:.0f}x{y:.0f}, "
            f"and is read as counting to {wide:g} ({by})"
        )
    if alike and abs(wide - high) > SCALE * wide:
        return (
            f"unscaled coordinates: it counts to about {_about(x, y)} on both axes, and is read as pixels "
            f"of a picture of {wide}x{high} ({by})"
        )
    return f"wrong resize: it answers for a picture of about {x:.0f}x{y:.0f}, and was sent {wide}x{high} ({by})"


def _about(x: float, y: float) -> str:
    """A divisor: one of those in use where it is near, else in three digits."""
    value = (x + y) / 2
    if value < 2:
        return "1"
    return "1000" if abs(value - 1000) <= SCALE * 1000 else f"{float(f'{value:.3g}'):g}"


def _said(made: Calibration, **changes: object) -> Calibration:
    from msgspec.structs import replace

    return replace(made, **changes)


def warnings(calibrations: Sequence[Calibration]) -> Iterator[str]:
    """A line for each of which nothing is sure."""
    for each in calibrations:
        if each.verdict == "unsure":
            yield f"{each.model} could not be calibrated: {each.cause}"
