"""The founding comparison: does one agent lead another by more in control than in understanding, on the same tasks?

A difference in differences depends on the scale: twice as many steps make the same agents lie further apart. So it is
taken on three, and one that holds on the raw scale alone is called an artefact of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from envs.types import Closed
from scoring.horizon import per_step_rows
from scoring.paired import Paired, differences
from scoring.resampling import SWAPPED, Resampled, summary, swaps, tail, weights
from scoring.stats import Interval, average

if TYPE_CHECKING:
    from scoring.resampling import Floats

    Sums: TypeAlias = tuple[list[Floats], list[Floats], Floats]
    Leads: TypeAlias = Callable[[Sums], tuple[Floats, Floats]]

CEILING = 0.95
CORNERS = ("u_open", "u_closed", "c_open", "c_closed")


class Quad(Closed):
    """One task of two agents: what each understood of it and how often each did it, 0 to 1.

    `length` is the solution's number of steps, None where there is none; `runs` how often each tried.
    """

    u_open: float
    u_closed: float
    c_open: float
    c_closed: float
    length: int | None = None
    runs: int = 1


class Scaled(Closed):
    """A difference in differences on another scale: bootstrap by task, and p by swapping the agents within tasks."""

    understanding: float
    control: float
    value: float
    bootstrap: Resampled
    p: float


class Founding(Closed):
    """Whether closed leads open by more in control than in understanding: (c - c) - (u - u), on three scales.

    raw        differences of shares, task by task
    per_step   control as the chance to get a step right, see `horizon`; understanding as it is, an item is one step.
               None where a task has no length
    logit      log odds of the four means, which are taken to be half a run away from 0 and 1 at least

    `extreme` is whether a mean lies above 0.95 or below 0.05, where scales disagree most. `artefact` is whether the
    raw interval excludes 0 and one of the others does not: then the raw one says more of the scale than of the
    agents.
    """

    understanding: float
    control: float
    raw: Paired
    per_step: Scaled | None
    logit: Scaled
    extreme: bool
    artefact: bool


def founding(tasks: Sequence[Quad], seed: int = 0) -> Founding:
    """Compare the lead in control with the lead in understanding, on the same tasks.

    Raises ValueError without tasks.
    """
    if not tasks:
        raise ValueError("wanted tasks that both agents were asked about and tried, found none")
    raw = differences([(each.c_closed - each.c_open) - (each.u_closed - each.u_open) for each in tasks], seed)
    means = {name: average([getattr(each, name) for each in tasks]) for name in CORNERS}
    per_step = _per_step(tasks, seed) if all(each.length for each in tasks) else None
    logit = _logit(tasks, seed)
    others = [scaled for scaled in (per_step, logit) if scaled is not None]
    return Founding(
        understanding=means["u_closed"] - means["u_open"],
        control=means["c_closed"] - means["c_open"],
        raw=raw,
        per_step=per_step,
        logit=logit,
        extreme=any(mean > CEILING or mean < 1 - CEILING for mean in means.values()),
        artefact=_excludes(raw.interval) and not all(_excludes(each.bootstrap.interval) for each in others),
    )


def _excludes(interval: Interval) -> bool:
    return interval.low > 0 or interval.high < 0


class _Corners:
    """The corners as columns, one row a task; open before closed. Control has a column for each length given."""

    def __init__(self, tasks: Sequence[Quad], lengths: Sequence[int] = ()) -> None:
        import numpy as np

        columns = {name: np.array([[getattr(each, name)] for each in tasks], dtype=np.float64) for name in CORNERS}
        self.tried = np.ones((len(tasks), 1))
        if lengths:
            self.tried = np.array(
                [[each.runs * float(each.length == length) for length in lengths] for each in tasks]
            )
        self.understood = [columns["u_open"], columns["u_closed"]]
        self.controlled = [self.tried * columns["c_open"], self.tried * columns["c_closed"]]

    def drawn(self, rows: Floats) -> Sums:
        """Sums of understanding, of control and of tries, for each row of weights."""
        return [rows @ each for each in self.understood], [rows @ each for each in self.controlled], rows @ self.tried

    def swapped(self, rows: Floats) -> Sums:
        """The same with open and closed in each other's place where a row has a 1."""
        sums = []
        for first, second in (self.understood, self.controlled):
            moved = rows @ (second - first)
            sums.append([first.sum(axis=0) + moved, second.sum(axis=0) - moved])
        return sums[0], sums[1], self.tried.sum(axis=0)[None, :].repeat(len(rows), axis=0)


def _per_step(tasks: Sequence[Quad], seed: int) -> Scaled:
    import numpy as np

    lengths = sorted({each.length for each in tasks if each.length})
    exponents = np.array(lengths, dtype=np.float64)

    def leads(sums: Sums) -> tuple[Floats, Floats]:
        understood, controlled, tried = sums
        first, second = (per_step_rows(each, tried, exponents) for each in controlled)
        return (understood[1] - understood[0])[:, 0] / len(tasks), second - first

    return _scaled(_Corners(tasks, lengths), leads, len(tasks), seed)


def _logit(tasks: Sequence[Quad], seed: int) -> Scaled:
    import numpy as np

    closest = 0.5 / sum(each.runs for each in tasks)

    def odds(total: Floats) -> Floats:
        mean = np.clip(total[:, 0] / len(tasks), closest, 1 - closest)
        return np.asarray(np.log(mean / (1 - mean)))

    def leads(sums: Sums) -> tuple[Floats, Floats]:
        understood, controlled, _ = sums
        return odds(understood[1]) - odds(understood[0]), odds(controlled[1]) - odds(controlled[0])

    return _scaled(_Corners(tasks), leads, len(tasks), seed)


def _scaled(corners: _Corners, leads: Leads, tasks: int, seed: int) -> Scaled:
    import numpy as np

    understanding, control = (float(each[0]) for each in leads(corners.drawn(np.ones((1, tasks)))))
    value = control - understanding
    flipped = leads(corners.swapped(swaps(tasks, seed)))
    again = leads(corners.drawn(weights(tasks, seed=seed))) if tasks > 1 else (np.full(1, math.nan),) * 2
    return Scaled(
        understanding=understanding,
        control=control,
        value=value,
        bootstrap=summary(again[1] - again[0]),
        p=tail(value, flipped[1] - flipped[0], exact=tasks <= SWAPPED),
    )
