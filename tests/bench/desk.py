"""The desktop that is measured on: a spreadsheet and a web page with a photograph, each over the whole screen."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from openpyxl import Workbook
from PIL import Image, ImageFilter

from envs.launch import EmbeddedDesktop
from envs.recipe import cache
from envs.types import SCREEN, Launch, Put, Ran, Scene, Site
from envs.wire import RunCommand, Settle, Settled

INSIDE = Path(__file__).parent / "inside"
PEERS = "/opt/peers"
CUA = ("cua-computer-server==0.3.46", "fastapi==0.116.1")
"""The peer, and the last FastAPI that it starts with."""
PROGRAMS = ("scrot", "libimlib2t64", "x11-xserver-utils")
"""Debian packages: scrot with its library, and what the computer server looks for on its way up."""


def sheet() -> bytes:
    """A filled spreadsheet."""
    chance, book = Random(5), Workbook()
    page = book.active
    assert page is not None
    for _ in range(60):
        page.append([chance.randint(1, 99_999) / 100 for _ in range(20)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def photograph() -> bytes:
    """A picture with as much detail as a photograph: noise, blurred, as PNG."""
    noise = Image.frombytes("RGB", (900, 600), Random(6).randbytes(900 * 600 * 3)).filter(ImageFilter.GaussianBlur(2))
    out = io.BytesIO()
    noise.save(out, "PNG")
    return out.getvalue()


def page() -> bytes:
    """A web page as pages are."""
    words = "The quick brown fox jumps over the lazy dog. " * 12
    parts = "".join(f"<h2>Part {number}</h2><p>{words}</p>" for number in range(8))
    return f"<title>page</title><body><img src='/photo.png' style='float:right'>{parts}".encode()


def scene() -> Scene:
    """Both open, the web page on top."""
    return Scene(
        sites=(Site(host="bench.localhost", pages={"/": page(), "/photo.png": photograph()}),),
        files=(
            Put(path="/home/user/sheet.xlsx", data=sheet()),
            *(Put(path=f"/tmp/bench/{each.name}", data=each.read_bytes()) for each in sorted(INSIDE.glob("*.py"))),
        ),
        open=(
            Launch(argv=("localc", "/home/user/sheet.xlsx"), window="sheet", maximised=True),
            Launch(argv=("chromium", "http://bench.localhost/"), window="page", maximised=True),
        ),
    )


@contextmanager
def office(*, peers: bool = False) -> Iterator[EmbeddedDesktop]:
    """An embedded desktop with the scene on it, and where asked for with the peers' own environment mounted."""
    desktop = EmbeddedDesktop(SCREEN, mounts={PEERS: peer_environment()} if peers else {})
    try:
        desktop.reset(scene())
        yield desktop
    finally:
        desktop.close()


def run(desktop: EmbeddedDesktop, *argv: str, seconds: float = 300.0) -> bytes:
    """A command as the desktop's user with its display; what it printed. Raises RuntimeError when it fails."""
    request = RunCommand(argv=argv, seconds=seconds, display=True)
    ran = desktop.scorer.call("run", request, Ran, seconds=seconds)
    if ran.code:
        raise RuntimeError(f"{argv}: {ran.stderr.decode()[-500:]}")
    return ran.stdout


def rest(desktop: EmbeddedDesktop) -> None:
    """Until the screen is at rest."""
    desktop.scorer.call("settle", Settle(deadline=10), Settled, seconds=10)


def peer_environment() -> Path:
    """The peers, in a folder of their own outside the checkout, made when it is not there; mounted read-only.

    The Python packages belong to a Python of the desktop's version; the programs are Debian packages, unpacked.
    """
    made = cache() / "peers" / "-".join((*CUA, *PROGRAMS)).replace("==", "-")
    if not (made / "done").exists():
        uv = Path(__file__).parents[2] / ".venv" / "bin" / "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "--python", "/usr/bin/python3", made], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", made / "bin" / "python", *CUA], check=True)
        subprocess.run(["apt-get", "-qq", "download", *PROGRAMS], cwd=made, check=True, stderr=subprocess.DEVNULL)
        for package in made.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, made / "debian"], check=True)
        (made / "done").touch()
    return made
