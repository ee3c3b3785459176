"""VS Code: settings, keyboard shortcuts and a new file, through the editor's own pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from envs.desktop import Probe
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


def _command(see: Probe, name: str) -> Iterator[Step]:
    """Run a command of the palette."""
    yield keys("ctrl+shift+p", intent="open the command palette")
    _see(see, "list box", r"Type the name of a command to run.*")
    yield write(name)
    yield _click(see, "list item", rf"{re.escape(name)}(, .*)?")


def _check(setting: str, value: str) -> Play:
    """Tick a setting's box, or untick it, on the page of settings."""

    def play(see: Probe) -> Iterator[Step]:
        _opened(see)
        yield keys("ctrl+comma", intent="open the settings")
        _see(see, "tree item", r"Commonly Used.*")  # the search has the focus, and an empty one has no box
        yield write(setting, intent=f"search for {setting}")
        yield _click(see, "check box", setting)
        _saved(see, "settings.json", f'"{setting}":{value}')

    return play


def _theme(see: Probe) -> Iterator[Step]:
    """982d12a5: choose the theme, whose name is `Dark (Visual Studio)`."""
    _opened(see)
    yield keys("ctrl+k", "ctrl+t", intent="choose a colour theme")
    _see(see, "list item", r"Dark Modern.*")
    yield write("Dark (Visual Studio)")
    yield _click(see, "list item", r"Dark \(Visual Studio\).*")
    _saved(see, "settings.json", '"workbench.colorTheme":"Visual Studio Dark"')


def _missing_imports(see: Probe) -> Iterator[Step]:
    """e2b5e914: no page shows the setting without the extension, so it is written into the file."""
    wanted = {"python.analysis.diagnosticSeverityOverrides": {"reportMissingImports": "none"}}
    _opened(see)
    yield from _command(see, "Preferences: Open User Settings (JSON)")
    window(see, r"settings\.json", deadline=SLOW)
    yield keys("ctrl+a", "Delete", intent="clear the file")
    yield write(json.dumps(wanted))
    yield keys("ctrl+s", intent="save")
    _saved(see, "settings.json", json.dumps(wanted))


def _shortcuts(search: str, row: str) -> Play:
    """Open the page of shortcuts and select the row that the pattern names."""

    def play(see: Probe) -> Iterator[Step]:
        _opened(see)
        yield keys("ctrl+k", "ctrl+s", intent="open the keyboard shortcuts")
        _see(see, "entry", r"Showing .* Keybindings.*")
        yield write(search)
        yield _click(see, "list item", row)

    return play


def _focus_shortcut(see: Probe) -> Iterator[Step]:
    """930fdb3b: a key for the command, then when it holds."""
    yield keys("Return", intent="define a key")
    _see(see, "", r"Press desired key combination.*")
    yield keys("ctrl+j", "Return")
    _saved(see, "keybindings.json", '"ctrl+j"')
    yield _click(see, "list item", r".*Focus Active Editor Group, Control\+J.*")
    yield keys("ctrl+k", "ctrl+e", intent="change when it holds")
    yield write("terminalFocus")
    _see(see, "list item", r"terminalFocus.*")
    yield keys("Return", intent="take the suggestion")
    yield keys("Return", intent="keep it")
    _saved(see, "keybindings.json", '"when":"terminalFocus"')


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
    # Until it has read the folder that was typed, the list takes no Return.
    await_("the Desktop's list", lambda: not nodes(see, "list item", "Documents"), deadline=SLOW)
    yield keys("Return", intent="save under this name")
    await_("the file", lambda: bool(see.files(path)), deadline=SLOW)


PLAYS: Final[dict[str, Play]] = {
    "57242fad-77ca-454f-b71b-f187181a9f23": _new_file,
    "930fdb3b-11a8-46fe-9bac-577332e2640e": route(
        _shortcuts("focusActiveEditorGroup", r"View: Focus Active Editor Group, .*"), _focus_shortcut
    ),
    "9439a27b-18ae-42d8-9778-5f68f891805e": _check("debug.focusEditorOnBreak", "false"),
    "982d12a5-beab-424f-8d38-d2a48429e511": _theme,
    "9d425400-e9b2-4424-9a4b-d4c7abac4140": _check("workbench.editor.wrapTabs", "true"),
    "e2b5e914-ffe1-44d2-8e92-58f8c5d92bb2": _missing_imports,
    "ea98c5d7-3cf9-4f9b-8ad3-366b58e0fcae": route(
        _shortcuts("list.find", r"list\.find, Control\+F, .*"), _no_find_shortcut
    ),
}
