"""Retries, limits, redaction: on scripted failures, with waits of hundredths of a second."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.models.base import ContextFull, ProtocolBroken, TooManyPictures, Unspeakable
from agent.models.calling import Again, Changed, Limiter, Patience, Stop, Trouble, limiter, patiently
from agent.models.redaction import keyed, named, on_this_machine, redacted, scrubbed, secret, shown, trace
from agent.models.troubles import Declined, Missing, Said, judged, kind, retry_after
from envs.errors import AccessLost, BadInput, EndpointFault

QUICK = Patience(seconds=0.5, first=0.004, most=0.016)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


class Failed(Exception):  # noqa: N818
    """One request's failure, with what it means."""

    def __init__(self, trouble: Trouble | None) -> None:
        super().__init__("a body with sk-secret-key in it")
        self.trouble = trouble


def judge(err: Exception) -> Trouble | None:
    return err.trouble if isinstance(err, Failed) else None


@dataclass
class Scripted:
    """Fails as told, one trouble a request, then answers; None is an answer at once."""

    troubles: list[Trouble]
    asked: int = 0
    last: Trouble | None = field(default=None)

    def __call__(self) -> str:
        self.asked += 1
        if self.troubles:
            raise Failed(self.troubles.pop(0))
        if self.last is not None:
            raise Failed(self.last)
        return "a reply"


def ask(send: Callable[[], str], endpoint: str, *, patience: Patience = QUICK, healthy: bool | None = None) -> str:
    well = None if healthy is None else lambda: healthy
    done = patiently(send, endpoint=endpoint, judge=judge, patience=patience, model="m", healthy=well)
    return f"{done.value} after {done.tries}"


BUSY = Again("529 overloaded")


def test_a_call_is_tried_until_it_is_answered() -> None:
    send = Scripted([BUSY, BUSY, Again("timed out")])
    done = patiently(send, endpoint="http://tried", judge=judge, patience=QUICK, model="m")
    assert (done.value, done.tries, send.asked) == ("a reply", 4, 4)
    assert done.waited >= 0.75 * (0.004 + 0.008 + 0.016)


def test_when_patience_ends_it_is_the_endpoints_fault_and_says_what_was_said_last() -> None:
    send = Scripted([], last=BUSY)
    with pytest.raises(
        EndpointFault, match=r"m at http://busy gave no reply in 0.1 s .*: last said 529 overloaded"
    ) as ended:
        ask(send, "http://busy", patience=Patience(seconds=0.1, first=0.01, most=0.02))
    (called,) = ended.value.calls
    assert called.tries == send.asked > 2
    assert 0 < called.waited < called.seconds
    assert ended.value.__context__ is None, "the failed request's exception holds its body"


def test_a_wait_longer_than_all_patience_ends_the_call_at_once() -> None:
    send = Scripted([Again("429 slow down", after=7.0, everyone=True)])
    with pytest.raises(EndpointFault, match=r"asks to wait 7 s, more than 0.5 s: 429 slow down"):
        ask(send, "http://hours")
    assert send.asked == 1


def test_what_no_second_try_mends_is_raised_at_once() -> None:
    send = Scripted([Stop(ContextFull("too long"))])
    with pytest.raises(ContextFull):
        ask(send, "http://full")
    assert send.asked == 1


def test_an_exception_that_is_no_failure_of_the_request_goes_through() -> None:
    def send() -> str:
        raise KeyError("a bug of ours")

    with pytest.raises(KeyError):
        ask(send, "http://bug")
    assert limiter("http://bug").enter(wait=0.0) is not None, "its place was given back"


def test_a_step_down_is_tried_at_once_and_noted() -> None:
    send = Scripted([Changed("computer_20251124 in place of the toolset")])
    done = patiently(send, endpoint="http://steps", judge=judge, patience=QUICK, model="m")
    assert done.notes == ("computer_20251124 in place of the toolset",)
    assert done.tries == 2


def test_stepping_down_without_end_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolBroken, match="no end of stepping down"):
        ask(Scripted([], last=Changed("again")), "http://endless")


