"""The numbers: what counts, what does not, and what is unknown."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from golden import start
from msgspec.structs import replace as changed

from envs.types import Called, Click, Finish, Point, Took
from scoring.metrics import calls, current, latency, mean_score, numbers, outcome, passed, steps, success, usage
from scoring.record import Decided, Looked
from scoring.stats import clustered_mean, quantile, share, spread, wilson
from scoring.story import Story, read, tell


@pytest.fixture(scope="module")
def stories(made: Path) -> dict[str, Story]:
    return {story.name: story for story in read(made)[1]}


def test_every_ending_counts_as_it_should(stories: dict[str, Story]) -> None:
    assert {name: outcome(story) for name, story in stories.items()} == {
        "archive-s0-r0": "void",
        "budget-s0-r0": "judged",
        "clip-s0-r0": "stopped",
        "letter-s0-r0": "judged",
        "mail-s0-r0": "agent_fault",
        "picture-s0-r0": "void",
        "picture-s0-r0-2": "judged",
    }


def test_endings_are_kept_apart(stories: dict[str, Story]) -> None:
    assert numbers(list(stories.values())).endings == {
        "passed": 2, "out of budget": 1, "raised": 1, "stopped": 1, "task fault": 1,
    }  # fmt: skip


def test_what_a_models_replies_were_worth_is_counted(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    log = start(tmp_path, "budget", "g")
    read_, mended = Called(model="m", seconds=3.0, waited=1.0, tries=3), Called(model="m", repaired=("a comma",))
    unread = Called(model="m", problem="no call", seconds=1.0)
    log.say(Decided(intent="", thought="", actions=(), seconds=4.0, calls=(unread, read_, mended)))
    story = tell("x", log.lines)
    assert story is not None
    made = calls([story])
    assert (made.count, made.unread, made.repaired, made.retried, made.waited) == (3, 1, 1, 2, 1.0)
    assert (made.seconds.total, made.seconds.median) == (3.0, 1.0)


def test_what_was_played_before_the_agent_began_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    log = start(tmp_path, "budget", "g")
    log.say(Decided(intent="", thought="", actions=(Click(),), seconds=0.0, lead=True))
    log.do(Click())
    log.decide("i", Click(), seconds=2.0)
    log.do(Click())
    log.end("finished", 1.0)
    story = tell("x", log.lines)
    assert story is not None
    assert (story.actions, story.led, story.own) == (2, 1, 1)
    assert steps([story]).all.median == 1.0
    assert steps([story]).against_solution.count == 0
    assert (latency([story]).model.median, latency([story]).step.count) == (2.0, 1)


def test_a_void_episode_is_shown_and_in_no_mean(stories: dict[str, Story]) -> None:
    made = numbers(list(stories.values()))
    assert (made.counts.judged, made.counts.agent_fault, made.counts.void, made.counts.stopped) == (3, 1, 1, 1)
    assert made.success.count == made.score.count == 4


def test_a_fault_of_the_agent_counts_as_a_failure(stories: dict[str, Story]) -> None:
    assert success([stories["budget-s0-r0"], stories["mail-s0-r0"]]).value == 0.5
    assert mean_score([stories["mail-s0-r0"]]).value == 0.0


def test_where_nothing_was_judged_nothing_is_known(stories: dict[str, Story]) -> None:
    made = numbers([stories["archive-s0-r0"], stories["clip-s0-r0"]])
    assert math.isnan(made.success.value)
    assert math.isnan(made.success.low)
    assert math.isnan(made.score.value)
    assert math.isnan(made.steps.all.median)
    assert made.axes == {}
    assert math.isnan(numbers([]).success.value)


def test_an_attempt_made_again_after_a_void_one_is_counted_once(stories: dict[str, Story]) -> None:
    names = [story.name for story in current(list(stories.values()))]
    assert "picture-s0-r0-2" in names
    assert "picture-s0-r0" not in names
    assert numbers(list(stories.values())).counts.superseded == 1


def test_nothing_is_tried_until_it_succeeds(stories: dict[str, Story]) -> None:
    failed, again = stories["mail-s0-r0"], stories["picture-s0-r0-2"]
    later = Story(**{**again.__dict__, "started": failed.started, "name": "mail-s0-r0-2"})
    assert [story.name for story in current([later, failed])] == ["mail-s0-r0"]


def test_steps_are_compared_with_the_solution_where_an_episode_passed(stories: dict[str, Story]) -> None:
    made = steps(list(stories.values()))
    assert made.against_solution.count == 2
    assert made.against_solution.median == pytest.approx((6 / 6 + 3 / 2) / 2)
    assert made.refused == 1


def test_the_word_that_it_is_over_is_no_step(stories: dict[str, Story]) -> None:
    assert stories["budget-s0-r0"].actions == 6
    assert isinstance(stories["budget-s0-r0"].turns[-1].action, Finish)


def test_a_steps_time_is_split_without_a_rest(stories: dict[str, Story]) -> None:
    for turn in stories["budget-s0-r0"].turns[:-1]:
        split = turn.split
        parts = split.model + split.act + split.settle + split.look + split.harness
        assert parts == pytest.approx(turn.ended - turn.began)
        assert split.harness == pytest.approx(0.013, abs=1e-6)


def test_deciding_on_several_actions_is_counted_once(stories: dict[str, Story]) -> None:
    turns = stories["budget-s0-r0"].turns
    assert [turn.split.model for turn in turns] == [3.2, 0.0, 1.1, 2.4, 0.0, 0.0, 0.8]
    assert latency([stories["budget-s0-r0"]]).model.count == 5


def test_judging_on_the_way_is_not_the_next_steps_time(stories: dict[str, Story]) -> None:
    type_, save = stories["budget-s0-r0"].turns[4:6]
    assert save.began == pytest.approx(type_.ended + 0.004)
    assert [judged.verdict.check for judged in type_.milestones] == ["the total is on the screen"]


def test_money_is_unknown_without_a_price_and_void_episodes_cost_too(stories: dict[str, Story]) -> None:
    assert usage([stories["mail-s0-r0"]]).usd is None
    made = usage(stories.values())
    assert made.usd == pytest.approx(0.024)
    assert made.input_tokens == 8000
    assert made.unpriced == made.decisions - 4


def test_a_log_without_its_first_line_tells_nothing(run: Path) -> None:
    log = run / "episodes" / "mail-s0-r0" / "events.jsonl"
    log.write_bytes(b'{"seq":0,"t":0.0,"eve')
    assert "mail-s0-r0" not in {story.name for story in read(run)[1]}


def test_a_torn_last_line_loses_one_line(run: Path) -> None:
    log = run / "episodes" / "mail-s0-r0" / "events.jsonl"
    log.write_bytes(log.read_bytes()[:-10])
    story = {story.name: story for story in read(run)[1]}["mail-s0-r0"]
    assert story.ended is None
    assert outcome(story) == "stopped"
    assert story.actions == 1


def test_an_action_that_killed_the_desktop_is_a_turn_without_a_picture(stories: dict[str, Story]) -> None:
    (turn,) = stories["picture-s0-r0"].turns
    assert turn.after is None
    assert turn.action == Click(at=Point(x=300, y=300))


def test_a_clock_that_runs_short_gives_no_negative_time(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    log = start(tmp_path, "budget", "g")
    log.decide("i", Click(), seconds=1.0)
    log.look(Took(act=5.0), after=0.1)
    story = tell("x", log.lines)
    assert story is not None
    assert all(turn.split.harness >= 0 for turn in story.turns)


def test_actions_after_one_that_was_refused_are_not_turns(stories: dict[str, Story]) -> None:
    letter = stories["letter-s0-r0"]
    assert [turn.number for turn in letter.turns] == list(range(1, 11))
    assert isinstance(letter.turns[0].after, Looked)
    assert isinstance(letter.turns[0].decided, Decided)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 12, 0.0, 0.2425), (12, 12, 0.7575, 1.0), (5, 10, 0.2366, 0.7634)],
    ids=["none of twelve", "twelve of twelve", "half of ten"],
)
def test_the_interval_is_wilsons(hits: int, count: int, low: float, high: float) -> None:
    made = share(hits, count)
    assert (made.low, made.high) == pytest.approx((low, high), abs=1e-4)


def repeated(story: Story, times: int) -> list[Story]:
    return [replace(story, started=changed(story.started, repeat=number)) for number in range(times)]


def test_success_is_as_sure_as_its_tasks_are_many(stories: dict[str, Story]) -> None:
    done, missed = stories["budget-s0-r0"], stories["letter-s0-r0"]
    assert (passed(done), passed(missed)) == (True, False)
    made = numbers([*repeated(done, 10), *repeated(missed, 10)])
    two = wilson(0.5, 2)
    assert (made.success.value, made.success.count, made.success.method) == (0.5, 20, "cluster-Wilson")
    assert (made.success.low, made.success.high) == pytest.approx((two.low, two.high))
    once = success([done, missed])
    assert (once.low, once.high) == pytest.approx((share(1, 2).low, share(1, 2).high))


def test_a_row_of_one_task_is_as_sure_as_its_episodes_are_many(stories: dict[str, Story]) -> None:
    (row,) = numbers(repeated(stories["budget-s0-r0"], 10)).by_task
    assert (row.success.low, row.success.high) == pytest.approx((share(10, 10).low, 1.0))


def test_repeats_of_one_task_give_no_certainty() -> None:
    many = clustered_mean({"one": [1.0] * 50})
    assert (many.value, many.count) == (1.0, 50)
    assert (many.low, many.high) == pytest.approx((share(1, 1).low, 1.0))
    assert clustered_mean({"one": [0.0, 1.0] * 9}).low == 0.0
    two = clustered_mean({"one": [1.0] * 50, "two": [0.0] * 50})
    assert (two.low, two.high) == (0.0, 1.0)
    assert clustered_mean({"a": [1.0], "b": [0.5], "c": [0.0]}) == clustered_mean(
        {"c": [0.0], "b": [0.5], "a": [1.0]}
    )


def test_quantiles_lie_between_neighbours() -> None:
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert spread([5.0]).p95 == 5.0
    assert math.isnan(spread([]).mean)
