"""The office tasks' checks: what their files must hold, and what of it must not be let pass."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from pptx import Presentation

from envs.types import Entry, HitTest, Node, Post, Ran, Window
from scoring.verdict import score
from tasks.base import Task
from tasks.smoke.letter import letter
from tasks.smoke.office import steady
from tasks.smoke.sheet import budget
from tasks.smoke.slides import slide
from tasks.smoke.text import notes

TEMPLATES: tuple[Callable[[Random], Task], ...] = (budget, letter, slide, notes)


@dataclass(frozen=True)
class Disk:
    """A probe over files held in memory."""

    held: dict[str, bytes] = field(default_factory=dict)

    def read_file(self, path: str) -> bytes:
        if path not in self.held:
            raise FileNotFoundError(path)
        return self.held[path]

    def files(self, pattern: str) -> tuple[Entry, ...]:
        return tuple(
            Entry(path=path, size=len(data), mtime=0.0) for path, data in self.held.items() if path == pattern
        )

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        raise NotImplementedError

    def windows(self) -> tuple[Window, ...]:
        return ()

    def tree(self) -> tuple[Node, ...]:
        return ()

    def hit_test(self) -> HitTest:
        raise NotImplementedError

    def posts(self, host: str) -> tuple[Post, ...]:
        return ()


def start(task: Task) -> Disk:
    return Disk({put.path: put.data for put in task.scene.files})


def judged(task: Task, disk: Disk) -> float:
    return score([check(disk, "") for check in task.checks])


def put(task: Task) -> tuple[str, bytes]:
    return task.scene.files[0].path, task.scene.files[0].data


@pytest.fixture(params=range(6), ids=lambda seed: f"seed {seed}")
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
def test_the_same_seed_gives_the_same_task_and_its_start_is_not_its_end(
    template: Callable[[Random], Task], seed: int
) -> None:
    task, again = template(Random(seed)), template(Random(seed))

    assert (task.goal, task.scene) == (again.goal, again.scene)
    assert judged(task, start(task)) == 0
    assert all(each(start(task), "").score == 0 for each in task.milestones)
    assert task.solution is not None
    assert len(task.near_misses) >= 3
    assert task.equivalents


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
def test_seeds_differ(template: Callable[[Random], Task]) -> None:
    assert len({template(Random(seed)).scene.files[0].data for seed in range(30)}) > 25


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
@pytest.mark.parametrize("spoil", [lambda data: None, lambda data: b"", lambda data: data[: len(data) // 2]])
def test_a_missing_or_torn_file_is_a_verdict(
    template: Callable[[Random], Task], spoil: Callable[[bytes], bytes | None]
) -> None:
    task = template(Random(0))
    path, data = put(task)
    torn = spoil(data)

    assert judged(task, Disk({} if torn is None else {path: torn})) == 0


def test_the_dates_in_a_zip_are_pinned() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("docProps/core.xml", "<dcterms:created a='b'>2031-01-01T00:00:00Z</dcterms:created>")

    with zipfile.ZipFile(io.BytesIO(steady(out.getvalue()))) as packed:
        assert packed.read("docProps/core.xml") == b"<dcterms:created a='b'>2026-01-05T09:00:00Z</dcterms:created>"
        assert packed.infolist()[0].date_time == (2026, 1, 5, 9, 0, 0)


# budget: an ods with the total and a chart, as Calc writes them

OBJECT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0"><office:automatic-styles><style:style style:name="ch4"
 style:family="chart"><style:chart-properties chart:vertical="{lying}"/></style:style></office:automatic-styles>
<office:body><office:chart><chart:chart chart:class="chart:{kind}"><chart:plot-area chart:style-name="ch4">
<chart:axis chart:dimension="x"><chart:categories table:cell-range-address="$Costs.$A$2:$Costs.$A${last}"/>
</chart:axis><chart:series chart:values-cell-range-address="$Costs.$B$2:$Costs.$B${to}"
 chart:label-cell-address="$Costs.$B$1:$Costs.$B$1" chart:class="chart:{kind}"/></chart:plot-area></chart:chart>
</office:chart></office:body></office:document-content>"""
FRAME = """<table:shapes><draw:frame xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink"><draw:object xlink:href="./Object 1"/></draw:frame></table:shapes>"""


