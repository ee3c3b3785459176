"""Which node an application finds at a place: AT-SPI's own hit-test, asked from the window downwards.

An application answers with a child that is there, or with something deeper; asking goes on until the answer no
longer changes. It knows nothing of other applications' windows that may lie above.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from envs.server.atspi import PREFIX, ROLES, Cursor, Item, Ref
from envs.server.dbus import Bus, Call, Reply
from envs.types import Node, Point, inside

LEAST = 8
"""Pixels of a side."""
MOST = 1200
"""Nodes that are asked about."""
DEEPEST = 24
SECONDS = 2.0
ITEMS = frozenset(ROLES.index(name) for name in ("menu item", "check menu item", "radio menu item", "menu"))
MENUS = frozenset(ROLES.index(name) for name in ("menu", "popup menu"))
BLIND = frozenset(ROLES.index(name) for name in ("page tab list", "page tab"))
"""GTK's notebooks find themselves wherever they are asked, and their pages have the boxes of their tabs."""
NOTHING = "/org/a11y/atspi/null"


def hit_test(bus: Bus, items: Sequence[Item], nodes: Sequence[Node]) -> dict[int, tuple[int, ...]]:
    """For each node that is worth asking about, the nodes found at places inside of it. Both lists go together."""
    asked = [place for place, node in enumerate(nodes) if _worth(items[place], node)][:MOST]
    return _Asking(bus, items, nodes).hits(asked)


class _Asking:
    """One tree's hit-tests.

    From a window down to a button are five questions or more, and all but the last are the same for its neighbours.
    So one node of each container is asked for from the window, and a step down that was found so is taken without
    asking wherever the boxes leave no other: the question that finds the node itself, or something over it, is always
    asked. With the same answers it is a third of the questions on a window of Impress, and a sixth on one of GIMP.
    """

    def __init__(self, bus: Bus, items: Sequence[Item], nodes: Sequence[Node]) -> None:
        self._bus, self._items, self._nodes = bus, items, nodes
        self._places = {item.ref: place for place, item in enumerate(items)}
        self._below: dict[int, list[int]] = {}
        for place, node in enumerate(nodes):
            if node.box is not None:
                self._below.setdefault(node.parent, []).append(place)
        self._steps = set[tuple[int, int]]()
        """From which node was found which of its children."""
        self._blind = set[int]()
        """What found itself where something in it was wanted."""

    def hits(self, asked: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Of each of these nodes, what is found at the points inside of it."""
        first = {self._nodes[place].parent: place for place in reversed(asked)}
        self._found([(place, _points(self._nodes[place])[0]) for place in first.values()])
        starts = [(place, point) for place in asked for point in _points(self._nodes[place])]
        hits: dict[int, list[int]] = {}
        for (place, _), hit in zip(starts, self._found(starts), strict=True):
            hits.setdefault(place, []).append(hit)
        return {place: tuple(some) for place, some in hits.items()}

    def _found(self, starts: Sequence[tuple[int, Point]]) -> list[int]:
        """What is found at a point, where a node is thought to be; each as far as asking leads."""
        found = [self._known(_start(self._items, self._nodes, place), place, point) for place, point in starts]
        going = list(range(len(starts)))
        for _ in range(DEEPEST):
            calls = [_at_point(self._items[found[each]], starts[each][1]) for each in going]
            told = self._bus.ask_all(calls, seconds=SECONDS)
            still = []
            for each, reply in zip(going, told, strict=True):
                place = _told(reply, self._places)
                if place == found[each] or place is None:
                    place = self._past(found[each], starts[each][0])
                if place is not None:
                    if place >= 0 and self._nodes[place].parent == found[each]:
                        self._steps.add((found[each], place))
                    found[each] = place
                    still += [each] if place >= 0 and not _last(self._items[place]) else []
            going = still
            if not going:
                break
        return found

    def _past(self, at: int, wanted: int) -> int | None:
        """Where to go on below a node that never finds what is in it, towards what is wanted; None elsewhere."""
        if self._items[at].role not in BLIND:
            return None
        below = wanted
        while below >= 0 and self._nodes[below].parent != at:
            below = self._nodes[below].parent
        if below < 0 or below == wanted:
            return None
        self._blind.add(at)
        return below

    def _known(self, at: int, wanted: int, point: Point) -> int:
        """How far down, towards the node that is wanted and not to it, the answers are known at a point."""
        way = list[int]()
        while wanted >= 0 and wanted != at:
            wanted = self._nodes[wanted].parent
            way.append(wanted)
        for below in reversed(way[:-1]):
            if at not in self._blind and ((at, below) not in self._steps or self._holding(at, point) != [below]):
                break
            at = below
        return at

    def _holding(self, at: int, point: Point) -> list[int]:
        boxes = ((place, self._nodes[place].box) for place in self._below.get(at, ()))
        return [place for place, box in boxes if box is not None and box.holds(point)]


def _last(item: Item) -> bool:
    """Whether there is nothing in it that could be found."""
    return not item.children and item.count == 0 and not item.manages


def _told(reply: Reply | None, places: Mapping[Ref, int]) -> int | None:
    """What was found: a node's place, -1 for one that is not in the tree, None for nothing."""
    ref = None if reply is None else Cursor(reply.data).ref()
    return None if ref is None or ref.path == NOTHING else places.get(ref, -1)


def _points(node: Node) -> tuple[Point, ...]:
    return () if node.box is None else inside(node.box)


def _worth(item: Item, node: Node) -> bool:
    if node.box is None or not node.showing or "Component" not in item.interfaces or node.parent < 0:
        return False
    return node.box.width >= LEAST and node.box.height >= LEAST and bool(node.name or node.text or not item.children)


def _start(items: Sequence[Item], nodes: Sequence[Node], place: int) -> int:
    """Where asking begins: the open menu that it is in, else its window (a child of its application).

    Within a window whose toolkits do not agree on where things are, it is the topmost node of the same toolkit.
    """
    above, down = nodes[place].parent, items[place].down
    if items[place].role in ITEMS and above >= 0 and items[above].role in MENUS:
        return above
    while above >= 0 and nodes[above].parent >= 0 and items[above].down == down:
        place, above = above, nodes[above].parent
    return place


def _at_point(item: Item, point: Point) -> Call:
    body = struct.pack("<iiI", point.x, point.y - item.down, 0)  # 0: coordinates of the screen
    return Call(item.ref.bus, item.ref.path, PREFIX + "Component", "GetAccessibleAtPoint", "iiu", body)
