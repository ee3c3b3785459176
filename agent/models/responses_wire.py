"""OpenAI's Responses as they are on the wire: our messages to input items, a response to our Reply. Pure.

A computer call is answered with one picture and the safety checks that are acknowledged; where the API remembers the
conversation, only what follows its last response is sent. Source: the SDK's types (3.57).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.base import Usage
from agent.models.base import Call, Computer, Message, Part, Picture, Reply, Result, SafetyCheck, Stop, Text, Tool
from agent.models.redaction import written
from agent.models.vendor import speakable

Wire = dict[str, Any]  # JSON on its way out, or just parsed: each value is looked at before it is used

GA = "computer"
LEGACY = "computer_use_preview"


@dataclass(frozen=True)
class Spoken:
    """What the model said: `native` of our replies. `after` is the digest of all that it was told before."""

    id: str
    items: tuple[Wire, ...]
    after: str


def instructions(messages: Sequence[Message]) -> str:
    """The system prompt, which the API does not carry over to the next response."""
    parts = (part for message in messages if message.role == "system" for part in message.parts)
    return "\n\n".join(part.text for part in parts if isinstance(part, Text) and part.text)


def digest(messages: Sequence[Message]) -> str:
    """The same for the same conversation: what the API remembers is only of use if it is what would be sent."""
    found = hashlib.sha256()
    for message in messages:
        if message.role == "system":
            continue
        found.update(f"\0{message.role}\0{_named(message.reply) if message.reply else ''}".encode())
        for part in message.parts:
            found.update(_name(part).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _named(reply: Reply) -> str:
    return reply.native.id if isinstance(reply.native, Spoken) else reply.text


def _name(part: Part) -> str:
    if isinstance(part, Text):
        return f"\0text {part.text}"
    if isinstance(part, Picture):
        return f"\0picture {part.sha256}"
    checks = " ".join(check.id for check in part.checks)
    return f"\0result {part.call} {part.failed} {checks}" + "".join(_name(each) for each in part.parts)


def remembered(messages: Sequence[Message]) -> tuple[str, Sequence[Message]]:
    """The last response if it follows on just these messages, and what comes after it; an empty id and all if not."""
    for at in range(len(messages) - 1, -1, -1):
        reply = messages[at].reply
        if reply is not None and isinstance(reply.native, Spoken) and reply.native.id:
            if reply.native.after == digest(messages[:at]):
                return reply.native.id, messages[at + 1 :]
            break
    return "", messages


def items(messages: Sequence[Message], *, detail: str) -> list[Wire]:
    """The conversation as input items."""
    out: list[Wire] = []
    for message in messages:
        if message.role == "assistant" and message.reply is not None:
            out += _own(message.reply)
        elif message.role == "user":
            out += _told(message.parts, detail)
    return out


def _own(reply: Reply) -> list[Wire]:
    if isinstance(reply.native, Spoken):
        return list(reply.native.items)
    out: list[Wire] = [{"role": "assistant", "content": reply.text}] if reply.text.strip() else []
    for call in reply.calls:
        if call.name == "computer":
            out.append(
                {
                    "type": "computer_call",
                    "call_id": call.id,
                    "status": "completed",
                    "pending_safety_checks": [],
                    **call.arguments,
                }
            )
        else:
            arguments = call.text or json.dumps(dict(call.arguments))
            out.append({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
    return out


def _told(parts: Sequence[Part], detail: str) -> list[Wire]:
    """The answers to calls, each an item of its own, then the rest as one user message."""
    out = [_result(part, detail) for part in parts if isinstance(part, Result)]
    content = [_content(part, detail) for part in parts if not isinstance(part, Result)]
    if content:
        out.append({"role": "user", "content": content})
    return out


def _content(part: Text | Picture, detail: str) -> Wire:
    if isinstance(part, Text):
        return {"type": "input_text", "text": part.text}
    return {"type": "input_image", "image_url": _url(part), "detail": detail}


def _result(result: Result, detail: str) -> Wire:
    pictures = [part for part in result.parts if isinstance(part, Picture)]
    if result.name != "computer" or not pictures:
        words = "\n".join(part.text for part in result.parts if isinstance(part, Text))
        output = [_content(part, detail) for part in result.parts] if pictures else words
        return {"type": "function_call_output", "call_id": result.call, "output": output}
    screen = {"type": "computer_screenshot", "image_url": _url(pictures[-1])}
    item: Wire = {"type": "computer_call_output", "call_id": result.call, "output": screen}
    if result.checks:
        item["acknowledged_safety_checks"] = [
            {"id": check.id, "code": check.code, "message": check.message} for check in result.checks
        ]
    return item


def _url(picture: Picture) -> str:
    return f"data:image/png;base64,{picture.base64}"


def tool(each: Tool, version: str) -> Wire:
    """A tool as the request declares it, the computer in that version."""
    if not isinstance(each, Computer):
        parameters = {"name": each.name, "description": each.about, "parameters": dict(each.schema)}
        return {"type": "function", **parameters, "strict": False}
    if version == GA:
        return {"type": GA}
    size = {"display_width": each.size.width, "display_height": each.size.height}
    return {"type": LEGACY, **size, "environment": "linux"}


def reply(response: Wire, after: str) -> Reply:
    """What came, after a conversation of that digest."""
    output = [speakable(item) for item in response.get("output") or () if isinstance(item, dict)]
    own = tuple({key: value for key, value in item.items() if value is not None} for item in output)
    calls = tuple(call for item in output for call in _call(item))
    refusal = "\n".join(_texts(output, "message", "content", "refusal", "refusal"))
    why = (response.get("incomplete_details") or {}).get("reason")
    if why == "content_filter":
        refusal = refusal or "the vendor's content filter"
    stop: Stop = "calls" if calls else "end"
    if refusal:
        stop = "refusal"
    elif response.get("status") == "incomplete":
        stop = "length"
    checks = tuple(_check(each) for item in output for each in item.get("pending_safety_checks") or ())
    return Reply(
        text="\n".join(_texts(output, "message", "content", "output_text", "text")),
        thinking="\n\n".join(
            (
                *_texts(output, "reasoning", "summary", "summary_text", "text"),
                *_texts(output, "reasoning", "content", "reasoning_text", "text"),
            )
        ),
        calls=calls,
        stop=stop,
        refusal=refusal,
        checks=checks,
        native=Spoken(str(response.get("id") or ""), own, after),
        raw=written({"output": output, "status": response.get("status"), "usage": response.get("usage")}),
    )


def _texts(output: Sequence[Wire], kind: str, field: str, part: str, key: str) -> list[str]:
    """The texts of all parts of a kind in items of a kind."""
    return [
        str(each[key])
        for item in output
        if item.get("type") == kind
        for each in item.get(field) or ()
        if each.get("type") == part and each.get(key)
    ]


def _call(item: Wire) -> list[Call]:
    name = str(item.get("call_id") or item.get("id"))
    if item.get("type") == "computer_call":
        actions = item.get("actions") or ([item["action"]] if item.get("action") else [])
        return [Call(name, "computer", {"actions": actions}, text=json.dumps(actions, ensure_ascii=False))]
    if item.get("type") != "function_call":
        return []
    text = str(item.get("arguments") or "{}")
    try:
        arguments = json.loads(text)
    except ValueError:
        arguments = {}
    return [Call(name, str(item.get("name")), arguments if isinstance(arguments, dict) else {}, text=text)]


def _check(given: Wire) -> SafetyCheck:
    code, message = str(given.get("code") or ""), str(given.get("message") or "")
    return SafetyCheck(id=str(given.get("id")), code=code, message=message)


def usage(responses: Sequence[Wire]) -> tuple[Usage, int]:
    """Tokens of all responses, and how many of the input's were written into a cache."""
    taken = out = cached = stored = 0
    for response in responses:
        told = response.get("usage") or {}
        details = told.get("input_tokens_details") or {}
        taken += told.get("input_tokens") or 0
        out += told.get("output_tokens") or 0
        cached += details.get("cached_tokens") or 0
        stored += details.get("cache_write_tokens") or 0
    return Usage(input_tokens=taken, output_tokens=out, cached_tokens=cached), stored
