"""How an action is said as a line of pyautogui code: what `calls` reads, written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.codecs.base import Item
from agent.codecs.fields import MOST_CLICKS, MOST_TEXT
from agent.codecs.writing import chord
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
    Point,
    Press,
    Scroll,
    Type,
    Wait,
)

_STATUS: Final[dict[Claim, str]] = {"done": "success", "failed": "failure", "infeasible": "infeasible"}
_BUTTONS: Final[tuple[Button, ...]] = ("left", "middle", "right")


@dataclass(frozen=True)
class Lines:
    """Writes lines. `at` writes a place (`x=1, y=2`), `triple` is the call for three clicks of the left button."""

    at: Callable[[Point], str]
    triple: str
    scroll_unit: float = 1.0

    def line(self, item: Item) -> str:
        """The call that asks for it. Raises ValueError for what no call of this dialect says."""
        said = self._pointed(item)
        if said is None:
            said = _keyed(item)
        if said is None:
            raise ValueError(f"pyautogui has no call for {item!r}")
        return said

    def _pointed(self, item: Item) -> str | None:
        match item:
            case Click(holding=()) if item.button in _BUTTONS:
                return self._click(item)
            case Move():
                return f"pyautogui.moveTo({self.at(item.at)})"
            case Drag(path=(to,), holding=()) if item.button in _BUTTONS:
                return f"pyautogui.dragTo({self.at(to)}, button={item.button!r})"
            case Scroll(holding=()) if 0 in (item.dx, item.dy) and 1 <= abs(item.dx + item.dy) <= MOST_CLICKS:
                name, clicks = ("hscroll", item.dx) if item.dx else ("scroll", -item.dy)
                return (
                    f"pyautogui.{name}({_joined(f'{round(clicks / self.scroll_unit, 6):g}', self._inside(item.at))})"
                )
            case MouseDown() | MouseUp() if item.button in _BUTTONS:
                name = "mouseDown" if isinstance(item, MouseDown) else "mouseUp"
                return f"pyautogui.{name}({_joined(self._inside(item.at), f'button={item.button!r}')})"
        return None

    def _click(self, item: Click) -> str:
        inside = self._inside(item.at)
        if item.button == "left":
            return f"{('pyautogui.click', 'pyautogui.doubleClick', self.triple)[item.count - 1]}({inside})"
        if item.count == 1:
            return f"pyautogui.{item.button}Click({inside})"
        return f"pyautogui.click({_joined(inside, f'clicks={item.count}', f'button={item.button!r}')})"

    def _inside(self, point: Point | None) -> str:
        return self.at(point) if point is not None else ""


def _keyed(item: Item) -> str | None:
    match item:
        case Type() if len(item.text) <= MOST_TEXT:
            return f"pyautogui.write({_quoted(item.text)})"
        case Press(seconds=0.0):
            name = "press" if len(item.keys) == 1 else "hotkey"
            return f"pyautogui.{name}({_joined(*(repr(each) for each in chord(item.keys)))})"
        case KeyDown():
            return f"pyautogui.keyDown({item.key!r})"
        case KeyUp():
            return f"pyautogui.keyUp({item.key!r})"
        case Wait():
            return f"time.sleep({item.seconds!r})"
        case Finish():
            answer = f"answer={_quoted(item.answer)}" if item.answer else ""
            return f"computer.terminate({_joined(f'status={_STATUS[item.claim]!r}', answer)})"
    return None


def _quoted(text: str) -> str:
    """As Python puts it, without closing tags: one in a text would end a thought that nobody began."""
    return repr(text).replace("</", "\\x3c/").replace("◁/", "\\u25c1/")


def _joined(*parts: str) -> str:
    return ", ".join(each for each in parts if each)
