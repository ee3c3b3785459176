"""More tables of a study: interventions, production, safety, exclusions, failures, and the instrument itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scoring.figures_use import CAUSES
from scoring.gap_words import DASH, interval, number_of, p_value, rate, share, told
from scoring.gapreport.aids import AIDS
from scoring.gapreport.failing import MOST
from scoring.paired import holm
from scoring.plots import listed, points, several, shown
from scoring.production import Cost
from scoring.report import Sheet, number, seconds
from scoring.stats import Estimate
from scoring.verdicts import Agent, GapReport, Recovered

MANY = 200
"""Rows of failures and exclusions that are shown; the rest is in report.json."""
Made = tuple[str, str, Sheet]

PARTS = (
    ("knowing_doing", "knowing to doing", "it knows and does not do it even once"),
    ("compounding", "compounding", "each step well, all of them seldom"),
    ("closed_loop", "closed loop", "memory, stopping, states off the path; below 0 it recovers"),
    ("total", "the whole gap", "understanding less control"),
)


def gap_rows(agent: Agent) -> Iterator[tuple[str, ...]]:
    """One agent's split, conversion, dissociation and correlation."""
    name, made = agent.who.slug, agent.following
    if made.split is not None:
        for part_, word, meaning in PARTS:
            sure = made.split.parts[part_].interval
            value = getattr(made.split.mean, part_)
            of = f"{len(made.split.rows)} tasks, {made.steps_tried} of their {made.steps} steps tried alone"
            yield name, word, points(value), interval(sure), of, meaning
    else:
        yield name, "split of the gap", DASH, DASH, DASH, "single steps (L5) were not played"
    if (found := made.conversion) is not None:
        yield (
            name, "conversion", rate(found.rate.value), _range(found.rate.low, found.rate.high),
            f"{number_of(found.understood, 'task')} understood", "of tasks understood, done",
        )  # fmt: skip
        if found.other.count:
            yield (
                name, "without understanding", rate(found.other.value), _range(found.other.low, found.other.high),
                f"{number_of(found.other.count, 'task')} not understood",
                "of tasks not understood, done all the same: short cuts",
            )  # fmt: skip
        if not math.isnan(found.auc):
            yield (
                name,
                "AUC",
                f"{found.auc:.2f}",
                DASH,
                f"{made.tasks} tasks",
                "0.5: understanding says nothing of control",
            )
    yield _dissociation(agent)
    if (joint := made.correlation) is not None and not math.isnan(joint.value):
        sure = joint.bootstrap.interval
        says = "one capability is not ruled out" if sure.high >= 1 or math.isnan(sure.high) else "two capabilities"
        yield (
            name, "correlation freed of noise", f"{joint.value:.2f}", f"{sure.low:.2f} to {sure.high:.2f}",
            f"{made.tasks} tasks", says,
        )  # fmt: skip


def _range(low: float, high: float) -> str:
    return DASH if math.isnan(low) else f"{100 * low:.0f} to {100 * high:.0f} %"


def _dissociation(agent: Agent) -> tuple[str, ...]:
    own = agent.failures.own.failures > 0
    found = agent.failures.own if own else agent.failures.task
    where = "asked about their own screens" if own else "told from the task's questions"
    value = found.dissociation
    return (
        agent.who.slug,
        "dissociation",
        rate(value.value) if value.count else DASH,
        _range(value.low, value.high),
        f"{number_of(found.failures, 'failure')}, {where}",
        "of failures, those in which nothing that was asked was wrong",
    )


def interventions(report: GapReport) -> Made:
    """T3."""
    agents = [agent for agent in shown(report) if agent.aids.effects or agent.aids.attributed]
    return (
        "t3-interventions",
        several([_aid_said(agent) for agent in agents])
        or "No aid was played, so nothing is known of what would help.",
        Sheet(
            "T3 Interventions: what help brings, net of placebos",
            ("agent", "aid", "share", "placebo alone", "net of placebo", "p (Holm)", "alone", "last", "tasks"),
            tuple(row for agent in agents for row in _aids(agent)),
            "Share is Shapley's: what an aid adds, a mean over all orders in which aids could come; the shares "
            "add up to "
            "what all aids bring together. Its placebo has the same form and wrong content, so that what is left "
            "is not "
            "the effect of a longer prompt. Alone: added to no aid. Last: what all aids lose without it. p is of the "
            "net share, by exact sign flips, corrected for the number of aids.",
        ),
    )


