"""The server once it is up: answers `hello` at once, and everything else as soon as the rest is imported.

Loading Pillow, ISA-L and the other parts takes as long as the window manager takes to start. It is done once that
is up, in a thread of its own, so as not to slow it down; a call that comes too early hastens it and waits.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import msgspec

from envs import wire
from envs.server import display, doors
from envs.server.boot import FOLDER, Started
from envs.server.session import Session
from envs.server.source import running_digest
from envs.server.trouble import Trouble
from envs.types import Closed

if TYPE_CHECKING:
    from types import FrameType

    from envs.server.calls import Calls

UNASKED = 0.3
"""Seconds until the rest is imported without having been asked for: others may be starting beside this desktop."""
READY_WITHIN = 5.0
"""Seconds that a `hello` waits for the window manager: a host that asked again and again would slow it down."""
LOADED_WITHIN = 30.0
"""Seconds for the rest to be imported, on the slowest of machines."""


class App:
    """What the doors ask. `answer` may be called by several threads."""

    def __init__(self, config: wire.Config, started: Started) -> None:
        self._config = config
        self._session = Session(started)
        self._session.await_x()
        self._display = display.connect()
        self._calls: Calls | None = None
        self._loaded = threading.Event()
        self._loading = threading.Lock()
        self._asked = threading.Event()
        self._code = running_digest()

    def answer(self, name: str, request: Closed) -> Closed:
        """Fulfil one call. Raises Trouble."""
        self._session.check()
        if name == "hello":
            return self._hello()
        self._asked.set()
        self._start_loading()
        self._loaded.wait(LOADED_WITHIN)
        if self._calls is None:
            raise Trouble("internal", "the server could not load its parts: see its log")
        return self._calls.answer(name, request)

    def stop(self) -> None:
        """End everything that was started."""
        if self._calls is not None:
            self._calls.end()
        self._session.end()

    def _hello(self) -> wire.Hello:
        config, ready = self._config, self._display.until(self._display.managed, seconds=READY_WITHIN)
        if ready:
            self._start_loading()
        return wire.Hello(
            wire=wire.VERSION, code=self._code, image=config.image, kind=config.kind, size=self._display.size,
            ready=ready,
        )  # fmt: skip

    def _start_loading(self) -> None:
        """Once, in a thread of its own."""
        if self._loading.acquire(blocking=False):
            threading.Thread(target=self._load, name="load", daemon=True).start()

    def _load(self) -> None:
        self._asked.wait(UNASKED)
        from envs.server.calls import Calls

        try:
            self._calls = Calls(self._config, self._display)
        finally:
            self._loaded.set()


def serve(config: bytes, started: Started) -> None:
    """Open the doors and serve until SIGTERM. Raises Trouble when the configuration is not ours."""
    told = msgspec.json.decode(config, type=wire.Config)
    if told.wire != wire.VERSION:
        raise Trouble("bad_request", f"the launcher speaks wire {told.wire}, this server {wire.VERSION}")
    app = App(told, started)
    doors.Door(f"{FOLDER}/{wire.SCORER}", "scorer", told.scorer_token, app.answer).open()
    doors.Door(f"{FOLDER}/{wire.AGENT}", "agent", told.agent_token, app.answer).open()
    ended = threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    ended.wait()
    app.stop()
    os._exit(0)
