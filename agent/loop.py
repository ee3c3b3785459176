"""The one loop: look, decide, act, judge. Nothing else calls `desktop.step`, and faults are caught nowhere else."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from msgspec.structs import replace

from agent.acting import Actor, Cast, Help, Moment
from agent.budget import Meter, Purse
from agent.home import found
from agent.judging import Untouched, judge
from envs.desktop import Desktop
from envs.errors import AgentFault, BadInput, DesktopFault, EndpointFault, Fault, TaskFault
from envs.types import Action, Finish, Node, Observation, Wait
from scoring.record import Acted, Ended, EventLog, How, Judged, Started
from scoring.state import State, steadily
from scoring.verdict import Check, Verdict, score
from tasks.base import Prepared, Task


class Stopped(Exception):  # noqa: N818 - not an error: someone's wish
    """The run is to stop."""


class Spent(Exception):  # noqa: N818 - not an error: someone's wish
    """What the run may use is used up, says why. Episodes that need no more of it go on to their end."""


@dataclass(frozen=True)
class Bout:
    """What is played: a task, by whom, and how. `started` is what the log begins with.

    `every_step` judges after every action, which is recorded and not scored; `audit` proves that checks only read;
    `capture` keeps the machine's state beside each picture that the agent decides on, and the last; `capture_from`
    spares so many decisions, for what begins like another play. `home` keeps what it finds in the home folder and
    what it leaves there. `purse` is the run's.
    """

    task: Task
    started: Started
    cast: Cast
    stop: threading.Event = field(default_factory=threading.Event)
    every_step: bool = False
    audit: bool = False
    capture: bool = False
    capture_from: int = 0
    home: bool = False
    purse: Purse = field(default_factory=Purse)


def run_episode(bout: Bout, desktop: Desktop, log: EventLog) -> Ended:
    """Play it once and record it. Every fault ends as a line of the log that says whose it is."""
    ended = Ended(how="stopped", score=None, reason="stopped by hand")
    try:
        log.append(bout.started)
        ended = _Play(bout, desktop, log).through()
    except (Stopped, KeyboardInterrupt):
        bout.stop.set()
    except Spent as spent:
        ended = replace(ended, reason=f"the run's limit: {spent}")
    except Fault as fault:
        log.attach("fault.txt", "".join(traceback.format_exception(fault)))
        if not bout.stop.is_set():  # a desktop that is closed in order to stop fails the call that is pending
            ended = _blame(fault)
    except BadInput as wrong:
        log.append(replace(ended, reason=str(wrong)))
        raise
    ended = replace(ended, seconds=round(log.seconds, 6))
    try:
        log.append(ended)
    except DesktopFault as full:
        ended = replace(ended, how="desktop_fault", score=None, reason=str(full))
    return ended


def _blame(fault: Fault) -> Ended:
    reason = str(fault) or repr(fault)
    match fault:
        case AgentFault():
            return Ended(how="agent_fault", score=0.0, reason=reason, cause=fault.cause)
        case EndpointFault():
            return Ended(how="endpoint_fault", score=None, reason=reason)
        case TaskFault():
            return Ended(how="task_fault", score=None, reason=reason)
    return Ended(how="desktop_fault", score=None, reason=reason)


@dataclass
class _Play:
    """One episode while it runs."""

    bout: Bout
    desktop: Desktop
    log: EventLog
    steps: int = 0
    judged: tuple[Verdict, ...] | None = None
    """What the task's checks and milestones said after the last action, where they were asked."""
    kept: bool = False
    """Whether the state at the last picture has been recorded."""
    decisions: int = 0
    stage: Prepared | None = None
    acted: float = -math.inf
    """When the last action was over."""

    def through(self) -> Ended:
        """Look, decide, act until it is over, and judge the state that is left."""
        with ExitStack() as after:
            return self._played(self._see(lambda: self._set(after)))

    def _set(self, after: ExitStack) -> Observation:
        """The scene and the stage, and the first look at them."""
        task = self.bout.task
        if task.stage is None:
            return self.desktop.reset(task.scene)
        if self.bout.audit:
            raise TaskFault(f"{task.id} is judged by its stage, which may act: it cannot be shown that it only reads")
        self.desktop.reset(task.scene)
        with _the_tasks(task):
            self.stage = task.stage.prepare(self.desktop)
        after.callback(self.stage.close)
        if self.stage.notes:
            self.log.attach("stage.txt", "".join(f"{note}\n" for note in self.stage.notes))
        return self.desktop.step(Wait(seconds=0.0))

    def _played(self, seen: Observation) -> Ended:
        task = self.bout.task
        with Actor(self.bout.cast, self.desktop.probe, self.log, self.bout.purse) as agent:
            seen = self._led(agent, seen)
            self._look_round()
            before, meter = self.steps, Meter(task.budget)
            agent.begin(task.goal)
            carried = 0
            while not meter.spent:
                self._heed()
                self._afford()
                if self.decisions >= self.bout.capture_from:
                    self._keep()
                seen = replace(seen, carried=carried, elements=self._elements(agent))
                decision = agent.act(seen, self._help(agent, seen))
                self.decisions += 1
                meter.pay(decision.usage)
                for carried, action in enumerate(decision.actions):  # noqa: B007 - how far it came is told
                    if isinstance(action, Finish):
                        return self._judge("finished", action)
                    if meter.spent:
                        break
                    seen = self._act(action)
                    meter.steps = self.steps - before
                    if seen.refused:
                        break
                else:
                    carried = len(decision.actions)
            return self._judge("out_of_budget", Finish(claim="failed"), meter.spent)

    def _led(self, agent: Actor, seen: Observation) -> Observation:
        """Play what comes before the agent, if anything; returns the screen on which it begins."""
        for decision in agent.lead():
            for action in decision.actions:
                seen = self._act(action)
                if seen.refused:
                    raise TaskFault(f"{self.bout.task.id}: its solution was refused {action!r}: {seen.refused}")
        return seen

    def _help(self, agent: Actor, seen: Observation) -> Help | None:
        """What the agent is told besides what it sees, if it has a helper."""
        helper = agent.helper
        if helper is None:
            return None
        task = self.bout.task
        if task.stage is not None and "verdicts" in helper.needs:
            raise TaskFault(f"{task.id} is judged by its stage, once, at the end: nothing can be said on the way")
        said = self._standing() if "verdicts" in helper.needs else ()
        nodes: tuple[Node, ...] = ()
        if "nodes" in helper.needs:
            with _ours():
                nodes = self.desktop.probe.tree()
        now = Moment(seen, nodes, said[: len(task.checks)], said[len(task.checks) :])
        return helper.help(now)

    def _standing(self) -> tuple[Verdict, ...]:
        """What the task's checks, then its milestones say now."""
        if self.judged is None:
            task = self.bout.task
            self.judged = tuple(judge(task, (*task.checks, *task.milestones), self.desktop.probe, ""))
        return self.judged

    def _heed(self) -> None:
        if self.bout.stop.is_set():
            raise Stopped

    def _afford(self) -> None:
        if spent := self.bout.purse.spent:
            raise Spent(spent)

    def _act(self, action: Action) -> Observation:
        self._heed()
        self._afford()
        self.steps += 1
        self.log.append(Acted(step=self.steps, action=action))
        self.judged = None
        seen = self._see(lambda: self.desktop.step(action))
        self.acted = time.monotonic()
        if self.bout.every_step:
            task = self.bout.task
            self.judged = tuple(self._note((*task.checks, *task.milestones), "", final=False))
        return seen

    def _see(self, doing: Callable[[], Observation]) -> Observation:
        began = time.monotonic()
        with _ours():
            seen = doing()
        self.log.look(seen, time.monotonic() - began)
        self.kept = False
        return seen

    def _keep(self) -> None:
        if self.bout.capture and not self.kept:
            with _ours():
                state = steadily(self._state, self.desktop.probe.tree)
            self.log.capture(state)
            self.kept = True

    def _look_round(self) -> None:
        """Keep what is in the home folder."""
        if self.bout.home and (now := found(self.desktop.probe)) is not None:
            self.log.append(now)

    def _state(self) -> State:
        probe = self.desktop.probe
        told = probe.hit_test()
        return State(nodes=told.nodes, hits=told.hits, windows=probe.windows())

    def _elements(self, agent: Actor) -> tuple[Node, ...]:
        """The accessibility tree, for an agent that says that it reads it."""
        if "elements" not in agent.wants:
            return ()
        with _ours():
            return self.desktop.probe.tree()

    def _judge(self, how: How, last: Finish, reason: str = "") -> Ended:
        self._keep()
        final = self._checked(last) if self.stage is None else self._staged(self.stage, how, last)
        self._look_round()
        claim = last.claim if how == "finished" else ""
        return Ended(how=how, score=score(final), reason=reason, claim=claim, answer=last.answer)

    def _checked(self, last: Finish) -> list[Verdict]:
        """What the task's checks say; its milestones are asked too."""
        task, final = self.bout.task, list[Verdict]()
        if not task.checks:
            raise TaskFault(f"{task.id} has no checks")

        def judging() -> None:
            final.extend(self._note(task.checks, last.answer, final=True))
            self._note(task.milestones, last.answer, final=False)

        if self.bout.audit:
            Untouched(task, self.desktop.probe, lambda seconds: self.desktop.step(Wait(seconds=seconds))).around(
                judging
            )
        else:
            judging()
        return final

    def _staged(self, stage: Prepared, how: How, last: Finish) -> list[Verdict]:
        """What the task's stage says."""
        with _the_tasks(self.bout.task):
            verdicts = list(stage.judge(how, last, time.monotonic() - self.acted))
        if not verdicts:
            raise TaskFault(f"{self.bout.task.id}: its stage gave no verdict")
        self._heed()
        for verdict in verdicts:
            self.log.append(Judged(verdict=verdict, final=True, step=self.steps))
        return verdicts

    def _note(self, checks: tuple[Check, ...], answer: str, *, final: bool) -> list[Verdict]:
        verdicts = []
        for verdict in judge(self.bout.task, checks, self.desktop.probe, answer):
            self._heed()
            self.log.append(Judged(verdict=verdict, final=final, step=self.steps))
            verdicts.append(verdict)
        return verdicts


@contextmanager
def _the_tasks(task: Task) -> Iterator[None]:
    """What a stage raises that says nothing else is the task's fault, and never the agent's."""
    try:
        yield
    except (DesktopFault, TaskFault, BadInput):
        raise
    except (Exception, SystemExit) as err:
        raise TaskFault(f"{task.id}: its stage raised {err!r}") from err


@contextmanager
def _ours() -> Iterator[None]:
    """What a desktop raises that is not a fault yet is one of the desktop's."""
    try:
        yield
    except (Fault, BadInput):
        raise
    except Exception as err:
        raise DesktopFault(f"the desktop raised {err!r}") from err
