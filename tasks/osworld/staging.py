"""One of OSWorld's tasks as a task of ours: set up by its own steps, judged by OSWorld's own evaluators.

The order is OSWorld's: setup, the agent, `postconfig` (always), the word FAIL, the metrics. `prepare` refuses before
the agent works what could not be judged after it: a file that is missing, an evaluator that is left out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from envs import wire
from envs.desktop import Desktop, Probe
from envs.errors import BadInput, TaskFault
from envs.osworld.machine import WireMachine
from envs.remote import RemoteDesktop
from envs.types import Finish, Scene
from scoring.osworld import Evaluation, Judgement
from scoring.osworld.shown import Shown
from scoring.record import How
from scoring.verdict import Verdict
from tasks.base import Budget, Step, Task
from tasks.osworld import assets, setup, solutions, steps
from tasks.osworld.assets import Assets
from tasks.osworld.example import Evaluator, Example
from tasks.osworld.setup import REST_WITHIN, Failed, Setup
from tasks.play import finish

STEPS: Final = 15
"""OSWorld's own limit."""
SECONDS: Final = 3600.0
SCENE: Final = Scene(commands=(("sh", "/etc/handeye/osworld-user.sh"),))
"""What the user of OSWorld's machine has set otherwise than ours; see docker/README.md."""
WRITES_AFTER: Final = 11.0
"""Seconds after a change by which Chromium has written it to its profile: it waits for 10."""
PROFILE: Final = frozenset((
    "default_search_engine", "cookie_data", "history", "bookmarks", "enabled_experiments", "chrome_language",
    "chrome_font_size", "chrome_appearance_mode_ui", "profile_name", "enable_do_not_track",
    "enable_enhanced_safety_browsing", "enable_safe_browsing", "new_startup_page", "data_delete_automacally",
    "find_unpacked_extension_path", "find_installed_extension_name",
))  # fmt: skip
"""Getters of what Chromium writes to its profile some time after it was changed."""
BOOKMARKS_AFTER: Final = 4.0
"""Seconds for bookmarks: it waits for 2.5, and loses them when it is ended before; of the rest it loses nothing."""


def task(example: Example, store: Assets | None = None, *, corrected: bool = False) -> Task:
    """The task, with its solution where one is known: the word that it cannot be done for what is infeasible."""
    infeasible = example.evaluator.infeasible
    return Task(
        id=f"osworld/{example.domain}/{example.id}",
        goal=example.instruction,
        checks=(),
        scene=SCENE,
        budget=Budget(steps=STEPS, seconds=SECONDS),
        apps=tuple(dict.fromkeys(example.related_apps)) or (example.domain,),
        tags=("infeasible",) if infeasible else (),
        solution=_refusing if infeasible else solutions.find(example.id),
        stage=Staging(example, store, corrected=corrected),
    )


def no_machine(kind: str) -> BadInput:
    """What is said of a desktop that OSWorld's steps have nothing to work on in."""
    return BadInput(
        f"OSWorld's tasks are set up on a machine, which {kind!r} is not; use --desktop embedded or docker"
    )


def _refusing(see: Probe) -> Iterator[Step]:  # noqa: ARG001 - it looks at nothing
    """Says that it cannot be done."""
    yield finish(claim="infeasible")


@dataclass(frozen=True)
class Ground(WireMachine):
    """A desktop of ours, whose screen can be waited for."""

    def settle(self, deadline: float, still: float) -> bool:
        """See `setup.Ground.settle`."""
        request = wire.Settle(deadline=deadline, still=still)
        return self.desktop.scorer.call("settle", request, wire.Settled, seconds=deadline).settled


