"""How Claude says what it does: members of the computer toolset, or the older computer tool with an `action`.

Source: Anthropic's computer use documentation (the toolset of 2026-08-01, and the tools of 2025).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from envs.types import (
    Action,
    Click,
    Drag,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Size,
    Type,
    Wait,
)
from tests.dialects.keyboard import XDOTOOL, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import View

LIMITS = Limits(drag="two", hold="click", downs=True, held_press=True)
CLICKS = {
    ("left", 1): "left_click",
    ("right", 1): "right_click",
    ("middle", 1): "middle_click",
    ("left", 2): "double_click",
    ("left", 3): "triple_click",
}
TOOLSET = "computer_toolset_20260801"
BETAS = {"computer_20251124": "computer-use-2025-11-24", "computer_20250124": "computer-use-2025-01-24"}
MEMBERS = {
    *CLICKS.values(),
    *("key", "type", "mouse_move", "left_click_drag", "left_mouse_down", "left_mouse_up", "scroll"),
    *("hold_key", "wait", "screenshot", "cursor_position", "zoom"),
}
HALTED = "Not executed: an earlier computer action in this turn failed."


@dataclass(frozen=True)
class Model:
    """What a model takes: computer tools, ways of thinking, and pictures up to `edge` pixels and `tokens` of 28x28.

    `bound`: its thinking is bound to all that went before it.
    """

    tools: tuple[str, ...]
    thinking: tuple[str, ...]
    edge: int = 2576
    tokens: int = 4784
    bound: bool = False
    variant: str = ""

    def takes(self, size: Size) -> bool:
        """Whether a picture of that size is left as it is."""
        across, down = ceil(size.width / 28), ceil(size.height / 28)
        return max(across, down) * 28 <= self.edge and across * down <= self.tokens

    def shrunk(self, size: Size) -> Size:
        """What it makes of a picture that is too large: the largest of the same shape that it takes."""
        if self.takes(size):
            return size
        for width in range(size.width - 1, 0, -1):
            smaller = Size(width=width, height=max(1, round(width * size.height / size.width)))
            if self.takes(smaller):
                return smaller
        raise ValueError(size)


MODELS = {
    "claude-sonnet-5-5": Model((TOOLSET,), ("adaptive", "between_tools"), bound=True),
    "claude-fable-5": Model((TOOLSET, "computer_20251124"), ("adaptive",)),
    "claude-opus-4-6": Model(("computer_20251124",), ("adaptive", "enabled"), 1568, 1568),
    "claude-sonnet-4-5": Model(("computer_20250124",), ("enabled", "disabled"), 1568, 1568),
}


def calls(actions: list[Action], view: View) -> Iterator[tuple[str, dict[str, object]]]:
    """Member and input of each call; a chord that is pressed again and again is one call with `repeat`."""
    for action, same in groupby(actions):
        times = len([*same])
        if isinstance(action, Press) and not action.seconds and times > 1:
            yield "key", {"text": _chord(action.keys), "repeat": times}
        else:
            for _ in range(times):
                yield _call(action, view)


def _call(action: Action, view: View) -> tuple[str, dict[str, object]]:  # noqa: C901, PLR0911 - a case each
    def at(point: Point | None) -> dict[str, object]:
        return {} if point is None else {"coordinate": list(view.eye.pixels(point))}

    def held(holding: tuple[str, ...]) -> dict[str, object]:
        return {"text": _chord(holding)} if holding else {}

    match action:
        case Click(at=where, button=button, count=count, holding=holding) if (button, count) in CLICKS:
            return CLICKS[button, count], at(where) | held(holding)
        case Move(at=where):
            return "mouse_move", at(where)
        case Drag(path=(start, end), button="left", holding=holding):
            return "left_click_drag", {"start_coordinate": list(view.eye.pixels(start))} | at(end) | held(holding)
        case MouseDown(at=None, button="left"):
            return "left_mouse_down", {}
        case MouseUp(at=None, button="left"):
            return "left_mouse_up", {}
        case Scroll(at=where, dx=dx, dy=dy, holding=holding):
            way = ("right" if dx > 0 else "left") if dx else ("down" if dy > 0 else "up")
            return "scroll", at(where) | {"scroll_direction": way, "scroll_amount": abs(dx or dy)} | held(holding)
        case Press(keys=keys, seconds=0):
            return "key", {"text": _chord(keys)}
        case Press(keys=keys, seconds=seconds):
            return "hold_key", {"text": _chord(keys), "duration": seconds}
        case Type(text=text):
            return "type", {"text": text}
        case Wait(seconds=seconds):
            return "wait", {"duration": seconds}
    raise Unsayable(f"Claude has no words for {action!r}")


def spoilt(arguments: dict[str, object], view: View) -> dict[str, object]:
    """The input, now and then with a coordinate that came out as a string."""
    if isinstance(arguments.get("coordinate"), list) and view.odds(9):
        return arguments | {"coordinate": str(arguments["coordinate"])}
    return arguments


def _chord(keys: tuple[str, ...]) -> str:
    return "+".join(spelt(key, XDOTOOL) for key in keys)
