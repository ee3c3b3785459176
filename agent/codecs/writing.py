"""What every family checks before it says something: that reading it gives the same back. All raise ValueError."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import msgspec

from agent.codecs.base import Invalid, Item
from agent.codecs.fields import MOST_TEXT
from agent.codecs.scan import sane
from agent.codecs.values import chord_of
from agent.frame import Frame
from envs.errors import Refused
from envs.keys import find, of_text
from envs.types import Finish, Point, Type


def sound(items: Sequence[Item], frame: Frame) -> None:
    """Something is asked for, a desktop can carry all of it out, and nothing comes after the end."""
    if not items or any(isinstance(item, Finish) for item in items[:-1]):
        raise ValueError("nothing comes after the end" if items else "a reply asks for at least one thing")
    for item in items:
        _sound(item)
        for point in (getattr(item, "at", None), *getattr(item, "path", ())):
            if point is not None:
                place(point, frame)


def _sound(item: Item) -> None:
    keys = (*getattr(item, "keys", ()), *getattr(item, "holding", ()))
    try:
        msgspec.convert(msgspec.to_builtins(item), type(item))
        for name in (*keys, getattr(item, "key", "a")):
            find(name)
    except (msgspec.ValidationError, Refused) as wrong:
        raise ValueError(f"{item!r} is nothing that is carried out: {wrong}") from None
    if isinstance(item, Invalid):
        raise ValueError(f"{item!r} is nothing that is carried out")
    if not isfinite(getattr(item, "seconds", 0.0)):
        raise ValueError(f"{item!r} ends at no time")
    if len(set(keys)) < len(keys):
        raise ValueError(f"{item!r} presses a key that is down")
    if isinstance(item, Type):
        typed(item.text)
    spoken(str(getattr(item, "answer", "")))


def place(point: Point, frame: Frame) -> list[int]:
    """The pair of whole numbers that a model says for this pixel."""
    if not (0 <= point.x < frame.screen.width and 0 <= point.y < frame.screen.height):
        raise ValueError(f"({point.x}, {point.y}) is not on the screen")
    x, y = frame.to_model(point)
    return [round(x), round(y)]


def typed(text: str) -> str:
    """Text that can be typed at once."""
    if len(text) > MOST_TEXT:
        raise ValueError(f"{len(text)} characters are more than are typed at once")
    try:
        of_text(text)
    except Refused as refused:
        raise ValueError(str(refused)) from None
    return text


def spoken(text: str) -> str:
    """Words that a record can hold."""
    if sane(text) != text:
        raise ValueError("the words hold what no record can")
    return text


def chord(keys: Sequence[str]) -> tuple[str, ...]:
    """Keys by names that are read as the same keys."""
    if chord_of(list(keys), []) != tuple(keys) or len(set(keys)) < len(keys):
        raise ValueError(f"the keys {keys!r} would be read as others")
    return tuple(keys)


def joined(keys: Sequence[str], mark: str = "+") -> str:
    """The same in one string, with the mark between two keys."""
    text = mark.join(chord(keys))
    if chord_of(text, []) != tuple(keys):
        raise ValueError(f"the keys {keys!r} would be read as others")
    return text
