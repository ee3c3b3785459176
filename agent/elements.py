"""What is on the screen as a list: from the accessibility tree, or from text read off the picture.

Toolkits tell more than can be seen (things scrolled away, containers, windows under others) and tell some of it
twice. What is kept is on the screen, of a size that can be hit, and told once: the active window first, each window
in its own order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from envs.boxes import area, clipped, shared
from envs.roles import CHOSEN, CONTAINERS, LABELS, NO_TEXT, READ, WINDOWS
from envs.types import Closed, Node, Rect, Size

TELLING = (
    "focused", "checked", "pressed", "selected", "expanded", "has-popup", "editable", "required", "invalid-entry",
    "indeterminate", "read-only", "is-default",
)  # fmt: skip
"""States worth telling."""
MEASURES = frozenset(("slider", "spin button", "progress bar", "level bar", "dial", "scroll bar"))
"""Roles whose value is worth telling; LibreOffice gives one to every button."""
LEAST = 5
"""Pixels of a side: what is thinner cannot be hit reliably."""
MOST_PART = 0.5
"""Of the screen: what is larger is a background, unless it can be typed into."""
_ADDRESS = re.compile(r"[A-Z]{1,3}[0-9]+")
"""How LibreOffice names the cells of a sheet."""
ALIKE = 0.7
"""Two boxes that share so much of both are one thing."""


class Element(Closed):
    """Something on the screen. `box` lies wholly on it; `acts`: it can be clicked or typed into, not only read."""

    role: str
    box: Rect
    name: str = ""
    text: str = ""
    value: float | None = None
    states: tuple[str, ...] = ()
    acts: bool = True
    window: str = ""
    """The title of its window, with the application's name."""

    @property
    def blank(self) -> bool:
        """Whether it is an empty cell of a table: one among hundreds."""
        return self.role == "table cell" and not self.text and bool(_ADDRESS.fullmatch(self.name))


class Surface(Closed):
    """A window, and where it is."""

    title: str
    box: Rect | None
    active: bool


def from_tree(nodes: Sequence[Node], size: Size) -> tuple[Element, ...]:
    """What the accessibility tree tells of a screen of that size; see the module."""
    found = list(_walk(nodes, size))
    top = next((surface for surface, _, _ in found if surface.active), None)
    cover = top.box if top is not None else None
    menus = _menus(found)
    seen = [
        (surface, element)
        for surface, element, menu in found
        if surface is top or cover is None or not cover.holds(element.box.centre)
        if menu >= 0 or not any(box.holds(element.box.centre) for box in menus)
    ]
    front = [element for surface, element in seen if surface is top]
    behind = [element for surface, element in seen if surface is not top]
    return tuple(_once(_named(front)) + _once(_named(behind)))


def _walk(nodes: Sequence[Node], size: Size) -> Iterator[tuple[Surface, Element, int]]:
    """Every element with the window it is in, and the place of the open menu that it is an item of, or -1."""
    surface = Surface(title="", box=None, active=False)
    shut = False
    holding = _holding(nodes)
    for place, node in enumerate(nodes):
        above = nodes[node.parent].role if node.parent >= 0 else ""
        if node.role == "application" or (node.role in WINDOWS and node.showing and above in ("application", "")):
            surface = _surface(node, surface, size)
        if node.role == "combo box":
            shut = "expanded" not in node.states
        elif node.role not in ("menu", "menu item", "list", "list box", "list item", "popup menu", "unknown"):
            shut = False
        elif shut:
            continue  # Chromium tells where a closed list's items would be if it were elsewhere
        holds = node.role in CONTAINERS and not (node.role == "panel" and _alone(node, place, holding))
        element = None if holds or _unnamed_menu(node) else _element(node, size, surface.title)
        if element is not None:
            item = above in ("menu", "popup menu") and "menu" in node.role
            yield surface, element, node.parent if item else -1


