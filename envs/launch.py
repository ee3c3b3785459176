"""The embedded desktop: the image's root filesystem and server entered by bubblewrap, with no engine.

A sandbox has its own users, processes, network (loopback only), IPC and host name. Its root is a throw-away layer
over the read-only root filesystem; what the desktop's user can write to is in memory and of limited size. Its
root user has six capabilities, and these in the sandbox's own user namespace only; no set-uid program gives more.
Fresh, with its window manager up, it takes less time than an empty `docker run`.
"""

from __future__ import annotations

import json
import os
import resource
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import IO

import msgspec

from envs import fence, lease, wire
from envs.errors import BadInput, Gone
from envs.recipe import ensure_rootfs
from envs.remote import RemoteDesktop
from envs.staging import LIB, content, prepared
from envs.types import SCREEN, Size

MIB = 1 << 20
WRITABLE = (
    # The sizes add up to well under `fence.MEMORY`: a full disk must not become a want of memory.
    ("/run", 64 * MIB, "755"),
    ("/run/user/1000", 64 * MIB, "700"),
    ("/home/user", 1024 * MIB, "755"),
    ("/tmp", 768 * MIB, "1777"),
    ("/var/tmp", 128 * MIB, "1777"),
    ("/dev/shm", 512 * MIB, "1777"),
)
"""Where something can be written: a file system in memory, its bytes, its mode."""
CAPABILITIES = ("SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE")
USER_PROCESSES = 800
"""Most processes and threads of the desktop's user: below `fence.PROCESSES`, so that the server has room left."""
SERVER = ("/usr/bin/python3", "-S", "-s", "-P", "-m", "envs.server")
"""Without `site`, which takes 5 ms and would find nothing but Debian's packages."""
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONPATH": f"{LIB}:/usr/lib/python3/dist-packages",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class EmbeddedDesktop(RemoteDesktop):
    """A desktop in a bubblewrap sandbox on this machine. Raises BadInput where none can run.

    `mounts` are folders of the host by the place where they are seen inside, read-only.
    """

    def __init__(
        self, size: Size = SCREEN, *, settle: wire.Quiet = "strict", mounts: Mapping[str, Path] | None = None
    ) -> None:
        trouble = obstacle()
        if trouble:
            raise BadInput(f"the embedded desktop cannot run here: {trouble}")
        sweep()
        root = rootfs()
        super().__init__(lambda: enter(root, size, settle, mounts or {}))


def obstacle() -> str:
    """Why no embedded desktop can run here and what to do, in one line; empty when one can."""
    if os.geteuid() != 0:
        return "it needs root, to change users inside: use sudo, or --desktop docker"
    if shutil.which("bwrap") is None:
        return "bubblewrap is missing: apt-get install bubblewrap"
    return ""


def rootfs() -> Path:
    """The root filesystem: `HANDEYE_ROOTFS` where that is set, else the recipe's, built when it is missing."""
    chosen = os.environ.get("HANDEYE_ROOTFS")
    if chosen:
        return Path(chosen)
    return ensure_rootfs()


@cache
def sweep() -> None:
    """Once in a process: remove what dead ones left."""
    clean()


def clean() -> tuple[str, ...]:
    """Remove folders and cgroups of desktops whose process has died, and what may still run in them: their names."""
    folders, fences = lease.leftovers(), fence.leftovers()
    for left in fences:
        left.remove()
    for folder in folders:
        lease.drop(folder)
    return tuple(sorted({folder.name for folder in folders} | {left.name for left in fences}))


@dataclass
class Bubble:
    """A bubblewrap sandbox that has been started. `home` is its folder on the host, with everything it has there."""

    home: Path
    config: wire.Config
    process: subprocess.Popen[bytes]
    fence: fence.Fence

    def __post_init__(self) -> None:
        self._closing = threading.Lock()
        self._cause = ""

    @property
    def folder(self) -> Path:
        """See `Sandbox.folder`."""
        return self.home / "box"

    def cause(self) -> str:
        """See `Sandbox.cause`."""
        code = self.process.poll()
        if code is None or self._cause:
            return self._cause
        if self.fence.out_of_memory():
            return f"it ran out of memory ({fence.MEMORY >> 30} GiB)"
        killed = -code if code < 0 else code - 128 if code > 128 else 0
        if killed:
            return f"it was killed ({signal.Signals(killed).name})"
        return f"its server ended with code {code}: {last_words(self.home / 'log')}"

    def close(self) -> None:
        """See `Sandbox.close`."""
        with self._closing:
            self._cause = self.cause() or "it was closed"
            self.process.kill()
            self.process.wait()
            self.fence.remove()
            lease.drop(self.home)


