"""Tasks on the fake desktop for banks: some with clicks and files, and some of which no bank can be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chores import PATH, Reads, chore, types

from envs.desktop import Probe
from envs.types import Launch, Put, Scene
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, click, keys, write

NAME = "plan 7.txt"


def clicked(text: str, *, button: str = "Save") -> Play:
    """Go into the field, write, and save by the button."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, "text", intent="go into the text")
        yield write(text)
        yield click(see, "button", button)
        await_("the file to be written", lambda: see.read_file(PATH) == text.encode())

    return play


def errand(text: str = NAME, **changes: object) -> Task:
    task = {
        "id": "errands/name@1",
        "goal": f"Write {text} into the file and save it.",
        "scene": Scene(files=(Put(path=PATH, data=b""),), open=(Launch(argv=("editor", PATH)),)),
        "checks": (Reads(text),),
        "milestones": (Reads(text),),
        "budget": Budget(steps=4, seconds=30),
        "apps": ("editor",),
        "solution": clicked(text),
        "near_misses": {"written twice": types(text * 2)},
        "equivalents": {"by the key": types(text)},
    }
    return Task(**(task | changes))


def suite(seed: int) -> Iterator[Task]:
    yield errand()
    yield chore("milk", id="errands/milk@1")


@dataclass
class Fickle:
    """A solution that goes another way each time."""

    plays: list[int] = field(default_factory=list)

    def __call__(self, see: Probe) -> Iterator[Step]:
        self.plays.append(len(self.plays))
        yield write("x" * len(self.plays))
        yield keys("ctrl+a")
        yield write("milk")
        yield keys("ctrl+s")


def doubtful(seed: int) -> Iterator[Task]:
    """What no bank can be made of: a solution that fails, one that raises, one that is never the same."""
    yield errand(id="errands/wrong@1", solution=clicked("plan 8.txt"))
    yield errand(id="errands/stuck@1", solution=stuck)
    yield chore("milk", id="errands/fickle@1", solution=Fickle())


def stuck(see: Probe) -> Iterator[Step]:
    await_("what never comes", lambda: None, deadline=0.05)
    yield keys("ctrl+s")


def hasty(seed: int) -> Iterator[Task]:
    """Two steps, of which the second may be left out."""

    def play(see: Probe) -> Iterator[Step]:
        yield write("milk")
        yield keys("ctrl+s")
        yield keys("ctrl+a", intent="select it all")

    yield chore("milk", id="errands/hasty@1", solution=play)


HALTS = ["once"]
"""Emptied by the first play of `halted`."""


def halted(seed: int) -> Iterator[Task]:
    """One way of it is as if someone pressed Ctrl-C, the first time."""

    def play(see: Probe) -> Iterator[Step]:
        yield write("mil")
        if HALTS:
            HALTS.pop()
            raise KeyboardInterrupt
        yield keys("ctrl+s")

    yield chore("milk", id="errands/halted@1", near_misses={"halted": play, "twice": types("milkmilk")})
