"""Whose a desktop is: so that what a `kill -9` left behind is found by the next run, and nothing else is touched.

Everything that a desktop has on the host (its folder, its cgroups, its container's label) carries its owner: the
machine's boot, the process and when that started. A process id alone comes round again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from functools import cache
from pathlib import Path

from envs.types import Closed


class Owner(Closed):
    """A process: `boot` the first eight characters of the boot's id, `started` in clock ticks since boot."""

    boot: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.boot}-{self.pid}-{self.started}"


def parse(text: str) -> Owner | None:
    """The owner that `text` begins with, written by `str`; None when it names none."""
    parts = text.split("-")
    if len(parts) < 3 or not (parts[1].isdigit() and parts[2].isdigit()):
        return None
    return Owner(boot=parts[0], pid=int(parts[1]), started=int(parts[2]))


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]


def _started(pid: int) -> int | None:
    """When the process started; None when there is none. Field 22 of proc(5)'s stat; the name may hold spaces."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def me() -> Owner:
    """This process."""
    pid = os.getpid()
    started = _started(pid)
    assert started is not None
    return Owner(boot=_boot(), pid=pid, started=started)


def alive(owner: Owner) -> bool:
    """Whether the process still runs."""
    return owner.boot == _boot() and _started(owner.pid) == owner.started


def place() -> Path:
    """The folder (mode 0700) of this person's running desktops. Short, for a socket's path has 107 characters."""
    who = os.geteuid()
    root = Path("/run/handeye-desktops") if who == 0 else Path(tempfile.gettempdir(), f"handeye-{who}")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = root.stat()
    if found.st_uid != who or found.st_mode & 0o077:
        raise PermissionError(f"{root} must be a folder of mode 0700 of the user with id {who}")
    return root


def take() -> Path:
    """A new folder for one desktop, named after its owner."""
    folder = place() / f"{me()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


def leftovers() -> tuple[Path, ...]:
    """Folders whose owner no longer runs."""
    return tuple(
        sorted(each for each in place().iterdir() if (owner := parse(each.name)) is not None and not alive(owner))
    )


def drop(folder: Path) -> None:
    """Remove a desktop's folder; nothing happens when it is gone already."""
    shutil.rmtree(folder, ignore_errors=True)