def last_words(log: Path) -> str:
    """The last line of a server's log, to name what went wrong."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    return lines[-1].strip()[-300:] if lines else "it said nothing"


def enter(
    root: Path, size: Size, settle: wire.Quiet = "strict", mounts: Mapping[str, Path] = MappingProxyType({})
) -> Bubble:
    """Start a sandbox over the root filesystem. Raises Gone when bubblewrap refuses."""
    prepared(root)
    home = lease.take()
    config = write_config(home, kind="embedded", image=content(root), size=size, settle=settle)
    limits = fence.fence(home.name)
    try:
        process = _start(root, home, limits, mounts)
    except BaseException:
        limits.remove()
        lease.drop(home)
        raise
    return Bubble(home, config, process, limits)


def write_config(home: Path, *, kind: str, image: str, size: Size, settle: wire.Quiet) -> wire.Config:
    """Make the folder that becomes `/run/handeye`, with new tokens in it."""
    config = wire.Config(
        wire=wire.VERSION,
        agent_token=secrets.token_urlsafe(24),
        scorer_token=secrets.token_urlsafe(24),
        size=size,
        kind=kind,
        image=image,
        settle=settle,
    )
    box = home / "box"
    box.mkdir(mode=0o700)
    (box / wire.CONFIG).touch(mode=0o600)
    (box / wire.CONFIG).write_bytes(msgspec.json.encode(config))
    return config


@cache
def _spawner() -> ThreadPoolExecutor:
    """The thread that starts every sandbox: the kernel ends a sandbox with the thread that started it, so this
    one lives as long as the process."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


def _start(root: Path, home: Path, limits: fence.Fence, mounts: Mapping[str, Path]) -> subprocess.Popen[bytes]:
    """bubblewrap, held until its users are mapped and it is within its limits; then let go."""
    told, tell = os.pipe()
    held, release = os.pipe()
    with (home / "log").open("wb") as log, os.fdopen(told, "rb") as info, os.fdopen(release, "wb") as gate:
        try:
            command = [*_command(root, home, mounts, info=tell, hold=held), *SERVER]
            process = _spawner().submit(_spawn, command, (tell, held), log).result()
        finally:
            os.close(tell)
            os.close(held)
        said = info.read()
        if not said:
            process.wait()
            raise Gone(f"the desktop did not start: bubblewrap: {last_words(home / 'log')}")
        child = int(json.loads(said)["child-pid"])
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{name}").write_text("0 0 65536", encoding="ascii")
        resource.prlimit(child, resource.RLIMIT_NPROC, (USER_PROCESSES, USER_PROCESSES))
        resource.prlimit(child, resource.RLIMIT_CORE, (0, 0))
        limits.admit(child)
        gate.write(b"go")
    return process


def _spawn(command: list[str], numbers: tuple[int, int], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _command(root: Path, home: Path, mounts: Mapping[str, Path], *, info: int, hold: int) -> list[str]:
    return [
        *("bwrap", "--overlay-src", str(root), "--tmp-overlay", "/"),
        *("--unshare-user", "--userns-block-fd", str(hold), "--info-fd", str(info)),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--hostname", "desktop"),
        *("--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"),
        *_in_memory(),
        *("--bind", str(home / "box"), wire.FOLDER, "--ro-bind", str(prepared(root)), LIB),
        *(word for inside, folder in mounts.items() for word in ("--ro-bind", str(folder), inside)),
        "--clearenv",
        *(word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value)),
        *("--cap-drop", "ALL"),
        *(word for name in CAPABILITIES for word in ("--cap-add", f"CAP_{name}")),
        *("--chdir", "/", "--"),
    ]


def _in_memory() -> Iterator[str]:
    for path, size, mode in WRITABLE:
        yield from ("--perms", mode, "--size", str(size), "--tmpfs", path)
