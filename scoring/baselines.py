"""What a score must be held against where some tasks cannot be done at all: what is had without doing anything.

A run that says which of its tasks those are (`options["infeasible"]`) has baselines. OSWorld's have: a word alone,
FAIL, is worth a point on each.
"""

from __future__ import annotations

from collections.abc import Sequence

from envs.types import Closed
from scoring.metrics import COUNTED, mean_score, outcome, scored
from scoring.record import Run
from scoring.story import Story

IDLE = "idle"


class Baselines(Closed):
    """`fail` is the score of giving up at once, everywhere; `idle` that of saying at once that it is done, where it
    was measured before the run began, or by it.
    """

    tasks: int
    infeasible: int
    fail: float
    idle: float | None
    points: float
    """Of all episodes that count, their scores added up."""
    infeasible_points: float
    """Of those, had by saying of what cannot be done that it cannot."""


def of(run: Run, counted: Sequence[Story]) -> Baselines | None:
    """The baselines of a run; None for one that does not say which tasks cannot be done."""
    if "infeasible" not in run.options:
        return None
    infeasible = set(run.options["infeasible"].split("\n")) & set(run.tasks)
    mine = [story for story in counted if outcome(story) in COUNTED]
    known = run.options.get(IDLE)
    own = mean_score(mine).value if run.agent == IDLE and mine else None
    return Baselines(
        tasks=len(run.tasks),
        infeasible=len(infeasible),
        fail=len(infeasible) / len(run.tasks) if run.tasks else 0.0,
        idle=own if own is not None else float(known) if known else None,
        points=sum(map(scored, mine)),
        infeasible_points=sum(scored(story) for story in mine if story.started.task in infeasible),
    )


def lines(made: Baselines) -> tuple[tuple[str, str], ...]:
    """For a table: what each is called, and what it is."""
    share = f" ({100 * made.infeasible_points / made.points:.0f} %)" if made.points else ""
    return (
        ("always FAIL scores", f"{made.fail:.2f}: {made.infeasible} of {made.tasks} tasks cannot be done"),
        (
            "idle scores",
            f"{made.idle:.2f}"
            if made.idle is not None
            else "not known when this run began: play the same tasks by --agent idle before",
        ),
        ("points by such tasks", f"{made.infeasible_points:g} of {made.points:.4g}{share}"),
    )
