"""What an episode of OSWorld's takes besides the task's own waits, and OSWorld's tasks held against a table of them.

The time is that of an idle episode of a task as small as can be: a desktop, a setup of one command, the first look, a
judgement by one command. OSWorld sleeps through 82 s of each: 60 after the reset, 20 before it evaluates, 2 as it
begins to record.

The table was made otherwise. Where HANDEYE_OSWORLD names the folder of `evaluation_examples` and `features.csv`, a
row a task, every disagreement is printed; without it there are no such rows, since OSWorld's tasks are not ours to
bring along.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from rows import Row, p50, p90

from agent.asking import handeye
from agent.cast import Part, cast
from agent.registry import Spec
from agent.suite import Job, Order, now, run_suite
from envs.launch import EmbeddedDesktop
from envs.types import SCREEN
from scoring.record import FORMAT, Run, begin_run
from scoring.story import Story, read
from tasks.osworld import layout, needs, staging
from tasks.osworld.example import parse
from tasks.osworld.needs import Sorted
from tests import worlds

WEB = {"gdrive": "drive", "url_only": "url"}
"""The table's words, where they are not ours."""


SLEPT = 82.0
"""Seconds of OSWorld's own sleep in each episode."""


def section(count: int) -> list[Row]:
    """The rows on both."""
    return [*episodes(count), *table(count)]


def episodes(count: int) -> list[Row]:
    """Seconds of an idle episode of the smallest task."""
    example = parse(json.dumps(worlds.task()).encode(), "os", "the smallest task")
    part = Part(staging.task(example), seed=0, repeat=0)
    run = Run(
        format=FORMAT, id="bench", utc=now(), handeye=handeye(), suite="osworld", agent="idle", desktop="embedded",
        seeds=(0,), repeats=count + 1, tasks=(part.task.id,), jobs=1, size=SCREEN, options={},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        order = Order(run=run, folder=Path(folder), desktop=lambda: EmbeddedDesktop(SCREEN))
        of = cast(Spec("idle"))
        jobs = [Job(replace(part, repeat=number), of(part), "idle") for number in range(count + 1)]
        begin_run(order.folder, run)
        run_suite(order, jobs)
        stories = sorted(read(order.folder)[1], key=lambda story: story.started.utc)
    # The first has the evaluators' environment to look for.
    took = [story.lasted for story in stories if story.ended and story.ended.how == "finished"][1:]
    n, note = len(took), f"p90 {p90(took):.2f} s; until the first look {p50(firsts(stories)):.2f} s"
    return [
        Row(section="osworld", what="an idle episode, p50", value=p50(took), unit="s", n=n, limit=5, note=note),
        Row(
            section="osworld", what="OSWorld's own sleep, beside it", value=SLEPT / p50(took), unit="x", n=n,
            limit=SLEPT / 5, at_least=True,
        ),
    ]  # fmt: skip


def firsts(stories: list[Story]) -> list[float]:
    """Seconds until the first look."""
    return [story.first.wall for story in stories[1:] if story.first]


def table(count: int) -> list[Row]:
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
