"""The general checks: met, not met, and what they say of files that are missing, broken or of another kind."""

from __future__ import annotations

import fnmatch
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import openpyxl
import pytest
from docx import Document
from PIL import Image, ImageDraw
from pptx import Presentation

from envs.types import Entry, HitTest, Node, Post, Ran, Window
from scoring.checks import (
    Answer,
    ArchiveHolds,
    Cells,
    FileExists,
    FileGone,
    FileHas,
    FileIs,
    PictureIs,
    PostSent,
    Setting,
    TextOf,
)
from scoring.verdict import Check


@dataclass(frozen=True)
class Disk:
    """A probe over files held in memory."""

    held: dict[str, bytes] = field(default_factory=dict)
    sent: tuple[Post, ...] = ()

    def read_file(self, path: str) -> bytes:
        if path not in self.held:
            raise FileNotFoundError(path)
        return self.held[path]

    def files(self, pattern: str) -> tuple[Entry, ...]:
        names = sorted(name for name in self.held if fnmatch.fnmatchcase(name, pattern))
        return tuple(Entry(path=name, size=len(self.held[name]), mtime=0.0) for name in names)

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        raise NotImplementedError

    def windows(self) -> tuple[Window, ...]:
        return ()

    def tree(self) -> tuple[Node, ...]:
        return ()

    def hit_test(self) -> HitTest:
        raise NotImplementedError

    def posts(self, host: str) -> tuple[Post, ...]:
        return self.sent if host == "shop.test" else ()