def _surface(node: Node, last: Surface, size: Size) -> Surface:
    """The window that begins here; `last` where it is only a part of that: Chromium has its pop-ups as frames."""
    active = "active" in node.states and not _backdrop(node, size)
    app = node.app if node.app.casefold() not in node.name.casefold() else ""
    title = " - ".join(each for each in (node.name, app) if each)
    inner = node.role != "application" and not active and last.active and not node.name
    return last if inner else Surface(title=title, box=node.box, active=active)


def _unnamed_menu(node: Node) -> bool:
    """What holds an open list's items."""
    return node.role == "menu" and not node.name.strip()


def _menus(found: Sequence[tuple[Surface, Element, int]]) -> list[Rect]:
    """Where open menus are: what else is there is under them."""
    boxes: dict[int, Rect] = {}
    for _, element, menu in found:
        if menu >= 0:
            boxes[menu] = _around(boxes.get(menu, element.box), element.box)
    return list(boxes.values())


def _around(one: Rect, other: Rect) -> Rect:
    left, top = min(one.x, other.x), min(one.y, other.y)
    right = max(one.x + one.width, other.x + other.width)
    bottom = max(one.y + one.height, other.y + other.height)
    return Rect(x=left, y=top, width=right - left, height=bottom - top)


def _holding(nodes: Sequence[Node]) -> set[int]:
    """The places of what holds something that is shown and can have the focus."""
    holding: set[int] = set()
    for node in nodes:
        above = node.parent if node.showing and node.box is not None and "focusable" in node.states else -1
        while above >= 0 and above not in holding:
            holding.add(above)
            above = nodes[above].parent
    return holding


def _alone(node: Node, place: int, holding: set[int]) -> bool:
    """Whether it is a control by itself: LibreOffice's name box, formula line and thumbnails are panels."""
    return "focusable" in node.states and place not in holding


def _backdrop(node: Node, size: Size) -> bool:
    """A desktop's own window: nothing is under it, even when it has the focus."""
    return not node.name and node.box == Rect(x=0, y=0, width=size.width, height=size.height)


def _element(node: Node, size: Size, window: str) -> Element | None:
    box = None if node.box is None or not node.showing else clipped(node.box, size, LEAST)
    if box is None:
        return None
    editable = "editable" in node.states
    text = _plain(node.text)
    can = node.role in CHOSEN and not {"focusable", "selectable"}.isdisjoint(node.states)
    acts = editable or can or node.role not in READ
    name = _plain(node.name)
    if not acts and not (name or text):
        return None
    if box.width * box.height > MOST_PART * size.width * size.height and not editable:
        return None
    states = tuple(state for state in TELLING if state in node.states)
    if "sensitive" not in node.states and "enabled" not in node.states and node.states:
        states = (*states, "disabled")
    return Element(
        role=node.role, box=box, name=name, text="" if text == name else text, value=node.value, states=states,
        acts=acts, window=window,
    )  # fmt: skip


def _plain(text: str) -> str:
    return text.replace(NO_TEXT, "").strip()


def _named(elements: Sequence[Element]) -> list[Element]:
    """Each nameless thing that acts by the labels on it, if there are: GTK names the label, and not its row."""
    labels = [element for element in elements if element.role in LABELS and element.name]
    return [element if element.name or element.text else _after(element, labels) for element in elements]


def _after(element: Element, labels: Sequence[Element]) -> Element:
    inside = [label.name for label in labels if shared(label.box, element.box) == area(label.box)]
    return replace(element, name=" ".join(inside)) if inside and element.acts else element


