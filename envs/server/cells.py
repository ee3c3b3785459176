"""The visible cells of a table that does not list its children: spreadsheets, long lists.

A sheet has 17 thousand million cells. The corners of the table's box say which are visible; those alone are
asked for, and their boxes are composed from those of the first row and the first column.
"""

from __future__ import annotations

import struct

from envs.server.atspi import PREFIX, STATES, Cursor, Item, Ref
from envs.server.dbus import Bus, Call, Reply

TABLE = PREFIX + "Table"
COMPONENT = PREFIX + "Component"
CELL_ROLE = 56
SECONDS = 1.0
MOST = 6000
"""Cells of one table."""
EDGE = 3
"""Pixels inside the table's border at which its first and last cells are sought."""
SHOWN = sum(1 << STATES.index(name) for name in ("enabled", "sensitive", "showing", "visible", "selectable"))

Box = tuple[int, int, int, int]


def visible_cells(bus: Bus, table: Item) -> list[Item]:
    """They, row by row, with box and text; empty when the table does not say."""
    span = _span(bus, table)
    if span is None:
        return []
    (top, left), (bottom, right) = span
    places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)][:MOST]
    refs = _cells(bus, table.ref, places)
    texts = _texts(bus, list(refs.values()))
    boxed = {place: ref for place, ref in refs.items() if place[0] == top or place[1] == left}
    told = bus.ask_all([_ask_box(ref) for ref in boxed.values()], seconds=SECONDS)
    boxes = {place: _box(reply) for place, reply in zip(boxed, told, strict=True)}
    found: list[Item] = []
    for (row, column), ref in refs.items():
        across, down = boxes.get((top, column)), boxes.get((row, left))
        found.append(
            Item(
                ref=ref,
                parent=table.ref,
                index=len(found),
                count=0,
                interfaces=frozenset(),
                name=cell_name(row, column),
                role=CELL_ROLE,
                states=SHOWN,
                box=None if across is None or down is None else (across[0], down[1], across[2], down[3]),
                text=texts[ref],
            )
        )
    return found


def _texts(bus: Bus, refs: list[Ref]) -> dict[Ref, str]:
    ask = [Call(*ref, PREFIX + "Text", "GetText", "ii", struct.pack("<ii", 0, -1)) for ref in refs]
    told = bus.ask_all(ask, seconds=SECONDS)
    return {ref: "" if reply is None else Cursor(reply.data).text() for ref, reply in zip(refs, told, strict=True)}


def cell_name(row: int, column: int) -> str:
    """As a spreadsheet writes it, from zero: (0, 0) is A1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _span(bus: Bus, table: Item) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Row and column of the first and of the last visible cell."""
    told = bus.ask(_ask_box(table.ref), seconds=SECONDS)
    if told is None:
        return None
    x, y, width, height = _box(told)
    table.box = (x, y, width, height)
    corners = ((x + EDGE, y + EDGE), (x + width - EDGE, y + height - EDGE))
    ask = [Call(*table.ref, COMPONENT, "GetAccessibleAtPoint", "iiu", struct.pack("<iiI", *at, 0)) for at in corners]
    ends = [None if reply is None else Cursor(reply.data).ref() for reply in bus.ask_all(ask, seconds=SECONDS)]
    places = [_place(bus, ref) for ref in ends if ref is not None]
    if len(places) != 2 or places[0] is None or places[1] is None:
        return None
    return places[0], places[1]


def _place(bus: Bus, ref: Ref) -> tuple[int, int] | None:
    """A cell's row and column."""
    first = (PREFIX + "TableCell").encode()
    body = struct.pack("<I", len(first)) + first + b"\0"
    body += b"\0" * (-len(body) % 4) + struct.pack("<I", 8) + b"Position\0"
    told = bus.ask(Call(*ref, "org.freedesktop.DBus.Properties", "Get", "ss", body), seconds=SECONDS)
    if told is None:
        return None
    # A variant of (ii): its signature takes six bytes, the struct is aligned to 8.
    row, column = struct.unpack_from("<ii", told.data, 8)
    return row, column


def _cells(bus: Bus, table: Ref, places: list[tuple[int, int]]) -> dict[tuple[int, int], Ref]:
    ask = [Call(*table, TABLE, "GetAccessibleAt", "ii", struct.pack("<ii", *place)) for place in places]
    told = bus.ask_all(ask, seconds=SECONDS)
    return {place: Cursor(reply.data).ref() for place, reply in zip(places, told, strict=True) if reply is not None}


def _ask_box(ref: Ref) -> Call:
    return Call(*ref, COMPONENT, "GetExtents", "u", struct.pack("<I", 0))


def _box(reply: Reply | None) -> Box:
    if reply is None:
        return 0, 0, 0, 0
    x, y, width, height = struct.unpack_from("<iiii", reply.data)
    return x, y, width, height
