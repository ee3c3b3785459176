"""Chat completions as they are on the wire: our messages to theirs, their replies (whole or streamed) to ours.

The format is OpenAI's (https://platform.openai.com/docs/api-reference/chat), with what other servers do
differently: `reasoning_content` (vLLM, SGLang) or `reasoning` (newer vLLM, Ollama, OpenRouter) beside `content`,
tool calls without an id or with a repeated one, arguments that are encoded twice or are no JSON. Pure: no network,
no clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.base import Usage
from agent.models.base import Call, Computer, Message, Picture, Reply, Result, Stop, Text, Tool
from agent.models.redaction import scrubbed, written
from agent.models.troubles import Cut
from envs.errors import BadInput

Wire = dict[str, Any]  # JSON on its way out, or just parsed: each value is looked at before it is used


class NoMessage(Exception):  # noqa: N818 - what the server did
    """A reply without a choice, or with a choice without a message."""


class Failed(Exception):  # noqa: N818 - what the reply says of itself
    """A reply with a status of success that holds an error in place of a choice, as gateways send: `body` is it."""

    def __init__(self, body: object) -> None:
        super().__init__("an error in place of a reply")
        self.body = body


@dataclass(frozen=True)
class Said:
    """A model's own turn as it must be sent back: `native` of our replies."""

    content: str
    tool_calls: tuple[Wire, ...] = ()


def wire(messages: Sequence[Message], tools: Sequence[Tool]) -> list[Wire]:
    """The messages as the request has them, always the same for the same ones."""
    out: list[Wire] = []
    for at, message in enumerate(messages):
        if message.role == "assistant":
            out.append(_own(message))
        elif message.role == "system":
            out.append({"role": "system", "content": _text(message.parts)})
        else:
            asked = _asked(messages[at - 1]) if at and tools else ()
            out.extend(_told(message, asked))
    return out


def functions(tools: Sequence[Tool], model: str) -> list[Wire]:
    """The tools as the request has them. Raises BadInput for a vendor's own computer tool."""
    if any(isinstance(tool, Computer) for tool in tools):
        raise BadInput(
            f"{model} is behind a chat endpoint, which has no computer tool: choose a family that needs none"
        )
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.about, "parameters": dict(tool.schema)},
        }
        for tool in tools
        if not isinstance(tool, Computer)
    ]


def pictures(messages: Sequence[Message]) -> int:
    """How many pictures are in them."""
    parts = [part for message in messages for part in message.parts]
    inner = [each for part in parts if isinstance(part, Result) for each in part.parts]
    return sum(isinstance(each, Picture) for each in (*parts, *inner))


def _text(parts: Iterable[object]) -> str:
    return "\n".join(part.text for part in parts if isinstance(part, Text))


def _own(message: Message) -> Wire:
    reply = message.reply
    if reply is None:
        return {"role": "assistant", "content": _text(message.parts)}
    if not isinstance(reply.native, Said):
        return {"role": "assistant", "content": reply.text}
    calls = list(reply.native.tool_calls)
    if calls:
        return {"role": "assistant", "content": reply.native.content, "tool_calls": calls}
    return {"role": "assistant", "content": reply.native.content or _SILENT}


_SILENT = "(nothing)"  # many servers take no turn that is empty


def _asked(message: Message) -> tuple[str, ...]:
    """The tool calls that the message before made: each wants an answer, and one only."""
    return tuple(call.id for call in message.reply.calls) if message.reply is not None else ()


