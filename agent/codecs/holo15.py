"""Holo1 and 1.5: points and answers questions; `Click(x, y)`, or the same in JSON, in pixels of the resized picture.

A reply of an opening brace alone names no point: it is known for those. Source: its model cards.
"""

from __future__ import annotations

from agent.codecs.base import Family
from agent.codecs.locating import Locator, Smart


def holo15(*, factor: int = 28, least_pixels: int = 3136, most_pixels: int = 2560 * 1440) -> Locator:
    """The codec."""
    resize = Smart(factor, least_pixels, most_pixels)
    facts = Family(
        name="holo15",
        about="Holo1 and 1.5: points, and answers questions",
        can=("ask", "locate"),
        space="pixels",
        resize=str(resize),
        pictures=1,
        sure=("holo1", "holo-1"),
        source="https://huggingface.co/Hcompany/Holo1.5-7B",
    )
    return Locator(facts, resize)
