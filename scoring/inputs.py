"""Whether points come back where they were shown: a straight line through crosses, before anything is scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from envs.types import Closed

STRETCH, SHIFT, CLEAN, LIMITED = 0.02, 5.0, 5.0, 25.0


class Line(Closed):
    """found = slope * true + intercept, pixels of the picture; `residual` is the root mean square around the line.

    `raw` is the mean distance of found from true. The verdict is `adapter` where a clean line (residual below 5 px)
    is stretched by more than 2 % or shifted by more than 5 px: a wrong convention, fix it and score nothing;
    `limited` where the residual is above 25 px; else `right`.
    """

    slope: float
    intercept: float
    residual: float
    raw: float
    verdict: Literal["right", "adapter", "limited"]


def line(true: Sequence[float], found: Sequence[float]) -> Line:
    """Fit one axis by least squares. Raises ValueError for fewer than three points or all at one place."""
    count = len(true)
    if count < 3 or len(set(true)) < 2 or len(found) != count:
        raise ValueError(f"wanted three points or more at several places, found {true!r} and {found!r}")
    x, y = sum(true) / count, sum(found) / count
    slope = sum((a - x) * (b - y) for a, b in zip(true, found, strict=True)) / sum((a - x) ** 2 for a in true)
    intercept = y - slope * x
    squares = sum((b - slope * a - intercept) ** 2 for a, b in zip(true, found, strict=True))
    residual = math.sqrt(squares / count)
    off = abs(slope - 1) > STRETCH or abs(intercept) > SHIFT
    return Line(
        slope=slope,
        intercept=intercept,
        residual=residual,
        raw=sum(abs(b - a) for a, b in zip(true, found, strict=True)) / count,
        verdict="adapter" if off and residual < CLEAN else "limited" if residual > LIMITED else "right",
    )
