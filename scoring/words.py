"""Actions and spans in a few words, the same in the replay, the page and the report."""

from __future__ import annotations

import math

from envs.types import (
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
from scoring.record import Deed, Unread

TIMES = {1: "click", 2: "double click", 3: "triple click"}


def said(action: Deed) -> str:  # noqa: C901, PLR0911 - a line for each kind of action
    """The action in words: `ctrl + right click at 240, 155`. What could not be read is said as its record has it."""
    match action:
        case Click(at=at, button=button, count=count, holding=holding):
            return _held(holding) + ("" if button == "left" else f"{button} ") + TIMES[count] + _at(at)
        case Move(at=at):
            return f"move to {at.x}, {at.y}"
        case Drag(path=path, button=button, holding=holding):
            word = "drag" if button == "left" else f"{button} drag"
            start = f" from {path[0].x}, {path[0].y}" if len(path) > 1 else ""
            return f"{_held(holding)}{word}{start} to {path[-1].x}, {path[-1].y}"
        case Scroll(at=at, holding=holding):
            return f"{_held(holding)}scroll {turned(action)}{_at(at)}"
        case Type(text=text):
            return f"type {text!r}"
        case Press(keys=keys, seconds=seconds):
            return f"press {' + '.join(keys)}" + (f" for {seconds:g} s" if seconds else "")
        case MouseDown(at=at, button=button):
            return f"hold the {button} button down{_at(at)}"
        case MouseUp(at=at, button=button):
            return f"release the {button} button{_at(at)}"
        case KeyDown(key=key):
            return f"hold {key} down"
        case KeyUp(key=key):
            return f"release {key}"
        case Wait(seconds=seconds):
            return f"wait {seconds:g} s"
        case Finish(claim=claim, answer=answer):
            return f"finish: {claim}" + (f", answer {answer!r}" if answer else "")
        case Unread(text=text):
            return " ".join(text.split())


def turned(scroll: Scroll) -> str:
    """Which way the wheel turns, and how far: `down 5`."""
    ways = [
        ("down" if scroll.dy > 0 else "up", abs(scroll.dy)),
        ("right" if scroll.dx > 0 else "left", abs(scroll.dx)),
    ]
    return " and ".join(f"{way} {clicks}" for way, clicks in ways if clicks) or "by nothing"


def _held(holding: tuple[str, ...]) -> str:
    return "".join(f"{key} + " for key in holding)


def _at(at: Point | None) -> str:
    return f" at {at.x}, {at.y}" if at else ""


def clock(seconds: float) -> str:
    """A time on the episode's clock: `1:02.3`; a dash where it is not known."""
    if math.isnan(seconds):
        return "–"
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"
