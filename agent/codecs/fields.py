"""Reads the arguments of a vendor's tool call: typed, tolerant only where the meaning is certain.

What exceeds a cap is cut and noted where that keeps the meaning (a longer wait), and refused elsewhere (text).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, floor, isfinite

from agent.frame import Frame, OffScreen
from envs.errors import Refused
from envs.keys import find, of_text
from envs.types import Point

MOST_TEXT = 20_000
MOST_SECONDS = 60.0
MOST_REPEATS = 100
MOST_CLICKS = 30
MOST_KEYS = 8
BATCH = 20


class Unclear(ValueError):  # noqa: N818 - what happened, in words for the model
    """Arguments that cannot be carried out. The message is for the model."""


@dataclass(frozen=True)
class Fields:
    """One action's arguments. `notes` gathers what had to be put right."""

    given: Mapping[str, object]
    frame: Frame
    notes: list[str] = field(default_factory=list)

    def point(self, name: str) -> Point | None:
        """The pixel of the screen that `name` says; None when it is not given. Raises Unclear."""
        return None if self.given.get(name) is None else self.on_screen(*self._pair(name))

    def must_point(self, name: str) -> Point:
        """The same, where there must be one."""
        found = self.point(name)
        if found is None:
            raise Unclear(f"{name} is missing")
        return found

    def on_screen(self, x: float, y: float) -> Point:
        """The pixel for what the model said. Raises Unclear when that is not on the picture."""
        try:
            return self.frame.to_screen(x, y)
        except OffScreen as off:
            raise Unclear(str(off)) from None

    def numbers(self, name: str) -> list[float]:
        """A list of numbers, also where it came as text."""
        value = self.given.get(name)
        if isinstance(value, str):
            value = self._unquoted(name, value)
        while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            value = value[0]
        if not isinstance(value, list):
            raise Unclear(f"{name} must be a list of numbers, not {value!r}")
        return [number(each, name) for each in value]

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number, also where it came as text. Raises Unclear when it is missing and has no default."""
        value = self.given.get(name)
        if value is None:
            if default is None:
                raise Unclear(f"{name} is missing")
            return default
        return number(value, name)

    def capped(self, name: str, most: float, default: float | None = None) -> float:
        """A number from 0 on, cut at `most`."""
        value = self.number(name, default)
        if value < 0:
            raise Unclear(f"{name} must not be negative, and is {value:g}")
        if value > most:
            self.notes.append(f"{name} cut from {value:g} to {most:g}")
        return min(value, most)

    def clicks(self, amount: float) -> int:
        """Wheel clicks: whole, away from zero, at most 30 either way."""
        whole = away(amount)
        if abs(whole) > MOST_CLICKS:
            self.notes.append(f"scroll cut from {whole} to {MOST_CLICKS} clicks")
        return max(-MOST_CLICKS, min(MOST_CLICKS, whole))

    def typed(self, name: str = "text") -> str:
        """Text that can be typed. Raises Unclear for what is too long, and for what no key gives."""
        value = self.given.get(name)
        if not isinstance(value, str):
            raise Unclear(f"{name} must be text, not {value!r}")
        if len(value) > MOST_TEXT:
            raise Unclear(f"{name} has {len(value)} characters; at most {MOST_TEXT} are typed at a time")
        try:
            of_text(value)
        except Refused as refused:
            raise Unclear(str(refused)) from None
        return value

    def _pair(self, name: str) -> tuple[float, float]:
        value = self.given[name]
        if isinstance(value, str):
            value = self._unquoted(name, value)
        if isinstance(value, Mapping) and {"x", "y"} <= value.keys():
            return number(value["x"], name), number(value["y"], name)
        several = Fields({name: value}, self.frame).numbers(name)
        if len(several) == 4:
            self.notes.append(f"{name} was a box; its centre was taken")
            return (several[0] + several[2]) / 2, (several[1] + several[3]) / 2
        if len(several) != 2:
            raise Unclear(f"{name} must be two numbers, not {value!r}")
        return several[0], several[1]

    def _unquoted(self, name: str, text: str) -> object:
        try:
            value: object = json.loads(text)
        except ValueError:
            raise Unclear(f"{name} must be a list of numbers, not {text!r}") from None
        self.notes.append(f"{name} came as text")
        return value


def number(value: object, name: str) -> float:
    """A finite number. Raises Unclear."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or not isfinite(found):
        raise Unclear(f"{name} must be a number, not {value!r}")
    return found


def away(amount: float) -> int:
    """Whole, rounded away from zero: a fraction of a click is one."""
    near = round(amount, 6)  # 700 x 0.01 is a little more than 7
    return ceil(near) if near > 0 else floor(near)


def key(name: str) -> str:
    """The key's canonical name. Raises Unclear, with the near name."""
    try:
        return find(name).name
    except Refused as refused:
        raise Unclear(str(refused)) from None


def chord(text: str) -> tuple[str, ...]:
    """The keys of `ctrl+shift+t`, in order; a plus where a key must be is the key: `+`, `ctrl++`. Raises Unclear."""
    keys, at = list[str](), 0
    while at < len(text):
        end = at + 1 if text[at] == "+" else text.find("+", at)
        end = len(text) if end < 0 else end
        keys.append(key(text[at:end]))
        if end == len(text):
            return checked(keys)
        if text[end] != "+":
            raise Unclear(f"{text!r} is no combination of keys: + goes between two keys")
        at = end + 1
    raise Unclear(f"{text!r} ends where a key must follow" if text else "no key is named")


def checked(keys: list[str]) -> tuple[str, ...]:
    """At least one key, and no more than are pressed at once. Raises Unclear."""
    if not keys:
        raise Unclear("no key is named")
    if len(keys) > MOST_KEYS:
        raise Unclear(f"{len(keys)} keys at once; at most {MOST_KEYS} are pressed together")
    return tuple(keys)
