"""Reads the files that applications write: sheets, texts, pictures and archives, from their bytes.

Everything here is a pure function of bytes. A file that is half written, or of another kind than its name
says, raises `Unfit` with a sentence that says what was found: whoever checks turns it into a verdict of 0.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import TypeAlias, TypeVar

from lxml import etree
from PIL import Image

Value: TypeAlias = "str | float | bool | date | None"
T = TypeVar("T")

LIMIT = 256 * 1024 * 1024  # bytes unpacked from one file: what the desktop hands out is at most 64 MiB packed
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


class Unfit(Exception):  # noqa: N818 - not an error: what was found
    """The file is there but is not what it should be."""


@dataclass(frozen=True)
class Cell:
    """A cell's value as last calculated, and its formula (`=SUM(B2:B6)`), empty where it has none."""

    value: Value
    formula: str = ""


def parsed(path: str, kind: str, parse: Callable[[], T]) -> T:
    """What `parse` returns; whatever it raises becomes `Unfit`."""
    try:
        return parse()
    except Unfit:
        raise
    except Exception as err:  # a broken file breaks parsers in ways that they do not document
        raise Unfit(f"{path} cannot be read as {kind}: {type(err).__name__}: {err}") from err


def sheet(path: str, data: bytes, name: str = "") -> dict[str, Cell]:
    """The cells that hold something, by reference (`B7`), of the sheet of that name; of the first without one."""
    suffix = PurePosixPath(path).suffix.lower()
    match suffix:
        case ".xlsx" | ".xlsm":
            return parsed(path, "a spreadsheet", lambda: _xlsx(data, name))
        case ".ods":
            return parsed(path, "a spreadsheet", lambda: _ods(data, name))
    raise ValueError(f"no reader for sheets of kind {suffix!r}")


def paragraphs(path: str, data: bytes) -> tuple[str, ...]:
    """The paragraphs of a docx, odt, pptx or odp in document order, headings and empty ones included."""
    suffix = PurePosixPath(path).suffix.lower()
    match suffix:
        case ".docx":
            return parsed(path, "a document", lambda: _ooxml_text(data, r"word/document\.xml", WORD))
        case ".pptx":
            return parsed(path, "a presentation", lambda: _ooxml_text(data, r"ppt/slides/slide(\d+)\.xml", DRAWING))
        case ".odt" | ".odp":
            return parsed(path, "a document", lambda: _odf_text(data))
    raise ValueError(f"no reader for documents of kind {suffix!r}")


def picture(path: str, data: bytes) -> Image.Image:
    """The picture, decoded to its last pixel, in RGB; what is transparent is laid on white."""

    def parse() -> Image.Image:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            clear = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")

    return parsed(path, "a picture", parse)


def archive(path: str, data: bytes) -> dict[str, bytes]:
    """The files in a zip or a tar (packed or not) by name, without a leading `./`; folders are left out."""

    def parse() -> dict[str, bytes]:
        if zipfile.is_zipfile(io.BytesIO(data)):
            with _zip(data) as packed:
                return {_plain(item.filename): packed.read(item) for item in packed.infolist() if not item.is_dir()}
        return _tar(path, data)

    return parsed(path, "an archive", parse)


def member(data: bytes, name: str) -> etree._Element:
    """An XML file inside a zip (docx, odt, xlsx …), for checks of their own. Raises KeyError without it."""
    with _zip(data) as packed:
        return etree.fromstring(packed.read(name), etree.XMLParser(resolve_entities=False, no_network=True))


def _zip(data: bytes) -> zipfile.ZipFile:
    packed = zipfile.ZipFile(io.BytesIO(data))
    size = sum(item.file_size for item in packed.infolist())
    if size > LIMIT:
        raise Unfit(f"it unpacks to {size} bytes, more than {LIMIT}")
    return packed


def _tar(path: str, data: bytes) -> dict[str, bytes]:
    held: dict[str, bytes] = {}
    size = 0
    with tarfile.open(fileobj=io.BytesIO(data)) as packed:
        for item in packed:
            size += item.size
            if size > LIMIT:
                raise Unfit(f"{path} unpacks to more than {LIMIT} bytes")
            stream = packed.extractfile(item) if item.isfile() else None
            if stream is not None:
                held[_plain(item.name)] = stream.read()
    return held


def _plain(name: str) -> str:
    return name.removeprefix("./")


