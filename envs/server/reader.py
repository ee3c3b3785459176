"""Reads the accessibility tree, in bulk. A process of its own, as the desktop's user: `-m envs.server.reader`.

The bus of the accessible applications admits that user alone. Whatever this process says is therefore no more
to be trusted than the applications themselves; the server starts it again when it ends, and checks what it says.

Each line on standard input asks for a tree (`tree`), or for one with hit-tests (`hits`); the answer is its length (8
bytes, big endian) and a msgpack `Tree` or `HitTest`.

How: one `Cache.GetItems` an application, all at once, instead of questions to every node. What caches leave out is
asked for: the visible cells of tables that manage their descendants, the children that are counted but not
listed, and whole applications of toolkits without a cache (Qt). Only then boxes, texts and values, for what is
showing. Caches are empty until someone has registered for an event; any event does.
"""

from __future__ import annotations

import struct
import sys
import time

import msgspec

from envs.server import office
from envs.server.atspi import PREFIX, ROLES, ROOT, Cursor, Item, Ref, items, role, states
from envs.server.cells import visible_cells
from envs.server.dbus import Bus, Call, Reply, string
from envs.server.hits import hit_test
from envs.types import HitTest, Node, Rect
from envs.wire import Tree

REGISTRY = PREFIX + "Registry"
ACCESSIBLE = PREFIX + "Accessible"
SESSION_BUS = "unix:path=/run/user/1000/bus"
EVENT = "object:bounds-changed"
"""What we register for; it is rare."""
APP_SECONDS = 1.0
"""What an application gets to answer; one that is stuck is left out."""
MOST_LISTED = 400
"""Children of one node asked for one by one."""
MOST_NODES = 20_000
TEXT_LIMIT = 20_000
EMBEDDED = "\ufffc"
"""Stands in a text for each child that is not text."""
PLAIN = frozenset(
    ROLES.index(name)
    for name in ("label", "button", "menu item", "menu", "check menu item", "radio menu item", "toggle button",
                 "check box", "radio button", "page tab", "icon", "frame", "tool bar")
)  # fmt: skip
"""Roles whose text is their name."""


