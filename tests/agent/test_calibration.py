"""Calibration: a pipeline that is wired wrongly is named, and a model that points loosely is not called miswired."""

from __future__ import annotations

import io
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PIL import Image

from agent.base import Spot
from agent.calibration import WHERE, calibrate, fit, picture
from agent.frame import Frame, OffScreen, beyond
from agent.models.base import Picture
from envs.errors import BadInput, EndpointFault
from envs.types import Called, Point, Size
from scoring.calibrated import Cross

SCREEN = Size(width=1920, height=1080)
Says = Callable[[float, float], tuple[float, float]]
"""What the model says of a place, given in fractions of the sides."""


def thousand(x: float, y: float) -> tuple[float, float]:
    return 1000 * x, 1000 * y


@dataclass
class Model:
    """Looks for the cross in the picture, says where it is in its own way, and is read in the way of `frame`."""

    says: Says = thousand
    sent: Size = SCREEN
    space: str = "relative"
    divisor: float = 1000.0
    noise: float = 0.0
    tells: bool = True
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def codec(self) -> Model | None:
        return self if self.tells else None

    def show(self, png: bytes) -> Picture:
        return Picture(png, self.sent)

    def frame(self, screen: Size, sent: Size) -> Frame:
        return Frame(screen=screen, sent=sent, space=self.space, divisor=self.divisor)

    def locate(self, png: bytes, description: str) -> Spot:
        assert description == "the centre of the red cross"
        image = Image.open(io.BytesIO(png))
        found = image.convert("HSV").getchannel("S").point(lambda value: 255 * (value > 200)).getbbox()
        across, down = (found[0] + found[2]) / 2 / image.width, (found[1] + found[3]) / 2 / image.height
        x, y = (each + self.chance.gauss(0, self.noise) for each in (across, down))
        called = (Called(model="fake", input_tokens=10, usd=0.25),)
        try:
            return Spot(
                at=self.frame(Size(width=image.width, height=image.height), self.sent).to_screen(*self.says(x, y)),
                calls=called,
            )
        except OffScreen as off:
            return Spot(at=None, why_not=str(off), calls=called)


def test_a_model_that_is_wired_rightly_is_right() -> None:
    heard: list[Called] = []
    made = calibrate(Model(), "qwen3-vl-8b", SCREEN, heard.append)
    assert (made.verdict, made.cause, made.found, made.model) == ("right", "", 5, "qwen3-vl-8b")
    assert made.scale_x == pytest.approx(1, abs=0.002)
    assert made.scale_y == pytest.approx(1, abs=0.002)
    assert abs(made.offset_x or 0) < 2
    assert made.calls == tuple(heard)
    assert len(heard) == len(WHERE)


def near(words: str) -> str:
    """The words, with whole numbers above ten to one part in fifty."""
    return re.sub(r"[1-9]\d+", lambda found: str(round(math.log(int(found[0])) * 50)), words)


def pixels(wide: float, high: float) -> Says:
    return lambda x, y: (x * wide, y * high)


QWEN25 = Size(width=1932, height=1092)


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        pytest.param(
            Model(pixels(100, 100)),
            "wrong divisor: it counts to about 100, and is read as counting to 1000",
            id="divisor too large",
        ),
        pytest.param(
            Model(divisor=100),
            "wrong divisor: it counts to about 1000, and is read as counting to 100",
            id="divisor too small, most of the points off the screen",
        ),
        pytest.param(
            Model(pixels(1, 1)),
            "wrong divisor: it counts to about 1, and is read as counting to 1000",
            id="fractions read as thousandths",
        ),
        pytest.param(
            Model(divisor=1),
            "wrong divisor: it counts to about 1000, and is read as counting to 1",
            id="thousandths read as fractions",
        ),
        pytest.param(
            Model(pixels(1932, 1092)),
            "unscaled coordinates: it answers in pixels of a picture of about 1932x1092",
            id="pixels read as thousandths",
        ),
        pytest.param(
            Model(thousand, QWEN25, "pixels"),
            "unscaled coordinates: it counts to about 1000 on both axes, and is read as pixels of a picture of",
            id="thousandths read as pixels",
        ),
        pytest.param(
            Model(pixels(1316, 728), QWEN25, "pixels"),
            "wrong resize: it answers for a picture of about 1316x728, and was sent 1932x1092",
            id="shrunk by the server",
        ),
        pytest.param(
            Model(pixels(1920, 1080), Size(width=1456, height=819), "pixels"),
            "wrong resize: it answers for a picture of about 1920x1080, and was sent 1456x819",
            id="the screen's own pixels, for a smaller picture",
        ),
        pytest.param(Model(lambda x, y: (1000 * y, 1000 * x)), "swapped axes", id="swapped thousandths"),
        pytest.param(
            Model(lambda x, y: (1092 * y, 1932 * x), QWEN25, "pixels"),
            "swapped axes",
            id="swapped pixels, off the screen",
        ),
        pytest.param(
            Model(lambda x, y: (1000 * x, 1000 * y + 37)),
            "a constant offset: all points are moved by",
            id="a title bar's height",
        ),
        pytest.param(Model(lambda x, y: (1000 * x, 1000 - 1000 * y)), "a mirrored axis", id="y from the bottom"),
        pytest.param(
            Model(pixels(1000, 1920 / 1080 * 1000)), "unscaled coordinates", id="one divisor for the longer side"
        ),
        pytest.param(
            Model(pixels(800, 600), SCREEN, "pixels", tells=False),
            "wrong resize: it answers for a picture of about 800x600, and was sent 1920x1080",
            id="a grounder that does not say how it counts",
        ),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 0.004], ids=["sharp", "a little loose"])
