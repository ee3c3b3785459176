"""The desktop's wall clock, set by libfaketime: only processes started with its variables see it.

It is an offset from the machine's clock, so that every process sees the same time and it goes on. Times of files
are shown with the same offset, so what the user saves is saved "now". Monotonic clocks are shifted too: where
they are left alone Chromium opens no window.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from envs.server.trouble import Trouble

FORMAT = "%Y-%m-%d %H:%M:%S"


class Clock:
    """What is added to the machine's clock, in whole seconds; the machine's own until a moment is set."""

    def __init__(self, moment: str = "") -> None:
        self.offset = 0
        if moment:
            self.set(moment)

    def set(self, moment: str) -> None:
        """It is that moment (UTC) for what is started from now on. Raises Trouble of kind `scene`."""
        try:
            wanted = datetime.strptime(moment, FORMAT).replace(tzinfo=UTC)
        except ValueError as error:
            raise Trouble("scene", f"{moment!r} is no moment like 2026-03-02 09:00:00") from error
        if not _library():
            raise Trouble("internal", "the clock cannot be set: the image has no libfaketime")
        self.offset = round(wanted.timestamp() - time.time())

    def environment(self) -> dict[str, str]:
        """What a process needs to see the time; empty while it is the machine's."""
        if not self.offset:
            return {}
        return {
            "LD_PRELOAD": _library(),
            "FAKETIME": f"{self.offset:+d}s",
            "FAKETIME_DISABLE_SHM": "1",
        }


def _library() -> str:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return str(found[0]) if found else ""
