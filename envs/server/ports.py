"""Ways from the host to ports on the desktop's own loopback: Unix sockets beside the doors, as there is no network.

Only the scorer's door opens one, and its socket lies where the desktop's user cannot go.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingMixIn, UnixStreamServer

from envs import wire

CONNECT_SECONDS = 5.0


class Ports:
    """The ways opened so far, by port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ways: dict[int, Way] = {}

    def open(self, port: int) -> None:
        """There is a way to it, whether or not anybody listens there."""
        with self._lock:
            if port not in self._ways:
                self._ways[port] = Way(port)


class Way(ThreadingMixIn, UnixStreamServer):
    """Listens on a Unix socket; each connection there is one to the port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        self.port = port
        path = Path(wire.FOLDER) / wire.way(port)
        path.unlink(missing_ok=True)
        super().__init__(str(path), Through)
        path.chmod(0o600)
        threading.Thread(target=self.serve_forever, args=(0.5,), name=path.name, daemon=True).start()


class Through(BaseRequestHandler):
    """One connection, until either side ends it."""

    server: Way

    def handle(self) -> None:
        """Pass on what comes, both ways; where nobody listens, the connection ends at once."""
        try:
            inside = socket.create_connection(("127.0.0.1", self.server.port), timeout=CONNECT_SECONDS)
        except OSError:
            return
        with inside:
            inside.settimeout(None)
            join(self.request, inside)


def join(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes on each of two connections to the other, until both have ended."""
    back = threading.Thread(target=_pour, args=(other, one), daemon=True)
    back.start()
    _pour(one, other)
    back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while got := source.recv(1 << 16):
            target.sendall(got)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
