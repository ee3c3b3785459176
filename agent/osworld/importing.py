"""`handeye osworld import`: a folder of OSWorld's results as a run, for our report, page and films.

What the results do not hold is not made up: a time is there where a stamp was, and says when an action began; nothing
is said of what a model, a desktop or a wait took; an action that none of ours is stays text.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any  # a runner's arguments are JSON

from msgspec.structs import replace

from agent.asking import handeye
from agent.osworld.deeds import PAUSE, read
from agent.suite import SIZE, now
from envs.errors import BadInput
from envs.types import About, Finish, Size
from scoring.osworld.results.layout import ARGUMENTS, BASELINES, OWN, Origin, Place, find
from scoring.osworld.results.stored import Entry, Stored, seen
from scoring.osworld.results.stored import read as stored
from scoring.record import (
    FORMAT,
    Acted,
    Decided,
    Deed,
    Ended,
    EventLog,
    How,
    Judged,
    Run,
    Started,
    Unread,
    begin_run,
    hold,
)
from scoring.verdict import Verdict
from tasks.osworld.example import Example

OK = 0
SOURCE = "OSWorld's results"
DESKTOP = "OSWorld"
CHECK = "OSWorld's evaluator"
_SECRET = re.compile(r"key|token|secret|passw|credential", re.IGNORECASE)
_ENDS: dict[How, bool] = {
    "finished": True, "out_of_budget": True, "agent_fault": True,
    "desktop_fault": False, "task_fault": False, "endpoint_fault": False, "stopped": False,
}  # fmt: skip
"""Which endings have a result."""


@dataclass(frozen=True)
class Model:
    """One model's folder, and what its runner was called with."""

    folder: Path
    arguments: Mapping[str, Any]

    @property
    def pause(self) -> float:
        """Seconds that WAIT waited."""
        pause = self.arguments.get("sleep_after_execution")
        return float(pause) if isinstance(pause, int | float) and 0 <= pause <= 60 else PAUSE

    @property
    def steps(self) -> int:
        """The most steps of an episode; 0 where they are not known."""
        most = self.arguments.get("max_steps")
        return most if isinstance(most, int) and most > 0 else 0


def bring(where: Path, out: Path, tasks: Path | None = None) -> int:
    """Make a run of the results. Raises BadInput where there are none, of several models, or where a run is."""
    kept = [stored(place) for place in find(where)]
    known = _known(tasks) if tasks else {}
    goals = {name: example.instruction for name, example in known.items()}
    models = {folder: Model(folder, _arguments(folder)) for folder in {each.place.model for each in kept}}
    agent = _agent(kept, where)
    starts = [_started(each, models[each.place.model], goals) for each in kept]
    run = _run(agent, starts, kept, models, out)
    if (out / "run.json").exists():
        raise BadInput(f"{out} already holds a run; choose another --out")
    with hold(out):
        begin_run(out, replace(run, options={**run.options, **_infeasible(kept, known)}))
        blanks = sum(_episode(out, *each, models[each[0].place.model]) for each in zip(kept, starts, strict=True))
    for each in kept:
        sys.stderr.write("".join(f"{each.place.domain}/{each.place.task}: {note}\n" for note in each.notes))
    sys.stdout.write(f"{len(kept)} tasks, {sum(each.score is not None for each in kept)} with a result: {out}\n")
    if blanks:
        sys.stdout.write(f"{blanks} actions could not be read as ours and stand as text\n")
    nameless = sum(not start.goal for start in starts)
    if nameless:
        sys.stdout.write(f"{nameless} tasks have no instruction in the results; give OSWorld's tasks by --tasks\n")
    return OK


def _known(tasks: Path) -> Mapping[tuple[str, str], Example]:
    from tasks.osworld import layout

    return {(each.domain, each.id): each for each in layout.read(tasks).examples}


def _infeasible(kept: Sequence[Stored], known: Mapping[tuple[str, str], Example]) -> dict[str, str]:
    """For the baselines: which of the tasks cannot be done. Nothing where not all of them are known."""
    theirs = [(each.place, known.get((each.place.domain, each.place.task))) for each in kept if not each.origin]
    if not theirs or any(example is None for _, example in theirs):
        return {}
    found = [f"osworld/{place.domain}/{place.task}" for place, one in theirs if one and one.evaluator.infeasible]
    return {"infeasible": "\n".join(found) or "none"}


