"""What may go wrong between a model and who asks it, on a real socket: before the dialect server, as it was ordered.

The faults of an episode are given for its requests in turn; a request without one is answered. What the server would
say to a request is made once: asked the same again after a fault, it says the same again, as if nothing had been.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any, TypeAlias

from tests.dialects import messages
from tests.dialects.server import Dialects, _Handler
from tests.dialects.session import TAG
from tests.dialects.wire import Answer, Refused, events

GONE = 20.0
"""Seconds that a silent server waits for the other side to give up."""
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "stream", "stream_options")
"""What may differ between a request and the same asked again."""


@dataclass
class Faulty:
    """The server while it runs. `faults` are by session; `came` counts each session's requests, `most` all at once.

    `crowd`: the first requests are held until so many are under way, for seeing that so many can be and not more.
    """

    served: Dialects
    faults: dict[str, Iterator[Fault | None]] = field(default_factory=dict)
    crowd: int = 0
    came: Counter[str] = field(default_factory=Counter)
    inside: int = 0
    most: int = 0
    _said: dict[str, Answer] = field(default_factory=dict)
    _http: ThreadingHTTPServer = field(init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._http = _Server(("127.0.0.1", 0), Line)
        self._http.daemon_threads = True
        self._http.dialects = self.served  # type: ignore[attr-defined]  # what the dialects' handler asks
        self._http.faulty = self  # type: ignore[attr-defined]  # what ours asks
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def __enter__(self) -> Faulty:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        """Where it is, without `/v1`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def takes(self, raw: bytes) -> Fault | None:
        """A request comes in: what is to happen to it."""
        with self._changed:
            tag = self._tag(raw)
            self.came[tag] += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            if self.most < self.crowd:
                self._changed.wait_for(lambda: self.most >= self.crowd, GONE)
            return next(self.faults.get(tag, iter(())), None)

    def leaves(self) -> None:
        """The rest of the answer is about to go out."""
        with self._changed:
            self.inside -= 1

    def answer(self, path: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        """What the dialect server says to it. Raises Refused."""
        body = json.loads(raw)
        key = hashlib.sha256(repr({name: body[name] for name in body if name not in _LIMITS}).encode()).hexdigest()
        with self._changed:
            if key not in self._said:
                self._said[key] = self.served.post(path, headers, raw)
            return self._said[key]

    def _tag(self, raw: bytes) -> str:
        found = TAG.search(raw.decode())
        if found:
            return found[1]
        kept = self.served.responses.kept.get(json.loads(raw).get("previous_response_id") or "")
        return kept.tag if kept else ""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked may be gone, as was ordered."""


class Line(_Handler):
    """The connection of one request, for a fault to do with as it likes."""

    wbufsize = 0
    raw: bytes = b""

    def do_POST(self) -> None:  # noqa: N802 - the base class's name
        self.raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.faulty = self.server.faulty  # type: ignore[attr-defined]  # set by it
        self.left = False
        fault: Fault | None = self.faulty.takes(self.raw)
        try:
            (fault or Line.answer)(self)
        finally:
            self.leave()

    @property
    def body(self) -> Mapping[str, Any]:
        """What was sent."""
        return json.loads(self.raw)

    @property
    def streams(self) -> bool:
        """Whether a stream is wanted."""
        return bool(self.body.get("stream"))

    def leave(self) -> None:
        """Count it as under way no more."""
        if not self.left:
            self.left = True
            self.faulty.leaves()

    def answer(self) -> None:
        """As if there were no fault."""
        self._serve(lambda _, headers: self.faulty.answer(self.path, headers, self.raw))

    def meant(self) -> Answer:
        """What would be answered."""
        headers = {key.lower(): value for key, value in self.headers.items()}
        return self.faulty.answer(self.path, headers, self.raw)

    def says(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Answer so."""
        self.send_response(status)
        for key, value in {"content-type": kind, **headers, "content-length": str(len(body))}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.leave()
        self.wfile.write(body)

    def refuses(self, refused: Refused, **headers: str) -> None:
        """Answer with an error as this vendor words it."""
        self.says(json.dumps(self._error(refused)).encode(), refused.status, **headers)

    def half(self) -> list[bytes]:
        """Begin to answer: the head and the first half, of a stream whole events. Returns what is not sent."""
        answer = self.meant()
        self.send_response(200)
        if answer.body is not None:
            raw = json.dumps(answer.body).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2])
            return [raw[len(raw) // 2 :]]
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        middle = len(answer.stream) // 2
        for event in answer.stream[:middle]:
            self.chunk(event)
        return list(answer.stream[middle:])

    def chunk(self, data: bytes) -> None:
        """A piece of a stream; of none: its end."""
        if not data:
            self.leave()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def hang_up(self) -> None:
        """Close, whatever is missing."""
        self.close_connection = True
        self.leave()

    def _write(self, status: int, body: Mapping[str, Any]) -> None:
        self.leave()
        super()._write(status, body)

    def _stream(self, events: tuple[bytes, ...]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for at, event in enumerate(events):
            if at == len(events) - 1:
                self.leave()  # whoever has the last event may ask again before we come to count
            self.chunk(event)
        self.chunk(b"")


Fault: TypeAlias = Callable[[Line], None]
"""What happens to a request in place of its answer."""


def status(number: int, words: str, *, kind: str = "", code: str = "", **headers: str) -> Fault:
    """An error with that status."""
    return lambda line: line.refuses(Refused(number, words, kind, code), **headers)


def page(number: int) -> Fault:
    """A page of something that stands before the server."""
    return lambda line: line.says(b"<html><h1>Bad Gateway</h1></html>", number, "text/html")


def garbage(line: Line) -> None:
    """What is no JSON, in a stream after half of the reply."""
    if not line.streams:
        line.says(b'{"id": "c", "choices": [{{{')
        return
    line.half()
    line.chunk(b"data: {oops\n\n")
    line.chunk(b"")


def silence(line: Line) -> None:
    """Nothing, until the other side gives up."""
    select.select([line.connection], [], [], GONE)
    line.hang_up()


def stall(line: Line) -> None:
    """Half of the reply, and then nothing."""
    line.half()
    silence(line)


def cut(line: Line) -> None:
    """Half of the reply, and the connection is closed."""
    line.half()
    line.hang_up()


def ended(line: Line) -> None:
    """Half of a stream's events, and then its proper end."""
    line.half()
    line.chunk(b"")


def reset(line: Line) -> None:
    """The connection is reset before anything is said."""
    line.hang_up()
    line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(line.connection.detach())


def torn(line: Line) -> None:
    """It is reset in the middle."""
    line.half()
    reset(line)


def overloaded(line: Line) -> None:
    """An error in the middle of a stream."""
    line.half()
    error = {"type": "overloaded_error", "message": "Overloaded"}
    for event in events([("error", {"type": "error", "error": error})]):
        line.chunk(event)
    line.chunk(b"")


def replies(text: str, finish: str = "stop") -> Fault:
    """The model says this, and stops for this reason in the vendor's own word."""

    def fault(line: Line) -> None:
        if line.path.startswith("/v1/messages"):
            block = {"type": "text", "text": text}
            _send(line, _message(line, [block] if text else [], finish), messages._stream)
        else:
            _send(line, _completion(line, {"role": "assistant", "content": text or None}, finish), _chunks, "[DONE]")

    return fault


def empty(line: Line) -> None:
    """A chat completion without a choice."""
    told = {**_completion(line, None, ""), "choices": []}
    _send(line, told, lambda each: iter([("", each)]), "[DONE]")


def response(output: list[Mapping[str, Any]], **more: Any) -> Fault:
    """A reply of the Responses API, which is not one to go on from."""

    def fault(line: Line) -> None:
        usage = {"input_tokens": 9, "output_tokens": 1, "total_tokens": 10}
        told = {"id": "resp_x", "object": "response", "created_at": 0, "model": line.body["model"], "output": output}
        done = {"status": "completed", "error": None, "incomplete_details": None, "usage": usage, **more}
        line.says(json.dumps(told | done).encode())

    return fault


def _send(line: Line, told: Mapping[str, Any], stream: Callable[..., Any], end: str = "") -> None:
    if line.streams:
        line._stream(tuple(events(stream(told), end=end)))
    else:
        line.says(json.dumps(told).encode())


def _message(line: Line, content: list[Mapping[str, Any]], stop: str) -> dict[str, Any]:
    usage = {"input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    head = {"id": "msg_x", "type": "message", "role": "assistant", "model": line.body["model"]}
    return head | {"content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def _completion(line: Line, message: Mapping[str, Any] | None, finish: str) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    head = {"id": "chatcmpl-x", "object": "chat.completion", "created": 0, "model": line.body["model"]}
    return head | {"choices": [choice], "usage": usage}


def _chunks(told: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    (choice,) = told["choices"]
    for delta, finish in ((choice["message"], None), ({}, choice["finish_reason"])):
        yield "", {**told, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": None}
    yield "", {**told, "choices": []}
