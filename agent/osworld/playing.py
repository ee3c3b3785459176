"""`handeye osworld run`: OSWorld's tasks played by agents, as any suite's are, with what is not played said first."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from agent import asking, running
from agent.asking import Ask, Plan
from agent.osworld import baselines
from agent.osworld.shown import chosen
from agent.registry import Spec, load, parse
from envs.errors import BadInput
from envs.remote import RemoteDesktop
from scoring.record import read_run
from tasks.osworld import suite
from tasks.osworld.assets import Assets
from tasks.osworld.staging import no_machine

NAME = "osworld"
SAID: dict[suite.Why, str] = {
    "web": "need the live web",
    "files": "lack files",
    "left out": "cannot be judged here",
    "unknown": "name what OSWorld does not have",
    "unreadable": "could not be read",
}


@dataclass(frozen=True)
class Wish:
    """What is asked for. `ask` says how to play; its suite, its agent and its tasks are said here."""

    tasks: Path
    agents: tuple[str, ...]
    ask: Ask
    globs: tuple[str, ...] = ()
    assets: Path | None = None
    corrected: bool = False
    out: Path | None = None
    films: bool = False
    json: bool = False


def play(wish: Wish) -> int:
    """A run for each agent, one after another. Returns the exit code: the first that is not 0."""
    store = Assets(wish.assets) if wish.assets else None
    sifted = suite.sift(chosen(wish.tasks, wish.globs), store)
    said = _left(sifted)
    if not sifted.playable:
        raise BadInput(f"none of these tasks can be played: {said}")
    if said:
        sys.stderr.write(f"handeye: {len(sifted.playable)} tasks are played; not played: {said}\n")
    _check_machine(wish.ask.desktop)
    options: dict[str, object] = {"tasks": str(wish.tasks.absolute())}
    options |= {"assets": str(wish.assets.absolute())} if wish.assets else {}
    options |= {"corrected": True} if wish.corrected else {}
    infeasible = [each for each in sifted.playable if each.evaluator.infeasible]
    ask = replace(
        wish.ask,
        suite=str(Spec(NAME, options)),
        known_as=NAME,
        globs=tuple(f"{NAME}/{suite.named(each)}" for each in sifted.playable) if wish.globs else (),
        told={
            "corrected": "yes" if wish.corrected else "",
            "infeasible": "\n".join(f"{NAME}/{suite.named(each)}" for each in infeasible) or "none",
        },
    )
    codes = []
    for agent in wish.agents:
        folder = wish.out / _slug(agent) if wish.out and len(wish.agents) > 1 else wish.out
        idle = baselines.known(sifted.playable, corrected=wish.corrected)
        told = {**ask.told, "idle": "" if idle is None else f"{idle:.6g}"}
        plan = _plan(replace(ask, agent=agent, told=told), folder)
        codes.append(running.play(plan, json=wish.json, films=wish.films))
        baselines.keep(plan.order.folder, sifted.playable, corrected=wish.corrected)
        if codes[-1] == running.STOPPED:
            break
    return next((code for code in codes if code), running.OK)


def _check_machine(desktop: str) -> None:
    """Raises BadInput for a desktop that is known to have no machine, before anything is begun."""
    name = parse(desktop).name if desktop else ""
    thing = load("desktops", name) if name else RemoteDesktop
    if isinstance(thing, type) and not issubclass(thing, RemoteDesktop):
        raise no_machine(name)


def _plan(ask: Ask, folder: Path | None) -> Plan:
    """A new run, or what is left of the one in the folder that was begun by the same command."""
    if folder is None or not (folder / "run.json").is_file():
        return asking.begin(ask, folder)
    run, _ = read_run(folder)
    wanted = asking.describe(replace(ask, desktop=ask.desktop or run.desktop), run.id, asking.parts(ask))
    for what in ("suite", "agent", "desktop", "tasks", "repeats", "size"):
        if getattr(run, what) != getattr(wanted, what):
            raise BadInput(f"{folder} holds a run of another {what}; choose another --out")
    if run.options.get("suite") != wanted.options.get("suite"):
        raise BadInput(f"{folder} holds a run of {run.options.get('suite')}; choose another --out")
    return asking.resume(folder, ask.jobs, ask.allowance)


def _left(sifted: suite.Sifted) -> str:
    """In a line, how many are not played and why; of missing files, one of them."""
    counts = Counter(each.why for each in sifted.left)
    lacking = next((each.said for each in sifted.left if each.why == "files"), "")
    hints = {"files": f" (as {lacking}; `handeye osworld fetch` gets them, --assets says where they are)"}
    return ", ".join(f"{count} {SAID[why]}{hints.get(why, '')}" for why, count in counts.most_common())


def _slug(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text).strip("-.")[:60]
