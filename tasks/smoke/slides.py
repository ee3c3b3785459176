"""`slide`: a deck in Impress that gets a new title and one slide more."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from random import Random

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER as PLACE
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide

from envs.desktop import Probe
from scoring.checks import Finding, StateCheck, TextOf, read
from scoring.documents import DRAWING, parsed
from tasks.base import Budget, Play, Step, Task
from tasks.play import keys, menu, route, window, write
from tasks.smoke.office import FOLDER, differs, opened, save, steady

NAMES = ("Harbour festival", "School garden", "Bicycle workshop", "City library", "Swimming club", "Night market")
TOPICS = {
    "Programme": ("Opening on Friday", "Guided tours", "Closing concert"),
    "Volunteers": ("Forty people", "Two shifts a day", "Meals are free"),
    "Budget": ("Grants", "Ticket sales", "Donations"),
    "Safety": ("First aid tent", "Fire wardens", "Meeting point"),
    "Partners": ("Rowing club", "Music school", "Local bakers"),
    "Publicity": ("Posters", "Radio", "Newsletter"),
}
CLOSING = ("Next steps", "Open questions", "What we need", "Decisions")
TASKS = (
    "Book the stage",
    "Order the tents",
    "Print the posters",
    "Call the caterer",
    "Hire a van",
    "Thank the sponsors",
)
TITLES = (PLACE.TITLE, PLACE.CENTER_TITLE, PLACE.VERTICAL_TITLE)
LISTS = (PLACE.BODY, PLACE.OBJECT, PLACE.VERTICAL_BODY, PLACE.VERTICAL_OBJECT)
BULLETS = ("buNone", "buChar", "buAutoNum", "buBlip")


@dataclass(frozen=True)
class Page:
    """A slide: its title, and its list or the line below the title."""

    title: str
    points: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.title} ({' | '.join(self.points)})"


@dataclass(frozen=True)
class Deck(StateCheck):
    """The pptx has these slides in this order."""

    path: str
    pages: tuple[Page, ...]

    @property
    def expected(self) -> str:
        """The slides."""
        return f"{self.path}: {'; '.join(map(str, self.pages))}"

    def find(self, probe: Probe) -> Finding:
        """Compare slide by slide."""
        data = read(probe, self.path)
        found = parsed(self.path, "a presentation", lambda: tuple(map(_page, slides(data))))
        wrong = differs(tuple(map(str, self.pages)), tuple(map(str, found)))
        return not wrong, wrong or "they are so"


@dataclass(frozen=True)
class Bulleted(StateCheck):
    """On the pptx's last slide the points are one list, each a paragraph with a bullet or a number."""

    path: str
    points: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The points."""
        return f"{self.path}: on the last slide a list of {', '.join(self.points)}"

    def find(self, probe: Probe) -> Finding:
        """Look at each text on the last slide."""
        data = read(probe, self.path)
        held = parsed(self.path, "a presentation", lambda: [_listed(shape) for shape in _texts(slides(data)[-1])])
        return self.points in held, f"lists there: {[points for points in held if points]!r}"


def slides(data: bytes) -> list[Slide]:
    """The slides of a pptx, in order."""
    return list(Presentation(io.BytesIO(data)).slides)


def _page(slide: Slide) -> Page:
    """A slide in words. A point is a paragraph with text, of whatever but the title."""
    titles: list[str] = []
    points: list[str] = []
    for shape in _texts(slide):
        title = shape.is_placeholder and shape.placeholder_format.type in TITLES
        (titles if title else points).extend(line.text for line in shape.text_frame.paragraphs if line.text.strip())
    return Page(" ".join(titles), tuple(points))


def _texts(slide: Slide) -> list[Shape]:
    return [shape for shape in slide.shapes if isinstance(shape, Shape) and shape.has_text_frame]


def _listed(shape: Shape) -> tuple[str, ...]:
    """The paragraphs with a bullet. One that says nothing of it has one where the shape is for a list."""
    inherits = shape.is_placeholder and shape.placeholder_format.type in LISTS
    lines: list[str] = []
    for line in shape.text_frame.paragraphs:
        own = [tag for tag in BULLETS if line._p.find(f"{DRAWING}pPr/{DRAWING}{tag}") is not None]
        if line.text.strip() and (own != ["buNone"] if own else inherits):
            lines.append(line.text.strip())
    return tuple(lines)


def deck(held: tuple[Page, ...]) -> bytes:
    """A pptx of these slides, the first a title slide."""
    made = Presentation()
    # As `obj`, which python-pptx has there, Impress gives a new slide a frame for a picture, and none for a list.
    made.slide_layouts[1]._element.set("type", "tx")
    for index, page in enumerate(held):
        slide = made.slides.add_slide(made.slide_layouts[1 if index else 0])
        slide.shapes.title.text = page.title
        slide.placeholders[1].text = "\n".join(page.points)
    out = io.BytesIO()
    made.save(out)
    return steady(out.getvalue())


def retitle(number: int, title: str) -> Play:
    """Give the slide of that number another title."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Impress")
        yield from _show(number)
        yield keys("Tab", intent="select the title")
        yield keys("F2", intent="go into the title")
        yield keys("shift+Home", intent="select all of it")
        yield write(title)
        yield keys("Escape", "Escape", intent="leave the title")

    return play


