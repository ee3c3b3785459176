"""What answers to items are worth: guessing taken out, tasks weighted alike, invalid answers never guessed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

from envs.types import Closed
from scoring.stats import (
    UNKNOWN,
    Estimate,
    Groups,
    average,
    cluster_wilson,
    effective_count,
    share,
    task_means,
    wilson,
)

LEAK = 0.05


class Answer(Closed):
    """An item's worth, 0 to 1, and what blind guessing is expected to get: 1/4 for one of four, 1/n for n targets."""

    worth: float
    guess: float = 0.0


class Validity(Closed):
    """The share right when invalid answers are wrong, left out, or all right: the truth lies between first and last.

    `valid` is the share of answers that could be read. NaN where there are none.
    """

    strict: Estimate
    valid_only: float
    upper: float
    valid: float


class Rotations(Closed):
    """Items asked in several orders of their options.

    `mean` is the mean of all, `all` the share right in every order, `corrected` that with guessing taken out,
    `inconsistent` the share right in some orders only: luck, or a liking for a place.
    """

    mean: float
    all: float
    guess: float
    corrected: float
    inconsistent: float


class Detection(Closed):
    """Telling done from not done (signal detection).

    hits         said done of those done (TPR)
    rejections   said not done of those not done (TNR)
    balanced     their mean; `corrected` is 2 balanced - 1: 0 for whoever says always the same
    mcc          Matthews' correlation; NaN where only one thing was said or true
    sensitivity  d' = z(TPR) - z(FPR), with 1/2 added to counts and 1 to totals (log-linear: Hautus 1995)
    criterion    c = -(z(TPR) + z(FPR)) / 2: below 0 too willing to say done
    overclaim    said done of those not done
    """

    hits: float
    rejections: float
    balanced: float
    corrected: float
    mcc: float
    sensitivity: float
    criterion: float
    overclaim: float


class Ordering(Closed):
    """An order of sub-goals against what must come before what.

    `tau` is Kendall's, against one true order; `kept` the share of constraints that hold; `valid` whether all do;
    `orders` how many orders do, and `guess` the chance that a random one does.
    """

    exact: bool
    tau: float
    kept: float
    valid: bool
    orders: int
    guess: float


def corrected(worth: float, guess: float) -> float:
    """A worth with guessing taken out: (y - g) / (1 - g). 0 for guessing, 1 for all right, below 0 for worse.

    The same takes out a blind run's share, or a floor of agents that do nothing. Raises ValueError for a guess of 1.
    """
    if not 0 <= guess < 1:
        raise ValueError(f"wanted a guess from 0 to below 1, found {guess!r}")
    return (worth - guess) / (1 - guess)


def uncorrected(score: float, guess: float) -> float:
    """What is seen of a corrected score: g + (1 - g) y."""
    return guess + (1 - guess) * score


def rung(answers: Mapping[str, Sequence[Answer]]) -> Estimate:
    """The score of a rung: mean over tasks of the mean corrected worth of their items.

    The interval is Wilson's at the effective count, on the scale where 0 is all wrong, carried back: it reaches below
    0 where guessing does, and has a width where all is right. Its method names it so.
    """
    raised = _raised(answers)
    if raised is None:
        return UNKNOWN
    mean, floor, count, part, effective = raised
    interval = wilson(part, effective)
    return Estimate(
        value=mean,
        low=floor + (1 - floor) * interval.low,
        high=floor + (1 - floor) * interval.high,
        count=count,
        method="cluster-Wilson, corrected",
    )


def effective_answers(answers: Mapping[str, Sequence[Answer]]) -> float:
    """How many independent answers a rung's score is as good as. 0 without answers."""
    raised = _raised(answers)
    return 0.0 if raised is None else raised[4]


def _raised(answers: Mapping[str, Sequence[Answer]]) -> tuple[float, float, int, float, float] | None:
    """The score, what all wrong would score, the answers, the score where that is 0, and the effective count."""
    worths = {task: [corrected(each.worth, each.guess) for each in own] for task, own in answers.items() if own}
    means = list(task_means(worths).values())
    if not means:
        return None
    floors = {task: [corrected(0.0, each.guess) for each in own] for task, own in answers.items() if own}
    floor = average(list(task_means(floors).values()))
    count, mean = sum(map(len, worths.values())), average(means)
    error = math.nan
    if len(means) > 1:
        error = math.sqrt(sum((each - mean) ** 2 for each in means) / (len(means) - 1) / len(means))
    raised = min(max((mean - floor) / (1 - floor), 0.0), 1.0)
    return mean, floor, count, raised, effective_count(raised, error / (1 - floor), len(means), count)


