"""`handeye tasks check`: plays every way through every task, through the one loop, and says what does not hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from agent import running
from agent.asking import Ask, Plan, describe, make_order, parts, usual_desktop
from agent.cast import Part, playing
from agent.show import paper
from agent.suite import Job, now
from envs.errors import BadInput
from envs.types import Closed
from scoring.story import Story, read
from tasks.check import Case, Finding, cases, played, resets, shape

OK, FAILS, STOPPED = 0, 1, 130


class Proof(Closed):
    """What `handeye tasks check --json` prints."""

    holds: bool
    run: str
    findings: tuple[Finding, ...]


def prove(ask: Ask, out: Path | None = None, *, json: bool = False) -> int:
    """Play and judge every case; print what was found. Returns the exit code: 0 when all of it holds."""
    wanted = parts(ask)
    if staged := next((part.task.id for part in wanted if part.task.stage), None):
        raise BadInput(f"{staged} is set up and judged by foreign means, which cannot be shown only to read; play it")
    ask = replace(ask, desktop=ask.desktop or usual_desktop())
    folder = out or Path("runs") / f"{now()[:19].replace(':', '')}-check-{ask.suite.replace(':', '-')}"
    jobs = tuple(
        Job(part, playing(part.task, case.play, case.name), case.name, label=case.name)
        for part in wanted
        for case in cases(part.task)
    )
    order = replace(make_order(ask, describe(ask, folder.name, wanted), folder), audit=True)
    finished = running.perform(Plan(order, jobs, fresh=True))
    proof = _proof(folder, wanted)
    running.measure(folder, agent="solution")
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(proof), indent=2).decode() + "\n")
    else:
        _show(proof)
    if not finished:
        return STOPPED
    return OK if proof.holds else FAILS


def _proof(folder: Path, wanted: list[Part]) -> Proof:
    _, stories = read(folder)
    findings = tuple(finding for part in wanted for finding in _findings(folder, part, stories))
    return Proof(holds=all(finding.holds for finding in findings), run=str(folder), findings=findings)


def _findings(folder: Path, part: Part, stories: tuple[Story, ...]) -> Iterator[Finding]:
    task, seed = part.task, part.seed
    mine = [story for story in stories if (story.started.task, story.started.seed) == (task.id, seed)]
    yield from shape(task, seed)
    for case in cases(task):
        story = _counted(case, mine)
        if story is None:
            yield Finding(task=task.id, seed=seed, what=case.name, holds=False, expected="", actual="not played")
        else:
            yield played(task, seed, case, story)
    yield resets(task, seed, mine, lambda name: (folder / "frames" / f"{name}.png").read_bytes())


def _counted(case: Case, stories: list[Story]) -> Story | None:
    """The last attempt: one is only tried again when its desktop broke."""
    tried = [story for story in stories if story.started.agent == case.name]
    return max(tried, key=lambda story: story.started.utc, default=None)


def _show(proof: Proof) -> None:
    console = paper()
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("task", "seed", "solution", "idle", "near-misses", "equivalents", "resets"):
        table.add_column(name)
    for task, seed in dict.fromkeys((each.task, each.seed) for each in proof.findings):
        mine = [each for each in proof.findings if (each.task, each.seed) == (task, seed)]
        kinds = ("solution", "idle", "near-miss ", "equivalent ", "resets")
        table.add_row(
            task, str(seed), *(_cell([each for each in mine if each.what.startswith(kind)]) for kind in kinds)
        )
    console.print(table)
    wrong = [each for each in proof.findings if not each.holds]
    for each in wrong:
        text = f"{each.task} seed {each.seed}, {each.what}: expected {each.expected}, found {each.actual}"
        console.print(Text(text + (f"  [{each.episode}]" if each.episode else "")), soft_wrap=True)
    held = len(proof.findings) - len(wrong)
    console.print(Text(f"{held} of {len(proof.findings)} hold; the episodes are in {proof.run}"))


def _cell(findings: list[Finding]) -> Text:
    held = sum(each.holds for each in findings)
    if not findings:
        return Text("none", style="red")
    return Text(f"{held}/{len(findings)}", style="green" if held == len(findings) else "red")
