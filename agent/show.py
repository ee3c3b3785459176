"""A run while it runs: what is played, how far it is, how long it takes, and what it costs. On stderr."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from agent.suite import Job
from scoring.record import Acted, AnyEvent, Decided, Ended


def paper() -> Console:
    """Where tables are printed: as wide as the terminal, and wide enough to be read where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=160)


@dataclass
class Show:
    """Use as a context, and as the run's watcher. Without a terminal it prints a line for each episode that ended."""

    planned: int
    done: int = 0
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    tokens: int = 0
    usd: float = 0.0
    _steps: dict[str, int] = field(default_factory=dict)
    _rows: dict[str, TaskID] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            _Cost(self),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._all = self._progress.add_task("episodes", total=self.planned, completed=self.done)

    def __enter__(self) -> Show:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, job: Job, name: str, event: AnyEvent) -> None:
        """Show what was recorded of an episode."""
        with self._lock:
            row = self._row(job, name)
            match event:
                case Decided():
                    self.tokens += event.input_tokens + event.output_tokens
                    self.usd += event.usd or 0.0
                    self._progress.update(row, description=_short(f"  {name}: {event.intent}"))
                case Acted():
                    self._steps[name] = event.step
                    self._progress.update(row, completed=event.step)
                case Ended():
                    self._over(name, event)

    def _row(self, job: Job, name: str) -> TaskID:
        if name not in self._rows:
            self._rows[name] = self._progress.add_task(_short(f"  {name}"), total=job.part.task.budget.steps)
        return self._rows[name]

    def _over(self, name: str, ended: Ended) -> None:
        self._progress.remove_task(self._rows.pop(name))
        if ended.how not in ("desktop_fault", "stopped"):
            self.done += 1
        self._progress.update(self._all, completed=self.done)
        self.console.print(Text(self._line(name, ended)), soft_wrap=True)

    def _line(self, name: str, ended: Ended) -> str:
        steps = self._steps.pop(name, 0)
        said = "void" if ended.score is None else f"{ended.score:.2f}"
        why = "" if ended.how == "finished" else f", {ended.how.replace('_', ' ')}: {ended.reason}"
        return f"{self.done}/{self.planned} {name}: {said}, {steps} steps, {ended.seconds:.1f} s{why}"


def _short(text: str, most: int = 60) -> str:
    line = " ".join(text.split(" ")).replace("\n", " ")
    return f"{line if len(line) <= most else line[: most - 1] + '…':<{most}}"


class _Cost(ProgressColumn):
    """Tokens and money, on the run's own line."""

    def __init__(self, show: Show) -> None:
        super().__init__()
        self._show = show

    def render(self, task: object) -> Text:
        show = self._show
        if getattr(task, "id", None) != 0 or not show.tokens:
            return Text("")
        return Text(f"{show.tokens:,} tokens" + (f", {show.usd:.2f} USD" if show.usd else ""))
