"""`handeye osworld ...`: what a person asks for of OSWorld's tasks. Heavy imports wait until they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.flags import (
    Allow,
    Calibrate,
    DesktopName,
    Jobs,
    Json,
    MaxEpisodeTokens,
    MaxEpisodeUsd,
    MaxTokens,
    MaxUsd,
    OnlyLocal,
    Out,
    Prompt,
    Replay,
    Screen,
    Settle,
)

Tasks = Annotated[
    Path,
    typer.Option("--tasks", help="OSWorld's checkout or evaluation_examples, an index, tasks or one.", metavar="DIR"),
]
Globs = Annotated[list[str] | None, typer.Option("--task", help="Only tasks whose domain/id fits this glob.")]

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


@osworld_app.command("run")
def run(  # noqa: PLR0913, PLR0917 - the options of the command
    tasks: Tasks,
    agent: Annotated[list[str], typer.Option(help="An agent; give the option once for each.")],
    task: Globs = None,
    assets: Annotated[Path | None, typer.Option(help="The folder of their files.", metavar="DIR")] = None,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="Correct OSWorld's known defects: no longer its own number.")
    ] = False,
    desktop: DesktopName = "",
    repeats: Annotated[int, typer.Option(min=1, help="Episodes of each task.")] = 1,
    jobs: Jobs = 1,
    out: Out = None,
    max_steps: Annotated[int, typer.Option(min=1, help="Most actions of an episode.")] = 15,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Most seconds of an episode.")] = None,
    max_tokens: MaxTokens = None,
    max_usd: MaxUsd = None,
    max_episode_tokens: MaxEpisodeTokens = None,
    max_episode_usd: MaxEpisodeUsd = None,
    only_local: OnlyLocal = False,
    allow: Allow = None,
    prompt: Prompt = None,
    calibrate: Calibrate = True,
    size: Screen = "1920x1080",
    settle: Settle = None,
    replay: Replay = False,
    json: Json = False,
) -> int:
    """Let agents play OSWorld's tasks, judged by OSWorld's own evaluators. Said again, it goes on with --out."""
    from agent import asking
    from agent.budget import Allowance, Limits
    from agent.osworld import playing
    from agent.preflight import Rules

    ask = asking.Ask(
        suite="", agent="", desktop=desktop, repeats=repeats, jobs=jobs, size=asking.size(size), settle=settle or "",
        limits=Limits(steps=max_steps, seconds=seconds, tokens=max_episode_tokens, usd=max_episode_usd),
        allowance=Allowance(tokens=max_tokens, usd=max_usd),
        rules=Rules(only_local, tuple(allow or ()), calibrate), prompt=str(prompt or ""),
    )  # fmt: skip
    return playing.play(
        playing.Wish(
            tasks=tasks, agents=tuple(agent), ask=ask, globs=tuple(task or ()), assets=assets, corrected=corrected,
            out=out, films=replay, json=json,
        )
    )  # fmt: skip


@osworld_app.command("export")
def export(
    run: Annotated[Path, typer.Argument(help="The run's folder.", metavar="RUN")],
    out: Annotated[Path, typer.Option(help="OSWorld's result_dir, new or begun.", metavar="DIR")],
    films: Annotated[bool, typer.Option("--films/--no-films", help="Make each recording.mp4.")] = True,
) -> int:
    """Write a run's episodes as OSWorld's own results: trajectories, pictures, recordings, scores."""
    from agent.osworld import results

    return results.export(run, out, films=films)


@osworld_app.command("import")
def import_(
    results: Annotated[Path, typer.Argument(help="OSWorld's result_dir, or a folder below it.", metavar="RESULTS")],
    out: Annotated[Path, typer.Option(help="The run's folder, a new one.", metavar="RUN")],
    tasks: Annotated[
        Path | None, typer.Option("--tasks", help="OSWorld's tasks, for their instructions.", metavar="DIR")
    ] = None,
) -> int:
    """Make a run of OSWorld's results, whoever's they are, for report, view and replay."""
    from agent.osworld import importing

    return importing.bring(results, out, tasks)
