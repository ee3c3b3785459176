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

__all__ = ["Guest", "Judgement", "Metric", "Output", "evaluate", "judge", "obstacles", "parse", "ready"]


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
    read = parse(evaluator, corrected=corrected)
    if read.infeasible or failed:
        return judge(read, failed=failed, measure=_never, corrected=corrected)
    reasons = obstacles(read)
    if reasons:
        raise TaskFault("; ".join(reasons))
    given = files or {}
    lacking = [name for name in read.given if name not in given]
    if lacking:
        raise TaskFault(f"the evaluator needs {', '.join(lacking)}: give the task's assets")
    environment = ready()
    check_names(read)
    with Worker(environment, guest, given, seconds=seconds) as worker:
        return judge(read, failed=failed, measure=worker.measure, corrected=corrected)


def _never(part: object) -> Any:  # noqa: ARG001 - it is given one
    raise AssertionError("nothing is measured where the word FAIL settles it")
