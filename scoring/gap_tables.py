"""The tables of a study, T1 to T8, each with a sentence that says what it shows to whoever has read nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from scoring import gap_tables_more as more
from scoring import gap_tables_use as use
from scoring.gap_where import RUNGS
from scoring.gap_words import DASH, VERDICTS, interval, number_of, p_value, rate, share, told, undetermined, verdict
from scoring.gapreport.ladder import LADDER
from scoring.gapreport.pairs import ALPHA, Pair, Row, Side
from scoring.paired import STOP
from scoring.plots import SAID, listed, part, points, several, shown, signed
from scoring.published import Compared
from scoring.report import Sheet
from scoring.stats import Interval
from scoring.verdicts import Agent, GapReport


@dataclass(frozen=True)
class Told:
    """A table, and the sentence above it. `id` names its CSV and its place on the page."""

    id: str
    says: str
    sheet: Sheet


def tables(report: GapReport) -> tuple[Told, ...]:
    """All tables, in the order in which they are read. One of which nothing was measured says so."""
    made = (
        _map(report),
        _published(report),
        _ladder(report),
        more.interventions(report),
        use.starts(report),
        _pairs(report),
        _gaps(report),
        more.production(report),
        use.safety(report),
        use.contrasts(report),
        more.exclusions(report),
        more.failures(report),
        more.instrument(report),
        more.planted(report),
        use.sizes(report),
    )
    return tuple(Told(name, says, sheet) for name, says, sheet in made)


def _map(report: GapReport) -> tuple[str, str, Sheet]:
    rows = tuple(_map_row(row) for row in report.parity)
    main = [row for row in report.parity if row.domain == "all" and row.category in {"understanding", "control"}]
    says = " ".join(f"{row.category.capitalize()}: {map_said(row)}." for row in main)
    return (
        "t1-parity",
        says or "No model was measured, so there is nothing to compare.",
        Sheet(
            "T1 Parity map: measured here",
            ("category", "domain", "best closed", "best open", "open less closed", "verdict", "detectable", "tasks"),
            rows,
            "Best is chosen on the odd tasks and estimated on the even ones, so that nobody is best by luck. "
            "Weights and "
            "scaffold are told apart: an open scaffold around a closed model is a closed agent. Detectable is the "
            "smallest difference that so many tasks would find four times in five. A difference matters from "
            f"{_margin(report)} points on.",
        ),
    )


def _margin(report: GapReport) -> str:
    margins = [row.parity.margin for row in report.parity if row.parity]
    return f"{100 * margins[0]:.0f}" if margins else "5"


def map_said(row: Row) -> str:
    """A row's verdict in words, with the refusal to conclude where there is one."""
    if row.parity is None:
        return row.why
    found = row.parity
    if found.verdict == "undetermined":
        return undetermined(row.tasks, row.detectable)
    return f"{VERDICTS[found.verdict]}: {told(found.difference, found.interval)}"


def _map_row(row: Row) -> tuple[str, ...]:
    found = row.parity
    return (
        row.category,
        row.domain,
        _side(row.closed),
        _side(row.open),
        told(found.difference, found.interval) if found else DASH,
        map_said(row) if found is None or found.verdict == "undetermined" else VERDICTS[found.verdict],
        _detectable(row.detectable),
        str(row.tasks),
    )


def _detectable(value: float) -> str:
    if math.isnan(value):
        return DASH
    return "none" if value >= 1 else points(value)


def _side(side: Side | None) -> str:
    if side is None:
        return "none measured"
    return f"{side.slug} ({side.weights} weights, scaffold {side.scaffold}): {share(side.score)}"


def _published(report: GapReport) -> tuple[str, str, Sheet]:
    rows = tuple(_compared(each) for each in report.compared)
    claimed = [each for each in report.compared if each.claim]
    says = " ".join(f"Claimed: {each.claim}. The figures say: {_published_said(each)}." for each in claimed)
    return (
        "t1-published",
        f"Figures that others published, not measured here. {says}",
        Sheet(
            "T1 Parity map: published",
            ("category", "instrument", "closed", "open", "open less closed", "verdict", "sources"),
            rows,
            "These figures are quoted, each with its date; they come from other tasks, other screens and other "
            "harnesses "
            "than the measured ones, and are in no mean with them.",
        ),
    )


