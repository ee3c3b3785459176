"""`POST /v1/messages` and `GET /v1/models/{id}` as the Messages API has them, as strict as it is where it matters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from envs.types import Finish, Point, Size
from tests.dialects import claude
from tests.dialects.claude import BETAS, HALTED, MODELS, TOOLSET, Model
from tests.dialects.eye import Eye, Seen, cross, from_base64
from tests.dialects.session import TAG, Session, View
from tests.dialects.wire import Answer, Refused, Traffic, events

Block = Mapping[str, Any]
MARKS = {"done": "", "failed": "FAILED: ", "infeasible": "INFEASIBLE: "}


def bare(value: Any) -> Any:
    """The same without cache marks and absent fields, which are no part of what was said."""
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items() if key != "cache_control" and each is not None}
    return [bare(each) for each in value] if isinstance(value, list) else value


@dataclass
class Request:
    """A request that was let in: its tool, all its words, its pictures in order."""

    tool: Mapping[str, Any] | None
    words: str
    pictures: list[Seen]
    single: bool

    @property
    def toolset(self) -> bool:
        """Whether it speaks by the toolset's members."""
        return self.tool is not None and self.tool["type"] == TOOLSET


@dataclass
class Memory:
    """What an episode's conversation was, as this server said and heard it."""

    heard: list[Any] = field(default_factory=list)
    said: list[list[Block]] = field(default_factory=list)
    looked: bool = False


@dataclass
class Messages:
    """All Claude models of the server."""

    memories: dict[str, Memory] = field(default_factory=dict)
    counter: int = 0

    def answer(
        self, body: Mapping[str, Any], headers: Mapping[str, str], sessions: Mapping[str, Session], traffic: Traffic
    ) -> Answer:
        """The reply to a request. Raises Refused as the API refuses."""
        model = self._model(body)
        _head(body, headers, model)
        request = _read(body, headers, model)
        tag = TAG.search(request.words)
        session = sessions.get(tag[1]) if tag else None
        memory = self.memories.setdefault(tag[1] if tag else "", Memory())
        if session is not None:
            _remembered(body["messages"], memory, model)
        traffic.saw([each.digest for each in request.pictures])
        content = self._acts(request, model, session, memory) if session is not None else _asked(request, model)
        if session is not None:
            session.replies += 1
            memory.heard = bare(body["messages"])
            memory.said.append(content)
        self.counter += 1
        reply = self._message(body, content)
        return Answer(stream=tuple(events(_stream(reply)))) if body.get("stream") else Answer(body=reply)

    def _model(self, body: Mapping[str, Any]) -> Model:
        name, _, variant = str(body.get("model")).partition("@")
        if name not in MODELS:
            raise Refused(404, f"model: {name}")
        known = MODELS[name]
        return Model(known.tools, known.thinking, known.edge, known.tokens, known.bound, variant)

    def _acts(self, request: Request, model: Model, session: Session, memory: Memory) -> list[Block]:
        if request.tool is None:
            raise Refused(400, "this model was asked to act, and was given no tool")
        thought = _thought(session.intent or "Next step.", session.rng)
        if not memory.looked and not session.rng.randrange(2):
            memory.looked = True
            return [*thought, self._use(request, "screenshot", {})]
        memory.looked = True
        if not request.pictures:
            raise Refused(400, "this model looks at a picture before it acts, and there is none")
        view = _view(request.pictures[-1], session.screen, session.rng, model)
        actions = session.take(1 if request.single else 1 + session.rng.randrange(4))
        if not actions:
            return [*thought, {"type": "text", "text": "FAILED: nobody said what to do."}]
        if isinstance(actions[0], Finish):
            text = f"{MARKS[actions[0].claim]}{actions[0].answer or 'It is done.'}"
            return [*thought, {"type": "text", "text": f"ANSWER: {text}" if actions[0].answer else text}]
        meant = [*claude.calls(actions, view)]
        said = [(name, claude.spoilt(given, view)) for name, given in meant]
        session.spoilt += said != meant
        uses = [self._use(request, name, given) for name, given in said]
        if not request.single and session.rng.randrange(3) == 0:
            extra = session.rng.choice(("screenshot", "cursor_position"))
            uses.append(self._use(request, extra, {}))
        if not request.single and request.toolset and session.rng.randrange(4) == 0:
            uses.insert(0, self._use(request, "zoom", {"region": [0, 0, 280, 140]}))
        return [*thought, *uses]

    def _use(self, request: Request, name: str, given: Mapping[str, object]) -> Block:
        self.counter += 1
        use: dict[str, Any] = {"type": "tool_use", "id": f"toolu_{self.counter:06}"}
        if request.toolset:
            return use | {"name": name, "toolset_name": "computer", "input": dict(given)}
        return use | {"name": "computer", "input": {"action": name, **given}}

    def _message(self, body: Mapping[str, Any], content: Sequence[Block]) -> dict[str, Any]:
        calls = any(block["type"] == "tool_use" for block in content)
        return {
            "id": f"msg_{self.counter:06}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": list(content),
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": 50,
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 200,
                "output_tokens": len(json.dumps(content)) // 4,
            },
        }


