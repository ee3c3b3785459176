"""`handeye osworld ...`: what a person asks for of OSWorld's tasks. Heavy imports wait until they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Tasks = Annotated[
    Path,
    typer.Option("--tasks", help="OSWorld's checkout or evaluation_examples, an index, tasks or one.", metavar="DIR"),
]
Globs = Annotated[list[str] | None, typer.Option("--task", help="Only tasks whose domain/id fits this glob.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]

osworld_app = typer.Typer(rich_markup_mode=None, help="OSWorld: its tasks, what of them runs here, and its API.")


@osworld_app.command("list")
def list_(
    tasks: Tasks,
    task: Globs = None,
    why: Annotated[bool, typer.Option("--why", help="Say of each task how it is known.")] = False,
    json: Json = False,
) -> int:
    """List OSWorld's tasks by what they take: nothing, files, or the live web."""
    from agent.osworld import shown

    return shown.tasks(tasks, tuple(task or ()), why=why, json=json)


@osworld_app.command("coverage")
def coverage(
    tasks: Tasks,
    task: Globs = None,
    assets: Annotated[Path | None, typer.Option(help="The folder of their files.", metavar="DIR")] = None,
    proofs: Annotated[
        Path | None, typer.Option(help="What ran, in place of what handeye brings.", metavar="FILE")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Say of each task how it is known.")] = False,
    json: Json = False,
) -> int:
    """Say how many of OSWorld's tasks ran here, and what of the others is expected, by what they ask for."""
    from agent.osworld import shown

    return shown.coverage(shown.Wish(tasks, tuple(task or ()), assets, proofs), why=why, json=json)


@osworld_app.command("fetch")
def fetch(
    tasks: Tasks,
    assets: Annotated[Path, typer.Option(help="The folder to put them into.", metavar="DIR")],
    task: Globs = None,
    web: Annotated[bool, typer.Option("--web", help="Those of tasks that need the live web as well.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only print what it would fetch, and end.")] = False,
) -> int:
    """Fetch the files that OSWorld's tasks bring, from where the tasks say that they are."""
    from agent.osworld import fetching

    return fetching.fetch(tasks, tuple(task or ()), assets, web=web, dry=dry)


@osworld_app.command("setup")
def setup() -> int:
    """Install OSWorld's own evaluators into an environment of their own (1 GB, once), as their first use would."""
    from scoring.osworld import ready

    typer.echo(f"OSWorld's evaluators are in {ready().packages}")
    return 0
