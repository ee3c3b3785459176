"""desktop-env's own controllers, in an environment of their own."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envs.recipe import cache

BARE = ("desktop-env==1.0.2",)
"""Without what it depends on: the controllers need the following alone."""
WITH = ("requests==2.34.2", "requests-toolbelt==1.0.0", "python-dotenv==1.2.4", "playwright==1.65.2")


@pytest.fixture(scope="session")
def controllers() -> Path:
    """The Python of an environment with them. Made once, and kept in the cache by what it holds."""
    version = subprocess.run([sys.executable, "-VV"], check=True, capture_output=True).stdout
    digest = hashlib.sha256(repr((BARE, WITH, version)).encode()).hexdigest()[:16]
    folder = cache() / "osworld-controllers" / digest
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*pip, "--no-deps", *BARE], check=True)
            subprocess.run([*pip, *WITH], check=True)
            (folder / "made").touch()
    return folder / "bin" / "python"
