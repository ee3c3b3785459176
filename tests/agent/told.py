"""Whole episodes in which a real backend is told what to do by the dialect server, on a desktop that remembers it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agent import asking
from agent.acting import Player
from agent.asking import Ask
from agent.base import Agent, Decision
from agent.cast import Part
from agent.models.base import ChatModel
from agent.models.calling import Patience
from agent.native import Native
from agent.registry import Spec, make
from agent.suite import Job, Order, run_suite
from envs.desktop import Probe
from envs.fake import HOME, FakeDesktop
from envs.types import Action, Click, Drag, Finish, Launch, Move, Observation, Point, Press, Put, Scene, Size, Type
from scoring.record import begin_run
from scoring.story import Story, read
from scoring.verdict import Verdict
from tasks.base import Budget, Task
from tests.dialects.server import CLOSED, Dialects, model_of

SIZE = Size(width=640, height=400)
KEY = "HANDEYE_DIALECTS_KEY"
SECRET = "sk-not-a-secret-at-all"
PATIENT = Patience(seconds=60.0, first=0.01, most=0.04)
MEANT: tuple[Action, ...] = (
    Click(at=Point(x=300, y=180)),
    Type(text="milk and eggs"),
    Press(keys=("ctrl", "s")),
    Finish(),
)
"""What every episode is to do, an action at a time: twice done, the typing is wrong."""


@dataclass(frozen=True)
class Holds:
    """The file holds what was typed, once."""

    path: str
    name: str = "what the file holds"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        found = probe.read_file(self.path).decode()
        return Verdict(check=self.name, score=float(found == "milk and eggs"), expected="", actual=found)


def task(name: str) -> Task:
    """One for the name: an empty file in an editor."""
    path = f"{HOME}/{name}.txt"
    scene = Scene(files=(Put(path=path, data=b""),), open=(Launch(argv=("editor", path)),))
    return Task(
        id=f"told/{name}@1",
        goal=f"Write the list into {name}.txt and save it.",
        scene=scene,
        checks=(Holds(path),),
        budget=Budget(steps=20, seconds=120),
    )


@dataclass
class Watched(FakeDesktop):
    """Remembers every action that it was given, by the file of its scene."""

    deeds: dict[str, list[Action]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(SIZE)

    def reset(self, scene: Scene) -> Observation:
        self.now = self.deeds.setdefault(Path(scene.files[0].path).stem, [])
        return super().reset(scene)

    def step(self, action: Action) -> Observation:
        self.now.append(action)
        return super().step(action)


def native(
    url: str, family: str, patience: Patience = PATIENT, *, stream: bool = True, timeout: float = 20
) -> Native:
    """The real backend's parts, as patient as is wanted. Providers are shared by the process, as in any run."""
    os.environ[KEY] = SECRET
    return Native(_model(url, family, patience, stream, timeout), make("families", Spec(_codec(family))), name=family)


def _codec(family: str) -> str:
    return family.partition("-")[0] if family in CLOSED else family


def _model(url: str, family: str, patience: Patience, stream: bool, timeout: float) -> ChatModel:
    from agent.models import anthropic, openai_chat, responses

    own = {
        "model": model_of(family),
        "api_key_env": KEY,
        "patience": patience,
        "timeout": timeout,
        "max_tokens": 2000,
    }
    if family.startswith("claude"):
        return anthropic.connect(anthropic.Config(base_url=url, stream=stream, **own))  # type: ignore[arg-type]  # of many kinds
    if family in CLOSED:
        return responses.connect(responses.Config(base_url=f"{url}/v1", stream=stream, **own))  # type: ignore[arg-type]
    config = openai_chat.Config(base_url=f"{url}/v1", stream=stream, **own)  # type: ignore[arg-type]
    return openai_chat.connect(config)


class Told:
    """Between the dialect server, which is told what is to be done next, and the backend, which acts.

    Without a server (what it said was recorded) nobody is told anything.
    """

    def __init__(self, agent: Agent, served: Dialects | None, family: str, tag: str) -> None:
        self.name = tag
        self.agent = agent
        self.session = served.open(tag, family, SIZE) if served else None
        self.left = list(MEANT)

    def begin(self, goal: str) -> None:
        self.agent.begin(f"{goal}\n\n[session {self.name}]")

    def act(self, seen: Observation) -> Decision:
        if self.session and self.session.idle and self.left:
            self.session.tell((self.left.pop(0),), "the next step")
        return self.agent.act(seen)

    def close(self) -> None:
        self.agent.close()


def job(served: Dialects | None, tag: str, family: str, agent: Callable[[], Agent]) -> Job:
    """An episode of the tag's own, played by that agent."""
    return Job(Part(task(tag), 0, 0), lambda probe: Player(Told(agent(), served, family, tag)), tag)


@dataclass(frozen=True)
class Played:
    """What came of a run: by tag, the story of its episode, and what its desktop was made to do."""

    finished: bool
    stories: dict[str, Story]
    deeds: dict[str, list[Action]]


def play(folder: Path, jobs: Sequence[Job], at_once: int = 1) -> Played:
    """The jobs as a run, so many at once."""
    ask = Ask(suite="told", agent="told", desktop="fake", size=SIZE, jobs=at_once)
    folder.mkdir(parents=True)
    run = asking.describe(ask, folder.name, [each.part for each in jobs])
    begin_run(folder, run)
    deeds: dict[str, list[Action]] = {}
    finished = run_suite(Order(run=run, folder=folder, desktop=partial(Watched, deeds)), jobs)
    stories = {story.started.agent: story for story in read(folder)[1]}
    return Played(finished, stories, deeds)


def same(done: Sequence[Action], meant: Sequence[Action]) -> bool:
    """The same deeds in the same order, places within two pixels: what a thousandth of the screen rounds to."""
    plain = [each for each in done if not isinstance(each, Move)]
    return len(plain) == len(meant) and all(map(_alike, plain, meant))


def _alike(one: Action, other: Action) -> bool:
    match one, other:
        case Click(at=Point() as mine), Click(at=Point() as theirs):
            return abs(mine.x - theirs.x) <= 2 and abs(mine.y - theirs.y) <= 2
        case Press(keys=mine), Press(keys=theirs):
            return [key.lower() for key in mine] == [key.lower() for key in theirs]
    return not isinstance(one, Drag) and one == other
