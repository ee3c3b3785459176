"""OSWorld's API on 127.0.0.1 for a desktop of ours, as long as somebody asked for it: see `machine` for why here.

It listens on the host's loopback alone, which no desktop can reach, and so do the ways to ports inside. A page in the
host's own browser cannot use the API either: a request that names another host (DNS rebinding) or comes from a page
(`Origin`) is refused.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from envs.errors import BadInput
from envs.osworld.api import Answer, Api, Asked, text
from envs.osworld.machine import WireMachine
from envs.osworld.ways import CHROMIUM, VLC, Way
from envs.remote import RemoteDesktop

HERE: Final = "127.0.0.1"
LARGEST: Final = 512 << 20
"""Bytes of a request."""


class Bridge(ThreadingHTTPServer):
    """Serves an API from when it is made until it is closed."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, api: Api, port: int = 0, ways: Mapping[int, Callable[[], Path]] = MappingProxyType({})
    ) -> None:
        self.api = api
        try:
            super().__init__((HERE, port), Request)
        except OSError as error:
            raise BadInput(
                f"cannot serve OSWorld's API on {HERE}:{port}: {error.strerror}; choose another port"
            ) from error
        self._ways = {inside: Way(find) for inside, find in ways.items()}
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="osworld", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"{HERE}:{self.port}"

    def leading_to(self, inside: int) -> int:
        """The port of 127.0.0.1 that leads to that port inside."""
        return self._ways[inside].port

    def close(self) -> None:
        """It no longer listens."""
        for way in self._ways.values():
            way.close()
        self.api.close()
        self.shutdown()
        self._thread.join()
        self.server_close()


@contextlib.contextmanager
def bridge(desktop: RemoteDesktop, port: int = 0) -> Iterator[Bridge]:
    """OSWorld's API over that desktop, and ways to the ports that its evaluators ask.

    Raises BadInput when the port is taken.
    """
    machine = WireMachine(desktop)
    serving = Bridge(Api(machine), port, {inside: partial(machine.way, inside) for inside in (CHROMIUM, VLC)})
    try:
        yield serving
    finally:
        serving.close()


class Request(BaseHTTPRequestHandler):
    """A connection, and the requests on it."""

    protocol_version = "HTTP/1.1"
    server_version = "handeye"
    sys_version = ""
    server: Bridge

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer, without the body."""
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        refused = self._refusal()
        if refused is not None:
            self.close_connection = True  # its body was not read
            self._send(refused)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._send(self.server.api.answer(self.command, urlsplit(self.path).path, read(self.headers, body)))

    def _refusal(self) -> Answer | None:
        if self.headers.get("Host", "") not in (self.server.address, f"localhost:{self.server.port}"):
            return text(f"this is {self.server.address}, under no other name", 403)
        if "Origin" in self.headers:
            return text("no page may use this", 403)
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            return text("say how long the body is", 411)
        return text("Request Entity Too Large", 413) if int(length) > LARGEST else None

    def _send(self, answer: Answer) -> None:
        with contextlib.suppress(ConnectionError):  # who asked has gone
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)


def read(headers: Message, body: bytes) -> Asked:
    """A request's body by its type."""
    kind = headers.get_content_type()
    if kind == "application/x-www-form-urlencoded":
        return Asked(form=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    if kind == "multipart/form-data":
        return _parts(body, str(headers.get_param("boundary", "")))
    return Asked(body=body, json=kind == "application/json" or kind.endswith("+json"))


def _parts(body: bytes, boundary: str) -> Asked:
    """The parts of a form (RFC 7578): those with a file's name are files. Without a boundary there are none."""
    form: dict[str, str] = {}
    files: dict[str, bytes] = {}
    if not boundary:
        return Asked()
    # The first boundary has no line before it.
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        head, found, data = part.partition(b"\r\n\r\n")
        if not found:
            continue  # the end, or nothing
        about = _disposition(head)
        name = about.get_param("name", "", header="Content-Disposition")
        if about.get_filename() is None:
            form[str(name)] = data.decode("utf-8", "replace")
        else:
            files[str(name)] = data
    return Asked(form=form, files=files)


def _disposition(head: bytes) -> Message:
    about = Message()
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            about[name] = value.strip()
    return about
