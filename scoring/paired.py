"""Two agents on the same tasks: paired tests, corrections for many tests, and evidence that may be watched.

Pairing by task takes out how hard tasks are, which is most of the variance. Several runs of a task are averaged
first: the tasks are what the test counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from envs.types import Closed
from scoring.resampling import Resampled, bootstrap_mean, sign_flip
from scoring.stats import LEVEL, ROUNDING, Groups, Interval, average, normal, student, task_means

STOP = 20.0
"""The e-value at which a watched comparison may stop: 1 / 0.05."""


class Discordance(Closed):
    """How often two sides met the same thing: both, only the first, only the second, neither. Counts of tasks."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def count(self) -> int:
        """All tasks."""
        return self.both + self.first + self.second + self.neither


class McNemar(Closed):
    """First less second, in shares of all tasks, with its standard error.

    `exact` is the two-sided binomial p-value of the discordant tasks, `mid` the same with half the weight on what was
    seen (less conservative: Fagerland 2013). `odds` is first over second, infinite without a second.
    """

    difference: float
    error: float
    exact: float
    mid: float
    odds: float


class Paired(Closed):
    """A mean of paired differences, one a task: Student's t (two-sided p), exact sign flips and a bootstrap by task.

    The t interval has no width where all differences are alike: see `flip` then. NaN for fewer than two tasks.
    """

    mean: float
    error: float
    t: float
    p: float
    interval: Interval
    flip: float
    bootstrap: Resampled
    tasks: int


def discordance(first: Sequence[bool], second: Sequence[bool]) -> Discordance:
    """Count the pairs. Raises ValueError for two lengths."""
    pairs = list(zip(first, second, strict=True))
    return Discordance(
        both=sum(a and b for a, b in pairs),
        first=sum(a and not b for a, b in pairs),
        second=sum(b and not a for a, b in pairs),
        neither=sum(not a and not b for a, b in pairs),
    )


def mcnemar(found: Discordance) -> McNemar:
    """McNemar's exact test (1947): of b + c discordant tasks, b ~ Binomial(b + c, 1/2). One run a task."""
    from scipy.stats import binom

    count, b, c = found.count, found.first, found.second
    if not count:
        return McNemar(difference=math.nan, error=math.nan, exact=math.nan, mid=math.nan, odds=math.nan)
    fewer, discordant = min(b, c), b + c
    exact = min(1.0, 2 * float(binom.cdf(fewer, discordant, 0.5)))
    mid = 1.0 if b == c else exact - float(binom.pmf(fewer, discordant, 0.5))
    return McNemar(
        difference=(b - c) / count,
        error=math.sqrt(discordant - (b - c) ** 2 / count) / count,
        exact=exact,
        mid=mid,
        odds=b / c if c else math.inf if b else math.nan,
    )


def paired(first: Groups, second: Groups, seed: int = 0) -> Paired:
    """Compare two sides by the tasks both have. Tasks of one side alone say nothing about the difference."""
    one, other = task_means(first), task_means(second)
    return differences([one[task] - other[task] for task in one if task in other], seed)


def differences(given: Sequence[float], seed: int = 0) -> Paired:
    """Test and bound a mean of differences, one a task."""
    tasks = len(given)
    mean = average(given)
    if tasks < 2:
        nothing = Interval(low=math.nan, high=math.nan, method="t by task")
        return Paired(
            mean=mean,
            error=math.nan,
            t=math.nan,
            p=math.nan,
            interval=nothing,
            flip=sign_flip(given, seed),
            bootstrap=bootstrap_mean(given, seed),
            tasks=tasks,
        )
    error = 0.0
    if max(given) - min(given) > ROUNDING:
        error = math.sqrt(sum((each - mean) ** 2 for each in given) / (tasks - 1) / tasks)
    t = mean / error if error else math.nan
    return Paired(
        mean=mean,
        error=error,
        t=t,
        p=_two_sided(t, tasks - 1),
        interval=t_interval(mean, error, tasks - 1),
        flip=sign_flip(given, seed),
        bootstrap=bootstrap_mean(given, seed),
        tasks=tasks,
    )


def t_interval(mean: float, error: float, freedom: float, level: float = LEVEL) -> Interval:
    """Student's interval. With infinite freedom it is the normal one."""
    reach = (normal(level) if math.isinf(freedom) else student(freedom, level)) * error
    method = "normal" if math.isinf(freedom) else "t by task"
    return Interval(low=mean - reach, high=mean + reach, method=method, level=level)


def _two_sided(t: float, freedom: float) -> float:
    from scipy.special import stdtr

    return 2 * float(stdtr(freedom, -abs(t)))


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjusted p-values (1979): reject below alpha and no more than alpha of families has a false rejection.

    Raises ValueError for a value outside 0 to 1, as NaN is: a test that was not made belongs to no family.
    """
    _probable(values)
    adjusted: dict[str, float] = {}
    reached = 0.0
    for place, name in enumerate(sorted(values, key=lambda name: values[name])):
        reached = max(reached, min(1.0, (len(values) - place) * values[name]))
        adjusted[name] = reached
    return {name: adjusted[name] for name in values}


def benjamini_hochberg(values: Mapping[str, float]) -> dict[str, float]:
    """Benjamini and Hochberg's adjusted p-values (1995): of those below q, no more than q are false on average."""
    from scipy.stats import false_discovery_control

    _probable(values)
    if not values:
        return {}
    adjusted = false_discovery_control(list(values.values()), method="bh")
    return dict(zip(values, map(float, adjusted), strict=True))


def _probable(values: Mapping[str, float]) -> None:
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"wanted p-values between 0 and 1, found {value!r} for {name!r}")


def e_value(first: int, second: int) -> float:
    """Evidence that discordant tasks do not fall evenly, which may be watched after every task and stopped on.

    2^n B(first + 1/2, second + 1/2) / B(1/2, 1/2): the likelihood ratio of a Beta(1/2, 1/2) mixture against 1/2.
    Under even odds it is above `STOP` with a probability of 5 % at most, at any time (Ville's inequality).
    """
    from scipy.special import betaln

    log = (first + second) * math.log(2) + betaln(first + 0.5, second + 0.5) - betaln(0.5, 0.5)
    return math.exp(log)
