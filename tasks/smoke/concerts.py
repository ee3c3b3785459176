"""`download`: a concert's programme is downloaded from a page, renamed and put away among others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from envs.desktop import Probe
from envs.types import Launch, Put, Scene, Site
from scoring.checks import FileExists
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, click, keys, menu, route, window, write
from tasks.smoke.files import (
    APP,
    DOWNLOADS,
    HOME,
    THUNAR,
    FolderIs,
    SomeFileIs,
    go,
    paste,
    pdf,
    rename,
    select,
    there,
)

ENSEMBLES = (
    ("Harbour Choir", "harbour-choir.localhost"),
    ("Riverside Orchestra", "riverside-orchestra.localhost"),
    ("Meadow Singers", "meadow-singers.localhost"),
    ("Hilltop Brass Band", "hilltop-brass.localhost"),
)
TOWNS = ("Ashford", "Bexley", "Corby", "Durham", "Epsom", "Frome", "Hexham", "Ludlow")


@dataclass(frozen=True)
class Concert:
    """A concert on the page, and the programme that it offers."""

    town: str
    day: date
    programme: bytes = field(repr=False)

    @property
    def written(self) -> str:
        """The day in words."""
        return f"{self.day.day} {self.day:%B %Y}"


@dataclass(frozen=True)
class Programmes:
    """What `download` is about: a season of concerts, of which one programme is wanted and one is there already."""

    ensemble: str
    host: str
    concerts: tuple[Concert, ...]
    wanted: Concert
    before: Mapping[str, bytes] = field(repr=False)
    """What lies in Downloads."""
    kept: Mapping[str, bytes] = field(repr=False)
    """What lies in the folder that the programme goes to."""
    folder: str = f"{HOME}/Documents/Concerts"

    @property
    def name(self) -> str:
        """What the file must be called."""
        return f"{self.wanted.town} {self.wanted.day.isoformat()}.pdf"

    @property
    def twin(self) -> Concert:
        """The other concert in the same town."""
        return next(each for each in self.concerts if each.town == self.wanted.town and each.day != self.wanted.day)


def programmes(rng: Random) -> Programmes:
    """A season in which two concerts are in one town, and one of those is wanted."""
    ensemble, host = rng.choice(ENSEMBLES)
    towns = rng.sample(TOWNS, 4)
    towns.append(towns[rng.randrange(1, 4)])
    day = date(2026, 9, 5) + timedelta(days=rng.randrange(20))
    concerts = []
    for town in towns:
        written = f"{day.day} {day:%B %Y}"
        concerts.append(Concert(town, day, pdf(ensemble, f"Concert in {town}", written, "Programme")))
        day += timedelta(days=rng.randrange(8, 20))
    wanted = rng.choice([each for each in concerts if towns.count(each.town) == 2])
    return Programmes(
        ensemble=ensemble,
        host=host,
        concerts=tuple(concerts),
        wanted=wanted,
        before={
            "programme.pdf": concerts[0].programme,
            f"tickets-{rng.randrange(1000, 9999)}.pdf": pdf(ensemble, "Tickets: 2", concerts[0].written),
            "parking.txt": b"Park behind the hall. The gate closes at 23:00.\n",
        },
        kept={
            f"{towns[0]} 2025-10-11.pdf": pdf(ensemble, f"Concert in {towns[0]}", "11 October 2025", "Programme"),
            f"{wanted.town} 2025-11-15.pdf": pdf(
                ensemble, f"Concert in {wanted.town}", "15 November 2025", "Programme"
            ),
        },
    )


def _season(about: Programmes) -> bytes:
    rows = "\n".join(
        f"<tr><td>{each.written}</td><td>{each.town}</td><td>19:30</td>"
        f'<td><a href="/{each.day.isoformat()}/programme.pdf" download>Programme (PDF)</a></td></tr>'
        for each in about.concerts
    )
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{about.ensemble}: concerts</title><style>
body {{ font: 18px sans-serif; margin: 40px auto; width: 860px; color: #222; background: #fbfaf7; }}
h1 {{ color: #1d4e6b; }} table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; padding: 14px 10px; border-bottom: 1px solid #cfc8b8; }}
</style></head><body>
<h1>{about.ensemble}</h1>
<p>Our concerts of this autumn and winter. The programme of each can be downloaded and printed.</p>
<table><tr><th>Date</th><th>Town</th><th>Begins</th><th>Programme</th></tr>
{rows}
</table></body></html>
""".encode()


SAVED = f"{DOWNLOADS}/programme (1).pdf"
"""What Chromium calls a programme when it saves it beside the one that is there."""


def fetch(about: Programmes, concert: Concert) -> Play:
    """The concert's programme is saved in Downloads."""

    def play(see: Probe) -> Iterator[Step]:
        nth = about.concerts.index(concert)
        window(see, about.ensemble)
        yield click(see, "link", r"Programme \(PDF\)", nth=nth, intent=f"download the programme of {concert.written}")
        there(see, SAVED)

    return play


