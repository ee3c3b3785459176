"""Resampling whole tasks: the bootstrap that every interval of a computed figure comes from, and exact flips.

Draws are the rows of `numpy.random.default_rng(seed).integers(0, tasks, size=(draws, tasks))`: with a seed the same
on every machine. A figure that has no value in a resample (a ratio without a success, say) is left out there, and the
part of resamples that had one is stated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

from envs.types import Closed
from scoring.stats import LEVEL, Groups, Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Rows: TypeAlias = NDArray[np.int64]
    Signs: TypeAlias = NDArray[np.int8]

DRAWS = 10_000
CELLS = 4_000_000
EXACT = 20
"""Up to so many tasks every pattern of signs is gone through (2^20), beyond it they are drawn."""
FLIPS = 100_000
SWAPPED = 13
TOLERANCE = 1e-12  # of the largest value: sums in another order differ by rounding, and are not less extreme


class Resampled(Closed):
    """What resampling says of a figure: percentile interval, standard error and the part of draws with a value."""

    interval: Interval
    error: float
    kept: float


def resamples(tasks: int, draws: int = DRAWS, seed: int = 0) -> Rows:
    """`draws` rows of `tasks` places, drawn with replacement."""
    import numpy as np

    return np.random.default_rng(seed).integers(0, tasks, size=(draws, tasks))


def weights(tasks: int, draws: int = DRAWS, seed: int = 0) -> Floats:
    """How often each task is in each draw: `draws` rows of `tasks` counts, of the same draws as `resamples`."""
    import numpy as np

    rows = resamples(tasks, draws, seed)
    flat = rows + np.arange(draws)[:, None] * tasks
    return np.bincount(flat.ravel(), minlength=draws * tasks).reshape(draws, tasks).astype(np.float64)


def summary(values: Floats, level: float = LEVEL, method: str = "bootstrap by task") -> Resampled:
    """The percentile interval of a figure's values over draws. NaN values are left out; NaN where none is left."""
    import numpy as np

    kept = values[~np.isnan(values)]
    if not len(kept):
        nothing = Interval(low=math.nan, high=math.nan, method=method, level=level)
        return Resampled(interval=nothing, error=math.nan, kept=0.0)
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Resampled(
        interval=Interval(low=float(low), high=float(high), method=method, level=level),
        error=float(kept.std()),
        kept=len(kept) / len(values),
    )


def bootstrap(figure: Callable[[Rows], Floats], tasks: int, seed: int = 0, level: float = LEVEL) -> Resampled:
    """Resample whole tasks. `figure` takes rows of places and gives one value a row, NaN where it has none.

    NaN for fewer than two tasks: one task cannot say how tasks differ.
    """
    import numpy as np

    if tasks < 2:
        return summary(np.full(1, math.nan), level)
    return summary(figure(resamples(tasks, seed=seed)), level)


def bootstrap_mean(values: Sequence[float], seed: int = 0, level: float = LEVEL) -> Resampled:
    """The bootstrap of a mean, one value a task."""
    import numpy as np

    given = np.asarray(values, dtype=np.float64)
    return bootstrap(lambda rows: np.asarray(given[rows].mean(axis=1)), len(given), seed, level)


def bootstrap_quantile(groups: Groups, part: float, seed: int = 0, level: float = LEVEL) -> Resampled:
    """The bootstrap of a type 7 quantile of all values, drawing whole groups."""
    import numpy as np

    kept = [values for _, values in sorted(groups.items()) if values]
    flat = np.array([value for values in kept for value in values], dtype=np.float64)
    owner = np.repeat(np.arange(len(kept)), [len(values) for values in kept])
    order = np.argsort(flat, kind="stable")
    flat, owner = flat[order], owner[order]

    def figure(rows: Rows) -> Floats:
        made = [quantiles(flat, owner, piece, part) for piece in _pieces(rows, len(flat))]
        return np.concatenate(made)

    return bootstrap(figure, len(kept), seed, level)


