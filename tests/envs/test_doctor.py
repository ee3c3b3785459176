"""What the doctor finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs import doctor


def finding(name: str) -> doctor.Finding:
    return next(each for each in doctor.examine() if each.desktop == name)


def test_the_fake_runs_anywhere() -> None:
    assert finding("fake").works


def test_without_an_engine_docker_is_said_not_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    found = finding("docker")
    assert not found.works
    assert "no Docker engine answers" in found.problem


def test_what_the_embedded_desktop_lacks_is_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    found = finding("embedded")
    assert not found.works
    assert "bubblewrap" in found.install or "root" in found.problem


@pytest.mark.embedded
def test_here_the_embedded_desktop_runs() -> None:
    found = finding("embedded")
    assert (found.works, found.problem, found.install) == (True, "", "")


@pytest.mark.docker
def test_with_an_engine_docker_runs(engine: str) -> None:
    found = finding("docker")
    assert (found.works, found.problem) == (True, "")
    assert any("engine" in note for note in found.notes)