def file_manager(see: Probe) -> Iterator[Step]:
    """The file manager that lies under Chromium has the focus."""
    yield keys("alt+Tab", intent="switch to the file manager")
    await_("the file manager in front", lambda: window(see, "Thunar").focused)


def put_away(about: Programmes, old: str, folder: str, *, key: str = "ctrl+x") -> Play:
    """The file of Downloads gets the name that is asked for, and is cut (or copied) and pasted into the folder."""
    renamed = f"{DOWNLOADS}/{about.name}"

    def play(see: Probe) -> Iterator[Step]:
        yield from route(file_manager, go(DOWNLOADS), rename(old, renamed))(see)
        yield select(see, renamed)
        yield keys(key, intent="cut it" if key == "ctrl+x" else "copy it")
        yield from route(go(folder), paste(f"{folder}/{about.name}"))(see)

    return play


def moved_first(about: Programmes) -> Play:
    """The download is moved as it is, through menus, and renamed where it then lies."""

    def play(see: Probe) -> Iterator[Step]:
        yield from route(file_manager, go(DOWNLOADS))(see)
        yield select(see, SAVED)
        yield from menu(see, "Edit", "Cut", app=APP)
        yield from go(about.folder)(see)
        yield from menu(see, "Edit", "Paste", app=APP)
        moved = f"{about.folder}/programme (1).pdf"
        there(see, moved)
        yield from rename(moved, f"{about.folder}/{about.name}")(see)

    return play


def saved_as(about: Programmes) -> Play:
    """The link is saved under the name and in the folder that are asked for, without a way through Downloads."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, about.ensemble)
        nth = about.concerts.index(about.wanted)
        yield click(see, "link", r"Programme \(PDF\)", nth=nth, button="right", intent="open the link's menu")
        yield click(see, "menu item", "Save link as.*", intent="save the link as")
        window(see, "Save")
        yield keys("ctrl+a", intent="select the whole name")
        yield write(f"{about.folder}/{about.name}")
        yield keys("alt+s", intent="save")
        there(see, f"{about.folder}/{about.name}")

    return play


def download(rng: Random) -> Task:
    """A concert's programme is downloaded, renamed and put away, past a file of the same name."""
    about = programmes(rng)
    pages = {f"/{each.day.isoformat()}/programme.pdf": each.programme for each in about.concerts}
    after = {**about.kept, about.name: about.wanted.programme}
    return Task(
        id="smoke/download@1",
        goal=(
            f"The page of the {about.ensemble} is open in Chromium. Download the programme of the concert in "
            f"{about.wanted.town} on {about.wanted.written}. Then rename the downloaded file to '{about.name}' and "
            "move it into the folder 'Concerts' in Documents of your home folder. It must not stay in Downloads, "
            "and all files that were in Downloads and in Concerts before must stay there as they are."
        ),
        checks=(
            FolderIs("the programme in Concerts", about.folder, after),
            FolderIs("Downloads as before", DOWNLOADS, about.before),
        ),
        scene=Scene(
            sites=(Site(host=about.host, pages={"/": _season(about), **pages}),),
            files=tuple(
                Put(path=f"{folder}/{name}", data=data)
                for folder, files in ((DOWNLOADS, about.before), (about.folder, about.kept))
                for name, data in files.items()
            ),
            open=(THUNAR, Launch(argv=("chromium", f"http://{about.host}/"), window=about.ensemble, maximised=True)),
        ),
        budget=Budget(steps=70),
        apps=("chromium", "thunar"),
        tags=("files", "browser"),
        plan=(
            f"find the row of {about.wanted.town} on {about.wanted.written} and click its programme",
            "see that it was saved in Downloads, under another name as programme.pdf was taken",
            "open the file manager at Downloads and select the new file",
            f"rename it to {about.name}",
            "cut it, go to Documents/Concerts and paste it",
        ),
        solution=route(fetch(about, about.wanted), put_away(about, SAVED, about.folder)),
        near_misses={
            "the other concert in that town": route(fetch(about, about.twin), put_away(about, SAVED, about.folder)),
            "the programme that was there": route(
                fetch(about, about.wanted), put_away(about, f"{DOWNLOADS}/programme.pdf", about.folder)
            ),
            "copied, not moved": route(
                fetch(about, about.wanted), put_away(about, SAVED, about.folder, key="ctrl+c")
            ),
            "one folder too high": route(fetch(about, about.wanted), put_away(about, SAVED, f"{HOME}/Documents")),
        },
        equivalents={
            "moved first, through menus": route(fetch(about, about.wanted), moved_first(about)),
            "saved there at once": saved_as(about),
        },
        milestones=(
            SomeFileIs("the right programme downloaded", f"{HOME}/D*/**/*.pdf", about.wanted.programme),
            FileExists("a file of that name", f"{HOME}/**/{about.name}"),
        ),
    )
