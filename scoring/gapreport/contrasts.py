"""What the rules of other harnesses would print for the same runs: to be shown beside ours, never instead."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

from envs.types import Closed
from scoring import conventions
from scoring.conventions import Outcomes
from scoring.gapreport.failing import UNREAD
from scoring.gapreport.tables import counted, instances, success
from scoring.metrics import finished, latency, outcome, passed
from scoring.production import Attempt, cost_per_success
from scoring.reliability import passing
from scoring.stats import average, clustered_error
from scoring.story import Story
from scoring.study import Entrant

Unit = Literal["share", "error", "seconds", "usd"]
DEEP = 2
"""Runs of one task that are to pass, all of them."""


class Contrast(Closed):
    """One figure under our rule and under another; `rule` says whose it is and what comes of it."""

    figure: str
    ours: float
    theirs: float
    unit: Unit
    rule: str


def contrasts(entrant: Entrant) -> tuple[Contrast, ...]:
    """The same runs without help under each; none where nothing was played."""
    stories = counted(entrant.life.stories)
    made = (*_success(entrant, stories), *_spread(stories), *_cost(stories)) if stories else ()
    return tuple(each for each in made if not math.isnan(each.theirs))


def _success(entrant: Entrant, stories: Sequence[Story]) -> Iterator[Contrast]:
    unread = [s for s in stories if s.ended and s.ended.how == "agent_fault" and s.ended.cause in UNREAD]
    good = sum(map(passed, stories))
    lost = sum(outcome(story) == "void" for story in entrant.life.attempts)
    found = conventions.policies(
        Outcomes(success=good, failure=len(stories) - good - len(unread), infra=lost, invalid=len(unread))
    )
    said = [passed(s) and (last := finished(s)) is not None and last.claim == "done" for s in stories]

    def row(theirs: float, rule: str) -> Contrast:
        return Contrast(figure="success", ours=found.ours, theirs=theirs, unit="share", rule=rule)

    yield row(found.zeroed, "episodes lost to faults of ours are failures: an outage looks like an inability")
    yield row(
        average([float(each) for each in said]), "right at the end, and said to be done: work done in silence is lost"
    )
    yield row(found.guessed, "a run ended by replies nobody could read is a guess among four: being unreadable pays")
    claimed = average([float((last := finished(s)) is not None and last.claim == "done") for s in stories])
    yield row(claimed, "what the agent says of itself: an agent that always says done does everything")


def _spread(stories: Sequence[Story]) -> Iterator[Contrast]:
    groups, repeated = success(stories), instances(stories)
    yield Contrast(
        figure="standard error of success",
        ours=clustered_error(groups),
        theirs=conventions.independent_error(groups),
        unit="error",
        rule="every run counts as a task of its own: too sure where runs of a task are alike",
    )
    if min(map(len, repeated.values()), default=0) >= DEEP:
        yield Contrast(
            figure=f"in all of {DEEP} runs",
            ours=passing(repeated, DEEP).all,
            theirs=conventions.plug_in_pass_all(repeated, DEEP),
            unit="share",
            rule=f"the share of runs that pass, to the power of {DEEP}: the same runs are counted again",
        )
    steps = [turn.ended - turn.began for story in stories for turn in story.turns if turn.after]
    yield Contrast(
        figure="step, 95th percentile",
        ours=latency(stories).step.p95,
        theirs=conventions.nearest_rank(steps, 0.95),
        unit="seconds",
        rule="the value of the nearest rank: of few steps simply the slowest",
    )


def _cost(stories: Sequence[Story]) -> Iterator[Contrast]:
    costs = [sum(each.usd for each in story.decisions if each.usd is not None) for story in stories]
    if not all(costs):
        return
    tried: dict[str, list[Attempt]] = {}
    for story, usd in zip(stories, costs, strict=True):
        tried.setdefault(story.started.task, []).append(Attempt(cost=usd, passed=passed(story)))
    yield Contrast(
        figure="cost per success",
        ours=cost_per_success(tried).value,
        theirs=conventions.mean_cost_of_success(costs, [passed(story) for story in stories]),
        unit="usd",
        rule="what successful runs cost: as if failures were free",
    )
