"""What one agent did without help: how runs ended against what was said, the budget curve, and whether it repeats."""

from __future__ import annotations

from collections import defaultdict

from envs.types import Closed
from scoring.gapreport.tables import counted, first_right, instances, right_after, success
from scoring.honesty import Budget, Ending, Endings, budget, endings
from scoring.metrics import finished, passed
from scoring.reliability import Passing, Variance, agreement, passing, variance
from scoring.stats import Estimate, cluster_wilson
from scoring.story import Story
from scoring.study import Entrant
from scoring.words import said

DEPTH = 5


class BudgetCurve(Closed):
    """Success by actions allowed, each with its interval by task; `final` is what was so at the end.

    `claimed` is the part of runs that were right at the end and said to be done: what a harness prints that asks for
    the word.
    """

    curve: Budget
    points: tuple[Estimate, ...]
    final: Estimate
    claimed: Estimate
    runs: int


class Doing(Closed):
    """Runs without help. None where nothing was played; endings and budget need runs judged after every action.

    `passing[k - 1]` is of k runs of one task and seed; `alike` how often two runs of those began with the same 1 to 5
    actions.
    """

    episodes: int
    endings: Endings | None
    budget: BudgetCurve | None
    passing: tuple[Passing, ...]
    variance: Variance | None
    alike: tuple[float, ...]
    repeats: int


def doing(entrant: Entrant) -> Doing:
    """What it did without help."""
    stories = counted(entrant.life.stories)
    watched = [story for story in stories if right_after(story)]
    groups = instances(stories)
    repeats = min(map(len, groups.values()), default=0)
    return Doing(
        episodes=len(stories),
        endings=endings([_ending(story) for story in watched]) if watched else None,
        budget=_budget(watched) if watched else None,
        passing=tuple(passing(groups, k) for k in range(1, repeats + 1)),
        variance=variance(groups) if repeats > 1 else None,
        alike=_alike(stories) if repeats > 1 else (),
        repeats=repeats,
    )


def _ending(story: Story) -> Ending:
    last = finished(story)
    return Ending(
        ever=first_right(story) is not None,
        final=passed(story),
        declared=last is not None and last.claim == "done",
    )


def _budget(stories: list[Story]) -> BudgetCurve:
    longest = max(max(story.started.budget_steps, story.own, 1) for story in stories)
    first = [first_right(story) for story in stories]
    reached = [step for step in first if step is not None]
    longest = min(longest, max(*(story.own for story in stories), *reached, 1))
    claimed: dict[str, list[float]] = defaultdict(list)
    for story in stories:
        ending = _ending(story)
        claimed[story.started.task].append(float(ending.final and ending.declared))
    return BudgetCurve(
        curve=budget(first, longest),
        points=tuple(_within(stories, first, allowed) for allowed in range(1, longest + 1)),
        final=cluster_wilson(success(stories)),
        claimed=cluster_wilson(claimed),
        runs=len(stories),
    )


def _within(stories: list[Story], first: list[int | None], allowed: int) -> Estimate:
    groups: dict[str, list[float]] = defaultdict(list)
    for story, step in zip(stories, first, strict=True):
        groups[story.started.task].append(float(step is not None and step <= allowed))
    return cluster_wilson(groups)


def _alike(stories: list[Story]) -> tuple[float, ...]:
    runs: dict[str, list[list[str]]] = defaultdict(list)
    for story in stories:
        key = f"{story.started.task} seed {story.started.seed}"
        runs[key].append([said(turn.action) for turn in story.turns])
    return tuple(agreement(runs, depth) for depth in range(1, DEPTH + 1))
