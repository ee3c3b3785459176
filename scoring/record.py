"""What happened, as it happened: one append-only log per episode, one writer, and the only reader.

A run is a folder:

    RUN/run.json                      what was asked for: a `Run`
    RUN/frames/<sha256>.png           every picture seen, stored once, named by its content
    RUN/episodes/<episode>/events.jsonl   one `Line` per line
    RUN/episodes/<episode>/fault.txt      the traceback of a fault, for whoever looks for its cause
    RUN/lock                          held by the process that writes to the run

Everything else in the folder (videos, pages, tables) is derived and can be deleted.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from envs.errors import BadInput, Cause, DesktopFault
from envs.types import About, Act, Action, Called, Card, Closed, Observation, Served, Size, Took
from scoring.calibrated import Calibration
from scoring.state import STATES, State, encoded, packed
from scoring.verdict import Verdict

FORMAT: Final = 1
"""Rises only when an older reader would be wrong."""

How = Literal["finished", "out_of_budget", "agent_fault", "desktop_fault", "task_fault", "endpoint_fault", "stopped"]


class Unread(Act):
    """What another harness recorded as done, in words that are none of our actions. Kept, and never carried out."""

    text: str


Deed: TypeAlias = Action | Unread
"""What a log can say was done. Of our own runs it is always an action."""


class Event(Closed, tag_field="event", tag=str.lower):
    """Something that happened in an episode."""


class Started(Event):
    """First line. `axes` says what the episode was going to be judged on, so that a missing verdict is known."""

    format: int
    utc: str
    suite: str
    task: str
    goal: str
    seed: int
    repeat: int
    agent: str
    desktop: About
    axes: tuple[str, ...]
    checks: tuple[str, ...]
    apps: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    budget_steps: int = 0
    budget_seconds: float = 0.0
    condition: str = ""
    """What was helped or changed: an aid, its placebo, a start on the way (see `agent.aids`); empty: as in life."""
    solution_steps: int | None = None
    """Actions the solution took when it was last measured, if it was."""
    source: str = ""
    """Whose record this was made from, where the episode was not ours: then nothing is known of where its time went,
    of whether screens had come to rest, and of the clock no more than when actions were recorded."""


class Looked(Event):
    """A picture of the screen: the first of the episode, or what an action led to."""

    frame: str
    """SHA-256 of the PNG, in hex: its name in `frames/`."""
    size: Size
    settled: bool
    refused: str = ""
    took: Took = Took()
    wall: float = 0.0
    """Seconds from asking the desktop to having the picture, on the host."""


class Captured(Event):
    """What the machine told of itself at the picture before: kept where items are to be made of it."""

    state: str
    """SHA-256 of the state, in hex: its name in `states/` (see `scoring.state`)."""


class Decided(Event):
    """The agent's decision, before any of it is carried out. `seconds` is how long it took to decide."""

    intent: str
    thought: str
    actions: tuple[Deed, ...]
    seconds: float
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float | None = None
    raw: str = ""
    calls: tuple[Called, ...] = ()
    """Every model call that was made for it; without actions: the calls that led to a fault."""
    told: str = ""
    """What the agent was told by an aid, besides what it saw."""
    lead: bool = False
    """Of the task's solution, played before the agent began: not its own, and not of its budget."""


class Acted(Event):
    """One action, about to be carried out. `step` counts actions from 1."""

    step: int
    action: Deed


class Judged(Event):
    """One check's verdict. `final` ones make the score; the others are milestones on the way."""

    verdict: Verdict
    final: bool
    step: int


class Left(Event):
    """What is in the home folder and has a window: before the agent begins and again after it, where that is kept.

    `files` says of each file that is not hidden what it holds, in a word that is another for other bytes; `programs`
    are the classes of the windows.
    """

    files: dict[str, str]
    programs: tuple[str, ...] = ()


class Ended(Event):
    """Last line. `score` is None when the episode is void: a fault of ours, or stopped by hand."""

    how: How
    score: float | None
    reason: str = ""
    claim: str = ""
    answer: str = ""
    seconds: float = 0.0
    cause: Cause = ""
    """Of an agent fault, what of the model's doing it was."""


AnyEvent = Started | Looked | Captured | Decided | Acted | Judged | Left | Ended


class Line(Closed):
    """One line of the log. `t` is seconds since the episode began, by a monotonic clock."""

    seq: int
    t: float
    event: AnyEvent


class Run(Closed):
    """What a run was asked to do: enough to do it again, and to know what is missing."""

    format: int
    id: str
    utc: str
    handeye: str
    """Version of handeye, with the commit where it is known."""
    suite: str
    agent: str
    desktop: str
    seeds: tuple[int, ...]
    repeats: int
    tasks: tuple[str, ...]
    jobs: int
    size: Size
    options: dict[str, str]
    cards: tuple[Card, ...] = ()
    """The models that played it, and where pictures were sent."""
    abouts: tuple[Served, ...] = ()
    """What their endpoints said of themselves before it began."""
    calibration: tuple[Calibration, ...] = ()
    """How well those that can point did so, before it began."""


@dataclass(frozen=True)
class Episode:
    """One attempt as its log has it. `torn` says that the last line was cut off, and so left out."""

    name: str
    lines: tuple[Line, ...]
    torn: bool = False

    @property
    def started(self) -> Started | None:
        """The first line; None when not even that was written whole."""
        event = self.lines[0].event if self.lines else None
        return event if isinstance(event, Started) else None

    @property
    def ended(self) -> Ended | None:
        """The last line; None while it runs, or when it was cut off."""
        event = self.lines[-1].event if self.lines else None
        return event if isinstance(event, Ended) else None


