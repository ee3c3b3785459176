"""What the numbers of a run are: pure functions over the stories that its logs tell.

How an episode counts:

    judged          finished or out of budget: what the checks say
    agent_fault     failed by the agent: counts, with a score of 0
    void            a desktop's, a task's or an endpoint's fault: shown, and in no mean
    stopped         stopped by hand, or without a last line (cut off, or still running): in no mean

A task, seed and repeat may have been attempted more than once, because a void episode is run again. Every
attempt is shown and one is counted: the first that was judged or failed by the agent, so that nothing is
tried until it succeeds; where there is none, the last.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal, TypeAlias

from envs.types import Closed, Finish
from scoring.stats import Estimate, Spread, cluster_wilson, clustered_mean, share, spread
from scoring.story import Story, Turn

Outcome: TypeAlias = Literal["judged", "agent_fault", "void", "stopped"]
COUNTED = ("judged", "agent_fault")


class Counts(Closed):
    """How many episodes of each kind; `passed` are those judged with a score of 1."""

    judged: int = 0
    passed: int = 0
    agent_fault: int = 0
    void: int = 0
    stopped: int = 0
    superseded: int = 0


class Latency(Closed):
    """Seconds of a step, and where they went. `model` is per decision, which may be several steps."""

    step: Spread
    model: Spread
    act: Spread
    settle: Spread
    look: Spread
    harness: Spread
    reset: Spread
    """Seconds from asking for the scene to the first picture, per episode."""
    unsettled: int
    """Pictures taken at the deadline, with the screen still changing."""


class Usage(Closed):
    """What the models took. `usd` is None when no price was known; `unpriced` counts decisions without one."""

    decisions: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    usd: float | None
    unpriced: int


class Steps(Closed):
    """Actions taken. `against_solution` is their ratio to the solution's, over passed episodes that have one."""

    all: Spread
    passed: Spread
    against_solution: Spread
    refused: int


class Calls(Closed):
    """Calls of models, in every attempt. `unread` are replies of which nothing could be carried out, `repaired` those
    that had to be put right first; `retried` is how many requests had to be made again, `waited` the seconds between.
    """

    count: int
    unread: int
    repaired: int
    retried: int
    waited: float
    seconds: Spread
    """Of a call, with all its requests, without the waiting."""


class Row(Closed):
    """One line of a table: the episodes of a task, or of an app."""

    name: str
    counts: Counts
    success: Estimate
    score: float
    steps: float
    """Median over counted episodes."""
    solution_steps: int | None
    seconds: float
    """Median over counted episodes."""


class Numbers(Closed):
    """All numbers of a run."""

    counts: Counts
    success: Estimate
    score: Estimate
    axes: dict[str, Estimate]
    steps: Steps
    latency: Latency
    usage: Usage
    calls: Calls
    endings: dict[str, int]
    """How many episodes ended how: see `ending`."""
    seconds: Spread
    by_task: tuple[Row, ...]
    by_app: tuple[Row, ...]


def outcome(story: Story) -> Outcome:
    """How the episode counts."""
    match story.ended.how if story.ended else None:
        case "finished" | "out_of_budget":
            return "judged"
        case "agent_fault":
            return "agent_fault"
        case "desktop_fault" | "task_fault" | "endpoint_fault":
            return "void"
    return "stopped"


def scored(story: Story) -> float:
    """The score that counts: what was judged, or 0 for an agent's fault. NaN for an episode that does not count."""
    match outcome(story):
        case "judged":
            return story.ended.score if story.ended and story.ended.score is not None else math.nan
        case "agent_fault":
            return 0.0
    return math.nan


def passed(story: Story) -> bool:
    """Whether all of it was fulfilled."""
    return scored(story) >= 1.0


def ending(story: Story) -> str:
    """How it ended, in a few words that are kept apart in every table.

    `passed`; else `said done`, `said failed`, `said infeasible`, `out of budget`; of an agent's fault the cause
    (`refused`, `unreadable`, `context`, `truncated`, `timeout`, `protocol`) or `raised`; else whose fault it was.
    """
    ended = story.ended
    if ended is None:
        return "stopped"
    if passed(story):
        return "passed"
    match ended.how:
        case "finished":
            return f"said {ended.claim or 'done'}"
        case "agent_fault":
            return ended.cause or "raised"
    return ended.how.replace("_", " ")


