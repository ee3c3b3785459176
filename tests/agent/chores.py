"""A small suite on the fake desktop's editor, and agents and desktops that go wrong in every way there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent.base import Decision, Usage
from envs.desktop import Probe
from envs.fake import FakeDesktop
from envs.types import Action, Click, Finish, Launch, Observation, Point, Press, Put, Scene, Size, Type, Wait
from scoring.verdict import Verdict
from tasks.base import Budget, Step, Task
from tasks.play import keys, write

PATH = "/home/user/list.txt"
WORDS = ("milk", "eggs", "rice", "salt", "figs", "peas")


@dataclass(frozen=True)
class Reads:
    """The list reads so."""

    text: str

    @property
    def name(self) -> str:
        return "what the list reads"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        found = probe.read_file(PATH).decode()
        return Verdict(check=self.name, score=float(found == self.text), expected=self.text, actual=found)


@dataclass(frozen=True)
class Answers:
    """The agent's answer."""

    answer: str
    name: str = "the answer"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        return Verdict(check=self.name, score=float(answer == self.answer), expected=self.answer, actual=answer)


def scene() -> Scene:
    return Scene(files=(Put(path=PATH, data=b""),), open=(Launch(argv=("editor", PATH)),))


def types(text: str, *, save: str = "ctrl+s"):
    def play(see: Probe) -> Iterator[Step]:
        yield write(text)
        yield keys(save)

    return play


def chore(word: str, **changes: object) -> Task:
    task = {
        "id": f"chores/{word}@1",
        "goal": f"Write {word} on the list and save it.",
        "scene": scene(),
        "checks": (Reads(word),),
        "milestones": (Reads(word),),
        "budget": Budget(steps=6, seconds=30),
        "apps": ("editor",),
        "solution": types(word),
        "near_misses": {
            "not saved": types(word, save="ctrl+a"),
            "another word": types(f"{word}s"),
            "twice": types(word * 2),
        },
        "equivalents": {"letter by letter": letters(word)},
    }
    return Task(**(task | changes))


def letters(word: str):
    def play(see: Probe) -> Iterator[Step]:
        yield Step(
            intent="letter by letter", actions=(*(Type(text=each) for each in word), Press(keys=("ctrl", "s")))
        )

    return play


def suite(seed: int) -> Iterator[Task]:
    for word in WORDS[:3]:
        yield chore(word)


def hopeless(seed: int) -> Iterator[Task]:
    """Everything that a proof must find."""
    word = WORDS[seed]
    yield chore(word, id="hopeless/unsolved@1", solution=types("nothing of the kind"))
    yield chore(word, id="hopeless/given@1", checks=(Reads(""),), solution=types("", save="ctrl+a"))
    yield chore(word, id="hopeless/careless@1", near_misses={"the same": types(word)})
    yield chore(word, id="hopeless/lonely@1", equivalents={"not at all": types("")})
    yield chore(word, id="hopeless/broken@1", checks=(Raises(),))


@dataclass(frozen=True)
class Raises:
    """A check with a bug."""

    name: str = "what cannot be"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        raise KeyError("no such thing")


class Player:
    """Does what it is told, a decision at a time; a decision that is an exception is raised."""

    name = "player"

    def __init__(self, *decisions: Decision | tuple[Action, ...] | BaseException) -> None:
        self.decisions = list(decisions)
        self.seen: list[Observation] = []
        self.goal = ""
        self.closed = 0

    def begin(self, goal: str) -> None:
        self.goal = goal

    def act(self, seen: Observation) -> Decision:
        self.seen.append(seen)
        decision = self.decisions.pop(0) if self.decisions else (Finish(),)
        if isinstance(decision, BaseException):
            raise decision
        return (
            decision
            if isinstance(decision, Decision)
            else Decision(actions=decision, usage=Usage(output_tokens=10, usd=0.01))
        )

    def close(self) -> None:
        self.closed += 1


class Slow:
    """Waits for ever, an action at a time: for runs that are to be stopped. Writes a file once it has begun."""

    name = "slow"

    def __init__(self, sign: str = "") -> None:
        self.sign = sign

    def begin(self, goal: str) -> None:
        self.goal = goal

    def act(self, seen: Observation) -> Decision:
        if self.sign and "rice" in self.goal:
            Path(self.sign).touch()
        if "rice" in self.goal and not Path(f"{self.sign}.go").exists():
            return Decision(actions=(Wait(seconds=0.01),))
        word = next(word for word in WORDS if word in self.goal)
        return Decision(actions=(Type(text=word), Press(keys=("ctrl", "s")), Finish()))

    def close(self) -> None:
        pass


def endless(seed: int) -> Iterator[Task]:
    """With room for `Slow` to be slow in."""
    for word in WORDS[:4]:
        yield chore(word, budget=Budget(steps=10**9, seconds=3600))


class Lagging(FakeDesktop):
    """A fake that takes its time, so that episodes overlap."""

    def step(self, action: Action) -> Observation:
        threading.Event().wait(0.002)
        return super().step(action)


@dataclass
class Flaky:
    """Makes desktops that break at their first action, so many of them."""

    breaking: int
    made: list[FakeDesktop] = field(default_factory=list)

    def __call__(self) -> FakeDesktop:
        desktop = Breaking() if len(self.made) < self.breaking else FakeDesktop(Size(width=320, height=200))
        self.made.append(desktop)
        return desktop


class Breaking(FakeDesktop):
    """Is killed by the first action."""

    def __init__(self) -> None:
        super().__init__(Size(width=320, height=200))

    def step(self, action: Action) -> Observation:
        self.kill()
        return super().step(action)


CORNER = Click(at=Point(x=0, y=0))
