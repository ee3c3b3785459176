"""What other conventions would print for the same records, to be shown beside ours and never instead.

Each is in use somewhere, and each misleads: the functions say how.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from envs.types import Closed
from scoring.stats import Groups, Interval, pooled_mean, student


class Outcomes(Closed):
    """Counts of episodes: succeeded, failed, lost to faults that are ours, and ended by output nobody could read."""

    success: int
    failure: int
    infra: int
    invalid: int


class Policies(Closed):
    """One share of success, four ways.

    ours      our faults are run again and in no rate; unreadable output is a failure
    zeroed    our faults are failures too
    guessed   unreadable output counts as a guess among so many options
    dropped   our faults are left out and not run again: the same share as ours, with the hard tasks gone
    """

    ours: float
    zeroed: float
    guessed: float
    dropped: float
    infra_rate: float
    invalid_rate: float


def policies(found: Outcomes, options: int = 4) -> Policies:
    """The same episodes under each. `invalid_rate` is of the runs that are not ours to blame. NaN without runs."""
    own = found.success + found.failure + found.invalid
    every = own + found.infra
    return Policies(
        ours=_part(found.success, own),
        zeroed=_part(found.success, every),
        guessed=_part(found.success + found.invalid / options, own),
        dropped=_part(found.success, own),
        infra_rate=_part(found.infra, every),
        invalid_rate=_part(found.invalid, own),
    )


def guessed_answers(right: int, wrong: int, invalid: int, options: int) -> float:
    """The expected share right when unreadable answers are guessed: it pays for being unreadable."""
    return _part(right + invalid / options, right + wrong + invalid)


def independent_error(groups: Groups) -> float:
    """The standard error as if every run were of a task of its own: sqrt(s^2 / n). Too small where runs are alike."""
    values = [value for own in groups.values() for value in own]
    if len(values) < 2:
        return math.nan
    mean = pooled_mean(groups)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def unpaired_error(first: float, second: float) -> float:
    """A difference's standard error as if its sides were of different tasks. Too large where tasks are shared."""
    return math.hypot(first, second)


def plug_in_pass_all(groups: Groups, k: int) -> float:
    """pass^k as the mean of (c/n)^k over tasks: biased upwards, as the same runs are counted again."""
    parts = [(sum(own) / len(own)) ** k for own in groups.values() if own]
    return sum(parts) / len(parts) if parts else math.nan


def corrected_chi_square(first: int, second: int) -> tuple[float, float]:
    """McNemar's statistic with continuity correction and its p-value: an approximation that few pairs do not bear."""
    from scipy.special import chdtrc

    if not first + second:
        return math.nan, math.nan
    statistic = max(0, abs(first - second) - 1) ** 2 / (first + second)
    return statistic, float(chdtrc(1, statistic))


def delta_ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, Interval]:
    """A ratio's standard error and interval by the delta method: symmetric, and so below 0 for a cost."""
    import numpy as np

    count, a, b = len(above), float(np.mean(above)), float(np.mean(below))
    if count < 2 or b == 0:
        return math.nan, Interval(low=math.nan, high=math.nan, method="delta")
    rest = np.asarray(above, dtype=np.float64) - a / b * np.asarray(below, dtype=np.float64)
    error = float(rest.std(ddof=1)) / math.sqrt(count) / b
    reach = student(count - 1) * error
    return error, Interval(low=a / b - reach, high=a / b + reach, method="delta")


def mean_cost_of_success(costs: Sequence[float], passed: Sequence[bool]) -> float:
    """What successful episodes cost: as if failures were free."""
    paid = [cost for cost, well in zip(costs, passed, strict=True) if well]
    return sum(paid) / len(paid) if paid else math.nan


def nearest_rank(values: Sequence[float], part: float) -> float:
    """The quantile as the value of rank ceil(part n): the largest of few values. NaN without values."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)] if values else math.nan


def rule_of_three(count: int) -> float:
    """3 / n for the upper bound of a rate without an event: close for many trials, above 1 for fewer than three."""
    return 3 / count if count else math.nan


def always_infeasible(tasks: int, infeasible: int) -> float:
    """What an agent scores that calls every task infeasible, where such tasks are scored with the rest."""
    return _part(infeasible, tasks)


def _part(above: float, below: float) -> float:
    return above / below if below else math.nan
