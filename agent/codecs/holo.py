"""Holo2, 3 and 3.1: one JSON object by a schema, with a note, a thought and one action; places in thousandths.

Its coordinates stand beside the action's name (`x`, `y`), with words for what lies there. Serve it with thinking off.
Source: the model cards of H Company; that pictures are resized in steps of 32 follows from its base, Qwen3-VL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.codecs.base import Family
from agent.codecs.fields import Unclear
from agent.codecs.locating import Bounded
from agent.codecs.options import checked
from agent.codecs.plain import Objects
from agent.codecs.plain_actions import Takes, known

_PLACE: Final = ("element", "x", "y")
_ACTIONS: Final[Mapping[str, Takes]] = {
    "click": Takes(must=("x", "y"), may=("element", "button", "count", "keys")),
    "hover": Takes(must=("x", "y"), may=("element",)),
    "drag": Takes(must=("x", "y", "to_x", "to_y"), may=("element", "button", "keys")),
    "scroll": Takes(must=("direction",), may=("clicks", *_PLACE, "keys")),
    "type": Takes(must=("text",)),
    "press": Takes(must=("keys",), may=("times", "seconds")),
    "key_down": Takes(must=("key",)),
    "key_up": Takes(must=("key",)),
    "mouse_down": Takes(may=(*_PLACE, "button")),
    "mouse_up": Takes(may=(*_PLACE, "button")),
    "wait": Takes(must=("seconds",)),
    "finish": Takes(must=("claim",), may=("answer",)),
}
"""As in the schema of its prompt; without the words for an element, an action is as clear."""


@dataclass(frozen=True)
class Schema:
    """`{"note": ..., "thought": ..., "action": {...}}`."""

    example: str = '{"note": "", "thought": "...", "action": {"action": "wait", "seconds": 1}}'

    def actions(self, value: Mapping[str, object], notes: list[str]) -> Sequence[object]:
        """The one action; also where it stands alone."""
        wanted, beside = value.get("action"), value.keys() - {"note", "thought", "action"}
        if isinstance(wanted, str):
            notes.append("the action stood alone")
            return [{name: each for name, each in value.items() if name not in ("note", "thought")}]
        if beside:
            raise Unclear(
                f"the object has no field {str(min(beside))[:80]!r}; its fields are note, thought and action"
            )
        if not isinstance(wanted, dict):
            raise Unclear("action must be an object")
        return [wanted]

    def usual(self, action: Mapping[str, object]) -> Mapping[str, object]:
        """With pairs for its numbers. Raises Unclear."""
        name = known(action, _ACTIONS)
        usual = {field: value for field, value in action.items() if field not in (*_PLACE, "to_x", "to_y")}
        if (action.get("x") is None) != (action.get("y") is None):
            raise Unclear(f"{name} has one of x and y; it needs both, or neither")
        if action.get("x") is not None:
            usual["from" if name == "drag" else "target"] = [action["x"], action["y"]]
        if name == "drag":
            usual["to"] = [action["to_x"], action["to_y"]]
        return usual

    def value(self, actions: Sequence[Mapping[str, object]], thought: str) -> Mapping[str, object]:
        """With an empty note. Raises ValueError for what the schema has no fields for."""
        (usual,) = actions
        action = {field: value for field, value in usual.items() if field not in ("target", "from", "to")}
        for field, names in (("target", ("x", "y")), ("from", ("x", "y")), ("to", ("to_x", "to_y"))):
            pair = usual.get(field)
            if isinstance(pair, list):
                action |= {"element": "", **dict(zip(names, pair, strict=True))}
        known(action, _ACTIONS)
        return {"note": "", "thought": thought, "action": action}


def holo(
    *,
    divisor: float = 1000.0,
    factor: int = 32,
    least_pixels: int = 65_536,
    most_pixels: int = 13_107_200,
    pictures: int = 5,
) -> Objects:
    """The codec. Its replies hold one action each."""
    resize = Bounded(factor, least_pixels, most_pixels)
    facts = Family(
        name="holo",
        about="Holo2, Holo3 and 3.1: JSON by a schema, one action a reply",
        can=("act", "ask", "locate"),
        space="relative",
        divisor=divisor,
        resize=str(resize),
        pictures=pictures,
        batch="first",
        sure=("holo2", "holo-2", "holo3", "holo-3"),
        source="https://huggingface.co/Hcompany",
    )
    checked(facts, factor, least_pixels, most_pixels)
    return Objects(facts, resize, Schema(), older="replies")
