"""What the actions of UI-TARS mean, and how an action is said by one.

A turn of the wheel has no amount: it is five clicks in the family's own harness. `press` leaves a key down until
`release`. UI-TARS 2 says where in `point`, and knows more: the mouse's buttons by themselves, how long to wait, a
look. Source: the README and the published parser of UI-TARS (https://github.com/bytedance/UI-TARS), the functions
with which UI-TARS 2 is asked (https://arxiv.org/abs/2509.02544).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.codecs.base import Consult, Item, Look
from agent.codecs.fields import MOST_SECONDS, Unclear
from agent.codecs.scan import sane
from agent.codecs.worded import Asked, Worded, content_of, finish
from agent.codecs.writing import chord, joined, place, spoken, typed
from agent.frame import Frame
from agent.registry import near
from envs.types import (
    Button,
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Type,
    Wait,
)

CLICKS: Final[dict[str, tuple[Button, int]]] = {
    "click": ("left", 1),
    "left_double": ("left", 2),
    "right_single": ("right", 1),
    "middle_click": ("middle", 1),
    "triple_click": ("left", 3),
}
OTHERS: Final = {
    "left_single": "click",
    "left_click": "click",
    "double_click": "left_double",
    "left_double_click": "left_double",
    "right_click": "right_single",
    "right_single_click": "right_single",
    "middle_single": "middle_click",
    "move_to": "hover",
    "move": "hover",
    "mouse_move": "hover",
    "left_drag": "drag",
    "select": "drag",
    "key": "hotkey",
    "keypress": "hotkey",
    "keydown": "press",
    "key_down": "press",
    "keyup": "release",
    "key_up": "release",
    "write": "type",
    "input": "type",
    "sleep": "wait",
    "finish": "finished",
    "done": "finished",
    "screenshot": "take_screenshot",
    "open_computer": "take_screenshot",
}
"""Other names by which models have asked for an action."""
KNOWN: Final = (
    *CLICKS,
    "hover",
    "drag",
    "scroll",
    "hotkey",
    "press",
    "release",
    "type",
    "wait",
    "finished",
    "call_user",
    "mouse_down",
    "mouse_up",
    "take_screenshot",
)
NAMES: Final = (*KNOWN, *OTHERS)
_START: Final = ("start_box", "start_point", "point", "coordinate", "box")
_END: Final = ("end_box", "end_point", "end")
KEYS: Final = (*_START, *_END, "direction", "key", "keys", "content", "text", "time", "seconds", "button")
"""By which a value may be given."""
WAITS: Final = 5.0
"""Seconds of a wait that names none."""


@dataclass(frozen=True)
class Words:
    """`turn` is wheel clicks of one scroll; `seed`: the later vocabulary, of UI-TARS 2."""

    turn: float = 5.0
    seed: bool = False


def places(name: str) -> tuple[str, ...]:
    """What values without a name are taken for, in order."""
    match OTHERS.get(name, name):
        case "drag":
            return "start_box", "end_box"
        case "scroll":
            return "start_box", "direction"
        case "hotkey" | "press" | "release":
            return ("key",)
        case "type" | "finished" | "call_user":
            return ("content",)
        case "wait":
            return ("time",)
    return ("start_box",)


def items_of(asked: Asked, given: Worded, words: Words) -> list[Item]:
    """What is asked for. Raises Unclear for what cannot be carried out."""
    if asked.broken:
        raise Unclear(asked.broken)
    name = OTHERS.get(asked.name, asked.name)
    if name not in KNOWN:
        raise Unclear(f"there is no action {name[:80]!r}{near(name, KNOWN)}")
    if name != asked.name and not (words.seed and asked.name == "move_to"):
        given.notes.append(f"{asked.name} taken for {name}")
    if name in CLICKS:
        button, count = CLICKS[name]
        return [Click(at=given.must_at(*_START), button=button, count=count)]
    return _pointed(name, given, words) or _keyed(name, given, words)


def _pointed(name: str, given: Worded, words: Words) -> list[Item]:
    match name:
        case "hover":
            return [Move(at=given.must_at(*_START))]
        case "drag":
            start, end = given.at(*_START), given.must_at(*_END)
            return [Drag(path=(end,) if start is None else (start, end))]
        case "scroll":
            way, clicks = given.direction("up", "down", "left", "right"), given.clicks(words.turn)
            turned = clicks if way in {"down", "right"} else -clicks
            at = given.at(*_START)
            return [Scroll(at=at, dx=turned) if way in {"left", "right"} else Scroll(at=at, dy=turned)]
        case "mouse_down":
            return [MouseDown(at=given.at(*_START), button=_button(given))]
        case "mouse_up":
            return [MouseUp(at=given.at(*_START), button=_button(given))]
    return []


def _button(given: Worded) -> Button:
    match given.first("button"):
        case None | "left":
            return "left"
        case "right":
            return "right"
        case "middle":
            return "middle"
        case other:
            raise Unclear(f"the button is left or right, not {str(other)[:40]!r}")


def _keyed(name: str, given: Worded, words: Words) -> list[Item]:
    match name:
        case "hotkey":
            return given.presses("key", "keys")
        case "press":
            return [KeyDown(key=given.one_key("key", "keys"))]
        case "release":
            return [KeyUp(key=given.one_key("key", "keys"))]
        case "type":
            return [Type(text=_entered(given.words("content", "text"), given, words))]
        case "wait":
            named = given.first("time", "seconds") is not None
            return [Wait(seconds=given.seconds("time", "seconds") if named else WAITS)]
        case "finished":
            return [finish(given.first("content", "text"), "done")]
        case "call_user":
            return [Consult(text=sane(str(given.first("content", "text") or "")))]
    return [Look()]


def _entered(text: str, given: Worded, words: Words) -> str:
    r"""In tags nothing is escaped, and yet a `\n` at the end is how Enter is asked for."""
    if words.seed and text.endswith("\\n"):
        given.notes.append(r"\n at the end taken for Enter")
        return text[:-2] + "\n"
    return text


def said_by(item: Item, frame: Frame, words: Words) -> tuple[str, dict[str, str]]:
    """The name and the values by which it is asked for. Raises ValueError for what there are no words for."""
    said = _pointing(item, frame, words) or _typing(item, words) or _saying(item, words)
    if said is None:
        raise ValueError(f"there is no word for {item!r}")
    return said


def _at(point: Point | None, frame: Frame, words: Words, name: str = "") -> dict[str, str]:
    if point is None:
        return {}
    x, y = place(point, frame)
    if words.seed:
        return {f"{name}_point" if name else "point": f"<point>{x} {y}</point>"}
    return {f"{name or 'start'}_box": f"({x},{y})"}


def _pointing(item: Item, frame: Frame, words: Words) -> tuple[str, dict[str, str]] | None:
    told = ("click", "left_double", "right_single")
    match item:
        case Click(at=Point(), holding=()):
            named = next((name for name in told if CLICKS[name] == (item.button, item.count)), None)
            return None if named is None else (named, _at(item.at, frame, words))
        case Move():
            return "move_to" if words.seed else "hover", _at(item.at, frame, words)
        case Drag(path=(start, end), button="left", holding=()):
            return "drag", _at(start, frame, words, "start") | _at(end, frame, words, "end")
        case Scroll(holding=()) if (item.dx == 0) != (item.dy == 0):
            turned = item.dx or item.dy
            if abs(turned) != Worded({}, frame).clicks(words.turn):
                raise ValueError(f"a scroll turns the wheel by {words.turn:g} clicks, and not by {abs(turned)}")
            ways = ("left", "right") if item.dx else ("up", "down")
            return "scroll", _at(item.at, frame, words) | {"direction": ways[turned > 0]}
        case MouseDown() | MouseUp() if words.seed and item.button in {"left", "right"}:
            name = "mouse_down" if isinstance(item, MouseDown) else "mouse_up"
            return name, _at(item.at, frame, words) | {"button": item.button}
    return None


def _typing(item: Item, words: Words) -> tuple[str, dict[str, str]] | None:
    match item:
        case Press(seconds=0.0):
            return "hotkey", {"key": joined(item.keys, " ")}
        case KeyDown():
            return "press", {"key": chord((item.key,))[0]}
        case KeyUp():
            return "release", {"key": chord((item.key,))[0]}
        case Type():
            if words.seed and item.text.endswith("\\n"):
                raise ValueError(r"text with a \n at its end would be read as Enter")
            return "type", {"content": typed(item.text)}
    return None


def _saying(item: Item, words: Words) -> tuple[str, dict[str, str]] | None:
    match item:
        case Wait(seconds=seconds) if seconds == WAITS:
            return "wait", {}
        case Wait(seconds=seconds) if words.seed and 0 <= seconds <= MOST_SECONDS:
            return "wait", {"time": repr(seconds)}
        case Finish():
            content = content_of(item, "done")
            return "finished", {"content": content} if content or not words.seed else {}
        case Consult():
            return "call_user", {"content": spoken(item.text)} if item.text else {}
        case Look() if words.seed:
            return "take_screenshot", {}
    return None
