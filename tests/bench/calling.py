"""What a model call costs beyond the vendor's SDK: all of `act` beside the bare SDK that sends the same request.

Both go to a server on this machine that answers at once and always alike. The request is that of step 6 of an
episode, with all the screens before it that the family or the vendor keeps.
"""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count as numbers
from random import Random
from typing import Any

from PIL import Image, ImageDraw
from rows import Row, p50, p90

from agent.looking import resized
from agent.models.base import Picture
from agent.native import Native
from agent.registry import Spec, make
from envs.types import SCREEN, Observation, Size

STEP = 6
KEY = "HANDEYE_BENCH_KEY"
RESIZED = "qwen25vl"
"""Counts in pixels of a picture that must be made for it: its row says what that costs, and has no limit."""
MODELS = {
    "qwen3vl": "Qwen/Qwen3-VL-8B-Instruct",
    "claude": "claude-sonnet-5-5",
    "openai": "gpt-6.2-astra",
    RESIZED: "Qwen/Qwen2.5-VL-7B-Instruct",
}
LIMIT = 10
"""Milliseconds of a call that may be ours."""
WORDS = "The dialog is open; next comes the button at its lower right, which saves what was written."


@dataclass(frozen=True)
class Took:
    """Milliseconds by the clock, and of them those in which this thread had a processor."""

    wall: float
    own: float

    def __sub__(self, other: Took) -> Took:
        return Took(self.wall - other.wall, self.own - other.own)


def timed(what: Callable[[], object]) -> Took:
    """How long it takes."""
    wall, own = time.perf_counter(), time.thread_time()
    what()
    return Took(1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - own))


def section(count: int) -> list[Row]:
    """The table's lines on calling models.

    What is held to the limit is the calling thread's own time: what surrounds the SDK waits for nothing, and by the
    clock the server and whatever else the machine does are in it.
    """
    os.environ[KEY] = "not-a-secret"
    screens = [screen(number) for number in range(STEP)]
    rows = []
    with answering() as server:
        for family in MODELS:
            ours, theirs, sent = calls(server, family, screens, max(30, count))
            spare = [mine - bare for mine, bare in zip(ours, theirs, strict=True)]
            row = partial(Row, section="calling", unit="ms", n=len(spare))
            alone = p50([each.own for each in theirs])
            note = f"step {STEP}, {sent / 1e6:.2f} MB sent; the SDK alone {alone:.1f} ms"
            limit = None if family == RESIZED else LIMIT
            what = f"{family}: beyond the SDK's own, p50"
            rows.append(row(what=what, value=p50([each.own for each in spare]), limit=limit, note=note))
            rows.append(row(what=f"{family}: likewise, p90", value=p90([each.own for each in spare])))
            rows.append(row(what=f"{family}: by the clock, p50", value=p50([each.wall for each in spare])))
    return [*rows, *parts(screens, max(30, count))]


def parts(screens: list[bytes], count: int) -> list[Row]:
    """Where the time goes that pictures take."""
    row = partial(Row, section="calling", unit="ms", n=count)
    fitted = Size(width=1932, height=1092)
    resize = [timed(partial(resized, screens[at % STEP], fitted)).own for at in range(count)]
    encode = [timed(lambda at=at: Picture(screens[at % STEP], SCREEN).base64).own for at in range(count)]
    return [
        row(what="a screen resized to 1932x1092 and packed, p50", value=p50(resize)),
        row(what="a screen in base64, p50", value=p50(encode), note=f"{len(screens[0]) / 1e3:.0f} kB"),
    ]


def screen(number: int) -> bytes:
    """A page of small print at the size of the screen, each another one."""
    chance = Random(number)
    picture = Image.new("RGB", (SCREEN.width, SCREEN.height), (246, 245, 244))
    pen = ImageDraw.Draw(picture)
    for line in range(45):
        pen.text((40, 30 + 23 * line), " ".join(chance.choices(WORDS.split(), k=24)), fill=(30, 30, 40))
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def calls(server: Server, family: str, screens: list[bytes], count: int) -> tuple[list[Took], list[Took], int]:
    """How long `act` takes at that step and the bare SDK does, in turn, and how many bytes were sent."""
    agent, bare = backend(server, family), sdk(server, family)
    ours, theirs = [], []
    for _ in range(count):
        agent.begin("Save the letter as a PDF.")
        for at, png in enumerate(screens):
            seen = Observation(png=png, size=SCREEN, carried=min(at, 1))
            took = timed(partial(agent.act, seen))
        ours.append(took)
        body = json.loads(server.last)
        theirs.append(timed(partial(bare, body)))
        if json.loads(server.last) != body:
            raise RuntimeError("the bare SDK did not send the same request")
    return ours, theirs, len(server.last)


def backend(server: Server, family: str) -> Native:
    """As a person would have it."""
    common = {"model": MODELS[family], "api_key_env": KEY}
    if family in ("claude", "openai"):
        return make("agents", Spec(family, {**common, "base_url": server.url(family)}))
    return make("agents", Spec("openai_chat", {**common, "base_url": server.url(family), "family": Spec(family)}))


def sdk(server: Server, family: str) -> Callable[[dict[str, Any]], None]:
    """What sends a body by the vendor's SDK alone, and takes all of the answer."""
    if family == "claude":
        from anthropic import Anthropic

        claude = Anthropic(api_key="not-a-secret", base_url=server.url(family), max_retries=0)

        def ask(body: dict[str, Any]) -> None:
            with claude.messages.stream(**{key: value for key, value in body.items() if key != "stream"}) as stream:
                stream.until_done()

        return ask
    from openai import OpenAI

    client = OpenAI(api_key="not-a-secret", base_url=server.url(family), max_retries=0)
    create: Any = client.responses.create if family == "openai" else client.chat.completions.create

    def take(body: dict[str, Any]) -> None:
        for _ in create(**body):
            pass

    return take


