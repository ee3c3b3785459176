"""Figures that others published (`published.toml`): shown beside measured ones, and never mixed with them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from envs.types import Closed
from scoring.gap import Parity, parity_of_shares

FILE = Path(__file__).with_name("published.toml")


class Figure(Closed):
    """One figure, a share. `count` is of how many tasks or questions, None where nobody says."""

    id: str
    name: str
    category: str
    instrument: str
    value: float
    date: str
    weights: Literal["open", "closed", "unknown"]
    scaffold: str
    source: str
    count: int | None = None
    note: str = ""


class Comparison(Closed):
    """Two figures' ids, and what was claimed of them, if anything."""

    open: str
    closed: str
    claim: str = ""


class _File(Closed):
    figure: tuple[Figure, ...]
    comparison: tuple[Comparison, ...]


class Compared(Closed):
    """Two published figures: open less closed. `why` says why there is no verdict on it."""

    open: Figure
    closed: Figure
    claim: str
    difference: float
    parity: Parity | None
    why: str


def published(path: Path = FILE) -> tuple[tuple[Figure, ...], tuple[Compared, ...]]:
    """All figures, and the comparisons made of them. Raises KeyError for one of a figure that is not there."""
    file = msgspec.convert(tomllib.loads(path.read_text()), _File)
    known = {figure.id: figure for figure in file.figure}
    return file.figure, tuple(_compared(known[each.open], known[each.closed], each.claim) for each in file.comparison)


def _compared(first: Figure, second: Figure, claim: str) -> Compared:
    why = "; ".join(_against(first, second))
    sizes = first.count, second.count
    made = None
    if not why and sizes[0] and sizes[1]:
        made = parity_of_shares((first.value, sizes[0]), (second.value, sizes[1]))
    return Compared(
        open=first,
        closed=second,
        claim=claim,
        difference=first.value - second.value,
        parity=made,
        why=why,
    )


def _against(first: Figure, second: Figure) -> Iterator[str]:
    """What speaks against comparing the two."""
    if first.instrument != second.instrument:
        yield f"two instruments ({first.instrument}, {second.instrument})"
    if first.weights != "open":
        yield f"{first.name}: the scaffold is open, the weights are {first.weights}"
    if not (first.count and second.count):
        yield "nobody says of how many tasks"
