"""The built wheel, installed into an environment of its own and used from `/`: what a user has."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from wheels import ROOT, environment

OWNED = """
import importlib.metadata as m
import agent, envs, scoring, tasks, envs.recipe as r
owners = m.packages_distributions()
print({name: sorted(set(owners[name])) for name in ("agent", "envs", "scoring", "tasks")})
print(r.recipe_digest())
print(agent.__file__)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel."""
    return environment(tmp_path_factory.mktemp("wheel"), ROOT)


def test_each_package_has_one_owner_and_the_recipe_is_in_the_wheel(installed: Path) -> None:
    done = subprocess.run([installed / "python", "-c", OWNED], cwd="/", capture_output=True, text=True, check=True)
    owners, recipe, where = done.stdout.splitlines()
    assert owners == str({name: ["handeye"] for name in ("agent", "envs", "scoring", "tasks")})
    assert str(installed.parent) in where
    from envs.recipe import recipe_digest

    assert recipe == recipe_digest()


def test_help_is_fast_to_load_and_loads_no_sdk(installed: Path) -> None:
    code = (
        "import sys; from agent.main import main\n"
        "sys.argv = ['handeye', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'anthropic', 'openai', 'docker', 'scipy', 'av', 'playwright'} & set(sys.modules)))"
    )
    done = subprocess.run([installed / "python", "-c", code], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.embedded
def test_a_task_is_run_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    argv = ["run", "smoke", "--agent", "oracle", "--task", "smoke/notes*", "--desktop", "embedded"]
    done = subprocess.run(
        [installed / "handeye", *argv, "--out", tmp_path / "run", "--json"], cwd="/", capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "run" / "report.json").read_bytes())
    assert report["numbers"]["counts"]["passed"] == 1
