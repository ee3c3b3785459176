"""Faults on real sockets, through whole runs of parallel episodes: each ends where it belongs, and no other minds.

The desktop's own list of actions is looked at in every case: a failed model call is tried again, an action never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, cycle, repeat
from pathlib import Path

import pytest
from told import MEANT, PATIENT, SECRET, Played, job, native, play, same

from agent.models.calling import Patience
from envs.errors import AccessLost, Cause
from envs.types import Called
from scoring.metrics import outcome
from scoring.record import How
from scoring.story import read
from tests.dialects import faults as on
from tests.dialects.faults import Fault, Faulty
from tests.dialects.server import Dialects

BRIEF = Patience(seconds=0.3, first=0.02, most=0.05)
AT_ONCE = 6


def first_of_each(fault: Fault) -> Iterator[Fault | None]:
    """Every request fails once, and is answered when it is made again."""
    return cycle((fault, None))


def once(fault: Fault) -> Iterator[Fault | None]:
    """The third request fails, when the desktop has been typed into."""
    return iter((None, None, fault))


def from_then_on(fault: Fault) -> Iterator[Fault | None]:
    """The third request and all after it fail."""
    return chain((None, None), repeat(fault))


@dataclass(frozen=True)
class Case:
    """An episode: who plays, what happens to its requests, how it ends, and what must be told of it.

    `words` are in the reason, or in a problem or note of one of its calls. `counted`: every request is in the record.
    """

    family: str
    faults: Callable[[], Iterable[Fault | None]] = tuple
    how: How = "finished"
    cause: Cause = ""
    words: str = ""
    patience: Patience = PATIENT
    stream: bool = True
    timeout: float = 20.0
    counted: bool = True


PARSER = on.status(500, "json parser could not parse region as JSON", kind="server_error")
LONG = on.status(400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.")
LONG_CLAUDE = on.status(400, "prompt is too long: 215000 tokens > 200000 maximum")
SLOW = on.status(429, "slow down", retry_after_ms="30")
HALF = '<tool_call>\n{"name": "computer_use", "argu'
REFUSAL = {"type": "message", "id": "msg_x", "role": "assistant", "status": "completed",
           "content": [{"type": "refusal", "refusal": "I will not."}]}  # fmt: skip
PASSES = {
    "rate": SLOW,
    "overload": on.status(529, "Overloaded", kind="overloaded_error"),
    "conflict": on.status(409, "try again"),
    "internal": on.status(500, "oops"),
    "gateway": on.page(502),
    "portal": on.page(200),
    "loading": on.status(503, "Loading model"),
    "garbage": on.garbage,
    "cut": on.cut,
    "ended": on.ended,
    "reset": on.reset,
    "torn": on.torn,
    "inside": on.overloaded,
    "empty": on.empty,
}
WHOLE = {"portal", "garbage", "cut", "reset", "torn", "empty"}
"""Faults that a reply which comes at once can have as well."""
VENDORS = {"rate", "overload", "internal", "gateway", "garbage", "cut", "ended", "reset", "torn", "inside"}
FAMILIES = ("qwen3vl", "qwen25vl", "qwen35", "opencua", "kimi", "pyautogui")

CASES: dict[str, Case] = {}
for at, (name, fault) in enumerate(PASSES.items()):
    every = lambda fault=fault: first_of_each(fault)  # noqa: E731 - bound to the loop's own
    CASES[f"{name}-chat"] = Case(FAMILIES[at % len(FAMILIES)], every)
    if name in WHOLE:
        CASES[f"{name}-whole"] = Case("qwen3vl", every, stream=False)
    if name in VENDORS:
        CASES[f"{name}-claude"] = Case("claude", every)
        CASES[f"{name}-openai"] = Case("openai", every)
CASES |= {
    "well-qwen": Case("qwen3vl"),
    "well-kimi": Case("kimi", stream=False),
    "well-claude": Case("claude"),
    "well-openai": Case("openai"),
    "silence-chat": Case("qwen3vl", lambda: once(on.silence), timeout=1.5),
    "silence-claude": Case("claude", lambda: once(on.silence), timeout=1.5),
    "stall-chat": Case("qwen35", lambda: once(on.stall), timeout=1.5),
    "stall-openai": Case("openai", lambda: once(on.stall), timeout=1.5),
    "cutoff-once": Case(
        "qwen3vl", lambda: once(on.replies(HALF, "length")), words="cut off at 2000 tokens, asked again"
    ),
    "context-once": Case("qwen3vl", lambda: once(LONG), words="pictures were too many: 400", counted=False),
    "context-claude": Case(
        "claude-20250124",
        lambda: iter((None, None, *once(LONG_CLAUDE))),
        words="pictures were too many: 400",
        counted=False,
    ),
    "pictures-once": Case(
        "qwen3vl",
        lambda: once(on.status(400, "At most 2 image(s) may be provided in one prompt.")),
        words="at most 2 pictures",
        counted=False,
    ),
    "nonsense-once": Case("kimi", lambda: once(on.replies("What a nice day.")), words="."),
    "down-chat": Case(
        "qwen3vl",
        lambda: from_then_on(on.status(503, "Loading model")),
        "endpoint_fault",
        words=r"gave no reply in 0.3 s .*: last said 503 Loading model",
        patience=BRIEF,
    ),
    "down-claude": Case(
        "claude",
        lambda: from_then_on(on.status(529, "Overloaded")),
        "endpoint_fault",
        words="last said 529",
        patience=BRIEF,
    ),
    "down-openai": Case(
        "openai",
        lambda: from_then_on(on.page(502)),
        "endpoint_fault",
        words="last said 502",
        patience=BRIEF,
    ),
    "cut-for-ever": Case(
        "opencua",
        lambda: from_then_on(on.cut),
        "endpoint_fault",
        words="last said no connection",
        patience=BRIEF,
    ),
    "reset-for-ever": Case(
        "qwen35",
        lambda: from_then_on(on.reset),
        "endpoint_fault",
        words="last said no connection",
        patience=BRIEF,
    ),
    "silent-for-ever": Case(
        "qwen3vl",
        lambda: from_then_on(on.silence),
        "endpoint_fault",
        words=r"\(one try\): last said nothing in time",
        patience=BRIEF,
        timeout=0.9,
    ),
    "hours": Case(
        "qwen3vl",
        lambda: from_then_on(on.status(409, "later", retry_after="7200")),
        "endpoint_fault",
        words="asks to wait 7200 s, more than 60 s",
    ),
    "garbage-for-ever": Case(
        "kimi",
        lambda: from_then_on(on.garbage),
        "endpoint_fault",
        words="last said what is not JSON",
        patience=BRIEF,
    ),
    "empty-for-ever": Case(
        "qwen3vl",
        lambda: from_then_on(on.empty),
        "agent_fault",
        "unreadable",
        "sent 3 times a reply without a choice",
    ),
    "parser": Case(
        "qwen3vl",
        lambda: from_then_on(PARSER),
        "agent_fault",
        "unreadable",
        "is well but fails on this request: 500 json parser could not parse",
        stream=False,
    ),
    "refused-chat": Case(
        "qwen3vl",
        lambda: from_then_on(on.replies("", "content_filter")),
        "agent_fault",
        "refused",
        "the model refused: content_filter",
    ),
    "refused-claude": Case(
        "claude",
        lambda: from_then_on(on.replies("No.", "refusal")),
        "agent_fault",
        "refused",
        "the model refused",
    ),
    "refused-openai": Case(
        "openai",
        lambda: from_then_on(on.response([REFUSAL])),
        "agent_fault",
        "refused",
        "refused: I will not.",
        stream=False,
    ),
    "filtered": Case(
        "qwen3vl",
        lambda: from_then_on(on.status(400, "filtered", code="content_filter")),
        "agent_fault",
        "refused",
        "the model refused: filtered",
    ),
    "context-for-ever": Case(
        "qwen25vl",
        lambda: from_then_on(LONG),
        "agent_fault",
        "context",
        "the conversation is too long for the model",
        counted=False,
    ),
    "context-for-ever-claude": Case(
        "claude",
        lambda: from_then_on(LONG_CLAUDE),
        "agent_fault",
        "context",
        "the conversation is too long",
        counted=False,
    ),
    "cutoff-for-ever": Case(
        "qwen3vl",
        lambda: from_then_on(on.replies(HALF, "length")),
        "agent_fault",
        "truncated",
        "in 3 tries",
    ),
    "nonsense-for-ever": Case(
        "pyautogui",
        lambda: from_then_on(on.replies("What a nice day.")),
        "agent_fault",
        "unreadable",
        "in 3 tries",
    ),
    "malformed": Case(
        "qwen3vl",
        lambda: from_then_on(on.status(400, "messages: field required")),
        "agent_fault",
        "protocol",
        "takes the request for malformed: 400 messages: field required",
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    with Dialects() as served, Faulty(served) as faulty:
        yield faulty


@pytest.fixture(scope="module")
def played(server: Faulty, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """All of them, several at once, in one run."""
    server.faults |= {tag: iter(case.faults()) for tag, case in CASES.items()}
    jobs = [
        job(
            server.served, tag, case.family,
            lambda case=case: native(
                server.url, case.family, case.patience, stream=case.stream, timeout=case.timeout
            ),
        )
        for tag, case in CASES.items()
    ]  # fmt: skip
    return play(tmp_path_factory.mktemp("wire") / "run", jobs, AT_ONCE)


def calls_of(played: Played, tag: str) -> list[Called]:
    return [call for decided in played.stories[tag].decisions for call in decided.calls]


def told_of(played: Played, tag: str) -> str:
    """All that the record says of how it went."""
    ended = played.stories[tag].ended
    calls = calls_of(played, tag)
    return "\n".join((ended.reason if ended else "", *(f"{call.problem} {' '.join(call.notes)}" for call in calls)))


def test_the_run_goes_on_to_its_end(played: Played) -> None:
    assert played.finished
    assert set(played.stories) == set(CASES)


@pytest.mark.parametrize("tag", CASES)
def test_an_episode_ends_in_its_bucket_and_says_why(tag: str, played: Played) -> None:
    case, ended = CASES[tag], played.stories[tag].ended
    assert ended is not None
    scores = {"finished": 1.0, "agent_fault": 0.0, "endpoint_fault": None}
    found = (ended.how, ended.cause, ended.score)
    assert found == (case.how, case.cause, scores[case.how]), ended.reason
    assert re.search(case.words, told_of(played, tag)), told_of(played, tag)
    assert (outcome(played.stories[tag]) == "void") == (case.how == "endpoint_fault")


@pytest.mark.parametrize("tag", CASES)
def test_no_action_is_carried_out_twice(tag: str, played: Played) -> None:
    done, meant = played.deeds[tag], MEANT[:-1]
    assert same(done, meant if CASES[tag].how == "finished" else meant[: len(done)])
    assert len(done) == played.stories[tag].actions
    if CASES[tag].how != "finished":
        assert 1 <= len(done) < len(meant), "it failed in the middle"


@pytest.mark.parametrize("tag", [tag for tag, case in CASES.items() if case.counted])
def test_the_record_has_every_request_and_nobody_else_tries_again(tag: str, played: Played, server: Faulty) -> None:
    calls = calls_of(played, tag)
    assert sum(call.tries for call in calls) == server.came[tag]
    for call in calls:
        assert 0 <= call.waited <= call.seconds
        if call.tries > 1 and "cut off" not in f"{call.notes}":
            assert call.waited >= 0.005, "it waited before it tried again"


@pytest.mark.parametrize("tag", [tag for tag in CASES if tag.partition("-")[0] in PASSES and "ever" not in tag])
def test_every_call_of_an_episode_was_tried_twice(tag: str, played: Played) -> None:
    assert {call.tries for call in calls_of(played, tag)} == {2}


def test_no_more_requests_are_under_way_at_the_server_than_the_endpoint_is_given(
    server: Faulty, tmp_path: Path
) -> None:
    with Dialects() as served, Faulty(served, crowd=3) as narrow:
        from agent.models.calling import limiter

        limiter(f"{narrow.url}/v1", 3)
        tags = [f"many{number}" for number in range(8)]
        narrow.faults |= {tag: once(SLOW) for tag in tags}
        jobs = [job(served, tag, "qwen3vl", lambda: native(narrow.url, "qwen3vl")) for tag in tags]
        played = play(tmp_path / "run", jobs, at_once=8)
        assert narrow.most == 3, "three could be at once, and no more were"
    assert [story.ended and story.ended.score for story in played.stories.values()] == 8 * [1.0]
    assert sum(call.waited for tag in tags for call in calls_of(played, tag)) > 0


LOST = {
    "a key that is withdrawn": ("qwen3vl", on.status(401, "key revoked"), "does not let us in, look at the key: 401"),
    "money that is spent": ("qwen3vl", on.status(402, "no credit"), "wants to be paid first: 402 no credit"),
    "a right that is withdrawn": ("claude", on.status(403, "not allowed"), "does not let us in"),
    "a quota": ("openai", on.status(429, "You exceeded your current quota", code="insufficient_quota"), "paid first"),
    "a model that is taken away": ("openai", on.status(404, "The model does not exist"), "has no 'gpt-6.2-astra'"),
}


@pytest.mark.parametrize("case", LOST.values(), ids=LOST)
def test_access_that_is_lost_stops_the_run(case: tuple[str, Fault, str], server: Faulty, tmp_path: Path) -> None:
    family, fault, words = case
    tag = f"lost{len(server.faults)}"
    server.faults[tag] = from_then_on(fault)
    jobs = [job(server.served, tag, family, lambda: native(server.url, family))]
    jobs += [job(server.served, f"{tag}-{n}", family, lambda: native(server.url, family)) for n in range(3)]
    with pytest.raises(AccessLost, match=words):
        play(tmp_path / "run", jobs)
    (story,) = read(tmp_path / "run")[1]
    assert story.ended is not None
    assert (story.ended.how, story.ended.score) == ("stopped", None)
    assert story.actions == 2
    assert server.came[tag] == 3, "nothing is tried again"
    assert SECRET not in "".join(each.read_text() for each in (tmp_path / "run").rglob("*.jsonl"))
