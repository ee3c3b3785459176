"""A run's purse: a limit of tokens or money at which the run stops, and can be gone on with."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from chores import Player, chore

from agent import asking
from agent.acting import Player as Given
from agent.asking import Ask, begin, resume
from agent.base import Decision, Usage
from agent.budget import Allowance, Limits, Purse
from agent.cast import Part
from agent.cli import run
from agent.suite import Job, Order, run_suite
from envs.errors import AgentFault, BadInput
from envs.fake import FakeDesktop
from envs.types import Called, Finish, Press, Size, Type, Wait
from scoring.record import read_run
from scoring.story import read

HERE = Path(__file__).parent
SIZE = Size(width=320, height=200)
FAKE = ("--desktop", "fake", "--size", "320x200")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(HERE)


def ask(**changes: object) -> Ask:
    return replace(Ask(suite="chores:suite", agent="idle", desktop="fake", size=SIZE), **changes)


def play(folder: Path, purse: Purse, *players: Player, at_once: int = 1) -> bool:
    jobs = [Job(Part(chore("milk"), 0, number), _cast(each), "player") for number, each in enumerate(players)]
    run = asking.describe(ask(jobs=at_once, allowance=purse.most, repeats=len(jobs)), folder.name, [jobs[0].part])
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(msgspec.json.encode(run))
    return run_suite(Order(run=run, folder=folder, desktop=lambda: FakeDesktop(SIZE), purse=purse), jobs)


def _cast(player: Player):
    return lambda probe: Given(player)


def looks(count: int) -> Player:
    return Player(*[(Wait(seconds=0),)] * count)


def hows(folder: Path) -> Counter[str]:
    return Counter(story.ended.how for story in read(folder)[1] if story.ended)


def decided(folder: Path) -> int:
    return sum(len(story.decisions) for story in read(folder)[1])


@pytest.mark.parametrize(
    ("most", "paid", "reason"),
    [
        pytest.param(Allowance(tokens=25), 3, "the run's limit: 30 tokens used, of 25", id="tokens"),
        pytest.param(Allowance(usd=0.02), 2, "the run's limit: 0.0200 USD used, of 0.02", id="money, to the cent"),
    ],
)
def test_a_spent_purse_cuts_the_episode_off_and_begins_no_other(
    tmp_path: Path, most: Allowance, paid: int, reason: str
) -> None:
    assert not play(tmp_path / "run", Purse(most), looks(5), looks(5))
    _, (story,) = read(tmp_path / "run")
    assert (story.ended.how, story.ended.score, story.ended.reason) == ("stopped", None, reason)
    assert decided(tmp_path / "run") == paid


def test_the_decision_that_spends_the_purse_is_not_carried_out_any_more(tmp_path: Path) -> None:
    play(tmp_path / "run", Purse(Allowance(tokens=10)), Player((Type(text="milk"), Press(keys=("ctrl", "s")))))
    _, (story,) = read(tmp_path / "run")
    assert story.turns == ()


def test_an_episode_that_ends_as_the_purse_is_spent_is_judged_and_the_run_whole(tmp_path: Path) -> None:
    assert play(tmp_path / "run", Purse(Allowance(tokens=10)), Player((Finish(),)))
    assert hows(tmp_path / "run") == {"finished": 1}


def test_episodes_at_once_spend_at_most_one_decision_each_beyond_the_limit(tmp_path: Path) -> None:
    purse = Purse(Allowance(tokens=100))
    assert not play(tmp_path / "run", purse, *[looks(6) for _ in range(8)], at_once=4)
    assert 100 <= purse.tokens <= 100 + 3 * 10
    assert decided(tmp_path / "run") * 10 == purse.tokens


def test_calls_that_led_to_a_fault_are_paid_for_and_recorded(tmp_path: Path) -> None:
    fault = AgentFault("it cannot be read", cause="unreadable")
    fault.calls = (
        Called(model="m", input_tokens=30, output_tokens=2, cached_tokens=8, usd=0.5),
        Called(model="m", problem="the connection was lost"),
    )
    purse = Purse()
    play(tmp_path / "run", purse, Player(fault))
    assert (purse.tokens, purse.usd, purse.unpriced) == (32, 0.5, False)
    _, (story,) = read(tmp_path / "run")
    (led,) = story.decisions
    assert (led.input_tokens, led.output_tokens, led.cached_tokens, led.usd) == (30, 2, 8, 0.5)


@pytest.mark.parametrize("limits", ["run", "episode"])
def test_a_limit_in_dollars_stops_at_tokens_without_a_price(tmp_path: Path, limits: str) -> None:
    free = Decision(actions=(Wait(seconds=0),), usage=Usage(output_tokens=5))
    player = Player(free, free)
    if limits == "run":
        assert not play(tmp_path / "run", Purse(Allowance(usd=9.0)), player)
    else:
        task = chore("milk")
        part = Part(replace(task, budget=Limits(usd=9.0).on(task.budget)), 0, 0)
        run = asking.describe(ask(), "run", [part])
        run_suite(
            Order(run=run, folder=tmp_path / "run", desktop=lambda: FakeDesktop(SIZE)),
            [Job(part, _cast(player), "player")],
        )
        (tmp_path / "run" / "run.json").write_bytes(msgspec.json.encode(run))
    _, (story,) = read(tmp_path / "run")
    assert "tokens used without a known price, of 9 USD" in story.ended.reason
    assert decided(tmp_path / "run") == 1


def test_a_run_that_is_gone_on_with_counts_what_it_used_and_may_be_given_more(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    plan = begin(ask(allowance=Allowance(tokens=25)), folder)
    play(folder, plan.order.purse, looks(5), looks(5))
    (folder / "run.json").write_bytes(msgspec.json.encode(plan.order.run))
    with pytest.raises(BadInput, match="has used what it may: 30 tokens used, of 25; give it more, by --max-tokens"):
        resume(folder)
    again = resume(folder, allowance=Allowance(tokens=45))
    assert (again.order.purse.tokens, again.order.purse.most.tokens) == (30, 45)
    assert len(again.jobs) == 3


def test_the_command_says_which_limit_was_reached_and_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("run", "chores:suite", "--agent", "chores:Player", *FAKE, "--out", "r", "--max-tokens", "15")
    assert run([*words]) == 1
    out, err = capsys.readouterr()
    assert (
        "handeye: stopped: 20 tokens used, of 15; go on with `handeye run --resume r` and a higher --max-tokens"
        in err
    )
    assert "run: r" in out
    assert len(read_run(Path("r"))[1]) == 2
    assert json.loads(Path("r/run.json").read_text())["options"]["run_tokens"] == "15"
    assert run(["run", "--resume", "r"]) == 2
    assert run(["run", "--resume", "r", "--max-tokens", "1000"]) == 0
