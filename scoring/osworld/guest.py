"""What OSWorld's getters ask of a desktop: the border between the sandboxed evaluators and whoever has a desktop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from envs.types import Closed, Size


class Output(Closed):
    """What a command came to, in the words of OSWorld's server."""

    output: str
    error: str = ""
    returncode: int = 0
    status: Literal["success"] = "success"


class Guest(Protocol):
    """A desktop as OSWorld's server shows it. None means that it has no such thing, and is never a failure of ours.

    Every method raises DesktopFault when the desktop does not answer: then nothing is judged.
    """

    def file(self, path: str) -> bytes | None:
        """The file's bytes; `~` and variables in `path` are expanded by the desktop."""
        ...

    def execute(self, command: str | Sequence[str], *, shell: bool) -> Output | None:
        """Run a command as the desktop's user; None when it could not be started or took too long.

        As in OSWorld, a string without `shell` is split into words, and the desktop is on `DISPLAY`: one getter
        presses keys.
        """
        ...

    def tree(self) -> str | None:
        """The accessibility tree as OSWorld's XML."""
        ...

    def terminal(self) -> str | None:
        """The text of the terminal that has the focus."""
        ...

    def screen(self) -> Size:
        """The screen's size."""
        ...

    def window(self, name: str) -> Size | None:
        """The size of the first window of that class."""
        ...

    def wallpaper(self) -> bytes | None:
        """The desktop's background picture, as the file that it is."""
        ...

    def directory(self, path: str) -> str | None:
        """The tree below a folder as JSON: `{"type", "name", "children"}`, the last in folders only."""
        ...

    def page(self, port: int, path: str, password: str) -> bytes | None:
        """What a program on the desktop serves by HTTP on its own address, for a nameless user with a password."""
        ...
