"""`./dev bench`: every speed that handeye claims, measured in one run on this machine.

The machine is whatever it is and may be shared: what counts are the ratios, each between things measured in turn
in the same run. Medians of at least 30.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import acting
import bank
import calling
import instrument
import looking
import msgspec
import osworld
import settling
import starting
from rich.console import Console
from rich.table import Table
from rows import Row, Section

SECTIONS: dict[str, Section] = {
    "looking": looking.section,
    "acting": acting.section,
    "starting": starting.section,
    "settling": settling.section,
    "calling": calling.section,
    "instrument": instrument.section,
    "bank": bank.section,
    "osworld": osworld.section,
}


def table(rows: list[Row]) -> Table:
    """As printed."""
    shown = Table(title="speeds, measured in one run", title_justify="left")
    for column in ("what", "measured", "limit", "", "n", "note"):
        shown.add_column(column, justify="right" if column in ("measured", "limit", "n") else "left")
    last = ""
    for row in rows:
        if row.section != last:
            shown.add_section()
            last = row.section
        limit = "" if row.limit is None else f"{'>=' if row.at_least else '<='} {row.limit:g} {row.unit}"
        word = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[row.met]
        shown.add_row(row.what, f"{row.value:.3g} {row.unit}", limit, word, str(row.n), row.note)
    return shown


def main() -> int:
    """Measures, prints, and writes the JSON. Exit 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there as JSON, too")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="these sections")
    parser.add_argument("--count", type=int, default=30, help="repetitions a figure (30)")
    asked = parser.parse_args()
    rows: list[Row] = []
    for name in asked.only:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        rows += SECTIONS[name](asked.count)
    Console(width=150).print(table(rows))
    if asked.json:
        full = [{**msgspec.to_builtins(row), "met": row.met} for row in rows]
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(full)))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
