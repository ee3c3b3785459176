"""From a run of plays to trails: which play was what, which can be believed, and what is left out for which reason.

A task and seed is believed when its solution scores 1, and a further play of it begins with the same state, does the
same in as many steps, scores 1, and shows the same states after most of them, but for a few nodes. What differs (a
button that is greyed out a moment longer, the time that a file was written) makes those screens volatile: see
`scoring.understanding.volatile`. Another play is believed when it left the solution in a state that was the
solution's, but for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envs.types import Type
from scoring.record import Captured, Decided, Episode, Judged, read_run
from scoring.state import fingerprint
from scoring.understanding.items import RUNGS, Dropped, Operator, Rung
from scoring.understanding.trails import SOLUTION, UNTOUCHED, Moment, Trail, Trails, trails
from scoring.understanding.volatile import NONE, Mask, dated, differs, told, unsteady

CANNOT = "not played: "
"""What an answer begins with, where a play found nothing of its kind to do."""
LEFT = "files left: "
"""What the last intent of a play begins with; a word for the files that it left behind follows."""
SAME_AS_TURNS = {"wrong-target": "target", "wrong-value": "value"}
"""Mutations that are turns as well: another thing in place of a step, and the rest of the solution."""
MENUS = ("menu", "context")
"""Turns that open a menu."""
FEW = 8
"""Nodes, told twice where they changed: what differs in no more is the same state but for something volatile."""
ODD = 1 / 3
"""The share of a solution's screens that may show another state than that when it is played again."""
MUTATIONS = ("drop", "drop-last", "wrong-value", "wrong-target", "wrong-file", "not-saved", "undo-after", "destroy")
"""Ways that are wrong only if what is changed in them changes anything."""
WANTED = {SOLUTION: 1.0, "again": 1.0, "equivalent": 1.0}
"""What kinds of plays should score; everything else but a turn 0."""


@dataclass(frozen=True)
class Told:
    """One play as it was recorded: of several attempts the last that was judged."""

    name: str
    trail: Trail
    episode: Episode
    led: int = 0
    """How many of its first steps are the solution's, without states of their own."""
    strayed: bool = False
    """Whether it did not do what the solution did where no states were kept, so that nothing is known of it."""

    def shows_time(self, moment: Moment) -> bool:
        """Whether one of its screens shows the day on which it was played, which is not the desktop's own."""
        started = self.episode.started
        return started is not None and dated(moment.state, started.utc[:10])

    @property
    def left(self) -> str:
        """A word for the files that it left behind; empty where that is not on record."""
        said = [line.event.intent for line in self.episode.lines if isinstance(line.event, Decided)]
        return said[-1].removeprefix(LEFT) if said and said[-1].startswith(LEFT) else ""

    @property
    def read(self) -> tuple[str, ...]:
        """What the task's checks found at its end, but for how long packed files are."""
        finals = (line.event for line in self.episode.lines if isinstance(line.event, Judged) and line.event.final)
        return tuple(re.sub(r"\d+ bytes", "bytes", each.verdict.actual) for each in finals)

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
        if self.strayed:
            return "it did not begin as the solution did"
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
    if not led:
        return play
    if acted != [did.actions for did in solution.steps[:led]]:
        return replace(play, strayed=True)
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
    again = tuple(play.trail for name, play in plays.items() if kind(name) == "again")
    volatile = differs(solution, again)
    ways: dict[str, Trail] = {}
    turns: dict[int, dict[str, Trail]] = {}
    dropped = []
    for name, play in plays.items():
        if name in (SOLUTION, UNTOUCHED) or kind(name) == "again":
            continue
        turn = _turn(name)
        why = play.why_not or _lost(play, solution, volatile) or (_short(play.trail, turn[0]) if turn else "")
        if why:
            rung: Rung = "L2" if turn else "L4"
            dropped.append(Dropped(task=some.task, seed=some.seed, rung=rung, why=f"{name}: {why}"))
            continue
        if turn:
            trail = _unblinded(play.trail, turn[0]) if turn[1] in MENUS else play.trail
            turns.setdefault(turn[0], {}).setdefault(turn[1], trail)
        if kind(name) != "turn":
            ways[name] = play.trail
    untouched = plays.get(UNTOUCHED)
    whole = Trails(
        task=some.task,
        seed=some.seed,
        goal=started.goal if started else "",
        app=started.apps[0] if started and started.apps else "",
        solution=solution,
        untouched=untouched.trail if untouched and not untouched.why_not else None,
        again=again,
        ways=ways,
        turns=dict(sorted(turns.items())),
    )
    return _timeless(whole, plays), dropped


def _timeless(trails: Trails, plays: dict[str, Told]) -> Trails:
    """The trails with what no other build would show the same, and without it where the solution has none of it.

    A play ends for us before it shows the time; its end is then not known, nor a turn that shows it at once.
    """
    timed = {moment.picture for play in plays.values() for moment in play.trail.moments if play.shows_time(moment)}
    odd = unsteady(trails) | timed
    if any(moment.picture in odd for moment in trails.solution.moments):
        return replace(trails, odd=odd)
    turns = {
        at: {what: cut for what, turn in some.items() if len((cut := _cut(turn, odd)).moments) > at + 1}
        for at, some in trails.turns.items()
    }
    ways = {name: _cut(way, odd) for name, way in trails.ways.items()}
    return replace(
        trails,
        ways={name: way for name, way in ways.items() if way.moments},
        turns={at: some for at, some in turns.items() if some},
        odd=odd,
    )


