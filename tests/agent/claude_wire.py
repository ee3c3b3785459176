"""What Anthropic's API says, as it says it, for tests that stand in its place."""

from __future__ import annotations

import json
from typing import Any

import httpx2
from vendors import HELLO, QUICK, Body, Says, Vendor, sse, streamed

from agent.codecs.claude import claude
from agent.models.anthropic import Anthropic, Config
from agent.models.base import Picture
from agent.native import Native
from envs.types import Observation

URL = "https://api.anthropic.com"
MODEL = "claude-sonnet-5-5"
YES = [{"type": "text", "text": "yes"}]
PICTURE = HELLO[1].parts[1]
assert isinstance(PICTURE, Picture)
SEEN = Observation(png=PICTURE.png, size=PICTURE.size)


def row(*thinks: str, name: str = MODEL, **more: Any) -> Body:
    """What GET /v1/models/NAME says."""
    ways = ("adaptive", "enabled", "disabled", "between_tools")
    can: Body = {"thinking": {"supported": True, "types": {way: {"supported": way in thinks} for way in ways}}}
    can |= {"image_input": {"supported": True}} | more.pop("capabilities", {})
    plain = {"id": name, "type": "model", "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
    return {**plain, "lifecycle": "active", "max_input_tokens": 1_000_000, "max_tokens": 64_000, **more} | {
        "capabilities": can
    }


def tells(*thinks: str, name: str = MODEL, **more: Any) -> dict[str, Says]:
    return {f"/v1/models/{name}": httpx2.Response(200, json=row(*(thinks or ("adaptive",)), name=name, **more))}


def events(content: list[Body], stop: str = "end_turn", **more: Any) -> list[Body]:
    """A message as it is streamed."""
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 300,
        "cache_creation_input_tokens": 40,
        "output_tokens": 1,
    }
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": [], "usage": usage}
    out: list[Body] = [{"type": "message_start", "message": {**head, "stop_reason": None, "stop_sequence": None}}]
    for at, block in enumerate(content):
        hollow = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}
        start = {**block, **hollow.get(block["type"], {})}
        out.append({"type": "content_block_start", "index": at, "content_block": start})
        out += [{"type": "content_block_delta", "index": at, "delta": delta} for delta in _deltas(block)]
        out.append({"type": "content_block_stop", "index": at})
    ended = {"stop_reason": stop, "stop_sequence": None, **more}
    return [*out, {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 25}}, {"type": "message_stop"}]


def _deltas(block: Body) -> list[Body]:
    match block["type"]:
        case "text":
            return [{"type": "text_delta", "text": each} for each in (block["text"][:2], block["text"][2:])]
        case "thinking":
            words = {"type": "thinking_delta", "thinking": block["thinking"]}
            return [words, {"type": "signature_delta", "signature": block["signature"]}]
        case "tool_use":
            return [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
    return []


def says(*content: Body, stop: str = "end_turn", **more: Any) -> httpx2.Response:
    return streamed(sse(events(list(content), stop, **more)))


def use(name: str, number: int = 1, **given: Any) -> Body:
    """A call of the toolset."""
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "toolset_name": "computer", "input": given}


def wrong(status: int, kind: str, why: str, headers: dict[str, str] | None = None, **more: str) -> httpx2.Response:
    body = {"type": "error", "error": {"type": kind, "message": why, **more}, "request_id": "req_1"}
    return httpx2.Response(status, json=body, headers=headers)


def model(vendor: Vendor, **config: Any) -> Anthropic:
    """The provider, with the vendor in the network's place."""
    given = {"model": MODEL, "base_url": URL, "patience": QUICK, **config}
    return Anthropic(Config(**given), transport=vendor.transport)


def native(vendor: Vendor, **config: Any) -> Native:
    """The agent with it."""
    return Native(model(vendor, **config), claude(), name="claude")
