"""`terminal`: what went wrong on one day is taken out of a service's log, in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from envs.desktop import Probe
from envs.types import Launch, Put, Scene
from scoring.checks import FileExists, FileHas, FileIs
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, click_at, window, write
from tasks.smoke.files import SomeFileIs

HOME = "/home/user"
TITLE = "Terminal"
SERVICES = ("backup", "printer", "mailroom", "thermostat", "turnstile", "greenhouse")
PARTS = ("disk", "network", "queue", "sensor", "clock", "cache")
WORDS = {
    "INFO": ("started", "check passed", "idle", "woke up", "no ERROR since the last start"),
    "WARN": ("slow answer, 2.1 s", "retry after ERROR 17", "almost full", "clock is 3 s behind"),
    "ERROR": ("no answer", "write failed, code 5", "checksum differs", "out of space", "lost the connection"),
}


@dataclass(frozen=True)
class Logbook:
    """A service's log in two files, the older one first in time, and what is to be taken out of it."""

    service: str
    day: date
    older: tuple[str, ...] = field(repr=False)
    newer: tuple[str, ...] = field(repr=False)

    @property
    def folder(self) -> str:
        """Where the log lies."""
        return f"{HOME}/Logs"

    @property
    def current(self) -> str:
        """The path of the newer file."""
        return f"{self.folder}/{self.service}.log"

    @property
    def rotated(self) -> str:
        """The path of the older file."""
        return f"{self.current}.1"

    @property
    def errors(self) -> tuple[str, ...]:
        """The day's lines of the level ERROR, in the order of time."""
        return tuple(
            line for line in self.older + self.newer if line.startswith(f"{self.day} ") and _level(line) == "ERROR"
        )

    @property
    def target(self) -> str:
        """Where they must be."""
        return f"{HOME}/Documents/{self.service}-errors-{self.day}.txt"

    @property
    def count(self) -> str:
        """Where their number must be."""
        return f"{HOME}/Documents/{self.service}-errors-count.txt"


def _level(line: str) -> str:
    return line.split(" ")[2]


def _day(rng: Random, day: date, others: date) -> Iterator[str]:
    """A day's lines, in the order of time: of every level, some speaking of another day or of errors in passing."""
    moments = sorted(rng.sample(range(24 * 3600), rng.randrange(34, 48)))
    levels = ["ERROR"] * rng.randrange(7, 12) + ["WARN"] * 9
    levels += ["INFO"] * (len(moments) - len(levels))
    rng.shuffle(levels)
    for second, level in zip(moments, levels, strict=True):
        at = (datetime.combine(day, time()) + timedelta(seconds=second)).time()
        said = rng.choice(WORDS[level])
        if rng.random() < 0.15:
            said = f"report of {others} sent"
        yield f"{day} {at} {level} {rng.choice(PARTS)}: {said}"


def logbook(rng: Random) -> Logbook:
    """What a seed makes of it."""
    day = date(2026, 1, 12) + timedelta(days=rng.randrange(40))
    lines: list[str] = []
    cut = 0
    for offset in range(-2, 3):
        of = day + timedelta(days=offset)
        made = list(_day(rng, of, day if offset else day - timedelta(days=1)))
        if not offset:
            # The log went on in a new file in the middle of the day, with errors on both sides.
            errors = [number for number, line in enumerate(made) if _level(line) == "ERROR"]
            cut = len(lines) + errors[rng.randrange(2, len(errors) - 2)]
        lines += made
    return Logbook(rng.choice(SERVICES), day, tuple(lines[:cut]), tuple(lines[cut:]))


def _text(lines: tuple[str, ...]) -> str:
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class Line:
    """A command line, and the file that it writes, if any."""

    command: str
    makes: str = ""


def _errors(about: Logbook, *, pattern: str = "", parts: tuple[str, ...] = ("log.1", "log")) -> Line:
    """Takes the lines out. Without a pattern, the right ones."""
    files = " ".join(f"Logs/{about.service}.{part}" for part in parts)
    pattern = pattern or f"^{about.day} [0-9:]* ERROR "
    return Line(f"grep -h '{pattern}' {files} > {about.target.replace(HOME, '~')}", about.target)


