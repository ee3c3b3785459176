"""L2, predict: what an action leads to, asked where other actions were executed from the same state.

Items come in blocks: four actions from one state, with four outcomes that differ, or three where there are no four.
Each of them is asked for, with the same options. So whatever a solver likes in options (the longest, the one most
like the screen before, `nothing changes`) is right as often as chance: no option gives itself away, in no block. It
is why `nothing changes` is right in one of four items of the blocks that have it, not in half of them; with most
blocks having it where they can, it is right in 15 to 20 % of the items.

    text      the outcome in words, of at most three facts, equally many in each option, about equally long
    image     the outcome as a picture
    inverse   the screen before and after, and the action is asked for

Pictures show the pointer, and where it is tells what was clicked. So pictures are options, or are asked about, only
in blocks in which it is at one place after all of the actions. Words give themselves away where an action and its
outcome share them (`click the menu 'File'`), so blocks are taken in which matching words tells least.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from random import Random

from envs.types import Point
from scoring.changes import Fact
from scoring.state import fingerprint
from scoring.understanding.branches import NOTHING, Branch, branches, only_pixels, visible
from scoring.understanding.deeds import sentence
from scoring.understanding.items import Choice, Dropped, Item, item
from scoring.understanding.trails import Moment, Trails

BLOCKS = 6
"""Of a task and seed at most so many, of each form as many as can be, all whole."""
STILL = 0.7
"""In such a share of blocks one of the outcomes is that nothing changes, if there is one."""
FACTS = 3
AMONG = 5
"""From so many of the most striking facts of an outcome those that are told are taken."""
WITHIN = 1.2
"""The longest option in words has at most so many times the letters of the shortest."""
MATCHED = 0.4
"""The share that a solver by matching words may get right in a block; chance gets a quarter or a third."""
TRIED = 40
"""So many blocks of a step are looked at."""
LEADS = ("", "on the screen, ", "on the next screen, ", "one thing that is different then: ",
         "this can be seen on the screen after that: ")  # fmt: skip
"""How the description of an outcome may begin, which makes it longer."""
UNCHANGED = (
    "nothing that can be seen changes",
    "on the screen, nothing that can be seen changes",
    "the next screen looks, to the eye, the same as this one",
    "nothing changes that a person could see anywhere on the screen",
    "nothing at all changes on the screen, and the next one looks the same as this one",
)
"""The same in so many letters more."""
FORMS = ("text", "image", "inverse")

Block = tuple[Branch, ...]
SIZES = (4, 3)


@dataclass(frozen=True)
class Said:
    """A description of an outcome: its text, what it says, and how far it is from the most striking."""

    text: str
    keys: frozenset[str]
    cost: int


def predict(trails: Trails, chance: Random) -> Iterator[Item | Dropped]:
    """The items of a task and seed, and which steps gave none of a form."""
    there = {
        step: () if trails.solution.moments[step].picture in trails.odd else some
        for step, some in branches(trails).items()
    }
    left = {
        form: [(size, step) for size in SIZES for step in chance.sample(sorted(there), len(there))] for form in FORMS
    }
    pictured = {
        step: tuple(branch for branch in some if branch.after.picture not in trails.odd)
        for step, some in there.items()
    }
    why: Counter[str] = Counter()
    made = 0
    while made < BLOCKS and any(left.values()):
        for form in FORMS:
            found = _next(form, left[form], there if form == "text" else pictured, chance, why)
            if found is not None and made < BLOCKS:
                made += 1
                yield from _items(form, trails, *found, chance)
    for reason, count in sorted(why.items()):
        yield Dropped(task=trails.task, seed=trails.seed, rung="L2", why=reason, count=count)


def _next(
    form: str, left: list[tuple[int, int]], there: dict[int, tuple[Branch, ...]], chance: Random, why: Counter[str]
) -> tuple[Block, tuple[str, ...]] | None:
    """The next block of a form. Where it was looked for is taken off, and why there was none is counted."""
    while left:
        size, step = left.pop(0)
        found = _block(form, there[step], size, chance)
        if not isinstance(found, str):
            left[:] = [other for other in left if other[1] != step]
            return found
        if size == min(SIZES):
            why[f"{form}: {found}"] += 1
    return None


def _block(form: str, there: Sequence[Branch], size: int, chance: Random) -> tuple[Block, tuple[str, ...]] | str:
    """So many actions with outcomes that differ, and the outcomes as options; or why there are none."""
    if len(there) < size:
        return f"fewer than {size} actions were executed there"
    some = [block for block in combinations(there, size) if form == "text" or _same_pointer(block)]
    if not some:
        return "the pointer would tell"
    still = chance.random() < STILL
    chance.shuffle(some)
    some.sort(key=lambda block: any(not branch.seen for branch in block) != still)
    differing = [block for block in some if _differ(block)][:TRIED]
    if not differing:
        return f"fewer than {size} outcomes differ"
    if form == "text":
        return _in_words(differing)
    return differing[0], tuple(branch.after.picture for branch in differing[0])


def _in_words(blocks: Sequence[Block]) -> tuple[Block, tuple[str, ...]] | str:
    """The block that can be told in words and gives least away by them; or why there is none."""
    worded = [(block, options) for block in blocks if (options := _told(block))]
    if not worded:
        return "no outcomes are told at equal length"
    best = min(worded, key=lambda each: _matched([branch.deed for branch in each[0]], each[1]))
    if _matched([branch.deed for branch in best[0]], best[1]) > MATCHED:
        return "the words of the actions give their outcomes away"
    return best


def _matched(deeds: Sequence[str], options: Sequence[str]) -> float:
    """What share of the actions has the outcome that shares most words with it; where several do, a part of one."""
    right = 0.0
    for place, deed in enumerate(deeds):
        words = _words(deed)
        same = [len(words & _words(option)) for option in options]
        right += (same[place] == max(same)) / same.count(max(same))
    return right / len(deeds)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 2 and word not in ("the", "and")}


def _same_pointer(block: Sequence[Branch]) -> bool:
    return len({(branch.pointer.x, branch.pointer.y) for branch in block}) == 1


def _differ(block: Sequence[Branch]) -> bool:
    """Whether no two outcomes are the same, by what is told of them, by state, and to the eye."""
    for one, other in combinations(block, 2):
        if one.keys == other.keys and not (only_pixels(one) and only_pixels(other)):
            return False
        if not one.seen or not other.seen:
            continue
        same = fingerprint(one.after.state) == fingerprint(other.after.state)
        if same and not (only_pixels(one) or only_pixels(other)):
            return False
        if not _apart(one.after, other.after, (one.pointer, other.pointer)):
            return False
    return True


@lru_cache(maxsize=1024)  # most pairs are in many blocks
def _apart(one: Moment, other: Moment, pointers: tuple[Point, Point]) -> bool:
    return bool(visible(one, other, pointers))


def _told(block: Sequence[Branch]) -> tuple[str, ...]:
    """The outcomes in words, equally many facts in each, about equally long; empty where that cannot be."""
    for count in range(FACTS, 0, -1):
        if all(len(branch.seen) >= count or not branch.seen for branch in block):
            found = _level([list(_ways(branch.seen, count)) for branch in block], [branch.keys for branch in block])
            if found:
                return found
    return ()


def _ways(seen: Sequence[Fact], count: int) -> Iterator[Said]:
    """How an outcome can be described with so many facts; the fewer of the most striking are left out, the better."""
    for lead, words in enumerate(LEADS):
        if not seen:
            yield Said(f"{sentence(UNCHANGED[lead])}.", frozenset((NOTHING,)), lead)
            continue
        for places in combinations(range(min(AMONG, len(seen))), count):
            facts = [seen[place] for place in places]
            text = "; ".join(fact.text for fact in facts)
            yield Said(f"{sentence(words + text)}.", frozenset(fact.key for fact in facts), 3 * sum(places) + lead)


def _level(ways: Sequence[Sequence[Said]], all_keys: Sequence[frozenset[str]]) -> tuple[str, ...]:
    """One description of each, such that none is true of another outcome, and none much longer: at the least cost."""
    fit = [
        [said for said in own if all(said.keys - other for at, other in enumerate(all_keys) if at != place)]
        for place, own in enumerate(ways)
    ]
    best: tuple[int, tuple[str, ...]] | None = None
    for shortest in sorted({len(said.text) for own in fit for said in own}):
        chosen = [
            min(
                (said for said in own if shortest <= len(said.text) <= WITHIN * shortest),
                key=lambda said: (said.cost, said.text),
                default=None,
            )
            for own in fit
        ]
        whole = [said for said in chosen if said is not None]
        if len(whole) == len(ways):
            cost = sum(said.cost for said in whole)
            if best is None or cost < best[0]:
                best = cost, tuple(said.text for said in whole)
    return best[1] if best else ()


def _items(form: str, trails: Trails, block: Block, options: tuple[str, ...], chance: Random) -> Iterator[Item]:
    """Each of them asked for, with all as options in an order of chance."""
    before = trails.solution.moments[block[0].step]
    order = chance.sample(range(len(block)), len(block))
    for right, branch in enumerate(block):
        pictures: tuple[str, ...] = (before.picture,)
        match form:
            case "text":
                question = f"On this screen you {branch.deed}. What does that change?"
                shown = options
            case "image":
                question = f"On this screen you {branch.deed}. Which picture shows the screen after that?"
                shown = options
            case _:
                question = "The second picture shows the screen of the first after one step. Which step was it?"
                shown = tuple(f"{sentence(each.deed)}." for each in block)
                pictures = (before.picture, branch.after.picture)
        chance.shuffle(order)
        yield item(
            rung="L2",
            facet=form,
            task=trails.task,
            seed=trails.seed,
            question=question,
            truth=Choice(option=order.index(right)),
            pictures=pictures,
            options=tuple(shown[place] for place in order),
            pictured=form == "image",
            guess=1 / len(block),
            how=(
                f"executed: after {branch.step} steps of the solution each of them was done from the same state, "
                "and what it led to was recorded"
            ),
            plays=tuple(
                (each.trail.name, each.step + 1) for each in (branch, *(o for o in block if o is not branch))
            ),
            tags={"app": trails.app, "step": str(branch.step), "outcome": _outcome(branch)},
        )


def _outcome(branch: Branch) -> str:
    """What kind of outcome the right one is, for tables."""
    if not branch.seen:
        return NOTHING
    return ("opened", "focus", "text", "state", "pixels")[branch.seen[0].rank]
