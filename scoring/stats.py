"""How sure a number is: intervals and quantiles, with nothing invented where nothing was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random

from envs.types import Closed

LEVEL = 0.95
RESAMPLES = 2000


class Estimate(Closed):
    """A value from `count` measurements, and the 95 % interval it lies in. NaN (null in JSON) when there are none."""

    value: float
    low: float
    high: float
    count: int


class Spread(Closed):
    """How `count` measurements are spread. NaN (null in JSON) when there are none."""

    median: float
    p95: float
    mean: float
    total: float
    count: int


UNKNOWN = Estimate(value=math.nan, low=math.nan, high=math.nan, count=0)


def share(hits: int, count: int) -> Estimate:
    """Hits as a part of `count`, with Wilson's score interval, which stays inside 0 and 1 for small counts."""
    if count == 0:
        return UNKNOWN
    from scipy.stats import binomtest

    interval = binomtest(hits, count).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Estimate(value=hits / count, low=float(interval.low), high=float(interval.high), count=count)


def clustered_mean(groups: Mapping[str, Sequence[float]], seed: int = 0) -> Estimate:
    """The mean of all values, with a bootstrap interval that draws whole groups with replacement.

    Repeats of one task are alike, so the tasks are what chance has drawn: drawing single values would claim
    more certainty than there is. Values all alike give a bootstrap no width, so there it is Wilson's interval
    for the number of groups where they are all 0 or all 1, and else 0 to 1.
    """
    kept = [list(values) for _, values in sorted(groups.items()) if values]
    count = sum(map(len, kept))
    if count == 0:
        return UNKNOWN
    value = sum(map(sum, kept)) / count
    if len({number for values in kept for number in values}) == 1 or len(kept) == 1:
        bounds = share(round(value) * len(kept), len(kept)) if value in (0.0, 1.0) else None
        return Estimate(
            value=value, low=bounds.low if bounds else 0.0, high=bounds.high if bounds else 1.0, count=count
        )
    sums = [(sum(values), len(values)) for values in kept]
    chance = Random(seed)
    means = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(sums, k=len(sums))
        means.append(sum(total for total, _ in drawn) / sum(number for _, number in drawn))
    tail = (1 - LEVEL) / 2
    return Estimate(value=value, low=quantile(means, tail), high=quantile(means, 1 - tail), count=count)


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which that part lies, with straight lines between neighbours. NaN without values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = (len(ordered) - 1) * part
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> Spread:
    """Median, 95th percentile, mean and sum."""
    return Spread(
        median=quantile(values, 0.5),
        p95=quantile(values, 0.95),
        mean=sum(values) / len(values) if values else math.nan,
        total=sum(values),
        count=len(values),
    )
