"""Pictures as they are sent: at another size, or a part of them."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image

from agent.codecs.base import Codec
from agent.looking import RESAMPLING, detail, resized, size_of
from agent.registry import make, parse
from envs.types import Rect, Size


def drawn(width: int, height: int) -> bytes:
    picture = Image.frombytes("RGB", (width, height), Random(f"{width}x{height}").randbytes(3 * width * height))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (64, 64), (333, 187)])
def test_a_picture_at_another_size_is_a_png_of_just_those_pixels(size: tuple[int, int]) -> None:
    png = drawn(97, 61)
    sent = resized(png, Size(width=size[0], height=size[1]))
    assert (size_of(sent.png), sent.size) == (Size(width=size[0], height=size[1]),) * 2
    assert opened(sent.png).tobytes() == opened(png).resize(size, RESAMPLING).tobytes()


def test_a_picture_that_has_the_size_already_is_sent_byte_for_byte() -> None:
    png = drawn(31, 17)
    assert resized(png, Size(width=31, height=17)).png is png


def test_a_detail_is_that_part_enlarged() -> None:
    part = detail(drawn(97, 61), Rect(x=10, y=20, width=8, height=5))
    assert part.size == size_of(part.png) == Size(width=32, height=20)


FULL = Size(width=1920, height=1080)


@pytest.mark.parametrize(
    ("family", "sent"),
    [
        pytest.param("qwen25vl", Size(width=1932, height=1092), id="pixels: as its server would make it"),
        pytest.param("uitars15", Size(width=1932, height=1092), id="pixels, UI-TARS 1.5"),
        pytest.param("qwen3vl", FULL, id="thousandths: as it is"),
        pytest.param("holo", FULL, id="thousandths, Holo"),
        pytest.param("qwen3vl(most_pixels=1000000)", Size(width=1312, height=736), id="thousandths, but too large"),
        pytest.param("qwen3vl(space=pixels)", Size(width=1920, height=1088), id="told to count in pixels"),
    ],
)
def test_a_screen_is_resized_only_for_who_counts_in_its_pixels(family: str, sent: Size) -> None:
    codec: Codec = make("families", parse(family))
    assert codec.fit(FULL) == sent