def test_a_pipeline_that_is_wired_wrongly_is_named(model: Model, cause: str, noise: float) -> None:
    model.noise = noise
    made = calibrate(model, "m", SCREEN)
    assert made.verdict == "wrong", made
    if not noise:
        assert near(made.cause).startswith(near(cause))


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        pytest.param(Model(noise=0.05), "it points too loosely", id="it points loosely"),
        pytest.param(Model(lambda x, y: (500, 500)), "it points at one place", id="always the middle"),
        pytest.param(Model(lambda x, y: (0, 0)), "it points at one place", id="always the corner"),
    ],
)
def test_a_model_that_points_badly_is_not_called_miswired(model: Model, cause: str) -> None:
    made = calibrate(model, "m", SCREEN)
    assert made.verdict == "unsure"
    assert cause in made.cause


def test_chance_is_seldom_called_miswired() -> None:
    verdicts = []
    for seed in range(500):
        chance = random.Random(seed)
        crosses = [Cross(at=Point(x=round(x * 1919), y=round(y * 1079)), found=_anywhere(chance)) for x, y in WHERE]
        verdicts.append(fit("m", SCREEN, crosses).verdict)
    assert verdicts.count("right") == 0
    assert verdicts.count("wrong") <= 15


def _anywhere(chance: random.Random) -> Point:
    return Point(x=chance.randrange(1920), y=chance.randrange(1080))


def test_one_point_that_is_simply_wrong_does_not_spoil_the_rest() -> None:
    asked = iter(range(9))
    model = Model(lambda x, y: thousand(x, y) if next(asked) != 2 else (20, 20), noise=0.001)
    assert calibrate(model, "m", SCREEN).verdict == "right"


def test_a_thousand_and_999_are_alike() -> None:
    assert calibrate(Model(pixels(999, 999)), "m", SCREEN).verdict == "right"


def test_a_model_that_names_no_points_is_unsure_and_says_why() -> None:
    class Mute(Model):
        def locate(self, png: bytes, description: str) -> Spot:
            return Spot(at=None, why_not="no numbers in 'I see a cross'")

    made = calibrate(Mute(), "m", SCREEN)
    assert (made.verdict, made.found, made.scale_x) == ("unsure", 0, None)
    assert made.cause == "it named 0 of 5 points: no numbers in 'I see a cross'"


def test_an_endpoint_that_does_not_answer_is_one_line() -> None:
    class Dead(Model):
        def locate(self, png: bytes, description: str) -> Spot:
            raise EndpointFault("the endpoint is overloaded")

    with pytest.raises(BadInput, match="m cannot be calibrated, for it does not answer: the endpoint is overloaded"):
        calibrate(Dead(), "m", SCREEN)


@pytest.mark.parametrize("size", [SCREEN, Size(width=1024, height=768), Size(width=320, height=200)])
def test_a_crosss_centre_is_where_it_is_said_to_be(size: Size) -> None:
    at = Point(x=size.width // 3, y=size.height // 2)
    image = Image.open(io.BytesIO(picture(size, at))).convert("RGB")
    assert image.size == (size.width, size.height)
    red = image.getchannel("G").point(lambda value: 255 * (value == 0)).getbbox()
    assert ((red[0] + red[2] - 1) / 2, (red[1] + red[3] - 1) / 2) == (at.x, at.y)


def test_the_words_of_a_point_off_the_screen_say_where_it_is() -> None:
    frame = Frame(screen=SCREEN, sent=SCREEN, space="relative", divisor=1000)
    with pytest.raises(OffScreen) as off:
        frame.to_screen(1500, -250)
    assert beyond(f"click: {off.value}") == (1.5, -0.25)
    assert beyond("no number in it") is None
