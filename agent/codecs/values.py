"""Reads one action's arguments as models of the open families give them: a point, keys, text, numbers, in any dress.

What is accepted in more than one form is accepted because each has been seen from a model of such a family; what
would have to be guessed is Unclear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.codecs.fields import Fields, Unclear, checked, key, number
from agent.codecs.scan import objects, parsed, without_tokens
from envs.types import Point

DEEPEST: Final = 3
"""Lists and objects around a point that are looked into."""

LONGEST_ANSWER: Final = 10_000
"""Characters in which a point is looked for."""

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_POINT_KEYS: Final = ("coordinate", "point", "point_2d", "position", "bbox_2d", "bbox", "box", "start_box", "center")
_QUOTED_KEY = re.compile(r"'([^']+)'|\"([^\"]+)\"")
_MODIFIERS: Final = {"ctrl", "alt", "super", "meta", "shift", "ctrl_r", "alt_r", "super_r", "meta_r", "shift_r"}


@dataclass(frozen=True)
class Loose(Fields):
    """An action's arguments, each asked for by all its names: the first that is given counts."""

    def first(self, *names: str) -> object:
        """The value under the first of these names that has one; None when none has."""
        return next((self.given[name] for name in names if self.given.get(name) not in (None, "")), None)

    def at(self, *names: str) -> Point | None:
        """A pixel of the screen; None when none is given. Raises Unclear for what is none, or not on the screen."""
        value = self.first(*names)
        if value is None and {"x", "y"} <= self.given.keys():
            value = [self.given["x"], self.given["y"]]
        return None if value is None else self.on_screen(*pair(value, names[0], self.notes))

    def must_at(self, *names: str) -> Point:
        """The same, where there must be one."""
        found = self.at(*names)
        if found is None:
            raise Unclear(f"{names[0]} is missing")
        return found

    def keys(self, *names: str) -> tuple[str, ...]:
        """Keys that are pressed together. Raises Unclear when there is none, or one is unknown."""
        value = self.first(*names)
        if value is None:
            raise Unclear(f"{names[0]} is missing")
        return chord_of(value, self.notes)

    def words(self, *names: str) -> str:
        """Text that can be typed. Raises Unclear when there is none."""
        name = next((name for name in names if self.given.get(name) is not None), names[0])
        if self.given.get(name) is None:
            raise Unclear(f"{name} is missing")
        return self.typed(name)

    def amount(self, *names: str, default: float | None = None) -> float:
        """A finite number. Raises Unclear when it is missing and has no default."""
        value = self.first(*names)
        if value is not None:
            return number(value, names[0])
        if default is None:
            raise Unclear(f"{names[0]} is missing")
        self.notes.append(f"no {names[0]}: {default:g} taken")
        return default

    def seconds(self, *names: str, default: float | None = None) -> float:
        """Seconds from 0 to 60; longer is cut. Raises Unclear as `amount` does."""
        return Fields({names[0]: self.amount(*names, default=default)}, self.frame, self.notes).capped(names[0], 60.0)


def pair(value: object, name: str, notes: list[str], depth: int = 0) -> tuple[float, float]:
    """Two numbers: a pair, a box (its centre), either of them nested, by name (`x`, `y`) or in words.

    Words are `[12, 34]`, `(12 34)`, `<point>12 34</point>`, `x=12, y=34`: whatever holds two or four numbers.
    """
    if depth > DEEPEST:
        raise Unclear(f"{name} must be two numbers, not a list in a list in a list")
    if isinstance(value, Mapping):
        return _named_pair(value, name, notes, depth)
    if isinstance(value, str):
        numbers = [float(found) for found in _NUMBER.findall(without_tokens(value))]
        if len(numbers) not in {2, 4}:
            raise Unclear(f"{name} must be two numbers, not {value[:80]!r}")
        notes.append(f"{name} came as text")
        return _centred(numbers, name, notes)
    if isinstance(value, Sequence) and len(value) == 1:
        return pair(value[0], name, notes, depth + 1)
    if isinstance(value, Sequence) and value and all(isinstance(each, Sequence | Mapping) for each in value):
        if len(value) == 2 and not any(isinstance(each, str) for each in value):
            return _centred([*pair(value[0], name, [], DEEPEST), *pair(value[1], name, [], DEEPEST)], name, notes)
        if any(not isinstance(each, str) for each in value):
            raise Unclear(f"{name} names {len(value)} points where one is wanted")
    if isinstance(value, Sequence) and len(value) in {2, 4}:
        return _centred([number(each, name) for each in value], name, notes)
    raise Unclear(f"{name} must be two numbers, not {str(value)[:80]!r}")