def _told(message: Message, asked: tuple[str, ...]) -> list[Wire]:
    """Answers to tool calls first, each a message of its own and without pictures, which only a user may show."""
    results = {part.call: part for part in message.parts if isinstance(part, Result)}
    out: list[Wire] = []
    shown: list[Text | Picture] = []
    for call in (*asked, *(each for each in results if each not in asked)):
        answer = results.get(call)
        words = _text(answer.parts) if answer is not None else "Not carried out."
        out.append({"role": "tool", "tool_call_id": call, "content": words or "OK"})
        shown += [each for each in (answer.parts if answer else ()) if isinstance(each, Picture)]
    shown += [part for part in message.parts if not isinstance(part, Result)]
    if any(isinstance(part, Picture) for part in shown):
        out.append({"role": "user", "content": [_part(part) for part in shown]})
    elif shown or not out:
        out.append({"role": "user", "content": _text(shown)})
    return out


def _part(part: Text | Picture) -> Wire:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{part.base64}"}}


@dataclass
class Heard:
    """A reply while it comes in, chunk by chunk or at once."""

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: list[Wire] = field(default_factory=list)
    finish: str = ""
    usage: Usage | None = None
    chosen: bool = False

    def chunk(self, chunk: object) -> None:
        """Take one event of a stream. Raises Cut for what is none of a chat completion."""
        with _shaped():
            self._chunk(chunk)

    def _chunk(self, chunk: Any) -> None:  # whatever the server sent: `_shaped` is around it
        self._count(chunk.get("usage"))
        for choice in (chunk.get("choices") or [])[:1]:
            if choice.get("delta") is not None:
                self._take(choice["delta"])
            self.finish = _finish(choice) or self.finish

    def whole(self, body: object) -> None:
        """Take a reply that came at once. Raises NoMessage, Failed, or Cut for what is no chat completion."""
        with _shaped():
            self._whole(body)
        self.end()

    def _whole(self, body: Any) -> None:  # likewise
        self._count(body.get("usage"))
        choices = body.get("choices") or [{}]
        error = body.get("error") or choices[0].get("error")
        if error:
            raise Failed(error)
        message = choices[0].get("message")
        if message is None:
            raise NoMessage("a reply without a message")
        self._take(message)
        self.finish = _finish(choices[0]) or "stop"

    def end(self) -> None:
        """The stream has ended. Raises NoMessage where it said nothing, Cut where it did not come to its end."""
        if self.finish in ("abort", "error"):
            raise Cut(f"the server gave up on the reply ({self.finish})")
        if self.finish:
            if not self.chosen:
                raise NoMessage("a reply without a message")
            return
        if not self.chosen and self.usage is not None:
            raise NoMessage("a reply without a choice")
        raise Cut("the stream ended before the reply did")

    def _take(self, said: Wire) -> None:
        self.chosen = True
        text, thought = _words(said.get("content"))
        self.content += text
        self.reasoning += thought + next((said[key] for key in _REASONING if isinstance(said.get(key), str)), "")
        self.refusal += said.get("refusal") or ""
        for call in said.get("tool_calls") or []:
            if isinstance(call, dict):
                self._call(call)

    def _call(self, part: Wire) -> None:
        """Add to the call that the part belongs to: the one at its index, unless it brings an id of its own.

        A part with neither index, id nor name goes on with the last one.
        """
        at, name, more = part.get("index"), part.get("id"), dict(part.get("function") or {})
        known = [each for each in self.tool_calls if at is not None and each.get("index") == at]
        if at is None and not name and not more.get("name"):
            known = self.tool_calls
        if not known or (name and known[-1].get("id") not in (None, "", name)):
            self.tool_calls.append({**part, "function": more})
            return
        into = known[-1]
        into.update({key: value for key, value in part.items() if key not in _JOINED and value is not None})
        into["id"] = into.get("id") or name
        inner = into["function"]
        inner["name"] = inner.get("name") or more.get("name")
        if isinstance(more.get("arguments"), str):
            inner["arguments"] = (inner.get("arguments") or "") + more["arguments"]

    def _count(self, usage: object) -> None:
        if not isinstance(usage, dict):
            return
        details = usage.get("prompt_tokens_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else 0
        self.usage = Usage(
            input_tokens=int(usage.get("prompt_tokens") or 0),
            output_tokens=int(usage.get("completion_tokens") or 0),
            cached_tokens=int(cached or 0),
        )

    def reply(self) -> Reply:
        """What it amounts to."""
        calls = _numbered(_whole_text(self.tool_calls))
        content, reasoning = _whole_text(self.content), _whole_text(self.reasoning)
        stop = _stop(self.finish, called=bool(calls))
        refused = _whole_text(self.refusal) or (self.finish if stop == "refusal" else "")
        own = Said(content=content or ("" if calls else reasoning), tool_calls=tuple(calls))
        kept = {
            "content": content,
            "reasoning": reasoning,
            "tool_calls": calls,
            "finish_reason": self.finish,
            "refusal": refused,
        }
        return Reply(
            text=content,
            thinking=reasoning,
            calls=tuple(_read(call) for call in calls),
            stop="refusal" if refused else stop,
            usage=self.usage or Usage(),
            refusal=refused,
            native=own,
            raw=written({key: value for key, value in kept.items() if value}),
        )


@contextmanager
def _shaped() -> Iterator[None]:
    """What a server sends that has not the shape of a chat completion is no reply."""
    try:
        yield
    except (AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError) as err:
        raise Cut(f"what is no chat completion ({scrubbed(str(err))})") from None


_JOINED = ("index", "id", "function")
_REASONING = ("reasoning_content", "reasoning")


def _words(content: object) -> tuple[str, str]:
    """Text and thinking: some servers answer in parts."""
    if isinstance(content, str):
        return content, ""
    text = thought = ""
    for part in content if isinstance(content, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            text += part["text"]
        elif isinstance(part, dict) and part.get("type") == "thinking":
            inner = part.get("thinking")
            thought += inner if isinstance(inner, str) else _words(inner)[0]
    return text, thought


def _finish(choice: Wire) -> str:
    """Why it ended, in lower case; empty while it has not. SGLang's own form is an object."""
    finish = choice.get("finish_reason")
    finish = finish.get("type") if isinstance(finish, dict) else finish
    return finish.lower() if isinstance(finish, str) else ""


def _whole_text(value: Any) -> Any:  # JSON data, the same but for halves of surrogate pairs
    """The same with the halves of a character joined that a stream brought one by one; a half alone is replaced.

    Neither can a half be sent back, nor recorded.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_text(key): _whole_text(each) for key, each in value.items()}
    return [_whole_text(each) for each in value] if isinstance(value, list) else value


def _stop(finish: str, *, called: bool) -> Stop:
    if finish in ("length", "max_tokens"):
        return "length"
    if finish.startswith(("content_filter", "safety", "refusal")):  # Gemini says after a colon why
        return "refusal"
    return "calls" if called or finish in ("tool_calls", "function_call") else "end"


def _numbered(calls: list[Wire]) -> list[Wire]:
    """Each with an id that no other has, with arguments as a string, and without what only a stream needs."""
    seen: set[str] = set()
    out = []
    for at, call in enumerate(calls):
        own = str(call.get("id") or "")
        if not own or own in seen:
            own = next(f"call_{n}" for n in range(at, at + len(calls) + 1) if f"call_{n}" not in seen)
        seen.add(own)
        inner = dict(call["function"])
        if not isinstance(inner.get("arguments"), str):
            inner["arguments"] = json.dumps(inner.get("arguments") or {}, ensure_ascii=False)
        inner["name"] = str(inner.get("name") or "")
        rest = {key: value for key, value in call.items() if key not in ("index", "function") and value is not None}
        out.append({"type": "function", **rest, "id": own, "function": inner})
    return out


def _read(call: Wire) -> Call:
    text = call["function"]["arguments"]
    return Call(id=call["id"], name=call["function"]["name"], arguments=_arguments(text), text=text)


def _arguments(text: str) -> Mapping[str, object]:
    """As parsed, also where they were encoded twice; none where they are no JSON object."""
    value: object = text
    for _ in range(2):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