def _compared(each: Compared) -> tuple[str, ...]:
    names = [
        f"{one.name} ({one.weights} weights, scaffold {one.scaffold}): {part_exact(one.value)}, "
        f"n={one.count or '?'}, {one.date}"
        for one in (each.closed, each.open)
    ]
    instruments = listed(list(dict.fromkeys((each.open.instrument, each.closed.instrument))))
    notes = [one.note for one in (each.closed, each.open) if one.note]
    return (
        each.open.category,
        instruments,
        *names,
        told(each.difference, each.parity.interval if each.parity else None),
        _published_said(each),
        "; ".join(dict.fromkeys((each.closed.source, each.open.source, *notes))),
    )


def part_exact(value: float) -> str:
    """A published share with the digit it came with."""
    return f"{100 * value:.1f} %"


def _published_said(each: Compared) -> str:
    if each.parity is None:
        return f"no verdict: {each.why}"
    return verdict(each.parity)


def _ladder(report: GapReport) -> tuple[str, str, Sheet]:
    rows = tuple(row for agent in shown(report) for row in _rungs(agent))
    said = [
        f"{agent.who.slug} {_understands(agent.ladder.understanding.value)} and controls "
        f"{part(agent.ladder.control.value)}"
        for agent in shown(report)
        if agent.ladder.understanding.count and agent.ladder.control.count
    ]
    return (
        "t2-ladder",
        several(said) or "No agent was both asked and put to work.",
        Sheet(
            "T2 Ladder: from pointing right to control",
            ("agent", "rung", "score", "as answered", "blind", "seeing adds", "could not be read", "bounds", "items"),
            rows,
            "Scores are means over tasks with guessing taken out: 0 % is chance, and less is worse than chance. n "
            "counts what is right or wrong as one: of questions asked in pairs the pair, for U tasks. Blind is the "
            "same with grey pictures. "
            "Answers that could not be read are wrong and never guessed; the bounds are of leaving them out and of "
            "calling them all right. "
            f"{listed([f'{rung} is {RUNGS[rung]}' for rung in LADDER[:5]])}; U is the mean of these. "
            "L5 is one step of the solution, live; L6 the whole task.",
        ),
    )


def _understands(value: float) -> str:
    """How a share of understanding is said; one that is below chance is none."""
    return (
        f"understands {part(value)}"
        if value >= 0
        else f"answers questions worse than chance would ({signed(round(100 * value))} %)"
    )


def _rungs(agent: Agent) -> Iterator[tuple[str, ...]]:
    made = agent.ladder
    status = ", ".join(f"{model} {verdict_}" for model, verdict_ in made.standing.items()) or "not calibrated"
    yield agent.who.slug, "L-1 pointing", status, *[DASH] * 6
    for found in made.rungs:
        yield (
            agent.who.slug,
            found.rung,
            share(found.score),
            rate(found.accuracy.value),
            DASH if found.blind is None else rate(found.blind.value),
            DASH if found.seeing is None else points(found.seeing),
            rate(found.invalid.value),
            f"{rate(found.valid_only.value)}, {rate(found.upper.value)}",
            str(found.items),
        )
    for name, found_ in (("U", made.understanding), ("L5", made.single), ("L6", made.control)):
        if found_.count:
            yield agent.who.slug, name, share(found_), *[DASH] * 5, str(found_.count)


def _pairs(report: GapReport) -> tuple[str, str, Sheet]:
    says = " ".join(pair_said(pair) for pair in report.pairs[:SAID])
    return (
        "t4-pairs",
        says or "There are no two agents to compare on the same tasks.",
        Sheet(
            "T4 Does one agent lead by more in control than in understanding?",
            ("pair", "what", "value", "95 % interval", "p", "p (Holm)", "what it says"),
            tuple(row for pair in report.pairs for row in _pair(pair)),
            "All by task, on the tasks both agents have. The difference in differences is taken on three scales, as "
            "longer tasks pull agents apart on the raw one; one that holds there alone is called an artefact of it.",
        ),
    )


def pair_said(pair: Pair) -> str:
    """A pair's founding comparison in a sentence or two."""
    found, raw = pair.founding, pair.founding.raw
    sign = -1 if found.control < 0 else 1  # who leads in control is named first
    names = (pair.second, pair.first)[::sign]
    lead = (
        f"{names[0]} leads {names[1]} by {points(sign * found.control)} in control and "
        f"{points(sign * found.understanding)} in understanding"
    )
    ends = sorted((sign * raw.interval.low, sign * raw.interval.high))
    sure = f"a difference of {told(sign * raw.mean, replace(raw.interval, low=ends[0], high=ends[1]))}"
    if math.isnan(raw.interval.low) or raw.interval.holds(0.0):
        end = undetermined(pair.tasks, pair.detectable_did)
    elif found.artefact:
        end = "it does not hold on every scale, and so says more of the scale than of the agents"
    else:
        end = "it holds per step and on log odds as well" if found.per_step else "it holds on log odds as well"
    return f"{lead}: {sure}; {end}."


