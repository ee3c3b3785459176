"""Office files: books, texts and decks that have what metrics look for, in Microsoft's formats and in ODF."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import docx
import openpyxl
import pptx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import etree
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pptx.dml.color import RGBColor as Colour
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.slide import Slide
from pptx.util import Inches

from . import media, packing
from .pictures import picture

ROWS: tuple[tuple[object, ...], ...] = (
    ("Name", "Count", "Place", "Share"),
    *((f"Bird {n}", n * 3, ("Lake", "Wood", "Shore")[n % 3], n / 8) for n in range(1, 25)),
)
LINES = ("A heron stood at the lake.", "Two terns came over the shore.", "In the wood an owl was heard.")
_PALE = Colour(240, 240, 200)  # type: ignore[no-untyped-call]  # the library does not say
_RED, _BLUE = RGBColor.from_string("FF0000"), RGBColor.from_string("0000FF")
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(sheets: Sequence[str], variant: int = 0) -> bytes:
    """Sheets of these names with the same rows; each has a chart, a frozen row, colours and a hidden row."""
    made = openpyxl.Workbook(write_only=False)
    made.remove(made.worksheets[0])
    for name in sheets:
        _sheet(made.create_sheet(name), variant)
    out = io.BytesIO()
    made.save(out)
    return packing.steady(out.getvalue())


def _sheet(sheet: Worksheet, variant: int) -> None:
    for row in ROWS:
        sheet.append(list(row))
    sheet["A1"].font = Font(bold=True, color="FFC00000")
    sheet["A2"].fill = PatternFill("solid", fgColor="FFFFFF00")
    sheet["B2"] = 3 + variant
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[6].hidden = True
    sheet.auto_filter.ref = f"A1:D{len(ROWS)}"
    allowed = DataValidation(type="list", formula1='"Lake,Wood,Shore"')
    allowed.add("C2:C25")
    sheet.add_data_validation(allowed)
    chart = BarChart()
    chart.title = "Birds"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=8), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=8))
    sheet.add_chart(chart, "F2")


@cache
def text(variant: int = 0) -> bytes:
    """A document of one page and a bit: what is done to text by hand, once each."""
    made = docx.Document()
    made.styles["Normal"].font.name = "Liberation Serif"
    title = made.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, f"Birds of the year {2024 + variant}").bold = True
    water = made.add_paragraph()
    _run(water, "H")
    _run(water, "2").font.subscript = True
    _run(water, "O is what they drink.")
    _run(made.add_paragraph(), LINES[0]).font.highlight_color = None
    leaning = _run(made.add_paragraph(), LINES[1])
    leaning.italic, leaning.font.size = True, Pt(14)
    tabbed = made.add_paragraph()
    tabbed.paragraph_format.tab_stops.add_tab_stop(Pt(300), WD_TAB_ALIGNMENT.RIGHT)
    tabbed.paragraph_format.line_spacing = 1.5
    _run(tabbed, "An owl was\theard at night.")
    for number in range(3):
        _run(made.add_paragraph(), f"time_0{number + 7}:15:00, train_{number}, station_{number}, {number + 1}")
    _words(made)
    made.add_picture(io.BytesIO(picture("png")), width=Pt(120))
    made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _run(made.add_paragraph(), "References")
    for number, line in enumerate(LINES, 1):
        _run(made.add_paragraph(), f"Author, A. ({2020 + number}). {line}")
    _run(made.add_paragraph(), "This was struck out.").font.strike = True
    made.sections[0].start_type = WD_SECTION.NEW_PAGE
    made.sections[0].footer.paragraphs[0].text = "1"
    out = io.BytesIO()
    made.save(out)
    return packing.steady(out.getvalue())


def _run(paragraph: Paragraph, words: str) -> Run:
    run = paragraph.add_run(words)
    run.font.name = "Liberation Serif"
    return run


def _words(made: docx.document.Document) -> None:
    """A table of words in red, where they begin with a vowel, or blue."""
    table = made.add_table(rows=2, cols=2)
    for cell, word in zip(
        (c for row in table.rows for c in row.cells), ("owl", "tern", "heron", "egret"), strict=True
    ):
        red = word[0] in "aeiou"
        _run(cell.paragraphs[0], word).font.color.rgb = _RED if red else _BLUE


def deck(
    variant: int = 0, *, tunes: Mapping[int, str] | None = None, grounds: Sequence[int] = (), slides: int = 8
) -> bytes:
    """Slides with a title, lines and notes, a picture on the first, a transition on each.

    `tunes` are sounds on slides, by number from 0, as mp3 or wav; `grounds` the slides with a picture behind them.
    """
    made = pptx.Presentation()
    for number in range(slides):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = f"Birds {number + 1 + 10 * variant}"
        slide.placeholders[1].text_frame.text = LINES[0]
        for line in LINES[1:]:
            slide.placeholders[1].text_frame.add_paragraph().text = line
        slide.notes_slide.notes_text_frame.text = f"A note to slide {number + 1}."
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = _PALE
        _crossing(slide)
        if number in (tunes or {}):
            _tune(slide, (tunes or {})[number])
        if number in grounds:
            _ground(slide)
    made.slides[0].shapes.add_picture(io.BytesIO(picture("png")), Inches(1), Inches(4), width=Inches(3))
    _numbers(made)
    out = io.BytesIO()
    made.save(out)
    return packing.steady(out.getvalue())


def _crossing(slide: Slide) -> None:
    element = etree.fromstring(f'<p:transition xmlns:p="{_P}"><p:dissolve/></p:transition>')
    slide._element.insert(2, element)  # after cSld and clrMapOvr


def _tune(slide: Slide, kind: str) -> None:
    """A sound as a relation of the slide, with the picture that stands for it."""
    data = media.mp3() if kind == "mp3" else media.wav()
    content = {"mp3": "audio/mpeg", "wav": "audio/wav"}[kind]
    part = Part(PackURI(f"/ppt/media/tune.{kind}"), content, slide.part.package, data)
    relation = slide.part.relate_to(part, f"{_R}/audio")
    shown = slide.shapes.add_picture(io.BytesIO(picture("png")), Inches(8), Inches(6), width=Inches(1))
    element: Any = shown._element  # a picture's, which its type does not say
    element.nvPicPr.find(f"{{{_P}}}nvPr").append(
        etree.fromstring(f'<a:audioFile xmlns:a="{_A}" xmlns:r="{_R}" r:link="{relation}"/>')
    )


def _ground(slide: Slide) -> None:
    """A picture in place of the slide's colour."""
    _, relation = slide.part.get_or_add_image_part(io.BytesIO(picture("png")))
    ground: Any = slide._element.cSld.find(f"{{{_P}}}bg/{{{_P}}}bgPr")  # it was given a colour before
    fill = f'<a:blipFill xmlns:a="{_A}" xmlns:r="{_R}"><a:blip r:embed="{relation}"/><a:stretch/></a:blipFill>'
    ground.replace(ground[0], etree.fromstring(fill))


