"""How many items, tasks and runs it takes: what an interval would be, and what a comparison could have found."""

from __future__ import annotations

import math

from scoring.stats import LEVEL, normal

POWER = 0.8


def design_effect(alike: float, likeness: float) -> float:
    """How much a variance grows with `alike` values a task that correlate by `likeness`: 1 + (m - 1) rho (Kish)."""
    return 1 + (alike - 1) * likeness


def items_for(half: float, score: float, guess: float = 0.0, effect: float = 1.0, level: float = LEVEL) -> int:
    """How many items bound a chance-corrected score by plus or minus `half`: z^2 p (1 - p) / (half (1 - g))^2 effect.

    `score` is the corrected one, p = g + (1 - g) score what is seen, `effect` a design effect. Raises ValueError for
    a `half` of 0 or a guess of 1.
    """
    if half <= 0 or not 0 <= guess < 1:
        raise ValueError(f"wanted a half-width above 0 and a guess below 1, found {half!r} and {guess!r}")
    seen = guess + (1 - guess) * score
    return math.ceil(normal(level) ** 2 * seen * (1 - seen) / (half * (1 - guess)) ** 2 * effect)


def tasks_for(half: float, between: float, runs: int, success: float = 0.5, level: float = LEVEL) -> int:
    """How many tasks of `runs` runs bound success by plus or minus `half`, for tasks as those.

    z^2 p (1 - p) (rho + (1 - rho) / R) / half^2, `between` (rho) being the part of the variance that lies between
    tasks. Raises ValueError for a `half` of 0 or no run.
    """
    if half <= 0 or runs < 1:
        raise ValueError(f"wanted a half-width above 0 and a run, found {half!r} and {runs!r}")
    spread = success * (1 - success) * (between + (1 - between) / runs)
    return math.ceil(normal(level) ** 2 * spread / half**2)


def detectable(tasks: int, discordance: float, level: float = LEVEL, power: float = POWER) -> float:
    """The smallest paired difference of shares that would be found with that power: (z + z_power) sqrt(d / T).

    `discordance` is the part of tasks on which the two sides differ; taking it as the variance of the difference is
    on the safe side. NaN for no task.
    """
    if not tasks:
        return math.nan
    return (normal(level) + normal(2 * power - 1)) * math.sqrt(discordance / tasks)


def best_of(agents: int, tasks: int, success: float = 0.5) -> float:
    """What the best of so many equal agents is expected to show on so many tasks: E[max of k Binomial(n, p)] / n.

    What it is above `success` is the winner's curse: choose on one half of the tasks, estimate on the other.
    """
    import numpy as np
    from scipy.stats import binom

    below = binom.cdf(np.arange(tasks), tasks, success)
    return float(np.sum(1 - below**agents)) / tasks
