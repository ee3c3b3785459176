"""Which tasks to run, so that every step type, getter and metric of the offline tasks runs at least once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scoring.osworld.evaluator import obstacles, parse
from tasks.osworld import coverage, needs, steps
from tasks.osworld.example import Example

Part = tuple[str, str]


def runnable(examples: Iterable[Example]) -> list[Example]:
    """Those that need nothing of the web, and whose evaluators are all here."""
    return [
        example
        for example in examples
        if needs.sort(example).kind in {"offline", "assets"}
        and not obstacles(parse(example.as_written()["evaluator"]))
    ]


def cover(examples: Sequence[Example], known: Iterable[Part] = ()) -> list[Example]:
    """A small set of them, by greed: it has every part of theirs that is not known already.

    Of two that add as much the one with fewer metrics goes first, since the word `and` stops at the first that is
    not met, and then the quicker one.
    """
    left = {part for example in examples for part in coverage.parts(example)} - set(known)
    found = []
    while left:
        best = max(examples, key=lambda example: (len(coverage.parts(example) & left), *_cheap(example), example.id))
        left -= coverage.parts(best)
        found.append(best)
    return found


def _cheap(example: Example) -> tuple[int, float]:
    """The less there is to do to it, the more: metrics, then seconds that it waits and steps."""
    every = (*example.config, *example.evaluator.postconfig)
    waits = sum(step.seconds for step in every if isinstance(step, steps.Sleep))
    return -len(example.evaluator.checks), -(waits + len(every))
