"""Tasks on the fake desktop that need all of it: something clicked, something typed, a plan; two seeds, one app."""

from __future__ import annotations

from collections.abc import Iterator

from chores import Reads, scene

from envs.desktop import Probe
from envs.types import Finish, Size, Type
from tasks.base import Budget, Step, Task
from tasks.play import act, centre, click_at, find

SIZE = Size(width=640, height=400)
GUESTS = ("Ada 41", "Bo 52", "Cleo 63", "Dag 74", "Eli 85", "Fay 96")


def solution(words: str):
    """Four steps: click the field, type the first word, type the rest, click Save; then it says so."""
    first, _, rest = words.partition(" ")

    def play(see: Probe) -> Iterator[Step]:
        yield click_at(centre(find(see, "text")), intent="click into the text")
        yield act(f"write {first}", Type(text=first))
        yield act(f"write {rest} after it", Type(text=f" {rest}"))
        yield click_at(centre(find(see, "push button|button", "Save")), intent="click Save")
        yield Step(intent="done", actions=(Finish(),))

    return play


def guest(words: str, **changes: object) -> Task:
    first, _, rest = words.partition(" ")
    task = {
        "id": f"desk/{first.lower()}@1",
        "goal": f"Write {words} on the list and save it.",
        "scene": scene(),
        "checks": (Reads(words),),
        "milestones": (Reads(words),),
        "budget": Budget(steps=12, seconds=60),
        "apps": ("editor",),
        "plan": (f"write the name {first}", f"write {rest} after the name, on the same line", "save the list"),
        "solution": solution(words),
    }
    return Task(**(task | changes))


def suite(seed: int) -> Iterator[Task]:
    for words in GUESTS[:4]:
        name, number = words.split()
        yield guest(f"{name} {int(number) + seed}")
