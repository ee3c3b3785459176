"""A codec for families that act by one JSON object a reply, in the words of `agent.codecs.plain_actions`.

Strict: what is not in the format is told to the model. What stands around the object is passed over, and what is
certain is put right and noted: a fence, a trailing comma, Python's literals, one action without its list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from agent.codecs.base import Family, Invalid, Item, Reading, Talk, Wanted, invalid
from agent.codecs.fields import BATCH, Unclear
from agent.codecs.locating import PARTED, Plain, Smart
from agent.codecs.plain_actions import ACTIONS, action_of, items_of, point
from agent.codecs.said import Manner, conversation, filled
from agent.codecs.scan import Heard, hear, objects, sane
from agent.codecs.spotting import placed, spot
from agent.codecs.writing import sound
from agent.frame import Frame
from agent.models.base import Message, Part, Picture, Reply, Text, Tool
from agent.prompts import prompt
from envs.types import Click, Move, Point, Size

CUT: Final = "your reply was cut off before the JSON object was complete; be brief"
NONE: Final = "there is no JSON object with an action in your reply"


class Form(Protocol):
    """How an object holds actions. Both raise ValueError (Unclear in `actions`) for what it cannot hold."""

    @property
    def example(self) -> str:
        """An object as it must be, for a reminder."""
        ...

    def actions(self, value: Mapping[str, object], notes: list[str]) -> Sequence[object]:
        """What the object asks for, each in the usual words, where it is an action at all."""
        ...

    def usual(self, action: Mapping[str, object]) -> Mapping[str, object]:
        """An action of this form in the usual words."""
        ...

    def value(self, actions: Sequence[Mapping[str, object]], thought: str) -> Mapping[str, object]:
        """The object that asks for these."""
        ...


@dataclass(frozen=True)
class Listed:
    """`{"thought": ..., "actions": [...]}`."""

    example: str = '{"thought": "...", "actions": [{"action": "wait", "seconds": 1}]}'

    def actions(self, value: Mapping[str, object], notes: list[str]) -> Sequence[object]:
        """The list; or the one action that stands in its place, or that the object is."""
        wanted, beside = value.get("actions"), value.keys() - {"thought", "actions"}
        if "actions" not in value and isinstance(value.get("action"), str):
            notes.append("one action without its list")
            return [{name: each for name, each in value.items() if name != "thought"}]
        if "actions" not in value:
            wanted, beside = value.get("action"), beside - {"action"}
        if beside:
            raise Unclear(f"the object has no field {str(min(beside))[:80]!r}; its fields are thought and actions")
        if isinstance(wanted, dict):
            notes.append("one action without its list")
            wanted = [wanted]
        if not isinstance(wanted, list) or not wanted:
            raise Unclear("actions must be a list with an action in it")
        return wanted

    def usual(self, action: Mapping[str, object]) -> Mapping[str, object]:
        """It is."""
        return action

    def value(self, actions: Sequence[Mapping[str, object]], thought: str) -> Mapping[str, object]:
        """Both fields."""
        return {"thought": thought, "actions": list(actions)}


@dataclass(frozen=True)
class Objects:
    """See the families' own modules. `older`: how steps before the first screen are told, see `said.Manner`."""

    family: Family
    resize: Smart | Plain
    form: Form
    older: Literal["steps", "replies"] = "steps"

    def fit(self, screen: Size) -> Size:
        """As its resize rule says."""
        return self.resize.fit(screen)

    def frame(self, screen: Size, sent: Size) -> Frame:
        """In its space."""
        return Frame(screen=screen, sent=sent, space=self.family.space, divisor=self.family.divisor)

    def tools(self, frame: Frame) -> tuple[Tool, ...]:  # noqa: ARG002 - the protocol's
        """None: the prompt says which actions there are."""
        return ()

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """The format in the system prompt, the task with the older steps, and the last screens with its replies."""
        system = self._filled(talk.prompt or prompt(self.family.name), talk.told.frame)
        system = filled(system, goal=talk.goal, instruction=talk.goal)
        reminder = f"Answer with one JSON object and nothing else, like this one: {self.form.example}"
        return conversation(talk, system, Manner(self.family.pictures, _opening(talk.goal), reminder, self.older))

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """What the first object with an action asks for; of several that it only thought, the last."""
        heard = hear(reply)
        asked = _asked(reply, heard)
        cut = reply.stop == "length"
        if not asked or (cut and "a closing bracket added" in asked[0].repaired):
            return invalid(CUT if cut else NONE, thought=heard.thought, repaired=heard.repaired)
        asked = asked[-1:] if heard.only_thought else asked
        notes = [*heard.repaired, *asked[0].repaired]
        try:
            actions = self.form.actions(asked[0].value, notes)
        except Unclear as unclear:
            return invalid(str(unclear), thought=heard.thought, repaired=tuple(notes))
        most = 1 if self.family.batch == "first" else BATCH
        wanted = [each for action in actions[:most] for each in self._wanted(action, asked[0].call, frame, notes)]
        return Reading(
            wanted=tuple(wanted),
            intent=_words(asked[0].value.get("thought")),
            thought="" if heard.only_thought else heard.thought,
            repaired=tuple(dict.fromkeys(notes)),
            dropped=max(0, len(actions) - most) + sum(self._count(each) for each in asked[1:]),
        )

    def _wanted(self, action: object, call: str, frame: Frame, notes: list[str]) -> list[Wanted]:
        raw = _dumped(action)
        try:
            if not isinstance(action, dict):
                raise Unclear(f"an action is an object, not {str(action)[:80]!r}")
            items: Sequence[Item] = items_of(self.form.usual(action), frame, notes)
        except (Unclear, RecursionError) as unclear:
            items = [Invalid(reason=str(unclear))]
        return [Wanted(item=item, call=call, raw=raw) for item in items]

    def _count(self, asked: Asked) -> int:
        try:
            return len(self.form.actions(asked.value, []))
        except Unclear:
            return 1

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """The object with an action for each item."""
        most = 1 if self.family.batch == "first" else BATCH
        if not 1 <= len(items) <= most:
            raise ValueError(f"{self.family.name} asks for 1 to {most} things in a reply, not {len(items)}")
        sound(items, frame)
        value = self.form.value([action_of(item, frame) for item in items], sane(thought))
        return Reply(text=_guarded(json.dumps(value, ensure_ascii=False, allow_nan=False)))

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:
        """Its prompt for pointing, with the description."""
        text = self._filled(prompt(f"{self.family.name}_point"), frame)
        system, parted, user = text.rpartition(PARTED)
        parts: tuple[Part, ...] = (picture, Text(filled(user, description=description)))
        asking = Message(role="user", parts=parts)
        return (Message(role="system", parts=(Text(system),)), asking) if parted else (asking,)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """The target that it names, or where it would click; else the last point in whatever form."""
        heard = hear(reply)
        if any("target" in found.value and found.value["target"] is None for found in objects(heard.said)):
            return "it says that it is not there"
        if _asked(reply, heard) and isinstance(found := self._clicked(reply, frame), Point):
            return found
        return placed(spot(reply), frame)

    def _clicked(self, reply: Reply, frame: Frame) -> Point | None:
        items = [wanted.item for wanted in self.read(reply, frame).wanted]
        return next((item.at for item in items if isinstance(item, Click | Move) and item.at), None)

    def _filled(self, template: str, frame: Frame) -> str:
        """With what depends on how it counts and how much it may ask for."""
        middle = Point(x=frame.screen.width // 2, y=frame.screen.height // 2)
        return filled(
            template,
            actions=prompt("json_actions"),
            several=prompt(f"json_{self.family.batch}"),
            counting=prompt(f"json_{self.family.space}"),
            here=json.dumps(point(middle, frame)),
            divisor=f"{self.family.divisor:g}",
            width=frame.sent.width,
            height=frame.sent.height,
        )


@dataclass(frozen=True)
class Asked:
    """An object that asks for something, and the tool call that it came in, if it did."""

    value: Mapping[str, object]
    repaired: tuple[str, ...] = ()
    call: str = ""


def _asked(reply: Reply, heard: Heard) -> list[Asked]:
    asked = [Asked(found.value, found.repaired) for found in objects(heard.said) if _asks(found.value)]
    for call in reply.calls:
        if _asks(call.arguments):
            asked.append(Asked(call.arguments, ("the object came as a tool call",), call.id))
        elif call.name in ACTIONS:
            asked.append(Asked({"action": call.name, **call.arguments}, ("the action came as a tool call",), call.id))
    return asked


def _asks(value: Mapping[str, object]) -> bool:
    return "actions" in value or "action" in value


def _opening(goal: str) -> Callable[[Sequence[str]], str]:
    def opening(steps: Sequence[str]) -> str:
        done = "".join(f"\n{number}. {step}" for number, step in enumerate(steps, 1))
        return f"The task: {goal}" + (f"\n\nWhat you have done so far:{done}" if done else "")

    return opening


def _words(value: object) -> str:
    return sane(value).strip() if isinstance(value, str) else ""


def _dumped(value: object) -> str:
    try:
        return sane(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return ""


def _guarded(text: str) -> str:
    """JSON that holds no closing tag: one in a text would end a thought that nobody began."""
    return text.replace("</", "<\\/").replace("◁/", "◁\\/")
