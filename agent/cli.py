"""The command line: what a person asks for, handed to what does it. Heavy imports wait until they are needed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.flags import (
    Allow,
    Calibrate,
    DesktopName,
    Globs,
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
    RunFolder,
    Screen,
    Seeds,
    Settle,
)
from agent.osworld.commands import osworld_app
from agent.registry import near
from envs.errors import BadInput, Fault

NAME = "handeye"
OK, VOID, BAD, STOPPED = 0, 1, 2, 130
"""Exit codes: all went as asked; something does not hold, or episodes are void; asked for what cannot be; Ctrl-C."""


app = typer.Typer(
    name=NAME, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False,
    help="Runs desktop tasks against agents, and says from the machine's own state whether they were done.",
)  # fmt: skip
tasks_app = typer.Typer(rich_markup_mode=None, help="List a suite's tasks (`tasks SUITE`), or prove them.")
app.add_typer(tasks_app, name="tasks")
bank_app = typer.Typer(rich_markup_mode=None, help="Build a bank of questions about screens, or show one.")
app.add_typer(bank_app, name="bank")
app.add_typer(osworld_app, name="osworld")
GROUPS = ("tasks", "bank", "osworld")


def run(args: list[str]) -> int:
    """Do what is asked. Returns the exit code; what is wrong with it is one line on stderr."""
    try:
        code = app(_spelt(args), prog_name=NAME, standalone_mode=False)
    except BadInput as err:
        return _say(str(err), BAD)
    except Fault as err:
        return _say(str(err), VOID)
    except (KeyboardInterrupt, typer.Abort):
        return _say("stopped", STOPPED)
    except BrokenPipeError:
        sys.stderr.close()
        return OK
    except Exception as err:
        message = getattr(err, "format_message", None)
        if message is None:
            raise
        return _say(message(), BAD)  # typer's own complaint: its classes have no public name
    return code if isinstance(code, int) else OK


def _spelt(args: list[str]) -> list[str]:
    """The arguments with what may be left out. Raises BadInput for an unknown command, with the near one."""
    if not args:
        return ["--help"]
    known = [
        command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands
    ]
    if not args[0].startswith("-") and args[0] not in (*known, *GROUPS):
        raise BadInput(f"no command {args[0]!r}{near(args[0], (*known, *GROUPS))}")
    if args[0] == "tasks" and args[1:2] not in (["check"], ["list"], ["--help"]):
        return ["tasks", "list", *args[1:]]
    return args


def _say(why: str, code: int) -> int:
    sys.stderr.write(f"{NAME}: {' '.join(why.split())}\n")
    return code


@app.command("run")
def run_(  # noqa: PLR0913, PLR0917 - the options of the command
    suite: Annotated[str, typer.Argument(help="A suite: a name, or module:function.")] = "",
    agent: Annotated[str, typer.Option(help="A name, name(key=value), module:attribute, or a TOML file.")] = "",
    desktop: DesktopName = "",
    seeds: Seeds = "1",
    repeats: Annotated[int, typer.Option(min=1, help="Episodes of each task and seed.")] = 1,
    task: Globs = None,
    jobs: Annotated[int | None, typer.Option(min=1, max=256, help="Episodes at once.")] = None,
    out: Out = None,
    resume: Annotated[
        Path | None, typer.Option(help="Finish this run: what is missing or void.", metavar="RUN")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Most actions, in place of the task's own limit.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Most seconds, likewise.")] = None,
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
    every_step: Annotated[bool, typer.Option("--every-step", help="Judge after every action as well.")] = False,
    replay: Replay = False,
    json: Json = False,
) -> int:
    """Let an agent play a suite's tasks, and record and judge it."""
    from agent import asking, running
    from agent.budget import Allowance, Limits
    from agent.preflight import Rules

    allowance = Allowance(tokens=max_tokens, usd=max_usd)
    if resume is not None:
        if suite or agent or out or prompt or allow:
            raise BadInput("--resume takes its suite, agent, prompt and folder from the run; leave them out")
        plan = asking.resume(resume, jobs, allowance)
    else:
        if not suite or not agent:
            raise BadInput("say which suite and which agent, as `handeye run smoke --agent oracle`")
        ask = asking.Ask(
            suite=suite, agent=agent, desktop=desktop, seeds=asking.seeds(seeds), repeats=repeats,
            globs=tuple(task or ()), jobs=jobs or 1, size=asking.size(size), settle=settle or "",
            limits=Limits(steps=steps, seconds=seconds, tokens=max_episode_tokens, usd=max_episode_usd),
            allowance=allowance, rules=Rules(only_local, tuple(allow or ()), calibrate),
            prompt=str(prompt or ""), every_step=every_step,
        )  # fmt: skip
        plan = asking.begin(ask, out)
    return running.play(plan, json=json, films=replay)


