"""What an agent says of its work against what was: confidence, claims of being done, what was undone again."""

from __future__ import annotations

import math
from collections.abc import Sequence

from envs.types import Closed
from scoring.association import auc
from scoring.stats import Estimate, average, quantile, share

BINS = 5


class Confidence(Closed):
    """Stated chances against outcomes.

    brier        mean squared distance, 0 to 1; it is reliability - resolution + uncertainty, up to binning
    skill        1 - brier / uncertainty: above 0 it beats always stating the base rate; NaN where all came out alike
    error        expected calibration error: mean distance of stated and true share in a bin, by how full the bins are
    reliability, resolution, uncertainty   Murphy's parts (1973), in the same bins
    auroc        how often a success was stated likelier than a failure; NaN where all came out alike
    over         mean stated less share of successes: above 0 too confident
    """

    brier: float
    skill: float
    error: float
    reliability: float
    resolution: float
    uncertainty: float
    auroc: float
    over: float
    count: int


class Ending(Closed):
    """One run: whether it was ever right, whether it was at the end, and whether the agent said it was done."""

    ever: bool
    final: bool
    declared: bool


class Endings(Closed):
    """Shares of runs, or of the runs of a kind.

    success      right at the end
    reached      right at some time; what it is above success was lost to not stopping: `lost`
    undone       not right at the end, of those that were right at some time
    overclaim    said done, of those not right at the end
    underclaim   not said done, of those right at the end
    """

    success: Estimate
    reached: Estimate
    lost: float
    undone: Estimate
    overclaim: Estimate
    underclaim: Estimate


class Budget(Closed):
    """Success by number of steps allowed, from one run each: `curve[B - 1]` is the share right by step B.

    `area` is the curve's mean, `median` the middle of first right steps, among runs that were ever right.
    """

    curve: tuple[float, ...]
    area: float
    median: float


def confidence(stated: Sequence[float], happened: Sequence[bool], bins: int = BINS) -> Confidence:
    """Compare chances with outcomes, in bins of equal width, the last closed above. NaN without any.

    Raises ValueError for a chance outside 0 to 1, or for two lengths.
    """
    pairs = [(chance, float(came)) for chance, came in zip(stated, happened, strict=True)]
    if any(not 0 <= chance <= 1 for chance, _ in pairs):
        raise ValueError(f"wanted chances between 0 and 1, found {stated!r}")
    if not pairs:
        measures = [name for name in Confidence.__struct_fields__ if name != "count"]
        return Confidence(count=0, **dict.fromkeys(measures, math.nan))
    count = len(pairs)
    base = sum(came for _, came in pairs) / count
    binned: dict[int, list[tuple[float, float]]] = {}
    for chance, came in pairs:
        binned.setdefault(min(int(chance * bins), bins - 1), []).append((chance, came))
    parts = [
        (len(inside), average([chance for chance, _ in inside]), average([came for _, came in inside]))
        for _, inside in sorted(binned.items())
    ]
    brier = sum((chance - came) ** 2 for chance, came in pairs) / count
    uncertainty = base * (1 - base)
    return Confidence(
        brier=brier,
        skill=1 - brier / uncertainty if uncertainty else math.nan,
        error=sum(size * abs(chance - came) for size, chance, came in parts) / count,
        reliability=sum(size * (chance - came) ** 2 for size, chance, came in parts) / count,
        resolution=sum(size * (came - base) ** 2 for size, _, came in parts) / count,
        uncertainty=uncertainty,
        auroc=auc(stated, [came for _, came in pairs]),
        over=sum(chance for chance, _ in pairs) / count - base,
        count=count,
    )


def endings(runs: Sequence[Ending]) -> Endings:
    """How runs ended against what was said. Each share is NaN where no run is of its kind; intervals are Wilson's."""
    final = [run for run in runs if run.final]
    ever = [run for run in runs if run.ever]
    missed = [run for run in runs if not run.final]
    success, reached = share(len(final), len(runs)), share(len(ever), len(runs))
    return Endings(
        success=success,
        reached=reached,
        lost=reached.value - success.value,
        undone=share(sum(not run.final for run in ever), len(ever)),
        overclaim=share(sum(run.declared for run in missed), len(missed)),
        underclaim=share(sum(not run.declared for run in final), len(final)),
    )


def budget(first_right: Sequence[int | None], steps: int) -> Budget:
    """The whole budget curve from one run a task: the step after which it was first right, None for never.

    Raises ValueError without a step. NaN without runs.
    """
    if steps < 1:
        raise ValueError(f"wanted a budget of at least one step, found {steps}")
    right = [step for step in first_right if step is not None]
    curve = tuple(
        sum(step <= allowed for step in right) / len(first_right) if first_right else math.nan
        for allowed in range(1, steps + 1)
    )
    return Budget(curve=curve, area=average(curve), median=quantile([float(step) for step in right], 0.5))
