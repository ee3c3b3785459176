"""What a case for a block of golden numbers is, and how the two are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.stats import Estimate, Interval

CASES: dict[str, Callable[[Any], Any]] = {}


@dataclass(frozen=True)
class Rounded:
    """A value that its block prints to so many decimals."""

    value: float
    digits: int


def to(digits: int, value: Any) -> Any:
    """All numbers in it, printed to so many decimals."""
    if isinstance(value, Mapping):
        return {name: to(digits, inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to(digits, inner) for inner in value]
    return Rounded(value, digits)


def block(name: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    def keep(case: Callable[[Any], Any]) -> Callable[[Any], Any]:
        CASES[name] = case
        return case

    return keep


def same(made: Any, printed: Any, where: str) -> None:
    """Fail unless all that is printed was made, to its digits, and nothing else."""
    match printed:
        case dict():
            assert list(map(str, made)) == list(printed), where
            for (name, inner), shown in zip(made.items(), printed.values(), strict=True):
                same(inner, shown, f"{where}: {name}")
        case list():
            assert len(made) == len(printed), where
            for place, (inner, shown) in enumerate(zip(made, printed, strict=True)):
                same(inner, shown, f"{where}[{place}]")
        case bool() | str():
            assert made == printed, where
        case _:
            kept = made if isinstance(made, Rounded) else Rounded(made, 6)
            assert abs(kept.value - printed) <= 0.5 * 10**-kept.digits + 1e-12, f"{where}: {kept} is not {printed}"


def ends(interval: Interval | Estimate) -> list[float]:
    return [interval.low, interval.high]


def groups(rows: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    return {f"task {place:02}": list(row) for place, row in enumerate(rows)}


def each(values: Sequence[float]) -> dict[str, list[float]]:
    return groups([[value] for value in values])


def booleans(values: Sequence[float]) -> list[bool]:
    return [bool(value) for value in values]
