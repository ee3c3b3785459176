"""A Docker engine of our own: started where none answers, stopped at the end, one at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from envs import launch
from envs.engine import answering, engine
from envs.errors import BadInput
from envs.settle import until

HOLD = """
import sys
from envs.engine import engine
with engine() as address:
    print(address, flush=True)
    sys.stdin.read()
"""


def sockets() -> set[Path]:
    return set(Path("/run/handeye-desktops").glob("*/docker.sock"))


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine answers, and the data are this test's own."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("HANDEYE_CACHE", str(tmp_path / "cache"))


def test_where_none_answers_none_is_found(alone: None) -> None:
    assert answering() == ""


def test_without_dockerd_the_way_out_is_named(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BadInput, match="apt-get install docker"), engine():
        pass


@pytest.mark.docker
def test_one_is_started_and_stopped(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sockets()
    with engine() as address:
        assert Path(address.removeprefix("unix://")) in sockets() - before
        monkeypatch.setenv("DOCKER_HOST", address)
        assert answering() == address
        with engine() as same:
            assert same == address
    assert sockets() == before


@pytest.mark.docker
def test_a_second_one_on_the_same_data_waits_and_a_killed_owner_lets_go(alone: None) -> None:
    first = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    address = first.stdout.readline().strip()
    assert address.startswith("unix://")
    second = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert second.stdout is not None
    assert second.stderr is not None
    assert "waiting" in second.stderr.readline()
    first.kill()
    first.communicate()
    assert second.stdout.readline().startswith("unix://")
    second.communicate("")
    assert second.returncode == 0
    launch.clean()
    assert until(lambda: not Path(address.removeprefix("unix://")).exists(), deadline=5.0)
