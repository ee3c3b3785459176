"""Web sites served inside the desktop, on its own loopback and out of its user's reach; forms sent are kept.

A site answers at `http://HOST/`, port 80. The name is written to `/etc/hosts`; where the root is read-only, only
names under `.localhost` work, which browsers and curl look for on the loopback by themselves (RFC 6761): prefer
those.
"""

from __future__ import annotations

import mimetypes
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from envs.server.trouble import Trouble
from envs.types import Post, Site

HOSTS: Final = Path("/etc/hosts")
LARGEST: Final = 16 << 20
"""Bytes of a form."""
SENT: Final = b"<!doctype html><title>Sent</title><p>Thank you. Your entry has been received.</p>"


class Sites:
    """The sites served so far, by host, and what was sent to each. The first one opens the port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sites: dict[str, Site] = {}
        self._posts: dict[str, list[Post]] = {}
        self._server: ThreadingHTTPServer | None = None

    def serve(self, site: Site) -> None:
        """It can be visited. A site of the same host is replaced; what was sent to it is kept."""
        host = site.host.lower()
        if not host.replace("-", "").replace(".", "").isalnum() or not host.isascii():
            raise Trouble("scene", f"{site.host!r} is no host name")
        with self._lock:
            if host not in self._sites:
                _announce(host)
            self._sites[host] = site
            self._posts.setdefault(host, [])
            if self._server is None:
                self._server = _listen(self)

    def posts(self, host: str) -> tuple[Post, ...]:
        """What was sent to it, oldest first. Raises Trouble `missing` for a host that is not served."""
        with self._lock:
            if host.lower() not in self._posts:
                raise Trouble("missing", f"no site {host!r} is served; there are {sorted(self._posts)}")
            return tuple(self._posts[host.lower()])

    def page(self, host: str, path: str) -> bytes | None:
        """A page's bytes; None when there is no such page."""
        with self._lock:
            site = self._sites.get(host)
            return None if site is None else site.pages.get(path)

    def note(self, host: str, post: Post) -> bool:
        """Keep what was sent; whether that host is served."""
        with self._lock:
            if host in self._posts:
                self._posts[host].append(post)
            return host in self._posts


class Visit(BaseHTTPRequestHandler):
    """A browser's connection."""

    protocol_version = "HTTP/1.1"
    sites: Sites

    def do_GET(self) -> None:
        """A page."""
        self._send(*self._found(self._path()))

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_POST(self) -> None:
        """A form: kept, and answered with the page for it."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self._send(411, b"", "text/plain")
            return
        path, body = self._path(), self.rfile.read(int(length))
        fields = form_fields(self.headers.get("Content-Type", ""), body)
        if not self.sites.note(self._host(), Post(path=path, fields=fields)):
            self._send(404, b"", "text/plain")
            return
        answer = self.sites.page(self._host(), f"{path}:sent")
        self._send(200, SENT if answer is None else answer, "text/html; charset=utf-8")

    def _found(self, path: str) -> tuple[int, bytes, str]:
        page = self.sites.page(self._host(), path)
        if page is None:
            return (
                404,
                b"<!doctype html><title>Not found</title><p>There is no such page.",
                "text/html; charset=utf-8",
            )
        kind = mimetypes.guess_type(path)[0] or "text/html"
        return 200, page, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path) or "/"

    def _host(self) -> str:
        return self.headers.get("Host", "").partition(":")[0].lower()

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Visits are not logged."""


def form_fields(kind: str, body: bytes) -> tuple[tuple[str, str], ...]:
    """The fields in order; of a file its name. Text that is no form is one field without a name."""
    if kind.startswith("multipart/form-data"):
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + body)
        return tuple(_part(part) for part in message.iter_parts())
    if kind.startswith("application/x-www-form-urlencoded"):
        return tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return (("", body.decode("utf-8", "replace")),)


def _part(part: object) -> tuple[str, str]:
    from email.message import EmailMessage

    assert isinstance(part, EmailMessage)
    name = str(part.get_param("name", "", header="content-disposition"))
    filename = part.get_filename()
    if filename is not None:
        return name, filename
    payload = part.get_payload(decode=True)
    return name, payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _announce(host: str) -> None:
    try:
        with HOSTS.open("a", encoding="utf-8") as hosts:
            hosts.write(f"127.0.0.1 {host}\n")
    except OSError as error:
        if not host.endswith(".localhost"):
            raise Trouble(
                "scene", f"{host!r} cannot be named here ({error.strerror}): use {host}.localhost"
            ) from error


def _listen(sites: Sites) -> ThreadingHTTPServer:
    handler = type("OurVisit", (Visit,), {"sites": sites})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", 80), handler)
    except OSError as error:
        raise Trouble("internal", f"cannot serve sites on port 80: {error.strerror}") from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="sites", daemon=True).start()
    return server
