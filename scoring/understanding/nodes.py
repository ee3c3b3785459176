"""What of an accessibility tree a person can see and speak of: which nodes are to be seen, and what to call them.

Trees tell more than can be seen, and with names that nobody would say: closed lists with boxes, a second menu bar
under the tool bar, `go-down` for an arrow, mnemonics, trailing blanks, the memory that a tab needs. What is kept is
on the screen, under nothing else, found by the application itself at every place that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from envs.boxes import area, clipped, shared
from envs.roles import CHOSEN, NO_TEXT, READ, WINDOWS
from envs.types import Node, Rect, Size
from scoring.state import State, plain

LEAST = 8
"""Pixels of a side: what is thinner is not asked about."""
MOSTLY = 0.6
"""Of a node must be on the screen."""
LEGIBLE = 30
"""Pixels: of a sheet's cell that is narrower, at the edge, the heading cannot be read."""
LARGE = 0.5
"""Of the screen: what is larger is a background, and no target."""
KINDS = {
    "button": "button", "push button": "button", "push button menu": "button", "toggle button": "button",
    "check box": "check box", "radio button": "radio button", "entry": "field", "text": "field",
    "password text": "field", "spin button": "field", "date editor": "field", "combo box": "drop-down list",
    "menu": "menu", "menu item": "menu item", "check menu item": "menu item", "radio menu item": "menu item",
    "page tab": "tab", "link": "link", "list item": "entry", "tree item": "entry",
    "table cell": "entry", "table column header": "column heading", "column header": "column heading",
    "label": "text", "static": "text", "heading": "heading", "paragraph": "text", "slider": "slider",
    "terminal": "terminal",
}  # fmt: skip
"""What roles are called in a question. Nodes of other roles are not spoken of."""
HOSTS = {
    "label": ("list item", "button", "toggle button"), "static": ("list item", "button"),
    "table cell": ("table cell",),
}  # fmt: skip
"""What a text may be on, by its role, such that a click beside the text is one on the same thing."""
LISTING = frozenset(("menu", "menu item", "list", "list box", "list item", "popup menu", "unknown"))
"""Roles of what is between a list that drops down and its items."""
READS = frozenset(("text", "heading"))
"""Kinds of what is only read."""
FIELDS = frozenset(("field", "drop-down list"))
WRITTEN = frozenset(("menu", "menu item", "tab", "link", "entry", "column heading", "text", "heading"))
"""Kinds that show their name. A button shows its name, or a picture for it."""
HIDDEN = frozenset(
    ("appmenu", "user", "panel", "unknown", "chromium", "overflow", "more", "menu", "up path", "down path")
)
"""What toolkits call things to themselves; on a picture, no one would."""
UNSAID = frozenset(("gimp",))
"""Applications whose lists that drop down give what is chosen by a name within the program: `sub-sampling-1x1`."""
SHELL = frozenset(("lxpanel", "pcmanfm", "tint2", "openbox"))
"""The desktop's own programs: not what a task is about."""
_ACCELERATOR = re.compile(
    r"\s*\(((?:Ctrl|Alt|Shift|Super|F\d)[^()]*)\)\s*$|\t.*$|\s{3,}((?:Ctrl|Alt|Shift)\+\S+|F\d+)\s*$"
)
_MEMORY = re.compile(r" - Memory usage - .*$")
_HINT = re.compile(r"(?: with \w+ address(?:es)?)?, use \w+ arrow key.*$")
"""What Thunderbird adds to a field's name for those who hear it."""
_MNEMONIC = re.compile(r"(^|\s)[_&](?=\w)")
_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+|\w+://\S*")
_ADDRESS = re.compile(r"[A-Z]{1,3}[0-9]{1,4}")
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d )?\d{1,2}:\d\d(:\d\d)?")
"""When a file was changed: by the machine's own clock, another one in each play."""
_PRIVATE = re.compile(r"[\U000f0000-\U0010ffff\ue000-\uf8ff]")


@dataclass(frozen=True)
class Thing:
    """Something that can be seen. `box` lies on the screen; `text` is what it contains; `written`: it shows its name.

    `above` is the place of the node it is in, `window` that of its window. `acts`: it can be clicked, not only read.
    """

    place: int
    above: int
    window: int
    role: str
    kind: str
    name: str
    text: str
    box: Rect
    states: frozenset[str]
    app: str
    acts: bool
    written: bool

    @property
    def greyed(self) -> bool:
        """Whether it cannot be used at the moment."""
        return "sensitive" not in self.states and "enabled" not in self.states

    @property
    def key(self) -> tuple[str, str, str, int, int]:
        """The same for the same control on another screen of the same layout."""
        return self.app, self.role, self.name, self.box.x, self.box.y


