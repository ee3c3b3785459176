"""What a play does once the solution is done, so that it is not done any more: undo, or destroy.

Both are done by the application's own means. Where it has none, `Cannot` says so: nothing is made of such a play.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.bank.instead import Cannot, called, is_file, middle, saves
from envs.desktop import Probe
from envs.types import Click, Node, Press, Type
from scoring.understanding.trails import Did
from tasks.base import Play, Step

UNDOS = 3
"""How often it is undone, until what is to be read changes: some undo first what nobody sees, as a selection."""
_DELETE = re.compile(r"(delete|move to (trash|bin|rubbish))\b", re.IGNORECASE)
_YES = re.compile(r"(yes|ok|delete)", re.IGNORECASE)
_PATH = re.compile(r"[\w./~-]*\w+\.\w[\w.]*")


def undone(steps: Sequence[Did]) -> Play:
    """Press ctrl+z until that shows, and save again where the solution saves."""

    def play(see: Probe) -> Iterator[Step]:
        before = _shown(see)
        texts = [(role, name, text) for role, name, text, _ in before]
        for _ in range(UNDOS):
            yield Step(intent="undo", actions=(Press(keys=("ctrl", "z")),))
            if [(role, name, text) for role, name, text, _ in _shown(see)] != texts:
                break
        if _shown(see) == before:
            raise Cannot("the application cannot undo it")
        yield from _saved(steps)

    return play


def destroyed(steps: Sequence[Did]) -> Play:
    """Delete a file, or all that is in the window, and save again.

    In a terminal it is the first file that the solution names and that was there before; else the first that the
    window with the focus shows; where it shows none, all that is in it.
    """

    def play(see: Probe) -> Iterator[Step]:
        top = next((window for window in reversed(see.windows()) if window.focused), None)
        shown = [
            node for node in see.tree()
            if node.showing and node.box is not None and top is not None and top.box.holds(node.box.centre)
        ]  # fmt: skip
        files = [node for node in shown if node.role in ("table cell", "icon", "list item") and is_file(node.name)]
        if any(node.role == "terminal" for node in shown):
            path = _named(see, steps)
            yield Step(intent=f"delete {path}", actions=(Type(text=f"rm {path}\n"),))
        elif files:
            yield from _deleted(see, files[0])
        else:
            yield from _emptied(see, steps)

    return play


def _named(see: Probe, steps: Sequence[Did]) -> str:
    """The first file in the texts typed that is there, and was there before them: its time is the oldest."""
    texts = [action.text for did in steps for action in did.actions if isinstance(action, Type)]
    paths = [found[0] for text in texts for found in _PATH.finditer(text)]
    whole = {path: path.replace("~", "/home/user") if path[:1] in "~/" else f"/home/user/{path}" for path in paths}
    there = [(entry.mtime, path) for path, name in whole.items() for entry in see.files(name) if entry.kind == "file"]
    if not there:
        raise Cannot("no file that is there was named")
    return min(there)[1]


def _deleted(see: Probe, file: Node) -> Iterator[Step]:
    """By the key, and by the menu of the file where the key does nothing."""
    yield Step(intent=f"select {called(file)}", actions=(Click(at=middle(file)),))
    before = _shown(see)
    yield Step(intent="delete it", actions=(Press(keys=("Delete",)), Press(keys=("Return",))))
    if _shown(see) != before:
        return
    yield Step(intent=f"open the menu of {called(file)}", actions=(Click(at=middle(file), button="right"),))
    entry = _called(see, "menu item", _DELETE)
    if entry is None:
        raise Cannot("the application cannot delete it")
    yield Step(intent=f"click {called(entry)}", actions=(Click(at=middle(entry)),))
    button = _called(see, "button", _YES)
    if button is not None:
        yield Step(intent=f"click {called(button)}", actions=(Click(at=middle(button)),))


def _called(see: Probe, role: str, name: re.Pattern[str]) -> Node | None:
    some = [node for node in see.tree() if node.role == role and node.showing and name.match(node.name.strip())]
    return next((node for node in some if node.box is not None), None)


def _emptied(see: Probe, steps: Sequence[Did]) -> Iterator[Step]:
    before = _shown(see)
    yield Step(intent="delete everything", actions=(Press(keys=("ctrl", "a")), Press(keys=("Delete",))))
    saving = list(_saved(steps))
    if _shown(see) == before and not saving:
        raise Cannot("there is nothing that can be deleted")
    yield from saving or [SAVE]


SAVE = Step(intent="save", actions=(Press(keys=("ctrl", "s")),))


def _saved(steps: Sequence[Did]) -> Iterator[Step]:
    """Save under the same name: the last chord by which the solution saves or exports, without shift."""
    for did in reversed(steps):
        chords = [action.keys for action in did.actions if isinstance(action, Press) and "ctrl" in action.keys]
        if saves(did) and chords:
            keys = tuple(key for key in chords[-1] if key != "shift")
            yield Step(intent="save", actions=(Press(keys=keys),))
            return
    if any(saves(did) for did in steps):
        yield SAVE


def _shown(see: Probe) -> list[tuple[str, str, str, frozenset[str]]]:
    """What the windows show, but for the buttons that undo."""
    return [
        (node.role, node.name, node.text, frozenset(node.states) & {"checked", "pressed", "selected"})
        for node in see.tree()
        if node.showing and node.name not in ("Undo", "Redo")
    ]
