"""From a run of plays to trails: which play was what, which can be believed, and what is left out for which reason.

A task and seed is believed when its solution scores 1 and a further play of it shows the same state after every step.
A turn is believed when what led to it was the same as in the solution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scoring.record import Captured, Decided, Episode, read_run
from scoring.state import fingerprint
from scoring.understanding.items import RUNGS, Dropped, Operator, Rung
from scoring.understanding.trails import SOLUTION, UNTOUCHED, Trail, Trails, trails
from scoring.understanding.volatile import told

CANNOT = "not played: "
"""What an answer begins with, where a play found nothing of its kind to do."""
SAME_AS_TURNS = {"wrong-target": "target", "wrong-value": "value"}
"""Mutations that are turns as well: another thing in place of a step, and the rest of the solution."""
WANTED = {SOLUTION: 1.0, "again": 1.0, "equivalent": 1.0}
"""What kinds of plays should score; everything else but a turn 0."""


@dataclass(frozen=True)
class Told:
    """One play as it was recorded: of several attempts the last that was judged."""

    name: str
    trail: Trail
    episode: Episode
    led: int = 0
    """How many of its steps began as the solution's, without states of their own."""

    @property
    def why_not(self) -> str:
        """Why there is nothing to make of it; empty where there is."""
        ended = self.episode.ended
        if ended is None:
            return "it did not end"
        if ended.answer.startswith(CANNOT):
            return ended.answer
        if ended.score is None:
            return f"{ended.how.replace('_', ' ')}: {ended.reason}"
        return "" if self.trail.whole else f"{ended.how.replace('_', ' ')}: {ended.reason}"


def kind(name: str) -> str:
    """`drop` of `drop:3`, `near-miss` of `near-miss twice`."""
    return re.split(r"[: ]", name, maxsplit=1)[0]


def collected(run: Path) -> tuple[list[Trails], list[Dropped]]:
    """What a run's plays are worth: trails by task and seed, and what was left out. Raises BadInput as `read_run`."""
    made, dropped = [], list[Dropped]()
    for plays in recorded(run).values():
        found, without = _trails(plays)
        made += [found] if found else []
        dropped += without
    return made, [*dropped, *_unseen(run)]


def _unseen(run: Path) -> Iterator[Dropped]:
    """Plays that broke before there was a state to keep, and were not played again with better luck."""
    seen = recorded(run)
    for episode in read_run(run)[1]:
        started, ended = episode.started, episode.ended
        if started is not None and ended is not None and ended.score is None and ended.how != "stopped":
            name = started.condition or SOLUTION
            if name not in seen.get((started.task, started.seed), {}):
                why = f"{name}: {ended.how.replace('_', ' ')}: {ended.reason}"
                yield Dropped(task=started.task, seed=started.seed, rung="L2" if _turn(name) else "L4", why=why)


def recorded(run: Path) -> dict[tuple[str, int], dict[str, Told]]:
    """Every play of a run by task and seed, and by name, in order."""
    found: dict[tuple[str, int], dict[str, Told]] = {}
    if not (run / "run.json").exists():
        return found
    for name, trail, episode in trails(run):
        plays = found.setdefault((trail.task, trail.seed), {})
        new = Told(name or SOLUTION, trail, episode)
        old = plays.get(new.name)
        if old is None or _order(new) > _order(old):
            plays[new.name] = new
    return {key: _whole(dict(sorted(found[key].items()))) for key in sorted(found)}


def _whole(plays: dict[str, Told]) -> dict[str, Told]:
    """The plays with the screens of their first steps, whose states were kept only where they are the solution's."""
    solution = plays.get(SOLUTION)
    return {name: _led(play, solution.trail) if solution else play for name, play in plays.items()}


def _led(play: Told, solution: Trail) -> Told:
    first = next(at for at, line in enumerate(play.episode.lines) if isinstance(line.event, Captured))
    acted = [line.event.actions for line in play.episode.lines[:first] if isinstance(line.event, Decided)]
    led, trail = len(acted), play.trail
    if not led or acted != [did.actions for did in solution.steps[:led]]:
        return play
    joined = replace(  # a trail whose first state comes late begins with that, and with the step that led to it
        trail,
        moments=(*solution.moments[:led], *trail.moments[1:]),
        steps=(*solution.steps[: led - 1], *trail.steps),
    )
    return replace(play, trail=joined, led=led)


def _order(play: Told) -> tuple[bool, str]:
    ended, started = play.episode.ended, play.episode.started
    return ended is not None and ended.score is not None, started.utc if started else ""


