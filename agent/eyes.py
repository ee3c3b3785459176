"""Ways in which scaffolds aim: by words that a grounder finds, by the number of an element, by a point."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from agent.base import Grounder, Spot
from agent.codecs.base import Codec
from agent.elements import Element
from agent.frame import Frame, OffScreen
from agent.planning import Shown
from agent.plans import Target
from agent.scaffold import Speaker, blamed, labelled
from envs.types import Observation, Point, Size

_NUMBER = re.compile(r"(?:mark|element|number|no\.?)?\s*[\[(#]?\s*(\d{1,5})\s*[\])]?", re.IGNORECASE)


class Described:
    """Shows the plain screen to the planner; what it describes, the grounder finds."""

    def __init__(self, model: Speaker, grounder: Grounder) -> None:
        self._model = model
        self._grounder = grounder

    def look(self, seen: Observation) -> Shown:
        """See `agent.planning.Eyes`."""

        def aim(target: Target) -> Spot:
            if not isinstance(target, str | int):
                return Spot(at=None, why_not="a target is to be described in words")
            with blamed("grounder"):
                spot = self._grounder.locate(seen.png, str(target))
            return replace(spot, calls=labelled(spot.calls, "grounder"))

        return Shown(parts=(self._model.show(seen.png),), aim=aim)


def counting(model: object, screen: Size, sent: Size) -> Frame:
    """How a model counts on a picture of size `sent`: as its family does, if it has one, else in its pixels."""
    codec: Codec | None = getattr(model, "codec", None)
    return codec.frame(screen, sent) if codec is not None else Frame(screen=screen, sent=sent)


def counts(frame: Frame) -> str:
    """The same, in words for the model."""
    if frame.space == "pixels":
        return (
            f"A point is [x, y] in pixels of the picture, which is {frame.sent.width} wide, {frame.sent.height} high."
        )
    return f"A point is [x, y], both counted from 0 to {frame.divisor:g} over the whole picture."


def aimed(target: Target, elements: Sequence[Element], frame: Frame, kind: str) -> Spot:
    """The middle of the element of that number, from 1, or the point; `kind` is what an element is called."""
    number = _number(target)
    if number is not None:
        if 1 <= number <= len(elements):
            return Spot(at=elements[number - 1].box.centre)
        there = f"they are numbered 1 to {len(elements)}" if elements else "there are none"
        return Spot(at=None, why_not=f"there is no {kind} {number}: {there}")
    if isinstance(target, tuple) and len(target) in (2, 4):
        return _point(target, frame)
    return Spot(at=None, why_not=f"a target is the number of a {kind}, or a point [x, y]")


def _number(target: Target) -> int | None:
    if isinstance(target, str):
        found = _NUMBER.fullmatch(target.strip())
        return int(found[1]) if found else None
    if isinstance(target, tuple):
        return int(target[0]) if len(target) == 1 and target[0].is_integer() else None
    return target


def _point(target: tuple[float, ...], frame: Frame) -> Spot:
    """A point, or the middle of a box."""
    across, down = target[0::2], target[1::2]
    try:
        at: Point = frame.to_screen(sum(across) / len(across), sum(down) / len(down))
    except OffScreen as off:
        return Spot(at=None, why_not=str(off))
    return Spot(at=at)
