"""Sees that what a family was given by name can be: before anything starts, in one line."""

from __future__ import annotations

from agent.codecs.base import Family
from envs.errors import BadInput


def checked(facts: Family, factor: int = 1, least_pixels: int = 1, most_pixels: int = 1) -> None:
    """Raises BadInput for an option out of range."""
    if facts.space not in ("pixels", "relative"):
        raise BadInput(f"{facts.name}: space is pixels or relative, not {facts.space!r}")
    if facts.batch not in ("all", "first"):
        raise BadInput(f"{facts.name}: batch is all or first, not {facts.batch!r}")
    if not (isinstance(facts.divisor, int | float) and facts.divisor > 0):
        raise BadInput(f"{facts.name}: divisor must be a positive number, not {facts.divisor!r}")
    if not (isinstance(facts.scroll_unit, int | float) and facts.scroll_unit > 0):
        raise BadInput(f"{facts.name}: scroll_unit must be a positive number, not {facts.scroll_unit!r}")
    if facts.pictures is not None and not (isinstance(facts.pictures, int) and facts.pictures >= 1):
        raise BadInput(f"{facts.name}: pictures must be at least 1, not {facts.pictures!r}")
    if not (isinstance(factor, int) and factor >= 1):
        raise BadInput(f"{facts.name}: factor must be a whole number from 1 on, not {factor!r}")
    if not (isinstance(least_pixels, int) and isinstance(most_pixels, int) and 1 <= least_pixels <= most_pixels):
        raise BadInput(f"{facts.name}: least_pixels and most_pixels must be whole numbers, the first not the larger")