def _xlsx(data: bytes, name: str) -> dict[str, Cell]:
    import openpyxl

    _zip(data).close()
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    if name and name not in values.sheetnames:
        raise Unfit(f"there is no sheet {name!r}, but {', '.join(values.sheetnames)}")
    shown = values[name] if name else values.worksheets[0]
    written = formulas[name] if name else formulas.worksheets[0]
    cells: dict[str, Cell] = {}
    for row in written.iter_rows():
        for cell in row:
            if cell.value is None:
                continue
            formula = str(getattr(cell.value, "text", cell.value)) if cell.data_type == "f" else ""
            cells[cell.coordinate] = Cell(_day(shown[cell.coordinate].value), formula)
    return cells


def _day(value: object) -> Value:
    """A time stamp at midnight is a day: spreadsheets have no type of their own for it."""
    if isinstance(value, datetime):
        return value.date() if value.time() == datetime.min.time() else value
    if value is None or isinstance(value, str | bool | float | int | date):
        return value
    return str(value)


def _ods(data: bytes, name: str) -> dict[str, Cell]:
    tables = member(data, "content.xml").findall(f".//{TABLE}table")
    names = [str(table.get(f"{TABLE}name")) for table in tables]
    if name and name not in names:
        raise Unfit(f"there is no sheet {name!r}, but {', '.join(names)}")
    cells: dict[str, Cell] = {}
    for number, row in _repeated(tables[names.index(name) if name else 0].iter(f"{TABLE}table-row"), "rows"):
        for column, element in _repeated(iter(row), "columns"):
            cell = _ods_cell(element)
            if cell.value is not None:
                cells[f"{_letters(column)}{number}"] = cell
    return cells


def _repeated(elements: Iterator[etree._Element], what: str) -> Iterator[tuple[int, etree._Element]]:
    """Each element with its number from 1. Long repeats are padding to the sheet's edge and counted, not walked."""
    number = 1
    for element in elements:
        times = int(element.get(f"{TABLE}number-{what}-repeated", "1"))
        for offset in range(min(times, 1024)):
            yield number + offset, element
        number += times


def _ods_cell(element: etree._Element) -> Cell:
    formula = re.sub(
        r"\[\.?([^\]]*)\]", lambda found: found[1].replace(":.", ":"), element.get(f"{TABLE}formula", "")
    )
    formula = formula.removeprefix("of:")
    match element.get(f"{OFFICE}value-type"):
        case "float" | "currency" | "percentage":
            return Cell(float(str(element.get(f"{OFFICE}value"))), formula)
        case "boolean":
            return Cell(element.get(f"{OFFICE}boolean-value") == "true", formula)
        case "date":
            return Cell(_day(datetime.fromisoformat(str(element.get(f"{OFFICE}date-value")))), formula)
        case "string" | "time":
            return Cell("\n".join(_odf_line(line) for line in element.iter(f"{TEXT}p")), formula)
    return Cell(None, formula)


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _ooxml_text(data: bytes, part: str, space: str) -> tuple[str, ...]:
    with _zip(data) as packed:
        found = [match for name in packed.namelist() if (match := re.fullmatch(part, name))]
    if not found:
        raise Unfit(f"it holds nothing named {part}")
    found.sort(key=lambda match: int(match[1]) if match.groups() else 0)
    return tuple(
        _ooxml_line(paragraph, space) for match in found for paragraph in member(data, match[0]).iter(f"{space}p")
    )


def _ooxml_line(paragraph: etree._Element, space: str) -> str:
    """The text of one paragraph. A tab with attributes is a tab stop, not a tab."""
    marks = {f"{space}tab": "\t", f"{space}br": "\n"}
    return "".join(
        marks.get(str(run.tag), run.text or "")
        for run in paragraph.iter(f"{space}t", *marks)
        if run.tag != f"{space}tab" or not run.attrib
    )


def _odf_text(data: bytes) -> tuple[str, ...]:
    body = member(data, "content.xml").find(f"{OFFICE}body")
    if body is None:
        raise Unfit("it has no body")
    return tuple(_odf_line(line) for line in body.iter(f"{TEXT}p", f"{TEXT}h"))


def _odf_line(element: etree._Element) -> str:
    """The text of one paragraph: spaces, tabs and breaks are elements of their own there."""
    line = element.text or ""
    for child in element:
        match child.tag:
            case tag if tag == f"{TEXT}s":
                line += " " * int(child.get(f"{TEXT}c", "1"))
            case tag if tag == f"{TEXT}tab":
                line += "\t"
            case tag if tag == f"{TEXT}line-break":
                line += "\n"
            case tag if tag in (f"{TEXT}span", f"{TEXT}a"):
                line += _odf_line(child)
        line += child.tail or ""
    return line
