"""What the three wires share: refusals, answers, server-sent events, and the count of what came in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


class Refused(Exception):  # noqa: N818 - an answer
    """The request is not one that the vendor's server takes."""

    def __init__(self, status: int, why: str, kind: str = "", code: str = "") -> None:
        super().__init__(why)
        self.status, self.why, self.code = status, why, code
        self.kind = kind or {401: "authentication_error", 404: "not_found_error"}.get(status, "invalid_request_error")


@dataclass(frozen=True)
class Answer:
    """A body, or a stream of events that are ready to be written."""

    body: Mapping[str, object] | None = None
    stream: tuple[bytes, ...] = ()


def events(each: Iterable[tuple[str, Mapping[str, object]]], end: str = "") -> Iterator[bytes]:
    """Server-sent events: an event's name (empty: none) and its data."""
    for name, data in each:
        head = f"event: {name}\n" if name else ""
        yield f"{head}data: {json.dumps(data)}\n\n".encode()
    if end:
        yield f"data: {end}\n\n".encode()


@dataclass(frozen=True)
class Came:
    """One request: its size in bytes, the pictures in it by digest in order, and its body."""

    path: str
    size: int
    pictures: tuple[str, ...]
    body: Mapping[str, object]


@dataclass
class Traffic:
    """Every request that was let in, in the order in which they came."""

    came: list[Came] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    keep_bodies: bool = False
    _now: threading.local = field(default_factory=threading.local)

    def begins(self, path: str, size: int, body: Mapping[str, object]) -> None:
        """A request came in on this thread."""
        self._now.request = (path, size, body if self.keep_bodies else {})

    def saw(self, pictures: list[str]) -> None:
        """It was well formed, and had these pictures."""
        path, size, body = self._now.request
        self.came.append(Came(path, size, tuple(pictures), body))
