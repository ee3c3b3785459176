"""What a play leaves behind: one word for all files in the home folder that a person sees there.

Plays end with it in the record, so that a play with something done wrong can be told from one in which that changed
nothing, without asking the task's own checks. Two files are the same if they hold the same: of packed ones (office
files, tar, gzip) what is packed, without when it was.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from agent.home import listed
from envs.desktop import Probe
from envs.errors import DesktopFault
from envs.types import Finish
from scoring.understanding.collect import LEFT
from tasks.base import Play, Step

_WHEN = re.compile(r"(meta\.xml|settings\.xml|docProps/.*|Thumbnails/.*|Configurations2/.*)")
"""What of an office file says when and where it was saved, not what is in it."""


def told(play: Play) -> Play:
    """The play, with what it left behind said at its end."""

    def whole(see: Probe) -> Iterator[Step]:
        for step in play(see):
            if any(isinstance(action, Finish) for action in step.actions):
                yield replace(step, intent=f"{LEFT}{left(see)}")
                return
            yield step
        yield Step(intent=f"{LEFT}{left(see)}", actions=(Finish(),))

    return whole


def left(see: Probe) -> str:
    """The same for homes in which the same files hold the same."""
    found = sha256()
    for path, what in sorted(files(see).items()):
        found.update(f"{path}\0{what}\0".encode())
    return found.hexdigest()[:16]


def files(see: Probe) -> dict[str, str]:
    """What each of the files holds, in a word; what is hidden is left out."""
    return {entry.path: _held(see, entry.path) or f"{entry.size} bytes" for entry in listed(see)}


def _held(see: Probe, path: str) -> str:
    """What is in a file; empty where it cannot be read."""
    try:
        data = see.read_file(path)
    except DesktopFault:
        raise
    except (OSError, ValueError):
        return ""
    found = sha256()
    for part in _unpacked(data):
        found.update(sha256(part).digest())
    return found.hexdigest()


def _unpacked(data: bytes) -> Iterator[bytes]:
    try:
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                for name in sorted(packed.namelist()):
                    if not _WHEN.fullmatch(name):
                        yield from (name.encode(), packed.read(name))
                return
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as packed:
            for member in sorted(packed.getmembers(), key=lambda each: each.name):
                inside = packed.extractfile(member)
                yield from (member.name.encode(), inside.read() if inside else b"")
        return
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, tarfile.TarError):
        pass  # it is none, or only begins like one
    yield data