def endings(stories: Iterable[Story]) -> dict[str, int]:
    """How many ended how, those that passed first."""
    found = Counter(map(ending, stories))
    return dict(sorted(found.items(), key=lambda each: (each[0] != "passed", each[0])))


def calls(stories: Iterable[Story]) -> Calls:
    """What is known of the model calls."""
    made = [called for story in stories for decided in story.decisions for called in decided.calls]
    return Calls(
        count=len(made),
        unread=sum(bool(called.problem) for called in made),
        repaired=sum(bool(called.repaired) for called in made),
        retried=sum(called.tries - 1 for called in made),
        waited=round(sum(called.waited for called in made), 6),
        seconds=spread([called.seconds - called.waited for called in made]),
    )


def identity(story: Story) -> tuple[str, str, str, int, int]:
    """What an episode is an attempt at."""
    start = story.started
    return start.suite, start.task, start.agent, start.seed, start.repeat


def current(stories: Sequence[Story]) -> list[Story]:
    """The attempts that count, one for each task, seed and repeat, in order. See the module for the rule."""
    attempts: dict[tuple[str, str, str, int, int], list[Story]] = defaultdict(list)
    for story in sorted(stories, key=lambda story: (story.started.utc, story.name)):
        attempts[identity(story)].append(story)
    return [
        next((story for story in tried if outcome(story) in COUNTED), tried[-1])
        for _, tried in sorted(attempts.items())
    ]


def counts(stories: Sequence[Story], superseded: int = 0) -> Counts:
    """How many there are of each kind."""
    outcomes = [outcome(story) for story in stories]
    return Counts(
        judged=outcomes.count("judged"),
        passed=sum(map(passed, stories)),
        agent_fault=outcomes.count("agent_fault"),
        void=outcomes.count("void"),
        stopped=outcomes.count("stopped"),
        superseded=superseded,
    )


def success(stories: Iterable[Story]) -> Estimate:
    """Passed episodes as a part of those that count, its interval for tasks as those: see `stats.cluster_wilson`.

    The seeds and repeats of a task are alike, and so tell less than as many tasks would. With one episode a task it
    is Wilson's interval.
    """
    return cluster_wilson(_by_task(stories, passed))


def success_of_one(stories: Iterable[Story]) -> Estimate:
    """The same for episodes of one task that is itself the question: its episodes are the sample, by Wilson."""
    counted = [story for story in stories if outcome(story) in COUNTED]
    return share(sum(map(passed, counted)), len(counted))


def mean_score(stories: Iterable[Story]) -> Estimate:
    """The mean score of the episodes that count, its interval by whole tasks."""
    return clustered_mean(_by_task(stories, scored))


def _by_task(stories: Iterable[Story], worth: Callable[[Story], float]) -> dict[str, list[float]]:
    """What each counted episode is worth, by task: whatever its seed and repeat."""
    groups: dict[str, list[float]] = defaultdict(list)
    for story in stories:
        if outcome(story) in COUNTED:
            groups[story.started.task].append(worth(story))
    return groups


def by_axis(stories: Sequence[Story]) -> dict[str, Estimate]:
    """For each axis, the part of its episodes of which every check was met, its interval for tasks as those.

    A check that said nothing was not met.
    """
    counted = [story for story in stories if outcome(story) in COUNTED]
    axes = sorted({axis for story in counted for axis in story.started.axes})
    return {
        axis: cluster_wilson(
            _by_task([story for story in counted if axis in story.started.axes], partial(_met, axis=axis))
        )
        for axis in axes
    }


def _met(story: Story, axis: str) -> bool:
    verdicts = [verdict for verdict in story.finals if verdict.axis == axis]
    return bool(verdicts) and all(verdict.met for verdict in verdicts)


