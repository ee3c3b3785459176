"""The codec of UI-TARS and its successors: one vocabulary, written in words (1.0, 1.5) or in tags (2).

It was trained with its own replies to the steps before, without their screens, and the last screens turn by turn. The
rules and the task stand in the first message of the user; the system's part is left to the server's template, which
has the one that the first two were trained with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.codecs import seed
from agent.codecs.base import Family, Invalid, Item, Reading, Talk, Turn, Wanted, invalid
from agent.codecs.fields import BATCH, Unclear
from agent.codecs.locating import PARTED, Plain, Smart, asked
from agent.codecs.said import Manner, conversation, with_goal
from agent.codecs.scan import Heard, hear
from agent.codecs.spotting import placed, spot
from agent.codecs.tars_actions import Words, items_of, said_by
from agent.codecs.tars_calls import Found, in_text, unlabelled
from agent.codecs.worded import Asked, Worded, in_words, of_server
from agent.frame import Frame
from agent.models.base import Message, Picture, Reply, Tool
from agent.prompts import prompt
from envs.types import Finish, Point, Size

CUT: Final = "your reply was cut off before the action was complete; be brief"


@dataclass(frozen=True)
class Tars:
    """See the families' own modules. `prompt` names the files of its words."""

    family: Family
    resize: Smart | Plain
    words: Words
    prompt: str

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
        """Rules and task, its own replies, and the last screens with its replies to them."""
        text = with_goal(talk.prompt or prompt(self.prompt), talk.goal)
        system, _, opening = text.rpartition(PARTED)
        manner = Manner(
            pictures=self.family.pictures,
            opening=lambda _: opening,
            reminder=self._reminder(),
            older="replies",
            thoughts=True,
        )
        return conversation(replace(talk, turns=tuple(map(_remembered, talk.turns))), system, manner)

    def read(self, reply: Reply, frame: Frame) -> Reading:
        """The actions of a reply, wherever they stand."""
        heard = hear(reply)
        found = self._found(reply, heard)
        parts = (found.lead,) if heard.only_thought else (heard.thought, found.lead)
        thought = "\n".join(part for part in parts if part)
        notes = [*heard.repaired, *found.repaired]
        if not found.asked:
            why = CUT if reply.stop == "length" else found.why
            return invalid(why, thought=thought, repaired=tuple(notes))
        most = 1 if self.family.batch == "first" else BATCH
        return Reading(
            wanted=self._wanted(found.asked[:most], frame, notes, cut=reply.stop == "length"),
            intent=thought.rpartition("\n")[2].strip()[:240],
            thought=thought,
            repaired=tuple(dict.fromkeys(notes)),
            dropped=max(0, len(found.asked) - most),
        )

    def _found(self, reply: Reply, heard: Heard) -> Found:
        if reply.calls:
            return Found(tuple(of_server(call, self._written) for call in reply.calls), unlabelled(heard.said))
        if not self.words.seed:
            return in_text(heard)
        functions, lead = seed.functions(heard.said, last=heard.only_thought)
        if functions:
            return Found(functions, lead)
        found = in_text(heard)
        return replace(found, repaired=(*found.repaired, "a call in words")) if found.asked else found

    def _wanted(self, calls: Sequence[Asked], frame: Frame, notes: list[str], *, cut: bool) -> tuple[Wanted, ...]:
        """What they ask for, up to the first that cannot be carried out or ends the episode."""
        wanted = list[Wanted]()
        for each in calls:
            notes += each.repaired
            try:
                if cut and each is calls[-1] and each.repaired:
                    raise Unclear(CUT)
                items = items_of(each, Worded(each.given, frame, notes), self.words)
            except (Unclear, RecursionError) as unclear:
                items = [Invalid(reason=f"{each.name}: {unclear}")]
            wanted += [Wanted(item=item, raw=each.raw, call=each.call) for item in items]
            if isinstance(items[-1], Invalid | Finish):
                break
        return tuple(wanted)

    def write(self, items: Sequence[Item], frame: Frame, thought: str = "") -> Reply:
        """A thought, and a call for each item."""
        most = BATCH if self.family.batch == "all" else 1
        if not 1 <= len(items) <= most:
            raise ValueError(f"{self.family.name} asks for 1 to {most} things in a reply, not {len(items)}")
        if any(isinstance(item, Finish) for item in items[:-1]):
            raise ValueError("nothing comes after the end")
        said = [said_by(item, frame, self.words) for item in items]
        written = [self._written(name, given) for name, given in said]
        if self.words.seed:
            text = f"<gui_think>{thought}</gui_think>\n{seed.call(written)}"
        else:
            text = (f"Thought: {thought}\n" if thought else "") + "Action: " + "\n\n".join(written)
        reply = Reply(text=text)
        if [(each.name, dict(each.given)) for each in self._found(reply, hear(reply)).asked] != said:
            raise ValueError("it would be read as something else")
        return reply

    def _written(self, name: str, given: Mapping[str, str]) -> str:
        return seed.in_tags(name, given) if self.words.seed else in_words(name, given)

    def pointing(self, picture: Picture, description: str, frame: Frame) -> tuple[Message, ...]:  # noqa: ARG002
        """It is asked to click there."""
        return asked(f"{self.prompt}_point", picture, description)

    def read_point(self, reply: Reply, frame: Frame) -> Point | str:
        """Where its first action would be; without an action, the last point that it names."""
        if not self._found(reply, hear(reply)).asked:
            return placed(spot(reply), frame)
        first = self.read(reply, frame).wanted[0].item
        at = getattr(first, "at", None)
        if isinstance(at, Point):
            return at
        return first.reason if isinstance(first, Invalid) else "it asks for something else than a click"

    def _reminder(self) -> str:
        if self.words.seed:
            example = seed.call([self._written("wait", {"time": "2"})])
            return f"Think between <gui_think></gui_think>, then call functions in this form:\n{example}"
        return "Reply with a line that begins with Thought: and a line that begins with Action:, as you were shown."


def _remembered(turn: Turn) -> Turn:
    """The turn as the model spoke, also where the server took all of it for a thought."""
    reply = turn.reply
    if reply.text.strip() or reply.calls:
        return turn
    return replace(turn, reply=replace(reply, text=reply.thinking))
