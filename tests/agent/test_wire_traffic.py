"""What goes over the wire in an episode of ten steps, counted by the server: pictures, bytes, and what it can cache.

A picture is by far the largest part of a request. OpenAI's API remembers the conversation, so that each picture is
sent once; Claude's reads from its cache what begins as an earlier request did, up to a mark; an open model's server
does so without marks, as far as the family's history lets a conversation's beginning stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agent.cli import run
from envs.desktop import Probe
from envs.types import Click, Finish, Point
from scoring.record import read_run
from scoring.verdict import Verdict
from tasks.base import Budget, Step, Task
from tests.dialects.messages import bare
from tests.dialects.relay import server
from tests.dialects.server import CLOSED, OPEN
from tests.dialects.wire import Came

STEPS = 10
MOST = {"qwen25vl": 4, "qwen3vl": 4, "qwen35": 4, "glm": 5, "uitars": 5, "uitars15": 5, "uitars2": 5, "holo": 5}
"""Pictures of a family's history with that of the screen as it is; 3 where it is not named."""
WORDS = 40_000
"""Most bytes of a request that are not its pictures: prompt, tools, ten replies."""


@dataclass(frozen=True)
class Bare:
    """No window was opened: the clicks went to the bare desktop."""

    name: str = "the bare desktop"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        found = len(probe.windows())
        return Verdict(check=self.name, score=float(not found), expected="no window", actual=f"{found} windows")


def suite(seed: int) -> Iterator[Task]:
    """Ten clicks, each somewhere else, so that the pointer makes every screen another picture."""

    def play(see: object) -> Iterator[Step]:
        for step in range(STEPS):
            yield Step(intent=f"step {step}", actions=(Click(at=Point(x=300 + 20 * step, y=60 + 31 * step)),))
        yield Step(intent="the end", actions=(Finish(),))

    yield Task(id="traffic/ten@1", goal="Click ten times.", checks=(Bare(),), budget=Budget(steps=50), solution=play)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(server().traffic, "keep_bodies", True)
    yield
    server().traffic.came.clear()


def episode(family: str) -> list[Came]:
    """The requests of the episode, without those before it that ask whether the model is there and can point."""
    traffic = server().traffic
    traffic.came.clear()
    agent = f"tests.dialects.relay:relay(family={family})"
    words = ["--agent", agent, "--desktop", "fake", "--size", "1280x720", "--out", "run"]
    assert run(["run", f"{__name__}:suite", *words]) == 0
    (told,) = read_run(Path("run"))[1]
    assert told.ended is not None
    assert (told.ended.how, told.ended.score) == ("finished", 1.0), told.ended
    first = next(at for at, each in enumerate(traffic.came) if "[session " in json.dumps(each.body))
    asked = traffic.came[first:]
    assert len(asked) > STEPS
    print(f"{family}: {sum(each.size for each in asked):,} bytes")
    for number, each in enumerate(asked):
        print(f"{number:3} {each.size:9,} bytes, {len(each.pictures)} pictures")
    return asked


Blocks = list[tuple[str, bool]]


def blocks(body: Mapping[str, Any]) -> Blocks:
    """A request to Claude in the order in which it is cached: each block without its mark, and whether it had one."""
    flat: list[tuple[str, Any]] = [("tool", each) for each in body["tools"]]
    flat += [("system", each) for each in body["system"]]
    flat += [(turn["role"], each) for turn in body["messages"] for each in turn["content"]]
    return [(f"{role} {json.dumps(bare(each))}", "cache_control" in each) for role, each in flat]


def marks(asked: Blocks) -> list[int]:
    """After how many blocks what has gone before is to be cached."""
    return [place for place, (_, marked) in enumerate(asked, 1) if marked]


def shared(one: Sequence[object], other: Sequence[object]) -> int:
    """How many of the first are the same in both."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def texts(body: Mapping[str, Any]) -> list[str]:
    """The messages of a chat request, or the parts of its only one."""
    messages = body["messages"]
    return [json.dumps(each) for each in (messages if len(messages) > 1 else messages[0]["content"])]


@pytest.mark.parametrize("family", ["openai", "openai-legacy"])
def test_openai_is_sent_each_picture_once(family: str) -> None:
    asked = episode(family)
    sent = [each for request in asked for each in request.pictures]
    assert len(sent) == len({*sent}) > STEPS
    assert max(len(request.pictures) for request in asked) == 1
    assert all(request.body.get("previous_response_id") for request in asked[1:])
    assert max(request.size for request in asked) - min(request.size for request in asked) < WORDS


@pytest.mark.parametrize("family", [name for name in CLOSED if name.startswith("claude")])
def test_claude_reads_all_that_it_was_sent_before_from_its_cache(family: str) -> None:
    asked = episode(family)
    told = [blocks(request.body) for request in asked]
    for request, before, now in zip(asked[1:], told, told[1:], strict=False):
        assert [text for text, _ in now[: len(before)]] == [text for text, _ in before]
        assert len(before) in marks(now), "what was written into the cache is not read from it"
        assert request.body["thinking"] == asked[0].body["thinking"]
    for each in told:
        assert marks(each)[-1] == len(each)
        assert 2 <= len(marks(each)) <= 4
    assert len(asked[-1].pictures) > STEPS


@pytest.mark.parametrize("family", OPEN)
def test_an_open_family_is_sent_its_history_and_that_stands(family: str) -> None:
    asked, most = episode(family), MOST.get(family, 3)
    seen: list[str] = []
    for request in asked:
        seen += [each for each in request.pictures[-1:] if each not in seen]
        assert len(request.pictures) == min(most, len(seen))
        assert request.size - sum(map(len, pictures(request.body))) < WORDS
        if family != "glm":  # whose older pictures are smaller
            assert request.pictures == tuple(seen[-most:])
    for before, now in pairwise(asked):
        stands(before, now, alone=family == "glm")


def stands(before: Came, now: Came, *, alone: bool) -> None:
    """What was sent before is sent as it was, until its pictures are too many; `alone`: all in one message.

    Then a picture goes, and one message with it is put otherwise: the first of those that have one, or the first of
    all, where the steps that went are told in words.
    """
    was, is_ = texts(before.body), texts(now.body)
    grows = len(now.pictures) > len(before.pictures) or before.pictures == now.pictures
    if alone:  # it ends with the task's rules, the screen as it is, and a word before each
        assert not grows or shared(was, is_) >= len(was) - 2
    elif grows:
        assert shared(was, is_) == len(was)
    else:
        kept = is_[:-2]
        assert shared(was, kept) >= 1
        assert shared(was, kept) + shared(was[::-1], kept[::-1]) >= len(kept) - 1


def pictures(body: Mapping[str, Any]) -> Iterator[str]:
    """The data URLs in a chat request."""
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "image_url":
                yield part["image_url"]["url"]
