"""`archive`: the receipts of one trip are packed with the archive manager, past those of another."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from random import Random
from typing import Literal

from envs.desktop import Probe
from envs.types import Click, Launch, Node, Put, Scene
from scoring.checks import ArchiveHolds, FileExists, Finding, StateCheck, read
from scoring.documents import Unfit
from tasks.base import Budget, Play, Step, Task
from tasks.play import act, await_, centre, click, click_at, find, gone, keys, menu, nodes, route, window, write
from tasks.smoke.files import HOME, SAVING, FolderIs, pdf

APP = "xarchiver"
DIALOG = "^Create a new archive"

Format = Literal[".zip", ".tar.gz"]


@dataclass(frozen=True)
class Packed(StateCheck):
    """The file is an archive of the format that its name says, and can be unpacked to its last byte."""

    path: str
    format: Format

    @property
    def expected(self) -> str:
        """The path and the format."""
        return f"{self.path} is a whole archive of the format {self.format}"

    def find(self, probe: Probe) -> Finding:
        """Unpack in memory."""
        data = read(probe, self.path)
        try:
            if self.format == ".zip":
                with zipfile.ZipFile(io.BytesIO(data)) as packed:
                    broken = packed.testzip()
                if broken is not None:
                    return False, f"{broken} in it is broken"
            else:
                with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as packed_tar:
                    packed_tar.getmembers()
        except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as err:
            raise Unfit(f"it is not: {type(err).__name__}: {err}; it begins {data[:8]!r}") from err
        return True, f"it is, {len(data)} bytes"


TRIPS = ("Antwerp", "Bergen", "Cracow", "Dresden", "Ghent", "Lisbon", "Malmo", "Porto")
KINDS = ("hotel", "train", "taxi", "dinner", "museum", "parking")


@dataclass(frozen=True)
class Receipts:
    """What `archive` is about: the receipts of two trips, of which one is to be packed."""

    town: str
    folder: str
    """Where the receipts lie."""
    files: Mapping[str, bytes] = field(repr=False)
    wanted: tuple[str, ...]
    archive: str
    """The path of the archive to make."""
    format: Format
    kept: Mapping[str, bytes] = field(repr=False)
    """What lies beside the archive to make."""


def receipts(rng: Random) -> Receipts:
    """Two trips in one month, and a plan that is called like the receipts of the trip that is wanted."""
    town, other = rng.sample(TRIPS, 2)
    month = rng.randrange(1, 12)
    names: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for trip, number in ((town, rng.randrange(3, 5)), (other, 3)):
        for kind in rng.sample(KINDS, number):
            day = date(2026, month, rng.randrange(1, 28))
            name = f"{trip.lower()}-{kind}.pdf"
            names.setdefault(trip, []).append(name)
            amount = f"{rng.randrange(8, 240)}.{rng.randrange(100):02}"
            files[name] = pdf("Receipt", f"{trip}: {kind}", day.isoformat(), f"EUR {amount}")
    files[f"{town.lower()}-plan.txt"] = f"Plan for {town}: leave at 7, back on the third day.\n".encode()
    suffix: Format = rng.choice((".zip", ".tar.gz"))
    return Receipts(
        town=town,
        folder=f"{HOME}/Documents/Receipts",
        files=files,
        wanted=tuple(sorted(names[town])),
        archive=f"{HOME}/Documents/Accounting/{town.lower()}-{date(2026, month, 1):%Y-%m}{suffix}",
        format=suffix,
        kept={"2025.txt": b"Closed on 31 January 2026.\n"},
    )


TYPES: Mapping[Format, str] = {".zip": "zip", ".tar.gz": "tar.gzip"}
"""What xarchiver calls the formats."""


def create(about: Receipts, path: str) -> Play:
    """xarchiver is at a new, empty archive of the format that is asked for."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "xarchiver")
        yield keys("ctrl+n", intent="make a new archive")
        window(see, DIALOG)
        yield click(see, "combo box", "7zip", app=APP, intent="open the list of archive types")
        find(see, "menu item", "7zip", app=APP)
        names = _downwards(nodes(see, "menu item", app=APP))
        ups = len(names) - 1 - names.index(TYPES[about.format])
        yield keys("End", *["Up"] * ups, "Return", intent=f"choose {TYPES[about.format]}")
        find(see, "combo box", re.escape(TYPES[about.format]), app=APP)
        yield click_at(centre(find(see, "text|entry", app=APP, text=r"\..*")), intent="go to the name")
        yield keys("ctrl+a", intent="select the whole name")
        yield write(path)
        yield click(see, "button|push button", "Create", app=APP)
        gone(see, DIALOG)
        window(see, rf"^{re.escape(PurePosixPath(path).name)} - xarchiver")

    return play


