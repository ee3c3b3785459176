"""Whether an application's accessibility tree can be trusted to say where things are: else there is no L1 in it.

Some toolkits report every box at the origin, some name nothing. Where plays clicked is where it matters: at each of
those points a hit-test must find a thing that has a name and a box that a person could point at. Plays that do wrong
count too: a click on another button tells as much of the boxes. Four kinds of click tell nothing of them:

- into a canvas (a document's text, a terminal, a drawing): nothing is named there, and nothing need be;
- a step's second click, which is on a screen that was not kept;
- one after a play has left the solution's way: it goes where a thing was, and may be anywhere by then;
- the same point of the same picture once more.

A task has few clicks, some none: a share of three points is no verdict. So to `POINTS` points are filled up with a
sample of what shows its name and can be clicked on the screens of the solution: there the picture must bear the
tree out, by something as wide as the name drawn in the box. A sample speaks for no application whose clicks mostly
miss, nor for one in which hit-tests mostly do not find what the tree says is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from envs.roles import CONTAINERS, READ, WINDOWS
from envs.types import Click, Node, Point, Rect, Size, inside
from scoring.state import State, plain
from scoring.understanding.nodes import SHELL, Covers, Thing, within
from scoring.understanding.pixels import drawn, spells
from scoring.understanding.screens import LABELLED, Screen
from scoring.understanding.trails import Moment, Trail, Trails

ADMITTED = 0.9
"""Share of the points at which what is there must be found, with a name and a box."""
POINTS = 40
"""Points of a task and seed that a verdict is over, where there are so many: of trees that are wrong at a quarter of
all points, 2 in 100 pass by chance (binomial)."""
MOST = 0.5
"""Share below which clicks, or hit-tests, are a verdict of their own."""
LEAST = 4
"""Pixels: a side shorter than that cannot be pointed at."""
LARGEST = 0.5
"""Share of the screen: what is larger is a window or its canvas, not a thing in it."""
CANVASES = frozenset(("document text", "document presentation", "terminal", "drawing area", "canvas", "video"))
"""Roles of what is worked in: a click there, or in a part of it, is on no thing."""
WIDE = 0.05
"""Share of the screen: a text of several lines that is as large is one too."""
NAMELESS = frozenset(("entry", "text", "password text", "spin button", "slider", "combo box", "date editor"))
"""Roles of what takes input: an empty field has no name, and is spoken of by what stands beside it."""


@dataclass
class Count:
    """How many points there were, and at how many what is there was found."""

    points: int = 0
    named: int = 0

    @property
    def share(self) -> float:
        """1 where there were none: nothing speaks against the tree."""
        return self.named / self.points if self.points else 1.0

    def add(self, good: bool) -> bool:
        """One more; gives back whether it was good."""
        self.points += 1
        self.named += good
        return good


@dataclass
class Tally:
    """What the audit found in an application: at its clicks, in the sample, and by hit-tests of what it shows."""

    clicked: Count = field(default_factory=Count)
    sampled: Count = field(default_factory=Count)
    tested: Count = field(default_factory=Count)
    missed: list[str] = field(default_factory=list)
    """What there was where nothing was found, in words."""

    @property
    def points(self) -> int:
        """Those that the verdict is over."""
        return self.clicked.points + self.sampled.points

    @property
    def share(self) -> float:
        """Of all points; where most clicks or hit-tests miss, of those alone."""
        all_ = Count(self.points, self.clicked.named + self.sampled.named)
        return min(all_.share, *(each.share for each in (self.clicked, self.tested) if each.share < MOST), 1.0)


def found(state: State, at: Point) -> int:
    """The place of the node at a point: as the application's hit-test has it where it was asked, else the smallest.

    Asked for a window, some toolkits stop at what holds the thing, as GTK's notebooks do: of several answers the
    deepest is taken. -1 where there is none.
    """
    told = [
        hit
        for place, hits in state.hits.items()
        if (box := state.nodes[place].box) is not None and box.holds(at)
        for asked, hit in zip(inside(box), hits, strict=False)
        if asked == at and hit >= 0 and state.nodes[hit].role != "page tab list"
    ]
    if told:
        return max(told, key=lambda hit: len(state.chain(hit)))
    holding = [
        (box.width * box.height, -place)
        for place, node in enumerate(state.nodes)
        if node.showing and (box := node.box) is not None and box.holds(at)
    ]
    return -min(holding)[1] if holding else -1


def audited(all_: Iterable[Trails]) -> dict[str, Tally]:
    """Of each task's application, what the audit found, over all its tasks and seeds."""
    tallies: dict[str, Tally] = {}
    for trails in all_:
        tally = tallies.setdefault(trails.app, Tally())
        before = tally.points
        for moment, at in _clicks(trails):
            _count(tally, moment, at)
        _test(tally, trails.solution)
        _sample(tally, trails.solution, POINTS - (tally.points - before))
    return dict(sorted(tallies.items()))


