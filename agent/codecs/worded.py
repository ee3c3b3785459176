"""What families share whose actions are calls in words, `click(start_box='(1,2)')`: every value of a call is text.

A call is read by `terms`, or has been taken out of the reply by the server; here its values get their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.codecs.base import Item
from agent.codecs.ending import over, said
from agent.codecs.fields import Unclear
from agent.codecs.scan import parsed, sane
from agent.codecs.terms import Term, escaped
from agent.codecs.values import Loose, chord_of, pair
from agent.codecs.writing import spoken
from agent.models.base import Call, Reply
from agent.registry import near
from envs.types import Claim, Finish, Point, Press

OPEN_QUOTE: Final = "the text does not end: a quote and a bracket must close it"
_TEXTS: Final = ("content", "text")
_NAME = re.compile(r"[\s`*]*([A-Za-z_]\w{0,80})\s*\(")


@dataclass(frozen=True)
class Asked:
    """A call as it was found. `broken` says why it cannot be carried out, `call` is a tool call's id."""

    name: str
    given: Mapping[str, object]
    raw: str
    call: str = ""
    repaired: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True)
class Worded(Loose):
    """Arguments that are text by nature: that a point or keys came as text is nothing to note."""

    def at(self, *names: str) -> Point | None:
        """A pixel of the screen; None when none is given. Raises Unclear for what is none, or not on the screen."""
        value = self.first(*names)
        return None if value is None else self.on_screen(*pair(value, names[0], []))

    def keys(self, *names: str) -> tuple[str, ...]:
        """Keys that are pressed together. Raises Unclear when there is none, or one is unknown."""
        value = self.first(*names)
        if value is None:
            raise Unclear(f"{names[0]} is missing")
        return chord_of(value, [])

    def presses(self, *names: str) -> list[Item]:
        """The keys pressed together; one key that is named again and again is pressed so often."""
        keys = self.keys(*names)
        if len(keys) > 1 and len(set(keys)) == 1:
            self.notes.append(f"{keys[0]} named {len(keys)} times: pressed so often")
            return [Press(keys=keys[:1])] * len(keys)
        return [Press(keys=keys)]

    def one_key(self, *names: str) -> str:
        """The one key that is named. Raises Unclear when there is another number of them."""
        keys = self.keys(*names)
        if len(keys) != 1:
            raise Unclear(f"{names[0]} must be one key, not {' '.join(keys)}")
        return keys[0]

    def direction(self, *known: str) -> str:
        """Which way. Raises Unclear for none of these."""
        value = str(self.first("direction", "scroll_direction") or "").strip().lower()
        if value not in known:
            raise Unclear(f"the direction is {', '.join(known[:-1])} or {known[-1]}, not {value[:40]!r}")
        return value


def unknown(acts: str, known: Collection[str], told: Collection[str]) -> str:
    """Why there is no call where one should begin: empty where nothing looks like one. `told` are named to it."""
    named = _NAME.match(acts)
    if named is None:
        return ""
    if named[1] in known:
        return f"the action {named[1]} is not complete: a quote and a bracket must close it"
    return f"there is no action {named[1]!r}{near(named[1], told)}"


def asked_of(term: Term, places: Sequence[str]) -> Asked:
    """The call with its values by name; those without one by their place among `places`.

    A text of which nobody can say where it ends is broken: typed to the wrong end, it would be another.
    """
    given: dict[str, object] = {**dict(zip(places, term.given, strict=False)), **term.named}
    loose = bool(term.repaired) and any(key in given for key in _TEXTS)
    ends = term.raw[:-1].rstrip()[-1:] in {"'", '"'}
    notes = (*term.repaired, *(("a value without its name",) if term.given else ()))
    return Asked(term.name, given, term.raw, repaired=notes, broken=OPEN_QUOTE if loose and not ends else "")


def of_server(call: Call, written: Callable[[str, Mapping[str, str]], str]) -> Asked:
    """A call that the server took out of the text; `written` puts it back into the family's own form."""
    given, notes = call.arguments, tuple[str, ...]()
    if not given and call.text:
        told = parsed(call.text)
        if told and isinstance(told[0], Mapping):
            given, notes = {str(key): value for key, value in told[0].items()}, told[1]
    raw = written(call.name, {key: sane(str(value)) for key, value in given.items()})
    return Asked(call.name, given, raw, call=call.id, repaired=notes)


def in_words(name: str, given: Mapping[str, str]) -> str:
    """The call written out."""
    inside = ", ".join(f"{key}='{escaped(value)}'" for key, value in given.items())
    return f"{name}({inside})"


def finish(content: object, plain: Claim) -> Finish:
    """The end that a call says: as the marks in its words say (see `ending`), or else with the `plain` claim."""
    words = "" if content is None else sane(str(content))
    if not words.strip():
        return Finish(claim=plain)
    (wanted,) = over(Reply(text=words)).wanted
    if not isinstance(wanted.item, Finish):
        return Finish(claim=plain, answer=words.strip())
    if wanted.item.claim == "done" and plain != "done":
        return Finish(claim=plain, answer=wanted.item.answer)
    return wanted.item


def content_of(item: Finish, plain: Claim) -> str:
    """The words that `finish` reads as this end. Raises ValueError when there are none."""
    words = spoken(item.answer)
    if finish(words, plain) == item:
        return words
    marked = said(item)
    if finish(marked, plain) != item:
        raise ValueError(f"the end {item!r} cannot be said")
    return marked
