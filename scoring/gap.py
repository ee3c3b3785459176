"""The gap between understanding and control: whether two agents are at parity, and what a gap is made of.

Everything is paired by task: understanding and control of one task are of the same screens, each 0 to 1, and tasks
are what chance drew. `founding` compares two agents' gaps, `horizon` takes the length of tasks out, `association`
says how far one follows the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from envs.types import Closed
from scoring.paired import paired, t_interval
from scoring.resampling import Resampled, bootstrap_mean
from scoring.stats import LEVEL, Groups, Interval, average, macro_mean, none_of

MARGIN = 0.05
Verdict: TypeAlias = Literal[
    "parity", "behind_material", "ahead_material", "non_inferior", "non_superior", "undetermined"
]


class Parity(Closed):
    """Whether a difference (first less second) is none that matters, by two one-sided tests (Schuirmann 1987).

    `p` is of no difference, `p_equivalent` of a difference of `margin` or more (the larger of the one-sided two).
    `narrow` is the 90 % interval: inside the margins it says parity. The verdict is the first that holds:

        parity            narrow lies inside -margin to margin
        behind_material   all of the 95 % interval lies below -margin
        ahead_material    all of it lies above margin
        non_inferior      all of narrow lies above -margin
        non_superior      all of narrow lies below margin
        undetermined      none of these, or nothing was measured
    """

    difference: float
    error: float
    statistic: float
    p: float
    p_equivalent: float
    interval: Interval
    narrow: Interval
    margin: float
    non_inferior: bool
    equivalent: bool
    verdict: Verdict


class Rungs(Closed):
    """One task: understanding, the success of each of its solution's steps alone, and of the whole. All 0 to 1."""

    u: float
    steps: tuple[float, ...]
    control: float


class Split(Closed):
    """The gap u - control, in parts that add up to it exactly.

    knowing_doing   u - mean of steps: knows, and does not do it even once
    compounding     mean of steps - product of steps: each well, all of them seldom
    closed_loop     product of steps - control: above 0 memory, stopping, states off the path; below 0 it recovers
    """

    u: float
    step: float
    product: float
    control: float
    knowing_doing: float
    compounding: float
    closed_loop: float
    total: float


class Decomposition(Closed):
    """The split of each task, of their means, and the bootstrap by task of each part, by its name."""

    rows: tuple[Split, ...]
    mean: Split
    parts: dict[str, Resampled]


def parity(difference: float, error: float, margin: float = MARGIN, freedom: float = math.inf) -> Parity:
    """Judge a difference with that standard error; with finite `freedom` by Student's t, else by the normal.

    Raises ValueError for a margin of 0. NaN gives `undetermined`.
    """
    if margin <= 0:
        raise ValueError(f"wanted a margin above 0, found {margin!r}")
    wide, narrow = (t_interval(difference, error, freedom, level) for level in (LEVEL, 2 * LEVEL - 1))
    statistic = difference / error if error else math.nan
    sided = max(_above((difference + margin), error, freedom), _above(margin - difference, error, freedom))
    return _judged(
        difference, error, statistic, 2 * _above(abs(difference), error, freedom), sided, wide, narrow, margin
    )


def parity_of_shares(first: tuple[float, int], second: tuple[float, int], margin: float = MARGIN) -> Parity:
    """Judge two published shares with their counts, unpaired: error^2 = p (1 - p) / n of one plus of the other.

    For published rows only: what is known by task is paired (`parity_by_task`). Raises ZeroDivisionError for no
    count.
    """
    error = math.sqrt(sum(part * (1 - part) / count for part, count in (first, second)))
    return parity(first[0] - second[0], error, margin)


def parity_by_task(first: Groups, second: Groups, margin: float = MARGIN) -> Parity:
    """Judge first less second by the tasks both have, by Student's t.

    Where all tasks differ alike, t has no width, which T tasks cannot vouch for: there the bound is how large the
    part of tasks that differ otherwise may be, unseen in T (1 - 0.05^(1/T)).
    """
    made = paired(first, second)
    if made.tasks >= 2 and made.error > 0:
        return parity(made.mean, made.error, margin, made.tasks - 1)
    reach = none_of(made.tasks) if made.tasks >= 2 else math.nan
    wide, narrow = (
        Interval(
            low=max(-1.0, made.mean - reach), high=min(1.0, made.mean + reach), method="unseen events", level=each
        )
        for each in (LEVEL, 2 * LEVEL - 1)
    )
    return _judged(made.mean, made.error, math.nan, math.nan, math.nan, wide, narrow, margin)


