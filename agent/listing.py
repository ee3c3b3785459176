"""What there is: suites and their tasks, agents, and the desktops that can run here. For people and for programs."""

from __future__ import annotations

import inspect
import sys

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from agent import asking
from agent.registry import Kind, load, names, options_of
from agent.show import paper
from envs import doctor as diagnosis
from envs.doctor import Finding, Removed
from envs.errors import BadInput
from envs.types import Closed
from tasks import suites
from tasks.base import Task


class TaskLine(Closed):
    """A task as `handeye tasks --json` prints it."""

    id: str
    seed: int
    goal: str
    apps: tuple[str, ...]
    tags: tuple[str, ...]
    checks: tuple[str, ...]
    milestones: tuple[str, ...]
    plan: tuple[str, ...]
    near_misses: tuple[str, ...]
    equivalents: tuple[str, ...]
    solved: bool
    """Whether it carries a solution."""
    steps: int
    seconds: float


class Named(Closed):
    """A thing that is installed: `error` says why it cannot be used, and is empty when it can."""

    name: str
    path: str
    about: str = ""
    options: tuple[str, ...] = ()
    error: str = ""


def tasks(suite: str, seeds: str, globs: tuple[str, ...], *, json: bool) -> None:
    """Print a suite's tasks; without a suite, the suites."""
    if not suite:
        return _print(installed("suites"), json=json)
    made = suites.made(suite, asking.suite(suite), asking.seeds(seeds), globs)
    lines = [_line(task, seed) for seed, some in made.items() for task in some]
    if json:
        return _json(lines)
    several = len(made) > 1
    table = _table("task", *(("seed",) if several else ()), "goal", "apps", "steps")
    for line in lines:
        table.add_row(
            *map(
                Text,
                (line.id, *((str(line.seed),) if several else ()), line.goal, ", ".join(line.apps), str(line.steps)),
            )
        )
    paper().print(table)
    return None


def _line(task: Task, seed: int) -> TaskLine:
    return TaskLine(
        id=task.id,
        seed=seed,
        goal=task.goal,
        apps=task.apps,
        tags=task.tags,
        checks=tuple(check.name for check in task.checks),
        milestones=tuple(check.name for check in task.milestones),
        plan=task.plan,
        near_misses=tuple(task.near_misses),
        equivalents=tuple(task.equivalents),
        solved=task.solution is not None,
        steps=task.budget.steps,
        seconds=task.budget.seconds,
    )


def agents(*, json: bool) -> None:
    """Print the agents."""
    _print(installed("agents"), json=json)


def installed(kind: Kind) -> list[Named]:
    """What is installed of a kind, and of each that cannot be imported, why."""
    found = []
    for name, point in names(kind).items():
        try:
            thing = load(kind, name)
        except BadInput as err:
            found.append(Named(name=name, path=point.value, error=str(err)))
            continue
        options = tuple(
            each if parameter.default is parameter.empty else f"{each}={parameter.default!r}"
            for each, parameter in options_of(thing).items()
            if each not in ("play", "seed" if kind == "suites" else "play")
        )
        about = (inspect.getdoc(thing) or "").partition("\n")[0]
        found.append(Named(name=name, path=point.value, about=about, options=options))
    return found


def _print(things: list[Named], *, json: bool) -> None:
    if json:
        return _json(things)
    table = _table("name", "options", "")
    for each in things:
        table.add_row(*map(Text, (each.name, ", ".join(each.options), each.error or each.about)))
    paper().print(table)
    return None


class Health(Closed):
    """What `handeye doctor --json` prints."""

    works: bool
    """Whether a real desktop can run here."""
    desktops: tuple[Finding, ...]
    removed: Removed | None = None


def doctor(*, clean: bool, json: bool) -> int:
    """Print which desktops can run here, after removing what dead runs left if that is asked for. 1 when none can."""
    removed = diagnosis.clean() if clean else None
    found = diagnosis.examine()
    health = Health(
        works=any(each.works for each in found if each.desktop != "fake"), desktops=found, removed=removed
    )
    if json:
        _json(health)
    else:
        _show(health)
    return 0 if health.works else 1


def _show(health: Health) -> None:
    table = _table("desktop", "", "why, and what to do")
    for each in health.desktops:
        words = (each.problem, f"install: {each.install}" if each.install else "", *each.notes)
        table.add_row(*map(Text, (each.desktop, "works" if each.works else "cannot", "\n".join(filter(None, words)))))
    paper().print(table)
    if health.removed is not None:
        gone = (*health.removed.sandboxes, *health.removed.containers)
        sys.stdout.write(f"removed: {', '.join(gone) or 'nothing was left behind'}\n")


def _table(*head: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in head:
        table.add_column(name, overflow="fold")
    return table


def _json(things: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(things), indent=2).decode() + "\n")
