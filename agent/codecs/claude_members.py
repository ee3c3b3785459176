"""The members of Claude's computer toolset, read and written: the older tools' actions have the same names.

Source: Anthropic's computer use guide, and the types of its SDK (2.13).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agent.codecs.base import Invalid, Item, Look, Pointer, Zoom
from agent.codecs.fields import MOST_CLICKS, MOST_REPEATS, MOST_SECONDS, Fields, Unclear, checked, chord
from agent.frame import Frame
from agent.models.base import Call
from envs.types import (
    Button,
    Click,
    Drag,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Rect,
    Scroll,
    Type,
    Wait,
)

TOOLSET = "computer"
_CLICKS: Mapping[str, tuple[Button, int]] = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
_WHEEL = {"down": (0, 1), "up": (0, -1), "right": (1, 0), "left": (-1, 0)}
_ALIASES = {
    "click": "left_click",
    "left_double_click": "double_click",
    "drag": "left_click_drag",
    "move": "mouse_move",
    "press": "key",
    "keypress": "key",
    "type_text": "type",
}


def items_of(call: Call, frame: Frame, notes: list[str]) -> tuple[Item, ...]:
    """What one call asks for: one thing, several for a repeated key, or an Invalid. `notes` gets what was mended."""
    fields = Fields(call.arguments, frame, notes)
    named = call.arguments.get("action", call.name) if call.name == TOOLSET else call.name
    member = _ALIASES.get(str(named), str(named))
    if member != named:
        notes.append(f"{named} was taken for {member}")
    if member not in _READ:
        return (Invalid(reason=f"there is no computer action {named!r}; there is {', '.join(sorted(_READ))}"),)
    try:
        return _READ[member](fields)
    except Unclear as unclear:
        return (Invalid(reason=f"{member}: {unclear}"),)


def _click(button: Button, count: int) -> Callable[[Fields], tuple[Item, ...]]:
    def read(fields: Fields) -> tuple[Item, ...]:
        return (Click(at=fields.point("coordinate"), button=button, count=count, holding=_held(fields)),)

    return read


def _held(fields: Fields) -> tuple[str, ...]:
    text = fields.given.get("text")
    return chord(text) if isinstance(text, str) and text else ()


def _drag(fields: Fields) -> tuple[Item, ...]:
    start, end = fields.point("start_coordinate"), fields.must_point("coordinate")
    return (Drag(path=(start, end) if start else (end,), holding=_held(fields)),)


def _scroll(fields: Fields) -> tuple[Item, ...]:
    direction = fields.given.get("scroll_direction")
    if direction not in _WHEEL:
        raise Unclear(f"scroll_direction is one of {', '.join(_WHEEL)}, not {direction!r}")
    amount = fields.number("scroll_amount")
    if amount < 0:
        raise Unclear("scroll_amount must not be negative: say the direction")
    across, down = _WHEEL[str(direction)]
    clicks = fields.clicks(amount)
    return (Scroll(at=fields.point("coordinate"), dx=across * clicks, dy=down * clicks, holding=_held(fields)),)


def _key(fields: Fields) -> tuple[Item, ...]:
    repeat = round(fields.capped("repeat", MOST_REPEATS, default=1.0))
    if repeat < 1:
        raise Unclear("repeat must be at least 1")
    return tuple(Press(keys=keys) for _ in range(repeat) for keys in _chords(fields))


def _chords(fields: Fields) -> list[tuple[str, ...]]:
    """One combination; several where blanks part them, as xdotool takes them."""
    text = fields.given.get("text")
    if not isinstance(text, str):
        raise Unclear(f"text must name keys, not {text!r}")
    if " " not in text.strip():
        return [chord(text.strip() or text)]
    fields.notes.append(f"{text!r} was taken apart at its blanks")
    return [chord(word) for word in re.sub(r"\s*\+\s*", "+", text.strip()).split()]


def _hold(fields: Fields) -> tuple[Item, ...]:
    seconds = fields.capped("duration", MOST_SECONDS)
    keys = [key for together in _chords(fields) for key in together]
    return (Press(keys=checked(keys), seconds=seconds),)


def _zoom(fields: Fields) -> tuple[Item, ...]:
    region = fields.numbers("region")
    if len(region) != 4 or region[0] >= region[2] or region[1] >= region[3]:
        raise Unclear(f"region must be [x0, y0, x1, y1], left and top first, not {region!r}")
    sent, screen = fields.frame.sent, fields.frame.screen
    corner, far = fields.on_screen(region[0], region[1]), fields.on_screen(region[2], region[3])
    whole = fields.frame.crop is None
    right = screen.width if whole and region[2] >= sent.width else far.x
    bottom = screen.height if whole and region[3] >= sent.height else far.y
    width, height = max(1, right - corner.x), max(1, bottom - corner.y)
    return (Zoom(region=Rect(x=corner.x, y=corner.y, width=width, height=height)),)


def _button(kind: type[MouseDown] | type[MouseUp]) -> Callable[[Fields], tuple[Item, ...]]:
    return lambda fields: (kind(at=fields.point("coordinate")),)


_READ: Mapping[str, Callable[[Fields], tuple[Item, ...]]] = {
    **{name: _click(button, count) for name, (button, count) in _CLICKS.items()},
    "mouse_move": lambda fields: (Move(at=fields.must_point("coordinate")),),
    "left_click_drag": _drag,
    "left_mouse_down": _button(MouseDown),
    "left_mouse_up": _button(MouseUp),
    "scroll": _scroll,
    "key": _key,
    "hold_key": _hold,
    "type": lambda fields: (Type(text=fields.typed()),),
    "wait": lambda fields: (Wait(seconds=fields.capped("duration", MOST_SECONDS, default=1.0)),),
    "screenshot": lambda _: (Look(),),
    "cursor_position": lambda _: (Pointer(),),
    "zoom": _zoom,
}
"""Every member of the toolset; the older tools' actions have the same names and arguments."""