def _numbers(made: pptx.presentation.Presentation) -> None:
    """The master's foot has colours of its own, the number's last but one."""
    for holder, colour in zip(list(made.slide_master.placeholders)[-3:], ("333333", "808080", "404040"), strict=True):
        frame = holder.text_frame
        run = frame.paragraphs[0].runs[0] if frame.paragraphs[0].runs else frame.paragraphs[0].add_run()
        run.font.color.rgb = Colour(*bytes.fromhex(colour))  # type: ignore[no-untyped-call]  # the library does not say


_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "style", "table", "manifest"))
_SPACES += f' xmlns:fo="{_ODF}:xsl-fo-compatible:1.0"'


@cache
def odt(variant: int = 0) -> bytes:
    """A text with one highlighted word."""
    lines = "".join(f"<text:p>{line}</text:p>" for line in LINES)
    return _odf(
        "text",
        '<office:automatic-styles><style:style style:name="T1" style:family="text">'
        '<style:text-properties fo:background-color="#ffff00"/></style:style></office:automatic-styles>',
        f'<office:text><text:p>Birds {variant}</text:p><text:p>A <text:span text:style-name="T1">heron</text:span>'
        f"</text:p>{lines}</office:text>",
    )


@cache
def ods(variant: int = 0) -> bytes:
    """A sheet with a book's rows."""
    rows = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in ROWS[: 25 - variant])
    table = f'<table:table table:name="Sheet1">{rows}</table:table>'
    return _odf("spreadsheet", "", f"<office:spreadsheet>{table}</office:spreadsheet>")


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def _odf(kind: str, styles: str, body: str) -> bytes:
    mime = f"application/vnd.oasis.opendocument.{kind}"
    files = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{of}"/>'
        for path, of in (
            ("/", mime),
            ("content.xml", "text/xml"),
            ("styles.xml", "text/xml"),
            ("meta.xml", "text/xml"),
        )
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    version = 'office:version="1.2"'
    entries = {
        "mimetype": mime,
        "content.xml": f"{head}<office:document-content {_SPACES} {version}>{styles}"
        f"<office:body>{body}</office:body></office:document-content>",
        "styles.xml": f"{head}<office:document-styles {_SPACES} {version}/>",
        "meta.xml": f"{head}<office:document-meta {_SPACES} {version}><office:meta/></office:document-meta>",
        "META-INF/manifest.xml": f'{head}<manifest:manifest {_SPACES} manifest:version="1.2">{files}'
        "</manifest:manifest>",
    }
    return packing.zipped({name: words.encode() for name, words in entries.items()}, stored=("mimetype",))


def rtf(words: str = LINES[0]) -> bytes:
    """A rich text: what Word itself may write under the name .doc."""
    return f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Liberation Serif;}}}}\\f0\\fs24 {words}\\par}}\n".encode()


def old(stream: str) -> bytes:
    """The container of an old Office file with its one stream, and nothing to show in it. Format: [MS-CFB] 2."""
    sector, size = 512, 4096  # a stream of this length needs no second table
    count = size // sector
    chains = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]  # the table's own sector, the directory's
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(sector, b"\xff")
    folder = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(stream, 2, 0xFFFFFFFF, 2, size) + bytes(256)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return head + struct.pack("<I", 0).ljust(436, b"\xff") + table + folder + bytes(size)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    word = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    return struct.pack("<64sHBBIII16xI16xIQ", word, len(word), kind, 1, none, none, child, 0, start, size)
