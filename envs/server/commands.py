"""Commands and programs, run as the desktop's user."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import IO

from envs.server import windows
from envs.server.display import Display
from envs.server.people import USER
from envs.server.trouble import Trouble
from envs.types import Launch, Ran

MOST_OUTPUT = 16 << 20
"""Bytes kept of each of the two outputs; the rest is read and dropped."""
SETTLED_WITHIN = 3.0
"""Seconds for the window manager to maximise or focus a window."""


def run(argv: tuple[str, ...], environment: dict[str, str], *, seconds: float) -> Ran:
    """Run it to completion. Raises Trouble of kind `timeout`, having killed its whole process group."""
    try:
        process = start(argv, environment, out=subprocess.PIPE, err=subprocess.PIPE)
    except FileNotFoundError:
        return Ran(code=127, stderr=f"{argv[0]}: not found".encode())
    except PermissionError:
        return Ran(code=126, stderr=f"{argv[0]}: not executable".encode())
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        out, err = _collect(process, (process.stdout, process.stderr), seconds)
        return Ran(code=process.wait(), stdout=out, stderr=err)
    finally:
        _kill_group(process)
        process.stdout.close()
        process.stderr.close()


def start(
    argv: tuple[str, ...],
    environment: dict[str, str],
    *,
    out: int | IO[bytes],
    err: int | IO[bytes],
    asked: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start it as the user, in a session and process group of its own.

    Raises FileNotFoundError or PermissionError; Trouble when the user may not start anything more.
    """
    if not argv:
        raise Trouble("bad_request", "a command has at least one word")
    try:
        return subprocess.Popen(
            argv,
            stdin=asked,
            stdout=out,
            stderr=err,
            cwd=USER.home,
            env=environment,
            user=USER.uid,
            group=USER.uid,
            extra_groups=(),
            start_new_session=True,
        )
    except BlockingIOError as error:
        raise Trouble("internal", f"cannot start {argv[0]!r}: the user's processes are at their limit") from error
    except ValueError as error:
        raise Trouble("bad_request", f"cannot start {argv!r}: {error}") from error


def launch(display: Display, wanted: Launch, environment: dict[str, str]) -> None:
    """Start a program and wait for its window. Raises Trouble of kind `scene` when it does not come."""
    from tempfile import TemporaryFile

    with TemporaryFile() as said:
        try:
            process = start(wanted.argv, environment, out=subprocess.DEVNULL, err=said)
        except OSError as error:
            raise Trouble("scene", f"cannot start {wanted.argv[0]!r}: {error.strerror}") from error
        if not wanted.window:
            return
        found = display.until(
            lambda: bool(process.poll()) or windows.matching(display, wanted.window) is not None,
            seconds=wanted.deadline,
        )
        window = windows.matching(display, wanted.window)
        if not found or window is None:
            raise Trouble("scene", _missing(display, wanted, process, said))
    _bring_forward(display, window.id, maximised=wanted.maximised)


def _bring_forward(display: Display, window: int, *, maximised: bool) -> None:
    if maximised:
        windows.maximise(display, window)
        display.until(lambda: windows.maximised(display, window), seconds=SETTLED_WITHIN)
    windows.activate(display, window)
    display.until(lambda: display.words(display.root, "_NET_ACTIVE_WINDOW") == [window], seconds=SETTLED_WITHIN)


def _missing(display: Display, wanted: Launch, process: subprocess.Popen[bytes], said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, os.SEEK_END) - 400))
    last = said.read().decode("utf-8", "replace").strip()
    there = [window.title for window in windows.windows(display)]
    ended = "" if process.poll() is None else f"; it ended with code {process.returncode}"
    return (
        f"{' '.join(wanted.argv)!r} showed no window matching {wanted.window!r} within {wanted.deadline:g} s"
        f"{ended}; windows: {there}" + (f"; it said: {last}" if last else "")
    )


def _collect(
    process: subprocess.Popen[bytes], pipes: tuple[IO[bytes], IO[bytes]], seconds: float
) -> tuple[bytes, bytes]:
    """What it writes until it ends; a child of its own that keeps the pipes open is not waited for."""
    end = time.monotonic() + seconds
    kept = {pipe.fileno(): bytearray() for pipe in pipes}
    over = os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as ready:
            ready.register(over, selectors.EVENT_READ)
            for number in kept:
                os.set_blocking(number, False)
                ready.register(number, selectors.EVENT_READ)
            while True:
                left = end - time.monotonic()
                if left <= 0:
                    raise Trouble("timeout", f"{process.args!r} had not ended after {seconds:g} s")
                found = {key.fd for key, _ in ready.select(left)}
                for number in found & kept.keys():
                    if _drain(number, kept[number]):
                        ready.unregister(number)
                if found == {over}:
                    return bytes(kept[pipes[0].fileno()]), bytes(kept[pipes[1].fileno()])
    finally:
        os.close(over)


def _drain(number: int, kept: bytearray) -> bool:
    """Take what is there, once; whether the pipe has ended."""
    try:
        got = os.read(number, 1 << 20)
    except BlockingIOError:
        return False
    kept += got[: max(0, MOST_OUTPUT - len(kept))]
    return not got


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Whatever is left of it ends."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
