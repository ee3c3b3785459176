"""What there is: suites and their tasks, agents, and the desktops that can run here. For people and for programs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from typing import get_type_hints

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from agent import asking
from agent.base import FAMILY, PARTS
from agent.cast import sample
from agent.codecs.base import Family
from agent.models import cards
from agent.registry import Kind, Spec, Thing, load, make, names, options_of, parse
from agent.show import paper
from envs import doctor as diagnosis
from envs.doctor import Finding, Removed
from envs.errors import BadInput
from envs.types import Card, Closed
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
        return as_json(lines)
    several = len(made) > 1
    table = simple_table("task", *(("seed",) if several else ()), "goal", "apps", "steps")
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


def agents(spec: str, *, json: bool) -> None:
    """Print the agents and the families of models; of one agent that is written out, what it is made of."""
    if spec:
        return _one(spec, json=json)
    made = Installed(agents=tuple(agent_lines()), families=tuple(family_lines()))
    if json:
        return as_json(made)
    table = simple_table("agent", "can", "counts in", "options", "")
    for each in made.agents:
        named = (each.name, " ".join(each.can), each.space, ", ".join(each.options), each.error or each.about)
        table.add_row(*map(Text, named))
    paper().print(table)
    table = simple_table("family", "can", "counts in", "pictures are", "screens", "models", "weights")
    for family in made.families:
        screens = "all" if family.pictures is None else str(family.pictures)
        about, weights = family.error or family.about, "; ".join(family.cards)
        row = (family.name, " ".join(family.can), family.space, family.resize, screens, about, weights)
        table.add_row(*map(Text, row))
    paper().print(table)
    return None


def _one(spec: str, *, json: bool) -> None:
    made = sample(parse(spec))
    try:
        cards = tuple(getattr(made, "cards", ()))
    finally:
        made.close()
    if json:
        return as_json(cards)
    paper().print(card_table(cards))
    return None


def card_table(cards: Sequence[Card]) -> Table:
    """A row for each model."""
    table = simple_table("part", "model", "family", "can", "counts in", "weights", "licence", "pictures go to")
    for card in cards:
        row = (card.role or card.scaffold, card.model, card.family, " ".join(card.can), card.space)
        table.add_row(*map(Text, (*row, card.weights, card.licence, card.endpoint or "nobody")))
    return table


def agent_lines() -> Iterator[AgentLine]:
    """Every agent that is installed. What it can is read off what its factory makes."""
    for each in installed("agents"):
        facts = msgspec.structs.asdict(each)
        if each.error:
            yield AgentLine(**facts)
            continue
        thing = load("agents", each.name)
        makes = made_by(thing)
        can = tuple(word for word in ("act", "ask", "locate") if hasattr(makes, word))
        family = getattr(thing, FAMILY, "")
        space = _counts(make("families", Spec(family)).family) if family else ""
        parts = getattr(thing, PARTS, {})
        if parts and not space:
            space = "as its family" if "families" in parts.values() else "as its parts"
        yield AgentLine(**facts, can=can, space=space)


def made_by(factory: Thing) -> object:
    """The class of what it makes, where it says so."""
    if inspect.isclass(factory):
        return factory
    try:
        return get_type_hints(factory).get("return")
    except (NameError, TypeError):
        return None


def family_lines() -> Iterator[FamilyLine]:
    """Every family that is installed, with its usual options."""
    for each in installed("families"):
        if each.error:
            yield FamilyLine(name=each.name, about=each.error, error=each.error)
            continue
        facts: Family = make("families", Spec(each.name)).family
        rows = (row for row in (*cards.rows(cards.own()), *cards.rows(cards.OURS)) if row.family == facts.name)
        yield FamilyLine(
            name=each.name,
            about=facts.about,
            can=facts.can,
            space=_counts(facts),
            resize=facts.resize,
            pictures=facts.pictures,
            batch=facts.batch,
            scroll_unit=facts.scroll_unit,
            options=each.options,
            cards=tuple(dict.fromkeys(map(_weights, rows))),
            source=facts.source,
        )


def _weights(row: cards.Row) -> str:
    return f"{row.weights} weights" + (f", {row.licence}" if row.licence else "")


def _counts(facts: Family) -> str:
    return "pixels" if facts.space == "pixels" else f"0-{facts.divisor:g}"


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
        return as_json(things)
    table = simple_table("name", "options", "")
    for each in things:
        table.add_row(*map(Text, (each.name, ", ".join(each.options), each.error or each.about)))
    paper().print(table)
    return None


class AgentLine(Named):
    """An agent: what it can, and how it counts on a picture."""

    can: tuple[str, ...] = ()
    space: str = ""


class FamilyLine(Closed):
    """A family of models, with its usual options. `cards` say which weights the known ones of its models have."""

    name: str
    about: str
    can: tuple[str, ...] = ()
    space: str = ""
    resize: str = ""
    pictures: int | None = None
    """Screens in a request; None: all."""
    batch: str = ""
    scroll_unit: float = 1.0
    options: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    source: str = ""
    error: str = ""


class Installed(Closed):
    """What `handeye agents --json` prints."""

    agents: tuple[AgentLine, ...]
    families: tuple[FamilyLine, ...]


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
        as_json(health)
    else:
        _show(health)
    return 0 if health.works else 1


def _show(health: Health) -> None:
    table = simple_table("desktop", "", "why, and what to do")
    for each in health.desktops:
        words = (each.problem, f"install: {each.install}" if each.install else "", *each.notes)
        table.add_row(*map(Text, (each.desktop, "works" if each.works else "cannot", "\n".join(filter(None, words)))))
    paper().print(table)
    if health.removed is not None:
        gone = (*health.removed.sandboxes, *health.removed.containers)
        sys.stdout.write(f"removed: {', '.join(gone) or 'nothing was left behind'}\n")


def simple_table(*head: str) -> Table:
    """A table with these heads."""
    table = Table(box=box.SIMPLE_HEAD)
    for name in head:
        table.add_column(name, overflow="fold")
    return table


def as_json(things: object) -> None:
    """Print it for a program."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(things), indent=2).decode() + "\n")
