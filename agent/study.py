"""`handeye study`: agents asked about screens and put to work on them, under every condition, in one folder.

    STUDY/study.json                        what it is (see `scoring.study`)
    STUDY/bank/                             the bank: built here, or taken from elsewhere
    STUDY/ask/<agent>/                      what each agent answered
    STUDY/probes/<agent>/                   what it answered about the screens on which it failed
    STUDY/control/<agent>/<condition>/      ordinary runs, judged after every step
    STUDY/solutions/                        each task's solution, where there is no bank that has played it
    STUDY/report/                           derived

Each part is gone on with where it was left: the same command again does what is missing, and nothing twice. What
model calls were paid for counts against the study's limits, however often it was stopped.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec.structs import replace as changed
from rich import box
from rich.table import Table
from rich.text import Text

from agent import running, study_probe
from agent.answering import Plan as Questions
from agent.asking import Ask, describe, handeye, make_order, patiently, usual_desktop
from agent.asking import suite as load_suite
from agent.bank import build as banking
from agent.budget import Purse
from agent.cast import Part, playing, sample
from agent.preflight import Ready, ready
from agent.registry import parse
from agent.reporting import report
from agent.show import Show, paper
from agent.study_ask import calibrated, paid, planned, put
from agent.study_plan import (
    NULLS,
    PLANTED,
    PROFILES,
    Cost,
    Profile,
    Setting,
    conditions,
    contenders,
    cost,
    job,
    known,
    limited,
    unable,
    with_ways,
    without,
)
from agent.suite import Job, Order, done, now, run_suite
from agent.teleport import ways
from envs.errors import BadInput
from scoring.record import begin_run, hold, read_run
from scoring.study import FORMAT, Contender, Study, condition_folder, is_study, read_study, write_study
from scoring.understanding.items import read as read_bank
from scoring.understanding.trails import SOLUTION
from tasks import suites

OK, VOID, STOPPED = 0, 1, 130
CONTENT = ("frames", "states", "images")
"""Folders whose files are named by what is in them."""


@dataclass(frozen=True)
class Wish:
    """What is to be studied. `ask` says all that runs share; its agent is none.

    `bank` is one that was built elsewhere; `nulls` adds agents whose results are known beforehand; `only_plan` ends
    after the plan was shown; without `asked` nobody is asked, and there is no bank; `blind` asks with grey pictures.
    """

    ask: Ask
    agents: tuple[str, ...]
    out: Path
    bank: Path | None = None
    profile: Profile = PROFILES["core"]
    nulls: bool = True
    only_plan: bool = False
    asked: bool = True
    blind: bool = True


@dataclass
class _Work:
    """A study while it is worked on."""

    wish: Wish
    study: Study
    setting: Setting
    purse: Purse
    stopped: bool = False

    @property
    def out(self) -> Path:
        return self.wish.out

    @property
    def plays(self) -> Path:
        """The run in which the solutions were played."""
        folder = self.out / "bank" / banking.PLAYS
        return folder if self.wish.asked or (folder / "run.json").exists() else self.out / "solutions"

    def over(self) -> bool:
        """Whether it is to stop: by hand, or because its limit is reached."""
        return self.stopped or bool(self.purse.spent)


def study(wish: Wish) -> int:
    """Do what of the study is missing, and end with its report. Returns the exit code. Raises BadInput."""
    ask = patiently(replace(wish.ask, desktop=wish.ask.desktop or usual_desktop(), every_step=True))
    wish = replace(wish, ask=ask)
    work = _begun(wish)
    show_plan(work)
    if wish.only_plan:
        return OK
    _able(work)
    with hold(wish.out):
        try:
            with running.terminable():
                _worked(work)
        except KeyboardInterrupt:  # between two runs; inside one it ends that run first
            work.stopped = True
        if work.over():
            return _stopped(work)
    return _reported(work)


def _worked(work: _Work) -> None:
    """Do all of it, or as much as there is time and money for."""
    write_study(work.out, work.study)
    if not (_banked(work) if work.wish.asked else _solved(work)):
        work.stopped = True
        return
    work.setting = with_ways(work.setting, ways(work.plays))
    work.study = _described(work)
    write_study(work.out, work.study)
    for contender in work.study.agents:
        if not work.over():
            _through(work, contender)
        if not work.over():
            _probed(work, contender)


def _begun(wish: Wish) -> _Work:
    """The study as it is asked for, over what there is of it already. Raises BadInput where that is another's."""
    ask, profile = wish.ask, wish.profile
    if wish.bank is not None:
        read_bank(wish.bank)
    made = suites.made(ask.suite, load_suite(ask.suite), ask.seeds, ask.globs)
    tasks = limited(made, profile.templates)
    wish = replace(wish, ask=replace(ask, globs=tuple(sorted({t.id for some in tasks.values() for t in some}))))
    agents = contenders((*wish.agents, *(wish.nulls * NULLS), *(profile.planted * PLANTED)))
    study = Study(
        format=FORMAT, suite=ask.suite, seeds=ask.seeds, repeats=ask.repeats, size=ask.size, bank="", agents=agents,
        conditions=(), created=now(), handeye=handeye(),
    )  # fmt: skip
    if is_study(wish.out):
        before = read_study(wish.out)
        for what in ("suite", "seeds", "repeats", "size"):
            if getattr(before, what) != getattr(study, what):
                raise BadInput(
                    f"{wish.out} was begun with other {what}: {getattr(before, what)!r}, not "
                    f"{getattr(study, what)!r}; choose another --out"
                )
        others = tuple(each for each in before.agents if each.spec not in {one.spec for one in agents})
        agents = contenders((*(each.spec for each in others), *(each.spec for each in agents)))
        study = changed(before, agents=agents)
    work = _Work(wish, study, Setting(tasks, profile, ask.repeats), Purse(ask.allowance))
    plays = next((path for path in (work.plays, *_plays_of(wish.bank)) if (path / "run.json").exists()), None)
    if plays is not None:
        work.setting = replace(work.setting, ways=ways(plays))
    _recall(work)
    return work


