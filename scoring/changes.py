"""What was changed between two states of a machine, as facts: in words, with keys that are the same in every play.

Facts are in order of what strikes a person first: a window, dialog, menu or list opens or closes; the focus goes
elsewhere; something reads otherwise; something is checked, selected, enabled or unfolded; only pixels differ. Where
there is no fact, nothing that can be seen was changed.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from msgspec.structs import replace

from envs.boxes import area, shared
from envs.roles import NO_TEXT, WINDOWS
from envs.types import Node, Rect, Window
from scoring.state import State, plain, shown
from scoring.understanding.nodes import KINDS, SHELL, called

OPENED, FOCUS, TEXT, STATE, PIXELS = range(5)
"""Ranks of facts: the first strikes most."""
SHORT = 50
"""Characters of a text that are quoted; what is longer is cut in its middle."""
OTHERS = {
    "frame": "window", "alert": "dialog", "file chooser": "dialog", "color chooser": "dialog", "embedded": "object",
    "document web": "page", "document frame": "page", "toggle switch": "switch", "image": "picture", "icon": "icon",
    "section": "text", "progress bar": "progress bar", "tool tip": "hint", "info bar": "message",
}  # fmt: skip
"""What a person calls things that are not spoken of in questions about single things."""
FEW = 4
"""More things than that, coming or going at once in one program, are one fact."""
DULL = frozenset(
    (
        "panel", "filler", "separator", "scroll pane", "scroll bar", "viewport", "split pane", "layered pane",
        "root pane", "page tab list", "redundant object", "unknown", "application", "glass pane", "internal frame",
        "menu bar", "tool bar", "status bar", "icon", "image", "ruler", "grouping", "form", "document web",
        "document frame", "document spreadsheet", "document text", "document presentation", "table", "tree table",
        "list", "list box", "tree", "menu", "popup menu", "window", "tool tip", "landmark", "block",
    )
)  # fmt: skip
"""Roles of what is not missed or noticed for itself when it comes or goes."""
WHOLE = WINDOWS | {"menu", "popup menu", "combo box"}
"""Roles of what opens and closes with all that is in it."""
NUMBERS = frozenset(("spin button", "slider", "progress bar", "level bar", "dial"))
ROWS = frozenset(("table cell", "list item", "tree item", "icon"))
"""Roles of what is another thing when it has another name: rows are shown where others were."""
STATELESS = frozenset(("menu", "menu bar", "table", "document spreadsheet", "document web"))
TITLE = 30
"""Pixels: how high a window's title bar is, with its frame."""
ITEMS = frozenset(("menu item", "check menu item", "radio menu item", "tearoff menu item"))
TURNED = (
    ("checked", "is now ticked", "is no longer ticked"),
    ("pressed", "is now pressed in", "is no longer pressed in"),
    ("selected", "is now selected", "is no longer selected"),
    ("expanded", "is now unfolded", "is now folded up"),
    ("sensitive", "can now be used", "can no longer be used"),
)
"""States that can be seen, with what is said when a node comes to have one and to have it no longer."""


@dataclass(frozen=True)
class Fact:
    """One change. `key` says the same change in every play; `text` is a sentence without its full stop.

    `box` is where it can be seen, None where that cannot be said. `passing`: it comes and goes with where the focus
    and the pointer are.
    """

    rank: int
    key: str
    text: str
    box: Rect | None = None
    passing: bool = False

    @property
    def order(self) -> tuple[int, int, str]:
        """Of the same rank, what is larger strikes first."""
        return self.rank, -area(self.box) if self.box else 0, self.key


def quoted(text: str, most: int = SHORT) -> str:
    """A text in quotation marks that it has not itself, on one line; of a long one its beginning and its end."""
    line = plain(text.replace(NO_TEXT, " "))
    opens, closes = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}" if "'" in line else "''"
    if len(line) > most:
        end = most // 2
        line = f"{line[: most - end - 1].rstrip()}…{line[-end:].lstrip()}"
    return f"{opens}{line}{closes}"


def kind(node: Node) -> str:
    """What a person calls such a thing: `button`, `field`."""
    if node.role in ("text", "entry") and "multi-line" in node.states:
        return "text area"
    return KINDS.get(node.role) or OTHERS.get(node.role, node.role)


