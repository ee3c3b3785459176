"""A probe over files held in memory, and a task judged by it: what the smoke suite's checks are tested with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from envs.types import Entry, HitTest, Node, Post, Ran, Window
from scoring.verdict import score
from tasks.base import Task


@dataclass(frozen=True)
class Disk:
    """A probe over files held in memory."""

    held: Mapping[str, bytes] = field(default_factory=dict)

    def read_file(self, path: str) -> bytes:
        if path not in self.held:
            raise FileNotFoundError(path)
        return self.held[path]

    def files(self, pattern: str) -> tuple[Entry, ...]:
        expression = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        names = sorted(name for name in self.held if re.fullmatch(expression, name))
        return tuple(Entry(path=name, size=len(self.held[name]), mtime=0.0) for name in names)

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        raise NotImplementedError

    def windows(self) -> tuple[Window, ...]:
        return ()

    def tree(self) -> tuple[Node, ...]:
        return ()

    def hit_test(self) -> HitTest:
        raise NotImplementedError

    def posts(self, host: str) -> tuple[Post, ...]:
        return ()


def judged(task: Task, held: Mapping[str, bytes]) -> float:
    return score([check(Disk(held), "") for check in task.checks])


def scene(task: Task) -> dict[str, bytes]:
    return {put.path: put.data for put in task.scene.files}
