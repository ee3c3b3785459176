"""Figures of what help brings, and of where on the way control is lost."""

from __future__ import annotations

import math

from scoring.gapreport.aids import AIDS
from scoring.plots import Figure, Legend, Panel, called, cell, change, listed, part, points, several, shown
from scoring.svg import Drawing, Scale, plane, shares
from scoring.verdicts import Agent, GapReport


def interventions(report: GapReport) -> Figure | None:
    """F4: from no help to all help, aid by aid, with what placebos did."""
    agents = [each for each in shown(report) if each.aids.attributed is not None]
    if not agents:
        return None
    rows, said = list[tuple[str, ...]](), []
    for agent in agents:
        found = agent.aids.attributed
        if found is None:
            continue
        rows += [(called(agent), f"v({cell_})", cell(value), "", "", "") for cell_, value in found.cells.items()]
        for name, aid in found.aids.items():
            own = aid.share
            rows.append(
                (called(agent), f"share of {name}", cell(own.mean), cell(own.interval.low), cell(own.interval.high),
                 cell(aid.placebo) if aid.placebo is not None else "")
            )  # fmt: skip
        best = max(found.aids, key=lambda name: found.aids[name].share.mean)
        top = found.aids[best]
        sure = top.net or top.share
        clear = "" if sure.interval.low > 0 else ", which could be chance"
        said.append(
            f"for {called(agent)} {AIDS[best]} ({best}) brings most, {points(top.share.mean)}{clear}, and all help "
            f"together {points(found.raw.recovered)}"
        )
    first = agents[0].aids.attributed
    return Figure(
        id="interventions",
        title=several(said),
        note="G: marks on what can be clicked. P: the plan. V: whether it is done. Each bar is an aid's Shapley "
        "share, the mean of what it adds over all orders in which aids could come; whiskers are Student's 95 % "
        f"intervals over {first.tasks if first else 0} tasks. The dashed box is what its placebo did alone: the same "
        "form with wrong content.",
        panels=tuple(Panel(called(each), _steps(each)) for each in agents),
        legend=(
            Legend("s0", "success"),
            Legend("s2", "an aid's share"),
            Legend("s1", "an aid that takes away"),
            Legend("ghost", "its placebo (dashed)"),
            Legend("s3", "recovered by no aid"),
        ),
        head=("agent", "what", "value", "low", "high", "placebo"),
        rows=tuple(rows),
    )


def _steps(agent: Agent) -> str:
    found = agent.aids.attributed
    if found is None:
        return ""
    drawing = Drawing(62 + 28 * (len(found.aids) + 3), f"What each aid brings to {called(agent)}")
    levels = [found.cells["none"]]
    for aid in found.aids.values():
        levels.append(levels[-1] + aid.share.mean)
    x = Scale(min(0.0, *levels), max(1.0, *levels), 100, drawing.width - 48)
    bottom = drawing.height - 36
    for value, word in shares():
        drawing.line(x(value), 8, x(value), bottom, "grid")
        drawing.text(x(value), bottom + 14, word, anchor="middle", kind="faint")
    drawing.text(drawing.width - 10, drawing.height - 4, "success", anchor="end")
    _bar(drawing, x, 0, "no help", (0.0, levels[0]), "s0", part(levels[0]))
    for row, (name, aid) in enumerate(found.aids.items(), 1):
        start, end = levels[row - 1], levels[row]
        y = 24.0 + 28 * row
        kind = "s2" if end >= start else "s1"
        _bar(drawing, x, row, f"+ {name}", (start, end), kind, change(aid.share.mean))
        if aid.placebo is not None:
            drawing.frame(x(start), y - 10, x(start + aid.placebo), y + 10, "ghost")
        sure = aid.share.interval
        if not math.isnan(sure.low):
            drawing.whisker(x(start + sure.low), x(start + sure.high), y, "ink")
    count = len(found.aids)
    _bar(drawing, x, count + 1, "all help", (0.0, levels[-1]), "s0", part(levels[-1]))
    _bar(drawing, x, count + 2, "not recovered", (levels[-1], 1.0), "s3", part(1 - levels[-1]))
    return drawing.svg()


