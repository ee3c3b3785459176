"""A chat endpoint's every way of answering, on scripted responses: what is sent, what is read, what failures are."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from answering import SHORT, USAGE, Answer, Endpoint, at, call, delta, pieces, refused, said, streamed

from agent.codecs.qwen3vl import qwen3vl
from agent.looking import grey
from agent.models.base import (
    Computer,
    ContextFull,
    Function,
    Message,
    ProtocolBroken,
    Result,
    Text,
    TooManyPictures,
    Unspeakable,
)
from agent.models.calling import Again
from agent.models.openai_chat import UNCOUNTED, OpenAIChat
from agent.models.troubles import Said, judged
from agent.native import Native
from envs.errors import AccessLost, AgentFault, BadInput, EndpointFault
from envs.types import Click, Observation, Point, Size

ASK = (Message("user", (Text("What next?"),)),)
SHOT = grey(Size(width=320, height=256))
CLICK = '{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [500, 500]}}'
TOOL = Function(name="computer_use", about="acts", schema={"type": "object"})


WAIT = json.dumps({"action": "wait"})
READ: dict[str, tuple[dict[str, Any], tuple[str, str, list[tuple[str, dict[str, Any]]]]]] = {
    "content": ({"content": "Hello"}, ("Hello", "", [])),
    "nothing at all": ({"content": None}, ("", "", [])),
    "reasoning_content and null": ({"content": None, "reasoning_content": "Hm, yes"}, ("", "Hm, yes", [])),
    "reasoning": ({"content": "Go", "reasoning": "Hm, yes"}, ("Go", "Hm, yes", [])),
    "both names for it": ({"content": "", "reasoning_content": "Hm", "reasoning": "Hm"}, ("", "Hm", [])),
    "a tool call": ({"content": None, "tool_calls": [call(WAIT)]}, ("", "", [("c", {"action": "wait"})])),
    "encoded twice": ({"content": "", "tool_calls": [call(json.dumps(WAIT))]}, ("", "", [("c", {"action": "wait"})])),
    "arguments as an object": (
        {"content": "", "tool_calls": [call({"action": "wait"})]},
        ("", "", [("c", {"action": "wait"})]),
    ),
    "arguments that are no JSON": ({"content": "", "tool_calls": [call("{'action")]}, ("", "", [("c", {})])),
    "a list as arguments": ({"content": "", "tool_calls": [call("[1]")]}, ("", "", [("c", {})])),
    "two calls with one id": (
        {"content": "x", "tool_calls": [call(WAIT, "c"), call("{}", "c")]},
        ("x", "", [("c", {"action": "wait"}), ("call_1", {})]),
    ),
    "no ids": (
        {"content": "x", "tool_calls": [call(WAIT, ""), call("{}", "")]},
        ("x", "", [("call_0", {"action": "wait"}), ("call_1", {})]),
    ),
    "content in parts": (
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]},
                {"type": "text", "text": "Go"},
            ]
        },
        ("Go", "Hm", []),
    ),
    "words beyond ASCII": ({"content": "Grüße, 北京 😀"}, ("Grüße, 北京 😀", "", [])),
    "half a character": ({"content": "a\ud83d"}, ("a\ufffd", "", [])),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "in pieces"])
@pytest.mark.parametrize("case", READ.values(), ids=READ)
def test_a_reply_is_read_wherever_its_parts_are(case: tuple[dict[str, Any], tuple[Any, ...]], stream: bool) -> None:
    message, (text, thinking, calls) = case
    chat, endpoint = at(pieces(message) if stream else said(message), stream=stream)
    reply = chat.complete(ASK)
    assert (reply.text, reply.thinking) == (text, thinking)
    assert [(each.id, each.arguments) for each in reply.calls] == calls
    assert reply.stop == ("calls" if calls else "end")
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cached_tokens) == (90, 7, 40)
    assert (reply.tries, reply.notes, len(endpoint.asked)) == (1, (), 1)
    json.dumps(reply.raw, ensure_ascii=False).encode()


def test_the_halves_of_a_character_that_come_one_by_one_are_joined() -> None:
    chat, _ = at(streamed(delta({"content": "a\ud83d"}), delta({"content": "\ude00"}, "stop")), stream=True)
    assert chat.complete(ASK).text == "a😀"


GEMINI = {"google": {"thought_signature": "c2lnbmVk"}}
PARTS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "two calls at one index (Gemini)": (
        [{"index": 0, **call('{"a": 1}', "x")}, {"index": 0, **call('{"b": 2}', "y")}],
        [("x", '{"a": 1}'), ("y", '{"b": 2}')],
    ),
    "without an index": ([call('{"a": 1}', "x"), call('{"b": 2}', "y")], [("x", '{"a": 1}'), ("y", '{"b": 2}')]),
    "going on without an index": (
        [call('{"a"', "x"), {"function": {"arguments": ": 1}"}}],
        [("x", '{"a": 1}')],
    ),
    "the id again in each part": (
        [{"index": 0, **call('{"a"', "x")}, {"index": 0, "id": "x", "function": {"arguments": ": 1}"}}],
        [("x", '{"a": 1}')],
    ),
    "two calls, their parts by turns": (
        [
            {"index": 0, **call('{"a"', "x")},
            {"index": 1, **call('{"b"', "y")},
            {"index": 0, "function": {"arguments": ": 1}"}},
            {"index": 1, "function": {"arguments": ": 2}"}},
        ],
        [("x", '{"a": 1}'), ("y", '{"b": 2}')],
    ),
}


@pytest.mark.parametrize("case", PARTS.values(), ids=PARTS)
def test_calls_in_pieces_are_put_together(case: tuple[list[dict[str, Any]], list[tuple[str, str]]]) -> None:
    parts, calls = case
    chat, _ = at(streamed(*(delta({"tool_calls": [each]}) for each in parts), delta({}, "tool_calls")), stream=True)
    assert [(each.id, each.text) for each in chat.complete(ASK).calls] == calls


def test_a_call_goes_back_with_all_that_its_vendor_put_into_it() -> None:
    part = {"index": 0, **call(WAIT, "x", extra_content=GEMINI)}
    chat, endpoint = at(streamed(delta({"tool_calls": [part]}, "tool_calls")), stream=True)
    reply = chat.complete(ASK, tools=(TOOL,))
    answer = Message("user", (Result("x", (Text("done"), SHOT)), Text("go on")))
    chat.complete((*ASK, Message("assistant", reply=reply), answer), tools=(TOOL,))
    own, told, shown = endpoint.asked[1]["messages"][1:]
    assert own["tool_calls"] == [call(WAIT, "x", extra_content=GEMINI)]
    assert told == {"role": "tool", "tool_call_id": "x", "content": "done"}
    assert [part["type"] for part in shown["content"]] == ["image_url", "text"]


def test_each_call_is_answered_once_and_an_empty_turn_is_not_sent_empty() -> None:
    two = said({"content": "", "tool_calls": [call(WAIT, "x"), call(WAIT, "y")]}, "tool_calls")
    chat, endpoint = at(two, said({"content": None}), said("ok"))
    first = chat.complete(ASK, tools=(TOOL,))
    history = (*ASK, Message("assistant", reply=first), Message("user", (Result("y", (Text("OK"),)),)))
    second = chat.complete(history, tools=(TOOL,))
    chat.complete((*history, Message("assistant", reply=second), Message("user", (Text("Well?"),))), tools=(TOOL,))
    sent = endpoint.asked[2]["messages"]
    answers = [(each["tool_call_id"], each["content"]) for each in sent if each["role"] == "tool"]
    assert answers == [("x", "Not carried out."), ("y", "OK")]
    assert sent[-2:] == [{"role": "assistant", "content": "(nothing)"}, {"role": "user", "content": "Well?"}]


def test_parts_are_sent_in_their_order_and_pictures_as_data() -> None:
    chat, endpoint = at(said("ok"))
    other = grey(Size(width=64, height=32))
    chat.complete(
        (Message("system", (Text("Be brief."),)), Message("user", (SHOT, Text("and"), other, Text("differ"))))
    )
    system, user = endpoint.asked[0]["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    assert [part.get("text") or part["image_url"]["url"] for part in user["content"]] == [
        f"data:image/png;base64,{SHOT.base64}",
        "and",
        f"data:image/png;base64,{other.base64}",
        "differ",
    ]


@pytest.mark.parametrize(
    ("configured", "asked", "sent"),
    [
        (None, None, {}),
        (0.0, None, {"temperature": 0.0}),
        (None, 0.7, {"temperature": 0.7}),
        (0.0, 0.7, {"temperature": 0.7}),
    ],
    ids=["the server's own", "as configured", "for this call", "for this call above all"],
)
def test_a_temperature_is_sent_only_where_one_is_given(
    configured: float | None, asked: float | None, sent: dict[str, float]
) -> None:
    chat, endpoint = at(said("ok"), temperature=configured)
    chat.complete(ASK, temperature=asked)
    assert {key: value for key, value in endpoint.asked[0].items() if key == "temperature"} == sent


def test_what_else_is_configured_goes_into_the_body_as_it_is() -> None:
    extra = {"top_k": 1, "chat_template_kwargs": {"enable_thinking": False}}
    chat, endpoint = at(streamed(delta({"content": "ok"}, "stop")), stream=True, extra=extra, max_tokens=99)
    chat.complete(ASK, tools=(TOOL,))
    body = endpoint.asked[0]
    assert {key: body[key] for key in extra} == extra
    assert (body["model"], body["max_tokens"], body["stream"]) == ("m", 99, True)
    assert body["stream_options"] == {"include_usage": True}
    assert body["tools"][0]["function"] == {"name": "computer_use", "description": "acts", "parameters": TOOL.schema}


def test_a_family_with_a_vendors_own_tool_cannot_be_spoken_here() -> None:
    with pytest.raises(BadInput, match="no computer tool: choose a family that needs none"):
        at(said("ok"))[0].complete(ASK, tools=(Computer(SHOT.size),))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "in pieces"])
def test_tokens_that_nobody_counted_are_noted(stream: bool) -> None:
    answer = streamed(delta({"content": "ok"}, "stop")) if stream else said("ok", usage=None)
    reply = at(answer, stream=stream)[0].complete(ASK)
    assert (reply.usage.input_tokens, reply.usage.usd, reply.notes) == (0, None, (UNCOUNTED,))


LOWER: dict[str, tuple[Answer, dict[str, Any], str]] = {
    "max_completion_tokens": (
        refused(400, "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
        {"max_tokens": None, "max_completion_tokens": 4096},
        "max_completion_tokens in place of max_tokens",
    ),
    "temperature": (
        refused(400, "Unsupported value: 'temperature' does not support 0 with this model."),
        {"temperature": None},
        "the model takes no temperature",
    ),
    "stream_options": (
        Answer({"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}, 422),
        {"stream_options": None, "stream": True},
        "the server counts no tokens in streams",
    ),
    "streaming": (refused(400, "streaming is not supported"), {"stream": None}, "the server does not stream"),
}


@pytest.mark.parametrize("case", LOWER.values(), ids=LOWER)
def test_what_a_server_does_not_take_is_left_out_from_then_on(case: tuple[Answer, dict[str, Any], str]) -> None:
    refusal, wanted, note = case
    answer = said("ok") if wanted.get("stream", True) is None else streamed(delta({"content": "ok"}, "stop"))
    chat, endpoint = at(refusal, answer, stream=True, temperature=0.0)
    first, second = chat.complete(ASK), chat.complete(ASK)
    for body in endpoint.asked[1:]:
        assert {key: body.get(key) for key in wanted} == wanted
    assert first.notes[0] == note
    assert note not in second.notes
    assert (first.tries, second.tries, len(endpoint.asked)) == (2, 1, 3)


@pytest.mark.parametrize(
    "words", ["unexpected role 'user' after role 'tool'", "upstream said: bad request", "temperatures: no such tool"]
)
def test_a_refusal_of_something_else_steps_nothing_down(words: str) -> None:
    chat, endpoint = at(refused(400, words), stream=True, temperature=0.0)
    before = chat.manner
    with pytest.raises(ProtocolBroken, match="takes the request for malformed"):
        chat.complete(ASK)
    assert chat.manner == before
    assert len(endpoint.asked) == 1


def test_a_server_that_answers_all_at_once_is_not_asked_to_stream_again() -> None:
    chat, endpoint = at(said("ok"), stream=True)
    assert [chat.complete(ASK).text for _ in range(2)] == ["ok", "ok"]
    assert [body.get("stream") for body in endpoint.asked] == [True, None]


NO_CHOICE: dict[str, tuple[Answer, bool]] = {
    "no choice": (Answer({"choices": [], "usage": USAGE}), False),
    "choices null": (Answer({"choices": None}), False),
    "no message": (said(None), False),
    "no choice in a stream": (streamed({"choices": [], "usage": USAGE}), True),
    "no delta in a stream": (streamed(delta(None, "stop")), True),
}


@pytest.mark.parametrize("case", NO_CHOICE.values(), ids=NO_CHOICE)
def test_a_reply_without_a_message_is_asked_for_twice_more(case: tuple[Answer, bool]) -> None:
    empty, stream = case
    good = streamed(delta({"content": "ok"}, "stop")) if stream else said("ok")
    chat, endpoint = at(empty, empty, good, empty, stream=stream)
    assert chat.complete(ASK).tries == 3
    with pytest.raises(Unspeakable, match="sent 3 times a reply without a") as ended:
        chat.complete(ASK)
    assert len(endpoint.asked) == 6
    assert (ended.value.cause, ended.value.calls[0].tries) == ("unreadable", 3)


PARSER = refused(500, "json parser could not parse region as JSON", type="server_error")


def test_two_failures_on_one_request_at_a_server_that_is_well_are_the_replys() -> None:
    chat, endpoint = at(PARSER)
    with pytest.raises(Unspeakable, match="is well but fails on this request: 500 json parser") as ended:
        chat.complete(ASK)
    assert (ended.value.cause, len(endpoint.asked)) == ("unreadable", 2)


BOTCHED = 'data: {"error": "json parser could not parse region as JSON.\nContent: {x"}\n\n'
"""As `transformers serve` streams what its parser says of a malformed call: with the line's end unescaped."""


