"""Claude's own API: what comes of its failures, what is found out before a run, and what is kept of it all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from chores import chore
from claude_wire import MODEL, PICTURE, URL, YES, events, model, says, tells, use, wrong
from scripted import SCREEN
from vendors import HELLO, KEY, QUICK, SIZE, Body, Says, Torn, Vendor, page, sse, streamed

from agent.backends.claude import claude
from agent.models.anthropic import Anthropic
from agent.models.base import Computer, ContextFull, ProtocolBroken
from agent.models.redaction import TRACE
from agent.registry import make, parse
from envs.errors import AccessLost, BadInput, EndpointFault
from envs.fake import FakeDesktop
from envs.types import Size

TOOLS = (Computer(SIZE),)
TOOLSET = "computer_toolset_20260801"
OVERLOADED = wrong(529, "overloaded_error", "Overloaded")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


# Failures on the wire


def failing(*troubles: Says) -> Vendor:
    return Vendor([*troubles, says(*YES)], tells())


TEXT = sse(events(YES))
PASSING = [
    pytest.param(wrong(429, "rate_limit_error", "slow down"), id="429"),
    pytest.param(OVERLOADED, id="529"),
    pytest.param(wrong(500, "api_error", "Internal server error"), id="500"),
    pytest.param(httpx2.Response(502, text="<html>Bad gateway</html>"), id="502, a proxy's page"),
    pytest.param(wrong(503, "api_error", "unavailable"), id="503"),
    pytest.param(wrong(504, "timeout_error", "timed out"), id="504"),
    pytest.param(wrong(408, "timeout_error", "timed out"), id="408"),
    pytest.param(wrong(409, "api_error", "conflict"), id="409"),
    pytest.param(httpx2.ReadTimeout("nothing"), id="timed out"),
    pytest.param(httpx2.ConnectError("refused"), id="no connection"),
    pytest.param(streamed(sse(events(YES)[:4])), id="cut after some words"),
    pytest.param(streamed(sse(events([use("key", text="a")])[:3])), id="cut in a tool call"),
    pytest.param(streamed(b""), id="empty"),
    pytest.param(streamed(Torn(TEXT[:300], httpx2.RemoteProtocolError("closed"))), id="connection lost"),
    pytest.param(streamed(Torn(TEXT[:300], httpx2.ReadTimeout("silent"))), id="silence in the middle"),
    pytest.param(streamed(TEXT[:150] + b"\n\nevent: message_delta\ndata: {no\n\n"), id="no JSON"),
    pytest.param(streamed(sse([*events(YES)[:1], *events(YES)[2:]])), id="events out of order"),
    pytest.param(
        streamed(sse([*events(YES)[:3], {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}])),
        id="overloaded in the middle",
    ),
    pytest.param(page(), id="a web page"),
]


@pytest.mark.parametrize("trouble", PASSING)
def test_what_passes_is_tried_again_by_one_owner(trouble: Says) -> None:
    vendor = failing(trouble)
    reply = model(vendor).complete(HELLO, tools=TOOLS)
    assert (reply.text, reply.tries, len(vendor.asked)) == ("yes", 2, 2)
    assert reply.waited > 0.002
    assert vendor.asked[0].raw == vendor.asked[1].raw


@pytest.mark.parametrize("trouble", PASSING)
def test_what_does_not_pass_is_the_endpoints_fault(trouble: Says) -> None:
    vendor = Vendor([trouble], tells())
    with pytest.raises(EndpointFault, match=f"{MODEL} at {URL} gave no reply in 0.1 s") as fault:
        model(vendor, patience=replace(QUICK, seconds=0.1)).complete(HELLO, tools=TOOLS)
    (called,) = fault.value.calls
    assert called.tries == len(vendor.asked) > 2, "and by nobody else"


def test_an_endpoint_that_says_when_is_asked_then() -> None:
    busy = wrong(429, "rate_limit_error", "slow down", {"retry-after-ms": "60"})
    assert model(failing(busy)).complete(HELLO, tools=TOOLS).waited >= 0.06


def test_an_endpoint_that_wants_longer_than_all_patience_is_not_waited_for() -> None:
    vendor = failing(wrong(429, "rate_limit_error", "slow down", {"retry-after": "3600"}))
    with pytest.raises(EndpointFault, match="asks to wait 3600 s"):
        model(vendor, base_url="https://later.test").complete(HELLO, tools=TOOLS)
    assert len(vendor.asked) == 1


FINAL = [
    pytest.param(wrong(401, "authentication_error", "invalid x-api-key"), AccessLost, "look at the key", id="401"),
    pytest.param(wrong(402, "billing_error", "no credit"), AccessLost, "paid first", id="402"),
    pytest.param(
        wrong(400, "invalid_request_error", "Your credit balance is too low"),
        AccessLost,
        "paid first",
        id="no credit",
    ),
    pytest.param(wrong(403, "permission_error", "not yours"), AccessLost, "let us in", id="403"),
    pytest.param(wrong(404, "not_found_error", f"model: {MODEL}"), AccessLost, f"has no '{MODEL}'", id="404"),
    pytest.param(wrong(413, "request_too_large", "Request exceeds the maximum size"), ContextFull, "413", id="413"),
    pytest.param(
        wrong(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        ContextFull,
        "prompt is too long",
        id="too long",
    ),
    pytest.param(
        wrong(400, "invalid_request_error", "messages.0: too large", error_code="image_dimensions_too_large"),
        ProtocolBroken,
        "have smaller pictures sent, by picture=1280x720",
        id="a picture too large",
    ),
    pytest.param(
        wrong(400, "invalid_request_error", "messages.0.content: Field required"),
        ProtocolBroken,
        "malformed",
        id="400",
    ),
    pytest.param(wrong(422, "invalid_request_error", "unprocessable"), ProtocolBroken, "malformed", id="422"),
]


@pytest.mark.parametrize(("trouble", "error", "text"), FINAL)
def test_what_no_second_try_mends_ends_at_once_as_what_it_is(
    trouble: httpx2.Response, error: type[Exception], text: str
) -> None:
    vendor = Vendor([trouble], tells())
    with pytest.raises(error, match=text):
        model(vendor).complete(HELLO, tools=TOOLS)
    assert len(vendor.asked) == 1


# Before a run


HTML = "<html>Welcome</html>"
LISTED = {"data": [{"id": "claude-sonnet-5-5"}, {"id": "claude-opus-5-5"}], "has_more": False}
ABSENT = wrong(404, "not_found_error", "model: claude-sonet-5-5")
PREFLIGHT = [
    pytest.param(
        {},
        {f"/v1/models/{MODEL}": wrong(401, "authentication_error", "invalid")},
        "does not take the key in ANTHROPIC",
        id="a wrong key",
    ),
    pytest.param(
        {"model": "claude-sonet-5-5"},
        {"/v1/models/claude-sonet-5-5": ABSENT, "/v1/models": httpx2.Response(200, json=LISTED)},
        "has no model 'claude-sonet-5-5'; it has claude-sonnet-5-5",
        id="a model that is not there",
    ),
    pytest.param({}, {f"/v1/models/{MODEL}": page()}, "is not this vendor's API", id="a web page"),
    pytest.param(
        {}, {f"/v1/models/{MODEL}": httpx2.ConnectError("refused")}, "nothing answers at", id="nobody there"
    ),
    pytest.param({}, {f"/v1/models/{MODEL}": httpx2.ReadTimeout("silent")}, "does not answer: nothing", id="silence"),
    pytest.param({}, {f"/v1/models/{MODEL}": OVERLOADED}, "is not ready: .* 529 Overloaded", id="overloaded"),
    pytest.param(
        {},
        {f"/v1/models/{MODEL}": httpx2.Response(301, headers={"location": "https://elsewhere.test/v1"})},
        "redirects to https://elsewhere.test/v1",
        id="moved",
    ),
    pytest.param({}, tells(lifecycle="retired"), "is retired", id="retired"),
    pytest.param({}, tells(capabilities={"image_input": {"supported": False}}), "takes no pictures", id="blind"),
    pytest.param(
        {"effort": "max"},
        tells(capabilities={"effort": {"supported": True, "low": {"supported": True}, "max": {"supported": False}}}),
        "has no effort 'max'; it has low",
        id="an effort that it has not",
    ),
    pytest.param(
        {"picture": Size(width=1920, height=1080)},
        tells("enabled"),
        "would shrink pictures of that size; write picture=1456x819",
        id="pictures that it would shrink",
    ),
]


@pytest.mark.parametrize(("config", "told", "line"), PREFLIGHT)
def test_what_cannot_be_is_found_before_the_run_in_one_line(config: Body, told: Any, line: str) -> None:
    with pytest.raises(BadInput, match=line) as bad:
        model(Vendor([says(*YES)], told), **config).check()
    assert "\n" not in str(bad.value)
    assert KEY not in str(bad.value)


UNSPOKEN = [
    pytest.param(wrong(402, "billing_error", "no credit"), "wants to be paid first", id="no credit"),
    pytest.param(
        wrong(403, "permission_error", "not yours"), "let us in.*the key in ANTHROPIC_API_KEY", id="no right"
    ),
    pytest.param(wrong(404, "not_found_error", "no"), "a base URL of it does not end in /v1", id="another API"),
    pytest.param(
        wrong(400, "invalid_request_error", "output_config: no"), "does not take what is configured", id="400"
    ),
    pytest.param(OVERLOADED, "is not ready", id="overloaded"),
]


@pytest.mark.parametrize("told", [pytest.param(tells(), id="that tells"), pytest.param({}, id="that does not tell")])
@pytest.mark.parametrize(("answer", "line"), UNSPOKEN)
def test_a_model_that_does_not_say_a_word_is_found_before_the_run(
    answer: httpx2.Response, line: str, told: dict[str, Says]
) -> None:
    with pytest.raises(BadInput, match=line) as bad:
        model(Vendor([answer], told)).check()
    assert not isinstance(bad.value, AccessLost)
    assert "\n" not in str(bad.value)


def test_a_model_that_is_well_is_told_of() -> None:
    vendor = Vendor([says(*YES)], tells(lifecycle="deprecated", retires_at="2027-01-22T00:00:00Z"))
    about = model(vendor).check()
    assert (about.endpoint, about.model, about.tool, about.context) == (URL, MODEL, TOOLSET, 1_000_000)
    assert "deprecated, to be retired 2027-01-22" in about.notes[0]
    assert len(vendor.asked) == 1


def test_an_endpoint_without_a_list_of_models_passes_when_its_model_says_a_word() -> None:
    about = model(Vendor([says(*YES)])).check()
    assert about.notes == ("the endpoint does not tell what its models can",)


# Accounts and records


def test_tokens_are_counted_by_kind_and_priced_by_the_vendors_list() -> None:
    usage = model(Vendor([says(*YES)], tells())).complete(HELLO, tools=TOOLS).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (350, 300, 25)
    assert usage.usd == pytest.approx((10 * 2.0 + 300 * 0.20 + 40 * 2.50 + 25 * 10.0) / 1e6)


def test_at_an_endpoint_without_a_price_no_money_is_named() -> None:
    vendor = Vendor([says(*YES)], tells())
    assert model(vendor, base_url="https://proxy.test").complete(HELLO, tools=TOOLS).usage.usd is None


def test_neither_records_nor_traces_hold_the_key_or_a_picture(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv(TRACE, str(tmp_path / "trace.jsonl"))
    leaky = wrong(529, "overloaded_error", f"Overloaded, {KEY}")
    vendor = failing(leaky)
    reply = model(vendor).complete(HELLO, tools=TOOLS)
    assert vendor.asked[0].headers["authorization"] == f"Bearer {KEY}"
    trace = (tmp_path / "trace.jsonl").read_text()
    assert [json.loads(line)["what"] for line in trace.splitlines()] == ["request", "trouble", "request", "reply"]
    assert PICTURE.sha256 in trace
    for text in (trace, reply.raw, repr(reply.notes)):
        assert KEY not in text
        assert PICTURE.base64[:60] not in text


# The backend


def test_importing_the_backends_imports_no_sdk() -> None:
    code = (
        "import sys, agent.backends.claude, agent.backends.openai; "
        "print([name for name in ('anthropic', 'openai', 'httpx2') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


BAD = [
    pytest.param("claude", "claude needs model", id="no model"),
    pytest.param("claude(model=x, efort=low)", "no option 'efort'; did you mean 'effort'", id="an unknown option"),
    pytest.param(
        "claude(model=x, effort=huge)", "no effort 'huge'; there is low, medium, high, xhigh, max", id="effort"
    ),
    pytest.param("claude(model=x, thinking=maybe)", "thinking is 'auto' or 'off', not 'maybe'", id="thinking"),
    pytest.param("claude(model=x, thinking=off, effort=max)", "an effort of at most high, not max", id="off and max"),
    pytest.param(
        "claude(model=x, tool=computer)", "no computer tool 'computer'; there is computer_toolset", id="tool"
    ),
    pytest.param("claude(model=x, pictures=0)", "pictures must be at least 1", id="pictures"),
    pytest.param("claude(model=x, picture=big)", "cannot read the picture's size 'big'", id="picture"),
    pytest.param("claude(model=x, max_tokens=10)", "max_tokens must be at least 1100, and is 10", id="max_tokens"),
    pytest.param("claude(model=x, base_url=api.anthropic.com)", "is not a URL: write it like https", id="base_url"),
    pytest.param("claude(model=x, prompt=/nowhere.md)", "cannot read the prompt /nowhere.md", id="prompt"),
    pytest.param(
        "claude(model=x, api_key_env=NO_SUCH_KEY)", "put it into the environment variable NO_SUCH_KEY", id="key"
    ),
]


@pytest.mark.parametrize(("spec", "line"), BAD)
def test_options_that_make_no_sense_are_refused_in_one_line(spec: str, line: str) -> None:
    with pytest.raises(BadInput, match=line) as bad:
        make("agents", parse(spec))
    assert "\n" not in str(bad.value)


def test_the_backends_options_reach_provider_and_codec(tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text("Be quick.")
    agent = claude(
        MODEL, base_url="https://here.test", one_at_a_time=True, pictures=5, zoom=False, picture="800x500",
        effort="low", prompt=str(tmp_path / "prompt.md"), concurrency=2, clear=True,
    )  # fmt: skip
    provider = agent.model
    assert isinstance(provider, Anthropic)
    assert (provider.config.effort, provider.config.one_at_a_time, provider.config.clear) == ("low", True, True)
    assert (agent.codec.family.batch, agent.codec.family.pictures) == ("first", 5)
    assert provider.config.patience.seconds == 2 * provider.config.timeout, "a request that timed out is tried again"
    assert (agent.name, agent.cards[0].endpoint) == (f"claude:{MODEL}", "https://here.test")
    assert agent.show(FakeDesktop(SCREEN).reset(chore("milk").scene).png).size == Size(width=800, height=500)


def test_without_a_key_a_run_ends_in_one_line_before_it_begins(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "ANTHROPIC_API_KEY"}
    env["PYTHONPATH"] = str(Path(__file__).parent)
    command = [sys.executable, "-m", "agent.main", "run", "chores:suite", "--agent", f"claude:{MODEL}"]
    command += ["--desktop", "fake", "--out", str(tmp_path / "run")]
    said = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)
    wanted = f"handeye: {URL} wants a key: put it into the environment variable ANTHROPIC_API_KEY\n"
    assert (said.returncode, said.stdout, said.stderr) == (2, "", wanted)
    assert not (tmp_path / "run").exists()
