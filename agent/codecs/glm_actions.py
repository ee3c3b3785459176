"""What the actions of GLM's vision models mean, and how an action is said by one.

A wait is five seconds, a scroll without a step five clicks of the wheel. `DONE` and `FAIL` have no words of their own
in training; ours may say an answer or a reason. Source: the notes on the desktop that came with GLM-4.1V, and the
agent published with GLM-4.5V (https://github.com/zai-org/GLM-V).
"""

from __future__ import annotations

from typing import Final

from agent.codecs.base import Item, Look
from agent.codecs.fields import MOST_CLICKS, Unclear
from agent.codecs.worded import Asked, Worded, content_of, finish
from agent.codecs.writing import joined, place, typed
from agent.frame import Frame
from agent.registry import near
from envs.types import Button, Click, Drag, Finish, Move, Point, Press, Scroll, Type, Wait

CLICKS: Final[dict[str, tuple[Button, int]]] = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "left_double_click": ("left", 2),
    "click": ("left", 1),
    "double_click": ("left", 2),
    "left_triple_click": ("left", 3),
}
POINTED: Final = ("hover", "left_drag", "drag", "scroll")
ALONE: Final = ("DONE", "FAIL", "WAIT", "screenshot")
"""Those that may have no argument."""
NAMES: Final = (*CLICKS, *POINTED, "key", "type", *ALONE)
KEYS: Final = ("start_box", "end_box", "box", "element_info", "direction", "step", "keys", "key", "content", "text")
"""By which a value may be given."""
WAITS: Final = 5.0
STEP: Final = 5
_TOLD: Final = tuple(CLICKS)[:4]
KNOWN: Final = (*_TOLD, "hover", "left_drag", "scroll", "key", "type", "WAIT", "DONE", "FAIL")


def places(name: str) -> tuple[str, ...]:
    """What values without a name are taken for, in order."""
    match name:
        case "left_drag" | "drag":
            return "start_box", "end_box"
        case "scroll":
            return "start_box", "direction", "step"
        case "key":
            return ("keys",)
        case "type" | "DONE" | "FAIL":
            return ("content",)
    return ("start_box",)


def items_of(asked: Asked, given: Worded, unit: float) -> list[Item]:
    """What is asked for; `unit` is wheel clicks for a step. Raises Unclear for what cannot be carried out."""
    if asked.broken:
        raise Unclear(asked.broken)
    if asked.name in CLICKS:
        button, count = CLICKS[asked.name]
        return [Click(at=given.must_at("start_box", "box"), button=button, count=count)]
    return [_pointed(asked.name, given, unit)] if asked.name in POINTED else _keyed(asked.name, given)


def _pointed(name: str, given: Worded, unit: float) -> Item:
    match name:
        case "hover":
            return Move(at=given.must_at("start_box", "box"))
        case "scroll":
            return _scroll(given, unit)
    return Drag(path=(given.must_at("start_box"), given.must_at("end_box")))


def _keyed(name: str, given: Worded) -> list[Item]:
    match name:
        case "key":
            return given.presses("keys", "key", "content")
        case "type":
            return [Type(text=given.words("content", "text"))]
        case "WAIT":
            return [Wait(seconds=WAITS)]
        case "DONE" | "FAIL":
            return [finish(given.first("content", "text"), "done" if name == "DONE" else "infeasible")]
        case "screenshot":
            return [Look()]
    raise Unclear(f"there is no action {name[:80]!r}{near(name, KNOWN)}")


def _scroll(given: Worded, unit: float) -> Scroll:
    way = given.direction("up", "down", "left", "right")
    step = given.amount("step") if given.first("step") is not None else STEP
    clicks = given.clicks(round(abs(step) * unit, 6))
    if not clicks or step < 0:
        raise Unclear(f"step must be above 0, and is {step:g}")
    turned = clicks if way in {"down", "right"} else -clicks
    at = given.at("start_box", "box")
    return Scroll(at=at, dx=turned) if way in {"left", "right"} else Scroll(at=at, dy=turned)


def said_by(item: Item, frame: Frame, unit: float) -> tuple[str, dict[str, str]]:
    """The name and the values by which it is asked for. Raises ValueError for what there are no words for."""
    match item:
        case Click(at=Point() as at, holding=()):
            named = next((name for name in _TOLD if CLICKS[name] == (item.button, item.count)), None)
            if named:
                return named, {"start_box": _at(at, frame)}
        case Move():
            return "hover", {"start_box": _at(item.at, frame)}
        case Drag(path=(start, end), button="left", holding=()):
            return "left_drag", {"start_box": _at(start, frame), "end_box": _at(end, frame)}
        case Scroll(at=Point() as at, dx=0, holding=()) if 0 < abs(item.dy) <= MOST_CLICKS:
            step = round(abs(item.dy) / unit, 6)
            way = "down" if item.dy > 0 else "up"
            return "scroll", {"start_box": _at(at, frame), "direction": way, "step": f"{step:.10g}"}
        case Press(seconds=0.0):
            return "key", {"keys": joined(item.keys)}
        case Type():
            return "type", {"content": typed(item.text)}
        case Wait(seconds=seconds) if seconds == WAITS:
            return "WAIT", {}
        case Finish():
            done = item.claim == "done"
            content = content_of(item, "done" if done else "infeasible")
            return "DONE" if done else "FAIL", {"content": content} if content else {}
    raise ValueError(f"there is no word for {item!r}")


def _at(point: Point, frame: Frame) -> str:
    x, y = place(point, frame)
    return f"[{x},{y}]"
