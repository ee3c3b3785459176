"""From what a person asks for to a run that can be played, and from a run's folder to what of it is missing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace as changed

from agent import solutions
from agent.budget import Allowance, Limits, Purse
from agent.cast import Part, cast, sample
from agent.options import told
from agent.preflight import Rules, ready
from agent.registry import Spec, accept, full, load, options_of, parse
from agent.suite import Job, Order, done, now
from envs.desktop import Desktop
from envs.errors import BadInput
from envs.types import SCREEN, Size
from scoring.record import FORMAT, Run, read_run
from tasks import suites
from tasks.base import Suite, Task

Settle = Literal["", "fast", "strict", "patient"]
"""Empty: the desktop's own default."""


@dataclass(frozen=True)
class Ask:
    """What is asked for on the command line, or was when the run began."""

    suite: str
    agent: str
    desktop: str = ""
    seeds: tuple[int, ...] = (0,)
    repeats: int = 1
    globs: tuple[str, ...] = ()
    jobs: int = 1
    size: Size = SCREEN
    settle: Settle = ""
    limits: Limits = field(default_factory=Limits)
    allowance: Allowance = field(default_factory=Allowance)
    rules: Rules = field(default_factory=Rules)
    prompt: str = ""
    """A file whose text takes the place of the agent's system prompt."""
    every_step: bool = False
    known_as: str = ""
    """What the record calls the suite, where that is shorter than its spec."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What is written down of the run besides, by key."""


def seeds(text: str) -> tuple[int, ...]:
    """`3` is the seeds 0, 1 and 2; `4-6` and `1,7` are those named."""
    match re.fullmatch(r"(\d+)|(\d+)-(\d+)|(\d+(?:,\d+)+)", text):
        case None:
            raise BadInput(f"cannot read the seeds {text!r}: write a number of seeds, or which, as 4-6 or 1,7")
        case found:
            count, low, high, each = found.groups()
    if each:
        return tuple(dict.fromkeys(map(int, each.split(","))))
    some = range(int(low), int(high) + 1) if low else range(int(count))
    if not some:
        raise BadInput(f"the seeds {text!r} are none; write 1 or more")
    return tuple(some)


def size(text: str) -> Size:
    """`1920x1080`."""
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    wide, high = map(int, found.groups()) if found else (0, 0)
    if not (64 <= wide <= 16384 and 64 <= high <= 16384):
        raise BadInput(f"cannot read the size {text!r}: write it as 1920x1080, each side from 64 to 16384")
    return Size(width=wide, height=high)


def desktop(name: str, size: Size, settle: Settle) -> Callable[[], Desktop]:
    """What makes a run's desktops. Raises BadInput for an unknown one, or one that cannot settle as asked."""
    spec = parse(name)
    thing = load("desktops", spec.name)
    accept(spec, thing, given=("size", "settle"))
    options = dict(spec.options)
    if settle:
        if "settle" not in options_of(thing):
            raise BadInput(f"the desktop {spec.name} has but one way of settling; leave --settle out")
        options["settle"] = settle
    return partial(thing, size, **options)


def patiently(ask: Ask) -> Ask:
    """The same on desktops that wait for all that an action brings, where they can: states are compared."""
    if ask.settle or "settle" not in options_of(load("desktops", parse(ask.desktop).name)):
        return ask
    return replace(ask, settle="patient")


def usual_desktop() -> str:
    """The one for a run that names none: docker where an engine answers, else embedded."""
    from envs.engine import answering

    return "docker" if answering() else "embedded"


def suite(name: str) -> Suite:
    """The suite of that name. Raises BadInput."""
    spec = parse(name)
    thing = load("suites", spec.name)
    accept(spec, thing, given=("seed",))
    return partial(thing, **spec.options) if spec.options else thing


def parts(ask: Ask) -> list[Part]:
    """Every episode that is asked for, seed by seed."""
    tasks = suites.made(ask.suite, suite(ask.suite), ask.seeds, ask.globs)
    return [
        Part(_limited(task, ask.limits), seed, repeat)
        for seed in ask.seeds
        for repeat in range(ask.repeats)
        for task in tasks[seed]
    ]


