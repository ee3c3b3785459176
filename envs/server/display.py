"""The server's one connection to X. Everything that talks to X does so here, one thread at a time."""

from __future__ import annotations

import select
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import xcffib
import xcffib.damage
import xcffib.shm
import xcffib.xfixes
import xcffib.xproto
import xcffib.xtest
from xcffib.xproto import Atom, EventMask

from envs.server.trouble import Trouble
from envs.types import Size

React = Callable[[Any], None]  # Any: xcffib is untyped, each event is a class of its own


class Display:
    """A connection; hold `lock` round anything that must not be interleaved.

    A dead X server shows as `xcffib.ConnectionException`; the door turns that into a named problem.
    """

    def __init__(self, name: str = ":0") -> None:
        self.lock = threading.RLock()
        self._never = threading.Event()
        self.x = xcffib.connect(display=name)
        setup = self.x.get_setup()
        self.first_key, self.last_key = setup.min_keycode, setup.max_keycode
        screen = setup.roots[0]
        self.root: int = screen.root
        self.size = Size(width=screen.width_in_pixels, height=screen.height_in_pixels)
        self.core = self.x.core
        self.damage = self.x(xcffib.damage.key)
        self.fixes = self.x(xcffib.xfixes.key)
        self.shm = self.x(xcffib.shm.key)
        self.test = self.x(xcffib.xtest.key)
        versions = (self.damage.QueryVersion(1, 1), self.fixes.QueryVersion(5, 0))
        for version in versions:
            version.reply()
        self._atoms: dict[str, int] = {}
        self._reactions: dict[type, list[React]] = defaultdict(list)
        mask = EventMask.PropertyChange | EventMask.SubstructureNotify
        self.core.ChangeWindowAttributes(self.root, xcffib.xproto.CW.EventMask, [mask])

    def atom(self, name: str) -> int:
        """The atom of that name, made if need be."""
        if name not in self._atoms:
            with self.lock:
                self._atoms[name] = self.core.InternAtom(False, len(name), name).reply().atom
        return self._atoms[name]

    def on(self, event: type, react: React) -> None:
        """Have `react` called with every such event that `pump` finds, under the lock."""
        self._reactions[event].append(react)

    def sync(self) -> None:
        """Everything sent so far has been carried out by the X server."""
        with self.lock:
            self.core.GetInputFocus().reply()

    def pump(self) -> None:
        """Handle the events that have arrived, without waiting."""
        with self.lock:
            while True:
                try:
                    event = self.x.poll_for_event()
                except xcffib.Error:
                    continue  # about a window that has gone in the meantime
                if event is None:
                    return
                for react in self._reactions.get(type(event), ()):
                    react(event)

    def wait(self, seconds: float) -> None:
        """Return when something has arrived from X, or after `seconds`."""
        with self.lock:
            self.x.flush()
        select.select([self.x.get_file_descriptor()], [], [], max(0.0, seconds))

    def wait_quietly(self, seconds: float) -> None:
        """Let `seconds` pass, whatever arrives."""
        self._never.wait(seconds)

    def until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Whether the condition came true within `seconds`; asked again whenever X says something."""
        end = time.monotonic() + seconds
        while True:
            self.pump()
            if condition():
                return True
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.wait(min(left, 0.05))

    def words(self, window: int, name: str) -> list[int]:
        """A property of 32-bit words; empty when it or the window is not there."""
        reply = self._property(window, name)
        return [] if reply is None or reply.format != 32 else list(reply.value.to_atoms())

    def text(self, window: int, name: str) -> str:
        """A property of text; empty when it or the window is not there."""
        reply = self._property(window, name)
        if reply is None or reply.format != 8:
            return ""
        raw: bytes = reply.value.buf()
        return raw.decode("utf-8", "replace")

    def _property(self, window: int, name: str) -> Any:  # Any: an untyped reply
        with self.lock:
            try:
                return self.core.GetProperty(False, window, self.atom(name), Atom.Any, 0, 1 << 16).reply()
            except xcffib.Error:
                return None

    def managed(self) -> bool:
        """Whether a window manager is in charge (EWMH: the check window names itself)."""
        owner = self.words(self.root, "_NET_SUPPORTING_WM_CHECK")
        return bool(owner) and self.words(owner[0], "_NET_SUPPORTING_WM_CHECK") == owner


def connect(name: str = ":0") -> Display:
    """A display. Raises Trouble when the X server does not answer."""
    try:
        return Display(name)
    except xcffib.ConnectionException as err:
        raise Trouble("internal", f"the X server on {name} does not answer: {err!r}") from err
