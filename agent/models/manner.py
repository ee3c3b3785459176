"""How a chat server wants to be asked: what is stepped down when it refuses, each once and for good."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Manner:
    """What a server is known to take: streaming, counting tokens in streams, the name of a reply's limit."""

    stream: bool = True
    counts: bool = True
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True
    pictures: int | None = None


@dataclass(frozen=True)
class Step:
    """A step down: where it `applies`, by which `words` of a refusal it is known, and what to note."""

    applies: Callable[[Manner], bool]
    words: re.Pattern[str]
    change: Callable[[Manner], Manner]
    note: str


STEPS = (
    Step(
        lambda known: known.limit == "max_tokens",
        re.compile(r"max_completion_tokens"),
        lambda known: replace(known, limit="max_completion_tokens"),
        "max_completion_tokens in place of max_tokens",
    ),
    Step(
        lambda known: known.temperature,
        re.compile(r"\btemperature\b"),
        lambda known: replace(known, temperature=False),
        "the model takes no temperature",
    ),
    Step(
        lambda known: known.stream and known.counts,
        re.compile(r"stream_options|include_usage|(?:extra|unknown|unrecognized) (?:inputs?|fields?)\b"),
        lambda known: replace(known, counts=False),
        "the server counts no tokens in streams",
    ),
    Step(
        lambda known: known.stream,
        re.compile(r"\bstream(?:ing)?\b"),
        lambda known: replace(known, stream=False),
        "the server does not stream",
    ),
)


def lower(used: Manner, refusal: str) -> Step | None:
    """The step down that a refusal of a malformed request asks for; `used` is how that was made."""
    words = refusal.lower()
    return next((step for step in STEPS if step.applies(used) and step.words.search(words)), None)


def room(text: str) -> int | None:
    """How many tokens vLLM says are left for the reply: its context less what was sent."""
    context = re.search(r"maximum context length (?:is|of) (\d+)", text)
    sent = re.search(r"(\d+) (?:input tokens|in the messages)|has (\d+) input", text)
    if context is None or sent is None:
        return None
    return int(context[1]) - int(sent[1] or sent[2])
