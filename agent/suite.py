"""A run: every task, seed and repeat played by one agent, several at once, and gone on with where it was left."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from agent.acting import Cast
from agent.budget import Purse
from agent.cast import Part
from agent.judging import name_of
from agent.loop import Bout, run_episode
from envs.desktop import Desktop
from envs.errors import DesktopFault
from envs.types import About, Size
from scoring.metrics import COUNTED, outcome
from scoring.record import FORMAT, AnyEvent, Ended, EventLog, Run, Started, read_run
from scoring.story import tell

ATTEMPTS = 2
"""How often an episode is played when its desktop breaks: once more, on a fresh one."""
GRACE = 5.0
"""Seconds that a stopped episode has to write its last line: waiting for a model's reply cannot be cut short."""


@dataclass(frozen=True)
class Job:
    """One episode that is to be played. `cast` makes its agent; `name` is what the log says of it."""

    part: Part
    cast: Cast
    agent: str
    label: str = ""
    """What tells it from others of the same task, seed and repeat: a part of its folder's name."""
    condition: str = ""
    """What is helped or changed: see `Started.condition`."""
    capture_from: int = 0
    """Where states are kept: how many decisions are spared, for what begins like another play."""


@dataclass(frozen=True)
class Order:
    """How a run is to be played: what the log does not need to tell of each episode."""

    run: Run
    folder: Path
    desktop: Callable[[], Desktop]
    spare: list[Desktop] = field(default_factory=list)
    """Desktops made already, to be used first."""
    every_step: bool = False
    audit: bool = False
    capture: bool = False
    home: bool = False
    solution_steps: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """Actions that a task's solution took for a seed, where that was measured."""
    purse: Purse = field(default_factory=Purse)
    """What the run may use, and what it has used."""


Watcher = Callable[[Job, str, AnyEvent], None]
"""Is told each line of each log as it is written, with the episode's name, from any thread: for showing it."""


def done(folder: Path) -> set[tuple[str, int, int]]:
    """The task, seed and repeat of each episode that counts: judged, or failed by the agent."""
    _, episodes = read_run(folder)
    stories = filter(None, (tell(each.name, each.lines) for each in episodes))
    return {
        (story.started.task, story.started.seed, story.started.repeat)
        for story in stories
        if outcome(story) in COUNTED
    }


def run_suite(order: Order, jobs: Sequence[Job], watcher: Watcher | None = None) -> bool:
    """Play the jobs and record them; False when it was stopped before their end, by hand or by its purse.

    The run's folder exists and is held by the caller. A bug of ours stops the run and is raised.
    """
    crew = _Crew(order, watcher or (lambda *_: None))
    for job in jobs:
        crew.jobs.put(job)
    workers = [
        threading.Thread(target=crew.work, name=f"episode-{number}", daemon=True)
        for number in range(min(order.run.jobs, len(jobs)))
    ]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        crew.halt()
        for worker in workers:
            worker.join(GRACE)
        crew.abandon()
    if crew.broken is not None:
        raise crew.broken
    return not (crew.stop.is_set() or crew.short or not crew.jobs.empty())