def _thought(words: str, rng: Random) -> list[Block]:
    """What it says before it acts, as thinking that must come back unchanged, or as text."""
    signed = {"type": "thinking", "thinking": words, "signature": f"sig-{rng.randrange(10**12):012}"}
    sealed = {"type": "redacted_thinking", "data": f"sealed-{rng.randrange(10**12):012}"}
    text = {"type": "text", "text": words}
    return list(rng.choice(([signed], [signed, text], [text], [signed, sealed], [])))


def _head(body: Mapping[str, Any], headers: Mapping[str, str], model: Model) -> None:
    """Key, version, and the parameters that are no longer taken or not by this model."""
    if not headers.get("x-api-key") and not headers.get("authorization", "").startswith("Bearer "):
        raise Refused(401, "Missing authentication header")  # the SDK sends a bearer, others the older header
    if not headers.get("anthropic-version"):
        raise Refused(400, "anthropic-version: header is required")
    for name in ("temperature", "top_p", "top_k"):
        if name in body and headers["anthropic-version"] >= "2026-10-21":
            raise Refused(400, f"{name}: Extra inputs are not permitted")
    if not isinstance(body.get("max_tokens"), int):
        raise Refused(400, "max_tokens: Field required")
    thinking = body.get("thinking") or {}
    if thinking and thinking.get("type") not in model.thinking:
        raise Refused(400, f"thinking.type: {thinking.get('type')!r} is not supported by this model")
    if thinking.get("type") == "enabled" and not 1024 <= thinking.get("budget_tokens", 0) < body["max_tokens"]:
        raise Refused(400, "thinking.budget_tokens: must be at least 1024 and less than max_tokens")
    forced = (body.get("tool_choice") or {}).get("type")
    if forced in ("any", "tool") and model.bound:
        raise Refused(400, f"tool_choice: {forced!r} is not supported by this model")
    if "fine-grained-tool-streaming" in headers.get("anthropic-beta", ""):
        raise Refused(400, "anthropic-beta: fine-grained-tool-streaming is not supported with this model")


def _read(body: Mapping[str, Any], headers: Mapping[str, str], model: Model) -> Request:
    tool = _tool(body, headers, model)
    system = body.get("system") or ""
    words = [system] if isinstance(system, str) else [block["text"] for block in system]
    pictures: list[Seen] = []
    _conversation(body.get("messages"), toolset=tool is not None and tool["type"] == TOOLSET)
    for message in body["messages"]:
        for block in _blocks(message["content"]):
            if block["type"] == "text":
                words.append(block["text"])
            elif block["type"] == "image":
                pictures.append(_picture(block))
    for seen in pictures:
        _fits(seen, len(pictures), tool, model)
    if json.dumps(body).count('"cache_control"') > 4:
        raise Refused(400, "A maximum of 4 blocks with cache_control may be provided.")
    single = bool((body.get("tool_choice") or {}).get("disable_parallel_tool_use"))
    return Request(tool, "\n".join(words), pictures, single)