def _limited(task: Task, limits: Limits) -> Task:
    return replace(task, budget=limits.on(task.budget))


@dataclass(frozen=True)
class Plan:
    """A run that can be played. `fresh` when it has no folder yet."""

    order: Order
    jobs: tuple[Job, ...]
    fresh: bool


def begin(ask: Ask, folder: Path | None = None) -> Plan:
    """A new run. Raises BadInput for anything that cannot be, before anything is started or written."""
    spec = prompted(parse(ask.agent), ask.prompt)
    of, agent = cast(spec), str(spec)
    wanted = parts(ask)
    ask = replace(ask, agent=agent, desktop=ask.desktop or usual_desktop())
    folder = folder or Path("runs") / f"{now()[:19].replace(':', '')}-{_slug(ask.suite)}-{_slug(agent)}"
    order = checked(make_order(ask, describe(ask, folder.name, wanted), folder), ask, spec)
    return Plan(order, tuple(Job(part, of(part), agent) for part in wanted), fresh=True)


def prompted(spec: Spec, path: str) -> Spec:
    """The spec with that prompt file. Raises BadInput for an agent that has no prompt to replace."""
    if not path:
        return spec
    spec = full("agents", spec)
    if "prompt" not in options_of(load("agents", spec.name)):
        raise BadInput(
            f"{spec.name} has no prompt that could be replaced; give one to a part of it: planner=claude(prompt=FILE)"
        )
    return Spec(spec.name, {**spec.options, "prompt": path})


def checked(order: Order, ask: Ask, spec: Spec) -> Order:
    """The order with what is known of its agent, once nothing stands against its beginning. Raises BadInput."""
    limited = ask.allowance.usd is not None or ask.limits.usd is not None
    agent = sample(spec)
    try:
        known = ready(agent, ask.size, replace(ask.rules, priced=limited), order.purse.pay)
    finally:
        agent.close()
    texts = {f"prompt {path}": told(path) for path in _prompts(spec)}
    return replace(
        order,
        run=changed(
            order.run,
            cards=known.cards,
            abouts=known.abouts,
            calibration=known.calibration or order.run.calibration,
            options={**order.run.options, **texts},
        ),
    )


def _prompts(spec: Spec) -> Iterator[str]:
    """Every prompt file in a spec."""
    for key, value in spec.options.items():
        if isinstance(value, Spec):
            yield from _prompts(value)
        elif key == "prompt" and isinstance(value, str) and value:
            yield value


def resume(folder: Path, jobs: int | None = None, allowance: Allowance | None = None) -> Plan:
    """What a run still lacks: episodes not played, cut off, stopped, or void. Raises BadInput as `begin` does.

    What has been used counts; `allowance` says where the run may use more, or less, than when it began.
    """
    run, episodes = read_run(folder)
    if study := run.options.get("study"):
        raise BadInput(f"{folder} is a part of the study {study}; go on with it by the same `handeye study` command")
    ask = _asked(run)
    ask = replace(ask, allowance=(allowance or Allowance()).over(ask.allowance))
    have = done(folder)
    spec = parse(ask.agent)
    of, agent = cast(spec), str(spec)
    wanted = parts(ask)
    missing = sorted(set(run.tasks) - {part.task.id for part in wanted})
    if missing:
        raise BadInput(f"{folder} has {missing[0]}, which the suite {ask.suite} no longer has; begin a new run")
    left = [part for part in wanted if (part.task.id, part.seed, part.repeat) not in have]
    run = changed(run, jobs=jobs) if jobs else run
    order = make_order(ask, run, folder)
    order.purse.recall(run, episodes)
    if left and (spent := order.purse.spent):
        raise BadInput(f"{folder} has used what it may: {spent}; give it more, by --max-tokens or --max-usd")
    if left:
        _unchanged(run, spec)
        calibrated = bool(run.calibration)  # what was right is not paid for again
        checked(order, replace(ask, rules=replace(ask.rules, calibrate=ask.rules.calibrate and not calibrated)), spec)
    return Plan(order, tuple(Job(part, of(part), agent) for part in left), fresh=False)


