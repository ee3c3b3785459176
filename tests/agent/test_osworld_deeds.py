"""Actions of OSWorld's trajectories: what is read of them, and what is kept as text because it cannot be."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.osworld.deeds import read
from envs.osworld.hands import BUTTONS, OTHERS, SAME, code
from envs.types import (
    SCREEN,
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
from scoring.record import Deed, Unread

AT = Point(x=100, y=200)


def unread(text: str) -> tuple[Deed, ...]:
    return (Unread(text=text),)


CASES: dict[str, tuple[object, tuple[Deed, ...]]] = {
    "a click": ("pyautogui.click(100, 200)", (Click(at=AT),)),
    "a click by names, with ease": ("pyautogui.click(x=100, y=200, button='right', interval=0.1)",
                                    (Click(at=AT, button="right"),)),
    "a click where the pointer is": ("pyautogui.click()", (Click(),)),
    "fractions of a pixel are cut off": ("pyautogui.moveTo(100.9, 200.9)", (Move(at=AT),)),
    "off the screen it stays off the screen": ("pyautogui.click(5000, -3)", (Click(at=Point(x=5000, y=-3)),)),
    "imports and switches do nothing": (
        "import pyautogui, time\npyautogui.FAILSAFE = False\npyautogui.press('enter')",
        (Press(keys=("enter",)),),
    ),
    "several calls are several actions": (
        "pyautogui.moveTo(100, 200)\ntime.sleep(0.5)\npyautogui.dragTo(300, 400, duration=1, button='left')",
        (Move(at=AT), Wait(seconds=0.5), Drag(path=(Point(x=300, y=400),))),
    ),
    "the wheel turns up for a positive number": ("pyautogui.scroll(5, 100, 200)", (Scroll(at=AT, dy=-5),)),
    "the wheel by its other name": ("pyautogui.vscroll(-5)", (Scroll(dy=5),)),
    "the wheel sideways": ("pyautogui.hscroll(clicks=3, x=100, y=200)", (Scroll(at=AT, dx=3),)),
    "a long turn is not cut": ("pyautogui.scroll(-500)", unread("pyautogui.scroll(-500)")),
    "a long wait is not cut": ("time.sleep(900)", unread("time.sleep(900)")),
    "keys pressed together": ("pyautogui.hotkey('ctrl', 'shift', 't')", (Press(keys=("ctrl", "shift", "t")),)),
    "keys joined by plus press nothing there": ("pyautogui.press('ctrl+c')", unread("pyautogui.press('ctrl+c')")),
    "a loop stays text, whole": (
        "pyautogui.click(100, 200)\nfor each in [1, 2]:\n    pyautogui.press('tab')\npyautogui.write('x')",
        (Click(at=AT), Unread(text="for each in [1, 2]:\n    pyautogui.press('tab')"), Type(text="x")),
    ),
    "names stay text, together": ("x = 5\npyautogui.click(x, 9)", unread("x = 5\npyautogui.click(x, 9)")),
    "no Python stays text": ("pyautogui.click(", unread("pyautogui.click(")),
    "prose stays text": ("I would click on it", unread("I would click on it")),
    "a comment alone stays text": ("# nothing", unread("# nothing")),
    "code in a fence": ("```python\npyautogui.click(100, 200)\n```", (Click(at=AT),)),
    "four clicks stay text": ("pyautogui.click(1, 2, clicks=4)", unread("pyautogui.click(1, 2, clicks=4)")),
    "an image to be found stays text": ("pyautogui.click('ok.png')", unread("pyautogui.click('ok.png')")),
    "a module of the system is not taken for a hand": ("os.system('ls')", unread("os.system('ls')")),
    "done": ("DONE", (Finish(claim="done"),)),
    "fail is the claim that it cannot be done": (" FAIL\n", (Finish(claim="infeasible"),)),
    "a wait lasts as long as the run's pause": ("WAIT", (Wait(seconds=3.0),)),
    "done as an object": ({"action_type": "DONE"}, (Finish(claim="done"),)),
    "computer_13: a click": ({"action_type": "CLICK", "parameters": {"x": 100, "y": 200, "num_clicks": 2}},
                             (Click(at=AT, count=2),)),
    "computer_13: flat": ({"action_type": "RIGHT_CLICK", "x": 100, "y": 200}, (Click(at=AT, button="right"),)),
    "computer_13: a double click where the pointer is": ({"action_type": "DOUBLE_CLICK"}, (Click(count=2),)),
    "computer_13: a move": ({"action_type": "MOVE_TO", "x": 100, "y": 200}, (Move(at=AT),)),
    "computer_13: a drag": ({"action_type": "DRAG_TO", "parameters": {"x": 100, "y": 200}}, (Drag(path=(AT,)),)),
    "computer_13: the wheel": ({"action_type": "SCROLL", "parameters": {"dx": 1, "dy": -2}}, (Scroll(dx=1, dy=2),)),
    "computer_13: text": ({"action_type": "TYPING", "text": "naïve"}, (Type(text="naïve"),)),
    "computer_13: keys": ({"action_type": "HOTKEY", "keys": ["ctrl", "s"]}, (Press(keys=("ctrl", "s")),)),
    "computer_13: a key": ({"action_type": "PRESS", "key": "enter"}, (Press(keys=("enter",)),)),
    "computer_13: halves": (
        [{"action_type": "MOUSE_DOWN"}, {"action_type": "MOUSE_UP", "button": "left"},
         {"action_type": "KEY_DOWN", "key": "shift"}, {"action_type": "KEY_UP", "key": "shift"}],
        (MouseDown(), MouseUp(), KeyDown(key="shift"), KeyUp(key="shift")),
    ),
    "computer_13: a strange one stays text": ({"action_type": "JUMP"}, unread('{"action_type": "JUMP"}')),
    "computer_13: what it does not have stays text": (
        {"action_type": "CLICK", "parameters": {"element": 3}},
        unread('{"action_type": "CLICK", "parameters": {"element": 3}}'),
    ),
    "code in an object": ({"command": "pyautogui.click(100, 200)", "id": "a"}, (Click(at=AT),)),
    "code in an object by another name": ({"action_space": "pyautogui", "action": "pyautogui.click(100, 200)"},
                                          (Click(at=AT),)),
    "an object of another's": ({"name": "click", "element": 4}, unread('{"name": "click", "element": 4}')),
    "a number": (7, unread("7")),
    "nothing": (None, ()),
}  # fmt: skip


@pytest.mark.parametrize(("action", "deeds"), CASES.values(), ids=CASES.keys())
def test_an_action_is_read_as_what_it_does(action: object, deeds: tuple[Deed, ...]) -> None:
    assert read(action, pause=3.0) == deeds


points = st.builds(Point, x=st.integers(0, SCREEN.width - 1), y=st.integers(0, SCREEN.height - 1))
keys = st.sampled_from([*sorted(SAME), *OTHERS, "a", "7", ".", "<", "A", "'", "\\"])
plain = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="<"), min_size=1, max_size=40)
ours = st.one_of(
    st.builds(Click, at=points, button=st.sampled_from(BUTTONS), count=st.integers(1, 3)),
    st.builds(Move, at=points),
    st.builds(Scroll, at=st.none() | points, dy=st.integers(1, 100)),
    st.builds(Scroll, at=points, dx=st.integers(-100, -1)),
    st.builds(Type, text=plain),
    st.builds(Press, keys=st.tuples(keys)),
    st.builds(KeyDown, key=st.sampled_from([*sorted(SAME), *OTHERS])),
    st.builds(Drag, path=st.lists(points, min_size=2, max_size=5).map(tuple)),
)


def meaning(deeds: tuple[Deed, ...]) -> list[tuple[object, ...]]:
    """What is done in the smallest parts, so that a hand's code can be held against the action it was made of."""
    return [part for deed in deeds for part in (_pointed(deed) or _keyed(deed))]


