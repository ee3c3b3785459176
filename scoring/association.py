"""How far control follows understanding: conversion of one into the other, and their correlation freed of noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from envs.types import Closed
from scoring.paired import Discordance
from scoring.resampling import Resampled, bootstrap
from scoring.stats import ROUNDING, UNKNOWN, Estimate, estimate, share, wilson

if TYPE_CHECKING:
    from scoring.resampling import Floats, Rows

TAU = 0.8
SWEEP = (0.6, 0.7, 0.8, 0.9)


class Conversion(Closed):
    """What becomes of understanding: control of tasks understood (u >= tau) and of others, with Wilson's interval.

    `difference` is the first less the second, by Newcombe's interval; `lift` their ratio, infinite without the
    second. `unused` is the part of all tasks understood and not done, `without` of those done and not understood (a
    short cut, or a bank that misses the point). `auc` is how often a task done was understood better than one not
    done, ties a half. `fisher` is Fisher's exact two-sided p-value, NaN where some task was done in some of its runs
    only.
    """

    tau: float
    understood: int
    rate: Estimate
    other: Estimate
    difference: Estimate
    lift: float
    unused: float
    without: float
    auc: float
    fisher: float


class Correlation(Closed):
    """A correlation over tasks, freed of the noise of both sides.

    `first` and `second` are the reliabilities of the two from their halves, `seen` the correlation of the halves'
    means, `value` what it would be without noise: seen / sqrt(first second). It may exceed 1 by chance and is not cut
    off; `bootstrap` says how sure it is, over the draws in which both reliabilities are above 0.
    """

    first_half: float
    second_half: float
    first: float
    second: float
    seen: float
    value: float
    bootstrap: Resampled


class Agreement(Closed):
    """How a judge agrees with the scorer, the judge's `pass` being the prediction. NaN where nothing was counted."""

    agreement: float
    kappa: float
    precision: float
    recall: float


def conversion(understanding: Sequence[float], control: Sequence[float], tau: float = TAU) -> Conversion:
    """Convert task by task; control is 0 or 1, or the part of a task's runs. Raises ValueError for two lengths."""
    pairs = list(zip(understanding, control, strict=True))
    able = [c for u, c in pairs if u >= tau]
    rest = [c for u, c in pairs if u < tau]
    rate, other = _share(able), _share(rest)
    whole = all(c in (0, 1) for c in control)
    return Conversion(
        tau=tau,
        understood=len(able),
        rate=rate,
        other=other,
        difference=newcombe(rate, other),
        lift=_ratio(rate.value, other.value),
        unused=sum(1 - c for c in able) / len(pairs) if pairs else math.nan,
        without=sum(rest) / len(pairs) if pairs else math.nan,
        auc=auc(understanding, control),
        fisher=fisher(_table(able, rest)) if whole else math.nan,
    )


def sweep(understanding: Sequence[float], control: Sequence[float]) -> dict[float, Estimate]:
    """The rate of conversion where more or less is called understood."""
    return {tau: conversion(understanding, control, tau).rate for tau in SWEEP}


def crossed(found: Discordance) -> Conversion:
    """The same from counts: first is understanding, second control. `tau` is NaN and `auc` that of the counts."""
    able = [1.0] * found.both + [0.0] * found.first
    rest = [1.0] * found.second + [0.0] * found.neither
    made = conversion([1.0] * len(able) + [0.0] * len(rest), able + rest, tau=0.5)
    return Conversion(**{name: getattr(made, name) for name in made.__struct_fields__} | {"tau": math.nan})


def _table(able: Sequence[float], rest: Sequence[float]) -> Discordance:
    done, alone = round(sum(able)), round(sum(rest))
    return Discordance(both=done, first=len(able) - done, second=alone, neither=len(rest) - alone)


def _share(values: Sequence[float]) -> Estimate:
    if not values:
        return UNKNOWN
    mean = sum(values) / len(values)
    return estimate(mean, wilson(mean, len(values)), len(values))


def _ratio(above: float, below: float) -> float:
    if math.isnan(above) or math.isnan(below):
        return math.nan
    return above / below if below else math.inf if above else math.nan


def newcombe(first: Estimate, second: Estimate) -> Estimate:
    """The difference of two independent shares, with Newcombe's interval (1998, method 10) of their Wilson ones."""
    value = first.value - second.value
    return Estimate(
        value=value,
        low=value - math.hypot(first.value - first.low, second.high - second.value),
        high=value + math.hypot(first.high - first.value, second.value - second.low),
        count=first.count + second.count,
        method="Newcombe",
    )


