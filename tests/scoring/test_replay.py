"""The film: it can be decoded, shows what was done where it was done, and is the same each time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest
from golden import SIZE
from PIL import Image, ImageChops

from envs.types import Finish, Point
from scoring import replay
from scoring.drawing import ACCENT, REFUSED, cut, width, wrap
from scoring.scenes import FOOT
from scoring.story import Story, read
from scoring.viewer.export import filmed

ALL = (
    "archive-s0-r0",
    "budget-s0-r0",
    "clip-s0-r0",
    "letter-s0-r0",
    "mail-s0-r0",
    "picture-s0-r0",
    "picture-s0-r0-2",
)


@pytest.fixture(scope="module")
def stories(made: Path) -> dict[str, Story]:
    return {story.name: story for story in read(made)[1]}


@pytest.fixture(scope="module")
def film(made: Path, stories: dict[str, Story]) -> Callable[[str], Path]:
    """Makes a film, unless a page of the same run has had it made."""
    return lambda name: filmed(made, stories[name])


def decoded(path: Path) -> list[tuple[float, Image.Image]]:
    with av.open(str(path)) as container:
        return [(float(frame.time), frame.to_image()) for frame in container.decode(video=0)]


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 40 for a, b in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize("name", ALL)
def test_every_episode_has_a_film_with_the_pictures_planned(
    name: str, film: Callable[[str], Path], stories: dict[str, Story]
) -> None:
    shown = decoded(film(name))
    shots = replay.plan(stories[name])
    assert len(shown) == sum(len(list(replay.ticks(shot))) for shot in shots) + 1
    assert shown[-1][0] == pytest.approx(shots[-1].end, abs=0.002)
    assert shown[0][1].size == (SIZE.width, SIZE.height + FOOT)


def test_a_film_is_small_and_plays_everywhere(film: Callable[[str], Path]) -> None:
    path = film("letter-s0-r0")
    assert path.stat().st_size < 1_000_000
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat"), "it can start before it is loaded"


def at(shown: list[tuple[float, Image.Image]], seconds: float) -> Image.Image:
    return [image for time, image in shown if time <= seconds + 0.001][-1]


def shot(story: Story, kind: str, turn: int) -> replay.Shot:
    return next(each for each in replay.plan(story) if (each.kind, each.turn) == (kind, turn))


def test_a_click_is_drawn_where_it_was_made(film: Callable[[str], Path], stories: dict[str, Story]) -> None:
    story = stories["budget-s0-r0"]
    act = shot(story, "act", 0)
    image = at(decoded(film(story.name)), act.end - 0.2)
    assert near(image.getpixel((240 - 2, 155 - 2)), ACCENT)
    assert near(image.getpixel((240 - 14, 155)), ACCENT)
    assert not near(image.getpixel((400, 400)), ACCENT)


def test_a_refused_click_off_the_screen_is_drawn_in_red_at_its_edge(
    film: Callable[[str], Path], stories: dict[str, Story]
) -> None:
    story = stories["letter-s0-r0"]
    image = at(decoded(film(story.name)), shot(story, "act", 0).end - 0.2)
    assert near(image.getpixel((SIZE.width - 3, 18)), REFUSED)


def test_a_picture_of_the_film_shows_the_screen_itself(
    made: Path, film: Callable[[str], Path], stories: dict[str, Story]
) -> None:
    story = stories["budget-s0-r0"]
    see = shot(story, "see", 4)
    after = story.turns[4].after
    assert after is not None
    image = at(decoded(film(story.name)), see.end - 0.1).crop((0, 0, SIZE.width, SIZE.height))
    with Image.open(made / "frames" / f"{after.frame}.png") as frame:
        worst = ImageChops.difference(image, frame.convert("RGB")).resize((64, 40)).getextrema()
    assert max(high for _, high in worst) < 16


def test_made_again_it_is_the_same_to_the_byte(made: Path, stories: dict[str, Story], tmp_path: Path) -> None:
    story = stories["mail-s0-r0"]
    one = replay.render(made, story, tmp_path / "one.mp4").read_bytes()
    assert replay.render(made, story, tmp_path / "two.mp4").read_bytes() == one
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.mp4", "two.mp4"]


@pytest.mark.parametrize("name", ALL)
def test_the_parts_follow_each_other_and_every_turn_is_shown(name: str, stories: dict[str, Story]) -> None:
    story = stories[name]
    shots = replay.plan(story)
    for one, two in pairwise(shots):
        assert two.start == pytest.approx(one.end, abs=0.002)
    acted = [turn for turn in story.turns if not isinstance(turn.action, Finish)]
    assert len([each for each in shots if each.kind == "act"]) == len(acted)


def test_thinking_takes_a_second_however_long_it_took(stories: dict[str, Story]) -> None:
    thoughts = [each.seconds for each in replay.plan(stories["budget-s0-r0"]) if each.kind == "think"]
    assert thoughts == [1.0, 1.0, 1.0, 0.8]


def test_a_frame_that_is_lost_is_grey_and_the_film_goes_on(run: Path, stories: dict[str, Story]) -> None:
    for path in (run / "frames").iterdir():
        path.unlink()
    shown = decoded(replay.render(run, stories["mail-s0-r0"], run / "videos" / "mail.mp4"))
    assert near(shown[0][1].getpixel((600, 300)), (96, 96, 96))


def test_the_pointer_comes_from_where_the_last_action_left_it(stories: dict[str, Story]) -> None:
    acts = [each for each in replay.plan(stories["budget-s0-r0"]) if each.kind == "act"]
    assert [each.came_from for each in acts[:3]] == [None, Point(x=240, y=155), Point(x=240, y=188)]
    refused = [each for each in replay.plan(stories["letter-s0-r0"]) if each.kind == "act"]
    assert refused[1].came_from is None, "a refused action moves nothing"


@pytest.mark.parametrize(("wide", "high"), [(1920, 1080), (1281, 801), (640, 480), (3840, 2160)])
def test_a_film_is_even_and_as_wide_as_a_laptop(wide: int, high: int) -> None:
    size = replay.film_size(wide, high)
    assert size[0] == 1280
    assert size[1] % 2 == 0
    assert size[1] == pytest.approx(high * 1280 / wide, abs=1)


@pytest.mark.parametrize("text", ["", "word", "many words " * 40, "x" * 400, "naïve 北京 😀\n\tend"])
def test_text_is_cut_to_its_room(text: str) -> None:
    assert width(cut(text, 20, 300), 20) <= 300
    lines = wrap(text, 20, 300, 3)
    assert len(lines) <= 3
    assert all(width(line, 20) <= 300 for line in lines)