def test_the_same_in_a_stream_where_the_server_cannot_even_write_it_down() -> None:
    chat, endpoint = at(streamed(delta({"content": "I"}), BOTCHED), stream=True)
    with pytest.raises(Unspeakable, match="is well but fails on this request: what is not JSON") as ended:
        chat.complete(ASK)
    assert (ended.value.cause, len(endpoint.asked)) == ("unreadable", 2)


def test_the_same_at_a_server_that_is_not_well_is_an_outage() -> None:
    endpoint = Endpoint([PARSER], models=Answer("", 503), well=False)
    with pytest.raises(EndpointFault, match=r"gave no reply in 0.15 s .*: last said 500 json parser"):
        endpoint.chat(stream=False, patience=SHORT).complete(ASK)
    assert len(endpoint.asked) >= 2


CUT = said('Action: go\n<tool_call>\n{"name": "comp', "length")


def test_a_reply_that_was_cut_off_is_asked_for_once_more_with_twice_the_room() -> None:
    chat, endpoint = at(CUT, said("whole"), max_tokens=50)
    reply = chat.complete(ASK)
    assert (reply.text, reply.stop, reply.tries) == ("whole", "end", 2)
    assert [body["max_tokens"] for body in endpoint.asked] == [50, 100]
    assert reply.notes == ("cut off at 50 tokens, asked again for twice as many",)
    assert reply.usage.output_tokens == 14, "both were paid for"


