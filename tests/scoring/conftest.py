"""The made run, built once, and a copy of it for tests that write into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from golden import build


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made run. Not to be written to."""
    return build(tmp_path_factory.mktemp("made") / "golden")


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of the made run, without films."""
    return Path(shutil.copytree(made, tmp_path / "golden", ignore=shutil.ignore_patterns("videos")))