def _bar(drawing: Drawing, x: Scale, row: int, word: str, ends: tuple[float, float], kind: str, value: str) -> None:
    """A lying bar with its name at the left and its value at the right edge."""
    y = 24.0 + 28 * row
    drawing.text(1, y + 4, word)
    drawing.box(x(ends[0]), y - 8, x(ends[1]), y + 8, kind, 0.8)
    drawing.text(drawing.width - 2, y + 4, value, anchor="end")


def teleports(report: GapReport) -> Figure | None:
    """F5: success by where on the way it began, and what each part of the way loses."""
    agents = [each for each in shown(report) if each.way.progress is not None]
    if not agents:
        return None
    rows = list[tuple[str, ...]]()
    for agent in agents:
        if (found := agent.way.progress) is None:
            continue
        for place, (raw, fitted) in enumerate(zip(found.curve.raw, found.curve.fitted, strict=True)):
            loss = found.losses[place] if place < len(found.losses) else found.stopping
            value = found.curve.losses[place] if place < len(found.losses) else found.curve.stopping
            rows.append(
                (called(agent), f"{place / (len(found.curve.raw) - 1):g}", cell(raw), cell(fitted), cell(value),
                 cell(loss.interval.low), cell(loss.interval.high), str(found.tasks))
            )  # fmt: skip
    tasks = listed(sorted({str(each.way.progress.tasks) for each in agents if each.way.progress}))
    return Figure(
        id="teleport",
        title=several([_lost_most(each) for each in agents]),
        note="Success of runs that begin after a part of the task's own solution was played for the agent. Dots are "
        "what was seen, with straight lines over states that were not tried, and the line is the rising curve "
        "closest to them; bars are what is lost in each tenth of the way, "
        f"the last one at stopping, with bootstrap 95 % intervals over {tasks} tasks.",
        panels=tuple(Panel(called(each), _curve(each)) for each in agents),
        legend=(Legend("s0", "success from there"), Legend("s1", "lost in this part")),
        head=("agent", "part of the way", "success", "fitted", "lost after it", "low", "high", "tasks"),
        rows=tuple(rows),
    )


def _lost_most(agent: Agent) -> str:
    found = agent.way.progress
    if found is None:
        return ""
    curve = found.curve
    start = (
        f"{called(agent)} finishes {part(curve.fitted[0])} from the start and {part(curve.fitted[-1])} from the end"
    )
    if curve.bottleneck is None:
        return f"{start}, and nothing is lost on the way"
    every = (*curve.losses, curve.stopping)
    worst = max(every)
    if curve.bottleneck == len(every):
        return f"{start}, and most is lost at stopping ({points(worst)})"
    low = 100 * (curve.bottleneck - 1) // (len(every) - 1)
    high = 100 * curve.bottleneck // (len(every) - 1)
    return f"{start}, and most is lost between {low} % and {high} % of the way ({points(worst)})"


def _curve(agent: Agent) -> str:
    found = agent.way.progress
    if found is None:
        return ""
    drawing = Drawing(236, f"Success of {called(agent)} by where it began")
    ticks = [(at, f"{100 * at:.0f} %") for at in (0.0, 0.25, 0.5, 0.75, 1.0)]
    field = plane(drawing, (-0.03, 1.1), (0, 1), ("part of the way played before", "success"), (ticks, shares()))
    count = len(found.curve.raw) - 1
    losses = zip((*found.curve.losses, found.curve.stopping), (*found.losses, found.stopping), strict=True)
    for place, (value, sure) in enumerate(losses):
        left, right = field.x(place / count + 0.01), field.x((place + 1) / count - 0.01)
        drawing.box(left, field.y(0), right, field.y(value), "s1", 0.75)
        if not math.isnan(sure.interval.low) and sure.interval.high > 0:
            drawing.standing((left + right) / 2, field.y(sure.interval.low), field.y(sure.interval.high), "ink")
    field.curve([(place / count, value) for place, value in enumerate(found.curve.fitted)], "s0")
    for place, value in enumerate(found.curve.raw):
        drawing.dot(field.x(place / count), field.y(value), "s0", 3)
    return drawing.svg()
