"""What the tasks about files share: folders compared whole, PDFs made in memory, and Thunar's verbs."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from envs.desktop import Probe
from envs.types import Launch
from scoring.checks import Finding, StateCheck, read
from tasks.base import Play, Step
from tasks.play import await_, click, gone, keys, window, write

HOME = "/home/user"
DOWNLOADS = f"{HOME}/Downloads"
APP = "[Tt]hunar"
THUNAR = Launch(argv=("thunar", HOME), window="Thunar")
SAVING = 40.0  # seconds: a machine with several desktops on it may take ten times the usual one


@dataclass(frozen=True)
class FolderIs(StateCheck):
    """The folder holds these files by name with these bytes; nothing else but what is hidden or in `also`."""

    folder: str
    files: Mapping[str, bytes] = field(repr=False)
    also: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """The names."""
        others = f"and else at most {', '.join(self.also)}" if self.also else "and nothing else"
        return f"{self.folder} holds {', '.join(sorted(self.files))} with the bytes expected, {others}"

    def find(self, probe: Probe) -> Finding:
        """Compare names, then bytes."""
        entries = {each.path.rpartition("/")[2]: each for each in probe.files(f"{glob.escape(self.folder)}/*")}
        there = {name: entry for name, entry in entries.items() if not name.startswith(".")}
        wrong = [f"{name} is missing" for name in sorted(self.files) if name not in there]
        wrong += [f"{name} is there" for name in sorted(there) if name not in (*self.files, *self.also)]
        for name, data in sorted(self.files.items()):
            if name in there and (there[name].kind != "file" or read(probe, there[name].path) != data):
                wrong.append(f"{name} is a {there[name].kind} of other content")
        return not wrong, "; ".join(wrong) or f"it holds {', '.join(sorted(there)) or 'nothing'}"


@dataclass(frozen=True)
class SomeFileIs(StateCheck):
    """A file that the absolute glob matches has these bytes."""

    pattern: str
    data: bytes = field(repr=False)

    @property
    def expected(self) -> str:
        """Where, and how many bytes."""
        return f"a file at {self.pattern} with the {len(self.data)} bytes expected"

    def find(self, probe: Probe) -> Finding:
        """Read every file of that size."""
        there = [each for each in probe.files(self.pattern) if each.kind == "file"]
        same = [each.path for each in there if each.size == len(self.data) and read(probe, each.path) == self.data]
        return bool(same), f"{', '.join(same) or 'none'} of the {len(there)} files there"


def pdf(*lines: str) -> bytes:
    """A one-page PDF of these lines of Latin text, the same bytes each time."""
    shown = " ".join(f"({line.translate(ESCAPED)}) Tj T*" for line in lines)
    stream = f"BT /F1 16 Tf 24 TL 72 770 Td {shown} ET".encode("latin-1")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


ESCAPED = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})


def go(folder: str) -> Play:
    """Thunar, which has the focus, shows the folder as a list."""

    def play(see: Probe) -> Iterator[Step]:
        yield keys("ctrl+l", intent="go to the location bar")
        yield write(f"{folder}\n")
        window(see, rf"^{re.escape(PurePosixPath(folder).name)} - Thunar", deadline=SAVING)
        yield keys("ctrl+2", intent="show the folder as a list")

    return play


def rename(old: str, new: str) -> Play:
    """The file of the folder that Thunar shows has another name; both are paths."""

    def play(see: Probe) -> Iterator[Step]:
        yield select(see, old)
        yield keys("F2", intent="rename it")
        window(see, '^Rename "')
        yield keys("ctrl+a", intent="select the whole name")
        yield write(f"{PurePosixPath(new).name}\n")
        gone(see, '^Rename "')
        there(see, new)

    return play


def select(see: Probe, path: str) -> Step:
    """Click the file in Thunar's list."""
    return click(see, "table cell", re.escape(PurePosixPath(path).name), app=APP, intent=f"select {path}")


def paste(path: str) -> Play:
    """Thunar pastes into the folder that it shows, and so makes the file."""

    def play(see: Probe) -> Iterator[Step]:
        yield keys("ctrl+v", intent="paste it here")
        there(see, path)

    return play


def there(see: Probe, path: str) -> None:
    """Returns once there is such a file that holds something."""
    await_(f"the file {path}", lambda: any(each.size for each in see.files(glob.escape(path))), deadline=SAVING)
