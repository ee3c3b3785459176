"""`letter`: a letter in Writer that goes to somebody else, and whose subject becomes a heading."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from random import Random

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.text.paragraph import Paragraph

from envs.desktop import Probe
from scoring.checks import Finding, StateCheck, TextOf, read
from scoring.documents import paragraphs, parsed
from tasks.base import Budget, Play, Step, Task
from tasks.play import act, click, gone, keys, menu, route, window, write
from tasks.smoke.office import FOLDER, differs, opened, save, steady

PEOPLE = (
    ("Berger", "Lindqvist"),
    ("Parker", "Nakamura"),
    ("Hill", "Okafor"),
    ("Stone", "Duarte"),
    ("Wood", "Marchetti"),
)
STREETS = {
    "Berger": "Bergersson Street",
    "Parker": "Parkerson Road",
    "Hill": "Hillcrest Avenue",
    "Stone": "Stonebridge Lane",
    "Wood": "Woodside Terrace",
}
EVENTS = ("summer fair", "open day", "reading evening", "book market", "repair workshop", "autumn concert")
HALLS = ("town hall", "old library", "river school", "market hall")
SUBJECT = 3  # the row of the subject's line; no line above it is wrapped
MONTHS = ("March", "April", "May", "June", "September", "October")


@dataclass(frozen=True)
class Letter:
    """A letter of one page. `old` is the name that it bears, `new` the one that it shall bear."""

    path: str
    old: str
    new: str
    street: str
    event: str
    hall: str
    date: str

    @property
    def subject(self) -> str:
        """The line that becomes a heading."""
        return f"Invitation to the {self.event}"

    def lines(self, name: str) -> tuple[str, ...]:
        """Its paragraphs, addressed to `name`. The street is called after the old name, and stays."""
        return (
            f"Ms {name}",
            self.street,
            self.date,
            self.subject,
            f"Dear Ms {name},",
            f"The {self.event} will be held in the {self.hall}. As in earlier years we hope to see many neighbours.",
            f"A table by the entrance is kept for Ms {name} and her guests. Please let us know how many will come.",
            "With kind regards",
            "The committee",
        )

    def data(self) -> bytes:
        """The docx file."""
        document = Document()
        for line in self.lines(self.old):
            document.add_paragraph(line)
        out = io.BytesIO()
        document.save(out)
        return steady(out.getvalue())


@dataclass(frozen=True)
class Wording(StateCheck):
    """The docx holds these paragraphs and no others; empty ones and white space do not count."""

    path: str
    lines: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The paragraphs."""
        return f"{self.path} reads {' / '.join(self.lines)}"

    def find(self, probe: Probe) -> Finding:
        """Compare paragraph by paragraph."""
        found = tuple(line for line in paragraphs(self.path, read(probe, self.path)) if line.strip())
        wrong = differs(self.lines, found)
        return not wrong, wrong or "it reads so"


@dataclass(frozen=True)
class HeadingIs(StateCheck):
    """The line has the style Heading 1 and is centred, and no other line has or is."""

    path: str
    line: str

    @property
    def expected(self) -> str:
        """The line, its style and its place."""
        return f"{self.path}: {self.line!r} alone is in the style Heading 1, and alone is centred"

    def find(self, probe: Probe) -> Finding:
        """Read each paragraph's style and alignment, its own or its style's."""
        data = read(probe, self.path)
        document = parsed(self.path, "a document", lambda: Document(io.BytesIO(data)))
        lines = [each for each in document.paragraphs if each.text.strip()]
        headings = [each.text.strip() for each in lines if each.style is not None and each.style.name == "Heading 1"]
        centred = [each.text.strip() for each in lines if _alignment(each) == ALIGN.CENTER]
        return headings == centred == [self.line], f"in Heading 1: {headings!r}; centred: {centred!r}"


def _alignment(paragraph: Paragraph) -> object:
    """How the paragraph is aligned, by itself or by the nearest style that says so."""
    alignment, style = paragraph.alignment, paragraph.style
    while alignment is None and style is not None:
        alignment, style = style.paragraph_format.alignment, style.base_style
    return alignment