def _able(work: _Work) -> None:
    """See that each agent may begin before the long part, in which no agent is asked. Raises BadInput.

    Not once that is over: an agent that is done may be out of reach while another is at work.
    """
    if (work.plays / "run.json").exists():
        return
    for contender in work.study.agents:
        _seen(work, contender, calibrate=False)


def _plays_of(bank: Path | None) -> Iterator[Path]:
    if bank is not None:
        yield bank / banking.PLAYS


def _recall(work: _Work) -> None:
    """Count what the study used before. Each of an agent's runs has its calibration, which was paid for once."""
    for called in paid(work.out):
        work.purse.pay(called)
    for path in sorted(work.out.glob("control/*/*/run.json")):
        run, episodes = read_run(path.parent)
        asked = (work.out / "ask" / path.parent.parent.name / "sitting.json").exists()
        once = path.parent.name == condition_folder("") and not asked
        work.purse.recall(run if once else changed(run, calibration=()), episodes)


def _described(work: _Work) -> Study:
    """What it is, once the solutions are known: its conditions, starts and bank."""
    named = [name for each in work.study.agents for name in conditions(each, work.setting)]
    every = dict.fromkeys(named)
    begun = {int(name.partition(":")[2]) for name in every if name.startswith("teleport:")}
    banked = work.wish.asked or (work.out / "bank" / "bank.json").exists()
    bank, items = read_bank(work.out / "bank") if banked else (None, ())
    return changed(
        work.study,
        bank=bank.hash if bank is not None else "",
        agents=tuple(changed(each, truths=known(each, work.setting, items)) for each in work.study.agents),
        conditions=tuple(name for name in every if not name.startswith("teleport:")),
        teleports=tuple(sorted(begun)),
    )