def _count(about: Logbook) -> Line:
    return Line(f"wc -l < {about.target} > {about.count.replace(HOME, '~')}", about.count)


def _near_misses(about: Logbook) -> dict[str, Play]:
    packed = Line(f"gzip {about.rotated}", f"{about.rotated}.gz")
    return {
        "every line with the date and the word": _typed(_errors(about, pattern=f"{about.day}.*ERROR"), _count(about)),
        "the newer part first": _typed(_errors(about, parts=("log*",)), _count(about)),
        "the older part packed afterwards": _typed(_errors(about), _count(about), packed),
        "the number typed but not entered": _typed(_errors(about), last=_count(about).command),
    }


def _typed(*lines: Line, last: str = "") -> Play:
    """Type the lines into the terminal, each once the one before has written its file. `last` is not entered."""

    def play(see: Probe) -> Iterator[Step]:
        yield click_at(window(see, TITLE).box.centre, intent="turn to the terminal")
        for line in lines:
            yield write(f"{line.command}\n")
            if line.makes:
                await_(f"{line.makes} to be written", partial(_filled, see, line.makes))
        if last:
            yield write(last)

    return play


def _filled(see: Probe, path: str) -> bool:
    return any(entry.size for entry in see.files(path))


def terminal(rng: Random) -> Task:
    """A day's errors are taken out of a log that went on in a second file that day, and counted."""
    about = logbook(rng)
    written = f"{about.day.day} {about.day:%B %Y}"
    target, count = (path.rpartition("/")[2] for path in (about.target, about.count))
    return Task(
        id="smoke/terminal@1",
        goal=(
            f"The folder Logs in your home folder holds the log of the {about.service} service: "
            f"{about.service}.log.1 is the older part, {about.service}.log the newer one. Use the terminal that is "
            f"open to write the complete lines of the level ERROR that were logged on {written}, from both parts and "
            f"in the order of time, and nothing else, into the new file '{target}' in the folder Documents of your "
            f"home folder. Write how many lines these are, as a number and nothing else, into the new file '{count}' "
            "beside it. Leave both parts of the log as they are."
        ),
        checks=(
            FileIs("the day's errors", about.target, _text(about.errors), spaces="trimmed"),
            FileIs("their number", about.count, str(len(about.errors)), spaces="folded"),
            SomeFileIs("the older part as before", about.rotated, _text(about.older).encode()),
            SomeFileIs("the newer part as before", about.current, _text(about.newer).encode()),
        ),
        scene=Scene(
            files=(
                Put(path=about.rotated, data=_text(about.older).encode()),
                Put(path=about.current, data=_text(about.newer).encode()),
            ),
            open=(Launch(argv=("xfce4-terminal", f"--working-directory={HOME}"), window=TITLE),),
        ),
        budget=Budget(steps=30),
        apps=("xfce4-terminal",),
        tags=("terminal",),
        plan=(
            f"cd Logs, and look at {about.service}.log",
            f"grep the lines that begin with {about.day}, a time and ERROR from the older and then the newer part",
            f"send them into ~/Documents/{target}",
            f"count them with wc into ~/Documents/{count}",
        ),
        milestones=(
            FileExists("the file for the errors", about.target),
            FileHas(
                "the first and the last error", about.target, (about.errors[0], about.errors[-1]), spaces="exact"
            ),
        ),
        solution=_typed(_errors(about), _count(about)),
        equivalents={
            "with awk, from within the folder": _typed(
                Line(f"cd {about.folder}"),
                Line(
                    f"cat {about.service}.log.1 {about.service}.log | "
                    f'awk \'$1 == "{about.day}" && $3 == "ERROR"\' > ~/Documents/{target}',
                    about.target,
                ),
                Line(f"echo {len(about.errors)} > {about.count}", about.count),
            ),
            "the number first": _typed(
                Line(f"cat Logs/*.log* | grep -c '^{about.day} .\\{{8\\}} ERROR' > {about.count}", about.count),
                _errors(about),
            ),
        },
        near_misses=_near_misses(about),
    )
