"""What a planner answers: a JSON object with actions whose targets are words, numbers of marks, or points.

One format for every scaffold and every model; which targets make sense is for the scaffold to say. Read tolerantly
where the meaning is certain, and what was put right is told in `repaired`. The format is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from agent.codecs.fields import Unclear
from agent.codecs.scan import Found, Heard, hear, objects, sane
from agent.codecs.values import chord_of
from agent.models.base import Reply
from envs.types import Action, Button, Claim, Click, Closed, Drag, Finish, Move, Point, Press, Scroll, Type, Wait

MOST_ACTIONS = 20
MOST_CLICKS = 30
MOST_TIMES = 100
MOST_SECONDS = 60.0

Target: TypeAlias = str | int | tuple[float, ...]
"""Words that describe it; the number of a mark; a point or a box, in whatever the model was told to count."""
Keys: TypeAlias = str | tuple[str, ...]


class Lost(Exception):  # noqa: N818 - what happened, in words for the planner
    """What an action aims at cannot be found."""


class Want(Closed, tag_field="action", tag=str.lower):
    """One thing that a planner wants done."""


class ToClick(Want, tag="click"):
    """Click `count` times, while holding `keys`."""

    target: Target
    button: Button = "left"
    count: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1
    keys: Keys = ()


class ToHover(Want, tag="hover"):
    """Only move the pointer there."""

    target: Target


class ToDrag(Want, tag="drag", rename={"start": "from", "end": "to"}):
    """Press at one place, release at another."""

    start: Target
    end: Target
    keys: Keys = ()


class ToScroll(Want, tag="scroll"):
    """Turn the wheel, over the target if there is one."""

    direction: Literal["up", "down", "left", "right"]
    clicks: Annotated[float, msgspec.Meta(gt=0)] = 5
    target: Target | None = None


class ToType(Want, tag="type"):
    """Type, after clicking on the target if there is one and emptying it if it is to be `clear`; then `enter`."""

    text: Annotated[str, msgspec.Meta(max_length=20_000)]
    target: Target | None = None
    clear: bool = False
    enter: bool = False


class ToPress(Want, tag="press"):
    """Press keys together, `times` times."""

    keys: Keys
    times: Annotated[int, msgspec.Meta(ge=1)] = 1
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class ToWait(Want, tag="wait"):
    """Let time pass."""

    seconds: Annotated[float, msgspec.Meta(ge=0)] = 1.0


class ToFinish(Want, tag="finish"):
    """It is over."""

    claim: Claim = "done"
    answer: str = ""


Wish: TypeAlias = ToClick | ToHover | ToDrag | ToScroll | ToType | ToPress | ToWait | ToFinish
KINDS = ("click", "hover", "drag", "scroll", "type", "press", "wait", "finish")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A planner's answer. `plan` and `notes` are what it wants to be reminded of; further keys mean nothing."""

    actions: Annotated[tuple[Wish, ...], msgspec.Meta(min_length=1)]
    thought: str = ""
    intent: str = ""
    plan: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    dropped: int = 0


_ALIASES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    **{name: ("click", {}) for name in ("left_click", "tap")},
    "double_click": ("click", {"count": 2}),
    "triple_click": ("click", {"count": 3}),
    "right_click": ("click", {"button": "right"}),
    "middle_click": ("click", {"button": "middle"}),
    **{name: ("hover", {}) for name in ("move", "move_to", "mouse_move")},
    **{name: ("drag", {}) for name in ("drag_and_drop", "left_click_drag")},
    **{name: ("press", {}) for name in ("key", "keys", "hotkey", "press_key", "keypress")},
    **{name: ("type", {}) for name in ("write", "input", "type_text", "input_text")},
    "sleep": ("wait", {}),
    **{name: ("finish", {}) for name in ("done", "finished", "answer")},
    "fail": ("finish", {"claim": "failed"}),
    "infeasible": ("finish", {"claim": "infeasible"}),
}
"""Other names of actions that leave no doubt."""
_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("mark", "element", "description", "coordinate", "at"), "target"),
    **dict.fromkeys(("start", "source"), "from"),
    **dict.fromkeys(("end", "destination"), "to"),
    **dict.fromkeys(("key", "holding", "modifiers"), "keys"),
    "content": "text",
    "amount": "clicks",
    "repeat": "times",
    "submit": "enter",
    "overwrite": "clear",
    "duration": "seconds",
    "status": "claim",
}
_SAYS = frozenset(("thought", "reason", "intent", "comment", "explanation"))
"""Fields of an action that only explain it."""


def read_plan(reply: Reply) -> Plan | str:
    """What the reply wants done; or, in words for the model, why it cannot be read."""
    heard, written = told(reply)
    problem = "" if written else "there is no JSON object in the reply"
    for found in reversed(written) if heard.only_thought else written:
        plan = _plan(found, heard)
        if isinstance(plan, Plan):
            return replace(plan, thought=plan.thought or heard.thought)
        problem = problem or plan
    return problem


def told(reply: Reply) -> tuple[Heard, list[Found]]:
    """What was said, and the JSON objects in it and in its tool calls."""
    heard = hear(reply)
    calls = [Found(value=call.arguments, start=0, end=0) for call in reply.calls]
    return heard, [*objects(heard.said), *calls]