class Reader:
    """A connection to the accessibility bus, and trees read over it."""

    def __init__(self) -> None:
        session = Bus(SESSION_BUS)
        told = session.ask(
            Call(PREFIX[:-7] + ".Bus", "/org/a11y/bus", PREFIX[:-7] + ".Bus", "GetAddress"), seconds=5.0
        )
        session.close()
        if told is None:
            raise ConnectionRefusedError("the session has no accessibility bus")
        self.bus = Bus(Cursor(told.data).text())
        event = string(EVENT)
        body = event + b"\0" * (-len(event) % 4) + struct.pack("<I", 0) + string("")
        self.bus.ask(Call(REGISTRY, "/org/a11y/atspi/registry", REGISTRY, "RegisterEvent", "sass", body), seconds=2.0)

    def tree(self) -> Tree:
        """Every application's nodes."""
        return Tree(nodes=tuple(node for root, nodes in self._read() for node in nodes))

    def hits(self) -> HitTest:
        """Every application's nodes, and which of them is found where."""
        read = self._read()
        nodes = tuple(node for _, some in read for node in some)
        return HitTest(nodes=nodes, hits=hit_test(self.bus, [item for root, _ in read for item in flat(root)], nodes))

    def _read(self) -> list[tuple[Item, list[Node]]]:
        """Each application's root, and its nodes."""
        told = self.bus.ask(Call(REGISTRY, ROOT, ACCESSIBLE, "GetChildren"), seconds=2.0)
        apps = [] if told is None else Cursor(told.data).refs()
        caches = self.bus.ask_all(
            [Call(app.bus, "/org/a11y/atspi/cache", PREFIX + "Cache", "GetItems") for app in apps],
            seconds=APP_SECONDS,
        )
        roots = [self._app(app, cache) for app, cache in zip(apps, caches, strict=True)]
        everything = [item for root in roots if root is not None for item in flat(root)]
        self._fill_in(everything)
        found: list[tuple[Item, list[Node]]] = []
        count = 0
        for root in roots:
            if root is not None:
                if root.name == office.NAME:
                    office.lower(self.bus, root)
                found.append((root, listed(root, count)))
                count += len(found[-1][1])
        return found

    def _app(self, app: Ref, cache: Reply | None) -> Item | None:
        """An application's tree, without boxes and texts."""
        known = {} if cache is None else {item.ref: item for item in items(cache.signature, cache.data)}
        if app not in known:
            found = self._describe([(app, Ref("", ""), -1)])
            if not found:
                return None
            known[app] = found[0]
        for item in known.values():
            parent = known.get(item.parent)
            if parent is not None and parent is not item:
                parent.children.append(item)
        for item in known.values():
            item.children.sort(key=lambda child: child.index)
        self._complete(known)
        return known[app]

    def _complete(self, known: dict[Ref, Item]) -> None:
        """Ask for what the cache has left out."""
        end = time.monotonic() + APP_SECONDS
        managing = [item for item in known.values() if item.showing and item.manages and item.role not in PAGES]
        bare = [item for item in managing if not self._has_cells(item)]
        short = self._few(bare)
        short += [
            item
            for item in known.values()
            if item not in managing
            and (len(item.children) < item.count <= MOST_LISTED or (item.count < 0 and item.role in PAGES))
            and (item.showing or item.parent.bus == "" or item.role in WINDOWS)
        ]  # fmt: skip
        while short and len(known) < MOST_NODES and time.monotonic() < end:
            short = self._descend(short, known)

    def _has_cells(self, item: Item) -> bool:
        """Whether it is a table that says which of its cells are visible; they are its children then."""
        cells = visible_cells(self.bus, item) if "Table" in item.interfaces else []
        item.children = cells or item.children
        return bool(cells)

    def _few(self, items: list[Item]) -> list[Item]:
        """Those short enough to be listed whole: GTK's lists and tables; their corners are no cells if not full."""
        calls = [_property(item.ref, "Accessible", "ChildCount") for item in items]
        told = self.bus.ask_all(calls, seconds=APP_SECONDS)
        counts = [0 if reply is None else _variant(reply).i32() for reply in told]
        return [item for item, count in zip(items, counts, strict=True) if 0 < count <= MOST_LISTED]

    def _descend(self, parents: list[Item], known: dict[Ref, Item]) -> list[Item]:
        """Learn about the parents' children; which of those have children of their own to ask for."""
        calls = [Call(item.ref.bus, item.ref.path, ACCESSIBLE, "GetChildren") for item in parents]
        wanted: list[tuple[Ref, Ref, int]] = []
        for item, told in zip(parents, self.bus.ask_all(calls, seconds=APP_SECONDS), strict=True):
            for place, ref in enumerate([] if told is None else Cursor(told.data).refs()):
                lost = known.get(ref)
                if lost is None:
                    wanted.append((ref, item.ref, place))
                elif lost.parent not in known or (
                    lost.parent == item.ref and all(child is not lost for child in item.children)
                ):
                    # GtkAssistant's pages name a parent that is not in the tree; Chromium's cache, once its theme
                    # was changed, one that is in the tree and not in the cache.
                    lost.parent, lost.index = item.ref, place
                    item.children.append(lost)
        found = self._describe(wanted)
        for item in found:
            if item.ref not in known:
                known[item.ref] = item
                known[item.parent].children.append(item)
        for item in parents:
            item.children.sort(key=lambda child: child.index)
        return [item for item in found if 0 < item.count <= MOST_LISTED and not item.manages]

    def _describe(self, wanted: list[tuple[Ref, Ref, int]]) -> list[Item]:
        """Items asked for one by one: (object, parent, index)."""
        calls = []
        for ref, _, _ in wanted:
            calls += [
                _property(ref, "Accessible", "Name"),
                _property(ref, "Accessible", "ChildCount"),
                Call(ref.bus, ref.path, ACCESSIBLE, "GetRole"),
                Call(ref.bus, ref.path, ACCESSIBLE, "GetState"),
                Call(ref.bus, ref.path, ACCESSIBLE, "GetInterfaces"),
            ]
        told = self.bus.ask_all(calls, seconds=APP_SECONDS)
        found = []
        for place, (ref, parent, index) in enumerate(wanted):
            name, count, kind, bits, interfaces = told[5 * place : 5 * place + 5]
            if kind is None or bits is None:
                continue
            found.append(
                Item(
                    ref=ref,
                    parent=parent,
                    index=index,
                    count=0 if count is None else _variant(count).i32(),
                    interfaces=frozenset() if interfaces is None else Cursor(interfaces.data).interfaces(),
                    name="" if name is None else _variant(name).text(),
                    role=Cursor(kind.data).u32(),
                    states=Cursor(bits.data).words(),
                )
            )
        return found

    def _fill_in(self, everything: list[Item]) -> None:
        """Boxes, texts and values of what is showing."""
        calls: list[Call] = []
        owners: list[tuple[Item, str]] = []
        for item in everything:
            if not item.showing:
                continue
            bus, path = item.ref
            if "Component" in item.interfaces and item.box is None:
                calls.append(Call(bus, path, PREFIX + "Component", "GetExtents", "u", struct.pack("<I", 0)))
                owners.append((item, "box"))
            if "Text" in item.interfaces and item.role not in PLAIN and not item.text:
                calls.append(Call(bus, path, PREFIX + "Text", "GetText", "ii", struct.pack("<ii", 0, -1)))
                owners.append((item, "text"))
            if "Value" in item.interfaces:
                calls.append(_property(item.ref, "Value", "CurrentValue"))
                owners.append((item, "value"))
        for (item, what), told in zip(owners, self.bus.ask_all(calls, seconds=APP_SECONDS), strict=True):
            if told is None:
                continue
            if what == "box":
                item.box = struct.unpack_from("<iiii", told.data)
            elif what == "text":
                item.text = Cursor(told.data).text()[:TEXT_LIMIT].replace(EMBEDDED, "")
            else:
                item.value = _variant(told).double()


