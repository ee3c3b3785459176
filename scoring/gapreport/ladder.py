"""One agent's ladder: from whether its points arrive (L-1) over what it understands (L0 to L4) to control (L6)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from envs.types import Closed
from scoring.association import TAU, Conversion, Correlation, conversion, disattenuated, sweep
from scoring.gap import Decomposition, Rungs, decompose, shrunk
from scoring.gapreport.tables import apps, halves, lengths, steps, success
from scoring.paired import benjamini_hochberg
from scoring.resampling import reallocated, resamples
from scoring.stats import (
    UNKNOWN,
    Estimate,
    Groups,
    average,
    cluster_t,
    cluster_wilson,
    clustered_error,
    effective,
    effective_count,
    estimate,
    share,
    task_means,
    wilson,
)
from scoring.study import Entrant, Records
from scoring.understanding.items import Rung
from scoring.understanding.rungs import UNDERSTANDING, RungScore, by_task, scores, understanding

L5, L6 = "L5", "L6"
LADDER = ("L0", "L1", "L2", "L3", "L4", L5, L6)


class TaskLine(Closed):
    """One task on the ladder. `rungs` are those it has, L5 and L6 included; None where nothing was measured."""

    task: str
    app: str
    rungs: dict[str, float]
    u: float | None
    control: float | None


class Cell(Closed):
    """One app on one rung, beside its score.

    `effective` is how many independent answers or runs the score is as good as. `p` is of its tasks being as the
    other apps' on this rung (any of them could as well be these), corrected for all cells of the agent so that of
    those below q no more than q are wrong (Benjamini and Hochberg); NaN where there are no tasks to compare.
    """

    effective: float
    p: float


class Ladder(Closed):
    """All rungs of one agent.

    standing        L-1: what calibration said of each model, `right`, `wrong` or `unsure`; empty where none was made
    rungs           L0 to L4 of what was asked
    understanding   the mean over tasks of the mean of their rungs L0 to L4
    single, control L5, the mean over tasks of single steps, and L6
    tasks           task by task
    survivors       the part of tasks with at least `tau` on this rung and on all below it; a rung that a task does
                    not have is passed over
    apps            by app and rung; `cells` what more is known of each
    """

    standing: dict[str, str]
    rungs: tuple[RungScore, ...]
    understanding: Estimate
    single: Estimate
    control: Estimate
    tasks: tuple[TaskLine, ...]
    survivors: dict[str, Estimate]
    tau: float
    apps: dict[str, dict[str, Estimate]]
    cells: dict[str, dict[str, Cell]]

    def score(self, rung: str) -> Estimate | None:
        """A rung's headline; None where nothing was measured."""
        if rung in {L5, L6}:
            found = self.single if rung == L5 else self.control
            return found if found.count else None
        return next((each.score for each in self.rungs if each.rung == rung and each.score.count), None)


def ladder(records: Records, entrant: Entrant) -> Ladder:
    """Put one agent's answers and episodes on the ladder."""
    asked = by_task(records.items, entrant.responses)
    lines = _lines(records, entrant, asked)
    singles = single_groups(entrant)
    control = success(entrant.life.stories)
    rungs = scores(records.items, entrant.responses)
    by_app = _by_app(rungs, singles, control, apps(records))
    return Ladder(
        standing=_standing(entrant),
        rungs=rungs,
        understanding=_understanding(lines, sum(each.items for each in rungs if each.rung in UNDERSTANDING)),
        single=cluster_wilson(singles),
        control=cluster_wilson(control),
        tasks=lines,
        survivors=_survivors(lines),
        tau=TAU,
        apps=by_app,
        cells=_cells(by_app, lines, rungs, {L5: singles, L6: control}),
    )


def _understanding(lines: tuple[TaskLine, ...], items: int) -> Estimate:
    """The mean over tasks, with Wilson's interval at the effective number of items, as a rung has it."""
    groups = {line.task: [line.u] for line in lines if line.u is not None}
    if not groups:
        return UNKNOWN
    mean = average([values[0] for values in groups.values()])
    inside = min(max(mean, 0.0), 1.0)
    count = effective_count(inside, clustered_error(groups), len(groups), max(items, len(groups)))
    found = estimate(mean, wilson(inside, count, method="cluster-Wilson, corrected"), len(groups))
    return (
        found
        if mean >= 0
        else Estimate(value=mean, low=mean, high=found.high, count=found.count, method=found.method)
    )


