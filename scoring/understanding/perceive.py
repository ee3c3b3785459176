"""L0: what is on this screen. Values, states of controls, windows, and whether a thing is there at all.

Only what can be seen is asked: the tree says it, hit-tests find it, and the pixels bear it out. Yes and no come in
pairs: the same question about two screens of which one says yes and the other no, credited together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from envs.roles import WINDOWS
from envs.types import Rect
from scoring.state import plain
from scoring.understanding.items import Dropped, Item, Words, item
from scoring.understanding.nodes import FIELDS, READS, Thing, figures, folded
from scoring.understanding.pixels import differ, drawn
from scoring.understanding.screens import Screen, Tally, quoted, screens, taking_turns, the, unseen
from scoring.understanding.trails import Trails

T = TypeVar("T")
MOST = 36
"""Items of a task and seed."""
LINE, LETTER = 24, 10
"""Pixels: what a line and a letter of it take at most, so that a text is known to be seen whole."""
ROW = 70
"""Characters that every terminal has in a row."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
LONGEST = 60
"""Characters of a text that is to be copied."""
TURNED = (
    ("checked", ("check box", "menu item"), "ticked"),
    ("checked", ("radio button",), "chosen"),
    ("checked", ("button",), "pressed in"),
    ("pressed", ("button",), "pressed in"),
    ("selected", ("tab", "entry"), "selected"),
    ("selected", ("menu",), "open"),
    ("sensitive", ("button", "menu item", "check box", "drop-down list"), "greyed out"),
)
"""States that can be seen, of which kinds, and in what words. `greyed out` is said of what lacks its state."""


def perceive(trails: Trails, chance: Random) -> Iterator[Item | Dropped]:
    """The items of L0 of a task's plays, and what was left out."""
    some, tally = screens(trails), Tally(trails, "L0")
    tally("not to be seen beyond doubt: covered, not found by hit-tests, or not drawn", unseen(some))
    maker = _Maker(trails, some, chance, tally)
    groups = (maker.values(), maker.turned(), maker.windows(), maker.present())
    yield from _round([iter(group) for group in groups])
    yield from tally.dropped()


def _round(groups: list[Iterator[tuple[Item, ...]]]) -> Iterator[Item]:
    """From each group in turn, until there are enough; nothing is asked twice with the same answer."""
    count, asked = 0, set[tuple[str, str]]()
    for made in taking_turns(_new(group, asked) for group in groups):
        yield from made
        count += len(made)
        if count >= MOST:
            return


def _new(group: Iterator[tuple[Item, ...]], asked: set[tuple[str, str]]) -> Iterator[tuple[Item, ...]]:
    for made in group:
        said = {(each.question, repr(each.truth)) for each in made}
        if not said & asked:
            asked |= said
            yield made


