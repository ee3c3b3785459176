"""Options of a question: equally many, about equally long, none of them right twice, in an order of chance.

Who sees only the options must not be able to tell. So wrong ones are taken such that the right one is as often the
shortest of them as the longest, as far as what there is allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from scoring.understanding.items import Choice

EDGES = " \t\n\"'.,:;!?…“”„‘’"
"""What does not matter at the ends of a text."""


def alike(text: str) -> str:
    """The text as answers are compared: without case, and without blanks and punctuation at its ends."""
    return " ".join(text.split()).strip(EDGES).casefold()


def distinct(texts: Iterable[str], but: Iterable[str] = ()) -> list[str]:
    """The texts in their order, each once, without empty ones and without those like one of `but`."""
    seen = {"", *(alike(text) for text in but)}
    kept = []
    for text in texts:
        if alike(text) not in seen:
            seen.add(alike(text))
            kept.append(text)
    return kept


def wrong(
    right: str, candidates: Iterable[str], chance: Random, count: int = 3, within: float | None = None
) -> list[str]:
    """So many candidates other than the right one, near to it in length; fewer, where there are not so many.

    `within` .2: none may be more than a fifth longer or shorter than the right one.
    """
    others = distinct(candidates, but=(right,))
    if within is not None:
        others = [other for other in others if abs(len(other) - len(right)) <= within * max(len(other), len(right))]
    chance.shuffle(others)
    others.sort(key=lambda other: abs(len(other) - len(right)))
    longer = [other for other in others if len(other) > len(right)]
    shorter = [other for other in others if len(other) <= len(right)]
    above = chance.randint(0, count)
    above = min(max(above, count - len(shorter)), len(longer))
    return longer[:above] + shorter[: count - above]


def shuffled(right: str, others: Sequence[str], chance: Random) -> tuple[tuple[str, ...], Choice]:
    """The right option among the others, and its place. Texts, or names of pictures."""
    order = [right, *others]
    chance.shuffle(order)
    return tuple(order), Choice(option=order.index(right))


def four(
    right: str, candidates: Iterable[str], chance: Random, within: float | None = None
) -> tuple[tuple[str, ...], Choice] | None:
    """Four options out of the right one and the candidates, in an order of chance; None where there are too few."""
    others = wrong(right, candidates, chance, within=within)
    return shuffled(right, others, chance) if len(others) == 3 else None