@dataclass(frozen=True)
class Sheet:
    """What is written into the sheet, and drawn."""

    formula: str = "of:=SUM([.B2:.B{last}])"
    value: int | None = None
    kind: str = "bar"
    lying: str = "false"
    more: int = 0
    on: str = "Costs"
    change: tuple[str, str] = ("Total", "Total")

    def save(self, task: Task) -> Disk:
        """The scene's file with all of that in it."""
        path, data = put(task)
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            content = packed.read("content.xml").decode()
        paid = re.findall(r'<table:table-row>.*?office:value="(\d+)".*?</table:table-row>', content)
        last = len(paid) + 1
        formula = f'table:formula="{self.formula.format(last=last)}"' if self.formula else ""
        value = f'office:value="{sum(map(int, paid)) if self.value is None else self.value}"'
        total = f'<table:table-cell {formula} office:value-type="float" {value}><text:p/></table:table-cell>'
        label = "<text:p>Total</text:p></table:table-cell>"
        table = f'<table:table table:name="{self.on}">'
        for old, new in ((label, label + total), (table, table + FRAME), self.change):
            content = content.replace(old, new, 1)
        drawn = OBJECT.format(kind=self.kind, lying=self.lying, last=last, to=last + self.more)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr("content.xml", content)
            packed.writestr("Object 1/content.xml", drawn)
        return Disk({path: out.getvalue()})


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(Sheet(), id="as asked"),
        pytest.param(Sheet(formula="of:=SUM([.$B$2:.$B${last}])"), id="with absolute references"),
        pytest.param(Sheet(formula="of:=SUM([$Costs.B2:.B{last}])"), id="with the sheet's name"),
    ],
)
def test_a_total_and_a_chart_are_what_the_budget_wants(sheet: Sheet, seed: int) -> None:
    task = budget(Random(seed))

    assert [check(sheet.save(task), "") for check in task.checks if check(sheet.save(task), "").score < 1] == []


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(Sheet(formula=""), id="a number and no formula"),
        pytest.param(Sheet(value=1), id="a wrong total"),
        pytest.param(Sheet(formula="of:=[.B2]+[.B3]"), id="a formula without SUM"),
        pytest.param(Sheet(kind="circle"), id="a pie"),
        pytest.param(Sheet(lying="true"), id="bars, not columns"),
        pytest.param(Sheet(more=1), id="the total drawn too"),
        pytest.param(Sheet(on="Travellers"), id="on the other sheet"),
        pytest.param(Sheet(change=("Planned", "Planed")), id="a heading changed"),
    ],
)
def test_the_budget_sees(sheet: Sheet, seed: int) -> None:
    task = budget(Random(seed))

    assert judged(task, sheet.save(task)) == 0


# letter


def retyped(
    task: Task, edit: Callable[[list[str]], None], *, style: str = "Heading 1", align: ALIGN = ALIGN.CENTER
) -> Disk:
    """The scene's letter with its lines edited, and the subject's line formatted."""
    path, data = put(task)
    lines = [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]
    edit(lines)
    document = Document()
    for line in lines:
        paragraph = document.add_paragraph(line)
        if line.startswith("Invitation"):
            paragraph.style, paragraph.alignment = document.styles[style], align
    out = io.BytesIO()
    document.save(out)
    return Disk({path: out.getvalue()})


def renaming(task: Task, pattern: str = r"Ms {old}\b", *, most: int = 0) -> Callable[[list[str]], None]:
    names = re.search(r"go to Ms (\w+) in place of Ms (\w+)", task.goal)
    assert names is not None
    new, old = names.groups()

    def edit(lines: list[str]) -> None:
        text = re.sub(pattern.format(old=old), lambda found: found[0].replace(old, new), "\n".join(lines), count=most)
        lines[:] = text.split("\n")

    return edit


def test_the_name_replaced_and_a_centred_heading_are_what_the_letter_wants(seed: int) -> None:
    task = letter(Random(seed))

    assert judged(task, retyped(task, renaming(task))) == 1


def test_empty_lines_do_not_count_in_the_letter(seed: int) -> None:
    task = letter(Random(seed))

    def edit(lines: list[str]) -> None:
        renaming(task)(lines)
        lines.insert(2, " ")

    assert judged(task, retyped(task, edit)) == 1


def test_a_style_that_centres_is_as_good() -> None:
    task = letter(Random(0))
    path, data = next(iter(retyped(task, renaming(task), align=ALIGN.LEFT).held.items()))
    document = Document(io.BytesIO(data))
    document.styles["Heading 1"].paragraph_format.alignment = ALIGN.CENTER
    next(each for each in document.paragraphs if each.style.name == "Heading 1").alignment = None
    out = io.BytesIO()
    document.save(out)

    assert judged(task, Disk({path: out.getvalue()})) == 1


