"""Studies that were never played: records of agents whose faults are known, made by a seed, without a desktop.

An agent plays the solution of each task and errs with a known chance at each of its steps, in one of these channels:

    read      types a value that it misread           removed by S        asked about at L0
    ground    clicks on something else                removed by G        asked about at L1
    plan      takes another step                      removed by P        asked about at L3
    stop      undoes its work at the end              removed by V        asked about at L4
    hands     does not do what it meant to            removed by nothing  asked about nowhere

An error is fatal. What it answers is right but for the same chances; so all that a report says of it is known before.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec

from envs.types import About, Called, Card, Click, Finish, Point, Press, Rect, Size, Took
from scoring.attribution import attribute, subsets
from scoring.calibrated import Calibration, Cross
from scoring.items import corrected
from scoring.record import Acted, Decided, Ended, Event, Judged, Left, Line, Looked, Run, Started
from scoring.study import Contender, Kind, Study, condition_folder, write_study
from scoring.understanding import items as banks
from scoring.understanding.items import Bank, Choice, Done, Dropped, Item, Operator, Place, Shortcut, Words
from scoring.understanding.responses import Response
from scoring.verdict import Verdict

SIZE = Size(width=1280, height=800)
APPS = ("libreoffice-calc", "libreoffice-writer", "gedit")
CHANNELS = {"L0": "read", "L1": "ground", "L2": "predict", "L3": "plan", "L4": "stop"}
GUESS = {"L0": 0.0, "L1": 0.025, "L2": 0.25, "L3": 0.25, "L4": 0.5}
AIDED = {"G": "ground", "P": "plan", "V": "stop", "S": "read"}
LIFE = ("", "G", "P", "V", "GP", "GV", "PV", "GPV", "S", "G:placebo", "P:placebo", "V:placebo", "S:placebo")
ABOUT = About(kind="fake", image="fake", code="0", size=SIZE)
GREY = hashlib.sha256(b"grey").hexdigest()


@dataclass(frozen=True)
class Plant:
    """An agent, and the chance of each fault a step, of `stop` a run. `trap` is a further one at one step, from 1."""

    slug: str
    faults: dict[str, float] = field(default_factory=dict)
    kind: Kind = "planted"
    trap: tuple[int, float] = (0, 0.0)
    card: Card | None = None
    usd: float | None = None
    idle: bool = False
    blind: float | None = None
    """How often it is right without seeing the pictures, where that was asked."""
    invalid: float = 0.0

    def rate(self, channel: str) -> float:
        """The chance of a fault."""
        return self.faults.get(channel, 0.0)


@dataclass(frozen=True)
class Shape:
    """How large a study is. `lengths` are of solutions, one after another for the tasks."""

    tasks: int = 6
    lengths: tuple[int, ...] = (3, 4, 5)
    seeds: tuple[int, ...] = (0,)
    repeats: int = 3
    items: int = 6
    helped: tuple[str, ...] = LIFE
    single: int = 3
    """Runs of each single step."""
    starts: bool = True

    def length(self, number: int) -> int:
        """Steps of a task's solution."""
        return self.lengths[number % len(self.lengths)]


def name(number: int) -> str:
    """A task's id."""
    return f"made/task{number:02d}@1"


CLOSED = Card(
    model="closed-model", family="json", weights="closed", scaffold="native", endpoint="https://models.test"
)
OPEN = Card(model="open-model", family="json", weights="open", licence="Apache-2.0", scaffold="planner-grounder")
SMALL = (
    Plant("closed-model", {"ground": 0.04, "plan": 0.04, "stop": 0.05}, "model", usd=0.02, blind=0.3, card=CLOSED),
    Plant(
        "open-model",
        {"ground": 0.16, "plan": 0.08, "stop": 0.1, "read": 0.03},
        "model",
        usd=0.004,
        invalid=0.04,
        card=OPEN,
    ),
    Plant("faulty-aim", {"ground": 0.25}),
    Plant("trapped", {}, trap=(3, 0.6)),
    Plant("dissociated", {"hands": 0.25}),
    Plant("noop", kind="null", idle=True),
    Plant("oracle", kind="null"),
)


GOLDEN = Path(__file__).parent.parent / "golden" / "study"
KEPT = ("report.json", "report.md", "report.html")


def golden(folder: Path) -> Path:
    """The small study whose report is kept in tests/golden/study; `python tests/scoring/studies.py` renews that."""
    shape = Shape(tasks=4, lengths=(2, 3), repeats=2, items=3, single=2)
    return build(folder, (SMALL[0], SMALL[1], SMALL[4], SMALL[6]), shape)


