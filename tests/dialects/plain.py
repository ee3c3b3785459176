"""Families that answer in a JSON object of this project's own schema, as its prompts put it: json, InternVL, Holo.

The server does as a model does that obeys its prompt: it counts as it is told to (in pixels of the picture, or from 0
to a number), and says one action or several as it is told to. Around and in the JSON stands what such models are
known for: thoughts, fences, special tokens, a trailing comma, a list that came as a string, quotes as in Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

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
from tests.dialects.keyboard import PYAUTOGUI, XDOTOOL, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import Said, View
from tests.dialects.wire import Refused

Fields = dict[str, Any]  # JSON that is about to be written
PIXELS = re.compile(r"in pixels of the picture, which is (\d+) wide and (\d+) high")
WHOLE = re.compile(r'(?:from 0 to |"maximum": |left and top edges of the picture and )(\d+)')
ALL = Limits(drag="all", hold="click", downs=True, down_at=True, held_press=True)
TWO = Limits(drag="two", hold="click", downs=True, down_at=True, held_press=True)


def counted(at: Point, view: View) -> tuple[int, int]:
    """The place as the prompt wants it counted. Raises Refused where it does not say."""
    if told := PIXELS.search(view.asked):
        if (int(told[1]), int(told[2])) != (view.seen.size.width, view.seen.size.height):
            raise Refused(400, f"the prompt says {told[0]!r}, and the picture is {view.seen.size}")
        return view.eye.pixels(at)
    if told := WHOLE.search(view.asked):
        return view.eye.parts(at, int(told[1]))
    raise Refused(400, "the prompt does not say how places are counted")


@dataclass(frozen=True)
class Plain:
    """`{"thought": ..., "actions": [...]}`. `boxes`: it points by a box between tags, as InternVL does."""

    name: str
    batch: int = 3
    limits: Limits = ALL
    boxes: bool = False

    def say(self, actions: list[Action], view: View) -> Said:
        """The object, with what usually stands around it."""
        said = [_fields(action, times, view) for action, times in _again(actions)]
        listed: Any = said[0] if len(said) == 1 and view.odds(8) else said
        return _around({"thought": view.intent or "Next step.", "actions": listed}, view)

    def point(self, at: Point, view: View) -> Said:
        """The place, or a box around it."""
        x, y = counted(at, view)
        if not self.boxes:
            return _around({"target": [x, y]}, view)
        box = f"[[{x - 4}, {y - 3}, {x + 4}, {y + 3}]]"
        return Said(view.rng.choice((f"<ref>cross</ref><box>{box}</box>", f"It is at <box>{box}</box>.<|im_end|>")))

    def nothing(self, view: View) -> Said:
        """Prose, or an object that was hardly begun."""
        return Said(view.rng.choice(("I have to open the menu first.", "{", '```json\n{"thought": "The menu')))


@dataclass(frozen=True)
class Holo:
    """`{"note": ..., "thought": ..., "action": {...}}`, one action: as structured outputs make it, mostly."""

    name: str = "holo"
    batch: int = 1
    limits: Limits = TWO

    def say(self, actions: list[Action], view: View) -> Said:
        """The object."""
        action = _flat(_fields(actions[0], 1, view, strings=False))
        note = view.rng.choice(("", "The list has 12 lines."))
        said = {"note": note, "thought": view.intent or "Next step.", "action": action}
        text = json.dumps(said, ensure_ascii=view.odds(2), indent=view.rng.choice((None, 2)))
        shapes = (text, text, f"<think>\n\n</think>\n\n{text}", f"```json\n{text}\n```", f"{text}<|im_end|>")
        return Said(view.rng.choice(shapes))

    def point(self, at: Point, view: View) -> Said:
        """The place."""
        x, y = counted(at, view)
        return Said(json.dumps({"x": x, "y": y}))

    def nothing(self, view: View) -> Said:
        """As the model does at times: the first brace, and no more."""
        return Said("{")


def _again(actions: list[Action]) -> Iterator[tuple[Action, int]]:
    """Keys that are pressed several times running are pressed once, with how often."""
    for action, same in groupby(actions):
        times = len([*same])
        if isinstance(action, Press) and not action.seconds:
            yield action, times
        else:
            yield from ((action, 1) for _ in range(times))


def _fields(action: Action, times: int, view: View, *, strings: bool = True) -> Fields:
    def at(name: str, point: Point | None) -> Fields:
        return {} if point is None else {name: _place(point, view, strings=strings)}

    def button(name: str) -> Fields:
        return {} if name == "left" and not view.odds(3) else {"button": name}

    match action:
        case Click(at=where, count=count, holding=holding):
            said = {"action": "click", **at("target", where), **button(action.button), **_held(holding, view)}
            return said | ({"count": count} if count > 1 or view.odds(4) else {})
        case Move(at=where):
            return {"action": "hover", **at("target", where)}
        case Drag(path=(start, *through, end), holding=holding):
            along = {"through": [_place(point, view, strings=False) for point in through]} if through else {}
            said = {"action": "drag", **at("from", start), **along, **at("to", end)}
            return said | button(action.button) | _held(holding, view)
        case Scroll(at=where, dx=dx, dy=dy, holding=holding):
            way = ("right" if dx > 0 else "left") if dx else ("down" if dy > 0 else "up")
            said = {"action": "scroll", "direction": way, "clicks": abs(dx or dy)}
            return said | at("target", where) | _held(holding, view)
        case Press(keys=keys, seconds=seconds):
            said = {"action": "press", **_held(keys, view)}
            return said | ({"times": times} if times > 1 else {}) | ({"seconds": seconds} if seconds else {})
        case MouseDown(at=where) | MouseUp(at=where):
            name = "mouse_down" if isinstance(action, MouseDown) else "mouse_up"
            return {"action": name, **at("target", where), **button(action.button)}
        case KeyDown(key=key) | KeyUp(key=key):
            return {"action": "key_down" if isinstance(action, KeyDown) else "key_up", "key": _key(key, view)}
    return _plain(action)


def _plain(action: Action) -> Fields:
    match action:
        case Type(text=text):
            return {"action": "type", "text": text}
        case Wait(seconds=seconds):
            return {"action": "wait", "seconds": seconds}
        case Finish(claim=claim, answer=answer):
            return {"action": "finish", "claim": claim} | ({"answer": answer} if answer else {})
    raise Unsayable(f"it has no words for {action!r}")


def _place(at: Point, view: View, *, strings: bool) -> object:
    x, y = counted(at, view)
    if strings and view.odds(6):
        return view.rng.choice((f"[{x}, {y}]", [x + 0.0, y + 0.0], [[x, y]], [x - 2, y - 2, x + 2, y + 2]))
    return [x, y]


def _held(keys: tuple[str, ...], view: View) -> Fields:
    return {"keys": [_key(key, view) for key in keys]} if keys else {}


def _key(key: str, view: View) -> str:
    return spelt(key, view.rng.choice((PYAUTOGUI, PYAUTOGUI, XDOTOOL)))


def _flat(fields: Fields) -> Fields:
    """Holo's: numbers by themselves, and a word of what is there."""
    flat: Fields = {"action": fields["action"]}
    for key, value in fields.items():
        match key, value:
            case (("target" | "from"), [x, y]):
                flat |= {"element": 'the "Save" button', "x": x, "y": y}
            case "to", [x, y]:
                flat |= {"to_x": x, "to_y": y}
            case _:
                flat[key] = value
    return flat


def _around(said: Fields, view: View) -> Said:
    """The JSON as such models write it."""
    text = json.dumps(said, ensure_ascii=view.odds(2), indent=view.rng.choice((None, None, 2)))
    comma = re.sub(r"\s*\}$", ",}", text)
    thought = view.intent or "Next step."
    shapes = (
        Said(text),
        Said(f"```json\n{text}\n```"),
        Said(f"{thought}\n\n```\n{text}\n```<|im_end|>"),
        Said(f'<think>\nPerhaps {{"actions": []}}? No.\n</think>\n{text}'),
        Said(f"{text}<|im_end|>"),
        Said(f"```json\n{comma}\n```"),
        Said(repr(said)),
        Said(text, thought),
        Said("", f"{thought}\n{text}"),
    )
    return view.rng.choice(shapes)


JSON = Plain("json")
INTERNVL = Plain("internvl", boxes=True)
HOLO = Holo()
