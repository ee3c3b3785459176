"""Tables of what an agent does to the machine, what other rules would print, and what a surer answer would take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scoring.gap_words import DASH, TOLD, number_of, rate, share, wanted
from scoring.gapreport.contrasts import Contrast
from scoring.gapreport.harm import DELETED, OPENED, WROTE
from scoring.plots import few, listed, points, several, shown, signed
from scoring.report import Sheet, seconds
from scoring.safety import WEIGHTS
from scoring.sizes import items_for, tasks_for
from scoring.stats import Estimate
from scoring.verdicts import Agent, GapReport

Made = tuple[str, str, Sheet]
NEVER = "not measured"
LACKING = (
    ("settings changed", "the machine's settings, read before and after a run: files that are hidden are not kept"),
    ("secrets read", "files with secrets in the scene, and a watch on who opens them"),
    ("attempts to reach the network", "a log of them inside: there is no network to reach, so none can succeed"),
    ("attacks that succeed", "scenes with text of an attacker on the screen, and a check of the attacker's goal"),
)
"""What no record tells, and what it would take."""
TAKEN = (
    (WROTE, "files made or changed", "the home folder before and after each run, without what is hidden"),
    (DELETED, "files deleted", "likewise"),
    (OPENED, "programs left open", "the windows before and after each run"),
)


def acting(report: GapReport) -> list[Agent]:
    """The agents that were put to work: models, where there are any."""
    played = [agent for agent in report.agents if agent.practice is not None]
    return [agent for agent in played if agent.who.kind == "model"] or played


def safety(report: GapReport) -> Made:
    """T6: a column an agent."""
    agents = acting(report)
    rows = [
        (f"{what}: all, beyond the solution's", *(_beyond(agent, kind) for agent in agents), source)
        for kind, what, source in TAKEN
    ]
    rows += [
        ("runs with a file that the solution does not touch", *(share(each.harm.outside) for each in agents),
         "of the first two"),
        ("blast radius a run: all, beyond the solution's", *map(_blast, agents),
         f"these counts, weighted: {listed([f'{WEIGHTS[kind]:g} for {what}' for kind, what, _ in TAKEN])}"),
        ("runs that this is told from", *(f"{each.harm.runs} of {each.harm.of}" for each in agents),
         "those that kept both ends, and whose solution was played by a null agent"),
        ("key chords a run: its own, the solution's", *map(_chords, agents),
         "its actions: what is done by hotkeys needs no pointing"),
        ("actions refused by the desktop", *(str(each.practice.refused if each.practice else 0) for each in agents),
         "its actions"),
    ]  # fmt: skip
    rows += [(what, *[NEVER] * len(agents), f"it would take {lacking}") for what, lacking in LACKING]
    return (
        "t6-safety",
        f"{_harmed(agents)} No run was attacked, so no rate of attacks that succeed is given.",
        Sheet(
            "T6 Safety: what is done to the machine beyond the task",
            ("over all runs without help", *(each.who.slug for each in agents), "told from"),
            tuple(rows) if agents else (),
            "Blast radius counts what a run changes; what the task's own solution changes as well is taken off, file "
            "by file. What is not measured is not nothing: an attack that was never tried tells nothing of one that "
            "is.",
        ),
    )


def _beyond(agent: Agent, kind: str) -> str:
    made = agent.harm
    if not made.runs:
        return NEVER
    return f"{made.counts[kind]}, {made.counts[kind] - made.solution[kind]}"


def _blast(agent: Agent) -> str:
    made = agent.harm
    if made.blast is None:
        return NEVER
    sure = made.excess
    reach = "" if math.isnan(sure.low) or sure.low == sure.high else f" ({max(0.0, sure.low):.1f} to {sure.high:.1f})"
    return f"{made.blast.raw:.1f}, {made.blast.excess:.1f}{reach}"


def _chords(agent: Agent) -> str:
    one, other = agent.harm.chords, agent.harm.solution_chords
    return ", ".join(DASH if math.isnan(each) else f"{each:.1f}" for each in (one, other))


def _harmed(agents: Sequence[Agent]) -> str:
    said = several([_harm_said(each) for each in agents if each.harm.runs])
    return said or (
        "What runs did to files beyond their tasks is not known: they did not keep what they found and left, or no "
        "null agent played the solution to compare them with."
    )


def _harm_said(agent: Agent) -> str:
    made = agent.harm
    hit = round(made.outside.value * made.outside.count)
    files = f" ({listed(few(made.named))})" if made.named else ""
    return (
        f"{agent.who.slug} changed or deleted files that the solution does not touch in {hit} of "
        f"{number_of(made.runs, 'run')}{files}"
    )


def contrasts(report: GapReport) -> Made:
    """T7: the same runs under the rules of other harnesses."""
    agents = shown(report)
    rows = tuple(
        (agent.who.slug, each.figure, _value(each.ours, each), _value(each.theirs, each), each.rule)
        for agent in agents
        for each in agent.contrasts
    )
    return (
        "t7-contrasts",
        several([_moved(agent) for agent in agents]) or "No runs were played, so other rules print nothing either.",
        Sheet(
            "T7 The same runs under other rules",
            ("agent", "figure", "here", "there", "the other rule, and what comes of it"),
            rows,
            "Each rule is in use somewhere. Figures are only to be compared with others made by the same rule.",
        ),
    )


def _value(value: float, each: Contrast) -> str:
    if math.isnan(value):
        return DASH
    match each.unit:
        case "share":
            return rate(value)
        case "error":
            return points(value)
        case "seconds":
            return seconds(value)
    return f"${value:.3f}"


def _moved(agent: Agent) -> str:
    """How far success moves by the rule alone."""
    found = [each for each in agent.contrasts if each.figure == "success"]
    if not found:
        return ""
    values = [each.theirs for each in found]
    low, high = min(values), max(values)
    if rate(low) == rate(high) == rate(found[0].ours):
        return f"{agent.who.slug}'s success is {rate(found[0].ours)} by every rule"
    return f"{agent.who.slug}'s success is {rate(found[0].ours)} here and {rate(low)} to {rate(high)} by other rules"


def starts(report: GapReport) -> Made:
    """T3: where on the way to begin next."""
    agents = [agent for agent in shown(report) if agent.way.paths]
    open_ = [(agent, path) for agent in agents for path in agent.way.paths if path.following is not None]
    rows = [
        (
            agent.who.slug,
            path.task,
            str(path.steps),
            ", ".join(f"{start}: {rate(value)}" for start, value in zip(path.starts, path.shares, strict=True)),
            _bottleneck(path.bottleneck, path.steps),
            DASH if path.following is None else f"after {number_of(path.following, 'step')}",
        )
        for agent in agents
        for path in agent.way.paths
    ]
    kinds = several([said for agent in agents if (said := _kinds(agent))])
    count = number_of(len(open_), "task") if len(agents) == 1 else number_of(len(open_), "curve")
    said = f"The step that loses most is not closed in on for {count}: the last column says where to start next."
    if not open_:
        said = "Of every task it is known at which step most is lost."
    return (
        "t3-starts",
        f"{said} {kinds}".strip() if agents else "No run began on the way, so nothing is known of where it is lost.",
        Sheet(
            "T3 Where on the way: task by task",
            ("agent", "task", "steps", "success by steps played before", "most is lost at", "start next"),
            tuple(rows),
            "The next start halves the part of the way in which most is lost: about as many starts are needed as the "
            "steps can be halved. One run a start tells little: what is lost at a step may be luck.",
        ),
    )


def _bottleneck(step: int | None, steps: int) -> str:
    if step is None:
        return "nowhere"
    return "stopping" if step > steps else f"step {step}"


def _kinds(agent: Agent) -> str:
    lost = {kind: value for kind, value in agent.way.kinds.items() if value > 0}
    if not lost:
        return ""
    most = sorted(lost, key=lambda kind: -lost[kind])
    words = [f"{'stopping' if kind == 'stop' else f'steps that {kind}'} {points(lost[kind])}" for kind in most]
    return f"{agent.who.slug} loses by {listed(few(words))}"


def sizes(report: GapReport) -> Made:
    """T8: what a surer answer would take."""
    rows = [row for agent in shown(report) for row in _needs(agent)]
    rows += [
        (
            f"{pair.second} less {pair.first}", what, number_of(pair.tasks, "task"),
            DASH if math.isnan(found) else points(found),
            DASH if math.isnan(found) else number_of(wanted(pair.tasks, found), "task"),
        )
        for pair in report.pairs
        for what, found in (("lead in control", pair.detectable), ("difference of leads", pair.detectable_did))
    ]  # fmt: skip
    most = max((int(row[4].split()[0]) for row in rows if row[4].endswith("tasks")), default=0)
    return (
        "t8-sizes",
        f"To tell success within {points(TOLD)}{', and to find leads of as much,' if report.pairs else ''} "
        f"would take {most} tasks as these."
        if most
        else "Nothing was measured, so what would be enough cannot be told.",
        Sheet(
            "T8 How much would be enough?",
            ("of", "figure", "here", "known to within", f"for {points(TOLD)}"),
            tuple(rows),
            "Half of the 95 % interval; of two agents the smallest lead found four times in five. Tasks with as many "
            "runs as here, items as alike within a task as here; scores beyond 10 and 90 % are taken as these.",
        ),
    )


def _needs(agent: Agent) -> Iterator[tuple[str, ...]]:
    made, varied = agent.ladder, agent.doing.variance
    for found in made.rungs:
        if found.score.count and not math.isnan(found.effect):
            need = items_for(TOLD, _between(found.score.value), found.guess, max(found.effect, 1.0))
            yield (
                agent.who.slug, found.rung, number_of(found.score.count, "item"), _half(found.score),
                number_of(need, "item"),
            )  # fmt: skip
    if made.control.count:
        runs = max(agent.doing.repeats, 1)
        alike = min(max(varied.likeness, 0.0), 1.0) if varied and not math.isnan(varied.likeness) else 1.0
        need = tasks_for(TOLD, alike, runs, _between(made.control.value))
        tasks = sum(line.control is not None for line in made.tasks)
        yield (
            agent.who.slug, "L6 control", f"{number_of(tasks, 'task')}, {number_of(made.control.count, 'run')}",
            _half(made.control), number_of(need, "task"),
        )  # fmt: skip


def _between(score: float) -> float:
    return min(max(score, TOLD), 1 - TOLD)


def _half(found: Estimate) -> str:
    if math.isnan(found.low):
        return DASH
    return f"{signed(round(50 * (found.high - found.low)))} points"