def mean_of(groups: Groups) -> Estimate:
    """The mean with its interval by task: Wilson's for shares, Student's where guessing pulls a value below 0."""
    inside = all(0 <= value <= 1 for values in groups.values() for value in values)
    return cluster_wilson(groups) if inside else cluster_t(groups)


def single_groups(entrant: Entrant) -> dict[str, list[float]]:
    """L5 as values by task: the mean of each step, so that steps weigh alike."""
    return {task: [average(values) for values in own.values() if values] for task, own in steps(entrant).items()}


def _standing(entrant: Entrant) -> dict[str, str]:
    return {each.model: each.verdict for each in entrant.calibration}


def _lines(records: Records, entrant: Entrant, asked: Mapping[str, Mapping[Rung, float]]) -> tuple[TaskLine, ...]:
    single, control = task_means(single_groups(entrant)), task_means(success(entrant.life.stories))
    known, understood = apps(records), understanding(asked)
    lines = []
    for task in sorted({*asked, *single, *control}):
        rungs: dict[str, float] = {name: worth for name, worth in asked.get(task, {}).items() if name != L5}
        if task in single:
            rungs[L5] = single[task]
        if task in control:
            rungs[L6] = control[task]
        lines.append(
            TaskLine(
                task=task, app=known.get(task, ""), rungs=rungs, u=understood.get(task), control=control.get(task)
            )
        )
    return tuple(lines)


def _survivors(lines: tuple[TaskLine, ...]) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    alive = set(range(len(lines)))
    for rung in LADDER:
        if not any(rung in line.rungs for line in lines):
            continue
        alive = {place for place in alive if lines[place].rungs.get(rung, 1.0) >= TAU - 1e-9}
        found[rung] = share(len(alive), len(lines))
    return found


def _by_app(
    rungs: tuple[RungScore, ...], singles: Groups, control: Groups, known: Mapping[str, str]
) -> dict[str, dict[str, Estimate]]:
    found: dict[str, dict[str, Estimate]] = {}
    for each in rungs:
        for app, score in each.apps.items():
            found.setdefault(app, {})[each.rung] = score
    for rung, groups in ((L5, singles), (L6, control)):
        for app in sorted({known.get(task, "") for task in groups} - {""}):
            own = {task: values for task, values in groups.items() if known.get(task) == app}
            found.setdefault(app, {})[rung] = cluster_wilson(own)
    return dict(sorted(found.items()))


def _cells(
    table: Mapping[str, Mapping[str, Estimate]],
    lines: tuple[TaskLine, ...],
    asked: tuple[RungScore, ...],
    played: Mapping[str, Groups],
) -> dict[str, dict[str, Cell]]:
    """Of each cell how much it is of, and whether it is another than the rest of its rung."""
    answers: dict[str, dict[str, float]] = {each.rung: each.effective for each in asked}
    tested = {(app, rung): _other(lines, app, rung) for app, own in table.items() for rung in own}
    made = {f"{app} {rung}": p for (app, rung), p in tested.items() if not math.isnan(p)}
    adjusted = benjamini_hochberg(made)
    own = {line.task: line.app for line in lines}
    found: dict[str, dict[str, Cell]] = {}
    for app, rung in tested:
        groups = {task: values for task, values in played.get(rung, {}).items() if own.get(task) == app}
        count = effective(groups) if rung in played else answers[rung].get(app, 0.0)
        found.setdefault(app, {})[rung] = Cell(effective=count, p=adjusted.get(f"{app} {rung}", math.nan))
    return found


def _other(lines: tuple[TaskLine, ...], app: str, rung: str) -> float:
    inside = [line.rungs[rung] for line in lines if line.app == app and rung in line.rungs]
    outside = [line.rungs[rung] for line in lines if line.app != app and rung in line.rungs]
    return reallocated(inside, outside)


