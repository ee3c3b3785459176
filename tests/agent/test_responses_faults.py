"""OpenAI's own API: what comes of its failures, what is found out before a run, and what is kept of it all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from responses_wire import MODEL, PICTURE, URL, call, events, model, response, said, says, wrong
from vendors import HELLO, KEY, QUICK, SIZE, Body, Says, Torn, Vendor, page, sse, streamed

from agent.backends.openai import openai
from agent.models.base import Computer, ContextFull, ProtocolBroken
from agent.models.prices import rows
from agent.models.redaction import TRACE
from agent.models.responses import Responses
from agent.registry import make, parse
from envs.errors import AccessLost, BadInput, EndpointFault
from envs.types import Size

TOOLS = (Computer(SIZE),)
YES = says(said("yes"))
BUSY = wrong(503, "The engine is overloaded", kind="server_error")
WHOLE = sse(events(response([said("yes")])))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


# Failures on the wire


def broken(*kept: Body) -> httpx2.Response:
    return streamed(sse(list(kept)))


BEGUN = events(response([call({"type": "wait"})]))
PASSING = [
    pytest.param(wrong(429, "Rate limit reached", "rate_limit_exceeded"), id="429"),
    pytest.param(BUSY, id="503"),
    pytest.param(wrong(500, "The server had an error", kind="server_error"), id="500"),
    pytest.param(httpx2.Response(502, text="<html>Bad gateway</html>"), id="502, a proxy's page"),
    pytest.param(wrong(504, "timed out"), id="504"),
    pytest.param(wrong(408, "timed out"), id="408"),
    pytest.param(wrong(409, "conflict"), id="409"),
    pytest.param(httpx2.ReadTimeout("nothing"), id="timed out"),
    pytest.param(httpx2.ConnectError("refused"), id="no connection"),
    pytest.param(broken(*BEGUN[:2]), id="cut in a tool call"),
    pytest.param(broken(), id="empty"),
    pytest.param(streamed(Torn(WHOLE[:600], httpx2.RemoteProtocolError("closed"))), id="connection lost"),
    pytest.param(streamed(Torn(WHOLE[:600], httpx2.ReadTimeout("silent"))), id="silence in the middle"),
    pytest.param(streamed(b"event: response.created\ndata: {no\n\n"), id="no JSON"),
    pytest.param(broken({"type": "response.completed", "response": None}), id="no response in it"),
    pytest.param(broken({"type": "error", "code": "server_error", "message": "sorry"}), id="an error in the middle"),
    pytest.param(says(failed=("server_error", "sorry")), id="failed"),
    pytest.param(says(failed=("rate_limit_exceeded", "slowly")), id="failed by a limit"),
    pytest.param(page(), id="a web page"),
]


@pytest.mark.parametrize("trouble", PASSING)
def test_what_passes_is_tried_again_by_one_owner(trouble: Says) -> None:
    vendor = Vendor([trouble, YES])
    reply = model(vendor).complete(HELLO, tools=TOOLS)
    assert (reply.text, reply.tries, len(vendor.asked)) == ("yes", 2, 2)
    assert reply.waited > 0.002
    assert vendor.asked[0].raw == vendor.asked[1].raw


@pytest.mark.parametrize("trouble", PASSING)
def test_what_does_not_pass_is_the_endpoints_fault(trouble: Says) -> None:
    vendor = Vendor([trouble])
    with pytest.raises(EndpointFault, match=f"{MODEL} at {URL} gave no reply in 0.1 s") as fault:
        model(vendor, patience=replace(QUICK, seconds=0.1)).complete(HELLO, tools=TOOLS)
    (called,) = fault.value.calls
    assert called.tries == len(vendor.asked) > 2, "and by nobody else"


def test_an_endpoint_that_says_when_is_asked_then_or_not_at_all() -> None:
    soon = wrong(429, "slowly", headers={"retry-after-ms": "60"})
    assert model(Vendor([soon, YES])).complete(HELLO, tools=TOOLS).waited >= 0.06
    late = Vendor([wrong(429, "slowly", headers={"retry-after": "3600"})])
    with pytest.raises(EndpointFault, match="asks to wait 3600 s"):
        model(late, base_url="https://later.test/v1").complete(HELLO, tools=TOOLS)
    assert len(late.asked) == 1


FINAL = [
    pytest.param(wrong(401, "Incorrect API key", "invalid_api_key"), AccessLost, "look at the key", id="401"),
    pytest.param(wrong(402, "no credit"), AccessLost, "paid first", id="402"),
    pytest.param(
        wrong(429, "You exceeded your current quota", "insufficient_quota"), AccessLost, "paid first", id="no quota"
    ),
    pytest.param(wrong(403, "not yours"), AccessLost, "let us in", id="403"),
    pytest.param(wrong(404, "no such model", "model_not_found"), AccessLost, f"has no '{MODEL}'", id="404"),
    pytest.param(wrong(413, "Request too large"), ContextFull, "413", id="413"),
    pytest.param(wrong(400, "too long", "context_length_exceeded"), ContextFull, "too long", id="too long"),
    pytest.param(
        wrong(400, "The image is too large", "image_too_large"),
        ProtocolBroken,
        "picture=1280x720",
        id="a big picture",
    ),
    pytest.param(says(failed=("invalid_image", "not a PNG")), ProtocolBroken, "not a PNG", id="failed by its input"),
    pytest.param(wrong(400, "Unknown parameter: 'x'"), ProtocolBroken, "malformed", id="400"),
    pytest.param(wrong(422, "unprocessable"), ProtocolBroken, "malformed", id="422"),
]


@pytest.mark.parametrize(("trouble", "error", "text"), FINAL)
def test_what_no_second_try_mends_ends_at_once_as_what_it_is(
    trouble: httpx2.Response, error: type[Exception], text: str
) -> None:
    vendor = Vendor([trouble])
    with pytest.raises(error, match=text):
        model(vendor).complete(HELLO, tools=TOOLS)
    assert len(vendor.asked) == 1


# Before a run


def tells(answer: Says, name: str = MODEL) -> dict[str, Says]:
    return {f"/v1/models/{name}": answer}


ROW = httpx2.Response(200, json={"id": MODEL, "object": "model", "created": 0, "owned_by": "openai"})
LISTED = httpx2.Response(200, json={"object": "list", "data": [{"id": MODEL}, {"id": "gpt-6"}]})
PREFLIGHT = [
    pytest.param(
        MODEL, tells(wrong(401, "Incorrect key")), "does not take the key in OPENAI_API_KEY", id="a wrong key"
    ),
    pytest.param(
        "gpt-6.2-asta",
        {**tells(wrong(404, "no", "model_not_found"), "gpt-6.2-asta"), "/v1/models": LISTED},
        "has no model 'gpt-6.2-asta'; it has gpt-6.2-astra",
        id="a model that is not there",
    ),
    pytest.param(MODEL, tells(page()), "is not this vendor's API", id="a web page"),
    pytest.param(MODEL, tells(httpx2.ConnectError("refused")), "nothing answers at", id="nobody there"),
    pytest.param(MODEL, tells(httpx2.ReadTimeout("silent")), "does not answer", id="silence"),
    pytest.param(MODEL, tells(BUSY), "is not ready: .* 503 The engine", id="overloaded"),
    pytest.param(
        MODEL, tells(httpx2.Response(307, headers={"location": "https://moved.test"})), "redirects to", id="moved"
    ),
]


@pytest.mark.parametrize(("name", "told", "line"), PREFLIGHT)
def test_what_cannot_be_is_found_before_the_run_in_one_line(name: str, told: dict[str, Says], line: str) -> None:
    with pytest.raises(BadInput, match=line) as bad:
        model(Vendor([YES], told), model=name).check()
    assert "\n" not in str(bad.value)
    assert KEY not in str(bad.value)


UNSPOKEN = [
    pytest.param(wrong(429, "quota", "insufficient_quota"), "wants to be paid first", id="no credit"),
    pytest.param(wrong(403, "not yours"), "let us in.*the key in OPENAI_API_KEY", id="no right"),
    pytest.param(wrong(404, "no"), "a base URL of it ends in /v1, .* is for openai_chat", id="another API"),
    pytest.param(wrong(400, "Unsupported value: 'max'"), "does not take what is configured", id="an effort"),
    pytest.param(BUSY, "is not ready", id="overloaded"),
]


@pytest.mark.parametrize(
    "told",
    [pytest.param(tells(ROW), id="that tells"), pytest.param(tells(wrong(403, "no right")), id="not")],
)
@pytest.mark.parametrize(("answer", "line"), UNSPOKEN)
def test_a_model_that_does_not_say_a_word_is_found_before_the_run(
    answer: httpx2.Response, line: str, told: dict[str, Says]
) -> None:
    with pytest.raises(BadInput, match=line) as bad:
        model(Vendor([answer], told), effort="max").check()
    assert not isinstance(bad.value, AccessLost)
    assert "\n" not in str(bad.value)


def test_a_model_that_is_well_is_told_of_and_nothing_is_kept() -> None:
    vendor = Vendor([YES], tells(ROW))
    about = model(vendor).check()
    assert (about.endpoint, about.model, about.tool, about.notes) == (URL, MODEL, "computer", ())
    (body,) = vendor.bodies
    assert body["store"] is False


def test_a_key_that_may_not_read_of_models_but_speak_to_them_is_let_pass() -> None:
    about = model(Vendor([YES], tells(wrong(403, "Missing scopes: api.model.read")))).check()
    assert about.notes == ("the endpoint does not tell of its models",)


# Accounts and records


def test_tokens_are_counted_by_kind_and_priced_by_a_list(monkeypatch: Any, tmp_path: Path) -> None:
    assert model(Vendor([YES])).complete(HELLO).usage.usd is None, "there is no row for it in ours"
    prices = f'[[price]]\nmodel = "{MODEL}"\nendpoint = "api.openai.com"\ninput = 2.0\nread = 0.5\noutput = 10.0\n'
    (tmp_path / "prices.toml").write_text(prices + 'source = "a test"\nas_of = "2026-11"\n')
    monkeypatch.setenv("HANDEYE_PRICES", str(tmp_path / "prices.toml"))
    rows.cache_clear()
    usage = model(Vendor([YES])).complete(HELLO).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (100, 60, 20)
    assert usage.usd == pytest.approx((40 * 2.0 + 60 * 0.5 + 20 * 10.0) / 1e6)


def test_neither_records_nor_traces_hold_the_key_or_a_picture(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv(TRACE, str(tmp_path / "trace.jsonl"))
    vendor = Vendor([wrong(500, f"Oops, {KEY}"), YES])
    reply = model(vendor).complete(HELLO, tools=TOOLS)
    trace = (tmp_path / "trace.jsonl").read_text()
    assert [json.loads(line)["what"] for line in trace.splitlines()] == ["request", "trouble", "request", "reply"]
    assert PICTURE.sha256 in trace
    for text in (trace, reply.raw, repr(reply.notes)):
        assert KEY not in text
        assert PICTURE.base64[:60] not in text


# The backend

BAD = [
    pytest.param("openai", "openai needs model", id="no model"),
    pytest.param("openai(model=x, saftey=ack)", "no option 'saftey'; did you mean 'safety'", id="an unknown option"),
    pytest.param("openai(model=x, safety=ask)", "safety is 'ack' or 'stop', not 'ask'", id="safety"),
    pytest.param("openai(model=x, effort=huge)", "no effort 'huge'; there is none, minimal, low", id="effort"),
    pytest.param("openai(model=x, tool=mouse)", "no computer tool 'mouse'; there is computer and", id="tool"),
    pytest.param("openai(model=x, pictures=0)", "pictures must be at least 1", id="pictures"),
    pytest.param("openai(model=x, picture=1x1)", "cannot read the picture's size '1x1'", id="picture"),
    pytest.param("openai(model=x, max_tokens=1)", "max_tokens must be at least 16, and is 1", id="max_tokens"),
    pytest.param("openai(model=x, base_url=localhost)", "base_url 'localhost' is not a URL", id="base_url"),
    pytest.param("openai(model=x, prompt=/nowhere.md)", "cannot read the prompt /nowhere.md", id="prompt"),
    pytest.param("openai(model=x, api_key_env=NO_SUCH_KEY)", "into the environment variable NO_SUCH_KEY", id="key"),
]


@pytest.mark.parametrize(("spec", "line"), BAD)
def test_options_that_make_no_sense_are_refused_in_one_line(spec: str, line: str) -> None:
    with pytest.raises(BadInput, match=line) as bad:
        make("agents", parse(spec))
    assert "\n" not in str(bad.value)


def test_the_backends_options_reach_provider_and_codec() -> None:
    agent = openai(
        MODEL,
        base_url="https://here.test/v1",
        one_at_a_time=True,
        pictures=5,
        picture="800x500",
        effort="low",
        summary=False,
        store=False,
        tool="computer_use_preview",
    )
    provider = agent.model
    assert isinstance(provider, Responses)
    assert (provider.config.effort, provider.config.summary, provider.config.store) == ("low", False, False)
    assert provider.manner.tool == "computer_use_preview"
    assert (agent.codec.family.batch, agent.codec.family.pictures) == ("first", 5)
    assert (agent.name, agent.cards[0].endpoint) == (f"openai:{MODEL}", "https://here.test/v1")
    assert agent.show(PICTURE.png).size == Size(width=800, height=500)
