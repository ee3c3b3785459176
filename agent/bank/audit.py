"""`handeye bank audit` and `handeye bank import`: whether a bank can be answered blindly; static sets as banks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from agent.listing import as_json, simple_table
from agent.show import paper
from scoring.understanding import audit as audits
from scoring.understanding.items import Shortcut, digest, picture, read, write
from scoring.understanding.static import imported

OK, VOID = 0, 1


def audit(folder: Path, *, drop: bool = False, json: bool = False) -> int:
    """Print how solvers without the screen do; 1 where one does not pass.

    With `drop` what they can answer goes out of the bank, and the audit into it.
    """
    bank, items = read(folder)
    look = partial(picture, folder)
    if drop:
        kept, found, gone = audits.audited(items, look)
        known = [each for each in bank.dropped if each not in gone]
        new = replace(bank, items=len(kept), hash=digest(kept), shortcuts=found, dropped=(*known, *gone))
        write(folder, new, kept)
        sys.stderr.write(f"handeye: {len(items) - len(kept)} of {len(items)} items were dropped from {folder}\n")
    else:
        found = audits.audit(items, look)
    if json:
        as_json(found)
    else:
        show(found)
    return OK if all(each.passes for each in found) else VOID


def show(found: Sequence[Shortcut]) -> None:
    """For people."""
    table = simple_table("rung", "solver without the screen", "score", "at most", "chance", "items", "")
    for each in found:
        numbers = (f"{each.score:.3f}", f"{each.high:.3f}", f"{each.chance:.3f}", str(each.items))
        verdict = "" if each.passes else "above chance" if each.leaks else "too few items to tell"
        table.add_row(each.rung, each.solver, *numbers, verdict)
    paper().print(table)


def take(source: Path, out: Path, images: Path | None) -> None:
    """Make a bank of a static set, and say so."""
    bank = imported(source, out, images)
    sys.stdout.write(f"{bank.items} items of {bank.suite} in {out}; hash {bank.hash[:16]}\n")
