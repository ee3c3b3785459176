"""Families that answer in pyautogui code: OpenCUA, Kimi, and the plain dialect.

Sources: OpenCUA's README and agent, Kimi-VL's model card, pyautogui's documentation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from envs.types import (
    Action,
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
from tests.dialects.keyboard import PYAUTOGUI, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import Said, View

STATUS = {"done": "success", "failed": "failure", "infeasible": "failure"}


@dataclass(frozen=True)
class Coder:
    """`counts` is what x and y are: pixels of its processor's picture, of the picture as sent, or fractions."""

    name: str
    counts: Literal["smart", "sent", "unit"]
    batch: int = 3
    factor: int = 28
    least: int = 3136
    most: int = 12_845_056

    limits = Limits(drag="two", hold="keys", downs=True, down_at=True)

    @property
    def absolute(self) -> bool:
        """Whether it counts in pixels of its own processor's picture."""
        return self.counts == "smart"

    def say(self, actions: list[Action], view: View) -> Said:
        """One block of code with the statements."""
        ends = isinstance(actions[0], Finish)
        lines = _again([line for action in actions for line in self._lines(action, view)])
        return self._speak(lines, view, code=ends)

    def point(self, at: Point, view: View) -> Said:
        """A click there."""
        return self._speak([f"pyautogui.click({self._xy(at, view)})"], view, code=False)

    def nothing(self, view: View) -> Said:
        """A step without code."""
        return Said("## Action:\nLook for the right menu.")

    def _xy(self, at: Point, view: View) -> str:
        x, y = view.eye.unit(at) if self.counts == "unit" else view.eye.pixels(at)
        return view.rng.choice((f"x={x}, y={y}", f"{x}, {y}"))

    def _lines(self, action: Action, view: View) -> list[str]:  # noqa: C901, PLR0911 - a case each
        match action:
            case Click(holding=()):
                return [self._click(action, view)]
            case Move(at=at):
                return [f"pyautogui.moveTo({self._xy(at, view)})"]
            case Drag(path=(start, end), button=button, holding=()):
                drag = f"pyautogui.dragTo({self._xy(end, view)}, button='{button}', duration=0.5)".replace("'", '"')
                return [f"pyautogui.moveTo({self._xy(start, view)})", drag]
            case Scroll(at=at, dx=dx, dy=dy, holding=()):
                place = self._xy(at, view) if at is not None else ""
                name, amount = ("hscroll", dx) if dx else ("scroll", -dy)
                return [f"pyautogui.{name}({', '.join(filter(None, (str(amount), _named(place))))})"]
            case MouseDown(button=button, at=at) | MouseUp(button=button, at=at):
                name = "mouseDown" if isinstance(action, MouseDown) else "mouseUp"
                where = f"{_named(self._xy(at, view))}, " if at is not None else ""
                return [f"pyautogui.{name}({where}button='{button}')"]
            case KeyDown(key=key):
                return [f"pyautogui.keyDown({spelt(key, PYAUTOGUI)!r})"]
            case KeyUp(key=key):
                return [f"pyautogui.keyUp({spelt(key, PYAUTOGUI)!r})"]
            case Press(keys=keys, seconds=0):
                return [_press([spelt(key, PYAUTOGUI) for key in keys], view)]
            case Type(text=text):
                return [_write(text, view)]
            case Wait(seconds=seconds):
                return [f"time.sleep({seconds:g})"]
            case Finish(claim=claim, answer=answer):
                more = f", answer={answer!r}" if answer else ""
                status = STATUS[claim] if claim != "infeasible" or "infeasible" not in view.asked else claim
                return [f"computer.terminate(status={status!r}{more})"]
        raise Unsayable(f"it has no words for {action!r}")

    def _click(self, action: Click, view: View) -> str:
        where = self._xy(action.at, view) if action.at is not None else ""
        plain = {
            ("left", 1): f"pyautogui.click({where})",
            ("right", 1): f"pyautogui.rightClick({where})",
            ("middle", 1): f"pyautogui.middleClick({where})",
            ("left", 2): f"pyautogui.doubleClick({where})",
            ("left", 3): f"computer.triple_click({where})"
            if self.counts != "sent"
            else f"pyautogui.tripleClick({where})",
        }
        kind = (action.button, action.count)
        rest = ", ".join(filter(None, (_named(where), f"clicks={action.count}, button='{action.button}'")))
        long = f"pyautogui.click({rest})"
        if action.button in ("back", "forward"):
            raise Unsayable("pyautogui has no such button")
        return plain[kind] if kind in plain and not view.odds(4) else long

    def _speak(self, lines: list[str], view: View, *, code: bool) -> Said:
        thought = view.intent or "Next step."
        if any(line.startswith("time.") for line in lines):
            lines = ["import time", *lines]
        if not code and view.odds(3):
            lines = ["import pyautogui", *lines]
        block = "\n".join(lines)
        fence = "code" if code and view.odds(2) else "python"
        body = f"## Action:\n{thought}\n## Code:\n```{fence}\n{block}\n```"
        earlier = "\n```python\npyautogui.click(x=1, y=1)\n```\n"
        shapes = [
            Said(f"# Step: 3\n## Thought:\n{thought}\n{body}"),
            Said(f"## Thought:\n{thought} Not this:{earlier}It would miss.\n{body}<|im_end|>"),
            Said(body),
            Said(body, thought),
        ]
        if self.counts == "unit":
            shapes.append(Said(f"◁think▷{thought}◁/think▷{body}"))
        return view.rng.choice(shapes)


def _again(lines: list[str]) -> list[str]:
    """A key that is pressed several times running is one statement."""
    said: list[str] = []
    for line, times in ((line, len([*same])) for line, same in groupby(lines)):
        once = line.startswith("pyautogui.press(") and times > 1
        said += [f"{line[:-1]}, presses={times})"] if once else [line] * times
    return said


def _named(place: str) -> str:
    """`x=1, y=2`, where it must not be taken for other arguments."""
    if not place or "=" in place:
        return place
    x, y = place.split(", ")
    return f"x={x}, y={y}"


def _press(keys: list[str], view: View) -> str:
    if len(keys) == 1:
        return f"pyautogui.press({keys[0]!r})"
    listed = ", ".join(map(repr, keys))
    return view.rng.choice((f"pyautogui.hotkey({listed})", f"pyautogui.hotkey([{listed}])"))


def _write(text: str, view: View) -> str:
    quoted = view.rng.choice((repr(text), json.dumps(text, ensure_ascii=False)))
    if "'" in text and not {"\n", '"', "\\"} & {*text} and view.odds(3):
        quoted = f"'{text}'"  # as models do who forget to escape
    name = view.rng.choice(("write", "typewrite"))
    return f"pyautogui.{name}({view.rng.choice(('', 'message='))}{quoted})"


OPENCUA = Coder("opencua", counts="smart")
KIMI = Coder("kimi", counts="unit")
PYAUTO = Coder("pyautogui", counts="sent")
