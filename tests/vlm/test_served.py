"""A real model at a real endpoint, through the ordinary `openai_chat` backend: one that sees, and one that does not.

Both are toys: see README.md beside this file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import squares
from PIL import Image, ImageDraw

from agent.cli import run
from agent.native import Native
from agent.registry import make, parse
from envs.types import SCREEN
from scoring.record import Decided, Episode, read_run

pytestmark = [pytest.mark.vlm, pytest.mark.slow, pytest.mark.timeout(1200)]
Serve = Callable[[str], str]


def spec(url: str, name: str, **options: object) -> str:
    """The backend, sent pictures as the toys were trained on."""
    more = "".join(f", {key}={str(value).lower()}" for key, value in options.items())
    return f"openai_chat(model=./{name}, base_url={url}, family=qwen3vl(bare=true), picture=256x160{more})"


def native(url: str, name: str, **options: object) -> Native:
    made = make("agents", parse(spec(url, name, **options)))
    assert isinstance(made, Native)
    return made


def played(suite: str, agent: str, *words: str) -> tuple[Episode, ...]:
    """The episodes of a run. Without calibration: of crosses the toys know nothing."""
    run(["run", suite, "--agent", agent, "--no-calibrate", "--out", "run", *words])
    return read_run(Path("run"))[1]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parent)


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        pytest.param("grounded", 80, 100, id="the one that sees hits at least 80 of 100"),
        # A square is 4 % of the screen; one point that is always the same lies in a square placed by chance in 4 to
        # 7 % of the scenes.
        pytest.param("ungrounded", 0, 20, id="the one that does not see hits by chance"),
    ],
)
def test_of_two_squares_on_a_live_desktop_it_clicks_the_one_named(
    serve: Serve, name: str, least: int, most: int
) -> None:
    jobs = str(len(squares.COLOURS))  # all at once: they mostly wait for the screen to come to rest
    episodes = played("squares:suite", spec(serve(name), name), "--desktop", "embedded", "--jobs", jobs)
    ends = [episode.ended for episode in episodes]
    assert [end.how for end in ends if end] == ["out_of_budget"] * len(squares.COLOURS), ends
    calls = [call for episode in episodes for each in events(episode) for call in each.calls]
    assert len(calls) >= squares.SCENES * len(episodes) == 100
    assert least <= round(sum(end.score or 0 for end in ends if end) * squares.SCENES) <= most


def events(episode: Episode) -> list[Decided]:
    return [line.event for line in episode.lines if isinstance(line.event, Decided)]


def drawn(colour: str, seed: int) -> tuple[bytes, squares.Square]:
    """A scene as the page shows it."""
    pair = squares.scenes(colour, Random(seed))[0]
    picture = Image.new("RGB", (SCREEN.width, SCREEN.height), "#f0f0f0")
    for each in pair:
        corner = each.box.x + each.box.width - 1, each.box.y + each.box.height - 1
        ImageDraw.Draw(picture).rectangle((each.box.x, each.box.y, *corner), fill=squares.COLOURS[each.colour])
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue(), pair[0]


def test_asked_where_it_names_a_point_of_the_picture(serve: Serve) -> None:
    agent, hits = native(serve("grounded"), "grounded"), 0
    for seed in range(10):
        png, square = drawn("blue", seed)
        spot = agent.locate(png, "the blue square")  # a bare family is asked to click it
        assert spot.at is not None, spot.why_not
        hits += square.box.holds(spot.at)
    assert hits >= 7


def test_asked_what_it_sees_it_has_no_words_and_that_is_said(serve: Serve) -> None:
    png, _ = drawn("blue", 0)
    answer = native(serve("grounded"), "grounded").ask((png,), "Click the blue square")
    assert answer.problem
    assert [call.pictures for call in answer.calls] == [1]
    assert answer.calls[0].output_tokens > 0


@pytest.mark.parametrize(
    ("stream", "cause"),
    [
        # transformers serve (5.24) parses tool calls itself, and answers 500 for one that is cut off.
        pytest.param(False, "unreadable", id="whole: the server's own parser answers 500"),
        pytest.param(True, "truncated", id="streamed: it says length"),
    ],
)
def test_a_tool_call_that_is_cut_off_is_the_models_failure(serve: Serve, stream: bool, cause: str) -> None:
    agent = spec(serve("grounded"), "grounded", stream=stream, max_tokens=5)
    (episode,) = played("squares:still", agent, "--desktop", "fake", "--size", "320x200")
    assert episode.ended is not None
    assert (episode.ended.how, episode.ended.cause, episode.ended.score) == ("agent_fault", cause, 0.0)
    assert events(episode)[-1].calls