def _aid_said(agent: Agent) -> str:
    found = agent.aids.attributed
    if found is None:
        lacking = listed(list(agent.aids.missing))
        return f"{agent.who.slug} has no shares, as it was not played under {lacking}" if lacking else ""
    sure = [
        f"{AIDS[name]} ({told(aid.net.mean, aid.net.interval)})"
        for name, aid in found.aids.items()
        if aid.net is not None and aid.net.interval.low > 0
    ]
    rest = f"all aids together leave {points(found.raw.unrecovered)} unrecovered"
    if not sure:
        return f"with {found.tasks} tasks no aid of {agent.who.slug} is surely better than its placebo, and {rest}"
    return f"{agent.who.slug} is surely helped by {listed(sure)}, and {rest}"


def _aids(agent: Agent) -> Iterator[tuple[str, ...]]:
    found = agent.aids.attributed
    if found is not None:
        tested = {name: (aid.net or aid.share).flip for name, aid in found.aids.items()}
        adjusted = holm(tested)
        for name, aid in found.aids.items():
            yield (
                agent.who.slug,
                f"{name} {AIDS[name]}",
                told(aid.share.mean, aid.share.interval),
                DASH if aid.placebo is None else points(aid.placebo),
                "no placebo played" if aid.net is None else told(aid.net.mean, aid.net.interval),
                p_value(adjusted[name]),
                points(found.raw.alone[name]),
                points(found.raw.last[name]),
                str(found.tasks),
            )
        for name, value in found.raw.interactions.items():
            sure = found.interactions[name].interval
            yield agent.who.slug, f"{name} together", told(value, sure), *[DASH] * 5, str(found.tasks)
    for effect in agent.aids.effects:
        if found is not None and effect.aid in found.aids:
            continue
        net = effect.net.paired if effect.net else None
        yield (
            agent.who.slug,
            f"{effect.aid} {AIDS[effect.aid]}",
            DASH,
            DASH if effect.net is None else points(effect.net.placebo),
            "no placebo played" if net is None else told(net.mean, net.interval),
            p_value((net or effect.alone).flip),
            told(effect.alone.mean, effect.alone.interval),
            DASH,
            str(effect.alone.tasks),
        )


def production(report: GapReport) -> Made:
    """T5: a column an agent."""
    agents = [agent for agent in report.agents if agent.practice is not None and agent.who.kind == "model"]
    agents = agents or [agent for agent in report.agents if agent.practice is not None]
    columns = [_production(agent) for agent in agents]
    rows = tuple((name, *(column[name] for column in columns)) for name in (columns[0] if columns else {}))
    said = [
        f"a success of {agent.who.slug} costs {_cost(agent.practice.usd)}"
        for agent in agents
        if agent.practice is not None and agent.practice.usd is not None
    ]
    says = several(said)
    return (
        "t5-production",
        says or _unpriced(agents),
        Sheet(
            "T5 Production: time, cost, reliability",
            ("without help", *(agent.who.slug for agent in agents)),
            rows,
            "Failures are paid for as well. Fieller's interval is open above where success is not surely above 0. A "
            "set-back is a check that was met and was lost again on the way.",
        ),
    )


def _unpriced(agents: Sequence[Agent]) -> str:
    used = any(agent.practice is not None and agent.practice.tokens is not None for agent in agents)
    if used:
        return "No price is known of any agent, so costs are in tokens alone."
    return "These agents call no model: they cost nothing but time."


