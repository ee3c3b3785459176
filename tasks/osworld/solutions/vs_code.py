"""VS Code: settings, keyboard shortcuts and a new file, through the editor's own pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from envs.desktop import Probe
from envs.errors import TaskFault
from envs.settle import until
from envs.types import Node
from tasks.base import Play, Step
from tasks.play import await_, centre, click_at, find, keys, nodes, route, window, write

USER: Final = "/home/user/.config/Code/User"
SLOW: Final = 120.0
"""Seconds for whatever comes: on a busy machine the editor takes its time."""


def _see(see: Probe, role: str, name: str) -> Node:
    return find(see, role, name, deadline=SLOW)


def _click(see: Probe, role: str, name: str) -> Step:
    node = _see(see, role, name)
    return click_at(centre(node), intent=f"click {node.name.strip()!r}")


def _opened(see: Probe) -> None:
    window(see, r"Visual Studio Code$", deadline=SLOW)
    _see(see, "menu item", "File")


def _saved(see: Probe, name: str, part: str) -> None:
    """Returns once the file of the user's settings holds the text, whatever its spaces."""

    def there() -> bool:
        found = see.files(f"{USER}/{name}")
        return bool(found) and part.replace(" ", "") in "".join(see.read_file(found[0].path).decode().split())

    await_(f"{part!r} in {name}", there, deadline=SLOW)


def _take(see: Probe, name: str, row: int) -> Iterator[Step]:
    """Type the name into the list under the title and take it once it is in its row: until then, the list moves."""
    yield write(name)
    wanted = re.compile(rf"{re.escape(name)}(, .*)?")

    def found() -> bool:
        return any(wanted.fullmatch(item.name.strip()) for item in nodes(see, "list item", ".+")[row : row + 1])

    await_(f"{name!r} in the list's row {row}", found, deadline=SLOW)
    yield keys(*["Down"] * row, "Return", intent=f"take {name!r}")


def _command(see: Probe, name: str, row: int) -> Iterator[Step]:
    """Run a command of the palette."""
    yield keys("ctrl+shift+p", intent="open the command palette")
    _see(see, "list box", r"Type the name of a command to run.*")
    yield from _take(see, name, row)


def _written(command: str, row: int, file: str, wanted: object) -> Play:
    """Put this, as JSON, in the place of what the file holds that the command in this row of its palette opens.

    Of an editor that is a window's first, Chromium may keep the inside out of the tree; what is waited for is the
    bar below it, and the file.
    """
    text = json.dumps(wanted)

    def play(see: Probe) -> Iterator[Step]:
        _opened(see)
        yield from _command(see, command, row)
        _see(see, "button", r"Ln \d+, Col \d+.*")
        yield keys("ctrl+a", "Delete", intent="clear the file")
        _see(see, "button", r"Ln 1, Col 1")
        yield write(text)
        _see(see, "button", rf"Ln 1, Col {len(text) + 1}")
        yield keys("ctrl+s", intent="save")
        _saved(see, file, text)

    return play


def _setting(wanted: Mapping[str, object]) -> Play:
    """Write the user's settings."""
    return _written("Preferences: Open User Settings (JSON)", 0, "settings.json", wanted)


def _theme(see: Probe) -> Iterator[Step]:
    """982d12a5: choose the theme, whose name is `Dark (Visual Studio)`."""
    _opened(see)
    yield keys("ctrl+k", "ctrl+t", intent="choose a colour theme")
    _see(see, "list item", r"Dark Modern.*")
    yield from _take(see, "Dark (Visual Studio)", 0)
    _saved(see, "settings.json", '"workbench.colorTheme":"Visual Studio Dark"')


def _shortcuts(search: str, row: str) -> Play:
    """Open the page of shortcuts and select the row that the pattern names."""

    def play(see: Probe) -> Iterator[Step]:
        _opened(see)
        yield keys("ctrl+k", "ctrl+s", intent="open the keyboard shortcuts")
        _see(see, "entry", r"Showing .* Keybindings.*")
        yield write(search)
        yield _click(see, "list item", row)

    return play


def _no_find_shortcut(see: Probe) -> Iterator[Step]:
    """ea98c5d7: remove the key of the selected row."""
    yield keys("Delete", intent="remove the shortcut")
    _saved(see, "keybindings.json", '"command":"-list.find"')


def _new_file(see: Probe) -> Iterator[Step]:
    """57242fad: an empty file, saved under its name."""
    path = "/home/user/Desktop/test.py"
    _opened(see)
    yield _click(see, "menu item", "File")
    yield _click(see, "menu item", r"New Text File.*")
    window(see, r"Untitled-1", deadline=SLOW)
    yield keys("ctrl+s", intent="save it")
    _see(see, "list box", r".*Save As")
    yield keys("ctrl+a")
    yield write(path)
    find(see, "combo box", text=re.escape(path), deadline=SLOW)
    # The list may take the first Return for something else, above all while it reads the folder that was typed.
    for _ in range(3):
        yield keys("Return", intent="save under this name")
        if until(lambda: bool(see.files(path)), deadline=10.0):
            return
    raise TaskFault(f"the list did not save {path}")


PLAYS: Final[dict[str, Play]] = {
    "57242fad-77ca-454f-b71b-f187181a9f23": _new_file,
    "930fdb3b-11a8-46fe-9bac-577332e2640e": _written(
        "Preferences: Open Keyboard Shortcuts (JSON)",
        1,  # below the default ones
        "keybindings.json",
        [{"key": "ctrl+j", "command": "workbench.action.focusActiveEditorGroup", "when": "terminalFocus"}],
    ),
    "9439a27b-18ae-42d8-9778-5f68f891805e": _setting({"debug.focusEditorOnBreak": False}),
    "982d12a5-beab-424f-8d38-d2a48429e511": _theme,
    "9d425400-e9b2-4424-9a4b-d4c7abac4140": _setting({"workbench.editor.wrapTabs": True}),
    "e2b5e914-ffe1-44d2-8e92-58f8c5d92bb2": _setting(
        {"python.analysis.diagnosticSeverityOverrides": {"reportMissingImports": "none"}}
    ),
    "ea98c5d7-3cf9-4f9b-8ad3-366b58e0fcae": route(
        _shortcuts("list.find", r"list\.find, Control\+F, .*"), _no_find_shortcut
    ),
}
