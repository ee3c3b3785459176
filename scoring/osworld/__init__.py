"""OSWorld's own evaluators: the metrics and getters of its release, run in an environment and a process of their own.

    judgement = evaluate(task["evaluator"], guest, failed=False, files={"gold.xlsx": path})

`guest` is a desktop as `guest.Guest`; `files` are what the evaluator's `cloud_file` and `cache_file` name. Whoever
calls has run the task's `postconfig` before. What the agent and the desktop left is opened inside a sandbox only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any  # tasks are JSON in OSWorld's own format

from envs.errors import TaskFault
from scoring.osworld.environment import check_names
from scoring.osworld.evaluator import obstacles, parse
from scoring.osworld.guest import Guest, Output
from scoring.osworld.judging import Judgement, Metric, judge
from scoring.osworld.preparing import ready
from scoring.osworld.worker import SECONDS, Worker

__all__ = ["Evaluation", "Guest", "Judgement", "Metric", "Output", "evaluate", "judge", "obstacles", "parse", "ready"]


class Evaluation:
    """One episode's: what can be known before the agent works is known then."""

    def __init__(self, evaluator: Mapping[str, Any], *, corrected: bool = False, seconds: float = SECONDS) -> None:
        """Raises TaskFault for an evaluator that is none."""
        self._read = parse(evaluator, corrected=corrected)
        self._corrected = corrected
        self._seconds = seconds

    def check(self, files: Mapping[str, Path]) -> None:
        """See that it can be evaluated with these files, and those that are made until then.

        Raises TaskFault where it cannot, BadInput where the environment or the sandbox cannot be had.
        """
        if self._read.infeasible:
            return
        if reasons := obstacles(self._read):
            raise TaskFault("; ".join(reasons))
        if lacking := [name for name in self._read.given if name not in files]:
            raise TaskFault(f"the evaluator needs {', '.join(lacking)}: give the task's assets")
        ready()
        check_names(self._read)

    def judge(self, guest: Guest, *, failed: bool, files: Mapping[str, Path]) -> Judgement:
        """OSWorld's judgement of the desktop as it is now. Raises as `check` and the guest do."""
        if self._read.infeasible or failed:
            return judge(self._read, failed=failed, measure=_never, corrected=self._corrected)
        self.check(files)
        with Worker(ready(), guest, files, seconds=self._seconds) as worker:
            return judge(self._read, failed=failed, measure=worker.measure, corrected=self._corrected)

    def close(self) -> None:
        """Nothing of it is left running."""


def evaluate(
    evaluator: Mapping[str, Any],
    guest: Guest,
    *,
    failed: bool,
    files: Mapping[str, Path] | None = None,
    corrected: bool = False,
    seconds: float = SECONDS,
) -> Judgement:
    """OSWorld's judgement of the desktop as it is now. `failed`: the agent's last action was FAIL.

    Raises TaskFault for an evaluator that cannot be evaluated here or lacks a file, DesktopFault as the guest does,
    BadInput where the environment or the sandbox cannot be had.
    """
    evaluation = Evaluation(evaluator, corrected=corrected, seconds=seconds)
    try:
        return evaluation.judge(guest, failed=failed, files=files or {})
    finally:
        evaluation.close()


def _never(part: object) -> Any:  # noqa: ARG001 - it is given one
    raise AssertionError("nothing is measured where the word FAIL settles it")