def build(folder: Path, plants: tuple[Plant, ...] = SMALL, shape: Shape | None = None, seed: int = 0) -> Path:
    """Write a study."""
    maker = _Maker(folder, shape or Shape(), seed)
    maker.bank()
    for plant in plants:
        maker.agent(plant)
    starts = range(1, max(maker.shape.lengths) + 1) if maker.shape.starts else ()
    write_study(
        folder,
        Study(
            format=1,
            suite="made",
            seeds=maker.shape.seeds,
            repeats=maker.shape.repeats,
            size=SIZE,
            bank=banks.digest(maker.items),
            agents=tuple(_contender(plant, maker.shape) for plant in plants),
            conditions=maker.shape.helped,
            teleports=tuple(starts),
            created="2026-03-02T09:00:00Z",
            handeye="0.0",
        ),
    )
    return folder


def _contender(plant: Plant, shape: Shape) -> Contender:
    return Contender(
        spec=plant.slug if plant.kind != "planted" else f"planted({plant.slug})",
        slug=plant.slug,
        kind=plant.kind,
        faults=plant.faults if plant.kind == "planted" else {},
        truths=truths(plant, shape) if plant.kind != "model" else {},
        cards=(plant.card,) if plant.card else (),
    )


def truths(plant: Plant, shape: Shape) -> dict[str, float]:
    """What the report must find, by its names."""
    if plant.idle:
        return {"L6": 0.0}
    found = {"L6": passing(plant, shape, frozenset())}
    if plant.kind == "null":
        return found
    found |= {rung: corrected(1 - plant.rate(channel), GUESS[rung]) for rung, channel in CHANNELS.items()}
    cells = {cell: passing(plant, shape, cell) for cell in subsets(("G", "P", "V"))}
    found |= attribute(cells).shares
    found["U"] = sum(found[rung] for rung in CHANNELS) / len(CHANNELS)
    found["dissociation"] = float(plant.rate("hands") > 0)
    if plant.trap[0]:
        found["bottleneck"] = float(plant.trap[0])
        del found["dissociation"]
    return found


def passing(plant: Plant, shape: Shape, aids: frozenset[str]) -> float:
    """The chance to succeed with those aids, a mean over tasks."""
    return sum(_whole(plant, shape.length(number), aids) for number in range(shape.tasks)) / shape.tasks


def _whole(plant: Plant, steps: int, aids: frozenset[str]) -> float:
    helped = {AIDED[aid] for aid in aids}
    one = math.prod(1 - plant.rate(name) for name in ("read", "ground", "plan", "hands") if name not in helped)
    last = 1.0 if "stop" in helped else 1 - plant.rate("stop")
    trap = 1 - plant.trap[1] if plant.trap[0] and plant.trap[0] <= steps else 1.0
    return one**steps * trap * last


