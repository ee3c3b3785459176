"""What the record keeps of model calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from agent.base import Usage
from agent.codecs.base import Reading
from agent.models.base import Message, Picture, Reply, Result
from envs.types import Called


@dataclass(frozen=True)
class Spoken:
    """A bare model call, with what the record keeps of it."""

    reply: Reply
    called: Called


def account(reply: Reply, model: str, part: str, sent: Sequence[Picture]) -> Called:
    """The call that led to this reply. `sent` are the pictures of the whole conversation, cached ones too."""
    usage = reply.usage
    return Called(
        model=model,
        part=part,
        seconds=round(reply.seconds, 6),
        waited=round(reply.waited, 6),
        tries=reply.tries,
        stop=reply.stop,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        usd=usage.usd,
        pictures=len(sent),
        picture_bytes=sum(len(picture.png) for picture in sent),
        notes=(*reply.notes, *(f"safety check: {check.code} {check.message}".strip() for check in reply.checks)),
        raw=reply.raw,
    )


def marked(called: Called, reading: Reading) -> Called:
    """The call, with what was wrong with its reply."""
    return replace(called, problem=reading.problem, repaired=reading.repaired, dropped=reading.dropped)


def total(calls: Sequence[Called]) -> Usage:
    """What the calls took together. Without any, nothing, at no cost."""
    used = Usage(usd=0.0)
    for each in calls:
        used += Usage(
            input_tokens=each.input_tokens,
            output_tokens=each.output_tokens,
            cached_tokens=each.cached_tokens,
            usd=each.usd,
        )
    return used


def pictures(messages: Sequence[Message]) -> list[Picture]:
    """Every picture in them, in order."""
    found: list[Picture] = []
    for message in messages:
        for part in message.parts:
            inside = part.parts if isinstance(part, Result) else (part,)
            found += [each for each in inside if isinstance(each, Picture)]
    return found
