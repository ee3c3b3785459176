"""A bank as tables: what is in it, whether it can be answered blindly, how the scorers did, what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scoring.understanding.apps import ADMITTED
from scoring.understanding.items import NOT_APPLICABLE, RUNGS, Bank, Item

REASONS = 15
"""How many reasons for leaving out are printed: the most frequent."""


def show(bank: Bank, items: Sequence[Item], console: Console) -> None:
    """Print it."""
    seeds = ", ".join(map(str, bank.seeds))
    console.print(Text(f"{bank.items} items of {bank.suite}, seeds {seeds}; hash {bank.hash[:16]}"))
    _rungs(bank, items, console)
    _shortcuts(bank, console)
    _operators(bank, console)
    _apps(bank, console)
    _dropped(bank, console)


def _rungs(bank: Bank, items: Sequence[Item], console: Console) -> None:
    """How many items; `-` is none, and `n/a` none because the rung does not apply to the task."""
    table = _table("rung", *(str(task) for task in RUNGS))
    tasks = sorted({item.task for item in items})
    counts = Counter((item.task, item.rung) for item in items)
    without = {(each.task, each.rung) for each in bank.dropped if each.why.startswith(NOT_APPLICABLE)}
    for task in tasks:
        none = {rung: "n/a" if (task, rung) in without else "-" for rung in RUNGS}
        table.add_row(task, *(str(counts[task, rung] or none[rung]) for rung in RUNGS))
    table.add_row("all", *(str(sum(counts[task, rung] for task in tasks)) for rung in RUNGS))
    console.print(table)


def _shortcuts(bank: Bank, console: Console) -> None:
    if not bank.shortcuts:
        return
    table = _table("rung", "solver without the screen", "score", "at most", "chance", "items", "dropped", "")
    for each in bank.shortcuts:
        verdict = Text("passes", style="green")
        if not each.passes:
            verdict = Text("LEAKS", style="red") if each.leaks else Text("too few", style="yellow")
        numbers = (f"{each.score:.3f}", f"{each.high:.3f}", f"{each.chance:.3f}", str(each.items), str(each.dropped))
        table.add_row(each.rung, each.solver, *numbers, verdict)
    console.print(table)


def _operators(bank: Bank, console: Console) -> None:
    table = _table("plays", "meant to score", "played", "scored so", "without effect", "not so in")
    for name in sorted({each.operator for each in bank.operators}):
        mine = [each for each in bank.operators if each.operator == name]
        odd = [f"{each.task} ({each.played - each.right})" for each in mine if each.right < each.played]
        played, right = sum(each.played for each in mine), sum(each.right for each in mine)
        same = str(sum(each.same for each in mine) or "")
        table.add_row(name, f"{mine[0].wanted:g}", str(played), str(right), same, ", ".join(odd))
    console.print(table)


def _apps(bank: Bank, console: Console) -> None:
    for app, share in bank.apps.items():
        verdict = "" if share >= ADMITTED else ": too few for L1"
        console.print(Text(f"{app or 'no application'}: the tree names {share:.0%} of the places clicked{verdict}"))


def _dropped(bank: Bank, console: Console) -> None:
    reasons: Counter[tuple[str, str]] = Counter()
    for each in bank.dropped:
        reasons[each.rung, each.why] += each.count
    table = _table("rung", "left out", "because")
    for (rung, why), count in reasons.most_common(REASONS):
        table.add_row(rung, str(count), Text(why if len(why) <= 120 else f"{why[:117]}..."))
    if reasons:
        console.print(table)
    if len(reasons) > REASONS:
        console.print(Text(f"and {len(reasons) - REASONS} further reasons, in bank.json"))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        table.add_column(name)
    return table
