"""Two agents, and who is best of each kind: the founding comparison, and the map of parity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal, TypeAlias

from envs.types import Card, Closed
from scoring.founding import Founding, Quad, founding
from scoring.gap import MARGIN, Parity, best_by_half, parity_by_task
from scoring.gapreport.aids import Aids
from scoring.gapreport.ladder import LADDER, Ladder, mean_of
from scoring.paired import Paired, e_value, holm, paired
from scoring.sizes import detectable
from scoring.stats import Estimate, Groups, average, none_of
from scoring.study import Contender

Weights: TypeAlias = Literal["open", "closed", "unknown", "none"]
ALPHA = 0.05
UNDERSTANDING, CONTROL = "understanding", "control"
ALL = "all"


class Standing(Closed):
    """Who an agent is: weights and scaffold told apart. `refused` says why no verdict is given on it, if so."""

    slug: str
    kind: str
    weights: Weights
    scaffold: str
    licence: str
    models: tuple[str, ...]
    refused: str


class Pair(Closed):
    """Two agents on the tasks both have: the second's lead over the first, in control and in understanding.

    Where one is open and the other closed, the open one comes first. `parity` is of understanding, first less second.
    `hypotheses` are p-values corrected together (Holm), those of them that could be tested. `detectable` are the
    smallest leads in control, and differences of leads, that so many tasks would find four times in five. `evidence`
    is the e-value of the tasks that either does better: it may be watched task by task and stopped on at 20.
    """

    first: str
    second: str
    founding: Founding
    control: Paired
    parity: Parity
    hypotheses: dict[str, float]
    detectable: float
    detectable_did: float
    evidence: float
    better: tuple[int, int]
    tasks: int


def pairs(
    who: Sequence[Standing], ladders: Mapping[str, Ladder], helped: Mapping[str, Aids], lengths: Mapping[str, int]
) -> tuple[Pair, ...]:
    """Every pair of models; of other agents only where fewer than two are models."""
    models = [each for each in who if each.kind == "model"]
    chosen = models if len(models) > 1 else [each for each in who if each.kind != "null"]
    found = []
    for one, other in combinations(chosen, 2):
        first, second = (other, one) if one.weights == "closed" and other.weights == "open" else (one, other)
        made = _pair(first.slug, second.slug, ladders, helped, lengths)
        found += [made] if made is not None else []
    return tuple(found)


def _pair(
    first: str, second: str, ladders: Mapping[str, Ladder], helped: Mapping[str, Aids], lengths: Mapping[str, int]
) -> Pair | None:
    u1, u2 = (understood(ladders[slug]) for slug in (first, second))
    c1, c2 = (controlled(ladders[slug]) for slug in (first, second))
    tasks = sorted(set(u1) & set(u2) & set(c1) & set(c2))
    if not tasks:
        return None
    quads = [
        Quad(u_open=u1[task], u_closed=u2[task], c_open=c1[task], c_closed=c2[task], length=lengths.get(task) or None)
        for task in tasks
    ]
    made = founding(quads)
    lead = paired(_single(c2, tasks), _single(c1, tasks))
    parity = parity_by_task(_single(u1, tasks), _single(u2, tasks))
    better = (sum(c1[task] > c2[task] for task in tasks), sum(c2[task] > c1[task] for task in tasks))
    return Pair(
        first=first,
        second=second,
        founding=made,
        control=lead,
        parity=parity,
        hypotheses=_hypotheses(made, lead, parity, helped.get(first)),
        detectable=smallest([c2[task] - c1[task] for task in tasks]),
        detectable_did=smallest([c2[task] - c1[task] - u2[task] + u1[task] for task in tasks]),
        evidence=e_value(*better),
        better=better,
        tasks=len(tasks),
    )


def _hypotheses(made: Founding, lead: Paired, parity: Parity, helped: Aids | None) -> dict[str, float]:
    attributed = helped.attributed if helped else None
    shares = [aid.net or aid.share for aid in attributed.aids.values()] if attributed else []
    family = {
        "parity of understanding": parity.p_equivalent,
        "control differs": lead.flip,
        "lead in control exceeds lead in understanding": made.raw.flip,
        "the same per step": made.per_step.p if made.per_step else math.nan,
        "some aid helps the first": min(1.0, len(shares) * min((each.flip for each in shares), default=math.nan)),
    }
    return holm({name: p for name, p in family.items() if not math.isnan(p)})


def understood(made: Ladder) -> dict[str, float]:
    """Understanding by task."""
    return {line.task: line.u for line in made.tasks if line.u is not None}


def controlled(made: Ladder) -> dict[str, float]:
    """Control by task."""
    return {line.task: line.control for line in made.tasks if line.control is not None}


def _single(values: Mapping[str, float], tasks: Sequence[str]) -> Groups:
    return {task: [values[task]] for task in tasks}


def smallest(differences: Sequence[float]) -> float:
    """The smallest difference that so many tasks would find four times in five (see `sizes.detectable`).

    The part of tasks that differ is taken as seen, as the mean square; where none does, as much as could be unseen.
    """
    if not differences:
        return math.nan
    seen = average([each * each for each in differences])
    return detectable(len(differences), seen if seen > 0 else none_of(len(differences)))


class Side(Closed):
    """The best agent of a kind, chosen on odd tasks; `score` is of the even ones."""

    slug: str
    weights: Weights
    scaffold: str
    score: Estimate


class Row(Closed):
    """One line of the map of parity: `gap` is open less closed over the even tasks.

    `why` says why there is no verdict. `detectable` is the smallest gap that so many tasks
    would find four times in five.
    """

    category: str
    domain: str
    closed: Side | None
    open: Side | None
    parity: Parity | None
    detectable: float
    tasks: int
    why: str


def parity_map(who: Sequence[Standing], ladders: Mapping[str, Ladder]) -> tuple[Row, ...]:
    """Rung by rung over all tasks, then understanding and control of each app that has tasks enough."""
    apps = sorted({line.app for made in ladders.values() for line in made.tasks if line.app})
    wanted = [(category, ALL) for category in (*LADDER[:5], UNDERSTANDING, LADDER[5], CONTROL)]
    wanted += [(category, app) for app in apps for category in (UNDERSTANDING, CONTROL)] if len(apps) > 1 else []
    models = [each for each in who if each.kind == "model"]
    rows = (_row(category, domain, models, ladders) for category, domain in wanted)
    return tuple(row for row in rows if row is not None and (row.domain == ALL or row.tasks > 1))


def _row(category: str, domain: str, who: Sequence[Standing], ladders: Mapping[str, Ladder]) -> Row | None:
    known = {each.slug: _values(category, domain, ladders[each.slug]) for each in who}
    known = {slug: groups for slug, groups in known.items() if groups}
    if not known:
        return None
    common = set.intersection(*(set(groups) for groups in known.values()))
    known = {slug: {task: groups[task] for task in sorted(common)} for slug, groups in known.items()}
    sides = {
        weights: {each.slug: known[each.slug] for each in who if each.weights == weights and each.slug in known}
        for weights in ("closed", "open")
    }
    refused = [f"{each.slug}: {each.refused}" for each in who if each.refused and each.slug in known]
    best = {weights: _best(groups) for weights, groups in sides.items() if groups}
    names = {each.slug: each for each in who}
    tasks = len(common)
    found = {weights: _side(names[slug], known[slug]) for weights, slug in best.items() if slug}
    why = _why(sides, found, refused)
    if why:
        return Row(
            category=category, domain=domain, closed=found.get("closed"), open=found.get("open"), parity=None,
            detectable=math.nan, tasks=tasks, why=why,
        )  # fmt: skip
    even = _even(sorted(common))
    first, second = ({task: known[found[weights].slug][task] for task in even} for weights in ("open", "closed"))
    return Row(
        category=category,
        domain=domain,
        closed=found["closed"],
        open=found["open"],
        parity=parity_by_task(first, second, MARGIN),
        detectable=smallest([first[task][0] - second[task][0] for task in even]),
        tasks=len(even),
        why="",
    )


def _why(sides: Mapping[str, Mapping[str, Groups]], found: Mapping[str, Side], refused: Sequence[str]) -> str:
    lacking = [weights for weights in ("closed", "open") if not sides[weights]]
    if lacking:
        return f"no agent with {' or '.join(lacking)} weights was measured"
    if refused:
        return f"no verdict: {'; '.join(refused)}"
    return "" if len(found) == 2 else "too few tasks to choose on one half and estimate on the other"


def _best(groups: Mapping[str, Groups]) -> str:
    """Empty where there are too few tasks."""
    try:
        return best_by_half(groups)[0]
    except ValueError:
        return ""


def _even(tasks: Sequence[str]) -> Sequence[str]:
    """The second, fourth, ... task by name: those that `best_by_half` did not choose on."""
    return tasks[1::2]


def _side(who: Standing, groups: Groups) -> Side:
    even = {task: groups[task] for task in _even(sorted(groups))}
    return Side(slug=who.slug, weights=who.weights, scaffold=who.scaffold, score=mean_of(even))


def _values(category: str, domain: str, made: Ladder) -> dict[str, list[float]]:
    """One value a task."""
    found = {}
    for line in made.tasks:
        if domain not in {ALL, line.app}:
            continue
        rung = {UNDERSTANDING: line.u, CONTROL: line.control}.get(category, line.rungs.get(category))
        if rung is not None:
            found[line.task] = [rung]
    return found


def standing(contender: Contender, cards: Sequence[Card], refused: str) -> Standing:
    """Who an agent is, by the cards of its models: open only where all of them are."""
    weights: list[Weights] = [card.weights for card in cards if card.weights != "none"]
    whole: Weights = "none" if not weights else "unknown"
    if weights and all(each == "open" for each in weights):
        whole = "open"
    elif "closed" in weights:
        whole = "closed"
    return Standing(
        slug=contender.slug,
        kind=contender.kind,
        weights=whole,
        scaffold=" + ".join(dict.fromkeys(card.scaffold for card in cards)) or "none",
        licence=", ".join(dict.fromkeys(card.licence for card in cards if card.licence)),
        models=tuple(dict.fromkeys(card.model for card in cards)),
        refused=refused,
    )
