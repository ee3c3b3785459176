"""What help brings, and where on the way control is lost: interventions against their placebos, and teleports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envs.types import Closed
from scoring.attribution import Attributed, Cell, NetEffect, attribute_tasks, net_effect, subsets
from scoring.gapreport.tables import LIFE, PLACEBO, TELEPORT, lengths, numbered, of_tasks, success
from scoring.paired import Paired, paired
from scoring.record import Deed
from scoring.stats import Groups, average
from scoring.study import Entrant, Records
from scoring.teleport import Progress, Teleport, by_kind, next_start, progress, teleport

FACTORS = ("G", "P", "V")
AIDS: Mapping[str, str] = {
    "G": "marks on what can be clicked",
    "P": "the plan",
    "V": "whether it is done",
    "S": "the screen as text",
}


class Effect(Closed):
    """One aid alone against none, on the tasks both have; `net` against its placebo, None where that was not run."""

    aid: str
    alone: Paired
    net: NetEffect | None


class Aids(Closed):
    """`attributed` is None unless all cells of the factorial were played on the same tasks; then `missing` says which
    were not."""

    attributed: Attributed | None
    effects: tuple[Effect, ...]
    missing: tuple[str, ...]


def aids(entrant: Entrant) -> Aids:
    """What each aid brings."""
    cells = {cell: success(entrant.under("".join(sorted(cell))).stories) for cell in subsets(FACTORS)}
    missing = tuple("".join(sorted(cell)) or "none" for cell, groups in cells.items() if not groups)
    base = cells[Cell()]
    return Aids(
        attributed=None if missing else _attributed(entrant, cells),
        effects=tuple(_effect(entrant, aid, base) for aid in AIDS if base and entrant.under(aid).stories),
        missing=missing if len(missing) < 2 ** len(FACTORS) - 1 else (),
    )


def _attributed(entrant: Entrant, cells: Mapping[Cell, Groups]) -> Attributed | None:
    blind = {aid: success(entrant.under(aid + PLACEBO).stories) for aid in FACTORS}
    blind = {aid: groups for aid, groups in blind.items() if groups}
    tasks = set.intersection(*(set(groups) for groups in (*cells.values(), *blind.values())))
    if not tasks:
        return None
    return attribute_tasks(
        {cell: of_tasks(groups, tasks) for cell, groups in cells.items()},
        {aid: of_tasks(groups, tasks) for aid, groups in blind.items()},
    )


def _effect(entrant: Entrant, aid: str, base: Groups) -> Effect:
    helped, blind = (success(entrant.under(name).stories) for name in (aid, aid + PLACEBO))
    return Effect(aid=aid, alone=paired(helped, base), net=net_effect(base, helped, blind) if blind else None)


class Path(Closed):
    """One task: success when begun after `starts[i]` steps of its solution, over `counts[i]` runs.

    `bottleneck` is the step, from 1, at which most is lost, one more than there are for stopping; None where nothing
    is. Where states between were not tried it is the first after the state before. `following` is the state to start
    from next, to close in on the largest loss; None where it is found.
    """

    task: str
    steps: int
    starts: tuple[int, ...]
    shares: tuple[float, ...]
    counts: tuple[int, ...]
    fitted: tuple[float, ...]
    bottleneck: int | None
    following: int | None


class Way(Closed):
    """Where control is lost.

    `progress` lays tasks over each other by the part of the way done, `pooled` step by step as far as all of them
    reach: what is called stopping there is all that comes after. `common` is the step at which that loses most.
    `kinds` is what each kind of action loses of all success, `stop` what stopping does, over the tasks whose whole
    solution was played before an agent.
    """

    paths: tuple[Path, ...]
    progress: Progress | None
    pooled: Teleport | None
    common: int | None
    kinds: dict[str, float]


def way(records: Records, entrant: Entrant) -> Way:
    """The curves of all tasks that were started on the way."""
    known = lengths(records)
    starts = {number: success(played.stories) for number, played in numbered(entrant, TELEPORT).items()}
    starts[0] = success(entrant.under(LIFE).stories) or starts.get(0, {})
    tasks = sorted({task for number, groups in starts.items() if number for task in groups})
    paths = tuple(_path(task, starts, known[task]) for task in tasks if starts[0].get(task))
    curves = {path.task: _filled(path) for path in paths}
    pooled = _pooled(list(curves.values())) if curves else None
    return Way(
        paths=paths,
        progress=progress(curves) if curves else None,
        pooled=pooled,
        common=pooled.bottleneck if pooled else None,
        kinds=_kinds(entrant, paths, curves),
    )


def _pooled(curves: Sequence[Sequence[float]]) -> Teleport:
    shortest = min(map(len, curves))
    return teleport([average([curve[state] for curve in curves]) for state in range(shortest)], [1.0] * shortest)


def _path(task: str, starts: Mapping[int, Groups], steps: int) -> Path:
    known = {number: groups[task] for number, groups in sorted(starts.items()) if groups.get(task)}
    shares, counts = tuple(average(values) for values in known.values()), tuple(map(len, known.values()))
    curve = teleport(shares, counts)
    states = tuple(known)
    place = curve.bottleneck
    return Path(
        task=task,
        steps=max(steps, states[-1]),
        starts=states,
        shares=shares,
        counts=counts,
        fitted=curve.fitted,
        bottleneck=None if place is None else states[place - 1] + 1,
        following=next_start(dict(zip(states, curve.fitted, strict=True)), max(steps, states[-1])),
    )


def _kinds(entrant: Entrant, paths: Sequence[Path], curves: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """By what the solution's steps do, as seen where all of them were played before the agent began."""
    seen: dict[str, tuple[str, ...]] = {}
    for played in numbered(entrant, TELEPORT).values():
        for story in played.stories:
            steps = (decided.actions for decided in story.decisions if decided.lead and decided.actions)
            seen[story.started.task] = max(
                tuple(_kind(actions[-1]) for actions in steps), seen.get(story.started.task, ()), key=len
            )
    known = [(curves[path.task], seen[path.task]) for path in paths if len(seen.get(path.task, ())) == path.steps]
    return dict(sorted(by_kind([(teleport(curve, [1.0] * len(curve)), kinds) for curve, kinds in known]).items()))


def _kind(action: Deed) -> str:
    """`click`, `type`, `press`, ...: what the action is called in the log."""
    return str(action.__struct_config__.tag)


def _filled(path: Path) -> Sequence[float]:
    """The curve at every state, with straight lines between those that were tried."""
    import numpy as np

    return [float(value) for value in np.interp(range(path.steps + 1), path.starts, path.shares)]
