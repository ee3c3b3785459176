"""What it takes to use an agent: where the time goes, what a success costs, how many steps, what disturbs it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from envs.types import Closed
from scoring.paired import discordance, mcnemar
from scoring.resampling import Resampled, bootstrap
from scoring.stats import LEVEL, Estimate, Interval, none_of, share, student


class Attempt(Closed):
    """One episode: what it cost, in one currency, and whether it succeeded."""

    cost: float
    passed: bool


Attempts: TypeAlias = Mapping[str, Sequence[Attempt]]
"""By task."""


class Cost(Closed):
    """Cost per success: everything spent over the number of successes; infinite when nothing succeeded.

    fieller       Fieller's interval (1954) with tasks as clusters; open above where success is not surely above 0
    g             (t error / mean)^2 of successes: at 1 or more the interval is open
    bootstrap     percentile interval by task, of the draws with a success; `kept` is their part
    at_least      with no success, what it costs at the highest rate of success that 95 % allow; else None
    failed        the part of all spending that went to failures
    per_failure   the mean cost of a failure
    """

    value: float
    fieller: Interval
    g: float
    bootstrap: Resampled
    at_least: float | None
    failed: float
    per_failure: float


class Work(Closed):
    """One episode: whether it passed, the steps of its solution and the steps taken."""

    passed: bool
    solution: int
    taken: int


class Efficiency(Closed):
    """`ratio` is the geometric mean of taken over solution's steps where it passed, NaN where nothing did.

    `weighted` is the mean of passed * solution / max(solution, taken) over all (as SPL: Anderson et al. 2018), 0 to
    1.
    """

    ratio: float
    weighted: float


class Recovery(Closed):
    """The same tasks and seeds without and with a fault put in.

    `lost` is the success that the fault took, `kept` the part of clean successes that also succeeded with it, `ratio`
    faulty over clean success (flattered where luck mends what the fault broke), `p` McNemar's exact p-value.
    """

    clean: float
    faulty: float
    lost: float
    kept: Estimate
    ratio: float
    p: float


def cost_per_success(attempts: Attempts, seed: int = 0) -> Cost:
    """What a success costs, failures paid for. NaN without attempts."""
    import numpy as np

    tasks = [list(tried) for _, tried in sorted(attempts.items()) if tried]
    every = [each for tried in tasks for each in tried]
    costs = np.array([sum(each.cost for each in tried) for tried in tasks])
    passed = np.array([float(sum(each.passed for each in tried)) for tried in tasks])
    spent, successes = float(costs.sum()), float(passed.sum())
    interval, g = fieller(costs.tolist(), passed.tolist())
    failures = [each.cost for each in every if not each.passed]
    return Cost(
        value=_over(spent, successes),
        fieller=interval,
        g=g,
        bootstrap=bootstrap(
            lambda rows: np.asarray(costs[rows].sum(axis=1) / _positive(passed[rows].sum(axis=1))), len(tasks), seed
        ),
        at_least=lowest_cost(spent, len(every)) if every and not successes else None,
        failed=sum(failures) / spent if spent else math.nan,
        per_failure=sum(failures) / len(failures) if failures else math.nan,
    )


def lowest_cost(spent: float, attempts: int, level: float = LEVEL) -> float:
    """What a success costs at least, with that certainty, when none of so many attempts succeeded."""
    return spent / (attempts * none_of(attempts, level)) if attempts else math.nan


def fieller(above: Sequence[float], below: Sequence[float], level: float = LEVEL) -> tuple[Interval, float]:
    """Fieller's interval of sum(above) / sum(below), pairs being clusters, and g. Both sides 0 or more.

    All r with (A - r B)^2 <= t^2 var(A - r B), A and B the means. With g = t^2 var(B) / B^2 of 1 or more, B may be 0
    and the set has no upper end. NaN for fewer than two clusters.
    """
    import numpy as np

    count, method = len(above), "Fieller by task"
    nothing = Interval(low=math.nan, high=math.nan, method=method, level=level)
    if count < 2:
        return nothing, math.nan
    t = student(count - 1, level)
    a, b = float(np.mean(above)), float(np.mean(below))
    (va, vab), (_, vb) = t * t * np.cov(above, below) / count
    if b == 0:
        return Interval(low=0.0, high=math.inf, method=method, level=level), math.inf
    g, leading, middle = float(vb) / (b * b), b * b - float(vb), a * b - float(vab)
    within = middle * middle - leading * (a * a - float(va))
    if leading > 0:
        reach = math.sqrt(max(within, 0.0))
        return _range((middle - reach) / leading, (middle + reach) / leading, method, level), g
    if leading == 0 or within <= 0:
        return Interval(low=0.0, high=math.inf, method=method, level=level), g
    upper = (middle - math.sqrt(within)) / leading
    return _range(upper, math.inf, method, level), g


def _range(low: float, high: float, method: str, level: float) -> Interval:
    return Interval(low=max(low, 0.0), high=high, method=method, level=level)


def _positive(values: object) -> object:
    import numpy as np

    given = np.asarray(values, dtype=np.float64)
    return np.where(given > 0, given, np.nan)


def _over(above: float, below: float) -> float:
    return above / below if below else math.inf if above else math.nan


def parts(steps: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each part of the time of steps (model, desktop, settling, harness) as a share of it all. NaN without time."""
    names = sorted({name for step in steps for name in step})
    totals = {name: sum(step.get(name, 0.0) for step in steps) for name in names}
    whole = sum(totals.values())
    return {name: total / whole if whole else math.nan for name, total in totals.items()}


