"""From an action to the X event it makes, typed text until it is read back, and a step's own cost."""

from __future__ import annotations

import threading
import time
from random import Random

from desk import office, run
from looking import ms
from rows import Row, p50

from envs.launch import EmbeddedDesktop
from envs.types import Action, Click, Launch, Point, Press, Scene, Scroll, Type
from envs.wire import Nothing, StartApp

EVENTS = "/tmp/events"
MIDDLE = Point(x=960, y=540)


def section(count: int) -> list[Row]:
    """The table's lines on acting."""
    with office() as desktop:
        overhead = [step_overhead(desktop) for _ in range(count)]
        listen(desktop)
        clicks = [to_event(desktop, Click(at=Point(x=500, y=400)), "Button") for _ in range(count)]
        presses = [to_event(desktop, Press(keys=("a",)), "Key") for _ in range(count)]
    typed = typing(count)
    name = "acting"
    return [
        Row(section=name, what="click to X event, p50", value=p50(clicks), unit="ms", n=count, limit=3),
        Row(section=name, what="key to X event, p50", value=p50(presses), unit="ms", n=count, limit=3),
        Row(
            section=name,
            what="200 characters typed and read back, p50",
            value=p50(typed),
            unit="ms",
            n=count,
            limit=250,
        ),
        Row(section=name, what="a step outside settling, p50", value=p50(overhead), unit="ms", n=count, limit=25),
    ]


def step_overhead(desktop: EmbeddedDesktop) -> float:
    """A page scrolled and looked at: all of the step but the settling."""
    seen = []
    took = ms(lambda: seen.append(desktop.step(Scroll(at=MIDDLE, dy=1))))
    return took - 1000 * seen[0].took.settle


def listen(desktop: EmbeddedDesktop) -> None:
    """A window that notes its events, in the middle and with the focus."""
    launch = Launch(argv=("python3", "/tmp/bench/listen.py", EVENTS), window="listen")
    desktop.scorer.call("launch", StartApp(launch=launch), Nothing, seconds=60)
    run(desktop, "wmctrl", "-a", "listen")
    desktop.step(Click(at=Point(x=500, y=400)))


def to_event(desktop: EmbeddedDesktop, action: Action, kind: str) -> float:
    """Milliseconds from the call to the first such event in the window."""
    start = time.monotonic_ns()
    desktop.step(action)
    for line in desktop.probe.read_file(EVENTS).decode().splitlines():
        at, name, _detail = line.split()
        if int(at) >= start and name.startswith(kind):
            return (int(at) - start) / 1e6
    raise RuntimeError(f"{action} made no {kind} event")


def typing(count: int) -> list[float]:
    """Milliseconds until a terminal's `cat` has written the 200 characters, compared exactly."""
    chance = Random(8)
    letters = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:'\"<>()[]{}!?@#$%&*-_=+/|"
    took = []
    desktop = EmbeddedDesktop()
    try:
        command = "cat > /tmp/typed"
        argv = ("xfce4-terminal", "--title=typing", "-x", "sh", "-c", f"stty -icanon min 1; {command}")
        desktop.reset(Scene(open=(Launch(argv=argv, window="typing"),)))
        before = b""
        for _ in range(count):
            text = "".join(chance.choice(letters) for _ in range(200))
            took.append(typed_back(desktop, text, before))
            before += text.encode()
    finally:
        desktop.close()
    return took


def typed_back(desktop: EmbeddedDesktop, text: str, before: bytes) -> float:
    """One text: the step runs in a thread, for it goes on to settle when the text has long arrived."""
    wanted = before + text.encode()
    start = time.perf_counter()
    step = threading.Thread(target=desktop.step, args=(Type(text=text),))
    step.start()
    while (found := desktop.probe.read_file("/tmp/typed")) != wanted:
        if len(found) >= len(wanted) or time.perf_counter() - start > 10:
            raise RuntimeError(f"typed {text!r}, and read back {found[len(before) :].decode()!r}")
    took = 1000 * (time.perf_counter() - start)
    step.join()
    return took