@dataclass
class Server:
    """Answers each path with the same words. `last` is the latest body that came."""

    http: ThreadingHTTPServer
    last: bytes = b""

    def url(self, family: str) -> str:
        """The base URL of that vendor's API."""
        root = f"http://127.0.0.1:{self.http.server_address[1]}"
        return root if family == "claude" else f"{root}/v1"


@contextmanager
def answering() -> Iterator[Server]:
    """The server, while the block lasts."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.bench = Server(http)  # type: ignore[attr-defined]  # what the handler tells
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield http.bench  # type: ignore[attr-defined]  # set above
    finally:
        http.shutdown()
        http.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    turns = numbers(1)

    def do_GET(self) -> None:
        """What a model is, for Claude's backend, which asks."""
        yes, no = {"supported": True}, {"supported": False}
        thinking = {"supported": True, "types": {"adaptive": yes, "enabled": no}}
        told = {
            "type": "model",
            "id": MODELS["claude"],
            "display_name": "a model",
            "created_at": "2026-01-01T00:00:00Z",
        }
        told |= {"max_input_tokens": 1_000_000, "max_tokens": 64_000}
        self.answer(json.dumps(told | {"capabilities": {"image_input": yes, "thinking": thinking}}).encode(), "json")

    def do_POST(self) -> None:
        """A reply, as a stream."""
        self.server.bench.last = self.rfile.read(int(self.headers["content-length"]))  # type: ignore[attr-defined]
        replies = {"/v1/messages": claude_reply, "/v1/responses": openai_reply, "/v1/chat/completions": chat_reply}
        self.answer(replies[self.path.partition("?")[0]](next(self.turns)), "event-stream")

    def answer(self, body: bytes, kind: str) -> None:
        """Write it."""
        self.send_response(200)
        self.send_header("content-type", "application/json" if kind == "json" else f"text/{kind}")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent."""


def streamed(events: list[dict[str, Any]], *, named: bool) -> bytes:
    """Server-sent events."""
    return b"".join(
        (f"event: {each['type']}\n" if named else "").encode() + f"data: {json.dumps(each)}\n\n".encode()
        for each in events
    )


def chat_reply(turn: int) -> bytes:
    """Qwen's, a few characters at a time."""
    arguments = {"action": "left_click", "coordinate": [500 + turn % 100, 500]}
    call = json.dumps({"name": "computer_use", "arguments": arguments})
    text = f"Action: {WORDS}\n<tool_call>\n{call}\n</tool_call>"
    head = {"id": "chatcmpl-1", "created": 1, "model": "m", "object": "chat.completion.chunk"}
    deltas = [text[at : at + 6] for at in range(0, len(text), 6)]
    choices = [{"index": 0, "delta": {"content": each}, "finish_reason": None} for each in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    usage = {"choices": [], "usage": {"prompt_tokens": 9000, "completion_tokens": 60, "total_tokens": 9060}}
    events = [head | {"choices": [each]} for each in choices] + [head | usage]
    return streamed(events, named=False) + b"data: [DONE]\n\n"


def claude_reply(turn: int) -> bytes:
    """Thinking and a click."""
    usage = {"input_tokens": 50, "cache_read_input_tokens": 9000, "output_tokens": 60}
    message = {"id": f"msg_{turn}", "type": "message", "role": "assistant", "model": MODELS["claude"], "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": usage}
    use = {"type": "tool_use", "id": f"toolu_{turn}", "name": "left_click", "toolset_name": "computer", "input": {}}
    given = json.dumps({"coordinate": [900 + turn % 100, 500]})
    started = [{"type": "thinking", "thinking": "", "signature": ""}, use]
    deltas = [
        [{"type": "thinking_delta", "thinking": WORDS[at : at + 6]} for at in range(0, len(WORDS), 6)]
        + [{"type": "signature_delta", "signature": f"sig-{turn}"}],
        [{"type": "input_json_delta", "partial_json": given}],
    ]
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
    for index, (block, pieces) in enumerate(zip(started, deltas, strict=True)):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": each} for each in pieces]
        events.append({"type": "content_block_stop", "index": index})
    end = {"stop_reason": "tool_use", "stop_sequence": None}
    events += [{"type": "message_delta", "delta": end, "usage": {"output_tokens": 60}}, {"type": "message_stop"}]
    return streamed(events, named=True)


def openai_reply(turn: int) -> bytes:
    """A thought's summary and a click."""
    thought = {"type": "reasoning", "id": f"rs_{turn}", "summary": [{"type": "summary_text", "text": WORDS}]}
    action = {"type": "click", "button": "left", "x": 900 + turn % 100, "y": 500}
    call = {"type": "computer_call", "id": f"cu_{turn}", "call_id": f"call_{turn}", "status": "completed"}
    call |= {"pending_safety_checks": [], "actions": [action]}
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 9000, "output_tokens": 60, "total_tokens": 9060} | details
    whole = {"id": f"resp_{turn}", "object": "response", "created_at": 1, "status": "completed", "error": None}
    whole |= {
        "model": MODELS["openai"],
        "output": [thought, call],
        "tools": [],
        "tool_choice": "auto",
        "usage": usage,
    }
    whole |= {"incomplete_details": None, "instructions": None, "parallel_tool_calls": True}
    started = whole | {"status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": started}]
    for index, item in enumerate((thought, call)):
        events.append({"type": "response.output_item.added", "output_index": index, "item": item})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return streamed([each | {"sequence_number": at} for at, each in enumerate(events)], named=True)
