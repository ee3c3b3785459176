"""UI-TARS 1.5 (7B): calls in words, in pixels of the picture as Qwen2.5-VL's processor resizes it.

The picture is sent at that size, so that a server with the same limits leaves it alone. Source: the UI-TARS README
and its notes on coordinates, https://github.com/bytedance/UI-TARS.
"""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.locating import Smart
from agent.codecs.options import checked
from agent.codecs.tars import Tars
from agent.codecs.tars_actions import Words
from agent.frame import Space


def uitars15(
    *,
    space: Space = "pixels",
    divisor: float = 1000.0,
    factor: int = 28,
    least_pixels: int = 100 * 28 * 28,
    most_pixels: int = 16_384 * 28 * 28,
    pictures: int = 5,
    scroll_unit: float = 5.0,
    batch: Batch = "all",
) -> Tars:
    """The codec. `space=relative` is for an endpoint whose model counts to `divisor` in place of pixels."""
    resize = Smart(factor, least_pixels, most_pixels)
    family = Family(
        name="uitars15",
        about="UI-TARS 1.5: calls in words, in pixels",
        can=("act", "ask", "locate"),
        space=space,
        divisor=divisor,
        resize=str(resize),
        pictures=pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("ui-tars-1.5", "ui-tars-1_5"),
        source="https://github.com/bytedance/UI-TARS",
    )
    checked(family, factor, least_pixels, most_pixels)
    return Tars(family, resize, Words(turn=scroll_unit), "uitars")
