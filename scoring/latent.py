"""Ability and difficulty on one scale: a logistic model of right answers, with a prior that makes it identifiable.

logit P(right) = sum of the terms that help - sum of those that hinder, each term N(0, 1) before the data. With
`ability` helping and `item` hindering it is Rasch's model; terms may be abilities by agent and domain, difficulties
of tasks and items, effects of conditions. Secondary: for pooling, and for difficulty in tables.
"""

from __future__ import annotations

from collections.abc import Iterable

from envs.types import Closed

ROUNDS, CLOSE = 100, 1e-10


class Response(Closed):
    """One answer, with the names of the terms that help and hinder it."""

    helps: tuple[str, ...]
    hinders: tuple[str, ...]
    right: bool


class Fit(Closed):
    """The likeliest terms, and what was minimised: the negative log likelihood plus half the squares of the terms."""

    terms: dict[str, float]
    objective: float


def fit(responses: Iterable[Response]) -> Fit:
    """Find the maximum a posteriori by Newton's method: the objective is strictly convex, so there is one.

    Raises RuntimeError where it is not reached in 100 rounds.
    """
    import numpy as np
    from scipy.special import expit

    answers = list(responses)
    names = sorted({name for each in answers for name in (*each.helps, *each.hinders)})
    place = {name: at for at, name in enumerate(names)}
    design = np.zeros((len(answers), len(names)))
    for row, each in enumerate(answers):
        for sign, terms in ((1.0, each.helps), (-1.0, each.hinders)):
            for name in terms:
                design[row, place[name]] += sign
    right = np.array([float(each.right) for each in answers])
    found = np.zeros(len(names))
    for _ in range(ROUNDS):
        chance = expit(design @ found)
        slope = design.T @ (right - chance) - found
        curve = design.T @ (design * (chance * (1 - chance))[:, None]) + np.eye(len(names))
        change = np.linalg.solve(curve, slope)
        found = found + change
        if float(np.abs(change).max(initial=0.0)) < CLOSE:
            odds = design @ found
            objective = float(np.sum(np.logaddexp(0.0, odds) - right * odds) + found @ found / 2)
            return Fit(terms=dict(zip(names, map(float, found), strict=True)), objective=objective)
    raise RuntimeError(f"no maximum of {len(names)} terms over {len(answers)} answers in {ROUNDS} rounds")
