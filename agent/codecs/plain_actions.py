"""The actions of our own JSON format: what each means, and how each is put. The vocabulary is that of `agent.plans`.

Closed: an action or a field that is not in the table is refused in words for the model, as is one that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from agent.codecs.base import Item
from agent.codecs.fields import MOST_CLICKS, MOST_REPEATS, MOST_SECONDS, Unclear
from agent.codecs.scan import sane
from agent.codecs.values import Loose, pair
from agent.codecs.writing import chord, place, spoken, typed
from agent.frame import Frame
from agent.registry import near
from envs.types import (
    Action,
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

LONGEST_PATH: Final = 512
DIRECTIONS: Final = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
"""Where a click of the wheel goes, to the right and down."""


@dataclass(frozen=True)
class Takes:
    """The fields of an action: those it must have, and those that may be left out."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


ACTIONS: Final[Mapping[str, Takes]] = {
    "click": Takes(may=("target", "button", "count", "keys")),
    "hover": Takes(must=("target",)),
    "drag": Takes(must=("to",), may=("from", "through", "button", "keys")),
    "scroll": Takes(must=("direction",), may=("clicks", "target", "keys")),
    "type": Takes(must=("text",)),
    "press": Takes(must=("keys",), may=("times", "seconds")),
    "key_down": Takes(must=("key",)),
    "key_up": Takes(must=("key",)),
    "mouse_down": Takes(may=("target", "button")),
    "mouse_up": Takes(may=("target", "button")),
    "wait": Takes(must=("seconds",)),
    "finish": Takes(must=("claim",), may=("answer",)),
}


def known(action: Mapping[str, object], table: Mapping[str, Takes]) -> str:
    """The action's name, if it is one and all its fields are its own. Raises Unclear."""
    name = action.get("action")
    if not isinstance(name, str) or name not in table:
        raise Unclear(f"there is no action {str(name)[:80]!r}{near(str(name)[:80], table)}")
    takes = table[name]
    for field in action.keys() - {"action", *takes.must, *takes.may}:
        fields = ", ".join((*takes.must, *takes.may)) or "none"
        raise Unclear(f"{name} has no field {str(field)[:80]!r}; its fields are {fields}")
    for field in takes.must:
        if action.get(field) is None:
            raise Unclear(f"{name} needs {field}, which is missing")
    return name


def items_of(action: Mapping[str, object], frame: Frame, notes: list[str]) -> list[Item]:
    """What is asked for. Raises Unclear for what cannot be carried out."""
    name = known(action, ACTIONS)
    given = Loose(action, frame, notes)
    match name:
        case "click":
            at, held = given.at("target"), _held(given)
            return [Click(at=at, button=_button(given), count=_whole(given, "count", 3), holding=held)]
        case "hover":
            return [Move(at=given.must_at("target"))]
        case "drag":
            return [Drag(path=_path(given), button=_button(given), holding=_held(given))]
        case "scroll":
            return [_scroll(given)]
        case "mouse_down":
            return [MouseDown(at=given.at("target"), button=_button(given))]
        case "mouse_up":
            return [MouseUp(at=given.at("target"), button=_button(given))]
    return _keyed(name, given)


def _keyed(name: str, given: Loose) -> list[Item]:
    match name:
        case "type":
            return [Type(text=given.words("text"))]
        case "press":
            press = Press(keys=given.keys("keys"), seconds=given.capped("seconds", MOST_SECONDS, 0.0))
            return [press] * _whole(given, "times", MOST_REPEATS)
        case "key_down":
            return [KeyDown(key=_one_key(given))]
        case "key_up":
            return [KeyUp(key=_one_key(given))]
        case "wait":
            return [Wait(seconds=given.capped("seconds", MOST_SECONDS))]
    answer = given.given.get("answer")
    if not isinstance(answer, str | int | float | None):
        raise Unclear(f"answer must be text, not {str(answer)[:80]!r}")
    return [Finish(claim=_claim(given), answer="" if answer is None else sane(str(answer)))]


def _held(given: Loose) -> tuple[str, ...]:
    return given.keys("keys") if given.given.get("keys") else ()


def _button(given: Loose) -> Button:
    named = given.given.get("button")
    for button in get_args(Button):
        if named == button:
            return button  # type: ignore[no-any-return]  # one of the literal's
    if named is None:
        return "left"
    raise Unclear(f"the button is {', '.join(get_args(Button))}, not {str(named)[:40]!r}")


def _claim(given: Loose) -> Claim:
    named = given.given["claim"]
    for claim in get_args(Claim):
        if named == claim:
            return claim  # type: ignore[no-any-return]  # one of the literal's
    raise Unclear(f"the claim is {', '.join(get_args(Claim))}, not {str(named)[:40]!r}")


def _whole(given: Loose, name: str, most: int) -> int:
    amount = given.number(name, 1)
    if amount != int(amount) or not 1 <= amount <= most:
        raise Unclear(f"{name} must be a whole number from 1 to {most}, and is {amount:g}")
    return int(amount)


