"""`handeye osworld run`: what is played and what is not, and small tasks in OSWorld's format from setup to score."""

from __future__ import annotations

import json
from pathlib import Path

import foreign
import pytest

from agent.cli import run
from scoring.record import read_run

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def say(capsys: Out, *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(list(map(str, words)))
    out, err = capsys.readouterr()
    return code, out, err


def test_tasks_that_lack_files_are_not_played_and_one_line_says_so(tmp_path: Path, capsys: Out) -> None:
    where, _ = foreign.tasks(tmp_path)
    words = ("osworld", "run", "--tasks", where, "--agent", "idle", "--desktop", "fake", "--task", foreign.GIVEN)
    code, out, err = say(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("handeye: none of these tasks can be played: 1 lack files (as os/x/word.txt; ")
    assert err.count("\n") == 1


def test_a_desktop_without_a_machine_is_one_line(tmp_path: Path, capsys: Out) -> None:
    where, files = foreign.tasks(tmp_path)
    code, _, err = say(
        capsys, "osworld", "run", "--tasks", where, "--assets", files, "--agent", "fail", "--desktop", "fake"
    )
    assert code == 2
    assert "3 tasks are played; not played: 1 lack files (as os/x/none.txt;" in err
    assert "set up on a machine, which 'fake' is not; use --desktop embedded or docker" in err


def test_a_suite_that_a_stage_judges_cannot_be_proved_to_read_only(tmp_path: Path, capsys: Out) -> None:
    where, _ = foreign.tasks(tmp_path)
    code, _, err = say(capsys, "tasks", "check", f"osworld(tasks={where})", "--desktop", "fake")
    assert code == 2
    assert "judged by foreign means" in err


SCORES = {
    "idle": {foreign.NOTED: 0.0, foreign.GIVEN: 0.0, foreign.NEVER: 0.0},
    "fail": {foreign.NOTED: 0.0, foreign.GIVEN: 0.0, foreign.NEVER: 1.0},
    "oracle": {foreign.NOTED: 1.0, foreign.GIVEN: 1.0, foreign.NEVER: 1.0},
}


@pytest.mark.embedded
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_idle_fail_and_the_solutions_score_what_they_must_on_the_desktop(tmp_path: Path, capsys: Out) -> None:
    where, files = foreign.tasks(tmp_path)
    lay = ("osworld", "run", "--tasks", where, "--assets", files, "--desktop", "embedded")
    code, out, err = say(capsys, *lay, "--agent", "idle", "--agent", "fail", "--out", "runs")
    assert code == 0
    assert "points by such tasks" in out
    known = "not known when this run began" not in out.partition("osworld by fail")[2]
    assert known, "idle was measured just before"
    suite = f"foreign:suite(tasks={where}, assets={files})"
    assert say(capsys, "run", suite, "--agent", "oracle", "--desktop", "embedded", "--out", "runs/oracle")[0] == 0
    for agent, wanted in SCORES.items():
        code, out, _ = say(capsys, "report", f"runs/{agent}", "--json")
        episodes = json.loads(out)["episodes"]
        assert {each["task"].rpartition("/")[2]: each["score"] for each in episodes} == wanted, agent
        notes = "".join(path.read_text() for path in Path("runs", agent).glob("episodes/*/stage.txt"))
        assert all(" within " in note for note in notes.splitlines()), "no more than late windows, on a busy machine"

    made = json.loads(say(capsys, "report", "runs/fail", "--json")[1])
    assert made["baselines"] == {
        "tasks": 3, "infeasible": 1, "fail": 1 / 3, "idle": 0.0, "points": 1.0, "infeasible_points": 1.0,
    }  # fmt: skip
    kept, _ = read_run(Path("runs/fail"))
    assert (kept.suite, kept.options.get("corrected"), kept.options["steps"]) == ("osworld", None, "15")

    code, out, err = say(capsys, *lay, "--agent", "fail", "--out", "runs/fail", "--json")
    assert (code, "1/3 " in err) == (0, False), "the same command again has nothing left to play"
    code, _, err = say(capsys, *lay, "--agent", "idle", "--out", "runs/fail")
    assert (code, "holds a run of another agent" in err) == (2, True)
    code, _, err = say(capsys, *lay, "--agent", "fail", "--out", "runs/fail", "--corrected")
    assert (code, "choose another --out" in err) == (2, True)
