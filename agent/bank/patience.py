"""A reader of the desktop for plays that may wait for what never comes: after a while of nothing new, it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from envs.desktop import Probe
from envs.errors import DesktopFault, TaskFault
from envs.types import Entry, HitTest, Node, Post, Ran, Window

PATIENCE = 6.0
"""Seconds without any change in what a play looks at, after which its rest cannot go on."""

T = TypeVar("T")


@dataclass
class Impatient:
    """As the probe inside it, until `wait_no_more`: from then on a play that asks and asks, and is told the same each
    time for `patience` seconds, gets a TaskFault."""

    inside: Probe
    patience: float = PATIENCE
    _told: dict[object, object] = field(default_factory=dict)
    _since: float | None = None

    def wait_no_more(self) -> None:
        """What has been waited for so far does not count."""
        self._told.clear()
        self._since = monotonic()

    def _ask(self, what: object, ask: Callable[[], T]) -> T:
        try:
            told: object = (answer := ask())
        except DesktopFault:
            raise
        except Exception as err:
            self._heed(what, repr(err))
            raise
        self._heed(what, told)
        return answer

    def _heed(self, what: object, told: object) -> None:
        if self._since is None:
            return
        if what not in self._told or self._told[what] != told:
            self._told[what] = told
            self._since = monotonic()
        elif monotonic() - self._since > self.patience:
            raise TaskFault(f"nothing of what the play waits for has changed for {self.patience:g} s")

    def read_file(self, path: str) -> bytes:
        """See `Probe.read_file`."""
        return self._ask(("file", path), lambda: self.inside.read_file(path))

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """See `Probe.files`."""
        return self._ask(("files", pattern), lambda: self.inside.files(pattern))

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        """See `Probe.run`."""
        return self._ask(("run", argv), lambda: self.inside.run(*argv, seconds=seconds))

    def windows(self) -> tuple[Window, ...]:
        """See `Probe.windows`."""
        return self._ask("windows", self.inside.windows)

    def tree(self) -> tuple[Node, ...]:
        """See `Probe.tree`."""
        return self._ask("tree", self.inside.tree)

    def hit_test(self) -> HitTest:
        """See `Probe.hit_test`."""
        return self._ask("hit-test", self.inside.hit_test)

    def posts(self, host: str) -> tuple[Post, ...]:
        """See `Probe.posts`."""
        return self._ask(("posts", host), lambda: self.inside.posts(host))
