"""How far a scorer can be trusted: what it says of executed near misses and of other right ways, and what follows."""

from __future__ import annotations

import math

from envs.types import Closed
from scoring.stats import LEVEL, UNKNOWN, Estimate, share, wilson


class Trust(Closed):
    """A scorer's error rates, with Wilson's intervals.

    `killed` is the share of near misses it failed, `false_pass` of those it passed, `false_fail` of right end states
    it failed; `youden` is 1 - false_pass - false_fail: 1 for a perfect scorer, 0 for one that says nothing. `sound`
    is whether solutions pass and doing nothing fails, each time.
    """

    killed: Estimate
    false_pass: Estimate
    false_fail: Estimate
    youden: float
    sound: bool


class Ran(Closed):
    """How many of those end states were scored, and how many of them passed."""

    count: int
    passed: int


def trust(near_misses: Ran, equivalents: Ran, solutions: Ran, idle: Ran) -> Trust:
    """Judge a scorer by its mutation test. Solutions and idle runs are gates, in no rate."""
    killed = share(near_misses.count - near_misses.passed, near_misses.count)
    false_pass = share(near_misses.passed, near_misses.count)
    false_fail = share(equivalents.count - equivalents.passed, equivalents.count)
    return Trust(
        killed=killed,
        false_pass=false_pass,
        false_fail=false_fail,
        youden=1 - false_pass.value - false_fail.value,
        sound=solutions.passed == solutions.count > 0 and idle.passed == 0 < idle.count,
    )


def rogan_gladen(seen: float, false_pass: float, false_fail: float) -> float:
    """The true share behind a seen one: (seen - FPR) / (1 - FPR - FNR), cut to 0 to 1 (Rogan and Gladen 1978).

    NaN for a scorer that is no better than chance.
    """
    youden = 1 - false_pass - false_fail
    return min(max((seen - false_pass) / youden, 0.0), 1.0) if youden > 0 else math.nan


def corrected_success(seen: Estimate, found: Trust, effective: float | None = None) -> Estimate:
    """Success corrected for the scorer's errors, and bounded by all that is not known of them.

    The bounds are the worst of three intervals of 1 - 0.05 / 3 each, of success (at its `effective` count), false
    passes and false fails, so that they hold together 95 % of the time (Bonferroni). Near misses are no random draw
    of failures: quote it as a bound. Without a mutation test nothing is known.
    """
    if not (seen.count and found.false_pass.count and found.false_fail.count):
        return UNKNOWN
    level = 1 - (1 - LEVEL) / 3
    shown = wilson(seen.value, effective or seen.count, level)
    passes, fails = (wilson(each.value, each.count, level) for each in (found.false_pass, found.false_fail))
    low = rogan_gladen(shown.low, passes.high, fails.low)
    high = rogan_gladen(shown.high, passes.low, fails.high)
    return Estimate(
        value=rogan_gladen(seen.value, found.false_pass.value, found.false_fail.value),
        low=0.0 if math.isnan(low) else low,
        high=1.0 if math.isnan(high) else high,
        count=seen.count,
        method="Rogan-Gladen over Wilson's intervals",
    )
