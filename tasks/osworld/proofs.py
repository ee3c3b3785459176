"""What is known to run, because it ran: a file that runs write, and that coverage reads.

A proof is of a task's content, by its digest: once the task is changed, it proves nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from envs.errors import BadInput
from envs.types import Closed

How = Literal["executed", "stand-in"]
"""`executed`: setup, agent, postconfig and evaluation with the task's own files, and its verdict was as it should be.
`stand-in`: all of that ran through with files of ours in place of its own; its verdict says nothing."""


class Proof(Closed):
    """A task that ran. `desktop` is the recipe's digest of what it ran in; `on` the day, as 2026-11-25."""

    task: str
    digest: str
    how: How
    on: str = ""
    desktop: str = ""
    note: str = ""


def usual() -> Path:
    """The file that comes with handeye."""
    return Path(str(files("tasks.osworld") / "proofs.json"))


def read(path: Path) -> tuple[Proof, ...]:
    """What was proved. Raises BadInput where the file is not there, or is no such file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Proof, ...])
    except OSError as err:
        raise BadInput(f"wanted proofs in {path}, found: {err.strerror}; leave --proofs out, or run tasks") from err
    except msgspec.DecodeError as err:
        raise BadInput(f"wanted proofs in {path}, found: {err}; mend the file, or begin one anew") from err


def add(path: Path, *new: Proof) -> None:
    """Write these too; of a task the last one stands, except that a stand-in never takes an execution's place."""
    with _alone(path):
        known = {proof.task: proof for proof in (read(path) if path.is_file() else ())}
        for proof in new:
            had = known.get(proof.task)
            if had and had.digest == proof.digest and had.how == "executed" and proof.how != "executed":
                continue
            known[proof.task] = proof
        text = msgspec.json.format(msgspec.json.encode([known[task] for task in sorted(known)]), indent=2)
        half = path.with_name(path.name + ".part")
        half.write_bytes(text + b"\n")
        half.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One writer at a time, of several processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.parent, os.O_RDONLY)  # the folder itself: nothing is left behind
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
