"""Recorded conversations: whole episodes are replayed from files, with the network blocked.

To record them anew, against this checkout's own dialect server:

    ./dev test tests/agent/test_cassettes.py --record-mode=rewrite

A cassette holds what was asked and answered without keys, hosts, dates and pictures: a picture is named by the digest
of its pixels, when it is recorded and when it is looked up.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from told import MEANT, PATIENT, SECRET, job, native, play, same
from vcr import VCR
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request

from agent.models.calling import Patience
from tests.dialects.server import Dialects

FAMILIES = ("qwen3vl", "claude", "openai")
FOLDER = Path(__file__).parent / "cassettes" / "test_cassettes"
BRIEF = Patience(seconds=0.1, first=0.01)
"""A replay has no trouble that would pass."""
HOST = "http://model.test"
KEPT = {"content-type", "anthropic-version", "anthropic-beta"}
"""Headers that say what is spoken; all others are left out, keys among them."""
MOST = 64_000
"""Bytes of a cassette."""


def named(value: Any) -> Any:
    """JSON data with each picture replaced by the digest of its pixels: a PNG may be packed in many ways."""
    if isinstance(value, str):
        return re.sub(r"data:image/png;base64,([A-Za-z0-9+/=]+)", lambda found: digest(found[1]), value)
    if isinstance(value, dict):
        inline = value.get("type") == "base64"
        return {key: digest(each) if inline and key == "data" else named(each) for key, each in value.items()}
    return [named(each) for each in value] if isinstance(value, list) else value


def digest(encoded: str) -> str:
    """The same for what is one already."""
    if encoded.startswith("sha256:"):
        return encoded
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        pixels = picture.convert("RGB")
        return f"sha256:{hashlib.sha256(repr(pixels.size).encode() + pixels.tobytes()).hexdigest()}"


def asked(request: Request) -> Request:
    """What is kept of a request, and what one is looked up by."""
    request.uri = re.sub(r"^https?://[^/]+", HOST, request.uri)
    request.headers = {key.lower(): value for key, value in request.headers.items() if key.lower() in KEPT}
    if request.body:
        request.body = json.dumps(named(json.loads(request.body)), ensure_ascii=False).encode()
    return request


def answered(response: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an answer."""
    headers = {key.lower(): value for key, value in response["headers"].items() if key.lower() in KEPT}
    return {**response, "headers": headers}


CONFIG = {
    "before_record_request": asked,
    "before_record_response": answered,
    "match_on": ["method", "uri", "headers", "body"],
}


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    return CONFIG


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["family"])


@pytest.fixture
def served(record_mode: str) -> Iterator[Dialects | None]:
    """Only there while a conversation is recorded."""
    with Dialects() if record_mode != "none" else nullcontext() as server:
        yield server


@pytest.mark.vcr
@pytest.mark.block_network
@pytest.mark.parametrize("port", [1, 2])
@pytest.mark.parametrize("family", FAMILIES)
def test_an_episode_that_was_recorded_is_played_again_without_a_network(
    family: str, port: int, served: Dialects | None, vcr: Cassette, tmp_path: Path
) -> None:
    url = served.url if served else f"http://127.0.0.1:{port}"
    agent = native(url, family, PATIENT if served else BRIEF)
    agent.prepare()
    tag = f"{family}-recorded"
    played = play(tmp_path / "run", [job(served, tag, family, lambda: agent)])
    ended = played.stories[tag].ended
    assert ended is not None
    assert (ended.how, ended.score, ended.reason) == ("finished", 1.0, "")
    assert same(played.deeds[tag], MEANT[:-1])
    assert [call.tries for decided in played.stories[tag].decisions for call in decided.calls if call.problem] == []
    assert served or vcr.all_played


@pytest.mark.block_network
@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_not_recorded_is_not_answered(family: str, tmp_path: Path) -> None:
    tag = f"{family}-other"
    with VCR(**CONFIG).use_cassette(str(FOLDER / f"{family}.yaml"), record_mode=RecordMode.NONE):
        agent = native("http://127.0.0.1:3", family, BRIEF)
        agent.prepare()
        played = play(tmp_path / "run", [job(None, tag, family, lambda: agent)])
    ended = played.stories[tag].ended
    assert ended is not None
    assert ended.how != "finished"
    assert "no recorded interaction" in ended.reason
    assert played.deeds[tag] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cassette_is_small_and_holds_no_key_no_picture_and_no_place_or_time(family: str) -> None:
    text = (FOLDER / f"{family}.yaml").read_text()
    assert len(text) < MOST
    assert text.count("sha256:") >= len(MEANT)
    for word in (
        SECRET,
        "authorization",
        "x-api-key",
        "bearer",
        "base64,",
        "iVBOR",
        "127.0.0.1",
        "GMT",
        "set-cookie",
    ):
        assert word.lower() not in text.lower()
    assert not re.search(r"[A-Za-z0-9+/]{100,}", text)


def test_a_picture_is_named_by_its_pixels_however_it_is_packed() -> None:
    def packed(shade: int, level: int) -> str:
        out = io.BytesIO()
        Image.new("RGB", (64, 40), (shade, 0, 0)).save(out, "PNG", compress_level=level)
        return base64.b64encode(out.getvalue()).decode()

    assert packed(7, 0) != packed(7, 9)
    one, same_again, other = (named(f"data:image/png;base64,{packed(*how)}") for how in ((7, 0), (7, 9), (8, 0)))
    assert one == same_again == named({"type": "base64", "data": packed(7, 0)})["data"] != other


def test_there_is_a_cassette_for_each_family_and_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(FAMILIES)
