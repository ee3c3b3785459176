"""The mouse, in pyautogui's dialect.

Without its pauses pyautogui takes 0.2 ms for a move here (measured), so it does those. It is helped where it is
wrong: it knows no back and forward buttons, and it moves the pointer again between the two halves of a
double-click, which GTK then took for single clicks 8 times of 50 (measured; never of 50 without). So clicks go to
the X server by XTEST, all those of one action at once. Keys are `keyboard`'s.

Importing pyautogui takes as long as starting the X server, so that is done behind the first calls.
"""

from __future__ import annotations

import os
import threading
from typing import Any, Final

from envs.server.display import Display
from envs.server.trouble import Trouble
from envs.types import Button, Point

SIDE: Final[dict[str, int]] = {"back": 8, "forward": 9}
BUTTONS: Final[dict[str, int]] = {"left": 1, "middle": 2, "right": 3, **SIDE}
PRESS, RELEASE = 4, 5
LOADED_WITHIN = 20.0


class Mouse:
    """The pointer and its buttons. The points are on the screen: pyautogui would move those that are not."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._pyautogui: Any = None  # Any: it has no types
        self._loaded = threading.Event()
        threading.Thread(target=self._load, name="pyautogui", daemon=True).start()

    def move(self, at: Point) -> None:
        """Put the pointer there."""
        self._dialect().moveTo(at.x, at.y)

    def click(self, button: Button, count: int) -> None:
        """Press and release, `count` times, where the pointer is."""
        for _ in range(count):
            self._fake(PRESS, BUTTONS[button])
            self._fake(RELEASE, BUTTONS[button])
        self._display.sync()

    def down(self, button: Button) -> None:
        """Press, where the pointer is."""
        if button in SIDE:
            self._fake(PRESS, SIDE[button])
            self._display.sync()
        else:
            self._dialect().mouseDown(button=button)

    def up(self, button: Button) -> None:
        """Release, where the pointer is."""
        if button in SIDE:
            self._fake(RELEASE, SIDE[button])
            self._display.sync()
        else:
            self._dialect().mouseUp(button=button)

    def turn(self, dx: int, dy: int) -> None:
        """Turn the wheel: +dx is right, +dy is down."""
        if dx:
            self._dialect().hscroll(dx)
        if dy:
            self._dialect().vscroll(-dy)

    def _fake(self, kind: int, button: int) -> None:
        self._display.test.FakeInput(kind, button, 0, self._display.root, 0, 0, 0)

    def _dialect(self) -> Any:  # Any: it has no types
        self._loaded.wait(LOADED_WITHIN)
        if self._pyautogui is None:
            raise Trouble("internal", "pyautogui could not be loaded: see the server's log")
        return self._pyautogui

    def _load(self) -> None:
        os.environ["DISPLAY"] = ":0"
        try:
            import pyautogui

            pyautogui.PAUSE = 0
            pyautogui.FAILSAFE = False
            self._pyautogui = pyautogui
        finally:
            self._loaded.set()