def _banked(work: _Work) -> bool:
    """See that the bank is there; False when its building was stopped."""
    folder, given = work.out / "bank", work.wish.bank
    if given is not None and not (folder / "bank.json").exists():
        bank, _ = read_bank(given)
        if (bank.suite, bank.size) != (work.study.suite, work.study.size):
            raise BadInput(f"{given} is a bank of {bank.suite} on {bank.size}; the study is of {work.study.suite}")
        if not (given / banking.PLAYS / "run.json").exists():
            raise BadInput(f"{given} lacks the plays of which it was made ({banking.PLAYS}/); build it again")
        shutil.copytree(given, folder, copy_function=_linked, ignore=shutil.ignore_patterns("lock", "LATEST"))
    if (folder / "bank.json").exists():
        return True
    return banking.build(banking.Wish(replace(work.wish.ask, agent="bank"), folder)) == OK


def _solved(work: _Work) -> bool:
    """See that each task's solution was played; False when that was stopped."""
    folder = work.plays
    have = ways(folder) if (folder / "run.json").exists() else {}
    every = [Part(task, seed, 0, SOLUTION) for seed, some in work.setting.tasks.items() for task in some]
    parts = [part for part in every if (part.task.id, part.seed) not in have and part.task.solution is not None]
    if not parts:
        return True
    ask = replace(work.wish.ask, agent=SOLUTION)
    order = replace(make_order(ask, describe(ask, folder.name, every), folder), capture=True)
    jobs = [
        Job(part, playing(part.task, part.task.solution, SOLUTION), SOLUTION, condition=SOLUTION)
        for part in parts
        if part.task.solution is not None
    ]
    with Show(len(jobs)) as show:
        return _run(order, jobs, show)


def _linked(source: str, target: str) -> None:
    """A copy; of what is named by its content and so never written again, the same file, where the disk can."""
    if Path(source).parent.name in CONTENT:
        with suppress(OSError):
            Path(target).hardlink_to(source)
            return
    shutil.copyfile(source, target)


def _through(work: _Work, contender: Contender) -> None:
    """All of one agent: asked, seen to be ready, and put to work under each condition."""
    questions = _questions(work, contender)
    if questions is not None and questions.left:
        sys.stderr.write(f"handeye: {contender.slug}: {questions.cost}\n")
        if not put(questions):
            work.stopped = not work.purse.spent
            return
    left = list(_left(work, contender))
    if not left:
        return
    able = _ready(work, contender)
    with Show(sum(len(parts) for _, _, parts in left)) as show:
        for condition, folder, parts in left:
            if work.over():
                return
            show.console.print(Text(f"{contender.slug}: {condition or 'as in life'}"))
            if not _played(work, contender, condition, folder, parts, able, show):
                work.stopped = not work.purse.spent
                return


def _probed(work: _Work, contender: Contender) -> None:
    """Ask the agent about the screens on which it failed."""
    ask = work.wish.ask
    plan = study_probe.planned(work.out, contender, work.purse, ask.rules, jobs=ask.jobs) if work.wish.asked else None
    if plan is not None and plan.left:
        sys.stderr.write(f"handeye: {contender.slug}, about its failures: {plan.cost}\n")
        if not put(plan):
            work.stopped = not work.purse.spent


def _questions(work: _Work, contender: Contender) -> Questions | None:
    """What is left to ask the agent; None for nothing."""
    ask = work.wish.ask
    if not work.wish.asked:
        return None
    own = work.out / "bank"
    bank = own if (own / "bank.json").exists() else work.wish.bank or own
    return planned(bank, work.out, contender, work.purse, ask.rules, jobs=ask.jobs, blind=work.wish.blind)


def _left(work: _Work, contender: Contender) -> Iterator[tuple[str, Path, tuple[Part, ...]]]:
    """Each condition of which episodes are missing, with its run's folder."""
    for condition, parts in conditions(contender, work.setting).items():
        folder = work.out / "control" / contender.slug / condition_folder(condition)
        have = done(folder) if (folder / "run.json").exists() else set[tuple[str, int, int]]()
        if missing := without(parts, have):
            yield condition, folder, missing


