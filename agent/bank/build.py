"""`handeye bank build`: plays what a bank needs on live desktops, and makes items of the records.

    BANK/plays/     the run: played first, and gone on with where it was left
    BANK/...        derived from it, see `scoring.understanding.items`; made anew each time

The solutions are played first: what else there is to play is read off their records.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import monotonic

from msgspec.structs import replace as changed

from agent import running
from agent.asking import Ask, Plan, describe, make_order, parts, patiently, usual_desktop
from agent.bank import shown
from agent.bank.plays import Bounds, Share, Way, other, own
from agent.cast import Part, playing
from agent.show import paper
from agent.suite import Job, Order
from envs.errors import BadInput
from scoring.record import read_run
from scoring.understanding.collect import recorded, unbelievable
from scoring.understanding.items import read
from scoring.understanding.trails import SOLUTION
from tasks.base import Budget, Task

OK, STOPPED = 0, 130
PLAYS = "plays"
ATTEMPTS = 2
"""How often a play that came to no score is played: once more, when the bank is built again or at its end."""
STEPS, SECONDS = 4, 6
"""How many times the task's own budget a play may use: it does more than the solution, and waits in vain."""


@dataclass(frozen=True)
class Wish:
    """What bank is to be built where. `only_plays`: no items yet."""

    ask: Ask
    out: Path | None = None
    only_plays: bool = False
    bounds: Bounds = field(default_factory=Bounds)


def build(wish: Wish) -> int:
    """Play what is missing, and make the bank; returns the exit code. Raises BadInput before anything is started."""
    ask = patiently(replace(wish.ask, desktop=wish.ask.desktop or usual_desktop()))
    folder = wish.out or Path("banks") / _name(ask)
    wanted = [replace(part, task=_roomy(part.task)) for part in parts(ask)]
    order = _order(ask, folder / PLAYS, wanted)
    if not _played(order, wanted, wish.bounds):
        sys.stderr.write(f"handeye: stopped; go on by the same command with --out {folder}\n")
        return STOPPED
    if wish.only_plays:
        sys.stdout.write(f"plays: {order.folder}\n")
        return OK
    from agent.bank import made

    began = monotonic()
    bank = made.make(folder, jobs=ask.jobs)
    took = monotonic() - began
    shown.show(bank, read(folder)[1], paper())
    sys.stdout.write(f"{_cost(order.folder)}; the items took {took:.0f} s\nbank: {folder}\n")
    return OK


def _cost(plays: Path) -> str:
    """What it took to play, as the record has it."""
    seconds = [each.ended.seconds for each in read_run(plays)[1] if each.ended is not None]
    return f"{len(seconds)} plays took {sum(seconds):.0f} s, {sum(seconds) / max(1, len(seconds)):.1f} s each"


def _played(order: Order, wanted: list[Part], bounds: Bounds) -> bool:
    """Play all that is missing; False when it was stopped."""
    for _ in range(ATTEMPTS):
        for stage in (_own, _other):
            jobs = list(stage(order.folder, wanted, bounds))
            finished = not jobs or running.perform(_plan(order, jobs))
            (order.folder.parent / "LATEST").unlink(missing_ok=True)  # leads to the latest of many runs: here is one
            if not finished:
                return False
    return True


def _name(ask: Ask) -> str:
    seeds = "-".join(map(str, ask.seeds if len(ask.seeds) < 4 else (ask.seeds[0], "to", ask.seeds[-1])))
    return f"{ask.suite.replace(':', '-')}-s{seeds}"


def _roomy(task: Task) -> Task:
    own_ = task.budget
    return replace(task, budget=Budget(steps=STEPS * own_.steps + 40, seconds=SECONDS * own_.seconds))


def _order(ask: Ask, plays: Path, wanted: list[Part]) -> Order:
    """How it is played. Raises BadInput where the folder holds the plays of another bank."""
    run = describe(ask, plays.parent.name, wanted)
    if (plays / "run.json").exists():
        begun, _ = read_run(plays)
        for what in ("suite", "seeds", "tasks", "desktop", "size"):
            if getattr(begun, what) != getattr(run, what):
                raise BadInput(
                    f"{plays.parent} was begun with other {what}: {_brief(getattr(begun, what))}, not "
                    f"{_brief(getattr(run, what))}; choose another --out"
                )
        run = changed(begun, jobs=ask.jobs)
    return replace(make_order(ask, run, plays), capture=True, every_step=True)


def _brief(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) < 200 else f"{text[:200]}..."


def _plan(order: Order, jobs: list[Job]) -> Plan:
    fresh = not (order.folder / "run.json").exists()
    return Plan(replace(order, spare=[]), tuple(jobs), fresh=fresh)


def _own(plays: Path, wanted: list[Part], bounds: Bounds) -> Iterator[Job]:  # noqa: ARG001 - they are all played
    settled = _settled(plays)
    for part in wanted:
        yield from _jobs(part, own(part.task), settled)


def _other(plays: Path, wanted: list[Part], bounds: Bounds) -> Iterator[Job]:
    settled, told = _settled(plays), recorded(plays)
    seeds = sorted({part.seed for part in wanted})
    for part in wanted:
        mine = told.get((part.task.id, part.seed), {})
        if not unbelievable(mine):
            chance = Random(f"plays:{part.task.id}:{part.seed}")
            share = Share(seeds.index(part.seed), len(seeds))
            yield from _jobs(part, other(part.task, mine[SOLUTION].trail.steps, chance, bounds, share), settled)


def _jobs(part: Part, ways: Sequence[Way], settled: set[tuple[str, int, str]]) -> Iterator[Job]:
    for way in ways:
        if (part.task.id, part.seed, way.name) not in settled:
            play = playing(part.task, way.play, way.name)
            yield Job(part, play, "plays", label=way.name, condition=way.name, capture_from=way.at)


def _settled(plays: Path) -> set[tuple[str, int, str]]:
    """What need not be played again: what has a score, and what came to none however often it was tried."""
    if not (plays / "run.json").exists():
        return set()
    _, episodes = read_run(plays)
    tries: dict[tuple[str, int, str], int] = {}
    for started, ended in ((each.started, each.ended) for each in episodes):
        if started is not None and ended is not None and ended.how != "stopped":
            key = (started.task, started.seed, started.condition)
            tries[key] = tries.get(key, 0) + (1 if ended.score is None else ATTEMPTS)
    return {key for key, count in tries.items() if count >= ATTEMPTS}