@tasks_app.command("list")
def tasks_list(
    suite: Annotated[str, typer.Argument(help="A suite; without one, the suites.")] = "",
    seeds: Seeds = "1",
    task: Globs = None,
    json: Json = False,
) -> None:
    """List a suite's tasks."""
    from agent import listing

    listing.tasks(suite, seeds, tuple(task or ()), json=json)


@tasks_app.command("check")
def tasks_check(
    suite: Annotated[str, typer.Argument(help="A suite: a name, or module:function.")],
    desktop: DesktopName = "",
    seeds: Seeds = "1",
    task: Globs = None,
    jobs: Jobs = 1,
    out: Out = None,
    size: Screen = "1920x1080",
    json: Json = False,
) -> int:
    """Prove a suite's tasks: solution 1, idle 0, near-misses 0, equivalents 1, two resets alike, checks only read."""
    from agent import asking, proving

    ask = asking.Ask(
        suite=suite, agent="proof", desktop=desktop, seeds=asking.seeds(seeds), globs=tuple(task or ()), jobs=jobs,
        size=asking.size(size),
    )  # fmt: skip
    return proving.prove(ask, out, json=json)


@bank_app.command("build")
def bank_build(
    suite: Annotated[str, typer.Argument(help="A suite: a name, or module:function.")],
    desktop: DesktopName = "",
    seeds: Seeds = "1",
    task: Globs = None,
    jobs: Jobs = 1,
    out: Annotated[Path | None, typer.Option(help="The bank's folder; one that was begun is gone on with.")] = None,
    plays_only: Annotated[bool, typer.Option("--plays-only", help="Play, and make no items yet.")] = False,
) -> int:
    """Play a suite's tasks right and wrong, and make questions of what was seen, each with its truth."""
    from agent import asking
    from agent.bank import build

    ask = asking.Ask(
        suite=suite, agent="plays", desktop=desktop, seeds=asking.seeds(seeds), globs=tuple(task or ()), jobs=jobs,
    )  # fmt: skip
    return build.build(build.Wish(ask, out, only_plays=plays_only))


@bank_app.command("show")
def bank_show(bank: Annotated[Path, typer.Argument(help="The bank's folder.", metavar="BANK")]) -> None:
    """Print what is in a bank, what can be answered blindly, how the scorers did, and what was left out."""
    from agent.bank import shown
    from agent.show import paper
    from scoring.understanding.items import read

    shown.show(*read(bank), paper())


@bank_app.command("audit")
def bank_audit(
    bank: Annotated[Path, typer.Argument(help="The bank's folder.", metavar="BANK")],
    drop: Annotated[bool, typer.Option("--drop", help="Drop what can be answered blindly, out of the bank.")] = False,
    json: Json = False,
) -> int:
    """Let solvers answer a bank without seeing its screens: none may be better than chance."""
    from agent.bank import audit

    return audit.audit(bank, drop=drop, json=json)


@bank_app.command("import")
def bank_import(
    source: Annotated[Path, typer.Argument(help="A .parquet file as of MMMU, a .json file as of ScreenSpot.")],
    out: Annotated[Path, typer.Option(help="The bank's folder.")],
    images: Annotated[Path | None, typer.Option(help="Where a .json file's images are: beside it.")] = None,
) -> None:
    """Make a bank of a familiar static set, so that its number can stand beside those of our own screens."""
    from agent.bank import audit

    audit.take(source, out, images)


