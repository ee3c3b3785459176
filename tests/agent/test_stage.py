"""A task that is set up and judged by a stage of its own: when it is asked, and whose its faults are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chores import CORNER, Player, Reads, chore

from agent.acting import Player as Given
from agent.loop import Bout, run_episode
from envs.desktop import Desktop
from envs.errors import AgentFault, DesktopFault, EndpointFault, TaskFault
from envs.fake import FakeDesktop
from envs.types import Action, Click, Finish, Observation, Point, Scene, Size
from scoring.record import Acted, Ended, Episode, EventLog, How, Judged, Looked, Started, read
from scoring.verdict import Verdict
from tasks.base import Budget, Task

SIZE = Size(width=320, height=200)


@dataclass
class Recorded:
    """A stage that writes down what it is asked, and raises what it is told to."""

    said: list[object] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    setting: BaseException | None = None
    judging: BaseException | None = None
    since: float = -1.0
    verdicts: tuple[Verdict, ...] = (Verdict(check="all", score=0.5, expected="1", actual="0.5"),)

    def prepare(self, desktop: Desktop) -> Recorded:
        self.said.append("prepare")
        if self.setting:
            raise self.setting
        desktop.step(Click(at=Point(x=1, y=1)))
        return self

    def judge(self, how: How, last: Finish, since: float) -> tuple[Verdict, ...]:
        self.said.append((how, last))
        self.since = since
        if self.judging:
            raise self.judging
        return self.verdicts

    def close(self) -> None:
        self.said.append("close")


class Told(FakeDesktop):
    """A desktop that writes down what it is asked into a stage's list."""

    def __init__(self, said: list[object]) -> None:
        super().__init__(SIZE)
        self.said = said

    def reset(self, scene: Scene) -> Observation:
        self.said.append("reset")
        return super().reset(scene)

    def step(self, action: Action) -> Observation:
        self.said.append(action.__class__.__name__)
        return super().step(action)


def play(folder: Path, stage: Recorded, *decisions: tuple[Action, ...], **options: object) -> tuple[Ended, Episode]:
    task = Task(id="foreign/one", goal="Do it.", checks=(), stage=stage, budget=Budget(steps=3))
    desktop = Told(stage.said)
    started = Started(
        format=1, utc="2026-03-02T09:00:00Z", suite="foreign", task=task.id, goal=task.goal, seed=0, repeat=0,
        agent="player", desktop=desktop.about, axes=("control",), checks=(),
    )  # fmt: skip
    log = EventLog(folder / "run" / "episodes" / "one")
    cast: Callable = lambda probe: Given(Player(*decisions))  # noqa: E731
    ended = run_episode(Bout(task=task, started=started, cast=cast, **options), desktop, log)
    return ended, read(log.folder)


def test_a_stage_is_set_after_the_reset_and_seen_first_and_judges_once_at_the_end(tmp_path: Path) -> None:
    stage = Recorded(notes=("no window came",))
    ended, episode = play(tmp_path, stage, (CORNER,), (Finish(claim="infeasible"),), every_step=True)
    assert stage.said == [
        "reset", "prepare", "Click", "Wait", "Click", ("finished", Finish(claim="infeasible")), "close",
    ]  # fmt: skip
    assert 0 < stage.since < 60
    assert (ended.how, ended.score, ended.claim) == ("finished", 0.5, "infeasible")
    kinds = [type(line.event) for line in episode.lines]
    assert kinds.count(Looked) == 2, "the first look is of the stage, and the reset's is not recorded"
    assert kinds.count(Acted) == 1
    assert [line.event.final for line in episode.lines if isinstance(line.event, Judged)] == [True]
    assert (tmp_path / "run" / "episodes" / "one" / "stage.txt").read_text() == "no window came\n"


def test_a_stage_is_told_that_the_budget_ran_out(tmp_path: Path) -> None:
    stage = Recorded()
    ended, _ = play(tmp_path, stage, *[(CORNER,)] * 9)
    assert ended.how == "out_of_budget"
    assert ("out_of_budget", Finish(claim="failed")) in stage.said


FAULTS = [
    pytest.param(TaskFault("no file"), "task_fault", id="the task's"),
    pytest.param(DesktopFault("it broke"), "desktop_fault", id="the desktop's"),
    pytest.param(AgentFault("it was me"), "task_fault", id="an agent's, which it cannot be"),
    pytest.param(EndpointFault("busy"), "task_fault", id="an endpoint's, likewise"),
    pytest.param(ValueError("what"), "task_fault", id="an error of its own"),
    pytest.param(SystemExit(3), "task_fault", id="leaving"),
]


@pytest.mark.parametrize(("fault", "how"), FAULTS)
def test_what_a_stage_raises_while_it_is_set_is_never_the_agents(
    tmp_path: Path, fault: BaseException, how: str
) -> None:
    stage = Recorded(setting=fault)
    ended, _ = play(tmp_path, stage, (Finish(),))
    assert (ended.how, ended.score) == (how, None)
    assert stage.said == ["reset", "prepare"]


@pytest.mark.parametrize(("fault", "how"), FAULTS)
def test_what_a_stage_raises_while_it_judges_is_never_the_agents(
    tmp_path: Path, fault: BaseException, how: str
) -> None:
    stage = Recorded(judging=fault)
    ended, _ = play(tmp_path, stage, (Finish(),))
    assert (ended.how, ended.score) == (how, None)
    assert stage.said[-1] == "close"


def test_a_stage_is_told_when_nothing_was_done(tmp_path: Path) -> None:
    stage = Recorded()
    play(tmp_path, stage, (Finish(),))
    assert stage.since == math.inf


def test_a_stage_without_a_verdict_is_the_tasks_fault(tmp_path: Path) -> None:
    ended, _ = play(tmp_path, Recorded(verdicts=()), (Finish(),))
    assert (ended.how, ended.reason) == ("task_fault", "foreign/one: its stage gave no verdict")


def test_a_stage_is_closed_when_the_agent_breaks(tmp_path: Path) -> None:
    stage = Recorded()
    ended, _ = play(tmp_path, stage, ValueError("no"))  # type: ignore[arg-type]  # the player raises it
    assert ended.how == "agent_fault"
    assert stage.said[-1] == "close"


def test_a_stage_is_not_asked_to_prove_that_it_only_reads(tmp_path: Path) -> None:
    stage = Recorded()
    ended, _ = play(tmp_path, stage, (Finish(),), audit=True)
    assert ended.how == "task_fault"
    assert "which may act" in ended.reason
    assert stage.said == []


def test_a_task_has_either_checks_or_a_stage() -> None:
    with pytest.raises(ValueError, match="leave out its checks"):
        chore("milk", checks=(Reads(""),), stage=Recorded())
