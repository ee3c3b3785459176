"""Figures of use: what a budget buys, whether it repeats, why it fails, and what it costs."""

from __future__ import annotations

from typing import get_args

from scoring.autopsy import Cause
from scoring.gap_words import number_of
from scoring.plots import Figure, Legend, Panel, called, cell, colour, listed, part, points, several, shown
from scoring.production import frontier
from scoring.svg import Drawing, Scale, counts, decades, plane, shares
from scoring.verdicts import Agent, GapReport

CAUSES = {
    "format": "could not be read",
    "perceive": "did not perceive",
    "ground": "did not find the target",
    "plan": "did not know the next step",
    "predict": "did not foresee the outcome",
    "verify": "did not see whether it is done",
    "none_failed": "knew it all and failed",
}


def budgets(report: GapReport) -> Figure | None:
    """F10: success by the number of actions allowed."""
    agents = [each for each in shown(report) if each.doing.budget is not None]
    if not agents:
        return None
    rows, said, made = list[tuple[str, ...]](), [], []
    for place, agent in enumerate(agents):
        if (found := agent.doing.budget) is None:
            continue
        made.append(Panel(called(agent), _budget(agent, colour(place))))
        for allowed, point in enumerate(found.points, 1):
            rows.append(
                (called(agent), str(allowed), cell(point.value), cell(point.low), cell(point.high), str(point.count))
            )
        rows.append((called(agent), "final", *_cells(agent, claimed=False)))
        rows.append((called(agent), "claimed", *_cells(agent, claimed=True)))
        ever = found.points[-1].value
        lost = ever - found.final.value
        undone = f", {points(lost)} of which are undone again" if lost > 0.005 else ""
        said.append(f"{called(agent)} is right at some time in {part(ever)} of runs{undone}")
    return Figure(
        id="budget",
        title=several(said),
        note="Every run is judged after every action, so one run gives the whole curve. The band is the 95 % "
        "interval by task (cluster-Wilson). Solid line: right within so many actions. Dashed: right at the end. "
        f"Dotted: right at the end and said to be done. Over {listed([_runs(each) for each in agents])}.",
        panels=tuple(made),
        legend=(),
        head=("agent", "actions", "success", "low", "high", "n"),
        rows=tuple(rows),
    )


def _runs(agent: Agent) -> str:
    return f"{agent.doing.budget.runs if agent.doing.budget else 0} runs of {called(agent)}"


def _cells(agent: Agent, *, claimed: bool) -> tuple[str, ...]:
    made = agent.doing.budget
    if made is None:
        return ()
    found = made.claimed if claimed else made.final
    return cell(found.value), cell(found.low), cell(found.high), str(found.count)


def _budget(agent: Agent, kind: str) -> str:
    found = agent.doing.budget
    if found is None:
        return ""
    drawing = Drawing(220, f"Success of {called(agent)} by actions allowed")
    most = len(found.points) + 1
    field = plane(drawing, (0, most), (0, 1), ("actions allowed", "success"), (counts(most), shares()))
    band = [(0.0, 0.0, 0.0)]
    for allowed, point in enumerate(found.points, 1):
        band += [(allowed, band[-1][1], band[-1][2]), (allowed, point.low, point.high)]
    band.append((most, band[-1][1], band[-1][2]))
    drawing.band([(field.x(x), field.y(low), field.y(high)) for x, low, high in band], kind)
    levels = [(0.0, 0.0), *((float(at), point.value) for at, point in enumerate(found.points, 1))]
    field.steps([*levels, (float(most), levels[-1][1])], kind)
    field.curve([(0, found.final.value), (most, found.final.value)], "ink", 1.4, "6 3")
    field.curve([(0, found.claimed.value), (most, found.claimed.value)], "ink", 1.4, "1.5 3")
    return drawing.svg()


def reliability(report: GapReport) -> Figure | None:
    """F7: success in any and in all of k runs."""
    agents = [each for each in shown(report) if len(each.doing.passing) > 1]
    if not agents:
        return None
    most = max(len(each.doing.passing) for each in agents)
    drawing = Drawing(250, "Success in any and in all of k runs")
    ticks = [(float(k), str(k)) for k in range(1, most + 1)]
    field = plane(drawing, (0.8, most + 0.2), (0, 1), ("runs of the same task (k)", "success"), (ticks, shares()))
    rows, said = list[tuple[str, ...]](), []
    for place, agent in enumerate(agents):
        passing = agent.doing.passing
        shift = 0.03 * (place - (len(agents) - 1) / 2)
        for name, dash in (("any", "5 3"), ("all", "")):
            field.curve([(each.k + shift, getattr(each, name)) for each in passing], colour(place), 2, dash)
            for each in passing:
                sure = getattr(each, f"{name}_bootstrap").interval
                at = field.at(each.k + shift, getattr(each, name))
                if sure.low == sure.low:
                    drawing.standing(at[0], field.y(sure.low), field.y(sure.high), colour(place))
                drawing.dot(*at, colour(place), 3)
                rows.append(
                    (called(agent), name, str(each.k), cell(getattr(each, name)), cell(sure.low), cell(sure.high))
                )
        last = passing[-1]
        said.append(
            f"{called(agent)} succeeds in all of {last.k} runs on {part(last.all)} of tasks, in any of them on "
            f"{part(last.any)}"
        )
    return Figure(
        id="reliability",
        title=several(said),
        note="Solid: in all of k runs (pass^k). Dashed: in any of them (pass@k). Unbiased estimates over the runs of "
        "each task and seed, with bootstrap 95 % intervals over "
        f"{listed([f'{each.doing.episodes} runs of {called(each)}' for each in agents])}.",
        panels=(Panel("", drawing.svg()),),
        legend=tuple(Legend(colour(place), called(each)) for place, each in enumerate(agents)),
        head=("agent", "in", "k", "success", "low", "high"),
        rows=tuple(rows),
    )


