"""How a conversation is put to a model that is prompted: what it is asked, the last few screens, its own words.

Only as many screens are sent as the family was trained with. What lies before them is told as a list of steps in the
first message, or as its own replies without the screens; within the screens that are kept, messages are only added.
A picture stands before the words of its message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from agent.codecs.base import Outcome, Talk, Told, Turn
from agent.codecs.scan import apart, sane, trimmed
from agent.models.base import Message, Part, Picture, Result, Text

ONE_LINE: Final = 240
"""Characters of a step that is told in words."""


@dataclass(frozen=True)
class Manner:
    """How a family is talked to.

    `opening` makes the first message's words of the steps that lie before the first screen. `reminder` follows a
    problem: how a reply must look. `older`: such steps are told as a list, or by its own `replies`. `thoughts`: its
    thoughts are given back to it with its words. `native`: its tool calls are given back as such, and each answered.
    """

    pictures: int | None
    opening: Callable[[Sequence[str]], str]
    reminder: str = ""
    older: Literal["steps", "replies"] = "steps"
    thoughts: bool = False
    native: bool = False


def conversation(talk: Talk, system: str, manner: Manner) -> tuple[Message, ...]:
    """All messages, in order; the last is the user's."""
    told = (*(turn.told for turn in talk.turns), talk.told)
    room = _least(manner.pictures, talk.pictures)
    start = _window(told, room)
    messages = [Message(role="system", parts=(Text(system),))] if system else []
    words = manner.opening(_steps(talk, start) if manner.older == "steps" else ())
    if manner.older == "replies":
        messages.append(Message(role="user", parts=(Text(words),)))
        messages += [_own(turn, manner) for turn in talk.turns[:start]]
        words = ""
    for place in range(start, len(told)):
        before = talk.turns[place - 1] if place > start or (place and manner.older == "replies") else None
        parts = _parts(told[place], before, words, room, manner)
        messages.append(Message(role="user", parts=parts))
        words = ""
        if place < len(talk.turns):
            messages.append(_own(talk.turns[place], manner))
    return tuple(messages)


def bare(talk: Talk) -> tuple[Message, ...]:
    """The screen as last seen and the goal, and nothing else: for a model that knows no conversation."""
    seen = [told.picture for told in (*(turn.told for turn in talk.turns), talk.told) if told.picture]
    shown = seen[-1:] if talk.pictures != 0 else []
    return (Message(role="user", parts=(*shown, Text(talk.goal))),)


def filled(template: str, **places: object) -> str:
    """The template with each `{name}` replaced; other braces stay as they are."""
    for name, value in places.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def with_goal(template: str, goal: str) -> str:
    """The template with the goal in its place (`{goal}` or `{instruction}`), or below it where it has none."""
    if "{goal}" in template or "{instruction}" in template:
        return filled(template, goal=goal, instruction=goal)
    return f"{template}\n\nTask: {goal}"


def own_words(turn: Turn, *, thoughts: bool = False) -> str:
    """What the model said in this turn as text, tool calls in the family's own form; never empty."""
    text = sane(turn.reply.text)
    said = trimmed(text) if thoughts else apart(text)[0]
    calls = [wanted.raw for wanted in turn.reading.wanted if wanted.call and wanted.raw]
    words = "\n".join(part for part in (said, *calls) if part)
    return words or "\n".join(wanted.raw for wanted in turn.reading.wanted if wanted.raw) or "(nothing)"


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _count(told: Told) -> int:
    return (told.picture is not None) + sum(outcome.picture is not None for outcome in told.outcomes)


def _window(told: Sequence[Told], room: int | None) -> int:
    """Where the screens that are sent begin: as far back as there is room, and at a screen."""
    if room is None:
        return 0
    start = len(told) - 1
    left = room - _count(told[start])
    while start and left >= _count(told[start - 1]):
        start -= 1
        left -= _count(told[start])
    if start:
        start = next((place for place in range(start, len(told)) if told[place].picture), start)
    return start


def _steps(talk: Talk, start: int) -> list[str]:
    """A line for each step before the first screen that is sent."""
    outcomes = [turn.told.outcomes for turn in talk.turns[1:]] + [talk.told.outcomes]
    lines = []
    for turn, became in zip(talk.turns[:start], outcomes, strict=False):
        if turn.reading.problem:
            continue
        wanted = turn.reading.intent or " ".join(each.raw for each in turn.reading.wanted) or "(unnamed)"
        failed = next((outcome.said for outcome in became if outcome.failed), "")
        lines.append(_line(wanted) + (f" (not carried out: {_line(failed)})" if failed else ""))
    return lines


def _line(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= ONE_LINE else one[: ONE_LINE - 3] + "..."


def _own(turn: Turn, manner: Manner) -> Message:
    if manner.native and turn.reply.calls:
        return Message(role="assistant", reply=turn.reply)
    return Message(role="assistant", parts=(Text(own_words(turn, thoughts=manner.thoughts)),))


def _parts(told: Told, before: Turn | None, words: str, room: int | None, manner: Manner) -> tuple[Part, ...]:
    pictures = _pictures(told, room)
    native = manner.native and before is not None and bool(before.reply.calls)
    answers = _answers(before, told) if native and before else ()
    lines = [words, *_became(told, before, answered=native), *_problem(told, manner), told.words]
    text = "\n\n".join(line for line in lines if line)
    if not text and not pictures and not answers:
        text = "Go on."
    return (*answers, *pictures, *((Text(text),) if text else ()))


def _pictures(told: Told, room: int | None) -> list[Picture]:
    """Those of its outcomes, then the screen: the last ones where there is not room for all."""
    wanted = [outcome.picture for outcome in told.outcomes if outcome.picture is not None]
    wanted += [told.picture] if told.picture is not None else []
    return wanted if room is None else wanted[max(0, len(wanted) - room) :]


def _became(told: Told, before: Turn | None, *, answered: bool) -> list[str]:
    """What the model must know of what it asked for: what was not done, and what was answered."""
    lines = [] if answered else [_outcome(each) for each in told.outcomes if each.failed or each.said != "OK"]
    if before is not None and before.reading.dropped and not before.reading.problem:
        count = before.reading.dropped
        what = "a further action was" if count == 1 else f"{count} further actions were"
        lines.append(f"One action at a time: {what} left out of your last reply.")
    return lines


def _outcome(outcome: Outcome) -> str:
    if not outcome.failed:
        return outcome.said
    what = _line(outcome.wanted.raw)
    return f"This was not carried out: {what}\nReason: {outcome.said}" if what else f"Not carried out: {outcome.said}"


def _problem(told: Told, manner: Manner) -> list[str]:
    if not told.problem:
        return []
    return [f"Your last reply could not be carried out: {told.problem}", manner.reminder]


def _answers(before: Turn, told: Told) -> tuple[Result, ...]:
    """One result for each of its tool calls, once."""
    failures_last = sorted(told.outcomes, key=lambda outcome: outcome.failed)
    became = {outcome.wanted.call: outcome for outcome in failures_last}
    results = []
    for call in before.reply.calls:
        outcome = became.get(call.id)
        said = outcome.said if outcome else told.problem or "Not carried out."
        failed = outcome.failed if outcome else True
        results.append(Result(call=call.id, name=call.name, parts=(Text(said),), failed=failed))
    return tuple(results)
