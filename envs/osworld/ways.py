"""Ports of the host's loopback that lead to ports inside a desktop: Chromium's for debugging, VLC's own page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import Final

from envs.errors import Fault
from envs.server.ports import join

CHROMIUM: Final = 9222
VLC: Final = 8080


class Way(ThreadingMixIn, TCPServer):
    """Listens on 127.0.0.1, at any free port, from when it is made until it is closed.

    `find` opens the way inside and says where its Unix socket is: asked for each connection, as a desktop that was
    reset is another one.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, find: Callable[[], Path]) -> None:
        self.find = find
        super().__init__(("127.0.0.1", 0), Through)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="way", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def close(self) -> None:
        """It no longer listens."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class Through(BaseRequestHandler):
    """One connection, until either side ends it."""

    server: Way

    def handle(self) -> None:
        """Pass on what comes, both ways; without a desktop the connection ends at once."""
        with socket.socket(socket.AF_UNIX) as inside:
            try:
                inside.connect(str(self.server.find()))
            except (OSError, Fault):
                return
            join(self.request, inside)
