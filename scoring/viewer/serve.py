"""Serves a run's page to this machine: `handeye view RUN`.

Loopback only, and only under a loopback name, so that no page of another site can read it by a name of its
own. The page is made anew each time it is loaded, so it may be open while the run goes on.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from envs.errors import BadInput
from scoring.story import read
from scoring.viewer.export import filmed, small
from scoring.viewer.page import page

FRAME = re.compile(r"/(frames|thumbs)/([0-9a-f]{64})\.(png|webp)")
FILM = re.compile(r"/videos/([^/]+)\.mp4")
TYPES = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
}


@dataclass(frozen=True)
class Viewer:
    """A run being served until `close`; `url` is its page."""

    server: ThreadingHTTPServer
    thread: threading.Thread

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@dataclass
class Shelf:
    """What is served of a run's folder. Films are made one at a time, when they are first asked for."""

    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, path: str) -> tuple[str, bytes] | None:
        """The kind and bytes of what is at a path; None when nothing is."""
        if path in ("/", "/index.html"):
            return "html", page(self.folder)
        if frame := FRAME.fullmatch(path):
            source = self.folder / "frames" / f"{frame[2]}.png"
            if not source.is_file():
                return None
            data = source.read_bytes()
            return ("png", data) if frame[1] == "frames" else ("webp", small(data))
        if wanted := FILM.fullmatch(path):
            return self._film(wanted[1])
        return None

    def _film(self, name: str) -> tuple[str, bytes] | None:
        story = next((story for story in read(self.folder)[1] if story.name == name), None)
        if story is None:
            return None
        with self.lock:
            return "mp4", filmed(self.folder, story).read_bytes()


def serve(folder: Path, port: int = 0) -> Viewer:
    """Serve the run at 127.0.0.1; port 0 takes a free one. Raises BadInput when the folder is no run."""
    read(folder)
    shelf = Shelf(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(self, shelf)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
            """Say nothing: the terminal is the user's."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="viewer", daemon=True)
    thread.start()
    return Viewer(server, thread)


def _answer(request: BaseHTTPRequestHandler, shelf: Shelf) -> None:
    host = request.headers.get("Host", "").rsplit(":", 1)[0]
    if host not in ("127.0.0.1", "localhost"):
        _send(request, 403, "text", b"Only from this machine, as 127.0.0.1.")
        return
    try:
        found = shelf.get(unquote(urlsplit(request.path).path))
    except (BadInput, OSError) as err:
        _send(request, 500, "text", str(err).encode())
        return
    if found is None:
        _send(request, 404, "text", b"There is no such thing here.")
        return
    kind, data = found
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if wanted is None:
        _send(request, 200, kind, data)
        return
    first, last = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
    if first >= len(data):
        _send(request, 416, kind, b"", f"bytes */{len(data)}")
        return
    _send(request, 206, kind, data[first : last + 1], f"bytes {first}-{last}/{len(data)}")


def _send(request: BaseHTTPRequestHandler, status: int, kind: str, data: bytes, part: str = "") -> None:
    request.send_response(status)
    headers = {
        "Content-Type": TYPES[kind],
        "Content-Length": str(len(data)),
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store" if kind == "html" else "private, max-age=60",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
    if part:
        headers["Content-Range"] = part
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    try:
        request.wfile.write(data)
    except (BrokenPipeError, ConnectionResetError):
        request.close_connection = True
