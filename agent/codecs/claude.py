"""Claude's own computer tools: the toolset, whose members are called by name, and the older tool with an `action`.

Coordinates are pixels of the picture that was sent. Several calls in a turn are carried out in order until one fails;
each must be answered in the next turn. The history is only appended to, because thinking is bound to what was before.
Source: Anthropic's computer use guide, and the types of its SDK (2.13).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from agent.codecs.base import Batch, Family, Invalid, Item, Look, Reading, Talk, Told, Turn, Wanted
from agent.codecs.claude_members import TOOLSET, items_of, member_of
from agent.codecs.ending import over, said
from agent.codecs.fields import BATCH
from agent.codecs.pointing import ask_where, read_where
from agent.codecs.writing import sound
from agent.frame import Frame, claude_size
from agent.models.base import Call, Computer, Message, Part, Picture, Reply, Result, Text, Tool
from agent.prompts import prompt
from envs.errors import BadInput
from envs.types import Finish, Point, Size

HALTED = "Not executed: an earlier computer action in this turn failed."
"""The vendor's own words, which the models know."""


def claude(
    *, edge: int = 2000, tokens: int = 4784, pictures: int | None = None, batch: Batch = "all", zoom: bool = True
) -> Claude:
    """The codec. A picture has at most `edge` pixels on its longer side and `tokens` of 28x28.

    2000 rather than the newer models' 2576, because a request with more than 20 pictures takes none that is longer.
    `pictures`: how many screens are sent at most (None: all; fewer rewrites the history, which costs the cache).
    """
    if batch not in ("all", "first"):
        raise BadInput(f"batch is 'all' or 'first', not {batch!r}")
    if pictures is not None and pictures < 1:
        raise BadInput(f"pictures must be at least 1, and is {pictures}")
    return Claude(edge, tokens, pictures, batch, zoom)


@dataclass(frozen=True)
class Claude:
    """See `claude`."""

    edge: int = 2000
    tokens: int = 4784
    pictures: int | None = None
    batch: Batch = "all"
    zoom: bool = True

    @property
    def family(self) -> Family:
        """Its facts."""
        return Family(
            name="claude",
            about="Anthropic's Claude, by the computer toolset or the older computer tool",
            can=("act", "ask", "locate"),
            space="pixels",
            resize=f"at most {self.edge} px long and {self.tokens} tokens of 28x28",
            pictures=self.pictures,
            batch=self.batch,
            picture_first=False,
            sure=("claude",),
            source="https://platform.claude.com/docs/en/agents-and-tools/tool-use/computer-use-tool",
        )

    def fit(self, screen: Size) -> Size:
        """The largest size that the API leaves alone."""
        return claude_size(screen, self.edge, self.tokens)

    def frame(self, screen: Size, sent: Size) -> Frame:
        """Pixels of the picture."""
        return Frame(screen=screen, sent=sent, space="pixels")

    def tools(self, frame: Frame) -> tuple[Tool, ...]:
        """The vendor's own."""
        return (Computer(size=frame.sent, zoom=self.zoom),)

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """System, goal with the first picture, then each reply as it came and what became of it."""
        said_so = [Message(role="system", parts=(Text(talk.prompt or prompt("claude")),))]
        tolds = [*(turn.told for turn in talk.turns), talk.told]
        said_so.append(Message(role="user", parts=(Text(f"The task: {talk.goal}"), *_shown(tolds[0]))))
        for turn, told in zip(talk.turns, tolds[1:], strict=True):
            said_so.append(Message(role="assistant", reply=turn.reply))
            said_so.append(Message(role="user", parts=_answers(turn, told)))
        limits = [limit for limit in (talk.pictures, self.pictures) if limit is not None]
        return _pruned(said_so, min(limits)) if limits else tuple(said_so)

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """Every call of the turn, in order; a turn without any is the end."""
        if not reply.calls:
            return over(reply)
        most = BATCH if self.batch == "all" else 1
        wanted, notes = list[Wanted](), list[str]()
        for call in reply.calls[:most]:
            cut = reply.stop == "length" and call is reply.calls[-1]
            items = (Invalid(reason="the reply was cut off in this call"),) if cut else items_of(call, frame, notes)
            raw = json.dumps({"name": call.name, "input": dict(call.arguments)}, ensure_ascii=False, default=str)
            wanted += [Wanted(item=item, call=call.id, raw=raw) for item in items]
        dropped = len(reply.calls) - most
        if dropped > 0 and self.batch == "all":
            notes.append(f"only the first {BATCH} of {len(reply.calls)} actions were kept")
        return Reading(
            wanted=tuple(wanted),
            intent=reply.text.strip(),
            thought=reply.thinking,
            repaired=tuple(notes),
            dropped=max(0, dropped),
        )

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """A turn of toolset calls; or, for a Finish alone, words."""
        sound(items, frame)
        if len(items) == 1 and isinstance(items[0], Finish):
            return Reply(text=said(items[0]), thinking=thought, stop="end")
        calls = []
        for place, item in enumerate(items):
            member, arguments = member_of(item, frame)
            text = json.dumps(arguments, ensure_ascii=False)
            calls.append(Call(f"toolu_{place + 1:02}", member, arguments, toolset=TOOLSET, text=text))
        return Reply(thinking=thought, calls=tuple(calls), stop="calls")

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:  # noqa: ARG002 - pixels
        """In words, without a tool."""
        return ask_where(picture, description)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """JSON in pixels of the picture."""
        return read_where(reply, frame)


