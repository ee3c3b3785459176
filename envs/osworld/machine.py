"""What OSWorld's API needs of a desktop, and how a desktop behind our wire provides it.

The API is answered on the host, by what the wire offers, and not inside the desktop: nothing is added to what runs
inside, no port opens there, and the agent, who has no way to the host, cannot reach an API that runs commands and
overwrites files for whoever asks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from envs import wire
from envs.errors import TaskFault
from envs.remote import Door, RemoteDesktop
from envs.types import Entry, Launch, Node, Put, Ran, Size, Window

LONGEST = 600.0
"""Seconds that the wire lets a command run."""
SLACK = 5.0
"""Seconds on top of a command's own time, so that its own end is seen before the wire's."""
BESIDE = 'exec 3>&2 2>/dev/null; timeout --signal=KILL "$0" "$@" 2>&3 3>&-; exit $?'
"""A shell says `Killed` of what was killed; OSWorld's server does not."""


class NotStarted(Exception):  # noqa: N818 - an answer of the machine
    """A program is not there, or cannot be run; the text is what Python says when it starts one."""


class Machine(Protocol):
    """A desktop as OSWorld's server sees it. Commands run as the desktop's user, in the session's environment."""

    @property
    def size(self) -> Size:
        """The screen."""
        ...

    def screenshot(self) -> bytes:
        """A PNG of the screen as it is now, with the pointer."""
        ...

    def tree(self) -> tuple[Node, ...]:
        """The accessibility tree."""
        ...

    def windows(self) -> tuple[Window, ...]:
        """The windows, bottom first."""
        ...

    def read_file(self, path: str) -> bytes:
        """See `Probe.read_file`."""
        ...

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """See `Probe.files`."""
        ...

    def put(self, path: str, data: bytes) -> None:
        """The file is there, with its folders, and the user's. Raises TaskFault when it cannot be."""
        ...

    def run(self, *argv: str, seconds: float) -> Ran:
        """Run it; what it leaves running goes on. Raises TimeoutError, having killed it, and NotStarted."""
        ...

    def launch(self, *argv: str) -> None:
        """Start it and return. Raises NotStarted."""
        ...

    def record(self, fps: int) -> None:
        """Record the screen. Raises ValueError when that is under way."""
        ...

    def recorded(self) -> bytes:
        """End the recording: an MP4. Raises ValueError when there is none."""
        ...


@dataclass(frozen=True)
class WireMachine:
    """A desktop of ours. Each call has a connection of its own: a long command holds up nothing else."""

    desktop: RemoteDesktop

    @property
    def size(self) -> Size:
        """See `Machine.size`."""
        return self.desktop.size

    def screenshot(self) -> bytes:
        """See `Machine.screenshot`."""
        box = self.desktop.sandbox
        with _closing(Door(box.folder / wire.AGENT, box.config.agent_token, box.cause)) as door:
            seen = door.call("look", wire.Look(), wire.Seen)
        return seen.png or b""

    def tree(self) -> tuple[Node, ...]:
        """See `Machine.tree`."""
        with self._scorer() as door:
            return door.call("tree", wire.GetTree(), wire.Tree).nodes

    def windows(self) -> tuple[Window, ...]:
        """See `Machine.windows`."""
        with self._scorer() as door:
            return door.call("windows", wire.GetWindows(), wire.Windows).windows

    def read_file(self, path: str) -> bytes:
        """See `Machine.read_file`."""
        with self._scorer() as door:
            return door.call("read_file", wire.ReadFile(path=path), wire.Bytes).data

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """See `Machine.files`."""
        with self._scorer() as door:
            return door.call("files", wire.Files(pattern=pattern), wire.Entries).entries

    def put(self, path: str, data: bytes) -> None:
        """See `Machine.put`."""
        with self._scorer() as door:
            door.call("put", wire.PutFiles(files=(Put(path=path, data=data),)), wire.Nothing)

    def run(self, *argv: str, seconds: float) -> Ran:
        """See `Machine.run`.

        The wire ends all that a command leaves in its process group, OSWorld's server does not: the command gets a
        session of its own, and its time is kept in there too.
        """
        seconds = min(seconds, LONGEST - SLACK)
        beside = ("setsid", "--fork", "--wait", "sh", "-c", BESIDE, f"{seconds:g}", *argv)
        request = wire.RunCommand(argv=beside, seconds=seconds + SLACK, display=True)
        began = time.monotonic()
        with self._scorer() as door:
            ran = door.call("run", request, Ran, seconds=request.seconds)
        if ran.code in (126, 127) and ran.stderr.startswith(b"timeout: "):
            raise NotStarted(_errno(ran.code, argv[0]))
        if ran.code == 137 and time.monotonic() - began >= seconds:
            raise TimeoutError(f"Command {list(argv)!r} timed out after {seconds:g} seconds")
        return ran

    def launch(self, *argv: str) -> None:
        """See `Machine.launch`."""
        try:
            with self._scorer() as door:
                door.call("launch", wire.StartApp(launch=Launch(argv=argv)), wire.Nothing)
        except TaskFault as fault:
            raise NotStarted(str(fault)) from fault

    def record(self, fps: int) -> None:
        """See `Machine.record`."""
        with self._scorer() as door:
            door.call("record", wire.StartRecording(fps=fps), wire.Nothing)

    def recorded(self) -> bytes:
        """See `Machine.recorded`."""
        with self._scorer() as door:
            return door.call("recorded", wire.StopRecording(), wire.Bytes).data

    def way(self, port: int) -> Path:
        """The Unix socket that leads to that port inside, opened if need be."""
        with self._scorer() as door:
            door.call("port", wire.OpenPort(port=port), wire.Nothing)
        return self.desktop.sandbox.folder / wire.way(port)

    @contextmanager
    def _scorer(self) -> Iterator[Door]:
        box = self.desktop.sandbox
        with _closing(Door(box.folder / wire.SCORER, box.config.scorer_token, box.cause)) as door:
            yield door


@contextmanager
def _closing(door: Door) -> Iterator[Door]:
    try:
        yield door
    finally:
        door.close()


def _errno(code: int, name: str) -> str:
    return (
        f"[Errno 2] No such file or directory: {name!r}" if code == 127 else f"[Errno 13] Permission denied: {name!r}"
    )
