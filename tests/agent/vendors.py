"""A vendor's API in the network's place: it answers as a test has it, and keeps every request that the SDK made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from agent.looking import grey
from agent.models.base import Message, Picture, Text
from agent.models.calling import Patience
from envs.types import Size

KEY = "sk-very-secret-0123456789"
SIZE = Size(width=640, height=400)
QUICK = Patience(seconds=0.4, first=0.004, most=0.016)
HELLO = (Message("system", (Text("Act."),)), Message("user", (Text("The task: write milk"), grey(SIZE))))

Body = dict[str, Any]
Says = httpx2.Response | Exception | Callable[["Asked"], "Says"]


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: httpx2.Headers
    body: Body
    raw: bytes


@dataclass
class Vendor:
    """Answers GETs by `tells` (none: 404), and POSTs by `says`, one after the other, the last again and again."""

    says: Sequence[Says] = ()
    tells: dict[str, Says] = field(default_factory=dict)
    got: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self._answer)

    @property
    def bodies(self) -> list[Body]:
        return [each.body for each in self.asked]

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        raw = request.read()
        if request.method == "GET":
            self.got.append(request.url.path)
            says: Says = self.tells.get(request.url.path, httpx2.Response(404, json={"error": {"message": "no"}}))
            asked = Asked(request.url.path, request.headers, {}, raw)
        else:
            asked = Asked(request.url.path, request.headers, json.loads(raw), raw)
            says = self.says[min(len(self.asked), len(self.says) - 1)]
            self.asked.append(asked)
        while callable(says):
            says = says(asked)
        if isinstance(says, Exception):
            raise says
        return httpx2.Response(says.status_code, headers=says.headers, content=_again(says))


def _again(says: httpx2.Response) -> Any:
    """The same body, for another time; one that breaks off does so again."""
    return says.stream if isinstance(says.stream, Torn) else says.content


class Torn(httpx2.SyncByteStream):
    """A body whose connection breaks after so much of it."""

    def __init__(self, data: bytes, error: Exception) -> None:
        self.data = data
        self.error = error

    def __iter__(self) -> Iterator[bytes]:
        yield self.data
        raise self.error


def sse(events: Sequence[Body]) -> bytes:
    """Events as a server sends them."""
    return b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in events)


def streamed(data: bytes | Torn) -> httpx2.Response:
    """A stream of such."""
    kind = {"content-type": "text/event-stream"}
    return (
        httpx2.Response(200, headers=kind, content=data)
        if isinstance(data, bytes)
        else httpx2.Response(200, headers=kind, stream=data)
    )


def page(text: str = "<html>Welcome</html>") -> httpx2.Response:
    """A web page, where an API was looked for."""
    return httpx2.Response(200, headers={"content-type": "text/html"}, text=text)


def pictures(body: Any) -> list[str]:
    """All pictures in a request, as they were encoded, in order."""
    if isinstance(body, dict):
        if body.get("type") == "base64":
            return [str(body["data"])]
        url = body.get("image_url")
        own = [url] if isinstance(url, str) else []
        return own + [each for value in body.values() for each in pictures(value)]
    return [each for value in body for each in pictures(value)] if isinstance(body, list) else []


def shade(number: int) -> Picture:
    """A picture unlike the others."""
    return grey(Size(width=64 + number, height=48))
