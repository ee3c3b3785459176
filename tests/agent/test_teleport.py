"""Starting on the way: what is played before, what the agent is then given, and what it may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from chores import Player, Reads
from desk import GUESTS, SIZE, guest, solution
from test_loop import events, record

from agent.acting import Player as Cast
from agent.cast import Part, cast, playing
from agent.registry import Spec
from agent.suite import Job, Order, run_suite
from agent.teleport import Done, Way, led, teleported, ways
from envs.errors import BadInput
from envs.fake import FakeDesktop
from envs.types import Finish, Type, Wait
from scoring.record import Acted, Decided, Episode, Judged, Run, begin_run
from scoring.verdict import Verdict
from tasks.base import Budget, Task

WAY = Way(
    steps=(
        Done("click into the text", 1, points=True),
        Done("write Ada", 1, types=True),
        Done("write 41 after it", 1, types=True),
        Done("click Save", 1, points=True),
    ),
    needed=4,
)
TASK = guest(GUESTS[0])


def started(tmp_path: Path, condition: str, agent: Player | Spec, way: Way = WAY, task: Task = TASK):
    """An episode under the condition; how it ended, and its record."""
    part = teleported(Part(task, 0, 0, condition, len(way.steps)), way)
    of = cast(agent) if isinstance(agent, Spec) else lambda _: lambda probe: Cast(agent)
    return record(tmp_path, part.task, led(of, part), FakeDesktop(SIZE), every_step=True)


def own(episode: Episode) -> list[Decided]:
    return [each for each in events(episode, Decided) if not each.lead]


def lead(episode: Episode) -> list[str]:
    return [each.intent for each in events(episode, Decided) if each.lead]


@pytest.mark.parametrize("begun", range(5))
def test_the_first_steps_are_played_and_the_oracle_plays_the_rest(tmp_path: Path, begun: int) -> None:
    ended, episode = started(tmp_path, f"teleport:{begun}", Spec("oracle"))
    intents = [step.intent for step in WAY.steps]
    assert (ended.how, ended.score) == ("finished", 1.0)
    assert lead(episode) == intents[:begun]
    assert [each.intent for each in own(episode)] == [*intents[begun:], "done"]


def test_the_agent_sees_the_screen_that_the_lead_came_to(tmp_path: Path) -> None:
    agent = Player((Type(text=" 41"),), (Finish(),))
    started(tmp_path, "teleport:2", agent)
    whole = FakeDesktop(SIZE)
    whole.reset(TASK.scene)
    seen = [
        whole.step(action)
        for step in solution(GUESTS[0])(whole.probe)
        for action in step.actions[:1]
        if not isinstance(action, Finish)
    ]
    assert agent.seen[0].png == seen[1].png
    assert agent.seen[0].carried == 0
    assert agent.goal == TASK.goal


@pytest.mark.parametrize(
    ("begun", "most"),
    [pytest.param(k, 3 * (4 - k) + 2, id=f"{k} of 4 steps played") for k in range(5)],
)
def test_its_own_actions_are_three_times_what_is_left_and_two(tmp_path: Path, begun: int, most: int) -> None:
    ended, episode = started(tmp_path, f"teleport:{begun}", Player(*[(Wait(seconds=0),)] * 99))
    assert ended.how == "out_of_budget"
    assert len(own(episode)) == most
    assert len(events(episode, Acted)) == begun + most


def test_what_is_left_is_counted_in_actions_where_a_step_has_several() -> None:
    way = Way(steps=(Done("one", 1), Done("three", 3), Done("two", 2)), needed=3)
    budgets = [teleported(Part(TASK, 0, 0, f"teleport:{k}"), way).task.budget.steps for k in range(4)]
    assert budgets == [20, 17, 8, 2]


def test_tokens_and_time_of_the_task_still_hold() -> None:
    task = guest(GUESTS[0], budget=Budget(steps=12, seconds=60, tokens=5))
    budget = teleported(Part(task, 0, 0, "teleport:1"), WAY).task.budget
    assert (budget.seconds, budget.tokens) == (60, 5)


def test_it_is_judged_after_each_step_of_the_lead_too(tmp_path: Path) -> None:
    ended, episode = started(tmp_path, "teleport:4", Player((Finish(),)))
    assert ended.score == 1.0
    judged = [
        each for each in events(episode, Judged) if not each.final and each.verdict.check == "what the list reads"
    ]
    assert [each.verdict.met for each in judged if each.step][-2:] == [True, True]
    assert {each.step for each in judged} == {1, 2, 3, 4}


def test_one_step_alone_has_its_words_for_a_goal_and_three_actions(tmp_path: Path) -> None:
    agent = Player(*[(Wait(seconds=0),)] * 9)
    ended, episode = started(tmp_path, "step:2", agent)
    assert agent.goal == "write 41 after it"
    assert lead(episode) == ["click into the text", "write Ada"]
    assert (ended.how, len(own(episode))) == ("out_of_budget", 3)


def test_a_step_that_takes_more_than_three_actions_may_take_as_many() -> None:
    way = Way(steps=(Done("five", 5),), needed=1)
    assert teleported(Part(TASK, 0, 0, "step:0"), way).task.budget.steps == 5


def test_the_oracle_does_one_step_alone_and_stops(tmp_path: Path) -> None:
    _, episode = started(tmp_path, "step:1", Spec("oracle"))
    assert [each.intent for each in own(episode)] == ["write Ada", "done"]


@pytest.mark.parametrize("condition", ["teleport:5", "step:4"])
def test_beyond_the_end_nothing_can_start(condition: str) -> None:
    with pytest.raises(BadInput, match="has 4 steps"):
        teleported(Part(TASK, 0, 0, condition), WAY)


def test_a_solution_that_ends_sooner_than_it_did_is_the_tasks_fault(tmp_path: Path) -> None:
    way = Way(steps=(*WAY.steps, *WAY.steps), needed=8)
    ended, _ = started(tmp_path, "teleport:6", Player(), way)
    assert (ended.how, ended.score) == ("task_fault", None)
    assert "wanted 6 steps" in ended.reason


def test_a_solution_that_breaks_on_the_way_is_the_tasks_fault(tmp_path: Path) -> None:
    def broken(see: object):
        yield from list(solution(GUESTS[0])(see))[:1]  # type: ignore[arg-type]  # a probe
        raise KeyError("no such step")

    ended, _ = started(tmp_path, "teleport:2", Player(), task=guest(GUESTS[0], solution=broken))
    assert ended.how == "task_fault"


def test_without_a_start_nothing_is_played_before(tmp_path: Path) -> None:
    _, episode = started(tmp_path, "", Spec("oracle"))
    assert lead(episode) == []
    assert len(own(episode)) == 5


def run(folder: Path, task: Task, *, every_step: bool = True) -> dict[tuple[str, int], Way]:
    """The ways that are read off a run in which the task's solution was played."""
    asked = Run(
        format=1, id="x", utc="2026-03-02T09:00:00Z", handeye="0", suite="desk", agent="solution", desktop="fake",
        seeds=(0,), repeats=1, tasks=(task.id,), jobs=1, size=SIZE, options={},
    )  # fmt: skip
    begin_run(folder, asked)
    play = playing(task, task.solution, "solution")  # type: ignore[arg-type]  # it has one
    order = Order(asked, folder, lambda: FakeDesktop(SIZE), every_step=every_step, capture=True)
    assert run_suite(order, (Job(Part(task, 0, 0), play, "solution", condition="solution"),))
    return ways(folder)


