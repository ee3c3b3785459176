"""Whatever a family says in its own dialect, over HTTP and through the vendor's SDK, arrives as it was meant.

The server that says it is written apart from the codecs: see `tests.dialects`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import asking
from agent.acting import Player
from agent.asking import Ask
from agent.base import Decision
from agent.cast import Part
from agent.models.base import Reply
from agent.registry import make, parse
from agent.suite import Job, Order, run_suite
from envs import keys
from envs.fake import FakeDesktop
from envs.types import (
    Action,
    Click,
    Drag,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Observation,
    Point,
    Press,
    Scroll,
    Size,
    Type,
    Wait,
)
from scoring.record import begin_run
from scoring.story import read
from tasks.base import Budget, Task
from tests.dialects.plan import sayable
from tests.dialects.relay import Relay, backend
from tests.dialects.server import CLOSED, OPEN, Dialects, limits_of

SCREEN = Size(width=1920, height=1080)
FAMILIES = (*CLOSED, *OPEN)


def at(x: int, y: int) -> Point:
    return Point(x=x, y=y)


DEEDS: dict[str, tuple[Action, ...]] = {
    "click": (Click(at=at(1500, 900)),),
    "click in a corner": (Click(at=at(1, 1)), Click(at=at(1917, 1077))),
    "right click": (Click(at=at(37, 1003), button="right"),),
    "middle click": (Click(at=at(700, 20), button="middle"),),
    "double click": (Click(at=at(1100, 300), count=2),),
    "triple click": (Click(at=at(1100, 301), count=3),),
    "click with keys held": (Click(at=at(400, 500), holding=("ctrl",)), Click(at=at(400, 540), holding=("shift",))),
    "move": (Move(at=at(333, 777)),),
    "drag": (Drag(path=(at(100, 200), at(1600, 900))),),
    "drag along": (Drag(path=(at(100, 200), at(300, 250), at(160, 900))),),
    "press, move, release": (MouseDown(at=at(500, 500)), Move(at=at(650, 620)), MouseUp(at=at(800, 700))),
    "scroll down": (Scroll(at=at(960, 540), dy=5),),
    "scroll up far": (Scroll(at=at(960, 540), dy=-10),),
    "scroll sideways": (Scroll(at=at(960, 540), dx=5),),
    "scroll where the pointer is": (Move(at=at(900, 500)), Scroll(dy=5)),
    "type": (Type(text='Grüße, 北京 & "so" it\'s <fine> 50% {x} (y) [z]'),),
    "type lines": (Type(text="first\nsecond\n"),),
    "type a path": (Type(text=r"C:\new\table" + "\n"),),
    "type what looks like a call": (Type(text="</tool_call> {\"name\": 1} click(start_box='(1,2)')"),),
    "chord": (Press(keys=("ctrl", "shift", "t")),),
    "chord with a letter": (Press(keys=("ctrl", "s")), Press(keys=("ctrl", "a"))),
    "keys": tuple(Press(keys=(key,)) for key in ("Return", "Next", "Escape", "F2", "space", "Left", "BackSpace")),
    "the same key again": (Press(keys=("Down",)),) * 4,
    "plus and equal": (Press(keys=("ctrl", "plus")), Press(keys=("alt", "equal"))),
    "hold a key": (Press(keys=("shift",), seconds=2.0),),
    "key down and up": (KeyDown(key="ctrl"), Click(at=at(10, 900)), KeyUp(key="ctrl")),
    "wait": (Wait(seconds=2.0),),
}
NO_HOLD = {"click with keys held", "hold a key", "key down and up"}
CANNOT: dict[str, set[str]] = {
    "claude": {"key down and up"},
    "openai": {"press, move, release", "hold a key", "key down and up"},
    "qwen25vl": {*NO_HOLD, "scroll sideways"},
    "qwen3vl": NO_HOLD,
    "qwen35": {"hold a key", "key down and up"},
    "glm": {*NO_HOLD, "scroll sideways"},
    "uitars": {"middle click"},
    "uitars15": {"middle click"},
    "uitars2": {"middle click"},
}
"""What a family has no words for."""


class Watched(FakeDesktop):
    """A fake that remembers what it was told to do."""

    def __init__(self) -> None:
        super().__init__(SCREEN)
        self.done: list[Action] = []

    def step(self, action: Action) -> Observation:
        self.done.append(action)
        return super().step(action)


@pytest.fixture(scope="module")
def served() -> Iterator[Dialects]:
    with Dialects() as server:
        yield server


def cannot(family: str) -> set[str]:
    return CANNOT.get(family.partition("-")[0] if family in CLOSED else family, set())


def play(folder: Path, relay: Relay, goal: str) -> tuple[Watched, object]:
    """One episode of it through the run's own machinery."""
    desktop = Watched()
    task = Task(id=f"said/{relay.family}@1", goal=goal, checks=(), budget=Budget(steps=500))
    job = Job(Part(task, 0, 0), lambda probe: Player(relay), relay.name)
    ask = Ask(suite="said", agent=relay.name, desktop="fake", size=SCREEN)
    folder.mkdir()
    run = asking.describe(ask, "said", [job.part])
    begin_run(folder, run)
    assert run_suite(Order(run=run, folder=folder, desktop=lambda: desktop), [job])
    (story,) = read(folder)[1]
    return desktop, story.ended