def _arguments(model: Path) -> Mapping[str, Any]:
    try:
        said = json.loads((model / ARGUMENTS).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as err:
        raise BadInput(f"wanted JSON in {model / ARGUMENTS}, found {err}; mend it or move it away") from None
    return said if isinstance(said, dict) else {}


def _agent(kept: Sequence[Stored], where: Path) -> str:
    """Whose results they are. A run has one agent: success is of one."""
    names = sorted({_named(each) for each in kept})
    if len(names) > 1:
        raise BadInput(
            f"{where} holds results of {len(names)} models: {', '.join(names[:5])}; give one model's folder"
        )
    return names[0]


def _named(each: Stored) -> str:
    return each.origin.agent if each.origin else each.place.model.name


def _started(each: Stored, model: Model, goals: Mapping[tuple[str, str], str]) -> Started:
    place = each.place
    began = next((entry.when for entry in each.entries if entry.when), None)
    own = each.origin or Origin(
        suite="osworld",
        task=f"osworld/{place.domain}/{place.task}",
        seed=0,
        repeat=0,
        agent=_named(each),
        goal=each.goal or goals.get((place.domain, place.task), ""),
        desktop=About(kind=DESKTOP, image="", code="", size=_size(each)),
        apps=(place.domain,),
        budget_steps=model.steps,
    )
    return Started(
        format=FORMAT,
        utc=began.isoformat(timespec="microseconds") if began else "",
        suite=own.suite,
        task=own.task,
        goal=own.goal,
        seed=own.seed,
        repeat=own.repeat,
        agent=own.agent,
        desktop=own.desktop,
        axes=("control",),
        checks=(CHECK,),
        apps=own.apps,
        budget_steps=own.budget_steps,
        budget_seconds=own.budget_seconds,
        condition=own.condition,
        solution_steps=own.solution_steps,
        source=SOURCE,
    )


def _size(each: Stored) -> Size:
    """Of its first picture that is one."""
    paths = [each.first, *(entry.picture for entry in each.entries)]
    looks = (seen(path) for path in paths if path)
    return next((look.size for look in looks if look), SIZE)


def _run(
    agent: str, starts: Sequence[Started], kept: Sequence[Stored], models: Mapping[Path, Model], out: Path
) -> Run:
    model = next(iter(models.values()))
    folder = model.folder
    own = model.arguments.get(OWN)
    ours = own.get("options") if isinstance(own, dict) else None
    ours = ours if isinstance(ours, dict) else {}
    said = {
        f"args.{key}": str(value)
        for key, value in model.arguments.items()
        if isinstance(value, str | int | float) and not _SECRET.search(key)
    }
    layers = {"action_space": folder.parent.parent.name, "observation_type": folder.parent.name, "model": folder.name}
    return Run(
        format=FORMAT,
        id=out.name,
        utc=now(),
        handeye=handeye(),
        suite=starts[0].suite,
        agent=agent,
        desktop=starts[0].desktop.kind,
        seeds=tuple(sorted({start.seed for start in starts})),
        repeats=len({start.repeat for start in starts}),
        tasks=tuple(sorted({start.task for start in starts})),
        jobs=1,
        size=next((start.desktop.size for start in starts if start.desktop.size != SIZE), SIZE),
        options={
            **said,
            **layers,
            **{name: str(ours[name]) for name in BASELINES if name in ours},
            "source": SOURCE,
            "from": str(kept[0].place.model),
        },
    )


@dataclass
class _Clock:
    """Tells the time that the entries tell: since the first that has one, never backwards."""

    begun: datetime | None = None
    t: float = 0.0

    def __call__(self) -> float:
        return self.t

    def hear(self, when: datetime | None) -> None:
        if when is not None:
            self.begun = self.begun or when
            self.t = max(self.t, (when - self.begun).total_seconds())


def _episode(out: Path, each: Stored, started: Started, model: Model) -> int:
    """Write one episode's log and pictures. Returns how many of its actions stay text."""
    clock = _Clock()
    log = EventLog(_fresh(out / "episodes", started, each.place), clock=clock)
    try:
        log.append(started)
        _look(log, each.first)
        telling = _Telling(log, clock, model.pause)
        for group in _decisions(each.entries):
            telling.decide(group)
        ended = replace(_ended(each, telling.last), seconds=round(clock.t, 6))
        if ended.score is not None:
            verdict = Verdict(check=CHECK, score=ended.score, expected="1", actual=f"{each.result} in result.txt")
            log.append(Judged(verdict=verdict, final=True, step=telling.steps))
        log.append(ended)
    finally:
        log.close()
    return telling.blanks


@dataclass
class _Telling:
    """Writes decisions, and counts. `last` is the word with which it ended."""

    log: EventLog
    clock: _Clock
    pause: float
    steps: int = 0
    blanks: int = 0
    last: Finish | None = None

    def decide(self, group: Sequence[Entry]) -> None:
        """The lines of one response: what it was, what was done, and what was seen after it."""
        told = [(entry, _deeds(entry, self.pause)) for entry in group]
        self.clock.hear(next((entry.when for entry in group if entry.when), None))
        self.log.append(_decided(group, [deed for _, deeds in told for deed in deeds]))
        unseen = False
        for entry, deeds in told:
            self.clock.hear(entry.when)
            acted = [self._act(deed) for deed in deeds]
            unseen = any(acted) or unseen
            # A picture after the last word is not of what was done before it, should that have none of its own.
            if any(acted) or not unseen:
                unseen = not _look(self.log, entry.picture, entry.own.refused if entry.own else "") and unseen

    def _act(self, deed: Deed) -> bool:
        """Whether it is an action, and not the word that it is over."""
        if isinstance(deed, Finish):
            self.last = deed
            return False
        self.steps += 1
        self.blanks += isinstance(deed, Unread)
        self.log.append(Acted(step=self.steps, action=deed))
        return True


def _fresh(folder: Path, started: Started, place: Place) -> Path:
    name = re.sub(r"[^\w.-]+", "-", f"{place.domain}-{place.task}-s{started.seed}-r{started.repeat}").strip("-.")
    number = 1
    while (path := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return path


def _look(log: EventLog, path: Path | None, refused: str = "") -> bool:
    """Whether there is a picture, which is then kept."""
    picture = seen(path) if path else None
    if picture is None:
        return False
    log.look(replace(picture, refused=refused), 0.0)
    return True


def _decisions(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The lines of each response: those of one `step_num` that stand together. What has no number stands alone."""
    lines = enumerate(entry for entry in entries if not entry.error)
    for _, group in groupby(lines, lambda one: (one[1].step, -1 if one[1].step else one[0])):
        yield [entry for _, entry in group]


def _deeds(entry: Entry, pause: float) -> tuple[Deed, ...]:
    if entry.own:
        return (entry.own.action,)
    return (Unread(text=entry.text),) if entry.text else read(entry.action, pause)


def _decided(group: Sequence[Entry], deeds: Sequence[Deed]) -> Decided:
    own = group[0].own
    return Decided(
        intent=own.intent if own else "",
        thought=own.thought if own else "",
        actions=tuple(deeds),
        seconds=0.0,
        raw=_raw(group),
        lead=bool(own and own.lead),
    )


def _raw(group: Sequence[Entry]) -> str:
    """The response, and the actions as they stand where it does not have them word for word."""
    said = list(dict.fromkeys(entry.response for entry in group if entry.response))
    acted = [
        entry.action if isinstance(entry.action, str) else json.dumps(entry.action, ensure_ascii=False)
        for entry in group
        if entry.action is not None
    ]
    words = "\n\n".join(said)
    more = [text for text in acted if text not in words]
    return "\n\n".join([*said, *(f"[action] {text}" for text in more)])


def _ended(each: Stored, last: Finish | None) -> Ended:
    """How it ended. What handeye exported says so itself, as far as the result agrees."""
    own = each.origin
    if own and own.how and _ENDS[own.how] == (each.score is not None):
        reason = "; ".join(filter(None, (own.reason, *each.notes)))
        return Ended(
            how=own.how, score=each.score, reason=reason, claim=own.claim, answer=own.answer, cause=own.cause
        )
    notes = "; ".join(each.notes)
    error = f"its runner wrote an error: {each.error}" if each.error else ""
    if each.score is None:
        why = error or ("" if notes else "there is no result.txt: unfinished, or its runner failed")
        return Ended(how="stopped", score=None, reason="; ".join(filter(None, (why, notes))))
    said = last is not None or any(entry.done for entry in each.entries[-1:])
    why = "" if said else "it ended without DONE or FAIL"
    reason = "; ".join(filter(None, (why, error, notes)))
    claim = last.claim if last else ""
    return Ended(how="finished" if said else "out_of_budget", score=each.score, reason=reason, claim=claim)
