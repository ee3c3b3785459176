"""desktop-env's own controllers, in an environment of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.venv import ensure


@pytest.fixture(scope="session")
def controllers() -> Path:
    """The Python of an environment with them, kept in the cache by what it holds.

    desktop-env asks for some seventy packages, PyTorch among them; the controllers need the few that are listed.
    """
    needs = Path(__file__).with_name("controllers.txt")
    return ensure("osworld-controllers", needs, options=("--no-deps",)) / "bin" / "python"
