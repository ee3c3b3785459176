"""What is left of a difference in control once the length of tasks is taken out.

Where each step of K is got right alone with chance p and nothing is put right again, a task succeeds with p^K: at ten
steps 0.97 a step is 0.73 and 0.90 is 0.35. The p that fits best says how far apart two agents are at one step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from envs.types import Closed

if TYPE_CHECKING:
    from scoring.resampling import Floats

LOWEST, HIGHEST, HALVINGS = 1e-12, 60.0, 70  # brackets of -ln p: p from 1 - 1e-12 to 1e-26


class Played(Closed):
    """Tasks whose solutions have `length` steps: how many of `runs` passed, which may be a mean times a count."""

    length: int
    passed: float
    runs: int


class PerStep(Closed):
    """The chance to get a step right, and after how many steps half would have failed: ln(1/2) / ln p.

    `half_life` is infinite for p = 1 and 0 for p = 0. NaN where nothing was tried.
    """

    p: float
    half_life: float


def per_step(played: Sequence[Played]) -> PerStep:
    """The p with the highest likelihood, where each run of a task succeeds with p^length."""
    import numpy as np

    if not played:
        return PerStep(p=math.nan, half_life=math.nan)
    passed, runs, lengths = (
        np.array([[float(getattr(each, name)) for each in played]]) for name in ("passed", "runs", "length")
    )
    p = float(per_step_rows(passed, runs, lengths[0])[0])
    return PerStep(p=p, half_life=half_life(p))


def half_life(p: float) -> float:
    """After how many steps half would have failed."""
    if math.isnan(p) or p <= 0:
        return p
    return math.inf if p >= 1 else math.log(0.5) / math.log(p)


def compounded(p: float, length: int) -> float:
    """How often a task of `length` steps succeeds at that chance a step, with no recovery."""
    return float(p**length)


def per_step_of(success: float, length: int) -> float:
    """The chance a step that would alone explain a share of success at one length: its length-th root."""
    return float(success ** (1 / length))


def per_step_rows(passed: Floats, runs: Floats, lengths: Floats) -> Floats:
    """The likeliest p of each row, its columns being tasks of `lengths` steps. NaN for a row without runs.

    With x = -ln p the likelihood's slope, sum of (runs - passed) K / (e^(xK) - 1) less sum of passed K, falls in x:
    its zero is bracketed and halved, for all rows at once.
    """
    import numpy as np

    failed = (runs - passed) * lengths
    done = (passed * lengths).sum(axis=1)
    low, high = np.full(len(passed), LOWEST), np.full(len(passed), HIGHEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = (failed / np.expm1(np.minimum(middle[:, None] * lengths, 700.0))).sum(axis=1) - done
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    p = np.exp(-(low + high) / 2)
    p = np.where(done <= 0, 0.0, np.where(failed.sum(axis=1) <= 1e-12, 1.0, p))
    return np.where(runs.sum(axis=1) > 0, p, np.nan)
