"""Running a task's checks, and proving of them that they only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from envs.desktop import Probe
from envs.errors import DesktopFault, TaskFault
from envs.types import Observation, Window
from scoring.verdict import Check, Verdict
from tasks.base import Task

REST = 0.6
"""Seconds between two looks that must be alike: what applications put off, LibreOffice puts off for up to 0.55 s."""
LOOKS = 5


def judge(task: Task, checks: Sequence[Check], probe: Probe, answer: str) -> Iterator[Verdict]:
    """Each check's verdict. Whatever a check raises but DesktopFault is a TaskFault that names it."""
    for check in checks:
        try:
            verdict = check(probe, answer)
            verdict = msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict)
        except DesktopFault:
            raise
        except msgspec.MsgspecError as err:
            raise TaskFault(f"{task.id}: the check {name_of(check)!r} gave no verdict: {err}") from err
        except (Exception, SystemExit) as err:
            raise TaskFault(f"{task.id}: the check {name_of(check)!r} raised {err!r}") from err
        yield verdict


def name_of(check: Check) -> str:
    """What it calls itself; its type where it cannot even say that."""
    try:
        return str(check.name)
    except Exception:  # noqa: BLE001 - task code; the check itself is blamed when it judges
        return type(check).__name__


@dataclass(frozen=True)
class Untouched:
    """Sees to it that judging changes nothing. `look` takes a picture after so many seconds, and does nothing else.

    The screen is compared only where it is at rest: one that goes on changing by itself says nothing of the checks.
    """

    task: Task
    probe: Probe
    look: Callable[[float], Observation]

    def around(self, judging: Callable[[], None]) -> None:
        """Judge. Raises TaskFault when the windows or the screen are others afterwards."""
        still, before = self._at_rest()
        windows = self.probe.windows()
        judging()
        after, left = self.look(0.0).png, self.probe.windows()
        if _outline(left) != _outline(windows):
            raise TaskFault(f"{self.task.id}: the windows changed while its checks ran: {windows} to {left}")
        if still and after != before:
            raise TaskFault(f"{self.task.id}: the screen changed while its checks ran")

    def _at_rest(self) -> tuple[bool, bytes]:
        """Whether the screen has come to rest, and the last picture of it."""
        last = self.look(0.0).png
        for _ in range(LOOKS):
            before, last = last, self.look(REST).png
            if before == last:
                return True, last
        return False, last


def _outline(windows: Sequence[Window]) -> list[tuple[int, str, bool]]:
    return [(window.id, window.title, window.focused) for window in windows]
