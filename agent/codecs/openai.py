"""OpenAI's computer tool: one call holds a list of actions, and is answered with one picture of the screen.

Coordinates are pixels of the picture that was sent. The tool has no third click, no button held, no key held and no
word for the end: a reply without a call is the end. Source: OpenAI's computer use guide, and its SDK's types (3.57).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from agent.codecs.base import Batch, Family, Invalid, Item, Look, Reading, Talk, Told, Turn, Wanted
from agent.codecs.ending import over, said
from agent.codecs.fields import BATCH, MOST_CLICKS, Fields, Unclear, checked, key
from agent.codecs.pointing import ask_where, read_where
from agent.codecs.writing import sound
from agent.frame import Frame
from agent.models.base import Call, Computer, Message, Part, Picture, Reply, Result, Text, Tool
from agent.prompts import prompt
from envs.errors import BadInput
from envs.types import Button, Click, Drag, Finish, Move, Point, Press, Scroll, Size, Type, Wait

_BUTTONS: Mapping[str, Button] = {
    "left": "left",
    "right": "right",
    "wheel": "middle",
    "middle": "middle",
    "back": "back",
    "forward": "forward",
}
_PAUSE = 2.0  # seconds: the tool's wait has no length, and the vendor's guide sleeps this long
_KEYS = {"meta": "super", "cmd": "super", "command": "super", "win": "super", "windows": "super"}
_SPELLED = {"enter": "ENTER", "super": "META", "escape": "ESC", "delete": "DELETE"} | {
    arrow: f"ARROW{arrow.upper()}" for arrow in ("left", "right", "up", "down")
}


def openai(
    *,
    most_pixels: int = 10_240_000,
    scroll_unit: float = 0.01,
    pictures: int | None = None,
    batch: Batch = "all",
) -> OpenAI:
    """The codec. `most_pixels` the vendor leaves alone at full detail; `scroll_unit` is wheel clicks for a pixel.

    `pictures`: how many screens are sent at most (None: all, because the conversation is only appended to).
    """
    if batch not in ("all", "first"):
        raise BadInput(f"batch is 'all' or 'first', not {batch!r}")
    if pictures is not None and pictures < 1:
        raise BadInput(f"pictures must be at least 1, and is {pictures}")
    if scroll_unit <= 0 or most_pixels < 1:
        raise BadInput("scroll_unit and most_pixels must be more than 0")
    return OpenAI(most_pixels, scroll_unit, pictures, batch)


@dataclass(frozen=True)
class OpenAI:
    """See `openai`."""

    most_pixels: int = 10_240_000
    scroll_unit: float = 0.01
    pictures: int | None = None
    batch: Batch = "all"

    @property
    def family(self) -> Family:
        """Its facts."""
        return Family(
            name="openai",
            about="OpenAI's models, by the computer tool of the Responses API",
            can=("act", "ask", "locate"),
            space="pixels",
            resize=f"sent as it is up to {self.most_pixels} pixels",
            pictures=self.pictures,
            batch=self.batch,
            scroll_unit=self.scroll_unit,
            picture_first=False,
            sure=("gpt-5", "gpt-6", "computer-use-preview"),
            source="https://developers.openai.com/api/docs/guides/tools-computer-use",
        )

    def fit(self, screen: Size) -> Size:
        """As it is, up to the vendor's limit."""
        pixels = screen.width * screen.height
        if pixels <= self.most_pixels:
            return screen
        scale = sqrt(self.most_pixels / pixels)
        return Size(width=max(1, int(screen.width * scale)), height=max(1, int(screen.height * scale)))

    def frame(self, screen: Size, sent: Size) -> Frame:
        """Pixels of the picture."""
        return Frame(screen=screen, sent=sent, space="pixels")

    def tools(self, frame: Frame) -> tuple[Tool, ...]:
        """The vendor's own."""
        return (Computer(size=frame.sent),)

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """System, goal with the first picture, then each reply as it came and the screen after it."""
        told_so = [Message(role="system", parts=(Text(talk.prompt or prompt("openai")),))]
        tolds = [*(turn.told for turn in talk.turns), talk.told]
        first = tolds[0]
        words = (Text(first.words),) if first.words else ()
        picture = (first.picture,) if first.picture else ()
        told_so.append(Message(role="user", parts=(Text(f"The task: {talk.goal}"), *words, *picture)))
        shown = first.picture
        for turn, told in zip(talk.turns, tolds[1:], strict=True):
            shown = told.picture or shown
            told_so.append(Message(role="assistant", reply=turn.reply))
            told_so.append(Message(role="user", parts=_answers(turn, told, shown)))
        limits = [limit for limit in (talk.pictures, self.pictures) if limit is not None]
        return _shortened(told_so, min(limits)) if limits else tuple(told_so)

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """Every action of the calls, in order; a reply without a call is the end."""
        if not reply.calls:
            return over(reply)
        if reply.stop == "length":
            return Reading(wanted=(Wanted(item=Invalid(reason="Your reply was cut off in the call. Be brief.")),))
        notes, wanted = list[str](), list[Wanted]()
        for call in reply.calls:
            for action in _actions(call):
                item = _item(action, frame, self.scroll_unit, notes)
                raw = json.dumps(action, ensure_ascii=False, default=str)
                wanted.append(Wanted(item=item, call=call.id, raw=raw))
        most = BATCH if self.batch == "all" else 1
        dropped = max(0, len(wanted) - most)
        if dropped and self.batch == "all":
            notes.append(f"only the first {BATCH} of {len(wanted)} actions were kept")
        return Reading(
            wanted=tuple(wanted[:most]),
            intent=reply.text.strip(),
            thought=reply.thinking,
            repaired=tuple(notes),
            dropped=dropped,
        )

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """One call with all of the actions; or, for a Finish alone, words."""
        sound(items, frame)
        if len(items) == 1 and isinstance(items[0], Finish):
            return Reply(text=said(items[0]), thinking=thought, stop="end")
        arguments = {"actions": [_written(item, frame, self.scroll_unit) for item in items]}
        call = Call("call_01", "computer", arguments, text=json.dumps(arguments, ensure_ascii=False))
        return Reply(thinking=thought, calls=(call,), stop="calls")

    def pointing(
        self,
        picture: Picture,
        description: str,
        frame: Frame,  # noqa: ARG002 - pixels of the picture, which says its size
    ) -> tuple[Message, ...]:
        """In words, without the tool."""
        return ask_where(picture, description)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """JSON in pixels of the picture."""
        return read_where(reply, frame)


