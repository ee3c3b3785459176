"""What is played for a bank: a task's own ways, its solution with one thing done wrong, and turns off the solution.

Everything is made from the task's own solution, which is a generator: it is asked for its steps, and looks at the
screen when it is, as in life. A play's first steps are the solution's; then it does another thing; then it does the
rest of the solution as far as that goes, for it may wait for what now never comes. Counts of steps are of those done
before: `drop:0` leaves out the first.

    drop-last        without the last step, unless that saves: then it is `not-saved`
    undo-after       and then ctrl+z, and saved again where the solution saves
    destroy          and then a file or all text deleted, and saved again (see `agent.bank.after`)
    drop:K           without the step after K
    not-saved        without the last step that saves   wrong-file     another file name than the last one typed
    wrong-value:K    another text than the one typed    wrong-target:K on the nearest other node of the same role

    turn:K:WHAT, in place of the step after K:
    target, second   the same on the nearest other node of that role, on the next nearest
    double, right, hover    another thing at the same place
    value            another text                       key            another modifier key
    early            the step after it first, then it   ahead          the next but one
    repeat, back     the step before it once more, the one before that
    menu, context, find, open, escape, tab, enter, down, page, all     a key, see `agent.bank.instead`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from random import Random

from agent.bank import after, instead
from agent.bank.instead import Cannot, Instead
from agent.bank.left import told
from agent.bank.patience import PATIENCE, Impatient
from envs.desktop import Probe
from envs.errors import DesktopFault
from envs.types import Finish, Press
from scoring.understanding.collect import CANNOT
from scoring.understanding.trails import SOLUTION, UNTOUCHED, Did
from tasks.base import Play, Step, Task
from tasks.check import idle

AGAIN = 1
"""Further plays of the solution: what differs between them says nothing."""


@dataclass(frozen=True)
class Share:
    """Which of a task's seeds it is, from 0, of how many that a bank has."""

    number: int = 0
    of: int = 1

    def dealt(self, some: Sequence[int], common: Random) -> list[int]:
        """All of them, this seed's part first, by a chance that is the same for all of a task's seeds."""
        mixed = common.sample(some, len(some))
        mine = mixed[self.number :: self.of]
        return mine + [each for each in mixed if each not in mine]