def _one_key(given: Loose) -> str:
    keys = given.keys("key")
    if len(keys) != 1:
        raise Unclear(f"key must name one key, not {' and '.join(keys)}")
    return keys[0]


def _path(given: Loose) -> tuple[Point, ...]:
    begin, end, between = given.at("from"), given.must_at("to"), given.given.get("through") or []
    if not isinstance(between, list) or not all(isinstance(each, list | dict) for each in between):
        raise Unclear("through must be a list of points")
    if between and begin is None:
        raise Unclear("a drag through points needs from")
    if len(between) > LONGEST_PATH - 2:
        raise Unclear(f"through has {len(between)} points; at most {LONGEST_PATH - 2} are passed")
    through = [given.on_screen(*pair(each, "through", given.notes)) for each in between]
    return (end,) if begin is None else (begin, *through, end)


def _scroll(given: Loose) -> Scroll:
    direction = given.given["direction"]
    if not isinstance(direction, str) or direction not in DIRECTIONS:
        raise Unclear(f"the direction is {', '.join(DIRECTIONS)}, not {str(direction)[:40]!r}")
    clicks = given.clicks(given.number("clicks", 5))
    if clicks < 1:
        raise Unclear(f"clicks must be above 0, and is {clicks}; the direction says which way")
    right, down = DIRECTIONS[direction]
    return Scroll(at=given.at("target"), dx=right * clicks, dy=down * clicks, holding=_held(given))


def action_of(item: Item, frame: Frame) -> dict[str, object]:
    """The action that asks for it, if it is sound. Raises ValueError for what the format has no word for."""
    if not isinstance(item, Action):
        raise ValueError(f"there is no word for {item!r}")
    return _pointing(item, frame) or _typing(item)


def _pointing(item: Action, frame: Frame) -> dict[str, object] | None:
    match item:
        case Click():
            count: dict[str, object] = {"count": item.count} if item.count != 1 else {}
            return {"action": "click", **_at("target", item.at, frame), **_with(item), **count}
        case Move():
            return {"action": "hover", **_at("target", item.at, frame)}
        case Drag(path=(end,)):
            return {"action": "drag", **_at("to", end, frame), **_with(item)}
        case Drag(path=(begin, *through, end)):
            between: dict[str, object] = {"through": [point(each, frame) for each in through]} if through else {}
            ends = _at("from", begin, frame) | between | _at("to", end, frame)
            return {"action": "drag", **ends, **_with(item)}
        case Scroll():
            return _turned(item, frame)
        case MouseDown() | MouseUp():
            name = "mouse_down" if isinstance(item, MouseDown) else "mouse_up"
            return {"action": name, **_at("target", item.at, frame), **_with(item)}
    return None


def _turned(item: Scroll, frame: Frame) -> dict[str, object]:
    clicks = max(abs(item.dx), abs(item.dy))
    ways = [way for way, (dx, dy) in DIRECTIONS.items() if (item.dx, item.dy) == (dx * clicks, dy * clicks)]
    if not 1 <= clicks <= MOST_CLICKS or not ways:
        raise ValueError(f"there is no word for {item!r}")
    return {
        "action": "scroll",
        "direction": ways[0],
        "clicks": clicks,
        **_at("target", item.at, frame),
        **_with(item),
    }


def _typing(item: Action) -> dict[str, object]:
    match item:
        case Type():
            return {"action": "type", "text": typed(item.text)}
        case Press():
            held: dict[str, object] = {"seconds": item.seconds} if item.seconds else {}
            return {"action": "press", "keys": list(chord(item.keys)), **held}
        case KeyDown() | KeyUp():
            name = "key_down" if isinstance(item, KeyDown) else "key_up"
            return {"action": name, "key": chord((item.key,))[0]}
        case Wait():
            return {"action": "wait", "seconds": item.seconds}
        case Finish():
            answer: dict[str, object] = {"answer": spoken(item.answer)} if item.answer else {}
            return {"action": "finish", "claim": item.claim, **answer}
    raise ValueError(f"there is no word for {item!r}")


def _with(item: Click | Drag | Scroll | MouseDown | MouseUp) -> dict[str, object]:
    """The button, if it is another than the left, and the keys that are held."""
    said: dict[str, object] = {}
    if getattr(item, "button", "left") != "left":
        said["button"] = item.button  # type: ignore[union-attr]  # not a Scroll: it has none
    if getattr(item, "holding", ()):
        said["keys"] = list(chord(item.holding))  # type: ignore[union-attr]  # it has some
    return said


def _at(name: str, at: Point | None, frame: Frame) -> dict[str, object]:
    return {} if at is None else {name: point(at, frame)}


def point(at: Point, frame: Frame) -> list[float]:
    """The pair that a model says for this pixel: whole numbers, or with four places where it counts to little."""
    whole = place(at, frame)
    if frame.space == "pixels" or frame.divisor >= 100:
        return [*whole]
    return [round(each, 4) for each in frame.to_model(at)]
