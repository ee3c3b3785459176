"""The spine: a suite is run, recorded, judged, reported, filmed and shown, end to end.

On the fake here; `test_the_smoke_suite...` does the same on a real desktop with one task.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import run

AGENTS = Path(__file__).parent / "agent"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(AGENTS)


def report(capsys: pytest.CaptureFixture[str], folder: str) -> dict:
    capsys.readouterr()
    assert run(["report", folder, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["numbers"]


def test_the_oracle_does_all_and_the_idle_agent_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for agent, passed in (("oracle", 3), ("idle", 0)):
        words = ["run", "chores:suite", "--agent", agent, "--desktop", "fake", "--size", "320x200", "--out", agent]
        assert run(words) == 0
        counts = report(capsys, agent)["counts"]
        assert (counts["judged"], counts["passed"], counts["void"]) == (3, passed, 0)


def test_derived_files_can_be_deleted_and_come_back_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    run(["run", "chores:suite", "--agent", "oracle", "--desktop", "fake", "--size", "320x200", "--out", "r"])
    made = sorted(Path("r").glob("report.*"))
    before = [path.read_bytes() for path in made]
    for path in made:
        path.unlink()
    run(["report", "r"])
    assert len(made) == 3
    assert [path.read_bytes() for path in made] == before


@pytest.mark.embedded
@pytest.mark.slow
def test_the_smoke_suite_is_played_on_a_real_desktop(capsys: pytest.CaptureFixture[str]) -> None:
    for agent, passed in (("oracle", 1), ("idle", 0)):
        words = ["run", "smoke", "--agent", agent, "--desktop", "embedded", "--task", "notes", "--out", agent]
        assert run(words) == 0
        counts = report(capsys, agent)["counts"]
        assert (counts["judged"], counts["passed"], counts["void"]) == (1, passed, 0)
