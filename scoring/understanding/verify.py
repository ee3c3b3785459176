"""L4: is the task complete, and did the last action take effect.

The task's own scorer says of every play's last screen whether it is done; half of the questions are about ends that
are, half about ends that are not. An end that looks like one of the other sort cannot be told by looking: its item is
hidden, and reported apart. Whether an action took effect is said by the states and pictures before and after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from random import Random
from typing import TypeVar

from envs.types import Wait
from scoring.state import fingerprint
from scoring.understanding.items import Dropped, Item, Words, item
from scoring.understanding.pixels import differ
from scoring.understanding.screens import Tally, every, taking_turns
from scoring.understanding.trails import Did, Moment, Trail, Trails
from scoring.understanding.volatile import Mask, masks
from scoring.words import said

T = TypeVar("T")
MOST = 12
"""Items of a task and seed, half of each facet yes and half no; so few that a bank takes all, and stays balanced."""
ENDS, UNSEEN = 6, 2
"""At most so many of them ask whether it is done, and so many more whose truth is hidden."""
FORMS = (1, 2, 3)
"""How many pictures are shown: the last; the first and the last; with one from the middle."""
SHOWN = {
    1: "You see the screen as it was left.",
    2: "The first picture was taken before anything was done, the second shows the screen as it was left.",
    3: "The first picture was taken before anything was done, the second on the way, the last as it was left.",
}

Pair = tuple[Item, Item]
"""One whose answer is yes and one whose answer is no; each is credited for itself."""


def verify(trails: Trails, chance: Random, mask: Mask | None = None) -> Iterator[Item | Dropped]:
    """The items of L4 of a task's plays, and what was left out. Without a mask it is made from plays of the same."""
    tally = Tally(trails, "L4")
    if mask is None:
        mask = Mask(boxes=tuple(box for each in masks(trails) for box in each.boxes))
    maker = _Maker(trails, chance, mask, tally)
    pairs, unseen = maker.ends()
    ends = [each for pair in pairs[: ENDS // 2] for each in pair] + unseen[:UNSEEN]
    effects = [each for pair in maker.effects((MOST - len(ends)) // 2) for each in pair]
    yield from (*ends, *effects)
    yield from tally.dropped()


@dataclass(frozen=True)
class _Act:
    """An action and the screens before and after it; `left_out`: it was not carried out."""

    trail: Trail
    step: int
    did: Did
    before: Moment
    after: Moment
    left_out: bool = False


@dataclass(frozen=True)
class _Maker:
    """Makes candidates, in an order of chance."""

    trails: Trails
    chance: Random
    mask: Mask
    tally: Tally

    def ends(self) -> tuple[list[Pair], list[Item]]:
        """Is the task complete: pairs of ends shown in the same form; and ends that look like one that is done."""
        scored = [
            trail for trail in every(self.trails)
            if trail.whole and trail.score in (0.0, 1.0) and trail.end.picture not in self.trails.odd
        ]  # fmt: skip
        done = self._different([trail for trail in scored if trail.score == 1.0])
        others = self._different([trail for trail in scored if trail.score == 0.0])
        alike = [trail for trail in others if not self._told_apart(trail, done)]
        seen = [trail for trail in others if trail not in alike]
        if not done or not seen:
            self.tally("no play that is done, or none that is not and looks otherwise")
        unseen = [self._end(trail, form, "no", hidden=True) for form, trail in self._shown(alike)[: len(alike)]]
        by_form = [self._in_form(form, done, seen) for form in self._mixed(FORMS)]
        return list(taking_turns(by_form)), unseen

    def _in_form(self, form: int, done: Sequence[Trail], seen: Sequence[Trail]) -> Iterator[Pair]:
        long = [[trail for trail in side if self._fits(trail, form)] for side in (done, seen)]
        for yes, no in zip(self._mixed(long[0]), self._mixed(long[1]), strict=False):
            yield self._end(yes, form, "yes"), self._end(no, form, "no")

    def _shown(self, some: Sequence[Trail]) -> list[tuple[int, Trail]]:
        """Each in each form that it is long enough for, in an order of chance, each once before any twice."""
        return [
            (form, trail) for form in self._mixed(FORMS) for trail in self._mixed(some) if self._fits(trail, form)
        ]

    def _fits(self, trail: Trail, form: int) -> bool:
        """Whether there are so many screens to show, all of which every play would show."""
        shown = form == 1 or trail.moments[0].picture not in self.trails.odd
        return shown and len(trail.moments) >= form and (form < 3 or bool(self._between(trail)))

    def _between(self, trail: Trail) -> list[int]:
        """The steps between the first and the last screen."""
        return [at for at in range(1, len(trail.moments) - 1) if trail.moments[at].picture not in self.trails.odd]

    def _told_apart(self, trail: Trail, others: Sequence[Trail]) -> bool:
        return all(differ(trail.end, other.end, mask=self.mask) for other in others)

    def _different(self, trails: Sequence[Trail]) -> list[Trail]:
        """Those with different ends; of two that end alike the first."""
        kept: list[Trail] = []
        for trail in trails:
            if any(trail.end.picture == other.end.picture for other in kept):
                self.tally("ends like another play")
            else:
                kept.append(trail)
        return kept

    def _mixed(self, some: Sequence[T]) -> list[T]:
        return self.chance.sample(some, len(some))

    def _end(self, trail: Trail, form: int, answer: str, *, hidden: bool = False) -> Item:
        last = len(trail.moments) - 1
        middle = self.chance.choice(self._between(trail)) if form == 3 else 0
        steps = {1: (last,), 2: (0, last), 3: (0, middle, last)}[form]
        question = (
            f"Someone was asked to do this on the computer:\n\n{self.trails.goal.strip()}\n\n{SHOWN[form]} "
            "Is the task complete, with everything that was asked for and nothing else?"
        )
        how = f"the task's scorer gave the play {trail.operator!r} {trail.score or 0:g} at its end"
        how += "; an end that is done looks the same" if hidden else ""
        return self._item("done", question, answer, trail, steps, how, hidden=hidden, tags={"play": trail.operator})

    def effects(self, most: int) -> list[Pair]:
        """Did the last action take effect: pairs about the same action, once with an effect and once without.

        Whoever sees only the question gets one of the two right: which keys seldom do anything is known to all. Where
        nothing shows it without effect, it was left out.
        """
        found: dict[str, list[_Act]] = {}
        for act in self._mixed(list(self._acts())):
            found.setdefault(_words(act.did), []).append(act)
        pairs = taking_turns([self._both(found[words]) for words in self._mixed(sorted(found))])
        return list(islice(pairs, most))

    def _both(self, acts: Sequence[_Act]) -> Iterator[Pair]:
        """An action with an effect and without, on other screens each time."""
        executed = [act for act in acts if not act.left_out]
        lacking = self._answered(executed, "no"), self._answered([act for act in acts if act.left_out], "no")
        for yes, no in zip(self._answered(executed, "yes"), chain(*lacking), strict=False):
            yield self._effect(yes, "yes"), self._effect(no, "no")

    def _answered(self, acts: Sequence[_Act], answer: str) -> Iterator[_Act]:
        """Those with this truth, each pair of screens once."""
        seen = set[tuple[str, str]]()
        for act in acts:
            key = act.before.picture, act.after.picture
            if key not in seen and self._expected(act) == answer:
                seen.add(key)
                if self._took(act) == answer:
                    yield act

    def _expected(self, act: _Act) -> str:
        return "no" if act.before.picture == act.after.picture else "yes"

    def _acts(self) -> Iterator[_Act]:
        for trail in every(self.trails):
            for step, did in enumerate(trail.steps):
                before, after = trail.moments[step], trail.moments[step + 1]
                if all(isinstance(action, Wait) for action in did.actions):
                    continue
                if {before.picture, after.picture} & self.trails.odd:
                    continue
                yield _Act(trail, step, did, before, after)
                if before.picture != after.picture:
                    yield _Act(trail, step, did, before, before, left_out=True)

    def _took(self, act: _Act) -> str:
        """`yes` where the states and the pictures differ, `no` where neither do; empty where they disagree."""
        if act.left_out:
            return "no"
        seen = differ(act.before, act.after, mask=self.mask)
        same = act.before.state_name == act.after.state_name
        told = not same and fingerprint(act.before.state) != fingerprint(act.after.state)
        if seen == told and (seen or act.before.picture == act.after.picture):
            return "yes" if seen else "no"
        self.tally("the state and the picture do not agree that something changed")
        return ""

    def _effect(self, act: _Act, answer: str) -> Item:
        question = (
            f"Between the first and the second picture someone meant to do this: {_words(act.did)}. "
            "Did it have an effect that can be seen?"
        )
        if act.left_out:
            how = "the action was left out: both pictures are of the screen before it"
        else:
            how = f"states and pictures before and after the action {'differ' if answer == 'yes' else 'are the same'}"
        steps = (act.step, act.step if act.left_out else act.step + 1)
        tags = {"play": "left out" if act.left_out else act.trail.operator}
        return self._item("effect", question, answer, act.trail, steps, how, tags=tags)

    def _item(
        self, facet: str, question: str, answer: str, trail: Trail, steps: Sequence[int], how: str, *,
        tags: dict[str, str], hidden: bool = False,
    ) -> Item:  # fmt: skip
        return item(
            rung="L4", facet=facet, task=self.trails.task, seed=self.trails.seed, question=question,
            truth=Words(accepted=(answer,)), pictures=tuple(trail.moments[step].picture for step in steps),
            guess=0.5, hidden=hidden, how=how, plays=tuple((trail.name, step) for step in dict.fromkeys(steps)),
            tags={"app": self.trails.app, "pictures": str(len(steps)), **tags},
        )  # fmt: skip


def _words(did: Did) -> str:
    """What was done, in words, without what it was for."""
    return ", then ".join(said(action) for action in did.actions)
