"""Models that say what a test tells them to, and episodes played with them on the fake desktop."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.acting import Player
from agent.base import Agent, Card, Usage
from agent.loop import Bout, run_episode
from agent.models.base import About, Message, Picture, Reply, Text, Tool
from envs.desktop import Desktop
from envs.fake import FakeDesktop
from envs.types import Called, Size
from scoring.record import Acted, Decided, Ended, EventLog, Started, read
from tasks.base import Task

SCREEN = Size(width=640, height=400)
Says = str | dict | Reply | BaseException | Callable[[str], "Says"]


@dataclass
class Model:
    """A chat model with a script: one answer a call, the last one again and again. Keeps what it was sent."""

    says: list[Says]
    name: str = "scripted"
    sent: list[tuple[Message, ...]] = field(default_factory=list)

    @property
    def card(self) -> Card:
        return Card(model=self.name, weights="open", endpoint=f"http://{self.name}.test/v1")

    def check(self) -> About:
        return About(endpoint=f"http://{self.name}.test/v1", model=self.name)

    def fit(self, size: Size) -> Size | None:
        return None

    def complete(
        self, messages: Sequence[Message], *, tools: Sequence[Tool] = (), temperature: float | None = None
    ) -> Reply:
        self.sent.append(tuple(messages))
        says = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        while callable(says) and not isinstance(says, BaseException):
            says = says(self.words())
        if isinstance(says, BaseException):
            raise says
        if isinstance(says, Reply):
            return says
        text = says if isinstance(says, str) else json.dumps(says)
        return Reply(text=text, usage=Usage(input_tokens=100, output_tokens=10), raw=text)

    def words(self, call: int = -1) -> str:
        """All words of a request."""
        return "\n".join(part.text for message in self.sent[call] for part in message.parts if isinstance(part, Text))

    def pictures(self, call: int = -1) -> list[Picture]:
        """The pictures of a request."""
        return [part for message in self.sent[call] for part in message.parts if isinstance(part, Picture)]


def step(*actions: dict, **more: object) -> dict:
    """A planner's answer."""
    return {"thought": "so", "actions": list(actions), **more}


FINISH = {"action": "finish"}


@dataclass(frozen=True)
class Record:
    """How an episode ended, and what its log says."""

    ended: Ended
    decided: list[Decided]
    acted: list[object]

    @property
    def calls(self) -> list[Called]:
        return [call for each in self.decided for call in each.calls]


def play(folder: Path, task: Task, agent: Agent, desktop: Desktop | None = None) -> Record:
    """Play one episode, on a fake desktop if no other is given."""
    desktop = desktop or FakeDesktop(SCREEN)
    started = Started(
        format=1, utc="2026-03-02T09:00:00Z", suite="chores", task=task.id, goal=task.goal, seed=0, repeat=0,
        agent=agent.name, desktop=desktop.about, axes=("control",), checks=(),
    )  # fmt: skip
    log = EventLog(folder / "run" / "episodes" / "one")
    ended = run_episode(Bout(task=task, started=started, cast=lambda probe: Player(agent)), desktop, log)
    events = [line.event for line in read(log.folder).lines]
    return Record(
        ended,
        [event for event in events if isinstance(event, Decided)],
        [event.action for event in events if isinstance(event, Acted)],
    )
