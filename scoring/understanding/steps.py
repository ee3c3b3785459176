"""L3, plan: which step is next, in which order steps must come, and whether one can be done on a screen at all.

    next       the solution's step, and others that were executed in its place and ended in failure
    order      steps of the solution; what must be right are the pairs that were proven by swapping neighbours: the
               play failed, and the later step, done first, did not do what it does in its place. What was never
               proven is left out, so steps that may come in any order may be put so
    feasible   pairs of screens, one with what a step needs, the other without: nothing with the name that is to be
               clicked, or where its keys were pressed in a play that failed, and did not do what they are for

Which step is next is asked where the step is needed: nothing that was done in its place ended well. A step is no
wrong answer if the solution takes it on a screen that looks the same, if another play that scores 1 takes it, or if
it leads to what the right one does. A later step is one only where doing it early fails although nothing is left out,
or where it does not do early what it does in its place. An order is worth the part of its pairs that holds: half of
them do by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

from envs.types import Size
from scoring.changes import changed
from scoring.items import linear_extensions
from scoring.state import State
from scoring.understanding.branches import NOTHING, Branch, branches, only_pixels, parted, pointer, visible
from scoring.understanding.deeds import clicked, intended, sentence, target, told
from scoring.understanding.items import Dropped, Item, Order, Words, item
from scoring.understanding.nodes import Thing, rivals
from scoring.understanding.options import alike, distinct, shuffled
from scoring.understanding.trails import Did, Moment, Trail, Trails

NEXT = 8
"""Items of each kind, at most, of a task and seed."""
ORDERS = 3
PAIRS = 3
LEAST, MOST = 3, 6
"""Steps that are put in order."""

There = Mapping[int, tuple[Branch, ...]]


def plan(trails: Trails, chance: Random) -> Iterator[Item | Dropped]:
    """The items of a task and seed, and what gave none."""
    there = branches(trails)
    yield from _next(trails, there, chance)
    yield from _order(trails, there, chance)
    yield from _feasible(trails, there, chance)


def _dropped(trails: Trails, why: str) -> Dropped:
    return Dropped(task=trails.task, seed=trails.seed, rung="L3", why=why)


# Which step is next.


def _next(trails: Trails, there: There, chance: Random) -> Iterator[Item | Dropped]:
    made = 0
    for step in chance.sample(sorted(there), len(there)):
        if made == NEXT:
            break
        if trails.solution.moments[step].picture in trails.odd:
            yield _dropped(trails, "next: shows a screen that is not the same in every play")
            continue
        if not _needed(trails, there, step):
            yield _dropped(trails, f"next: the step after {step} can be left out")
            continue
        wrong = list(_wrong(trails, there, step))
        if len(wrong) < 2:
            yield _dropped(trails, f"next: after {step} steps fewer than two others are proven wrong")
            continue
        chosen = _mixed(wrong, chance)
        found = _worded(trails, step, [branch for _, branch in chosen])
        if found is None:
            yield _dropped(trails, f"next: the steps after {step} cannot be told apart in words")
            continue
        made += 1
        right, others = found
        options, truth = shuffled(right, others, chance)
        yield item(
            rung="L3",
            facet="next",
            task=trails.task,
            seed=trails.seed,
            question=f"The task: {trails.goal}\n\nThe picture shows how far it is done. Which step is next?",
            truth=truth,
            pictures=(trails.solution.moments[step].picture,),
            options=options,
            guess=1 / len(options),
            how=(
                f"the solution's step after {step}; the others were executed from the same state, and those plays "
                "ended in failure by the task's own checks"
            ),
            plays=((trails.solution.name, step), *((branch.trail.name, step + 1) for _, branch in chosen)),
            tags={"app": trails.app, "step": str(step), "wrong": " ".join(sorted({what for what, _ in chosen}))},
        )


def _alike(trails: Trails, step: int) -> set[str]:
    """What the solution does on its other screens that look like the one after so many steps."""
    solution = trails.solution
    moment, here = solution.moments[step], pointer(solution, step)
    return {
        told(did, *_screen(other))
        for at, (did, other) in enumerate(_own(solution))
        if at != step
        and (
            other.picture == moment.picture
            or (abs(at - step) == 1 and not visible(moment, other, (here, pointer(solution, at))))
        )
    }


def _needed(trails: Trails, there: There, step: int) -> bool:
    """Whether nothing ended well that was done in the step's place, without the step right after it."""
    return not any(
        branch.trail.score == 1.0
        and not branch.own
        and not branch.trail.operator.startswith("equivalent")
        and not _swapped(trails, branch)
        for branch in there[step]
    )


