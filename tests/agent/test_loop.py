"""The one loop: what is recorded, what stops it, and whose fault it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from chores import CORNER, PATH, Answers, Player, Raises, Reads, chore, scene, types

from agent.acting import Player as Given
from agent.base import Decision, Usage
from agent.cast import Part, cast, playing
from agent.loop import Bout, run_episode
from agent.registry import Spec
from envs.desktop import Desktop
from envs.errors import DesktopFault, TaskFault
from envs.fake import FakeDesktop
from envs.types import Action, Click, Finish, Launch, Observation, Point, Press, Put, Scene, Size, Type, Wait
from scoring.record import Acted, Decided, Ended, Episode, EventLog, Judged, Left, Looked, Started, read
from scoring.verdict import Verdict
from tasks.base import Budget, Task

SIZE = Size(width=320, height=200)
SAVE = Press(keys=("ctrl", "s"))


def play(
    folder: Path, task: Task, agent: Player, desktop: Desktop | None = None, **options: object
) -> tuple[Ended, Episode]:
    """Play one episode; returns how it ended, and what its log says."""
    return record(folder, task, lambda probe: Given(agent), desktop, **options)


def record(folder: Path, task: Task, part: Callable, desktop: Desktop | None = None, **options: object):
    desktop = desktop or FakeDesktop(SIZE)
    started = Started(
        format=1, utc="2026-03-02T09:00:00Z", suite="chores", task=task.id, goal=task.goal, seed=0, repeat=0,
        agent="player", desktop=desktop.about, axes=("control",), checks=(),
    )  # fmt: skip
    log = EventLog(folder / "run" / "episodes" / "one")
    ended = run_episode(Bout(task=task, started=started, cast=part, **options), desktop, log)
    episode = read(log.folder)
    assert episode.ended == ended
    return ended, episode


def events(episode: Episode, kind: type) -> list:
    return [line.event for line in episode.lines if isinstance(line.event, kind)]


def test_an_episode_is_looked_at_decided_acted_and_judged_in_this_order(tmp_path: Path) -> None:
    agent = Player((Type(text="milk"), SAVE), (Finish(answer="so it is"),))
    ended, episode = play(tmp_path, chore("milk"), agent)
    assert (ended.how, ended.score, ended.claim, ended.answer) == ("finished", 1.0, "done", "so it is")
    kinds = [type(line.event).__name__ for line in episode.lines]
    assert kinds == [
        *(
            "Started",
            "Looked",
            "Decided",
            "Acted",
            "Looked",
            "Acted",
            "Looked",
            "Decided",
            "Judged",
            "Judged",
            "Ended",
        )
    ]
    assert [judged.final for judged in events(episode, Judged)] == [True, False]
    assert [acted.step for acted in events(episode, Acted)] == [1, 2]
    assert agent.goal == "Write milk on the list and save it."
    assert agent.closed == 1
    frames = {looked.frame for looked in events(episode, Looked)}
    assert {path.stem for path in (tmp_path / "run" / "frames").iterdir()} == frames


def test_a_decision_is_carried_out_until_the_first_action_that_is_refused(tmp_path: Path) -> None:
    off = Click(at=Point(x=320, y=10))
    agent = Player((Type(text="milk"), off, Type(text="never")), (SAVE, Finish()))
    ended, episode = play(tmp_path, chore("milk"), agent)
    assert ended.score == 1.0
    assert "off the screen" in agent.seen[1].refused
    assert [acted.action for acted in events(episode, Acted)] == [Type(text="milk"), off, SAVE]
    assert [bool(looked.refused) for looked in events(episode, Looked)] == [False, False, True, False]


@pytest.mark.parametrize(
    ("budget", "taken", "reason"),
    [
        pytest.param(Budget(steps=3), 3, "all 3 steps used", id="steps, in the middle of a decision"),
        pytest.param(Budget(seconds=0.0), 0, "all 0 seconds used", id="seconds"),
        pytest.param(Budget(tokens=20), 4, "20 tokens used, of 20", id="tokens"),
        pytest.param(Budget(usd=0.015), 4, "0.0200 USD used, of 0.015", id="money"),
    ],
)
def test_a_spent_budget_ends_the_episode_and_the_state_is_judged(
    tmp_path: Path, budget: Budget, taken: int, reason: str
) -> None:
    agent = Player(*[(Wait(seconds=0), Wait(seconds=0))] * 9)
    task = chore("", checks=(Reads(""),), milestones=(), budget=budget)
    ended, episode = play(tmp_path, task, agent)
    spent_before_acting = 0 if budget.tokens is None and budget.usd is None else 2
    assert len(events(episode, Acted)) == taken - spent_before_acting
    assert (ended.how, ended.score, ended.reason) == ("out_of_budget", 1.0, reason)


def test_a_run_of_clicks_counts_every_action_and_not_every_decision(tmp_path: Path) -> None:
    agent = Player((CORNER,) * 50)
    ended, episode = play(tmp_path, chore("milk"), agent)
    assert len(events(episode, Acted)) == 6
    assert ended.how == "out_of_budget"


AGENTS = [
    pytest.param(Player(ValueError("no")), "the agent raised: ValueError('no')", id="it raises"),
    pytest.param(Player(SystemExit(3)), "the agent raised: SystemExit(3)", id="it ends the process"),
    pytest.param(Player(DesktopFault("not I")), "DesktopFault('not I')", id="it blames the desktop"),
    pytest.param(Player(TaskFault("not I")), "TaskFault('not I')", id="it blames the task"),
    pytest.param(Player(()), "no action", id="it decides on nothing"),
    pytest.param(Player(Decision(actions=(Wait(seconds=99),))), "<= 60", id="an action out of its range"),
    pytest.param(Player(Decision(actions=("click",))), "cannot be recorded", id="an action that is none"),  # type: ignore[arg-type]
    pytest.param(Player(Decision(actions=(Finish(),), raw="\ud800")), "recorded", id="text that is no text"),
]


@pytest.mark.parametrize(("agent", "reason"), AGENTS)
def test_whatever_the_agent_breaks_counts_as_its_failure(tmp_path: Path, agent: Player, reason: str) -> None:
    ended, episode = play(tmp_path, chore("milk"), agent)
    assert (ended.how, ended.score) == ("agent_fault", 0.0)
    assert reason.replace("cannot be recorded", "recorded") in ended.reason
    assert agent.closed == 1
    assert not events(episode, Judged)
    assert "Traceback" in (tmp_path / "run/episodes/one/fault.txt").read_text()


def test_an_agent_that_cannot_be_made_fails(tmp_path: Path) -> None:
    def broken(probe: object) -> Given:
        raise OSError("no model")

    ended, _ = record(tmp_path, chore("milk"), broken)
    assert (ended.how, ended.score) == ("agent_fault", 0.0)
    assert "could not be made: OSError('no model')" in ended.reason


def test_an_agent_that_fails_at_tidying_up_keeps_its_score(tmp_path: Path) -> None:
    class Untidy(Player):
        def close(self) -> None:
            raise OSError("late")

    ended, _ = play(tmp_path, chore("milk"), Untidy((Type(text="milk"), SAVE, Finish())))
    assert (ended.how, ended.score) == ("finished", 1.0)
    assert "late" in (tmp_path / "run/episodes/one/close.txt").read_text()


def test_a_desktop_that_dies_makes_the_episode_void(tmp_path: Path) -> None:
    class Dies(FakeDesktop):
        def step(self, action: Action) -> Observation:
            self.kill()
            return super().step(action)

    ended, episode = play(tmp_path, chore("milk"), Player((CORNER,)), Dies(SIZE))
    assert (ended.how, ended.score) == ("desktop_fault", None)
    assert "SIGKILL" in ended.reason
    assert len(events(episode, Acted)) == 1


def test_a_desktop_that_dies_while_it_is_judged_makes_the_episode_void(tmp_path: Path) -> None:
    desktop = FakeDesktop(SIZE)

    class Kills(Player):
        def act(self, seen: Observation) -> Decision:
            desktop.kill()
            return Decision(actions=(Finish(),))

    ended, _ = play(tmp_path, chore("milk"), Kills(), desktop)
    assert (ended.how, ended.score) == ("desktop_fault", None)


def test_a_desktop_with_a_bug_is_ours(tmp_path: Path) -> None:
    class Buggy(FakeDesktop):
        def step(self, action: Action) -> Observation:
            raise IndexError("bug")

    ended, _ = play(tmp_path, chore("milk"), Player((CORNER,)), Buggy(SIZE))
    assert (ended.how, ended.score, ended.reason) == ("desktop_fault", None, "the desktop raised IndexError('bug')")


class OutOfRange:
    name = "more than all"

    def __call__(self, probe: object, answer: str) -> Verdict:
        return Verdict(check="x", score=1.5, expected="", actual="")


class Nothing:
    name = "nothing"

    def __call__(self, probe: object, answer: str) -> None:
        return None


TASKS = [
    pytest.param({"checks": (Raises(),)}, "the check 'what cannot be' raised KeyError", id="a check raises"),
    pytest.param({"milestones": (Raises(),)}, "'what cannot be' raised KeyError", id="a milestone raises"),
    pytest.param({"checks": (OutOfRange(),)}, "gave no verdict", id="a score above 1"),
    pytest.param({"checks": (Nothing(),)}, "gave no verdict", id="a check returns nothing"),
    pytest.param({"checks": ()}, "has no checks", id="there are no checks"),
    pytest.param({"scene": Scene(commands=(("false",),))}, "ended with code 1", id="a scene's command fails"),
    pytest.param({"scene": Scene(files=(Put(path="x", data=b""),))}, "not an absolute path", id="a scene's file"),
    pytest.param(
        {"scene": Scene(open=(Launch(argv=("editor",), window="never"),))}, "no window", id="a scene's window"
    ),
]


@pytest.mark.parametrize(("changes", "reason"), TASKS)
def test_whatever_the_task_breaks_makes_the_episode_void(tmp_path: Path, changes: dict, reason: str) -> None:
    ended, _ = play(tmp_path, chore("milk", **changes), Player())
    assert (ended.how, ended.score) == ("task_fault", None)
    assert reason in ended.reason


def _raises(see: object):
    yield from types("milk")(see)
    raise LookupError("no such button")


@pytest.mark.parametrize(
    ("solution", "reason"),
    [
        pytest.param(_raises, "chores/milk@1: its solution raised LookupError('no such button')", id="it raises"),
        pytest.param(None, "has no solution to play", id="there is none"),
        pytest.param(lambda see: 7, "TypeError", id="it is no play"),
    ],
)
def test_a_solution_that_breaks_is_the_tasks_fault_and_not_the_agents(
    tmp_path: Path, solution: object, reason: str
) -> None:
    task = chore("milk", solution=solution)
    ended, _ = record(tmp_path, task, cast(Spec("oracle"))(Part(task, 0, 0)))
    assert (ended.how, ended.score) == ("task_fault", None)
    assert reason in ended.reason


def test_a_solution_on_a_dead_desktop_is_the_desktops_fault(tmp_path: Path) -> None:
    desktop = FakeDesktop(SIZE)

    def solution(see):
        desktop.kill()
        see.windows()
        yield

    task = chore("milk")
    ended, _ = record(tmp_path, task, playing(task, solution, "solution"), desktop)
    assert ended.how == "desktop_fault"


def test_judging_after_every_step_is_recorded_and_not_scored(tmp_path: Path) -> None:
    task = chore("milk", milestones=(Reads(""),))
    ended, episode = play(tmp_path, task, Player((Type(text="milk"), SAVE, Finish())), every_step=True)
    judged = [(each.step, each.final, each.verdict.score) for each in events(episode, Judged)]
    assert judged == [
        *((1, False, 0.0), (1, False, 1.0)),
        *((2, False, 1.0), (2, False, 0.0)),
        *((2, True, 1.0), (2, False, 0.0)),
    ]
    assert ended.score == 1.0


def test_the_score_is_the_least_of_the_verdicts(tmp_path: Path) -> None:
    task = chore("milk", checks=(Reads("milk"), Answers("42")))
    ended, _ = play(tmp_path, task, Player((Type(text="milk"), SAVE, Finish(answer="41"))))
    assert (ended.how, ended.score) == ("finished", 0.0)


class Meddles:
    """A check that does not only read."""

    name = "meddles"

    def __init__(self, desktop: FakeDesktop, how: Action) -> None:
        self.desktop, self.how = desktop, how

    def __call__(self, probe: object, answer: str) -> Verdict:
        self.desktop.step(self.how)
        return Verdict(check=self.name, score=1, expected="", actual="")


@pytest.mark.parametrize(
    ("how", "what"),
    [
        pytest.param(Press(keys=("alt", "f4")), "the windows changed", id="it closes a window"),
        pytest.param(Type(text="x"), "the screen changed", id="it types"),
        pytest.param(Wait(seconds=0), "", id="it only reads"),
    ],
)
def test_an_audit_finds_a_check_that_changes_what_it_judges(tmp_path: Path, how: Action, what: str) -> None:
    desktop = FakeDesktop(SIZE)
    task = chore("milk", checks=(Meddles(desktop, how),), milestones=())
    ended, _ = play(tmp_path, task, Player(), desktop, audit=True)
    assert (ended.how == "task_fault") == bool(what)
    assert what in ended.reason


def test_a_stop_ends_the_episode_before_the_next_action(tmp_path: Path) -> None:
    stop = threading.Event()

    class Stops(Player):
        def act(self, seen: Observation) -> Decision:
            stop.set()
            return Decision(actions=(CORNER,))

    ended, episode = play(tmp_path, chore("milk"), Stops(), stop=stop)
    assert (ended.how, ended.score) == ("stopped", None)
    assert not events(episode, Acted)


def test_a_keyboard_interrupt_ends_the_episode_as_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    ended, _ = play(tmp_path, chore("milk"), Player(KeyboardInterrupt()), stop=stop)
    assert (ended.how, ended.score) == ("stopped", None)
    assert stop.is_set()


def test_what_a_model_took_is_recorded(tmp_path: Path) -> None:
    usage = Usage(input_tokens=7, output_tokens=5, cached_tokens=3, usd=0.25)
    decision = Decision(actions=(Finish(),), intent="stop", thought="enough", usage=usage, raw="{}")
    _, episode = play(tmp_path, chore("milk"), Player(decision))
    (decided,) = events(episode, Decided)
    assert (decided.input_tokens, decided.output_tokens, decided.cached_tokens, decided.usd) == (7, 5, 3, 0.25)
    assert (decided.intent, decided.thought, decided.raw) == ("stop", "enough", "{}")


def test_scenes_are_laid_anew_for_each_episode(tmp_path: Path) -> None:
    desktop = FakeDesktop(SIZE)
    play(tmp_path / "a", chore("milk"), Player((Type(text="milk"), SAVE, Finish())), desktop)
    ended, _ = play(tmp_path / "b", chore("milk"), Player(), desktop)
    assert ended.score == 0.0
    assert desktop.probe.read_file(PATH) == scene().files[0].data


def test_what_the_home_folder_holds_is_kept_before_and_after_the_agent_where_that_is_asked(tmp_path: Path) -> None:
    _, episode = play(tmp_path, chore("milk"), Player((Type(text="milk"), SAVE), (Finish(),)), home=True)
    kinds = [type(line.event).__name__ for line in episode.lines]
    assert (kinds[:3], kinds[-2:]) == (["Started", "Looked", "Left"], ["Left", "Ended"])
    before, after = events(episode, Left)
    assert set(before.files) == set(after.files) == {PATH}
    assert before.files[PATH] != after.files[PATH]
    assert before.programs == after.programs != ()


def test_a_verdict_does_not_hang_on_what_is_left(tmp_path: Path) -> None:
    desktop = FakeDesktop(SIZE)

    def lost(pattern: str) -> None:
        raise DesktopFault("the desktop died")

    desktop.probe.files = lost  # type: ignore[method-assign,assignment]  # of this desktop alone
    ended, episode = play(tmp_path, chore("milk"), Player((Type(text="milk"), SAVE), (Finish(),)), desktop, home=True)
    assert (ended.score, events(episode, Left)) == (1.0, [])