def _pair(pair: Pair) -> Iterator[tuple[str, ...]]:
    name, found, p = f"{pair.second} less {pair.first}", pair.founding, pair.hypotheses

    def row(what: str, value: str, sure: str, raw: float, holm: str, says: str) -> tuple[str, ...]:
        return name, what, value, sure, p_value(raw), p_value(p[holm]) if holm in p else DASH, says

    one = pair.parity
    yield (
        f"{pair.first} less {pair.second}",
        "E1 parity of understanding (p: of a difference that matters)",
        points(one.difference),
        interval(one.interval),
        p_value(one.p_equivalent),
        p_value(p.get("parity of understanding", math.nan)),
        verdict(one, pair.first),
    )
    yield row(
        "control", points(pair.control.mean), interval(pair.control.interval), pair.control.flip, "control differs",
        _apart(pair.control.interval, pair, pair.detectable, p.get("control differs")),
    )  # fmt: skip
    yield (
        name, "tasks that one does better than the other: evidence (e-value)", f"{pair.evidence:.3g}", DASH, DASH,
        DASH, _watched(pair),
    )  # fmt: skip
    raw = found.raw
    yield row(
        "E2 difference in differences, raw", points(raw.mean), interval(raw.interval), raw.flip,
        "lead in control exceeds lead in understanding",
        _apart(raw.interval, pair, pair.detectable_did, p.get("lead in control exceeds lead in understanding")),
    )  # fmt: skip
    for what, scaled, holm in (
        ("E3 per step", found.per_step, "the same per step"),
        ("E2 on log odds", found.logit, ""),
    ):
        if scaled is not None:
            sure = scaled.bootstrap.interval
            value = points(scaled.value) if scaled is found.per_step else f"{scaled.value:.2f}"
            shown = interval(sure) if scaled is found.per_step else f"{sure.low:.2f} to {sure.high:.2f}"
            yield row(
                what, value, shown, scaled.p, holm, _apart(sure, pair, pair.detectable_did, p.get(holm, scaled.p))
            )
    flags = ["a mean lies beyond 95 % or below 5 %, where scales disagree most"] if found.extreme else []
    flags += ["the raw difference is an artefact of its scale"] if found.artefact else []
    if flags:
        yield name, "caution", DASH, DASH, DASH, DASH, "; ".join(flags)


def _apart(sure: Interval, pair: Pair, detectable: float, corrected: float | None) -> str:
    """Who is ahead, if anybody; `corrected` is the p-value among all that were tested."""
    if math.isnan(sure.low):
        return "nothing can be said"
    if sure.holds(0.0):
        return undetermined(pair.tasks, detectable)
    ahead = f"{pair.second if sure.low > 0 else pair.first} is ahead"
    if corrected is not None and corrected > ALPHA:
        return f"{ahead} by its interval, but not by its test (p {p_value(corrected)}): not surely"
    return ahead


def _watched(pair: Pair) -> str:
    """Whether a study that is watched task by task could end here."""
    first, second = pair.better
    counts = f"{pair.second} is better on {number_of(second, 'task')}, {pair.first} on {first}"
    if pair.evidence >= STOP:
        return f"{counts}: enough to stop, however often it was looked at"
    return f"{counts}: go on; at {STOP:g} one may stop, however often it was looked at"


def _gaps(report: GapReport) -> tuple[str, str, Sheet]:
    agents = [agent for agent in shown(report) if agent.following.tasks]
    return (
        "t4-gaps",
        several([_gap_said(agent) for agent in agents]) or "No agent has both understanding and control of a task.",
        Sheet(
            "T4 What becomes of understanding, agent by agent",
            ("agent", "what", "value", "95 % interval", "of", "what it means"),
            tuple(row for agent in agents for row in more.gap_rows(agent)),
            "The first three parts add up to the gap exactly. Conversion asks how many of the tasks that are "
            "understood "
            "(0.8 and more) are done as well; dissociation how many failures happened although every question about "
            "the moment was answered right.",
        ),
    )


def _gap_said(agent: Agent) -> str:
    made = agent.following.conversion
    if made is None or not made.understood:
        return (
            f"{agent.who.slug} understands no task of {agent.following.tasks} well enough to ask what becomes of it"
        )
    them = "the one task" if made.understood == 1 else f"the {made.understood} tasks"
    return f"of {them} that {agent.who.slug} understands it does {share(made.rate)}"