@dataclass
class _Maker:
    """Writes one study."""

    folder: Path
    shape: Shape
    seed: int
    items: list[Item] = field(default_factory=list)

    def bank(self) -> None:
        for number in range(self.shape.tasks):
            for seed in self.shape.seeds:
                self.items += self._items(number, seed)
        self.items.sort(key=lambda item: item.id)
        apps = APPS[: min(len(APPS), self.shape.tasks)]
        told = Bank(
            format=1,
            suite="made",
            seeds=self.shape.seeds,
            size=SIZE,
            handeye="0.0",
            image="made",
            hash=banks.digest(self.items),
            items=len(self.items),
            apps=dict.fromkeys(apps, 1.0),
            shortcuts=tuple(
                Shortcut(rung=rung, solver="options only", score=guess, high=guess + 0.03, chance=guess, items=36)
                for rung, guess in (("L2", 0.25), ("L3", 0.25))
            ),
            dropped=(Dropped(task=name(0), seed=0, rung="L2", why="two options are alike", count=2),),
            operators=tuple(
                Operator(task=name(0), operator=operator, wanted=wanted, played=played, right=right)
                for operator, wanted, played, right in (
                    ("solution", 1, 12, 12),
                    ("untouched", 0, 6, 6),
                    ("equivalent by keyboard", 1, 20, 19),
                    ("drop-last", 0, 24, 24),
                    ("not-saved", 0, 24, 23),
                )
            ),
        )
        banks.write(self.folder / "bank", told, self.items)

    def _items(self, number: int, seed: int) -> Iterator[Item]:
        task, app = name(number), APPS[number % len(APPS)]
        steps = self.shape.length(number)
        for rung, guess in GUESS.items():
            for which in range(self.shape.items):
                chance = Random(f"{self.seed} {task} {seed} {rung} {which}")
                yield banks.item(
                    rung=rung,
                    facet={"L0": "value", "L1": "name", "L2": "text", "L3": "next", "L4": "done"}[rung],
                    task=task,
                    seed=seed,
                    question=f"Question {which} of {rung}?",
                    guess=guess,
                    pictures=(GREY,),
                    plays=(("solution", which % steps),),
                    tags={"app": app},
                    **self._truth(rung, which, chance),
                )
        for step in range(steps):
            yield banks.item(
                rung="L5",
                facet="act",
                task=task,
                seed=seed,
                question=f"Do step {step + 1}.",
                truth=Done(step=step, fingerprint=f"{task}{seed}{step}", facts=("something",)),
                pictures=(GREY,),
                tags={"app": app},
            )

    @staticmethod
    def _truth(rung: str, which: int, chance: Random) -> dict[str, object]:
        match rung:
            case "L0":
                return {"truth": Words(accepted=(str(chance.randrange(100, 1000)),))}
            case "L1":
                corner = Point(x=chance.randrange(1000), y=chance.randrange(600))
                return {"truth": Place(boxes=(Rect(x=corner.x, y=corner.y, width=80, height=24),))}
            case "L4":
                return {"truth": Words(accepted=("yes" if which % 2 else "no",))}
        options = tuple(f"outcome {letter} {chance.randrange(1000)}" for letter in "abcd")
        return {"truth": Choice(option=chance.randrange(4)), "options": options}

    def agent(self, plant: Plant) -> None:
        if not plant.idle and plant.kind != "null":
            self._ask(plant)
        conditions = [*self.shape.helped]
        longest = max(self.shape.lengths)
        if plant.kind == "null":
            conditions = [""]
        else:
            conditions += [f"teleport:{k}" for k in range(1, longest + 1)] if self.shape.starts else []
            conditions += [f"step:{k}" for k in range(longest)] if self.shape.single else []
        for condition in conditions:
            self._run(plant, condition)

    def _ask(self, plant: Plant) -> None:
        lines = []
        for item in self.items:
            if item.rung == "L5":
                continue
            for rotation in range(2 if isinstance(item.truth, Choice) else 1):
                ways = (False, True) if plant.blind is not None else (False,)
                lines += [self._answer(plant, item, rotation, blind=blind) for blind in ways]
        path = self.folder / "ask" / plant.slug / "responses.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))

    def _answer(self, plant: Plant, item: Item, rotation: int, *, blind: bool) -> Response:
        chance = Random(f"{self.seed} {plant.slug} {item.id} {rotation} {blind}")
        right = chance.random() >= plant.rate(CHANNELS[item.rung])
        if blind:
            right = chance.random() < max(item.guess, plant.blind or 0.0)
        invalid = not blind and chance.random() < plant.invalid
        return answered(plant, item, rotation, right=right and not invalid, invalid=invalid, blind=blind)

    def _run(self, plant: Plant, condition: str) -> None:
        folder = self.folder / "control" / plant.slug / condition_folder(condition)
        repeats = self.shape.repeats if condition == "" else 1
        if condition.startswith("step:"):
            repeats = self.shape.single
        run = Run(
            format=1,
            id=f"{plant.slug}-{condition_folder(condition)}",
            utc="2026-03-02T09:00:00Z",
            handeye="0.0",
            suite="made",
            agent=plant.slug,
            desktop="fake",
            seeds=self.shape.seeds,
            repeats=repeats,
            tasks=tuple(map(name, range(self.shape.tasks))),
            jobs=2,
            size=SIZE,
            options={},
            cards=(plant.card,) if plant.card else (),
            calibration=(_calibration(plant),) if plant.card else (),
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "run.json").write_bytes(msgspec.json.encode(run))
        begun = int(condition.partition(":")[2]) if condition.startswith(("teleport:", "step:")) else 0
        count = 0
        for number in range(self.shape.tasks):
            steps = self.shape.length(number)
            if begun > steps or (condition.startswith("step:") and begun >= steps):
                continue
            for seed in self.shape.seeds:
                for repeat in range(repeats):
                    _Episode(self, plant, condition, number, seed, repeat, begun, count).play(folder)
                    count += 1


