"""An adapter that is wired wrongly is found by five crosses, through the whole pipeline, and what is wrong is named.

The models are served by `tests.dialects`, which finds the cross in the picture that it received and answers in its
family's own way of counting. Each has its right adapter, and wrong ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.calibration import calibrate
from agent.registry import make
from envs.types import Size
from scoring.calibrated import Calibration
from tests.dialects.relay import KEY, backend, spec
from tests.dialects.server import CLOSED, OPEN, Dialects, model_of

SCREEN = Size(width=1920, height=1080)


@pytest.fixture(scope="module")
def served() -> Iterator[Dialects]:
    with Dialects() as server:
        yield server


def adapted(served: Dialects, model: str, family: str, variant: str = "", more: str = "") -> Calibration:
    """What the crosses say of a family's adapter on another family's model."""
    from agent.registry import parse

    name = model_of(model) + (f"@{variant}" if variant else "")
    options = {"model": name, "base_url": f"{served.url}/v1", "api_key_env": KEY, "force": True}
    written = parse(f"openai_chat(family={family}{more})")
    agent = make("agents", type(written)("openai_chat", {**options, **written.options}))
    return calibrate(agent, name, SCREEN)


@pytest.mark.parametrize("size", [SCREEN, Size(width=1366, height=768)], ids=["1920x1080", "1366x768"])
@pytest.mark.parametrize("family", [*CLOSED, *OPEN])
def test_the_right_adapter_is_found_to_be_right(family: str, size: Size, served: Dialects) -> None:
    found = calibrate(backend(served, family), family, size)
    assert (found.verdict, found.found) == ("right", 5), found.cause
    assert abs(found.scale_x - 1) < 0.01
    assert abs(found.scale_y - 1) < 0.01


RIGHT = [
    pytest.param("qwen3vl", "qwen3vl(divisor=999)", "", id="999 for 1000: under two pixels"),
    pytest.param("glm", "glm(divisor=1000)", "", id="1000 for 999: under two pixels"),
    pytest.param("qwen25vl", "qwen25vl(most_pixels=1003520)", "", id="sent smaller than the server would allow"),
    pytest.param("qwen25vl", "qwen25vl(most_pixels=1003520)", "capped", id="sent as small as the server allows"),
]


@pytest.mark.parametrize(("model", "family", "variant"), RIGHT)
def test_what_moves_no_point_by_more_than_two_pixels_is_let_pass(
    model: str, family: str, variant: str, served: Dialects
) -> None:
    found = adapted(served, model, family, variant)
    assert found.verdict == "right", found.cause


WRONG = [
    pytest.param(
        "qwen3vl", "qwen3vl(divisor=500)", "", "wrong divisor: it counts to about 1000", id="divisor of 500"
    ),
    pytest.param(
        "qwen3vl", "qwen3vl(divisor=1280)", "", "wrong divisor: it counts to about 1000", id="divisor of 1280"
    ),
    pytest.param("qwen3vl", "qwen25vl", "", "it counts to about 1000 on both axes", id="thousandths read as pixels"),
    pytest.param("uitars", "uitars15", "", "it counts to about 1000 on both axes", id="UI-TARS 1.0 as 1.5"),
    pytest.param("qwen25vl", "qwen3vl", "", "pixels of a picture of about 19", id="pixels read as thousandths"),
    pytest.param("uitars15", "uitars", "", "pixels of a picture of about 19", id="UI-TARS 1.5 as 1.0"),
    pytest.param(
        "qwen25vl", "qwen25vl", "capped", "wrong resize: it answers for a picture of about 131", id="capped"
    ),
    pytest.param(
        "opencua", "opencua", "capped", "wrong resize: it answers for a picture of about 131", id="cua capped"
    ),
    pytest.param("qwen25vl", "qwen25vl", "swapped", "swapped axes", id="y before x, in pixels"),
    pytest.param("qwen3vl", "qwen3vl", "swapped", "swapped axes", id="y before x, in thousandths"),
    pytest.param("kimi", "kimi", "swapped", "swapped axes", id="y before x, in fractions"),
    pytest.param("glm", "glm", "swapped", "swapped axes", id="y before x, in a box"),
]


@pytest.mark.parametrize(("model", "family", "variant", "cause"), WRONG)
def test_a_wrong_adapter_is_found_to_be_wrong_and_the_cause_is_named(
    model: str, family: str, variant: str, cause: str, served: Dialects
) -> None:
    found = adapted(served, model, family, variant)
    assert found.verdict == "wrong", (found.verdict, found.cause, found.points)
    assert cause in found.cause


@pytest.mark.parametrize("family", ["claude", "openai"])
def test_a_vendors_model_that_says_y_before_x_is_found_out(family: str, served: Dialects) -> None:
    found = calibrate(make("agents", spec(served, family, variant="swapped")), family, SCREEN)
    assert (found.verdict, found.cause.partition(":")[0]) == ("wrong", "swapped axes")
