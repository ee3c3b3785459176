"""Anthropic's Messages as they are on the wire: our messages to theirs, their message to our Reply. Pure.

Every tool call is answered in the next user turn, a toolset's with its name. What the model said goes back as it
came, thinking and signatures too, because later thinking is bound to it. Source: the SDK's types (2.13).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.base import Usage
from agent.models.base import Call, Computer, Function, Message, Part, Picture, Reply, Stop, Text, Tool
from agent.models.redaction import written
from agent.models.vendor import speakable

Wire = dict[str, Any]  # JSON on its way out, or just parsed: each value is looked at before it is used

TOOLSET = "computer_toolset_20260801"
BETAS: Mapping[str, str] = {
    TOOLSET: "",
    "computer_20251124": "computer-use-2025-11-24",
    "computer_20250124": "computer-use-2025-01-24",
}
"""The computer tool's versions, newest first, and the beta header that each wants."""
KEPT_TURNS = 3
"""User turns that end in a cache breakpoint; with the one after the system prompt these are the four allowed."""

_STOPS: Mapping[str, Stop] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "calls",
    "max_tokens": "length",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "context",
}


@dataclass(frozen=True)
class Spoken:
    """What the model said, as it must be sent back: `native` of our replies.

    `bound`: the thinking before it was still that of the conversation as it is sent.
    """

    content: tuple[Wire, ...]
    bound: bool = True


def system(messages: Sequence[Message], *, cache: bool) -> list[Wire]:
    """The system prompt's blocks; the last ends what is cached of tools and prompt."""
    blocks = [
        {"type": "text", "text": part.text}
        for message in messages
        if message.role == "system"
        for part in message.parts
        if isinstance(part, Text) and part.text.strip()
    ]
    if blocks and cache:
        blocks[-1] = _marked(blocks[-1])
    return blocks


def turns(messages: Sequence[Message], *, cache: bool) -> list[Wire]:
    """The conversation; the last few user turns end in a cache breakpoint each.

    What is told after a turn of the model's that may not be sent back goes on the user turn before it.
    """
    out: list[Wire] = []
    for message in messages:
        if message.role == "system":
            continue
        own = message.role == "assistant"
        content = _own(message.reply) if own else [block for part in message.parts for block in _block(part)]
        if content and out and out[-1]["role"] == message.role:
            out[-1]["content"] += content
        elif content:
            out.append({"role": message.role, "content": content})
    if cache:
        for turn in [turn for turn in out if turn["role"] == "user"][-KEPT_TURNS:]:
            turn["content"] = [*turn["content"][:-1], _marked(turn["content"][-1])]
    return out


def bound(messages: Sequence[Message]) -> bool:
    """Whether the API takes the conversation's thinking as bound to it: not once it has had to leave some out."""
    return all(
        message.reply.native.bound
        for message in messages
        if message.reply is not None and isinstance(message.reply.native, Spoken)
    )


def tool(each: Tool, version: str) -> Wire:
    """A tool as the request declares it, the computer in that version."""
    if isinstance(each, Function):
        return {"name": each.name, "description": each.about, "input_schema": dict(each.schema)}
    if version == TOOLSET:
        return {"type": version} if each.zoom else {"type": version, "configs": {"zoom": {"enabled": False}}}
    size: Wire = {"display_width_px": each.size.width, "display_height_px": each.size.height}
    if version == "computer_20251124" and each.zoom:
        size["enable_zoom"] = True
    return {"type": version, "name": "computer", **size}


def has_computer(tools: Sequence[Tool]) -> bool:
    """Whether the vendor's own computer tool is wanted."""
    return any(isinstance(each, Computer) for each in tools)


def _own(reply: Reply | None) -> list[Wire]:
    """The model's own turn, as it came. Neither empty text nor thinking at its end, cut off, may be sent back."""
    if reply is None:
        return []
    if isinstance(reply.native, Spoken):
        blocks = [block for block in reply.native.content if block["type"] != "text" or block["text"].strip()]
        while blocks and "thinking" in blocks[-1]["type"]:
            blocks.pop()
        return blocks
    blocks = [{"type": "text", "text": reply.text}] if reply.text.strip() else []
    for call in reply.calls:
        named = {"toolset_name": call.toolset} if call.toolset else {}
        use = {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}
        blocks.append({**use, **named})
    return blocks


def _block(part: Part) -> list[Wire]:
    if isinstance(part, Text):
        return [{"type": "text", "text": part.text}] if part.text.strip() else []
    if isinstance(part, Picture):
        source = {"type": "base64", "media_type": "image/png", "data": part.base64}
        return [{"type": "image", "source": source}]
    content = [block for each in part.parts for block in _block(each)]
    result: Wire = {"type": "tool_result", "tool_use_id": part.call, "content": content}
    if part.toolset:
        result["toolset_name"] = part.toolset
    if part.failed:
        result["is_error"] = True
    return [result]


def _marked(block: Wire) -> Wire:
    return {**block, "cache_control": {"type": "ephemeral"}}


def reply(messages: Sequence[Wire], *, bound: bool = True) -> Reply:
    """What came: one message, or several where the model paused and was asked to go on. `bound`: see `Spoken`."""
    content = _numbered([speakable(block) for message in messages for block in message.get("content") or ()])
    calls = tuple(
        Call(
            id=block["id"],
            name=str(block.get("name")),
            arguments=block["input"] if isinstance(block.get("input"), dict) else {},
            toolset=block.get("toolset_name") or "",
            text=json.dumps(block.get("input"), ensure_ascii=False),
        )
        for block in content
        if block["type"] == "tool_use"
    )
    last = messages[-1]
    details = last.get("stop_details") or {}
    refusal = ": ".join(str(details[key]) for key in ("category", "explanation") if details.get(key))
    stop = _STOPS.get(str(last.get("stop_reason")), "calls" if calls else "end")
    return Reply(
        text="\n".join(block["text"] for block in content if block["type"] == "text" and block["text"]),
        thinking="\n".join(
            block["thinking"] for block in content if block["type"] == "thinking" and block["thinking"]
        ),
        calls=calls,
        stop=stop,
        refusal=(refusal or "no reason given") if stop == "refusal" else "",
        native=Spoken(tuple(content), bound),
        raw=written({"content": content, "stop_reason": last.get("stop_reason"), "usage": last.get("usage")}),
    )


def _numbered(content: list[Wire]) -> list[Wire]:
    """Each call with an id of its own: one that is missing or repeated could not be answered."""
    seen, out = set[str](), list[Wire]()
    for place, block in enumerate(content):
        own = block
        if block.get("type") == "tool_use" and (not block.get("id") or block["id"] in seen):
            own = {**block, "id": f"{block.get('id') or 'toolu'}_{place}"}
        seen.add(str(own.get("id")))
        out.append(own)
    return out


def usage(messages: Sequence[Wire]) -> tuple[Usage, int]:
    """Tokens of all messages, and how many of the input's were written into a cache."""
    read = written_tokens = fresh = out = 0
    for message in messages:
        told = message.get("usage") or {}
        fresh += told.get("input_tokens") or 0
        read += told.get("cache_read_input_tokens") or 0
        written_tokens += told.get("cache_creation_input_tokens") or 0
        out += told.get("output_tokens") or 0
    total = Usage(input_tokens=fresh + read + written_tokens, output_tokens=out, cached_tokens=read)
    return total, written_tokens
