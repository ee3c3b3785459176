"""Mouse and keyboard: every action of `envs.types` that acts, checked before anything happens."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from envs import keys
from envs.errors import Refused
from envs.server.display import Display
from envs.server.keyboard import Keyboard
from envs.server.mouse import Mouse
from envs.server.windows import Manager
from envs.types import (
    Action,
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Size,
    Type,
    Wait,
)

MANAGER_SECONDS = 0.5
PACE = 0.012  # seconds between the points of a drag: toolkits see one motion a frame, and none is not a drag
BETWEEN = 16  # points of a drag at least


class Hands:
    """Does actions, one at a time. Nothing has happened when `Refused` is raised, and no key stays down unasked."""

    def __init__(self, display: Display, keyboard: Keyboard, mouse: Mouse, manager: Manager) -> None:
        self._display = display
        self._mouse = mouse
        self._manager = manager
        self._keyboard = keyboard
        self._idle = threading.Event()

    def do(self, action: Action) -> None:
        """Do it; of `Wait`, nothing. Raises Refused when it cannot be done here."""
        check(action, self._display.size)
        if isinstance(action, Wait):
            return  # whoever watches the screen meanwhile waits
        self._act(action)
        self._display.sync()

    def _act(self, action: Action) -> None:
        match action:
            case Click():
                self._go(action.at)
                with self._holding(action.holding):
                    self._mouse.click(action.button, action.count)
            case Move():
                self._go(action.at)
            case Drag():
                self._drag(action)
            case Scroll():
                self._go(action.at)
                with self._holding(action.holding):
                    self._mouse.turn(action.dx, action.dy)
            case Type():
                self._keyboard.type(action.text)
            case Press():
                with self._holding(action.keys):
                    if len(action.keys) > 1:
                        # It may want to grab the keyboard before anything is released: alt+Tab.
                        self._manager.caught_up(seconds=MANAGER_SECONDS)
                    if action.seconds:
                        self._idle.wait(action.seconds)
            case MouseDown() | MouseUp() | KeyDown() | KeyUp():
                self._half(action)

    def _half(self, action: MouseDown | MouseUp | KeyDown | KeyUp) -> None:
        """Press or release alone."""
        if isinstance(action, (MouseDown, MouseUp)):
            self._go(action.at)
            if isinstance(action, MouseDown):
                self._mouse.down(action.button)
            else:
                self._mouse.up(action.button)
            return
        keysym = keys.find(action.key).keysym
        self._keyboard.provide([keysym])
        if isinstance(action, KeyDown):
            self._keyboard.press(keysym)
        else:
            self._keyboard.release(keysym)

    def _drag(self, action: Drag) -> None:
        self._go(action.path[0] if len(action.path) > 1 else None)
        with self._holding(action.holding):
            self._mouse.down(action.button)
            try:
                for point in way(action.path):
                    self._idle.wait(PACE)
                    self._go(point)
                self._idle.wait(PACE)
            finally:
                self._mouse.up(action.button)

    def _go(self, at: Point | None) -> None:
        if at is not None:
            self._mouse.move(at)

    @contextmanager
    def _holding(self, names: tuple[str, ...]) -> Iterator[None]:
        wanted = [keys.find(name).keysym for name in names]
        self._keyboard.provide(wanted)
        down: list[int] = []
        try:
            for keysym in wanted:
                down.append(keysym)
                self._keyboard.press(keysym)
            # The mouse has a connection of its own, and the X server keeps no order between two.
            self._display.sync()
            yield
        finally:
            for keysym in reversed(down):
                self._keyboard.release(keysym)


def way(path: tuple[Point, ...]) -> Iterator[Point]:
    """The points that a drag along the path passes after its first: the path's own, and some between them."""
    if len(path) == 1:
        yield path[0]
    parts = max(1, BETWEEN // max(1, len(path) - 1))
    for one, other in itertools.pairwise(path):
        for part in range(1, parts + 1):
            x, y = one.x + (other.x - one.x) * part / parts, one.y + (other.y - one.y) * part / parts
            yield Point(x=round(x), y=round(y))


def check(action: Action, size: Size) -> None:
    """Raises Refused when a point is off the screen, a key unknown or a character not typable."""
    match action:
        case Finish():
            raise Refused("finish is the loop's business, not the desktop's")
        case Drag():
            points: tuple[Point | None, ...] = action.path
        case Click() | Move() | Scroll() | MouseDown() | MouseUp():
            points = (action.at,)
        case Type():
            keys.of_text(action.text)
            points = ()
        case _:
            points = ()
    for point in points:
        if point is not None and not (0 <= point.x < size.width and 0 <= point.y < size.height):
            raise Refused(f"the point ({point.x}, {point.y}) is off the screen of {size.width}x{size.height}")
    for name in _names(action):
        keys.find(name)


def _names(action: Action) -> tuple[str, ...]:
    match action:
        case Click() | Drag() | Scroll():
            return action.holding
        case Press():
            return action.keys
        case KeyDown() | KeyUp():
            return (action.key,)
        case _:
            return ()
