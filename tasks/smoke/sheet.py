"""`budget`: what a trip cost, added up and drawn in Calc."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from xml.sax.saxutils import escape

from lxml import etree

from envs.desktop import Probe
from scoring.checks import Cells, Finding, StateCheck, read
from scoring.documents import TABLE, Unfit, Value, member, parsed
from tasks.base import Budget, Play, Step, Task
from tasks.play import act, click, gone, keys, route, window, write
from tasks.smoke.office import FOLDER, PINNED, opened, save

STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"

TRIPS = ("Lisbon", "Krakow", "Ljubljana", "Bergen", "Valencia", "Tartu", "Bologna", "Ghent")
ITEMS = ("Train", "Hotel", "Museum", "Lunch", "Taxi", "Flight", "Parking", "Printing", "Stand", "Posters", "Coffee")
MIME = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""
CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"><office:body><office:spreadsheet>
{tables}</office:spreadsheet></office:body></office:document-content>"""

Row = tuple[str | int, ...]


@dataclass(frozen=True)
class Costs:
    """A file of two sheets. `rows` are what was bought, for how much, and for how much it was planned."""

    path: str
    rows: tuple[tuple[str, int, int], ...]
    people: tuple[str, ...]

    @property
    def last(self) -> int:
        """The number of the last row of costs; the first is 2."""
        return len(self.rows) + 1

    @property
    def paid(self) -> int:
        """What was paid for all of it."""
        return sum(row[1] for row in self.rows)

    def table(self) -> tuple[Row, ...]:
        """The first sheet, as it is at the start."""
        return (("Item", "Paid", "Planned"), *self.rows, ("Total",))

    def data(self) -> bytes:
        """The ods file."""
        tables = _table("Costs", self.table()) + _table("Travellers", tuple((name,) for name in self.people))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for name, text in (
                ("mimetype", MIME),
                ("META-INF/manifest.xml", MANIFEST),
                ("content.xml", CONTENT.format(tables=tables)),
            ):
                packed.writestr(zipfile.ZipInfo(name, PINNED), text)
        return out.getvalue()


def _table(name: str, rows: tuple[Row, ...]) -> str:
    lines = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
    return f'<table:table table:name="{name}"><table:table-column/>{lines}</table:table>'


def _cell(value: str | int) -> str:
    kind = (
        'office:value-type="string"'
        if isinstance(value, str)
        else f'office:value-type="float" office:value="{value}"'
    )
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


@dataclass(frozen=True)
class Drawn:
    """A chart as its file says: its kind, and the cells (`B2:B7`) that it takes."""

    kind: str
    names: str
    series: tuple[tuple[str, str], ...]
    """The label's cell and the values' cells of each row of columns."""

    def __str__(self) -> str:
        held = ", ".join(f"{values} labelled by {label or 'nothing'}" for label, values in self.series)
        return f"a chart of kind {self.kind} with {held}, named by {self.names or 'nothing'}"


@dataclass(frozen=True)
class ChartOn(StateCheck):
    """The ods file's sheet has one chart, of the kind and the cells that are wanted."""

    path: str
    sheet: str
    wanted: Drawn

    @property
    def expected(self) -> str:
        """The chart."""
        return f"{self.path}: on the sheet {self.sheet!r} {self.wanted}"

    def find(self, probe: Probe) -> Finding:
        """Read the charts that are anchored in the sheet or its cells."""
        data = read(probe, self.path)
        drawn = parsed(self.path, "a spreadsheet", lambda: _charts(data, self.sheet))
        return drawn == [self.wanted], "; ".join(map(str, drawn)) or f"no chart on the sheet {self.sheet!r}"


def _charts(data: bytes, sheet: str) -> list[Drawn]:
    tables = member(data, "content.xml").findall(f".//{TABLE}table[@{TABLE}name='{sheet}']")
    if not tables:
        raise Unfit(f"there is no sheet {sheet!r}")
    names = [str(each.get(f"{XLINK}href")).removeprefix("./") for each in tables[0].iter(f"{DRAW}object")]
    parts = [member(data, f"{name}/content.xml") for name in names]
    return [_drawn(chart, part) for part in parts for chart in part.iter(f"{CHART}chart")]


def _drawn(chart: etree._Element, part: etree._Element) -> Drawn:
    area = chart.find(f"{CHART}plot-area")
    if area is None:
        raise Unfit("the chart is empty")
    style = part.find(f".//{STYLE}style[@{STYLE}name='{area.get(f'{CHART}style-name')}']/{STYLE}chart-properties")
    lying = style is not None and style.get(f"{CHART}vertical") == "true"
    kind = str(chart.get(f"{CHART}class")).removeprefix("chart:")
    series = list(area.iter(f"{CHART}series"))
    mixed = {str(each.get(f"{CHART}class")).removeprefix("chart:") for each in series} - {kind, "None"}
    names = area.find(f".//{CHART}categories")
    return Drawn(
        kind="mixed" if mixed else {"bar": "bar" if lying else "column"}.get(kind, kind),
        names="" if names is None else _cells(names.get(f"{TABLE}cell-range-address")),
        series=tuple(
            (_cells(each.get(f"{CHART}label-cell-address")), _cells(each.get(f"{CHART}values-cell-range-address")))
            for each in series
        ),
    )


