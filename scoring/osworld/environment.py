"""The evaluators' own environment: `desktop-env` as it was released, with the libraries that its metrics use.

Made in the cache on first use. Left out, because only tasks on the live web or one optical reader use them: PyTorch,
easyocr, Playwright, Google's client, and whatever of the release runs virtual machines.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from envs import venv
from envs.errors import BadInput, TaskFault
from scoring.osworld.evaluator import Evaluator
from scoring.osworld.inside import ours
from scoring.osworld.inside.names import exported

_OPTIONS = ("--require-hashes", "--no-deps")
_WHERE = "import sys, sysconfig as s; print(s.get_path('purelib'), sys.base_prefix, sys._base_executable, sep='\\n')"


@dataclass(frozen=True)
class Environment:
    """`packages` is its site-packages, `base` the installation that its interpreter is of, `program` that one's.

    `compiled` is what numba has compiled of them: made by `preparing.ready`, and not there before.
    """

    packages: Path
    compiled: Path
    base: Path
    program: Path


def needs() -> Path:
    """The list of packages: in an installed wheel in this folder, in a checkout in `requirements/`."""
    here = Path(__file__).parent
    for path in (here / "requirements.txt", here.parent.parent / "requirements" / "osworld.txt"):
        if path.is_file():
            return path
    raise BadInput(f"no list of the evaluators' packages in {here}: install handeye again")


@cache
def ensure() -> Environment:
    """The environment, made if need be (1 GB on the disk, once). Raises BadInput where it cannot be."""
    folder = venv.ensure("osworld", needs(), options=_OPTIONS)
    said = subprocess.run(
        [folder / "bin" / "python", "-c", _WHERE], check=True, capture_output=True, text=True
    ).stdout
    packages, base, program = (Path(line) for line in said.splitlines())
    return Environment(
        packages=packages, compiled=folder / "compiled", base=base.resolve(), program=program.resolve()
    )


def check_names(evaluator: Evaluator) -> None:
    """Raises TaskFault where it names a metric or getter that neither the release nor we have."""
    release = ensure().packages / "desktop_env" / "evaluators"
    has = {
        *exported(release, "metrics"),
        *exported(release, "getters"),
        *(name for names in ours.MISSING.values() for name in names),
    }
    unknown = [name for name in evaluator.functions if name not in has]
    if unknown:
        raise TaskFault(f"OSWorld's evaluators have no {', '.join(unknown)}")