def blind_corrected(seen: Groups, blind: Groups) -> float:
    """What seeing adds: (acc - blind) / (1 - blind), means over tasks' means. NaN where the blind run knows all."""
    means = [average(list(task_means(groups).values())) for groups in (seen, blind)]
    return corrected(means[0], means[1]) if means[1] < 1 else math.nan


def leaks(answers: Groups, chance: float, margin: float = LEAK) -> bool:
    """Whether a solver without the picture may be above chance by more than `margin`: its interval's upper end is.

    The cluster-Wilson interval by task, 95 %. Without answers nothing is proven, and so it may.
    """
    found = cluster_wilson(answers)
    return not found.high <= chance + margin


def validity(right: int, wrong: int, invalid: int) -> Validity:
    """Bound what invalid answers hide (Manski 1989)."""
    count = right + wrong + invalid
    return Validity(
        strict=share(right, count),
        valid_only=share(right, right + wrong).value,
        upper=share(right + invalid, count).value,
        valid=share(right + wrong, count).value,
    )


def rotations(right: Sequence[Sequence[bool]], options: int) -> Rotations:
    """Score items by their orders, one row an item, all asked equally often. NaN without items.

    Raises ValueError for rows of several lengths, or fewer than two options.
    """
    orders = {len(row) for row in right}
    if len(orders) > 1 or 0 in orders or options < 2:
        raise ValueError(f"wanted as many orders for each item and two options, found {sorted(orders)} and {options}")
    guess = (1 / options) ** orders.pop() if orders else math.nan
    both = average([float(all(row)) for row in right])
    return Rotations(
        mean=average([sum(row) / len(row) for row in right]),
        all=both,
        guess=guess,
        corrected=corrected(both, guess) if right else math.nan,
        inconsistent=average([float(any(row) and not all(row)) for row in right]),
    )


def position_bias(chosen: Sequence[int], true: Sequence[int], options: int) -> tuple[float, ...]:
    """For each place, how much more often it was chosen than true, in shares; they add up to 0. Places from 0."""
    if not chosen or len(chosen) != len(true):
        return (math.nan,) * options
    return tuple((chosen.count(place) - true.count(place)) / len(true) for place in range(options))


def detection(done: tuple[int, int], undone: tuple[int, int]) -> Detection:
    """Signal detection from counts: of those done (said done, said not), of those not done (said done, said not).

    NaN where there are none of a kind.
    """
    from scipy.special import ndtri

    hit, miss = done
    false, rejected = undone
    if not hit + miss or not false + rejected:
        return Detection(**dict.fromkeys(Detection.__struct_fields__, math.nan))
    hits, rejections = hit / (hit + miss), rejected / (false + rejected)
    scale = math.sqrt((hit + false) * (hit + miss) * (rejected + false) * (rejected + miss))
    up, over = (float(ndtri((said + 0.5) / (said + other + 1))) for said, other in (done, undone))
    return Detection(
        hits=hits,
        rejections=rejections,
        balanced=(hits + rejections) / 2,
        corrected=hits + rejections - 1,
        mcc=(hit * rejected - false * miss) / scale if scale else math.nan,
        sensitivity=up - over,
        criterion=-(up + over) / 2,
        overclaim=1 - rejections,
    )


def ordering(said: Sequence[int], true: Sequence[int], before: Sequence[tuple[int, int]]) -> Ordering:
    """Judge an order of the items 0 to m - 1 by pairs of which the first must come before the second.

    Raises ValueError where `said` or `true` is no order of the same items.
    """
    if sorted(said) != sorted(true) or sorted(true) != list(range(len(true))):
        raise ValueError(f"wanted two orders of the items 0 to {len(true) - 1}, found {said!r} and {true!r}")
    place, right = ({item: at for at, item in enumerate(order)} for order in (said, true))
    pairs = [(a, b) for a in range(len(true)) for b in range(a)]
    agreeing = [(place[a] < place[b]) == (right[a] < right[b]) for a, b in pairs]
    held = [place[first] < place[second] for first, second in before]
    orders = linear_extensions(len(true), before)
    return Ordering(
        exact=list(said) == list(true),
        tau=2 * average([float(each) for each in agreeing]) - 1,
        kept=average([float(each) for each in held]),
        valid=all(held),
        orders=orders,
        guess=orders / math.factorial(len(true)),
    )


def linear_extensions(count: int, before: Sequence[tuple[int, int]]) -> int:
    """How many orders of `count` items keep every pair. By sets of what came first: for up to some 20 items."""
    needed = [0] * count
    for first, second in before:
        needed[second] |= 1 << first

    @cache
    def orders(used: int) -> int:
        if used == (1 << count) - 1:
            return 1
        free = [item for item in range(count) if not used >> item & 1 and needed[item] & ~used == 0]
        return sum(orders(used | 1 << item) for item in free)

    return orders(0)