def member_of(item: Item, frame: Frame) -> tuple[str, dict[str, object]]:
    """The member that does it, and its arguments. Raises ValueError when there is none."""
    match item:
        case Click() | Move() | Drag() | Scroll() | MouseDown() | MouseUp():
            return _pointed(item, frame)
        case Press(keys=keys, seconds=seconds):
            text = "+".join(keys)
            return ("hold_key", {"text": text, "duration": seconds}) if seconds else ("key", {"text": text})
        case Type(text=text):
            return "type", {"text": text}
        case Wait(seconds=seconds):
            return "wait", {"duration": seconds}
        case Look():
            return "screenshot", {}
        case Pointer():
            return "cursor_position", {}
        case Zoom(region=box):
            far = Point(x=box.x + box.width, y=box.y + box.height)
            return "zoom", {"region": [*_told(Point(x=box.x, y=box.y), frame), *_told(far, frame)]}
    raise ValueError(f"Claude's tools have no {type(item).__name__}")


Pointed = Click | Move | Drag | Scroll | MouseDown | MouseUp


def _pointed(item: Pointed, frame: Frame) -> tuple[str, dict[str, object]]:
    match item:
        case Click(button=button, count=count):
            for name, kind in _CLICKS.items():
                if kind == (button, count):
                    return name, {**_at(item.at, frame), **_holding(item.holding)}
            raise ValueError(f"Claude's tools have no {count} clicks of the {button} button")
        case Move(at=at):
            return "mouse_move", _at(at, frame)
        case Drag(path=path, button="left") if len(path) <= 2:
            start = {"start_coordinate": _told(path[0], frame)} if len(path) == 2 else {}
            return "left_click_drag", {**start, **_at(path[-1], frame), **_holding(item.holding)}
        case Scroll(dx=dx, dy=dy) if (dx == 0) != (dy == 0):
            way = next(way for way, (x, y) in _WHEEL.items() if x * dx + y * dy > 0)
            amount = abs(dx + dy)
            if amount > MOST_CLICKS:
                raise ValueError("more than 30 clicks of the wheel are not turned at once")
            turn = {"scroll_direction": way, "scroll_amount": amount}
            return "scroll", {**_at(item.at, frame), **turn, **_holding(item.holding)}
        case MouseDown(at=None, button="left"):
            return "left_mouse_down", {}
        case MouseUp(at=None, button="left"):
            return "left_mouse_up", {}
    raise ValueError(f"Claude's tools cannot say {item!r}")


def _told(point: Point, frame: Frame) -> list[int]:
    x, y = frame.to_model(point)
    return [round(x), round(y)]


def _at(point: Point | None, frame: Frame) -> dict[str, object]:
    return {} if point is None else {"coordinate": _told(point, frame)}


def _holding(keys: tuple[str, ...]) -> dict[str, object]:
    return {"text": "+".join(keys)} if keys else {}
