"""OSWorld's own evaluators: the metrics and getters of its release, run in an environment and a process of their own.

    judgement = evaluate(task["evaluator"], guest, failed=False, files={"gold.xlsx": path})

`guest` is a desktop as `guest.Guest`; `files` are what the evaluator's `cloud_file` and `cache_file` name. Whoever
calls has run the task's `postconfig` before. What the agent and the desktop left is opened inside a sandbox only.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
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
    """One episode's. What can be known before the agent works is known then, and the worker starts beside it.

    Raises TaskFault for an evaluator that is none.
    """

    def __init__(self, evaluator: Mapping[str, Any], *, corrected: bool = False, seconds: float = SECONDS) -> None:
        self._read = parse(evaluator, corrected=corrected)
        self._corrected = corrected
        self._seconds = seconds
        self._worker: Future[Worker] | None = None
        # bubblewrap ends its sandbox with the thread that started it: that one stays until the end.
        self._starting = ThreadPoolExecutor(1, thread_name_prefix="evaluators")

    def start(self, guest: Guest, files: Mapping[str, Path]) -> None:
        """Start the worker with these files, if there will be anything to measure; it is not waited for.

        Raises TaskFault for what cannot be evaluated here or lacks a file, BadInput where the environment cannot be
        had.
        """
        if self._read.infeasible:
            return
        if reasons := obstacles(self._read):
            raise TaskFault("; ".join(reasons))
        if lacking := [name for name in self._read.given if name not in files]:
            raise TaskFault(f"the evaluator needs {', '.join(lacking)}: give the task's assets")
        environment = ready()
        check_names(self._read)
        self._worker = self._starting.submit(
            Worker, environment, guest, files, seconds=self._seconds, functions=self._read.functions
        )

    def judge(self, *, failed: bool, late: Mapping[str, str] = MappingProxyType({})) -> Judgement:
        """OSWorld's judgement of the desktop as it is now; `late` are files that were made since `start`.

        Raises what the guest raises, BadInput where the sandbox cannot be had.
        """
        if failed or self._worker is None:
            return judge(self._read, failed=failed, measure=_never, corrected=self._corrected)
        worker = self._worker.result()
        for name, text in late.items():
            worker.give(name, text)
        return judge(self._read, failed=failed, measure=worker.measure, corrected=self._corrected)

    def close(self) -> None:
        """Nothing of it is left running."""
        if self._worker is not None and self._worker.exception() is None:
            self._worker.result().close()
        self._starting.shutdown()


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
        if not failed:
            evaluation.start(guest, files or {})
        return evaluation.judge(failed=failed)
    finally:
        evaluation.close()


def _never(part: object) -> Any:  # noqa: ARG001 - it is given one
    raise AssertionError("nothing is measured where the word FAIL settles it")
