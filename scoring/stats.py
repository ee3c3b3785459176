"""How sure a number is: intervals and quantiles, with nothing invented where nothing was measured.

Tasks are what chance has drawn; the runs of one task are alike. A share over several runs of several tasks therefore
takes `cluster_wilson`, which claims less than Wilson's interval over all runs (that one covers some 80 % of the time
where it says 95 %, for three runs a task). Where one task is the question, its runs are the sample: `share`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from statistics import NormalDist
from typing import TypeAlias

from envs.types import Closed

LEVEL = 0.95
RESAMPLES = 2000
ROUNDING = 1e-12

Groups: TypeAlias = Mapping[str, Sequence[float]]
"""Values by what they cluster in, mostly a task template: its seeds and repeats. Empty groups do not count."""


class Interval(Closed):
    """Where a value lies, with that certainty, and by which method. NaN where nothing can be said.

    An end is infinite where nothing bounds the value on that side.
    """

    low: float
    high: float
    method: str
    level: float = LEVEL

    def holds(self, value: float) -> bool:
        """Whether the value lies inside, its ends included."""
        return self.low <= value <= self.high


class Estimate(Closed):
    """A value from `count` measurements, and the 95 % interval it lies in. NaN (null in JSON) when there are none."""

    value: float
    low: float
    high: float
    count: int
    method: str = ""


class Spread(Closed):
    """How `count` measurements are spread. NaN (null in JSON) when there are none."""

    median: float
    p95: float
    mean: float
    total: float
    count: int


UNKNOWN = Estimate(value=math.nan, low=math.nan, high=math.nan, count=0)


def normal(level: float = LEVEL) -> float:
    """The standard normal's quantile for a two-sided interval: 1.96 for 95 %."""
    return NormalDist().inv_cdf((1 + level) / 2)


def student(freedom: float, level: float = LEVEL) -> float:
    """Student's t quantile for a two-sided interval."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


def estimate(value: float, interval: Interval, count: int) -> Estimate:
    """The value with that interval, which must be of 95 %. Raises ValueError for another level."""
    if interval.level != LEVEL:
        raise ValueError(f"an estimate states its {LEVEL:.0%} interval, found one of {interval.level:.0%}")
    return Estimate(value=value, low=interval.low, high=interval.high, count=count, method=interval.method)


def wilson(part: float, count: float, level: float = LEVEL, method: str = "Wilson") -> Interval:
    """Wilson's score interval (1927): all p with |part - p| <= z sqrt(p (1 - p) / count).

    It stays inside 0 and 1 and has a width at both ends. `count` may be an effective one, not whole. Raises
    ValueError for a part outside 0 to 1 or no count.
    """
    if not 0 <= part <= 1 or count <= 0:
        raise ValueError(f"wanted a part between 0 and 1 of a count above 0, found {part!r} of {count!r}")
    z = normal(level)
    scale = 1 + z * z / count
    centre = (part + z * z / (2 * count)) / scale
    reach = z * math.sqrt(part * (1 - part) / count + (z / (2 * count)) ** 2) / scale
    low = 0.0 if part == 0 else min(max(centre - reach, 0.0), part)
    high = 1.0 if part == 1 else max(min(centre + reach, 1.0), part)
    return Interval(low=low, high=high, method=method, level=level)


def share(hits: int, count: int) -> Estimate:
    """Hits as a part of `count`, with Wilson's score interval: for independent trials, as the runs of one task."""
    if count == 0:
        return UNKNOWN
    return estimate(hits / count, wilson(hits / count, count), count)


def jeffreys(hits: int, count: int, level: float = LEVEL) -> Interval:
    """Quantiles of Beta(hits + 1/2, misses + 1/2); 0 below no hit and 1 above no miss (Brown, Cai, DasGupta 2001).

    Raises ValueError for no count or more hits than that.
    """
    from scipy.special import betaincinv

    _countable(hits, count)
    tail = (1 - level) / 2
    a, b = hits + 0.5, count - hits + 0.5
    low = 0.0 if hits == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if hits == count else float(betaincinv(a, b, 1 - tail))
    return Interval(low=low, high=high, method="Jeffreys", level=level)


def clopper(hits: int, count: int, level: float = LEVEL) -> Interval:
    """Clopper and Pearson's interval (1934), which covers at least as often as it says. Raises as `jeffreys` does."""
    from scipy.stats import binomtest

    _countable(hits, count)
    found = binomtest(hits, count).proportion_ci(confidence_level=level, method="exact")
    return Interval(low=float(found.low), high=float(found.high), method="Clopper-Pearson", level=level)


def _countable(hits: int, count: int) -> None:
    if not 0 <= hits <= count or count == 0:
        raise ValueError(f"wanted hits of a count above 0, found {hits} of {count}")


def none_of(count: int, level: float = LEVEL) -> float:
    """What a rate is below, with that certainty, after no event in `count` trials: 1 - (1 - level)^(1/count).

    One-sided. NaN for no trial: then nothing is known.
    """
    return 1 - (1 - level) ** (1 / count) if count else math.nan


def trials_for(rate: float, level: float = LEVEL) -> int:
    """How many trials without an event it takes to say, with that certainty, that the rate is below `rate`."""
    if not 0 < rate < 1:
        raise ValueError(f"wanted a rate between 0 and 1, found {rate!r}")
    return math.ceil(math.log(1 - level) / math.log(1 - rate))


