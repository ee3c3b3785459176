"""Agents with planted faults: that they err as they are said to, where they are said to, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from desk import GUESTS, SIZE, guest, solution, suite
from test_loop import events, record
from test_teleport import WAY, own

from agent import conformance
from agent.aids import helped, others
from agent.backends.planted import Faulty, Rates, dissociated, misread, planted
from agent.base import Answer, Asked, Decision, Planting, episode_key
from agent.cast import Part, cast
from agent.registry import Spec, parse
from agent.teleport import led, teleported
from envs.errors import BadInput
from envs.fake import FakeDesktop
from envs.types import Click, Finish, Point, Type
from scoring.record import Acted, Decided, Ended, Episode
from tasks.base import Task

TASK = guest(GUESTS[0])
NEEDS = {"ground": 2, "plan": 4, "read": 2, "stop": 1}
"""How often each channel is needed in the solution of `desk`: two clicks, four steps, two texts, one end."""
AID = {"ground": "G", "plan": "P", "read": "S", "stop": "V"}
MADE = {"planted": planted, "dissociated": dissociated}


def episode(
    folder: Path, spec: str, condition: str = "", repeat: int = 0, task: Task = TASK
) -> tuple[Ended, Episode]:
    """An episode of the agent under the condition, on a desktop of its own."""
    part = teleported(Part(task, 0, repeat, condition), WAY)
    desktop = FakeDesktop(SIZE)
    desktop.reset(guest(GUESTS[1]).scene)
    first = {f"desk/{name}@1": desktop.probe.tree() for name in ("ada", "bo", "cleo", "dag")}
    foreign = others(task, tuple(suite(0)), first)
    of = cast(parse(spec))
    made = led(lambda each: helped(of, each, foreign), part)
    return record(folder / f"{condition} {repeat}", part.task, made, FakeDesktop(SIZE), every_step=True)


def acts(played: Episode) -> list[object]:
    return [each.action for each in events(played, Acted)]


def right() -> list[object]:
    desktop = FakeDesktop(SIZE)
    desktop.reset(TASK.scene)
    steps = solution(GUESTS[0])(desktop.probe)
    return [action for step in steps for action in step.actions if not isinstance(action, Finish)]


@pytest.mark.parametrize("name", MADE)
def test_they_are_proper_agents(name: str) -> None:
    def play() -> Iterator[Decision]:
        yield Decision(actions=(Click(at=Point(x=5, y=5)),), intent="click")
        yield Decision(actions=(Type(text="milk"),), intent="type")

    assert conformance.check(lambda: MADE[name](Planting(play()), ground=0.5, plan=0.5, read=0.5, stop=0.5)) == []


@pytest.mark.parametrize("name", MADE)
def test_without_faults_they_play_the_solution(tmp_path: Path, name: str) -> None:
    ended, played = episode(tmp_path, name)
    assert (ended.how, ended.score, ended.claim) == ("finished", 1.0, "done")
    assert acts(played) == right()


@pytest.mark.parametrize("channel", NEEDS)
@pytest.mark.parametrize("name", MADE)
def test_an_error_is_fatal_and_it_says_that_it_is_done(tmp_path: Path, name: str, channel: str) -> None:
    ended, _ = episode(tmp_path, f"{name}({channel}=1)")
    assert (ended.how, ended.score, ended.claim) == ("finished", 0.0, "done")


def test_a_fault_of_pointing_clicks_something_else_that_can_be_clicked(tmp_path: Path) -> None:
    _, played = episode(tmp_path, "planted(ground=1)")
    (done,) = acts(played)
    desktop = FakeDesktop(SIZE)
    desktop.reset(TASK.scene)
    boxes = {node.name: node.box for node in desktop.probe.tree() if node.box is not None and node.role != "frame"}
    hit = [name for name, box in boxes.items() if isinstance(done, Click) and box.centre == done.at]
    assert hit in (["Save"], ["Close"], ["Editor"])
    assert done != right()[0]


def test_a_fault_of_planning_leaves_a_step_out_or_does_one_again(tmp_path: Path) -> None:
    seen = set()
    for repeat in range(60):
        _, played = episode(tmp_path, "planted(plan=0.4)", repeat=repeat)
        done, wanted = acts(played), right()
        kept = next((n for n, (one, other) in enumerate(zip(done, wanted, strict=False)) if one != other), None)
        if done == wanted:
            continue
        seen.add("again" if kept is not None else "left out")
        assert done == wanted[: len(done)] or (done[:-1] == wanted[: len(done) - 1] and done[-1] == done[-2])
    assert seen == {"again", "left out"}


def test_a_fault_of_reading_types_something_else_of_the_same_length(tmp_path: Path) -> None:
    _, played = episode(tmp_path, "planted(read=1)")
    click, typed = acts(played)
    assert click == right()[0]
    assert isinstance(typed, Type)
    assert typed.text != "Ada"
    assert len(typed.text) == 3


@pytest.mark.parametrize("text", ["41", "x", "Ada 41\n", "Åse", "a.b@c"])
def test_what_is_misread_differs_in_one_sign(text: str) -> None:
    for seed in range(20):
        wrong = misread(text, Random(seed))
        assert len(wrong) == len(text)
        assert sum(one != other for one, other in zip(wrong, text, strict=True)) == 1


def test_a_fault_of_stopping_stops_one_step_early(tmp_path: Path) -> None:
    _, played = episode(tmp_path, "planted(stop=1)")
    assert acts(played) == right()[:-1]


def test_where_nothing_is_left_to_stop_early_it_goes_on_and_spoils_it(tmp_path: Path) -> None:
    ended, played = episode(tmp_path, "planted(stop=1)", "teleport:4")
    assert acts(played)[:4] == right()
    assert len(acts(played)) == 6
    assert ended.score == 0.0


@pytest.mark.parametrize("channel", NEEDS)
def test_the_aid_of_a_channel_removes_its_fault_and_no_other_aid_or_placebo_does(
    tmp_path: Path, channel: str
) -> None:
    spec = f"planted({channel}=1)"
    aid = AID[channel]
    every = ("", "G", "P", "V", "S", *(f"{each}:placebo" for each in "GPVS"))
    scores = {condition: episode(tmp_path, spec, condition)[0].score for condition in every}
    assert scores == {condition: float(condition == aid) for condition in every}
    together = episode(tmp_path, spec, "GPV")[0].score
    assert together == float(aid in "GPV")


def test_an_aid_that_does_not_arrive_removes_nothing() -> None:
    play = iter([Decision(actions=(Click(at=Point(x=5, y=5)),), intent="click")])
    agent = planted(Planting(play, "key", aids=frozenset("G")), ground=1.0)
    decision = agent.act(conformance.seen(SIZE), "A plan of how it can be done:")
    assert isinstance(decision.actions[-1], Finish)


@pytest.mark.parametrize("channel", NEEDS)
def test_success_is_the_product_of_its_rates(tmp_path: Path, channel: str) -> None:
    episodes, rate = 120, 0.25
    passed = sum(
        episode(tmp_path, f"planted({channel}={rate})", repeat=repeat)[0].score == 1.0 for repeat in range(episodes)
    )
    q = (1 - rate) ** NEEDS[channel]
    assert abs(passed - episodes * q) < 4 * (episodes * q * (1 - q)) ** 0.5


def test_faults_differ_by_repeat_and_condition_and_are_the_same_again(tmp_path: Path) -> None:
    spec = "planted(plan=0.3, ground=0.3)"

    def outcomes(folder: str, condition: str) -> list[float | None]:
        return [episode(tmp_path / folder, spec, condition, repeat)[0].score for repeat in range(24)]

    life = outcomes("one", "")
    assert life == outcomes("again", "")
    assert len(set(life)) == 2
    assert outcomes("one", "V") != life


def test_one_step_alone_has_no_end_that_could_be_missed(tmp_path: Path) -> None:
    for begun in range(4):
        _, played = episode(tmp_path, "planted(stop=1)", f"step:{begun}")
        assert acts(played) == right()[: begun + 1]
        assert [each.intent for each in own(played)] == [WAY.steps[begun].intent, "done"]


def test_no_fault_makes_an_episode_void(tmp_path: Path) -> None:
    for repeat in range(40):
        ended, _ = episode(tmp_path, "planted(ground=0.3, plan=0.3, read=0.3, stop=0.3)", repeat=repeat)
        assert ended.how == "finished"
        assert ended.score is not None


def asked(rung: str, number: int = 0, **more: object) -> Asked:
    fields = {"key": f"{rung} {number}", "rung": rung, "right": "A", "wrong": ("B", "C", "D")}
    return Asked(**(fields | more))  # type: ignore[arg-type]  # as the fields are


def right_share(agent: Faulty, rung: str, **more: object) -> float:
    answers = [agent.answer(asked(rung, number, **more)).text for number in range(800)]
    assert set(answers) <= {f"ANSWER: {letter}" for letter in "ABCD"}
    return answers.count("ANSWER: A") / len(answers)


@pytest.mark.parametrize(
    ("rung", "channel"), [("L0", "read"), ("L1", "ground"), ("L2", "plan"), ("L3", "plan"), ("L4", "stop")]
)
def test_asked_it_errs_in_the_channel_of_the_rung(rung: str, channel: str) -> None:
    faulty = planted(Planting(iter(())), **{channel: 0.3})
    others_ = planted(Planting(iter(())), **{each: 1.0 for each in NEEDS if each != channel})
    assert abs(right_share(faulty, rung) - 0.7) < 4 * (0.21 / 800) ** 0.5
    assert right_share(others_, rung) == 1.0


def test_the_dissociated_one_knows_it_all_and_fails(tmp_path: Path) -> None:
    agent = dissociated(Planting(iter(())), ground=1.0, plan=1.0, read=1.0, stop=1.0)
    assert [right_share(agent, rung) for rung in ("L0", "L1", "L2", "L3", "L4")] == [1.0] * 5
    assert episode(tmp_path, "dissociated(ground=1)")[0].score == 0.0


def test_blind_it_guesses() -> None:
    share = right_share(planted(Planting(iter(()))), "L2", blind=True)
    assert abs(share - 0.25) < 4 * (0.1875 / 800) ** 0.5


def test_about_its_own_screens_it_errs_exactly_where_it_acted_wrongly(tmp_path: Path) -> None:
    spec = "planted(plan=0.25)"
    for repeat in range(25):
        ended, played = episode(tmp_path, spec, repeat=repeat)
        agent = cast_answerer(spec)
        key = episode_key(TASK.id, 0, repeat, "")
        steps = [
            each
            for each in events(played, Decided)
            if not isinstance(each.actions[0], Finish) or each.intent != "done"
        ]
        wrong = [
            place
            for place in range(len(steps))
            if agent.answer(asked("L3", episode=key, step=place)).text != "ANSWER: A"
        ]
        assert wrong == ([] if ended.score else [len(steps) - 1])


def cast_answerer(spec: str) -> Faulty:
    options = {key: float(str(value)) for key, value in parse(spec).options.items()}
    return planted(Planting(iter(())), **options)


def test_it_answers_nothing_without_being_told_the_truth() -> None:
    answer = planted(Planting(iter(()))).ask((), "Which is it?")
    assert isinstance(answer, Answer)
    assert "planted faults" in answer.problem


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(BadInput, match="must be from 0 to 1"):
        planted(Planting(iter(())), ground=rate)


def test_an_agent_that_errs_in_nothing_needs_no_tree() -> None:
    assert Faulty("x", Planting(iter(())), Rates(), Rates(), 0).wants == ()
    assert planted(Planting(iter(())), ground=0.1).wants == ("elements",)


def test_the_command_line_knows_them() -> None:
    from agent.registry import names

    assert {"planted", "dissociated"} <= set(names("agents"))
    assert str(parse("planted(ground=0.2)")) == str(Spec("planted", {"ground": 0.2}))
