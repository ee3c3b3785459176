"""The two doors: HTTP on Unix sockets, one thread a connection, closed types in and out.

See `envs.wire` for what is said. An unknown call, a wrong token, a field too many: each is a named problem.

The little HTTP needed here is read by hand: `http.server` brings the mail package along, which costs a starting
desktop 12 ms and each call another 0.2 (measured).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingMixIn, UnixStreamServer
from typing import Final, Literal

import msgspec
import xcffib

from envs import wire
from envs.errors import Refused
from envs.server.trouble import Trouble
from envs.types import Closed

Answer = Callable[[str, Closed], Closed]
STATUS: Final = {
    "refused": 409, "missing": 404, "folder": 409, "too_big": 413, "timeout": 504, "scene": 422,
    "bad_request": 400, "denied": 403, "internal": 500,
}  # fmt: skip
LARGEST: Final = 512 << 20
"""Bytes of a request: a scene's files travel in one call."""


LONGEST_LINE: Final = 8192
MOST_FIELDS: Final = 64
REASON: Final = "-"


class Door(ThreadingMixIn, UnixStreamServer):
    """Listens on one socket with one token, and passes calls to `answer`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, name: Literal["agent", "scorer"], token: str, answer: Answer) -> None:
        self.door = name
        self.answer = answer
        self.bearer = f"Bearer {token}".encode()
        Path(path).unlink(missing_ok=True)
        super().__init__(path, Call)
        Path(path).chmod(0o600)

    def open(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.5,), name=self.door, daemon=True).start()


class Call(StreamRequestHandler):
    """One connection, and the calls on it."""

    server: Door
    decoders: Final = {name: msgspec.msgpack.Decoder(call[0]) for name, call in wire.CALLS.items()}

    def handle(self) -> None:
        """Answer calls until the caller goes."""
        try:
            while (head := self._head()) is not None:
                name, fields = head
                self._send(self._answer(name, fields))
                if fields.get("connection") == "close":
                    return
        except (OSError, _Garbled):
            return  # the caller has gone, or does not speak HTTP

    def _answer(self, name: str, fields: dict[str, str]) -> Closed:
        try:
            return self._reply(name, fields)
        except Trouble as trouble:
            return wire.Problem(kind=trouble.kind, message=str(trouble))
        except Refused as refused:
            return wire.Problem(kind="refused", message=str(refused))
        except xcffib.ConnectionException:
            return wire.Problem(kind="internal", message="the X server died")
        except Exception as error:  # noqa: BLE001 - a bug or a fault in here: the host must hear of it, named
            from traceback import print_exc

            print_exc(file=sys.stderr)
            return wire.Problem(kind="internal", message=f"{name}: {type(error).__name__}: {error}")

    def _reply(self, name: str, fields: dict[str, str]) -> Closed:
        body = self._body(fields)
        if not _same(fields.get("authorization", "").encode(), self.server.bearer):
            raise Trouble("denied", "this door has another token")
        call = wire.CALLS.get(name)
        if call is None:
            raise Trouble("bad_request", f"no call named {name!r}")
        if call[2] not in (self.server.door, "both"):
            raise Trouble("denied", f"{name!r} is not to be had at the {self.server.door}'s door")
        try:
            request = self.decoders[name].decode(body)
        except msgspec.MsgspecError as error:
            raise Trouble("bad_request", f"{name}: {error}") from error
        return self.server.answer(name, request)

    def _head(self) -> tuple[str, dict[str, str]] | None:
        """The next call's name and header fields, in lower case; None when the caller is done."""
        words = self._line().split()
        if not words:
            return None
        if len(words) != 3 or words[0] != "POST" or not words[2].startswith("HTTP/1."):
            raise _Garbled(f"a call is POST /NAME HTTP/1.1, not {words!r}")
        fields: dict[str, str] = {}
        while line := self._line():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
            if len(fields) > MOST_FIELDS:
                raise _Garbled("too many header fields")
        return words[1].removeprefix("/"), fields

    def _line(self) -> str:
        line = self.rfile.readline(LONGEST_LINE)
        if line and not line.endswith(b"\n"):
            raise _Garbled("a header line too long, or cut off")
        return line.decode("latin-1").rstrip("\r\n")

    def _body(self, fields: dict[str, str]) -> bytes:
        length = fields.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            raise _Garbled(f"a body of {length!r} bytes; the limit is {LARGEST}")
        return self.rfile.read(int(length))

    def _send(self, reply: Closed) -> None:
        body = msgspec.msgpack.encode(reply)
        status = STATUS[reply.kind] if isinstance(reply, wire.Problem) else 200
        head = f"HTTP/1.1 {status} {REASON}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        sent = self.connection.sendmsg((head, body))
        if sent < len(head) + len(body):
            self.connection.sendall((head + body)[sent:])


class _Garbled(Exception):  # noqa: N818 - what came, not what went wrong here
    """What came is no call: the connection is closed."""


def _same(said: bytes, wanted: bytes) -> bool:
    """Whether they are equal, in a time that does not tell where they differ (`hmac` would load OpenSSL)."""
    differ = len(said) ^ len(wanted)
    for one, other in zip(said, wanted, strict=False):
        differ |= one ^ other
    return not differ
