"""Whether a bank can be answered without seeing the screen: solvers that do not, and what is dropped for them.

    longest, shortest   of the options' texts
    position            the place that is right most often, of the places at which options are shown
    options             what words right options have, learnt from other templates (logistic regression)
    words               the same with the question's words
    similar             the picture that is most like the screen now, for options that are pictures
    majority            yes or no, whichever is right more often; `usual text` the text that most often is
    centre              where things are most often, for places

What learns does so on other templates than it is tried on, five parts of them. A solver passes on a rung when its
bound from above, of 95 %, is at most five points over chance. It is Wilson's: the bank itself is what is audited, not
templates that chance might have drawn. Always the same word or letter gets what it gets without luck, so there the
bound is the score itself.

Items come in blocks: the same question with yes and with no, the same options each asked for. Who likes one of them
gets one of the block right whatever it is: that is no luck either. So the bound is of as many items as would have
scores that vary as little as those of the blocks do: of n single items it is of n. (A solver that is right in
every second block by what it says of all of that block varies more, and its bound is of fewer.) One block more, as
uncertain as single items are, is reckoned with, so that two or three alike prove nothing. For a bound of five points,
at exactly chance, about 230 single items are needed where chance gets a quarter, 270 where it gets half, and three
times as many for nine of ten honest banks to pass.

Items that a solver gets right are dropped until it passes, each with its block, those first that most such solvers
get right; then all is audited anew, and that is what is published. A solver that chance may explain does not pass
where there are too few items to tell: then up to a tenth of a rung goes, if that makes every solver pass, and nothing
if it does not. Items whose truth is hidden are no part of a rung's score, nor of this.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from scoring.items import LEAK
from scoring.stats import LEVEL, Interval, wilson
from scoring.understanding import learning
from scoring.understanding.answers import order, rotations, yes_or_no
from scoring.understanding.items import RUNGS, Choice, Dropped, Item, Order, Place, Rung, Shortcut, Words
from scoring.understanding.learning import Example, held_out, tokens
from scoring.understanding.options import alike

if TYPE_CHECKING:
    from PIL import Image

CONSTANT = ("majority", "position")
"""Those that always say the same."""
ASKED_FOR_EACH = ("text", "image", "inverse")
"""Facets in which each of the same options is asked for."""
ROUNDS = 4
"""How often it is dropped and audited anew, at most."""
LUCK = 0.1
"""The part of a rung that may go for solvers that may only have been lucky."""
THUMB = (192, 108)
"""Width and height at which pictures are compared: a line of text is still a row of it."""

Picture = Callable[[str], bytes]
Got = Mapping[str, float]
"""By item, what a solver gets: 1 or 0, or its expectation where it must choose by lot."""


def audited(
    items: Sequence[Item], picture: Picture
) -> tuple[tuple[Item, ...], tuple[Shortcut, ...], tuple[Dropped, ...]]:
    """What of a bank is kept, how solvers without the screen do on it, and what was dropped for which of them."""
    looks = _Looks(picture)
    why: dict[str, str] = {}
    for rung in RUNGS:
        why |= _shed([item for item in items if item.rung == rung], looks)
    kept = tuple(sorted((item for item in items if item.id not in why), key=lambda item: item.id))
    gone = Counter((item.rung, why[item.id]) for item in items if item.id in why)
    shortcuts = tuple(_shortcut(rung, name, each, gone[rung, name]) for rung, name, each in _tried(kept, looks))
    return kept, shortcuts, tuple(_dropped(items, why))


def audit(items: Sequence[Item], picture: Picture) -> tuple[Shortcut, ...]:
    """How solvers without the screen do on a bank as it is."""
    tried = _tried(sorted(items, key=lambda item: item.id), _Looks(picture))
    return tuple(_shortcut(rung, name, each, 0) for rung, name, each in tried)


def _shed(items: Sequence[Item], looks: _Looks) -> dict[str, str]:
    """What of a rung has to go, each with the solver for whose sake."""
    why: dict[str, str] = {}
    for _ in range(ROUNDS):
        tried = _left(items, why, looks)
        out = _out({name: each for name, each in tried.items() if each.knows}, items, len(items))
        if not out:
            break
        why |= out
    return why | _luck(items, why, looks)


def _luck(items: Sequence[Item], why: Mapping[str, str], looks: _Looks) -> dict[str, str]:
    """What goes beyond that so that all solvers pass; nothing where a tenth is not enough for it."""
    most = int(LUCK * (len(items) - len(why)))
    out: dict[str, str] = {}
    for _ in range(ROUNDS):
        tried = _left(items, {**why, **out}, looks)
        if all(each.passes() for each in tried.values()):
            return out
        out |= _out(tried, items, most - len(out))
    return {}


def _left(items: Sequence[Item], why: Mapping[str, str], looks: _Looks) -> dict[str, Tried]:
    """Every solver on what of a rung is left."""
    kept = sorted((item for item in items if item.id not in why), key=lambda item: item.id)
    return {name: each for _, name, each in _tried(kept, looks)}


@dataclass(frozen=True)
class Tried:
    """A solver's answers to the items of a rung that it can be tried on."""

    items: tuple[Item, ...]
    got: Got
    constant: bool = False
    """Whether it always says the same, so that luck has no part in its score."""

    @property
    def chance(self) -> float:
        """What guessing gets, the mean over these items."""
        return sum(map(by_chance, self.items)) / len(self.items)

    @property
    def score(self) -> float:
        """The mean over items."""
        return sum(self.got[item.id] for item in self.items) / len(self.items)

    @property
    def bounds(self) -> Interval:
        """From below and from above, each of them with 95 %."""
        if self.constant:
            return Interval(low=self.score, high=self.score, method="exact")
        return wilson(min(self.score, 1.0), len(self.items) / self.spread, level=1 - 2 * (1 - LEVEL))

    @property
    def spread(self) -> float:
        """The variance of the score by blocks over that by single items; with one more block of single ones."""
        mean, single = self.score, len(self.items) * self.score * (1 - self.score)
        blocks: dict[str, list[float]] = defaultdict(list)
        for item in self.items:
            blocks[block(item)].append(self.got[item.id] - mean)
        if single <= 0 or len(blocks) < 2:
            return 1.0
        found = len(blocks) / (len(blocks) - 1) * sum(sum(each) ** 2 for each in blocks.values()) / single
        singles = all(len(each) == 1 for each in blocks.values())
        return 1.0 if singles else (len(blocks) * found + 1) / (len(blocks) + 1)

    @property
    def knows(self) -> bool:
        """Whether it does not pass, and is better than chance beyond luck."""
        return not self.passes() and self.bounds.low > self.chance

    def passes(self) -> bool:
        """At most five points above chance. With no items left there is nothing to be got."""
        return not self.items or self.bounds.high <= self.chance + LEAK

    def without(self, names: Mapping[str, str]) -> Tried:
        """What it gets of the others."""
        return replace(self, items=tuple(item for item in self.items if item.id not in names))


