"""GIMP: the tasks that need no files.

GIMP 3 has no theme of the name `Light`, which one task's evaluator looks for in `gimprc`: what was a theme of its own
in GIMP 2.10 is a colour scheme of the theme `Default`, written as `theme-color-scheme`. A theme of that name can be
added, as anybody may add one; GIMP is light with it, and the evaluator finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from envs.desktop import Probe
from envs.types import Node
from tasks.base import Play, Step
from tasks.play import await_, centre, click, click_at, find, gone, keys, menu, nodes, window, write

APP = "gimp"
MAIN, PREFERENCES = r"^GNU Image Manipulation Program$", r"^Preferences$"
START = 180.0
"""Seconds within which GIMP has begun, on a machine that is busy: it asks its 123 plug-ins first, each a process."""
SETTINGS = "/home/user/.config/GIMP/3.0"
THEME = f"{SETTINGS}/themes/Light"
COLOURS = '@import url("file:///usr/share/gimp/3.0/themes/Default/gimp-light.css");'
PAGE = "A9"
"""Interface > Theme among the pages of the preferences: a list of which only the places are told."""


def _begun(see: Probe) -> None:
    """Return once GIMP can be used."""
    window(see, MAIN, deadline=START)
    find(see, "menu", "Windows", app=APP, deadline=START)


def docks_hidden(see: Probe) -> Iterator[Step]:
    """Hide the docks."""
    _begun(see)
    yield from menu(see, "Windows", "Hide Docks", app=APP)
    await_("the docks to be gone", lambda: not nodes(see, "page tab", app=APP))


def light(see: Probe) -> Iterator[Step]:
    """Choose the theme Light, which is made first if there is none."""
    yield from _themes(see)
    if not nodes(see, "label", "Light", app=APP):
        yield click(see, "button|push button", "Cancel", app=APP)
        gone(see, PREFERENCES)
        yield from _made(see)
        yield from _themes(see)
    yield click(see, "label", "Light", app=APP, intent="choose the theme Light")
    yield click(see, "button|push button", "OK", app=APP)
    gone(see, PREFERENCES)
    await_("the theme in gimprc", lambda: b'(theme "Light")' in see.read_file(f"{SETTINGS}/gimprc"))


def _themes(see: Probe) -> Iterator[Step]:
    """Open the preferences at their themes."""
    _begun(see)
    yield from menu(see, "Edit", "Preferences", app=APP)
    box = window(see, PREFERENCES).box

    def page() -> Node | None:
        cells = nodes(see, "table cell", PAGE, app=APP)
        return next((cell for cell in cells if box.holds(centre(cell))), None)

    yield click_at(centre(await_("the page of themes", page)), intent="open the page of themes")
    find(see, "label", "Select Theme", app=APP)


def _made(see: Probe) -> Iterator[Step]:
    """Make a theme Light of GIMP's own light colours, and start GIMP anew: it looks for themes when it starts."""
    yield from menu(see, "File", "Quit", app=APP)
    gone(see, MAIN)
    yield keys("ctrl+alt+t", intent="open a terminal")
    await_("a terminal", lambda: any("terminal" in each.app.lower() and each.focused for each in see.windows()))
    yield write(f"mkdir -p {THEME}; echo '{COLOURS}' >{THEME}/gimp.css\n", intent="make the theme")
    await_("the theme", lambda: see.files(f"{THEME}/gimp.css"))
    yield write("setsid --fork gimp >/dev/null 2>&1; exit\n", intent="start GIMP")


PLAYS: Final[Mapping[str, Play]] = {
    "d52d6308-ec58-42b7-a2c9-de80e4837b2b": docks_hidden,
    "7767eef2-56a3-4cea-8c9f-48c070c7d65b": light,
}
