"""Finds the one point that a reply about a place names, in any of the forms in which models write points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from agent.codecs.fields import Unclear
from agent.codecs.scan import Heard, hear, objects, without_tokens
from agent.codecs.values import pair
from agent.frame import Frame, OffScreen
from agent.models.base import Reply
from envs.types import Point

NUMBER: Final = r"-?(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12})"
_PLACE: Final = re.compile(
    rf"[(\[<]\s*(?:x\s*=\s*)?(?P<x>{NUMBER})\s*[, ]\s*(?:y\s*=\s*)?(?P<y>{NUMBER})"
    rf"(?:\s*[, ]\s*(?P<right>{NUMBER})\s*[, ]\s*(?P<bottom>{NUMBER}))?\s*[)\]>]"
)
"""`(1, 2)`, `[1, 2, 3, 4]`, `<1 2>`, `(x=1, y=2)`."""
_CORNER: Final = re.compile(r"[\s,\]\[]*")
"""What stands between the two corners of a box, `(1,2),(3,4)`."""
_TAGGED: Final = re.compile(rf"<(?:point|bbox|box|click)>\s*({NUMBER}[\d\s.,-]*)</")
_BARE: Final = re.compile(rf"\s*(?:x\s*[=:]\s*)?({NUMBER})\s*[, ]\s*(?:y\s*[=:]\s*)?({NUMBER})\s*\.?\s*")
_NAMES: Final = ("coordinate", "coordinates", "point", "point_2d", "bbox_2d", "bbox", "box", "position", "start_box")
_DEEPEST: Final = 4

Spotted = tuple[float, float] | str
"""Two numbers as the model counts, or why there are none."""


def spot(reply: Reply) -> Spotted:
    """The last point that is named: in a tool call's arguments, in what was said, else in its thoughts."""
    for call in reversed(reply.calls):
        named = _named(call.arguments)
        if named is not None:
            return named
    heard = hear(reply)
    found = spotted(heard.said)
    if isinstance(found, str) and reply.stop == "length":
        return "the reply was truncated before it named a point"
    return found if not isinstance(found, str) else _nothing(heard, found)


def spotted(text: str) -> Spotted:
    """The last point that the text names."""
    named = [found for each in objects(text) if (found := _named(each.value)) is not None]
    if named:
        return named[-1]
    tagged = _TAGGED.findall(text)
    try:
        if tagged:
            return pair(tagged[-1], "point", [])
        return _bracketed(without_tokens(text))
    except Unclear as unclear:
        return str(unclear)


def _bracketed(text: str) -> Spotted:
    places = list(_PLACE.finditer(text))
    if not places:
        bare = _BARE.fullmatch(text)
        return (float(bare[1]), float(bare[2])) if bare else "no point is named"
    last = places[-1]
    numbers = [float(each) for each in last.groups() if each is not None]
    if len(places) > 1 and len(numbers) == 2 and last["right"] is None:
        before = places[-2]
        if before["right"] is None and _CORNER.fullmatch(text, before.end(), last.start()):
            numbers = [float(before["x"]), float(before["y"]), *numbers]
    return pair(numbers, "point", [])


def _named(value: object, depth: int = 0) -> tuple[float, float] | None:
    """The point of an object, wherever in it; None when it has none."""
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return None
    for name in _NAMES:
        if value.get(name) is not None:
            return _pair(value[name])
    if value.get("x") is not None and value.get("y") is not None:
        return _pair({"x": value["x"], "y": value["y"]})
    inner = (_named(each, depth + 1) for each in value.values())
    return next((found for found in inner if found is not None), None)


def _pair(value: object) -> tuple[float, float] | None:
    try:
        return pair(value, "point", [])
    except (Unclear, RecursionError):
        return None


def _nothing(heard: Heard, why: str) -> str:
    said = " ".join(heard.said.split())
    if not said:
        return "it says nothing"
    if said.startswith("{") and "}" not in said:
        return f"truncated: it says only {said[:80]!r}"
    return f"no point: {why} in {said[:120]!r}"


def placed(found: Spotted, frame: Frame) -> Point | str:
    """The screen's pixel for it, or why there is none."""
    if isinstance(found, str):
        return found
    try:
        return frame.to_screen(*found)
    except OffScreen as off:
        return str(off)
