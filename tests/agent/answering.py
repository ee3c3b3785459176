"""A chat endpoint in place of the network: answers what it was told to, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import httpx2

from agent.models.calling import Patience
from agent.models.openai_chat import Config, OpenAIChat

PATIENT = Patience(seconds=30.0, first=0.002, most=0.01)
SHORT = Patience(seconds=0.15, first=0.002, most=0.01)
USAGE = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 40}}
_PORTS = count(9000)  # of nobody: the process keeps one limiter for each endpoint

Body: TypeAlias = Mapping[str, Any] | Sequence[Any] | str | bytes


@dataclass(frozen=True)
class Answer:
    """One response. JSON where the body is data."""

    body: Body = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None
    """Raised in place of a response."""

    def made(self, request: httpx2.Request) -> httpx2.Response:
        """Raises the error."""
        if self.error is not None:
            raise self.error
        if isinstance(self.body, str | bytes):
            return httpx2.Response(self.status, content=self.body, headers=dict(self.headers))
        headers = {"content-type": "application/json", **self.headers}
        return httpx2.Response(self.status, content=json.dumps(self.body), headers=headers)


def said(message: Mapping[str, Any] | str | None, finish: str | None = "stop", usage: object = USAGE) -> Answer:
    """A whole reply; words alone are its content."""
    told = {"role": "assistant", "content": message} if isinstance(message, str) else message
    choices = [{"index": 0, "message": told, "finish_reason": finish}]
    return Answer({"id": "c", "object": "chat.completion", "model": "m", "choices": choices, "usage": usage})


def call(arguments: object, name: str = "c", **more: object) -> dict[str, Any]:
    """A tool call of a reply."""
    return {"id": name, "type": "function", "function": {"name": "computer_use", "arguments": arguments}, **more}


def refused(status: int, message: object, **more: object) -> Answer:
    """What a server says in place of a reply."""
    return Answer({"error": {"message": message, **more}}, status)


def streamed(*events: object, done: bool = True) -> Answer:
    """Server-sent events; text and bytes go out as they are."""
    lines = [each if isinstance(each, str) else f"data: {json.dumps(each)}\n\n" for each in events]
    return Answer(
        "".join(lines) + ("data: [DONE]\n\n" if done else ""), headers={"content-type": "text/event-stream"}
    )


def delta(part: Mapping[str, Any] | None, finish: str | None = None) -> dict[str, Any]:
    """An event of a stream."""
    return {"id": "c", "choices": [{"index": 0, "delta": part, "finish_reason": finish}]}


def pieces(message: Mapping[str, Any], finish: str = "stop") -> Answer:
    """The same as `said`, a few characters at a time."""
    return streamed(*_pieces(message), delta({}, finish), {"id": "c", "choices": [], "usage": USAGE})


def _pieces(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield delta({"role": "assistant", "content": ""})
    words = {key: value for key, value in message.items() if isinstance(value, str)}
    for start in range(0, max(map(len, words.values()), default=0), 3):
        yield delta({key: value[start : start + 3] for key, value in words.items()})
    for key, value in message.items():
        if key == "tool_calls":
            for at, call in enumerate(value):
                yield from _call({"index": at, **call})
        elif key not in words:
            yield delta({key: value})


def _call(call: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    arguments = call["function"]["arguments"]
    if not isinstance(arguments, str):
        yield delta({"tool_calls": [call]})
        return
    yield delta({"tool_calls": [{**call, "function": {**call["function"], "arguments": ""}}]})
    for start in range(0, len(arguments), 3):
        part = {"index": call["index"], "function": {"arguments": arguments[start : start + 3]}}
        yield delta({"tool_calls": [part]})


@dataclass
class Endpoint:
    """Gives its answers in turn, the last of them for ever. `asked` are the bodies that came, `heads` their headers.

    /models lists `m`, and /health is well, unless told otherwise.
    """

    answers: list[Answer]
    models: Answer = field(default_factory=lambda: Answer({"object": "list", "data": [{"id": "m"}]}))
    well: bool = True
    asked: list[dict[str, Any]] = field(default_factory=list)
    heads: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/health":
            return httpx2.Response(200 if self.well else 503)
        self.heads.append({**request.headers})
        if request.url.path.endswith("/models"):
            return self.models.made(request)
        self.asked.append(json.loads(request.content))
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]).made(request)

    def chat(self, **options: Any) -> OpenAIChat:
        """The provider, at an address of its own."""
        options = {"base_url": f"http://127.0.0.1:{next(_PORTS)}/v1", "model": "m", "patience": PATIENT, **options}
        return OpenAIChat(Config(**options), httpx2.MockTransport(self))


def at(*answers: Answer, **options: Any) -> tuple[OpenAIChat, Endpoint]:
    """A provider and the endpoint that it asks, streaming off unless told otherwise."""
    endpoint = Endpoint(list(answers))
    return endpoint.chat(**{"stream": False, **options}), endpoint
