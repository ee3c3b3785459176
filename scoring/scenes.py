"""What the pictures of the film show around and over the screen: captions and gestures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from envs.types import (
    Click,
    Drag,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Type,
    Wait,
)
from scoring.drawing import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    REFUSED,
    Colour,
    Pen,
    Spot,
    around,
    cut,
    mark,
    plates,
    width,
    write,
)
from scoring.record import Deed
from scoring.story import Story, Turn, aim
from scoring.words import clock, said, turned

FOOT = 92  # pixels under the screen for the captions
PAD = 18
PLATE = 20  # text size on plates


@dataclass(frozen=True)
class Stage:
    """The film's frame: the screen above, the captions below. `scale` is film pixels per screen pixel."""

    story: Story
    width: int
    height: int
    scale: float

    def spot(self, point: Point) -> Spot:
        """Where a pixel of the screen is in the film, kept inside it."""
        return (
            min(max(0.0, (point.x + 0.5) * self.scale), self.width - 1.0),
            min(max(0.0, (point.y + 0.5) * self.scale), self.height - 1.0),
        )

    def dress(self, screen: Image.Image, turn: Turn, *, after: bool) -> Image.Image:
        """The screen with the captions of a turn."""
        image = self.sheet(screen)
        refused = turn.after.refused if after and turn.after else ""
        self._first_line(image, turn, after=after)
        self._second_line(image, turn, refused, after=after)
        self._progress(image, turn)
        return image

    def sheet(self, screen: Image.Image) -> Image.Image:
        """The screen above, nothing below yet."""
        image = Image.new("RGB", (self.width, self.height + FOOT), INK)
        image.paste(screen if screen.size == (self.width, self.height) else screen.resize((self.width, self.height)))
        return image

    def _first_line(self, image: Image.Image, turn: Turn, *, after: bool) -> None:
        y = self.height + 14
        step = f"{turn.number}/{len(self.story.turns)}"
        time = clock(math.nan if math.isnan(self.story.lasted) else turn.ended if after else turn.acted)
        x = PAD + write(image, (PAD, y + 2), step, 20, MUTED) + 16
        right = self.width - PAD - width(time, 20)
        write(image, (right, y + 2), time, 20, MUTED)
        intent = turn.decided.intent if turn.decided else ""
        write(image, (x, y), cut(intent or said(turn.action), 23, right - x - 20), 23, PAPER)

    def _second_line(self, image: Image.Image, turn: Turn, refused: str, *, after: bool) -> None:
        y = self.height + 50
        if refused:
            mark(image, (PAD + 9, y + 13), 9, good=False)
            write(
                image, (PAD + 28, y), cut(f"refused: {refused}", 19, self.width - 2 * PAD - 28), 19, (255, 140, 150)
            )
            return
        x: float = PAD
        if after:
            for check in turn.reached[:2]:
                mark(image, (x + 9, y + 13), 9, good=True)
                x += 28 + write(image, (x + 28, y), cut(check, 19, 420), 19, (120, 220, 160)) + 18
        split = turn.split
        note = f"thought for {split.model:.1f} s" if split.model >= 0.05 and not after else ""
        if after and turn.after and not turn.after.settled:
            note = "the screen was still changing"
        right = self.width - PAD - width(note, 19)
        write(image, (right, y), note, 19, MUTED)
        words = said(turn.action)
        if turn.decided and turn.decided.intent not in {"", words}:
            write(image, (x, y), cut(words, 19, right - x - 20), 19, MUTED)

    def _progress(self, image: Image.Image, turn: Turn) -> None:
        part = turn.number / max(1, len(self.story.turns))
        y = self.height + FOOT - 4
        ImageDraw.Draw(image).rectangle((0, y, self.width * part, y + 4), fill=ACCENT)


def stage(story: Story, screen: Image.Image) -> Stage:
    """The frame in which an episode is shown, from its first screen as the film shows it."""
    real = story.shown.size.width if story.shown else screen.width
    return Stage(story, screen.width, screen.height, screen.width / real)