def fisher(found: Discordance) -> float:
    """Fisher's exact two-sided p-value of a table of two by two. NaN for an empty one."""
    from scipy.stats import fisher_exact

    if not found.count:
        return math.nan
    return float(fisher_exact([[found.both, found.first], [found.second, found.neither]]).pvalue)


def phi(found: Discordance) -> float:
    """The correlation of two yes-no things (Pearson's phi). NaN where one of them never varied."""
    yes, no = found.both + found.first, found.second + found.neither
    done, undone = found.both + found.second, found.first + found.neither
    scale = math.sqrt(yes * no * done * undone)
    return (found.both * found.neither - found.first * found.second) / scale if scale else math.nan


def auc(scores: Sequence[float], outcomes: Sequence[float]) -> float:
    """How often one that happened scored above one that did not, ties a half. Outcomes are 0 or 1, or parts of runs.

    Mann and Whitney's statistic. NaN where all happened or none did.
    """
    pairs = [
        (happened * (1 - other), (score > below) + 0.5 * (score == below))
        for score, happened in zip(scores, outcomes, strict=True)
        for below, other in zip(scores, outcomes, strict=True)
    ]
    weight = sum(part for part, _ in pairs)
    return sum(part * won for part, won in pairs) / weight if weight else math.nan


def spearman_brown(halves: float) -> float:
    """The reliability of a whole from the correlation of its halves: 2 r / (1 + r)."""
    return 2 * halves / (1 + halves) if halves > -1 else math.nan


def disattenuated(
    first: tuple[Sequence[float], Sequence[float]], second: tuple[Sequence[float], Sequence[float]], seed: int = 0
) -> Correlation:
    """Correlate two things over tasks, each measured in two halves (of its items, of its runs). Spearman (1904).

    NaN where a half never varies or a reliability is not above 0. Raises ValueError for sides of several lengths.
    """
    import numpy as np

    sides = [np.asarray(half, dtype=np.float64) for half in (*first, *second)]
    if len({len(side) for side in sides}) != 1:
        raise ValueError(f"wanted four halves of the same tasks, found {[len(side) for side in sides]} values")
    halves, seen = _correlations(sides, np.arange(len(sides[0]))[None, :])
    return Correlation(
        first_half=float(halves[0][0]),
        second_half=float(halves[1][0]),
        first=spearman_brown(float(halves[0][0])),
        second=spearman_brown(float(halves[1][0])),
        seen=float(seen[0]),
        value=float(freed(sides, np.arange(len(sides[0]))[None, :])[0]),
        bootstrap=bootstrap(lambda rows: freed(sides, rows), len(sides[0]), seed),
    )


def freed(sides: Sequence[Floats], rows: Rows) -> Floats:
    """The correlation freed of noise, of four halves at each row's tasks; NaN where a reliability is not above 0.

    Halves that do not correlate at all are told by more than rounding: a reliability of 1e-17 would give -1e8.
    """
    import numpy as np

    halves, seen = _correlations(sides, rows)
    first, second = (np.where(half > ROUNDING, 2 * half / (1 + np.maximum(half, 0)), np.nan) for half in halves)
    return np.asarray(seen / np.sqrt(first * second))


def _correlations(sides: Sequence[Floats], rows: Rows) -> tuple[tuple[Floats, Floats], Floats]:
    u1, u2, c1, c2 = (side[rows] for side in sides)
    return (_pearson(u1, u2), _pearson(c1, c2)), _pearson((u1 + u2) / 2, (c1 + c2) / 2)


def _pearson(first: Floats, second: Floats) -> Floats:
    """The correlation of each row; NaN where one side does not vary."""
    import numpy as np

    a = first - first.mean(axis=1, keepdims=True)
    b = second - second.mean(axis=1, keepdims=True)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    scale = np.where(scale > ROUNDING, scale, np.nan)
    return np.asarray((a * b).sum(axis=1) / scale)


def agreement(found: Discordance) -> Agreement:
    """Compare a judge (second) with the scorer (first). Cohen's kappa: (seen - by chance) / (1 - by chance)."""
    count = found.count
    if not count:
        return Agreement(agreement=math.nan, kappa=math.nan, precision=math.nan, recall=math.nan)
    seen = (found.both + found.neither) / count
    first, second = (found.both + found.first) / count, (found.both + found.second) / count
    chance = first * second + (1 - first) * (1 - second)
    return Agreement(
        agreement=seen,
        kappa=(seen - chance) / (1 - chance) if chance < 1 else math.nan,
        precision=share(found.both, found.both + found.second).value,
        recall=share(found.both, found.both + found.first).value,
    )
