"""Suites played by agents with planted faults, without a desktop: what is true of them, and what chance makes of it.

A task is the channels that each step of its solution needs, and stopping at its end. A step goes wrong at the rate of
any of its channels, an error is fatal, and an aid makes its channel certain: so a task is done with probability
product over f of (1 - e_f)^(n_f), over the channels that no aid removes and the steps that are left. Suites are drawn
from a pool of tasks, so that what is true is a mean over the pool.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from scoring.attribution import Cell, attribute, subsets
from scoring.autopsy import Cause
from scoring.items import corrected
from scoring.stats import Groups
from scoring.understanding.items import Item, Order
from scoring.understanding.rungs import UNDERSTANDING

Faults: TypeAlias = Mapping[str, float]
"""By channel, how often it fails where it is needed: `ground`, `plan`, `read`, `stop`."""
AIDS: Mapping[str, str] = {"G": "ground", "P": "plan", "S": "read", "V": "stop"}
"""The channel that each aid removes."""
ASKED: Mapping[str, str] = {"L0": "read", "L1": "ground", "L2": "plan", "L3": "plan", "L4": "stop"}
"""The channel that each rung's questions need."""
PROBES: Mapping[str, Cause] = {"ground": "ground", "plan": "plan", "read": "perceive", "stop": "verify"}
FACTORS = ("G", "P", "V")


@dataclass(frozen=True)
class Course:
    """A task: the channels of each step of its solution. Every step needs `plan`; stopping comes after them."""

    steps: tuple[frozenset[str], ...]

    def needs(self, begun: int = 0) -> dict[str, int]:
        """How often each channel is needed from there to the end."""
        counts = dict.fromkeys(("ground", "plan", "read"), 0)
        for step in self.steps[begun:]:
            for channel in {*step, "plan"}:
                counts[channel] += 1
        return {**counts, "stop": 1}


def course(steps: Iterable[tuple[bool, bool]]) -> Course:
    """From whether each step has to point, and to write what was read."""
    return Course(
        tuple(
            frozenset(name for name, needed in (("ground", points), ("read", types)) if needed)
            for points, types in steps
        )
    )


def passing(task: Course, faults: Faults, cell: Iterable[str] = (), begun: int = 0) -> float:
    """The chance to do the task with those aids, from that step of its solution."""
    helped = {AIDS[aid] for aid in cell}
    needs = task.needs(begun)
    return math.prod((1 - rate) ** needs[channel] for channel, rate in faults.items() if channel not in helped)


def single(task: Course, faults: Faults, step: int) -> float:
    """The chance to do one step alone: nobody has to stop."""
    needed = {*task.steps[step], "plan"}
    return math.prod(1 - rate for channel, rate in faults.items() if channel in needed)


def cells(pool: Sequence[Course], faults: Faults, factors: Sequence[str] = FACTORS) -> dict[Cell, float]:
    """The value of each cell: its mean over the pool."""
    return {cell: _mean([passing(task, faults, cell) for task in pool]) for cell in subsets(factors)}


def shares(pool: Sequence[Course], faults: Faults, factors: Sequence[str] = FACTORS) -> dict[str, float]:
    """Each aid's true Shapley share."""
    return attribute(cells(pool, faults, factors)).shares


def curve(pool: Sequence[Course], faults: Faults) -> tuple[float, ...]:
    """The true teleport curve of tasks of one length: the chance to finish from each state. Raises ValueError."""
    lengths = {len(task.steps) for task in pool}
    if len(lengths) != 1:
        raise ValueError(f"wanted tasks of one length, found {sorted(lengths)}")
    return tuple(_mean([passing(task, faults, begun=begun) for task in pool]) for begun in range(lengths.pop() + 1))


def drawn(pool: Sequence[Course], tasks: int, chance: Random) -> list[Course]:
    """A suite: so many tasks of the pool, with replacement."""
    return [chance.choice(pool) for _ in range(tasks)]


def played(
    suite: Sequence[Course],
    faults: Faults,
    chance: Random,
    *,
    cell: Iterable[str] = (),
    begun: int = 0,
    runs: int = 1,
) -> dict[str, list[float]]:
    """Successes of each task, played so often, by the task's place in the suite."""
    aids = tuple(cell)
    return {
        f"task {place:04d}": [float(chance.random() < passing(task, faults, aids, begun)) for _ in range(runs)]
        for place, task in enumerate(suite)
    }


