"""LibreOffice's boxes, put right.

Its gtk3 side places its own widgets as if they began at the top of the window's inside; but there is the menu bar,
which is GTK's. So each of them (cells, paragraphs, tool bars) is told one menu bar too high (seen with 25.2). The
GTK widgets among them (side bar, menus) are told right; they say of themselves that their toolkit is gtk.
"""

from __future__ import annotations

from collections.abc import Set

from envs.server.atspi import PREFIX, ROLES, Item, Ref
from envs.server.dbus import Bus, Call, Reply

NAME = "soffice"
"""LibreOffice, as an accessible application."""
SECONDS = 1.0
MENU_BAR = ROLES.index("menu bar")
ROOT_PANE = ROLES.index("root pane")
INNER = frozenset(ROLES.index(name) for name in ("table cell", "paragraph", "label"))
"""Roles of which there are many, and whose toolkit is that of the node above."""


def lower(bus: Bus, office: Item) -> None:
    """Move the boxes of LibreOffice's own widgets below the menu bar, where a window's are not there already."""
    for frame in office.children:
        inside = _below(frame)
        bar = next((item for item in inside if item.role == MENU_BAR and item.showing and item.box is not None), None)
        pane = next((item for item in inside if item.role == ROOT_PANE and item.box is not None), None)
        if bar is None or pane is None or bar.box is None or pane.box is None:
            continue
        down = bar.box[1] + bar.box[3] - pane.box[1]
        if down > 0:
            for item in _own(bus, pane):
                if item.box is not None:
                    x, y, width, height = item.box
                    item.box = (x, y + down, width, height)
                    item.down = down


def _own(bus: Bus, pane: Item) -> list[Item]:
    """The pane and what is below it, without GTK's widgets and what is below those."""
    asked = [item for item in _below(pane) if item.box is not None and item.role not in INNER]
    calls = [Call(item.ref.bus, item.ref.path, PREFIX + "Accessible", "GetAttributes") for item in asked]
    told = bus.ask_all(calls, seconds=SECONDS)
    foreign = {item.ref for item, reply in zip(asked, told, strict=True) if _of_gtk(reply)}
    return _below(pane, foreign)


def _of_gtk(reply: Reply | None) -> bool:
    return reply is not None and b"toolkit\0" in reply.data and b"gtk\0" in reply.data


def _below(top: Item, without: Set[Ref] = frozenset()) -> list[Item]:
    """The item and everything below it, parents first."""
    found, stack = [], [top]
    while stack:
        item = stack.pop()
        if item.ref not in without:
            found.append(item)
            stack += reversed(item.children)
    return found
