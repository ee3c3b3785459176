"""Which node an application finds at a place: AT-SPI's own hit-test, asked from the window downwards.

An application answers with a child that is there, or with something deeper; asking goes on until the answer no
longer changes. It knows nothing of other applications' windows that may lie above.

Chromium asks the page and does not wait for its answer (`BrowserAccessibilityManager::CachingAsyncHitTest`): what it
says is the page's last answer where that is around the point, whatever the page has found inside of it meanwhile, and
else a guess by the boxes. A form once found would be found for every field in it. So small things are asked for
before large ones; and what is then not found is asked for alone, until it is found or the answer must have come.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from typing import TypeAlias

from envs.server.atspi import PREFIX, ROLES, ROOT, Cursor, Item, Ref
from envs.server.dbus import Bus, Call, Reply, string
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
LATE, PAGE = "Chromium", "document web"
"""The application that answers before it knows what is in a page, and the page's role."""
LATER, LATEST = 0.15, 3.0
"""Seconds after which a page's answer has come (seen: 12 to 24 ms, more on a busy machine), and for all of them
together. What is asked for alone is nearly always found, so that this is hardly ever waited for."""
HOLDING = frozenset(("document web", "form", "section", "grouping", "table", "list", "landmark", "article", "panel"))
"""Roles of what holds other things, which are what is found."""
UNLISTED = 4
"""Levels of what the tree does not list (a button's own text) above which is what it lists."""
CLOSED = frozenset(("combo box", "date editor"))
"""Roles whose parts a page does not find: it finds the whole."""
Start: TypeAlias = tuple[int, Point]
"""A node that is asked about, and the point inside of it."""


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
        self._places: dict[Ref, int] = {item.ref: place for place, item in enumerate(items)}
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
        late = [place for place in asked if self._nodes[place].app == LATE]
        prompt = [place for place in asked if self._nodes[place].app != LATE]
        first = {self._nodes[place].parent: place for place in reversed(prompt)}
        self._found([(place, _points(self._nodes[place])[0]) for place in first.values()])
        starts = self._starts(prompt)
        found = dict(zip(starts, self._found(starts), strict=True)) | self._late(late)
        return {place: tuple(found[start] for start in self._starts([place])) for place in asked}

    def _starts(self, asked: Sequence[int]) -> list[Start]:
        return [(place, point) for place in asked for point in _points(self._nodes[place])]

    def _late(self, asked: Sequence[int]) -> dict[Start, int]:
        """What is found where the first answer may be that to an earlier question."""
        starts = self._starts(sorted(asked, key=lambda place: _area(self._nodes[place])))
        end = time.monotonic() + LATEST
        for start in starts[:1]:
            self._at_last(start, end)
        found = dict(zip(starts, self._found(starts), strict=True))
        for start, hit in found.items():
            if not self._in(hit, start[0]) and self._waited_for(start[0]):
                found[start] = self._at_last(start, end)
        return found

    def _at_last(self, start: Start, end: float) -> int:
        """What is found when the node itself is, or when the answer to this question must have come."""
        end = min(end, time.monotonic() + LATER)
        while True:
            (hit,) = self._found([start])
            if self._in(hit, start[0]) or time.monotonic() > end:
                return hit

    def _told(self, reply: Reply | None) -> int | None:
        """What was found: a node's place, -1 for what is in no node of the tree, None for nothing."""
        ref = None if reply is None else Cursor(reply.data).ref()
        if ref is None or ref.path == NOTHING:
            return None
        unlisted = [ref]
        while unlisted[-1] not in self._places and len(unlisted) <= UNLISTED:
            told = self._bus.ask(_parent(unlisted[-1]), seconds=SECONDS)
            above = None if told is None else _past_signature(told).ref()
            if above is None or above.path in (NOTHING, ROOT):
                break
            unlisted.append(above)
        place = self._places.get(unlisted[-1], -1)
        self._places |= dict.fromkeys(unlisted, place)
        return place

    def _in(self, place: int, whole: int) -> bool:
        return whole in self._chain(place)

    def _waited_for(self, place: int) -> bool:
        above = {self._nodes[each].role for each in self._chain(place)[1:]}
        return PAGE in above and self._nodes[place].role not in HOLDING and CLOSED.isdisjoint(above)

    def _chain(self, place: int) -> list[int]:
        """A node's place, its parent's, and so on."""
        found = []
        while place >= 0:
            found.append(place)
            place = self._nodes[place].parent
        return found

    def _found(self, starts: Sequence[Start]) -> list[int]:
        """What is found at a point, where a node is thought to be; each as far as asking leads."""
        found = [self._known(_start(self._items, self._nodes, place), place, point) for place, point in starts]
        going = list(range(len(starts)))
        for _ in range(DEEPEST):
            calls = [_at_point(self._items[found[each]], starts[each][1]) for each in going]
            told = self._bus.ask_all(calls, seconds=SECONDS)
            still = []
            for each, reply in zip(going, told, strict=True):
                place = self._told(reply)
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


def _area(node: Node) -> int:
    return 0 if node.box is None else node.box.width * node.box.height


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


def _parent(ref: Ref) -> Call:
    interface = string(PREFIX + "Accessible")
    body = interface + b"\0" * (-len(interface) % 4) + string("Parent")
    return Call(ref.bus, ref.path, "org.freedesktop.DBus.Properties", "Get", "ss", body)


def _past_signature(told: Reply) -> Cursor:
    """At a variant's value."""
    cursor = Cursor(told.data)
    cursor.at = told.data[0] + 2
    return cursor
