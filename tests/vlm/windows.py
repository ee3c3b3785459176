"""A suite for a study of the toys: of two coloured squares in real windows, click the one named, on two pages.

A task for each colour and for each of two ways to show them: as buttons of one window that fills the screen, or each
as a window of its own in front of it. The squares are told of in the accessibility tree as any application's are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from squares import COLOURS, Square

from envs.desktop import Probe
from envs.types import Click, Launch, Point, Put, Rect, Scene, Site, Size
from scoring.verdict import Verdict
from tasks.base import Budget, Play, Step, Task
from tasks.play import act, centre, find

SCREEN = Size(width=1280, height=800)
"""Of the same shape as the pictures that the toys learnt from."""
SIDE, GAP, PAGES = 224, 40, 2
HOST = "squares.localhost"
PROGRAM = "/home/user/squares"
BUTTON = "button|push button"


@dataclass(frozen=True)
class Clicked:
    """Whether on that page, or on every page, the square of that colour was clicked and no other."""

    colour: str
    page: int | None = None

    @property
    def name(self) -> str:
        """As it is told in the record."""
        return "every page" if self.page is None else f"page {self.page + 1}"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        forms = [dict(post.fields) for post in probe.posts(HOST)]
        pages = range(PAGES) if self.page is None else (self.page,)
        wanted = [(str(page), self.colour) for page in pages]
        found = [(form["page"], form["on"]) for form in forms if int(form["page"]) in pages]
        return Verdict(
            check=self.name,
            score=float(found == wanted),
            expected=f"the {self.colour} square clicked on {self.name}",
            actual=f"clicked: {', '.join(on for _, on in found) or 'nothing'}",
        )


def pages(colour: str, rng: Random) -> list[tuple[Square, Square]]:
    """Each has the colour that is named, and another, which is not the same on both."""
    others = rng.sample([each for each in COLOURS if each != colour], PAGES)
    return [_pair(colour, other, rng) for other in others]


def _pair(named: str, other: str, rng: Random) -> tuple[Square, Square]:
    first, second = _box(rng), _box(rng)
    while abs(first.x - second.x) < SIDE + GAP and abs(first.y - second.y) < SIDE + GAP:
        second = _box(rng)
    return Square(named, first), Square(other, second)


def _box(rng: Random) -> Rect:
    x, y = (rng.randrange(GAP, side - SIDE - GAP) for side in (SCREEN.width, SCREEN.height))
    return Rect(x=x, y=y, width=SIDE, height=SIDE)


def middle(colour: str) -> Play:
    """A play that clicks the middle of the square, page by page."""

    def play(see: Probe) -> Iterator[Step]:
        for _ in range(PAGES):
            yield _click(centre(find(see, BUTTON, f"{colour} square")), colour)

    return play


def corner(colour: str) -> Play:
    """A play that clicks near its corner."""

    def play(see: Probe) -> Iterator[Step]:
        for _ in range(PAGES):
            at = centre(find(see, BUTTON, f"{colour} square"))
            yield _click(Point(x=at.x - SIDE // 3, y=at.y - SIDE // 3), colour)

    return play


def second_wrong(colour: str) -> Play:
    """A play that clicks the other square on the second page."""

    def play(see: Probe) -> Iterator[Step]:
        yield _click(centre(find(see, BUTTON, f"{colour} square")), colour)
        yield _click(centre(find(see, BUTTON, f"(?!{colour}).* square")), "other")

    return play


def _click(at: Point, colour: str) -> Step:
    return act(f"click the {colour} square", Click(at=at))


def task(colour: str, seed: int, *, apart: bool) -> Task:
    """One colour, in one of the two ways."""
    name = f"{colour}-{'apart' if apart else 'together'}"
    drawn = pages(colour, Random(f"{seed} {name}"))
    told = {
        "apart": apart,
        "named": colour,
        "pages": [
            [(each.colour, COLOURS[each.colour], each.box.x, each.box.y, SIDE) for each in pair] for pair in drawn
        ],
    }
    return Task(
        id=f"windows/{name}@1",
        goal=f"Click the {colour} square, on each of the two pages",
        scene=Scene(
            sites=(Site(host=HOST, pages={"/": b""}),),
            files=(Put(path=PROGRAM, data=(Path(__file__).parent / "board.py").read_bytes()),),
            open=(Launch(argv=("python3", PROGRAM, json.dumps(told)), window="Squares"),),
        ),
        checks=(Clicked(colour),),
        milestones=tuple(Clicked(colour, page) for page in range(PAGES)),
        budget=Budget(steps=PAGES + 1, seconds=120),
        apps=("squares",),
        plan=(f"click the {colour} square on the first page", f"click the {colour} square on the second page"),
        solution=middle(colour),
        near_misses={"the other on the second page": second_wrong(colour)},
        equivalents={"near the corners": corner(colour)},
    )


def suite(seed: int) -> Iterator[Task]:
    """A task a colour and way."""
    for colour in COLOURS:
        for apart in (False, True):
            yield task(colour, seed, apart=apart)
