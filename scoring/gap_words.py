"""How a study's numbers are said: shares with their intervals, verdicts, and refusals to conclude."""

from __future__ import annotations

import math

from scoring.gap import Parity
from scoring.plots import part, points, signed
from scoring.stats import Estimate, Interval

DASH = "–"
TOLD = 0.1
"""The difference for which it is said what it would take to find it."""
VERDICTS = {
    "parity": "parity",
    "behind_material": "open is behind, by enough to matter",
    "ahead_material": "open is ahead, by enough to matter",
    "non_inferior": "open is not worse by enough to matter; it may be better",
    "non_superior": "open is not better by enough to matter; it may be worse",
    "undetermined": "undetermined",
}


def share(found: Estimate) -> str:
    """A share with its interval and what it is of: `83 % (55 to 95 %, n=12)`."""
    if math.isnan(found.value):
        return DASH
    count = f"n={found.count}"
    if math.isnan(found.low):
        return f"{_percent(found.value)} % ({count}, too few for an interval)"
    return f"{_percent(found.value)} % ({_percent(found.low)} to {_percent(found.high)} %, {count})"


def _percent(value: float) -> str:
    return signed(round(100 * value))


def interval(found: Interval | None) -> str:
    """An interval of a difference of shares, in points."""
    if found is None or math.isnan(found.low):
        return DASH
    return f"{_reach(found)} points"


def told(value: float, sure: Interval | None) -> str:
    """A difference of shares with its interval: `12 points (-3 to 27)`."""
    if sure is None or math.isnan(sure.low):
        return points(value)
    if sure.low == sure.high:
        return f"{points(value)} (the same in every task)"
    return f"{points(value)} ({_reach(sure)})"


def _reach(sure: Interval) -> str:
    """The ends of an interval of a difference of shares, which cannot be more than 100 points."""
    return f"{_percent(max(sure.low, -1.0))} to {_percent(min(sure.high, 1.0))}"


def rate(value: float) -> str:
    """A share in a table, or a dash where nothing was measured."""
    return DASH if math.isnan(value) else part(value)


def p_value(value: float) -> str:
    """A p-value to three digits."""
    if math.isnan(value):
        return DASH
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def undetermined(tasks: int, detectable: float) -> str:
    """The refusal to conclude, with what could have been found."""
    if math.isnan(detectable) or detectable >= 1:
        return f"undetermined: {tasks} task{'' if tasks == 1 else 's'} cannot tell any difference from none"
    more = f"; {points(TOLD)} would take {wanted(tasks, detectable)} tasks" if detectable > TOLD else ""
    return (
        f"undetermined: with {tasks} task{'' if tasks == 1 else 's'} a difference under {points(detectable)} "
        f"cannot be told from none{more}"
    )


def wanted(tasks: int, detectable: float, difference: float = TOLD) -> int:
    """How many tasks as those would find a difference, where so many find one of `detectable` (see `sizes`)."""
    return math.ceil(tasks * (detectable / difference) ** 2 - 1e-9)


def number_of(count: int, one: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{count} {one}{'' if count == 1 else 's'}"


def verdict(found: Parity, name: str = "open") -> str:
    """A verdict of parity in words; `name` is who comes first in the difference."""
    return VERDICTS[found.verdict].replace("open", name)
