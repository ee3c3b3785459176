"""Replies mangled in every way, of every family: from the wire through provider, codec and backend to the loop.

Whatever comes, the episode ends in a bucket that says whose failure it is, nothing is done off the screen, and no
task is claimed to be done that no reply said was done.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from chores import chore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import Record, play

from agent.codecs.base import Codec, Item
from agent.frame import Frame
from agent.models.base import Reply
from agent.models.calling import Patience
from agent.models.openai_chat import Config, OpenAIChat
from agent.native import Native
from agent.registry import Spec, make, names
from envs.fake import FakeDesktop
from envs.types import Click, Drag, Finish, Move, Point, Press, Scroll, Size, Type, Wait
from tasks.base import Budget

SCREEN = Size(width=320, height=200)
ELSEWHERE = ("claude", "openai")
"""Families that are not spoken over chat endpoints: see below."""
FAMILIES = (
    "glm", "holo", "internvl", "json", "kimi", "opencua", "pyautogui", "qwen25vl", "qwen35", "qwen3vl",
    "uitars", "uitars15", "uitars2",
)  # fmt: skip
"""Those that act over a chat endpoint."""
AT, THERE = Point(x=101, y=57), Point(x=250, y=160)
ITEMS: tuple[Item, ...] = (
    Click(at=AT),
    Click(at=THERE, button="right"),
    Click(at=AT, count=2),
    Move(at=AT),
    Drag(path=(AT, THERE)),
    Scroll(at=AT, dy=3),
    Type(text="milk </tool_call> 'it''s' {\"a\": [1, 2]} (x, y)"),
    Type(text="two lines\n"),
    Press(keys=("ctrl", "s")),
    Press(keys=("Return",)),
    Wait(seconds=1),
    Finish(),
    Finish(claim="failed"),
    Finish(claim="infeasible"),
)
ENDING = re.compile(r"terminat|finish|done|exit|answer|success|complete|\[infeasible\]", re.IGNORECASE)
JUNK = (
    "<tool_call>", "</tool_call>", "⚗", "📐", "<think>", "</think>", "◁think▷", "<|im_end|>", "<|box_start|>",
    "```python\n", "```", "Action: ", "Thought: ", "null", "NaN", "Infinity", "-1", "1e999", "10" * 200, "0x41",
    "{", "}", "[", "]", "'", '"', "\\", "\x00", "\ud800", "\u202e", "(", ")", ",", "import os; os.system('true')",
    "[[1, [2, {\"x\": 3}]], 4]",
    '{"name": "computer_use", "arguments": {"action": "type", "text": "' + "a" * 25_000 + '"}}', "<point>9 9</point>",
    "left_click", "key_down", "99999999999999999999", "3.5.1", "１２", " 𝟙𝟚 ", "{" * 400, "[" * 3000,
)  # fmt: skip


@dataclass
class Server:
    """Answers each request with the next reply, the last one again and again."""

    replies: list[Reply] = field(default_factory=list)
    served: list[Reply] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json={"status": "ok"})
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.served.append(reply)
        if json.loads(request.content).get("stream"):
            return httpx2.Response(200, content=events(reply), headers={"content-type": "text/event-stream"})
        choice = {"index": 0, "message": said(reply), "finish_reason": "stop"}
        return httpx2.Response(200, content=dumped({"id": "1", "object": "chat.completion", "choices": [choice]}))


def dumped(value: object) -> bytes:
    """JSON; a lone surrogate is escaped, as a server's own encoder does."""
    return json.dumps(value).encode()


def said(reply: Reply) -> dict[str, object]:
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.text}}
        for call in reply.calls
    ]
    message = {"role": "assistant", "content": reply.text, "reasoning_content": reply.thinking}
    return message | ({"tool_calls": calls} if calls else {})