def _wrong(trails: Trails, there: There, step: int) -> Iterator[tuple[str, Branch]]:
    """What was executed in place of a step and is proven to be no right one: `later`, `done`, or `other`."""
    own = there[step][0] if there[step] and there[step][0].own else None
    right = told(trails.solution.steps[step], *_screen(trails.solution.moments[step]))
    elsewhere = _taken(trails, step) | _alike(trails, step)
    for branch in there[step]:
        if branch.own or branch.trail.score != 0.0 or branch.deed == right or branch.deed in elsewhere:
            continue
        if own is not None and branch.keys == own.keys and NOTHING not in own.keys:
            continue
        what, place = _place(trails, branch)
        if what == "later" and not (place == step + 1 and _swapped(trails, branch)):
            proper = there[place][0] if there[place] and there[place][0].own else None
            if proper is None or proper.keys == branch.keys:
                continue
        kind = branch.deed.split()[0]
        if what == "other" and (kind == "press" or kind != right.split(" ")[0]):
            continue  # a kind of action, or a key, that is never right would be known by itself
        yield what, branch


def _taken(trails: Trails, step: int) -> set[str]:
    """What another play that scores 1 does where it parts from the solution there, or does and the solution never."""
    taken, proper = set[str](), {told(did, *_screen(moment)) for did, moment in _own(trails.solution)}
    turns = trails.turns.get(step, {}).values()
    for trail in (*trails.ways.values(), *turns):
        if trail.score == 1.0:
            first = parted(trail, trails.solution)
            deeds = [told(did, *_screen(moment)) for did, moment in list(_own(trail))[first:]]
            taken |= set(deeds) - proper if trail in trails.ways.values() else set()
            taken |= set(deeds[:1]) if first == step else set()
    return taken


def _own(trail: Trail) -> Iterator[tuple[Did, Moment]]:
    yield from zip(trail.steps, trail.moments, strict=False)


def _place(trails: Trails, branch: Branch) -> tuple[str, int]:
    """Whether a step is one of the solution's, and which."""
    same = [at for at, did in enumerate(trails.solution.steps) if did.actions == branch.did.actions]
    later = [at for at in same if at > branch.step]
    if later:
        return "later", later[0]
    return ("done", same[-1]) if same else ("other", -1)


def _swapped(trails: Trails, branch: Branch) -> bool:
    """Whether the step that was due was done right after it: nothing was left out."""
    after = branch.trail.steps[branch.step + 1 : branch.step + 2]
    return bool(after) and after[0].actions == trails.solution.steps[branch.step].actions


def _mixed(wrong: Sequence[tuple[str, Branch]], chance: Random) -> list[tuple[str, Branch]]:
    """Three of them, of each kind one where there is one."""
    order = chance.sample(wrong, len(wrong))
    firsts = [next((each for each in order if each[0] == what), None) for what in ("later", "done", "other")]
    chosen = [each for each in firsts if each is not None]
    return (chosen + [each for each in order if each not in chosen])[:3]


def _worded(trails: Trails, step: int, others: Sequence[Branch]) -> tuple[str, list[str]] | None:
    """The right step and the others: by what they are for, where all are the solution's own; else by what they do."""
    solution = trails.solution
    screen = _screen(solution.moments[step])
    for words in (intended, told):
        if words is intended and any(_place(trails, branch)[0] == "other" for branch in others):
            continue
        right = words(solution.steps[step], *screen)
        rest = distinct((words(branch.did, *screen) for branch in others), but=(right,))
        if right and len(rest) == len(others):
            return f"{sentence(right)}.", [f"{sentence(each)}." for each in rest]
    return None


