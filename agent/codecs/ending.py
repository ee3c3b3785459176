"""How a model that calls a vendor's tool says that it is over: a reply without a call, its last part marked.

`ANSWER: ...`, `FAILED: ...` and `INFEASIBLE: ...` at the start of a line are agreed in our prompts. What follows the
first of them, to the end of the reply, is the answer or the reason. Without one it is done, and says all of its text.
"""

from __future__ import annotations

import re

from agent.codecs.base import Reading, Wanted, invalid
from agent.models.base import Reply
from envs.types import Claim, Finish

_MARK = re.compile(r"^[ \t]*(?P<bold>[*_]*)(?P<word>ANSWER|FAILED|INFEASIBLE):(?P<rest>.*)\Z", re.M | re.S)
_CLAIM: dict[str, Claim] = {"ANSWER": "done", "FAILED": "failed", "INFEASIBLE": "infeasible"}


def over(reply: Reply) -> Reading:
    """What a reply without a tool call means. One that was cut off, or is empty, ends nothing."""
    if reply.stop == "length":
        return invalid(
            "Your reply was cut off before it said what to do. Be brief, and call the tool.", thought=reply.thinking
        )
    if reply.stop == "pause" or not reply.text.strip():
        return invalid(
            "You called no tool and said nothing. Go on, or say in words that you are finished.",
            thought=reply.thinking,
        )
    return Reading(wanted=(Wanted(item=_finish(reply.text), raw=reply.text),), thought=reply.thinking)


def _finish(text: str) -> Finish:
    found = _MARK.search(text)
    if found is None:
        return Finish(answer=text.strip())
    rest = found["rest"].strip()
    if found["bold"]:
        rest = rest.strip("*_ ")
    return Finish(claim=_CLAIM[found["word"]], answer=rest)


def said(finish: Finish) -> str:
    """The words that `over` reads as this. Raises ValueError for an answer with blanks at its ends."""
    if finish.answer != finish.answer.strip():
        raise ValueError("an answer with blanks at its ends cannot be said")
    word = next(word for word, claim in _CLAIM.items() if claim == finish.claim)
    return f"{word}: {finish.answer}".rstrip()
