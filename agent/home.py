"""What an episode finds and leaves: the files of the home folder that a person sees there, and what has a window.

It is read where the agent may do harm, so at a bounded cost, and nothing in a file is opened up on this side.
"""

from __future__ import annotations

from hashlib import sha256

from envs.desktop import Probe
from envs.errors import DesktopFault
from envs.types import Entry
from scoring.record import Left

HOME = "/home/user"
MOST, LARGEST = 400, 8 << 20
"""No more files than that are read, and none with more bytes: of the others the size is told."""


def listed(see: Probe) -> list[Entry]:
    """The files in the home folder; none that is hidden, or in something hidden."""
    tops = [entry for entry in see.files(f"{HOME}/*") if not _hidden(entry.path)]
    inside = [entry for top in tops if top.kind == "folder" for entry in see.files(f"{top.path}/**/*")]
    return [entry for entry in (*tops, *inside) if entry.kind == "file" and not _hidden(entry.path)]


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def found(see: Probe) -> Left | None:
    """What is there now. None where it cannot be told: a verdict never hangs on it."""
    try:
        files = {entry.path: _held(see, entry, place) for place, entry in enumerate(listed(see))}
        return Left(files=files, programs=tuple(sorted({window.app for window in see.windows()} - {""})))
    except (DesktopFault, OSError, ValueError):
        return None


def _held(see: Probe, entry: Entry, place: int) -> str:
    """The first digits of the SHA-256 of what it holds, else its size."""
    if place < MOST and entry.size <= LARGEST:
        try:
            return sha256(see.read_file(entry.path)).hexdigest()[:16]
        except DesktopFault:
            raise
        except (OSError, ValueError):
            pass  # gone meanwhile, or not to be read
    return f"{entry.size} bytes"