def _production(agent: Agent) -> dict[str, str]:
    made, doing = agent.practice, agent.doing
    if made is None:
        return {}
    ended, budget, varied = doing.endings, doing.budget, doing.variance
    split = ", ".join(f"{name} {rate(value)}" for name, value in made.shares.items())
    last = doing.passing[-1] if doing.passing else None
    return {
        "success": share(agent.ladder.control),
        "success, corrected for the scorer's errors": share(agent.success),
        "right at some time": share(ended.reached) if ended else DASH,
        "right at the end and said so": share(budget.claimed) if budget else DASH,
        "undone, of those right at some time": share(ended.undone) if ended else DASH,
        "said done, of those not right": share(ended.overclaim) if ended else DASH,
        "not said done, of those right": share(ended.underclaim) if ended else DASH,
        "actions to the first right state, median": number(budget.curve.median, "g") if budget else DASH,
        "step, median and 95th percentile": f"{seconds(made.latency.step.median)}, {seconds(made.latency.step.p95)}",
        "where a step's time goes": split if made.latency.step.count else DASH,
        "each step is slower than the one before by": _drift(made.drift),
        "episode passed, failed (median)": ", ".join(
            seconds(each.median) for each in (made.passed_seconds, made.failed_seconds)
        ),
        "episodes an hour, slots busy": f"{number(made.hourly, '.0f')}, {rate(made.busy)}",
        "tokens in, cached, out": ", ".join(
            f"{each:,}" for each in (made.usage.input_tokens, made.usage.cached_tokens, made.usage.output_tokens)
        ),
        "tokens per success": _tokens(made.tokens),
        "cost per success": _cost(made.usd),
        "of all spending, on failures": rate(made.usd.failed) if made.usd else DASH,
        "actions against the solution's": f"{made.efficiency.ratio:.2f} times"
        if made.efficiency and not math.isnan(made.efficiency.ratio)
        else DASH,
        "flip rate of two runs": rate(varied.flips) if varied else DASH,
        "likeness of runs (ICC)": number(varied.likeness, ".2f").replace("-", "−") if varied else DASH,
        f"in all of {last.k} runs, in any"
        if last and last.k > 1
        else "in all runs": f"{rate(last.all)}, {rate(last.any)}" if last and last.k > 1 else "one run each",
        "set-backs, of them right at the end": f"{made.setbacks}, {share(made.recovered)}",
        "faults put in": _faults(agent),
        "ended by replies nobody could read": share(made.invalid),
        "calls unread, put right, made again": f"{made.calls.unread}, {made.calls.repaired}, {made.calls.retried}",
        "refused actions": str(made.refused),
    }


def _drift(found: Estimate) -> str:
    if not found.value > 0:
        return DASH if math.isnan(found.value) else "nothing"
    return seconds(found.value) if found.low > 0 else f"{seconds(found.value)}, which could be chance"


def _faults(agent: Agent) -> str:
    if agent.practice is None or not agent.practice.faults:
        return "none played"
    return "; ".join(f"{name}: {share(each.kept)} kept" for name, each in agent.practice.faults.items())


def _cost(found: Cost | None) -> str:
    """Dollars per success with Fieller's interval."""
    if found is None:
        return "unknown: no price"
    if found.at_least is not None:
        return f"at least {_usd(found.at_least)}: nothing succeeded"
    sure = found.fieller
    if math.isnan(sure.low):
        return _usd(found.value)
    high = "no upper end" if math.isinf(sure.high) else _usd(sure.high)
    return f"{_usd(found.value)} ({_usd(sure.low)} to {high})"


def _usd(value: float) -> str:
    return f"${value:.2f}" if value >= 0.1 or value == 0 else f"${value:.3f}"


def _tokens(found: Cost | None) -> str:
    if found is None:
        return DASH
    if found.at_least is not None:
        return f"at least {found.at_least:,.0f}: nothing succeeded"
    return f"{found.value:,.0f}"


def exclusions(report: GapReport) -> Made:
    """T7."""
    made = report.exclusions
    gone = report.instrument
    return (
        "t7-exclusions",
        f"{gone.lost} of {gone.attempts} episodes were lost to faults that are ours"
        + (f", more than {MOST:.0%}: no verdict should rest on them." if gone.lost > MOST * gone.attempts else "."),
        Sheet(
            "T7 Errors and exclusions",
            ("agent", "what", "where", "why", "how many"),
            tuple((each.agent or "all", each.what, each.where, each.why, str(each.count)) for each in made[:MANY]),
            f"The first {MANY} of {len(made)}; the rest is in report.json." if len(made) > MANY else "All of them.",
        ),
    )


