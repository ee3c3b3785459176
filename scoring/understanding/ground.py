"""L1: where on this screen a thing is, or that it is not there.

A thing is spoken of by its name, by what stands beside it, by what it is for, or by its state; always such that it is
the only one. Right is a point in its box, where hit-tests find it or what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from envs.boxes import area, shared
from envs.types import Rect
from scoring.understanding.items import NOT_APPLICABLE, Dropped, Item, Place, item
from scoring.understanding.nodes import FIELDS, READS, Thing, figures
from scoring.understanding.screens import (
    SIDES,
    Screen,
    Side,
    Tally,
    screens,
    taking_turns,
    the,
    unseen,
)
from scoring.understanding.trails import Trails

T = TypeVar("T")
MOST = 36
"""Items of a task and seed."""
ABSENT = 0.15
"""The share of them that ask for what is not there."""
STATES = (
    ("checked", True, ("check box", "menu item"), "that is ticked"),
    ("checked", False, ("check box",), "that is not ticked"),
    ("checked", True, ("radio button",), "that is chosen"),
    ("selected", True, ("tab",), "that is selected"),
    ("selected", True, ("entry",), "that is selected"),
    ("selected", True, ("menu",), "that is open"),
    ("sensitive", False, ("button", "menu item", "check box", "drop-down list"), "that is greyed out"),
)
"""States that can be seen, of which kinds, and in what words."""
MARKS = {"check box": "the box", "radio button": "the circle"}
"""What is right to point at where a toolkit tells it apart from its text."""
UNLIKE = 4
"""How many times as wide or high one of two things may be to be called next to the other."""
SMALL, MIDDLE = 0.0005, 0.005
"""Shares of the screen between the classes of size."""
SIDE = {"right of": "to the right of", "left of": "to the left of", "below": "below", "above": "above"}


def ground(trails: Trails, chance: Random, admitted: bool = True) -> Iterator[Item | Dropped]:
    """The items of L1 of a task's plays, and what was left out: everything, where its application is not admitted."""
    some, tally = screens(trails), Tally(trails, "L1")
    if not admitted:
        tally(f"the tree of {trails.app} is not to be trusted", len(some))
        yield from tally.dropped()
        return
    if not any(_targets(screen) for screen in some):
        tally(f"{NOT_APPLICABLE}: no screen shows a thing that could be clicked", len(some))
        yield from tally.dropped()
        return
    tally("not to be seen beyond doubt: covered, not found by hit-tests, or not drawn", unseen(some))
    maker = _Maker(trails, some, chance, tally)
    absent = list(_some(maker.absent(), round(ABSENT * MOST)))
    there = list(
        _some(taking_turns((maker.named(), maker.beside(), maker.meant(), maker.turned())), MOST - len(absent))
    )
    absent = absent[: round(len(there) * ABSENT / (1 - ABSENT))]
    yield from (*there, *absent)
    yield from tally.dropped()


def _some(made: Iterator[Item], most: int) -> Iterator[Item]:
    """So many, none of them asked twice."""
    asked = set[str]()
    for each in made:
        if len(asked) >= most:
            return
        if each.question not in asked:
            asked.add(each.question)
            yield each