def _shown(told: Told) -> tuple[Part, ...]:
    words = (Text(told.words),) if told.words else ()
    return (*words, told.picture) if told.picture else words


def _answers(turn: Turn, told: Told) -> tuple[Part, ...]:
    """One result for each call; the screen with the last of them, or after it where an error may hold no picture."""
    results = _results(turn, told)
    after = [Text(told.problem)] if told.problem and not results else []
    if told.words:
        after.append(Text(told.words))
    if told.picture is None:
        return (*results, *after) if results or after else (Text("Go on."),)
    if not results or results[-1].failed:
        return (*results, *after, told.picture)
    last = results[-1]
    looked = any(
        outcome.wanted.call == last.call and isinstance(outcome.wanted.item, Look) for outcome in told.outcomes
    )
    parts = tuple(part for part in last.parts if isinstance(part, Text)) if looked else last.parts
    results[-1] = Result(last.call, (*parts, told.picture), last.name, last.toolset)
    return (*results, *after)


def _results(turn: Turn, told: Told) -> list[Result]:
    results, halted = list[Result](), False
    for call in {call.id: call for call in turn.reply.calls}.values():
        became = [outcome for outcome in told.outcomes if outcome.wanted.call == call.id]
        wrong = next((outcome.said for outcome in became if outcome.failed), "" if became else told.problem)
        if halted:
            wrong = HALTED
        elif not wrong and not became:
            wrong = "Not executed: fewer actions are carried out in one turn. Call it again if it is still wanted."
        if wrong:
            results.append(Result(call.id, (Text(wrong),), call.name, call.toolset, failed=True))
            halted = True
            continue
        pictures = tuple(outcome.picture for outcome in became if outcome.picture)
        results.append(Result(call.id, (Text(became[-1].said or "OK"), *pictures), call.name, call.toolset))
    return results


def _pruned(messages: Sequence[Message], most: int) -> tuple[Message, ...]:
    """At most `most` pictures, the latest. They go in chunks: what stays before them is the same for a while."""
    total = sum(len(_pictures(part)) for message in messages for part in message.parts)
    chunk = max(1, most // 2)
    surplus = max(0, total - max(1, most))
    left = min(-(-surplus // chunk) * chunk, total - 1)

    def without(part: Part) -> Part:
        nonlocal left
        if isinstance(part, Picture) and left > 0:
            left -= 1
            return Text("(an older picture, left out)")
        if isinstance(part, Result):
            parts = tuple(without(each) for each in part.parts)
            kept = tuple(each for each in parts if isinstance(each, Text | Picture))
            return Result(part.call, kept, part.name, part.toolset, part.failed, part.checks)
        return part

    return tuple(
        Message(message.role, tuple(without(part) for part in message.parts), message.reply) for message in messages
    )


def _pictures(part: Part) -> list[Picture]:
    inside = part.parts if isinstance(part, Result) else (part,)
    return [each for each in inside if isinstance(each, Picture)]
