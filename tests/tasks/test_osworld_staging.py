"""An OSWorld task from setup to verdict on a machine in memory: the order, what is asked for when, whose fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from machines import Machine

from envs.errors import BadInput, TaskFault
from envs.fake import FakeDesktop
from envs.types import Finish, Ran, Scene, Size
from scoring.record import How
from scoring.verdict import Verdict
from tasks.osworld import setup, staging
from tasks.osworld.assets import Assets
from tasks.osworld.example import parse
from tasks.osworld.staging import Staging
from tests.worlds import download, judged, rule, step, stored, task

DONE, FAILED, INFEASIBLE = Finish(), Finish(claim="failed"), Finish(claim="infeasible")
SAYS = {"type": "vm_command_line", "command": ["cat", "/home/user/word.txt"]}


def made(store: Path | None = None, **changes: Any) -> Staging:
    return Staging(parse(json.dumps(task(**changes)).encode(), "os", "here"), Assets(store) if store else None)


def evaluated(**changes: Any) -> dict[str, Any]:
    return judged(**{"result": SAYS, "expected": rule(expected="heron"), **changes})


def judge(machine: Machine, its: Staging, last: Finish = DONE, how: How = "finished", since: float = 1e9) -> Verdict:
    staged = its.on(machine, its.given())
    try:
        (verdict,) = staged.judge(how, last, since)
    finally:
        staged.close()
    return verdict


NEVER = {"func": "infeasible", "postconfig": [step("execute", command=["after"])]}
WORDS = [
    pytest.param(DONE, "finished", 0.0, id="done"),
    pytest.param(INFEASIBLE, "finished", 1.0, id="it cannot be done"),
    pytest.param(FAILED, "finished", 1.0, id="it has failed: OSWorld has one word for both"),
    pytest.param(FAILED, "out_of_budget", 0.0, id="its budget ran out, which is no word"),
]


@pytest.mark.parametrize(("last", "how", "score"), WORDS)
def test_what_cannot_be_done_is_won_by_the_word_alone(last: Finish, how: How, score: float) -> None:
    machine = Machine()
    assert judge(machine, made(evaluator=NEVER), last, how).score == score
    asked = [each for each in machine.said if each[0] != "rest"]
    assert asked == [("run", "touch", "/home/user/word.txt"), ("run", "after")], "setup, then postconfig, in any case"


@pytest.mark.slow
@pytest.mark.parametrize(("last", "score"), [(DONE, 1.0), (INFEASIBLE, 0.0), (FAILED, 0.0)])
def test_what_can_be_done_is_measured_unless_it_was_given_up(last: Finish, score: float) -> None:
    machine = Machine(commands={"cat": Ran(code=0, stdout=b"heron")})
    verdict = judge(machine, made(evaluator=evaluated()), last)
    assert (verdict.score, verdict.check.startswith("OSWorld: ")) == (score, True)
    assert (("run", "cat", "/home/user/word.txt") in machine.said) == (last == DONE)


@pytest.mark.slow
def test_what_a_step_wrote_to_the_cache_is_found_by_the_evaluator() -> None:
    its = made(evaluator=evaluated(
        func="file_contains", result={"type": "cache_file", "path": "said.txt"}, expected=rule(expected=["heron"]),
        postconfig=[step("execute", command=["look"], stdout="said.txt")],
    ))  # fmt: skip
    assert judge(Machine(commands={"look": Ran(code=0, stdout=b"a heron\n")}), its).score == 1.0
    assert judge(Machine(commands={"look": Ran(code=0, stdout=b"a crane\n")}), its).score == 0.0


LACKING = [
    pytest.param({"config": [download("os/x/a.txt")]}, "os/x/a.txt", id="of the setup"),
    pytest.param({"evaluator": evaluated(postconfig=[download("os/x/p.txt")])}, "os/x/p.txt", id="of postconfig"),
    pytest.param(
        {"evaluator": evaluated(expected={"type": "cloud_file", "path": stored("os/x/g.txt"), "dest": "g.txt"})},
        "os/x/g.txt",
        id="to compare with",
    ),
]


@pytest.mark.parametrize(("changes", "key"), LACKING)
def test_a_file_that_is_missing_is_named_before_anything_is_done(
    tmp_path: Path, changes: dict[str, Any], key: str
) -> None:
    desktop = FakeDesktop(Size(width=320, height=200))
    desktop.reset(Scene())
    for store in (None, tmp_path):
        with pytest.raises(
            TaskFault, match=f"wanted the file {key}, found none .*`handeye osworld fetch` fetches it"
        ):
            made(store, **changes).prepare(desktop)


def test_a_file_of_nobody_knows_where_is_the_tasks_fault(tmp_path: Path) -> None:
    its = made(tmp_path, config=[download("", url="https://birds.example.org/a.txt")], evaluator=NEVER)
    machine = Machine()
    with pytest.raises(TaskFault, match=r"its setup fetches https://birds\.example\.org/a\.txt, which is none of"):
        its.on(machine, {})
    assert machine.said == []


def test_a_desktop_without_a_machine_is_refused() -> None:
    with pytest.raises(BadInput, match="which 'fake' is not; use --desktop embedded or docker"):
        made().prepare(FakeDesktop(Size(width=320, height=200)))


def test_an_evaluator_that_is_left_out_is_the_tasks_fault_before_the_agent_works() -> None:
    its = made(evaluator=evaluated(func="compare_image_text"))
    machine = Machine()
    with pytest.raises(TaskFault, match="compare_image_text: easyocr is left out"):
        its.on(machine, {})
    assert machine.said == []


def test_a_setup_that_fails_is_the_tasks_fault() -> None:
    its = made(config=[step("open", path="/home/user/none.txt")], evaluator=NEVER)
    with pytest.raises(TaskFault, match="its setup failed: step 1, open: "):
        its.on(Machine(), {})


def test_a_step_that_fails_after_the_agents_work_scores_nothing_and_voids_nothing() -> None:
    its = made(evaluator={"func": "infeasible", "postconfig": [step("open", path="/home/user/gone.txt")]})
    verdict = judge(Machine(), its, INFEASIBLE)
    assert verdict.score == 0.0
    assert verdict.actual.startswith("before judging, step 1, open: ")


WAITS = [
    pytest.param("bookmarks", [], 1.0, 10.0, id="of a profile"),
    pytest.param("bookmarks", [], 1e9, None, id="long ago"),
    pytest.param(
        "new_startup_page", [step("launch", command=["pkill", "chrome"])], 1.0, None, id="ended, so written"
    ),
    pytest.param("bookmarks", [step("launch", command=["pkill", "chrome"])], 1.0, 3.0, id="but for bookmarks"),
    pytest.param("vm_terminal_output", [], 1.0, None, id="of no profile"),
]


@pytest.mark.parametrize(("getter", "before", "since", "waited"), WAITS)
def test_what_a_browser_writes_late_is_waited_for(
    getter: str, before: list[Any], since: float, waited: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "GONE_WITHIN", 0.05)
    its = made(evaluator=evaluated(result={"type": getter}, postconfig=before))
    machine = Machine(commands={"pgrep": Ran(code=1)})
    judge(machine, its, INFEASIBLE, since=since)
    waits = [deadline for deadline, still in machine.rests if deadline == still]
    assert waits == ([] if waited is None else [waited])


def test_the_task_is_osworlds_with_the_word_for_what_cannot_be_done() -> None:
    its = staging.task(parse(json.dumps(task(evaluator=NEVER)).encode(), "os", "here"))
    assert (its.id, its.goal, its.budget.steps) == (f"osworld/os/{task()['id']}", task()["instruction"], 15)
    assert its.tags == ("infeasible",)
    assert its.solution is not None
    (last,) = its.solution(FakeDesktop(Size(width=320, height=200)).probe)
    assert last.actions == (INFEASIBLE,)