def xlsx(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def budget(book: openpyxl.Workbook) -> None:
    page = book.active
    page["A1"], page["B1"], page["B2"], page["B3"] = "Rent", 850.5, "850.5", True
    page["C1"] = date(2026, 3, 2)
    book.create_sheet("Second")["A1"] = "there"


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="One">
<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="27"/>
<table:table-cell office:value-type="float" office:value="12.5"
 table:formula="of:=SUM([.A1:.A2])">
<text:p>12.50</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b</text:p>
</table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""

ODT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>
<text:h>Dear <text:span>Ada</text:span>,</text:h><text:p>one<text:tab/>two</text:p></office:text></office:body>
</office:document-content>"""


def zipped(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name.replace("__", "."), data)
    return out.getvalue()


def tarred(**files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, data in files.items():
            item = tarfile.TarInfo(f"./{name}")
            item.size = len(data)
            packed.addfile(item, io.BytesIO(data))
    return out.getvalue()


def docx(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pptx(title: str) -> bytes:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def png(size: tuple[int, int], dot: tuple[int, int] | None = None) -> bytes:
    image = Image.new("RGB", size, "navy")
    if dot is not None:
        ImageDraw.Draw(image).rectangle((0, 0, *dot), fill="white")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


XCU = """<?xml version="1.0"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Save"><prop oor:name="AutoSave" oor:op="fuse"><value>true</value></prop>
</item></oor:items>"""

SITE = Post(path="/order", fields=(("name", "Ada "), ("city", "Bern")))
DISK = Disk(
    {
        "/a.txt": b"one  \r\ntwo\r\n\r\n",
        "/b.xlsx": xlsx(budget),
        "/b.ods": zipped(content__xml=ODS),
        "/d.docx": docx("Dear Ada,", "naïve 北京"),
        "/d.odt": zipped(content__xml=ODT),
        "/d.pptx": pptx("Plans for 2027"),
        "/s.json": json.dumps({"a": [{"on": True}], "n": 1}).encode(),
        "/s.ini": b"[Main]\nKey=Value %d\n",
        "/s.xcu": XCU.encode(),
        "/p.png": png((40, 30), (10, 10)),
        "/z.zip": zipped(a__txt="A", b__txt="B"),
        "/t.tar.gz": tarred(a=b"A"),
    },
    (Post(path="/order", fields=(("name", "Bob"),)), SITE),
)

CASES = {
    "text but for the space at its ends": (FileIs("n", "/a.txt", "one\ntwo", spaces="trimmed"), True),
    "text to the byte": (FileIs("n", "/a.txt", "one  \r\ntwo\r\n\r\n", spaces="exact"), True),
    "text is not the same to the byte": (FileIs("n", "/a.txt", "one\ntwo", spaces="exact"), False),
    "a part over two lines, folded": (FileHas("n", "/a.txt", ("one two",), spaces="folded"), True),
    "a part over two lines, exact": (FileHas("n", "/a.txt", ("one two",), spaces="exact"), False),
    "a text that should be gone": (FileHas("n", "/a.txt", ("one",), ("two",), spaces="exact"), False),
    "a file gone": (FileGone("n", "/c.txt"), True),
    "a file still there": (FileGone("n", "/a.txt"), False),
    "a file by pattern": (FileExists("n", "/*.pptx"), True),
    "two where one was wanted": (FileExists("n", "/b.*", count=1), False),
    "a file too small": (FileExists("n", "/a.txt", least=1000), False),
    "cells": (Cells("n", "/b.xlsx", {"A1": "Rent", "B1": 850.504, "C1": date(2026, 3, 2), "D9": None}), True),
    "a number off by a cent": (Cells("n", "/b.xlsx", {"B1": 850.51}), False),
    "a number written as text": (Cells("n", "/b.xlsx", {"B2": 850.5}), False),
    "a truth value is not 1": (Cells("n", "/b.xlsx", {"B3": 1}), False),
    "a formula that is a typed value": (Cells("n", "/b.xlsx", {}, {"B1": "SUM"}), False),
    "another sheet": (Cells("n", "/b.xlsx", {"A1": "there"}, sheet="Second"), True),
    "no such sheet": (Cells("n", "/b.xlsx", {"A1": "there"}, sheet="Third"), False),
    "ods, past repeated rows and columns": (
        Cells("n", "/b.ods", {"AB3": 12.5, "AC3": "a  b"}, {"AB3": r"^=SUM\(A1:A2\)$"}),
        True,
    ),
    "docx": (TextOf("n", "/d.docx", ("Dear Ada, naïve 北京",)), True),
    "odt": (TextOf("n", "/d.odt", ("Dear Ada, one two",), ("three",)), True),
    "pptx": (TextOf("n", "/d.pptx", ("Plans for 2027",)), True),
    "a word that is not in the document": (TextOf("n", "/d.docx", ("Bob",)), False),
    "json": (Setting("n", "/s.json", "json", ("a", 0, "on"), True), True),
    "json, 1 is not true": (Setting("n", "/s.json", "json", ("n",), True), False),
    "json, not set": (Setting("n", "/s.json", "json", ("a", 3, "x"), None), True),
    "ini keeps case and percent signs": (Setting("n", "/s.ini", "ini", ("Main", "Key"), "Value %d"), True),
    "ini, no such section": (Setting("n", "/s.ini", "ini", ("Other", "Key"), "x"), False),
    "xcu": (Setting("n", "/s.xcu", "xcu", ("/org.openoffice.Office.Common/Save", "AutoSave"), "true"), True),
    "the last form sent": (PostSent("n", "shop.test", "/order", {"name": "Ada"}), True),
    "a form with another value": (PostSent("n", "shop.test", "/order", {"name": "Bob"}), False),
    "a form never sent": (PostSent("n", "shop.test", "/other", {"name": "Ada"}), False),
    "a form sent elsewhere": (PostSent("n", "bank.test", "/order", {"name": "Ada"}), False),
    "a picture's size": (PictureIs("n", "/p.png", (40, 30)), True),
    "a picture one pixel too wide": (PictureIs("n", "/p.png", (41, 30)), False),
    "a picture the same": (PictureIs("n", "/p.png", (40, 30), png((40, 30), (10, 10)), likeness=1.0), True),
    "a picture that differs": (PictureIs("n", "/p.png", (40, 30), png((40, 30))), False),
    "an archive": (ArchiveHolds("n", "/z.zip", {"a.txt": b"A", "b.txt": None}), True),
    "an archive with one file too many": (ArchiveHolds("n", "/z.zip", {"a.txt": b"A"}), False),
    "an archive with more, allowed": (ArchiveHolds("n", "/z.zip", {"a.txt": b"A"}, only=False), True),
    "an archive with other content": (ArchiveHolds("n", "/z.zip", {"a.txt": b"X", "b.txt": b"B"}), False),
    "a packed tar": (ArchiveHolds("n", "/t.tar.gz", {"a": b"A"}), True),
    "an answer in other case": (Answer("n", "42|forty-two"), True),
    "an answer with more around it": (Answer("n", "forty"), False),
}


@pytest.mark.parametrize(("check", "met"), CASES.values(), ids=CASES.keys())
def test_a_check_says_whether_what_was_expected_was_found(check: Check, met: bool) -> None:
    verdict = check(DISK, " Forty-Two\n")
    assert verdict.met is met
    assert verdict.check == "n"
    assert verdict.expected
    assert verdict.actual


READERS = {
    "/a.txt": FileHas("n", "/a.txt", ("x",), spaces="folded"),
    "/b.xlsx": Cells("n", "/b.xlsx", {"A1": 1}),
    "/b.ods": Cells("n", "/b.ods", {"A1": 1}),
    "/d.docx": TextOf("n", "/d.docx", ("x",)),
    "/d.odt": TextOf("n", "/d.odt", ("x",)),
    "/d.pptx": TextOf("n", "/d.pptx", ("x",)),
    "/s.json": Setting("n", "/s.json", "json", ("x",), "x"),
    "/s.ini": Setting("n", "/s.ini", "ini", ("x", "y"), "x"),
    "/s.xcu": Setting("n", "/s.xcu", "xcu", ("x", "y"), "x"),
    "/p.png": PictureIs("n", "/p.png", (40, 30)),
    "/z.zip": ArchiveHolds("n", "/z.zip", {"a.txt": b"A"}),
    "/t.tar.gz": ArchiveHolds("n", "/t.tar.gz", {"a": b"A"}),
}


@pytest.mark.parametrize("path", READERS)
def test_a_missing_file_is_a_verdict_that_says_so(path: str) -> None:
    verdict = READERS[path](Disk(), "")
    assert verdict.score == 0
    assert verdict.actual == f"there is no {path}"


@pytest.mark.parametrize("path", READERS)
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99], ids=["empty", "half", "all but its end"])
def test_a_half_written_file_is_a_verdict_not_an_exception(path: str, keep: float) -> None:
    data = DISK.held[path]
    verdict = READERS[path](Disk({path: data[: int(len(data) * keep)]}), "")
    assert verdict.actual


@pytest.mark.parametrize("path", [path for path in READERS if path != "/a.txt"])
def test_a_file_of_another_kind_is_a_verdict_that_says_so(path: str) -> None:
    verdict = READERS[path](Disk({path: b"\xff\x00 not at all"}), "")
    assert verdict.score == 0
    assert path in verdict.actual


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("zeros", "w", force_zip64=True) as file,
    ):
        for _ in range(257):
            file.write(bytes(1024 * 1024))
    verdict = ArchiveHolds("n", "/z.zip", {"zeros": None})(Disk({"/z.zip": out.getvalue()}), "")
    assert verdict.score == 0
    assert "unpacks to" in verdict.actual
