"""The desktop's wall clock: programs of its user read `/run/clock` when they start, and add what it says.

The image preloads the reader into every one of them (`docker/clock.c` says why it is not libfaketime). Only wall
clocks are moved: monotonic ones and the times that the kernel gives to files stay the machine's.
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
    """It is that moment (UTC; `DEFAULT` if empty) for what is started from now on. Raises Trouble `scene`."""
    try:
        wanted = datetime.strptime(moment or DEFAULT, FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Trouble("scene", f"{moment!r} is no moment like {DEFAULT}") from error
    new = FILE.with_suffix(".new")
    new.write_text(f"{math.ceil(wanted.timestamp() - time.time())}\n", encoding="ascii")
    new.replace(FILE)


def now() -> float:
    """Seconds since the epoch, as the desktop's programs see them."""
    return time.time() + int(FILE.read_text(encoding="ascii"))
