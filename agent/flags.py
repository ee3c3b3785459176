"""The options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Globs = Annotated[list[str] | None, typer.Option("--task", "--tasks", help="Only tasks whose id fits this glob.")]
RunFolder = Annotated[Path, typer.Argument(help="The run's folder.", metavar="RUN")]
Seeds = Annotated[str, typer.Option(help="How many seeds, or which: 3, 4-6, 1,7.", metavar="N")]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Episodes at once.")]
DesktopName = Annotated[
    str,
    typer.Option(
        "--desktop", help="docker, embedded, fake or your own. Default: docker if an engine answers, else embedded."
    ),
]
Out = Annotated[Path | None, typer.Option(help="The run's folder; by default a new one in runs/.")]
Screen = Annotated[str, typer.Option(help="The screen.", metavar="WxH")]
OnlyLocal = Annotated[
    bool, typer.Option("--only-local", help="Refuse endpoints that are not on this machine or allowed.")
]
Allow = Annotated[
    list[str] | None, typer.Option("--allow", help="With --only-local, this host may have pictures.", metavar="HOST")
]
Prompt = Annotated[
    Path | None, typer.Option("--prompt", help="Its text takes the place of the agent's own prompt.", metavar="FILE")
]
MaxTokens = Annotated[int | None, typer.Option(min=1, help="Most tokens of the run.")]
MaxUsd = Annotated[float | None, typer.Option(min=0, help="Most dollars of the run.")]
MaxEpisodeTokens = Annotated[int | None, typer.Option(min=1, help="Most tokens of an episode.")]
MaxEpisodeUsd = Annotated[float | None, typer.Option(min=0, help="Most dollars of an episode.")]
Calibrate = Annotated[
    bool, typer.Option("--calibrate/--no-calibrate", help="Let models that point show it before they are scored.")
]
Settle = Annotated[Literal["fast", "strict", "patient"] | None, typer.Option(help="When a screen counts as settled.")]
Replay = Annotated[bool, typer.Option("--replay", help="Make a video of each episode.")]