def causes(report: GapReport) -> Figure | None:
    """F8: why failed episodes failed."""
    agents = [each for each in shown(report) if each.failures.lines]
    agents = [each for each in agents if each.failures.own.failures or each.failures.task.failures]
    if not agents:
        return None
    drawing = Drawing(10 + 44 * len(agents) + 34, "Shares of causes of failed episodes")
    x = Scale(0, 1, 4, drawing.width - 10)
    bottom = drawing.height - 34
    rows, said = list[tuple[str, ...]](), []
    names = [name for name in get_args(Cause) if name != "infra"]
    for row, agent in enumerate(agents):
        own = bool(agent.failures.own.failures)
        found = agent.failures.own if own else agent.failures.task
        y, start = 10 + 44 * row, 0.0
        drawing.text(4, y + 11, f"{called(agent)}, {number_of(found.failures, 'failure')}")
        for place, name in enumerate(names):
            share = found.shares[name]
            rows.append(
                (called(agent), name, "own screens" if own else "the task's questions", cell(share.value),
                 cell(share.low), cell(share.high), str(share.count))
            )  # fmt: skip
            if share.value > 0:
                drawing.box(x(start), y + 16, x(start + share.value), y + 34, f"c{place}", 0.9)
                if share.value > 0.08:
                    middle = x(start + share.value / 2)
                    drawing.text(middle, y + 29, f"{100 * share.value:.0f}", anchor="middle", kind="paper")
                start += share.value
        gone = found.dissociation
        said.append(
            f"{called(agent)} knew all that was asked in {round(gone.value * gone.count)} of "
            f"{number_of(gone.count, 'failure')} "
            f"({part(gone.low)} to {part(gone.high)})"
        )
    for value, word in shares():
        drawing.line(x(value), bottom, x(value), bottom + 4, "axis")
        drawing.text(x(value), bottom + 16, word, anchor="middle", kind="faint")
    drawing.text(drawing.width - 10, drawing.height - 4, "share of failed episodes", anchor="end")
    mixed = any(not each.failures.own.failures for each in agents)
    return Figure(
        id="failures",
        title=several(said),
        note="Each failure has the first cause, in this order, of which a question about the episode's own screens "
        "was answered wrong."
        + (
            " Where no such questions were asked, it is the first rung of the task's questions below 0.8, which says "
            "what the agent lacks for the task and not at the moment of failing."
            if mixed
            else ""
        )
        + " Guessing adds to what was known: at most 1 in 16 for each question of four options.",
        panels=(Panel("", drawing.svg()),),
        legend=tuple(Legend(f"c{place}", CAUSES[name]) for place, name in enumerate(names)),
        head=("agent", "cause", "told from", "share", "low", "high", "failures"),
        rows=tuple(rows),
    )


def cost(report: GapReport) -> Figure | None:
    """F6: success against what an attempt costs."""
    known = {
        called(each): (each, each.practice.mean_usd)
        for each in shown(report)
        if each.practice is not None and each.practice.mean_usd
    }
    if not known:
        return None
    prices = [price for _, price in known.values()]
    low, high = min(prices) / 2, max(prices) * 2
    drawing = Drawing(250, "Success against cost per attempt")
    ticks = [(value, f"${word}") for value, word in decades(low, high)]
    field = plane(
        drawing, (low, high), (0, 1), ("cost of an attempt, USD (log)", "success"), (ticks, shares()), log=True
    )
    rows, said = list[tuple[str, ...]](), []
    best = frontier({name: (price, agent.ladder.control.low) for name, (agent, price) in known.items()})
    for place, (name, (agent, price)) in enumerate(known.items()):
        found = agent.ladder.control
        at = field.at(price, found.value)
        drawing.standing(at[0], field.y(found.low), field.y(found.high), colour(place))
        drawing.dot(*at, colour(place), 5 if name in best else 3.5)
        spent = agent.practice.usd if agent.practice else None
        each = cell(spent.value) if spent else ""
        rows.append(
            (name, cell(price), cell(found.value), cell(found.low), cell(found.high), each,
             "yes" if name in best else "no", str(found.count))
        )  # fmt: skip
        if spent:
            said.append(f"a success of {name} costs {_dollars(spent.value)}")
    return Figure(
        id="cost",
        title=several(said) or "Success against the cost of an attempt.",
        note="Failures are paid for as well. Success with 95 % intervals by task (cluster-Wilson), over "
        f"{listed([f'{agent.ladder.control.count} runs of {name}' for name, (agent, _) in known.items()])}. Not "
        f"beaten in both cost and the lower end of success: {listed(list(best))}.",
        panels=(Panel("", drawing.svg()),),
        legend=tuple(Legend(colour(place), name) for place, name in enumerate(known)),
        head=("agent", "USD per attempt", "success", "low", "high", "USD per success", "on the frontier", "runs"),
        rows=tuple(rows),
    )


def _dollars(value: float) -> str:
    return f"${value:.2f}" if value >= 0.1 else f"${value:.3f}"
