"""The numbers of a run for people and programs: `handeye report RUN`.

Everything is derived from the logs: the files written can be deleted, and are the same to the byte when they
are made again.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from envs.types import Closed
from scoring import baselines
from scoring.baselines import Baselines
from scoring.metrics import Calls, Numbers, Outcome, Row, current, numbers, outcome, passed
from scoring.record import Run
from scoring.stats import Estimate, Spread
from scoring.story import Story, read

DASH = "–"


class Episode(Closed):
    """One attempt, as the report lists it. `why` says in a line what was not met, or what went wrong."""

    name: str
    task: str
    seed: int
    repeat: int
    outcome: Outcome
    counted: bool
    passed: bool
    score: float | None
    steps: int
    seconds: float
    why: str


class Report(Closed):
    """All that `handeye report --json` prints. Numbers without a measurement are null."""

    format: int
    run: Run
    planned: int
    missing: int
    numbers: Numbers
    episodes: tuple[Episode, ...]
    baselines: Baselines | None = None
    """Where some tasks cannot be done, what is had without doing anything."""


@dataclass(frozen=True)
class Sheet:
    """A table on its way to the terminal, Markdown or HTML. The first column is words, the rest numbers or words."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def build(folder: Path) -> Report:
    """The report of a run's folder. Raises BadInput when it is no run."""
    run, stories = read(folder)
    return of(run, stories)


def of(run: Run, stories: Iterable[Story]) -> Report:
    """The report of stories already read."""
    told = tuple(stories)
    counting = current(told)
    counted = {story.name for story in counting}
    planned = len(run.tasks) * len(run.seeds) * run.repeats
    return Report(
        format=1,
        run=run,
        planned=planned,
        missing=max(0, planned - len(counted)),
        numbers=numbers(told),
        episodes=tuple(_episode(story, counted=story.name in counted) for story in told),
        baselines=baselines.of(run, counting),
    )


def _episode(story: Story, *, counted: bool) -> Episode:
    return Episode(
        name=story.name,
        task=story.started.task,
        seed=story.started.seed,
        repeat=story.started.repeat,
        outcome=outcome(story),
        counted=counted,
        passed=passed(story),
        score=story.ended.score if story.ended else None,
        steps=story.own,
        seconds=round(story.lasted, 3),
        why=why(story),
    )


def why(story: Story) -> str:
    """In a line, what kept the episode from passing; empty when nothing did."""
    if story.ended is None:
        return "no last line: cut off, or still running"
    if story.ended.reason and outcome(story) != "judged":
        return story.ended.reason
    unmet = next((verdict for verdict in story.finals if not verdict.met), None)
    if unmet is not None:
        return f"{unmet.check}: {unmet.actual}"
    return "" if passed(story) else story.ended.reason