def _clicks(trails: Trails) -> Iterator[tuple[Moment, Point]]:
    """Where was clicked on which screen, each once. Of a step's clicks the first: others are on screens not kept."""
    seen = set[tuple[str, int, int]]()
    for trail, steps in _meant(trails):
        for moment, did in zip(trail.moments, trail.steps[:steps], strict=False):
            points = [action.at for action in did.actions if isinstance(action, Click) and action.at is not None]
            for at in points[:1]:
                if (moment.picture, at.x, at.y) not in seen:
                    seen.add((moment.picture, at.x, at.y))
                    yield moment, at


def _meant(trails: Trails) -> Iterator[tuple[Trail, int]]:
    """Plays, and how many of their first steps knew what they clicked."""
    deliberate = ("equivalent ", "near-miss ")
    ways = [way for name, way in sorted(trails.ways.items()) if name.startswith(deliberate)]
    for trail in (trails.solution, *trails.again, *ways):
        yield trail, len(trail.steps)
    for step, others in sorted(trails.turns.items()):
        for _, turn in sorted(others.items()):
            yield turn, step + 1


def _count(tally: Tally, moment: Moment, at: Point) -> None:
    state, place = moment.state, found(moment.state, at)
    if _worked_in(moment, place):
        return
    thing = _thing(state, place)
    if not tally.clicked.add(thing is not None and _good(thing, at, moment.size)):
        tally.missed.append(f"{state.nodes[place].role} at {at.x},{at.y}" if place >= 0 else f"{at.x},{at.y}")


def _worked_in(moment: Moment, place: int) -> bool:
    """Whether a node is a canvas or a part of one."""
    state = moment.state
    return any(_canvas(state.nodes[each], moment.size) for each in state.chain(place))


def _canvas(node: Node, size: Size) -> bool:
    states = set(node.states)
    if node.role in CANVASES or (node.role == "document web" and "editable" in states):
        return True
    box = node.box
    wide = box is not None and box.width * box.height > WIDE * size.width * size.height
    return node.role == "text" and "multi-line" in states and wide


def _thing(state: State, place: int) -> Node | None:
    """What a person would say was clicked: the node, or what it is a part of, as a label is of its button."""
    for above, each in enumerate(state.chain(place)):
        node = state.nodes[each]
        if node.role in WINDOWS:
            return None
        said = plain(node.name) or plain(node.text)
        if node.role not in CONTAINERS | READ or (said and (not above or node.role in READ)):
            return node
    return None


def _good(node: Node, at: Point, size: Size) -> bool:
    said = bool(plain(node.name) or plain(node.text)) or node.role in NAMELESS
    return said and node.box is not None and _plausible(node.box, at, size)


def _plausible(box: Rect, at: Point, size: Size) -> bool:
    whole = box.x >= 0 and box.y >= 0 and box.x + box.width <= size.width and box.y + box.height <= size.height
    large = box.width * box.height > LARGEST * size.width * size.height
    return whole and not large and min(box.width, box.height) >= LEAST and box.holds(at)


def _test(tally: Tally, trail: Trail) -> None:
    """Whether hit-tests find what can be clicked, where no other window is over it: of each thing once."""
    seen = set[tuple[object, ...]]()
    for moment in trail.moments:
        state = moment.state
        covers = Covers(state)
        for place, hits in state.hits.items():
            node = state.nodes[place]
            key = (node.role, node.name, node.box)
            if key in seen or node.role in CONTAINERS | READ or node.app in SHELL or not plain(node.name):
                continue
            seen.add(key)
            if node.box is not None and not within(state, place) and not covers.over(place, node.box):
                tally.tested.add(place in state.chain(hits[0]))


def _sample(tally: Tally, trail: Trail, most: int) -> None:
    """So many things of the screens, spread over them, and whether the picture shows them where the tree says."""
    some: dict[object, tuple[Moment, Thing]] = {}
    for moment in {moment.picture: moment for moment in trail.moments}.values():
        for thing in Screen(moment=moment, plays=()).told:
            shows = thing.acts and thing.written and thing.name and not thing.greyed
            if shows and not _worked_in(moment, thing.place):
                some.setdefault(thing.key, (moment, thing))
    chosen = list(some.values())[:: max(1, -(-len(some) // max(1, most)))] if most > 0 else []
    for moment, thing in chosen:
        if not tally.sampled.add(_drawn(moment, thing)):
            tally.missed.append(f"{thing.kind} {thing.name!r} is not drawn at {thing.box.x},{thing.box.y}")


def _drawn(moment: Moment, thing: Thing) -> bool:
    """Whether the picture shows it: its name up to a comma, after which some toolkits tell what is not written.

    What may show something else than its name, a button that says less, is only drawn at all.
    """
    said = thing.name.partition(",")[0]
    return drawn(moment, thing.box) and (thing.kind in LABELLED or spells(moment, thing.box, said))
