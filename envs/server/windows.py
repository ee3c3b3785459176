"""The top-level windows as the window manager lists them (EWMH)."""

from __future__ import annotations

import re

import xcffib
from xcffib.xproto import CW, ClientMessageData, ClientMessageEvent, EventMask, PropertyNotifyEvent, WindowClass

from envs.server.display import Display
from envs.types import Rect, Window

DASHES = str.maketrans("–—‒−", "----")
PAGER = 2
"""EWMH's source indication for requests on behalf of a person."""


def windows(display: Display) -> tuple[Window, ...]:
    """All of them, bottom of the stack first. One that closes meanwhile is left out."""
    with display.lock:
        active = display.words(display.root, "_NET_ACTIVE_WINDOW")
        found = [_window(display, each, active) for each in display.words(display.root, "_NET_CLIENT_LIST_STACKING")]
    return tuple(window for window in found if window is not None)


def matching(display: Display, pattern: str) -> Window | None:
    """The topmost window in whose title the pattern is found, long dashes read as short ones."""
    regex = re.compile(pattern.translate(DASHES))
    for window in reversed(windows(display)):
        if regex.search(window.title.translate(DASHES)):
            return window
    return None


def activate(display: Display, window: int) -> None:
    """Ask the window manager to raise it and give it the focus."""
    _ask(display, window, "_NET_ACTIVE_WINDOW", [PAGER, 0, 0, 0, 0])


def maximise(display: Display, window: int) -> None:
    """Ask the window manager to maximise it both ways."""
    wide, high = display.atom("_NET_WM_STATE_MAXIMIZED_HORZ"), display.atom("_NET_WM_STATE_MAXIMIZED_VERT")
    _ask(display, window, "_NET_WM_STATE", [1, wide, high, PAGER, 0])


def maximised(display: Display, window: int) -> bool:
    """Whether it is."""
    wanted = {display.atom("_NET_WM_STATE_MAXIMIZED_HORZ"), display.atom("_NET_WM_STATE_MAXIMIZED_VERT")}
    return wanted <= set(display.words(window, "_NET_WM_STATE"))


class Manager:
    """The window manager, as far as it can be asked whether it has caught up."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._window: int = display.x.generate_id()
        self._answered = False
        events = [EventMask.PropertyChange]
        display.core.CreateWindow(
            0, self._window, display.root, -1, -1, 1, 1, 0, WindowClass.InputOnly, 0, CW.EventMask, events
        )
        display.on(PropertyNotifyEvent, self._note)

    def caught_up(self, *, seconds: float) -> bool:
        """Whether it has taken all events sent so far; waits for it.

        It must tell the frame of a window that asks (EWMH, `_NET_REQUEST_FRAME_EXTENTS`), and does so in turn.
        """
        self._answered = False
        _ask(self._display, self._window, "_NET_REQUEST_FRAME_EXTENTS", [0] * 5)
        return self._display.until(lambda: self._answered, seconds=seconds)

    def _note(self, event: PropertyNotifyEvent) -> None:
        if event.window == self._window:
            self._answered = True


def _ask(display: Display, window: int, message: str, words: list[int]) -> None:
    with display.lock:
        data = ClientMessageData.synthetic(words, "5I")
        event = ClientMessageEvent.synthetic(32, window, display.atom(message), data)
        mask = EventMask.SubstructureRedirect | EventMask.SubstructureNotify
        display.core.SendEvent(False, display.root, mask, event.pack())
        display.sync()


def _window(display: Display, window: int, active: list[int]) -> Window | None:
    try:
        geometry = display.core.GetGeometry(window).reply()
        origin = display.core.TranslateCoordinates(window, display.root, 0, 0).reply()
    except xcffib.Error:
        return None
    left, right, top, bottom = (display.words(window, "_NET_FRAME_EXTENTS") + [0] * 4)[:4]
    klass = display.text(window, "WM_CLASS").rstrip("\0").split("\0")
    pid = display.words(window, "_NET_WM_PID")
    return Window(
        id=window,
        title=display.text(window, "_NET_WM_NAME") or display.text(window, "WM_NAME"),
        app=klass[-1],
        box=Rect(
            x=origin.dst_x - left,
            y=origin.dst_y - top,
            width=geometry.width + left + right,
            height=geometry.height + top + bottom,
        ),
        focused=[window] == active,
        pid=pid[0] if pid else 0,
    )
