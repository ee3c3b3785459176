"""Whether what succeeded once succeeds again: pass@k, pass^k, how alike the runs of a task are."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

from envs.types import Closed
from scoring.resampling import Resampled, bootstrap_mean
from scoring.sizes import design_effect
from scoring.stats import Groups, average, task_means


class Passing(Closed):
    """Success in `k` runs, means over tasks: in any of them, in all of them, each with a bootstrap by task.

    `again` is in all of them, given the first: pass^k / pass^1. NaN where a task has fewer than k runs.
    """

    k: int
    any: float
    all: float
    any_bootstrap: Resampled
    all_bootstrap: Resampled
    again: float


class Variance(Closed):
    """One-way analysis of variance over tasks: where runs differ.

    between, within   mean squares
    likeness          ICC(1): the part of the variance that lies between tasks; below 0 it is 0 within noise
    inside, across    the variance components: within tasks, between tasks (not below 0)
    effect            the design effect at the mean number of runs
    flips             the chance that two runs of a task end differently: mean over tasks of 2 p (1 - p) k / (k - 1)
    """

    between: float
    within: float
    likeness: float
    inside: float
    across: float
    effect: float
    flips: float


def pass_any(runs: int, passed: int, k: int) -> float:
    """The chance that of k runs drawn from these at least one passed: 1 - C(n - c, k) / C(n, k) (Chen et al. 2021).

    Unbiased, where 1 - (1 - c/n)^k is not. NaN for fewer than k runs.
    """
    return 1 - math.comb(runs - passed, k) / math.comb(runs, k) if runs >= k else math.nan


def pass_all(runs: int, passed: int, k: int) -> float:
    """The chance that k runs drawn from these all passed: C(c, k) / C(n, k) (Yao et al. 2024). NaN for fewer runs."""
    return math.comb(passed, k) / math.comb(runs, k) if runs >= k else math.nan


def passing(groups: Groups, k: int, seed: int = 0) -> Passing:
    """Success in k runs, for runs of 0 or 1. Raises ValueError for k below 1."""
    if k < 1:
        raise ValueError(f"wanted at least one run, found {k}")
    counts = [(len(runs), round(sum(runs))) for _, runs in sorted(groups.items()) if runs]
    some = [pass_any(n, c, k) for n, c in counts]
    every = [pass_all(n, c, k) for n, c in counts]
    first = average([c / n for n, c in counts])
    return Passing(
        k=k,
        any=average(some),
        all=average(every),
        any_bootstrap=bootstrap_mean(some, seed),
        all_bootstrap=bootstrap_mean(every, seed),
        again=average(every) / first if first else math.nan,
    )


def variance(groups: Groups) -> Variance:
    """Split the variance of runs. NaN for fewer than two tasks, or where no task has two runs."""
    kept = [list(values) for _, values in sorted(groups.items()) if values]
    count, tasks = sum(map(len, kept)), len(kept)
    if tasks < 2 or count == tasks:
        return Variance(**dict.fromkeys(Variance.__struct_fields__, math.nan))
    mean = sum(map(sum, kept)) / count
    means = task_means(groups).values()
    between = sum(len(runs) * (own - mean) ** 2 for runs, own in zip(kept, means, strict=True)) / (tasks - 1)
    within = sum((run - own) ** 2 for runs, own in zip(kept, means, strict=True) for run in runs) / (count - tasks)
    runs = (count - sum(len(each) ** 2 for each in kept) / count) / (tasks - 1)
    whole = between + (runs - 1) * within
    likeness = (between - within) / whole if whole else math.nan
    return Variance(
        between=between,
        within=within,
        likeness=likeness,
        inside=within,
        across=max(0.0, (between - within) / runs),
        effect=design_effect(runs, likeness),
        flips=average([_flips(each) for each in kept if len(each) > 1]),
    )


def _flips(runs: Sequence[float]) -> float:
    part = sum(runs) / len(runs)
    return 2 * part * (1 - part) * len(runs) / (len(runs) - 1)


def agreement(runs: Mapping[str, Sequence[Sequence[Hashable]]], depth: int) -> float:
    """How often two runs of a task began with the same `depth` actions, mean over tasks. Shorter runs differ.

    NaN where no task has two runs.
    """
    return average(
        [_alike([tuple(run[:depth]) for run in tried], depth) for tried in runs.values() if len(tried) > 1]
    )


def _alike(begun: Sequence[tuple[Hashable, ...]], depth: int) -> float:
    pairs = list(combinations(begun, 2))
    return sum(len(first) == depth and first == second for first, second in pairs) / len(pairs)
