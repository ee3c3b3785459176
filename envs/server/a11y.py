"""The accessibility tree, as the reader tells it: a process of the user's, which he may end at any time."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TypeVar

import msgspec

from envs.server.commands import start
from envs.server.people import clean_environment
from envs.server.trouble import Trouble
from envs.types import HitTest
from envs.wire import Tree

Told = TypeVar("Told", Tree, HitTest)
SECONDS = 20.0
"""For one tree. The reader itself gives each application a second."""
LARGEST = 64 << 20
COMMAND = (sys.executable, "-s", "-P", "-m", "envs.server.reader")


class Accessibility:
    """Keeps a reader and asks it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Have a reader running: applications list themselves only once somebody has asked."""
        with self._lock:
            self._running()

    def tree(self) -> Tree:
        """The tree. A reader that has ended is replaced once. Raises Trouble when there is none to be had."""
        return self._told(b"tree\n", Tree)

    def hits(self) -> HitTest:
        """The tree with hit-tests. Raises as `tree` does."""
        return self._told(b"hits\n", HitTest)

    def _told(self, question: bytes, kind: type[Told]) -> Told:
        with self._lock:
            for _ in range(2):
                try:
                    return msgspec.msgpack.decode(self._ask(self._running(), question), type=kind)
                except (OSError, msgspec.MsgspecError) as error:
                    self._end()
                    problem = error
            raise Trouble("internal", f"the accessibility tree cannot be read: {problem}") from problem

    def end(self) -> None:
        """No reader is left."""
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._reader is None or self._reader.poll() is not None:
            environment = clean_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
            self._reader = start(
                COMMAND, environment, out=subprocess.PIPE, err=subprocess.DEVNULL, asked=subprocess.PIPE
            )
        return self._reader

    def _ask(self, reader: subprocess.Popen[bytes], question: bytes) -> bytes:
        assert reader.stdin is not None
        assert reader.stdout is not None
        end = time.monotonic() + SECONDS
        os.write(reader.stdin.fileno(), question)
        length = int.from_bytes(_take(reader.stdout.fileno(), 8, end), "big")
        if length > LARGEST:
            raise ConnectionError(f"the reader announces {length} bytes")
        return _take(reader.stdout.fileno(), length, end)

    def _end(self) -> None:
        if self._reader is not None:
            self._reader.kill()
            self._reader.communicate()
            self._reader = None


def _take(number: int, count: int, end: float) -> bytes:
    """Exactly so many bytes, by then. Raises OSError."""
    got = bytearray()
    while len(got) < count:
        ready, _, _ = select.select([number], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(f"the reader had sent {len(got)} of {count} bytes after {SECONDS:g} s")
        part = os.read(number, count - len(got))
        if not part:
            raise ConnectionError("the reader has ended")
        got += part
    return bytes(got)