def _answers(turn: Turn, told: Told, shown: Picture | None) -> tuple[Part, ...]:
    """A picture for each call, which is what the API takes; in words, what was not carried out."""
    calls = list(dict.fromkeys(call.id for call in turn.reply.calls))
    screen = (shown,) if shown else ()
    results: list[Part] = [
        Result(call, screen, name="computer", checks=turn.reply.checks if place == 0 else ())
        for place, call in enumerate(calls)
    ]
    words = [
        f"Not carried out: {outcome.wanted.raw}: {outcome.said}. Nor was what followed it in the call."
        for outcome in told.outcomes
        if outcome.failed
    ][:1]
    if told.problem and not words:
        words.append(told.problem)
    if turn.reading.dropped:
        words.append(f"The last {turn.reading.dropped} actions were not carried out: too many at once.")
    parts = [*results, *(Text(each) for each in (*words, told.words) if each)]
    if not results and told.picture:
        parts.append(told.picture)
    return tuple(parts) or (Text("Go on."),)


def _shortened(messages: Sequence[Message], most: int) -> tuple[Message, ...]:
    """System, goal, and the last turns, as many as hold `most` pictures: a call and its picture go together.

    Turns go in chunks, so that what is sent stays a prefix of what is sent next for a while.
    """
    pairs = (len(messages) - 2) // 2
    chunk = max(1, most // 2)
    surplus = max(0, pairs + 1 - max(1, most))
    gone = min(-(-surplus // chunk) * chunk, max(0, pairs - 1))
    if not gone:
        return tuple(messages)
    task = tuple(part for part in messages[1].parts if not isinstance(part, Picture))
    note = Text(f"(The first {gone} of your turns are left out here.)")
    return (messages[0], Message("user", (*task, note)), *messages[2 + 2 * gone :])


def _actions(call: Call) -> list[Mapping[str, object]]:
    """One or many, however they were put. What is none becomes an action that is refused by its name."""
    given = call.arguments.get("actions", call.arguments.get("action"))
    several = given if isinstance(given, list) else [call.arguments if given is None else given]
    return [each if isinstance(each, Mapping) else {"type": repr(each)} for each in several] or [
        {"type": "screenshot"}
    ]


def _item(action: Mapping[str, object], frame: Frame, scroll_unit: float, notes: list[str]) -> Item:
    kind = str(action.get("type"))
    fields = Fields(action, frame, notes)
    try:
        if kind == "scroll":
            return _scroll(fields, scroll_unit)
        if kind in _READ:
            return _READ[kind](fields)
    except Unclear as unclear:
        return Invalid(reason=f"{kind}: {unclear}")
    return Invalid(reason=f"there is no action {kind!r}; there is scroll, {', '.join(sorted(_READ))}")


def _at(fields: Fields) -> Point:
    return fields.on_screen(fields.number("x"), fields.number("y"))


def _click(fields: Fields) -> Item:
    button = fields.given.get("button", "left")
    if button not in _BUTTONS:
        raise Unclear(f"button is one of left, right, wheel, back, forward, not {button!r}")
    return Click(at=_at(fields), button=_BUTTONS[str(button)], holding=_held(fields))


def _drag(fields: Fields) -> Item:
    path = fields.given.get("path")
    if not isinstance(path, list) or not 2 <= len(path) <= 512:
        raise Unclear("path must be a list of two points or more")
    points = tuple(Fields({"path": each}, fields.frame, fields.notes).must_point("path") for each in path)
    return Drag(path=points, holding=_held(fields))


def _scroll(fields: Fields, unit: float) -> Item:
    across, down = (fields.clicks(fields.number(name, 0.0) * unit) for name in ("scroll_x", "scroll_y"))
    return Scroll(at=_at(fields), dx=across, dy=down, holding=_held(fields))


def _held(fields: Fields) -> tuple[str, ...]:
    return _keys(fields) if fields.given.get("keys") else ()


def _keys(fields: Fields) -> tuple[str, ...]:
    keys = fields.given.get("keys")
    if not isinstance(keys, list) or not all(isinstance(each, str) for each in keys):
        raise Unclear(f"keys must be a list of names, not {keys!r}")
    return checked([_named(each) for each in keys])


def _named(name: str) -> str:
    """Letters too are in upper case there, and mean the key rather than the capital."""
    low = name.lower()
    return key(_KEYS.get(low, low if len(name) == 1 and low.isascii() else name))


_READ: Mapping[str, Callable[[Fields], Item]] = {
    "click": _click,
    "double_click": lambda fields: Click(at=_at(fields), count=2, holding=_held(fields)),
    "move": lambda fields: Move(at=_at(fields)),
    "drag": _drag,
    "keypress": lambda fields: Press(keys=_keys(fields)),
    "type": lambda fields: Type(text=fields.typed()),
    "wait": lambda _: Wait(seconds=_PAUSE),
    "screenshot": lambda _: Look(),
}


def _written(item: Item, frame: Frame, scroll_unit: float) -> dict[str, object]:
    match item:
        case Click(at=Point() as at, count=1, button=button):
            name = "wheel" if button == "middle" else button
            return {"type": "click", **_told(at, frame), "button": name, **_holding(item.holding)}
        case Click(at=Point() as at, count=2, button="left"):
            return {"type": "double_click", **_told(at, frame), **_holding(item.holding)}
        case Move(at=at):
            return {"type": "move", **_told(at, frame)}
        case Drag(path=path, button="left") if len(path) >= 2:
            return {"type": "drag", "path": [_told(at, frame) for at in path], **_holding(item.holding)}
        case Scroll(at=Point() as at, dx=dx, dy=dy) if 1 <= max(abs(dx), abs(dy)) <= MOST_CLICKS:
            turned = {"scroll_x": round(dx / scroll_unit), "scroll_y": round(dy / scroll_unit)}
            return {"type": "scroll", **_told(at, frame), **turned, **_holding(item.holding)}
        case Press(keys=keys, seconds=0):
            return {"type": "keypress", "keys": [_spelled(each) for each in keys]}
        case Type(text=text):
            return {"type": "type", "text": text}
        case Wait(seconds=2):
            return {"type": "wait"}
        case Look():
            return {"type": "screenshot"}
    raise ValueError(f"OpenAI's computer tool cannot say {item!r}")


def _told(point: Point, frame: Frame) -> dict[str, object]:
    x, y = frame.to_model(point)
    return {"x": round(x), "y": round(y)}


def _holding(keys: tuple[str, ...]) -> dict[str, object]:
    return {"keys": [_spelled(each) for each in keys]} if keys else {}


def _spelled(name: str) -> str:
    """In upper case. Raises ValueError for a key that would be read as another: a capital, the real Meta key."""
    spelled = _SPELLED.get(name, name if len(name) == 1 else name.upper())
    if _named(spelled) != name:
        raise ValueError(f"OpenAI's computer tool has no key {name!r}")
    return spelled
