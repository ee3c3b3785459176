"""Desktops made ready before they are asked for: an episode then begins at once, on one that nobody has used."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType

from envs.desktop import Desktop, Probe
from envs.errors import Gone
from envs.types import About, Action, Entry, HitTest, Node, Observation, Post, Ran, Scene, Size, Window

TAKE_WITHIN = 300.0
"""Seconds to wait for one that is not ready yet: the first may have to build its image."""


class Pool:
    """Keeps `ahead` desktops ready, in a thread of its own. All that it made is closed at its end.

    `take` gives one for one episode; `desktop` gives one whose every `reset` is on another.
    """

    def __init__(self, make: Callable[[], Desktop], *, ahead: int = 1) -> None:
        self._make = make
        self._ahead = ahead
        self._ready: deque[Desktop] = deque()
        self._taken: list[Desktop] = []
        self._error: BaseException | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._filler = threading.Thread(target=self._fill, name="pool", daemon=True)
        self._filler.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self, count: int, *, deadline: float = TAKE_WITHIN) -> None:
        """Return once so many are ready. Raises what making one raised, or TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._ready) >= count or self._error or self._closed, deadline):
                raise TimeoutError(f"{count} desktops were not ready within {deadline:g} s")
            self._raise()

    def take(self) -> Desktop:
        """An unused desktop, the caller's to close. Raises what making it raised, and Gone when there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._error or self._closed, TAKE_WITHIN)
            if not self._ready:
                self._raise()
                raise Gone("the desktop is gone: " + ("it was closed" if self._closed else "none was ready in time"))
            desktop = self._ready.popleft()
            self._taken.append(desktop)
            self._changed.notify_all()
            return desktop

    def give_back(self, desktop: Desktop) -> None:
        """Close a desktop that was taken, without waiting for its end."""
        with self._changed:
            if desktop in self._taken:
                self._taken.remove(desktop)
        threading.Thread(target=desktop.close, name="retire", daemon=False).start()

    def desktop(self) -> Pooled:
        """One whose every `reset` takes place on another that is ready."""
        return Pooled(self)

    def close(self) -> None:
        """Close every desktop that it made."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._filler.join()
        for desktop in (*self._ready, *self._taken):
            desktop.close()
        self._ready.clear()
        self._taken.clear()

    def _raise(self) -> None:
        """The error of the filling thread, once: it then tries again."""
        error, self._error = self._error, None
        self._changed.notify_all()
        if error is not None:
            raise error

    def _fill(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or (len(self._ready) < self._ahead and not self._error))
                if self._closed:
                    return
            try:
                desktop = self._make()
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks for a desktop
                with self._changed:
                    self._error = error
                    self._changed.notify_all()
                continue
            with self._changed:
                self._ready.append(desktop)
                self._changed.notify_all()


class Pooled:
    """A desktop that is another after each `reset`; see `Desktop`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._inner = pool.take()
        self._used = False
        self._closed = False
        self._probe = _Probe(self)

    @property
    def inner(self) -> Desktop:
        """The desktop in use."""
        return self._inner

    @property
    def size(self) -> Size:
        """The screen."""
        return self._inner.size

    @property
    def about(self) -> About:
        """What it is."""
        return self._inner.about

    @property
    def probe(self) -> Probe:
        """Reads the state of the one in use."""
        return self._probe

    def reset(self, scene: Scene) -> Observation:
        """See `Desktop.reset`."""
        if self._closed:
            raise Gone("the desktop is gone: it was closed")
        if self._used:
            self._pool.give_back(self._inner)
            self._inner = self._pool.take()
        self._used = True
        return self._inner.reset(scene)

    def step(self, action: Action) -> Observation:
        """See `Desktop.step`."""
        self._used = True
        return self._inner.step(action)

    def close(self) -> None:
        """See `Desktop.close`."""
        self._closed = True
        self._inner.close()


class _Probe:
    """Passes every question to the desktop in use."""

    def __init__(self, pooled: Pooled) -> None:
        self._pooled = pooled

    def read_file(self, path: str) -> bytes:
        return self._pooled.inner.probe.read_file(path)

    def files(self, pattern: str) -> tuple[Entry, ...]:
        return self._pooled.inner.probe.files(pattern)

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        return self._pooled.inner.probe.run(*argv, seconds=seconds)

    def windows(self) -> tuple[Window, ...]:
        return self._pooled.inner.probe.windows()

    def tree(self) -> tuple[Node, ...]:
        return self._pooled.inner.probe.tree()

    def hit_test(self) -> HitTest:
        return self._pooled.inner.probe.hit_test()

    def posts(self, host: str) -> tuple[Post, ...]:
        return self._pooled.inner.probe.posts(host)
