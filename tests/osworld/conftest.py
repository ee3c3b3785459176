"""Where OSWorld's tasks are: they are nobody's to hand on, so they lie beside the checkout or somewhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[3] / "shared" / "osworld" / "evaluation_examples"
TASKS = Path(os.environ.get("HANDEYE_OSWORLD_TASKS") or _BESIDE)
collect_ignore = [] if TASKS.is_dir() else ["test_osworld_standins_run.py"]
"""Without them there is nothing to run."""


@pytest.fixture(scope="session")
def osworld() -> Path:
    """The folder of OSWorld's own tasks."""
    return TASKS