def _cut(trail: Trail, odd: frozenset[str]) -> Trail:
    """As far as it shows nothing that is odd."""
    count = next((at for at, moment in enumerate(trail.moments) if moment.picture in odd), len(trail.moments))
    if count == len(trail.moments):
        return trail
    return replace(trail, moments=trail.moments[:count], steps=trail.steps[: max(0, count - 1)], whole=False)


def _unblinded(trail: Trail, at: int) -> Trail:
    """A turn that opened a menu, until a text is typed into that: its letters choose entries while those open, and
    where the rest of them goes is another place each time. The score of the whole holds."""
    typed = (
        place for place, did in enumerate(trail.steps) if place > at and any(isinstance(a, Type) for a in did.actions)
    )
    end = next(typed, len(trail.steps))
    whole = trail.whole and end == len(trail.steps)
    return replace(trail, moments=trail.moments[: end + 1], steps=trail.steps[:end], whole=whole)


def _turn(name: str) -> tuple[int, str] | None:
    """After how many steps of the solution a play did what else, where it is a turn."""
    match name.split(":"):
        case ["turn", at, what]:
            return int(at), what
        case [mutation, at] if mutation in SAME_AS_TURNS:
            return int(at), SAME_AS_TURNS[mutation]
    return None


def _lost(play: Told, solution: Trail, volatile: Sequence[Mask]) -> str:
    """Why a play did not leave the solution where it should; empty where it did."""
    if play.led >= min(len(solution.moments), len(play.trail.moments)):
        return f"it took {len(play.trail.steps)} steps"
    odd = apart(solution.moments[play.led], play.trail.moments[play.led], volatile[play.led])
    return f"shows another state after {play.led} steps: {odd}" if odd else ""


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
        other = _other(solution.trail, play.trail)
        if other:
            return f"its solution, played again, {other}"
    return ""


def _other(one: Trail, again: Trail) -> str:
    """Why a second play of a solution is too far from the first, in words; empty where it is not."""
    if len(one.moments) != len(again.moments):
        return f"took {len(again.steps)} steps, not {len(one.steps)}"
    other = next((at for at, did in enumerate(one.steps) if did.actions != again.steps[at].actions), None)
    if other is not None:
        return f"does something else after {other} steps"
    far = [_far(*pair) for pair in zip(one.moments, again.moments, strict=True)]
    odd = [at for at, count in enumerate(far) if count > (FEW if at else 0)]
    if odd and (odd[0] == 0 or len(odd) > ODD * len(one.moments)):
        where = f"after {odd[0]} steps ({len(odd)} of {len(one.moments)} screens)"
        return f"shows another state {where}: {apart(one.moments[odd[0]], again.moments[odd[0]])}"
    return ""


def _far(one: Moment, other: Moment) -> int:
    """In how many nodes two states differ, a changed one told twice."""
    return len(set(told(one.state)) ^ set(told(other.state))) if apart(one, other) else 0


def apart(one: Moment, other: Moment, mask: Mask = NONE) -> str:
    """The first node that tells the states of two moments apart, but for what is volatile; empty where none does."""
    if one.state_name == other.state_name or fingerprint(one.state) == fingerprint(other.state):
        return ""
    lines, others = told(one.state), told(other.state)
    odd = [line for line in lines if line not in others] + [line for line in others if line not in lines]
    return next((line for line in odd if line not in mask.nodes), "")


def operators(run: Path) -> Iterator[Operator]:
    """How the tasks' scorers judged the plays of each kind, over all seeds; turns are meant neither way."""
    counts: dict[tuple[str, str], list[bool | None]] = {}
    for (task, _), plays in recorded(run).items():
        for name, play in plays.items():
            if not play.why_not and kind(name) != "turn":
                right = play.trail.score == WANTED.get(kind(name), 0.0)
                nothing = kind(name) in MUTATIONS and not right and without_effect(play, plays)
                counts.setdefault((task, kind(name)), []).append(None if nothing else right)
    for (task, operator), told_ in sorted(counts.items()):
        judged = [right for right in told_ if right is not None]
        wanted, same = WANTED.get(operator, 0.0), len(told_) - len(judged)
        yield Operator(task=task, operator=operator, wanted=wanted, played=len(judged), right=sum(judged), same=same)


def without_effect(play: Told, plays: Mapping[str, Told]) -> bool:
    """Whether a play left the machine as the task's own solution does, however it went: it is no wrong way.

    The files must hold the same, and the checks must have found the same in what else they read (mails, settings,
    what was sent). Where no files are on record, the last screen must show the same.
    """
    ours = [plays[name] for name in plays if (name == SOLUTION or kind(name) == "again") and not plays[name].why_not]
    if not ours or play.read not in [each.read for each in ours]:
        return False
    if play.left and all(each.left for each in ours):
        return play.left in [each.left for each in ours]
    solution = ours[0].trail
    mask = differs(solution, [each.trail for each in ours[1:]])[-1]
    return any(not apart(each.trail.end, play.trail.end, mask) for each in ours)
