"""Whether an application's accessibility tree can be trusted to say where things are: else there is no L1 in it.

Some toolkits report every box at the origin, some name nothing. The solution's own clicks are where it matters: at
each of them a hit-test must find a node that has a name and a box that a person could point at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from envs.roles import CONTAINERS, READ
from envs.types import Click, Node, Point, Rect, Size, inside
from scoring.state import State, plain
from scoring.understanding.trails import Moment, Trail, Trails

ADMITTED = 0.9
"""Share of click points that must be found with a name and a box."""
LEAST = 4
"""Pixels: a side shorter than that cannot be pointed at."""
LARGEST = 0.5
"""Share of the screen: what is larger is a window or its canvas, not a thing in it."""


@dataclass
class Tally:
    """Click points of an application: how many there were, and how many a hit-test named."""

    points: int = 0
    named: int = 0
    missed: list[str] = field(default_factory=list)
    """What those were that it did not, in words."""

    @property
    def share(self) -> float:
        """1 where nothing was clicked: nothing speaks against the tree."""
        return self.named / self.points if self.points else 1.0


def found(state: State, at: Point) -> int:
    """The place of the node at a point: as the application's hit-test has it where it was asked, else the smallest.

    -1 where there is none.
    """
    for place, hits in state.hits.items():
        box = state.nodes[place].box
        if box is not None:
            for asked, hit in zip(inside(box), hits, strict=False):
                if asked == at and hit >= 0:
                    return hit
    holding = [
        (box.width * box.height, -place)
        for place, node in enumerate(state.nodes)
        if node.showing and (box := node.box) is not None and box.holds(at)
    ]
    return -min(holding)[1] if holding else -1


def audited(all_: Iterable[Trails]) -> dict[str, Tally]:
    """Of each task's application, what the audit of its clicks found.

    Of the solutions' own; of the equivalents', where those do all by keys; and where nothing is clicked, of the
    middles of what could be.
    """
    tallies: dict[str, Tally] = {}
    for trails in all_:
        tally = tallies.setdefault(trails.app, Tally())
        others = [way for name, way in sorted(trails.ways.items()) if name.startswith("equivalent ")]
        points = list(_clicks(trails.solution)) or [point for way in others for point in _clicks(way)]
        for moment, at in points or _middles(trails.solution):
            _count(tally, moment, at)
    return dict(sorted(tallies.items()))


def _clicks(trail: Trail) -> Iterator[tuple[Moment, Point]]:
    """Where was clicked on which screen. Of a step's clicks the first: others are on screens that were not kept."""
    for moment, did in zip(trail.moments, trail.steps, strict=False):
        points = [action.at for action in did.actions if isinstance(action, Click) and action.at is not None]
        yield from ((moment, at) for at in points[:1])


def _middles(trail: Trail) -> Iterator[tuple[Moment, Point]]:
    """The middles of what can be clicked on the first screen: what takes input, or is chosen."""
    moment = trail.moments[0]
    for place in moment.state.hits:
        node = moment.state.nodes[place]
        if node.role not in CONTAINERS | READ and node.box is not None and plain(node.name):
            yield moment, node.box.centre


def _count(tally: Tally, moment: Moment, at: Point) -> None:
    state, place = moment.state, found(moment.state, at)
    tally.points += 1
    if any(_good(state.nodes[each], at, moment.size) for each in _near(state, place)):
        tally.named += 1
    else:
        tally.missed.append(f"{state.nodes[place].role} at {at.x},{at.y}" if place >= 0 else f"{at.x},{at.y}")


def _near(state: State, place: int) -> Sequence[int]:
    """The node itself, and its parent: the label in a button has the button's place."""
    return state.chain(place)[:2] if place >= 0 else ()


def _good(node: Node, at: Point, size: Size) -> bool:
    return bool(plain(node.name) or plain(node.text)) and node.box is not None and _plausible(node.box, at, size)


def _plausible(box: Rect, at: Point, size: Size) -> bool:
    whole = box.x >= 0 and box.y >= 0 and box.x + box.width <= size.width and box.y + box.height <= size.height
    large = box.width * box.height > LARGEST * size.width * size.height
    return whole and not large and min(box.width, box.height) >= LEAST and box.holds(at)