def _unchanged(run: Run, spec: Spec) -> None:
    """See that the prompts are those with which the run began."""
    for path in _prompts(spec):
        if run.options.get(f"prompt {path}", told(path)) != told(path):
            raise BadInput(
                f"the prompt {path} is not what it was when {run.id} began; put it back, or begin a new run"
            )


def make_order(ask: Ask, run: Run, folder: Path) -> Order:
    """How the run is to be played. Raises BadInput for a desktop that cannot be."""
    make = desktop(run.desktop, ask.size, ask.settle)
    return Order(
        run=run,
        folder=folder,
        desktop=make,
        every_step=ask.every_step,
        solution_steps=solutions.known(),
        purse=Purse(ask.allowance),
    )


def describe(ask: Ask, name: str, wanted: list[Part]) -> Run:
    """What is written down of a run before it begins."""
    limits = {key: str(value) for key, value in vars(ask.limits).items() if value is not None}
    limits |= {f"run_{key}": str(value) for key, value in vars(ask.allowance).items() if value is not None}
    options = {
        "settle": ask.settle,
        "tasks": "\n".join(ask.globs),
        "every_step": "yes" if ask.every_step else "",
        "only_local": "yes" if ask.rules.only_local else "",
        "allow": "\n".join(ask.rules.allowed),
        "calibration": "" if ask.rules.calibrate else "no",
        "suite": ask.suite if ask.known_as else "",
        **ask.told,
    }
    return Run(
        format=FORMAT,
        id=name,
        utc=now(),
        handeye=handeye(),
        suite=ask.known_as or ask.suite,
        agent=ask.agent,
        desktop=ask.desktop,
        seeds=ask.seeds,
        repeats=ask.repeats,
        tasks=tuple(sorted({part.task.id for part in wanted})),
        jobs=ask.jobs,
        size=ask.size,
        options={key: value for key, value in (limits | options).items() if value},
    )


def _asked(run: Run) -> Ask:
    options = run.options
    try:
        limits = Limits(
            steps=int(options["steps"]) if "steps" in options else None,
            seconds=float(options["seconds"]) if "seconds" in options else None,
            tokens=int(options["tokens"]) if "tokens" in options else None,
            usd=float(options["usd"]) if "usd" in options else None,
        )
        allowance = Allowance(
            tokens=int(options["run_tokens"]) if "run_tokens" in options else None,
            usd=float(options["run_usd"]) if "run_usd" in options else None,
        )
    except ValueError as err:
        raise BadInput(f"the run {run.id} has a limit that is no number: {err}") from err
    try:
        settle = msgspec.convert(options.get("settle", ""), Settle)
    except msgspec.ValidationError as err:
        raise BadInput(f"the run {run.id} settles in a way that is not known: {err}") from err
    return Ask(
        suite=options.get("suite", run.suite),
        agent=run.agent,
        desktop=run.desktop,
        seeds=run.seeds,
        repeats=run.repeats,
        globs=tuple(options["tasks"].split("\n")) if options.get("tasks") else (),
        jobs=run.jobs,
        size=run.size,
        settle=settle,
        limits=limits,
        allowance=allowance,
        rules=Rules(
            only_local=bool(options.get("only_local")),
            allowed=tuple(options["allow"].split("\n")) if options.get("allow") else (),
            calibrate=options.get("calibration") != "no",
        ),
        every_step=bool(options.get("every_step")),
    )


def handeye() -> str:
    """The version that runs, with the commit where it is a checkout's."""
    root = Path(__file__).parent.parent
    number = version("handeye")
    if not (root / ".git").exists():
        return number
    try:
        said = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty"],
            capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return number
    return f"{number}+{said.stdout.strip()}"


def _slug(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text).strip("-.")[:40]
