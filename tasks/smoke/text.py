"""`notes`: a packing list in a text file, brought up to date in Mousepad and saved under a new name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from random import Random

from envs.desktop import Probe
from envs.types import Launch, Put, Scene
from scoring.checks import FileExists, FileHas, FileIs
from tasks.base import Budget, Play, Step, Task
from tasks.play import act, await_, gone, keys, menu, route, window, write
from tasks.smoke.office import FOLDER

TWINS = (
    ("Tent pegs", "Tent poles"),
    ("Water bottles", "Water filters"),
    ("Gas cartridges", "Gas lighters"),
    ("Wool socks", "Wool blankets"),
    ("Sleeping bags", "Sleeping mats"),
)
THINGS = (
    "Head torch",
    "First-aid kit",
    "Compass",
    "Pocket knife",
    "Rope (20 m)",
    "Café mugs",
    "Matches",
    "Sun cream",
)
PLACES = ("Rila", "Vosges", "Tatra", "Sarek", "Åland", "Karwendel")


@dataclass(frozen=True)
class Packing:
    """A packing list, one thing a line, and what shall change in it."""

    path: str
    wanted: str
    """The path of the new list."""
    lines: tuple[str, ...]
    old: str
    new: str
    """`new` shall stand where the line `old` stands."""
    gone: str
    """The line that shall go."""
    after: str
    added: str
    """`added` shall be a new line after the line `after`."""

    def text(self) -> str:
        """The file at the start."""
        return "\n".join(self.lines) + "\n"

    def updated(self) -> str:
        """The new file."""
        lines = [self.new if line == self.old else line for line in self.lines if line != self.gone]
        lines.insert(lines.index(self.after) + 1, self.added)
        return "\n".join(lines) + "\n"


def change(lines: tuple[str, ...], old: str, new: str) -> Play:
    """Write `new` over the line `old` of the lines that there are."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Mousepad")
        yield _to(lines, old)
        yield keys("shift+End", intent=f"select {old!r}")
        yield write(new)

    return play


def remove(lines: tuple[str, ...], old: str) -> Play:
    """Delete the line with its end."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Mousepad")
        yield _to(lines, old)
        yield keys("shift+Down", "Delete", intent=f"delete the line {old!r}")

    return play


def insert(lines: tuple[str, ...], after: str, new: str) -> Play:
    """Write a new line after the line `after`."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Mousepad")
        yield _to(lines, after)
        yield keys("End", intent=f"go to the end of {after!r}")
        yield write(f"\n{new}")

    return play


def _to(lines: tuple[str, ...], line: str) -> Step:
    """Go to the start of the line by its number."""
    number = lines.index(line) + 1
    return act(f"go to line {number}", *keys("ctrl+l").actions, *write(f"{number}\n").actions)


def edits(about: Packing) -> Play:
    """All three changes; each finds its line by counting the lines that there are by then."""
    rest = tuple(line for line in about.lines if line != about.gone)
    return route(
        remove(about.lines, about.gone),
        change(rest, about.old, about.new),
        insert(tuple(about.new if line == about.old else line for line in rest), about.after, about.added),
    )


def save_as(path: str, *, by_menu: bool = False) -> Play:
    """Save under another name in the same folder; ends when the file is there."""
    name = PurePosixPath(path).name

    def play(see: Probe) -> Iterator[Step]:
        if by_menu:
            yield from menu(see, "File", "Save As.*")
        else:
            yield keys("ctrl+shift+s", intent="save under another name")
        window(see, "Save As")
        yield act(f"name it {name}", *keys("ctrl+a").actions, *write(f"{name}\n").actions)
        await_(f"{path} to be written", lambda: bool(see.files(path)))
        gone(see, "Save As")

    return play


def save(path: str) -> Play:
    """Save under the same name; ends when the file has changed."""

    def play(see: Probe) -> Iterator[Step]:
        before = see.read_file(path)
        yield keys("ctrl+s", intent="save")
        await_(f"{path} to be written", lambda: see.read_file(path) != before)

    return play


def notes(rng: Random) -> Task:
    """Three changes to a text file, saved under a new name."""
    place, year = rng.choice(PLACES), rng.randint(2024, 2027)
    twin, other = rng.choice(TWINS)
    count, fewer = rng.sample(range(2, 30), 2)
    old, near = f"{twin}: {count}", f"{other}: {count}"
    dropped, added, *others = rng.sample(THINGS, 6)
    body = [old, near, dropped, *others]
    rng.shuffle(body)
    about = Packing(
        path=f"{FOLDER}/{place} {year}.txt",
        wanted=f"{FOLDER}/{place} {year + 1}.txt",
        lines=(f"Packing list: {place}", "", *body, "", "Keys are with the neighbours."),
        old=old,
        new=f"{twin}: {fewer}",
        gone=dropped,
        after=rng.choice(others),
        added=f"{added}: {rng.randint(2, 9)}",
    )
    source, target = PurePosixPath(about.path).name, PurePosixPath(about.wanted).name
    wrong_line = replace(about, old=near, new=f"{other}: {fewer}")
    wrong_place = replace(about, after=about.lines[-1])
    edited = FileIs("the new list", about.wanted, about.updated(), spaces="trimmed")
    untouched = FileIs("the old list as it was", about.path, about.text(), spaces="exact")
    return Task(
        id="smoke/notes@1",
        goal=(
            f"The packing list {source}, open in the text editor, needs three changes: the line '{about.old}' must "
            f"read '{about.new}', the line '{about.gone}' must go, and a new line '{about.added}' must come right "
            f"after the line '{about.after}'. Save the changed list as {target} in the same folder ({FOLDER}), and "
            f"leave {source} as it was."
        ),
        scene=Scene(
            files=(Put(path=about.path, data=about.text().encode()),),
            open=(Launch(argv=("mousepad", about.path), window=re.escape(source)),),
        ),
        checks=(edited, untouched),
        milestones=(
            FileExists("a file of the new name", about.wanted),
            FileHas("the new line", about.wanted, (f"\n{about.added}\n",), spaces="exact"),
        ),
        budget=Budget(steps=35),
        apps=("mousepad",),
        plan=(
            f"delete the line '{about.gone}'",
            f"write '{about.new}' over the line '{about.old}'",
            f"write '{about.added}' on a new line after '{about.after}'",
            f"Save As (Ctrl+Shift+S) {target}",
        ),
        solution=route(edits(about), save_as(about.wanted)),
        near_misses={
            "the twin's line changed": route(edits(wrong_line), save_as(about.wanted)),
            "the new line at the end": route(edits(wrong_place), save_as(about.wanted)),
            "the old list overwritten first": route(edits(about), save(about.path), save_as(about.wanted)),
            "not saved": edits(about),
        },
        equivalents={
            "the copy first, then the changes": route(
                save_as(about.wanted, by_menu=True), edits(about), save(about.wanted)
            )
        },
    )
