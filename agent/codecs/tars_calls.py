"""Finds the calls of a reply of UI-TARS as text: those behind the last `Action:`.

Words there may be a thought, a reflection, or a copy of what is to be typed; calls stand below each other or behind
each other. A call in words that only tell of it is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from agent.codecs.scan import Heard, trimmed
from agent.codecs.tars_actions import KEYS, KNOWN, NAMES, places
from agent.codecs.terms import Term, terms
from agent.codecs.worded import Asked, asked_of, unknown

NONE: Final = "there is no action in your reply"
_MARK = re.compile(r"(?<!\w)\**Action:\**")
_LABEL = re.compile(r"^\s*\**(?:Thought|Reflection|Action_Summary):\**[ \t]*", re.MULTILINE)
_APART = re.compile(r"[\s;,`]*")


@dataclass(frozen=True)
class Found:
    """The calls of a reply, in order, the words before them, and why there are none, if there are none."""

    asked: tuple[Asked, ...]
    lead: str = ""
    why: str = NONE
    repaired: tuple[str, ...] = ()


def in_text(heard: Heard) -> Found:
    """The calls behind the last `Action:`; without one, those that begin a line."""
    said = heard.said
    mark = _last_mark(said)
    if mark is not None:
        acts, lead = said[mark.end() :], unlabelled(said[: mark.start()])
        calls = _together(acts)
        if calls:
            return Found(tuple(_asked(term) for term in calls), lead)
        return Found((), lead, unknown(acts, NAMES, KNOWN) or NONE)
    calls = [term for term in terms(said, NAMES, KEYS) if not said[: term.start].rpartition("\n")[2].strip(" \t`*")]
    lead = unlabelled(said[: calls[0].start] if calls else said)
    calls = calls[-1:] if heard.only_thought else calls
    return Found(tuple(_asked(term) for term in calls), lead, repaired=("no Action: before it",) if calls else ())


def unlabelled(words: str) -> str:
    """Words without the labels of their parts."""
    return trimmed(_LABEL.sub("", words))


def _asked(term: Term) -> Asked:
    return asked_of(term, places(term.name))


def _last_mark(said: str) -> re.Match[str] | None:
    """The last `Action:` that is not text of a call before it."""
    marks = list(_MARK.finditer(said))
    if len(marks) < 2:
        return marks[0] if marks else None
    first = marks[0].end()
    calls = list(terms(said[first:], NAMES, KEYS))

    def inside(mark: re.Match[str]) -> bool:
        """A call with quotes that are not escaped ends where a line begins with the mark."""
        begins = not said[: mark.start()].rpartition("\n")[2].strip()
        return any(term.start <= mark.start() - first < term.end and not (term.repaired and begins) for term in calls)

    return next((mark for mark in reversed(marks) if not inside(mark)), marks[0])


def _together(acts: str) -> list[Term]:
    """The first call, and those that follow with nothing but blanks and separators between, or begin a line."""
    found = list[Term]()
    for term in terms(acts, NAMES, KEYS):
        between = acts[found[-1].end : term.start] if found else ""
        if not found or _APART.fullmatch(between) or not between.rpartition("\n")[2].strip(" \t`"):
            found.append(term)
    return found
