"""A run: all of it is played, it can be gone on with after any end, and several at once do not disturb each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from chores import WORDS, Flaky, Lagging, Player, chore, types

from agent import asking
from agent.acting import Player as Given
from agent.asking import Ask, begin, resume
from agent.cast import Part, playing
from agent.suite import Job, Order, run_suite
from envs.errors import BadInput
from envs.fake import FakeDesktop
from envs.settle import until
from envs.types import Finish, Size, Wait
from scoring.metrics import outcome
from scoring.record import Ended, read_run
from scoring.story import read

HERE = Path(__file__).parent
SIZE = Size(width=320, height=200)
HEARS_CTRL_C = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from agent.main import main
sys.exit(main())
"""
"""The command; what a shell's background job starts would ignore Ctrl-C."""


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(HERE)


def ask(**changes: object) -> Ask:
    return replace(Ask(suite="chores:suite", agent="oracle", desktop="fake", size=SIZE), **changes)


def play(folder: Path, jobs: list[Job], desktop, at_once: int = 1) -> bool:
    run = asking.describe(ask(jobs=at_once), folder.name, [job.part for job in jobs])
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(msgspec.json.encode(run))
    return run_suite(Order(run=run, folder=folder, desktop=desktop), jobs)


def oracle(word: str, repeat: int = 0) -> Job:
    part = Part(chore(word), seed=0, repeat=repeat)
    return Job(part, playing(part.task, types(word), "oracle"), "oracle")


def hows(folder: Path) -> Counter[str]:
    return Counter(story.ended.how if story.ended else "cut off" for story in read(folder)[1])


def test_every_task_seed_and_repeat_is_played_once(tmp_path: Path) -> None:
    plan = begin(ask(seeds=(0, 3), repeats=2), tmp_path / "run")
    assert len(plan.jobs) == 12
    assert play(tmp_path / "run", list(plan.jobs), plan.order.desktop)
    run, stories = read(tmp_path / "run")
    assert len(stories) == 12
    played = {(story.started.task, story.started.seed, story.started.repeat) for story in stories}
    assert played == {(task, seed, repeat) for task in run.tasks for seed in (0, 3) for repeat in (0, 1)}
    assert all(story.ended and story.ended.score == 1.0 for story in stories)


def test_several_at_once_each_have_a_desktop_of_their_own_and_do_not_disturb_each_other(tmp_path: Path) -> None:
    desktops: list[FakeDesktop] = []

    def make() -> FakeDesktop:
        desktops.append(Lagging(SIZE))
        return desktops[-1]

    jobs = [oracle(word, repeat) for repeat in range(4) for word in WORDS]
    assert play(tmp_path / "run", jobs, make, at_once=4)
    assert len(desktops) == 4
    assert hows(tmp_path / "run") == {"finished": 24}
    assert all(story.ended and story.ended.score == 1.0 for story in read(tmp_path / "run")[1])
    for desktop in desktops:
        with pytest.raises(Exception, match="it was closed"):
            desktop.step(Wait(seconds=0))


def test_an_episode_whose_desktop_breaks_is_played_once_more_on_a_fresh_one_and_both_are_recorded(
    tmp_path: Path,
) -> None:
    assert play(tmp_path / "run", [oracle("milk")], Flaky(breaking=1))
    _, stories = read(tmp_path / "run")
    assert [(story.name, outcome(story)) for story in stories] == [
        ("chores-milk-s0-r0", "void"),
        ("chores-milk-s0-r0-2", "judged"),
    ]


def test_an_episode_whose_desktop_breaks_twice_is_void_and_the_next_goes_on(tmp_path: Path) -> None:
    assert play(tmp_path / "run", [oracle("milk"), oracle("eggs")], Flaky(breaking=2))
    assert hows(tmp_path / "run") == {"desktop_fault": 2, "finished": 1}


def test_a_desktop_that_cannot_be_made_leaves_a_void_episode(tmp_path: Path) -> None:
    from envs.errors import Gone

    def make() -> FakeDesktop:
        raise Gone("the desktop did not start")

    assert play(tmp_path / "run", [oracle("milk")], make)
    assert hows(tmp_path / "run") == {"desktop_fault": 2}


def test_a_bug_of_ours_stops_the_run_and_is_raised(tmp_path: Path) -> None:
    def make() -> FakeDesktop:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play(tmp_path / "run", [oracle("milk"), oracle("eggs")], make)


def test_an_agent_that_asks_for_what_cannot_be_stops_the_run(tmp_path: Path) -> None:
    def no_key(probe: object) -> Given:
        raise BadInput("no key is set; set MODEL_KEY")

    part = Part(chore("milk"), 0, 0)
    with pytest.raises(BadInput, match="set MODEL_KEY"):
        play(tmp_path / "run", [Job(part, no_key, "a")], lambda: FakeDesktop(SIZE))
    assert hows(tmp_path / "run") == {"stopped": 1}


def test_resuming_plays_what_is_missing_or_void_and_repeats_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    plan = begin(ask(), folder)
    assert play(folder, [plan.jobs[0]], Flaky(breaking=0))
    fault = Job(plan.jobs[1].part, lambda probe: Given(Player(ValueError("x"))), "oracle")
    void = Job(plan.jobs[2].part, playing(chore("rice"), lambda see: 7, "bad"), "oracle")
    run_suite(Order(run=plan.order.run, folder=folder, desktop=plan.order.desktop), [fault, void])
    assert hows(folder) == {"finished": 1, "agent_fault": 1, "task_fault": 1}

    again = resume(folder)
    assert [job.part.task.id for job in again.jobs] == ["chores/rice@1"]
    assert not again.fresh
    run_suite(again.order, again.jobs)
    assert hows(folder) == {"finished": 2, "agent_fault": 1, "task_fault": 1}
    assert resume(folder).jobs == ()