@dataclass(frozen=True)
class Staging:
    """Sets the task up. See `tasks.base.Stage`."""

    example: Example
    store: Assets | None = None
    corrected: bool = False

    def prepare(self, desktop: Desktop) -> Staged:
        """Its setup on the desktop. Raises as the module says, and BadInput for a desktop without a machine."""
        given = self.given()
        if not isinstance(desktop, RemoteDesktop):
            raise no_machine(desktop.about.kind)
        return self.on(Ground(desktop), given)

    def on(self, ground: setup.Ground, given: Mapping[str, Path]) -> Staged:
        """The same on what has all that it takes, with what the evaluator compares with."""
        staged = Staged(self, ground)
        try:
            staged.set_up(given)
        except BaseException:
            staged.close()
            raise
        return staged

    def bring(self, url: str) -> Path:
        """A file of a step, by its address; the empty history for none. Raises TaskFault where it cannot be had."""
        key = assets.split(url)[1] if url else assets.HISTORY
        asset = next((each for each in assets.of(self.example) if each.key == key), None)
        if asset is None:
            raise TaskFault(f"its setup fetches {url}, which is none of OSWorld's files: it cannot be had here")
        return self._find(asset)

    def _find(self, asset: assets.Asset) -> Path:
        found = self.store.find(asset) if self.store else None
        if found is None:
            where = f"in {self.store.folder}" if self.store else "as there is no folder of them (--assets)"
            raise TaskFault(f"wanted the file {asset.key}, found none {where}; `handeye osworld fetch` fetches it")
        return found

    def given(self) -> dict[str, Path]:
        """What the evaluator compares with, by the name it has in OSWorld's cache.

        Raises TaskFault where any file is missing, of the setup too.
        """
        found = [(asset, self._find(asset)) for asset in assets.of(self.example)]
        return {
            asset.cached.removeprefix(f"{self.example.id}/"): path
            for asset, path in found
            if asset.part in {"expected", "result"}
        }


class Staged:
    """An episode of the task. See `tasks.base.Prepared`."""

    def __init__(self, staging: Staging, ground: setup.Ground) -> None:
        self._example = staging.example
        self._ground = ground
        self._evaluation = Evaluation(self._example.as_written()["evaluator"], corrected=staging.corrected)
        self._setup = Setup(self._ground, staging.bring, staging.store.folder if staging.store else None)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `tasks.base.Prepared.notes`."""
        return tuple(self._setup.notes)

    def set_up(self, given: Mapping[str, Path]) -> None:
        """Carry out `config`, while what will judge it starts, with the files that it compares with."""
        self._evaluation.start(Shown(self._ground), given)
        try:
            self._setup.carry_out(self._example.config)
        except Failed as failed:
            raise TaskFault(f"its setup failed: {failed}") from failed
        self._setup.eager = False

    def judge(self, how: How, last: Finish, since: float) -> tuple[Verdict, ...]:
        """See `tasks.base.Prepared.judge`."""
        failed = how == "finished" and last.claim != "done"
        self._let_be(since)
        try:
            self._setup.carry_out(self._example.evaluator.postconfig)
        except Failed as step:
            # What it works on is what the agent has left.
            return (Judgement(score=0.0, value=0.0, trouble=f"before judging, {step}").verdict(),)
        return (self._evaluation.judge(failed=failed, late=self._setup.kept).verdict(),)

    def close(self) -> None:
        """See `tasks.base.Prepared.close`."""
        self._evaluation.close()

    def _let_be(self, since: float) -> None:
        """Let what the agent began come to its end, where OSWorld waits for 20 s."""
        self._ground.settle(REST_WITHIN, 0.0)
        left = written_after(self._example.evaluator) - since
        if left > 0:
            self._ground.settle(left, left)


def written_after(evaluator: Evaluator) -> float:
    """Seconds after an action by which Chromium has written what is judged of its profile; 0 where nothing is.

    A task that ends Chromium before it is judged has it write all but bookmarks.
    """
    getters = {getter.type for getter in evaluator.getters}
    restarts = any(
        isinstance(step, steps.Launch | steps.Execute | steps.Run) and "pkill chrome" in steps.line(step)
        for step in evaluator.postconfig
    )
    if not restarts:
        return WRITES_AFTER if PROFILE & getters else 0.0
    return BOOKMARKS_AFTER if "bookmarks" in getters else 0.0
