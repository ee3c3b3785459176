"""Limits on what a desktop may take of the host: memory and processes, by cgroups of version 1 or 2.

Where cgroups cannot be written, a desktop runs without them; `handeye doctor` says so.
"""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from envs import lease
from envs.settle import until

ROOT = Path("/sys/fs/cgroup")
MEMORY = 4 << 30
PROCESSES = 1024
"""Processes and threads of a whole desktop, the server's included."""

_LIMITS: dict[int, dict[str, tuple[str, ...]]] = {
    1: {"memory": ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), "pids": ("pids.max",)},
    2: {"": ("memory.max", "memory.swap.max", "pids.max")},
}
"""By version: the controller's folder, and the files that hold its limits."""
_VALUES = {
    "memory.limit_in_bytes": MEMORY,
    "memory.memsw.limit_in_bytes": MEMORY,
    "memory.max": MEMORY,
    "memory.swap.max": 0,
    "pids.max": PROCESSES,
}


@dataclass(frozen=True)
class Fence:
    """The cgroups of one desktop; none where there are none to be had."""

    folders: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """The desktop's."""
        return self.folders[0].name if self.folders else ""

    def admit(self, pid: int) -> None:
        """The process, and what it starts from now on, is within the limits."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid), encoding="ascii")

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed something in here for want of memory."""
        for name in ("memory.oom_control", "memory.events"):
            for folder in self.folders:
                if (folder / name).exists():
                    killed = re.search(r"^oom_kill (\d+)", (folder / name).read_text(encoding="ascii"), re.MULTILINE)
                    return killed is not None and int(killed[1]) > 0
        return False

    def remove(self) -> None:
        """End what still runs in here, and remove the cgroups. What resists for five seconds is left to the next."""
        for folder in self.folders:
            until(lambda folder=folder: _removed(folder), deadline=5.0, pause=0.01)  # type: ignore[misc]  # bound now


def _removed(folder: Path) -> bool:
    try:
        for pid in (folder / "cgroup.procs").read_text(encoding="ascii").split():
            os.kill(int(pid), signal.SIGKILL)
        folder.rmdir()
    except FileNotFoundError:
        return True
    except (OSError, ProcessLookupError):
        return False
    return True


def _version() -> int:
    return 2 if (ROOT / "cgroup.controllers").exists() else 1


def fence(name: str) -> Fence:
    """New cgroups of that name with the limits set, as far as they are to be had."""
    version, made = _version(), []
    for controller, files in _LIMITS[version].items():
        folder = ROOT / controller / "handeye" / name
        if not (ROOT / controller).is_dir():
            continue
        try:
            _prepare(folder.parent, version)
            folder.mkdir()
            for file in files:
                if (folder / file).exists():
                    (folder / file).write_text(str(_VALUES[file]), encoding="ascii")
            made.append(folder)
        except OSError:
            continue  # no right to, or not delegated: `limits` tells
    return Fence(tuple(made))


def _prepare(parent: Path, version: int) -> None:
    parent.mkdir(exist_ok=True)
    if version == 2:
        for folder in (parent.parent, parent):
            (folder / "cgroup.subtree_control").write_text("+memory +pids", encoding="ascii")


def limits() -> tuple[str, ...]:
    """What can be limited here: of `memory` and `pids`."""
    trial = fence(f"{lease.me()}-trial")
    try:
        there = {file.name for folder in trial.folders for file in folder.iterdir()}
    finally:
        trial.remove()
    marks = {"memory": {"memory.max", "memory.limit_in_bytes"}, "pids": {"pids.max"}}
    return tuple(name for name, files in marks.items() if files & there)


def leftovers() -> tuple[Fence, ...]:
    """The cgroups of desktops whose owner no longer runs."""
    controllers = _LIMITS[_version()]
    folders = (each for name in controllers for each in (ROOT / name / "handeye").glob("*/"))
    return tuple(
        Fence((each,)) for each in folders if (owner := lease.parse(each.name)) is not None and not lease.alive(owner)
    )
