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
    places = {item.ref: place for place, item in enumerate(items)}
    asked = [place for place, node in enumerate(nodes) if _worth(items[place], node)][:MOST]
    starts = [(place, point) for place in asked for point in _points(nodes[place])]
    found = [_start(items, nodes, place) for place, _ in starts]
    going = list(range(len(starts)))
    for _ in range(DEEPEST):
        calls = [_at_point(items[found[each]], starts[each][1]) for each in going]
        told = bus.ask_all(calls, seconds=SECONDS)
        still = []
        for each, reply in zip(going, told, strict=True):
            place = _told(reply, places)
            if place == found[each] or place is None:
                place = _past(items, nodes, found[each], starts[each][0])
            if place is not None:
                found[each] = place
                still += [each] if place >= 0 else []
        going = still
        if not going:
            break
    hits: dict[int, list[int]] = {}
    for (place, _), hit in zip(starts, found, strict=True):
        hits.setdefault(place, []).append(hit)
    return {place: tuple(some) for place, some in hits.items()}


def _told(reply: Reply | None, places: Mapping[Ref, int]) -> int | None:
    """What was found: a node's place, -1 for one that is not in the tree, None for nothing."""
    ref = None if reply is None else Cursor(reply.data).ref()
    return None if ref is None or ref.path == NOTHING else places.get(ref, -1)


def _past(items: Sequence[Item], nodes: Sequence[Node], at: int, wanted: int) -> int | None:
    """Where to go on below a node that never finds what is in it, towards what is wanted; None elsewhere."""
    if items[at].role not in BLIND:
        return None
    below = wanted
    while below >= 0 and nodes[below].parent != at:
        below = nodes[below].parent
    return below if below >= 0 and below != wanted else None


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