def _downwards(items: list[Node]) -> list[str]:
    """The items' names as they stand below each other."""
    return [each.name for each in sorted(items, key=lambda item: centre(item).y)]


def add(about: Receipts, *names: str, option: str = "", page: str = "Selection") -> Play:
    """The files are in the archive at which xarchiver is; `option` is one of the dialog's page to click first."""

    def play(see: Probe) -> Iterator[Step]:
        before = _size(see, about)
        yield from menu(see, "Action", "Add", app=APP)
        window(see, "^Add files")
        yield click(see, "label", "Home", app=APP, intent="go to the home folder")
        for folder in ("Documents", "Receipts"):
            yield click(see, "table cell", folder, app=APP, count=2, intent=f"open {folder}")
        places = [centre(find(see, "table cell", re.escape(name), app=APP)) for name in names]
        yield act(
            f"select {', '.join(names)}", *(Click(at=at, holding=("ctrl",) * (at != places[0])) for at in places)
        )
        if option:
            yield click(see, "page tab", page, app=APP)
            yield click(see, "radio button|check box", option, app=APP)
        yield click(see, "button|push button", "Add", app=APP, nth=-1)
        gone(see, "^Add files")
        await_("a larger archive", lambda: _size(see, about) > before, deadline=SAVING)

    return play


def _size(see: Probe, about: Receipts) -> int:
    """How many bytes the archive has, wherever it was made; 0 while it is none or not whole."""
    made = see.files(f"{HOME}/Documents/*/{PurePosixPath(about.archive).name}")
    return sum(each.size for each in made if Packed("it", each.path, about.format)(see, "").met)


def lost(about: Receipts) -> Play:
    """Waits until the receipts that were packed are gone."""

    def play(see: Probe) -> Iterator[Step]:
        await_("no receipts", lambda: not see.files(f"{about.folder}/{about.town.lower()}-*.pdf"), deadline=SAVING)
        yield from ()

    return play


def archive(rng: Random) -> Task:
    """The receipts of one trip are packed, the others and a plan of the same name are not."""
    about = receipts(rng)
    folder, _, name = about.archive.rpartition("/")
    plan = f"{about.town.lower()}-plan.txt"
    held = {each: about.files[each] for each in about.wanted}
    return Task(
        id="smoke/archive@1",
        goal=(
            f"In Documents/Receipts of your home folder, pack the {len(about.wanted)} PDF receipts of the trip to "
            f"{about.town} (the files {', '.join(about.wanted)}) and nothing else into a new archive '{name}', in "
            "the folder Documents/Accounting. The files must lie at the top of the archive, not in a folder in it. "
            "Leave all files in Receipts and Accounting where they are, as they are."
        ),
        checks=(
            Packed("the archive's format", about.archive, about.format),
            ArchiveHolds("the receipts in the archive", about.archive, held),
            FolderIs("Receipts as before", about.folder, about.files),
            FolderIs("Accounting as before", folder, about.kept, also=(name,)),
        ),
        scene=Scene(
            files=tuple(
                Put(path=f"{place}/{each}", data=data)
                for place, files in ((about.folder, about.files), (folder, about.kept))
                for each, data in files.items()
            ),
            open=(Launch(argv=("xarchiver",), window="xarchiver", maximised=True),),
        ),
        budget=Budget(steps=90),
        apps=("xarchiver",),
        tags=("files",),
        plan=(
            f"in the archive manager, make a new archive of the type {TYPES[about.format]}: {about.archive}",
            "choose Add, and open Documents, then Receipts",
            f"select the {len(about.wanted)} receipts of {about.town}",
            "leave 'Without parent path' chosen, and add them",
        ),
        solution=route(create(about, about.archive), add(about, *about.wanted)),
        near_misses={
            "the plan too": route(create(about, about.archive), add(about, *about.wanted, plan)),
            "with their folders": route(
                create(about, about.archive), add(about, *about.wanted, option="With full path")
            ),
            "beside the receipts": route(create(about, f"{about.folder}/{name}"), add(about, *about.wanted)),
            "the originals deleted": route(
                create(about, about.archive),
                add(about, *about.wanted, option="Delete.*", page="Options"),
                lost(about),
            ),
        },
        equivalents={
            "in two goes": route(
                create(about, about.archive), add(about, *about.wanted[1:]), add(about, about.wanted[0])
            ),
        },
        milestones=(
            FileExists("an archive of that name", f"{HOME}/**/{name}"),
            ArchiveHolds("the receipts are in it", about.archive, held, only=False),
        ),
    )