def plain(actions: list[Action]) -> list[tuple[object, ...]]:  # noqa: C901 - a case each
    """What was done, in one way of putting it: a drag goes to its start and then on, keys have their own names."""
    told: list[tuple[object, ...]] = []
    for action in actions:
        match action:
            case Drag(path=(start, *rest), button=button, holding=holding):
                told += [("move", start)] if rest else []
                told.append(("drag", *(rest or [start]), button, holding))
            case Press(keys=names, seconds=seconds):
                told.append(("press", *(keys.find(name).name for name in names), seconds))
            case KeyDown(key=key) | KeyUp(key=key):
                told.append((type(action).__name__, keys.find(key).name))
            case Wait():
                told.append(("wait",))
            case Click(at=place, button=button, count=count, holding=holding):
                told.append(("click", place, button, count, *(keys.find(key).name for key in holding)))
            case Scroll(at=place, dx=dx, dy=dy):
                told.append(("scroll", place, dx, dy))
            case MouseDown(at=place, button=button) | MouseUp(at=place, button=button):
                told += [("move", place)] if place else []
                told.append((type(action).__name__, button))
            case Move(at=place):
                told.append(("move", place))
            case Type(text=text):
                told.append(("type", text))
    return told


def near(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """The same, with every place within two pixels across and down: half a thousandth of 1920, and rounding."""

    def same(mine: object, theirs: object) -> bool:
        if isinstance(mine, Point) and isinstance(theirs, Point):
            return abs(mine.x - theirs.x) <= 2 and abs(mine.y - theirs.y) <= 2
        return mine == theirs

    return len(one) == len(other) and all(map(same, one, other))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "in pieces"])
@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_says_arrives_at_the_desktop_as_it_was_meant(
    family: str, stream: bool, served: Dialects, tmp_path: Path
) -> None:
    deeds = {name: deed for name, deed in DEEDS.items() if name not in cannot(family)}
    script = [Decision(actions=deed, intent=name) for name, deed in deeds.items()]
    relay = Relay(iter(script), family, backend(served, family, stream=stream), served)
    desktop, ended = play(tmp_path / "run", relay, f"Do all of it, {'streamed' if stream else 'whole'}.")
    meant = plain([each for deed in deeds.values() for each in _said(family, deed)])
    done = plain(desktop.done)
    for place, (wanted, found) in enumerate(zip(meant, done, strict=False)):
        assert near(wanted, found), f"{place}: meant {wanted}, done {found}"
    assert len(meant) == len(done), f"{ended}; {served.traffic.refused[-1:]}; the last: {done[-1:]}"


@pytest.mark.parametrize("keys", ["ctrl+w", '["ctrl", "w"]', '["ctrl+w"]', "keys=['ctrl', 'w']", "ctrl w"])
def test_a_chord_is_the_same_in_whatever_text_it_comes(keys: str) -> None:
    codec = make("families", parse("qwen35"))
    inside = f"<parameter=action>\nkey\n</parameter>\n<parameter=keys>\n{keys}\n</parameter>\n"
    reply = Reply(text=f"<tool_call>\n<function=computer>\n{inside}</function>\n</tool_call>")
    reading = codec.read(reply, codec.frame(SCREEN, SCREEN))
    assert [each.item for each in reading.wanted] == [Press(keys=("ctrl", "w"))]


def _said(family: str, deed: tuple[Action, ...]) -> list[Action]:
    return sayable(deed, limits_of(family), None)
