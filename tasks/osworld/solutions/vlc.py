"""VLC: the tasks that need no files. All of them are settings, and stand in `vlcrc` once they are saved.

VLC keeps its settings in memory and writes them all when its preferences are saved. What a task has written into
the file since VLC began is not seen, and is overwritten: where a task does that, saving is what counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from envs.desktop import Probe
from envs.types import Node, Point, Rect
from tasks.base import Play, Step
from tasks.play import await_, centre, click_at, find, gone, keys, menu, nodes, route, window, write

APP = "vlc"
FILE = "/home/user/.config/vlc/vlcrc"
SIMPLE, ALL = r"^Simple Preferences$", r"^Advanced Preferences$"
TITLE = 12  # pixels from a window's top edge to the middle of its title
LATE = 60.0
"""Seconds within which something of VLC's is there: a busy machine reads but a part of its tree at a time."""


def _there(see: Probe, role: str, name: str = "") -> Node:
    """What VLC shows of that role and name."""
    return find(see, role, name, app=APP, deadline=LATE)


def _box(see: Probe, role: str, name: str = "") -> Rect:
    """Where VLC shows it."""
    box = _there(see, role, name).box
    assert box is not None, "what was found has a box"
    return box


def _click(see: Probe, role: str, name: str) -> Step:
    return click_at(_box(see, role, name).centre, intent=f"click {name!r}")


def _opened(see: Probe) -> Iterator[Step]:
    """Open the preferences."""
    window(see, r"VLC media player$", deadline=LATE)
    _there(see, "menu item", "Tools")
    yield from menu(see, "Tools", "Preferences", app=APP)
    window(see, SIMPLE, deadline=LATE)


def _saved(title: str, line: str) -> Play:
    """Save the preferences, and wait until the file has the line; `#` before it where that is the default."""

    def play(see: Probe) -> Iterator[Step]:
        yield _click(see, "button|push button", "Save")
        gone(see, title, deadline=LATE)
        await_(f"{line} in {FILE}", lambda: line in see.read_file(FILE).decode().splitlines())

    return play


def _looked_up(words: str) -> Play:
    """Show all settings, and of them the page that is found with these words."""

    def play(see: Probe) -> Iterator[Step]:
        yield _click(see, "radio button", "All")
        box = window(see, ALL, deadline=LATE).box
        # Made large, a page has no scroll bar: what it has can be clicked.
        yield click_at(Point(x=box.centre.x, y=box.y + TITLE), count=2, intent="make the window large")
        await_("the large window", lambda: window(see, ALL).box.width > box.width)
        yield click_at(centre(_search(see)), intent="go to the search field")
        yield write(words, intent=f"look for {words!r}")
        await_("the words in the field", lambda: _search(see).text == words, deadline=LATE)
        pages = _box(see, "tree")
        # The pages found are few: below them the list is empty. The last of them has the setting.
        yield click_at(Point(x=pages.centre.x, y=pages.y + pages.height - TITLE), intent="go to the list of pages")
        yield keys("End", intent="open the page that was found")

    return play


def _search(see: Probe) -> Node:
    """The field above the list of pages."""
    pages = _box(see, "tree").centre
    return await_(
        "the search field",
        lambda: next((each for each in nodes(see, "text", app=APP) if centre(each).x == pages.x), None),
        deadline=LATE,
    )


def _ticked(name: str, wanted: bool) -> Play:
    """Leave the check box ticked, or not."""

    def ticked(see: Probe) -> bool:
        return "checked" in _there(see, "check box", name).states

    def play(see: Probe) -> Iterator[Step]:
        if ticked(see) != wanted:
            yield _click(see, "check box", name)
        await_(f"{name} as wanted", lambda: ticked(see) == wanted)

    return play


def _filled(role: str, name: str, value: str) -> Play:
    """Write the value into the field."""

    def play(see: Probe) -> Iterator[Step]:
        box = _box(see, role, name)
        # On its left, away from the arrows of a number.
        yield click_at(Point(x=box.x + box.width // 4, y=box.centre.y), intent=f"go to {name!r}")
        yield keys("ctrl+a", intent="select what is there")
        yield write(value)
        await_(f"{value!r} in {name!r}", lambda: _there(see, role, name).text == value)

    return play


def _page(see: Probe) -> Iterator[Step]:
    yield _click(see, "check box", "Input / Codecs")


recordings = route(
    _opened,
    _page,
    _filled("text", "Record directory or filename", "/home/user/Desktop"),
    _saved(SIMPLE, "input-record-path=/home/user/Desktop"),
)
louder = route(
    _opened,
    _looked_up("Maximum Volume displayed"),
    _filled("spin button", "Maximum Volume displayed", "200"),
    _saved(ALL, "qt-max-volume=200"),
)
staying = route(
    _opened, _looked_up("Play and exit"), _ticked("Play and exit", False), _saved(ALL, "#play-and-exit=0")
)
several = route(
    _opened,
    _ticked("Use only one instance when started from file manager", False),
    _saved(SIMPLE, "one-instance-when-started-from-file=0"),
)
coneless = route(
    _opened,
    _looked_up("Display background cone"),
    _ticked("Display background cone or art", False),
    _saved(ALL, "qt-bgcone=0"),
)

PLAYS: Final[Mapping[str, Play]] = {
    "8ba5ae7a-5ae5-4eab-9fcc-5dd4fe3abf89": recordings,
    "9195653c-f4aa-453d-aa95-787f6ccfaae9": louder,
    "5ac2891a-eacd-4954-b339-98abba077adb": staying,
    "f3977615-2b45-4ac5-8bba-80c17dbe2a37": several,
    "215dfd39-f493-4bc3-a027-8a97d72c61bf": coneless,
}