@dataclass(frozen=True)
class _Maker:
    """Makes candidates, each one item, or a pair."""

    trails: Trails
    screens: Sequence[Screen]
    chance: Random
    tally: Tally

    def _item(self, screen: Screen, facet: str, question: str, truth: object, how: str, **more: object) -> Item:
        tags = {"app": self.trails.app, **more.pop("tags", {})}  # type: ignore[dict-item]  # tags are a dict of texts
        return item(
            rung="L0", facet=facet, task=self.trails.task, seed=self.trails.seed, question=question, truth=truth,
            pictures=(screen.moment.picture,), how=how, plays=screen.plays, tags=tags, **more,
        )  # fmt: skip

    def _pair(
        self, facet: str, question: str, yes: Screen, no: Screen, how: str, tags: dict[str, str]
    ) -> tuple[Item, ...]:
        """The question about both screens. Chance gets a quarter of the pair, by a half of each."""
        name = f"{question} {min(yes.moment.picture, no.moment.picture)} {max(yes.moment.picture, no.moment.picture)}"
        return tuple(
            self._item(screen, facet, question, Words(accepted=(answer,)), how, pair=name, guess=0.5, tags=tags)
            for screen, answer in ((yes, "yes"), (no, "no"))
        )

    def values(self) -> Iterator[tuple[Item, ...]]:
        """What is written somewhere: from each screen and of each form in turn."""
        shuffled = self._shuffled(self.screens)
        return taking_turns(taking_turns(self._forms(screen)) for screen in shuffled)

    def _forms(self, screen: Screen) -> tuple[Iterator[tuple[Item, ...]], ...]:
        mixed = self._shuffled(screen.things)
        contents = (made for thing in mixed for made in self._contents(screen, thing))
        neighbours = (made for thing in mixed for made in self._neighbours(screen, thing))
        lines = (made for thing in mixed for made in self._lines(screen, thing))
        return contents, neighbours, self._rows(screen), lines

    def _lines(self, screen: Screen, thing: Thing) -> Iterator[tuple[Item, ...]]:
        """What a line of a text says, of one that is seen whole."""
        for number, line in enumerate(_lines(screen, thing)):
            if number < len(ORDINALS):
                question = f"Of the lines of the text that are not empty, what does the {ORDINALS[number]} say?"
                how = "the text in the accessibility tree, which fits into its box as a whole"
                yield (self._item(screen, "value", question, Words(accepted=(line,)), how, tags=_tags(thing)),)

    def _shuffled(self, some: Iterable[T]) -> list[T]:
        mixed = list(some)
        self.chance.shuffle(mixed)
        return mixed

    def _contents(self, screen: Screen, thing: Thing) -> Iterator[tuple[Item, ...]]:
        """What a field, a list that drops down, or a cell of a sheet holds."""
        told, name = _told(screen, thing), _field_name(screen, thing)
        if not told or not name:
            return
        if not self._witness(screen, thing, told):
            self.tally("the pixels do not bear the text out")
            return
        question = f"What does {name} show?"
        accepted = tuple(dict.fromkeys((told, plain(told), *_numbers(told))))
        how = "the node's text in the accessibility tree; hit-tests find it, and its pixels are no empty box"
        yield (self._item(screen, "value", question, Words(accepted=accepted), how, tags=_tags(thing)),)

    def _witness(self, screen: Screen, thing: Thing, told: str) -> bool:
        """Whether something is drawn there, which looks otherwise wherever the text is another."""
        if not drawn(screen.moment, thing.box):
            return False
        for other in self.screens:
            twin = next((each for each in other.told if each.key == thing.key and each.box == thing.box), None)
            if twin is not None and _told(other, twin) != told and not differ(
                screen.moment, other.moment, thing.box, some=4
            ):  # fmt: skip
                return False
        return True

    def _neighbours(self, screen: Screen, thing: Thing) -> Iterator[tuple[Item, ...]]:
        """What is written on the thing that is next to another one."""
        if not (thing.written and screen.unique(thing)) or thing.kind == "menu" or len(thing.name) > LONGEST:
            return
        side = self.chance.choice(("right of", "left of", "below", "above"))
        other = screen.beside(thing, side)  # type: ignore[arg-type]  # one of the sides
        if other is None or not other.written or not other.name or other.kind == "menu" or other.name == thing.name:
            return
        place = f"directly {'to the ' if side.endswith('of') else ''}{side} {the(thing)}"
        question = f"What does the {other.kind} {place} say?"
        how = "names and boxes in the accessibility tree; hit-tests find both, and nothing told lies between them"
        truth = Words(accepted=tuple(dict.fromkeys((other.name, other.name.rstrip(":.… ")))))
        yield (self._item(screen, "value", question, truth, how, tags=_tags(other)),)

    def _rows(self, screen: Screen) -> Iterator[tuple[Item, ...]]:
        """What a table says in a row, under a heading; the row is named by an entry that is unique."""
        heads = [thing for thing in screen.things if thing.kind == "column heading" and thing.name]
        cells = [
            thing
            for thing in screen.things
            if thing.role in ("table cell", "label") and thing.kind != "cell" and thing.name
        ]
        for head in self._shuffled(heads):
            for cell in self._shuffled(cells):
                rows = [each for each in cells if each is not cell and _in_row(each.box, cell.box)]
                keys = [each for each in rows if screen.unique(each) and each.box.x < cell.box.x]
                if not (_in_column(head.box, cell.box) and keys and screen.unique(head)) or len(cell.name) > LONGEST:
                    continue
                question = f"In the row of {quoted(keys[0].name)}, what does the column {quoted(head.name)} say?"
                how = "the cell in that row and under that heading, by the boxes in the accessibility tree"
                yield (self._item(screen, "value", question, Words(accepted=(cell.name,)), how, tags=_tags(cell)),)

    def turned(self) -> Iterator[tuple[Item, ...]]:
        """States of a control, on two screens where they are not the same."""
        seen: dict[tuple[object, ...], list[tuple[Screen, Thing]]] = {}
        for screen in self.screens:
            for thing in screen.things:
                if thing.name and not figures(thing):
                    seen.setdefault((*thing.key, thing.box.width, thing.box.height), []).append((screen, thing))
        for where in self._shuffled(seen.values()):
            for state, kinds, word in TURNED:
                if where[0][1].kind in kinds:
                    yield from self._turn(where, state, word)

    def _turn(self, where: Sequence[tuple[Screen, Thing]], state: str, word: str) -> Iterator[tuple[Item, ...]]:
        on = [(screen, thing) for screen, thing in where if (state in thing.states) != (word == "greyed out")]
        off = [(screen, thing) for screen, thing in where if (state in thing.states) == (word == "greyed out")]
        if not on or not off:
            return
        (yes, thing), (no, other) = self.chance.choice(on), self.chance.choice(off)
        if not (yes.unique(thing) and no.unique(other)):
            self.tally("not the only one of its name")
        elif not differ(yes.moment, no.moment, thing.box, some=12):
            self.tally("the control looks the same in both states")
        else:
            question = f"Is {the(thing)} {word}?"
            how = f"the node is in the state {state!r} on one screen and not on the other; its pixels differ"
            yield self._pair("state", question, yes, no, how, _tags(thing))

    def windows(self) -> Iterator[tuple[Item, ...]]:
        """Which window has the focus, and whether one is open."""
        titles = sorted({title for screen in self.screens for title in _titled(screen)})
        for screen in self._shuffled(self.screens):
            top = screen.state.top
            if top is not None and plain(top.title) in _titled(screen):
                yield from self._active(screen, plain(top.title))
        for title in self._shuffled(titles):
            yes = [screen for screen in self.screens if title in _titled(screen)]
            no = [screen for screen in self.screens if not _open(screen, title)]
            if yes and no:
                question = f"Is a window or dialog with the title {quoted(title)} open?"
                how = "the window manager lists it on one screen, and on the other nothing has that title or name"
                yield self._pair("window", question, self.chance.choice(yes), self.chance.choice(no), how, {})

    def _active(self, screen: Screen, title: str) -> Iterator[tuple[Item, ...]]:
        how = "the window that the window manager says has the focus; its title bar is on the screen"
        accepted = tuple(dict.fromkeys((title, *_short(title))))
        question = "What is the title of the window that has the focus, as its title bar gives it?"
        yield (self._item(screen, "window", question, Words(accepted=accepted), how),)

    def present(self) -> Iterator[tuple[Item, ...]]:
        """Whether a thing is there, on a screen that shows it and on one that does not."""
        shown: dict[tuple[str, str], list[tuple[Screen, Thing]]] = {}
        for screen in self.screens:
            for thing in screen.things:
                plainly = thing.written and thing.kind not in FIELDS | READS | {"cell"} and not figures(thing)
                if plainly and screen.unique(thing):
                    shown.setdefault((thing.kind, thing.name), []).append((screen, thing))
        yield from self._written()
        for (kind, name), where in self._shuffled(shown.items()):
            without = [screen for screen in self.screens if not screen.shows(name)]
            if without:
                yes, thing = self.chance.choice(where)
                question = f"Is there {'an' if kind[0] in 'aeiou' else 'a'} {kind} {quoted(name)} to be seen?"
                how = "found by hit-tests on one screen; on the other no node or window has it in its name or text"
                yield self._pair("absent", question, yes, self.chance.choice(without), how, _tags(thing))

    def _written(self) -> Iterator[tuple[Item, ...]]:
        """Whether a text has a line, or a terminal a word, on a screen where it has and on one where none has."""
        found: dict[tuple[str, str], list[tuple[Screen, Thing]]] = {}
        for screen in self.screens:
            for thing in screen.things:
                for part in _words(thing) if thing.kind == "terminal" else _lines(screen, thing):
                    found.setdefault((thing.kind, part), []).append((screen, thing))
        for (kind, part), where in self._shuffled(found.items())[: MOST // 4]:
            without = [screen for screen in self.screens if not screen.shows(part)]
            if without and len(part) > 2:
                yes, thing = self.chance.choice(where)
                what = "Is there a line of text that says" if kind == "field" else "Does the terminal show the word"
                how = "in the text that the accessibility tree tells on one screen, and nowhere on the other"
                no = self.chance.choice(without)
                yield self._pair("absent", f"{what} {quoted(part)}?", yes, no, how, _tags(thing))


def _words(terminal: Thing) -> list[str]:
    """Words that stand whole in the first row of a line, of a terminal that shows all of its text."""
    lines = terminal.text.rstrip().split("\n")
    if sum(1 + len(line) // ROW for line in lines) * LINE > terminal.box.height:
        return []
    words = [word for line in lines for word in line[:ROW].split(" ")[: -1 if len(line) > ROW else None]]
    return [word for word in dict.fromkeys(words) if 4 <= len(word) <= 40 and any(map(str.isalpha, word))]


def _lines(screen: Screen, thing: Thing) -> list[str]:
    """The lines of a text of several, if all of it can be seen: none where it might be scrolled, or wrapped."""
    if thing.kind != "field" or "multi-line" not in thing.states:
        return []
    lines = thing.text.rstrip().split("\n")
    if len(lines) * LINE > thing.box.height or any(len(line) * LETTER > thing.box.width for line in lines):
        return []
    alone = sum(each.kind == "field" and "\n" in each.text for each in screen.told) == 1
    full = [plain(line) for line in lines if line.strip()]
    said = all(len(line) <= LONGEST and any(character.isalnum() for character in line) for line in full)
    return full if alone and said else []


def _tags(thing: Thing) -> dict[str, str]:
    return {"app": thing.app, "role": thing.role}


def _told(screen: Screen, thing: Thing) -> str:
    """What a thing that holds something holds, if that is one line which fits into its box; else empty."""
    if thing.kind == "drop-down list":
        text = _chosen(screen, thing)
    elif thing.kind in ("field", "cell"):
        text = thing.text.strip()
    else:
        return ""
    fits = len(text) <= min(LONGEST, thing.box.width // 5) and "\n" not in text
    return text if fits and any(character.isalnum() for character in text) else ""


def _chosen(screen: Screen, thing: Thing) -> str:
    """What is chosen in a list: an item within, else its own text, else GTK's name for it, which is that."""
    state = screen.state
    within = [
        plain(node.name)
        for place, node in enumerate(state.nodes)
        if "selected" in node.states and node.role in ("menu item", "list item") and thing.place in state.chain(place)
    ]
    return within[0] if len(within) == 1 else "" if within else plain(thing.text) or plain(thing.name)


def _field_name(screen: Screen, thing: Thing) -> str:
    """How a thing that holds something is called: by its own name, or by the text in front of it."""
    own = thing.name and thing.name != _told(screen, thing) and screen.unique(thing)
    if thing.kind == "cell" or own:
        return the(thing)
    before = screen.beside(thing, "left of")
    if before is None or before.kind != "text" or not before.name or not screen.unique(before):
        return ""
    return f"the {thing.kind} directly to the right of the text {quoted(before.name)}"


def _numbers(text: str) -> tuple[str, ...]:
    """Other ways to write a number: without zeros at its end."""
    try:
        return (f"{float(text):g}",)
    except ValueError:
        return ()


def _short(title: str) -> tuple[str, ...]:
    """A title with another dash, and without the application's name at its end."""
    return title.replace("\N{EM DASH}", "-"), title.replace("\N{EM DASH}", "-").rpartition(" - ")[0] or title


def _titled(screen: Screen) -> list[str]:
    """Titles that can be read in title bars: of windows that no other lies over, whose content begins below a bar."""
    state, found = screen.state, []
    for place, window in enumerate(state.windows):
        title, box = plain(window.title), window.box
        bar = Rect(x=box.x, y=box.y, width=box.width, height=18)
        over = any(_touch(bar, other.box) for other in state.windows[place + 1 :])
        if over or not 3 < len(title) <= 80 or window.app.casefold() in ("pcmanfm", "lxpanel", "tint2"):
            continue
        inner = [
            node.box
            for node in state.nodes
            if node.showing and node.box is not None and node.role not in WINDOWS and node.role != "application"
        ]
        if not any(each.y < box.y + 16 and _touch(each, bar) for each in inner) and drawn(screen.moment, bar):
            found.append(title)
    return found


def _touch(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _open(screen: Screen, title: str) -> bool:
    windows = any(folded(window.title) == folded(title) for window in screen.state.windows)
    return windows or screen.shows(title)


def _in_row(one: Rect, other: Rect) -> bool:
    return abs(one.centre.y - other.centre.y) <= min(one.height, other.height) // 3


def _in_column(head: Rect, cell: Rect) -> bool:
    return head.y + head.height <= cell.y + 2 and head.x - 4 <= cell.centre.x < head.x + head.width
