"""What it takes to use one agent: time, throughput, cost, steps, set-backs, and replies nobody could read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise

from envs.types import Closed
from scoring.gapreport.tables import counted, marks
from scoring.metrics import COUNTED, Calls, Latency, Usage, calls, latency, outcome, passed, usage
from scoring.production import (
    Attempt,
    Cost,
    Efficiency,
    Recovery,
    Work,
    cost_per_success,
    drift,
    efficiency,
    recovery,
    throughput,
    utilisation,
)
from scoring.stats import Estimate, Spread, cluster_wilson, share, spread
from scoring.story import Story
from scoring.study import Entrant, Played

FAULT = "fault:"


class Practice(Closed):
    """Of all episodes without help.

    shares       parts of the time of steps: model, act, settle, look, harness
    drift        seconds by which a step is slower than the one before it
    hourly       finished episodes an hour of wall time; `busy` the part of the slots' time in which they ran
    usd, tokens  per success, failures paid for; None where nothing is known of it
    setbacks     runs in which a check or milestone that was met was lost again; `recovered` those of them right at
                 the end
    faults       the same tasks and seeds with a fault put in, by its name, where that was played
    invalid      runs ended by replies that could not be read
    """

    latency: Latency
    shares: dict[str, float]
    drift: Estimate
    passed_seconds: Spread
    failed_seconds: Spread
    hourly: float
    busy: float
    usage: Usage
    calls: Calls
    usd: Cost | None
    tokens: Cost | None
    mean_usd: float | None
    efficiency: Efficiency | None
    setbacks: int
    recovered: Estimate
    refused: int
    faults: dict[str, Recovery]
    invalid: Estimate


def practice(entrant: Entrant) -> Practice:
    """The production figures of one agent."""
    played, stories = entrant.life, counted(entrant.life.stories)
    split = latency(stories)
    usd = _attempts(stories, _usd)
    tokens = _attempts(stories, _tokens)
    wall, busy, slots = _wall(played)
    back = [story for story in stories if _set_back(story)]
    works = [
        Work(passed=passed(story), solution=known, taken=story.own)
        for story in stories
        if (known := story.started.solution_steps) and story.own > 0
    ]
    return Practice(
        latency=split,
        shares=_shares(split),
        drift=drift(
            {story.name: [turn.ended - turn.began for turn in story.turns if turn.after] for story in stories}
        ),
        passed_seconds=spread([story.lasted for story in stories if passed(story)]),
        failed_seconds=spread([story.lasted for story in stories if not passed(story)]),
        hourly=throughput(len(stories), wall),
        busy=utilisation(busy, slots, wall),
        usage=usage(played.attempts),
        calls=calls(played.attempts),
        usd=cost_per_success(usd) if usd else None,
        tokens=cost_per_success(tokens) if tokens else None,
        mean_usd=_mean([attempt.cost for tried in usd.values() for attempt in tried]) if usd else None,
        efficiency=efficiency(works) if works else None,
        setbacks=len(back),
        recovered=share(sum(map(passed, back)), len(back)),
        refused=sum(bool(turn.after and turn.after.refused) for story in stories for turn in story.turns),
        faults=_faults(entrant),
        invalid=cluster_wilson(_invalid(stories)),
    )


def _shares(split: Latency) -> dict[str, float]:
    parts = {name: getattr(split, name).total for name in ("model", "act", "settle", "look", "harness")}
    whole = sum(parts.values())
    return {name: total / whole if whole else 0.0 for name, total in parts.items()}


def _usd(story: Story) -> float | None:
    prices = [decided.usd for decided in story.decisions if decided.usd is not None]
    return sum(prices) if prices else None


def _tokens(story: Story) -> float | None:
    used = sum(decided.input_tokens + decided.output_tokens for decided in story.decisions)
    return float(used) if used else None


def _attempts(stories: Sequence[Story], cost: Callable[[Story], float | None]) -> dict[str, list[Attempt]]:
    """Of each episode, by task; empty unless the cost of every one is known."""
    found: dict[str, list[Attempt]] = defaultdict(list)
    for story in stories:
        paid = cost(story)
        if paid is None:
            return {}
        found[story.started.task].append(Attempt(cost=paid, passed=passed(story)))
    return found


def _wall(played: Played) -> tuple[float, float, int]:
    """Seconds from the first episode's beginning to the last one's end, busy seconds, and how many ran at once."""
    if not played.attempts:
        return 0.0, 0.0, 0
    began = [datetime.fromisoformat(story.started.utc).timestamp() for story in played.attempts]
    ended = [at + story.lasted for at, story in zip(began, played.attempts, strict=True)]
    slots = max((run.jobs for run in played.runs), default=1)
    return max(ended) - min(began), sum(story.lasted for story in played.attempts), slots


def _set_back(story: Story) -> bool:
    """Whether something that was met was lost again on the way."""
    met = list(marks(story).values())
    return any(after < before for before, after in pairwise(met))


def _invalid(stories: Sequence[Story]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for story in stories:
        ended = story.ended
        bad = ended is not None and ended.cause in {"unreadable", "truncated", "protocol"}
        found[story.started.task].append(float(bad))
    return found


def _faults(entrant: Entrant) -> dict[str, Recovery]:
    clean = {_same(story): passed(story) for story in counted(entrant.life.stories)}
    found = {}
    for name, played in entrant.played.items():
        faulty = {_same(story): passed(story) for story in played.stories if outcome(story) in COUNTED}
        both = [key for key in clean if key in faulty]
        if name.startswith(FAULT) and both:
            found[name.removeprefix(FAULT)] = recovery([clean[k] for k in both], [faulty[k] for k in both])
    return found


def _same(story: Story) -> tuple[str, int, int]:
    return story.started.task, story.started.seed, story.started.repeat


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
