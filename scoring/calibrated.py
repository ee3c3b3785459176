"""What the record keeps of a calibration: crosses at known points, where a model said they are, and what follows."""

from __future__ import annotations

from typing import Literal

from envs.types import Called, Closed, Point, Size

Standing = Literal["right", "wrong", "unsure"]


class Cross(Closed):
    """One cross, in pixels of the picture that was shown: where it was, and where the model said it is.

    `found` may be beyond the picture's edges; None, with the reason, where the model named no point.
    """

    at: Point
    found: Point | None = None
    why_not: str = ""


class Calibration(Closed):
    """A straight line fitted to each axis: found = scale * true + offset, offset in pixels of the picture.

    `residual` is how far the found points lie from the lines, a standard deviation as a part of the side; all of them
    None where there were too few points. `cause` says what is likely wrong, or why nothing can be said.
    """

    model: str
    size: Size
    verdict: Standing
    points: tuple[Cross, ...]
    found: int
    scale_x: float | None = None
    scale_y: float | None = None
    offset_x: float | None = None
    offset_y: float | None = None
    residual: float | None = None
    cause: str = ""
    calls: tuple[Called, ...] = ()
