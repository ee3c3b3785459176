"""What the arguments of Qwen's `computer_use` mean, and how an action is put into them.

Signs: `scroll` with positive pixels turns the wheel up, `hscroll` with positive pixels to the right; the coordinate
of `left_click_drag` is where the button is released. Qwen's "pixels" are wheel clicks unless `unit` says otherwise:
its data was made with pyautogui. The sign of `hscroll` is nowhere documented. Source: the tool's schema in Qwen's
cookbooks, and the parsers of OSWorld and cua.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.codecs.base import Item, Look, Pointer
from agent.codecs.fields import MOST_CLICKS, MOST_REPEATS, Unclear
from agent.codecs.scan import sane
from agent.codecs.values import Loose
from agent.codecs.writing import chord, joined, place, spoken, typed
from agent.frame import Frame
from agent.registry import near
from envs.types import (
    Button,
    Claim,
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
    Wait,
)

CLICKS: Final[dict[str, tuple[Button, int]]] = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
OTHERS: Final = {
    "click": "left_click",
    "single_click": "left_click",
    "left_single": "left_click",
    "rightclick": "right_click",
    "right_single": "right_click",
    "doubleclick": "double_click",
    "left_double": "double_click",
    "left_double_click": "double_click",
    "tripleclick": "triple_click",
    "move": "mouse_move",
    "move_to": "mouse_move",
    "hover": "mouse_move",
    "drag": "left_click_drag",
    "drag_to": "left_click_drag",
    "press": "key",
    "press_key": "key",
    "keypress": "key",
    "hotkey": "key",
    "write": "type",
    "type_text": "type",
    "input_text": "type",
    "horizontal_scroll": "hscroll",
    "sleep": "wait",
    "finished": "terminate",
    "finish": "terminate",
    "done": "terminate",
    "take_screenshot": "screenshot",
}
"""Other names by which models have asked for an action."""
KNOWN: Final = (
    *CLICKS,
    "mouse_move",
    "left_click_drag",
    "left_mouse_down",
    "left_mouse_up",
    "scroll",
    "hscroll",
    "type",
    "key",
    "key_down",
    "key_up",
    "wait",
    "answer",
    "terminate",
    "screenshot",
    "cursor_position",
)
_CLAIMS: Final[dict[str, Claim]] = {
    "success": "done",
    "succeeded": "done",
    "successful": "done",
    "done": "done",
    "completed": "done",
    "complete": "done",
    "failure": "failed",
    "fail": "failed",
    "failed": "failed",
    "infeasible": "infeasible",
    "impossible": "infeasible",
}
_STATUS: Final[dict[Claim, str]] = {"done": "success", "failed": "failure", "infeasible": "infeasible"}


@dataclass(frozen=True)
class Vocabulary:
    """Which actions a family is told of, and what its numbers mean: `unit` is wheel clicks for one of its pixels.

    `modifiers`: the `text` of a click or scroll names the keys that are held.
    """

    actions: tuple[str, ...]
    unit: float = 1.0
    modifiers: bool = False


def items_of(action: str, given: Loose, words: Vocabulary) -> list[Item]:
    """What is asked for. Raises Unclear for what cannot be carried out."""
    name = action.strip().lower().replace(" ", "_")
    if name in OTHERS:
        given.notes.append(f"{name} taken for {OTHERS[name]}")
        name = OTHERS[name]
    if name not in KNOWN:
        raise Unclear(f"there is no action {action[:80]!r}{near(name, KNOWN)}")
    if name in CLICKS:
        button, count = CLICKS[name]
        return [Click(at=given.at("coordinate"), button=button, count=count, holding=_held(given, words))]
    return _pointed(name, given, words) or _keyed(name, given) or [_ended(name, given)]


def _held(given: Loose, words: Vocabulary) -> tuple[str, ...]:
    return given.keys("text", "modifiers") if words.modifiers and given.first("text", "modifiers") else ()


def _pointed(name: str, given: Loose, words: Vocabulary) -> list[Item]:
    match name:
        case "mouse_move":
            return [Move(at=given.must_at("coordinate"))]
        case "left_click_drag":
            begin = given.at("start_coordinate", "coordinate1", "start")
            end = given.must_at("coordinate", "end_coordinate", "coordinate2", "end")
            return [Drag(path=(end,) if begin is None else (begin, end))]
        case "left_mouse_down":
            return [MouseDown(at=given.at("coordinate"))]
        case "left_mouse_up":
            return [MouseUp(at=given.at("coordinate"))]
        case "scroll" | "hscroll":
            return [_scroll(name, given, words)]
        case "screenshot":
            return [Look()]
        case "cursor_position":
            return [Pointer()]
    return []


def _scroll(name: str, given: Loose, words: Vocabulary) -> Scroll:
    amount = given.amount("pixels", "amount", "scroll_amount", "clicks")
    direction = str(given.first("direction", "scroll_direction") or "").lower()
    if direction:
        if direction not in {"up", "down", "left", "right"}:
            raise Unclear(f"the direction is up, down, left or right, not {direction[:40]!r}")
        name = "scroll" if direction in {"up", "down"} else "hscroll"
        amount = abs(amount) if direction in {"up", "right"} else -abs(amount)
    turned = given.clicks(round(amount * words.unit, 6))
    if not turned:
        raise Unclear("a scroll by 0 does nothing")
    at, held = given.at("coordinate"), _held(given, words)
    return Scroll(at=at, dy=-turned, holding=held) if name == "scroll" else Scroll(at=at, dx=turned, holding=held)


def _keyed(name: str, given: Loose) -> list[Item]:
    match name:
        case "key":
            return _presses(given)
        case "key_down":
            return [KeyDown(key=key) for key in given.keys("keys", "key", "text")]
        case "key_up":
            return [KeyUp(key=key) for key in given.keys("keys", "key", "text")]
        case "type":
            text = Type(text=given.words("text", "content", "value"))
            if given.given.get("press_enter") is True:
                text = Type(text=text.text + "\n")
            first = given.at("coordinate")
            return [text] if first is None else [Click(at=first), text]
        case "wait":
            return [Wait(seconds=given.seconds("time", "seconds", "duration", default=1.0))]
    return []


def _presses(given: Loose) -> list[Item]:
    keys = given.keys("keys", "key", "text")
    times = 1
    if len(keys) > 1 and len(set(keys)) == 1:
        given.notes.append(f"{keys[0]} named {len(keys)} times: pressed so often")
        keys, times = keys[:1], len(keys)
    if given.first("repeat", "presses") is not None:
        times = max(1, int(given.capped("repeat" if "repeat" in given.given else "presses", MOST_REPEATS)))
    return [Press(keys=keys)] * times


def _ended(name: str, given: Loose) -> Finish:
    if name == "answer":
        return Finish(answer=_said(given.first("text", "answer", "content")))
    status = given.first("status")
    if status is None:
        raise Unclear("terminate without status: give status success or failure")
    claim = _CLAIMS.get(str(status).strip().lower())
    if claim is None:
        raise Unclear(f"the status is success or failure, not {str(status)[:40]!r}")
    return Finish(claim=claim, answer=_said(given.first("text", "answer", "content", "message")))


def _said(value: object) -> str:
    return "" if value is None else sane(str(value))


def arguments_of(item: Item, frame: Frame, words: Vocabulary) -> Mapping[str, object]:
    """The arguments by which it is asked for. Raises ValueError for what this vocabulary has no word for."""
    said = _pointing(item, frame, words) or _typing(item, words)
    if said is None or said["action"] not in words.actions:
        raise ValueError(f"there is no word for {item!r}")
    return said


def _pointing(item: Item, frame: Frame, words: Vocabulary) -> dict[str, object] | None:
    match item:
        case Click() | Scroll() if item.holding and not words.modifiers:
            return None
        case Click():
            named = [name for name, meant in CLICKS.items() if meant == (item.button, item.count)]
            held = {"text": joined(item.holding)} if item.holding else {}
            at = {"coordinate": place(item.at, frame)} if item.at else {}
            return {"action": named[0], **at, **held} if named else None
        case Move():
            return {"action": "mouse_move", "coordinate": place(item.at, frame)}
        case Drag(path=(end,), button="left", holding=()):
            return {"action": "left_click_drag", "coordinate": place(end, frame)}
        case Scroll() if (item.dx == 0) != (item.dy == 0) and max(abs(item.dx), abs(item.dy)) <= MOST_CLICKS:
            pixels = round((item.dx or -item.dy) / words.unit, 6)
            at = {"coordinate": place(item.at, frame)} if item.at else {}
            held = {"text": joined(item.holding)} if item.holding else {}
            whole = int(pixels) if pixels == int(pixels) else pixels
            return {"action": "hscroll" if item.dx else "scroll", "pixels": whole, **at, **held}
        case MouseDown(button="left") | MouseUp(button="left"):
            at = {"coordinate": place(item.at, frame)} if item.at else {}
            return {"action": "left_mouse_down" if isinstance(item, MouseDown) else "left_mouse_up", **at}
        case Look():
            return {"action": "screenshot"}
        case Pointer():
            return {"action": "cursor_position"}
    return None


def _typing(item: Item, words: Vocabulary) -> dict[str, object] | None:
    match item:
        case Press(seconds=0.0):
            return {"action": "key", "keys": list(chord(item.keys))}
        case KeyDown():
            return {"action": "key_down", "keys": list(chord((item.key,)))}
        case KeyUp():
            return {"action": "key_up", "keys": list(chord((item.key,)))}
        case Type():
            return {"action": "type", "text": typed(item.text)}
        case Wait():
            return {"action": "wait", "time": item.seconds}
        case Finish(claim="done") if item.answer and "answer" in words.actions:
            return {"action": "answer", "text": spoken(item.answer)}
        case Finish():
            answer: dict[str, object] = {"text": spoken(item.answer)} if item.answer else {}
            return {"action": "terminate", "status": _STATUS[item.claim], **answer}
    return None
