"""The different screens of a task's plays, with what can be seen on them, and how things on them are spoken of.

An expression names one thing alone: it is not used where another thing that might be on the screen, seen for sure or
not, could be meant as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal, TypeVar

from envs.boxes import area, shared
from envs.types import Rect
from scoring.state import State
from scoring.understanding.items import Dropped, Rung
from scoring.understanding.nodes import FIELDS, Thing, doubtful, rivals, things
from scoring.understanding.options import alike
from scoring.understanding.pixels import drawn, spells, whole
from scoring.understanding.trails import Moment, Trail, Trails

T = TypeVar("T")
LOOSE = frozenset(("entry", "text", "heading", "link"))
"""Kinds whose boxes some toolkits tell with a shift."""
LABELLED = frozenset(("button", "check box", "radio button", "drop-down list"))
"""Kinds that may show something else than their name."""
Side = Literal["right of", "left of", "below", "above"]
SIDES: tuple[Side, ...] = ("right of", "left of", "below", "above")
FAR, FAR_LABEL = 120, 240
"""Pixels between two things, the latter where one is a text: what is further apart is not next to each other."""
CLEAR = 12
"""Pixels by which the next thing must be nearer than the one after it: those of a row are told a little apart."""
ALIGNED, DOUBT = 0.6, 0.1
"""Shares of the smaller of two boxes in the other's row or column: enough, and enough to be in doubt."""


@dataclass(frozen=True)
class Screen:
    """One picture of the plays, and every episode and step in which it was seen."""

    moment: Moment
    plays: tuple[tuple[str, int], ...]

    @property
    def state(self) -> State:
        """What the machine told of itself."""
        return self.moment.state

    @property
    def told(self) -> tuple[Thing, ...]:
        """What can be seen on it, by all that the machine tells."""
        return _told(self.moment)

    @property
    def things(self) -> tuple[Thing, ...]:
        """What can be seen on it, and is drawn where the tree says; what shows its name shows it whole."""
        return _seen(self.moment)

    @cached_property
    def clickable(self) -> int:
        """How many things there are to click."""
        return sum(thing.acts for thing in self.told)

    @cached_property
    def _called(self) -> dict[str, list[int]]:
        """The places of nodes by their names and texts, as `alike` has them; -1 for a window's title."""
        found: dict[str, list[int]] = {}
        for place, text in rivals(self.state, self.moment.size):
            found.setdefault(alike(text), []).append(place)
        return found

    @cached_property
    def _said(self) -> str:
        return "\n".join(self._called)

    def unique(self, thing: Thing) -> bool:
        """Whether nothing else is called so: not even what is only said to be there, by name or as its text.

        The label of a field may be called as the field is.
        """
        if not thing.name:
            return False
        return all(
            self._same(thing, place) for place in self._called.get(alike(thing.name), []) if place != thing.place
        )

    def _same(self, thing: Thing, place: int) -> bool:
        """Whether the other node is the thing itself, told twice: in it, or on it, or the label of the field."""
        if place < 0:
            return False
        state, other = self.state, self.state.nodes[place]
        if place in state.chain(thing.place) or thing.place in state.chain(place):
            return True
        if thing.role == other.role == "menu" and state.nodes[thing.above].role == "menu bar":
            return state.nodes[other.parent].role == "menu bar"  # LibreOffice tells of its menu bar twice
        box = other.box
        if box is None or (thing.kind in FIELDS and other.role in ("label", "static")):
            return True
        return shared(box, thing.box) >= 0.7 * max(1, min(area(box), area(thing.box)))

    def shows(self, name: str) -> bool:
        """Whether the name might be anywhere on the screen, as a name or within a text."""
        return alike(name) in self._said

    def beside(self, thing: Thing, side: Side) -> Thing | None:
        """What is directly to that side of a thing, in its row or column; None where that is not beyond doubt."""
        near = sorted(
            (gap, -both, other.place)
            for other in self.told
            if other.place != thing.place and other.window == thing.window
            for gap, both in (_across(thing.box, other.box, side),)
            if gap >= -2 and both > DOUBT
        )
        if not near or -near[0][1] < ALIGNED:
            return None
        if len(near) > 1 and near[1][0] < near[0][0] + CLEAR:
            return None
        found = next((other for other in self.things if other.place == near[0][2]), None)
        if found is None or near[0][0] > (FAR_LABEL if "text" in (thing.kind, found.kind) else FAR):
            return None
        return None if self._between(thing, found, near[0][0], side) else found

    def _between(self, thing: Thing, found: Thing, far: int, side: Side) -> bool:
        """Whether something that may be there as well, and is no part of either, is as near."""
        own = {*self.state.chain(thing.place), *self.state.chain(found.place)}
        for place, window, box in self._doubtful:
            gap, both = _across(thing.box, box, side)
            near = window == thing.window and -2 <= gap < far + CLEAR and both > DOUBT
            if near and place not in own and not {thing.place, found.place} & set(self.state.chain(place)):
                return True
        return False

    @cached_property
    def _doubtful(self) -> list[tuple[int, int, Rect]]:
        return doubtful(self.state, self.moment.size, {thing.place for thing in self.told})