def things(state: State, size: Size) -> tuple[Thing, ...]:
    """Everything on a screen of that size that can be seen for sure and spoken of, in the order of the tree."""
    covers = Covers(state)
    found = []
    for place, node in enumerate(state.nodes):
        thing = _thing(state, place, node, size)
        if thing is not None and there(state, place) and not covers.over(place, thing.box):
            found.append(thing)
    return tuple(_once(found))


def _thing(state: State, place: int, node: Node, size: Size) -> Thing | None:
    host = _host(state, place)
    whole = host.box or node.box
    if host.role not in KINDS or not node.showing or whole is None or node.app in SHELL or within(state, place):
        return None
    box, states = clipped(whole, size, LEAST), frozenset(host.states)
    kind = _kind(state, place, host)
    if box is None or area(box) < MOSTLY * area(whole) or (kind == "cell" and box.width < LEGIBLE):
        return None
    if area(box) > LARGE * size.width * size.height and "editable" not in states:
        return None
    chosen = node.role in CHOSEN and not {"focusable", "selectable"}.isdisjoint(states)
    acts = "editable" in states or chosen or (host.role not in READ and kind not in READS)
    name, text, written = _said(node, kind, box)
    if not name and not text.strip() and (not acts or kind in WRITTEN):
        return None
    return Thing(
        place=place, above=node.parent, window=_window_of(state, place), role=host.role, kind=kind, name=name,
        text=text, box=box, states=states, app=node.app, acts=acts, written=written,
    )  # fmt: skip


def _kind(state: State, place: int, host: Node) -> str:
    """What a person calls it: by its role, and by what it is in."""
    kind = KINDS[host.role]
    if kind in ("menu", "menu item"):
        return "menu" if state.nodes[state.nodes[place].parent].role == "menu bar" else "menu item"
    if host.role == "table cell" and _ADDRESS.fullmatch(called(host)) and _in_sheet(state, place):
        return "cell"
    return "text" if host.role == "text" and "editable" not in host.states else kind


def _said(node: Node, kind: str, box: Rect) -> tuple[str, str, bool]:
    """Its name, what it contains, and whether it shows its name; without names that are for programs only."""
    name, text = called(node), node.text.replace(NO_TEXT, "")
    if node.role == "table cell" and kind != "cell" and _ADDRESS.fullmatch(name):
        name = plain(text)
    shows = kind == "drop-down list" and "has-popup" not in node.states
    if (shows and node.app in UNSAID) or ("transient" in node.states and _CLOCK.fullmatch(name)):
        return "", "", False
    written = kind in WRITTEN or shows or (kind in ("button", "check box", "radio button") and _fits(name, box))
    if not written and (_ICON.fullmatch(name) or name.casefold() in HIDDEN or name == node.app):
        name = ""
    return name, text, written


def _host(state: State, place: int) -> Node:
    """The row or button that a label or cell is on, where that has no name of its own; else the node itself."""
    label = state.nodes[place]
    if label.role not in HOSTS:
        return label
    for above in state.chain(place)[1:7]:
        node = state.nodes[above]
        if node.name or above in state.hits or node.role in WINDOWS:
            return label
        if node.role in HOSTS[label.role] and node.showing and node.box is not None:
            return node
    return label


def _window_of(state: State, place: int) -> int:
    chain = state.chain(place)
    return chain[-2] if len(chain) > 1 else place


def _in_sheet(state: State, place: int) -> bool:
    return any(state.nodes[above].role == "document spreadsheet" for above in state.chain(place))


def figures(thing: Thing) -> bool:
    """Whether it is a list's column of sizes or dates, which nobody would name a row by."""
    return thing.kind == "entry" and "transient" in thing.states and thing.name[:1].isdigit()


def called(node: Node) -> str:
    """A node's name as it can be read: without mnemonics, shortcuts, trailing blanks and what a browser adds."""
    name = _HINT.sub("", _MEMORY.sub("", node.name.replace(NO_TEXT, "").rstrip()))
    name = plain(_ACCELERATOR.sub("", name))
    if KINDS.get(node.role) in ("button", "menu", "menu item", "check box", "radio button", "tab"):
        name = _MNEMONIC.sub(r"\1", name)
    name = name or (plain(node.text.replace(NO_TEXT, "")) if node.role in READ and node.role != "text" else "")
    said = any(character.isalnum() for character in name) and len(name) <= 60 and not _PRIVATE.search(name)
    return name if said else ""


def _fits(name: str, box: Rect) -> bool:
    """Whether a button is wide enough to show its name: those with a picture are about as wide as high."""
    return box.width >= 5 * len(name) + 8 and box.width > 1.5 * box.height


def there(state: State, place: int) -> bool:
    """Whether the application finds it wherever it was asked, or finds other cells of its table."""
    if place in state.hits:
        return state.struck(place)
    node = state.nodes[place]
    return node.role == "table cell" and bool(_ADDRESS.fullmatch(node.name)) and state.struck(node.parent)