PAGES = frozenset((ROLES.index("document text"),))
"""Roles whose children are managed, and so not counted by a cache, but few: Writer lists what is visible."""
WINDOWS = frozenset(ROLES.index(name) for name in ("frame", "dialog", "window", "alert", "application"))


def flat(root: Item) -> list[Item]:
    """The item and everything below it, parents first, in order."""
    found, stack = [], [root]
    while stack:
        item = stack.pop()
        found.append(item)
        stack += reversed(item.children)
    return found


def listed(root: Item, before: int = 0) -> list[Node]:
    """The nodes of an application; parents are counted from `before`."""
    places = {}
    nodes = []
    for place, item in enumerate(flat(root)):
        places[item.ref] = before + place
        box = item.box if item.box is not None and item.box[2] > 0 and item.box[3] > 0 else None
        nodes.append(
            Node(
                role=role(item.role),
                name=item.name,
                states=states(item.states),
                box=None if box is None else Rect(x=box[0], y=box[1], width=box[2], height=box[3]),
                parent=-1 if item is root else places[item.parent],
                text=item.text,
                value=item.value,
                app=root.name,
            )
        )
    return nodes


def _property(ref: Ref, interface: str, name: str) -> Call:
    first = string(PREFIX + interface)
    body = first + b"\0" * (-len(first) % 4) + string(name)
    return Call(ref.bus, ref.path, "org.freedesktop.DBus.Properties", "Get", "ss", body)


def _variant(told: Reply) -> Cursor:
    """Past a variant's signature (of one letter), at its value."""
    cursor = Cursor(told.data)
    cursor.at = told.data[0] + 2
    return cursor


def main() -> None:
    """Answer until the server closes the pipe."""
    reader = Reader()
    for question in sys.stdin.buffer:
        data = msgspec.msgpack.encode(reader.hits() if question == b"hits\n" else reader.tree())
        sys.stdout.buffer.write(len(data).to_bytes(8, "big") + data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
