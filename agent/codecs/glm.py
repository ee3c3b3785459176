"""GLM-4.1V, 4.5V and 4.6V: one call in words a reply, in parts of 999, and a memory that the model keeps for itself.

Each request is one message: the task, the steps so far with the last screens at half size between them, what it
remembers, and the screen now, whole. Source: the agent published with GLM-4.5V, https://github.com/zai-org/GLM-V.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from agent.codecs.base import Batch, Family, Invalid, Item, Reading, Talk, Told, Turn, Wanted, invalid
from agent.codecs.fields import BATCH, Unclear
from agent.codecs.glm_actions import ALONE, KEYS, KNOWN, NAMES, items_of, places, said_by
from agent.codecs.locating import PARTED, Plain, asked
from agent.codecs.options import checked
from agent.codecs.said import ONE_LINE, filled, with_goal
from agent.codecs.scan import Heard, hear, trimmed, without_tokens
from agent.codecs.spotting import placed, spot
from agent.codecs.terms import Term, terms
from agent.codecs.worded import Asked, Worded, asked_of, in_words, of_server, unknown
from agent.frame import Frame
from agent.looking import resized
from agent.models.base import Message, Part, Picture, Reply, Text, Tool
from agent.prompts import prompt
from envs.errors import BadInput
from envs.types import Finish, Point, Size

NONE: Final = "there is no action in your reply"
CUT: Final = "your reply was cut off before the action was complete; be brief"
REMINDER: Final = "Reply with one action, such as left_click(start_box='[x,y]'), and then your memory."
BEGIN: Final = "<|begin_of_box|>"
END: Final = "<|end_of_box|>"
_MEMORY = re.compile(r"^[ \t]*\**Memory\**:\**", re.MULTILINE)
_LABEL = re.compile(r"[ \t`*]*(?:Action:)?[ \t`*]*")


def glm(
    *,
    divisor: float = 999.0,
    pictures: int = 5,
    shrink: float = 0.5,
    scroll_unit: float = 1.0,
    batch: Batch = "first",
) -> Glm:
    """The codec. `divisor` is 999 as in the published agent, or 1000 as in its notes.

    `pictures` counts the screen now, and those of the last steps, which are sent with their sides times `shrink`;
    `scroll_unit` is wheel clicks for one step.
    """
    resize = Plain()
    family = Family(
        name="glm",
        about="GLM-4.1V, 4.5V, 4.6V: a call in words, and a memory",
        can=("act", "ask", "locate"),
        space="relative",
        divisor=divisor,
        resize=str(resize),
        pictures=pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("glm-4.1v", "glm-4.5v", "glm-4.6v", "glm-5v"),
        source="https://github.com/zai-org/GLM-V",
    )
    checked(family)
    if not (isinstance(shrink, int | float) and 0 < shrink <= 1):
        raise BadInput(f"glm: shrink must be above 0 and at most 1, not {shrink!r}")
    return Glm(family, shrink)


@dataclass(frozen=True)
class Found:
    """The calls of a reply, the words before them, what it is to remember, and why there are no calls."""

    asked: tuple[Asked, ...] = ()
    lead: str = ""
    memory: str = ""
    why: str = NONE
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True)
class Glm:
    """See `glm`."""

    family: Family
    shrink: float = 0.5

    def fit(self, screen: Size) -> Size:
        """As it is: it counts in parts."""
        return screen

    def frame(self, screen: Size, sent: Size) -> Frame:
        """In parts of the divisor."""
        return Frame(screen=screen, sent=sent, space=self.family.space, divisor=self.family.divisor)

    def tools(self, frame: Frame) -> tuple[Tool, ...]:  # noqa: ARG002 - the protocol's
        """None: the prompt says which actions there are."""
        return ()

    def messages(self, talk: Talk) -> tuple[Message, ...]:
        """One message. What lies before the screen now is told in words, the last steps with their screens."""
        template = with_goal(talk.prompt or prompt("glm"), talk.goal)
        head, _, tail = template.partition(PARTED)
        tail = filled(tail or "Memory:\n{memory}", memory=_memory(talk.turns))
        told = (*(turn.told for turn in talk.turns), talk.told)
        places = [place for place, each in enumerate(told) if each.picture is not None]
        shown = places[max(0, len(places) - self._room(talk)) :]
        parts, words, step = list[Part](), head, 0
        for place, turn in enumerate(talk.turns):
            if place in shown[:-1] and turn.told.picture is not None:
                parts += [Text(words), smaller(turn.told.picture, self.shrink)]
                words = ""
            if not turn.reading.problem:
                step += 1
                words += f"\nstep {step}: {_step(turn, told[place + 1])}"
        now = [told[place].picture for place in shown[-1:]]
        news = "".join(f"\n\n{line}" for line in _news(talk))
        parts += [
            Text(f"{words}\n\n{tail}{news}\n\nCurrent Screenshot:"),
            *(each for each in now if each is not None),
        ]
        return (Message(role="user", parts=tuple(parts)),)

    def _room(self, talk: Talk) -> int:
        limits = (self.family.pictures, talk.pictures)
        return max(1, min(limit for limit in limits if limit is not None)) if any(limits) else len(talk.turns) + 1

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """The call of a reply, in a box or not."""
        heard = hear(reply)
        found = _found(reply, heard)
        parts = (found.lead,) if heard.only_thought else (heard.thought, found.lead)
        thought = "\n".join(part for part in parts if part)
        notes = [*heard.repaired, *found.repaired]
        cut = reply.stop == "length"
        if not found.asked:
            return invalid(CUT if cut else found.why, thought=thought, repaired=tuple(notes))
        most = 1 if self.family.batch == "first" else BATCH
        return Reading(
            wanted=self._wanted(found.asked[:most], frame, notes, cut=cut),
            intent=found.lead.rpartition("\n")[2].strip()[:ONE_LINE],
            thought=thought,
            repaired=tuple(dict.fromkeys(notes)),
            dropped=max(0, len(found.asked) - most),
        )

    def _wanted(self, calls: Sequence[Asked], frame: Frame, notes: list[str], *, cut: bool) -> tuple[Wanted, ...]:
        """What they ask for, up to the first that cannot be carried out or ends the episode."""
        wanted = list[Wanted]()
        for each in calls:
            notes += each.repaired
            try:
                if cut and each.repaired:
                    raise Unclear(CUT)
                items = items_of(each, Worded(each.given, frame, notes), self.family.scroll_unit)
            except (Unclear, RecursionError) as unclear:
                items = [Invalid(reason=f"{each.name}: {unclear}")]
            wanted += [Wanted(item=item, raw=each.raw, call=each.call) for item in items]
            if isinstance(items[-1], Invalid | Finish):
                break
        return tuple(wanted)

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """What it does, a call for each item in a box, and an empty memory."""
        most = BATCH if self.family.batch == "all" else 1
        if not 1 <= len(items) <= most:
            raise ValueError(f"{self.family.name} asks for 1 to {most} things in a reply, not {len(items)}")
        if any(isinstance(item, Finish) for item in items[:-1]):
            raise ValueError("nothing comes after the end")
        said = [said_by(item, frame, self.family.scroll_unit) for item in items]
        calls = "\n".join(in_words(name, given) for name, given in said)
        reply = Reply(text=(f"{thought}\n" if thought else "") + f"{BEGIN}{calls}{END}\nMemory:\n[]")
        if [(each.name, dict(each.given)) for each in _found(reply, hear(reply)).asked] != said:
            raise ValueError("it would be read as something else")
        return reply

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:  # noqa: ARG002
        """It is asked to click there."""
        return asked("glm_point", picture, description)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """Where its call would be; without a call, the middle of the last box that it names."""
        if not _found(reply, hear(reply)).asked:
            return placed(spot(reply), frame)
        first = self.read(reply, frame).wanted[0].item
        at = getattr(first, "at", None)
        if isinstance(at, Point):
            return at
        return first.reason if isinstance(first, Invalid) else "it asks for something else than a click"


@lru_cache(maxsize=32)
def smaller(picture: Picture, shrink: float) -> Picture:
    """The picture with both sides times `shrink`. It is asked for anew with every request that shows it."""
    width, height = max(1, round(picture.size.width * shrink)), max(1, round(picture.size.height * shrink))
    return resized(picture.png, Size(width=width, height=height))


def _memory(turns: Sequence[Turn]) -> str:
    """What it last said that it must remember, as it said it: an empty list where it has said nothing."""
    found = (_found(turn.reply, hear(turn.reply)).memory for turn in reversed(turns))
    return next((memory for memory in found if memory), "[]")


def _step(turn: Turn, after: Told) -> str:
    """What it did, in its own words, and what of it was not done."""
    calls = " ".join(each.raw for each in turn.reading.wanted)
    said = "\n".join(_short(part) for part in (turn.reading.intent, calls) if part)
    failed = next((outcome.said for outcome in after.outcomes if outcome.failed), "")
    return f"{said} (not carried out: {_short(failed)})" if failed else said


def _short(text: str) -> str:
    return text if len(text) <= ONE_LINE else text[: ONE_LINE - 3] + "..."


def _news(talk: Talk) -> list[str]:
    """What it must be told besides: what was wrong with its last reply, and what a scaffold adds."""
    lines = list[str]()
    last = talk.turns[-1].reading if talk.turns else None
    if last is not None and last.dropped and not last.problem:
        lines.append(f"One action at a time: of your last reply, {last.dropped} more were left out.")
    if talk.told.problem:
        lines.append(f"Your last reply could not be carried out: {talk.told.problem}\n{REMINDER}")
    return [*lines, talk.told.words] if talk.told.words else lines


def _found(reply: Reply, heard: Heard) -> Found:
    """The calls in the box; without a box, those on lines of their own, or else the first with arguments."""
    marks = list(_MEMORY.finditer(heard.said))
    said = heard.said[: marks[-1].start()] if marks else heard.said
    memory = trimmed(heard.said[marks[-1].end() :]) if marks else ""
    if reply.calls:
        return Found(tuple(of_server(call, in_words) for call in reply.calls), trimmed(without_tokens(said)), memory)
    box, notes = _box(said), tuple[str, ...]()
    found = _calls(said, *box) if box else []
    if not found:
        every = list(terms(said, NAMES, KEYS))
        found = [term for term in every if _LABEL.fullmatch(said[: term.start].rpartition("\n")[2])]
        if not found:
            found = [term for term in every if term.name not in ALONE][:1]
            notes = ("a call amid words",) if found else ()
    lead = trimmed(without_tokens(said[: found[0].start] if found else said)).removesuffix("Action:").rstrip()
    calls = found[-1:] if heard.only_thought else found
    why = unknown(said[slice(*box)] if box else said.rpartition("\n")[2], NAMES, KNOWN) or NONE
    return Found(tuple(asked_of(term, places(term.name)) for term in calls), lead, memory, why, notes)


def _box(said: str) -> tuple[int, int] | None:
    """From the first box's beginning to the last one's end. A token at the very ends of the text is gone."""
    begin, first_end, end = said.find(BEGIN), said.find(END), said.rfind(END)
    if begin < 0 and end < 0:
        return None
    start = begin + len(BEGIN) if begin >= 0 and not 0 <= first_end < begin else 0
    return start, end if end >= max(start, said.rfind(BEGIN)) else len(said)


def _calls(said: str, start: int, end: int) -> list[Term]:
    """The calls between these two places."""
    return [
        replace(term, start=term.start + start, end=term.end + start) for term in terms(said[start:end], NAMES, KEYS)
    ]