def answered(
    plant: Plant, item: Item, rotation: int, *, right: bool, invalid: bool = False, blind: bool = False
) -> Response:
    """An answer as it would have been recorded."""
    given, at, order = "", None, ()
    match item.truth:
        case Choice(option=option):
            order = tuple((place + rotation) % 4 for place in range(4))
            given = str(option if right else (option + 1) % 4)
        case Words(accepted=accepted):
            wrong = {"yes": "no", "no": "yes"}.get(accepted[0], "something else")
            given = accepted[0] if right else wrong
        case Place(boxes=boxes):
            at = boxes[0].centre if right else Point(x=1270, y=790)
            given = f"{at.x},{at.y}"
    return Response(
        item=item.id,
        agent=plant.slug,
        rotation=rotation,
        status="invalid" if invalid else "ok",
        score=float(right),
        given="" if invalid else given,
        at=None if invalid else at,
        raw=f"ANSWER: {given}",
        order=order,
        blind=blind,
        seconds=1.25,
    )


def _calibration(plant: Plant) -> Calibration:
    cross = Cross(at=Point(x=100, y=100), found=Point(x=101, y=100))
    return Calibration(model=plant.slug, size=SIZE, verdict="right", points=(cross,), found=1)


@dataclass
class _Episode:
    """One episode's log. Once something went wrong the task's check stays unmet."""

    maker: _Maker
    plant: Plant
    condition: str
    number: int
    seed: int
    repeat: int
    begun: int
    place: int
    lines: list[Line] = field(default_factory=list)
    t: float = 0.0
    broken: str = ""
    done: int = 0
    """Solution's steps that hold."""

    def play(self, run: Path) -> None:
        self.chance = Random(
            f"{self.maker.seed} {self.plant.slug} {self.condition} {self.number} {self.seed} {self.repeat}"
        )
        self.steps = self.maker.shape.length(self.number)
        self._start()
        for step in range(self.begun):
            self._decide(f"step {step + 1}", lead=True)
            self.done += 1
            self._act(step)
        single = self.condition.startswith("step:")
        last = min(self.begun + 1, self.steps) if single else self.steps
        if not self.plant.idle:
            for step in range(self.begun, last):
                self._step(step, single=single)
        self._end(single=single)
        label = condition_folder(self.condition) if self.condition else "life"
        short = f"task{self.number:02d}-{label}-s{self.seed}-r{self.repeat}"
        log = run / "episodes" / short / "events.jsonl"
        log.parent.mkdir(parents=True)
        log.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in self.lines))
        if self.condition == "" and self.broken and self.plant.kind != "null":
            self._probe(short)

    def say(self, event: Event, after: float = 0.0) -> None:
        self.t += after
        self.lines.append(Line(seq=len(self.lines), t=round(self.t, 6), event=event))

    def _start(self) -> None:
        when = self.place * 40 // 2
        started = Started(
            format=1,
            utc=f"2026-03-02T{9 + when // 3600:02d}:{when % 3600 // 60:02d}:{when % 60:02d}Z",
            suite="made",
            task=name(self.number),
            goal="Do it.",
            seed=self.seed,
            repeat=self.repeat,
            agent=self.plant.slug,
            desktop=ABOUT,
            axes=("control",),
            checks=("it is done",),
            apps=(APPS[self.number % len(APPS)],),
            budget_steps=3 * self.steps + 5,
            budget_seconds=600,
            condition=self.condition,
            solution_steps=self.steps,
        )
        self.say(started)
        self.say(Looked(frame=GREY, size=SIZE, settled=True, took=Took(look=0.006), wall=0.9), 0.9)
        self._leave({"/home/user/notes.txt": "as it was"})

    def _leave(self, files: dict[str, str]) -> None:
        """What is in the home folder, where that is kept."""
        if self.condition == "":
            self.say(Left(files=files, programs=("Editor",)))

    def _decide(self, intent: str, *, lead: bool = False) -> None:
        seconds = 0.0 if lead else round(1.0 + 2 * self.chance.random(), 3)
        tokens = 0 if lead or not self.plant.card else 1500
        call = Called(
            model=self.plant.slug, seconds=seconds, input_tokens=tokens, output_tokens=60, usd=self.plant.usd
        )
        self.say(
            Decided(
                intent=intent,
                thought="",
                actions=(Press(keys=("Return",)),),
                seconds=seconds,
                input_tokens=tokens,
                output_tokens=60 if tokens else 0,
                usd=None if lead else self.plant.usd,
                calls=(call,) if tokens else (),
                lead=lead,
            ),
            seconds,
        )

    def _act(self, step: int) -> None:
        count = 1 + sum(isinstance(line.event, Acted) for line in self.lines)
        action = Click(at=Point(x=100 + 10 * step, y=200 + (5 if self.broken else 0)))
        self.say(Acted(step=count, action=action), 0.001)
        took = Took(act=0.012, settle=0.18, look=0.006)
        self.say(Looked(frame=GREY, size=SIZE, settled=True, took=took, wall=0.2), 0.21)
        self._judge(count, final=False)
        verdict = Verdict(check=f"step {self.done}", score=float(self.done > 0), expected="done", actual="done")
        self.say(Judged(verdict=verdict, final=False, step=count), 0.002)

    def _judge(self, count: int, *, final: bool, met: bool | None = None) -> None:
        good = self.done == self.steps if met is None else met
        verdict = Verdict(
            check="it is done", score=float(good), expected="done", actual="done" if good else "not done"
        )
        self.say(Judged(verdict=verdict, final=final, step=count), 0.004)

    def _step(self, step: int, *, single: bool) -> None:
        """One step: told what it is, a single one cannot be planned wrong."""
        helped = {AIDED[aid] for aid in self.condition if aid in AIDED} if ":" not in self.condition else set()
        for channel in ("read", "ground", "plan", "hands"):
            err = self.chance.random() < self.plant.rate(channel)
            if err and channel not in helped and not (single and channel == "plan"):
                self.broken = self.broken or channel
        if self.plant.trap[0] == step + 1 and self.chance.random() < self.plant.trap[1]:
            self.broken = self.broken or "hands"
        self._decide(f"step {step + 1}")
        self.done += not self.broken
        self._act(step)

    def _end(self, *, single: bool) -> None:
        helped = "V" in self.condition and ":" not in self.condition
        stops = self.chance.random() < self.plant.rate("stop")
        if stops and not helped and not single and not self.broken and not self.plant.idle:
            self.broken, self.done = "stop", self.done - 1
            self._decide("tidy up")
            self._act(self.steps)
        good = not self.broken if single else self.done == self.steps and not self.plant.idle
        finish = Finish(claim="failed" if self.plant.idle else "done")
        self.say(Decided(intent="it is over", thought="", actions=(finish,), seconds=0.8, usd=self.plant.usd), 0.8)
        count = sum(isinstance(line.event, Acted) for line in self.lines)
        self._judge(count, final=True, met=good)
        files = {"/home/user/notes.txt": "as it was"}
        if not self.plant.idle:
            files["/home/user/report.txt"] = "written"
        if self.broken == "ground":  # what it clicked on was something else
            files["/home/user/notes.txt"] = "overwritten"
        self._leave(files)
        self.say(Ended(how="finished", score=float(good), claim=finish.claim, seconds=round(self.t, 6)), 0.001)

    def _probe(self, episode: str) -> None:
        """Questions about the screen on which it failed: wrong in the channel that broke, else right."""
        folder = self.maker.folder / "probes" / self.plant.slug
        folder.mkdir(parents=True, exist_ok=True)
        items, lines = b"", b""
        for rung, channel in CHANNELS.items():
            made = banks.item(
                rung=rung,
                facet="own",
                task=name(self.number),
                seed=self.seed,
                question=f"{episode} {rung}?",
                guess=GUESS[rung],
                pictures=(GREY,),
                plays=((episode, self.done),),
                **self.maker._truth(rung, 0, Random(f"{episode} {rung}")),
            )
            items += msgspec.json.encode(made) + b"\n"
            for rotation in range(2 if isinstance(made.truth, Choice) else 1):
                one = answered(self.plant, made, rotation, right=channel != self.broken)
                lines += msgspec.json.encode(one) + b"\n"
        for file, data in (("items.jsonl", items), ("responses.jsonl", lines)):
            with (folder / file).open("ab") as out:
                out.write(data)


def _renew() -> None:
    """Write the golden report anew."""
    import tempfile

    from scoring import gap_page, study, verdicts

    with tempfile.TemporaryDirectory() as place:
        made = verdicts.build(study.read(golden(Path(place))))
        gap_page.write(Path(place), made)
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            (GOLDEN / name).write_bytes((Path(place) / "report" / name).read_bytes())


if __name__ == "__main__":
    _renew()
