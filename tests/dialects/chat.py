"""`POST /v1/chat/completions` as vLLM and transformers serve it: what is sent is checked, what is said put there.

A reply is in `content`, in `reasoning_content` or in `tool_calls`, as those servers' parsers leave it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from envs.types import Action, Point, Size
from tests.dialects.eye import Eye, Seen, cross, from_url, smart
from tests.dialects.plan import Limits
from tests.dialects.session import TAG, Said, Session, View
from tests.dialects.wire import Answer, Refused, Traffic, events

CAPPED = 1280 * 28 * 28
"""The most pixels of a server that somebody started with less than the model's own."""
ONE = "exactly one action"
"""What a prompt says that wants no batch of a family that could give one."""


class Family(Protocol):
    """How a family speaks."""

    @property
    def name(self) -> str: ...
    @property
    def batch(self) -> int: ...
    @property
    def limits(self) -> Limits: ...

    def say(self, actions: list[Action], view: View) -> Said: ...
    def point(self, at: Point, view: View) -> Said: ...
    def nothing(self, view: View) -> Said: ...


@dataclass(frozen=True)
class Request:
    """A request as it was read: all its words, its pictures in order, and in which order each message had them."""

    words: str
    pictures: tuple[Seen, ...]
    orders: tuple[str, ...]
    """A message's parts, `p` a picture and `t` text: `pt` is a picture before the words."""


def read(body: Mapping[str, object], most_pictures: int) -> Request:
    """Raises Refused for what such a server would not take."""
    words: list[str] = []
    pictures: list[Seen] = []
    orders: list[str] = []
    for message in _messages(body):
        content = message.get("content")
        if isinstance(content, str):
            words.append(content)
            continue
        order = ""
        for part in content or ():
            match part:
                case {"type": "text", "text": str(text)}:
                    words.append(text)
                    order += "t"
                case {"type": "image_url", "image_url": {"url": str(url)}}:
                    pictures.append(_picture(url))
                    order += "p"
                case _:
                    raise Refused(400, f"a part of a message is {str(part)[:80]}, which is no text and no image_url")
        orders.append(order)
    if len(pictures) > most_pictures:
        raise Refused(400, f"At most {most_pictures} image(s) may be provided in one prompt.")
    return Request("\n".join(words), tuple(pictures), tuple(orders))


def _messages(body: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "messages: wanted a list of at least one")
    for at, message in enumerate(messages):
        if message.get("role") not in ("system", "user", "assistant", "tool"):
            raise Refused(400, f"messages.{at}.role is {message.get('role')!r}")
        if message["role"] == "system" and at:
            raise Refused(400, "System message must be at the beginning.")
        yield message
    if messages[-1]["role"] not in ("user", "tool"):
        raise Refused(400, "the last message must be the user's")


def _picture(url: str) -> Seen:
    try:
        return from_url(url)
    except ValueError as err:
        raise Refused(400, str(err)) from err


@dataclass
class Chat:
    """A served model. `variant` is how it is served wrongly, if it is; `remarks` what it found odd in requests."""

    family: Family
    variant: str = ""
    most_pictures: int = 20
    remarks: list[str] = field(default_factory=list)

    def eye(self, seen: Seen, screen: Size) -> Eye:
        """How it sees: families that count in pixels count in those of their processor's picture."""
        shown = seen.size
        if getattr(self.family, "absolute", False):
            most = CAPPED if self.variant == "capped" else self.family.most  # type: ignore[attr-defined]
            shown = smart(seen.size, self.family.factor, self.family.least, most)  # type: ignore[attr-defined]
        return Eye(screen=screen, shown=shown, swapped=self.variant == "swapped")

    def answer(self, body: Mapping[str, object], sessions: Mapping[str, Session], traffic: Traffic) -> Answer:
        """The reply to a request. Raises Refused."""
        request = read(body, self.most_pictures)
        traffic.saw([each.digest for each in request.pictures])
        said = self._said(request, sessions)
        reply = _completion(str(body["model"]), said, body)
        if body.get("stream"):
            usage = (body.get("stream_options") or {}).get("include_usage")  # type: ignore[attr-defined]
            return Answer(stream=tuple(events(_chunks(reply, said, bool(usage)), end="[DONE]")))
        return Answer(body=reply)

    def _said(self, request: Request, sessions: Mapping[str, Session]) -> Said:
        tag = TAG.search(request.words)
        session = sessions.get(tag[1]) if tag else None
        if session is None:
            return self._asked(request)
        if not request.pictures:
            raise Refused(400, "this model looks at a picture before it acts, and there is none")
        seen = request.pictures[-1]
        view = View(self.eye(seen, session.screen), seen, session.rng, session.intent, request.words)
        self._look_at(request, view)
        session.replies += 1
        if session.stutter(12):
            return self.family.nothing(view)
        most = 1 if ONE in request.words else self.family.batch
        actions = session.take(1 + session.rng.randrange(most))
        return self.family.say(actions, view) if actions else Said("I do not know what to do.")

    def _look_at(self, request: Request, view: View) -> None:
        """A picture stands before the words about it, but for those that are told everything in one message."""
        if getattr(self.family, "one_message", False):
            return
        for order in request.orders:
            if "tp" in order:
                self.remarks.append(f"{self.family.name}: words before a picture: {order}")

    def _asked(self, request: Request) -> Said:
        """Without a session it is a question: where the cross is, or anything else."""
        if not request.pictures:
            return Said("ok")
        seen = request.pictures[-1]
        at = cross(seen.png)
        if at is None:
            return Said("There is no red cross.")
        from random import Random

        eye = self.eye(seen, seen.size)
        view = View(eye, seen, Random(seen.digest), "point at the cross", request.words)
        return self.family.point(Point(x=round(at[0]), y=round(at[1])), view)


def _completion(model: str, said: Said, body: Mapping[str, object]) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": said.content or None}
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    if said.calls:
        message["tool_calls"] = [
            {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for at, (name, arguments) in enumerate(said.calls)
        ]
    words = len(re.findall(r"\w+", json.dumps(body.get("messages"))[:20_000]))
    out = len(said.content) // 4 + len(said.reasoning) // 4 + 1
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_764_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if said.calls else "stop"}],
        "usage": {"prompt_tokens": words, "completion_tokens": out, "total_tokens": words + out},
    }


def _chunks(reply: Mapping[str, object], said: Said, usage: bool) -> Iterator[tuple[str, dict[str, object]]]:
    """The same reply in pieces of a few characters, as it is generated."""
    head = {key: reply[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}

    def chunk(delta: dict[str, object], finish: str | None = None) -> tuple[str, dict[str, object]]:
        return "", head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(said.reasoning):
        yield chunk({"reasoning_content": piece})
    for piece in _pieces(said.content):
        yield chunk({"content": piece})
    for at, (name, arguments) in enumerate(said.calls):
        start = {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": ""}}
        yield chunk({"tool_calls": [start]})
        for piece in _pieces(arguments):
            yield chunk({"tool_calls": [{"index": at, "function": {"arguments": piece}}]})
    yield chunk({}, "tool_calls" if said.calls else "stop")
    if usage:
        yield "", head | {"choices": [], "usage": reply["usage"]}


def _pieces(text: str, size: int = 7) -> Iterator[str]:
    for at in range(0, len(text), size):
        yield text[at : at + size]
