"""A backend of someone else's: a package with one entry point, installed from its wheel beside handeye's."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from wheels import ROOT, environment

EXAMPLE = ROOT / "tests" / "example_backend"
CHECKED = "from agent import conformance; from handeye_example import Typist; print(conformance.check(Typist))"
NOTE = """
from envs.types import Launch, Scene
from scoring.checks import FileIs
from tasks.base import Task

NOTE = "/home/user/note.txt"


def suite(seed):
    yield Task(
        id="mine/note@1",
        goal="Write 'milk and figs' into the note that is open, and save it.",
        scene=Scene(open=(Launch(argv=("editor", NOTE)),)),
        checks=(FileIs("the note", NOTE, "milk and figs", spaces="trimmed"),),
    )
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds both wheels."""
    return environment(tmp_path_factory.mktemp("plugin"), ROOT, EXAMPLE)


def said(*argv: str | Path, cwd: Path | str = "/") -> str:
    """What the command prints. It must succeed."""
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_listed_among_the_agents_with_its_options(installed: Path) -> None:
    listed = {each["name"]: each for each in json.loads(said(installed / "handeye", "agents", "--json"))["agents"]}
    assert listed["typist"]["path"] == "handeye_example:Typist"
    assert listed["typist"]["options"] == ["save='ctrl+s'"]
    assert listed["typist"]["error"] == ""


def test_it_is_a_proper_agent(installed: Path) -> None:
    assert said(installed / "python", "-c", CHECKED) == "[]\n"


@pytest.mark.parametrize(
    ("agent", "score"),
    [pytest.param("typist", 1.0, id="as it is"), pytest.param("typist(save=ctrl+a)", 0.0, id="with another key")],
)
def test_it_is_run_and_judged(installed: Path, tmp_path: Path, agent: str, score: float) -> None:
    (tmp_path / "mine.py").write_text(NOTE, encoding="utf-8")
    argv = ["run", "mine:suite", "--agent", agent, "--desktop", "fake", "--size", "640x400", "--out", "run"]
    said(installed / "handeye", *argv, cwd=tmp_path)
    numbers = json.loads((tmp_path / "run" / "report.json").read_bytes())["numbers"]
    assert numbers["counts"]["judged"] == 1
    assert numbers["success"]["value"] == score


def test_readme_shows_it_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```(?:python|toml)\n(.*?)```", readme, re.DOTALL)
    assert (EXAMPLE / "handeye_example.py").read_text(encoding="utf-8") in shown
