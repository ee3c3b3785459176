"""What a family cannot say, in the words that it has: a triple click as two and one, a held button as a drag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, copysign
from typing import Literal

from msgspec.structs import replace

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
    Wait,
)


class Unsayable(ValueError):  # noqa: N818 - what it is
    """The family has no words for it."""


@dataclass(frozen=True)
class Limits:
    """What a family has words for.

    `drag` says which drags: every point of the path (`all`), two (`two`), or the end, from where the pointer is
    (`end`). `hold` says how keys are held while the mouse clicks: with the click, by pressing and releasing them, or
    not at all. `wheel` is how many clicks one scroll turns, where the amount cannot be said.
    """

    drag: Literal["all", "two", "end"] = "two"
    hold: Literal["click", "keys", "no"] = "no"
    triple: bool = True
    downs: bool = False
    down_at: bool = False
    wheel: int = 0
    scroll_at: bool = True
    held_press: bool = False
    needs_at: bool = False
    """A click or a turn of the wheel must say where."""


def sayable(actions: Sequence[Action], limits: Limits, pointer: Point | None) -> list[Action]:
    """The same deeds in actions that the family can say one at a time. Raises Unsayable."""
    said: list[Action] = []
    for action in _joined(actions, limits):
        if limits.needs_at and isinstance(action, Click | Scroll) and action.at is None:
            action = replace(action, at=pointer)  # noqa: PLW2901 - the same deed
        for each in _split(action, limits, pointer):
            said.append(each)
            pointer = pointer_after(each, pointer)
    return said


def pointer_after(action: Action, pointer: Point | None) -> Point | None:
    """Where the pointer is once that is done."""
    match action:
        case Drag(path=path):
            return path[-1]
        case Click() | Move() | Scroll() | MouseDown() | MouseUp():
            return action.at or pointer
    return pointer


def _joined(actions: Sequence[Action], limits: Limits) -> Iterator[Action]:
    """A button that is pressed, moved and released is a drag where there is no button to hold."""
    if limits.downs:
        yield from actions
        return
    path: list[Point] | None = None
    for action in actions:
        match action:
            case MouseDown(button="left", at=Point() as at):
                path = [at]
            case Move(at=at) if path:
                path.append(at)
            case MouseUp(at=at) if path:
                yield Drag(path=tuple(path + ([at] if at else [])))
                path = None
            case MouseDown() | MouseUp():
                raise Unsayable("it cannot hold a button")
            case _:
                yield action


def _split(action: Action, limits: Limits, pointer: Point | None) -> Iterator[Action]:
    match action:
        case Click(holding=(_, *_)) | Scroll(holding=(_, *_)) | Drag(holding=(_, *_)) if limits.hold != "click":
            if limits.hold == "no":
                raise Unsayable(f"it cannot hold {' '.join(action.holding)} meanwhile")
            yield from (KeyDown(key=key) for key in action.holding)
            yield from _split(replace(action, holding=()), limits, pointer)
            yield from (KeyUp(key=key) for key in reversed(action.holding))
        case Click(count=3) if not limits.triple:
            yield replace(action, count=2)
            yield replace(action, count=1)
        case Drag():
            yield from _drag(action, limits, pointer)
        case Scroll():
            yield from _scroll(action, limits)
        case MouseDown(at=Point() as at) | MouseUp(at=Point() as at) if not limits.down_at:
            yield Move(at=at)
            yield replace(action, at=None)
        case Press(seconds=seconds) if seconds and not limits.held_press:
            if limits.hold != "keys":
                raise Unsayable("it cannot hold a key")
            yield from (KeyDown(key=key) for key in action.keys)
            yield Wait(seconds=seconds)
            yield from (KeyUp(key=key) for key in reversed(action.keys))
        case _:
            yield action


def _drag(action: Drag, limits: Limits, pointer: Point | None) -> Iterator[Action]:
    if limits.drag == "end":
        if len(action.path) > 1:
            yield Move(at=action.path[0])
        yield replace(action, path=(action.path[-1],))
        return
    path = action.path if len(action.path) > 1 else (*((pointer,) if pointer else ()), *action.path)
    if len(path) < 2:
        raise Unsayable("nobody knows where the pointer is")
    if limits.drag == "all" or len(path) == 2:
        yield replace(action, path=path)
    elif limits.downs and action.button == "left" and not action.holding:
        yield from (Move(at=path[0]), MouseDown(), *(Move(at=at) for at in path[1:]), MouseUp())
    else:
        yield replace(action, path=(path[0], path[-1]))


def _scroll(action: Scroll, limits: Limits) -> Iterator[Action]:
    if action.at is not None and not limits.scroll_at:
        yield Move(at=action.at)
        action = replace(action, at=None)
    for name in ("dy", "dx"):
        clicks = getattr(action, name)
        if not clicks:
            continue
        times, each = (ceil(abs(clicks) / limits.wheel), limits.wheel) if limits.wheel else (1, abs(clicks))
        for _ in range(times):
            yield Scroll(at=action.at, holding=action.holding, **{name: round(copysign(each, clicks))})