@dataclass(frozen=True)
class _Maker:
    """Makes candidates, from each screen in turn."""

    trails: Trails
    screens: Sequence[Screen]
    chance: Random
    tally: Tally

    def _shuffled(self, some: Iterable[T]) -> list[T]:
        mixed = list(some)
        self.chance.shuffle(mixed)
        return mixed

    def _item(
        self, screen: Screen, thing: Thing, facet: str, question: str, boxes: tuple[Rect, ...], how: str
    ) -> Item:
        share = area(thing.box) / (screen.moment.size.width * screen.moment.size.height)
        tags = {
            "app": thing.app,
            "role": thing.role,
            "area": "small" if share < SMALL else "middle" if share <= MIDDLE else "large",
            "look": "text" if thing.written else "icon",
        }
        return item(
            rung="L1", facet=facet, task=self.trails.task, seed=self.trails.seed, question=f"Point at {question}.",
            truth=Place(boxes=boxes), pictures=(screen.moment.picture,), guess=round(1 / max(1, screen.clickable), 6),
            how=how, plays=screen.plays, tags=tags,
        )  # fmt: skip

    def _there(self, screen: Screen, thing: Thing, facet: str, question: str, how: str) -> Item:
        if thing.kind in MARKS and thing.box.width < 30:
            question += f" ({MARKS[thing.kind]} itself, not its text)"
        how = f"{how}; hit-tests at five places in its box find it, or what is in it, and it is drawn there"
        return self._item(screen, thing, facet, question, _boxes(screen, thing), how)

    def named(self) -> Iterator[Item]:
        """By the name that is written on it, or on its label."""
        return taking_turns(self._named(screen) for screen in self._shuffled(self.screens))

    def _named(self, screen: Screen) -> Iterator[Item]:
        for thing in self._shuffled(_targets(screen)):
            if not screen.unique(thing):
                self.tally("not the only one of its name", bool(thing.name))
            elif figures(thing):
                continue
            elif thing.written or (thing.kind in FIELDS and _labelled(screen, thing)):
                yield self._there(screen, thing, "name", the(thing), "the only visible node of that name")

    def meant(self) -> Iterator[Item]:
        """By what it is for, where it shows a picture or nothing in place of a name; and cells of sheets."""
        return taking_turns(self._meant(screen) for screen in self._shuffled(self.screens))

    def _meant(self, screen: Screen) -> Iterator[Item]:
        for thing in self._shuffled(_targets(screen)):
            if thing.written or not screen.unique(thing) or (thing.kind in FIELDS and _labelled(screen, thing)):
                continue
            if thing.kind == "cell" and not thing.text and self.chance.random() > 0.02:
                continue  # a sheet has a thousand of them
            how = "the only visible node of that name, which is not written on it"
            yield self._there(screen, thing, "function", the(thing), how)

    def beside(self) -> Iterator[Item]:
        """By what it stands next to."""
        return taking_turns(self._beside(screen) for screen in self._shuffled(self.screens))

    def _beside(self, screen: Screen) -> Iterator[Item]:
        targets = _targets(screen)
        for anchor in self._shuffled(screen.things):
            if not (anchor.written and screen.unique(anchor) and len(anchor.name) <= 40):
                continue
            side: Side = self.chance.choice(SIDES)
            thing = screen.beside(anchor, side)
            if thing is None or thing not in targets or _odd(anchor, thing, side):
                continue
            question = f"the {thing.kind} directly {SIDE[side]} {the(anchor)}"
            yield self._there(screen, thing, "relation", question, "the next node on that side, by the boxes of all")

    def turned(self) -> Iterator[Item]:
        """By the state it is in, where it is the only one of its kind that is."""
        return taking_turns(self._turned(screen) for screen in self._shuffled(self.screens))

    def _turned(self, screen: Screen) -> Iterator[Item]:
        for state, wanted, kinds, words in self._shuffled(STATES):
            for kind in kinds:
                alike = [thing for thing in screen.told if thing.kind == kind and _once_told(screen, thing)]
                those = [thing for thing in alike if (state in thing.states) == wanted]
                sure = [thing for thing in those if thing in screen.things and not _encloses(screen, thing)]
                hidden = _doubtful(screen, kind, state, wanted=wanted) - {thing.place for thing in those}
                if len(those) == 1 and sure and len(alike) > 1 and not hidden:
                    question = f"the only {kind} {words}"
                    how = f"the only visible node of its kind with the state {state!r}" + ("" if wanted else " off")
                    yield self._there(screen, sure[0], "state", question, how)

    def absent(self) -> Iterator[Item]:
        """By a name that is written on other screens of these plays, and nowhere on this one."""
        return taking_turns(self._absent(screen) for screen in self._shuffled(self.screens))

    def _absent(self, screen: Screen) -> Iterator[Item]:
        for other in self._shuffled(self.screens):
            for thing in self._shuffled(_targets(other))[:20]:
                fits = thing.written and thing.app in {each.app for each in screen.told}
                if fits and not screen.shows(thing.name):
                    how = "no node or window of this screen has it in its name or text; it is on another screen"
                    yield self._item(screen, thing, "absent", the(thing), (), how)


def _targets(screen: Screen) -> list[Thing]:
    """What can be clicked, is seen to be there, and holds nothing else to click, as unfolded sections do."""
    return [
        thing
        for thing in screen.things
        if thing.acts and thing.kind not in READS | {"terminal"}
        if thing.kind in FIELDS | {"cell", "tab"} or not _holds(screen, thing)
    ]


def _holds(screen: Screen, thing: Thing) -> bool:
    return any(
        other.acts and other.place != thing.place and shared(other.box, thing.box) >= 0.6 * area(other.box)
        for other in screen.told
        if area(other.box) < area(thing.box)
    )


def _encloses(screen: Screen, thing: Thing) -> bool:
    """Whether others of its kind are in it, as in an entry of a tree that is unfolded: its box is not its own row."""
    return thing.kind not in FIELDS and any(
        other.kind == thing.kind
        and other.place != thing.place
        and shared(other.box, thing.box) >= 0.6 * area(other.box)
        for other in screen.told
        if area(other.box) < area(thing.box)
    )


def _odd(anchor: Thing, thing: Thing, side: Side) -> bool:
    """Whether nobody would see the two together: a cell of a sheet and what is around it, a word and a wide row."""
    one, other = anchor.box, thing.box
    sizes = (one.height, other.height) if side in ("right of", "left of") else (one.width, other.width)
    return (anchor.kind == "cell") != (thing.kind == "cell") or max(sizes) > UNLIKE * min(sizes)


def _labelled(screen: Screen, thing: Thing) -> bool:
    """Whether a text with the field's name is to be seen."""
    return any(each.kind == "text" and each.name.rstrip(": ") == thing.name.rstrip(": ") for each in screen.things)


def _once_told(screen: Screen, thing: Thing) -> bool:
    """Whether it is no further column of the same row: GTK selects every cell of it."""
    if thing.role != "table cell" or thing.kind == "cell":
        return True
    left = screen.beside(thing, "left of")
    return left is None or left.role != "table cell"


def _doubtful(screen: Screen, kind: str, state: str, *, wanted: bool) -> set[int]:
    """Nodes that might be meant as well: showing, in that state, of a role of that kind, but not seen for sure."""
    roles = {thing.role for thing in screen.told if thing.kind == kind}
    sure = {thing.place for thing in screen.told}
    return {
        place
        for place, node in enumerate(screen.state.nodes)
        if node.role in roles and node.showing and node.box is not None and place not in sure
        if (state in node.states) == wanted and any(hit >= 0 for hit in screen.state.hits.get(place, ()))
    }


def _boxes(screen: Screen, thing: Thing) -> tuple[Rect, ...]:
    """Where a point is right: its box, of a tab without the button that closes it."""
    if thing.kind != "tab":
        return (thing.box,)
    inner = [each.box.x for each in screen.told if each.kind == "button" and shared(each.box, thing.box) > 0]
    right = min((x for x in inner if x > thing.box.centre.x), default=thing.box.x + thing.box.width)
    return (Rect(x=thing.box.x, y=thing.box.y, width=right - thing.box.x, height=thing.box.height),)