@lru_cache(maxsize=256)
def _told(moment: Moment) -> tuple[Thing, ...]:
    return things(moment.state, moment.size)


@lru_cache(maxsize=256)
def _seen(moment: Moment) -> tuple[Thing, ...]:
    return tuple(seen for thing in _told(moment) if (seen := _witnessed(moment, thing)) is not None)


def _witnessed(moment: Moment, thing: Thing) -> Thing | None:
    """The thing, as one that does not show its name where the pixels are too few for it; None where it is not."""
    if thing.kind in ("cell", "field", "slider", "terminal") or (
        thing.kind == "drop-down list" and not thing.written
    ):
        return thing
    if not drawn(moment, thing.box) or (thing.kind in LOOSE and not whole(moment, thing.box)):
        return None
    if not thing.written or not thing.name or spells(moment, thing.box, thing.name):
        return thing
    return replace(thing, written=False) if thing.kind in LABELLED else None


def _across(box: Rect, other: Rect, side: Side) -> tuple[int, float]:
    """Pixels from a box to another on that side, and how much of the smaller one is in the other's row or column."""
    if side in ("right of", "left of"):
        both = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
        gap = other.x - (box.x + box.width) if side == "right of" else box.x - (other.x + other.width)
        return gap, both / max(1, min(box.height, other.height))
    both = min(box.x + box.width, other.x + other.width) - max(box.x, other.x)
    gap = other.y - (box.y + box.height) if side == "below" else box.y - (other.y + other.height)
    return gap, both / max(1, min(box.width, other.width))


def screens(trails: Trails) -> tuple[Screen, ...]:
    """Each different picture of the plays once, in the order of the plays, but for those that no other build has."""
    found: dict[str, Moment] = {}
    plays: dict[str, list[tuple[str, int]]] = {}
    for trail in every(trails):
        for step, moment in enumerate(trail.moments):
            if moment.picture not in trails.odd:
                found.setdefault(moment.picture, moment)
                plays.setdefault(moment.picture, []).append((trail.name, step))
    return tuple(Screen(moment=moment, plays=tuple(plays[name])) for name, moment in found.items())


def every(trails: Trails) -> Iterator[Trail]:
    """All plays, the solution first."""
    yield trails.solution
    if trails.untouched is not None:
        yield trails.untouched
    for _, way in sorted(trails.ways.items()):
        yield way
    yield from trails.again
    for _, others in sorted(trails.turns.items()):
        for _, turn in sorted(others.items()):
            yield turn


def quoted(text: str) -> str:
    """As a name stands in a question."""
    return f"“{text}”"


def the(thing: Thing) -> str:
    """A thing by its kind and name. Of what shows a picture in place of its name, the name says what it is for."""
    if thing.kind == "cell":
        return f"cell {thing.name} of the sheet"
    return f"the {thing.kind} {'' if thing.written else 'for '}{quoted(thing.name.rstrip(':'))}"


def taking_turns(some: Iterable[Iterator[T]]) -> Iterator[T]:
    """One of each in turn, until all are at their end."""
    left = list(some)
    while left:
        for each in list(left):
            try:
                yield next(each)
            except StopIteration:
                left.remove(each)


class Tally:
    """Why candidates were not taken, and how many."""

    def __init__(self, trails: Trails, rung: Rung) -> None:
        self._trails, self._rung = trails, rung
        self._counts: Counter[str] = Counter()

    def __call__(self, why: str, count: int = 1) -> None:
        self._counts[why] += count

    def dropped(self) -> Iterator[Dropped]:
        """One of each reason."""
        for why, count in sorted(self._counts.items()):
            if count:
                yield Dropped(task=self._trails.task, seed=self._trails.seed, rung=self._rung, why=why, count=count)


def unseen(some: Iterable[Screen]) -> int:
    """How many nodes that are told to be showing, with a name, cannot be seen for sure."""
    count = 0
    for screen in some:
        sure = {thing.place for thing in screen.things}
        count += sum(
            node.showing and node.box is not None and bool(node.name) and place not in sure
            for place, node in enumerate(screen.state.nodes)
        )
    return count
