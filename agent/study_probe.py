"""Questions about the very screens on which an agent failed: what it saw there, where, what comes next, and whether
it was done.

    STUDY/probes/<agent>/      a bank of such questions, and the answers to them

The place is the last screen of a failed episode that is also a screen of the solution and on which the agent made a
decision: from there it went wrong. What is on that screen is asked of its own picture and its own tree; what comes
next is the bank's question about the same state; whether it is done is asked of the screen that it left behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from msgspec.structs import replace as changed

from agent import answering
from agent.bank.made import shown_by
from agent.base import episode_key
from agent.budget import Purse
from agent.preflight import Rules
from agent.study_ask import asked
from scoring.metrics import COUNTED, current, outcome, passed
from scoring.record import Decided, Episode, read_run
from scoring.state import fingerprint
from scoring.story import tell
from scoring.study import Contender, condition_folder
from scoring.understanding.apps import ADMITTED
from scoring.understanding.collect import collected
from scoring.understanding.ground import ground
from scoring.understanding.items import Bank, Item, digest, item, read, write
from scoring.understanding.perceive import perceive
from scoring.understanding.steps import plan
from scoring.understanding.trails import Trail, Trails, trail
from scoring.understanding.verify import verify

EACH = 2
"""Questions of a rung about one failure."""
EPISODE, STEP = "episode", "step"
"""Tags of an item about an agent's own screen: the episode's key, and the decision, from 0, that was made there."""


@dataclass(frozen=True)
class Failure:
    """A failed episode, and where it left the way: after `at` decisions, on the solution's screen `state`, if any."""

    name: str
    key: str
    own: Trail
    at: int
    state: int | None


def failures(run: Path, known: Mapping[tuple[str, int], Trails]) -> Iterator[Failure]:
    """The failed episodes of a run that have states, and a solution to compare them with."""
    _, episodes = read_run(run)
    named = {episode.name: episode for episode in episodes}
    stories = [told for episode in episodes if (told := tell(episode.name, episode.lines)) is not None]
    for story in current(stories):
        episode, started = named[story.name], story.started
        trails = known.get((started.task, started.seed))
        own = trail(run, episode) if trails is not None and outcome(story) in COUNTED and not passed(story) else None
        if trails is not None and own is not None:
            key = episode_key(started.task, started.seed, started.repeat, started.condition)
            at, state = _left(own, _decisions(episode), trails.solution)
            yield Failure(episode.name, key, own, at, state)


def _decisions(episode: Episode) -> int:
    return sum(isinstance(line.event, Decided) and bool(line.event.actions) for line in episode.lines)


def _left(own: Trail, decisions: int, solution: Trail) -> tuple[int, int | None]:
    """The last decision that was made on a screen of the solution, and which; else the last of all."""
    way = [fingerprint(moment.state) for moment in solution.moments]
    last = max(0, min(decisions, len(own.moments)) - 1)
    for at in range(last, -1, -1):
        here = fingerprint(own.moments[at].state)
        same = [place for place, each in enumerate(way) if each == here]
        if same:
            return at, min(same, key=lambda place: abs(place - at))
    return last, None


def probes(failure: Failure, trails: Trails, steps: Sequence[Item], *, pointed: bool) -> list[Item]:
    """The questions about one failure, named after it. `steps` are those about the solution's next steps.

    `pointed`: the application's tree says where things are.
    """
    chance = Random(f"probes {failure.key}")
    here = failure.own.moments[failure.at]
    lone = replace(failure.own, moments=(here,), steps=())
    alone = replace(trails, solution=lone, untouched=None, again=(), ways={}, turns={})
    ended = replace(alone, solution=trails.solution, ways={"failed": replace(failure.own, score=0.0)})
    found = [
        *_some(_single(perceive(alone, chance)), chance),
        *_some(_single(ground(alone, chance)) if pointed else (), chance),
        *_some(_next(steps, trails, failure.state), chance),
        *_some(_done(verify(ended, chance), failure.own), chance),
    ]
    return [_named(each, failure) for each in found]


def _some(items: Iterable[Item], chance: Random) -> list[Item]:
    every = sorted(items, key=lambda each: each.id)
    return chance.sample(every, min(EACH, len(every)))


def _single(made: Iterable[object]) -> Iterator[Item]:
    """Those that are credited by themselves, and can be seen."""
    return (each for each in made if isinstance(each, Item) and not each.pair and not each.hidden)


def _next(steps: Sequence[Item], trails: Trails, state: int | None) -> Iterator[Item]:
    """What is asked about that state of the solution."""
    if state is not None:
        picture = trails.solution.moments[state].picture
        yield from (each for each in steps if each.facet == "next" and each.pictures[-1:] == (picture,))


def _done(made: Iterable[object], own: Trail) -> Iterator[Item]:
    """Whether it is done, of the agent's own last screen; by itself, where it was one of a pair."""
    for each in made:
        if isinstance(each, Item) and each.facet == "done" and not each.hidden and each.plays[0][0] == own.name:
            yield each


def _named(each: Item, failure: Failure) -> Item:
    fields = {name: getattr(each, name) for name in Item.__struct_fields__ if name not in ("id", "pair", "plays")}
    tags = {**each.tags, EPISODE: failure.key, STEP: str(failure.at)}
    return item(**(fields | {"tags": tags, "plays": ((failure.name, failure.at),)}))


def bank_of(study: Path, contender: Contender) -> Path | None:
    """Make the bank of an agent's failures as in life, in place of an older one; None where there are none."""
    run = study / "control" / contender.slug / condition_folder("")
    plays = study / "bank" / "plays"
    if not (run / "run.json").exists() or not (plays / "run.json").exists():
        return None
    bank, _ = read(study / "bank")
    known = {(each.task, each.seed): each for each in collected(plays)[0]}
    steps: dict[tuple[str, int], list[Item]] = {}
    items: list[Item] = []
    for failure in failures(run, known):
        place = failure.own.task, failure.own.seed
        trails = known[place]
        if place not in steps:
            steps[place] = list(_single(plan(trails, Random(f"probes {place}"))))
        items += probes(failure, trails, steps[place], pointed=bank.apps.get(trails.app, 1.0) >= ADMITTED)
    return _written(study / "probes" / contender.slug, bank, items, (run / "frames", plays / "frames"))


def _written(folder: Path, bank: Bank, items: Sequence[Item], frames: Sequence[Path]) -> Path | None:
    """Write it, unless it is there; answers to other questions go."""
    new = changed(bank, hash=digest(items), items=len(items), shortcuts=(), dropped=(), operators=())
    if (folder / "bank.json").exists() and read(folder)[0].hash != new.hash:
        shutil.rmtree(folder)
    if not items:
        return None
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for name in sorted(shown_by(items)):
        source = next(path for path in (each / f"{name}.png" for each in frames) if path.exists())
        shutil.copyfile(source, folder / "images" / f"{name}.png")
    write(folder, new, items)
    return folder


def planned(study: Path, contender: Contender, purse: Purse, rules: Rules, *, jobs: int) -> answering.Plan | None:
    """What is left to ask the agent about its failures; None for nothing. Raises BadInput."""
    folder = bank_of(study, contender) if asked(contender) else None
    if folder is None:
        return None
    wish = answering.Wish(
        bank=folder, agent=contender.spec, out=folder, jobs=jobs, allowance=purse.most,
        rules=replace(rules, calibrate=False),
    )  # fmt: skip
    return answering.plan(wish, purse=purse)
