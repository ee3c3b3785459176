"""A Docker engine: the one that answers, or one of our own for as long as it is needed.

Our own needs root and an installed dockerd. It keeps its images in CACHE/docker, listens on a socket of its own,
changes no firewall and has no network to give; it ends with the process that started it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from envs import lease
from envs.container import ENGINE, connect
from envs.errors import BadInput
from envs.recipe import cache
from envs.settle import until

DEFAULT = Path("/var/run/docker.sock")
START_WITHIN = 60.0
STOP_WITHIN = 30.0
_SET_PDEATHSIG = 1


def answering() -> str:
    """The address of an engine that answers: `DOCKER_HOST`'s, else the default socket's; empty when none does."""
    address = os.environ.get("DOCKER_HOST") or f"unix://{DEFAULT}"
    return "" if trouble(address) else address


def trouble(address: str) -> str:
    """Why the engine at the address is of no use to us, in one line; empty when it is."""
    try:
        connect(address).close()
    except BadInput as error:
        return str(error)
    return ""


@contextmanager
def engine() -> Iterator[str]:
    """The address of an engine that answers; one that is started for it is stopped at the end. Raises BadInput."""
    found = answering()
    if found:
        yield found
        return
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        raise BadInput(f"no Docker engine answers and none can be started here: {ENGINE}")
    data = cache() / "docker"
    data.mkdir(parents=True, exist_ok=True)
    with _alone(data) as lock, ThreadPoolExecutor(max_workers=1) as starter:
        home = lease.take()
        # The thread outlives the engine: the kernel ends it with the thread that started it.
        process = starter.submit(_start, home, data, lock).result()
        address = f"unix://{home}/docker.sock"
        try:
            _await(process, home, address)
            yield address
        finally:
            _stop(process)
            lease.drop(home)


@contextmanager
def _alone(data: Path) -> Iterator[int]:
    """A lock on the data: one engine at a time. The engine holds it too, should it outlive this process."""
    with data.with_name("docker.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(
                "handeye: another process has a Docker engine of its own on the same data: waiting for it\n"
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _start(home: Path, data: Path, lock: int) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None)
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *("dockerd", "--host", f"unix://{home}/docker.sock", "--data-root", str(data)),
                *("--exec-root", f"{home}/exec", "--pidfile", f"{home}/pid"),
                *("--iptables=false", "--ip6tables=false", "--bridge=none"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
            preexec_fn=lambda: libc.prctl(_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - no lock is taken in it
        )


def _await(process: subprocess.Popen[bytes], home: Path, address: str) -> None:
    answers = until(
        lambda: process.poll() is not None or ((home / "docker.sock").exists() and not trouble(address)),
        deadline=START_WITHIN,
    )
    if not answers or process.poll() is not None:
        lines = (home / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise BadInput(f"a Docker engine of our own did not start: {lines[-1] if lines else 'it said nothing'}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