def _show(number: int) -> Iterator[Step]:
    yield keys("Home", *["Next"] * (number - 1), intent=f"go to slide {number}")


def add(after: int, page: Page, *, by_menu: bool = False) -> Play:
    """Add a slide after the one of that number."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Impress")
        yield from _show(after)
        if by_menu:
            yield from menu(see, "Slide", "New Slide")
        else:
            yield keys("ctrl+m", intent="add a slide")
        yield keys("Tab", intent="select its title")
        yield keys("F2", intent="go into its title")
        yield write(page.title)
        yield keys("ctrl+Return", intent="go to its list")
        yield write("\n".join(page.points))
        yield keys("Escape", "Escape", intent="leave the list")

    return play


def slide(rng: Random) -> Task:
    """A new title for a slide, and a slide more at the end."""
    name = rng.choice(NAMES)
    topics = rng.sample(sorted(TOPICS), 4)
    held = (Page(name, (f"{rng.randint(3, 28)} May 2026",)), *(Page(topic, TOPICS[topic]) for topic in topics[:3]))
    number = rng.randint(2, len(held) - 1)
    title = f"{held[number - 1].title} {rng.randint(2026, 2029)}"
    new = Page(rng.choice(CLOSING), tuple(rng.sample(TASKS, 3)))
    path = f"{FOLDER}/{name}.pptx"
    renamed = tuple(Page(title, page.points) if index == number else page for index, page in enumerate(held, 1))
    titled, added = retitle(number, title), add(len(held), new)
    return Task(
        id="smoke/slide@1",
        goal=(
            f"In the presentation {PurePosixPath(path).name}, open in Impress, change the title of slide {number} to "
            f"'{title}'. Then add a slide at the end with the title '{new.title}' and a list of three points: "
            f"'{new.points[0]}', '{new.points[1]}' and '{new.points[2]}'. Save the presentation under the same name, "
            f"as PowerPoint (pptx)."
        ),
        scene=opened(path, deck(held), "impress"),
        checks=(Deck("the slides", path, (*renamed, new)), Bulleted("the list", path, new.points)),
        milestones=(TextOf("the new title", path, (title,)), Bulleted("the list", path, new.points)),
        budget=Budget(steps=50),
        apps=("impress",),
        plan=(
            f"go to slide {number}, select its title (Tab, F2), write '{title}' over it",
            "go to the last slide, Ctrl+M, write title and list (Ctrl+Enter goes on to the list)",
            "save with Ctrl+S, and keep the PowerPoint format",
        ),
        solution=route(titled, added, save(path)),
        near_misses={
            "the next slide's title changed": route(retitle(number + 1, title), added, save(path)),
            "the slide before the last": route(titled, add(len(held) - 1, new), save(path)),
            "the points in one line": route(
                titled, add(len(held), Page(new.title, (", ".join(new.points),))), save(path)
            ),
            "not saved": route(titled, added),
        },
        equivalents={
            "the slide first, by the menus": route(
                add(len(held), new, by_menu=True), titled, save(path, by_menu=True)
            )
        },
    )