def block(item: Item) -> str:
    """The same for items that are the same to a solver without the screen, or that are credited together."""
    if item.pair:
        return item.pair
    if isinstance(item.truth, Choice) and item.facet in ASKED_FOR_EACH:
        asked = "\0".join(sorted(item.options))
    elif yes_or_no(item) is not None:
        asked = item.question
    else:
        return item.id
    return "\0".join((item.rung, item.facet, item.task, str(item.seed), asked))


def by_chance(item: Item) -> float:
    """What guessing gets on one item, on its own even where it is one of a pair."""
    if yes_or_no(item) is not None:
        return 0.5
    if isinstance(item.truth, Choice):
        return 1 / len(item.options)
    return 0.5 if isinstance(item.truth, Order) else item.guess


def _shortcut(rung: Rung, solver: str, tried: Tried, dropped: int) -> Shortcut:
    return Shortcut(
        rung=rung,
        solver=solver,
        score=tried.score,
        high=tried.bounds.high,
        chance=tried.chance,
        items=len(tried.items),
        dropped=dropped,
    )


def _tried(items: Sequence[Item], looks: _Looks) -> list[tuple[Rung, str, Tried]]:
    """Every solver on every rung of which it can be tried on something."""
    found = []
    for rung in RUNGS:
        own = [item for item in items if item.rung == rung and not item.hidden]
        for name, solver in solvers(looks).items():
            got = looks.once(name, solver, own)
            if got:
                mine = tuple(item for item in own if item.id in got)
                found.append((rung, name, Tried(mine, got, constant=name in CONSTANT)))
    return found