def _pieces(rows: Rows, width: int) -> list[Rows]:
    size = max(1, CELLS // max(width, 1))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def quantiles(flat: Floats, owner: Rows, rows: Rows, part: float) -> Floats:
    """The quantile of each row's values: `flat` in order, each as often as its owner was drawn."""
    import numpy as np

    groups = rows.shape[1]
    drawn = np.apply_along_axis(np.bincount, 1, rows, minlength=groups)
    reached = np.cumsum(drawn[:, owner], axis=1)
    place = (reached[:, -1] - 1) * part
    below = np.floor(place)
    lower = flat[(reached > below[:, None]).argmax(axis=1)]
    upper = flat[(reached > np.minimum(below + 1, reached[:, -1] - 1)[:, None]).argmax(axis=1)]
    return np.asarray(lower + (upper - lower) * (place - below))


def every_resample(values: Sequence[float]) -> tuple[float, ...]:
    """The means of all n^n resamples of n values, without chance. Raises ValueError above 7 values."""
    if len(values) > 7:
        raise ValueError(f"{len(values)} values have {len(values)}^{len(values)} resamples; wanted at most 7 values")
    return tuple(sum(drawn) / len(values) for drawn in product(values, repeat=len(values)))


def sign_flip(differences: Sequence[float], seed: int = 0) -> float:
    """The two-sided p-value of a mean of paired differences, when the sign of each could as well be the other.

    Exact (all 2^n patterns) up to 20 values, else of 100,000 drawn ones. Fisher's randomisation test (1935). NaN
    without values.
    """
    import numpy as np

    if not differences:
        return math.nan
    given = np.asarray(differences, dtype=np.float64)
    exact = len(given) <= EXACT
    sums = _all_signs(given) if exact else _drawn_signs(given, seed)
    return tail(float(given.sum()), sums, exact=exact)


def _all_signs(given: Floats) -> Floats:
    import numpy as np

    sums = np.zeros(1)
    for value in given:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _drawn_signs(given: Floats, seed: int) -> Floats:
    import numpy as np

    return np.concatenate([piece.astype(np.float64) @ given for piece in _signs(len(given), seed)])


@lru_cache(maxsize=2)  # the figures of a report are mostly of the same tasks
def _signs(values: int, seed: int) -> tuple[Signs, ...]:
    """Drawn patterns, 1 or -1, a row each, in pieces."""
    import numpy as np

    chance = np.random.default_rng(seed)
    size = max(1, CELLS // values)
    pieces = [min(size, FLIPS - start) for start in range(0, FLIPS, size)]
    return tuple((1 - 2 * chance.integers(0, 2, size=(rows, values))).astype(np.int8) for rows in pieces)


def reallocated(inside: Sequence[float], outside: Sequence[float], seed: int = 0) -> float:
    """The two-sided p-value of a difference of means of two groups, when any values could as well be the first.

    Exact up to 10,000 ways of choosing them, else of as many drawn ones. NaN where a group is empty.
    """
    import numpy as np

    if not inside or not outside:
        return math.nan
    given, many = np.array([*inside, *outside], dtype=np.float64), len(inside)
    given -= given.mean()  # then the sum of a group is its distance from the other, times a number
    exact = math.comb(len(given), many) <= DRAWS
    if exact:
        rows = np.array(list(combinations(range(len(given)), many)))
    else:
        chance = np.random.default_rng(seed)
        rows = np.array([chance.permutation(len(given))[:many] for _ in range(DRAWS)])
    return tail(float(given[:many].sum()), given[rows].sum(axis=1), exact=exact)


def swaps(tasks: int, seed: int = 0) -> Floats:
    """Rows of 0 and 1, a 1 where a task's two sides change places: all patterns up to 13 tasks, else 10,000 drawn."""
    import numpy as np

    if tasks <= SWAPPED:
        return (np.arange(2**tasks)[:, None] >> np.arange(tasks) & 1).astype(np.float64)
    return np.random.default_rng(seed).integers(0, 2, size=(DRAWS, tasks)).astype(np.float64)


def tail(found: float, flipped: Floats, *, exact: bool) -> float:
    """The two-sided p-value: the part of flips at least as far from 0; of drawn ones (k + 1) / (B + 1)."""
    import numpy as np

    if math.isnan(found):
        return math.nan
    slack = TOLERANCE * max(1.0, abs(found))
    extreme = int(np.count_nonzero(np.abs(flipped) >= abs(found) - slack))
    return extreme / len(flipped) if exact else (extreme + 1) / (len(flipped) + 1)
