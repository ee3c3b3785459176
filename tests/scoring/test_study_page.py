"""A study's page: complete without a network, readable at laptop and phone width, and harmless whatever it quotes."""

from __future__ import annotations

import base64
import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import studies
from golden import HOSTILE
from playwright.sync_api import Browser, Page, sync_playwright

from scoring import gap_page, verdicts
from scoring.figures import figures
from scoring.study import read
from scoring.svg import Drawing, Scale, counts, decades

FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
EVERY = {
    "parity", "ladder-funnel", "understanding-control", "gap-waterfall", "interventions", "teleport", "budget",
    "reliability", "heat", "failures", "cost",
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> verdicts.GapReport:
    return verdicts.build(read(studies.build(tmp_path_factory.mktemp("study"))))


@pytest.fixture(scope="module")
def page_file(report: verdicts.GapReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    gap_page.write(folder, report)
    return folder / "report" / "report.html"


def test_every_figure_is_drawn_with_a_sentence_its_numbers_and_how_much_they_are_of(
    report: verdicts.GapReport,
) -> None:
    made = {figure.id: figure for figure in figures(report)}
    assert set(made) == EVERY
    for figure in made.values():
        assert re.search(r"\d", figure.title), figure.id
        assert figure.title.endswith(".")
        assert re.search(r"\d+ (tasks|runs|failures|answers)|fewer than 20 independent|1 in 16", figure.note), (
            figure.id
        )
        rows = list(csv.reader(io.StringIO(figure.csv)))
        assert rows[0] == list(figure.head)
        assert len(rows) > 1
        assert all(len(row) == len(figure.head) for row in rows)


def test_drawings_are_well_formed_and_say_what_they_are(report: verdicts.GapReport) -> None:
    for figure in figures(report):
        for panel in figure.panels:
            assert ElementTree.fromstring(panel.svg).attrib["aria-label"]
            assert "nan" not in panel.svg
            assert "inf" not in panel.svg


def test_each_csv_on_the_page_is_the_file_beside_it(page_file: Path) -> None:
    found = re.findall(
        r'download="([\w-]+)\.csv" href="data:text/csv;charset=utf-8;base64,([\w+/=]+)"', page_file.read_text()
    )
    assert len(found) == len(list(page_file.parent.glob("*.csv")))
    for name, data in found:
        assert base64.b64decode(data) == (page_file.parent / f"{name}.csv").read_bytes()


def test_the_page_has_no_script_and_asks_for_nothing(page_file: Path) -> None:
    text = page_file.read_text()
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(?!data:text/csv|#)', text)
    assert "url(" not in text


def test_what_an_episode_says_is_shown_as_text(tmp_path: Path) -> None:
    folder = studies.golden(tmp_path)
    for log in sorted((folder / "control" / "open-model").glob("*/episodes/*/events.jsonl")):
        log.write_text(log.read_text().replace('"not done"', '"' + HOSTILE.replace('"', '\\"') + '"'))
    text = gap_page.page(verdicts.build(read(folder)))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_a_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path) -> None:
    folder = studies.golden(tmp_path)
    for log in sorted((folder / "control" / "open-model").glob("life/episodes/*/events.jsonl")):
        log.write_text(log.read_text().replace('"check":"it is done"', '"check":"=HYPERLINK(1)"'))
    gap_page.write(folder, verdicts.build(read(folder)))
    for path in (folder / "report").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text())):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row), path


def test_long_words_stay_inside_a_drawing() -> None:
    drawing = Drawing(20, "words")
    drawing.text(370, 10, "one hundred", anchor="middle")
    x = float(re.findall(r' x="([\d.]+)"', drawing.parts[0])[0])
    assert x + 11 * 12 * 0.62 / 2 <= 380


def test_a_scale_keeps_what_lies_outside_at_its_edge() -> None:
    scale = Scale(0, 1, 10, 110)
    assert [scale(value) for value in (-1, 0, 0.5, 1, 2)] == [10, 10, 60, 110, 110]
    assert Scale(0.01, 1, 0, 100, log=True)(0.1) == pytest.approx(50)


@pytest.mark.parametrize("highest", [1, 5, 7, 13, 60, 250])
def test_ticks_are_whole_and_few(highest: int) -> None:
    found = counts(highest)
    assert 1 < len(found) <= 7
    assert all(value == int(value) <= highest for value, _ in found)


@pytest.mark.parametrize(("low", "high"), [(0.004, 0.2), (0.01, 0.02), (1e-5, 10.0)])
def test_ticks_of_a_logarithm_lie_on_its_axis(low: float, high: float) -> None:
    found = decades(low, high)
    assert 0 < len(found) <= 6
    assert all(low * 0.99 <= value <= high * 1.01 for value, _ in found)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "no chromium: ./dev setup installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


CUT = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  const out = boxes.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(([word]) => 'cut off: ' + word);
  boxes.forEach(([word, a], at) => boxes.slice(at + 1).forEach(([other, b]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)
      out.push('overlap: ' + word + ' / ' + other);
  }));
  return out.map(each => svg.getAttribute('aria-label') + ': ' + each);
})"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg text')].map(text =>
  parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getBoundingClientRect().width / 380))"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PALE = """() => {
  const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .03928 ? c / 12.92
    : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
  return [...document.querySelectorAll('figcaption, .note, .says, h3, td, .fill.ink, .fill.faint')].map(node => {
    const style = getComputedStyle(node);
    const ink = light(rgb(node.tagName === 'text' ? style.fill : style.color));
    const card = light(rgb(getComputedStyle(node.closest('figure, article')).backgroundColor));
    return (Math.max(ink, card) + .05) / (Math.min(ink, card) + .05);
  }).filter(contrast => contrast < 4.5).length;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["laptop", "phone"])
def test_the_page_reads_well(browser: Browser, page_file: Path, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page: Page = context.new_page()
    asked, complained = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complained.append(message.text))
    page.goto(page_file.as_uri())
    page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
    assert asked == [page_file.as_uri()]
    assert complained == []
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALLEST) >= 10
    assert page.evaluate(PALE) == 0
    for figure in page.locator("figure").all():
        assert (figure.locator("h3").inner_text()).strip()
        assert figure.locator("svg").count() >= 1
        assert figure.locator("a[download]").count() == 1
    assert page.locator("figure").count() == len(EVERY)
    context.close()
