"""What README says works: its commands exist, and its examples run on a real desktop."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HANDEYE = str(Path(sys.executable).with_name("handeye"))


def examples() -> dict[str, str]:
    """README's Python examples by the file name they are to be saved under."""
    found = re.findall(r"Save this as\s+`(\w+\.py)`:\n\n```python\n(.*?)```", README, re.DOTALL)
    return dict(found)


def run(*argv: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HANDEYE, *argv], cwd=folder, capture_output=True, text=True, timeout=240, check=False)


def test_readme_shows_a_task_and_an_agent() -> None:
    assert set(examples()) == {"mytasks.py", "myagent.py"}


def test_the_commands_that_readme_names_exist() -> None:
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE))
    commands = set(re.findall(r"^handeye ([a-z]+)", blocks, re.MULTILINE))
    known = subprocess.run([HANDEYE, "--help"], capture_output=True, text=True, check=True).stdout
    assert commands
    assert all(command in known for command in commands)


@pytest.mark.embedded
def test_the_first_task_of_ones_own_proves_itself(tmp_path: Path) -> None:
    (tmp_path / "mytasks.py").write_text(examples()["mytasks.py"], encoding="utf-8")
    done = run("tasks", "check", "mytasks:suite", "--desktop", "embedded", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.embedded
def test_the_first_agent_of_ones_own_runs(tmp_path: Path) -> None:
    (tmp_path / "myagent.py").write_text(examples()["myagent.py"], encoding="utf-8")
    argv = ("run", "smoke", "--agent", "myagent:Corner", "--task", "smoke/notes*", "--desktop", "embedded", "--json")
    done = run(*argv, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)