@osworld_app.command("serve")
def osworld_serve(
    desktop: DesktopName = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0: any that is free.")] = 0,
    size: Screen = "1920x1080",
) -> None:
    """Start a desktop, print the address at which it answers OSWorld's HTTP API, and serve until Ctrl-C."""
    from agent.osworld import serving

    serving.serve(desktop, size, port)


@app.command("ask")
def ask_(  # noqa: PLR0913, PLR0917 - the options of the command
    bank: Annotated[Path, typer.Argument(help="The bank's folder.", metavar="BANK")],
    agent: Annotated[str, typer.Option(help="A name, name(key=value), module:attribute, or a TOML file.")],
    out: Annotated[
        Path | None, typer.Option(help="Where answers are kept, to be gone on with: by default beside the bank.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Questions at once.")] = 4,
    blind: Annotated[bool, typer.Option("--blind", help="Ask everything with grey pictures, too.")] = False,
    rungs: Annotated[str, typer.Option(help="Only these, as L0,L4.")] = "",
    items: Annotated[int | None, typer.Option(min=1, help="At most so many items of each rung.", metavar="N")] = None,
    seed: Annotated[int, typer.Option(help="Of the orders in which options are shown.")] = 0,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens.")] = None,
    max_usd: Annotated[float | None, typer.Option(min=0, help="Most dollars.")] = None,
    only_local: OnlyLocal = False,
    allow: Allow = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate/--no-calibrate", help="Let models that point show it before they are asked.")
    ] = True,
    json: Json = False,
) -> int:
    """Ask an agent a bank's questions about screens, and print what its answers are worth."""
    from agent import ask, questions
    from agent.answering import Wish
    from agent.budget import Allowance
    from agent.preflight import Rules

    wish = Wish(
        bank=bank, agent=agent, out=out or ask.usual(bank, agent), jobs=jobs, blind=blind,
        rungs=questions.only(rungs), most=items, seed=seed,
        allowance=Allowance(tokens=max_tokens, usd=max_usd), rules=Rules(only_local, tuple(allow or ()), calibrate),
    )  # fmt: skip
    return ask.ask(wish, json=json)


@app.command("study")
def study_(  # noqa: PLR0913, PLR0917 - the options of the command
    suite: Annotated[str, typer.Argument(help="A suite: a name, or module:function.")],
    agent: Annotated[list[str], typer.Option(help="An agent; give the option once for each.")],
    out: Annotated[Path, typer.Option(help="The study's folder; one that was begun is gone on with.")],
    bank: Annotated[Path | None, typer.Option(help="A bank that is there already, in place of a new one.")] = None,
    profile: Annotated[Literal["smoke", "core", "full"], typer.Option(help="How much of everything.")] = "core",
    desktop: DesktopName = "",
    seeds: Seeds = "1",
    repeats: Annotated[int, typer.Option(min=1, help="Episodes of each task, seed and condition.")] = 1,
    task: Globs = None,
    jobs: Jobs = 1,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of the study.")] = None,
    max_usd: Annotated[float | None, typer.Option(min=0, help="Most dollars of the study.")] = None,
    only_local: OnlyLocal = False,
    allow: Allow = None,
    calibrate: Calibrate = True,
    size: Screen = "1920x1080",
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask the bank's questions too.")] = True,
    blind: Annotated[bool, typer.Option("--blind/--no-blind", help="Ask them with grey pictures as well.")] = True,
    nulls: Annotated[
        bool,
        typer.Option("--nulls/--no-nulls", help="Add agents whose results are known before: oracle, idle, random."),
    ] = True,
    planted: Annotated[
        bool | None,
        typer.Option("--planted/--no-planted", help="Add agents with faults of known rates. Default: the profile's."),
    ] = None,
    only_plan: Annotated[bool, typer.Option("--plan", help="Print what it would do and cost, and end.")] = False,
) -> int:
    """Ask agents about screens and put them to work on them, as in life, helped, and from on the way; report it."""
    from agent import asking, study
    from agent.budget import Allowance
    from agent.preflight import Rules
    from agent.study_plan import PROFILES

    wanted = asking.Ask(
        suite=suite, agent="", desktop=desktop, seeds=asking.seeds(seeds), repeats=repeats, globs=tuple(task or ()),
        jobs=jobs, size=asking.size(size), allowance=Allowance(tokens=max_tokens, usd=max_usd),
        rules=Rules(only_local, tuple(allow or ()), calibrate),
    )  # fmt: skip
    much = PROFILES[profile]
    much = much if planted is None else replace(much, planted=planted)
    wish = study.Wish(
        wanted, tuple(agent), out, bank=bank, profile=much, nulls=nulls, only_plan=only_plan,
        asked=ask, blind=blind,
    )  # fmt: skip
    return study.study(wish)