def _screen(moment: Moment) -> tuple[State, Size]:
    return moment.state, moment.size


# In which order.


def _order(trails: Trails, there: There, chance: Random) -> Iterator[Item | Dropped]:
    words = _names(trails)
    known = _closed({pair for pair in _proven(trails, there) if set(pair) <= set(words)})
    sets = list(_sets(known))
    if not sets:
        yield _dropped(trails, "order: no order of steps is proven")
        return
    proof = {pair[0]: branch.trail.name for pair, branch in _proven(trails, there).items()}
    for steps in chance.sample(sets, min(ORDERS, len(sets))):
        shown = chance.sample(steps, len(steps))
        before = tuple(
            (shown.index(first), shown.index(second))
            for first, second in sorted(known)
            if first in steps and second in steps
        )
        yield item(
            rung="L3",
            facet="order",
            task=trails.task,
            seed=trails.seed,
            question=f"The task: {trails.goal}\n\nThe picture shows the start. In which order are these steps done?",
            truth=Order(before=before, extensions=linear_extensions(len(shown), before)),
            pictures=(trails.solution.moments[0].picture,),
            options=tuple(f"{sentence(words[step])}." for step in shown),
            guess=0.5,
            how=(
                "executed: two neighbours of the solution were swapped; the later one did something else then, and "
                "the play failed"
            ),
            plays=tuple((proof[step], step + 1) for step in sorted(steps) if step in proof),
            tags={"app": trails.app, "steps": str(len(shown))},
        )


def _names(trails: Trails) -> dict[int, str]:
    """The steps of the solution that can be told apart, in words."""
    found: dict[int, str] = {}
    for at, (did, moment) in enumerate(_own(trails.solution)):
        found[at] = intended(did, *_screen(moment))
    said = [alike(text) for text in found.values()]
    return {at: text for at, text in found.items() if text and said.count(alike(text)) == 1}


def _proven(trails: Trails, there: There) -> dict[tuple[int, int], Branch]:
    """Neighbours of which the later one needs the other: done first it does something else, and the play fails."""
    found = {}
    for step, some in there.items():
        proper = there.get(step + 1, ())[:1]
        if not (proper and proper[0].own and proper[0].seen) or only_pixels(proper[0]):
            continue
        for branch in some:
            later = branch.trail.score == 0.0 and _place(trails, branch) == ("later", step + 1)
            if later and _swapped(trails, branch) and branch.keys != proper[0].keys:
                found[step, step + 1] = branch
    return found


