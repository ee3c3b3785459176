"""Actions of OSWorld's trajectories, read as ours where their meaning is certain, and kept as text elsewhere.

An action there is pyautogui code, an object of `computer_13`, an object with code in it, one of the words WAIT, FAIL
and DONE, or a list of those. Code is parsed and never run. What of it only prepares (imports, pyautogui's switches)
is left out; each call that can be read is an action of ours; and whatever lies between them, loops and names, is
kept as it stands. Nothing is put right: what a reader of models' replies would mend, OSWorld did not.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Final

from agent.codecs.base import Invalid
from agent.codecs.calls import ALLOWED, MODULES, Hand
from agent.codecs.code import LONGEST, NotCode, Said, Value, calls
from agent.frame import Frame, OffScreen
from envs.osworld.hands import OTHERS
from envs.types import (
    SCREEN,
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
    Wait,
)
from envs.types import Type as Typed
from scoring.record import Deed, Unread

PAUSE: Final = 2.0
"""Seconds that WAIT waits where the run's arguments do not say: the default of OSWorld's `step`."""
MOST_TURNS: Final = 100
MOST_SECONDS: Final = 60.0
_SWITCHES: Final = ("pyautogui.FAILSAFE", "pyautogui.PAUSE")
_OURS: Final = {theirs: ours for ours, theirs in OTHERS.items()}
_ACTS: Final = (Click, Move, Drag, Scroll, Typed, Press, MouseDown, MouseUp, KeyDown, KeyUp, Wait, Finish)
_WHEELS: Final = ("pyautogui.scroll", "pyautogui.vscroll", "pyautogui.hscroll")
_SLEEPS: Final = ("time.sleep", "pyautogui.sleep", "WAIT")
_KEYED: Final = ("pyautogui.press", "pyautogui.hotkey", "pyautogui.keyDown", "pyautogui.keyUp")

_THIRTEEN: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "MOVE_TO": ("pyautogui.moveTo", {"x": "x", "y": "y"}),
    "CLICK": ("pyautogui.click", {"x": "x", "y": "y", "button": "button", "num_clicks": "clicks"}),
    "MOUSE_DOWN": ("pyautogui.mouseDown", {"button": "button"}),
    "MOUSE_UP": ("pyautogui.mouseUp", {"button": "button"}),
    "RIGHT_CLICK": ("pyautogui.rightClick", {"x": "x", "y": "y"}),
    "DOUBLE_CLICK": ("pyautogui.doubleClick", {"x": "x", "y": "y"}),
    "DRAG_TO": ("pyautogui.dragTo", {"x": "x", "y": "y"}),
    "TYPING": ("pyautogui.write", {"text": "message"}),
    "PRESS": ("pyautogui.press", {"key": "keys"}),
    "KEY_DOWN": ("pyautogui.keyDown", {"key": "key"}),
    "KEY_UP": ("pyautogui.keyUp", {"key": "key"}),
    "WAIT": ("WAIT", {}),
    "DONE": ("DONE", {}),
    "FAIL": ("FAIL", {}),
}
"""What each action of computer_13 is among pyautogui's, and its parameters' names there. SCROLL and HOTKEY differ."""


def read(action: object, pause: float = PAUSE) -> tuple[Deed, ...]:
    """What the action does, in order; nothing for None. `pause` is how long WAIT waits, in seconds."""
    match action:
        case None:
            return ()
        case str():
            return _text(action, pause)
        case list():
            return tuple(deed for each in action for deed in read(each, pause))
        case {"action_type": str(kind), **rest}:
            return _thirteen(kind, {str(key): value for key, value in rest.items()}, pause)
        case {"command": str() as code} | {"action": str() as code}:
            return _text(code, pause)
        case {"action": dict() as inner}:
            return read(inner, pause)
    return (Unread(text=json.dumps(action, ensure_ascii=False)),)


def _text(text: str, pause: float) -> tuple[Deed, ...]:
    bare = text.strip()
    if bare in {"WAIT", "DONE", "FAIL"}:
        return _Reader(pause).call(Said(name=bare, args=(), named={}, raw=bare))
    fenced = re.fullmatch(r"```(?:python)?\s*\n(.*?)\n?```", bare, flags=re.DOTALL)
    source = fenced[1] if fenced else bare
    reader = _Reader(pause)
    return tuple(_joined(reader.code(source))) or (Unread(text=text),)


def _thirteen(kind: str, rest: Mapping[str, object], pause: float) -> tuple[Deed, ...]:
    whole = json.dumps({"action_type": kind, **rest}, ensure_ascii=False)
    inner = rest.get("parameters", rest)
    given = inner if isinstance(inner, Mapping) else {}
    reader = _Reader(pause)
    if kind == "SCROLL":
        return _turned(given.get("dx", 0), given.get("dy", 0), None, whole)
    if kind == "HOTKEY":
        return reader.call(Said("pyautogui.hotkey", (_value(given.get("keys")),), {}, whole))
    if kind not in _THIRTEEN:
        return (Unread(text=whole),)
    name, names = _THIRTEEN[kind]
    if not given.keys() <= names.keys() | {"duration"} and given is not rest:
        return (Unread(text=whole),)
    named = {theirs: _value(given[ours]) for ours, theirs in names.items() if ours in given}
    return reader.call(Said(name, (), named, whole))


def _value(given: object) -> Value:
    if isinstance(given, list):
        return tuple(_value(each) for each in given)
    return given if isinstance(given, str | int | float) else None


def _turned(across: object, up: object, at: Point | None, raw: str) -> tuple[Deed, ...]:
    """The wheel: OSWorld counts up and to the right. More than ours turns at once is not cut but kept as text."""
    turns = (across, up)
    if not all(isinstance(each, int | float) and isfinite(each) and abs(each) <= MOST_TURNS for each in turns):
        return (Unread(text=raw),)
    dx, dy = (int(each) for each in turns if isinstance(each, int | float))
    return (Scroll(at=at, dx=dx, dy=-dy),)


@dataclass
class _Reader:
    """Reads one action's code. Where a call has left the pointer is remembered: some are relative to it."""

    pause: float
    hand: Hand = field(init=False)

    def __post_init__(self) -> None:
        self.hand = Hand(frame=Frame(screen=SCREEN, sent=SCREEN), place=_pixel, wait=self.pause)

    def code(self, source: str) -> Iterator[Deed]:
        tree = _parsed(source)
        if tree is None:
            yield Unread(text=source)
            return
        for statement in _flat(tree.body):
            yield from self._statement(statement, source)

    def _statement(self, statement: ast.stmt, source: str) -> tuple[Deed, ...]:
        if _prepares(statement):
            return ()
        raw = ast.get_source_segment(source, statement) or ast.unparse(statement)
        try:
            said, _ = calls(raw.replace("pyautogui.vscroll(", "pyautogui.scroll(", 1), ALLOWED, MODULES)
        except NotCode:
            return (Unread(text=raw),)
        return tuple(deed for each in said for deed in self.call(replace(each, raw=raw)))

    def call(self, said: Said) -> tuple[Deed, ...]:
        """What the call does. As text where it cannot be read, and where it can be only by putting it right."""
        unread = (Unread(text=said.raw),)
        if said.name in _SLEEPS and not _short(said):
            return unread
        if said.name in _WHEELS:
            return self._wheel(said)
        noted, at = len(self.hand.notes), self.hand.at
        items = [wanted.item for wanted in self.hand.read([_keyed(said)])]
        if any(isinstance(item, Invalid) for item in items) or len(self.hand.notes) > noted:
            self.hand.at = at
            return unread
        deeds = tuple(item for item in items if isinstance(item, _ACTS))
        return deeds if len(deeds) == len(items) else unread

    def _wheel(self, said: Said) -> tuple[Deed, ...]:
        """Not by the codec, which cuts long turns."""
        amount = said.args[0] if said.args else said.named.get("clicks")
        one = (1, *said.args[1:]) if said.args else ()
        named = {**said.named, **({} if said.args else {"clicks": 1})}
        read_ = [wanted.item for wanted in self.hand.read([replace(said, args=one, named=named)])]
        if len(read_) != 1 or not isinstance(read_[0], Scroll):
            return (Unread(text=said.raw),)
        across, up = (amount, 0) if said.name == "pyautogui.hscroll" else (0, amount)
        return _turned(across, up, read_[0].at, said.raw)


