"""Where on the way control is lost: how often a task is finished that starts at each state of its solution.

`c[k]` is the share finished from state k, 0 the beginning and K the end, where all that is left is to see that it is
done. A true curve need not rise everywhere; its losses only add up when it does, so they are those of the rising
curve closest to it, and what was seen is kept beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from envs.types import Closed
from scoring.resampling import Resampled, resamples, summary

POINTS = 11


class Teleport(Closed):
    """One curve of K + 1 points. `losses` and `stopping` are of `fitted` and add up to 1 - fitted[0].

    losses[k]    fitted[k + 1] - fitted[k]: what is lost at step k + 1
    stopping     1 - fitted[K]: lost at the end, by not stopping or by undoing
    passing[k]   fitted[k] / fitted[k + 1]: the chance to get step k + 1 right, NaN where nothing is finished after it
    bottleneck   the step with the largest loss, from 1; K + 1 for stopping; None where nothing is lost. The first of
                 equals
    """

    raw: tuple[float, ...]
    fitted: tuple[float, ...]
    losses: tuple[float, ...]
    stopping: float
    passing: tuple[float, ...]
    bottleneck: int | None


class Progress(Closed):
    """The mean curve of several tasks over the part of the way done, and the bootstrap by task of each loss.

    `bottlenecks` says in which part of draws each step of it, stopping last, lost most.
    """

    curve: Teleport
    losses: tuple[Resampled, ...]
    stopping: Resampled
    bottlenecks: tuple[float, ...]
    tasks: int


def teleport(shares: Sequence[float], counts: Sequence[float]) -> Teleport:
    """The curve from shares finished and the runs each is of. Raises ValueError without points or with a count of 0.

    The fit is isotonic regression, least squares weighted by counts (pool adjacent violators).
    """
    if not shares or len(shares) != len(counts) or min(counts) <= 0:
        raise ValueError(f"wanted a share and a count above 0 for each state, found {shares!r} and {counts!r}")
    fitted = _rising(shares, counts)
    losses = tuple(after - before for before, after in pairwise(fitted))
    every = (*losses, 1 - fitted[-1])
    worst = max(every)
    return Teleport(
        raw=tuple(shares),
        fitted=fitted,
        losses=losses,
        stopping=every[-1],
        passing=tuple(before / after if after else math.nan for before, after in pairwise(fitted)),
        bottleneck=every.index(worst) + 1 if worst > 0 else None,
    )


def _rising(shares: Sequence[float], counts: Sequence[float]) -> tuple[float, ...]:
    from scipy.optimize import isotonic_regression

    return tuple(map(float, isotonic_regression(shares, weights=counts).x))


def at_progress(shares: Sequence[float], points: int = POINTS) -> tuple[float, ...]:
    """The curve at equal parts of the way, with straight lines between states. Raises ValueError without points."""
    import numpy as np

    if not shares:
        raise ValueError("wanted a share for each state, found none")
    places = np.linspace(0, len(shares) - 1, points)
    return tuple(map(float, np.interp(places, np.arange(len(shares)), shares)))


def progress(
    curves: Mapping[str, Sequence[float]], seed: int = 0, points: int = POINTS, draws: int = 2000
) -> Progress:
    """Lay tasks of several lengths over each other by the part of the way done. Raises ValueError without tasks."""
    import numpy as np

    if not curves:
        raise ValueError("wanted the curve of at least one task, found none")
    table = np.array([at_progress(shares, points) for _, shares in sorted(curves.items())])
    ones = [1.0] * points
    whole = teleport(table.mean(axis=0).tolist(), ones)
    rows = resamples(len(table), draws, seed) if len(table) > 1 else np.zeros((0, 1), dtype=np.int64)
    again = [teleport(table[row].mean(axis=0).tolist(), ones) for row in rows]
    lost = np.array([(*each.losses, each.stopping) for each in again] or [(math.nan,) * points])
    worst = [each.bottleneck for each in again if each.bottleneck]
    return Progress(
        curve=whole,
        losses=tuple(summary(lost[:, place]) for place in range(points - 1)),
        stopping=summary(lost[:, -1]),
        bottlenecks=tuple(worst.count(step) / len(again) if again else math.nan for step in range(1, points + 1)),
        tasks=len(table),
    )


def by_kind(curves: Sequence[tuple[Teleport, Sequence[str]]]) -> dict[str, float]:
    """What each kind of step loses of all success, summed in a task and averaged over tasks; `stop` is stopping.

    Raises ValueError where a curve has not one kind for each step.
    """
    totals: dict[str, float] = {}
    for curve, kinds in curves:
        for kind, loss in zip((*kinds, "stop"), (*curve.losses, curve.stopping), strict=True):
            totals[kind] = totals.get(kind, 0.0) + loss / len(curves)
    return totals


def next_start(known: Mapping[int, float], steps: int) -> int | None:
    """The state to start from next, to close in on the largest loss: the middle of where it lies. None when found.

    First both ends and the middle are wanted, then the middle of the two neighbouring known states that differ most.
    """
    for wanted in (steps // 2, 0, steps):
        if wanted not in known:
            return wanted
    states = sorted(known)
    before, after = max(pairwise(states), key=lambda each: known[each[1]] - known[each[0]], default=(0, 0))
    return (before + after) // 2 if after - before > 1 else None
