"""How soon a step returns after its action, and how often the screen still changed afterwards.

Every action of the smoke suite's solutions, and of three restless scenes (a blinking caret, a spinner that never
ends, a page that changes by a late timer), is carried out; the picture that came back is compared with the one
three seconds later.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageChops
from rows import Row, p50, p90

from envs.desktop import Desktop
from envs.launch import EmbeddedDesktop
from envs.types import SCREEN, Action, Finish, Launch, Press, Scene, Site, Type, Wait
from tasks.base import Step, Task
from tasks.smoke import suite

LATE = 3.0
PEERS = 2.0  # the fixed pause after an action in the field's other harnesses, in seconds
CARET = 2000  # pixels: a change no larger is a caret or a clock
SPINNER = (
    b"<title>spinner</title><style>div{width:400px;height:400px;margin:200px auto;border:40px solid #ccc;"
    b"border-top-color:#246;border-radius:50%;animation:s 1s linear infinite}"
    b"@keyframes s{to{transform:rotate(360deg)}}</style><div></div>"
)
LATE_PAGE = (
    b"<title>late</title><body style='font:40px sans-serif'><p>Loading the report ...<script>"
    b"document.onkeydown=()=>setTimeout(()=>{document.body.style.background='#cde'},1200)</script>"
)


class Settled:
    """What was seen of one action: seconds until it returned, and the share of the screen that changed later."""

    def __init__(self, app: str, seconds: float, later: float) -> None:
        self.app = app
        self.seconds = seconds
        self.later = later


def changed(before: bytes, after: bytes) -> float:
    """The share of pixels that differ, 0 to 1."""
    if before == after:
        return 0.0
    first, second = (Image.open(io.BytesIO(each)).convert("RGB") for each in (before, after))
    grey = ImageChops.difference(first, second).convert("L", (0.5, 0.5, 0.5, 0))
    return 1 - grey.histogram()[0] / (grey.width * grey.height)


def measure(desktop: Desktop, app: str, actions: tuple[Action, ...]) -> Iterator[Settled]:
    """Carries the actions out, each with its late look."""
    for action in actions:
        if isinstance(action, Finish | Wait):
            continue
        seen = desktop.step(action)
        late = desktop.step(Wait(seconds=LATE))
        yield Settled(app, seen.took.act + seen.took.settle, changed(seen.png, late.png))


def restless() -> Iterator[tuple[str, Scene, tuple[Step, ...]]]:
    """Scenes that never come to rest by themselves."""
    site = Site(host="restless.localhost", pages={"/spinner": SPINNER, "/late": LATE_PAGE})
    for page in ("spinner", "late"):
        launch = Launch(argv=("chromium", f"http://restless.localhost/{page}"), window=page, maximised=True)
        scene = Scene(sites=(site,), open=(launch,))
        yield page, scene, tuple(Step("a key", (Press(keys=("space",)),)) for _ in range(4))
    caret = Scene(open=(Launch(argv=("mousepad",), window="Mousepad"),))
    yield "caret", caret, tuple(Step("a word", (Type(text="word "),)) for _ in range(4))


def of_task(task: Task) -> list[Settled]:
    """One solution, action by action, on a desktop of its own."""
    assert task.solution is not None
    seen: list[Settled] = []
    desktop = EmbeddedDesktop(SCREEN)
    try:
        desktop.reset(task.scene)
        for step in task.solution(desktop.probe):
            seen.extend(measure(desktop, task.apps[0], step.actions))
    finally:
        desktop.close()
    return seen


def of_scene(name: str, scene: Scene, steps: tuple[Step, ...]) -> list[Settled]:
    """A restless scene, likewise."""
    desktop = EmbeddedDesktop(SCREEN)
    try:
        desktop.reset(scene)
        return [each for step in steps for each in measure(desktop, name, step.actions)]
    finally:
        desktop.close()


def section(_count: int) -> list[Row]:
    """The table's lines on settling. Two desktops at once: most of the time is spent waiting for the late look."""
    with ThreadPoolExecutor(2) as threads:
        tasks = [threads.submit(of_task, task) for task in suite(11)]
        scenes = [threads.submit(of_scene, *each) for each in restless()]
        seen = [one for each in (*tasks, *scenes) for one in each.result()]
    return list(rows(seen))


def rows(seen: list[Settled]) -> Iterator[Row]:
    """All of them together, then app by app."""
    pixels = SCREEN.width * SCREEN.height
    seconds = [each.seconds for each in seen]
    count = len(seen)
    late = 100 * sum(each.later > 0.01 for each in seen) / count
    any_late = 100 * sum(each.later * pixels > CARET for each in seen) / count
    mean = sum(seconds) / count
    name = "settling"
    yield Row(section=name, what="action to picture, p50", value=1000 * p50(seconds), unit="ms", n=count, limit=400)
    yield Row(section=name, what="action to picture, p90", value=1000 * p90(seconds), unit="ms", n=count)
    yield Row(section=name, what="over 1 % of the screen changed later", value=late, unit="%", n=count, limit=5)
    yield Row(section=name, what="anything but a caret changed later", value=any_late, unit="%", n=count)
    yield Row(
        section=name,
        what="faster than a fixed 2 s, on average",
        value=PEERS / mean,
        unit="x",
        n=count,
        limit=4,
        at_least=True,
    )
    for app in sorted({each.app for each in seen}):
        mine = [each for each in seen if each.app == app]
        late_here = sum(each.later > 0.01 for each in mine)
        yield Row(
            section=name,
            what=f"  {app}, p50",
            value=1000 * p50([each.seconds for each in mine]),
            unit="ms",
            n=len(mine),
            note=f"{late_here} changed later",
        )
