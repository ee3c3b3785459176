"""The toys as an agent that is put everything in their own words, for they know but one sentence.

It is told what every model is: goals, questions with their options, pictures. Of that it makes `Click the COLOUR
square`, of the first colour that is named; nothing else is known to it, and what the toy replies is read as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from squares import COLOURS

from agent.base import Answer, Decision, Spot
from agent.codecs.qwen3vl import qwen3vl
from agent.models.openai_chat import Config, connect
from agent.native import Native
from envs.errors import BadInput
from envs.types import Observation, Size

SENT = Size(width=256, height=160)
"""As the pictures that they learnt from."""
LONGEST = 96
"""Tokens: a call has some forty."""
_COLOUR = re.compile("|".join(COLOURS), re.IGNORECASE)


def thing(text: str) -> str:
    """What is to be clicked, in the toys' words."""
    found = _COLOUR.search(text)
    return f"the {found[0].lower()} square" if found else "the square"


class Toy(Native):
    """A toy behind its endpoint. It takes no words while it acts: it has read but one sentence."""

    def begin(self, goal: str) -> None:
        """A new conversation, about the one sentence."""
        super().begin(f"Click {thing(goal)}")

    def act(self, seen: Observation) -> Decision:  # type: ignore[override]  # without words, on purpose
        """What it does next."""
        return super().act(seen)

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        """The sentence and the last picture: it was never shown two."""
        return super().ask(pictures[-1:], f"Click {thing(question)}")

    def locate(self, png: bytes, description: str) -> Spot:
        """Where it clicks when asked for that."""
        return super().locate(png, thing(description))


def grounded() -> Toy:
    """The one that sees."""
    return _toy("grounded")


def ungrounded() -> Toy:
    """The one that does not."""
    return _toy("ungrounded")


def _toy(name: str) -> Toy:
    url = os.environ.get(f"TOY_{name.upper()}", "")
    if not url:
        raise BadInput(f"say where the toy is served, by TOY_{name.upper()}=http://127.0.0.1:8901/v1")
    config = Config(base_url=url, model=f"./{name}", max_tokens=LONGEST, temperature=0.0, timeout=60)
    return Toy(connect(config), qwen3vl(bare=True), name=f"toy:{name}", sent=SENT)