def _blocks(content: Any) -> Iterator[Block]:
    """Every block, those inside of tool results too."""
    if isinstance(content, str):
        yield {"type": "text", "text": content}
        return
    for block in content:
        yield block
        if block["type"] == "tool_result":
            yield from _blocks(block.get("content") or [])


def _tool(body: Mapping[str, Any], headers: Mapping[str, str], model: Model) -> Mapping[str, Any] | None:
    tools = [tool for tool in body.get("tools") or () if str(tool.get("type")).startswith("computer")]
    if not tools:
        return None
    tool = tools[0]
    if tool["type"] not in model.tools:
        raise Refused(400, f"'{body['model']}' does not support tool types: {tool['type']}.")
    given = {*tool} - {"type", "cache_control", "configs", "allowed_callers"}
    if tool["type"] == TOOLSET:
        if given:
            raise Refused(400, f"tools.0.{min(given)}: Extra inputs are not permitted")
        return tool
    if BETAS[tool["type"]] not in headers.get("anthropic-beta", ""):
        raise Refused(
            400, f"tools.0: Input tag '{tool['type']}' found using 'type' does not match any of the expected"
        )
    if tool.get("name") != "computer" or not {"display_width_px", "display_height_px"} <= given:
        raise Refused(400, "tools.0: name, display_width_px and display_height_px are required")
    if "enable_zoom" in given and tool["type"] == "computer_20250124":
        raise Refused(400, "tools.0.enable_zoom: Extra inputs are not permitted")
    return tool


def _picture(block: Block) -> Seen:
    source = block["source"]
    if source.get("type") != "base64" or source.get("media_type") != "image/png":
        raise Refused(400, f"image source: wanted a base64 image/png, found {source.get('type')!r}")
    try:
        return from_base64(source["data"])
    except ValueError as err:
        raise Refused(400, str(err)) from err


def _fits(seen: Seen, count: int, tool: Mapping[str, Any] | None, model: Model) -> None:
    longest = max(seen.size.width, seen.size.height)
    if count > 100 or longest > (2000 if count > 20 else 8000):
        raise Refused(400, "messages: too many images, or too large ones", code="image_dimensions_too_large")
    if tool is not None and tool["type"] == TOOLSET and not model.takes(seen.size):
        raise Refused(
            400, f"an image of {seen.size} is too large for a tool result", code="image_dimensions_too_large"
        )


def _conversation(messages: Any, *, toolset: bool) -> None:
    """Turns alternate, and every call is answered exactly once, in order, in the message that follows."""
    if not messages or messages[0]["role"] != "user" or messages[-1]["role"] != "user":
        raise Refused(400, "messages: the first and the last must be the user's")
    pending: list[Block] = []
    for at, message in enumerate(messages):
        if at and message["role"] == messages[at - 1]["role"]:
            raise Refused(400, f"messages.{at}: roles must alternate")
        if message["role"] == "assistant":
            if not message["content"]:
                raise Refused(400, f"messages.{at}: content must not be empty")
            pending = [block for block in _blocks(message["content"]) if block["type"] == "tool_use"]
            continue
        _answered(
            at, [each for each in _blocks(message["content"]) if each["type"] == "tool_result"], pending, toolset
        )
        pending = []


def _answered(at: int, results: list[Block], pending: list[Block], toolset: bool) -> None:
    asked, answered = [each["id"] for each in pending], [each["tool_use_id"] for each in results]
    if sorted(asked) != sorted(answered):
        raise Refused(400, f"messages.{at}: tool_use ids {asked} need exactly one tool_result each; found {answered}")
    failed = False
    for use, result in zip(pending, results, strict=True):
        if use["id"] != result["tool_use_id"]:
            raise Refused(400, f"messages.{at}: the results are not in the order of their calls")
        if toolset and result.get("toolset_name") != use.get("toolset_name"):
            raise Refused(400, f"messages.{at}: tool_result.toolset_name must be that of its tool_use")
        if not toolset and "toolset_name" in result:
            raise Refused(400, f"messages.{at}: tool_result.toolset_name: Extra inputs are not permitted")
        if any(block["type"] not in ("text", "image") for block in _blocks(result.get("content") or [])):
            raise Refused(400, f"messages.{at}: a result may hold text and images only")
        words = "".join(block["text"] for block in _blocks(result.get("content") or []) if block["type"] == "text")
        if failed and toolset and not (result.get("is_error") and words == HALTED):
            raise Refused(
                400, f"messages.{at}: a call after one that failed must be answered {HALTED!r}; found {words!r}"
            )
        failed = failed or bool(result.get("is_error"))