def test_resuming_keeps_what_the_run_was_asked_for(tmp_path: Path) -> None:
    from agent.budget import Limits

    asked = ask(
        agent="random(seed=4)", globs=("milk", "eggs"), seeds=(1, 2), repeats=2, every_step=True, jobs=3,
        limits=Limits(steps=5, seconds=7.5, tokens=9, usd=0.5),
    )  # fmt: skip
    plan = begin(asked, tmp_path / "run")
    play(tmp_path / "run", [], plan.order.desktop)
    (tmp_path / "run" / "run.json").write_bytes(msgspec.json.encode(plan.order.run))
    again = resume(tmp_path / "run")
    assert again.order.run == plan.order.run
    assert again.order.every_step
    assert [job.part.task.budget for job in again.jobs] == [job.part.task.budget for job in plan.jobs]
    assert again.jobs[0].part.task.budget.steps == 5
    assert resume(tmp_path / "run", jobs=7).order.run.jobs == 7


def test_a_run_whose_task_is_no_more_is_not_resumed(tmp_path: Path) -> None:
    plan = begin(ask(), tmp_path / "run")
    play(tmp_path / "run", list(plan.jobs), plan.order.desktop)
    path = tmp_path / "run" / "run.json"
    path.write_bytes(path.read_bytes().replace(b"chores/milk@1", b"chores/milk@0"))
    with pytest.raises(BadInput, match="has chores/milk@0, which the suite chores:suite no longer has"):
        resume(tmp_path / "run")


def command(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, *words],
        cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def slow(folder: Path, sign: Path) -> subprocess.Popen[str]:
    """A run whose third task takes for ever; returns once that has begun."""
    process = command(
        *("run", "chores:endless", "--agent", f'chores:Slow(sign="{sign}")', "--desktop", "fake"),
        *("--size", "320x200", "--out", str(folder)),
    )
    assert until(lambda: sign.exists() or process.poll() is not None, deadline=60)
    assert process.poll() is None, process.communicate()
    return process


def go_on(folder: Path, sign: Path) -> None:
    """Resume, with the slow task slow no more."""
    Path(f"{sign}.go").touch()
    process = command("run", "--resume", str(folder))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err


def test_a_run_that_was_killed_is_finished_and_nothing_is_repeated(tmp_path: Path) -> None:
    folder, sign = tmp_path / "run", tmp_path / "sign"
    process = slow(folder, sign)
    process.kill()
    process.communicate()
    before = hows(folder)
    assert before == {"finished": 2, "cut off": 1}
    whole = {log: log.read_bytes() for log in folder.glob("episodes/*/events.jsonl")}
    go_on(folder, sign)
    assert hows(folder) == {"finished": 4, "cut off": 1}
    assert all(log.read_bytes() == data for log, data in whole.items())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "asked to end"])
def test_a_run_that_is_stopped_ends_cleanly_and_can_be_gone_on_with(tmp_path: Path, number: int) -> None:
    folder, sign = tmp_path / "run", tmp_path / "sign"
    process = slow(folder, sign)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert f"stopped; go on with `handeye run --resume {folder}`" in err
    assert "judged" in out
    assert hows(folder) == {"finished": 2, "stopped": 1}
    go_on(folder, sign)
    assert hows(folder) == {"finished": 4, "stopped": 1}


def test_two_runs_into_one_folder_are_refused(tmp_path: Path) -> None:
    folder, sign = tmp_path / "run", tmp_path / "sign"
    process = slow(folder, sign)
    for words in (
        ("run", "chores:suite", "--agent", "idle", "--desktop", "fake", "--out", str(folder)),
        ("run", "--resume", str(folder)),
    ):
        second = command(*words)
        _, err = second.communicate(timeout=60)
        assert second.returncode == 2
        said = f"{folder} is being written to by another handeye (process {process.pid}); choose another --out"
        assert err == f"handeye: {said}\n"
    os.kill(process.pid, signal.SIGINT)
    process.communicate()
    assert hows(folder) == {"finished": 2, "stopped": 1}


def test_an_episode_that_does_not_heed_a_stop_is_ended_in_the_log_all_the_same(tmp_path: Path) -> None:
    _, episodes = read_run(_stuck(tmp_path / "run"))
    assert [episode.ended.how if isinstance(episode.ended, Ended) else "" for episode in episodes] == ["stopped"]


def _stuck(folder: Path) -> Path:
    code = """
import sys, threading, signal, os
import agent.suite
from chores import *
from test_suite import *
agent.suite.GRACE = 0.2
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
class Stuck(Player):
    def act(self, seen):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        threading.Event().wait(100)
part = Part(chore("milk"), 0, 0)
print(play(Path(sys.argv[1]), [Job(part, lambda probe: Given(Stuck()), "a")], lambda: FakeDesktop(SIZE)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=HERE, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "False\n"
    return folder


def test_an_idle_agent_finishes_at_once(tmp_path: Path) -> None:
    plan = begin(ask(agent="idle"), tmp_path / "run")
    play(tmp_path / "run", list(plan.jobs), plan.order.desktop)
    for story in read(tmp_path / "run")[1]:
        assert (story.actions, story.ended and story.ended.score) == (0, 0.0)
        assert isinstance(story.turns[-1].action, Finish)
