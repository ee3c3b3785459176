"""When an action's effects are over: the screen is still and the applications are idle, or the deadline is here.

Stillness alone is not enough: applications compute, silently, for some 200 ms before a dialog appears. So their
processor time counts too, read per process from the kernel's own clocks. On a busy machine a process that is kept
waiting for a processor looks idle: so of the client with the focus the waiting counts as well, it must have
answered a ping, and in the end nobody may be ready to run. Small changes (carets, spinners of a few letters) do
not count as movement.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import xcffib.damage
import xcffib.xproto

from envs.server.display import Display
from envs.server.people import USER
from envs.server.pings import Pings
from envs.server.pixels import Pixels
from envs.types import Closed

TICK = 0.01
"""Seconds between two looks at the clocks."""
PATIENCE = 0.3
"""Seconds for which a client that has never answered is waited for."""
SMALL = 2000
"""Pixels: a caret, the letters of one word."""


@dataclass(frozen=True)
class Rule:
    """Still for `still` seconds, and the user's processes below `share` of one processor over `window` seconds.

    Not waited for longer than `within` seconds.
    """

    still: float
    window: float
    share: float
    within: float = 5.0


RULES = {
    "fast": Rule(0.05, 0.05, 0.04),
    "strict": Rule(0.28, 0.25, 0.02),
    "patient": Rule(1.0, 0.3, 0.02, within=10.0),
}
"""LibreOffice asks 300 ms after a change which of its buttons can be used now, and at times once more: after all is
replaced, 0.8 s after the last movement."""


class Rest(Closed):
    """Whether the screen came to rest, and after how many seconds."""

    settled: bool
    seconds: float


class Settler:
    """Watches for the screen to come to rest. One caller at a time."""

    def __init__(self, display: Display, pings: Pings) -> None:
        self._display = display
        self._pings = pings
        self._damage = display.x.generate_id()
        self._parts = display.x.generate_id()
        display.damage.Create(self._damage, display.root, xcffib.damage.ReportLevel.NonEmpty)
        display.fixes.CreateRegion(self._parts, 0, [])
        self._touched = False
        self._pixels = Pixels(display)
        self._ask()
        display.on(xcffib.damage.NotifyEvent, self._note)

    def settle(self, rule: Rule, *, deadline: float) -> Rest:
        """Return once the rule holds, or after `deadline` seconds."""
        return self._watch(rule, deadline, early=True)

    def wait(self, seconds: float, rule: Rule) -> Rest:
        """Return after `seconds`, with whether the rule holds by then."""
        return self._watch(rule, seconds, early=False)

    def _watch(self, rule: Rule, seconds: float, *, early: bool) -> Rest:
        start = time.monotonic()
        self._changed()
        self._pixels.grab(0, self._pixels.height).reply()
        moved = start
        self._ask()
        load = Load(rule.window, self._ping.client)
        while True:
            now = time.monotonic()
            if self._changed():
                moved = now
            load.sample(now)
            rested = self._attentive(moved) and now - moved >= rule.still and load.share() <= rule.share
            rested = rested and not load.anyone_runs()
            if (rested and early) or now - start >= seconds:
                return Rest(settled=rested, seconds=now - start)
            self._display.wait_quietly(min(TICK, max(0.001, seconds - (now - start))))

    def _attentive(self, moved: float) -> bool:
        """Whether the client with the focus has answered a question put after the last movement, or never answers."""
        if self._asked_at < moved or self._ping.window != self._pings.focused():
            self._ask()
        waited = time.monotonic() - self._asked_at
        return self._ping.answered or (waited >= PATIENCE and self._pings.mute(self._ping))

    def _ask(self) -> None:
        self._asked_at = time.monotonic()
        self._ping = self._pings.ask()

    def _note(self, event: xcffib.damage.NotifyEvent) -> None:
        if event.damage == self._damage:
            self._touched = True

    def _changed(self) -> int:
        """How many pixels have changed since the last call; 0 if they are few, or were drawn as they were."""
        display = self._display
        with display.lock:
            display.pump()
            if not self._touched:
                return 0
            self._touched = False
            display.damage.Subtract(self._damage, 0, self._parts)
            boxes = display.fixes.FetchRegion(self._parts).reply().rectangles
            area = sum(box.width * box.height for box in boxes)
            return area if area > SMALL and self._differ(boxes) else 0

    def _differ(self, boxes: list[xcffib.xproto.RECTANGLE]) -> bool:
        """Whether the rows that were drawn look other than before: some programs draw the same for ever."""
        pixels = self._pixels
        top = max(0, min(box.y for box in boxes))
        bottom = min(pixels.height, max(box.y + box.height for box in boxes))
        rows = slice(top * pixels.stride, bottom * pixels.stride)
        before = bytes(pixels.memory[rows])
        pixels.grab(top, bottom - top).reply()
        return before != pixels.memory[rows]


class Load:
    """Processor time of the user's processes over the last `window` seconds.

    The time that the process `client` waits for a processor is added.
    """

    def __init__(self, window: float, client: int) -> None:
        self._window = window
        self._waits = Path(f"/proc/{client}/schedstat")
        self._waited = self._waiting()
        self._spent = 0.0
        self._clocks: dict[int, float] = {}
        self._strangers: set[int] = set()
        self._samples: deque[tuple[float, float]] = deque()

    def sample(self, now: float) -> None:
        """Read the clocks."""
        clocks = {}
        for pid in self._pids():
            try:
                clocks[pid] = time.clock_gettime(~pid << 3 | 2)
            except OSError:
                continue  # it has ended
            self._spent += max(0.0, clocks[pid] - self._clocks.get(pid, clocks[pid] if not self._samples else 0.0))
        self._clocks = clocks
        waited = self._waiting()
        self._spent += max(0.0, waited - self._waited)
        self._waited = waited
        self._samples.append((now, self._spent))
        while len(self._samples) > 2 and self._samples[1][0] <= now - self._window:
            self._samples.popleft()

    def share(self) -> float:
        """Of one processor; infinite until the window is full."""
        (first, before), (last, spent) = self._samples[0], self._samples[-1]
        return (spent - before) / (last - first) if last - first >= self._window * 0.9 else float("inf")

    def anyone_runs(self) -> bool:
        """Whether one of the processes is running or waiting to, at this moment."""
        return any(_state(pid) == b"R" for pid in self._clocks)

    def _waiting(self) -> float:
        """Seconds that the client's main thread has been kept waiting so far; 0 when there is no telling."""
        try:
            return int(self._waits.read_bytes().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def _pids(self) -> list[int]:
        # Not pathlib: this runs every few milliseconds.
        found = {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208
        self._strangers &= found
        for pid in found - self._strangers - self._clocks.keys():
            try:
                if Path(f"/proc/{pid}").stat().st_uid != USER.uid:
                    self._strangers.add(pid)
            except OSError:
                self._strangers.add(pid)
        return list(found - self._strangers)


def _state(pid: int) -> bytes:
    """The state of its main thread (proc(5)), `X` when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1]
    except OSError:
        return b"X"
