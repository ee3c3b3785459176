"""L5, act once: one step of the solution, live, told without where; what it must change is what the solution's did.

A step is asked for where two plays of the solution show the same before it and after it, and where it changes
something that a tree tells. `judged` says whether a step that was taken did the same and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from scoring.changes import OPENED, PIXELS, Fact, changed, keys
from scoring.state import State, fingerprint
from scoring.understanding.deeds import sentence, told
from scoring.understanding.items import Done, Dropped, Item, item
from scoring.understanding.trails import Trails
from scoring.understanding.volatile import NONE, Mask

MOST = 8
"""Items of a task and seed, at most: each is an episode."""
WHOLE = 2000
"""Characters of what is to be typed that are told: all that can be read at a time."""
MANY = 12
"""A step that changes more than that leaves too much to chance."""


def act(trails: Trails, chance: Random) -> Iterator[Item | Dropped]:
    """The items of a task and seed, and which steps gave none."""
    made = 0
    steps = range(len(trails.solution.steps))
    for step in chance.sample(steps, len(steps)):
        if made == MOST:
            return
        found = _asked(trails, step)
        if isinstance(found, str):
            yield Dropped(task=trails.task, seed=trails.seed, rung="L5", why=f"step {step}: {found}")
            continue
        deed, facts = found
        made += 1
        before = trails.solution.moments[step]
        yield item(
            rung="L5",
            facet=_facet(facts),
            task=trails.task,
            seed=trails.seed,
            question=f"Do this one step, and nothing else: {deed}.",
            truth=Done(step=step, fingerprint=fingerprint(before.state), facts=keys(facts)),
            pictures=(before.picture,),
            how=(
                f"what the solution's step after {step} changed, the same in {1 + len(trails.again)} plays of it: "
                + "; ".join(fact.text for fact in facts)
            ),
            plays=((trails.solution.name, step), (trails.again[0].name, step)),
            tags={"app": trails.app, "step": str(step)},
        )


def _asked(trails: Trails, step: int) -> tuple[str, tuple[Fact, ...]] | str:
    """What is to be done in words, and what it must change; or why it is not asked for."""
    before, after = trails.solution.moments[step], trails.solution.moments[step + 1]
    if not trails.again:
        return "the solution was played but once"
    for other in trails.again:
        if len(other.moments) <= step + 1:
            return "another play of the solution is shorter"
        for one, again in ((before, other.moments[step]), (after, other.moments[step + 1])):
            if one.state_name != again.state_name and fingerprint(one.state) != fingerprint(again.state):
                return "two plays of the solution differ there"
    deed = told(trails.solution.steps[step], before.state, before.size, most=WHOLE)
    if not deed:
        return "it cannot be told without where"
    facts = needed(changed(before.state, after.state))
    if not facts:
        return "it changes nothing that the tree tells"
    return (sentence(deed), facts) if len(facts) <= MANY else "it changes too much"


def needed(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """What must be so after a step: what lasts; where nothing does, where the focus went and what that brought."""
    lasting = tuple(fact for fact in facts if not fact.passing)
    return lasting or tuple(fact for fact in facts if fact.rank != PIXELS)


def _facet(facts: tuple[Fact, ...]) -> str:
    return ("opened", "focus", "text", "state")[min(fact.rank for fact in facts)]


def judged(done: Done, before: State, after: State, mask: Mask = NONE) -> float:
    """1 where a step changed all that it must and nothing else, but for focus, hover and what is volatile; else 0.

    `before` must be the state that the item was made of: its fingerprint is in the truth.
    """
    facts = changed(before, after)
    found = set(keys(facts))
    if not found.issuperset(done.facts):
        return 0.0
    others = [fact for fact in facts if fact.key not in done.facts and not fact.passing]
    return float(all(fact.rank != OPENED and fact.box is not None and mask.holds(fact.box) for fact in others))
