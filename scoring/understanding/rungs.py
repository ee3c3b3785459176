"""What an agent's answers to a bank are worth, rung by rung: a pure function of the items and the recorded answers.

A rung's score is the mean over templates of the mean worth of their items, guessing taken out. Items of a pair are
one: right only if all of them are. Answers that cannot be read count as wrong, and bounds say what they could hide;
an endpoint's faults are no answers. A choice's worth is its mean over the orders in which its options were shown.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from envs.types import Closed
from scoring.items import (
    Answer,
    Detection,
    blind_corrected,
    corrected,
    detection,
    effective_answers,
    position_bias,
    rung,
)
from scoring.stats import Estimate, Groups, cluster_wilson
from scoring.understanding.answers import yes_or_no
from scoring.understanding.items import RUNGS, Choice, Item, Rung, Words
from scoring.understanding.options import alike
from scoring.understanding.responses import Response

UNDERSTANDING: tuple[Rung, ...] = ("L0", "L1", "L2", "L3", "L4")
"""The rungs that are asked. Their mean, each weighing the same, is called understanding."""


class Bias(Closed):
    """Of choices among so many options: for each place, how much more often it was chosen than right, in shares."""

    options: int
    places: tuple[float, ...]
    answers: int


class RungScore(Closed):
    """An agent's answers to a rung's items. Estimates named so are corrected for guessing, means over templates.

    score            invalid answers are wrong: the headline, without items whose truth is hidden
    valid_only       invalid answers left out; `upper` as if they were all right
    accuracy         of all answers alike, as they are: what a familiar benchmark would print
    both             right in every order of the options (corrected); `inconsistent` in some only, a share of choices
    bias             which places are liked, whatever stands there
    invalid          the share of answers that could not be read; `repaired` could be at a second request
    errors           questions that are not answered, for an endpoint's faults
    blind            the score without seeing the pictures, of the same items; `seeing` what seeing adds:
                     (accuracy - blind accuracy) / (1 - blind accuracy). None where it was not asked blind
    detection        for questions of yes or no, by facet, of answers that could be read
    facets, apps     the score of parts of the rung
    effective        how many independent answers each app's score is as good as
    guess            what chance gets, a mean over items; `effect` how many times more answers than independent ones
                     the score takes, as those of a task are alike
    hidden           the score of items whose truth cannot be seen on the pictures
    words            of pointing, where the headline is the model's own way: the score in words
    """

    rung: Rung
    items: int
    answers: int
    errors: int
    score: Estimate
    valid_only: Estimate
    upper: Estimate
    accuracy: Estimate
    invalid: Estimate
    repaired: float
    both: Estimate
    inconsistent: float
    bias: tuple[Bias, ...]
    blind: Estimate | None
    seeing: float | None
    detection: dict[str, Detection]
    facets: dict[str, Estimate]
    apps: dict[str, Estimate]
    effective: dict[str, float]
    guess: float
    effect: float
    hidden: Estimate
    words: Estimate | None


@dataclass(frozen=True)
class Unit:
    """What is credited as one: an item, or a pair. `worths` and `valid` are by rotation, at least one."""

    items: tuple[Item, ...]
    worths: tuple[float, ...]
    valid: tuple[bool, ...]

    @property
    def task(self) -> str:
        """The template."""
        return self.items[0].task

    @property
    def ids(self) -> tuple[str, ...]:
        """What tells it from others."""
        return tuple(item.id for item in self.items)

    @property
    def hidden(self) -> bool:
        """Whether its truth cannot be seen on the pictures."""
        return any(item.hidden for item in self.items)

    @property
    def guess(self) -> float:
        """The worth that chance gets."""
        return math.prod(item.guess for item in self.items)

    @property
    def worth(self) -> float:
        """The mean over rotations."""
        return sum(self.worths) / len(self.worths)


def latest(responses: Iterable[Response]) -> dict[tuple[str, int, bool, bool], Response]:
    """The answer to each question: the last one that is no error, else the last."""
    kept: dict[tuple[str, int, bool, bool], Response] = {}
    for each in responses:
        before = kept.get(each.key)
        if before is None or before.status == "error" or each.status != "error":
            kept[each.key] = each
    return kept


def scores(items: Sequence[Item], responses: Iterable[Response]) -> tuple[RungScore, ...]:
    """The score of each rung of which anything was asked, in the order of the ladder."""
    kept = latest(responses)
    named = {item.id for item in items}
    answered = [each for _, each in sorted(kept.items()) if each.item in named]
    by_rung = {name: [item for item in items if item.rung == name] for name in RUNGS}
    found = (_rung(name, own, answered) for name, own in by_rung.items() if own)
    return tuple(each for each in found if each is not None)


def _rung(name: Rung, items: Sequence[Item], answered: Sequence[Response]) -> RungScore | None:
    known = {item.id for item in items}
    mine = [each for each in answered if each.item in known]
    native = any(each.native and each.status != "error" for each in mine)
    main = [each for each in mine if not each.blind and each.native == native]
    if not main:
        return None
    read = [each for each in main if each.status != "error"]
    made = units(items, read)
    seen = visible(made)
    choices = [unit for unit in seen if len(unit.worths) > 1]
    blind, seeing = _seeing(seen, visible(units(items, [e for e in mine if e.blind and e.native == native])))
    worded = visible(units(items, [each for each in mine if not each.blind and not each.native]))
    return RungScore(
        rung=name,
        items=sum(len(unit.items) for unit in made),
        answers=len(read),
        errors=len(main) - len(read),
        score=rung(_answers(seen)),
        valid_only=rung(_answers(_valid(seen))),
        upper=rung(_answers(_lenient(seen))),
        accuracy=cluster_wilson(_worths(seen)),
        invalid=cluster_wilson(_invalid(items, read)),
        repaired=_mean([each.status == "repaired" for each in read]),
        both=rung(_answers(map(_both, choices), lambda unit: unit.guess ** len(unit.worths))),
        inconsistent=_mean([0 < unit.worth < 1 for unit in choices]),
        bias=tuple(_biases(items, read)),
        blind=blind,
        seeing=seeing,
        detection=_detections(items, read),
        facets=_parts(seen, lambda item: item.facet),
        apps=_parts(seen, _app),
        effective=_effective(seen),
        guess=_mean([unit.guess for unit in seen]),
        effect=len(seen) / (effective_answers(_answers(seen)) or math.nan),
        hidden=rung(_answers([unit for unit in made if unit.hidden])),
        words=rung(_answers(worded)) if native else None,
    )


def units(items: Sequence[Item], responses: Sequence[Response]) -> list[Unit]:
    """What is credited as one, of all that was answered: a pair only where each of its items was."""
    answers: dict[str, dict[int, Response]] = defaultdict(dict)
    for each in responses:
        if each.status != "error":
            answers[each.item][each.rotation] = each
    together: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.id):
        together[f"pair {item.pair}" if item.pair else item.id].append(item)
    return [
        _unit(group, [[answers[item.id][at] for at in sorted(answers[item.id])] for item in group])
        for group in together.values()
        if all(answers.get(item.id) for item in group)
    ]


def _unit(group: Sequence[Item], answered: Sequence[Sequence[Response]]) -> Unit:
    """By rotation; an item that was asked in fewer orders than others of its pair counts in its last one again."""
    rounds = [[own[min(at, len(own) - 1)] for own in answered] for at in range(max(map(len, answered)))]
    return Unit(
        items=tuple(group),
        worths=tuple(min(each.score or 0.0 for each in one) for one in rounds),
        valid=tuple(all(each.status != "invalid" for each in one) for one in rounds),
    )


def visible(made: Iterable[Unit]) -> list[Unit]:
    """Those whose truth can be seen on the pictures."""
    return [unit for unit in made if not unit.hidden]


def by_task(items: Sequence[Item], responses: Iterable[Response]) -> dict[str, dict[Rung, float]]:
    """For each template and rung, the mean corrected worth of what was answered."""
    kept = [each for _, each in sorted(latest(responses).items()) if not each.blind and each.status != "error"]
    found: dict[str, dict[Rung, float]] = defaultdict(dict)
    for name in RUNGS:
        own = [item for item in items if item.rung == name]
        known = {item.id for item in own}
        mine = [each for each in kept if each.item in known]
        native = any(each.native for each in mine)
        groups: dict[str, list[float]] = defaultdict(list)
        for unit in visible(units(own, [each for each in mine if each.native == native])):
            groups[unit.task].append(corrected(unit.worth, unit.guess))
        for task, worths in sorted(groups.items()):
            found[task][name] = _mean(worths)
    return dict(sorted(found.items()))


def understanding(tasks: Mapping[str, Mapping[Rung, float]]) -> dict[str, float]:
    """For each template, the mean of the rungs L0 to L4 that it has, each weighing the same."""
    own = {task: [found[name] for name in UNDERSTANDING if name in found] for task, found in tasks.items()}
    return {task: _mean(values) for task, values in own.items() if values}


def _answers(
    made: Iterable[Unit], guess: Callable[[Unit], float] = lambda unit: unit.guess
) -> dict[str, list[Answer]]:
    groups: dict[str, list[Answer]] = defaultdict(list)
    for unit in made:
        groups[unit.task].append(Answer(worth=unit.worth, guess=guess(unit)))
    return groups


def _worths(made: Iterable[Unit]) -> Groups:
    groups: dict[str, list[float]] = defaultdict(list)
    for unit in made:
        groups[unit.task].append(unit.worth)
    return groups


def _valid(made: Iterable[Unit]) -> Iterator[Unit]:
    """Without the answers that could not be read; those of which none could are left out."""
    for unit in made:
        worths = tuple(worth for worth, valid in zip(unit.worths, unit.valid, strict=True) if valid)
        if worths:
            yield Unit(unit.items, worths, (True,) * len(worths))


def _lenient(made: Iterable[Unit]) -> Iterator[Unit]:
    """As if each answer that could not be read were right."""
    for unit in made:
        worths = tuple(worth if valid else 1.0 for worth, valid in zip(unit.worths, unit.valid, strict=True))
        yield Unit(unit.items, worths, unit.valid)


def _both(unit: Unit) -> Unit:
    """Right only where it is in every order; the number of orders is kept, for what chance gets."""
    return Unit(unit.items, (float(min(unit.worths) == 1),) * len(unit.worths), unit.valid)


def _invalid(items: Sequence[Item], read: Sequence[Response]) -> Groups:
    task = {item.id: item.task for item in items}
    groups: dict[str, list[float]] = defaultdict(list)
    for each in read:
        groups[task[each.item]].append(float(each.status == "invalid"))
    return groups


def _biases(items: Sequence[Item], read: Sequence[Response]) -> Iterator[Bias]:
    right = {item.id: item.truth.option for item in items if isinstance(item.truth, Choice)}
    chosen: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for each in read:
        if each.item in right and each.given:
            pair = each.order.index(int(each.given)), each.order.index(right[each.item])
            chosen[len(each.order)].append(pair)
    for count, pairs in sorted(chosen.items()):
        places = position_bias([said for said, _ in pairs], [true for _, true in pairs], count)
        yield Bias(options=count, places=places, answers=len(pairs))


def _seeing(seen: Sequence[Unit], blind: Sequence[Unit]) -> tuple[Estimate | None, float | None]:
    """The blind run's score, and what seeing adds to it, of what was answered both ways."""
    both = {unit.ids for unit in seen} & {unit.ids for unit in blind}
    if not both:
        return None, None
    one, other = ([unit for unit in each if unit.ids in both] for each in (seen, blind))
    return rung(_answers(other)), blind_corrected(_worths(one), _worths(other))


