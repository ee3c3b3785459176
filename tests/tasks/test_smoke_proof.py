"""The smoke suite proves itself on the real desktop: each task by its solution, near-misses and equivalents."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HANDEYE = str(Path(sys.executable).with_name("handeye"))


@pytest.mark.embedded
@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_task_of_the_smoke_suite_proves_itself(tmp_path: Path) -> None:
    argv = [HANDEYE, "tasks", "check", "smoke", "--desktop", "embedded", "--jobs", "4"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