def _ready(work: _Work, contender: Contender) -> Ready:
    """See that the agent may begin; it is calibrated once a study. Raises BadInput."""
    first = work.out / "control" / contender.slug / condition_folder("") / "run.json"
    before = calibrated(work.out, contender)
    if not before and first.exists():
        before = read_run(first.parent)[0].calibration
    made = _seen(work, contender, calibrate=work.wish.ask.rules.calibrate and not before)
    return replace(made, calibration=made.calibration or before)


def _seen(work: _Work, contender: Contender, *, calibrate: bool) -> Ready:
    ask = work.wish.ask
    rules = replace(ask.rules, priced=ask.allowance.usd is not None, calibrate=calibrate)
    agent = sample(parse(contender.spec))
    try:
        return ready(agent, work.study.size, rules, work.purse.pay)
    finally:
        agent.close()


def _played(
    work: _Work, contender: Contender, condition: str, folder: Path, parts: Sequence[Part], able: Ready, show: Show
) -> bool:
    """Play a condition's episodes; False when they were stopped before their end."""
    ask = replace(work.wish.ask, agent=contender.spec)
    run = changed(
        describe(ask, f"{contender.slug}-{condition_folder(condition)}", list(parts)),
        cards=able.cards, abouts=able.abouts, calibration=able.calibration,
    )  # fmt: skip
    run = changed(run, options={**run.options, "study": work.out.name, "condition": condition})
    order = make_order(ask, run, folder)
    order = replace(order, purse=work.purse, capture=_captured(condition), home=condition == "")
    jobs = [job(contender.spec, part, work.setting) for part in parts]
    return _run(order, jobs, show)


def _run(order: Order, jobs: Sequence[Job], show: Show) -> bool:
    """Play them into the run's folder, which is made if it is not there; False when it was stopped."""
    with hold(order.folder):
        if not (order.folder / "run.json").exists():
            begin_run(order.folder, order.run)
        return run_suite(order, jobs, show)


def _captured(condition: str) -> bool:
    """Whether the machine's state is kept: to judge a step alone by, and to ask about the screens that it came to."""
    return condition == "" or condition.startswith("step:")


def _stopped(work: _Work) -> int:
    spent = work.purse.spent
    more = " with a higher limit" if spent else ""
    sys.stderr.write(f"handeye: stopped{': ' + spent if spent else ''}; the same command goes on with it{more}\n")
    return VOID if spent else STOPPED


def _reported(work: _Work) -> int:
    """Write the report, and print what it says."""
    report(work.out)
    sys.stdout.write(f"study: {work.out}\n")
    return OK


def show_plan(work: _Work) -> None:
    """Print what will be done, and what it may cost, on stderr."""
    table = Table(box=box.SIMPLE_HEAD, title=f"study of {work.study.suite} in {work.out}")
    for name in ("agent", "conditions", "episodes", "questions", "model calls", "tokens", "USD"):
        table.add_column(name, justify="left" if name == "agent" else "right")
    total = Cost()
    for contender in work.study.agents:
        every = conditions(contender, work.setting)
        left = [part for _, _, parts in _left(work, contender) for part in parts]
        questions = _questions(work, contender)
        each = cost(contender, left, questions.cost if questions else None, work.setting, work.study.size)
        total += each
        note = " (it cannot be told anything while it acts: aids are left out)" if unable(contender) else ""
        table.add_row(Text(contender.slug + note), str(len(every)), *_amounts(each))
    table.add_row("all", "", *_amounts(total))
    console = paper()
    console.file = sys.stderr
    console.print(table)
    if not work.setting.ways:
        console.print("the solutions were not played yet: their lengths, and so these numbers, are guesses")
    if work.wish.asked and work.wish.bank is None and not (work.out / "bank" / "bank.json").exists():
        console.print("there is no bank yet: questions are counted once it is built")


def _amounts(each: Cost) -> tuple[str, ...]:
    usd = "unknown" if each.usd is None else f"{each.usd:,.2f}"
    return (f"{each.episodes:,}", f"{each.questions:,}", f"{each.calls:,}", f"{each.tokens:,}", usd)
