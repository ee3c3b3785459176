"""An episode of ours in OSWorld's words: the lines of its trajectory, each with the picture that it led to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final  # a line is JSON as OSWorld writes it

import msgspec

from envs.errors import Refused
from envs.osworld.hands import code
from envs.types import Claim, Finish, Size, Type, Wait
from scoring.metrics import COUNTED, outcome
from scoring.osworld.results.layout import OWN, Origin, Own, stamp
from scoring.record import Decided, Deed, Looked, Unread
from scoring.story import Story
from scoring.words import said

UNENDED: Final = "no last line: cut off, or still running"
WIDE: Final = Size(width=16384, height=16384)
"""A place off the screen was refused where it was done; here it is only said."""
WORDS: Final = {"done": "DONE", "failed": "FAIL", "infeasible": "FAIL"}
"""How OSWorld has it that an agent ends: it has one word for giving up, which claims that the task cannot be done."""


@dataclass(frozen=True)
class Written:
    """A line of traj.jsonl, and the picture's name in the run's `frames/` and in the task's folder."""

    line: dict[str, Any]
    frame: str | None = None
    file: str = ""


@dataclass(frozen=True)
class Done:
    """An action, the decision that it is of (its first, where it `leads`), and the picture that goes with it."""

    action: Deed
    decided: Decided | None
    look: Looked | None
    leads: bool


def spelt(action: Deed) -> str:
    """The action as pyautogui code, or OSWorld's own word. A comment where pyautogui cannot do it."""
    match action:
        case Finish(claim=claim):
            return WORDS[claim]
        case Wait(seconds=seconds):
            return f"import time; time.sleep({seconds!r})"
        case Unread(text=text):
            return text
    try:
        return code(action, WIDE)
    except Refused as refused:
        if isinstance(action, Type):
            return f"import pyautogui\npyautogui.write({action.text!r})"
        return f"# {said(action)}: {' '.join(str(refused).split())}"


def result(story: Story) -> float | None:
    """What result.txt says; None where OSWorld would write none: what failed for no fault of the agent's."""
    if story.ended is None or outcome(story) not in COUNTED:
        return None
    return 0.0 if story.ended.score is None else story.ended.score


def lines(story: Story) -> Iterator[Written]:
    """The lines, in order."""
    number, begun = 0, _begun(story)
    names = set[str]()
    ended = story.ended
    for turn in story.turns:
        number += turn.leads or not number
        last = isinstance(turn.action, Finish)
        look = turn.before if last else turn.after
        at = _at(begun, turn.acted, number, names)
        yield _line(number, at, Done(turn.action, turn.decided, look, leads=turn.leads))
    if ended and ended.how == "finished" and not (story.turns and isinstance(story.turns[-1].action, Finish)):
        word = Finish(claim=msgspec.convert(ended.claim or "done", Claim), answer=ended.answer)
        at = _at(begun, story.turns[-1].ended if story.turns else 0.0, max(1, number), names)
        decided = story.decisions[-1] if story.decisions else None
        yield _line(max(1, number), at, Done(word, decided, story.last, leads=not number))
    if ended is None or ended.how not in ("finished", "out_of_budget"):
        yield Written({"Error": f"{ended.how.replace('_', ' ')}: {ended.reason}" if ended else UNENDED})


def _begun(story: Story) -> datetime | None:
    try:
        return datetime.fromisoformat(story.started.utc)
    except ValueError:
        return None


def _at(begun: datetime | None, t: float, number: int, names: set[str]) -> tuple[str | None, str]:
    """When, as OSWorld writes it, and a picture's name that no other has. Without a clock, only the name."""
    when = begun and begun + timedelta(seconds=t)
    name = f"step_{number}_{stamp(when)}.png" if when else f"step_{number}_{len(names) + 1}.png"
    while when and name in names:
        when += timedelta(microseconds=1)
        name = f"step_{number}_{stamp(when)}.png"
    names.add(name)
    return (stamp(when) if when else None), name


def _line(number: int, at: tuple[str | None, str], done: Done) -> Written:
    action, decided, look = done.action, done.decided, done.look
    last = isinstance(action, Finish)
    refused = look.refused if look and not last else ""
    info: dict[str, Any] = {WORDS[action.claim].lower(): True} if isinstance(action, Finish) else {}
    info |= {"refused": refused} if refused else {}
    info |= {"screenshot": "the last before it: none is taken after the word"} if last and look else {}
    own = Own(
        action=action,
        intent=decided.intent if decided else "",
        thought=decided.thought if decided and done.leads else "",
        refused=refused,
        lead=bool(decided and decided.lead),
    )
    line = {
        "step_num": number,
        "action_timestamp": at[0],
        "action": spelt(action),
        "response": _words(decided),
        "reward": 0,
        "done": last,
        "info": info,
        "screenshot_file": at[1] if look else None,
        OWN: msgspec.to_builtins(own),
    }
    return Written(line, look.frame if look else None, at[1])


def _words(decided: Decided | None) -> str:
    """What the model said; of an agent that says nothing, what it meant."""
    if decided is None:
        return ""
    raw = decided.raw or "\n".join(call.raw for call in decided.calls if call.raw)
    return raw or "\n".join(filter(None, (decided.thought, decided.intent)))


def origin(story: Story) -> Origin:
    """What the layout has no place for."""
    start, ended = story.started, story.ended
    return Origin(
        suite=start.suite,
        task=start.task,
        seed=start.seed,
        repeat=start.repeat,
        agent=start.agent,
        goal=start.goal,
        desktop=start.desktop,
        condition=start.condition,
        apps=start.apps,
        budget_steps=start.budget_steps,
        budget_seconds=start.budget_seconds,
        solution_steps=start.solution_steps,
        how=ended.how if ended else None,
        claim=ended.claim if ended else "",
        answer=ended.answer if ended else "",
        reason=ended.reason if ended else "",
        cause=ended.cause if ended else "",
    )
