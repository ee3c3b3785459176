"""What every family checks before it says something: that reading it gives the same back. All raise ValueError."""

from __future__ import annotations

from collections.abc import Sequence

from agent.codecs.fields import MOST_TEXT
from agent.codecs.scan import sane
from agent.codecs.values import chord_of
from agent.frame import Frame
from envs.errors import Refused
from envs.keys import of_text
from envs.types import Point


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
