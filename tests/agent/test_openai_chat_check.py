"""What would end every episode is found before any, in one line; and what is secret is in no line at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from answering import SHORT, Answer, Endpoint, at, call, refused, said

from agent.looking import grey
from agent.models.base import Message, ProtocolBroken, Text
from agent.models.openai_chat import Config, OpenAIChat
from envs.errors import BadInput
from envs.types import Size

ASK = (Message("user", (Text("What next?"),)),)
SHOT = grey(Size(width=320, height=256))
LISTED = Answer(
    {"object": "list", "data": [{"id": "Qwen/Qwen3-VL-8B-Instruct", "max_model_len": 4096}, {"id": "m2"}]}
)
HTML = {"content-type": "text/html"}
NOT_HERE = refused(404, "The model `qwen3-vl-8b` does not exist.", code="model_not_found")
UNLISTED = Answer({"detail": "Not Found"}, 404)
PREFLIGHT: dict[str, tuple[Answer, Answer, str]] = {
    "a wrong key": (
        refused(401, "Incorrect API key"),
        said("x"),
        r"{e} wants a key: put it into OPENAI_API_KEY \(401",
    ),
    "no right": (
        refused(403, "not yours"),
        said("x"),
        r"{e} wants a key: put it into OPENAI_API_KEY \(403 not yours\)",
    ),
    "no credit": (refused(402, "pay first"), said("x"), r"{e} wants to be paid first: 402 pay first"),
    "a key that may only list": (UNLISTED, refused(401, "no"), r"{e} does not let us in, look at the key: 401 no"),
    "a model it does not have": (
        LISTED,
        NOT_HERE,
        r"{e} has no model 'qwen3-vl-8b'; it has Qwen/Qwen3-VL-8B-Instruct",
    ),
    "a URL with no API": (
        UNLISTED,
        UNLISTED,
        r"{e} has neither a list of models nor 'qwen3-vl-8b'",
    ),
    "a web page": (Answer("<html>", headers=HTML), said("x"), r"{e} is not an OpenAI-compatible endpoint"),
    "half a JSON": (
        Answer("{", headers={"content-type": "application/json"}),
        said("x"),
        r"{e} is not an OpenAI-compat",
    ),
    "JSON of something else": (Answer({"hello": 1}), said("x"), r"{e} is not an OpenAI-compatible endpoint"),
    "another place": (
        Answer("", 307, {"location": "https://else.where/v1/models?key=hunter2hunter2"}),
        said("x"),
        r"{e} redirects to https://else.where/v1/models: give that as the base URL",
    ),
    "nothing listening": (
        Answer(error=httpx2.ConnectError("[Errno 111] refused")),
        said("x"),
        r"nothing answers at {e}",
    ),
    "nothing in time": (
        Answer(error=httpx2.ReadTimeout("")),
        said("x"),
        r"{e} does not answer: nothing came in 30 s",
    ),
    "not ready": (
        refused(503, "Loading model"),
        said("x"),
        r"the endpoint is not ready: .* last said 503 Loading model",
    ),
    "not ready for the model": (
        UNLISTED,
        refused(503, "Loading"),
        r"the endpoint is not ready: .* last said 503 Loading",
    ),
}


@pytest.mark.parametrize("case", PREFLIGHT.values(), ids=PREFLIGHT)
def test_what_would_end_every_episode_is_one_line_before_any(case: tuple[Answer, Answer, str]) -> None:
    models, answer, words = case
    chat = Endpoint([answer], models=models).chat(model="qwen3-vl-8b", stream=False, patience=SHORT)
    with pytest.raises(BadInput, match=words.replace("{e}", chat.endpoint)) as wrong:
        chat.check()
    assert "\n" not in str(wrong.value)
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize("key", ["", "sk-very-secret"], ids=["without a key", "with one"])
def test_who_gave_a_key_is_told_that_it_is_wrong(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SOME_KEY", key)
    chat = Endpoint([said("x")], models=refused(401, f"bad key {key}")).chat(api_key_env="SOME_KEY")
    with pytest.raises(
        BadInput, match="does not take the key in SOME_KEY" if key else "put it into SOME_KEY"
    ) as wrong:
        chat.check()
    assert "very-secret" not in str(wrong.value)


URLS = [
    "",
    "127.0.0.1:8000",
    "localhost:8000/v1",
    "ftp://h/v1",
    "http://",
    "http://h:99999/v1",
    "http://a b/v1",
    "http://[::1/v1",
    "http://256.1.1.1/v1",
    "http://a..b/v1",
]


@pytest.mark.parametrize("url", URLS)
def test_a_base_url_that_is_none_is_bad_input(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    with pytest.raises(BadInput, match="is not a URL") as wrong:
        OpenAIChat(Config(base_url=url, model="m")).check()
    assert "\n" not in str(wrong.value)


def test_what_may_be_a_secret_in_a_base_url_is_not_repeated() -> None:
    with pytest.raises(BadInput) as wrong:
        OpenAIChat(Config(base_url="http://me:hunter2@h:port/v1?key=sk-very-secret", model="m"))
    assert "hunter2" not in str(wrong.value)
    assert "very-secret" not in str(wrong.value)


KNOWN: dict[str, tuple[Answer, str, tuple[object, ...], int]] = {
    "vLLM": (LISTED, "Qwen/Qwen3-VL-8B-Instruct", (4096, ()), 0),
    "Gemini": (Answer({"data": [{"id": "models/gemini-x"}]}), "gemini-x", (None, ()), 0),
    "Ollama": (Answer({"data": [{"id": "qwen3-vl:latest"}]}), "qwen3-vl", (None, ()), 0),
    "no list": (UNLISTED, "m", (None, ("the endpoint does not list its models",)), 1),
    "answers to any name": (LISTED, "mine", (None, ("the model is not in its list",)), 1),
    "a list without its wrapping": (Answer([{"id": "m", "context_length": 9}]), "m", (9, ()), 0),
}


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
def test_a_model_that_is_there_is_known_by_its_servers_name(case: tuple[Answer, str, tuple[Any, ...], int]) -> None:
    models, model, (context, notes), asked = case
    endpoint = Endpoint([said("yes")], models=models)
    about = endpoint.chat(model=model, stream=False).check()
    assert (about.model, about.context, about.notes, len(endpoint.asked)) == (model, context, notes, asked)


@pytest.mark.parametrize(
    "answer",
    [
        said("Ye", "length"),
        said({"content": ""}, "content_filter"),
        refused(400, "no system"),
        said(None),
        refused(400, "maximum context length"),
    ],
    ids=["cut off", "refused", "malformed", "no message", "full"],
)
def test_a_model_that_answers_anything_at_all_is_there(answer: Answer) -> None:
    endpoint = Endpoint([answer], models=UNLISTED)
    assert endpoint.chat(stream=False).check().notes == ("the endpoint does not list its models",)


def test_a_hosted_endpoint_that_lists_to_anybody_is_asked_for_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    endpoint = Endpoint([refused(401, "wrong key sk-very-secret")])
    chat = endpoint.chat(base_url="https://models.example/v1", api_key_env="SOME_KEY", stream=False)
    with pytest.raises(BadInput, match=r"does not let us in, look at the key: 401 wrong key \*\*\*"):
        chat.check()


def test_neither_key_nor_picture_is_in_a_trace_a_record_or_a_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-very-secret")
    monkeypatch.setenv("HANDEYE_TRACE", str(tmp_path / "trace.jsonl"))
    echo = f"sk-very-secret and data:image/png;base64,{SHOT.base64}"
    chat, endpoint = at(
        refused(503, echo),
        said({"content": echo, "tool_calls": [call(json.dumps({"a": echo}))]}),
        refused(400, echo),
        api_key_env="SOME_KEY",
        extra={"api_key": "sk-very-secret"},
    )
    reply = chat.complete((Message("user", (SHOT,)),))
    with pytest.raises(ProtocolBroken) as wrong:
        chat.complete(ASK)
    assert endpoint.heads[0]["authorization"] == "Bearer sk-very-secret"
    traced = (tmp_path / "trace.jsonl").read_text()
    assert [json.loads(line)["what"] for line in traced.splitlines()] == [
        "request",
        "trouble",
        "request",
        "reply",
        "request",
        "trouble",
    ]
    for text in (traced, reply.raw, str(wrong.value), repr(wrong.value.calls), repr(chat.card)):
        assert "very-secret" not in text
        assert SHOT.base64[:40] not in text
    assert f"sha256:{SHOT.sha256}" in traced


def test_the_sdk_tries_nothing_again_by_itself() -> None:
    chat, _ = at(said("ok"))
    assert chat.client.max_retries == 0
