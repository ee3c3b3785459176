"""What the office tasks share: documents with the same bytes for the same seed, opened and saved by hand."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from envs.desktop import Probe
from envs.types import Launch, Put, Scene
from scoring.documents import Unfit, archive
from tasks.base import Play, Step
from tasks.play import await_, click, keys, menu

FOLDER = "/home/user/Documents"
SAVING = 40.0  # seconds: a machine with several desktops on it may take ten times the usual one
PINNED = (2026, 1, 5, 9, 0, 0)  # when every file inside a made document was written


def steady(data: bytes) -> bytes:
    """The same zip with every date in it pinned: python-docx and python-pptx write the present time."""
    out = io.BytesIO()
    stamp = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*PINNED).encode()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w") as packed:
        for item in made.infolist():
            inside = made.read(item)
            if item.filename == "docProps/core.xml":
                inside = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>" + stamp, inside)
            packed.writestr(zipfile.ZipInfo(item.filename, PINNED), inside, item.compress_type)
    return out.getvalue()


def opened(path: str, data: bytes, part: str) -> Scene:
    """The document open in a part of LibreOffice (`calc`, `writer`, `impress`), its window maximised."""
    name = re.escape(PurePosixPath(path).name)
    launch = Launch(argv=("soffice", f"--{part}", path), window=name, maximised=True)
    return Scene(files=(Put(path=path, data=data),), open=(launch,))


def save(path: str, *, by_menu: bool = False) -> Play:
    """Save the open document, keeping its format where LibreOffice asks; ends when it is written."""

    def play(see: Probe) -> Iterator[Step]:
        before = see.read_file(path)
        if by_menu:
            yield from menu(see, "File", "Save")
        else:
            yield keys("ctrl+s", intent="save")
        what = f"{path} to be written"
        asked = await_(what, lambda: (written(see, path, before) and "no") or (_asks(see) and "yes"), deadline=SAVING)
        if asked == "yes":
            yield click(see, "button|push button", "(Use|Keep) (?!ODF).*", intent="keep the format of the file")
            await_(what, lambda: written(see, path, before), deadline=SAVING)

    return play


def written(see: Probe, path: str, before: bytes = b"") -> bool:
    """Whether a whole document, other than `before`, is at `path`."""
    try:
        data = see.read_file(path)
        return data != before and bool(archive(path, data))
    except (FileNotFoundError, Unfit):
        return False


def _asks(see: Probe) -> bool:
    """Whether LibreOffice asks if the file shall keep its format."""
    return any(re.search(r"Confirm File Format|Keep Current Format", each.title) for each in see.windows())


def differs(wanted: tuple[str, ...], found: tuple[str, ...]) -> str:
    """Where two lists of texts first differ, in words; empty when they do not. White space is folded."""
    for number, (one, other) in enumerate(zip(wanted, found, strict=False), 1):
        if one.split() != other.split():
            return f"text {number} is {other!r}, not {one!r}"
    return "" if len(wanted) == len(found) else f"{len(found)} texts, not {len(wanted)}: {found!r}"