def _detections(items: Sequence[Item], read: Sequence[Response]) -> dict[str, Detection]:
    """Of each facet that has questions of yes or no."""
    known = {item.id: item for item in items if yes_or_no(item) is not None and not item.hidden}
    counts: dict[str, dict[bool, list[int]]] = defaultdict(lambda: {True: [0, 0], False: [0, 0]})
    for each in read:
        item = known.get(each.item)
        if item is not None and each.given:
            counts[item.facet][bool(yes_or_no(item))][0 if _said_yes(item, each.given) else 1] += 1
    return {
        facet: detection((found[True][0], found[True][1]), (found[False][0], found[False][1]))
        for facet, found in sorted(counts.items())
    }


def _said_yes(item: Item, given: str) -> bool:
    return alike(given if isinstance(item.truth, Words) else item.options[int(given)]) == "yes"


def _parts(made: Sequence[Unit], part: Callable[[Item], str]) -> dict[str, Estimate]:
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in made:
        groups[part(unit.items[0])].append(unit)
    return {name: rung(_answers(own)) for name, own in sorted(groups.items()) if name}


def _app(item: Item) -> str:
    return item.tags.get("app", "")


def _effective(made: Sequence[Unit]) -> dict[str, float]:
    """By app, as `_parts` has them."""
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in made:
        groups[_app(unit.items[0])].append(unit)
    return {name: effective_answers(_answers(own)) for name, own in sorted(groups.items()) if name}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