def spoken(node: Node) -> str:
    """As it is named in a sentence: `the button 'Save'`; without a name `the text area`."""
    name = called(node)
    return f"the {kind(node)} {quoted(name)}" if name else f"the {kind(node)}"


def seen(state: State, place: int) -> bool:
    """Whether a node is on the screen and has an extent."""
    node = state.nodes[place]
    return node.showing and node.box is not None and area(node.box) > 0


def changed(before: State, after: State, pixels: Rect | None = None) -> tuple[Fact, ...]:
    """What is different, most striking first, each once. `pixels` is the box in which the pictures differ, if any.

    What is in a window, dialog, menu or list that opens or closes is not told besides that.
    """
    pairs = _Pairs(before, after)
    facts = [*_windows(before, after), *_parts(pairs)]
    facts += [*_focus(pairs), *_texts(pairs), *_come_and_gone(pairs), *_states(pairs)]
    if not facts and pixels is not None:
        facts.append(drawn(after, pixels))
    facts.sort(key=lambda fact: fact.order)
    return tuple({fact.key: fact for fact in reversed(facts)}[key] for key in dict.fromkeys(keys(facts)))


def drawn(after: State, pixels: Rect) -> Fact:
    """That only pixels in a box differ: a selection, a caret, a highlight."""
    where = region(after, pixels)
    return Fact(PIXELS, f"pixels|{where}", f"only the look of {where} changes", box=pixels, passing=True)


def keys(facts: Sequence[Fact]) -> tuple[str, ...]:
    """What the facts are compared by."""
    return tuple(fact.key for fact in facts)


def region(state: State, box: Rect) -> str:
    """The smallest thing with a name that most of the box is in, as it is named in a sentence."""
    holding = [
        (area(node.box), -place, spoken(node))
        for place, node in enumerate(state.nodes)
        if seen(state, place)
        and node.box is not None
        and (called(node) or node.role in ("text", "entry"))
        and node.role not in WINDOWS
        and node.app not in SHELL
        and shared(node.box, box) >= 0.9 * area(box)
    ]
    if holding:
        return min(holding)[2]
    top = next((each for each in reversed(state.windows) if shared(each.box, box) >= 0.9 * area(box)), None)
    return f"the window {quoted(title(top))}" if top and title(top) else "the screen"


def title(window: Window) -> str:
    """A window's title, on one line."""
    return plain(window.title)


class _Pairs:
    """Which node of the one state is which of the other: by name and place, then by one of them alone."""

    def __init__(self, before: State, after: State) -> None:
        self.before, self.after = before, after
        self.olds, self.news = list(_seen(before)), list(_seen(after))
        self.same: list[tuple[int, int]] = []
        for by in (
            lambda node: (node.app, node.role, called(node), plain(node.text), node.box),
            lambda node: (node.app, node.role, called(node), node.box),
            lambda node: (node.app, node.role, called(node)) if called(node) else None,
            lambda node: None if node.role in ROWS and called(node) else (node.app, node.role, node.box),
            lambda node: None if called(node) else (node.app, node.role, node.box and (node.box.x, node.box.y)),
        ):
            self._pair(by)

    def _pair(self, by: Callable[[Node], Hashable]) -> None:
        waiting = defaultdict[Hashable, list[int]](list)
        for place in reversed(self.olds):
            waiting[by(self.before.nodes[place])].append(place)
        waiting.pop(None, None)
        left = []
        for place in self.news:
            found = by(self.after.nodes[place])
            if found is not None and waiting[found]:
                self.same.append((waiting[found].pop(), place))
            else:
                left.append(place)
        paired = {old for old, _ in self.same}
        self.olds, self.news = [place for place in self.olds if place not in paired], left

    def __iter__(self) -> Iterator[tuple[Node, Node]]:
        for old, new in sorted(self.same, key=lambda each: each[1]):
            yield self.before.nodes[old], self.after.nodes[new]


def _seen(state: State) -> Iterator[int]:
    """The places of what is on the screen."""
    there = {id(node) for node in shown(state)}
    return (place for place, node in enumerate(state.nodes) if id(node) in there and seen(state, place))


