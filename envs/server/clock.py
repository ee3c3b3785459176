"""The desktop's wall clock: programs of its user read `/run/clock` when they start, and add what it says.

The image preloads the reader into every one of them (`docker/clock.c` says why it is not libfaketime). Wall clocks
are moved, and what the user does to files is told as done in the second at which the scene began; monotonic clocks
stay the machine's, and so does what root sees of files.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from pathlib import Path

from envs.server.trouble import Trouble

FORMAT = "%Y-%m-%d %H:%M:%S"
DEFAULT = "2026-03-02 09:00:00"
"""The moment at which a desktop starts when its scene names none: the same for everybody, on any day."""
FILE = Path("/run/clock")


def put(moment: str) -> None:
    """It is that moment (UTC; `DEFAULT` if empty) for what is started from now on. Raises Trouble `scene`.

    Files know the desktop's life from the first call on.
    """
    try:
        wanted = datetime.strptime(moment or DEFAULT, FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Trouble("scene", f"{moment!r} is no moment like {DEFAULT}") from error
    real = time.time_ns()
    began = int(_held()[2]) if FILE.exists() else real
    first = int(wanted.timestamp())
    new = FILE.with_suffix(".new")
    new.write_text(f"{math.ceil(first - real / 1e9)} {first} {began}\n", encoding="ascii")
    new.replace(FILE)


def start() -> float:
    """The moment at which the scene began, in seconds since the epoch: the same in each play, as no clock is."""
    return float(_held()[1])


def _held() -> tuple[str, str, str]:
    """Seconds to add to the real time, the moment put last, and the real one of the first `put` in nanoseconds."""
    shift, moment, began = FILE.read_text(encoding="ascii").split()
    return shift, moment, began