def _named_pair(value: Mapping[object, object], name: str, notes: list[str], depth: int) -> tuple[float, float]:
    for x, y in (("x", "y"), ("X", "Y")):
        if x in value and y in value:
            return number(value[x], name), number(value[y], name)
    if {"x1", "y1", "x2", "y2"} <= value.keys():
        return _centred([number(value[each], name) for each in ("x1", "y1", "x2", "y2")], name, notes)
    inner = next((value[each] for each in _POINT_KEYS if value.get(each) is not None), None)
    if inner is None:
        raise Unclear(f"{name} must be two numbers, not {str(value)[:80]!r}")
    return pair(inner, name, notes, depth + 1)


def _centred(numbers: Sequence[float], name: str, notes: list[str]) -> tuple[float, float]:
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    notes.append(f"{name} was a box; its centre was taken")
    return (numbers[0] + numbers[2]) / 2, (numbers[1] + numbers[3]) / 2


def chord_of(value: object, notes: list[str]) -> tuple[str, ...]:
    """The canonical names of keys pressed together: a list, `ctrl+c`, `ctrl c`, or a list that was printed.

    A letter that is pressed with another key is the key of that letter: `Ctrl+C` does not hold Shift. Raises Unclear.
    """
    if len(str(value)) > 200:
        raise Unclear("keys must be a few key names")
    if isinstance(value, str):
        names = _split(value, notes)
    elif isinstance(value, Sequence) and all(isinstance(each, str | int) for each in value):
        names = _items([str(each) for each in value], notes)
    elif isinstance(value, int) and 0 <= value <= 9:
        names = [str(value)]
    else:
        raise Unclear(f"keys must be a list of key names, not {str(value)[:80]!r}")
    found = [key(name) for name in names]
    if len(found) > 1:
        found = [name.lower() if len(name) == 1 else name for name in found]
    if len(found) > 1 and any(name in _MODIFIERS for name in found):
        found = list(dict.fromkeys(found))
    return checked(found)


def _items(items: Sequence[str], notes: list[str]) -> list[str]:
    if any(len(item) > 2 and re.search(r"[\[\]'\"]", item) for item in items):
        return _printed(",".join(items), notes)
    return [name for item in items for name in _split(item, notes)]


def _split(text: str, notes: list[str]) -> list[str]:
    """The names in one string."""
    if _known(text):
        return [text]
    bare = text.strip()
    if _known(bare.replace(" ", "")):
        return [bare.replace(" ", "")]
    if bare.startswith(("[", "keys", "key=")) or re.search(r"['\"].+['\"]", bare):
        return _printed(bare, notes)
    if "+" in bare:
        notes.append("keys joined by +")
        return [name if name.strip() == "" else name.strip() for name in _plus(bare)]
    parts = bare.split()
    if len(parts) > 1:
        notes.append("keys apart by blanks")
        return parts
    if re.fullmatch(r"[A-Za-z]+(?:-[A-Za-z0-9]+)+", bare):
        notes.append("keys joined by -")
        return [bare.replace("-", "")] if _known(bare.replace("-", "")) else bare.split("-")
    return [bare]


def _plus(text: str) -> list[str]:
    """Apart at each plus that stands between two keys: `ctrl++` is Ctrl and the plus."""
    return [found.strip() for found in re.findall(r"\+(?=\s*(?:\+|$))|[^+]+", text) if found.strip()]


def _printed(text: str, notes: list[str]) -> list[str]:
    """The names in a list that came as text, whole or in pieces: `['ctrl', 'c']`, `keys=['ctrl'`."""
    notes.append("keys came as text")
    whole = parsed(text) if text.startswith("[") else None
    if whole and isinstance(whole[0], list) and all(isinstance(each, str) for each in whole[0]):
        names = [str(each) for each in whole[0]]
    else:
        names = [found[0] or found[1] for found in _QUOTED_KEY.findall(text)]
    names = names or [part.strip() for part in re.sub(r"^keys?\s*=", "", text).strip("[]() ").split(",")]
    return [each for name in names for each in (_plus(name) if len(name) > 1 and "+" in name else [name])]


def _known(name: str) -> bool:
    try:
        key(name)
    except Unclear:
        return False
    return True


_BRACKETED = re.compile(r"[(\[<]\s*-?\d[\d.,\s()\[\]-]*[)\]>]|<(?:point|bbox)>[-\d.,\s]+</")


def stated(text: str) -> tuple[float, float]:
    """The point that a text names last: an object with a point in it, or two or four numbers in brackets.

    Raises Unclear when there is none.
    """
    for found in reversed(list(objects(text))):
        try:
            return pair(found.value, "point", [])
        except Unclear:
            continue
    for bracketed in reversed(_BRACKETED.findall(text[:LONGEST_ANSWER])):
        try:
            return pair(bracketed, "point", [])
        except Unclear:
            continue
    raise Unclear(f"no point in {text[:200]!r}" if text.strip() else "the answer is empty")
