"""The processes beside the server: the X server, without which nothing goes on, and the session, which may end.

The user can end his own session (`pkill -u user`); it is then started again, a few times.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time

from envs.server.boot import Started, session_command
from envs.server.people import session_environment
from envs.server.trouble import Trouble

RESTARTS = 10
"""How often a session is started again before it is left alone."""
X_WITHIN = 20.0


class Session:
    """The X server and the session, watched."""

    def __init__(self, started: Started) -> None:
        self._started = started
        self._session = started.session
        self._ending = False
        self._x_died = False
        for watch in (self._watch_x, self._watch_session):
            threading.Thread(target=watch, name=watch.__name__, daemon=True).start()

    def await_x(self) -> None:
        """The X server answers. Raises Trouble when it does not."""
        ready, _, _ = select.select([self._started.x_up], [], [], X_WITHIN)
        if not ready or not os.read(self._started.x_up, 2):
            raise Trouble("internal", "the X server did not start")
        os.close(self._started.x_up)

    def check(self) -> None:
        """Raises Trouble when the X server has died."""
        if self._x_died:
            raise Trouble("internal", "the X server died")

    def end(self) -> None:
        """End both, and what runs in the session's process group."""
        self._ending = True
        for pid in (self._session, self._started.x_server):
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _watch_x(self) -> None:
        os.waitpid(self._started.x_server, 0)
        self._x_died = True

    def _watch_session(self) -> None:
        os.waitpid(self._started.session, 0)
        # Not needed, and not loaded, until a session has ended.
        from subprocess import DEVNULL

        from envs.server.commands import start

        for _ in range(RESTARTS):
            if self._ending or self._x_died:
                return
            began = time.monotonic()
            environment = session_environment()
            process = start(tuple(session_command()), environment, out=DEVNULL, err=DEVNULL)
            self._session = process.pid
            process.wait()
            if time.monotonic() - began < 1.0:
                threading.Event().wait(1.0)
