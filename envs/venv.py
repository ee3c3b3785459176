"""Environments of Python packages that are not ours: each in the cache, keyed by what is in it, made once.

What must not stand beside our own packages (another's pins, megabytes that one task in a hundred needs) gets an
environment of its own under `CACHE/KIND/DIGEST`. The digest is over the list of packages and the interpreter.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.errors import BadInput
from envs.recipe import cache

MADE = "made"
"""The file that says an environment is whole."""


def python(*, preferred: str = "3.11") -> str:
    """An interpreter: this one if it is of that version, else that one if it is on the path, else this one."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == preferred:
        return sys.executable
    return shutil.which(f"python{preferred}") or sys.executable


def place(kind: str, needs: Path, interpreter: str) -> Path:
    """The folder of the environment of those packages for that interpreter, made or not."""
    version = subprocess.run([interpreter, "-VV"], check=True, capture_output=True).stdout
    return cache() / kind / hashlib.sha256(needs.read_bytes() + version).hexdigest()[:16]


def ensure(kind: str, needs: Path, *, options: Sequence[str] = ()) -> Path:
    """The environment's folder, made if need be by pip with `options`. Raises BadInput with pip's last line.

    One process makes it at a time, the others wait; what a killed one left half done is made anew.
    """
    interpreter = python()
    folder = place(kind, needs, interpreter)
    if (folder / MADE).exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / MADE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder, needs, interpreter, options)
            (folder / MADE).touch()
    return folder


def _make(folder: Path, needs: Path, interpreter: str, options: Sequence[str]) -> None:
    sys.stderr.write(f"handeye: installing {needs.name} into {folder}, once\n")
    sys.stderr.flush()
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    for step in ([interpreter, "-m", "venv", str(folder)], [*pip, *options, "-r", str(needs)]):
        ran = subprocess.run(step, check=False, capture_output=True, text=True, errors="replace")
        if ran.returncode != 0:
            said = (ran.stderr or ran.stdout).strip().splitlines() or ["it said nothing"]
            raise BadInput(f"{needs.name} could not be installed into {folder}: {said[-1]}; is there a network?")
