"""What getters are told of a desktop, by way of OSWorld's endpoints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from envs.errors import Gone
from envs.types import Entry, Ran, Size
from scoring.osworld.guest import Output
from scoring.osworld.shown import Shown


class Machine:
    """Files and commands in memory."""

    size = Size(width=800, height=600)

    def __init__(self, *, gone: bool = False) -> None:
        self.gone = gone

    def read_file(self, path: str) -> bytes:
        if self.gone:
            raise Gone("it was closed")
        if path != "/home/user/a.txt":
            raise FileNotFoundError(path)
        return b"kept"

    def run(self, *argv: str, seconds: float) -> Ran:
        if self.gone:
            raise Gone("it was closed")
        if argv[0] == "wmctrl":
            return Ran(code=0, stdout=b"0x1  0 10 20 640 480 vlc.vlc  desktop VLC\n", stderr=b"")
        if argv[:2] == ("python3", "-c"):
            return Ran(code=0 if "8080" in argv[3] else 1, stdout=b"<root/>", stderr=b"")
        return Ran(code=3, stdout=" ".join(argv).encode(), stderr=b"loud")

    def files(self, pattern: str) -> tuple[Entry, ...]:
        folder = Entry(path="/home/user", kind="folder", size=0, mtime=0.0)
        inside = Entry(path="/home/user/a.txt", kind="file", size=4, mtime=0.0)
        return (inside,) if "**" in pattern else (folder,)


@pytest.fixture
def shown() -> Any:
    return Shown(Machine())  # type: ignore[arg-type]  # as much of one as is asked


def test_a_file_is_its_bytes_or_none(shown: Shown) -> None:
    assert shown.file("/home/user/a.txt") == b"kept"
    assert shown.file("/home/user/b.txt") is None


def test_a_command_that_fails_has_its_output_too(shown: Shown) -> None:
    assert shown.execute(["ls", "-l"], shell=False) == Output(output="ls -l", error="loud", returncode=3)


def test_windows_have_the_size_of_their_class(shown: Shown) -> None:
    assert shown.window("vlc") == Size(width=640, height=480)
    assert shown.window("gimp") is None
    assert shown.screen() == Size(width=800, height=600)


def test_a_folder_is_told_with_what_is_in_it(shown: Shown) -> None:
    told = json.loads(shown.directory("/home/user") or "")
    assert [child["name"] for child in told["children"]] == ["a.txt"]


def test_a_page_is_had_from_inside_or_not_at_all(shown: Shown) -> None:
    assert shown.page(8080, "/requests/status.xml", "password") == b"<root/>"
    assert shown.page(8081, "/requests/status.xml", "password") is None


def test_a_desktop_that_is_gone_is_no_missing_file() -> None:
    shown = Shown(Machine(gone=True))  # type: ignore[arg-type]  # as much of one as is asked
    with pytest.raises(Gone):
        shown.file("/home/user/a.txt")
    with pytest.raises(Gone):
        shown.page(8080, "/", "")