def gesture(set_: Stage, image: Image.Image, turn: Turn, was: Point | None, on_way: float, done: float) -> None:
    """Draw the action on the picture: the pointer `on_way` (0 to 1) from where it was, then what it does."""
    start = aim(turn.action) or was
    colour = REFUSED if turn.after and turn.after.refused else ACCENT
    if on_way < 1 and start is not None and was is not None:
        eased = on_way * on_way * (3 - 2 * on_way)
        (x0, y0), (x1, y1) = set_.spot(was), set_.spot(start)
        _point(image, (x0 + (x1 - x0) * eased, y0 + (y1 - y0) * eased))
        return
    at = set_.spot(start) if start is not None else None
    match turn.action:
        case Drag(path=path):
            spots = [set_.spot(point) for point in ((was, *path) if len(path) == 1 and was else path)]
            _drag(image, spots, done, colour)
        case Scroll() as scroll:
            _scroll(image, at or (set_.width / 2, set_.height / 2), scroll, done, colour)
        case Click() | MouseDown() | MouseUp() | Move() if at is not None:
            _ring(image, at, turn.action, done, colour)
    texts = _texts(turn.action, done)
    if texts:
        typed = at is None or isinstance(turn.action, Type | Press)
        plates(image, (set_.width / 2, set_.height - 44) if typed else _beside(set_, at, turn.action), texts, PLATE)


def _beside(set_: Stage, at: Spot | None, action: Deed) -> Spot:
    """Where the plate of an action goes: under it, or above it where the screen ends."""
    x, y = at or (set_.width / 2, set_.height / 2)
    drop = 112 if isinstance(action, Scroll) and action.dy > 0 else 58
    return x, y + drop if y + drop + PLATE < set_.height else y - 58


def _point(image: Image.Image, tip: Spot) -> None:
    pen = Pen(image, around([tip], 40))
    pen.disc(tip, 20, ACCENT, 70)
    pen.pointer(tip)
    pen.lay()


def _ring(image: Image.Image, at: Spot, action: Deed, done: float, colour: Colour) -> None:
    pen = Pen(image, around([at], 52))
    if not isinstance(action, Move):
        beats = action.count if isinstance(action, Click) else 1
        beat = (done * beats) % 1.0
        pen.ring(at, 14 + 26 * beat, colour, thick=3, alpha=round(255 * (1 - beat)))
    pen.ring(at, 16, colour)
    pen.disc(at, 5, colour)
    pen.pointer((at[0] + 3, at[1] + 3))
    pen.lay()


def _drag(image: Image.Image, spots: list[Spot], done: float, colour: Colour) -> None:
    shown = _along(spots, min(1.0, done / 0.8))
    pen = Pen(image, around(spots, 44))
    if len(shown) > 1:
        pen.line(shown, colour)
    if done >= 0.8 and len(shown) > 1:
        pen.head(shown[-2], shown[-1], colour)
    pen.ring(spots[0], 9, colour)
    pen.pointer((shown[-1][0] + 3, shown[-1][1] + 3))
    pen.lay()


def _along(spots: list[Spot], part: float) -> list[Spot]:
    """The first part of a path, by length."""
    lengths = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in pairwise(spots)]
    left = sum(lengths) * part
    made = [spots[0]]
    for (a, b), length in zip(pairwise(spots), lengths, strict=True):
        share = min(1.0, left / length) if length else 1.0
        made.append((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share))
        left -= length
        if left <= 0:
            break
    return made


def _scroll(image: Image.Image, at: Spot, scroll: Scroll, done: float, colour: Colour) -> None:
    ways = [(0, scroll.dy)] if scroll.dy else []
    ways += [(scroll.dx, 0)] if scroll.dx else []
    pen = Pen(image, around([at], 110))
    for dx, dy in ways:
        x, y = (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)
        reach = 28 + 36 * min(1.0, done * 1.3)
        start, tip = (at[0] + x * 14, at[1] + y * 14), (at[0] + x * reach, at[1] + y * reach)
        pen.line([start, tip], colour, 7)
        pen.head(start, tip, colour, 26)
    pen.ring(at, 10, colour)
    pen.pointer((at[0] + 3, at[1] + 3))
    pen.lay()


def _texts(action: Deed, done: float) -> list[str]:
    """What stands on plates beside the action."""
    match action:
        case Type(text=text):
            count = max(1, round(len(text) * min(1.0, done / 0.8)))
            shown = text[:count].replace("\n", "⏎").replace("\t", "⇥")
            return [shown if len(shown) <= 60 else f"…{shown[-59:]}"]
        case Press(keys=keys):
            return list(keys)
        case Click(button=button, count=count, holding=holding):
            kind = [f"{button} click"] if button != "left" else []
            return [*holding, *kind, *([f"{count} times"] if count > 1 else [])]
        case Drag(button=button, holding=holding):
            return [*holding, *([f"{button} button"] if button != "left" else [])]
        case Scroll(holding=holding):
            return [*holding, turned(action)]
        case MouseDown() | MouseUp() | KeyDown() | KeyUp() | Wait():
            return [said(action).split(" at ")[0]]
    return []
