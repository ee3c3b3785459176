"""How each school spells the names of keys."""

from __future__ import annotations

from collections.abc import Mapping

from envs import keys

XDOTOOL: Mapping[str, str] = {
    "enter": "Return",
    "tab": "Tab",
    "escape": "Escape",
    "backspace": "BackSpace",
    "delete": "Delete",
    "insert": "Insert",
    "home": "Home",
    "end": "End",
    "pageup": "Page_Up",
    "pagedown": "Page_Down",
    "left": "Left",
    "right": "Right",
    "up": "Up",
    "down": "Down",
    "printscreen": "Print",
    "menu": "Menu",
    "=": "equal",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}
"""xdotool's, which Claude writes."""

LOUD: Mapping[str, str] = {
    "super": "META",
    "left": "ARROWLEFT",
    "right": "ARROWRIGHT",
    "up": "ARROWUP",
    "down": "ARROWDOWN",
    "escape": "ESC",
    "delete": "DEL",
}
"""OpenAI's: upper case, arrows as a browser calls them."""

PYAUTOGUI: Mapping[str, str] = {"super": "win", "escape": "esc", "altgr": "altright"}
"""pyautogui's, which most open models learnt from."""

SEED: Mapping[str, str] = {
    "super": "cmd",
    "escape": "esc",
    "left": "arrowleft",
    "right": "arrowright",
    "up": "arrowup",
    "down": "arrowdown",
}
"""UI-TARS'."""


def spelt(name: str, school: Mapping[str, str]) -> str:
    """The key, whatever it is called, as this school calls it."""
    canonical = keys.find(name).name
    if school is LOUD:
        return school.get(canonical, canonical.upper() if len(canonical) > 1 else canonical)
    return school.get(canonical, canonical)