@pytest.mark.parametrize(
    ("pattern", "most"),
    [("{old}", 0), (r"Ms {old}\b", 2), (r"Dear Ms {old}\b", 0)],
    ids=["the street renamed", "two of three", "the salutation alone"],
)
def test_the_letter_sees_a_name_replaced_wrongly(pattern: str, most: int, seed: int) -> None:
    task = letter(Random(seed))

    assert judged(task, retyped(task, renaming(task, pattern, most=most))) == 0


@pytest.mark.parametrize(
    ("style", "align"), [("Heading 2", ALIGN.CENTER), ("Normal", ALIGN.CENTER), ("Heading 1", ALIGN.LEFT)]
)
def test_the_letter_sees_another_format(style: str, align: ALIGN, seed: int) -> None:
    task = letter(Random(seed))

    assert judged(task, retyped(task, renaming(task), style=style, align=align)) == 0


# slide


@dataclass(frozen=True)
class Change:
    """What is done to the deck."""

    renumber: int = 0
    title: str = ""
    points: tuple[str, ...] = ()
    layout: int = 1
    last: bool = True

    def save(self, task: Task) -> Disk:
        """The scene's deck with the title changed and a slide added."""
        path, data = put(task)
        found = re.search(
            r"title of slide (\d) to '(.*?)'.*title '(.*?)' and.*points: '(.*?)', '(.*?)' and '(.*?)'\.", task.goal
        )
        assert found is not None
        deck = Presentation(io.BytesIO(data))
        deck.slides[int(found[1]) - 1 + self.renumber].shapes.title.text = found[2]
        new = deck.slides.add_slide(deck.slide_layouts[self.layout])
        new.shapes.title.text = self.title or found[3]
        frame = new.placeholders[1] if self.layout == 1 else new.shapes.add_textbox(0, 0, 100, 100)
        frame.text_frame.text = "\n".join(self.points or found.groups()[3:])
        if not self.last:
            order = deck.slides._sldIdLst
            order.insert(0, order[-1])
        out = io.BytesIO()
        deck.save(out)
        return Disk({path: out.getvalue()})


def test_a_new_title_and_a_list_at_the_end_are_what_the_deck_wants(seed: int) -> None:
    task = slide(Random(seed))

    assert judged(task, Change().save(task)) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(Change(renumber=1), id="the next slide's title"),
        pytest.param(Change(title="Next"), id="another title on the new slide"),
        pytest.param(Change(points=("all of them",)), id="one point"),
        pytest.param(Change(layout=5), id="lines without bullets"),
        pytest.param(Change(last=False), id="the new slide first"),
    ],
)
def test_the_deck_sees(change: Change, seed: int) -> None:
    task = slide(Random(seed))

    assert judged(task, change.save(task)) == 0


# notes


@dataclass(frozen=True)
class Saved:
    """Which of the three changes were made, and where they were saved."""

    changed: bool = True
    dropped: bool = True
    added: bool = True
    end: str = "\n"
    over: bool = False

    def save(self, task: Task) -> Disk:
        """The disk after that."""
        path, data = put(task)
        goal = re.search(
            r"line '(.*?)' must read '(.*?)', the line '(.*?)' must.*line '(.*?)' must.*line '(.*?)'\. "
            r".* as (.*?) in",
            task.goal,
        )
        assert goal is not None
        lines = data.decode().rstrip("\n").split("\n")
        if self.changed:
            lines[lines.index(goal[1])] = goal[2]
        if self.dropped:
            lines.remove(goal[3])
        if self.added:
            lines.insert(lines.index(goal[5]) + 1, goal[4])
        text = ("\n".join(lines) + self.end).encode()
        return Disk({path: text if self.over else data, f"/home/user/Documents/{goal[6]}": text})


@pytest.mark.parametrize("end", ["\n", "", "\n\n"], ids=["a newline", "none", "two"])
def test_three_changes_under_a_new_name_are_what_the_notes_want(end: str, seed: int) -> None:
    task = notes(Random(seed))

    assert judged(task, Saved(end=end).save(task)) == 1


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(Saved(changed=False), id="a line not changed"),
        pytest.param(Saved(dropped=False), id="a line not deleted"),
        pytest.param(Saved(added=False), id="a line not added"),
        pytest.param(Saved(over=True), id="the old file overwritten"),
    ],
)
def test_the_notes_see(saved: Saved, seed: int) -> None:
    task = notes(Random(seed))

    assert judged(task, saved.save(task)) == 0