@dataclass(frozen=True)
class Bounds:
    """How many plays of a kind there are of a task and seed, at most.

    Seeds show a task's steps again with other names and numbers, so what is tried at the steps is shared among them.
    """

    drops: int = 4
    values: int = 2
    targets: int = 3
    places: int = 6
    """Steps at which the solution is left for a turn."""
    turns: int = 4
    """At each of those, wrong targets and values included."""
    patience: float = PATIENCE
    """Seconds that the rest of a solution may wait for something to change."""

    def shared(self, seeds: int) -> Bounds:
        """Those of each of so many seeds: all of them together play about twice as much of it as one alone.

        A seed's part is 2 / (seeds + 1), so three seeds have half of it each; at least one of each kind. Of places it
        is rounded up: most questions about plans are of what was done there.
        """
        part = {name: max(1, 2 * getattr(self, name) // (seeds + 1)) for name in ("drops", "values", "targets")}
        part["places"] = ceil(2 * self.places / (seeds + 1))
        return replace(self, **{name: min(count, getattr(self, name)) for name, count in part.items()})


@dataclass(frozen=True)
class Way:
    """A play, its name in the record (`Started.condition`), and how many of its steps are the solution's first."""

    name: str
    play: Play
    at: int = 0


def own(task: Task) -> tuple[Way, ...]:
    """The task's own ways, whose scores are known: they are played first."""
    if task.solution is None:
        return ()
    ways = (
        Way(SOLUTION, task.solution),
        *(Way(f"again:{number}", task.solution) for number in range(1, AGAIN + 1)),
        Way(UNTOUCHED, idle),
        *(Way(f"equivalent {name}", play) for name, play in task.equivalents.items()),
        *(Way(f"near-miss {name}", play) for name, play in task.near_misses.items()),
    )
    return tuple(replace(way, play=told(way.play)) for way in ways)


def other(
    task: Task, steps: Sequence[Did], chance: Random, bounds: Bounds | None = None, share: Share | None = None
) -> tuple[Way, ...]:
    """The mutations and turns of a task whose solution has these steps on record: the same for the same chance.

    The bounds are of one seed alone; with a share of several, other steps are left and dropped in each of them.
    """
    if task.solution is None or not steps:
        return ()
    share = share or Share()
    bounds = (bounds or Bounds()).shared(share.of)
    course = _Course(task.solution, steps, chance, bounds, share, Random(f"shared:{task.id}"))
    mutated = tuple(course.mutations())
    turns = tuple(course.turns(frozenset(way.name for way in mutated)))
    return tuple(replace(way, play=_safe(told(way.play))) for way in mutated + turns)


@dataclass(frozen=True)
class _Course:
    """A solution as it is known, and how much is to be made of it."""

    solution: Play
    steps: Sequence[Did]
    chance: Random
    bounds: Bounds
    share: Share
    common: Random

    def mutations(self) -> Iterator[Way]:
        """The solution with one thing done wrong."""
        steps, bounds = self.steps, self.bounds
        last, saving, naming = len(steps) - 1, _last(steps, instead.saves), _last(steps, instead.names_file)
        if last != saving:
            yield self._way("drop-last", last, instead.nothing)
        for at in self._some(range(last), bounds.drops):
            if at != saving:
                yield self._way(f"drop:{at}", at, instead.nothing)
        texts = [at for at, did in enumerate(steps) if instead.value(did.actions) and at != naming]
        for at in self._some(texts, bounds.values):
            yield self._way(f"wrong-value:{at}", at, instead.typing(steps[at], self.chance))
        pointing = [at for at, did in enumerate(steps) if instead.clicks(did.actions)]
        for at in self._some(pointing, bounds.targets):
            yield self._way(f"wrong-target:{at}", at, instead.elsewhere(0))
        if naming is not None:
            yield self._way("wrong-file", naming, instead.misnamed)
        if saving is not None:
            yield self._way("not-saved", saving, instead.nothing)
        yield Way("undo-after", followed(self.solution, after.undone(steps)), len(steps))
        yield Way("destroy", followed(self.solution, after.destroyed(steps)), len(steps))

    def turns(self, mutated: frozenset[str]) -> Iterator[Way]:
        """Other things in place of a step. A few of each place's, of several kinds."""
        changed = [f"{kind}:" for kind in ("wrong-value", "wrong-target")]
        have_ = {at: sum(f"{kind}{at}" in mutated for kind in changed) for at in range(len(self.steps))}
        places = self._some([at for at, have in have_.items() if have], self.bounds.places // 2)
        places += self._some(list(have_), self.bounds.places - len(places), but=places)
        for at in sorted(places):
            swap, otherwise, *more = self._alternatives(at)
            if f"wrong-target:{at}" in mutated:
                otherwise.pop("target", None)
            kinds = [swap, *more, otherwise] if have_[at] else [swap, otherwise, *more]
            left = max(0, self.bounds.turns - have_[at])
            plays = {what: play for kind in kinds for what, play in kind.items()}
            for what in sorted(self._of_each(kinds)[:left]):
                yield Way(f"turn:{at}:{what}", plays[what], at)

    def _of_each(self, kinds: Sequence[Mapping[str, Play]]) -> list[str]:
        """All names, by lot, one of each kind before any second."""
        mixed = [self._shuffled(kind) for kind in kinds]
        return [kind[turn] for turn in range(max(map(len, mixed))) for kind in mixed if turn < len(kind)]

    def _alternatives(self, at: int) -> tuple[dict[str, Play], ...]:
        """What can be done in place of a step, by kind: the swap, which tells of order; the same a little otherwise;
        another of the solution's steps; a key, mostly one that opens something, so that the rest is done in vain; the
        rest."""
        did = self.steps[at]
        otherwise: dict[str, Instead] = {}
        rest: dict[str, Instead] = {}
        if instead.clicks(did.actions):
            otherwise |= {"target": instead.elsewhere(0), "right": instead.right}
            rest |= {"second": instead.elsewhere(1), "double": instead.twice, "hover": instead.hovering}
        if instead.value(did.actions):
            otherwise["value"] = instead.typing(did, self.chance)
        if any(instead.modified(action) for action in did.actions):
            otherwise["key"] = instead.mistaken
        places = {"repeat": at - 1, "back": at - 2, "ahead": at + 2}
        steps = {
            what: instead.doing(self.steps[place].intent, *self.steps[place].actions)
            for what, place in places.items()
            if 0 <= place < len(self.steps) and self.steps[place].actions != did.actions
        }
        turn = at + self.share.number
        keys = instead.MOVING if turn % 3 == 2 else instead.OPENING
        pressed = {
            what: instead.pressing(chord) for what, chord in keys.items() if did.actions != (Press(keys=chord),)
        }
        if keys is instead.OPENING:  # each in turn: chance would take the same at all places of a short task
            first = sorted(pressed, key=list(keys).index)[turn % len(pressed)]
            rest |= {what: way for what, way in pressed.items() if what != first}
            pressed = {first: pressed[first]}
        swap = {}
        if at + 1 < len(self.steps) and self.steps[at + 1].actions != did.actions:
            swap["early"] = swapped(self.solution, at, self.steps[at + 1], self.bounds.patience)
        kinds = (otherwise, steps, pressed, rest)
        return swap, *({what: self._turned(at, way) for what, way in kind.items()} for kind in kinds)

    def _way(self, name: str, at: int, way: Instead) -> Way:
        return Way(name, self._turned(at, way), at)

    def _turned(self, at: int, way: Instead) -> Play:
        return turned(self.solution, at, way, self.bounds.patience)

    def _some(self, of: Sequence[int], count: int, but: Sequence[int] = ()) -> list[int]:
        """So many of them by chance, in order, without some; others for other seeds, as far as there are."""
        if self.share.of > 1:
            return sorted([each for each in self.share.dealt(of, self.common) if each not in but][:count])
        left = [each for each in of if each not in but]
        return sorted(self.chance.sample(left, min(count, len(left))))

    def _shuffled(self, of: Iterable[str]) -> list[str]:
        names = sorted(of)
        self.chance.shuffle(names)
        return names


def _last(steps: Sequence[Did], is_so: Callable[[Did], bool]) -> int | None:
    return next((at for at in reversed(range(len(steps))) if is_so(steps[at])), None)


# The shapes of plays.


def turned(solution: Play, at: int, way: Instead, patience: float = PATIENCE) -> Play:
    """`at` steps of the solution, another thing in place of the next, and the rest as far as it goes."""

    def play(see: Probe) -> Iterator[Step]:
        probe = Impatient(see, patience)
        steps = iter(solution(probe))
        yield from _first(steps, at)
        yield from way(see, _next(steps))
        yield from _rest(steps, probe)

    return play


def swapped(solution: Play, at: int, after: Did, patience: float = PATIENCE) -> Play:
    """As the solution, with the step `at` and the one after it, as it was recorded, the other way round."""

    def play(see: Probe) -> Iterator[Step]:
        probe = Impatient(see, patience)
        steps = iter(solution(probe))
        yield from _first(steps, at)
        step = _next(steps)
        yield Step(intent=after.intent, actions=after.actions)
        yield step
        rest = _rest(steps, probe)
        next(rest, None)
        yield from rest

    return play


def followed(solution: Play, more: Play) -> Play:
    """The whole solution, then more, then its last word."""

    def play(see: Probe) -> Iterator[Step]:
        ending = None
        for step in solution(see):
            if any(isinstance(action, Finish) for action in step.actions):
                ending = step
                break
            yield step
        yield from more(see)
        if ending is not None:
            yield replace(ending, actions=tuple(each for each in ending.actions if isinstance(each, Finish)))

    return play


def _first(steps: Iterator[Step], count: int) -> Iterator[Step]:
    for _ in range(count):
        yield _next(steps)


def _next(steps: Iterator[Step]) -> Step:
    step = next(steps, None)
    if step is None:
        raise Cannot("the solution had fewer steps than when it was recorded")
    return step


def _rest(steps: Iterator[Step], probe: Impatient) -> Iterator[Step]:
    """What of the solution can still be done: it was written for screens that these are not."""
    while True:
        probe.wait_no_more()
        try:
            step = next(steps)
        except DesktopFault:
            raise
        except Exception:  # noqa: BLE001 - a solution that is lost may raise anything, and has then come to its end
            return
        yield step


def _safe(play: Play) -> Play:
    """The play; where it does not exist, a word in the record says why."""

    def safe(see: Probe) -> Iterator[Step]:
        try:
            yield from play(see)
        except Cannot as why:
            yield Step(intent="not played", actions=(Finish(claim="infeasible", answer=f"{CANNOT}{why}"),))

    return safe
