"""OpenAI's own API: what is sent to it, and what becomes of a conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from chores import chore
from msgspec.structs import replace as changed
from responses_wire import MODEL, PICTURE, SEEN, call, model, native, response, said, says, wrong
from scripted import play as play_chore
from vendors import HELLO, KEY, SIZE, Asked, Body, Says, Vendor, pictures

from agent.base import Decision
from agent.models.base import Computer, Function, Message, ProtocolBroken, Reply, Result, Text
from agent.native import Native
from envs.errors import AgentFault
from envs.types import Click, Drag, Finish, Move, Observation, Point, Press, Scroll, Type, Wait
from tests.dialects.relay import Relay, backend
from tests.dialects.server import Dialects

TOOLS = (Computer(SIZE),)
CLICK = {"type": "click", "x": 3, "y": 4, "button": "left"}
CARRIED = changed(SEEN, carried=1)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def conversation(agent: Native, *seen: Observation) -> list[Decision]:
    agent.begin("write milk")
    return [agent.act(each) for each in (SEEN, *seen)]


def clicks(number: count[int]) -> Says:
    """A model that clicks at each call; every response with an id of its own, after some thought."""

    def answer(asked: Asked) -> Says:
        at = next(number)
        thought = {"type": "reasoning", "id": f"rs_{at}", "summary": [], "encrypted_content": f"sealed {at}"}
        return says(thought, call(CLICK, number=at), number=at)

    return answer


# What is sent


def test_a_request_is_as_the_newest_models_want_it() -> None:
    vendor = Vendor([says(said("yes"))])
    model(vendor, effort="high").complete(HELLO, tools=TOOLS, temperature=0.7)
    (asked,) = vendor.asked
    body = asked.body
    assert asked.path == "/v1/responses"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert body["tools"] == [{"type": "computer"}]
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert (body["store"], body["instructions"], body["stream"]) == (True, "Act.", True)
    (user,) = body["input"]
    assert [(part["type"], part.get("detail")) for part in user["content"]] == [
        ("input_text", None),
        ("input_image", "original"),
    ]
    assert not {"temperature", "truncation", "previous_response_id"} & set(body)


def test_the_older_tool_has_its_size_and_lets_the_api_forget() -> None:
    vendor = Vendor([says(said("yes"))])
    model(vendor, model="computer-use-preview").complete(HELLO, tools=TOOLS)
    (body,) = vendor.bodies
    wanted = {"type": "computer_use_preview", "display_width": 640, "display_height": 400, "environment": "linux"}
    assert body["tools"] == [wanted]
    assert body["truncation"] == "auto"
    assert body["reasoning"] == {"summary": "concise"}


def test_a_reply_that_is_not_streamed_is_read_alike() -> None:
    output = [said("Now."), call(CLICK)]
    whole = Vendor([httpx2.Response(200, json=response(output))])
    got = model(whole, stream=False).complete(HELLO, tools=TOOLS)
    streaming = model(Vendor([says(*output)])).complete(HELLO, tools=TOOLS)
    assert "stream" not in whole.bodies[0]
    assert (got.calls, got.text, got.stop, got.native) == (
        streaming.calls,
        streaming.text,
        streaming.stop,
        streaming.native,
    )


def test_a_functions_answer_is_words_or_pictures_and_not_a_screen() -> None:
    tool = Function("note", "Write it down.", {"type": "object"})
    asked = {"type": "function_call", "call_id": "c1", "name": "note", "arguments": '{"text": "milk"}'}
    vendor = Vendor([says(asked), says(said("yes"))])
    provider = model(vendor)
    reply = provider.complete(HELLO, tools=(tool,))
    for parts in ((Text("OK"),), (Text("OK"), PICTURE)):
        answered = Message("user", (Result("c1", parts, name="note"),))
        provider.complete((*HELLO, Message("assistant", reply=reply), answered), tools=(tool,))
    assert reply.calls[0].arguments == {"text": "milk"}
    (told,), (shown,) = (body["input"] for body in vendor.bodies[1:])
    assert told == {"type": "function_call_output", "call_id": "c1", "output": "OK"}
    assert shown["type"] == "function_call_output"
    assert [part["type"] for part in shown["output"]] == ["input_text", "input_image"]


def takes(tool: str) -> Says:
    """A model that takes this version of the computer tool."""

    def answer(asked: Asked) -> Says:
        kinds = [each["type"] for each in asked.body.get("tools", ())]
        if any(kind != tool for kind in kinds):
            return wrong(400, f"Tool '{kinds[0]}' is not supported with {MODEL}.")
        return says(said("yes"))

    return answer


def test_a_model_that_does_not_take_the_newer_tool_is_given_the_older_one_and_that_is_remembered() -> None:
    vendor = Vendor([takes("computer_use_preview")])
    provider = model(vendor)
    first, second = provider.complete(HELLO, tools=TOOLS), provider.complete(HELLO, tools=TOOLS)
    kinds = [body["tools"][0]["type"] for body in vendor.bodies]
    assert kinds == ["computer", "computer_use_preview", "computer_use_preview"]
    assert (first.tries, second.tries, len(first.notes)) == (2, 1, 1)


@pytest.mark.parametrize("named", ["computer", ""])
def test_a_model_that_takes_no_tool_ends_as_a_broken_protocol(named: str) -> None:
    vendor = Vendor([takes("none")])
    with pytest.raises(ProtocolBroken, match="does not take the tool"):
        model(vendor, tool=named).complete(HELLO, tools=TOOLS)
    assert len(vendor.asked) == (1 if named else 2)


LESS = [
    pytest.param("reasoning", "Your organization must be verified to generate reasoning summaries.", id="summary"),
    pytest.param("include", "Encrypted content is not supported with this model.", id="no reasoning"),
]


@pytest.mark.parametrize(("field", "why"), LESS)
def test_what_an_account_or_a_model_lacks_is_left_out_from_then_on(field: str, why: str) -> None:
    vendor = Vendor([lambda asked: wrong(400, why) if field in asked.body else says(said("yes"))])
    provider = model(vendor)
    first, second = provider.complete(HELLO), provider.complete(HELLO)
    assert (first.tries, second.tries, len(first.notes)) == (2, 1, 1)
    assert [field in body for body in vendor.bodies] == [True, False, False]


def test_a_model_without_original_detail_is_sent_pictures_as_it_takes_them() -> None:
    why = "Invalid value: 'original'. Supported values for detail are: 'low', 'high' and 'auto'."
    vendor = Vendor([lambda asked: wrong(400, why) if '"original"' in json.dumps(asked.body) else says(said("yes"))])
    assert model(vendor).complete(HELLO, tools=TOOLS).tries == 2
    assert vendor.bodies[1]["input"][0]["content"][1]["detail"] == "auto"


# The conversation


def at(x: int, y: int) -> Point:
    return Point(x=x, y=y)


SCRIPT = [
    (Click(at=at(15, 9)),),
    (Type(text="milk"),),
    (Press(keys=("ctrl", "a")), Move(at=at(33, 77)), Scroll(at=at(90, 50), dy=3)),
    (Drag(path=(at(10, 20), at(160, 90))),),
    (Type(text="milk"), Press(keys=("ctrl", "s"))),
]


@pytest.fixture
def served() -> Iterator[Dialects]:
    with Dialects() as server:
        server.traffic.keep_bodies = True
        yield server


@pytest.mark.parametrize("options", ["", "store=false"], ids=["kept by the API", "not kept"])
@pytest.mark.parametrize("which", ["openai", "openai-legacy"])
def test_over_a_whole_episode_the_api_takes_all_that_is_sent(
    which: str, options: str, served: Dialects, tmp_path: Path
) -> None:
    spoken = backend(served, which, options=options)
    agent = Relay(iter([Decision(actions=each) for each in SCRIPT]), which, spoken, served)
    record = play_chore(tmp_path, chore("milk", budget=replace(chore("milk").budget, steps=60)), agent)
    assert (record.ended.how, served.traffic.refused) == ("finished", [])
    sent = [came.pictures for came in served.traffic.came]
    assert len(sent) >= 4
    if options:
        assert [len(each) for each in sent] == list(range(1, len(sent) + 1))
        assert not any("previous_response_id" in came.body or came.body["store"] for came in served.traffic.came)
    else:
        assert [len(each) for each in sent] == [1] * len(sent), "no picture is sent twice"


def test_without_a_store_all_of_it_is_sent_again_with_the_sealed_reasoning() -> None:
    vendor = Vendor([clicks(count(1))])
    conversation(native(vendor, store=False), CARRIED, CARRIED)
    last = vendor.bodies[2]
    assert (last["store"], last["include"]) == (False, ["reasoning.encrypted_content"])
    assert "previous_response_id" not in last
    kinds = [item.get("type", item.get("role")) for item in last["input"]]
    assert kinds == ["user", *["reasoning", "computer_call", "computer_call_output"] * 2]
    assert [item["encrypted_content"] for item in last["input"] if "encrypted_content" in item] == [
        "sealed 1",
        "sealed 2",
    ]
    before = json.dumps(vendor.bodies[1]["input"])
    assert json.dumps(last["input"]).startswith(before[:-1]), "the history is only appended to"


def forgetful(*times: int) -> Says:
    """An API that does not know the last response at these requests, counted from 0."""
    number, requests = count(1), count()

    def answer(asked: Asked) -> Says:
        if next(requests) in times and "previous_response_id" in asked.body:
            last = asked.body["previous_response_id"]
            return wrong(400, f"Previous response with id '{last}' not found.", "previous_response_not_found")
        return clicks(number)

    return answer


def test_a_conversation_that_the_api_has_lost_is_told_again_whole_and_goes_on_from_there() -> None:
    vendor = Vendor([forgetful(2)])
    decisions = conversation(native(vendor), *[CARRIED] * 3)
    assert [len(pictures(body["input"])) for body in vendor.bodies] == [1, 1, 1, 3, 1]
    chained = [body.get("previous_response_id") for body in vendor.bodies]
    assert chained == [None, "resp_1", "resp_2", None, "resp_3"]
    (note,) = [note for decision in decisions for each in decision.calls for note in each.notes]
    assert "no longer knows the conversation" in note


def test_an_api_that_keeps_losing_conversations_is_no_longer_asked_to_keep_them() -> None:
    vendor = Vendor([forgetful(1, 3, 5, 7)])
    conversation(native(vendor), *[CARRIED] * 4)
    assert [body["store"] for body in vendor.bodies] == [True, True, True, True, False, False, False]
    assert [len(pictures(body["input"])) for body in vendor.bodies] == [1, 1, 2, 1, 3, 4, 5]


def test_each_call_is_answered_by_one_picture_and_what_was_refused_is_told_in_words() -> None:
    vendor = Vendor([says(call(CLICK, {"type": "wait"}), number=1), says(said("It is done."), number=2)])
    first, second = conversation(native(vendor), changed(SEEN, refused="a window is in the way", carried=0))
    assert first.actions == (Click(at=at(3, 4)), Wait(seconds=2))
    output, words = vendor.bodies[1]["input"]
    assert (output["type"], output["call_id"]) == ("computer_call_output", "call_1")
    assert output["output"]["type"] == "computer_screenshot"
    assert "a window is in the way" in words["content"][0]["text"]
    assert isinstance(second.actions[0], Finish)


def test_another_conversation_is_never_continued() -> None:
    vendor = Vendor([clicks(count(1))])
    provider = model(vendor)
    reply = provider.complete(HELLO, tools=TOOLS)
    other = (Message("user", (Text("Something else"), *HELLO[1].parts[1:])),)
    answered = Message("user", (Result("call_1", HELLO[1].parts[1:], name="computer"),))  # type: ignore[arg-type]
    provider.complete((*other, Message("assistant", reply=reply), answered), tools=TOOLS)
    assert "previous_response_id" not in vendor.bodies[1]
    assert vendor.bodies[1]["input"][0]["content"][0]["text"] == "Something else"


def test_anothers_reply_is_told_by_its_words() -> None:
    vendor = Vendor([says(said("yes"))])
    model(vendor).complete((*HELLO, Message("assistant", reply=Reply(text="Well.")), Message("user", (Text("?"),))))
    assert vendor.bodies[0]["input"][1] == {"role": "assistant", "content": "Well."}


# Safety checks

CHECK = {"id": "cu_sc_1", "code": "malicious_instructions", "message": "A page gives orders."}


def test_safety_checks_are_recorded_and_acknowledged() -> None:
    vendor = Vendor([says(call(CLICK, checks=[CHECK])), says(said("It is done."), number=2)])
    first, _ = conversation(native(vendor), CARRIED)
    (called,) = first.calls
    assert called.notes == ("safety check: malicious_instructions A page gives orders.",)
    assert vendor.bodies[1]["input"][0]["acknowledged_safety_checks"] == [CHECK]


def test_safety_checks_stop_the_episode_where_that_is_wanted() -> None:
    vendor = Vendor([says(call(CLICK, checks=[CHECK]))])
    with pytest.raises(AgentFault, match="safety check malicious_instructions") as fault:
        conversation(native(vendor, safety="stop"))
    assert fault.value.cause == "refused"
    assert fault.value.calls[0].notes == ("safety check: malicious_instructions A page gives orders.",)


# Limits


def test_a_reply_that_was_cut_off_is_asked_for_once_more_with_twice_the_room() -> None:
    cut = says(said("I will"), why="max_output_tokens")
    vendor = Vendor([cut, says(said("yes"))])
    reply = model(vendor, max_tokens=500).complete(HELLO, tools=TOOLS)
    assert [body["max_output_tokens"] for body in vendor.bodies] == [500, 1000]
    assert (reply.text, reply.stop, reply.tries, reply.usage.output_tokens) == ("yes", "end", 2, 40)
    again = Vendor([cut])
    assert model(again).complete(HELLO, tools=TOOLS).stop == "length"
    assert len(again.asked) == 2


REFUSALS: list[Any] = [
    pytest.param(says({"type": "message", "id": "m", "role": "assistant", "status": "completed",
                       "content": [{"type": "refusal", "refusal": "I will not."}]}), "I will not.", id="in words"),
    pytest.param(says(said("Well"), why="content_filter"), "content filter", id="filtered at its end"),
    pytest.param(wrong(400, "It violates our usage policy", "invalid_prompt"), "usage policy", id="400"),
    pytest.param(says(failed=("invalid_prompt", "against the policy")), "against the policy", id="failed"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "why"), REFUSALS)
def test_a_refusal_ends_the_episode_as_one_and_is_not_argued_with(answer: httpx2.Response, why: str) -> None:
    vendor = Vendor([answer])
    with pytest.raises(AgentFault, match=why) as fault:
        conversation(native(vendor))
    assert (fault.value.cause, len(vendor.asked), len(fault.value.calls)) == ("refused", 1, 1)


FULL = wrong(400, "Your input exceeds the context window of this model.", "context_length_exceeded")


def test_when_the_context_is_full_a_shorter_conversation_is_told() -> None:
    number = count(1)

    def answer(asked: Asked) -> Says:
        kept = int(str(asked.body.get("previous_response_id", "resp_0")).partition("_")[2])
        return FULL if kept >= 4 and "previous_response_id" in asked.body and kept < 6 else clicks(number)

    vendor = Vendor([answer])
    decisions = conversation(native(vendor), *[CARRIED] * 4)
    assert all(each.actions == (Click(at=at(3, 4)),) for each in decisions)
    last: Body = vendor.bodies[-1]
    assert len(pictures(last["input"])) == 1
    assert "of your turns are left out" in json.dumps(last["input"])


def test_when_even_one_picture_is_too_many_the_episode_ends_by_its_context() -> None:
    with pytest.raises(AgentFault, match="too long for the model") as fault:
        conversation(native(Vendor([FULL])))
    assert fault.value.cause == "context"