class Region(Closed):
    """Where both means lie with 95 %: an ellipse, from the covariances of the means over draws of whole tasks."""

    u: float
    control: float
    uu: float
    uc: float
    cc: float
    tasks: int


class Following(Closed):
    """How control follows understanding over the tasks that have both; None where there are too few.

    Of the `steps` of the tasks that are split `steps_tried` were tried alone; the others are taken to be as likely as
    their app's. `region` is of both means together.
    """

    region: Region | None
    split: Decomposition | None
    split_tasks: tuple[str, ...]
    steps_tried: int
    steps: int
    conversion: Conversion | None
    sweep: dict[str, Estimate]
    correlation: Correlation | None
    tasks: int


def following(records: Records, entrant: Entrant, made: Ladder) -> Following:
    """Split the gap, say what becomes of understanding, and correlate the two."""
    both = [(line.u, line.control) for line in made.tasks if line.u is not None and line.control is not None]
    u, c = [u for u, _ in both], [c for _, c in both]
    names, split, tried, steps_ = _split(records, entrant, made)
    return Following(
        region=_region(u, c),
        split=split,
        split_tasks=names,
        steps_tried=tried,
        steps=steps_,
        conversion=conversion(u, c) if both else None,
        sweep={f"{tau:g}": rate for tau, rate in sweep(u, c).items()} if both else {},
        correlation=_correlation(records, entrant),
        tasks=len(both),
    )


def _region(u: list[float], c: list[float]) -> Region | None:
    """None for fewer than three tasks: two lie on a line, whatever they are."""
    import numpy as np

    if len(u) < 3:
        return None
    rows = resamples(len(u))
    drawn = np.cov(np.asarray(u)[rows].mean(axis=1), np.asarray(c)[rows].mean(axis=1))
    return Region(
        u=average(u),
        control=average(c),
        uu=float(drawn[0, 0]),
        uc=float(drawn[0, 1]),
        cc=float(drawn[1, 1]),
        tasks=len(u),
    )


def _split(
    records: Records, entrant: Entrant, made: Ladder
) -> tuple[tuple[str, ...], Decomposition | None, int, int]:
    """Of the tasks of which a step was tried, each step drawn towards its app's; and how many steps those are."""
    table, known, long = steps(entrant), apps(records), lengths(records)
    pools: dict[str, dict[str, tuple[int, int]]] = {}
    for task, own in table.items():
        pool = pools.setdefault(known.get(task, ""), {})
        for number in range(max(long.get(task, 0), *(each + 1 for each in own))):
            values = own.get(number, [])
            pool[_step(task, number)] = round(sum(values)), len(values)
    drawn = {name: p for pool in pools.values() for name, p in shrunk(pool).items()}
    tasks, rows, tried = [], [], 0
    for line in made.tasks:
        own = table.get(line.task, {})
        if line.u is None or line.control is None or not own:
            continue
        every = range(max(long.get(line.task, 0), *(each + 1 for each in own)))
        tasks.append(line.task)
        tried += len(own)
        rows.append(
            Rungs(u=line.u, steps=tuple(drawn[_step(line.task, each)] for each in every), control=line.control)
        )
    return tuple(tasks), decompose(rows) if rows else None, tried, sum(len(row.steps) for row in rows)


def _step(task: str, number: int) -> str:
    return f"{task} {number:04d}"


def _correlation(records: Records, entrant: Entrant) -> Correlation | None:
    """From halves of items and of runs, over tasks with two runs or more. None for fewer than four tasks."""
    first, second = (understanding(by_task(half, entrant.responses)) for half in halves(records.items))
    runs = success(entrant.life.stories)
    tasks = [task for task, values in runs.items() if len(values) > 1 and task in first and task in second]
    if len(tasks) < 4:
        return None
    return disattenuated(
        ([first[task] for task in tasks], [second[task] for task in tasks]),
        ([average(runs[task][::2]) for task in tasks], [average(runs[task][1::2]) for task in tasks]),
    )
