"""Asks a model without a format of its own to point, and reads the point: JSON in pixels of the picture."""

from __future__ import annotations

import json
import re

from agent.codecs.fields import Fields, Unclear
from agent.frame import Frame
from agent.models.base import Message, Picture, Reply, Text
from envs.types import Point

_OBJECT = re.compile(r"\{[^{}]*\}")
_PAIR = re.compile(r"[(\[]\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*[)\]]")


def ask_where(picture: Picture, description: str) -> tuple[Message, ...]:
    """One user turn: what is looked for, how to say it, and the picture."""
    size = picture.size
    words = (
        f"The picture is {size.width} pixels wide and {size.height} high. Find this in it:\n\n{description}\n\n"
        'Answer with its centre in pixels from the top left, as JSON on one line: {"x": 12, "y": 34}. '
        'If it is not there, answer {"x": null, "y": null}.'
    )
    return (Message(role="user", parts=(Text(words), picture)),)


def read_where(reply: Reply, frame: Frame) -> Point | str:
    """The point it names, on the screen; or why it names none."""
    for text in (reply.text, reply.thinking):
        for found in reversed(_OBJECT.findall(text)):
            try:
                given = json.loads(found)
            except ValueError:
                continue
            if {"x", "y"} <= given.keys():
                if given["x"] is None or given["y"] is None:
                    return "it says that it is not there"
                return _placed(given, frame)
    pairs = _PAIR.findall(reply.text)
    if pairs:
        x, y = pairs[-1]
        return _placed({"x": x, "y": y}, frame)
    return f"no point in its answer: {reply.text[:200]!r}"


def _placed(given: dict[str, object], frame: Frame) -> Point | str:
    fields = Fields(given, frame)
    try:
        return fields.on_screen(fields.number("x"), fields.number("y"))
    except Unclear as unclear:
        return str(unclear)
