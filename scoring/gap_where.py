"""Where two agents part, and which rungs say nothing of what an agent knows: two sentences that name the place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scoring.gap_words import share
from scoring.gapreport.ladder import LADDER
from scoring.gapreport.pairs import Pair
from scoring.plots import listed, part, shown
from scoring.stats import Estimate
from scoring.verdicts import Agent, GapReport

RUNGS = {
    "L0": "reading the screen",
    "L1": "pointing",
    "L2": "foreseeing what an action does",
    "L3": "planning",
    "L4": "telling whether it is done",
    "L5": "doing a single step",
    "L6": "doing the whole task",
}
MUTE = 0.5
"""The share of answers that cannot be read from which on a rung is one of form."""


def parted(report: GapReport, pair: Pair) -> str:
    """On which rungs two agents are surely apart, the lowest first, and whether form could be why; empty for none."""
    one, other = report.agent(pair.first), report.agent(pair.second)
    if one.who.refused or other.who.refused:
        return ""
    apart = [rung for rung in LADDER if _apart(one.ladder.score(rung), other.ladder.score(rung))]
    if not apart:
        return ""
    first = apart[0]
    scores = [f"{each.who.slug} {share(found)}" for each in (one, other) if (found := each.ladder.score(first))]
    chance = ", where 0 % is chance" if first in LADDER[:5] else ""
    more = f", and then on {listed([f'{rung}, {RUNGS[rung]}' for rung in apart[1:]])}" if apart[1:] else ""
    return (
        f"The first rung on which their intervals lie apart is {first}, {RUNGS[first]}: "
        f"{listed(scores)}{chance}{_form(first, (one, other))}{more}."
    )


def _apart(one: Estimate | None, other: Estimate | None) -> bool:
    return one is not None and other is not None and (one.low > other.high or other.low > one.high)


def _form(rung: str, agents: Sequence[Agent]) -> str:
    """How many of their answers there could not be read; what is done live has none."""
    shares = [each.invalid.value for agent in agents for each in agent.ladder.rungs if each.rung == rung]
    if len(shares) < len(agents):
        return ""
    if max(shares) == 0:
        return " (not for their form: every answer of both could be read)"
    return f" (could not be read: {listed([part(each) for each in shares])} of their answers)"


def mute(report: GapReport) -> Iterator[str]:
    """For each agent the rungs on which most of its answers could not be read."""
    for agent in shown(report):
        rungs = [each.rung for each in agent.ladder.rungs if each.invalid.count and each.invalid.value >= MUTE]
        if rungs:
            these = "this rung" if len(rungs) == 1 else "these rungs"
            yield (
                f"{agent.who.slug} gave no answer that could be read to most questions of {listed(rungs)}: {these}, "
                "and its understanding as a whole, say that it does not answer in words, not what it knows."
            )