@pytest.mark.parametrize(
    "second",
    [
        CUT,
        refused(400, "This model's maximum context length is 60 tokens. However, you requested 120 tokens"),
        refused(400, "max_tokens is too large: 100. This model supports at most 64 completion tokens"),
    ],
    ids=["cut off again", "no room in the context", "more than is allowed"],
)
def test_a_reply_that_cannot_be_longer_is_given_as_it_is(second: Answer) -> None:
    chat, endpoint = at(CUT, second, max_tokens=50)
    reply = chat.complete(ASK)
    assert (reply.stop, reply.text[:6]) == ("length", "Action")
    assert len(endpoint.asked) == 2


def test_what_a_cut_reply_took_is_told_where_the_second_try_fails() -> None:
    chat, _ = at(CUT, PARSER, max_tokens=50)
    with pytest.raises(Unspeakable) as ended:
        chat.complete(ASK)
    assert (ended.value.calls[0].output_tokens, ended.value.calls[0].tries) == (7, 3)


def test_a_reply_that_leaves_no_room_is_asked_for_with_what_is_left() -> None:
    full = "'max_tokens' is too large: 4096. This model's maximum context length is 8192 tokens and your request has"
    chat, endpoint = at(refused(400, f"{full} 5000 input tokens"), said("ok"))
    reply = chat.complete(ASK)
    assert [body["max_tokens"] for body in endpoint.asked] == [4096, 3192]
    assert reply.notes == ("only 3192 tokens are left for the reply",)