def steps(stories: Sequence[Story]) -> Steps:
    """How many actions of the agent's own episodes took, those that count."""
    counted = [story for story in stories if outcome(story) in COUNTED]
    through = [story for story in counted if passed(story)]
    ratios = [story.own / known for story in through if (known := story.started.solution_steps) and not story.led]
    return Steps(
        all=spread([float(story.own) for story in counted]),
        passed=spread([float(story.own) for story in through]),
        against_solution=spread(ratios),
        refused=sum(bool(turn.after and turn.after.refused) for story in counted for turn in story.turns),
    )


def latency(stories: Iterable[Story]) -> Latency:
    """Where the time of a step went, over every action of the agent's own that led to a picture.

    Not of episodes whose record was another's: it does not say.
    """
    told = [story for story in stories if not story.started.source]
    turns: list[Turn] = [
        turn
        for story in told
        for turn in story.turns
        if turn.after is not None and not (turn.decided and turn.decided.lead)
    ]
    splits = [turn.split for turn in turns]
    firsts = [story.first for story in told if story.first]
    looks = firsts + [turn.after for turn in turns if turn.after]
    return Latency(
        step=spread([turn.ended - turn.began for turn in turns]),
        model=spread([decided.seconds for story in told for decided in story.decisions if not decided.lead]),
        act=spread([split.act for split in splits]),
        settle=spread([split.settle for split in splits]),
        look=spread([split.look for split in splits]),
        harness=spread([split.harness for split in splits]),
        reset=spread([first.wall for first in firsts]),
        unsettled=sum(not look.settled for look in looks),
    )


def usage(stories: Iterable[Story]) -> Usage:
    """What the models took, in every attempt: a void episode costs as well."""
    decisions = [decided for story in stories for decided in story.decisions]
    prices = [decided.usd for decided in decisions if decided.usd is not None]
    return Usage(
        decisions=len(decisions),
        input_tokens=sum(decided.input_tokens for decided in decisions),
        output_tokens=sum(decided.output_tokens for decided in decisions),
        cached_tokens=sum(decided.cached_tokens for decided in decisions),
        usd=sum(prices) if prices else None,
        unpriced=len(decisions) - len(prices),
    )


def table(
    stories: Iterable[Story],
    keys: Callable[[Story], Iterable[str]],
    rate: Callable[[Iterable[Story]], Estimate] = success,
) -> tuple[Row, ...]:
    """One row for each key; an episode with several is in several rows. `rate` is what a row's success is."""
    groups: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        for key in keys(story):
            groups[key].append(story)
    return tuple(_row(name, group, rate) for name, group in sorted(groups.items()))


def _row(name: str, group: Sequence[Story], rate: Callable[[Iterable[Story]], Estimate]) -> Row:
    counted = [story for story in group if outcome(story) in COUNTED]
    known = {story.started.solution_steps for story in group}
    return Row(
        name=name,
        counts=counts(group),
        success=rate(group),
        score=mean_score(group).value,
        steps=spread([float(story.own) for story in counted]).median,
        solution_steps=known.pop() if len(known) == 1 else None,
        seconds=_lasted(counted).median,
    )


def _lasted(stories: Iterable[Story]) -> Spread:
    """Seconds of the episodes of which they are known."""
    return spread([story.lasted for story in stories if not math.isnan(story.lasted)])


def numbers(stories: Sequence[Story]) -> Numbers:
    """All numbers of a run, from every attempt in it."""
    now = current(stories)
    return Numbers(
        counts=counts(now, superseded=len(stories) - len(now)),
        success=success(now),
        score=mean_score(now),
        axes=by_axis(now),
        steps=steps(now),
        latency=latency(now),
        usage=usage(stories),
        calls=calls(stories),
        endings=endings(now),
        seconds=_lasted(story for story in now if outcome(story) in COUNTED),
        by_task=table(now, lambda story: (story.started.task,), success_of_one),
        by_app=table(now, lambda story: story.started.apps),
    )


def finished(story: Story) -> Finish | None:
    """The word with which the agent ended it, if it gave one."""
    last = story.turns[-1].action if story.turns else None
    return last if isinstance(last, Finish) else None