def _cells(address: str | None) -> str:
    """`$Costs.$B$2:.$B$7` as `B2:B7`, and `$Costs.$B$1:$Costs.$B$1` as `B1`."""
    ends = [part.rpartition(".")[2] for part in (address or "").replace("$", "").split(":")]
    return ":".join(dict.fromkeys(ends))


def _at(cells: str) -> Step:
    return act(f"go to {cells}", *keys("ctrl+shift+t").actions, *write(f"{cells}\n").actions)


def enter(costs: Costs, text: str) -> Play:
    """Write into the cell of the total."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Calc")
        cell = f"B{costs.last + 1}"
        yield _at(cell)
        yield write(f"{text}\n", intent=f"write {text} into {cell}")

    return play


def total(costs: Costs) -> Play:
    """The total as a formula, typed."""
    return enter(costs, f"=SUM(B2:B{costs.last})")


def chart(cells: str, kind: str = "") -> Play:
    """Select the cells and add a chart of them, of Calc's first kind or of the one named."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Calc")
        yield _at(cells)
        yield click(see, "button", "Chart")
        yield from _finish(see, kind)

    return play


def _finish(see: Probe, kind: str = "") -> Iterator[Step]:
    window(see, "Chart")
    if kind:
        yield click(see, "list item|table cell", kind)
    yield click(see, "button|push button", "Finish")
    gone(see, "Chart Type")
    yield keys("Escape", "Escape", "Escape", intent="leave the chart")


def chart_first(costs: Costs) -> Play:
    """The chart first, of cells selected from the corner; then the total by the key that sums what is above."""

    def play(see: Probe) -> Iterator[Step]:
        window(see, "Calc")
        yield keys("ctrl+Home", "shift+Right", *["shift+Down"] * (costs.last - 1), intent="select what was paid")
        yield click(see, "button", "Chart")
        yield from _finish(see)
        yield _at(f"B{costs.last + 1}")
        yield keys("alt+equal", "Return", intent="let Calc write the sum")

    return play


def budget(rng: Random) -> Task:
    """A trip's costs: the total as a formula, and a chart of what was paid."""
    place = rng.choice(TRIPS)
    names = rng.sample(ITEMS, rng.randint(5, 8))
    costs = Costs(
        path=f"{FOLDER}/{place} trip.ods",
        rows=tuple((name, paid := rng.randrange(23, 480), paid + rng.choice((-15, -8, 12, 30))) for name in names),
        people=tuple(rng.sample(("Amina", "Jonas", "Mei", "Pavel", "Rosa", "Tomas"), 3)),
    )
    last = costs.last
    charted = f"A1:B{last}"
    value: dict[str, Value] = {
        f"{'ABC'[column]}{row}": held for row, line in enumerate(costs.table(), 1) for column, held in enumerate(line)
    }
    wanted = Drawn("column", f"A2:A{last}", (("B1", f"B2:B{last}"),))
    figures = Cells("the figures as they were", costs.path, value)
    summed = Cells(
        f"the total in B{last + 1}",
        costs.path,
        {f"B{last + 1}": costs.paid},
        {f"B{last + 1}": r"\bSUM\([^)]*\bB\$?\d"},
    )
    drawn = ChartOn("the chart", costs.path, "Costs", wanted)
    right = (total(costs), chart(charted), save(costs.path))
    return Task(
        id="smoke/budget@1",
        goal=(
            f"The spreadsheet {place} trip.ods, open in Calc, lists what our trip to {place} cost. On its sheet "
            f"Costs, put the sum of B2 to B{last} into cell B{last + 1}, as a SUM formula. Then add a column chart "
            f"of the cells {charted} to the same sheet, with the items along its bottom. Save the "
            f"file under the same name."
        ),
        scene=opened(costs.path, costs.data(), "calc"),
        checks=(summed, drawn, figures),
        milestones=(summed, drawn),
        budget=Budget(steps=40),
        apps=("calc",),
        plan=(
            f"type =SUM(B2:B{last}) into B{last + 1}",
            f"select {charted}, the button Chart, finish with the column chart that is offered",
            "leave the chart, save with Ctrl+S",
        ),
        solution=route(*right),
        near_misses={
            "the total typed as a number": route(enter(costs, str(costs.paid)), *right[1:]),
            "the total drawn as well": route(right[0], chart(f"A1:B{last + 1}"), right[2]),
            "a pie": route(right[0], chart(charted, "Pie"), right[2]),
            "not saved": route(*right[:2]),
        },
        equivalents={"chart first, and the sum key": route(chart_first(costs), save(costs.path, by_menu=True))},
    )