REFUSALS: dict[str, tuple[Answer, str]] = {
    "a filter": (said({"content": ""}, "content_filter"), "content_filter"),
    "a filter that says which": (said({"content": ""}, "content_filter: SAFETY"), "content_filter: safety"),
    "in words": (said({"content": None, "refusal": "I will not."}), "I will not."),
    "as a status": (refused(400, "The response was filtered", code="content_filter"), "The response was filtered"),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_as_one_and_not_tried_again(case: tuple[Answer, str]) -> None:
    chat, endpoint = at(case[0])
    reply = chat.complete(ASK)
    assert (reply.stop, reply.refusal, len(endpoint.asked)) == ("refusal", case[1], 1)


BUSY = "You exceeded your current quota, please check your plan and billing details. Please retry in 0.01s."
AGAIN: dict[str, tuple[Answer, str]] = {
    "429": (Answer({"error": {"message": "slow down"}}, 429, {"retry-after-ms": "5"}), "429 slow down"),
    "Gemini's quota of a minute, in a list": (
        Answer([{"error": {"code": 429, "message": BUSY, "status": "RESOURCE_EXHAUSTED"}}], 429),
        f"429 {BUSY}",
    ),
    "529": (refused(529, "Overloaded"), "529 Overloaded"),
    "502, in HTML": (Answer("<html>Bad Gateway</html>", 502), "502 <html>Bad Gateway</html>"),
    "503": (refused(503, "Loading model"), "503 Loading model"),
    "an error with status 200": (Answer({"error": {"message": "Overloaded", "code": 502}}), "502 Overloaded"),
    "no JSON": (Answer("{{{", headers={"content-type": "application/json"}), "what is not JSON"),
    "a page": (Answer("<html>Sign in</html>", headers={"content-type": "text/html"}), "what is no chat completion"),
    "JSON of something else": (Answer([1, 2]), "what is no chat completion"),
    "a connection that breaks": (
        Answer(error=httpx2.ConnectError("reset by peer")),
        r"no connection \(reset by peer\)",
    ),
    "silence": (Answer(error=httpx2.ReadTimeout("slow")), "nothing in time"),
}


@pytest.mark.parametrize("case", AGAIN.values(), ids=AGAIN)
def test_what_may_pass_is_tried_again_until_patience_ends(case: tuple[Answer, str]) -> None:
    trouble, words = case
    chat, endpoint = at(trouble, said("ok"))
    reply = chat.complete(ASK)
    assert (reply.text, reply.tries, len(endpoint.asked)) == ("ok", 2, 2)
    assert reply.waited > 0
    chat, endpoint = at(trouble, patience=SHORT)
    with pytest.raises(EndpointFault, match=rf"m at .* gave no reply in 0.15 s .*: last said {words}") as ended:
        chat.complete(ASK)
    assert ended.value.calls[0].tries == len(endpoint.asked)


STREAMS: dict[str, tuple[Answer, str]] = {
    "cut in the middle of a call": (
        streamed(delta({"tool_calls": [{"index": 0, **call('{"act')}]}), done=False),
        "the stream ended before",
    ),
    "ended without an end": (streamed(delta({"content": "I wi"})), "the stream ended before the reply did"),
    "an error in the middle": (
        streamed(delta({"content": "I"}), {"error": {"message": "Overloaded", "code": 529}}),
        "529 Overloaded",
    ),
    "an event that is no JSON": (streamed(delta({"content": "I"}), "data: {oops\n\n"), "what is not JSON"),
    "an event of something else": (streamed([1]), "what is no chat completion"),
    "given up by the server": (streamed(delta({"content": "I"}, "abort")), "the server gave up on the reply"),
}


@pytest.mark.parametrize("case", STREAMS.values(), ids=STREAMS)
def test_of_a_broken_stream_nothing_is_kept(case: tuple[Answer, str]) -> None:
    broken, words = case
    chat, _ = at(broken, streamed(delta({"content": "whole"}, "stop")), stream=True)
    assert chat.complete(ASK).text == "whole"
    with pytest.raises(EndpointFault, match=f"last said {words}"):
        at(broken, stream=True, patience=SHORT)[0].complete(ASK)


@pytest.mark.parametrize("status", [401, 402, 403, 404], ids=str)
def test_access_that_is_lost_is_told_at_once(status: int) -> None:
    chat, endpoint = at(refused(status, "no more of that"))
    with pytest.raises(AccessLost, match="no more of that"):
        chat.complete(ASK)
    assert len(endpoint.asked) == 1


MANY = "At most 2 image(s) may be provided in one prompt."


class Strict(Endpoint):
    """Takes two pictures."""

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        response = super().__call__(request)
        too_many = bool(self.asked) and shown(self.asked[-1]) > 2
        return httpx2.Response(400, json={"error": {"message": MANY}}) if too_many else response


def shown(body: dict[str, Any]) -> int:
    return json.dumps(body).count('"image_url": {')


def native(chat: OpenAIChat) -> Native:
    agent = Native(chat, qwen3vl(), name="q")
    agent.begin("Click the middle.")
    return agent


def seen(shade: int = 0) -> Observation:
    return Observation(png=SHOT.png, size=SHOT.size, carried=1 if shade else 0)


def test_a_limit_on_pictures_is_heeded_from_then_on_by_all_episodes() -> None:
    endpoint = Strict([said(f"Action: go\n<tool_call>\n{CLICK}\n</tool_call>")])
    chat = endpoint.chat(stream=False)
    for _ in range(2):
        agent = native(chat)
        for step in range(5):
            assert agent.act(seen(step)).actions == (Click(at=Point(x=160, y=128)),)
    counts = [shown(body) for body in endpoint.asked]
    assert counts == [1, 2, 3, 2, 2, 2, 1, 2, 2, 2, 2]
    with pytest.raises(TooManyPictures) as few:
        chat.complete((Message("user", (SHOT, SHOT, SHOT)),))
    assert few.value.limit == 2
    assert len(endpoint.asked) == len(counts), "what it will not take is not sent"


FULL = refused(400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.")


def test_a_full_context_is_met_with_fewer_pictures_and_then_ends_the_episode() -> None:
    good = said(f"<tool_call>\n{CLICK}\n</tool_call>")
    chat, endpoint = at(good, good, FULL, good, FULL)
    agent = native(chat)
    for step in range(3):
        agent.act(seen(step))
    assert [shown(body) for body in endpoint.asked] == [1, 2, 3, 2]
    with pytest.raises(AgentFault, match="the conversation is too long for the model") as ended:
        agent.act(seen(3))
    assert ended.value.cause == "context"
    assert [shown(body) for body in endpoint.asked[4:]] == [2, 1]
    with pytest.raises(ContextFull):
        chat.complete(ASK)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("Please try again in 1m2.5s.", 62.5), ("try again in 20ms", 0.02), ("Retry in 7s", 7.0), ("later", None)],
)
def test_how_long_to_wait_is_read_from_words_where_no_header_says(words: str, seconds: float | None) -> None:
    trouble = judged(Said(429, words, "", {}), endpoint="e", model="m")
    assert isinstance(trouble, Again)
    assert (trouble.after, trouble.everyone) == (seconds, seconds is not None)
