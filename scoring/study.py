"""A study: the same agents asked about screens and put to work on them, read from its folder into frozen records.

STUDY/study.json                         what it is: a `Study`
STUDY/bank/                              the bank of items (see `scoring.understanding.items`)
STUDY/ask/<slug>/responses.jsonl         what each agent answered
STUDY/control/<slug>/<condition>/        ordinary runs, one for each condition (see `condition_folder`)
STUDY/report/                            derived: may be deleted, and is made again to the same bytes
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import msgspec

from envs.errors import BadInput
from envs.types import Card, Closed, Size
from scoring.calibrated import Calibration
from scoring.metrics import current
from scoring.record import Captured, Decided, Episode, Run, read_run
from scoring.state import fingerprint, stored
from scoring.story import Story, tell
from scoring.understanding import items as banks
from scoring.understanding import sitting
from scoring.understanding.act import judged
from scoring.understanding.items import Bank, Done, Item
from scoring.understanding.responses import Response
from scoring.understanding.responses import read as read_responses
from scoring.understanding.sitting import Sitting

FORMAT: Final = 1

STEP = "step:"
"""What the condition of a single step begins with."""
Kind = Literal["model", "null", "planted"]


class Contender(Closed):
    """An agent of a study. `slug` is its folder's name; `cards` are its models, as in `Run.cards`.

    `null` agents do nothing, always give up, click at random, or play the solution; `planted` ones play the solution
    with faults of known rates (`faults`, by what they break), and show whether the report finds what was planted.
    """

    spec: str
    slug: str
    kind: Kind = "model"
    faults: dict[str, float] = msgspec.field(default_factory=dict)
    truths: dict[str, float] = msgspec.field(default_factory=dict)
    """What figures must come out as, where that is known before: `L0` to `L6`, `U`, `G`, `P`, `V` (an aid's share),
    `dissociation`, `bottleneck` (a step, from 1)."""
    cards: tuple[Card, ...] = ()


class Study(Closed):
    """What a study was asked to do: enough to go on with it. `bank` is the bank's hash, `created` a UTC stamp."""

    format: int
    suite: str
    seeds: tuple[int, ...]
    repeats: int
    size: Size
    bank: str
    agents: tuple[Contender, ...]
    conditions: tuple[str, ...]
    """Those of every agent: "" as in life, aids, placebos, `step:K`; see `Started.condition`."""
    teleports: tuple[int, ...] = ()
    """Starts on the way, in steps of the solution."""
    created: str = ""
    handeye: str = ""


def slug(spec: str) -> str:
    """An agent's name as a folder's: `native(model=x/y)` is `native-model-x-y`."""
    return re.sub(r"[^\w.]+", "-", spec).strip("-.") or "agent"


def condition_folder(condition: str) -> str:
    """A condition's name as a folder's: `life` for none, and no colons."""
    return re.sub(r"[^\w.]+", "-", condition) or "life"


def is_study(folder: Path) -> bool:
    """Whether the folder holds one."""
    return (folder / "study.json").is_file()


def read_study(folder: Path) -> Study:
    """What a study was asked to do. Raises BadInput when the folder is none."""
    path = folder / "study.json"
    try:
        study = msgspec.json.decode(path.read_bytes(), type=Study)
    except OSError:
        raise BadInput(f"{folder} is not a study: it has no study.json") from None
    except msgspec.MsgspecError as err:
        raise BadInput(f"{path} cannot be read: {err}") from None
    if study.format > FORMAT:
        raise BadInput(f"{path} has format {study.format}, and this handeye reads up to {FORMAT}; use a newer one")
    return study


def write_study(folder: Path, study: Study) -> None:
    """Write study.json; what was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.json").write_bytes(msgspec.json.format(msgspec.json.encode(study), indent=2) + b"\n")


@dataclass(frozen=True)
class Played:
    """The episodes of one agent under one condition: every attempt, and those that count (see `metrics.current`).

    `singles` are single steps that kept their states, by episode: whether the step did what the solution's does, or
    why that cannot be told (no item asks for it, or it began in another state). Of those that kept no states it says
    nothing, and the episode's own checks count.
    """

    runs: tuple[Run, ...]
    attempts: tuple[Story, ...]
    singles: Mapping[str, float | str] = field(default_factory=dict)

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The attempts that count, one for each task, seed and repeat."""
        return tuple(current(self.attempts))


NOTHING = Played(runs=(), attempts=())


@dataclass(frozen=True)
class Entrant:
    """What there is of one agent. `played` is by condition; `probes` are items about its own failed episodes."""

    contender: Contender
    responses: tuple[Response, ...] = ()
    sitting: Sitting | None = None
    played: Mapping[str, Played] = field(default_factory=dict)
    probes: tuple[Item, ...] = ()
    probed: tuple[Response, ...] = ()

    def under(self, condition: str) -> Played:
        """Its episodes under a condition; none where it was not played."""
        return self.played.get(condition, NOTHING)

    @property
    def life(self) -> Played:
        """Its episodes without any help."""
        return self.under("")

    @property
    def cards(self) -> tuple[Card, ...]:
        """Its models, from the study or from its runs."""
        runs = (run for played in self.played.values() for run in played.runs)
        own = self.contender.cards or next((run.cards for run in runs if run.cards), ())
        return own or (self.sitting.cards if self.sitting else ())

    @property
    def calibration(self) -> tuple[Calibration, ...]:
        """How well its models pointed, as often as that was seen, last before its runs."""
        runs = (run for _, played in sorted(self.played.items()) for run in played.runs)
        asked = self.sitting.calibration if self.sitting else ()
        return (*asked, *(each for run in runs for each in run.calibration))


@dataclass(frozen=True)
class Records:
    """All of a study. `bank` is None where none was built."""

    study: Study
    bank: Bank | None
    items: tuple[Item, ...]
    entrants: tuple[Entrant, ...]


def read(folder: Path) -> Records:
    """A study's records; what was not asked or played yet is empty. Raises BadInput where one cannot be read."""
    study = read_study(folder)
    bank, items = banks.read(folder / "bank") if (folder / "bank" / "bank.json").is_file() else (None, ())
    return Records(
        study=study,
        bank=bank,
        items=items,
        entrants=tuple(_entrant(folder, contender, items) for contender in study.agents),
    )


def _entrant(folder: Path, contender: Contender, items: Sequence[Item]) -> Entrant:
    probes = folder / "probes" / contender.slug
    return Entrant(
        contender=contender,
        responses=tuple(read_responses(folder / "ask" / contender.slug / "responses.jsonl")),
        sitting=sitting.read(folder / "ask" / contender.slug),
        played=_played(folder / "control" / contender.slug, items),
        probes=tuple(banks.read_lines(probes / "items.jsonl")) if (probes / "items.jsonl").is_file() else (),
        probed=tuple(read_responses(probes / "responses.jsonl")),
    )


def _played(folder: Path, items: Sequence[Item]) -> dict[str, Played]:
    """By what the episodes say of their condition, whatever their folders' names."""
    asked = {(each.task, each.seed, each.truth.step): each.truth for each in items if isinstance(each.truth, Done)}
    runs: dict[str, list[Run]] = defaultdict(list)
    attempts: dict[str, list[Story]] = defaultdict(list)
    singles: dict[str, dict[str, float | str]] = defaultdict(dict)
    for path in sorted(folder.glob("*/run.json")):
        run, episodes = read_run(path.parent)
        found = set[str]()
        for episode in episodes:
            if (told := tell(episode.name, episode.lines)) is not None:
                condition = told.started.condition
                attempts[condition].append(told)
                found.add(condition)
                if condition.startswith(STEP) and (states := _states(episode)) is not None:
                    key = told.started.task, told.started.seed, int(condition.removeprefix(STEP))
                    singles[condition][episode.name] = _single(path.parent, asked.get(key), states)
        for condition in sorted(found):
            runs[condition].append(run)
    return {
        name: Played(tuple(runs[name]), tuple(attempts[name]), singles.get(name, {})) for name in sorted(attempts)
    }


def _states(episode: Episode) -> tuple[str, str] | None:
    """The names of the states at the agent's first decision and at the end; None where none was kept."""
    first, last = "", ""
    begun = False
    for line in episode.lines:
        match line.event:
            case Decided(lead=False):
                begun = True
            case Captured(state=name):
                first, last = (first if begun else name), name
    return (first, last) if first else None


def _single(run: Path, asked: Done | None, states: tuple[str, str]) -> float | str:
    """What a single step is worth, or why that cannot be told."""
    if asked is None:
        return "no item asks for the step"
    before, after = (stored(run, name) for name in states)
    if fingerprint(before) != asked.fingerprint:
        return "it began in another state than the item was made of"
    return judged(asked, before, after)