def throughput(episodes: int, wall: float) -> float:
    """Finished episodes an hour, of `wall` seconds. NaN for no time."""
    return episodes * 3600 / wall if wall else math.nan


def utilisation(busy: float, slots: int, wall: float) -> float:
    """The part of the slots' time in which they were busy: busy seconds of all slots over slots * wall seconds."""
    return busy / (slots * wall) if slots and wall else math.nan


def drift(episodes: Mapping[str, Sequence[float]]) -> Estimate:
    """By how many seconds a step is slower than the one before: the mean slope over episodes, Student's t by episode.

    Each slope is of least squares against the step's number. Episodes of one step have none; NaN without any.
    """
    slopes = [_slope(seconds) for _, seconds in sorted(episodes.items()) if len(seconds) > 1]
    mean, method = sum(slopes) / len(slopes) if slopes else math.nan, "t by episode"
    if len(slopes) < 2:
        return Estimate(value=mean, low=math.nan, high=math.nan, count=len(slopes), method=method)
    error = math.sqrt(sum((slope - mean) ** 2 for slope in slopes) / (len(slopes) - 1) / len(slopes))
    reach = student(len(slopes) - 1) * error
    return Estimate(value=mean, low=mean - reach, high=mean + reach, count=len(slopes), method=method)


def _slope(values: Sequence[float]) -> float:
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    squares = sum((place - middle) ** 2 for place in range(len(values)))
    return sum((place - middle) * (value - mean) for place, value in enumerate(values)) / squares


def efficiency(episodes: Sequence[Work]) -> Efficiency:
    """How many steps were taken against the solution's. Raises ValueError for an episode without steps."""
    if any(each.solution < 1 or each.taken < 1 for each in episodes):
        raise ValueError("wanted episodes of at least one step with solutions of at least one step")
    logs = [math.log(each.taken / each.solution) for each in episodes if each.passed]
    weighted = [each.passed * each.solution / max(each.solution, each.taken) for each in episodes]
    return Efficiency(
        ratio=math.exp(sum(logs) / len(logs)) if logs else math.nan,
        weighted=sum(weighted) / len(weighted) if weighted else math.nan,
    )


def recovery(clean: Sequence[bool], faulty: Sequence[bool]) -> Recovery:
    """Compare episodes with a fault to the same without, pair by pair. Raises ValueError for two lengths."""
    found = discordance(clean, faulty)
    tested = mcnemar(found)
    without = (found.both + found.first) / found.count if found.count else math.nan
    under = (found.both + found.second) / found.count if found.count else math.nan
    return Recovery(
        clean=without,
        faulty=under,
        lost=without - under,
        kept=share(found.both, found.both + found.first),
        ratio=under / without if without else math.nan,
        p=tested.exact,
    )


def frontier(points: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Who is not beaten: of (cost, success), those for whom no other is at least as good in both and better in one.

    Cheapest first. Give the lower end of success's interval, so that nobody is on it by luck.
    """
    kept = [
        name
        for name, (cost, success) in points.items()
        if not any(
            other_cost <= cost and other >= success and (other_cost, other) != (cost, success)
            for other_cost, other in points.values()
        )
    ]
    return tuple(sorted(kept, key=lambda name: (points[name], name)))