def failures(report: GapReport) -> Made:
    """T7: every failed episode with its cause."""
    rows = [
        (
            agent.who.slug,
            line.episode,
            line.ended,
            line.reached or DASH,
            CAUSES.get(line.cause or "", "nothing was asked"),
            f"{line.probes} questions about its own screens" if line.probes else "the task's questions",
            line.why,
        )
        for agent in shown(report)
        for line in agent.failures.lines
    ]
    count = sum(len(agent.failures.lines) for agent in report.agents)
    return (
        "t7-autopsy",
        f"{number_of(len(rows), 'episode')} failed without help; with those of all agents it is {count}.",
        Sheet(
            "T7 Autopsy of failed episodes",
            ("agent", "episode", "ended", "last reached", "cause", "told from", "what was not met"),
            tuple(rows[:MANY]),
            "The cause is the first kind of question, in the order of the ladder, that was answered wrong."
            + (f" The first {MANY} of {len(rows)}; the rest is in report.json." if len(rows) > MANY else ""),
        ),
    )


def instrument(report: GapReport) -> Made:
    """T8: the audit of the bank and the errors of the scorer."""
    made, rows = report.instrument, list[tuple[str, ...]]()
    for each in made.audit:
        passes = (
            "at chance"
            if each.passes
            else "above chance: do not trust this rung"
            if each.leaks
            else "too few items to tell"
        )
        value = f"{rate(each.score)} (up to {rate(each.high)}), chance {rate(each.chance)}"
        rows.append((f"{each.rung}, {each.solver}", value, f"{each.items} items", passes))
    if (trust := made.trust) is not None:
        ok = "sound" if trust.sound else "not sound: a solution fails or doing nothing passes"
        rows += [
            ("scorer passes what is wrong", share(trust.false_pass), "near misses and mutations", ok),
            ("scorer fails what is right", share(trust.false_fail), "other right ways", ok),
            ("Youden's J", number(trust.youden, ".2f"), "1 is perfect, 0 says nothing", ""),
        ]
    bad = sum(each.leaks for each in made.audit)
    unsure = sum(not each.passes and not each.leaks for each in made.audit)
    told_ = []
    if made.audit:
        told_.append(
            "no solver that does not see the screen is above chance"
            if not bad
            else f"{number_of(bad, 'solver')} that {'does' if bad == 1 else 'do'} not see the screen "
            f"{'is' if bad == 1 else 'are'} above chance"
        )
    if unsure:
        told_.append(f"there are too few items to tell of {unsure} of {len(made.audit)} solvers")
    if trust is not None:
        told_.append(f"the scorer errs little (J = {trust.youden:.2f})" if trust.youden > 0.9 else "the scorer errs")
    says = listed(told_) or "nothing is known of the bank's short cuts and of the scorer's errors"
    return (
        "t8-instrument",
        f"{says[:1].upper()}{says[1:]}.",
        Sheet("T8 The instrument: bank and scorer", ("what", "value", "of", "verdict"), tuple(rows)),
    )


def _within(each: Recovered) -> str:
    """An interval cut off where its figure ends: a share of an aid at 1 either way. A step of the way has no end."""
    if math.isnan(each.low):
        return DASH
    low, high = each.low, each.high
    if each.figure != "bottleneck":
        low, high = max(low, -1.0), min(high, 1.0)
    return f"{low:.3g} to {high:.3g}".replace("-", "−")


def planted(report: GapReport) -> Made:
    """T8: what was planted, and what was found."""
    made = report.instrument.recovered
    judged = [each for each in made if each.inside is not None]
    inside = sum(bool(each.inside) for each in judged)
    rows = tuple(
        (
            each.agent,
            each.figure,
            f"{each.truth:.3g}".replace("-", "−"),
            f"{each.found:.3g}".replace("-", "−"),
            _within(each),
            {True: "yes", False: "no", None: DASH}[each.inside],
        )
        for each in made
    )
    return (
        "t8-planted",
        f"Of {len(judged)} figures whose truth is known before, {inside} hold it in their 95 % interval."
        if judged
        else "No null or planted agents were played: nothing shows that this study finds what is there.",
        Sheet(
            "T8 Null and planted agents: does the report find what is known?",
            ("agent", "figure", "truth", "found", "95 % interval", "inside"),
            rows,
            "Null agents do nothing or play the solution; planted ones play it with faults at known rates. About one "
            "interval in twenty may miss its truth by chance. G, P and V are shares of aids, U is understanding; an "
            "interval that is as wide as its figure can be says that there are too few tasks to tell.",
        ),
    )
