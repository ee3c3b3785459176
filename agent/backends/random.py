"""The agent that tries things at random: what chance reaches, and what a desktop must bear."""

from __future__ import annotations

import random

from agent.base import Decision
from envs.types import Action, Click, Drag, Finish, Move, Observation, Point, Press, Scroll, Size, Type, Wait

KEYS = (
    *(("enter",), ("escape",), ("tab",), ("shift", "tab"), ("space",), ("backspace",), ("delete",)),
    *(("up",), ("down",), ("left",), ("right",), ("home",), ("end",), ("pagedown",), ("pageup",)),
    *(("ctrl", "s"), ("ctrl", "z"), ("ctrl", "a"), ("ctrl", "n"), ("alt", "tab"), ("alt", "f4"), ("f10",), ("menu",)),
)
WORDS = ("hello", "2026", "a note", "=1+1", "report.txt", "naïve 北京", "yes", "/home/user")


class Random:
    """Clicks, types, scrolls and presses keys at random, the same way for the same seed and goal.

    After each action it stops with a chance of `stop`; it takes at most `steps` actions.
    """

    name = "random"
    cards = ()

    def __init__(self, seed: int = 0, steps: int = 15, stop: float = 0.02) -> None:
        self._seed = seed
        self._left = steps
        self._stop = stop
        self._chance = random.Random(seed)

    def begin(self, goal: str) -> None:
        """Chance depends on the goal as well: two tasks are not tried in the same way."""
        self._chance = random.Random(f"{self._seed}:{goal}")

    def act(self, seen: Observation) -> Decision:
        """Something."""
        chance = self._chance
        if self._left <= 0 or chance.uniform(0, 1) < self._stop:
            return Decision(actions=(Finish(claim="failed"),), intent="stop trying")
        self._left -= 1
        return Decision(actions=(self._something(seen.size),), intent="try something")

    def close(self) -> None:
        """There is nothing to close."""

    def _something(self, size: Size) -> Action:
        chance = self._chance
        match chance.choices(range(8), weights=(40, 8, 8, 4, 10, 14, 12, 4))[0]:
            case 0:
                return Click(at=self._somewhere(size))
            case 1:
                return Click(at=self._somewhere(size), count=2)
            case 2:
                return Click(at=self._somewhere(size), button="right")
            case 3:
                return Drag(path=(self._somewhere(size), self._somewhere(size)))
            case 4:
                return Scroll(at=self._somewhere(size), dy=chance.choice((-5, -2, 2, 5)))
            case 5:
                return Press(keys=chance.choice(KEYS))
            case 6:
                return Type(text=chance.choice(WORDS))
        return chance.choice((Wait(seconds=0.2), Move(at=self._somewhere(size))))

    def _somewhere(self, size: Size) -> Point:
        return Point(x=self._chance.randrange(size.width), y=self._chance.randrange(size.height))