def _trails(plays: dict[str, Told]) -> tuple[Trails | None, list[Dropped]]:
    """Those of one task and seed."""
    some = next(iter(plays.values())).trail
    why = unbelievable(plays)
    if why:
        return None, [Dropped(task=some.task, seed=some.seed, rung=rung, why=why) for rung in RUNGS]
    solution = plays[SOLUTION].trail
    started = plays[SOLUTION].episode.started
    ways: dict[str, Trail] = {}
    turns: dict[int, dict[str, Trail]] = {}
    dropped = []
    for name, play in plays.items():
        if name in (SOLUTION, UNTOUCHED) or kind(name) == "again":
            continue
        turn = _turn(name)
        why = play.why_not or apart(solution, play.trail, play.led) or (_short(play.trail, turn[0]) if turn else "")
        if why:
            rung: Rung = "L2" if turn else "L4"
            dropped.append(Dropped(task=some.task, seed=some.seed, rung=rung, why=f"{name}: {why}"))
            continue
        if turn:
            turns.setdefault(turn[0], {}).setdefault(turn[1], play.trail)
        if kind(name) != "turn":
            ways[name] = play.trail
    untouched = plays.get(UNTOUCHED)
    return Trails(
        task=some.task,
        seed=some.seed,
        goal=started.goal if started else "",
        app=started.apps[0] if started and started.apps else "",
        solution=solution,
        untouched=untouched.trail if untouched and not untouched.why_not else None,
        again=tuple(play.trail for name, play in plays.items() if kind(name) == "again"),
        ways=ways,
        turns=dict(sorted(turns.items())),
    ), dropped


def _turn(name: str) -> tuple[int, str] | None:
    """After how many steps of the solution a play did what else, where it is a turn."""
    match name.split(":"):
        case ["turn", at, what]:
            return int(at), what
        case [mutation, at] if mutation in SAME_AS_TURNS:
            return int(at), SAME_AS_TURNS[mutation]
    return None


def _short(trail: Trail, at: int) -> str:
    """Why what was done after so many steps is not known; empty where it is."""
    return f"it ended after {len(trail.steps)} steps" if len(trail.steps) <= at else ""


def unbelievable(plays: dict[str, Told]) -> str:
    """Why nothing can be made of the plays of a task and seed; empty where something can."""
    solution = plays.get(SOLUTION)
    if solution is None:
        return "its solution was not played"
    if solution.why_not:
        return f"its solution: {solution.why_not}"
    if solution.trail.score != 1.0:
        return f"its solution scores {solution.trail.score:g}"
    for play in (each for name, each in plays.items() if kind(name) == "again"):
        if play.why_not or play.trail.score != 1.0:
            return f"its solution, played again: {play.why_not or f'scores {play.trail.score:g}'}"
        other = apart(solution.trail, play.trail)
        if other:
            return f"its solution, played again, {other}"
    return ""


def apart(one: Trail, other: Trail, steps: int | None = None) -> str:
    """Where two trails show different states within so many steps, in words; empty where they do not."""
    count = len(one.moments) if steps is None else steps + 1
    if steps is None and len(one.moments) != len(other.moments):
        return f"took {len(other.moments) - 1} steps, not {len(one.moments) - 1}"
    for at, (first, second) in enumerate(zip(one.moments[:count], other.moments[:count], strict=False)):
        if first.state_name != second.state_name and fingerprint(first.state) != fingerprint(second.state):
            return f"shows another state after {at} steps: {_difference(told(first.state), told(second.state))}"
    return ""


def _difference(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """The first node that only one of two states has."""
    odd = [line for line in one if line not in other] + [line for line in other if line not in one]
    return odd[0] if odd else "the same nodes in another order"


def operators(run: Path) -> Iterator[Operator]:
    """How the tasks' scorers judged the plays of each kind, over all seeds; turns are meant neither way."""
    counts: dict[tuple[str, str], list[bool]] = {}
    for (task, _), plays in recorded(run).items():
        for name, play in plays.items():
            if not play.why_not and kind(name) != "turn":
                right = play.trail.score == WANTED.get(kind(name), 0.0)
                counts.setdefault((task, kind(name)), []).append(right)
    for (task, operator), judged in sorted(counts.items()):
        wanted = WANTED.get(operator, 0.0)
        yield Operator(task=task, operator=operator, wanted=wanted, played=len(judged), right=sum(judged))