def _plan(found: Found, heard: Heard) -> Plan | str:
    repaired = [*heard.repaired, *found.repaired]
    value: dict[str, Any] = {key: each for key, each in _sane(dict(found.value)).items() if each is not None}
    for key in ("plan", "notes"):
        if isinstance(value.get(key), str):
            value[key] = [value[key]] if value[key].strip() else []
    wanted = value.get("actions", value.get("action"))
    if isinstance(wanted, str):
        wanted = [value]
    elif isinstance(wanted, dict):
        wanted = [wanted]
    if not isinstance(wanted, list):
        return 'the object has no "actions", a list'
    plain = [_usual(each, repaired) if isinstance(each, dict) else each for each in wanted[:MOST_ACTIONS]]
    try:
        plan = msgspec.convert({**value, "actions": plain}, Plan, strict=False)
        actions = tuple(_bounded(each, repaired) for each in plan.actions)
    except msgspec.ValidationError as wrong:
        return f"{wrong}; the actions are {', '.join(KINDS)}"
    except Unclear as unknown:
        return str(unknown)
    return replace(
        plan, actions=actions, repaired=tuple(dict.fromkeys(repaired)), dropped=max(0, len(wanted) - MOST_ACTIONS)
    )


def _sane(value: Any) -> Any:  # JSON, of any shape
    """Without what no record can hold: an escape in JSON can be half a surrogate pair."""
    match value:
        case str():
            return sane(value)
        case dict():
            return {_sane(key): _sane(each) for key, each in value.items()}
        case list():
            return [_sane(each) for each in value]
    return value


def _usual(written: dict[str, Any], repaired: list[str]) -> dict[str, Any]:
    """The action with the names that it has here."""
    kind = written.get("action", written.get("type", ""))
    action: dict[str, Any] = {}
    name = str(kind).strip().lower()
    if name in _ALIASES:
        usual, more = _ALIASES[name]
        repaired.append(f"read {name!r} as {usual!r}")
        action |= more
        name = usual
    for key, value in written.items():
        if key in _SAYS or (key == "type" and "action" not in written) or value is None:
            continue
        other = _FIELDS.get(key, key)
        if other != key:
            repaired.append(f"read {key!r} as {other!r}")
        action[other] = value
    return action | {"action": name}


def _bounded(want: Wish, repaired: list[str]) -> Wish:
    """Within what a desktop does at once, and keys by their canonical names. Raises Unclear for an unknown key."""
    if isinstance(want, ToClick | ToDrag | ToPress):
        want = replace(want, keys=chord_of(want.keys, repaired) if want.keys else ())
    bounds = {"clicks": MOST_CLICKS, "times": MOST_TIMES, "seconds": MOST_SECONDS}
    for name, most in bounds.items():
        if getattr(want, name, 0) > most:
            repaired.append(f"{name} cut to {most:g}")
            want = replace(want, **{name: most})
    return want


def actions_of(want: Wish, aim: Callable[[Target], Point]) -> tuple[Action, ...]:
    """The desktop's actions for it. Raises Lost, as `aim` does."""
    match want:
        case ToClick():
            return (Click(at=aim(want.target), button=want.button, count=want.count, holding=tuple(want.keys)),)
        case ToHover():
            return (Move(at=aim(want.target)),)
        case ToDrag():
            return (Drag(path=(aim(want.start), aim(want.end)), holding=tuple(want.keys)),)
        case ToScroll():
            at = None if want.target is None else aim(want.target)
            clicks = max(1, round(want.clicks)) * (-1 if want.direction in ("up", "left") else 1)
            return (Scroll(at=at, dy=clicks) if want.direction in ("up", "down") else Scroll(at=at, dx=clicks),)
        case ToType():
            before: tuple[Action, ...] = () if want.target is None else (Click(at=aim(want.target)),)
            empty: tuple[Action, ...] = (Press(keys=("ctrl", "a")),) if want.clear else ()
            return (*before, *empty, Type(text=want.text + "\n" * want.enter))
        case ToPress():
            return want.times * (Press(keys=tuple(want.keys), seconds=want.seconds),)
        case ToWait():
            return (Wait(seconds=want.seconds),)
    return (Finish(claim=want.claim, answer=want.answer),)


def in_words(actions: Sequence[Wish | Action]) -> str:
    """What was done, for whoever is told of it later."""
    return "; ".join(_said(each) for each in actions)


def _said(action: Wish | Action) -> str:
    written = msgspec.to_builtins(action)
    kind = written.pop("action", None) or written.pop("kind")
    usual = {"button": "left", "count": 1, "times": 1, "clear": False, "enter": False, "claim": "done"}
    telling = {
        key: value for key, value in written.items() if value not in (None, (), [], "", 0) and usual.get(key) != value
    }
    return " ".join((str(kind), *(f"{key}={_short(value)}" for key, value in telling.items())))


def _short(value: object) -> str:
    match value:
        case {"x": x, "y": y}:
            return f"({x}, {y})"
        case list() | tuple():
            return "[" + ", ".join(_short(each) for each in value) + "]"
        case str():
            return repr(value if len(value) <= 80 else f"{value[:80]}…")
    return str(value)