def _windows(before: State, after: State) -> Iterator[Fact]:
    """Windows that open, close, come to the front, and titles that change."""
    old, new = ({each.id: each for each in state.windows if title(each)} for state in (before, after))
    for number, window in new.items():
        said = quoted(title(window))
        if number not in old:
            yield Fact(OPENED, f"open|{title(window)}", f"the window {said} opens", window.box)
        elif title(old[number]) != title(window):
            bar = replace(window.box, height=min(TITLE, window.box.height))
            yield Fact(TEXT, f"title|{title(window)}", f"the title of the window becomes {said}", bar)
    for number, window in old.items():
        if number not in new:
            said = quoted(title(window))
            yield Fact(OPENED, f"close|{title(window)}", f"the window {said} closes", window.box)
    top = after.top
    if set(old) == set(new) and top and title(top) and before.top and before.top.id != top.id:
        said = f"the window {quoted(title(top))} comes to the front"
        yield Fact(FOCUS, f"front|{title(top)}", said, top.box, passing=True)


def _parts(pairs: _Pairs) -> Iterator[Fact]:
    """Dialogs, menus and lists inside applications that open or close."""
    titles = {title(window) for state in (pairs.before, pairs.after) for window in state.windows}
    for state, places, opens in ((pairs.after, pairs.news, True), (pairs.before, pairs.olds, False)):
        verb, word = ("opens", "open") if opens else ("closes", "close")
        told = set[str]()
        tops = {place for place in places if state.nodes[place].role in WINDOWS}
        for place in places:
            node = state.nodes[place]
            above = [state.nodes[each] for each in state.chain(place)[1:]]
            if node.role in WINDOWS and node.role != "window":
                if called(node) and plain(node.name) not in titles and tops.isdisjoint(state.chain(place)[1:]):
                    key = f"{word}|{node.app}|{node.role}|{called(node)}"
                    yield Fact(OPENED, key, f"{spoken(node)} {verb}", node.box)
            elif node.role in ITEMS or (node.role == "menu" and above and above[0].role != "menu bar"):
                owner = _owner(above)
                if owner not in told:
                    told.add(owner)
                    yield Fact(OPENED, f"{word}|{node.app}|{owner}", f"{owner} {verb}", node.box)


def _owner(above: Sequence[Node]) -> str:
    """What a menu item is in: a named menu, a list, or a menu that came up at the pointer."""
    for node in above:
        if node.role == "combo box":
            return f"the list of choices {quoted(called(node))}" if called(node) else "a list of choices"
        if node.role == "menu" and called(node):
            return f"the menu {quoted(called(node))}"
        if node.role not in ("menu", "popup menu", "filler", "panel"):
            break
    return "a menu of commands"


def _focus(pairs: _Pairs) -> Iterator[Fact]:
    """Where the focus is now, if it is elsewhere than before."""
    old, new = _focused(pairs.before), _focused(pairs.after)
    if new < 0 or (old, new) in pairs.same:
        return
    node = pairs.after.nodes[new]
    if node.role not in DULL and (called(node) or "editable" in node.states):
        key = f"focus|{node.app}|{node.role}|{called(node)}"
        yield Fact(FOCUS, key, f"{spoken(node)} gets the focus", node.box, passing=True)


def _focused(state: State) -> int:
    """The innermost node that has the focus; -1 where none has."""
    places = [place for place, node in enumerate(state.nodes) if "focused" in node.states and seen(state, place)]
    active = [place for place in places if any("active" in state.nodes[each].states for each in state.chain(place))]
    return (active or places or [-1])[-1]


def _texts(pairs: _Pairs) -> Iterator[Fact]:
    """Names, texts and numbers that read otherwise."""
    for old, new in pairs:
        if new.role in WINDOWS or new.role in ("root pane", "panel"):
            continue  # windows' titles are told already
        where = f"{new.app}|{new.role}|{called(new)}"
        if plain(old.text) != plain(new.text) and plain(new.text) != called(new):
            yield from _lines(old, new, where)
        elif called(old) != called(new) and called(new) and new.role not in DULL:
            said = f"{spoken(old)} now reads {quoted(called(new))}"
            yield Fact(TEXT, f"reads|{new.app}|{new.role}|{called(old)}|{called(new)}", said, new.box)
        elif old.value != new.value and new.value is not None:
            if new.role == "scroll bar":
                yield Fact(TEXT, f"scroll|{where}", "what is shown scrolls", new.box, passing=True)
            elif not new.text and new.role in NUMBERS:
                yield Fact(TEXT, f"value|{where}|{new.value:g}", f"{spoken(new)} is at {new.value:g}", new.box)


