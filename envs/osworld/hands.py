"""Actions as pyautogui code: the only hand that an OSWorld machine has.

pyautogui types what a US keyboard has and no more, and puts `>` where `<` is meant: that one is pressed as a person
would. It knows no buttons beside the first three, and drops without a word the keys that a US keyboard lacks (F13 and
on, media, `clear`): those are refused here.
"""

from __future__ import annotations

from typing import Final

from envs import keys
from envs.errors import Refused
from envs.types import (
    Action,
    Click,
    Drag,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Size,
    Type,
)

BEFORE: Final = "import pyautogui, time; pyautogui.FAILSAFE = False; pyautogui.PAUSE = 0.02"
OTHERS: Final = {
    "ctrl_r": "ctrlright", "shift_r": "shiftright", "alt_r": "altright", "super": "winleft", "super_r": "winright",
    "menu": "apps", "kp_add": "add", "kp_subtract": "subtract", "kp_multiply": "multiply", "kp_divide": "divide",
}  # fmt: skip
"""pyautogui's name for a key where it is another than ours. Without Num Lock the pad's digits are other keys."""
_SAME: Final = (
    "ctrl shift alt capslock numlock scrolllock enter tab backspace delete insert escape space home end pageup "
    "pagedown left up right down printscreen pause help"
)
SAME: Final = frozenset(_SAME.split()) | {f"f{number}" for number in range(1, 13)}
BUTTONS: Final = ("left", "middle", "right")


def code(action: Action, size: Size) -> str:
    """A program that does it. Raises Refused for what cannot be done with pyautogui, or lies off the screen."""
    for point in _points(action):
        if not (0 <= point.x < size.width and 0 <= point.y < size.height):
            raise Refused(f"the point ({point.x}, {point.y}) is off the screen of {size.width}x{size.height}")
    return "\n".join([BEFORE, *_lines(action)])


def _points(action: Action) -> tuple[Point, ...]:
    match action:
        case Drag():
            return action.path
        case Click() | Move() | Scroll() | MouseDown() | MouseUp():
            return () if action.at is None else (action.at,)
        case _:
            return ()


def _lines(action: Action) -> list[str]:
    match action:
        case Move():
            return _go(action.at)
        case Click():
            click = f"pyautogui.click(button={_button(action.button)!r}, clicks={action.count})"
            return [*_go(action.at), *_holding(action.holding, [click])]
        case Drag():
            return _drag(action)
        case Scroll():
            turns = [f"pyautogui.vscroll({-action.dy})"] if action.dy else []
            turns += [f"pyautogui.hscroll({action.dx})"] if action.dx else []
            return [*_go(action.at), *_holding(action.holding, turns)]
        case Type():
            return _typing(action.text)
        case Press():
            return _holding(action.keys, [f"time.sleep({action.seconds!r})"])
        case _:
            return _half(action)


def _half(action: Action) -> list[str]:
    match action:
        case MouseDown():
            return [*_go(action.at), f"pyautogui.mouseDown(button={_button(action.button)!r})"]
        case MouseUp():
            return [*_go(action.at), f"pyautogui.mouseUp(button={_button(action.button)!r})"]
        case KeyDown():
            return [f"pyautogui.keyDown({_key(action.key)!r})"]
        case KeyUp():
            return [f"pyautogui.keyUp({_key(action.key)!r})"]
        case _:
            raise ValueError(f"{action!r} is not done with a hand")


def _go(at: Point | None) -> list[str]:
    return [] if at is None else [f"pyautogui.moveTo({at.x}, {at.y})"]


def _drag(action: Drag) -> list[str]:
    """Slowly enough for toolkits to see a motion."""
    start, rest = (action.path[0], action.path[1:]) if len(action.path) > 1 else (None, action.path)
    button = _button(action.button)
    moves = [f"pyautogui.moveTo({point.x}, {point.y}, {max(0.05, 0.5 / len(rest)):.3f})" for point in rest]
    held = [f"pyautogui.mouseDown(button={button!r})", *moves, f"pyautogui.mouseUp(button={button!r})"]
    return [*_go(start), *_holding(action.holding, held)]


def _holding(names: tuple[str, ...], lines: list[str]) -> list[str]:
    """The lines with these keys down, which come up again whatever happens."""
    held = [_key(name) for name in names for name in (("shift", ",") if name == "<" else (name,))]
    if not held:
        return lines
    down = [f"    pyautogui.keyDown({key!r})" for key in held]
    up = [f"    pyautogui.keyUp({key!r})" for key in reversed(held)]
    return ["try:", *down, *(f"    {line}" for line in lines), "finally:", *up]


def _typing(text: str) -> list[str]:
    keys.of_text(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    beyond = next((letter for letter in text if not (" " <= letter <= "~" or letter in "\n\t")), None)
    if beyond is not None:
        raise Refused(f"{beyond!r} cannot be typed on this machine: pyautogui has the US keyboard alone")
    parts = text.split("<")
    lines = []
    for number, part in enumerate(parts):
        lines += ["pyautogui.hotkey('shift', ',')"] if number else []
        lines += [f"pyautogui.typewrite({part!r})"] if part else []
    return lines


def _button(name: str) -> str:
    if name not in BUTTONS:
        raise Refused(f"the button {name!r} cannot be pressed on this machine: pyautogui has {', '.join(BUTTONS)}")
    return name


def _key(name: str) -> str:
    key = keys.find(name)
    if len(key.name) == 1 and " " < key.name <= "~" and key.name != "<":
        return key.name
    if key.name in SAME:
        return key.name
    if key.name in OTHERS:
        return OTHERS[key.name]
    raise Refused(f"the key {name!r} cannot be pressed on this machine: pyautogui does not know it")
