"""What the commands that work on a run's folder do: play it, film it, show it."""

from __future__ import annotations

import signal
import sys
import webbrowser
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console

from agent import solutions
from agent.asking import Plan
from agent.show import Show, paper
from agent.suite import run_suite
from envs.errors import BadInput
from envs.settle import until
from scoring import report as reports
from scoring.metrics import current, passed
from scoring.record import begin_run, hold
from scoring.story import read

OK, VOID, STOPPED = 0, 1, 130
ORACLE = "oracle"


def play(plan: Plan, *, json: bool = False, films: bool = False) -> int:
    """Play the run with its progress on stderr, then print its numbers. Returns the exit code."""
    finished = perform(plan)
    folder = plan.order.folder
    measure(folder)
    made = reports.build(folder)
    reports.write(folder, made)
    if films:
        film(folder, "*")
    if json:
        sys.stdout.write(reports.encode(made).decode())
    else:
        reports.show(made, paper())
        sys.stdout.write(f"run: {folder}\n")
    if not finished and (spent := plan.order.purse.spent):
        more = "--max-usd" if "USD" in spent else "--max-tokens"
        sys.stderr.write(
            f"handeye: stopped: {spent}; go on with `handeye run --resume {folder}` and a higher {more}\n"
        )
        return VOID
    if not finished:
        sys.stderr.write(f"handeye: stopped; go on with `handeye run --resume {folder}`\n")
        return STOPPED
    return VOID if made.numbers.counts.void else OK


def perform(plan: Plan) -> bool:
    """Play what is to be played into the run's folder; False when it was stopped, by hand or by its purse.

    What dead runs left behind goes first. Raises BadInput where the desktop cannot run, before anything is written.
    """
    from envs.doctor import clean

    order = plan.order
    with hold(order.folder):
        if plan.fresh and (order.folder / "run.json").exists():
            raise BadInput(
                f"{order.folder} already holds a run; go on with it by `handeye run --resume {order.folder}`, "
                "or choose another --out"
            )
        clean()
        if plan.jobs:
            order.spare.append(order.desktop())
        try:
            if plan.fresh:
                begin_run(order.folder, order.run)
                _latest(order.folder)
            planned = len(order.run.tasks) * len(order.run.seeds) * order.run.repeats
            planned = max(planned, len(plan.jobs))
            with terminable(), Show(planned, done=planned - len(plan.jobs)) as show:
                return run_suite(order, plan.jobs, show)
        finally:
            for desktop in order.spare:
                desktop.close()


class terminable:  # noqa: N801 - reads as what it makes of the block
    """Being asked to end (SIGTERM) is as Ctrl-C is, inside the block."""

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGTERM, _interrupt)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _latest(folder: Path) -> None:
    """`LATEST` beside the run leads to it."""
    link = folder.parent / "LATEST"
    try:
        if link.is_symlink() or not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(folder.name)
    except OSError:  # a convenience, and not every disk has links
        return


def measure(folder: Path, agent: str = ORACLE) -> None:
    """Remember how many actions the solutions took that passed, which that agent played."""
    _, stories = read(folder)
    mine = [each for each in current(stories) if passed(each) and each.started.agent == agent]
    solutions.keep({(each.started.task, each.started.seed): each.actions for each in mine})


def film(folder: Path, glob: str) -> None:
    """Write the video of each episode whose folder's name fits. Raises BadInput when none does."""
    from scoring.viewer.export import filmed

    _, stories = read(folder)
    chosen = [story for story in stories if fnmatchcase(story.name, glob)]
    if not chosen:
        there = ", ".join(story.name for story in stories) or "none"
        raise BadInput(f"{folder} has no episode {glob!r}; it has {there}")
    for story in chosen:
        sys.stdout.write(f"{filmed(folder, story)}\n")
        sys.stdout.flush()


def export(folder: Path, out: Path) -> None:
    """Write the run's page as a static folder."""
    from scoring.viewer.export import export as write

    console = Console(stderr=True)
    sys.stdout.write(f"{write(folder, out, lambda name: console.print(f'filming {name}', highlight=False))}\n")


def view(folder: Path, port: int, *, open_: bool) -> None:
    """Serve the run's page until Ctrl-C."""
    from scoring.viewer.serve import serve

    try:
        viewer = serve(folder, port)
    except OSError as err:
        raise BadInput(f"cannot serve on port {port}: {err.strerror}; choose another --port") from None
    sys.stdout.write(f"{viewer.url}\n")
    sys.stdout.flush()
    if open_:
        webbrowser.open(viewer.url)
    try:
        while not until(lambda: False, deadline=3600.0, pause=0.5):
            pass
    except KeyboardInterrupt:
        viewer.close()
