"""What is done after a solution: undone until it shows, destroyed by what the window offers, or it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from agent.bank.after import destroyed, undone
from agent.bank.instead import Cannot
from envs.types import Action, Click, Entry, Node, Press, Rect, Type, Window
from scoring.understanding.trails import Did
from tasks.base import Play

SHOWN = ("showing", "visible", "sensitive")


def node(role: str, name: str = "", text: str = "", states: Sequence[str] = (), x: int = 0) -> Node:
    return Node(role=role, name=name, text=text, states=(*SHOWN, *states), box=Rect(x=x, y=0, width=20, height=20))


@dataclass
class Screens:
    """A probe that sees one screen after the other, one more with each step that is played."""

    trees: Sequence[Sequence[Node]]
    times: dict[str, float] = field(default_factory=dict)
    at: int = 0

    def tree(self) -> Sequence[Node]:
        return self.trees[min(self.at, len(self.trees) - 1)]

    def windows(self) -> tuple[Window, ...]:
        return (Window(id=1, title="w", app="a", box=Rect(x=0, y=0, width=99, height=99), focused=True),)

    def files(self, pattern: str) -> tuple[Entry, ...]:
        return tuple(Entry(path=p, size=1, mtime=time) for p, time in self.times.items() if p == pattern)


def played(play: Play, see: Screens) -> list[str]:
    """What is done, in words; the last of them that it cannot be."""
    done: list[str] = []
    try:
        for step in play(see):  # type: ignore[arg-type]  # it asks for nothing else
            done += map(said, step.actions)
            see.at += 1
    except Cannot as why:
        done.append(str(why))
    return done


def said(action: Action) -> str:
    match action:
        case Press(keys=keys):
            return "+".join(keys)
        case Type(text=text):
            return text
        case Click(at=at, button=button) if at is not None:
            return f"{button} {at.x}"
    return type(action).__name__


def pressing(*keys: str, intent: str = "") -> Did:
    return Did(intent=intent, actions=(Press(keys=keys),))


TEXT, LESS = node("text", text="one two"), node("text", text="one")
REDO, BOLD = node("button", "Redo"), node("toggle button", "Bold", states=("pressed",))
SAVED = (pressing("ctrl", "s", intent="save"),)


@pytest.mark.parametrize(
    ("trees", "steps", "done"),
    [
        ([[TEXT], [LESS]], SAVED, ["ctrl+z", "ctrl+s"]),
        ([[TEXT], [TEXT, REDO], [LESS]], SAVED, ["ctrl+z", "ctrl+z", "ctrl+s"]),
        ([[TEXT, BOLD], [TEXT]], SAVED, ["ctrl+z", "ctrl+s"]),
        ([[TEXT], [LESS]], (), ["ctrl+z"]),
        ([[TEXT], [LESS]], (pressing("ctrl", "shift", "e", intent="export"),), ["ctrl+z", "ctrl+e"]),
        ([[TEXT], [TEXT, REDO]], SAVED, ["ctrl+z", "ctrl+z", "ctrl+z", "the application cannot undo it"]),
    ],
    ids=["at once", "the second time", "a format", "nothing is saved", "exported", "never"],
)
def test_it_is_undone_until_that_shows_and_saved_as_the_solution_does(
    trees: list[list[Node]], steps: tuple[Did, ...], done: list[str]
) -> None:
    assert played(undone(steps), Screens(trees)) == done


FILE, CHOSEN = node("table cell", "plan.txt", x=10), node("table cell", "plan.txt", x=10, states=("selected",))
MENU, YES = node("menu item", "Delete", x=30), node("button", "Yes", x=60)


@pytest.mark.parametrize(
    ("trees", "done"),
    [
        ([[FILE], [CHOSEN], []], ["left 20", "Delete", "Return"]),
        (
            [[FILE], [CHOSEN], [CHOSEN], [CHOSEN, MENU], [CHOSEN, YES], []],
            ["left 20", "Delete", "Return", "right 20", "left 40", "left 70"],
        ),
        ([[FILE], [CHOSEN]], ["left 20", "Delete", "Return", "right 20", "the application cannot delete it"]),
    ],
    ids=["by the key", "by its menu", "not at all"],
)
def test_the_first_file_in_the_window_is_deleted(trees: list[list[Node]], done: list[str]) -> None:
    assert played(destroyed(()), Screens(trees)) == done


def test_in_a_terminal_the_file_that_was_there_before_is_removed() -> None:
    typed = Did(intent="", actions=(Type(text="grep x Logs/a.log > ~/Documents/found.txt\n"),))
    times = {"/home/user/Logs/a.log": 5.0, "/home/user/Documents/found.txt": 9.0}
    assert played(destroyed((typed,)), Screens([[node("terminal")]], times)) == ["rm Logs/a.log\n"]
    assert played(destroyed(()), Screens([[node("terminal")]])) == ["no file that is there was named"]


@pytest.mark.parametrize(
    ("trees", "steps", "done"),
    [
        ([[TEXT], []], (), ["ctrl+a", "Delete", "ctrl+s"]),
        ([[TEXT]], SAVED, ["ctrl+a", "Delete", "ctrl+s"]),
        ([[TEXT]], (), ["ctrl+a", "Delete", "there is nothing that can be deleted"]),
    ],
    ids=["it shows", "it may not show but is saved", "nothing"],
)
def test_elsewhere_all_is_deleted(trees: list[list[Node]], steps: tuple[Did, ...], done: list[str]) -> None:
    assert played(destroyed(steps), Screens(trees)) == done