def _judged(
    difference: float,
    error: float,
    statistic: float,
    p: float,
    p_equivalent: float,
    wide: Interval,
    narrow: Interval,
    margin: float,
) -> Parity:
    above, below = narrow.low > -margin, narrow.high < margin
    lattice: tuple[tuple[bool, Verdict], ...] = (
        (above and below, "parity"),
        (wide.high < -margin, "behind_material"),
        (wide.low > margin, "ahead_material"),
        (above, "non_inferior"),
        (below, "non_superior"),
    )
    return Parity(
        difference=difference,
        error=error,
        statistic=statistic,
        p=p,
        p_equivalent=p_equivalent,
        interval=wide,
        narrow=narrow,
        margin=margin,
        non_inferior=above,
        equivalent=above and below,
        verdict=next((verdict for holds, verdict in lattice if holds), "undetermined"),
    )


def _above(distance: float, error: float, freedom: float) -> float:
    """The chance that an error of that size makes `distance` or more of nothing."""
    from scipy.special import ndtr, stdtr

    if math.isnan(distance) or math.isnan(error) or error == 0:
        return math.nan
    return float(ndtr(-distance / error) if math.isinf(freedom) else stdtr(freedom, -distance / error))


def decompose(tasks: Sequence[Rungs], seed: int = 0) -> Decomposition:
    """Split each task's gap and their mean. Raises ValueError for a task without a step; NaN without tasks."""
    rows = tuple(map(_split, tasks))
    names = Split.__struct_fields__
    mean = Split(**{name: average([getattr(row, name) for row in rows]) for name in names})
    parts = {name: bootstrap_mean([getattr(row, name) for row in rows], seed) for name in names}
    return Decomposition(rows=rows, mean=mean, parts=parts)


def _split(task: Rungs) -> Split:
    if not task.steps:
        raise ValueError("wanted the success of at least one step, found a task without any")
    step, product = average(task.steps), math.prod(task.steps)
    return Split(
        u=task.u,
        step=step,
        product=product,
        control=task.control,
        knowing_doing=task.u - step,
        compounding=step - product,
        closed_loop=product - task.control,
        total=task.u - task.control,
    )


def shrunk(trials: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Each step's success from its few (hits, trials), drawn towards that of all steps given, as by one more trial.

    (hits + m) / (trials + 1) with m = (all hits + 1/2) / (all trials + 1): a Beta prior of weight one whose mean is
    the pool's, itself under Beta(1/2, 1/2). Give one app's steps. Without it one unlucky step would make a product 0;
    with a prior mean of 1/2 instead, ten perfect steps of three trials each would multiply to 0.26.
    """
    hits, count = (sum(each[place] for each in trials.values()) for place in (0, 1))
    pool = (hits + 0.5) / (count + 1)
    return {step: (hit + pool) / (tried + 1) for step, (hit, tried) in trials.items()}


def best_by_half(agents: Mapping[str, Groups]) -> tuple[str, float]:
    """The agent that is best on the first, third, ... task by name, and its mean over the other tasks.

    Choosing and estimating on the same tasks would flatter it (see `sizes.best_of`). Of equals, the first by name.
    Raises ValueError where no agent has two tasks.
    """
    tasks = sorted({task for groups in agents.values() for task, values in groups.items() if values})
    chosen, kept = set(tasks[::2]), set(tasks[1::2])
    able = {name: _over(groups, chosen) for name, groups in sorted(agents.items())}
    able = {name: mean for name, mean in able.items() if not math.isnan(mean)}
    if not able or not kept:
        raise ValueError(f"wanted an agent with tasks in both halves, found {len(tasks)} tasks of {sorted(agents)}")
    best = max(able, key=lambda name: able[name])
    return best, _over(agents[best], kept)


def _over(groups: Groups, tasks: set[str]) -> float:
    return macro_mean({task: values for task, values in groups.items() if task in tasks})
