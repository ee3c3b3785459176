"""A line of the table, and the two or three statistics that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median, quantiles

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measured figure. `limit` is what it is held to, in the same unit; None where it only stands beside one."""

    section: str
    what: str
    value: float
    unit: str
    n: int
    limit: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the limit holds; None without one."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def p50(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def p90(values: Sequence[float]) -> float:
    """The ninth decile."""
    return quantiles(values, n=10, method="inclusive")[8] if len(values) > 1 else values[0]


Section = Callable[[int], list[Row]]
"""Measures with at least that many repetitions a figure."""