def _pixel(x: float, y: float) -> Point:
    """As pyautogui has it: the fraction is cut off. It may lie off the screen, and then did so there."""
    if not (isfinite(x) and isfinite(y) and max(abs(x), abs(y)) < 1e6):
        raise OffScreen(f"({x}, {y}) is no pixel")
    return Point(x=int(x), y=int(y))


def _short(said: Said) -> bool:
    seconds = said.args[0] if said.args else next(iter(said.named.values()), 0.0)
    return isinstance(seconds, int | float) and 0 <= seconds <= MOST_SECONDS


def _keyed(said: Said) -> Said:
    """With our names of keys for pyautogui's, where those are others."""
    if said.name not in _KEYED:
        return said

    def ours(value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(ours(each) for each in value)
        return _OURS.get(value, value) if isinstance(value, str) else value

    args = tuple(ours(each) for each in said.args)
    return replace(said, args=args, named={name: ours(value) for name, value in said.named.items()})


def _parsed(source: str) -> ast.Module | None:
    if len(source) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements in order, with those of a `try` that catches nothing, as ours is around keys that are held."""
    for statement in body:
        if isinstance(statement, ast.Try) and not statement.handlers and not statement.orelse:
            yield from _flat([*statement.body, *statement.finalbody])
        else:
            yield statement


def _prepares(statement: ast.stmt) -> bool:
    """Whether it does nothing to the desktop."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Attribute() as target], value=ast.Constant()):
            return ast.unparse(target) in _SWITCHES
    return False


def _joined(deeds: Iterator[Deed]) -> Iterator[Deed]:
    """What could not be read and stands together, as one."""
    held: list[str] = []
    for deed in deeds:
        if isinstance(deed, Unread):
            held.append(deed.text)
            continue
        if held:
            yield Unread(text="\n".join(held))
            held = []
        yield deed
    if held:
        yield Unread(text="\n".join(held))