def test_two_failures_of_one_request_at_a_server_that_is_well_are_the_replys() -> None:
    send = Scripted([], last=Again("500 cannot parse", suspect=True))
    with pytest.raises(Unspeakable, match="is well but fails on this request: 500 cannot parse") as ended:
        ask(send, "http://parser", healthy=True)
    assert send.asked == 2
    assert (ended.value.cause, ended.value.calls[0].tries) == ("unreadable", 2)


def test_the_same_failures_at_a_server_that_is_not_well_are_an_outage() -> None:
    with pytest.raises(EndpointFault, match="last said 500"):
        ask(Scripted([], last=Again("500 down", suspect=True)), "http://down", healthy=False)


def test_failures_are_suspect_only_in_a_row() -> None:
    suspect = Again("500 oops", suspect=True)
    send = Scripted([suspect, BUSY, suspect, BUSY])
    assert ask(send, "http://mixed", healthy=True) == "a reply after 5"


def test_jitter_differs_between_callers_and_not_between_runs() -> None:
    def waits(gate: Limiter) -> list[float]:
        from random import Random

        return [Random(f"0:{next(gate.turns)}").random() for _ in range(100)]

    assert waits(Limiter()) == waits(Limiter())
    assert len(set(waits(Limiter()))) == 100


def test_no_more_requests_are_under_way_than_the_endpoint_is_given() -> None:
    limiter("http://narrow", 3)
    most, inside, lock, together = 0, 0, threading.Lock(), threading.Barrier(3)

    def send() -> str:
        nonlocal most, inside
        with lock:
            inside += 1
            most = max(most, inside)
        together.wait(10)  # passes only if three are inside at once
        with lock:
            inside -= 1
        return "a reply"

    threads = [threading.Thread(target=ask, args=(send, "http://narrow")) for _ in range(9)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert most == 3


def test_who_asked_for_fewest_places_is_heeded() -> None:
    assert limiter("http://both/v1", 5).most == 5
    assert limiter("http://both/v1/", 2).most == 2
    assert limiter("http://both/v1", 4).most == 2


def test_one_caller_told_to_wait_holds_all_callers_of_the_endpoint_and_no_other() -> None:
    gate, other = limiter("http://held"), limiter("http://free")
    ask(Scripted([Again("429", after=0.15, everyone=True)]), "http://held")  # has waited until the gate was open
    gate.hold(0.15)
    waited = gate.enter(wait=5)
    assert waited is not None
    assert waited >= 0.14
    assert other.enter(wait=0) is not None


def test_a_wait_of_one_request_alone_holds_nobody() -> None:
    with pytest.raises(EndpointFault):
        ask(Scripted([Again("409", after=9.0)]), "http://alone")
    assert limiter("http://alone").held == 0


def test_no_place_in_time_is_the_endpoints_fault() -> None:
    limiter("http://queue", 1).enter(wait=0)
    with pytest.raises(EndpointFault, match=r"no place among 1 requests in 0.02 s"):
        ask(Scripted([]), "http://queue", patience=Patience(queue=0.02))


def told(status: int, text: str = "", code: str = "", headers: Mapping[str, str] | None = None) -> Said:
    return Said(status=status, text=text, code=code, headers=headers or {})


KINDS = {
    "rate limit": (told(429, "Rate limit reached for gpt"), "rate"),
    "OpenAI, no credit": (told(429, "You exceeded your current quota", "insufficient_quota"), "credit"),
    "Anthropic, no credit": (told(400, "Your credit balance is too low", "invalid_request_error"), "credit"),
    "Anthropic overloaded": (told(529, "Overloaded", "overloaded_error"), "overloaded"),
    "overloaded within a stream": (told(0, "Overloaded", "overloaded_error"), "overloaded"),
    "starting up": (told(503, "Loading model"), "overloaded"),
    "wrong key": (told(401, "Incorrect API key provided"), "access"),
    "Gemini, wrong key": (told(400, "API key not valid. Please pass a valid API key."), "access"),
    "no right": (told(403, "not allowed"), "access"),
    "no such model": (told(404, "The model `x` does not exist."), "missing"),
    "no such model, as 400": (told(400, "model 'x' not found", ""), "missing"),
    "OpenAI context": (told(400, "too long", "context_length_exceeded"), "context"),
    "vLLM context": (told(400, "This model's maximum context length is 4096 tokens. However..."), "context"),
    "llama.cpp context": (told(400, "the request is too big", "exceed_context_size_error"), "context"),
    "context as 500": (told(500, "the request exceeds the available context size"), "context"),
    "Anthropic context": (told(400, "prompt is too long: 215000 tokens > 200000 maximum"), "context"),
    "too many bytes": (told(413, "Request exceeds the maximum size"), "context"),
    "vLLM pictures": (told(400, "At most 2 image(s) may be provided in one request."), "pictures"),
    "vLLM pictures, older": (told(400, "You set image=3 (or defaulted to 1) in `--limit-mm-per-prompt`"), "pictures"),
    "big picture": (told(400, "bad", "invalid_request_error image_dimensions_too_large"), "big picture"),
    "Azure filter": (told(400, "The response was filtered", "content_filter"), "declined"),
    "server": (told(500, "Internal Server Error"), "server"),
    "gateway": (told(502, "Bad Gateway"), "gateway"),
    "Cloudflare": (told(524, ""), "gateway"),
    "conflict": (told(409, ""), "gateway"),
    "redirect": (told(307, "", headers={"location": "https://else.where/v1"}), "elsewhere"),
    "malformed": (told(400, "messages: field required"), "malformed"),
    "unprocessable": (told(422, "unknown field"), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS)
def test_what_an_endpoint_says_is_known_by_words_and_status(case: tuple[Said, str]) -> None:
    assert kind(case[0]) == case[1]


ENDS = {
    "credit": AccessLost, "access": AccessLost, "missing": Missing, "elsewhere": AccessLost,
    "context": ContextFull, "pictures": TooManyPictures, "declined": Declined, "big picture": ProtocolBroken,
    "malformed": ProtocolBroken,
}  # fmt: skip


@pytest.mark.parametrize("case", [c for c in KINDS.values() if c[1] in ENDS], ids=lambda c: c[0].short)
def test_what_would_fail_again_is_not_tried_again(case: tuple[Said, str]) -> None:
    trouble = judged(case[0], endpoint="http://e/v1", model="m")
    assert isinstance(trouble, Stop)
    assert type(trouble.error) is ENDS[case[1]]


def test_the_number_of_pictures_is_read_from_what_was_said() -> None:
    trouble = judged(KINDS["vLLM pictures"][0], endpoint="e", model="m")
    assert isinstance(trouble, Stop)
    assert isinstance(trouble.error, TooManyPictures)
    assert trouble.error.limit == 2


@pytest.mark.parametrize(
    ("said", "everyone", "suspect"),
    [
        (told(429, "slow", headers={"retry-after": "3"}), True, False),
        (told(429, "slow"), False, False),
        (told(529, "full", headers={"retry-after-ms": "40"}), True, False),
        (told(500, "oops"), False, True),
        (told(502, "bad gateway"), False, False),
        (told(400, "odd", headers={"x-should-retry": "true"}), False, False),
    ],
    ids=lambda value: value.short if isinstance(value, Said) else str(value),
)
def test_what_may_pass_is_tried_again(said: Said, everyone: bool, suspect: bool) -> None:
    trouble = judged(said, endpoint="e", model="m")
    assert isinstance(trouble, Again)
    assert (trouble.everyone, trouble.suspect) == (everyone, suspect)


def test_an_endpoint_that_wants_no_second_try_gets_none() -> None:
    trouble = judged(told(500, "no", headers={"x-should-retry": "false"}), endpoint="e", model="m")
    assert isinstance(trouble, Stop)
    assert isinstance(trouble.error, EndpointFault)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 25 Nov 2026 05:00:30 GMT", "date": "Wed, 25 Nov 2026 05:00:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 25 Nov 2020 05:00:30 GMT"}, 0.0),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_how_long_to_wait_is_read_from_the_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_key_is_read_from_the_environment_and_never_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", " sk-verysecret-1234\n")
    assert keyed("SOME_KEY", "https://api.example.com/v1") == "sk-verysecret-1234"
    assert scrubbed("wrong key sk-verysecret-1234!") == "wrong key ***!"
    assert "verysecret" not in json.dumps(redacted({"a": ["sk-verysecret-1234"]}))


def test_a_missing_key_is_bad_input_except_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_KEY", raising=False)
    assert keyed("NO_KEY", "http://127.0.0.1:8000/v1") == ""
    with pytest.raises(BadInput, match=r"https://api.example.com/v1 wants a key: .* NO_KEY"):
        keyed("NO_KEY", "https://api.example.com/v1")


@pytest.mark.parametrize("given", ["sk-abcdef-1234", "two words"])
def test_a_key_given_in_place_of_a_variables_name_is_not_repeated(given: str) -> None:
    with pytest.raises(BadInput, match="name of an environment variable") as wrong:
        keyed(given, "https://api.example.com")
    assert given not in str(wrong.value)


def test_pictures_are_named_by_their_digest_wherever_they_are() -> None:
    import hashlib

    encoded, name = base64.b64encode(PNG).decode(), f"sha256:{hashlib.sha256(PNG).hexdigest()} ({len(PNG)} bytes)"
    url = f"data:image/png;base64,{encoded}"
    body = {
        "image_url": {"url": url},
        "source": {"type": "base64", "media_type": "image/png", "data": encoded},
        "echo": f"bad request: {url} is odd",
        "bare": encoded,
    }
    clean = redacted(body)
    assert clean == {
        "image_url": {"url": name},
        "source": {"type": "base64", "media_type": "image/png", "data": name},
        "echo": f"bad request: {name} is odd",
        "bare": name,
    }
    assert encoded[:40] not in scrubbed(f"input was {url[:200]}...")


def test_headers_that_hold_keys_are_hidden_by_name() -> None:
    assert redacted({"Authorization": "Bearer unknown", "X-Api-Key": "y", "accept": "*/*"}) == {
        "Authorization": "***",
        "X-Api-Key": "***",
        "accept": "*/*",
    }


def test_a_name_is_made_of_torn_base64_too() -> None:
    assert named("abc").startswith("sha256:")
    assert named("abc").endswith("(3 bytes)")


def test_the_trace_has_a_line_a_request_and_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    monkeypatch.setenv("HANDEYE_TRACE", str(file))
    secret("topsecretkey")
    picture = base64.b64encode(PNG).decode()
    trace("request", {"url": f"data:image/png;base64,{picture}", "key": "topsecretkey"}, endpoint="e", model="m")
    trace("reply", {"text": "ünlesbar \ud800"}, endpoint="e", model="m")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["what"] for line in lines] == ["request", "reply"]
    assert picture[:60] not in file.read_text()
    assert "topsecretkey" not in file.read_text()


def test_a_trace_that_cannot_be_written_stops_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDEYE_TRACE", str(tmp_path / "no" / "where"))
    with pytest.raises(AccessLost, match="cannot write HANDEYE_TRACE"):
        trace("request", {}, endpoint="e", model="m")


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]:8000", True),
        ("http://LOCALHOST/v1", True),
        ("http://vllm.localhost/v1", True),
        ("http://localhost.example.com/v1", False),
        ("http://10.0.0.5/v1", False),
        ("http://0.0.0.0.example.com", False),
        ("https://api.openai.com/v1", False),
        ("http://127.0.0.1@evil.example.com/", False),
        ("nonsense", False),
        ("http://[::1", False),
    ],
)
def test_only_loopback_is_this_machine(url: str, here: bool) -> None:
    assert on_this_machine(url) is here


def test_a_url_is_shown_without_what_may_be_a_secret() -> None:
    assert shown("http://me:hunter2hunter2@host:8000/v1/?key=abcdefgh#x") == "http://host:8000/v1"
    assert scrubbed("hunter2hunter2 key=abcdefgh") == "*** ***"
