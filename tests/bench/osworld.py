"""OSWorld's tasks held against a table of them that was made otherwise, where HANDEYE_OSWORLD names their folder.

The folder holds `evaluation_examples` and `features.csv`, a row a task. Every disagreement is printed. Without the
folder there are no rows: OSWorld's tasks are not ours to bring along.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from rows import Row, p50

from tasks.osworld import layout, needs
from tasks.osworld.needs import Sorted

WEB = {"gdrive": "drive", "url_only": "url"}
"""The table's words, where they are not ours."""


def section(count: int) -> list[Row]:
    """How many tasks disagree with the table, and how long all of them take to be read and sorted."""
    where = os.environ.get("HANDEYE_OSWORLD")
    if not where:
        return []
    folder, times = Path(where), []
    for _ in range(count):
        began = perf_counter()
        library = layout.read(folder)
        sorts = [needs.sort(example) for example in library.examples]
        times.append(perf_counter() - began)
    with (folder / "features.csv").open(encoding="utf-8", newline="") as file:
        table = {row["id"]: row for row in csv.DictReader(file)}
    said = [line for each in sorts for line in _against(each, table[each.id])]
    sys.stderr.write("".join(f"{line}\n" for line in said))
    apart = len(said) + len(library.refused)
    runs = sum(each.kind in {"offline", "assets"} for each in sorts)
    return [
        Row(section="osworld", what="disagreements with the table", value=apart, unit="", n=len(sorts), limit=0),
        Row(section="osworld", what="tasks that need no web", value=runs, unit="", n=len(sorts)),
        Row(section="osworld", what="all read and sorted", value=p50(times), unit="s", n=count),
    ]


def _against(ours: Sorted, row: dict[str, str]) -> Iterator[str]:
    live = row["needs_live_web"].removeprefix("yes:")
    pairs = {
        "web": (ours.web or "no", WEB.get(live, live) if row["needs_live_web"].startswith("yes:") else "no"),
        "soft": (bool(ours.soft), live == "soft"),
        "files": (len(ours.assets), int(row["n_unique_urls"])),
        "infeasible": (ours.infeasible, row["infeasible"] == "1"),
    }
    for what, (here, there) in pairs.items():
        if here != there:
            yield f"{ours.domain}/{ours.id}: {what} is {here!r} here and {there!r} in the table; {ours.why}"
