"""Impress: the task that needs no files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from envs.desktop import Probe
from tasks.base import Play, Step
from tasks.play import click, find, keys, menu, window

APP = "soffice"


def slide_panel(see: Probe) -> Iterator[Step]:
    """Bring back the panel of slides on the left."""
    window(see, "LibreOffice Impress$")
    yield from menu(see, "View", app=APP)
    if "checked" in find(see, "check menu item", "Slide Pane", app=APP).states:
        yield keys("Escape", "Escape", intent="close the menu: it is there")
    else:
        yield click(see, "check menu item", "Slide Pane", app=APP)
    find(see, "document frame", "Slides View", app=APP)


PLAYS: Final[Mapping[str, Play]] = {
    "ef9d12bd-bcee-4ba0-a40e-918400f43ddf": slide_panel,
}
