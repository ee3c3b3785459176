"""What failed in failed episodes, by questions about the very screens on which they failed, and what clicks hit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from envs.types import Closed
from scoring.stats import Estimate, share

Cause: TypeAlias = Literal["infra", "format", "perceive", "ground", "plan", "predict", "verify", "none_failed"]
"""The first probe that failed, in this order; `infra` is ours, `none_failed` knew it all and failed all the same."""


class Causes(Closed):
    """Shares of the failures that are the agent's, each with Wilson's interval; `infra` is only counted.

    `dissociation` is the share in which no probe failed: understanding was there and control was not. Guessing adds
    to it, by `guessed` at most for each probe that only chance passed.
    """

    shares: dict[str, Estimate]
    dissociation: Estimate
    failures: int
    infra: int


class Clicks(Closed):
    """Clicks by whether the target named was the right one, and whether what was named was hit."""

    right_hit: int
    right_missed: int
    wrong_hit: int
    wrong_missed: int


class Aim(Closed):
    """`as_meant` is the share that hit what was named, `misground` that missed it of those whose target was right.

    `wrong` is the share that named a wrong target.
    """

    as_meant: Estimate
    misground: Estimate
    wrong: Estimate


def causes(found: Iterable[Cause]) -> Causes:
    """Count causes of failed episodes. Shares are NaN where no failure is the agent's."""
    every = list(found)
    own = [cause for cause in every if cause != "infra"]
    shares = {cause: share(own.count(cause), len(own)) for cause in get_args(Cause) if cause != "infra"}
    return Causes(shares=shares, dissociation=shares["none_failed"], failures=len(own), infra=len(every) - len(own))


def guessed(options: int, rotations: int = 2) -> float:
    """The chance to pass one probe of so many options in all its rotations by guessing."""
    return options**-rotations if options else math.nan


def aim(clicks: Clicks) -> Aim:
    """How clicks met what was meant."""
    hit = clicks.right_hit + clicks.wrong_hit
    right = clicks.right_hit + clicks.right_missed
    count = right + clicks.wrong_hit + clicks.wrong_missed
    return Aim(
        as_meant=share(hit, count),
        misground=share(clicks.right_missed, right),
        wrong=share(count - right, count),
    )
