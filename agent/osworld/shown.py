"""`handeye osworld list` and `coverage`: what OSWorld's tasks take, and what is known to run. Prints, and counts."""

from __future__ import annotations

import fnmatch
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from agent.listing import as_json, simple_table
from agent.registry import near
from agent.show import paper
from envs.errors import BadInput
from envs.types import Closed
from tasks.osworld import coverage as covering
from tasks.osworld import layout, needs, proofs
from tasks.osworld.assets import Assets
from tasks.osworld.layout import Library, Refused

OK, VOID = 0, 1

TAKES: dict[needs.Kind, str] = {
    "offline": "nothing", "assets": "files", "web": "the live web", "unknown": "not in OSWorld",
}  # fmt: skip


class Listed(Closed):
    """What `handeye osworld list --json` prints."""

    tasks: tuple[needs.Sorted, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Wish:
    """Which tasks to cover, with which files and which proofs."""

    tasks: Path
    globs: tuple[str, ...] = ()
    assets: Path | None = None
    proofs: Path | None = None


def chosen(where: Path, globs: tuple[str, ...]) -> Library:
    """The tasks there that fit, by id or domain/id. Raises BadInput where none does."""
    library = layout.read(where)
    if not globs:
        return library
    names = {
        *(f"{each.domain}/{each.id}" for each in library.examples),
        *(f"{each.domain}/{each.id}" for each in library.refused),
    }
    fit = {name for name in names for glob in globs if _fits(name, glob)}
    if not fit:
        told = near(globs[0], names) if len(names) < 20 else "; `handeye osworld list` prints them"
        raise BadInput(f"no task in {where} fits {globs[0]!r}{told}")
    return Library(
        tuple(each for each in library.examples if f"{each.domain}/{each.id}" in fit),
        tuple(each for each in library.refused if f"{each.domain}/{each.id}" in fit),
    )


def _fits(name: str, glob: str) -> bool:
    return fnmatch.fnmatch(name, glob) or fnmatch.fnmatch(name.partition("/")[2], glob)


def tasks(where: Path, globs: tuple[str, ...], *, why: bool = False, json: bool = False) -> int:
    """Print the tasks and what each takes; 1 where one could not be read, or names what OSWorld does not have."""
    library = chosen(where, globs)
    sorts = tuple(needs.sort(example) for example in library.examples)
    code = VOID if library.refused or any(each.unknown for each in sorts) else OK
    if json:
        as_json(Listed(tasks=sorts, refused=library.refused))
        return code
    goals = {example.id: example.instruction for example in library.examples}
    table = simple_table("task", "takes", "files", "packages", "why" if why else "goal")
    for each in sorts:
        takes = f"{TAKES[each.kind]}{f': {each.web}' if each.kind == 'web' else ''}"
        said = "; ".join(filter(None, (each.why, each.soft))) if why else " ".join(goals[each.id].split())[:120]
        row = (f"{each.domain}/{each.id}", takes, str(len(each.assets) or ""), _packages(each), said)
        table.add_row(*map(Text, row))
    for one in library.refused:
        table.add_row(*map(Text, (f"{one.domain}/{one.id}", "unreadable", "", "", one.why)))
    paper().print(table)
    sys.stdout.write(f"{_counts(sorts, library)}\n")
    return code


def _packages(each: needs.Sorted) -> str:
    return ", ".join(f"{package.name} ({package.source})" for package in each.packages)


def _counts(sorts: tuple[needs.Sorted, ...], library: Library) -> str:
    kinds, web = Counter(each.kind for each in sorts), Counter(each.web for each in sorts if each.kind == "web")
    said = [
        f"{len(sorts) + len(library.refused)} tasks",
        f"{kinds['offline']} take nothing beside the desktop",
        f"{kinds['assets']} take files",
        f"{kinds['web']} need the live web" + (f" ({_spelt(web)})" if web else ""),
        *([f"{kinds['unknown']} name what OSWorld does not have"] if kinds["unknown"] else []),
        *([f"{len(library.refused)} could not be read"] if library.refused else []),
    ]
    return "; ".join(said)


def _spelt(counts: Counter[needs.Web | None] | dict[str, int]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items(), key=lambda each: -each[1]))


def coverage(wish: Wish, *, why: bool = False, json: bool = False) -> int:
    """Print what ran, what is expected to, and what cannot; 1 where a task could not be read or has strange parts."""
    library = chosen(wish.tasks, wish.globs)
    known = proofs.read(wish.proofs or proofs.usual())
    made = covering.cover(library, known, Assets(wish.assets) if wish.assets else None)
    if json:
        as_json(made)
    else:
        _show(made, wish, why=why)
    return VOID if made.states["unreadable"] or made.states["unknown"] else OK


def _show(made: covering.Coverage, wish: Wish, *, why: bool) -> None:
    used = [state for state in covering.STATES if made.states[state] or state == "executed"]
    if why:
        table = simple_table("task", "state", "why")
        for row in made.rows:
            table.add_row(*map(Text, (f"{row.domain}/{row.id}", covering.STATES[row.state], row.why)))
        paper().print(table)
    table = simple_table("domain", "tasks", *(covering.STATES[state] for state in used))
    for domain, counts in made.domains.items():
        table.add_row(domain, str(sum(counts.values())), *(str(counts[state] or "") for state in used))
    table.add_row("all", str(made.tasks), *(str(made.states[state]) for state in used))
    paper().print(table)
    sys.stdout.write("\n".join(_lines(made, wish)) + "\n")


def _lines(made: covering.Coverage, wish: Wish) -> list[str]:
    """What the table means: what was proved first, what is only read out of the tasks after it."""
    with_files = made.by_content - made.without_files
    lines = [
        f"{made.proved} of {made.tasks} tasks were proved to run: {made.states['executed']} with their own files, "
        f"{made.states['stand-in']} with stand-ins.",
        f"{made.by_content} of {made.tasks} ask for nothing but the desktop and, {with_files} of them, for files. "
        "That is read out of the tasks, and proves nothing.",
    ]
    if made.web:
        lines.append(f"{made.states['web']} need the live web: {_spelt(made.web)}.")
    ran = ", ".join(f"{each.proved} of {each.used} {kind}" for kind, each in made.parts.items())
    lines.append(f"Of what those without the web are made of, there ran {ran}.")
    if wish.assets:
        missing = {key for row in made.rows if row.state != "web" for key in row.missing}
        lines.append(
            f"{len(missing)} files are missing in {wish.assets}" + (f", as {min(missing)}." if missing else ".")
        )
    if made.stale:
        lines.append(f"{len(made.stale)} proofs are of another version of their task, and count for nothing.")
    return lines
