"""Files, both ways. What the user put there may be a trap: a link to our sockets, a pipe, a folder that loops.

Reading is done as root, so that a check sees what the user has hidden from himself, and refuses anything but
regular files outside the kernel's and our own folders. Writing is done with the user's own rights on files
(`setfsuid`, which holds for one thread), so a link planted by the user leads to nothing he could not write.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from envs.server.people import USER
from envs.server.trouble import Trouble
from envs.types import Entry, Put

LARGEST = 64 << 20
MOST_ENTRIES = 20_000
CLOSED = ("/run/handeye", "/proc", "/sys", "/dev")
"""Never read: ours, the kernel's, and devices."""

Kind = Literal["file", "folder", "link", "other"]
KINDS: Final[dict[int, Kind]] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}

_libc = ctypes.CDLL(None)


def read_file(path: str) -> bytes:
    """The file's bytes. Raises Trouble: `missing`, `folder`, `too_big`, or `denied` for what is no file."""
    _absolute(path)
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Trouble("missing", f"no file {path!r}") from error
    except OSError as error:
        raise Trouble("denied", f"cannot open {path!r}: {error.strerror}") from error
    found = os.fstat(number)
    if stat.S_ISDIR(found.st_mode):
        os.close(number)
        raise Trouble("folder", f"{path!r} is a folder")
    with os.fdopen(number, "rb") as file:
        # Where it led is asked of the open file: the path may lead elsewhere by now.
        if not stat.S_ISREG(found.st_mode) or _closed(str(Path(f"/proc/self/fd/{number}").readlink())):
            raise Trouble("denied", f"{path!r} is not a file that can be read")
        if found.st_size > LARGEST:
            raise Trouble("too_big", f"{path!r} has {found.st_size} bytes; the limit is {LARGEST}")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Trouble("too_big", f"{path!r} has more than {LARGEST} bytes")
    return data


def files(pattern: str) -> tuple[Entry, ...]:
    """What matches, sorted by path. `**` does not follow links; names with a leading dot match like others."""
    _absolute(pattern)
    found = []
    try:
        for path in Path("/").glob(pattern.lstrip("/")):
            if not _closed(str(path)):
                found.append(path)
            if len(found) > MOST_ENTRIES:
                raise Trouble("too_big", f"more than {MOST_ENTRIES} files match {pattern!r}")
    except (ValueError, NotImplementedError) as error:
        raise Trouble("bad_request", f"{pattern!r} is no pattern: {error}") from error
    return tuple(entry for path in sorted(found) if (entry := _entry(path)) is not None)


def put(wanted: Put, *, now: float) -> None:
    """The file is there, with its folders, and the user's; `now` is the time it gets if it brings none.

    Raises Trouble of kind `scene` when it cannot be.
    """
    _absolute(wanted.path)
    try:
        with _as_user():
            folder = Path(wanted.path).parent
            folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(wanted.path, flags, 0o600), "wb") as file:
                file.write(wanted.data)
                file.flush()
                os.fchmod(file.fileno(), wanted.mode & 0o777)
                made = now if wanted.mtime is None else wanted.mtime
                os.utime(file.fileno(), (made, made))
            # A file manager shows when a folder changed: not at a time that differs from one start to the next.
            for changed in (folder, *folder.parents):
                if changed.is_relative_to(USER.home):
                    os.utime(changed, (now, now))
    except OSError as error:
        raise Trouble("scene", f"cannot place {wanted.path!r}: {error.strerror}") from error


@contextmanager
def _as_user() -> Iterator[None]:
    """This thread has the user's rights on files."""
    _libc.setfsgid(USER.uid)
    _libc.setfsuid(USER.uid)
    try:
        yield
    finally:
        _libc.setfsuid(0)
        _libc.setfsgid(0)


def _absolute(path: str) -> None:
    if not path.startswith("/") or "\0" in path:
        raise Trouble("bad_request", f"{path!r} is not an absolute path")


def _closed(path: str) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in CLOSED)


def _entry(path: Path) -> Entry | None:
    try:
        found = path.lstat()
    except OSError:
        return None  # gone meanwhile
    kind = KINDS.get(stat.S_IFMT(found.st_mode), "other")
    return Entry(path=str(path), size=found.st_size, mtime=found.st_mtime, kind=kind)
