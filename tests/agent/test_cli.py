"""The command line: what it prints for people and programs, and one line for whatever cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import run
from agent.main import OURS, strangers

HERE = Path(__file__).parent
FAKE = ("--desktop", "fake", "--size", "320x200")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(HERE)


Out = pytest.CaptureFixture[str]


def say(capsys: Out, *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run([*words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rnu",), "no command 'rnu'; did you mean 'run'?"),
        (("run", "chores:suite", "--agent", "orcale"), "no agent named 'orcale'; did you mean 'oracle'?"),
        (("run", "smok", "--agent", "idle", *FAKE), "no suite named 'smok'; did you mean 'smoke'?"),
        (("tasks", "smok"), "no suite named 'smok'; did you mean 'smoke'?"),
        (("tasks", "check", "smok", *FAKE), "no suite named 'smok'; did you mean 'smoke'?"),
        (
            ("run", "chores:suite", "--agent", "idle", "--desktop", "dokcer"),
            "no desktop named 'dokcer'; did you mean 'docker'?",
        ),
        (
            ("run", "chores:suite", "--agent", "idle", *FAKE, "--task", "mlik"),
            "no task of chores:suite fits 'mlik'; did you mean 'chores/milk@1'?",
        ),
        (("run", "chores:suite", "--agnet", "idle"), "--agent"),
        (("run", "chores:suite", "--agent", "idle", "--steps", "none"), "Invalid value for '--steps'"),
        (("run", "chores:suite", "--agent", "idle", "--jobs", "0"), "Invalid value for '--jobs'"),
        (("run", "chores:suite", "--agent", "idle", "--settle", "slow"), "Invalid value for '--settle'"),
        (("run", "chores:suite", "--agent", "idle", *FAKE, "--settle", "fast"), "has but one way of settling"),
        (("run", "chores:suite", "--agent", "random(sed=1)"), "random has no option 'sed'; did you mean 'seed'?"),
        (("run", "chores:suite", "--agent", "replay"), "replay needs run: write replay(run=...)"),
        (("run", "chores:suite", "--agent", "replay(run=nowhere)", *FAKE), "nowhere is not a run"),
        (("run", "chores:suite", "--agent", "idle", "--seeds", "x"), "cannot read the seeds 'x'"),
        (("run", "chores:suite", "--agent", "idle", "--seeds", "0"), "the seeds '0' are none"),
        (("run", "chores:suite", "--agent", "idle", "--size", "big"), "cannot read the size 'big'"),
        (("run", "chores:suite"), "say which suite and which agent"),
        (("run", "--resume", "nowhere"), "nowhere is not a run: it has no run.json"),
        (("run", "chores:suite", "--resume", "nowhere"), "leave them out"),
        (("report", "nowhere"), "nowhere is neither a run nor a study"),
        (("replay", "nowhere"), "nowhere is not a run: it has no run.json"),
        (("view", "nowhere"), "nowhere is not a run: it has no run.json"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_2(capsys: Out, words: tuple[str, ...], said: str) -> None:
    code, out, err = say(capsys, *words)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("handeye: ")
    assert said in err
    assert not Path("runs").exists()


def test_a_run_prints_its_numbers_and_says_where_it_is(capsys: Out) -> None:
    code, out, err = say(capsys, "run", "chores:suite", "--agent", "oracle", *FAKE, "--seeds", "2", "--jobs", "2")
    assert code == 0
    assert "judged" in out
    assert "6/6 " in err
    folder = Path(out.rpartition("run: ")[2].strip())
    assert (folder / "run.json").is_file()
    assert Path("runs/LATEST").resolve() == folder.resolve()


def test_a_run_in_json_is_a_report(capsys: Out) -> None:
    words = ("run", "chores:suite", "--agent", "oracle", *FAKE, "--out", "here", "--json")
    code, out, _ = say(capsys, *words)
    made = json.loads(out)
    assert code == 0
    assert (made["planned"], made["missing"], made["numbers"]["counts"]["passed"]) == (3, 0, 3)
    assert json.loads(say(capsys, "report", "here", "--json")[1]) == made


def test_steps_are_held_against_what_the_solution_last_took(capsys: Out) -> None:
    say(capsys, "run", "chores:suite", "--agent", "oracle", *FAKE)
    _, out, _ = say(capsys, "run", "chores:suite", "--agent", "oracle", *FAKE, "--out", "again", "--json")
    assert json.loads(out)["numbers"]["steps"]["against_solution"]["median"] == 1.0


def test_void_episodes_are_exit_1(capsys: Out) -> None:
    words = ("run", "chores:hopeless", "--agent", "oracle", *FAKE, "--task", "broken", "--json")
    code, out, _ = say(capsys, *words)
    assert (code, json.loads(out)["numbers"]["counts"]["void"]) == (1, 1)


def test_limits_and_a_look_at_every_step_can_be_asked_for(capsys: Out) -> None:
    words = ("run", "chores:suite", "--agent", "random(stop=0)", *FAKE, "--steps", "3", "--every-step", "--out", "r")
    say(capsys, *words)
    logs = [path.read_text() for path in Path("r").glob("episodes/*/events.jsonl")]
    assert [log.count('"event":"acted"') for log in logs] == [3, 3, 3]
    assert [log.count('"event":"judged"') for log in logs] == [8, 8, 8]
    assert all('"out_of_budget"' in log for log in logs)


def test_a_recorded_run_can_be_played_again_by_the_replay_agent(capsys: Out) -> None:
    say(capsys, "run", "chores:suite", "--agent", "oracle", *FAKE, "--out", "first")
    _, out, _ = say(capsys, "run", "chores:suite", "--agent", "replay(run=first)", *FAKE, "--out", "second", "--json")
    assert json.loads(out)["numbers"]["counts"]["passed"] == 3
    first, second = ({path.name for path in Path(run, "frames").iterdir()} for run in ("first", "second"))
    assert first == second


def test_a_proof_that_holds_is_exit_0(capsys: Out) -> None:
    words = ("tasks", "check", "chores:suite", *FAKE, "--seeds", "2", "--jobs", "2", "--out", "proof", "--json")
    code, out, _ = say(capsys, *words)
    proof = json.loads(out)
    assert (code, proof["holds"], proof["run"]) == (0, True, "proof")
    found = {each["what"] for each in proof["findings"]}
    assert {"solution", "idle", "near-miss twice", "equivalent letter by letter", "resets", "milestones"} <= found
    assert all(each["holds"] for each in proof["findings"])


def test_a_proof_names_what_does_not_hold(capsys: Out) -> None:
    code, out, _ = say(capsys, "tasks", "check", "chores:hopeless", *FAKE)
    assert code == 1
    lines = out.splitlines()

    def line(*words: str) -> str:
        return next((each for each in lines if all(word in each for word in words)), "")

    assert line("hopeless/unsolved@1", "solution: expected score 1", "expected milk, found ")
    assert line("hopeless/given@1", "idle: expected score 0, found score 1")
    assert line("hopeless/careless@1", "near-misses: expected 3 at least, found 1")
    assert line("hopeless/careless@1", "near-miss the same: expected score 0, found score 1")
    assert line("hopeless/lonely@1", "equivalent not at all: expected score 1, found score 0")
    assert line("hopeless/broken@1", "solution: expected score 1", "task fault", "the check 'what cannot be' raised")
    assert "[hopeless-given-idle-s0-r0]" in line("hopeless/given@1", "idle:") or "given-idle-s0-r0" in out


def test_what_there_is_can_be_listed_for_people_and_programs(capsys: Out) -> None:
    _, out, _ = say(capsys, "agents", "--json")
    agents = {each["name"]: each for each in json.loads(out)["agents"]}
    assert {"oracle", "idle", "random", "human", "replay"} <= set(agents)
    assert agents["random"]["options"] == ["seed=0", "steps=15", "stop=0.02"]
    assert all(each["about"] and not each["error"] for each in agents.values())
    assert agents["openai_chat"]["can"] == ["act", "ask", "locate"]
    assert agents["openai_chat"]["space"] == "as its family"
    families = {each["name"]: each for each in json.loads(out)["families"]}
    assert (families["qwen3vl"]["space"], families["qwen25vl"]["space"]) == ("0-1000", "pixels")
    assert families["gta1"]["can"] == ["locate"]
    assert all(each["about"] and not each["error"] for each in families.values())
    printed = say(capsys, "agents")[1]
    assert "oracle" in printed
    assert "qwen3vl" in printed
    assert "smoke" in say(capsys, "tasks")[1]
    _, out, _ = say(capsys, "tasks", "chores:suite", "--seeds", "2", "--task", "milk", "--json")
    assert [(each["id"], each["seed"]) for each in json.loads(out)] == [("chores/milk@1", 0), ("chores/milk@1", 1)]
    assert "Write milk on the list" in say(capsys, "tasks", "chores:suite")[1]


def test_the_doctor_says_which_desktops_can_run_here(capsys: Out) -> None:
    code, out, _ = say(capsys, "doctor", "--json")
    health = json.loads(out)
    assert {each["desktop"] for each in health["desktops"]} == {"docker", "embedded", "fake"}
    assert code == (0 if health["works"] else 1)
    for each in health["desktops"]:
        assert each["works"] or each["problem"]
    assert "embedded" in say(capsys, "doctor")[1]


def test_a_video_of_each_episode_is_written(capsys: Out) -> None:
    say(capsys, "run", "chores:suite", "--agent", "oracle", *FAKE, "--task", "milk", "--out", "r", "--replay")
    (film,) = Path("r").rglob("*.mp4")
    assert film.stat().st_size > 1000
    assert say(capsys, "replay", "r") == (0, f"{film}\n", "")
    assert "has no episode 'x'; it has" in say(capsys, "replay", "r", "--episode", "x")[2]
    code, out, _ = say(capsys, "view", "r", "--export", "page")
    assert (code, Path(out.strip())) == (0, Path("page/index.html"))
    assert Path("page/index.html").stat().st_size > 1000


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from agent.main import main
sys.argv = ["handeye", "--help"]
assert main() == 0
heavy = {"docker", "anthropic", "openai", "playwright", "scipy", "av", "numpy", "PIL", "rich"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Usage: handeye" in ran.stdout


def test_without_words_it_helps(capsys: Out) -> None:
    code, out, _ = say(capsys)
    assert code == 0
    assert "Usage: handeye" in out


@pytest.mark.parametrize("name", OURS)
def test_a_strangers_package_of_our_name_is_named(tmp_path: Path, name: str) -> None:
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(f"other/{name}/x.py,,\n{name}/__init__.py,,\n")
    assert strangers([str(tmp_path)]) == [(name, "stranger")]
    (info / "RECORD").write_text(f"other/{name}/x.py,,\n{name}s/__init__.py,,\n")
    assert strangers([str(tmp_path)]) == []


def test_a_package_that_takes_our_place_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "__init__.py").write_text("raise SystemError\n")
    root = HERE.parent.parent
    ran = subprocess.run(
        [sys.executable, str(root / "agent" / "main.py"), "--help"],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.startswith("handeye: the package 'envs' comes from ")