def events(reply: Reply) -> bytes:
    """The reply as a stream, its text in pieces of seven characters."""
    told = said(reply)
    deltas = [told | {"content": ""}, *({"content": piece} for piece in re.findall(r"(?s).{1,7}", reply.text))]
    chunks = [{"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": d}]} for d in deltas]
    chunks.append({"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return b"".join(b"data: " + dumped(chunk) + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def proper(codec: Codec) -> list[str]:
    """What the family says for each item that it can say."""
    frame = codec.frame(SCREEN, codec.fit(SCREEN))
    return [text for item in ITEMS if (text := written(codec, item, frame))]


def written(codec: Codec, item: Item, frame: Frame) -> str:
    try:
        return codec.write((item,), frame, "so it is").text
    except ValueError:
        return ""


@st.composite
def mangled(draw: st.DrawFn, texts: list[str]) -> str:
    """One of the texts, changed up to four times."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 4))):
        at, to = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        junk = draw(st.sampled_from(JUNK) | st.text(max_size=12))
        tags = re.findall(r"<[^<>]{1,30}>|```\w*|\w+=", text) or [""]
        match draw(st.integers(0, 7)):
            case 0:
                text = text[:at]
            case 1:
                text = text[:to] + text[at:]
            case 2:
                text = text[:at] + text[to:]
            case 3:
                text = text[:at] + junk + text[at:]
            case 4:
                text = re.sub(r"-?\d+(\.\d+)?", lambda _, junk=junk: junk, text, count=draw(st.integers(1, 3)))
            case 5:
                one, other = draw(st.sampled_from(tags)), draw(st.sampled_from(tags))
                text = text.replace(one, "\0").replace(other, one).replace("\0", other) if one and other else text
            case 6:
                text = text.translate(str.maketrans("\"'", "'\""))
            case _:
                text = json.dumps({"text": text, "content": [text]}) if draw(st.booleans()) else text * 2
    return text


def played(agent: Native) -> Record:
    task = chore("milk", budget=Budget(steps=8, seconds=60))
    with tempfile.TemporaryDirectory() as folder:
        return play(Path(folder), task, agent, FakeDesktop(SCREEN))


def in_order(record: Record, served: list[str]) -> None:
    """What must hold, whatever was said."""
    ended = record.ended
    assert ended.how in ("finished", "out_of_budget", "agent_fault"), ended
    assert (ended.how == "agent_fault") == (ended.cause in ("unreadable", "truncated", "refused")), ended
    assert record.calls, "no model call was recorded"
    for action in record.acted:
        points = (getattr(action, "at", None), *getattr(action, "path", ()))
        for point in (each for each in points if each is not None):
            assert 0 <= point.x < SCREEN.width, action
            assert 0 <= point.y < SCREEN.height, action
    if ended.how == "finished" and ended.claim == "done":
        assert ENDING.search(served[-1]), served[-1]


def test_every_family_that_acts_is_among_them() -> None:
    acts = {name for name in names("families") if "act" in make("families", Spec(name)).family.can}
    assert acts == {*FAMILIES, *ELSEWHERE}


@pytest.mark.slow
@pytest.mark.parametrize("stream", [pytest.param(False, id="whole"), pytest.param(True, id="streamed")])
@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_a_model_says_at_a_chat_endpoint_ends_where_it_belongs(family: str, stream: bool) -> None:
    codec: Codec = make("families", Spec(family))
    texts, server = proper(codec), Server()
    config = Config(base_url="http://127.0.0.1:1/v1", model="m", stream=stream, patience=Patience(seconds=0.01))
    model = OpenAIChat(config, transport=httpx2.MockTransport(server))
    parts = st.sampled_from(("text", "thinking", "both"))

    @settings(
        max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.tuples(mangled(texts), parts), min_size=1, max_size=6))
    def holds(replies: list[tuple[str, str]]) -> None:
        server.served.clear()
        server.replies = [
            Reply(text="" if part == "thinking" else text, thinking="" if part == "text" else text)
            for text, part in replies
        ]
        record = played(Native(model, codec, name=family))
        in_order(record, [each.text + each.thinking for each in server.served])

    holds()
