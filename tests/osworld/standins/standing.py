"""A task's stage with witnesses: what ran when it was set up and judged, over stand-ins, and what did not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from envs.desktop import Desktop
from envs.remote import RemoteDesktop
from envs.types import Closed, Finish
from scoring.osworld import Evaluation, Guest, Judgement
from scoring.osworld.shown import Shown
from scoring.record import How
from scoring.verdict import Verdict
from tasks.base import Prepared, Task
from tasks.osworld import staging
from tasks.osworld.assets import Assets
from tasks.osworld.example import Example
from tasks.osworld.setup import Ground

from . import leaving, making

_WRONG = re.compile("no window is named after|cannot start")
"""Notes that say that a step did not run. Others are of windows that the idle agent has not opened."""


class Ran(Closed):
    """What came of a task. `holes` are what should have run and did not: with none of them it ran through."""

    task: str
    holes: tuple[str, ...]
    said: str
    """The metrics and what they came to."""
    notes: tuple[str, ...]
    desktop: str


def task(example: Example, store: Assets, tell: Callable[[Ran], None]) -> Task:
    """The task as `handeye osworld run` plays it; what came of it is told when it has been judged."""
    return replace(staging.task(example, store), stage=Standing(example, store, tell))


@dataclass(frozen=True)
class Standing:
    """Sets the task up, and watches. See `tasks.base.Stage`."""

    example: Example
    store: Assets
    tell: Callable[[Ran], None]

    def prepare(self, desktop: Desktop) -> Prepared:
        """See `Stage.prepare`."""
        assert isinstance(desktop, RemoteDesktop)
        inner = staging.Staging(self.example, self.store)
        stood = Stood(inner, desktop, self.tell)
        try:
            stood.set_up(inner.given())
        except BaseException:
            stood.close()
            raise
        return stood


class Furnished(Shown):
    """The desktop, on which a file that is looked for and is not there is made just then."""

    def __init__(self, ground: Ground, files: Mapping[str, bytes]) -> None:
        super().__init__(ground)
        self._ground = ground
        self._files = files
        self.missing: list[str] = []

    def file(self, path: str) -> bytes | None:
        """See `Guest.file`."""
        data = super().file(path)
        if data is None and path in self._files:
            self._ground.put(path, self._files[path])
            data = super().file(path)
        if data is None:
            self.missing.append(path)
        return data


class Seen(Evaluation):
    """An evaluation of a furnished desktop, which remembers its judgement."""

    def __init__(self, example: Example, ground: Ground) -> None:
        super().__init__(example.as_written()["evaluator"])
        self.guest = Furnished(ground, leaving.looked_for(example))
        self.judgement: Judgement | None = None

    def start(self, guest: Guest, files: Mapping[str, Path]) -> None:
        """See `Evaluation.start`."""
        super().start(self.guest, files)

    def judge(self, *, failed: bool, late: Mapping[str, str] = MappingProxyType({})) -> Judgement:
        """See `Evaluation.judge`."""
        self.judgement = super().judge(failed=failed, late=late)
        return self.judgement


class Stood(staging.Staged):
    """An episode of it. See `tasks.base.Prepared`."""

    def __init__(self, inner: staging.Staging, desktop: RemoteDesktop, tell: Callable[[Ran], None]) -> None:
        super().__init__(inner, staging.Ground(desktop))
        self._tell = tell
        self._image = desktop.about.image
        self._evaluation: Seen = Seen(inner.example, self._ground)

    def judge(self, how: How, last: Finish, since: float) -> tuple[Verdict, ...]:
        """See `Prepared.judge`; what is judged was left by us."""
        for path, data in leaving.before(self._example).items():
            self._ground.put(path, data)
        if leaving.BACKGROUND in leaving.before(self._example):
            where = ("org.gnome.desktop.background", "picture-uri", f"file://{leaving.BACKGROUND}")
            self._ground.run("gsettings", "set", *where, seconds=20.0)
        verdicts = super().judge(how, last, since)
        seen = self._evaluation
        found = holes(self._example, seen.judgement, seen.guest.missing, verdicts)
        found += tuple(note for note in self.notes if _WRONG.search(note))
        self._tell(
            Ran(
                task=self._example.id,
                holes=found,
                said=verdicts[0].actual,
                notes=self.notes,
                desktop=self._image,
            )
        )
        return verdicts


def holes(
    example: Example, judgement: Judgement | None, missing: list[str], verdicts: tuple[Verdict, ...]
) -> tuple[str, ...]:
    """What should have run and did not, or ran on nothing."""
    if judgement is None:
        return tuple(verdict.actual for verdict in verdicts)
    if example.evaluator.infeasible:  # settled by the agent's last word alone
        return ()
    checks = example.evaluator.checks
    found = [f"{each.func} {each.trouble}" for each in judgement.metrics if each.trouble]
    found += [f"{check.metric} was not asked" for check in checks[len(judgement.metrics) :]]
    wanted = {
        path
        for getter in example.evaluator.getters
        if getter.type in {*leaving.FETCH, "vscode_config"}
        for path in making.listed(getter, "path")
    }
    return (*found, *(f"{path} was not there" for path in missing if path in wanted))
