"""What differs between two plays of the same steps: a caret that blinks, a clock. Nothing may be asked of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from envs.types import Node, Rect
from scoring.state import State, plain, seen, shown
from scoring.understanding.trails import Moment, Trail, Trails

TILE = 16
"""Pixels: boxes that differ are told in squares of this side."""


@dataclass(frozen=True)
class Mask:
    """Of one moment: where its picture differs from play to play, and what its nodes say that does."""

    boxes: tuple[Rect, ...] = ()
    nodes: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether the moment is the same each time, to the pixel."""
        return not (self.boxes or self.nodes)

    def holds(self, box: Rect) -> bool:
        """Whether any of the box is volatile."""
        return any(
            box.x < each.x + each.width
            and each.x < box.x + box.width
            and box.y < each.y + each.height
            and each.y < box.y + box.height
            for each in self.boxes
        )


NONE = Mask()


def masks(trails: Trails) -> tuple[Mask, ...]:
    """For each moment of the solution, what differs in the further plays of it."""
    return differs(trails.solution, trails.again)


def differs(solution: Trail, again: Sequence[Trail]) -> tuple[Mask, ...]:
    """For each moment of a trail, what differs in others that are the same play."""
    return tuple(
        _mask(moment, [other.moments[at] for other in again if at < len(other.moments)])
        for at, moment in enumerate(solution.moments)
    )


def unsteady(trails: Trails) -> frozenset[str]:
    """Pictures of which no two banks would have the same: those at which the solution's plays are not alike.

    And, of any play, those of a screen that did not come to rest, those that show a number or a time of the kind that
    is another each time, and those that are drawn in one of two ways by chance.
    """
    odd = {
        trail.moments[at].picture
        for at, mask in enumerate(masks(trails))
        if not mask.empty
        for trail in (trails.solution, *trails.again)
        if at < len(trail.moments)
    }
    moments = [moment for trail in every(trails) for moment in trail.moments]
    states = {moment.state_name: moment for moment in moments}
    chance = {name for name, moment in states.items() if _by_chance(moment.state)}
    odd |= {moment.picture for moment in moments if not moment.settled or moment.state_name in chance}
    once, always = _figures(trails)
    kinds = {_kind(each) for each in once}
    if kinds:
        for moment in moments:
            if any(_kind(each) in kinds for each in _words(moment.state) - always):
                odd.add(moment.picture)
    return frozenset(odd)


def every(trails: Trails) -> Iterator[Trail]:
    """All plays of a task and seed."""
    yield from (trails.solution, *trails.again, *trails.ways.values())
    yield from (turn for some in trails.turns.values() for turn in some.values())
    if trails.untouched is not None:
        yield trails.untouched


def dated(state: State, day: str) -> bool:
    """Whether a screen shows that day, as `2026-03-02`."""
    return any(day in f"{node.name} {node.text}" for node in state.nodes if node.showing and node.box is not None)


def _by_chance(state: State) -> bool:
    """Whether it shows what is drawn in one of two ways: a dialog of GTK's with a list of no files, whose columns are
    made one width or another, or a chart that LibreOffice is making, whose handles are drawn once or twice."""
    lists = {place for place, node in enumerate(state.nodes) if (node.role, node.name) == ("table", "Files")}
    held = {node.parent for node in state.nodes if node.role == "table cell" and node.showing}
    empty = any(state.nodes[place].showing for place in lists - held)
    return empty or any(window.title == "Chart Type" for window in state.windows)


Word = tuple[str, str, str]
"""An application, a role, and what a node of it says."""


def _figures(trails: Trails) -> tuple[set[Word], set[Word]]:
    """What has a number and is said in one play of the solution only, and what is said in all."""
    once, always = set[Word](), set[Word]()
    for again in trails.again:
        for one, other in zip(trails.solution.moments, again.moments, strict=False):
            first, second = _words(one.state), _words(other.state)
            once |= {each for each in first ^ second if re.search(r"\d", each[2])}
            always |= first & second
    return once, always


def _kind(word: Word) -> Word:
    """The same for `09:41` and `10:05`."""
    return word[0], word[1], re.sub(r"\d", "#", word[2])


def _words(state: State) -> set[Word]:
    shown = (node for node in state.nodes if node.showing and node.box is not None)
    return {(node.app, node.role, plain(node.name or node.text)) for node in shown}


def _mask(moment: Moment, others: list[Moment]) -> Mask:
    boxes: dict[Rect, None] = {}
    nodes: set[str] = set()
    for other in others:
        if other.picture != moment.picture:
            boxes |= dict.fromkeys(differing(moment.png, other.png))
        if other.state_name != moment.state_name:
            nodes |= set(told(moment.state)) ^ set(told(other.state))
    return Mask(boxes=tuple(boxes), nodes=frozenset(nodes))


@lru_cache(maxsize=128)
def differing(one: bytes, other: bytes) -> tuple[Rect, ...]:
    """The tiles in which two PNGs differ, those of a row joined where they touch; the whole where their sizes do."""
    first, second = _pixels(one), _pixels(other)
    if first.shape != second.shape:
        return (Rect(x=0, y=0, width=max(first.shape[1], second.shape[1]), height=first.shape[0]),)
    height, width = first.shape
    rows, columns = np.nonzero(first != second)
    tiles = sorted(set(zip((rows // TILE).tolist(), (columns // TILE).tolist(), strict=True)))
    boxes: list[Rect] = []
    for row, column in tiles:
        x, y = column * TILE, row * TILE
        wide, high = min(TILE, width - x), min(TILE, height - y)
        if boxes and boxes[-1].y == y and boxes[-1].x + boxes[-1].width == x:
            last = boxes.pop()
            boxes.append(Rect(x=last.x, y=y, width=last.width + wide, height=high))
        else:
            boxes.append(Rect(x=x, y=y, width=wide, height=high))
    return tuple(boxes)


def _pixels(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    """Height x width, a number a colour."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGBX")).view(np.uint32)[..., 0]


def told(state: State) -> tuple[str, ...]:
    """What each node says that `scoring.state.fingerprint` looks at."""
    return tuple(_line(node) for node in shown(state))


def _line(node: Node) -> str:
    box = node.box
    where = (box.x, box.y, box.width, box.height) if box is not None else ()
    return repr((node.app, node.role, plain(node.name), plain(node.text), where, seen(node)))