def within(state: State, place: int) -> bool:
    """Whether it is a part of a date's field, or in a closed list: browsers tell where that would be elsewhere."""
    above = [state.nodes[each] for each in state.chain(place)[1:]]
    if any(node.role == "date editor" for node in above):
        return True
    first = next((node for node in above if node.role not in LISTING), None)
    return first is not None and first.role == "combo box" and "expanded" not in first.states


class Covers:
    """What lies above what: windows by the window manager's stack, and open menus above all of them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._windows = {place: _window(state, node) for place, node in _tops(state)}
        self._menus = dict(_menus(state))

    def over(self, place: int, box: Rect) -> bool:
        """Whether something of another window, or an open menu, lies over a part of the node's box."""
        chain = self._state.chain(place)
        if any(shared(box, menu) and root not in chain for root, menu in self._menus.items()):
            return True
        if any(root in chain for root in self._menus):
            return False
        top = next((each for each in chain if each in self._windows), None)
        level = -1 if top is None else self._windows[top]
        if level < 0:
            return top is None
        return any(shared(box, window.box) for window in self._state.windows[level + 1 :])


def _tops(state: State) -> Iterator[tuple[int, Node]]:
    for place, node in enumerate(state.nodes):
        above = state.nodes[node.parent].role if node.parent >= 0 else ""
        if node.role in WINDOWS and node.showing and node.box is not None and above in ("application", ""):
            yield place, node


def _window(state: State, node: Node) -> int:
    """The place in the stack of the window that the node is; -1 for a pop-up, which has none."""
    best, found = 0.5, -1
    for place, window in enumerate(state.windows):
        if node.box is not None:
            both = shared(node.box, window.box)
            alike = both / max(1, area(node.box) + area(window.box) - both)
            alike += folded(window.title) == folded(node.name) and bool(node.name)
            if alike > best:
                best, found = alike, place
    return found


def folded(title: str) -> str:
    """A window's title without case, and with one kind of dash."""
    return plain(title).replace("\N{EM DASH}", "-").replace("\N{EN DASH}", "-").casefold()


def _menus(state: State) -> Iterator[tuple[int, Rect]]:
    """Open menus and lists, by the node that holds the items, and where they are."""
    boxes: dict[int, list[Rect]] = {}
    for place, node in enumerate(state.nodes):
        above = state.nodes[node.parent].role if node.parent >= 0 else ""
        if above not in ("menu", "popup menu") or "menu" not in node.role or within(state, place):
            continue
        if node.showing and node.box is not None:
            boxes.setdefault(node.parent, []).append(node.box)
    for root, some in boxes.items():
        if any(state.struck(place) for place, node in enumerate(state.nodes) if node.parent == root):
            left, top = min(box.x for box in some), min(box.y for box in some)
            right, bottom = max(box.x + box.width for box in some), max(box.y + box.height for box in some)
            yield root, Rect(x=left, y=top, width=right - left, height=bottom - top)


def _once(found: list[Thing]) -> list[Thing]:
    """Without what is told twice: a cell in a cell, a text in a link. The one that acts is kept, then the named."""
    kept: list[Thing] = []
    by_place: dict[int, int] = {}
    for thing in found:
        outer = by_place.get(thing.above)
        if outer is not None:
            other = kept[outer]
            twin = (thing.name and thing.name == other.name) or (not other.name and not thing.acts)
            if twin and shared(thing.box, other.box) >= 0.5 * area(thing.box):
                by_place[thing.place] = outer
                continue
        by_place[thing.place] = len(kept)
        kept.append(thing)
    return kept


def rivals(state: State, size: Size) -> list[tuple[int, str]]:
    """Every name and text that might be on the screen, sure to be or not: place and text, casefolded."""
    some = []
    for place, node in enumerate(state.nodes):
        on = node.showing and node.box is not None and clipped(node.box, size, 2) is not None
        if on and not _elsewhere(state, place):
            some += [(place, text.casefold()) for text in {called(node), plain(node.text)} if text]
    some += [(-1, plain(window.title).casefold()) for window in state.windows]
    return sorted(some)


def doubtful(state: State, size: Size, sure: Container[int]) -> list[tuple[int, int, Rect]]:
    """What is told to be on the screen and may be, though hit-tests do not find all of it: place, window and box."""
    return [
        (place, _window_of(state, place), node.box)
        for place, node in enumerate(state.nodes)
        if place not in sure and node.role in KINDS and node.showing and node.box is not None and called(node)
        if clipped(node.box, size, LEAST) is not None and not within(state, place) and not _elsewhere(state, place)
    ]


def _elsewhere(state: State, place: int) -> bool:
    """Whether hit-tests say that it is not where it says: they find other things there, not what it is in."""
    hits = state.hits.get(place, ())
    own = state.chain(place)
    around = [hit < 0 or place in state.chain(hit) or hit in own or state.nodes[hit].role == "panel" for hit in hits]
    return bool(hits) and not any(around)