def _remembered(messages: Sequence[Any], memory: Memory, model: Model) -> None:
    """What comes back is what was said; where thinking is bound to it, so is all that went before."""
    plain = bare(messages)
    theirs = [message["content"] for message in plain if message["role"] == "assistant"]
    for content in theirs:
        if content not in memory.said:
            raise Refused(400, "messages: `thinking` blocks in the latest assistant message cannot be modified")
    if model.bound and plain[: len(memory.heard)] != memory.heard:
        raise Refused(400, "messages: thinking blocks are invalid: the messages before them have been changed")
    if model.bound and theirs != memory.said:
        raise Refused(400, "messages: thinking blocks are invalid: a turn of the assistant is missing")


def _view(seen: Seen, screen: Size, rng: Random, model: Model) -> View:
    return View(Eye(screen, model.shrunk(seen.size), swapped=model.variant == "swapped"), seen, rng)


def _asked(request: Request, model: Model) -> list[Block]:
    """Where the cross is, in pixels of the picture; or anything."""
    if not request.pictures:
        return [{"type": "text", "text": "ok"}]
    seen = request.pictures[-1]
    at = cross(seen.png)
    if at is None:
        return [{"type": "text", "text": '{"x": null, "y": null}'}]
    view = _view(seen, seen.size, Random(seen.digest), model)
    x, y = view.eye.pixels(Point(x=round(at[0]), y=round(at[1])))
    return [{"type": "text", "text": f'The cross is here.\n{{"x": {x}, "y": {y}}}'}]


def _stream(reply: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The same reply as events."""

    def event(kind: str, **more: Any) -> tuple[str, dict[str, Any]]:
        return kind, {"type": kind, **more}

    usage = {**reply["usage"], "output_tokens": 1}
    yield event("message_start", message={**reply, "content": [], "stop_reason": None, "usage": usage})
    for index, block in enumerate(reply["content"]):
        start, deltas = _pieces(block)
        yield event("content_block_start", index=index, content_block=start)
        for delta in deltas:
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    end = {"stop_reason": reply["stop_reason"], "stop_sequence": None}
    yield event("message_delta", delta=end, usage={"output_tokens": reply["usage"]["output_tokens"]})
    yield event("message_stop")


def _pieces(block: Block) -> tuple[Block, list[Block]]:
    match block["type"]:
        case "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": block["text"]}]
        case "thinking":
            signed = {"type": "signature_delta", "signature": block["signature"]}
            words = {"type": "thinking_delta", "thinking": block["thinking"]}
            return {**block, "thinking": "", "signature": ""}, [words, signed]
        case "tool_use":
            given = json.dumps(block["input"])
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": given}]
    return block, []


def about(name: str) -> dict[str, Any]:
    """What `GET /v1/models/{id}` says. Raises Refused."""
    known = MODELS.get(name.partition("@")[0])
    if known is None:
        raise Refused(404, f"model: {name}")
    yes, no = {"supported": True}, {"supported": False}
    kinds = ("adaptive", "enabled", "disabled", "between_tools")
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 1_000_000 if known.bound else 200_000,
        "max_tokens": 64_000,
        "capabilities": {
            "batch": yes,
            "image_input": yes,
            "structured_outputs": yes,
            "effort": {"supported": known.edge > 2000},
            "thinking": {
                "supported": True,
                "types": {kind: yes if kind in known.thinking else no for kind in kinds},
            },
        },
    }
