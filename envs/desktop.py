"""The one protocol behind which every desktop stands, and the reader that checks are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from envs.types import About, Action, Entry, HitTest, Node, Observation, Post, Ran, Scene, Size, Window


class Probe(Protocol):
    """Reads the desktop's state and changes nothing: for checks and solutions, never for agents.

    Every method raises `DesktopFault` when the desktop does not answer.
    """

    def read_file(self, path: str) -> bytes:
        """The file's bytes. Raises FileNotFoundError, IsADirectoryError, or ValueError above 64 MiB."""
        ...

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """What matches an absolute glob (`**` crosses folders), sorted by path; empty when nothing does."""
        ...

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        """Run a command that only reads, as the desktop's user, in a clean environment without a display.

        Raises TimeoutError after `seconds`.
        """
        ...

    def windows(self) -> tuple[Window, ...]:
        """The top-level windows, bottom of the stack first."""
        ...

    def tree(self) -> tuple[Node, ...]:
        """The accessibility tree of every application, parents before children."""
        ...

    def hit_test(self) -> HitTest:
        """The same tree, with what each application finds at places inside its nodes."""
        ...

    def posts(self, host: str) -> tuple[Post, ...]:
        """The forms sent so far to the scene's site of that host, oldest first."""
        ...


class Desktop(Protocol):
    """A virtual desktop. Used by one thread at a time; `close` may be called from any, and twice."""

    @property
    def size(self) -> Size:
        """The screen."""
        ...

    @property
    def probe(self) -> Probe:
        """Reads the state; never handed to an agent."""
        ...

    @property
    def about(self) -> About:
        """What this desktop is, for the record."""
        ...

    def reset(self, scene: Scene) -> Observation:
        """A desktop on which nothing is left of before, with the scene on it, settled.

        Raises TaskFault when the scene is at fault, DesktopFault when the desktop is.
        """
        ...

    def step(self, action: Action) -> Observation:
        """Do it, wait until the screen has settled or the deadline is reached, and look.

        Never tried twice. An action that cannot be done (off the screen, no such key) does nothing and comes
        back in `Observation.refused`. Raises DesktopFault, after which the desktop is of no more use.
        `Finish` is not an action of a desktop: ValueError.
        """
        ...

    def close(self) -> None:
        """Nothing of it is left running afterwards."""
        ...


MakeDesktop = Callable[[Size], Desktop]