def factorial(
    suite: Sequence[Course], faults: Faults, chance: Random, factors: Sequence[str] = FACTORS, runs: int = 1
) -> tuple[dict[Cell, Groups], dict[str, Groups]]:
    """All cells of the aids, each with chance of its own, and each aid's placebo, which helps nobody."""
    table: dict[Cell, Groups] = {
        cell: played(suite, faults, chance, cell=sorted(cell), runs=runs) for cell in subsets(factors)
    }
    return table, {aid: played(suite, faults, chance, runs=runs) for aid in factors}


def broken_at(length: int, step: int, rate: float) -> tuple[Course, dict[str, float]]:
    """A task in which only one step needs pointing, from 1, and an agent that cannot point: its bottleneck."""
    return course([(number == step, False) for number in range(1, length + 1)]), {"ground": rate}


def failures(
    suite: Sequence[Course], faults: Faults, chance: Random, *, knows: bool = False, blurred: float = 0.0
) -> list[Cause]:
    """Of each failure of the suite, which question about the screen where it failed is answered wrongly.

    An agent that errs in acting as in answering fails that of the channel that failed; one that `knows` all fails
    none. `blurred` is how often a question is passed by guessing all the same.
    """
    found: list[Cause] = []
    for task in suite:
        channel = _failed(task, faults, chance)
        if channel is not None:
            guessed = knows or chance.random() < blurred
            found.append("none_failed" if guessed else PROBES[channel])
    return found


def _failed(task: Course, faults: Faults, chance: Random) -> str | None:
    """The channel that fails first; None where the task is done."""
    for step in task.steps:
        for channel in ("plan", "ground", "read"):
            if channel in {*step, "plan"} and chance.random() < faults.get(channel, 0.0):
                return channel
    return "stop" if chance.random() < faults.get("stop", 0.0) else None


def rungs(items: Sequence[Item], faults: Faults) -> dict[str, float]:
    """What each rung must come out as for an agent that errs so when asked, and its understanding as `U`.

    A rung of which a wrong answer may be partly right (an order) is left out where it can be wrong, and `U` with it.
    """
    by_task: dict[str, dict[str, list[float]]] = {}
    vague = {
        item.rung for item in items if isinstance(item.truth, Order) and faults.get(ASKED.get(item.rung, ""), 0.0)
    }
    pairs: dict[str, list[Item]] = {}
    for item in items:
        if item.rung in UNDERSTANDING and item.rung not in vague:
            pairs.setdefault(f"pair {item.pair}" if item.pair else item.id, []).append(item)
    for unit in pairs.values():
        if not any(item.hidden for item in unit):
            right = (1 - faults.get(ASKED[unit[0].rung], 0.0)) ** len(unit)
            worth = corrected(right, math.prod(item.guess for item in unit))
            by_task.setdefault(unit[0].rung, {}).setdefault(unit[0].task, []).append(worth)
    means = {name: {task: _mean(worths) for task, worths in own.items()} for name, own in by_task.items()}
    found = {name: _mean(list(own.values())) for name, own in means.items()}
    tasks = sorted({task for own in means.values() for task in own})
    if tasks and not vague:
        found["U"] = _mean([_mean([own[task] for own in means.values() if task in own]) for task in tasks])
    return found


def truths(
    suite: Mapping[str, Sequence[Course]], items: Sequence[Item], faults: Faults, *, knows: bool
) -> dict[str, float]:
    """What figures of a study must come out as for an agent with these faults: see `Contender.truths`.

    `suite` has the courses of each template, one for each seed; `knows`: it answers everything right.
    """
    if not suite:
        return {}
    each = [list(own) for own in suite.values()]
    values = {
        cell: _mean([_mean([passing(task, faults, sorted(cell)) for task in own]) for own in each])
        for cell in subsets(FACTORS)
    }
    found = {"L6": values[frozenset()], **attribute(values).shares, **rungs(items, {} if knows else faults)}
    if any(faults.values()):
        found["dissociation"] = float(knows)
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
