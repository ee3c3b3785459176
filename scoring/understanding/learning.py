"""A logistic regression over words, for solvers that try to tell a right option without seeing the screen.

Of an item's options one is right: P(option) = exp(w.x) / sum over the options of exp(w.x), x the words that it has,
w fitted with a penalty (McFadden's conditional logit; of yes and no it is the usual regression).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.understanding.items import Item

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PARTS = 5
PENALTY = 1.0
"""Of the squared weights, against the sum of log-likelihoods of the items."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")


@dataclass(frozen=True)
class Example:
    """An item's options by their words, and the place of the right one."""

    options: tuple[tuple[str, ...], ...]
    right: int


def tokens(text: str) -> list[str]:
    """Its words, numbers (by how many digits they have, too) and signs, each once, in lower case."""
    found = list(dict.fromkeys(_TOKEN.findall(text.lower())))
    return [*found, *dict.fromkeys("#" * len(each) for each in found if each.isdigit())]


def held_out(items: Sequence[Item]) -> Iterator[tuple[list[Item], list[Item]]]:
    """Five parts of the items, each with all others to learn from: templates are never on both sides.

    With one template alone, its items are parted.
    """
    tasks = sorted({item.task for item in items})
    key = {task: place for place, task in enumerate(tasks)}
    numbers = [key[item.task] for item in items] if len(tasks) > 1 else list(range(len(items)))
    for part in range(PARTS):
        test = [item for item, number in zip(items, numbers, strict=True) if number % PARTS == part]
        train = [item for item, number in zip(items, numbers, strict=True) if number % PARTS != part]
        if test and train:
            yield train, test


def scores(items: Sequence[Item], examples: Mapping[str, Example]) -> dict[str, float]:
    """Of each item, 1 where the option that is likeliest by the other parts is right; by lot among equals."""
    got: dict[str, float] = {}
    for train, test in held_out(items):
        fitted = fit([examples[item.id] for item in train])
        for item in test:
            found = examples[item.id]
            worth = [round(sum(fitted.get(word, 0.0) for word in words), 9) for words in found.options]
            best = [place for place, each in enumerate(worth) if each == max(worth)]
            got[item.id] = (found.right in best) / len(best)
    return got


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """The weight of each word."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    words = sorted({word for each in examples for option in each.options for word in option})
    place = {word: at for at, word in enumerate(words)}
    rows = [option for each in examples for option in each.options]
    indices = [place[word] for option in rows for word in option]
    ends = np.cumsum([0, *map(len, rows)])
    table = csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(rows), len(words)))
    starts = np.cumsum([0, *(len(each.options) for each in examples)])[:-1]
    right = starts + np.array([each.right for each in examples])
    sizes = np.array([len(each.options) for each in examples])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        worth = table @ weights
        worth -= np.repeat(np.maximum.reduceat(worth, starts), sizes)
        odds = np.exp(worth)
        totals = np.add.reduceat(odds, starts)
        slope = odds / np.repeat(totals, sizes)
        slope[right] -= 1
        value = float(np.log(totals).sum() - worth[right].sum() + PENALTY / 2 * weights @ weights)
        return value, table.T @ slope + PENALTY * weights

    if not words:
        return {}
    found = minimize(loss, np.zeros(len(words)), jac=True, method="CG", options={"maxiter": 60, "gtol": 0.05})
    return dict(zip(words, map(float, found.x), strict=True))
