"""One episode as the server knows it: what is to be said next, and what was said."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from envs.types import Action, Finish, Point, Size
from tests.dialects.eye import Eye, Seen
from tests.dialects.plan import Limits, pointer_after, sayable

TAG = re.compile(r"\[session ([0-9a-z-]+)\]")
"""How a goal says which episode it is."""


@dataclass(frozen=True)
class Said:
    """A chat model's reply, in the places where a server may put its parts. `calls` are names and JSON arguments."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class View:
    """What a family goes by when it speaks: its eye on the latest picture, chance, and what it is about."""

    eye: Eye
    seen: Seen
    rng: Random
    intent: str = ""
    asked: str = ""
    """All the words of the request."""

    def odds(self, of: int) -> bool:
        """True once in so many times."""
        return self.rng.randrange(of) == 0


@dataclass
class Session:
    """The queue of one episode. `replies` counts what was answered; `stutters`, of these, what meant nothing and was
    said on purpose;
    `spoilt`, what a vendor's model said with a slip that can be put right.
    """

    tag: str
    screen: Size
    limits: Limits
    rng: Random
    todo: deque[Action] = field(default_factory=deque)
    intent: str = ""
    pointer: Point | None = None
    replies: int = 0
    stutters: int = 0
    spoilt: int = 0
    stuttered: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, actions: Sequence[Action], intent: str) -> None:
        """What is to be done next, in screen pixels. Raises Unsayable."""
        with self.lock:
            for action in sayable(actions, self.limits, self.pointer):
                self.todo.append(action)
                self.pointer = pointer_after(action, self.pointer)
            self.intent = intent

    @property
    def idle(self) -> bool:
        """Nothing is left to be said."""
        return not self.todo

    def take(self, most: int) -> list[Action]:
        """The next of what is to be done, at most so many; that it is over is said by itself."""
        with self.lock:
            taken: list[Action] = []
            while self.todo and len(taken) < most and not (taken and isinstance(self.todo[0], Finish)):
                taken.append(self.todo.popleft())
            self.stuttered = False
            return taken

    def stutter(self, of: int) -> bool:
        """Once in so many turns, never twice running: time to say something that means nothing."""
        with self.lock:
            if self.stuttered or self.rng.randrange(of):
                return False
            self.stuttered = True
            self.stutters += 1
            return True