def _out(tried: Mapping[str, Tried], items: Sequence[Item], most: int) -> dict[str, str]:
    """What has to go so that these solvers would pass, at most so many items, each with the solver for whose sake."""
    out: dict[str, str] = {}
    blocks: dict[str, list[str]] = defaultdict(list)
    for item in items:
        blocks[block(item)].append(item.id)
    while failing := {name: each for name, each in tried.items() if not each.without(out).passes()}:
        worst = _worst(failing, out)
        if worst is None or len(out) >= most:
            break
        name, solver = worst
        out |= dict.fromkeys(blocks[name], solver)
    return out


def _worst(failing: Mapping[str, Tried], out: Mapping[str, str]) -> tuple[str, str] | None:
    """The block that such solvers get most beyond chance; of several, one of a template of which they get most."""
    gains: dict[str, float] = defaultdict(float)
    tasks: dict[str, float] = defaultdict(float)
    who: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    known: dict[str, Item] = {}
    for name, tried in failing.items():
        for item in tried.items:
            if item.id in out:
                continue
            gain, own = tried.got[item.id] - by_chance(item), block(item)
            tasks[item.task] += gain
            gains[own] += gain
            who[own][name] += gain
            known[own] = min(known.get(own, item), item, key=lambda each: each.id)
    some = [own for own in known if round(gains[own], 9) > 0 and max(who[own].values()) > 0]
    if not some:
        return None
    best = max(some, key=lambda own: (round(gains[own], 9), round(tasks[known[own].task], 9), known[own].id))
    return best, max(who[best], key=lambda name: (who[best][name], name))


def _dropped(items: Iterable[Item], why: Mapping[str, str]) -> list[Dropped]:
    counts = Counter((item.task, item.seed, item.rung, why[item.id]) for item in items if item.id in why)
    return [
        Dropped(
            task=task, seed=seed, rung=rung, why=f"a solver without the screen gets it right: {solver}", count=count
        )
        for (task, seed, rung, solver), count in sorted(counts.items())
    ]


# -- solvers: of some items, what they get of those that they can be tried on


class _Looks:
    """Pictures, small and grey, each decoded once; and what solvers got, each of the same items once."""

    def __init__(self, picture: Picture) -> None:
        self.thumb = cache(lambda name: _thumb(picture(name)))
        self._got: dict[tuple[str, tuple[str, ...]], Got] = {}

    def once(self, name: str, solver: Solver, items: Sequence[Item]) -> Got:
        """What it gets of them."""
        key = name, tuple(item.id for item in items)
        if key not in self._got:
            self._got[key] = solver(items)
        return self._got[key]

    def apart(self, one: str, other: str) -> float:
        """How far two pictures are from each other: 0 for the same."""
        if one == other:
            return 0.0
        from PIL import ImageChops, ImageStat

        return float(ImageStat.Stat(ImageChops.difference(self.thumb(one), self.thumb(other))).mean[0])


def _thumb(png: bytes) -> Image.Image:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return image.convert("L").resize(THUMB, Image.Resampling.BOX)


Solver = Callable[[Sequence[Item]], Got]


def solvers(looks: _Looks) -> dict[str, Solver]:
    """All of them, by name."""
    return {
        "longest": lambda items: _by_length(items, max),
        "shortest": lambda items: _by_length(items, min),
        "position": _by_position,
        "options": lambda items: _learnt(items, asked=False),
        "words": lambda items: _learnt(items, asked=True),
        "similar": lambda items: _similar(items, looks),
        "majority": _majority,
        "usual text": _usual,
        "centre": _centre,
    }


def _lettered(items: Iterable[Item]) -> list[Item]:
    """Choices between texts that are no yes and no."""
    return [
        item for item in items if isinstance(item.truth, Choice) and not item.pictured and yes_or_no(item) is None
    ]


def _right(item: Item) -> int:
    assert isinstance(item.truth, Choice)
    return item.truth.option


def _among(places: Sequence[int], right: int) -> float:
    """What choosing by lot among these gets."""
    return (right in places) / len(places)


