"""Options of a question: none of them right twice, in an order of chance."""

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


def shuffled(right: str, others: Sequence[str], chance: Random) -> tuple[tuple[str, ...], Choice]:
    """The right option among the others, and its place. Texts, or names of pictures."""
    order = [right, *others]
    chance.shuffle(order)
    return tuple(order), Choice(option=order.index(right))