def _once(elements: Sequence[Element]) -> list[Element]:
    """Without what is told twice: of two alike the one that acts, then the one that has a name, then the first."""
    kept: list[Element] = []
    tiles: dict[tuple[int, int], list[int]] = {}
    menus: set[tuple[str, str]] = set()
    for element in elements:
        if element.role == "menu":
            if (element.window, element.name) in menus:
                continue  # LibreOffice tells of its menu bar twice, the second time where it is not
            menus.add((element.window, element.name))
        near = {place for tile in _tiles(element.box) for place in tiles.get(tile, ())}
        twin = next((place for place in sorted(near) if _same(kept[place], element)), None)
        if twin is None:
            for tile in _tiles(element.box):
                tiles.setdefault(tile, []).append(len(kept))
            kept.append(element)
        elif (element.acts, bool(element.name)) > (kept[twin].acts, bool(kept[twin].name)):
            kept[twin] = element
    return kept


def _tiles(box: Rect) -> Iterator[tuple[int, int]]:
    """The squares of the screen that it touches: only what is near is compared."""
    for down in range(box.y // 64, (box.y + box.height) // 64 + 1):
        for across in range(box.x // 64, (box.x + box.width) // 64 + 1):
            yield across, down


def _same(one: Element, other: Element) -> bool:
    share = shared(one.box, other.box)
    if share >= ALIKE * max(area(one.box), area(other.box)):
        return True
    words = {one.name, one.text} & {other.name, other.text} - {""}
    only_read = not (one.acts and other.acts)
    return bool(words) and only_read and share >= ALIKE * min(area(one.box), area(other.box))


def to_mark(elements: Sequence[Element], most: int) -> tuple[Element, ...]:
    """What is worth a mark: what acts, without empty cells none that others fill; at most so many, in order."""
    acting = [element for element in elements if element.acts and not element.blank]
    acting = [element for element in acting if not _ornament(element, acting)]
    kept = [element for element in acting if "editable" in element.states or not _filled(element, acting)]
    return tuple(kept[:most])


def _ornament(element: Element, others: Sequence[Element]) -> bool:
    """Whether it is a nameless picture on something that acts as a whole."""
    if element.role not in ("icon", "image") or element.name:
        return False
    return any(each is not element and shared(element.box, each.box) == area(element.box) for each in others)


def _filled(element: Element, others: Sequence[Element]) -> bool:
    """Whether smaller elements cover it, but for a rim."""
    whole = area(element.box)
    inside = sum(shared(element.box, each.box) for each in others if each is not element and area(each.box) < whole)
    return inside > ALIKE * whole


def in_text(elements: Sequence[Element], most: int, *, places: bool = True) -> str:
    """A numbered line for each, under its window's title; at most so many characters, with what is left out counted.

    Numbers count from 1, in order. Empty cells are the first to be left out. `places`: with where each is.
    """
    lines = [f"[{number}] {_line(element, places=places)}" for number, element in enumerate(elements, 1)]
    wanted = sorted(range(len(lines)), key=lambda place: (elements[place].blank, place))
    chosen, used = set[int](), 0
    for place in wanted:
        used += len(lines[place]) + 1
        if used > most:
            break
        chosen.add(place)
    written: list[str] = []
    window = None
    for place in sorted(chosen):
        if elements[place].window != window:
            window = elements[place].window
            written.append(f"Window: {window or '(without a title)'}")
        written.append(lines[place])
    left = [elements[place] for place in range(len(lines)) if place not in chosen]
    if left:
        blank = sum(element.blank for element in left)
        cells = f", {blank} of them empty cells" if blank else ""
        written.append(f"({len(left)} more elements are left out{cells})")
    return "\n".join(written) or "(the accessibility tree tells of nothing on the screen)"


def _line(element: Element, *, places: bool) -> str:
    box = element.box
    focused = "focused" in element.states
    said = (
        element.role,
        f'"{_short(element.name, 100)}"' if element.name else "",
        f"text={_short(element.text, 3000 if focused else 200)!r}" if element.text else "",
        f"value={element.value:g}" if element.value is not None and element.role in MEASURES else "",
        f"at {box.x},{box.y} size {box.width}x{box.height}" if places else "",
        f"({', '.join(element.states)})" if element.states else "",
    )
    return " ".join(each for each in said if each)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
