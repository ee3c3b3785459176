"""Which aid brings how much: Shapley shares of a factorial of interventions, net of placebos, tasks resampled whole.

A cell is the set of aids that were on; its value is the mean success of all tasks. Every task must be in every cell:
aids tried only on what failed would take regression to the mean for an effect.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from envs.types import Closed
from scoring.paired import McNemar, Paired, differences, discordance, mcnemar, paired
from scoring.resampling import Resampled, summary, weights
from scoring.stats import Groups, task_means

if TYPE_CHECKING:
    from scoring.resampling import Floats

Cell: TypeAlias = frozenset[str]
Cells: TypeAlias = Mapping[Cell, float]


class Attribution(Closed):
    """What each aid brings to the step from no aid to all aids; `shares` add up to `recovered`.

    shares        Shapley: the mean of what an aid adds, over all orders in which the aids could come
    alone         what it adds to no aid
    last          what all aids lose without it
    interactions  Shapley interactions of pairs, by `pair`: above 0 they help each other
    unrecovered   1 less all aids: what none of them gives
    """

    shares: dict[str, float]
    alone: dict[str, float]
    last: dict[str, float]
    interactions: dict[str, float]
    recovered: float
    unrecovered: float


class Aid(Closed):
    """An aid's share, a mean over tasks of each task's own, by Student's t, exact sign flips and a bootstrap by task.

    The bootstrap's interval is too short for some twenty tasks or fewer; t's is not. `net` is the share less what the
    placebo did alone, v(placebo) - v(none), of the same draws; None without a placebo, and then the share may be the
    effect of a longer prompt.
    """

    share: Paired
    placebo: float | None = None
    net: Paired | None = None


class Attributed(Closed):
    """The attribution of tables of tasks. `logs` is of ln v, None where a cell is 0 and so has no logarithm.

    Where stages fail independently, the interactions of `logs` are all 0: an interval of `log_interactions` that
    leaves out 0 speaks against that. Their draws with a cell of 0 are left out.
    """

    cells: dict[str, float]
    raw: Attribution
    logs: Attribution | None
    aids: dict[str, Aid]
    interactions: dict[str, Resampled]
    log_interactions: dict[str, Resampled]
    tasks: int


class NetEffect(Closed):
    """An aid against its placebo on the same tasks. `mcnemar` is None where a task was run more than once."""

    effect: float
    placebo: float
    net: float
    mcnemar: McNemar | None
    paired: Paired


def pair(first: str, second: str) -> str:
    """The name of two aids' interaction."""
    return "+".join(sorted((first, second)))


def cell_name(cell: Cell) -> str:
    """The name of a cell: its aids, or `none`."""
    return "+".join(sorted(cell)) or "none"


def subsets(names: Sequence[str]) -> Iterator[Cell]:
    """All sets of those names, the empty one first and the whole one last."""
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))


def attribute(cells: Cells) -> Attribution:
    """Attribute values of all 2^n cells. Raises ValueError where one is missing.

    share f = sum over A without f of |A|! (n - |A| - 1)! / n! (v(A + f) - v(A)) (Shapley 1953); interaction f, g =
    sum over A without both of |A|! (n - |A| - 2)! / (n - 1)! (v(A + f + g) - v(A + f) - v(A + g) + v(A)) (Grabisch
    and Roubens 1999).
    """
    names = _factors(cells)
    whole, none = frozenset(names), Cell()
    return Attribution(
        shares={name: _total(cells, found) for name, found in _share_weights(names).items()},
        alone={name: cells[frozenset({name})] - cells[none] for name in names},
        last={name: cells[whole] - cells[whole - {name}] for name in names},
        interactions={name: _total(cells, found) for name, found in _pair_weights(names).items()},
        recovered=cells[whole] - cells[none],
        unrecovered=1 - cells[whole],
    )


def logged(cells: Cells) -> dict[Cell, float] | None:
    """The logarithms of the cells, None where one is 0."""
    if any(value <= 0 for value in cells.values()):
        return None
    return {cell: math.log(value) for cell, value in cells.items()}


def product_game(passing: Mapping[str, float]) -> dict[Cell, float]:
    """The cells of stages that are passed independently, where an aid makes its stage certain: the product of others.

    The truth of an agent with planted faults: of its ln v the share of a stage is -ln q and every interaction 0.
    """
    return {
        cell: math.prod(value for name, value in passing.items() if name not in cell)
        for cell in subsets(tuple(passing))
    }


def _factors(cells: Mapping[Cell, object]) -> tuple[str, ...]:
    names = tuple(sorted({name for cell in cells for name in cell}))
    missing = [cell_name(cell) for cell in subsets(names) if cell not in cells]
    if missing:
        raise ValueError(f"wanted all {2 ** len(names)} cells of {', '.join(names)}; missing {', '.join(missing)}")
    return names


def _total(cells: Cells, found: Cells) -> float:
    return sum(weight * cells[cell] for cell, weight in found.items())


def _share_weights(names: Sequence[str]) -> dict[str, dict[Cell, float]]:
    """By how much each cell counts in each share."""
    count, found = len(names), {}
    for name in names:
        weight: dict[Cell, float] = {}
        for cell in subsets([each for each in names if each != name]):
            part = math.factorial(len(cell)) * math.factorial(count - len(cell) - 1) / math.factorial(count)
            weight[cell | {name}], weight[cell] = part, -part
        found[name] = weight
    return found


