"""Waiting on the host: for a condition, with a deadline. The only place on the host that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], *, deadline: float, pause: float = 0.05) -> T | None:
    """The first true value of `condition`, asked again every `pause` seconds; None after `deadline` seconds.

    It is asked at least once, and once more at the deadline.
    """
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        left = end - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(pause, left))  # noqa: TID251 - a condition and a deadline