def _lines(old: Node, new: Node, where: str) -> Iterator[Fact]:
    """What became of the text of one node, line by line where it has several."""
    befores, afters = ([plain(line) for line in node.text.splitlines()] for node in (old, new))
    if max(len(befores), len(afters)) <= 1:
        said = f"now reads {quoted(new.text)}" if plain(new.text) else "is now empty"
        yield Fact(TEXT, f"text|{where}|{plain(new.text)}", f"{spoken(new)} {said}", new.box)
        return
    matcher = difflib.SequenceMatcher(None, befores, afters, autojunk=False)
    facts = list[Fact]()
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone, come = [line for line in befores[first:last] if line], [line for line in afters[start:end] if line]
        for was, now in zip_longest(gone, come, fillvalue=""):
            facts.append(Fact(TEXT, f"text|{where}|{was}|{now}", _line(was, now), new.box))
        if not gone and not come:
            how = "comes" if end - start > last - first else "goes"
            facts.append(Fact(TEXT, f"text|{where}|blank {how}|{first}", f"an empty line {how}", new.box))
    if len(facts) > FEW:
        key = f"text|{where}|{len(facts)} {_digest(fact.key for fact in facts)}"
        facts = [Fact(TEXT, key, f"{len(facts)} lines of the text change or go", new.box)]
    yield from facts


def _line(was: str, now: str) -> str:
    if not was:
        return f"there is a new line {quoted(now)}"
    return f"the line {quoted(was)} now reads {quoted(now)}" if now else f"the line {quoted(was)} is gone"


def _come_and_gone(pairs: _Pairs) -> Iterator[Fact]:
    """Things with a name that were not there, or are there no longer, but for what is in what opens or closes."""
    both = (pairs.after, pairs.news, "appears", "come"), (pairs.before, pairs.olds, "disappears", "gone")
    for state, places, verb, word in both:
        found = defaultdict[str, list[Node]](list)
        whole = {place for place in places if state.nodes[place].role in WHOLE}
        for place in places:
            node = state.nodes[place]
            if node.app in SHELL or not called(node) or node.role in DULL | WINDOWS | ITEMS or _cell(node):
                continue
            if not whole.intersection(state.chain(place)) and not _doubled(state, place):
                found[node.app].append(node)
        for app, some in found.items():
            if len(some) > FEW:
                largest = max(some, key=lambda node: (area(node.box) if node.box else 0, called(node)))
                names = {f"{node.role}|{called(node)}" for node in some}
                said = f"several things {verb[:-1]}, among them {spoken(largest)}"
                yield Fact(TEXT, f"{word}|{app}|{len(names)} {_digest(names)}", said, largest.box)
                continue
            for node in some:
                yield Fact(TEXT, f"{word}|{app}|{node.role}|{called(node)}", f"{spoken(node)} {verb}", node.box)


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:12]


def _doubled(state: State, place: int) -> bool:
    """Whether the node's parent is called the same: a button's label, a link's text."""
    node = state.nodes[place]
    above = state.nodes[node.parent] if node.parent >= 0 else None
    return above is not None and above.role not in DULL and called(above) == called(node)


def _cell(node: Node) -> bool:
    """Whether it is a cell of a sheet, that is known by its address only: those come and go as sheets scroll."""
    return node.role == "table cell" and re.fullmatch("[A-Z]{1,3}[0-9]+", node.name) is not None


def _states(pairs: _Pairs) -> Iterator[Fact]:
    """What is ticked, selected, unfolded, can be used now, and is so no longer."""
    for old, new in pairs:
        if not called(new) or new.role in STATELESS or new.app in SHELL:
            continue
        for state, on, off in TURNED:
            here = state in new.states
            if here != (state in old.states) and (state, new.role) != ("expanded", "combo box"):
                hover = state == "selected" and new.role in ITEMS
                key = f"{'on' if here else 'off'}|{state}|{new.app}|{new.role}|{called(new)}"
                yield Fact(STATE, key, f"{spoken(new)} {on if here else off}", new.box, passing=hover)