def clustered_error(groups: Groups) -> float:
    """The standard error of the mean of all values, with the values of a group as alike as they are.

    sqrt(C / (C - 1) sum over groups of (sum of (x - mean))^2) / n, for C groups and n values (Liang and Zeger 1986).
    NaN for fewer than two groups.
    """
    kept = _kept(groups)
    if len(kept) < 2:
        return math.nan
    count = sum(map(len, kept))
    mean = sum(map(sum, kept)) / count
    squares = sum((sum(values) - len(values) * mean) ** 2 for values in kept)
    return math.sqrt(len(kept) / (len(kept) - 1) * squares) / count


def effective_count(mean: float, error: float, groups: int, count: int) -> float:
    """How many independent trials would be as uncertain: mean (1 - mean) / error^2, from `groups` to `count`.

    Where all is 0 or all is 1, or the error unknown, the data say nothing about likeness: then it is `groups`.
    """
    if not ROUNDING < mean < 1 - ROUNDING or math.isnan(error):
        return groups
    if error == 0:
        return count
    return min(max(mean * (1 - mean) / error**2, groups), count)


def cluster_wilson(groups: Groups) -> Estimate:
    """The mean of all values, each 0 to 1, with Wilson's interval at the effective count of the groups.

    For tasks as those: what chance drew is the groups. With one value each it is Wilson's interval.
    """
    kept = _kept(groups)
    count = sum(map(len, kept))
    if count == 0:
        return UNKNOWN
    mean = min(sum(map(sum, kept)) / count, 1.0)
    effective = effective_count(mean, clustered_error(groups), len(kept), count)
    return estimate(mean, wilson(mean, effective, method="cluster-Wilson"), count)


def effective(groups: Groups) -> float:
    """How many independent trials shares by group are as good as: what `cluster_wilson` takes. 0 without any."""
    kept = _kept(groups)
    count = sum(map(len, kept))
    if not count:
        return 0.0
    return effective_count(min(sum(map(sum, kept)) / count, 1.0), clustered_error(groups), len(kept), count)


def within_wilson(groups: Groups) -> Estimate:
    """The mean of all values, each 0 to 1, with an interval for these very groups: only repeats are chance.

    Wilson's interval at mean (1 - mean) / (s^2 / n), s^2 the variance inside groups, but at n or more: repeats all
    alike tell of no chance at all, which few repeats cannot show. Not bounded where no group was repeated.
    """
    kept = _kept(groups)
    count = sum(map(len, kept))
    if count == 0:
        return UNKNOWN
    mean, method = min(sum(map(sum, kept)) / count, 1.0), "Wilson by repeats, these tasks only"
    if count == len(kept):
        return Estimate(value=mean, low=math.nan, high=math.nan, count=count, method=method)
    squares = sum((value - sum(values) / len(values)) ** 2 for values in kept for value in values)
    inside = squares / (count - len(kept))
    effective = max(mean * (1 - mean) * count / inside, count) if inside else count
    return estimate(mean, wilson(mean, effective, method=method), count)


def cluster_t(groups: Groups) -> Estimate:
    """The mean of all values with Student's interval on the clustered error, groups less one degrees of freedom.

    For values that are no shares. It has no width where all groups are alike; NaN for one group.
    """
    kept = _kept(groups)
    count = sum(map(len, kept))
    if count == 0:
        return UNKNOWN
    mean, method = sum(map(sum, kept)) / count, "t by task"
    if len(kept) < 2:
        return Estimate(value=mean, low=math.nan, high=math.nan, count=count, method=method)
    reach = student(len(kept) - 1) * clustered_error(groups)
    return Estimate(value=mean, low=mean - reach, high=mean + reach, count=count, method=method)


def clustered_mean(groups: Groups, seed: int = 0) -> Estimate:
    """The mean of all values, with a bootstrap interval that draws whole groups with replacement.

    Repeats of one task are alike, so the tasks are what chance has drawn: drawing single values would claim
    more certainty than there is. Values all alike give a bootstrap no width, so there it is Wilson's interval
    for the number of groups where they are all 0 or all 1, and else 0 to 1.
    """
    kept = _kept(groups)
    count = sum(map(len, kept))
    if count == 0:
        return UNKNOWN
    value = sum(map(sum, kept)) / count
    if len({number for values in kept for number in values}) == 1 or len(kept) == 1:
        if value in (0.0, 1.0):
            return estimate(value, wilson(value, len(kept), method="Wilson by task"), count)
        return Estimate(value=value, low=0.0, high=1.0, count=count, method="none: nothing varied")
    sums = [(sum(values), len(values)) for values in kept]
    chance = Random(seed)
    means = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(sums, k=len(sums))
        means.append(sum(total for total, _ in drawn) / sum(number for _, number in drawn))
    tail = (1 - LEVEL) / 2
    return Estimate(
        value=value,
        low=quantile(means, tail),
        high=quantile(means, 1 - tail),
        count=count,
        method="bootstrap by task",
    )


def average(values: Sequence[float]) -> float:
    """The mean. NaN without values."""
    return sum(values) / len(values) if values else math.nan


def task_means(groups: Groups) -> dict[str, float]:
    """The mean of each group that has values, by name, in the order of names."""
    return {name: sum(values) / len(values) for name, values in sorted(groups.items()) if values}


def macro_mean(groups: Groups) -> float:
    """The mean of the groups' means, so that a task asked about twenty times weighs no more than one asked twice."""
    return average(list(task_means(groups).values()))


def pooled_mean(groups: Groups) -> float:
    """The mean of all values, in which a group weighs as much as it has values."""
    return average([value for values in _kept(groups) for value in values])


def _kept(groups: Groups) -> list[list[float]]:
    return [list(values) for _, values in sorted(groups.items()) if values]


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which that part lies, with straight lines between neighbours. NaN without values.

    Type 7 of Hyndman and Fan (1996), as numpy's default.
    """
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
        mean=average(values),
        total=sum(values),
        count=len(values),
    )