def _pointed(deed: Deed) -> list[tuple[object, ...]]:
    match deed:
        case Click(at=at, button=button, count=count):
            return [*([("move", at)] if at else []), ("click", button, count)]
        case Move(at=at):
            return [("move", at)]
        case Scroll(at=at, dx=dx, dy=dy):
            return [*([("move", at)] if at else []), ("turn", dx, dy)]
        case Drag(path=path, button=button):
            moves = [("move", at) for at in path[1:]]
            return [("move", path[0]), ("press", button), *moves, ("release", button)]
        case MouseDown(button=button):
            return [("press", button)]
        case MouseUp(button=button):
            return [("release", button)]
    return []


def _keyed(deed: Deed) -> list[tuple[object, ...]]:
    match deed:
        case Press(keys=held):
            names = [name for key in held for name in (("shift", ",") if key == "<" else (key,))]
            return [*(("down", name) for name in names), *(("up", name) for name in reversed(names))]
        case KeyDown(key=key):
            return [("down", key)]
        case KeyUp(key=key):
            return [("up", key)]
        case Wait(seconds=0.0):
            return []
    return [(deed,)]


@given(ours)
def test_what_our_hand_writes_is_read_as_what_it_does(action: Action) -> None:
    assert meaning(read(code(action, SCREEN))) == meaning((action,))


@given(st.text(max_size=200))
def test_any_text_is_read_or_kept(text: str) -> None:
    deeds = read(text)
    assert deeds
    try:
        tree: ast.AST | None = ast.parse(text)
    except (SyntaxError, ValueError):
        tree = None
    if tree is None and text.strip() not in {"WAIT", "DONE", "FAIL"} and not text.strip().startswith("```"):
        assert len(deeds) == 1
        assert isinstance(deeds[0], Unread)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
named = st.sampled_from(["CLICK", "SCROLL", "HOTKEY", "TYPING", "PRESS", "DRAG_TO", "WAIT", "KEY_DOWN"])
fields = st.sampled_from(["x", "y", "dx", "dy", "keys", "key", "text", "button", "num_clicks", "parameters"])


@given(json | st.fixed_dictionaries({"action_type": named, "parameters": st.dictionaries(fields, json)}))
def test_no_form_of_action_is_too_strange(action: object) -> None:
    assert all(isinstance(deed, Action | Unread) for deed in read(action))
