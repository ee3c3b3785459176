"""Claude's own API: what is sent to it, and what becomes of a conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
from chores import chore
from claude_wire import MODEL, SEEN, YES, model, native, says, tells, use, wrong
from msgspec.structs import replace as changed
from scripted import play as play_chore
from vendors import HELLO, KEY, SIZE, Asked, Body, Says, Vendor, pictures, shade

from agent.base import Decision
from agent.models.base import Computer, Message, ProtocolBroken, Text, TooManyPictures
from agent.native import HALTED
from envs.errors import AgentFault
from envs.types import Click, Drag, Finish, Move, Observation, Point, Press, Scroll, Size, Type
from tests.dialects.relay import Relay, backend
from tests.dialects.server import Dialects

TOOLS = (Computer(SIZE),)
TOOLSET, NEWER, OLDER = "computer_toolset_20260801", "computer_20251124", "computer_20250124"
DONE = says({"type": "text", "text": "It is done."})


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


# What is sent


def test_a_request_is_as_the_newest_models_want_it() -> None:
    vendor = Vendor([says(*YES)], tells("adaptive"))
    model(vendor, effort="high").complete(HELLO, tools=TOOLS, temperature=0.7)
    (asked,) = vendor.asked
    body = asked.body
    assert asked.path == "/v1/messages"
    assert asked.headers["anthropic-version"] == "2026-10-21"
    assert "anthropic-beta" not in asked.headers
    assert body["tools"] == [{"type": TOOLSET}]
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert body["output_config"] == {"effort": "high"}
    assert not {"temperature", "top_p", "top_k", "tool_choice"} & set(body), "the API refuses the first three"


WAYS = [
    pytest.param({}, ("adaptive", "disabled"), {"type": "adaptive", "display": "summarized"}, id="adaptive"),
    pytest.param({}, ("enabled", "disabled"), {"type": "enabled", "budget_tokens": 4096}, id="by a number"),
    pytest.param(
        {"max_tokens": 2000, "budget": 9000}, ("enabled",), {"type": "enabled", "budget_tokens": 1024}, id="no room"
    ),
    pytest.param({"thinking": "off"}, ("adaptive", "disabled"), {"type": "disabled"}, id="off"),
    pytest.param({"thinking": "off"}, ("adaptive", "between_tools"), {"type": "between_tools"}, id="nearly off"),
    pytest.param(
        {"thinking": "off"}, ("adaptive",), {"type": "adaptive", "display": "summarized"}, id="it cannot be off"
    ),
]


@pytest.mark.parametrize(("config", "thinks", "thinking"), WAYS)
def test_thinking_is_asked_for_in_a_way_that_the_model_has(config: Body, thinks: Any, thinking: Body) -> None:
    vendor = Vendor([says(*YES)], tells(*thinks))
    model(vendor, **config).complete(HELLO, tools=TOOLS)
    assert vendor.bodies[0]["thinking"] == thinking


def test_one_action_a_turn_is_what_the_api_is_asked_for() -> None:
    vendor = Vendor([says(*YES)], tells())
    model(vendor, one_at_a_time=True).complete(HELLO, tools=TOOLS)
    assert vendor.bodies[0]["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_a_reply_that_is_not_streamed_is_read_alike() -> None:
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "stop_reason": "tool_use"}
    content = [use("left_click", coordinate=[3, 4])]
    usage = {"input_tokens": 10, "output_tokens": 25}
    vendor = Vendor([httpx2.Response(200, json={**whole, "content": content, "usage": usage})], tells())
    got = model(vendor, stream=False).complete(HELLO, tools=TOOLS)
    streaming = model(Vendor([says(*content, stop="tool_use")], tells())).complete(HELLO, tools=TOOLS)
    assert "stream" not in vendor.bodies[0] or vendor.bodies[0]["stream"] is False
    assert (got.calls, got.stop, got.native) == (streaming.calls, streaming.stop, streaming.native)


# The tool's version


def takes(*tools: str) -> Says:
    """A model that takes these versions of the computer tool."""

    def answer(asked: Asked) -> httpx2.Response:
        kinds = [each["type"] for each in asked.body.get("tools", ())]
        if any(kind not in tools for kind in kinds):
            return wrong(400, "invalid_request_error", f"'{MODEL}' does not support tool types: {', '.join(kinds)}.")
        return says(*YES)

    return answer


VERSIONS = [
    pytest.param(("adaptive",), TOOLSET, [TOOLSET], id="the API's word means the toolset"),
    pytest.param(("adaptive",), NEWER, [TOOLSET, NEWER], id="one step down"),
    pytest.param(("adaptive", "enabled"), NEWER, [NEWER], id="the API's word means the older tool"),
    pytest.param(("enabled", "disabled"), OLDER, [NEWER, OLDER], id="the oldest"),
    pytest.param(("enabled",), TOOLSET, [NEWER, OLDER, TOOLSET], id="newer than it seems"),
]


@pytest.mark.parametrize(("thinks", "taken", "tried"), VERSIONS)
def test_the_tool_that_the_model_takes_is_found_and_remembered(thinks: Any, taken: str, tried: list[str]) -> None:
    vendor = Vendor([takes(taken)], tells(*thinks))
    asked = model(vendor)
    first, second = asked.complete(HELLO, tools=TOOLS), asked.complete(HELLO, tools=TOOLS)
    assert [body["tools"][0]["type"] for body in vendor.bodies] == [*tried, taken]
    assert (first.tries, second.tries) == (len(tried), 1)
    assert len(first.notes) == len(tried) - 1
    assert asked.check().tool == taken


def test_the_older_tool_has_its_size_and_its_beta_header() -> None:
    vendor = Vendor([takes(NEWER)], tells("adaptive", "enabled"))
    model(vendor).complete(HELLO, tools=TOOLS)
    (asked,) = vendor.asked
    size = {"display_width_px": 640, "display_height_px": 400}
    assert asked.body["tools"] == [{"type": NEWER, "name": "computer", **size, "enable_zoom": True}]
    assert asked.headers["anthropic-beta"] == "computer-use-2025-11-24"


def test_a_model_that_takes_no_version_ends_as_a_broken_protocol_and_not_in_a_circle() -> None:
    vendor = Vendor([takes()], tells())
    with pytest.raises(ProtocolBroken, match=f"takes none of {TOOLSET}, {NEWER}, {OLDER}"):
        model(vendor).complete(HELLO, tools=TOOLS)
    assert len(vendor.asked) == 3


def test_a_version_that_was_named_is_not_exchanged_for_another() -> None:
    vendor = Vendor([takes(TOOLSET)], tells())
    with pytest.raises(ProtocolBroken, match=f"takes none of {OLDER}"):
        model(vendor, tool=OLDER).complete(HELLO, tools=TOOLS)


def test_an_endpoint_that_does_not_tell_is_guessed_by_name_and_then_asked() -> None:
    def answer(asked: Asked) -> Says:
        thinking = asked.body.get("thinking", {}).get("type")
        if thinking == "adaptive":
            return wrong(400, "invalid_request_error", "thinking.type: 'adaptive' is not supported by this model")
        return takes(OLDER)

    vendor = Vendor([answer], {})
    asked = model(vendor, model="claude-sonnet-4-5")
    asked.complete(HELLO, tools=TOOLS)
    said = [(body["thinking"]["type"], body["tools"][0]["type"]) for body in vendor.bodies]
    assert said == [("adaptive", NEWER), ("enabled", NEWER), ("enabled", OLDER)]
    assert asked.fit(Size(width=1920, height=1080)) == Size(width=1456, height=819)


SIZES = [
    pytest.param(("adaptive",), Size(width=1920, height=1080), Size(width=1920, height=1080), id="newer, as it is"),
    pytest.param(
        ("adaptive",), Size(width=3840, height=2160), Size(width=1988, height=1118), id="newer, under 2000 long"
    ),
    pytest.param(("enabled",), Size(width=1920, height=1080), Size(width=1456, height=819), id="older"),
]


@pytest.mark.parametrize(("thinks", "size", "fitting"), SIZES)
def test_a_picture_is_sent_at_a_size_that_the_api_leaves_alone(thinks: Any, size: Size, fitting: Size) -> None:
    assert model(Vendor(tells=tells(*thinks))).fit(size) == fitting


# The conversation


def conversation(vendor: Vendor, *actions: Observation) -> list[Decision]:
    agent = native(vendor)
    agent.begin("write milk")
    return [agent.act(seen) for seen in (SEEN, *actions)]


def results(body: Body) -> list[Body]:
    return [block for block in body["messages"][-1]["content"] if block["type"] == "tool_result"]


def words(result: Body) -> str:
    return "".join(block.get("text", "") for block in result["content"])


def test_every_call_is_answered_once_in_order_and_what_follows_a_failure_is_not_carried_out() -> None:
    calls = [use("left_click", 1, coordinate=[3, 4]), use("key", 2, text="ctrl+s"), use("screenshot", 3)]
    vendor = Vendor([says(*calls, stop="tool_use"), DONE], tells())
    first, second = conversation(vendor, changed(SEEN, refused="a window is in the way", carried=0))
    assert first.actions == (Click(at=Point(x=3, y=4)), Press(keys=("ctrl", "s")))
    answered = results(vendor.bodies[1])
    assert [each["tool_use_id"] for each in answered] == ["toolu_1", "toolu_2", "toolu_3"]
    assert [each["toolset_name"] for each in answered] == ["computer"] * 3
    assert [each.get("is_error", False) for each in answered] == [True, True, True]
    assert [words(each) for each in answered] == ["a window is in the way", HALTED, HALTED]
    assert isinstance(second.actions[0], Finish)


def test_a_call_without_an_id_or_with_anothers_is_given_its_own() -> None:
    calls = [use("key", 7, text="a"), use("key", 7, text="b"), use("key", 7, text="c") | {"id": ""}]
    vendor = Vendor([says(*calls, stop="tool_use"), DONE], tells())
    conversation(vendor, changed(SEEN, carried=3))
    sent = [block["id"] for block in vendor.bodies[1]["messages"][1]["content"]]
    assert len(set(sent)) == 3
    assert [each["tool_use_id"] for each in results(vendor.bodies[1])] == sent


THOUGHT = [
    {"type": "thinking", "thinking": "First, the list.", "signature": "c2lnbmVk=="},
    {"type": "redacted_thinking", "data": "c2VhbGVk"},
    {"type": "text", "text": "I click on the list."},
    use("left_click", 1, coordinate=[3, 4]),
]


def test_what_the_model_said_is_sent_back_as_it_came_thinking_and_signature_too() -> None:
    vendor = Vendor([says(*THOUGHT, stop="tool_use"), DONE], tells())
    first, _ = conversation(vendor, changed(SEEN, carried=1))
    assert vendor.bodies[1]["messages"][1] == {"role": "assistant", "content": THOUGHT}
    assert (first.thought, first.intent) == ("First, the list.", "I click on the list.")


def test_a_turn_cut_off_in_its_thinking_is_not_sent_back() -> None:
    cut = {"type": "thinking", "thinking": "Let me", "signature": ""}
    vendor = Vendor([says(cut, stop="max_tokens"), says(cut, stop="max_tokens"), DONE], tells())
    conversation(vendor)
    roles = [message["role"] for message in vendor.bodies[2]["messages"]]
    assert roles == ["user"], "neither the half turn, nor two turns of the user's in a row"
    assert "cut off" in json.dumps(vendor.bodies[2]["messages"][0]["content"][-1])


def bare(value: Any) -> Any:
    """Without cache marks."""
    if isinstance(value, dict):
        return {name: bare(each) for name, each in value.items() if name != "cache_control"}
    return [bare(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def served() -> Iterator[Dialects]:
    with Dialects() as server:
        server.traffic.keep_bodies = True
        yield server


def at(x: int, y: int) -> Point:
    return Point(x=x, y=y)


SCRIPT = [
    (Click(at=at(15, 9)),),
    (Type(text="milk"),),
    (Press(keys=("ctrl", "a")), Move(at=at(33, 77)), Scroll(at=at(90, 50), dy=3)),
    (Drag(path=(at(10, 20), at(160, 90))),),
    (Type(text="milk"), Press(keys=("ctrl", "s"))),
]


@pytest.mark.parametrize("which", ["claude", "claude-20251124", "claude-20250124"])
def test_over_a_whole_episode_each_request_begins_with_the_one_before_byte_for_byte(
    which: str, served: Dialects, tmp_path: Path
) -> None:
    agent = Relay(iter([Decision(actions=each) for each in SCRIPT * 2]), which, backend(served, which), served)
    record = play_chore(tmp_path, chore("milk", budget=replace(chore("milk").budget, steps=60)), agent)
    assert record.ended.how == "finished"
    assert all("does not support tool types" in why for why in served.traffic.refused), "nothing else was wrong"
    bodies = [came.body for came in served.traffic.came]
    assert len(bodies) >= 6
    for before, after in pairwise(bodies):
        for name in ("system", "tools"):
            assert json.dumps(bare(before[name])) == json.dumps(bare(after[name]))
        told = json.dumps(bare(before["messages"]))
        assert json.dumps(bare(after["messages"])).startswith(told[:-1]), "the history is only appended to"
        assert pictures(after)[: len(pictures(before))] == pictures(before)
    for body in bodies:
        assert json.dumps(body).count('"cache_control"') <= 4
        assert "cache_control" in body["system"][-1]
        assert "cache_control" in body["messages"][-1]["content"][-1], "the newest is cached for the next"


def test_without_a_cache_nothing_is_marked_and_neither_is_a_single_question() -> None:
    vendor = Vendor([says(*YES)], tells())
    model(vendor, cache=False).complete(HELLO, tools=TOOLS)
    model(vendor).complete(HELLO)
    assert "cache_control" not in json.dumps(vendor.bodies)


# Thinking that is bound to its history


UNBOUND = {"prefix_mismatch_behavior": "drop_block"}


def altered(text: str = "messages.1.content.0: `thinking` blocks in this message cannot be modified") -> Says:
    """An API that finds thinking invalid unless it may leave it out."""

    def answer(asked: Asked) -> Says:
        if "block_binding" in asked.body.get("thinking", {}):
            assert "thinking-binding-controls-2026-08-01" in asked.headers["anthropic-beta"]
            return says(*YES)
        return wrong(400, "invalid_request_error", text)

    return answer


@pytest.mark.parametrize(
    "text",
    [
        "messages.1.content.0: `thinking` blocks in this message cannot be modified",
        "messages.3.content.0: Invalid `signature` in `thinking` block",
        "thinking blocks are invalid: the messages before them have been changed",
    ],
)
def test_thinking_that_no_longer_fits_is_left_out_once_and_from_then_on_in_that_conversation(text: str) -> None:
    vendor = Vendor([altered(text)], tells())
    asked = model(vendor)
    first = asked.complete(HELLO, tools=TOOLS)
    assert (first.tries, len(first.notes)) == (2, 1)
    asked.complete((*HELLO, Message("assistant", reply=first), Message("user", (Text("Go on."),))), tools=TOOLS)
    asked.complete(HELLO, tools=TOOLS)
    bound = ["block_binding" in body["thinking"] for body in vendor.bodies]
    assert bound == [False, True, True, False, True], "another conversation is tried as it should be"
    assert vendor.bodies[1]["thinking"]["block_binding"] == UNBOUND


def test_where_leaving_it_out_does_not_help_the_protocol_is_broken() -> None:
    vendor = Vendor([wrong(400, "invalid_request_error", "Invalid `signature` in `thinking` block")], tells())
    with pytest.raises(ProtocolBroken, match="not what its thinking was bound to"):
        model(vendor).complete(HELLO, tools=TOOLS)
    assert len(vendor.asked) == 2


# Limits


def test_a_reply_that_was_cut_off_is_asked_for_once_more_with_twice_the_room() -> None:
    cut = says({"type": "text", "text": "I will"}, stop="max_tokens")
    vendor = Vendor([cut, says(*YES)], tells())
    reply = model(vendor, max_tokens=2000).complete(HELLO, tools=TOOLS)
    assert [body["max_tokens"] for body in vendor.bodies] == [2000, 4000]
    assert (reply.text, reply.tries, reply.usage.output_tokens) == ("yes", 2, 50)
    assert reply.notes == ("cut off at 2000 tokens, asked again for 4000",)


def test_what_is_cut_off_again_stays_cut_off_and_a_model_is_not_asked_for_more_than_it_has() -> None:
    cut = says({"type": "text", "text": "I will"}, stop="max_tokens")
    again, capped = Vendor([cut], tells()), Vendor([cut], tells(max_tokens=3000))
    assert model(again).complete(HELLO, tools=TOOLS).stop == "length"
    assert len(again.asked) == 2
    model(capped, max_tokens=2000).complete(HELLO, tools=TOOLS)
    assert [body["max_tokens"] for body in capped.bodies] == [2000, 3000]


def test_a_turn_that_pauses_is_sent_back_as_it_is_until_it_ends() -> None:
    half = [{"type": "thinking", "thinking": "So far.", "signature": "s1"}, {"type": "text", "text": "Well"}]
    vendor = Vendor([says(*half, stop="pause_turn"), says(use("key", text="a"), stop="tool_use")], tells())
    reply = model(vendor).complete(HELLO, tools=TOOLS)
    assert vendor.bodies[1]["messages"] == [*vendor.bodies[0]["messages"], {"role": "assistant", "content": half}]
    assert (reply.text, reply.stop, len(reply.calls), reply.tries) == ("Well", "calls", 1, 2)
    assert reply.usage.output_tokens == 50


def test_a_turn_that_pauses_for_ever_is_no_end_of_the_episode() -> None:
    vendor = Vendor([says({"type": "text", "text": "Well"}, stop="pause_turn")], tells())
    with pytest.raises(AgentFault) as fault:
        conversation(vendor)
    assert fault.value.cause == "unreadable"


REFUSALS = [
    pytest.param(
        says(
            stop="refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": "It is an attack."}
        ),
        "cyber: It is an attack.",
        id="the model's",
    ),
    pytest.param(says({"type": "text", "text": "No."}, stop="refusal"), "no reason given", id="without a reason"),
    pytest.param(
        wrong(400, "invalid_request_error", "Output blocked by content_filter policy"),
        "content_filter",
        id="filtered",
    ),
]


@pytest.mark.parametrize(("answer", "why"), REFUSALS)
def test_a_refusal_ends_the_episode_as_one_and_is_not_argued_with(answer: httpx2.Response, why: str) -> None:
    vendor = Vendor([answer], tells())
    with pytest.raises(AgentFault, match=why) as fault:
        conversation(vendor)
    assert (fault.value.cause, len(vendor.asked), len(fault.value.calls)) == ("refused", 1, 1)


# A context that is full


def fits(most: int, full: Says) -> Says:
    """A model that acts as long as a request holds at most so many pictures."""

    def answer(asked: Asked) -> Says:
        if len(pictures(asked.body["messages"])) > most:
            return full
        number = len(asked.body["messages"])
        return says(use("left_click", number, coordinate=[3, 4]), stop="tool_use")

    return answer


FULL = [
    pytest.param(wrong(400, "invalid_request_error", "prompt is too long: 3 tokens > 2 maximum"), id="refused"),
    pytest.param(wrong(413, "request_too_large", "Request exceeds the maximum size"), id="413"),
    pytest.param(says(stop="model_context_window_exceeded"), id="the model says so"),
]


@pytest.mark.parametrize("full", FULL)
def test_when_the_context_is_full_fewer_pictures_are_sent(full: httpx2.Response) -> None:
    vendor = Vendor([fits(4, full)], tells())
    conversation(vendor, *[changed(SEEN, carried=1)] * 6)
    sent = [len(pictures(body["messages"])) for body in vendor.bodies]
    assert sent[:6] == [1, 2, 3, 4, 5, 2]
    assert max(sent[6:]) <= 4


@pytest.mark.parametrize("full", FULL)
def test_when_even_one_picture_is_too_many_the_episode_ends_by_its_context(full: httpx2.Response) -> None:
    vendor = Vendor([full], tells())
    with pytest.raises(AgentFault, match="too long for the model") as fault:
        conversation(vendor)
    assert fault.value.cause == "context"


def test_pruning_a_bound_history_leaves_its_thinking_out_and_the_episode_goes_on() -> None:
    """The API as it is with models whose thinking is bound: a picture that went makes what followed it invalid."""
    heard: list[Any] = []

    def answer(asked: Asked) -> Says:
        told = bare(asked.body["messages"])
        if len(pictures(told)) > 3:
            return wrong(413, "request_too_large", "Request exceeds the maximum size")
        if told[: len(heard)] != heard and "block_binding" not in asked.body["thinking"]:
            return wrong(400, "invalid_request_error", "`thinking` blocks cannot be modified")
        heard[:] = told
        thought = {"type": "thinking", "thinking": "Hm.", "signature": f"s{len(told)}"}
        return says(thought, use("left_click", len(told), coordinate=[3, 4]), stop="tool_use")

    vendor = Vendor([answer], tells())
    decisions = conversation(vendor, *[changed(SEEN, carried=1)] * 7)
    assert len(decisions) == 8
    notes = [note for decision in decisions for call in decision.calls for note in call.notes]
    assert notes.count("thinking that no longer fits its history was left out") == 1


def test_more_pictures_than_the_model_takes_are_not_sent_in_vain() -> None:
    vendor = Vendor([says(*YES)], tells(max_input_tokens=200_000))
    many = (Message("user", tuple(shade(number) for number in range(101))),)
    with pytest.raises(TooManyPictures, match="at most 100"):
        model(vendor).complete(many)
    assert vendor.asked == []
