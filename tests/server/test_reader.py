"""The accessibility tree of an application whose cache is not what the application has."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import pytest

from envs.server.atspi import ITEMS, ROLES, ROOT, STATES
from envs.server.dbus import Bus, Call, Reply, string
from envs.server.reader import Reader

SHOWING = 1 << STATES.index("showing")
APP, WINDOW = "application", "frame"


class Application(Bus):
    """Its objects by role, with their children's; a cache that lists some of them."""

    def __init__(self, children: Mapping[str, Sequence[str]], cached: Sequence[str]) -> None:
        self.children = children
        self.cached = cached
        self.parents = {child: parent for parent, below in children.items() for child in below}

    def ask(self, call: Call, *, seconds: float) -> Reply | None:
        if call.path == ROOT and call.to != ":1.1":
            return Reply("a(so)", _array(_ref(APP)))
        role = call.path[1:]
        match call.member:
            case "GetItems":
                return Reply(ITEMS, _array(*(self._item(each) for each in self.cached)))
            case "GetChildren":
                return Reply("a(so)", _array(*(_ref(each) for each in self.children.get(role, ()))))
            case "GetRole":
                return Reply("u", struct.pack("<I", ROLES.index(role)))
            case "GetState":
                return Reply("au", struct.pack("<III", 8, SHOWING, 0))
            case "GetInterfaces":
                return Reply("as", struct.pack("<I", 0))
            case "Get" if b"ChildCount" in call.body:
                return Reply("v", b"\1i\0\0" + struct.pack("<i", len(self.children.get(role, ()))))
            case "Get" if b"Name" in call.body:
                return Reply("v", b"\1s\0\0" + string(role))
        return None

    def ask_all(self, calls: Sequence[Call], *, seconds: float) -> list[Reply | None]:
        return [self.ask(call, seconds=seconds) for call in calls]

    def _item(self, role: str) -> bytes:
        above = self.parents.get(role, "")
        place = list(self.children[above]).index(role) if above else -1
        data = _ref(role)
        for part in (_ref(APP), _ref(above)):
            data = _padded(data, 8) + part
        data = _padded(data, 4) + struct.pack("<iiI", place, len(self.children.get(role, ())), 0) + string(role)
        data = _padded(data, 4) + struct.pack("<I", ROLES.index(role)) + string("")
        return _padded(data, 4) + struct.pack("<III", 8, SHOWING, 0)


class Over(Reader):
    """A reader over a bus that is there."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus


def _padded(data: bytes, to: int) -> bytes:
    return data + b"\0" * (-len(data) % to)


def _ref(role: str) -> bytes:
    return _padded(string(":1.1"), 4) + string(f"/{role}")


def _array(*items: bytes) -> bytes:
    content = b""
    for item in items:
        content = _padded(content, 8) + item
    return struct.pack("<II", len(content), 0) + content


@pytest.mark.parametrize(
    "uncached",
    [(), ("panel",), ("panel", "tool bar"), ("entry",), (WINDOW, "panel")],
    ids=["nothing", "one between", "two between", "the last", "the window and one more"],
)
def test_what_a_cache_leaves_out_is_in_the_tree_with_all_that_is_below(uncached: tuple[str, ...]) -> None:
    children = {APP: [WINDOW], WINDOW: ["menu bar", "panel"], "panel": ["tool bar"], "tool bar": ["button", "entry"]}
    everything = [APP, WINDOW, "menu bar", "panel", "tool bar", "button", "entry"]
    nodes = Over(Application(children, [role for role in everything if role not in uncached])).tree().nodes
    assert [node.role for node in nodes] == everything
    assert [node.parent for node in nodes] == [-1, 0, 1, 1, 3, 4, 4]
