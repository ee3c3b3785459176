"""The two doors: HTTP on Unix sockets, one thread a connection, closed types in and out.

See `envs.wire` for what is said. An unknown call, a wrong token, a field too many: each is a named problem.
"""

from __future__ import annotations

import hmac
import sys
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
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


class Door(ThreadingMixIn, UnixStreamServer):
    """Listens on one socket with one token, and passes calls to `answer`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, name: Literal["agent", "scorer"], token: str, answer: Answer) -> None:
        self.door = name
        self.answer = answer
        self.bearer = f"Bearer {token}".encode()
        path.unlink(missing_ok=True)
        super().__init__(str(path), Call)
        path.chmod(0o600)

    def open(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.5,), name=self.door, daemon=True).start()


class Call(BaseHTTPRequestHandler):
    """One connection, and the calls on it."""

    protocol_version = "HTTP/1.1"
    server: Door
    decoders: Final = {name: msgspec.msgpack.Decoder(call[0]) for name, call in wire.CALLS.items()}

    def do_POST(self) -> None:
        """Answer one call."""
        try:
            reply: Closed = self._reply()
        except Trouble as trouble:
            reply = wire.Problem(kind=trouble.kind, message=str(trouble))
        except Refused as refused:
            reply = wire.Problem(kind="refused", message=str(refused))
        except xcffib.ConnectionException:
            reply = wire.Problem(kind="internal", message="the X server died")
        except Exception as error:  # noqa: BLE001 - a bug or a fault in here: the host must hear of it, named
            traceback.print_exc(file=sys.stderr)
            reply = wire.Problem(kind="internal", message=f"{self.path}: {type(error).__name__}: {error}")
        self._send(reply)

    def _reply(self) -> Closed:
        body = self._body()
        token = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(token, self.server.bearer):
            raise Trouble("denied", "this door has another token")
        name = self.path.removeprefix("/")
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

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            raise Trouble("bad_request", f"a Content-Length up to {LARGEST} is needed, not {length!r}")
        return self.rfile.read(int(length))

    def _send(self, reply: Closed) -> None:
        body = msgspec.msgpack.encode(reply)
        status = STATUS[reply.kind] if isinstance(reply, wire.Problem) else 200
        keep = "close" if self.close_connection else "keep-alive"
        head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\nConnection: {keep}\r\n\r\n".encode()
        try:
            sent = self.connection.sendmsg((head, body))
            if sent < len(head) + len(body):
                self.connection.sendall((head + body)[sent:])
        except OSError:
            self.close_connection = True  # the caller has gone

    def log_message(self, *_: object) -> None:
        """Calls are not logged here: the host logs what matters."""
