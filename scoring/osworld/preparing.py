"""Makes everything that the evaluators need, once: what `handeye osworld setup` does, and the first use otherwise."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from functools import cache

from envs.errors import BadInput
from scoring.osworld.environment import Environment, ensure
from scoring.osworld.sandbox import command, obstacle

PATIENCE = 900
"""Seconds for compiling, which take 15 of an idle processor."""


@cache
def ready() -> Environment:
    """The environment, with what numba compiles in it compiled. Raises BadInput where it or a sandbox cannot be had.

    A sandbox can keep nothing, so each comparison of sounds would compile for itself. It is done once, before any
    agent's file is near, in a sandbox of the same kind.
    """
    trouble = obstacle()
    if trouble:
        raise BadInput(trouble)
    environment = ensure()
    if not environment.compiled.is_dir():
        with environment.compiled.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not environment.compiled.is_dir():
                _compile(environment)
    return environment


def _compile(environment: Environment) -> None:
    partial = environment.compiled.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    mounts = ("--bind", str(partial), "/compiled", "--setenv", "NUMBA_CACHE_DIR", "/compiled")
    ran = subprocess.run(
        command(environment, mounts, "inside.compile", ()),
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
    )
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines() or ["it said nothing"]
        raise BadInput(f"OSWorld's evaluators cannot run in a sandbox here: {said[-1]}")
    partial.rename(environment.compiled)
