"""Texts of the shape and length of others, made of what others say: for placebos."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

WITHIN = 0.1
"""The part of its length by which a placebo may differ."""


def alike(lines: Sequence[str], pool: Sequence[str]) -> list[str]:
    """As many lines as given, taken from the pool in its order, and as long together to a tenth.

    The pool's first lines are its nearest; one that has too few is gone through again, and one that is empty gives
    lines of nothing. Lines end in the middle, or go on with words of others, where no whole ones come near enough.
    """
    wanted = sum(map(len, lines))
    if not lines:
        return []
    chosen = list(islice(cycle([line for line in pool if line.strip()] or ["and so on"]), len(lines)))
    spare = cycle(" ".join([*pool[len(lines) :], *chosen]).split() or ["and"])
    while sum(map(len, chosen)) < wanted * (1 - WITHIN / 2):
        shortest = min(range(len(chosen)), key=lambda place: len(chosen[place]))
        chosen[shortest] += f" {next(spare)}"
    return _cut(chosen, wanted)


def lines_alike(lines: Sequence[str], pool: Sequence[str]) -> list[str]:
    """Whole lines of the pool, over and over, until they are as long together as those given, to a tenth."""
    wanted, chosen, used = sum(len(line) + 1 for line in lines), list[str](), 0
    for line in cycle(pool):
        if used + len(line) + 1 > wanted * (1 + WITHIN / 2):
            rest = max(1, wanted - used - 1)
            if used < wanted * (1 - WITHIN / 2):
                chosen.append(line[:rest])
            return chosen
        chosen.append(line)
        used += len(line) + 1
    return chosen


def _cut(lines: list[str], most: int) -> list[str]:
    """Without the last words of the longest, until they are no longer than that and a little."""
    while (over := sum(map(len, lines)) - most * (1 + WITHIN / 2)) > 0:
        longest = max(range(len(lines)), key=lambda place: len(lines[place]))
        shorter = lines[longest].rpartition(" ")[0]
        size = len(lines[longest])
        lines[longest] = shorter if shorter and size - len(shorter) <= 2 * over else lines[longest][: size - 1]
    return lines