def _closed(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """With what follows from them."""
    known = set(pairs)
    while more := {(a, d) for a, b in known for c, d in known if b == c} - known:
        known |= more
    return known


def _sets(known: set[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Steps, each in a pair of which the order is known, with two such pairs at least."""
    steps = sorted({step for pair in known for step in pair})
    for count in range(MOST, LEAST - 1, -1):
        found = []
        for some in combinations(steps, count):
            pairs = [pair for pair in known if set(pair) <= set(some)]
            if len(pairs) >= 2 and {step for pair in pairs for step in pair} == set(some):
                found.append(some)
        yield from found
        if len(found) >= ORDERS:
            return


# Whether it can be done.


def _feasible(trails: Trails, there: There, chance: Random) -> Iterator[Item | Dropped]:
    made, names = 0, set[str]()
    steps = list(enumerate(_own(trails.solution)))
    for step, (did, moment) in chance.sample(steps, len(steps)):
        at, deed = clicked(did), told(did, *_screen(moment))
        thing = target(moment.state, at, moment.size) if at is not None else None
        if made == PAIRS:
            return
        if not deed or deed in names or moment.picture in trails.odd:
            continue
        lacking = None
        if thing is not None and thing.name:
            lacking, how = _lacking(trails, thing, chance), BY_NAME
        elif at is None:
            lacking, how = _in_vain(trails, there, step, chance), BY_DOING
            deed = _for_what(trails, did, moment, deed)
        if lacking is None:
            continue
        made += 1
        names.add(deed)
        yield from _pair(trails, step, deed, moment, lacking, how)
    if not made:
        yield _dropped(trails, "feasible: there is no screen without what a step needs")


def _for_what(trails: Trails, did: Did, moment: Moment, deed: str) -> str:
    """Keys with what they are for: they can be pressed anywhere."""
    meant = intended(did, *_screen(moment))
    end = f"to {meant}, {deed}" if meant and alike(meant) != alike(deed) else deed
    return f"{end} (as a step of this task: {' '.join(trails.goal.split())})"


def _in_vain(trails: Trails, there: There, step: int, chance: Random) -> tuple[Trail, int] | None:
    """A screen that looks otherwise, on which a play that failed did the same, and it did nothing of what it is for.

    It changed nothing then, or something else had the focus. Of keys that the solution presses twice it is not known
    which of the two they would do.
    """
    own = there[step][0] if there[step] and there[step][0].own else None
    again = [did for did in trails.solution.steps if own is not None and did.actions == own.did.actions]
    if own is None or not own.seen or only_pixels(own) or len(again) > 1:
        return None
    solution, here = trails.solution, trails.solution.moments[step]
    known = {moment.picture for moment in solution.moments} | trails.odd
    others = [*trails.ways.values(), *(trail for turns in trails.turns.values() for trail in turns.values())]
    some = [
        (trail, at)
        for trail in others
        if trail.score == 0.0 and not trail.operator.startswith("near-miss")
        for at, (did, moment) in enumerate(_own(trail))
        if did.actions == own.did.actions and moment.picture not in known
    ]
    for trail, at in chance.sample(some, len(some)):
        before, after = trail.moments[at], trail.moments[at + 1]
        if own.keys & {fact.key for fact in changed(before.state, after.state)}:
            continue
        if before.picture != after.picture and _focus(before.state) == _focus(here.state):
            continue
        if visible(here, before, (pointer(solution, step), pointer(trail, at))):
            return trail, at
    return None


def _focus(state: State) -> set[tuple[str, str]]:
    return {(node.role, node.name) for node in state.nodes if node.showing and "focused" in node.states}


def _lacking(trails: Trails, thing: Thing, chance: Random) -> tuple[Trail, int] | None:
    """A screen on which nothing has the thing's name; one that the solution does not show where there is one."""
    others = [*trails.ways.values(), *(trail for turns in trails.turns.values() for trail in turns.values())]
    own = {moment.picture for moment in trails.solution.moments}
    not_off = own | trails.odd
    off = [(trail, at) for trail in others for at, each in enumerate(trail.moments) if each.picture not in not_off]
    on = [(trails.solution, at) for at in range(len(trails.solution.moments))]
    for some in (off, on):
        seen = set[str]()
        for trail, at in chance.sample(some, len(some)):
            moment = trail.moments[at]
            if moment.state_name in seen:
                continue
            seen.add(moment.state_name)
            if not any(thing.name.casefold() in text for _, text in rivals(moment.state, moment.size)):
                return trail, at
    return None


BY_NAME = (
    "a hit-test finds what is to be clicked, and the solution clicked it there",
    "no node that is showing has the name of what is to be clicked",
)
BY_DOING = (
    "executed: the solution did it there",
    "executed: the same was done there in a play that failed, and nothing changed that it changes in the solution",
)


def _pair(
    trails: Trails, step: int, deed: str, moment: Moment, lacking: tuple[Trail, int], how: tuple[str, str]
) -> Iterator[Item]:
    trail, at = lacking
    for right, shown, play in (
        ("yes", moment, (trails.solution.name, step)),
        ("no", trail.moments[at], (trail.name, at)),
    ):
        yield item(
            rung="L3",
            facet="feasible",
            task=trails.task,
            seed=trails.seed,
            question=f"Can this be done on this screen at once, with nothing else done first: {deed}?",
            truth=Words(accepted=(right,)),
            pictures=(shown.picture,),
            guess=0.5,
            pair=f"{trails.task}-{trails.seed}-feasible-{step}",
            how=how[right == "no"],
            plays=(play,),
            tags={"app": trails.app, "step": str(step)},
        )