def _by_length(items: Sequence[Item], extreme: Callable[[Iterable[int]], int]) -> Got:
    got = {}
    for item in _lettered(items):
        lengths = [len(text) for text in item.options]
        most = extreme(lengths)
        got[item.id] = _among([place for place, length in enumerate(lengths) if length == most], _right(item))
    return got


def _by_position(items: Sequence[Item]) -> Got:
    """The mean over rotations of always naming the letter that is right most often elsewhere."""
    shown = {
        item.id: [order(item, rotation).index(_right(item)) for rotation in range(rotations(item))]
        for item in items
        if isinstance(item.truth, Choice)
    }
    own = [item for item in items if item.id in shown]
    got: dict[str, float] = {}
    for train, test in held_out(own):
        letters = Counter(letter for item in train for letter in shown[item.id])
        for item in test:
            most = max(range(len(item.options)), key=lambda letter: (letters[letter], -letter))
            got[item.id] = sum(letter == most for letter in shown[item.id]) / len(shown[item.id])
    return got


def _learnt(items: Sequence[Item], *, asked: bool) -> Got:
    """A logistic regression on words of the options, and of the question where that is `asked`, by held-out parts."""
    made = {item.id: _example(item, asked=asked) for item in items}
    examples = {name: each for name, each in made.items() if each is not None}
    return learning.scores([item for item in items if item.id in examples], examples)


def _example(item: Item, *, asked: bool) -> Example | None:
    """What tells an item's options from each other; None where there are no options in words."""
    truth = yes_or_no(item)
    if truth is not None:
        words = [f"yes {word}" for word in tokens(item.question)]
        return Example((("yes", *words), ()), right=0 if truth else 1) if asked else None
    if not isinstance(item.truth, Choice) or item.pictured:
        return None
    question = set(tokens(item.question)) if asked else set()
    rows = []
    for text in item.options:
        words = tokens(text)
        shared = (f"{min(len(question & set(words)), 4)} of the question",) if asked else ()
        rows.append((*words, f"{min(len(words), 12)} words", *shared))
    return Example(tuple(rows), right=_right(item))


def _similar(items: Sequence[Item], looks: _Looks) -> Got:
    got = {}
    for item in items:
        if isinstance(item.truth, Choice) and item.pictured and item.pictures:
            apart = [looks.apart(item.pictures[-1], name) for name in item.options]
            got[item.id] = _among([p for p, each in enumerate(apart) if each == min(apart)], _right(item))
    return got


def _majority(items: Iterable[Item]) -> Got:
    """Always yes or always no, whichever is right more often."""
    truths = {item.id: truth for item in items if (truth := yes_or_no(item)) is not None}
    most = 2 * sum(truths.values()) >= len(truths)
    return {name: float(truth == most) for name, truth in truths.items()}


def _usual(items: Iterable[Item]) -> Got:
    """The text that is right for most items of the facet, learnt from other templates."""
    kinds: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if isinstance(item.truth, Words) and yes_or_no(item) is None:
            kinds[item.facet].append(item)
    got: dict[str, float] = {}
    for own in kinds.values():
        for train, test in held_out(own):
            said = Counter(_texts(item)[0] for item in train)
            most = min(said, key=lambda text: (-said[text], text))
            got |= {item.id: float(most in _texts(item)) for item in test}
    return got


def _texts(item: Item) -> list[str]:
    return [alike(text) for text in item.truth.accepted] if isinstance(item.truth, Words) else []


def _centre(items: Sequence[Item]) -> Got:
    """The middle of where things are in other templates; of things that are there."""
    own = [item for item in items if isinstance(item.truth, Place) and item.truth.boxes]
    got: dict[str, float] = {}
    for train, test in held_out(own):
        middles = [box.centre for item in train if isinstance(item.truth, Place) for box in item.truth.boxes[:1]]
        if not middles:
            continue
        xs, ys = sorted(at.x for at in middles), sorted(at.y for at in middles)
        usual = type(middles[0])(x=xs[len(xs) // 2], y=ys[len(ys) // 2])
        got |= {item.id: float(item.truth.holds(usual)) for item in test if isinstance(item.truth, Place)}
    return got
