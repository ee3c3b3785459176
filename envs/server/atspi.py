"""AT-SPI's data as it comes over D-Bus: items of an application's cache, and the names of roles and states.

The names are what `Atspi.role_get_name` and `Atspi.StateType` give (at-spi2-core 2.56); the layouts are in
at-spi2-core's `xml/Cache.xml`, both the present one and that of older toolkits.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

_ROLES: Final = (
    "invalid|accelerator label|alert|animation|arrow|calendar|canvas|check box|check menu item|color chooser|"
    "column header|combo box|date editor|desktop icon|desktop frame|dial|dialog|directory pane|drawing area|"
    "file chooser|filler|focus traversable|font chooser|frame|glass pane|html container|icon|image|internal frame|"
    "label|layered pane|list|list item|menu|menu bar|menu item|option pane|page tab|page tab list|panel|"
    "password text|popup menu|progress bar|button|radio button|radio menu item|root pane|row header|scroll bar|"
    "scroll pane|separator|slider|spin button|split pane|status bar|table|table cell|table column header|"
    "table row header|tearoff menu item|terminal|text|toggle button|tool bar|tool tip|tree|tree table|unknown|"
    "viewport|window|extended|header|footer|paragraph|ruler|application|autocomplete|editbar|embedded|entry|chart|"
    "caption|document frame|heading|page|section|redundant object|form|link|input method window|table row|tree item|"
    "document spreadsheet|document presentation|document text|document web|document email|comment|list box|grouping|"
    "image map|notification|info bar|level bar|title bar|block quote|audio|video|definition|article|landmark|log|"
    "marquee|math|rating|timer|static|math fraction|math root|subscript|superscript|description list|"
    "description term|description value|footnote|content deletion|content insertion|mark|suggestion|"
    "push button menu|switch"
)
ROLES: Final = tuple(_ROLES.split("|"))
_STATES: Final = (
    "invalid active armed busy checked collapsed defunct editable enabled expandable expanded focusable focused "
    "has-tooltip horizontal iconified modal multi-line multiselectable opaque pressed resizable selectable selected "
    "sensitive showing single-line stale transient vertical visible manages-descendants indeterminate required "
    "truncated animated invalid-entry supports-autocompletion selectable-text is-default visited checkable "
    "has-popup read-only"
)
STATES: Final = tuple(_STATES.split())
PREFIX: Final = "org.a11y.atspi."
ROOT: Final = "/org/a11y/atspi/accessible/root"
ITEMS: Final = "a((so)(so)(so)iiassusau)"
OLD_ITEMS: Final = "a((so)(so)(so)a(so)assusau)"
_u32 = struct.Struct("<I").unpack_from
_i32 = struct.Struct("<i").unpack_from
_SHOWING: Final = 1 << STATES.index("showing")
_MANAGES: Final = 1 << STATES.index("manages-descendants")


class Ref(NamedTuple):
    """An object: the application's name on the bus, and its path there."""

    bus: str
    path: str


@dataclass(slots=True)
class Item:
    """An object with what is known about it. `index` is its place under its parent, -1 where that is unknown."""

    ref: Ref
    parent: Ref
    index: int
    count: int
    interfaces: frozenset[str]
    name: str
    role: int
    states: int
    children: list[Item] = field(default_factory=list)
    box: tuple[int, int, int, int] | None = None
    text: str = ""
    value: float | None = None
    down: int = 0
    """Pixels by which `box` was moved down from where its toolkit says that it is."""

    @property
    def showing(self) -> bool:
        """Whether its toolkit says that it is on the screen."""
        return bool(self.states & _SHOWING)

    @property
    def manages(self) -> bool:
        """Whether its children are too many to be listed."""
        return bool(self.states & _MANAGES)


class Cursor:
    """Reads a marshalled body from the front."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def align(self, to: int) -> None:
        """Skip padding."""
        self.at = self.at + to - 1 & -to

    def u32(self) -> int:
        """An unsigned number, or an array's length in bytes."""
        at = self.at = self.at + 3 & -4
        self.at = at + 4
        number: int = _u32(self.data, at)[0]
        return number

    def i32(self) -> int:
        """A signed number."""
        at = self.at = self.at + 3 & -4
        self.at = at + 4
        number: int = _i32(self.data, at)[0]
        return number

    def text(self) -> str:
        """A string or path."""
        length = self.u32()
        at = self.at
        self.at = at + length + 1
        return self.data[at : at + length].decode("utf-8", "replace")

    def ref(self) -> Ref:
        """An object's name and path."""
        self.at = self.at + 7 & -8
        return Ref(self.text(), self.text())

    def refs(self) -> list[Ref]:
        """Several."""
        length = self.u32()
        self.align(8)
        end = self.at + length
        found = []
        while self.at < end:
            found.append(self.ref())
        return found

    def words(self) -> int:
        """A set of bits in 32-bit words, lowest first."""
        length = self.u32()
        raw = self.data[self.at : self.at + length]
        self.at += length
        return int.from_bytes(raw, "little")

    def interfaces(self) -> frozenset[str]:
        """Names of interfaces, without their prefix."""
        length = self.u32()
        raw = self.data[self.at : self.at + length]
        self.at += length
        return _interfaces(raw)

    def double(self) -> float:
        """A variant of a double."""
        self.align(8)
        number: float = struct.unpack_from("<d", self.data, self.at)[0]
        return number


@lru_cache(maxsize=1024)
def _interfaces(raw: bytes) -> frozenset[str]:
    cursor, found = Cursor(raw), []
    while cursor.at < len(raw):
        found.append(cursor.text().removeprefix(PREFIX))
    return frozenset(found)


def items(signature: str, data: bytes) -> list[Item]:
    """An application's cache; empty when its layout is not known."""
    if signature not in (ITEMS, OLD_ITEMS):
        return []
    old = signature == OLD_ITEMS
    cursor = Cursor(data)
    length = cursor.u32()
    cursor.align(8)
    end = cursor.at + length
    found = []
    while cursor.at < end:
        cursor.align(8)
        ref, _, parent = cursor.ref(), cursor.ref(), cursor.ref()
        index, count = (-1, len(cursor.refs())) if old else (cursor.i32(), cursor.i32())
        interfaces, name, role = cursor.interfaces(), cursor.text(), cursor.u32()
        cursor.text()
        found.append(Item(ref, parent, index, count, interfaces, name, role, cursor.words()))
    return found


@lru_cache(maxsize=4096)
def states(bits: int) -> tuple[str, ...]:
    """Their names, in AT-SPI's order."""
    return tuple(name for place, name in enumerate(STATES) if bits >> place & 1)


def role(number: int) -> str:
    """Its name."""
    return ROLES[number] if number < len(ROLES) else "unknown"
