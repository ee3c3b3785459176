"""`POST /v1/responses` as OpenAI's API has it: the conversation is kept here, and each call wants its one picture.

Source: OpenAI's guide to computer use, and the types of its SDK.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from envs.types import Action, Click, Drag, Finish, Move, Point, Press, Scroll, Type, Wait
from tests.dialects.eye import Eye, Seen, cross, from_url
from tests.dialects.keyboard import LOUD, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import TAG, Session, View
from tests.dialects.wire import Answer, Refused, Traffic, events

Item = Mapping[str, Any]
LIMITS = Limits(drag="all", hold="click", triple=False, needs_at=True)
BUTTONS = {"left": "left", "right": "right", "middle": "wheel", "back": "back", "forward": "forward"}
MARKS = {"done": "", "failed": "FAILED: ", "infeasible": "INFEASIBLE: "}
MODELS = {"gpt-6.2-astra": "computer", "computer-use-preview": "computer_use_preview"}
"""Which computer tool each takes."""


@dataclass
class Kept:
    """One response that this server keeps: what may follow on it."""

    tag: str
    pending: tuple[Item, ...]
    seen: Seen | None
    digests: frozenset[str]


@dataclass
class Responses:
    """All OpenAI models of the server. `checked` are sessions that had a safety check already."""

    kept: dict[str, Kept] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    resent: int = 0
    counter: int = 0

    def answer(
        self, body: Mapping[str, Any], headers: Mapping[str, str], sessions: Mapping[str, Session], traffic: Traffic
    ) -> Answer:
        """The reply to a request. Raises Refused as the API refuses."""
        if not headers.get("authorization", "").startswith("Bearer "):
            raise Refused(401, "You didn't provide an API key.")
        name, _, variant = str(body.get("model")).partition("@")
        if name not in MODELS:
            raise Refused(
                404, f"The model '{name}' does not exist or you do not have access to it.", code="model_not_found"
            )
        self.counter += 1
        tool = _tool(body, MODELS[name])
        before = self._before(body)
        words, pictures = self._read(body, before)
        traffic.saw([each.digest for each in pictures])
        known = before.digests if before else frozenset()
        self.resent += sum(each.digest in known for each in pictures)
        found = TAG.search(words)
        tag = found[1] if found else before.tag if before else ""
        seen = pictures[-1] if pictures else before.seen if before else None
        session = sessions.get(tag)
        output = self._acts(tool, session, seen, variant) if session is not None else _asked(seen, variant)
        return self._keep(body, output, tag, seen, known | {each.digest for each in pictures})

    def _before(self, body: Mapping[str, Any]) -> Kept | None:
        previous = body.get("previous_response_id")
        if previous is None:
            return None
        if previous not in self.kept:
            raise Refused(
                400, f"Previous response with id '{previous}' not found.", code="previous_response_not_found"
            )
        return self.kept[previous]

    def _read(self, body: Mapping[str, Any], before: Kept | None) -> tuple[str, list[Seen]]:
        words, pictures = [str(body.get("instructions") or "")], list[Seen]()
        pending = {each["call_id"]: each for each in before.pending} if before else {}
        items = body.get("input")
        for item in [{"role": "user", "content": items}] if isinstance(items, str) else items or ():
            match item:
                case {"type": "computer_call"}:
                    pending[item["call_id"]] = item
                case {"type": "computer_call_output"}:
                    pictures.append(_answered(item, pending))
                case {"type": "reasoning"}:
                    pass
                case {"content": str(text)}:
                    words.append(text)
                case {"content": [*parts]}:
                    _parts(parts, words, pictures)
                case _:
                    raise Refused(400, f"input: cannot read {str(item)[:80]}")
        if pending:
            raise Refused(400, f"No tool output found for computer call {min(pending)}.")
        return "\n".join(words), pictures

    def _acts(self, tool: str, session: Session, seen: Seen | None, variant: str) -> list[Item]:
        if not tool:
            raise Refused(400, "this model was asked to act, and was given no tool")
        legacy = tool == "computer_use_preview"
        session.replies += 1
        output: list[Item] = [*self._thought(session)]
        if seen is None:
            return [*output, self._call([{"type": "screenshot"}], session, legacy)]
        view = View(Eye(session.screen, seen.size, swapped=variant == "swapped"), seen, session.rng)
        actions = session.take(1 if legacy else 1 + session.rng.randrange(4))
        if not actions:
            return [*output, _message("FAILED: nobody said what to do.")]
        if isinstance(actions[0], Finish):
            text = f"{MARKS[actions[0].claim]}{actions[0].answer or 'It is done.'}"
            return [*output, _message(f"ANSWER: {text}" if actions[0].answer else text)]
        said = [_action(action, view) for action in actions]
        if not legacy and session.rng.randrange(3) == 0:
            said.append({"type": "screenshot"})
        return [*output, self._call(said, session, legacy)]

    def _thought(self, session: Session) -> Iterator[Item]:
        if session.rng.randrange(2):
            summary = [{"type": "summary_text", "text": session.intent or "Next step."}]
            yield {"type": "reasoning", "id": f"rs_{self.counter:06}", "summary": summary}
        if session.rng.randrange(4) == 0:
            yield _message(session.intent or "Next step.")

    def _call(self, actions: list[Item], session: Session, legacy: bool) -> Item:
        checks = []
        if session.tag not in self.checked and session.rng.randrange(3) == 0:
            self.checked.add(session.tag)
            checks = [{"id": f"cu_sc_{self.counter:06}", "code": "irrelevant_domain", "message": "Is this wanted?"}]
        call: dict[str, Any] = {"type": "computer_call", "id": f"cu_{self.counter:06}"}
        call |= {"call_id": f"call_{self.counter:06}", "status": "completed", "pending_safety_checks": checks}
        return call | ({"action": actions[0]} if legacy else {"actions": actions})

    def _keep(
        self, body: Mapping[str, Any], output: list[Item], tag: str, seen: Seen | None, digests: frozenset[str]
    ) -> Answer:
        name = f"resp_{self.counter:06}"
        if body.get("store") is not False:
            calls = tuple(item for item in output if item["type"] == "computer_call")
            self.kept[name] = Kept(tag, calls, seen, digests)
        out = len(json.dumps(output)) // 4
        reply = {
            "id": name,
            "object": "response",
            "created_at": 1_764_000_000,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "model": body["model"],
            "output": output,
            "parallel_tool_calls": True,
            "previous_response_id": body.get("previous_response_id"),
            "tool_choice": "auto",
            "tools": body.get("tools") or [],
            "usage": {
                "input_tokens": 1500,
                "input_tokens_details": {"cached_tokens": 1000 if body.get("previous_response_id") else 0},
                "output_tokens": out,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 1500 + out,
            },
        }
        return Answer(stream=tuple(events(_stream(reply)))) if body.get("stream") else Answer(body=reply)


def _tool(body: Mapping[str, Any], wanted: str) -> str:
    tools = [tool for tool in body.get("tools") or () if str(tool.get("type")).startswith("computer")]
    if not tools:
        return ""
    tool = tools[0]
    if tool["type"] != wanted:
        raise Refused(400, f"Tool '{tool['type']}' is not supported with {body['model']}.")
    if wanted == "computer" and {*tool} != {"type"}:
        raise Refused(400, f"Unknown parameter: 'tools[0].{min({*tool} - {'type'})}'.", code="unknown_parameter")
    if wanted == "computer_use_preview":
        if not {"display_width", "display_height", "environment"} <= {*tool}:
            raise Refused(400, "Missing required parameter: 'tools[0].display_width'.")
        if body.get("truncation") != "auto":
            raise Refused(400, "This model requires truncation to be 'auto'.")
    return str(tool["type"])


def _answered(item: Item, pending: dict[str, Item]) -> Seen:
    call = pending.pop(item.get("call_id", ""), None)
    if call is None:
        raise Refused(400, f"No tool call found for computer call with call_id {item.get('call_id')}.")
    wanted = {each["id"] for each in call.get("pending_safety_checks") or ()}
    given = {each["id"] for each in item.get("acknowledged_safety_checks") or ()}
    if wanted != given:
        raise Refused(400, f"The safety checks {sorted(wanted)} have not been acknowledged.")
    output = item.get("output") or {}
    if output.get("type") != "computer_screenshot":
        raise Refused(400, f"output.type: wanted computer_screenshot, found {output.get('type')!r}")
    return _picture(output.get("image_url"))


def _parts(parts: list[Any], words: list[str], pictures: list[Seen]) -> None:
    for part in parts:
        match part:
            case {"type": "input_text" | "output_text", "text": str(text)}:
                words.append(text)
            case {"type": "input_image", "image_url": str(url), "detail": str(detail)}:
                if detail != "original":
                    raise Refused(400, f"detail {detail!r} would be resized; this server wants original")
                pictures.append(_picture(url))
            case _:
                raise Refused(400, f"input: cannot read the part {str(part)[:80]}")


def _picture(url: object) -> Seen:
    try:
        return from_url(str(url))
    except ValueError as err:
        raise Refused(400, str(err)) from err


def _action(action: Action, view: View) -> Item:  # noqa: C901 - a case each
    def at(point: Point | None) -> dict[str, Any]:
        if point is None:
            raise Unsayable("it must say where")
        x, y = view.eye.pixels(point)
        return {"x": x, "y": y}

    def held(holding: tuple[str, ...]) -> dict[str, Any]:
        return {"keys": [spelt(key, LOUD) for key in holding]} if holding else {}

    match action:
        case Click(at=where, button=button, count=1, holding=holding):
            return {"type": "click", "button": BUTTONS[button]} | at(where) | held(holding)
        case Click(at=where, button="left", count=2, holding=holding):
            return {"type": "double_click"} | at(where) | held(holding)
        case Move(at=where):
            return {"type": "move"} | at(where)
        case Drag(path=path, button="left", holding=holding):
            pairs = view.odds(3)
            points = [[*at(point).values()] if pairs else at(point) for point in path]
            return {"type": "drag", "path": points} | held(holding)
        case Scroll(at=where, dx=dx, dy=dy, holding=holding):
            return {"type": "scroll", "scroll_x": dx * 100, "scroll_y": dy * 100} | at(where) | held(holding)
        case Press(keys=keys, seconds=0):
            return {"type": "keypress", "keys": [_loud(key, len(keys) > 1, view) for key in keys]}
        case Type(text=text):
            return {"type": "type", "text": text}
        case Wait():
            return {"type": "wait"}
    raise Unsayable(f"it has no words for {action!r}")


def _loud(key: str, chord: bool, view: View) -> str:
    """As it shouts keys: of a chord, now and then the letter too."""
    name = spelt(key, LOUD)
    return name.upper() if chord and view.odds(2) else name


def _message(text: str) -> Item:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def _asked(seen: Seen | None, variant: str) -> list[Item]:
    if seen is None:
        return [_message("ok")]
    at = cross(seen.png)
    if at is None:
        return [_message('{"x": null, "y": null}')]
    eye = Eye(seen.size, seen.size, swapped=variant == "swapped")
    x, y = eye.pixels(Point(x=round(at[0]), y=round(at[1])))
    said = Random(seen.digest).choice((f'{{"x": {x}, "y": {y}}}', f'It is here: {{"x": {x}, "y": {y}}}'))
    return [_message(said)]


def _stream(reply: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The same reply as events."""
    number = iter(range(10_000))

    def event(kind: str, **more: Any) -> tuple[str, dict[str, Any]]:
        return kind, {"type": kind, "sequence_number": next(number), **more}

    yield event("response.created", response={**reply, "status": "in_progress", "output": [], "usage": None})
    for index, item in enumerate(reply["output"]):
        yield event("response.output_item.added", output_index=index, item=item)
        yield event("response.output_item.done", output_index=index, item=item)
    yield event("response.completed", response=reply)


def about(name: str) -> dict[str, Any]:
    """What `GET /v1/models/{id}` says. Raises Refused."""
    if name.partition("@")[0] not in MODELS:
        raise Refused(404, f"The model '{name}' does not exist", code="model_not_found")
    return {"id": name, "object": "model", "created": 1_764_000_000, "owned_by": "openai"}
