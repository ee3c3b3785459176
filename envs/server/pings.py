"""Whether the client with the focus is attending to its events: `_NET_WM_PING` (EWMH).

A client answers in the order of its queue. An answer therefore says that it has taken the keys and clicks sent
before, and that it is not busy with something else, however quiet it looks.
"""

from __future__ import annotations

from itertools import count

from xcffib.xproto import ClientMessageData, ClientMessageEvent

from envs.server.display import Display


class Ping:
    """One question, to the window that has the focus now; already answered if it does not take such questions.

    `client` is the window's process, 0 when it does not say.
    """

    def __init__(self, display: Display, stamp: int, window: int) -> None:
        self._display = display
        self.stamp = stamp
        self.window = window
        self.client = (display.words(window, "_NET_WM_PID") or [0])[0] if window else 0
        self.answered = not window or display.atom("_NET_WM_PING") not in display.words(window, "WM_PROTOCOLS")

    def send(self) -> None:
        """Ask."""
        if self.answered:
            return
        display = self._display
        data = ClientMessageData.synthetic([display.atom("_NET_WM_PING"), self.stamp, self.window, 0, 0], "5I")
        event = ClientMessageEvent.synthetic(32, self.window, display.atom("WM_PROTOCOLS"), data)
        with display.lock:
            display.core.SendEvent(False, self.window, 0, event.pack())
            display.x.flush()


class Pings:
    """Asks, and listens for answers."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._stamps = count(1)
        self._last: Ping | None = None
        self._talkers: set[int] = set()
        display.on(ClientMessageEvent, self._note)

    def focused(self) -> int:
        """The window that has the focus; 0 when none has."""
        return (self._display.words(self._display.root, "_NET_ACTIVE_WINDOW") or [0])[0]

    def ask(self) -> Ping:
        """A question to the window with the focus. Only the last one asked is ever answered."""
        self._last = Ping(self._display, next(self._stamps), self.focused())
        self._last.send()
        return self._last

    def mute(self, ping: Ping) -> bool:
        """Whether its client has answered nothing so far: Qt 5 says that it would, and never does."""
        return ping.client not in self._talkers

    def caught_up(self, *, seconds: float) -> bool:
        """Whether the client has taken everything sent so far; waits for it."""
        ping = self.ask()
        return self._display.until(lambda: ping.answered, seconds=seconds)

    def _note(self, event: ClientMessageEvent) -> None:
        display, last = self._display, self._last
        if last is not None and event.window == display.root and event.type == display.atom("WM_PROTOCOLS"):
            last.answered = last.answered or event.data.data32[1] == last.stamp
            if last.answered:
                self._talkers.add(last.client)