def test_a_way_is_read_off_the_record_of_a_solution(tmp_path: Path) -> None:
    (key, way), = run(tmp_path, TASK).items()  # fmt: skip
    assert key == ("desk/ada@1", 0)
    assert (way.steps, way.needed) == (WAY.steps, WAY.needed)
    assert any(node.name == "Save" for node in way.first)


def further(words: str):
    def play(see: object):
        steps = list(solution(words)(see))  # type: ignore[arg-type]  # a probe
        yield from (*steps[:-1], *steps[:1], *steps[-1:])

    return play


def test_steps_after_it_is_complete_are_not_needed(tmp_path: Path) -> None:
    (way,) = run(tmp_path, guest(GUESTS[0], solution=further(GUESTS[0]))).values()
    assert (len(way.steps), way.needed) == (5, 4)


def test_all_steps_are_needed_where_it_was_not_judged_on_the_way(tmp_path: Path) -> None:
    (way,) = run(tmp_path, guest(GUESTS[0], solution=further(GUESTS[0])), every_step=False).values()
    assert (len(way.steps), way.needed) == (5, 5)


class Fails:
    name = "never"

    def __call__(self, probe: object, answer: str) -> Verdict:
        return Verdict(check=self.name, score=0.0, expected="", actual="")


def test_a_solution_that_did_not_pass_is_no_way(tmp_path: Path) -> None:
    assert run(tmp_path, guest(GUESTS[0], checks=(Reads("x"), Fails()))) == {}
