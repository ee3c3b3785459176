"""The proof of the instrument at full size: 200 simulated suites of agents whose faults are known."""

from __future__ import annotations

from random import Random

from rows import Row

from scoring.attribution import attribute_tasks
from scoring.autopsy import causes
from scoring.simulated import FACTORS, broken_at, course, drawn, factorial, failures, played, shares
from scoring.stats import average
from scoring.teleport import teleport

SUITES, TASKS = 200, 40
FAULTS = {"ground": 0.08, "plan": 0.06, "stop": 0.2}
POOL = tuple(
    course([(number % 2 == 0, number % 3 == 1) for number in range(length)]) for length in (4, 5, 6, 6, 7, 8, 10)
)
STEPS, LOSS = 8, 0.3


def section(count: int) -> list[Row]:
    """How often intervals hold the truth, the bottleneck is found, and knowing without doing is told from erring."""
    suites = max(count, SUITES)
    covered = coverage(suites)
    alike, apart = dissociation(suites)
    return [
        _row("intervals that hold an aid's true share: least", min(covered.values()), suites, 0.92, at_least=True),
        _row("intervals that hold an aid's true share: most", max(covered.values()), suites, 0.98),
        _row(f"bottleneck found that loses {LOSS:g}", found(suites), suites, 0.9, at_least=True),
        _row("dissociation of who errs in acting as in answering", alike, suites, 0.0),
        _row("dissociation of who knows all and fails", apart, suites, 1.0, at_least=True),
    ]


def _row(what: str, value: float, n: int, limit: float, *, at_least: bool = False) -> Row:
    return Row(section="instrument", what=what, value=value, unit="", n=n, limit=limit, at_least=at_least)


def coverage(suites: int) -> dict[str, float]:
    """By aid, the part of suites whose interval holds its true share."""
    truth = shares(POOL, FAULTS)
    inside = dict.fromkeys(FACTORS, 0)
    for number in range(suites):
        chance = Random(f"instrument {number}")
        table, _ = factorial(drawn(POOL, TASKS, chance), FAULTS, chance)
        made = attribute_tasks(table)
        for aid in FACTORS:
            interval = made.aids[aid].share.interval
            inside[aid] += interval.low <= truth[aid] <= interval.high
    return {aid: hits / suites for aid, hits in inside.items()}


def found(suites: int) -> float:
    """The part of suites in which the one step that loses success is the bottleneck."""
    hits = 0
    for number in range(suites):
        chance = Random(f"way {number}")
        step = 1 + number % STEPS
        task, faults = broken_at(STEPS, step, LOSS)
        at = [played([task] * TASKS, faults, chance, begun=begun) for begun in range(STEPS + 1)]
        means = [average([values[0] for values in each.values()]) for each in at]
        hits += teleport(means, [TASKS] * (STEPS + 1)).bottleneck == step
    return hits / suites


def dissociation(suites: int) -> tuple[float, float]:
    """The mean rate of an agent that errs alike in acting and answering, and of one that answers all right."""
    rates = []
    for knows in (False, True):
        every = []
        for number in range(suites):
            chance = Random(f"failures {number}")
            made = causes(failures(drawn(POOL, TASKS, chance), FAULTS, chance, knows=knows))
            every.append(made.dissociation.value)
        rates.append(average(every))
    return rates[0], rates[1]