def _pair_weights(names: Sequence[str]) -> dict[str, dict[Cell, float]]:
    """By how much each cell counts in each pair's interaction."""
    count, found = len(names), {}
    for first, second in combinations(names, 2):
        weight: dict[Cell, float] = {}
        for cell in subsets([each for each in names if each not in (first, second)]):
            part = math.factorial(len(cell)) * math.factorial(count - len(cell) - 2) / math.factorial(count - 1)
            weight[cell | {first, second}], weight[cell] = part, part
            weight[cell | {first}] = weight[cell | {second}] = -part
        found[pair(first, second)] = weight
    return found


def attribute_tasks(
    cells: Mapping[Cell, Groups], placebos: Mapping[str, Groups] | None = None, seed: int = 0
) -> Attributed:
    """Attribute tables of tasks, runs of a task averaged; every interval from the same draws of whole tasks.

    Raises ValueError where a cell is missing, or a cell or placebo has other tasks than the rest.
    """
    names = _factors(cells)
    table = _Table(cells, placebos or {})
    means = {cell: float(table.column(cell).mean()) for cell in cells}
    logs = logged(means)
    drawn = weights(table.tasks, seed=seed)
    pairs = _pair_weights(names)
    return Attributed(
        cells={cell_name(cell): means[cell] for cell in subsets(names)},
        raw=attribute(means),
        logs=attribute(logs) if logs else None,
        aids={name: table.aid(name, weight, seed) for name, weight in _share_weights(names).items()},
        interactions={name: table.resampled(table.combined(weight), drawn) for name, weight in pairs.items()},
        log_interactions={name: summary(table.logs(weight, drawn)) for name, weight in pairs.items()},
        tasks=table.tasks,
    )


class _Table:
    """The means of tasks, a column for each cell and placebo, tasks in the order of names."""

    def __init__(self, cells: Mapping[Cell, Groups], placebos: Mapping[str, Groups]) -> None:
        import numpy as np

        found = {cell: task_means(groups) for cell, groups in cells.items()}
        blind = {name: task_means(groups) for name, groups in placebos.items()}
        every = [list(column) for column in (*found.values(), *blind.values())]
        if not every[0] or any(tasks != every[0] for tasks in every):
            raise ValueError(
                f"wanted the same tasks in every cell and placebo, found {sorted(map(len, every))} tasks"
            )
        self.tasks = len(every[0])
        self.cells = {cell: np.array(list(column.values())) for cell, column in found.items()}
        self.placebos = {name: np.array(list(column.values())) for name, column in blind.items()}

    def column(self, cell: Cell) -> Floats:
        """A cell's values."""
        return self.cells[cell]

    def combined(self, weight: Cells) -> Floats:
        """Each task's own share: shares are sums of cells, and so the mean of those of the tasks."""
        import numpy as np

        return np.asarray(sum(part * self.cells[cell] for cell, part in weight.items()))

    def resampled(self, values: Floats, drawn: Floats) -> Resampled:
        """The bootstrap of a mean over tasks."""
        import numpy as np

        return summary(drawn @ values / self.tasks if self.tasks > 1 else np.full(1, math.nan))

    def logs(self, weight: Cells, drawn: Floats) -> Floats:
        """A combination of the logarithms of the drawn cells, NaN where one of them is 0."""
        import numpy as np

        if self.tasks < 2:
            return np.full(1, math.nan)
        total = np.zeros(len(drawn))
        for cell, part in weight.items():
            means = drawn @ self.cells[cell] / self.tasks
            total += part * np.log(np.where(means > 0, means, np.nan))
        return total

    def aid(self, name: str, weight: Cells, seed: int) -> Aid:
        """One aid's share, and net of its placebo where there is one."""
        own = self.combined(weight)
        if name not in self.placebos:
            return Aid(share=differences(own.tolist(), seed))
        shown = self.placebos[name] - self.cells[Cell()]
        return Aid(
            share=differences(own.tolist(), seed),
            placebo=float(shown.mean()),
            net=differences((own - shown).tolist(), seed),
        )


def net_effect(base: Groups, aided: Groups, placebo: Groups, seed: int = 0) -> NetEffect:
    """What an aid does beyond its placebo: v(aid) - v(placebo), on the tasks all three have.

    McNemar's exact test where each task was run once, else see `paired`.
    """
    tasks = [task for task in task_means(base) if aided.get(task) and placebo.get(task)]
    none, true, blind = ({task: list(side[task]) for task in tasks} for side in (base, aided, placebo))
    once = all(len(side[task]) == 1 and side[task][0] in (0, 1) for side in (true, blind) for task in tasks)
    effect, shown = paired(true, none, seed), paired(blind, none, seed)
    return NetEffect(
        effect=effect.mean,
        placebo=shown.mean,
        net=effect.mean - shown.mean,
        mcnemar=mcnemar(discordance(*([side[task][0] == 1 for task in tasks] for side in (true, blind))))
        if once
        else None,
        paired=paired(true, blind, seed),
    )
