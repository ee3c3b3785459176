"""The figures of a study: each a sentence that says what it shows, drawings, and the numbers that are drawn.

Every figure is a pure function of a `GapReport`, and is left out where what it would show was not measured. Intervals
are drawn wherever there are any, and how much they are of is printed below.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from scoring import figures_help, figures_use
from scoring.gapreport.ladder import LADDER, Cell, Region
from scoring.plots import (
    Cells,
    Figure,
    Legend,
    Panel,
    called,
    cell,
    change,
    colour,
    few,
    listed,
    part,
    points,
    several,
    shown,
)
from scoring.stats import Estimate, Interval, quantile
from scoring.svg import Drawing, Scale, breadth, plane, shares
from scoring.verdicts import Agent, GapReport

NAMES = {
    "L0": "L0 perceive",
    "L1": "L1 ground",
    "L2": "L2 predict",
    "L3": "L3 plan",
    "L4": "L4 verify",
    "L5": "L5 act once",
    "L6": "L6 control",
}
LEFT = 94.0
CHI = -2 * math.log(0.05)
"""The 95 % quantile of chi squared with two degrees of freedom."""
FALSE = 0.1
"""Of the cells of a heat map that get a star, the part that may be wrong."""
THIN = 20
"""Independent answers or runs under which a cell is hatched."""


def figures(report: GapReport) -> tuple[Figure, ...]:
    """All figures that there is anything to draw for, in the order in which they are read."""
    drawn: tuple[Callable[[GapReport], Figure | None], ...] = (
        parity,
        funnel,
        scatter,
        waterfall,
        figures_help.interventions,
        figures_help.teleports,
        figures_use.budgets,
        figures_use.reliability,
        heat,
        figures_use.causes,
        figures_use.cost,
    )
    made = (draw(report) for draw in drawn)
    return tuple(figure for figure in made if figure is not None)


def funnel(report: GapReport) -> Figure | None:
    """F2: how many tasks are passed rung by rung."""
    agents = [each for each in shown(report) if len(each.ladder.survivors) > 1]
    if not agents:
        return None
    rungs = [rung for rung in LADDER if any(rung in each.ladder.survivors for each in agents)]
    high = 14 + 8 * len(agents)
    drawing = Drawing(30 + high * len(rungs) + 34, "Tasks that pass each rung and all rungs below it")
    x = Scale(0, 1, LEFT, drawing.width - 14)
    bottom = drawing.height - 34
    for value, word in shares():
        drawing.line(x(value), 14, x(value), bottom, "grid")
        drawing.text(x(value), bottom + 14, word, anchor="middle", kind="faint")
    drawing.text(drawing.width - 10, drawing.height - 4, "tasks that pass this rung and all below", anchor="end")
    for row, rung in enumerate(rungs):
        middle = 18 + high * (row + 0.5)
        drawing.text(1, middle + 4, NAMES[rung])
        for place, agent in enumerate(agents):
            found = agent.ladder.survivors.get(rung)
            if found is not None:
                y = middle + 9 * (place - (len(agents) - 1) / 2)
                drawing.box(x(0), y - 2.5, x(found.value), y + 2.5, colour(place), 0.35)
                drawing.whisker(x(found.low), x(found.high), y, colour(place))
                drawing.dot(x(found.value), y, colour(place))
    last = [(each, each.ladder.survivors[rungs[-1]]) for each in agents if rungs[-1] in each.ladder.survivors]
    said = [f"{called(each)} on {round(found.value * found.count)} of {found.count} tasks" for each, found in last]
    return Figure(
        id="ladder-funnel",
        title=f"All rungs up to {NAMES[rungs[-1]]} are passed by {listed(few(said)) or 'nobody'}.",
        note=f"A task passes a rung with {agents[0].ladder.tau:g} or more, guessing taken out; a rung that "
        "a task has no questions of is passed over. Whiskers are Wilson's 95 % intervals over "
        f"{max(len(each.ladder.tasks) for each in agents)} tasks.",
        panels=(Panel("", drawing.svg()),),
        legend=_legend(agents),
        head=("agent", "rung", "share of tasks", "low", "high", "tasks"),
        rows=tuple(
            (called(each), rung, *_cells(found)) for each in agents for rung, found in each.ladder.survivors.items()
        ),
    )


def _cells(found: Estimate) -> tuple[str, ...]:
    return cell(found.value), cell(found.low), cell(found.high), str(found.count)


def _legend(agents: Sequence[Agent]) -> tuple[Legend, ...]:
    return tuple(Legend(colour(place), called(each)) for place, each in enumerate(agents))


def scatter(report: GapReport) -> Figure | None:
    """F1: control against understanding, with what compounding alone would make of it."""
    agents = [each for each in shown(report) if each.ladder.understanding.count and each.ladder.control.count]
    if not agents:
        return None
    drawing = Drawing(360, "Control against understanding, task by task")
    field = plane(drawing, (0, 1), (0, 1), ("understanding", "control (success)"), (shares(), shares()))
    lengths = sorted(report.lengths.values())
    drawn = sorted({max(1, round(quantile(lengths, at))) for at in (0.25, 0.5, 0.75)} | {1}) if lengths else [1]
    for steps in drawn:
        curve = [(at / 40, (at / 40) ** steps) for at in range(41)]
        field.curve(curve, "faint", 1.0, "4 3" if steps > 1 else "")
    dashed = [each for each in drawn if each > 1]
    for place, steps in enumerate(dashed):
        level = 0.22 - 0.07 * place  # each at a height of its own, so that no two names lie over each other
        last = place and steps == dashed[-1]  # on its right there is room
        x = field.x(level ** (1 / steps)) + (5 if last else -4)
        drawing.text(x, field.y(level) + 4, f"{steps} steps", anchor="start" if last else "end", kind="faint")
    rows = list[tuple[str, ...]]()
    for place, agent in enumerate(agents):
        both = [(line.task, line.u, line.control) for line in agent.ladder.tasks if line.u is not None]
        for task, u, control in both:
            if control is not None:
                drawing.dot(field.x(u), field.y(control), colour(place), 2.6, 0.4)
                rows.append((called(agent), task, cell(u), "", "", cell(control), "", ""))
    for place, agent in enumerate(agents):
        if (region := agent.following.region) is not None:
            field.curve(_ellipse(region), colour(place), 1.2)
            rows.append(
                (called(agent), "covariance", *map(cell, (region.uu, region.uc, math.nan, region.cc)), "", "")
            )
        knows, does = agent.ladder.understanding, agent.ladder.control
        at = field.at(knows.value, does.value)
        drawing.whisker(field.x(knows.low), field.x(knows.high), at[1], colour(place))
        drawing.standing(at[0], field.y(does.low), field.y(does.high), colour(place))
        drawing.dot(*at, colour(place), 5)
        rows.append((called(agent), "all", *_cells(knows)[:3], *_cells(does)[:3]))
    said = [
        f"{called(each)} understands {part(each.ladder.understanding.value)} and does "
        f"{part(each.ladder.control.value)}"
        for each in agents
    ]
    compounded = listed([str(steps) for steps in drawn if steps > 1])
    return Figure(
        id="understanding-control",
        title=several(said),
        note="Small dots are tasks, large ones an agent's mean with its 95 % intervals over "
        f"{max(len(each.ladder.tasks) for each in agents)} tasks. {_regions(agents)} On the straight line control "
        "equals understanding"
        + (
            f"; the dashed ones are what is left of it after {compounded} steps without recovery (quartiles of the "
            "length of the suite's solutions)."
            if compounded
            else "."
        ),
        panels=(Panel("", drawing.svg()),),
        legend=_legend(agents),
        head=("agent", "task", "understanding", "low", "high", "control", "low", "high"),
        rows=tuple(rows),
    )


def _regions(agents: Sequence[Agent]) -> str:
    """What is said of the ellipses, or why there are none."""
    if any(each.following.region for each in agents):
        return (
            "The ellipse holds both means together with 95 %: a bootstrap by task, cut off where shares end; where "
            "all tasks are alike it has no width, and the intervals say more."
        )
    return "There are no ellipses for both means together: these take three tasks."


def _ellipse(region: Region) -> list[tuple[float, float]]:
    """The 95 % contour of a normal distribution with those covariances (5.991: chi squared, two degrees)."""
    import numpy as np

    values, axes = np.linalg.eigh(np.array([[region.uu, region.uc], [region.uc, region.cc]]))
    turns = np.linspace(0, 2 * math.pi, 73)
    ring = np.sqrt(CHI * np.maximum(values, 0.0))[:, None] * np.array([np.cos(turns), np.sin(turns)])
    return [(region.u + float(x), region.control + float(y)) for x, y in (axes @ ring).T]


PIECES = (("knowing_doing", "knowing to doing"), ("compounding", "compounding"), ("closed_loop", "closed loop"))


def waterfall(report: GapReport) -> Figure | None:
    """F3: from understanding to control, in three parts that add up."""
    agents = [each for each in shown(report) if each.following.split is not None]
    if not agents:
        return None
    rows = list[tuple[str, ...]]()
    for agent in agents:
        split = agent.following.split
        if split is not None:
            for name in ("u", *(name for name, _ in PIECES), "control", "total"):
                sure = split.parts[name].interval
                value = getattr(split.mean, name)
                rows.append((called(agent), name, cell(value), cell(sure.low), cell(sure.high), str(len(split.rows))))
    return Figure(
        id="gap-waterfall",
        title=several([_split_said(each) for each in agents]),
        note="Knowing to doing: understanding less the success of single steps. Compounding: single steps less their "
        "product. Closed loop: the product less control; where it is negative, the agent recovers. The three add up "
        "to the gap exactly. Intervals: bootstrap by task, 95 %, over "
        f"{listed(sorted({str(len(each.following.split_tasks)) for each in agents}))} tasks. Steps tried alone: "
        f"{listed([_tried(each) for each in agents])}; the others are taken to be as likely as their app's.",
        panels=tuple(Panel(called(each), _fall(each)) for each in agents),
        legend=(Legend("s0", "level"), Legend("s1", "lost"), Legend("s2", "won back")),
        head=("agent", "part", "value", "low", "high", "tasks"),
        rows=tuple(rows),
    )


def _tried(agent: Agent) -> str:
    return f"{agent.following.steps_tried} of {agent.following.steps} by {called(agent)}"


def _split_said(agent: Agent) -> str:
    split = agent.following.split
    if split is None:
        return ""
    largest = max(PIECES, key=lambda piece: getattr(split.mean, piece[0]))
    if split.mean.total <= 0:
        return f"{called(agent)} controls no less than it understands ({points(split.mean.total)})"
    back = -sum(min(0.0, getattr(split.mean, piece)) for piece, _ in PIECES)
    more = f"; {points(back)} won back" if round(100 * back) else ""
    return (
        f"{called(agent)} loses {points(split.mean.total)} from understanding to control, most at {largest[1]} "
        f"({points(getattr(split.mean, largest[0]))}{more})"
    )


def _fall(agent: Agent) -> str:
    split = agent.following.split
    if split is None:
        return ""
    drawing = Drawing(186, f"How understanding becomes control for {called(agent)}")
    x = Scale(0, 1, 120, drawing.width - 42)
    for value, word in shares():
        drawing.line(x(value), 8, x(value), 150, "grid")
        drawing.text(x(value), 164, word, anchor="middle", kind="faint")
    drawing.text(drawing.width - 10, 181, "share of tasks", anchor="end")
    _level(drawing, x, 0, "understanding", split.mean.u, split.parts["u"].interval)
    level = split.mean.u
    for row, (name, word) in enumerate(PIECES, 1):
        lost, sure, y = getattr(split.mean, name), split.parts[name].interval, 24.0 + 28 * row
        drawing.text(1, y + 4, word)
        drawing.box(x(level), y - 8, x(level - lost), y + 8, "s1" if lost >= 0 else "s2", 0.8)
        reach = max(level, level - lost)
        if not math.isnan(sure.low):
            drawing.whisker(x(level - sure.high), x(level - sure.low), y, "ink")
            reach = max(reach, level - sure.low)
        drawing.text(x(reach) + 5, y + 4, change(-lost))
        level -= lost
    _level(drawing, x, len(PIECES) + 1, "control", split.mean.control, split.parts["control"].interval)
    return drawing.svg()


def _level(drawing: Drawing, x: Scale, row: int, word: str, value: float, sure: Interval) -> None:
    """A bar from 0 with its interval."""
    y, reach = 24.0 + 28 * row, value
    drawing.text(1, y + 4, word)
    drawing.box(x(0), y - 8, x(value), y + 8, "s0", 0.8)
    if not math.isnan(sure.low):
        drawing.whisker(x(sure.low), x(sure.high), y, "ink")
        reach = max(value, sure.high)
    drawing.text(x(reach) + 5, y + 4, part(value))


def parity(report: GapReport) -> Figure | None:
    """T1 as a picture: open less closed for each category, against the margin of no difference that matters."""
    rows = [row for row in report.parity if row.parity is not None]
    if not rows:
        return None
    drawing = Drawing(30 + 22 * len(rows) + 36, "Open less closed, category by category")
    x = Scale(-1, 1, 150, drawing.width - 12)
    bottom = drawing.height - 36
    margin = rows[0].parity.margin if rows[0].parity else 0.05
    drawing.box(x(-margin), 18, x(margin), bottom, "s2", 0.18)
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0):
        drawing.line(x(value), 18, x(value), bottom, "grid")
        drawing.text(
            x(value),
            bottom + 14,
            f"{100 * value:+.0f}".replace("-", "−") if value else "0",
            anchor="middle",
            kind="faint",
        )
    drawing.text(drawing.width - 10, drawing.height - 4, "open less closed, points", anchor="end")
    told, cells = [], []
    for place, row in enumerate(rows):
        found, y = row.parity, 32 + 22 * place
        if found is None:
            continue
        name = row.category if row.domain == "all" else f"{row.category}, {_short(row.domain)}"
        drawing.text(1, y + 4, name)
        sure = found.interval
        if not math.isnan(sure.low):
            drawing.whisker(x(sure.low), x(sure.high), y, "s0")
        drawing.dot(x(found.difference), y, "s0", 4)
        cells.append(
            (row.category, row.domain, cell(found.difference), cell(sure.low), cell(sure.high), found.verdict,
             cell(row.detectable), str(row.tasks))
        )  # fmt: skip
        if row.domain == "all" and row.category in {"understanding", "control"}:
            told.append(f"{row.category} {points(found.difference)} ({VERDICTS[found.verdict]})")
    return Figure(
        id="parity",
        title=f"The best open agent less the best closed one: {listed(told)}.",
        note=f"The shaded part is where a difference does not matter (under {100 * margin:.0f} points). The best are "
        "chosen on one half of the tasks; what is drawn is of the other half, with 95 % intervals over "
        f"{listed(sorted({str(row.tasks) for row in rows}, key=int))} tasks.",
        panels=(Panel("", drawing.svg()),),
        legend=(),
        head=("category", "domain", "open less closed", "low", "high", "verdict", "detectable", "tasks"),
        rows=tuple(cells),
    )


VERDICTS = {
    "parity": "parity",
    "behind_material": "open is behind",
    "ahead_material": "open is ahead",
    "non_inferior": "open is not worse",
    "non_superior": "open is not better",
    "undetermined": "undetermined",
}


def _short(app: str) -> str:
    """An app's name without its maker's: `calc`."""
    return app.rpartition("-")[2]


def heat(report: GapReport) -> Figure | None:
    """F9: rung by app."""
    agents = [each for each in shown(report) if len(each.ladder.apps) > 1]
    if not agents:
        return None
    made, rows = [], list[tuple[str, ...]]()
    for agent in agents:
        table = agent.ladder.apps
        rungs = [rung for rung in LADDER if any(rung in own for own in table.values())]
        made.append(Panel(called(agent), _grid(agent, rungs)))
        for app, own in table.items():
            more = agent.ladder.cells[app]
            rows += [
                (called(agent), app, rung, *_cells(own[rung]), cell(more[rung].effective), cell(more[rung].p))
                for rung in rungs
                if rung in own
            ]
    worst = [_worst(each) for each in agents]
    return Figure(
        id="heat",
        title=several(worst),
        note="Each cell is a score of 0 to 100, guessing taken out: the stronger the colour, the lower. "
        f"{_thin(agents)} {_starred(agents)}",
        panels=tuple(made),
        legend=(),
        head=("agent", "app", "rung", "score", "low", "high", "n", "effective n", "p (Benjamini-Hochberg)"),
        rows=tuple(rows),
    )


def _all_cells(agents: Sequence[Agent]) -> list[Cell]:
    return [
        each for agent in agents for own in agent.ladder.cells.values() for each in own.values() if each.effective
    ]


def _thin(agents: Sequence[Agent]) -> str:
    made = _all_cells(agents)
    thin = sum(each.effective < THIN for each in made)
    which = "All cells are" if thin == len(made) else f"{thin} of {len(made)} cells are"
    if not thin:
        return f"Every cell is worth {THIN} independent answers or runs or more."
    return (
        f"{which} hatched: worth fewer than {THIN} independent answers or runs, as those of one task are alike, and "
        "so they say little."
    )


def _starred(agents: Sequence[Agent]) -> str:
    """What a star means, and how many there are."""
    made = [each for each in _all_cells(agents) if not math.isnan(each.p)]
    stars = sum(each.p <= FALSE for each in made)
    if not made:
        return "No cell could be tested against the other apps on its rung: that takes tasks of both."
    return (
        "A star marks a cell that differs from the other apps on its rung, by task, with all cells of an agent "
        f"tested together so that no more than one star in {1 / FALSE:.0f} is wrong on average "
        f"(Benjamini-Hochberg): {stars or 'none'} of {len(made)}."
    )


def _worst(agent: Agent) -> str:
    cells: Cells = [
        (found.value, app, rung)
        for app, own in agent.ladder.apps.items()
        for rung, found in own.items()
        if found.count
    ]
    value, app, rung = min(cells)
    return f"{called(agent)} is weakest at {NAMES[rung]} in {app} ({part(value)})"


def _grid(agent: Agent, rungs: Sequence[str]) -> str:
    table = agent.ladder.apps
    drawing = Drawing(30 + 30 * len(table), f"Scores of {called(agent)} by app and rung")
    names = {app: app for app in table}
    if max(map(len, names)) > 14:
        names = {app: _short(app) for app in table}
    left = 8 + max(breadth(word) for word in names.values())
    wide = (drawing.width - left - 2) / len(rungs)
    for column, rung in enumerate(rungs):
        drawing.text(left + wide * (column + 0.5), 16, rung, anchor="middle")
    for row, (app, own) in enumerate(table.items()):
        y = 24 + 30 * row
        drawing.text(1, y + 18, names[app])
        for column, rung in enumerate(rungs):
            found = own.get(rung)
            if found is None or not found.count:
                continue
            x = left + wide * column
            drawing.box(x + 1, y + 1, x + wide - 1, y + 27, "s0", 0.08 + 0.8 * (1 - min(max(found.value, 0), 1)))
            more = agent.ladder.cells[app][rung]
            light = "paper" if found.value < 0.4 else "ink"
            if more.effective < THIN:
                drawing.hatch(x + 1, y + 1, x + wide - 1, y + 27, "faint" if light == "ink" else "grid")
            star = "*" if more.p <= FALSE else ""
            words = f"{100 * found.value:.0f}{star}".replace("-", "−")
            drawing.text(x + wide / 2, y + 18, words, anchor="middle", kind=light)
    return drawing.svg()


def csvs(made: Sequence[Figure]) -> Iterator[tuple[str, str]]:
    """Each figure's numbers, by a file's name."""
    for figure in made:
        yield f"{figure.id}.csv", figure.csv
