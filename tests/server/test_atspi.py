"""Reading what AT-SPI sends."""

from __future__ import annotations

import struct

from envs.server.atspi import ITEMS, OLD_ITEMS, ROLES, STATES, Ref, items, role, states
from envs.server.cells import cell_name
from envs.server.dbus import string


class Writer:
    """Marshals, for the tests."""

    def __init__(self) -> None:
        self.data = b""

    def add(self, align: int, data: bytes) -> None:
        """Pad and append."""
        self.data += b"\0" * (-len(self.data) % align) + data

    def array(self, align: int, data: bytes) -> None:
        """An array whose content is marshalled from offset 0."""
        self.add(4, struct.pack("<I", len(data)))
        self.add(align, data)

    def ref(self, bus: str, path: str) -> None:
        """An object reference."""
        self.add(8, b"")
        self.add(4, string(bus))
        self.add(4, string(path))


def item(number: int, *, old: bool = False) -> bytes:
    """One cache item."""
    writer = Writer()
    writer.ref(":1.3", f"/{number}")
    writer.ref(":1.3", "/root")
    writer.ref(":1.3", "/parent")
    if old:
        writer.array(8, b"")
    else:
        writer.add(4, struct.pack("<ii", number, 0))
    interfaces = Writer()
    for name in ("Accessible", "Component", "Text"):
        interfaces.add(4, string(f"org.a11y.atspi.{name}"))
    writer.array(4, interfaces.data)
    writer.add(4, string("Größe" * number))
    writer.add(4, struct.pack("<I", ROLES.index("text")))
    writer.add(4, string("a description"))
    writer.array(4, struct.pack("<II", 1 << STATES.index("showing"), 1 << (STATES.index("read-only") - 32)))
    return writer.data


def cache(*, old: bool = False) -> bytes:
    """Five items in an array."""
    content = Writer()
    for number in range(5):
        content.add(8, item(number, old=old))
    writer = Writer()
    writer.array(8, content.data)
    return writer.data


def test_every_field_of_a_cache_is_read() -> None:
    found = items(ITEMS, cache())
    assert [each.ref for each in found] == [Ref(":1.3", f"/{number}") for number in range(5)]
    last = found[-1]
    assert (last.parent, last.index, last.name) == (Ref(":1.3", "/parent"), 4, "Größe" * 4)
    assert last.interfaces == {"Accessible", "Component", "Text"}
    assert (role(last.role), states(last.states)) == ("text", ("showing", "read-only"))
    assert last.showing


def test_the_layout_of_older_toolkits_is_read_too() -> None:
    found = items(OLD_ITEMS, cache(old=True))
    assert [(each.index, each.name) for each in found] == [(-1, "Größe" * number) for number in range(5)]


def test_an_unknown_layout_is_no_items() -> None:
    assert items("a(ss)", cache()) == []


def test_a_role_of_the_future_is_unknown() -> None:
    assert role(999) == "unknown"


def test_cells_are_named_as_a_spreadsheet_names_them() -> None:
    assert [cell_name(0, 0), cell_name(6, 25), cell_name(0, 26), cell_name(9, 701), cell_name(0, 702)] == [
        "A1", "Z7", "AA1", "ZZ10", "AAA1",
    ]  # fmt: skip
