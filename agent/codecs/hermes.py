"""The families that call one tool `computer_use` in Hermes form: Qwen's, and what was trained on top of them.

A call is JSON between `<tool_call>` tags, or a function with parameters in tags; a server with a tool parser takes it
out of the text and sends it as a tool call. All of these are read, with the slips such models are known for: another
glyph for the tag, a missing closer, arguments encoded twice. The tool is described in the prompt and no `tools` are
sent, so that it does not matter how the server was started. Source: Qwen's chat templates and cookbooks; OSWorld's
and cua's parsers for the slips.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from agent.codecs.base import Family, Invalid, Item, Reading, Talk, Wanted, invalid
from agent.codecs.fields import BATCH, Unclear
from agent.codecs.hermes_actions import Vocabulary, arguments_of, items_of
from agent.codecs.hermes_calls import Asked, asked_in, json_call, lead_of, xml_call
from agent.codecs.hermes_tool import described, schema
from agent.codecs.locating import sized
from agent.codecs.said import Manner, bare, conversation, filled
from agent.codecs.scan import Heard, hear
from agent.codecs.values import Loose, stated
from agent.codecs.writing import sound
from agent.frame import Frame, Space
from agent.models.base import Function, Message, Picture, Reply, Text, Tool
from agent.prompts import prompt
from envs.types import Click, Move, Point, Size

Form = Literal["json", "xml"]
CUT: Final = "your reply was cut off before the call was complete; be brief"
NONE: Final = "there is no tool call in your reply"


def resizing(space: Space, factor: int, least: int, most: int) -> str:
    """What becomes of a picture before it is sent, in words: see `Hermes.fit`."""
    if space == "relative":
        return f"sent as it is, up to {most} pixels"
    return f"smart resize, multiples of {factor}, {least} to {most} pixels"


@dataclass(frozen=True)
class Hermes:
    """One such family. `least`, `most` and `factor` are the image processor's; `lead` stands before a step's words.

    `stateless`: the model is shown the screen and the goal and nothing else, each time anew. `native`: the tool goes
    into the request's own field, and its calls are answered there.
    """

    facts: Family
    words: Vocabulary
    tool: str = "computer_use"
    factor: int = 32
    least: int = 65_536
    most: int = 13_107_200
    form: Form = "json"
    lead: str = ""
    stateless: bool = False
    native: bool = False

    @property
    def family(self) -> Family:
        """Its facts."""
        return self.facts

    def fit(self, screen: Size) -> Size:
        """The size to which its image processor would bring the picture, if it counts in pixels of that."""
        return sized(self.facts.space, self.factor, self.least, self.most).fit(screen)

    def frame(self, screen: Size, sent: Size) -> Frame:
        """How it counts on such a picture."""
        return Frame(screen=screen, sent=sent, space=self.facts.space, divisor=self.facts.divisor)

    def tools(self, frame: Frame) -> tuple[Tool, ...]:
        """None, unless the tool is to go into the request's own field."""
        if not self.native:
            return ()
        return (Function(name=self.tool, about=described(frame), schema=schema(self.words)),)

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """The tool in the system prompt, the goal and older steps with the first screen, then turn by turn."""
        if self.stateless:
            return bare(talk)
        system = self._system(talk.told.frame, talk.prompt)
        return conversation(talk, system, self._manner(talk.goal))

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """The calls of a reply, wherever they stand."""
        heard = hear(reply)
        asked = asked_in(heard.said, reply.calls)
        lead, intent = lead_of(heard.said, asked)
        thought = "\n".join(part for part in (heard.thought, lead) if part) if not heard.only_thought else lead
        cut = reply.stop == "length"
        if not asked or (cut and any("a closing bracket added" in each.repaired for each in asked)):
            return invalid(CUT if cut else NONE + self._hint(heard), thought=thought, repaired=heard.repaired)
        asked = asked[-1:] if heard.only_thought else asked
        return self._reading(asked, frame, heard.repaired).with_words(intent, thought)

    def _reading(self, asked: Sequence[Asked], frame: Frame, repaired: tuple[str, ...]) -> Read:
        most = 1 if self.facts.batch == "first" else BATCH
        wanted, notes = list[Wanted](), list(repaired)
        for each in asked[:most]:
            notes += each.repaired
            wanted += [Wanted(item=item, call=each.call, raw=each.raw) for item in self._items(each, frame, notes)]
        return Read(tuple(wanted[:BATCH]), tuple(dict.fromkeys(notes)), max(0, len(asked) - most))

    def _items(self, asked: Asked, frame: Frame, notes: list[str]) -> Sequence[Item]:
        try:
            return items_of(asked.named(self.tool, notes), Loose(asked.arguments, frame, notes), self.words)
        except (Unclear, RecursionError) as unclear:
            return [Invalid(reason=str(unclear))]

    def _hint(self, heard: Heard) -> str:
        return ", or it is not complete" if "tool_call" in heard.said or "{" in heard.said else ""

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """One call for each item, in the family's form."""
        if not items or (self.facts.batch == "first" and len(items) > 1):
            raise ValueError(f"{self.facts.name} asks for one action at a time, not {len(items)}")
        sound(items, frame)
        written = json_call if self.form == "json" else xml_call
        calls = [written(self.tool, arguments_of(item, frame, self.words)) for item in items]
        return Reply(text="\n".join(calls), thinking=thought)

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:
        """Ask for a click on it."""
        if self.stateless:
            return (Message(role="user", parts=(picture, Text(f"Click {description}"))),)
        words = f"Do not carry out anything now: only point. Make one left_click in the middle of this: {description}"
        system = Message(role="system", parts=(Text(self._system(frame, None)),))
        return (system, Message(role="user", parts=(picture, Text(words))))

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """Where it clicks; else the last point that it names in another form (`point_2d`, a pair)."""
        heard = hear(reply)
        if asked_in(heard.said, reply.calls):
            reading = self.read(reply, frame)
            points = [each.item.at for each in reading.wanted if isinstance(each.item, Click | Move) and each.item.at]
            return points[0] if points else reading.problem or "it asks for something else than a click"
        try:
            return Loose({}, frame).on_screen(*stated(heard.said))
        except Unclear as unclear:
            return str(unclear)

    def _system(self, frame: Frame, given: str | None) -> str:
        tool = {"type": "function", "function": self._function(frame)}
        if given is not None:
            sent = frame.sent
            return filled(given, tool=json.dumps(tool, ensure_ascii=False), width=sent.width, height=sent.height)
        if self.native:
            return prompt("hermes_native")
        return filled(
            prompt("hermes"),
            role=prompt("hermes_role"),
            form=filled(prompt(f"hermes_{self.form}"), name=self.tool),
            answer=self._answer(),
            tool=json.dumps(tool, ensure_ascii=False),
        )

    def _function(self, frame: Frame) -> dict[str, object]:
        return {"name": self.tool, "description": described(frame), "parameters": schema(self.words)}

    def _answer(self) -> str:
        if self.lead:
            return f"- First one line, `{self.lead} ...`: what you do now, in a few words. Then the call."
        return "- First one short sentence: what you do now. Then the call."

    def _manner(self, goal: str) -> Manner:
        def opening(steps: Sequence[str]) -> str:
            done = "\n".join(f"Step {number}: {step}" for number, step in enumerate(steps, 1))
            before = f"\n\nWhat you have done so far:\n{done}" if done else ""
            return f"The task: {goal}{before}"

        return Manner(self.facts.pictures, opening, self._reminder(), native=self.native)

    def _reminder(self) -> str:
        if self.native:
            return f"Call {self.tool} once."
        example = {"action": "wait", "time": 2}
        call = json_call(self.tool, example) if self.form == "json" else xml_call(self.tool, example)
        return f"Reply with one call in this form, with the action you want:\n{call}"


@dataclass(frozen=True)
class Read:
    """What calls mean, before the words around them are put to it."""

    wanted: tuple[Wanted, ...]
    repaired: tuple[str, ...]
    dropped: int

    def with_words(self, intent: str, thought: str) -> Reading:
        """All of it."""
        return Reading(
            wanted=self.wanted, intent=intent, thought=thought, repaired=self.repaired, dropped=self.dropped
        )