class EventLog:
    """Writes one episode's log: `folder` is RUN/episodes/<episode>, and must not exist.

    A line is in the file, whole, when a call returns; the disk has it when `Ended` was appended. Any thread may
    append; after `Ended` nothing is written. `listener` is told what was written; `clock` tells seconds. Raises
    DesktopFault when the disk will not take it: what was written before stays, and can be read.
    """

    def __init__(
        self,
        folder: Path,
        listener: Callable[[AnyEvent], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._listener = listener
        self._clock = clock
        self._frames = folder.parent.parent / "frames"
        self._lock = threading.Lock()
        self._began = clock()
        self._seq = 0
        self._size = 0
        with _disk(folder):
            self._frames.mkdir(parents=True, exist_ok=True)
            folder.mkdir(parents=True)
            self._file = os.open(folder / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)

    @property
    def seconds(self) -> float:
        """Since the episode began."""
        return self._clock() - self._began

    def append(self, event: AnyEvent) -> None:
        """Write one line."""
        with self._lock:
            if self._file < 0:
                return
            line = msgspec.json.encode(Line(seq=self._seq, t=round(self.seconds, 6), event=event)) + b"\n"
            with _disk(self.folder):
                self._write(line)
                self._seq += 1
                self._size += len(line)
                if isinstance(event, Ended):
                    os.fsync(self._file)
            if isinstance(event, Ended):
                self._close()
        if self._listener is not None:
            self._listener(event)

    def _write(self, line: bytes) -> None:
        try:
            done = os.write(self._file, line)
            if done < len(line):  # a full disk takes a part, and says so only at the next write
                os.write(self._file, line[done:])
        except OSError:
            os.ftruncate(self._file, self._size)
            raise

    def look(self, seen: Observation, wall: float) -> None:
        """Store the picture, if it is new, and write that it was seen after `wall` seconds of waiting for it."""
        frame = hashlib.sha256(seen.png).hexdigest()
        self._keep(self._frames / f"{frame}.png", lambda: seen.png)
        self.append(
            Looked(
                frame=frame,
                size=seen.size,
                settled=seen.settled,
                refused=seen.refused,
                took=seen.took,
                wall=round(wall, 6),
            )
        )

    def capture(self, state: State) -> None:
        """Store the state, if it is new, and write that it was so."""
        data = encoded(state)
        name = hashlib.sha256(data).hexdigest()
        self._keep(self.folder.parent.parent / STATES / name, lambda: packed(data))
        self.append(Captured(state=name))

    def _keep(self, path: Path, data: Callable[[], bytes]) -> None:
        """Write a file that is named after what is in it, whole or not at all, unless it is there."""
        if path.exists():
            return
        part = path.parent / f".{path.name}.{os.getpid()}.{threading.get_ident()}"
        with _disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                part.write_bytes(data())
                part.rename(path)
            except OSError:
                part.unlink(missing_ok=True)
                raise

    def attach(self, name: str, text: str) -> None:
        """Put a file beside the log; one that cannot be written is done without."""
        try:
            (self.folder / name).write_text(text)
        except OSError:
            return

    def close(self) -> None:
        """Write no more, whether or not it has ended."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise DesktopFault(f"cannot write {path}: {err.strerror or err}; what was recorded before is kept") from err


def read(folder: Path) -> Episode:
    """An episode's log. A torn last line is left out; any other that cannot be read is BadInput, with its place."""
    log = folder / "events.jsonl"
    try:
        *whole, last = log.read_bytes().split(b"\n")
    except FileNotFoundError:
        raise BadInput(f"{folder} is not an episode: it has no events.jsonl") from None
    lines = []
    for number, line in enumerate(whole, 1):
        try:
            lines.append(msgspec.json.decode(line, type=Line))
        except msgspec.DecodeError as err:
            raise BadInput(f"{log}, line {number} cannot be read: {err}") from err
    return Episode(name=folder.name, lines=tuple(lines), torn=bool(last))


def read_run(folder: Path) -> tuple[Run, tuple[Episode, ...]]:
    """What a run was asked to do, and its episodes by name. Raises BadInput when it is no run, as `read` does."""
    path = folder / "run.json"
    if not path.is_file():
        raise BadInput(f"{folder} is not a run: it has no run.json")
    try:
        run = msgspec.json.decode(path.read_bytes(), type=Run)
    except msgspec.DecodeError as err:
        raise BadInput(f"{path} cannot be read: {err}") from err
    if run.format > FORMAT:
        raise BadInput(f"{path} has format {run.format}, and this handeye reads up to {FORMAT}; use a newer one")
    return run, tuple(read(log.parent) for log in sorted(folder.glob("episodes/*/events.jsonl")))


def begin_run(folder: Path, run: Run) -> None:
    """Write run.json into a folder that has none. Raises BadInput when it has one, or cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "run.json").open("xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    except FileExistsError:
        raise BadInput(
            f"{folder} already holds a run; go on with it by `handeye run --resume {folder}`, or choose another --out"
        ) from None
    except OSError as err:
        raise BadInput(f"cannot write to {folder}: {err.strerror or err}") from err


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Be the only process that writes to the run. Raises BadInput while another one is.

    A lock of the kernel's, so that a process that was killed does not hold it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as err:
        raise BadInput(f"cannot write to {folder}: {err.strerror or err}") from err
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
            raise BadInput(
                f"{folder} is being written to by another handeye (process {owner}); choose another --out"
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
