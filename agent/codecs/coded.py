"""A codec for families that act by writing pyautogui code: OpenCUA, Kimi, and any model that is asked for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.codecs.base import Family, Item, Reading, Talk, Turn, Wanted, invalid
from agent.codecs.calls import ALLOWED, MODULES, STARTS, Hand
from agent.codecs.code import MOST, Block, NotCode, calls, last_block
from agent.codecs.lines import Lines
from agent.codecs.locating import Plain, Smart, asked
from agent.codecs.said import Manner, conversation, filled
from agent.codecs.scan import hear
from agent.codecs.spotting import spot
from agent.codecs.writing import sound
from agent.frame import Frame, OffScreen
from agent.models.base import Message, Picture, Reply, Tool
from agent.prompts import prompt
from envs.types import Point, Size

_PART: Final = re.compile(r"(?mi)^#{1,4}[ \t]*(step|thought|action|code|observation|reflection)\b[ \t]*:?")
REMINDER: Final = "Reply with one code block, between ```python and ```, that holds the calls and nothing else."


@dataclass(frozen=True)
class Coded:
    """See the families' own modules.

    `wait` is a wait without a number, in seconds; `triple` the call for three clicks; `decimals` how places are
    written; `fractions`: a place of which both numbers lie in 0..1, not both whole, is a share of the picture.
    `thinking`: the marks between which its thoughts are given back to it; None: they are not.
    """

    family: Family
    resize: Smart | Plain
    wait: float
    triple: str
    decimals: int = 0
    fractions: bool = False
    thinking: tuple[str, str] | None = None

    def fit(self, screen: Size) -> Size:
        """As its resize rule says."""
        return self.resize.fit(screen)

    def frame(self, screen: Size, sent: Size) -> Frame:
        """In its space."""
        return Frame(screen=screen, sent=sent, space=self.family.space, divisor=self.family.divisor)

    def tools(self, frame: Frame) -> tuple[Tool, ...]:  # noqa: ARG002 - the protocol's
        """None: the prompt says which calls there are."""
        return ()

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """The system's rules, the task with the older steps in words, and the last screens with its replies."""
        size = talk.told.frame.sent
        system = talk.prompt or prompt(self.family.name)
        system = filled(system, goal=talk.goal, instruction=talk.goal, width=size.width, height=size.height)
        manner = Manner(
            pictures=self.family.pictures,
            opening=lambda steps: _opening(talk.goal, steps),
            reminder=REMINDER,
            thoughts=self.thinking is not None,
        )
        return conversation(replace(talk, turns=tuple(self._remembered(turn) for turn in talk.turns)), system, manner)

    def _remembered(self, turn: Turn) -> Turn:
        """The turn with the thoughts that the server took out of its words put back."""
        if self.thinking is None or not turn.reply.thinking:
            return turn
        text = f"{self.thinking[0]}{turn.reply.thinking}{self.thinking[1]}{turn.reply.text}"
        return replace(turn, reply=replace(turn.reply, text=text))

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """What the last code block calls."""
        heard = hear(reply)
        parts = _parts(heard.said)
        thought = "\n".join(each for each in (heard.thought, parts.get("thought", "")) if each)
        try:
            call, block = _source(reply, heard.said)
            said, mended = calls(block.source, ALLOWED, MODULES)
        except NotCode as wrong:
            cut = "the reply was truncated: " if reply.stop == "length" else ""
            return invalid(f"{cut}{wrong}", thought=thought, repaired=heard.repaired)
        hand = Hand(frame=frame, place=self._place(frame), wait=self.wait, scroll_unit=self.family.scroll_unit)
        wanted = hand.read(said[:1] if self.family.batch == "first" else said)
        return Reading(
            wanted=tuple(Wanted(item=each.item, raw=each.raw, call=call) for each in wanted),
            intent=parts.get("action", ""),
            thought=thought,
            repaired=(*heard.repaired, *block.repaired, *mended, *hand.notes),
            dropped=len(said) - 1 if self.family.batch == "first" else 0,
        )

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """A thought, and a code block with a line for each item."""
        most = MOST if self.family.batch == "all" else 1
        if not 1 <= len(items) <= most:
            raise ValueError(f"{self.family.name} asks for 1 to {most} things in a reply, not {len(items)}")
        sound(items, frame)
        lines = Lines(at=self._written(frame), triple=self.triple, scroll_unit=self.family.scroll_unit)
        code = "\n".join(lines.line(item) for item in items)
        words = f"## Thought:\n{thought}\n\n" if thought else ""
        return Reply(text=f"{words}## Action:\n{_told(items)}\n\n## Code:\n```python\n{code}\n```")

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:  # noqa: ARG002
        """It is asked to click there, and to do nothing else."""
        return asked(f"{self.family.name}_point", picture, description)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """Where its code would first do something; without code, the last point that it names."""
        for wanted in self.read(reply, frame).wanted:
            at = getattr(wanted.item, "at", None)
            if isinstance(at, Point):
                return at
        found = spot(reply)
        if isinstance(found, str):
            return found
        try:
            return self._place(frame)(*found)
        except OffScreen as off:
            return str(off)

    def _place(self, frame: Frame) -> Callable[[float, float], Point]:
        shares = replace(frame, space="relative", divisor=1.0)

        def place(x: float, y: float) -> Point:
            share = self.fractions and 0 <= x <= 1 and 0 <= y <= 1 and not (x.is_integer() and y.is_integer())
            return (shares if share else frame).to_screen(x, y)

        return place

    def _written(self, frame: Frame) -> Callable[[Point], str]:
        def at(point: Point) -> str:
            x, y = frame.to_model(point)
            return f"x={x:.{self.decimals}f}, y={y:.{self.decimals}f}"

        return at


def _opening(goal: str, steps: Sequence[str]) -> str:
    done = "".join(f"\n{number}. {step}" for number, step in enumerate(steps, 1))
    return f"# Task\n{goal}" + (f"\n\n# Steps so far{done}" if done else "")


def _source(reply: Reply, said: str) -> tuple[str, Block]:
    """The code, and the id of the tool call that it came in, if it did. Raises NotCode."""
    for call in reply.calls:
        code = call.arguments.get("code")
        if isinstance(code, str) and "```" not in said:
            return call.id, Block(code, ("the code came as a tool call",))
    block = last_block(said, starts=STARTS)
    if reply.stop == "length" and block.repaired:
        raise NotCode("the code block does not end")
    return "", block


def _parts(said: str) -> dict[str, str]:
    """What stands under each heading; under the last one of that name."""
    heads = list(_PART.finditer(said))
    ends = [*(head.start() for head in heads[1:]), len(said)][: len(heads)]
    return {head[1].lower(): said[head.end() : end].strip() for head, end in zip(heads, ends, strict=True)}


def _told(items: Sequence[Item]) -> str:
    return ", then ".join(type(item).__name__.lower() for item in items) + "."