@dataclass
class _Crew:
    """The workers of a run: each takes the next job, on a desktop of its own."""

    order: Order
    watcher: Watcher
    jobs: queue.SimpleQueue[Job] = field(default_factory=queue.SimpleQueue)
    stop: threading.Event = field(default_factory=threading.Event)
    broken: BaseException | None = None
    short: bool = False
    """An episode was cut off because the purse is spent."""
    _desktops: list[Desktop] = field(default_factory=list)
    _logs: list[EventLog] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        """Play jobs until there are none, or the run is to stop."""
        desktop: Desktop | None = None
        try:
            while not self._over:
                job = self.jobs.get_nowait()
                for attempt in range(1, ATTEMPTS + 1):
                    desktop, again = self._play(job, desktop)
                    if not again or attempt == ATTEMPTS or self._over:
                        break
        except queue.Empty:
            pass
        except BaseException as err:  # noqa: BLE001 - raised again by the thread that waits for this one
            self.broken = self.broken or err
            self.halt()
        finally:
            self._close(desktop)

    @property
    def _over(self) -> bool:
        return self.stop.is_set() or bool(self.order.purse.spent)

    def _play(self, job: Job, desktop: Desktop | None) -> tuple[Desktop | None, bool]:
        """One attempt. Returns the desktop, if it is still of use, and whether the attempt is worth another."""
        with self._log(job) as log:
            try:
                desktop = desktop or self._open()
            except DesktopFault as fault:
                ended = Ended(how="desktop_fault", score=None, reason=str(fault), seconds=log.seconds)
                log.append(self._started(job, About(kind=self.order.run.desktop, image="", code="", size=SIZE)))
                log.append(ended)
            else:
                ended = run_episode(self._bout(job, desktop), desktop, log)
        broken = ended.how == "desktop_fault"
        self.short = self.short or (ended.how == "stopped" and not self.stop.is_set())
        if broken:
            self._close(desktop)
        return None if broken else desktop, broken

    def _bout(self, job: Job, desktop: Desktop) -> Bout:
        return Bout(
            task=job.part.task,
            started=self._started(job, desktop.about),
            cast=job.cast,
            stop=self.stop,
            every_step=self.order.every_step,
            audit=self.order.audit,
            capture=self.order.capture,
            capture_from=job.capture_from,
            home=self.order.home,
            purse=self.order.purse,
        )

    def _started(self, job: Job, about: About) -> Started:
        task = job.part.task
        return Started(
            format=FORMAT,
            utc=now(),
            suite=self.order.run.suite,
            task=task.id,
            goal=task.goal,
            seed=job.part.seed,
            repeat=job.part.repeat,
            agent=job.agent,
            desktop=about,
            axes=("control",)
            if task.stage
            else tuple(sorted({str(getattr(check, "axis", "control")) for check in task.checks})),
            checks=tuple(map(name_of, task.checks)),
            apps=task.apps,
            plan=task.plan,
            budget_steps=task.budget.steps,
            budget_seconds=task.budget.seconds,
            condition=job.condition,
            solution_steps=self.order.solution_steps.get((task.id, job.part.seed)),
        )

    @contextmanager
    def _log(self, job: Job) -> Iterator[EventLog]:
        with self._lock:
            folder = _fresh(self.order.folder / "episodes", _name(self.order.run.suite, job))
            log = EventLog(folder, partial(self.watcher, job, folder.name))
            self._logs.append(log)
        try:
            yield log
        finally:
            log.close()
            with self._lock:
                self._logs.remove(log)

    def _open(self) -> Desktop:
        with self._lock:
            desktop = self.order.spare.pop() if self.order.spare else None
        desktop = desktop or self.order.desktop()
        with self._lock:
            self._desktops.append(desktop)
        if self.stop.is_set():
            self._close(desktop)
        return desktop

    def _close(self, desktop: Desktop | None) -> None:
        if desktop is not None:
            with self._lock:
                self._desktops = [each for each in self._desktops if each is not desktop]
            desktop.close()

    def halt(self) -> None:
        """Stop: a desktop that is closed fails the call that its episode is waiting for."""
        self.stop.set()
        with self._lock:
            desktops = tuple(self._desktops)
        for desktop in desktops:
            desktop.close()

    def abandon(self) -> None:
        """Write the last line of episodes that did not come to it in time."""
        with self._lock:
            logs = tuple(self._logs)
        for log in logs:
            log.append(Ended(how="stopped", score=None, reason="stopped by hand", seconds=log.seconds))


SIZE = Size(width=1, height=1)
"""Of a desktop that never came to be."""


def now() -> str:
    """The time, as the record has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _name(suite: str, job: Job) -> str:
    task = job.part.task.id.removeprefix(f"{suite}/").partition("@")[0]
    parts = (task, job.label, f"s{job.part.seed}", f"r{job.part.repeat}")
    return re.sub(r"[^\w.-]+", "-", "-".join(part for part in parts if part)).strip("-.") or "episode"


def _fresh(folder: Path, name: str) -> Path:
    """A folder that is not there yet: a further attempt gets a number."""
    number = 1
    while (path := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return path