def encode(report: Report) -> bytes:
    """The report as JSON, keys in the order of the types."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def write(folder: Path, report: Report) -> tuple[Path, ...]:
    """Write report.json, report.md and report.html into the folder; what was there before is replaced."""
    made = {
        "report.json": encode(report),
        "report.md": markdown(report).encode(),
        "report.html": page(report).encode(),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in made)


def sheets(report: Report) -> tuple[Sheet, ...]:
    """The tables of a report, in the order in which they are read."""
    return (
        _summary(report),
        *(_models(report) if report.run.cards else ()),
        _latency(report),
        _rows("By task", "task", report.numbers.by_task, "Success of this very task: Wilson over its episodes."),
        _rows(
            "By app",
            "app",
            report.numbers.by_app,
            "A task with several apps is in several rows. Success for tasks as those, as above.",
        ),
        _episodes(report),
    )


def percent(estimate: Estimate) -> str:
    """A share with its interval: `83 % (55 to 95 %, n=12)`."""
    if math.isnan(estimate.value):
        return DASH
    low, high = f"{100 * estimate.low:.0f}", f"{100 * estimate.high:.0f}"
    return f"{100 * estimate.value:.0f} % ({low} to {high} %, n={estimate.count})"


def number(value: float | None, form: str = ".1f") -> str:
    """A number, or a dash where nothing was measured."""
    return DASH if value is None or math.isnan(value) else format(value, form)


def seconds(value: float) -> str:
    """A span for people: `480 ms`, `12.3 s`, `4 min 05 s`."""
    if math.isnan(value):
        return DASH
    if value < 1:
        return f"{1000 * value:.0f} ms" if value >= 0.01 or value == 0 else f"{1000 * value:.1f} ms"
    if value < 100:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s"


def money(usd: float | None) -> str:
    """Dollars, or a dash where no price is known."""
    return DASH if usd is None else f"${usd:.2f}"


def _summary(report: Report) -> Sheet:
    count, made = report.numbers.counts, report.numbers
    rows = [
        ("success", percent(made.success)),
        (
            "mean score",
            f"{number(made.score.value, '.2f')} ({number(made.score.low, '.2f')} to {number(made.score.high, '.2f')})"
            if made.score.count
            else DASH,
        ),
        *(baselines.lines(report.baselines) if report.baselines else ()),
        ("judged", f"{count.judged}, passed {count.passed}"),
        ("failed by the agent", str(count.agent_fault)),
        ("void", f"{count.void}{' (ours: in no mean)' if count.void else ''}"),
    ]
    rows += [("endings", ", ".join(f"{name} {many}" for name, many in made.endings.items()))] if made.endings else []
    rows += [("stopped", str(count.stopped))] if count.stopped else []
    rows += [("missing", f"{report.missing} of {report.planned}")] if report.missing else []
    rows += [("superseded attempts", str(count.superseded))] if count.superseded else []
    rows += [(f"{axis} checks all met", percent(estimate)) for axis, estimate in made.axes.items()]
    rows += [
        ("steps", f"{number(made.steps.all.median)} median, {number(made.steps.all.p95)} p95"),
        ("steps against the solution's", _ratio(made.steps.against_solution)),
        ("refused actions", str(made.steps.refused)),
        ("episode", f"{seconds(made.seconds.median)} median, {seconds(made.seconds.p95)} p95"),
        (
            "tokens",
            f"{made.usage.input_tokens:,} in ({made.usage.cached_tokens:,} cached), {made.usage.output_tokens:,} out"
            if made.usage.input_tokens or made.usage.output_tokens
            else DASH,
        ),
        ("cost", money(made.usage.usd)),
        *(_calls(made.calls) if made.calls.count else ()),
    ]
    run = report.run
    title = f"{run.suite} by {run.agent} on {run.desktop}"
    return Sheet(
        title,
        ("", ""),
        tuple(rows),
        f"Run {run.id}, {run.utc}, handeye {run.handeye}. "
        "Intervals are of 95 %, for tasks as these: a task's seeds and repeats are alike and count for less than "
        "as many tasks. Success and checks by Wilson at the effective number of episodes (cluster-Wilson), mean "
        f"score by a bootstrap by task.{_recorded(run)}",
    )


def _recorded(run: Run) -> str:
    source = run.options.get("source")
    if not source:
        return ""
    return (
        f" Made from {source}: an episode's time is from its first action to its last, where that was written "
        "down; nothing is known of where it went."
    )


def _calls(made: Calls) -> Iterator[tuple[str, str]]:
    yield "model calls", f"{made.count}, {seconds(made.seconds.median)} median, {seconds(made.seconds.p95)} p95"
    yield "replies", f"{made.unread} could not be carried out, {made.repaired} had to be put right first"
    if made.retried:
        yield "requests made again", f"{made.retried}, {seconds(made.waited)} of waiting"


def _models(report: Report) -> Iterator[Sheet]:
    """Whose models they were, and what was found out about them before the run began."""
    run = report.run
    rows = tuple(
        (
            card.role or card.scaffold,
            card.model,
            card.family or DASH,
            f"{card.weights}{', ' + card.licence if card.licence else ''}",
            card.endpoint or "nobody",
        )
        for card in run.cards
    )
    notes = [
        f"{each.model}: calibration {each.verdict}{': ' + each.cause if each.cause else ''}."
        for each in run.calibration
    ]
    if not run.calibration:
        notes.append("No model was calibrated.")
    yield Sheet("Models", ("part", "model", "family", "weights", "pictures went to"), rows, " ".join(notes))


def _ratio(ratio: Spread) -> str:
    return f"{ratio.median:.2f} times, median of {ratio.count} passed" if ratio.count else DASH


def _latency(report: Report) -> Sheet:
    latency = report.numbers.latency
    parts = {
        "model": latency.model,
        "desktop: act": latency.act,
        "desktop: settle": latency.settle,
        "desktop: look": latency.look,
        "harness": latency.harness,
    }
    whole = sum(part.total for part in parts.values())
    rows = [
        (
            name,
            seconds(part.median),
            seconds(part.p95),
            seconds(part.mean),
            f"{100 * part.total / whole:.0f} %" if whole else DASH,
            str(part.count),
        )
        for name, part in parts.items()
    ]
    rows.insert(
        0,
        (
            "whole step",
            seconds(latency.step.median),
            seconds(latency.step.p95),
            seconds(latency.step.mean),
            "",
            str(latency.step.count),
        ),
    )
    rows.append(
        (
            "reset, per episode",
            seconds(latency.reset.median),
            seconds(latency.reset.p95),
            seconds(latency.reset.mean),
            "",
            str(latency.reset.count),
        )
    )
    note = "The model's time is per decision, which may be several steps. Harness is what is left of a step's time."
    if latency.unsettled:
        note += f" {latency.unsettled} of the pictures were taken at the deadline, with the screen still changing."
    return Sheet("Step latency", ("", "median", "p95", "mean", "share", "n"), tuple(rows), note)


def _rows(title: str, what: str, rows: tuple[Row, ...], note: str = "") -> Sheet:
    head = (what, "success", "score", "steps", "solution", "time", "failed by agent", "void")
    body = tuple(
        (
            row.name,
            percent(row.success),
            number(row.score, ".2f"),
            number(row.steps, "g"),
            number(row.solution_steps, "d"),
            seconds(row.seconds),
            str(row.counts.agent_fault),
            str(row.counts.void),
        )
        for row in rows
    )
    return Sheet(title, head, body, note)


def _episodes(report: Report) -> Sheet:
    head = ("episode", "outcome", "score", "steps", "time", "why")
    rows = tuple(
        (each.name, _outcome(each), number(each.score, ".2f"), str(each.steps), seconds(each.seconds), each.why)
        for each in report.episodes
    )
    return Sheet("Episodes", head, rows)


def _outcome(episode: Episode) -> str:
    word = {"judged": "passed" if episode.passed else "failed", "agent_fault": "failed by the agent"}
    said = word.get(episode.outcome, episode.outcome)
    return said if episode.counted else f"{said}, superseded"


def show(report: Report, console: Console) -> None:
    """Print the tables. What an agent or a page said is printed as text, never as markup."""
    for sheet in sheets(report):
        table = Table(
            title=Text(sheet.title, style="bold"),
            title_justify="left",
            box=box.SIMPLE_HEAD,
            caption=Text(sheet.note, style="dim") if sheet.note else None,
            caption_justify="left",
            show_header=any(sheet.head),
        )
        for name in sheet.head:
            table.add_column(name, overflow="fold", justify="left")
        for row in sheet.rows:
            table.add_row(*(Text(_short(cell)) for cell in row))
        console.print(table)


def _short(text: str, most: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def markdown(report: Report) -> str:
    """The tables in Markdown."""
    return "\n\n".join(map(markdown_table, sheets(report))) + "\n"


def markdown_table(sheet: Sheet, says: str = "") -> str:
    """One table in Markdown; `says` stands between its title and its rows."""
    lines = [f"## {_escaped(sheet.title)}", ""]
    lines += [_escaped(says), ""] if says else []
    lines += [_line(sheet.head), _line(("---",) * len(sheet.head)), *map(_line, sheet.rows)]
    lines += ["", _escaped(sheet.note)] if sheet.note else []
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell if cell == '---' else _escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    """One line that Markdown shows as it is."""
    line = " ".join(text.split())
    for mark in "\\`*_[]<>|#":
        line = line.replace(mark, f"\\{mark}")
    return line


STYLE = """
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
div{overflow-x:auto}
table{border-collapse:collapse;min-width:30rem}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8884;vertical-align:top}
td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere;min-width:3.5rem}
p{opacity:.75;margin:.4rem 0;font-size:.9rem}
"""


def page(report: Report) -> str:
    """The tables as one HTML page without scripts; every text in it is escaped."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{html.escape(report.run.id)}</title><style>{STYLE}</style>",
    ]
    for sheet in sheets(report):
        head = "".join(f"<th>{html.escape(name)}</th>" for name in sheet.head) if any(sheet.head) else ""
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>\n" for row in sheet.rows)
        parts.append(f"<h2>{html.escape(sheet.title)}</h2>\n<div><table><tr>{head}</tr>\n{body}</table></div>")
        parts.append(f"<p>{html.escape(sheet.note)}</p>" if sheet.note else "")
    return "\n".join(parts) + "\n"
