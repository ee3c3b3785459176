"""Boxes on a screen: what of them can be seen, and what they share."""

from __future__ import annotations

from envs.types import Rect, Size


def area(box: Rect) -> int:
    """In pixels."""
    return box.width * box.height


def shared(one: Rect, other: Rect) -> int:
    """Pixels that lie in both."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0, wide) * max(0, high)


def clipped(box: Rect, size: Size, least: int) -> Rect | None:
    """The part of it that is on the screen; None when a side of that has fewer than `least` pixels."""
    left, top = max(0, box.x), max(0, box.y)
    right, bottom = min(size.width, box.x + box.width), min(size.height, box.y + box.height)
    if right - left < least or bottom - top < least:
        return None
    return Rect(x=left, y=top, width=right - left, height=bottom - top)
