"""What every figure is made of: its type, its agents, and how numbers are said in a sentence."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from scoring.verdicts import Agent, GapReport

MOST = 6
"""Agents in one figure: more cannot be told apart."""
Cells: TypeAlias = list[tuple[float, str, str]]


@dataclass(frozen=True)
class Panel:
    """One drawing of a figure, with what stands above it."""

    heading: str
    svg: str


@dataclass(frozen=True)
class Legend:
    """What a colour stands for."""

    kind: str
    words: str


@dataclass(frozen=True)
class Figure:
    """A figure. `title` is a sentence with its numbers; `head` and `rows` are what is drawn."""

    id: str
    title: str
    note: str
    panels: tuple[Panel, ...]
    legend: tuple[Legend, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def csv(self) -> str:
        """What is drawn, as CSV. A text that a spreadsheet would take for a formula is quoted by an apostrophe."""
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n")
        write.writerow(self.head)
        write.writerows([_safe(each) for each in row] for row in self.rows)
        return out.getvalue()


def _safe(text: str) -> str:
    try:
        float(text)
    except ValueError:
        return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} and text else text
    return text


def shown(report: GapReport) -> list[Agent]:
    """The agents of figures: the models; where there are none, those with planted faults."""
    models = [each for each in report.agents if each.who.kind == "model"]
    return (models or [each for each in report.agents if each.who.kind == "planted"])[:MOST]


def called(agent: Agent) -> str:
    """Its name in figures and tables."""
    return agent.who.slug


def colour(place: int) -> str:
    """The colour of the agent at that place."""
    return f"s{place % MOST}"


def cell(value: float) -> str:
    """A number in a CSV; empty where there is none."""
    return "" if math.isnan(value) else f"{round(value, 6) + 0.0:g}"


def part(value: float) -> str:
    """A share in a sentence."""
    return "nothing measured" if math.isnan(value) else f"{signed(round(100 * value))} %"


def points(value: float) -> str:
    """A difference of shares in a sentence: `12 points`."""
    if math.isnan(value):
        return "nothing measured"
    many = round(100 * value)
    return f"{signed(many)} point{'' if abs(many) == 1 else 's'}"


def signed(value: int) -> str:
    """A whole number with a minus sign that is one."""
    return f"{value}".replace("-", "−")


def change(value: float) -> str:
    """A change in points on a drawing: `+12`, `−3`, `0`."""
    many = round(100 * value)
    return f"{many:+d}".replace("-", "−") if many else "0"


SAID = 3
"""Agents of whom a sentence speaks; the others are in the drawing and the table."""


def few(words: Sequence[str]) -> list[str]:
    """The first three, and how many more there are."""
    more = len(words) - SAID
    return [*words[:SAID], f"{more} more below"] if more > 0 else list(words)


def several(sentences: Sequence[str]) -> str:
    """Statements about several agents as one sentence: `A does x; b does y.`"""
    joined = "; ".join(few([each for each in sentences if each]))
    if joined.partition(" ")[0] in {"a", "for", "of", "with"}:  # never an agent's name
        joined = joined[:1].upper() + joined[1:]
    return f"{joined}." if joined else ""


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
