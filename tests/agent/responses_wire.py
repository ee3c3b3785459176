"""What OpenAI's Responses API says, as it says it, for tests that stand in its place."""

from __future__ import annotations

from typing import Any

import httpx2
from vendors import HELLO, QUICK, Body, Vendor, sse, streamed

from agent.codecs.openai import openai
from agent.models.base import Picture
from agent.models.responses import Config, Responses
from agent.native import Native, Safety
from envs.types import Observation

URL = "https://api.openai.com/v1"
MODEL = "gpt-6.2-astra"
PICTURE = HELLO[1].parts[1]
assert isinstance(PICTURE, Picture)
SEEN = Observation(png=PICTURE.png, size=PICTURE.size)


def said(text: str) -> Body:
    """A message."""
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def call(*actions: Body, number: int = 1, checks: list[Body] | None = None) -> Body:
    """A call of the computer tool."""
    item = {"type": "computer_call", "id": f"cu_{number}", "call_id": f"call_{number}", "status": "completed"}
    return {**item, "actions": list(actions), "pending_safety_checks": checks or []}


def response(
    output: list[Body], number: int = 1, why: str = "", failed: tuple[str, str] | None = None, **more: Any
) -> Body:
    """A response; incomplete for a reason `why`, or failed with a code and a message."""
    status = "failed" if failed else "incomplete" if why else "completed"
    usage = {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 0}}
    usage |= {"output_tokens": 20, "output_tokens_details": {"reasoning_tokens": 5}, "total_tokens": 120}
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1_764_000_000,
        "model": MODEL,
        "status": status,
        "error": {"code": failed[0], "message": failed[1]} if failed else None,
        "incomplete_details": {"reason": why} if why else None,
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
        **more,
    }


def events(whole: Body) -> list[Body]:
    """A response as it is streamed."""
    out: list[Body] = [{"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}}]
    for index, item in enumerate(whole["output"]):
        out.append({"type": "response.output_item.added", "output_index": index, "item": item})
        out.append({"type": "response.output_item.done", "output_index": index, "item": item})
    out.append({"type": f"response.{whole['status']}", "response": whole})
    return [{**event, "sequence_number": number} for number, event in enumerate(out)]


def says(*output: Body, **more: Any) -> httpx2.Response:
    """Such a stream."""
    return streamed(sse(events(response(list(output), **more))))


def wrong(
    status: int, why: str, code: str = "", headers: dict[str, str] | None = None, kind: str = "invalid_request_error"
) -> httpx2.Response:
    """An error."""
    body = {"error": {"message": why, "type": kind, "param": None, "code": code or None}}
    return httpx2.Response(status, json=body, headers=headers)


def model(vendor: Vendor, **config: Any) -> Responses:
    """The provider, with the vendor in the network's place."""
    given = {"model": MODEL, "base_url": URL, "patience": QUICK, **config}
    return Responses(Config(**given), transport=vendor.transport)


def native(vendor: Vendor, *, safety: Safety = "ack", **config: Any) -> Native:
    """The agent with it."""
    return Native(model(vendor, **config), openai(), name="openai", safety=safety)
