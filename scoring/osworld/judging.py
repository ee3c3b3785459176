"""How OSWorld makes one number of an evaluator's metrics: pure, with the asking for a metric left to the caller.

The order is that of `DesktopEnv.evaluate`: the task's `postconfig` first, always, also for what is infeasible (that
is the caller's); then the word FAIL; then the metrics in turn, none after the one that settles it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from envs.types import Closed
from scoring.osworld import defects
from scoring.osworld.evaluator import Evaluator
from scoring.osworld.wire import Missing, Outcome, Part, Raised, Value
from scoring.verdict import Verdict

Measure = Callable[[Part], Outcome]
"""What a part comes to."""


class Metric(Closed):
    """One metric and what it came to: a value, or `trouble`."""

    func: str
    value: float | None = None
    trouble: str = ""


class Judgement(Closed):
    """OSWorld's word on an episode. `value` as it computes it, `score` the same within 0 and 1.

    `trouble`: an evaluator raised, gave no number, or did not end. OSWorld then writes no result at all; here it
    scores 0 and says so, since what makes an evaluator raise is most often what the agent left behind.
    `defects` are the known ones that bear on this number, by id: see `defects.KNOWN`; with `corrected`, those that
    have a correction have been corrected.
    """

    score: float
    value: float
    metrics: tuple[Metric, ...] = ()
    conj: str = ""
    trouble: str = ""
    defects: tuple[str, ...] = ()
    corrected: bool = False

    def verdict(self) -> Verdict:
        """The same as a check's verdict."""
        names = " ".join(dict.fromkeys(metric.func for metric in self.metrics)) or "infeasible"
        said = [f"{metric.func} {metric.trouble or metric.value}" for metric in self.metrics]
        notes = [f"known defect: {name}{', corrected' if self.corrected else ''}" for name in self.defects]
        return Verdict(
            check=f"OSWorld: {names}",
            score=self.score,
            expected="1" if not self.conj else f"1 by {self.conj} of {len(self.metrics)}",
            actual="; ".join([*said, *([self.trouble] if self.trouble else []), *notes]) or str(self.value),
        )


class _Unsettled(Exception):  # noqa: N818 - an outcome, not an error
    """The evaluation ends here without a number."""


def judge(evaluator: Evaluator, *, failed: bool, measure: Measure, corrected: bool = False) -> Judgement:
    """The judgement. `failed` says whether the agent's last action was FAIL."""
    metrics: list[Metric] = []
    found = set(defects.bearing(evaluator))
    trouble, value = "", 0.0
    try:
        if evaluator.infeasible or failed:
            value = float(evaluator.infeasible and failed)
        elif evaluator.conj:
            value = _listed(evaluator, measure, metrics, found, corrected=corrected)
        else:
            value = _single(evaluator.parts[0], measure, metrics)
    except _Unsettled as err:
        trouble = str(err)
    return Judgement(
        score=min(1.0, max(0.0, value)),
        value=value,
        metrics=tuple(metrics),
        conj=evaluator.conj,
        trouble=trouble,
        defects=tuple(sorted(found)),
        corrected=corrected,
    )


def _single(part: Part, measure: Measure, metrics: list[Metric]) -> float:
    outcome = measure(part)
    if isinstance(outcome, Missing):
        metrics.append(Metric(func=part.func, trouble="the file is not there"))
        return 0.0
    return _number(part, outcome, metrics)


def _listed(
    evaluator: Evaluator, measure: Measure, metrics: list[Metric], found: set[str], *, corrected: bool
) -> float:
    values: list[float] = []
    for index, part in enumerate(evaluator.parts):
        outcome = measure(part)
        if isinstance(outcome, Missing):
            if evaluator.conj == "and":
                metrics.append(Metric(func=part.func, trouble="the file is not there"))
                return 0.0
            found.add(defects.UNBOUND)
            outcome = _unbound(part, index, measure, corrected=corrected)
        value = _number(part, outcome, metrics)
        if evaluator.conj == "and" and value == 0.0:
            return 0.0
        if evaluator.conj == "or" and value == 1.0:
            return 1.0
        values.append(value)
    return sum(values) / len(values) if evaluator.conj == "and" else max(values)


def _unbound(part: Part, index: int, measure: Measure, *, corrected: bool) -> Outcome:
    """OSWorld goes on where a file is missing, with the result of the metric before, or with none."""
    if corrected:
        return Value(0.0)
    if index == 0:
        return Raised("UnboundLocalError: no result to judge")
    return measure(msgspec.structs.replace(part, again=True))


def _number(part: Part, outcome: Outcome, metrics: list[Metric]) -> float:
    if isinstance(outcome, Value) and outcome.value is not None and math.isfinite(outcome.value):
        metrics.append(Metric(func=part.func, value=outcome.value))
        return outcome.value
    why = f"raised {outcome.error}" if isinstance(outcome, Raised) else "gave no number"
    metrics.append(Metric(func=part.func, trouble=why))
    raise _Unsettled(f"{part.func} {why}")
