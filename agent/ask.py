"""`handeye ask`: puts a bank to an agent, and prints what its answers are worth."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from agent.answering import FILE, Plan, Wish, perform, plan
from agent.listing import as_json, simple_table
from agent.registry import parse
from agent.show import paper
from scoring.stats import Estimate
from scoring.study import slug
from scoring.understanding import responses
from scoring.understanding.responses import Response
from scoring.understanding.rungs import RungScore, latest, scores

OK, VOID, STOPPED = 0, 1, 130


def ask(wish: Wish, *, json: bool = False) -> int:
    """Say what it will cost, ask what is left, and print the scores. Returns the exit code."""
    planned = plan(wish)
    done = planned.all - len(planned.left)
    sys.stderr.write(f"handeye: {planned.cost}{f'; {done} are answered already' if done else ''}\n")
    if planned.left and (spent := planned.purse.spent):
        sys.stderr.write(f"handeye: {wish.out} has used what it may: {spent}; give it more\n")
        return VOID
    with Asking(planned) as shown:
        finished = perform(planned, shown)
    answered = list(responses.read(wish.out / FILE))
    made = scores(planned.items, answered)
    if json:
        as_json(made)
    else:
        show(made)
        sys.stdout.write(f"answers: {wish.out / FILE}\n")
    return _ending(planned, answered, finished=finished)


def usual(bank: Path, agent: str) -> Path:
    """Where an agent's answers are kept if nobody says where: where a study keeps them, if it is a study's bank."""
    return bank.parent / "ask" / slug(str(parse(agent)))


def _ending(planned: Plan, answered: Iterable[Response], *, finished: bool) -> int:
    """What stands in the way of calling it complete, on stderr."""
    if not finished:
        spent = planned.purse.spent
        sys.stderr.write(f"handeye: stopped{f': {spent}' if spent else ''}; go on by the same command\n")
        return VOID if spent else STOPPED
    why = Counter(each.raw for each in latest(answered).values() if each.status == "error")
    for said, count in why.most_common(1):
        sys.stderr.write(
            f"handeye: {why.total()} questions have no answer and are put again by the same command; "
            f"{count} of them: {' '.join(said.split())}\n"
        )
    return VOID if why else OK


class Asking:
    """Use as a context, and to be told each answer: a bar on stderr, where that is a terminal."""

    def __init__(self, planned: Plan) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._bar = self._progress.add_task("questions", total=planned.all, completed=planned.all - len(planned.left))

    def __enter__(self) -> Asking:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, response: Response) -> None:  # noqa: ARG002 - what is told each answer
        """One more."""
        self._progress.advance(self._bar)


def show(made: tuple[RungScore, ...]) -> None:
    """For people."""
    table = simple_table(
        "rung", "items", "score", "as it is", "in every order", "invalid", "errors", "blind", "seeing adds"
    )
    for each in made:
        table.add_row(
            each.rung, str(each.items), _told(each.score), _told(each.accuracy), _value(each.both.value),
            _value(each.invalid.value), str(each.errors or ""), _value(each.blind.value if each.blind else None),
            _value(each.seeing),
        )  # fmt: skip
    paper().print(table)
    for each in made:
        _aside(each)


def _aside(score: RungScore) -> None:
    """What of a rung the table has no room for."""
    lines = []
    if score.words is not None:
        lines.append(f"in words {_told(score.words)}; the score is of its own way of pointing")
    if score.hidden.count:
        lines.append(f"what the pictures do not show {_told(score.hidden)}")
    for facet, found in score.detection.items():
        if not math.isnan(found.balanced):
            lines.append(
                f"{facet}: d' {found.sensitivity:.2f}, c {found.criterion:.2f}, over-claim {found.overclaim:.2f}"
            )
    for line in lines:
        paper().print(Text(f"{score.rung}: {line}"))


def _told(found: Estimate) -> str:
    return "" if math.isnan(found.value) else f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _value(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.3f}"
