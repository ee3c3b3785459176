"""Opens a file with the library of its type. Raises whatever that raises at what is no such file."""

from __future__ import annotations

import csv
import email
import io
import json
import re
import sqlite3
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import av
import docx
import lxml.html
import openpyxl
import pptx
from PIL import Image


def opened(name: str, data: bytes, scratch: Path) -> None:
    """Open it, and look at some of what is inside."""
    assert data, name
    _OPENERS[PurePosixPath(name).suffix.lower()](data, scratch)


def _book(data: bytes, scratch: Path) -> None:
    assert all(sheet.max_row > 1 for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets)


def _text(data: bytes, scratch: Path) -> None:
    made = docx.Document(io.BytesIO(data))
    assert made.paragraphs
    assert made.tables


def _deck(data: bytes, scratch: Path) -> None:
    slides = pptx.Presentation(io.BytesIO(data)).slides
    assert all(slide.shapes.title.text and slide.notes_slide.notes_text_frame.text for slide in slides)


def _picture(data: bytes, scratch: Path) -> None:
    Image.open(io.BytesIO(data)).load()


def _media(data: bytes, scratch: Path) -> None:
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode())) > 10


def _zip(data: bytes, scratch: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()


def _tar(data: bytes, scratch: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert [member for member in archive if member.isfile() and archive.extractfile(member)]


def _database(data: bytes, scratch: Path) -> None:
    path = scratch / "opened.sqlite"
    path.write_bytes(data)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def _paper(data: bytes, scratch: Path) -> None:
    """The table of a PDF's objects, and that each is where it says."""
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    table = data[start:].split(b"trailer")[0].splitlines()[2:]
    for number, row in enumerate(table[1:], 1):
        assert data[int(row[:10]) :].startswith(b"%d 0 obj" % number)


def _layers(data: bytes, scratch: Path) -> None:
    """The head of an XCF, and its layers' tiles to the last pixel."""
    assert data.startswith(b"gimp xcf file\0")
    width, height, kind = struct.unpack_from(">3I", data, 14)
    assert kind == 0
    at = 26
    while (prop := struct.unpack_from(">2I", data, at)) != (0, 0):
        at += 8 + prop[1]
    layers = _pointers(data, at + 8)
    assert layers
    for layer in layers:
        assert struct.unpack_from(">2I", data, layer) == (width, height)
        at = layer + 16 + struct.unpack_from(">I", data, layer + 12)[0]
        while (prop := struct.unpack_from(">2I", data, at)) != (0, 0):
            at += 8 + prop[1]
        level = struct.unpack_from(">I", data, struct.unpack_from(">I", data, at + 8)[0] + 12)[0]
        tiles = _pointers(data, level + 8)
        assert sum(_pixels(data, tile, width, height, n) for n, tile in enumerate(tiles)) == width * height * 4


def _pointers(data: bytes, at: int) -> list[int]:
    found = []
    while pointer := struct.unpack_from(">I", data, at)[0]:
        found.append(pointer)
        at += 4
    return found


def _pixels(data: bytes, at: int, width: int, height: int, number: int) -> int:
    """Bytes that a tile's runs come to, which must be what it holds."""
    across = -(-width // 64)
    wanted = 4 * min(64, width - 64 * (number % across)) * min(64, height - 64 * (number // across))
    had = 0
    while had < wanted:
        assert data[at] == 127
        had += struct.unpack_from(">H", data, at + 1)[0]
        at += 4
    assert had == wanted
    return had


def _compound(data: bytes, scratch: Path) -> None:
    """An old Office file: its table is one sector long, and its stream's chain ends with the file."""
    assert data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    table = struct.unpack_from("<128I", data, 512)
    start, size = struct.unpack_from("<IQ", data, 1024 + 128 + 116)
    length = 1
    while (start := table[start]) != 0xFFFFFFFE:
        length += 1
    assert length * 512 == size


def _words(data: bytes, scratch: Path) -> None:
    assert data.decode().strip()


def _program(data: bytes, scratch: Path) -> None:
    compile(data, "program", "exec")


def _script(data: bytes, scratch: Path) -> None:
    subprocess.run(["bash", "-n"], input=data, check=True)


def _table(data: bytes, scratch: Path) -> None:
    assert len({len(row) for row in csv.reader(io.StringIO(data.decode()))}) == 1


def _mail(data: bytes, scratch: Path) -> None:
    assert email.message_from_bytes(data)["Subject"]


def _letters(data: bytes, scratch: Path) -> None:
    for letter in re.split(rb"^From - .*\n", data, flags=re.MULTILINE)[1:]:
        _mail(letter, scratch)


def _page(data: bytes, scratch: Path) -> None:
    assert lxml.html.fromstring(data).findtext(".//body//p")


def _raw(data: bytes, scratch: Path) -> None:
    assert len(data) == 640 * 512 * 3


def _json(data: bytes, scratch: Path) -> None:
    json.loads(data)


def _rich(data: bytes, scratch: Path) -> None:
    assert data.startswith(b"{\\rtf1")


_OPENERS: dict[str, Callable[[bytes, Path], None]] = {
    ".xlsx": _book, ".docx": _text, ".pptx": _deck, ".pdf": _paper, ".xcf": _layers, ".sqlite": _database,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp"), _picture),
    **dict.fromkeys((".mp3", ".mp4", ".wav"), _media),
    **dict.fromkeys((".zip", ".vsix", ".whl", ".epub", ".odt", ".ods"), _zip),
    **dict.fromkeys((".gz", ".xz"), _tar),
    **dict.fromkeys((".ppt", ".xls"), _compound),
    **dict.fromkeys((".txt", ".md", ".srt", ".css", ".bib", ".tex", ".yml", ".yaml"), _words),
    **dict.fromkeys((".json", ".code-workspace"), _json),
    ".py": _program, ".sh": _script, ".csv": _table, ".eml": _mail, ".bin": _letters, ".html": _page, ".raw": _raw,
    ".doc": _rich,
}  # fmt: skip
KINDS = tuple(_OPENERS)