@app.command()
def agents(
    agent: Annotated[str, typer.Argument(help="Only this one: what it can, and the cards of its models.")] = "",
    json: Json = False,
) -> None:
    """List the agents that are installed and the families of models, with what they can and how they count."""
    from agent import listing

    listing.agents(agent, json=json)


@app.command()
def decode(
    family: Annotated[str, typer.Option(help="A family of models: a name, or name(option=value).")],
    screen: Annotated[str, typer.Option(help="The screen.", metavar="WxH")] = "1920x1080",
    sent: Annotated[
        str, typer.Option(help="The picture that the model saw, where it is not as usual.", metavar="WxH")
    ] = "",
    point: Annotated[bool, typer.Option("--point", help="It was asked where something is.")] = False,
) -> int:
    """Say what a reply on standard input means: actions as JSON, in pixels of the screen, or why there are none."""
    from agent import asking, listing
    from agent.decoding import decoded

    shown = asking.size(sent) if sent else None
    made = decoded(sys.stdin.read(), family, asking.size(screen), shown, point=point)
    listing.as_json(made)
    return OK if made.actions or made.point else VOID


@app.command()
def gap(
    studies: Annotated[list[Path], typer.Argument(help="Studies' folders.", metavar="STUDY...")], json: Json = False
) -> None:
    """Print what studies say of understanding and control: who is ahead, where it is lost, what would help."""
    from agent import reporting

    reporting.gap(studies, json=json)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="The folder of a run, or of a study.", metavar="RUN|STUDY")],
    json: Json = False,
    html: Annotated[bool, typer.Option("--html", help="Print only where the page is.")] = False,
) -> None:
    """Print a run's or a study's numbers, and write them into its folder as JSON, Markdown and HTML."""
    from agent import reporting
    from agent.show import paper
    from scoring import report as reports
    from scoring.study import is_study

    if is_study(run):
        reporting.report(run, json=json, html=html)
        return
    if not (run / "run.json").is_file():
        raise BadInput(f"{run} is neither a run nor a study: it has no run.json and no study.json")
    made = reports.build(run)
    written = reports.write(run, made)
    if html:
        sys.stdout.write(f"{run / 'report.html'}\n")
        return
    if json:
        sys.stdout.write(reports.encode(made).decode())
        return
    reports.show(made, paper())
    sys.stdout.write(f"written: {', '.join(str(path) for path in written)}\n")


@app.command()
def replay(
    run: RunFolder,
    episode: Annotated[str, typer.Option(help="Only this episode's folder name, or a glob of it.")] = "*",
) -> None:
    """Write an annotated video of each episode."""
    from agent import running

    running.film(run, episode)


@app.command()
def view(
    run: RunFolder,
    export: Annotated[Path | None, typer.Option(help="Write a static folder instead.", metavar="DIR")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 0,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
) -> None:
    """Open a local page with the run's table, frames, steps and checks."""
    from agent import running

    if export is not None:
        running.export(run, export)
    else:
        running.view(run, port, open_=open_)


@app.command()
def doctor(
    agent: Annotated[str, typer.Option(help="Look at this agent instead: its endpoints, and how it points.")] = "",
    clean: Annotated[bool, typer.Option("--clean", help="Remove what dead runs left behind.")] = False,
    only_local: OnlyLocal = False,
    allow: Allow = None,
    size: Screen = "1920x1080",
    json: Json = False,
) -> int:
    """Say which desktops can run here, why not, and what to install; or what an agent's endpoints are and take."""
    from agent import asking, checkup, listing
    from agent.preflight import Rules

    if agent:
        return checkup.agent(agent, asking.size(size), Rules(only_local, tuple(allow or ())), json=json)
    return listing.doctor(clean=clean, json=json)