def replace(old: str, new: str, *, whole: bool = False, once: bool = False) -> Play:
    """Find & Replace, everywhere or `once`; `whole`: only where the text is a word of its own."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Writer")
        yield keys("ctrl+Home", "ctrl+h", intent="open Find & Replace")
        window(see, "Find (&|and) Replace")
        yield act(f"look for {old!r}", *keys("ctrl+a").actions, *write(old).actions)
        yield keys("alt+p", intent="go to the new text")
        yield act(f"put {new!r} in its place", *keys("ctrl+a").actions, *write(new).actions)
        if whole:
            yield click(see, "check box", "Whole words only")
        for button in ("Find Next", "Replace") if once else ("Replace All",):
            yield click(see, "button|push button", button)
        yield click(see, "button|push button", "Close")
        gone(see, "Find (&|and) Replace")

    return play


def heading(row: int, *, style: str = "ctrl+1") -> Play:
    """Go to the line of that row, from 0, and press the chords that make it a heading and centre it."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Writer")
        yield _to(row)
        yield keys(*style.split(), intent="make it a heading")
        yield keys("ctrl+e", intent="centre it")

    return play


def heading_by_menu(row: int) -> Play:
    """The same by the menus."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Writer")
        yield _to(row)
        yield from menu(see, "Styles", "Heading 1")
        yield from menu(see, "Format", "Align Text", "Center(ed)?")

    return play


def _to(row: int) -> Step:
    return keys("ctrl+Home", *["Down"] * row, intent=f"go to line {row + 1}")


def letter(rng: Random) -> Task:
    """A letter's name replaced, and its subject made a centred heading."""
    old, new = rng.choice(PEOPLE)
    event = rng.choice(EVENTS)
    note = Letter(
        path=f"{FOLDER}/{event.capitalize()}.docx",
        old=old,
        new=new,
        street=f"{rng.randint(3, 98)} {STREETS[old]}",
        event=event,
        hall=rng.choice(HALLS),
        date=f"{rng.randint(2, 27)} {rng.choice(MONTHS)} 2026",
    )
    name = PurePosixPath(note.path).name
    named, headed = replace(f"Ms {old}", f"Ms {new}"), heading(SUBJECT)
    return Task(
        id="smoke/letter@1",
        goal=(
            f"The letter {name}, open in Writer, shall now go to Ms {new} in place of Ms {old}: change the name in "
            f"all three places, but leave her street, {note.street}, as it is. Make the line '{note.subject}' a "
            f"heading: give it the paragraph style Heading 1 and centre it. Save the letter under the same name, as "
            f"a Word document (docx)."
        ),
        scene=opened(note.path, note.data(), "writer"),
        checks=(
            Wording("the wording", note.path, note.lines(new)),
            HeadingIs("the heading", note.path, note.subject),
        ),
        milestones=(
            TextOf("the new name", note.path, (f"Ms {new}",)),
            HeadingIs("the heading", note.path, note.subject),
        ),
        budget=Budget(steps=40),
        apps=("writer",),
        plan=(
            f"Ctrl+H: replace 'Ms {old}' by 'Ms {new}' everywhere, so that the street keeps its name",
            f"put the caret into '{note.subject}', Ctrl+1 for Heading 1, Ctrl+E to centre it",
            "save with Ctrl+S, and keep the Word format",
        ),
        solution=route(named, headed, save(note.path)),
        near_misses={
            "the street renamed too": route(replace(old, new), headed, save(note.path)),
            "the name changed once": route(replace(f"Ms {old}", f"Ms {new}", once=True), headed, save(note.path)),
            "bold and no heading": route(named, heading(SUBJECT, style="Home shift+End ctrl+b"), save(note.path)),
            "not saved": route(named, headed),
        },
        equivalents={
            "heading first, by the menus, and whole words": route(
                heading_by_menu(SUBJECT), replace(old, new, whole=True), save(note.path, by_menu=True)
            )
        },
    )
