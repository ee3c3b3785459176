"""OpenCUA: pyautogui code in pixels of the smart-resized picture, under `## Thought`, `## Action` and `## Code`.

Where both numbers of a place lie in 0..1 and are not both whole, it means a share of the picture: some of its
training data say so, and its own evaluation reads it so. Source: https://github.com/xlang-ai/OpenCUA.
"""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.coded import Coded
from agent.codecs.locating import Smart, batched


def opencua(
    *,
    factor: int = 28,
    least_pixels: int = 3136,
    most_pixels: int = 12_845_056,
    pictures: int = 3,
    scroll_unit: float = 1.0,
    wait: float = 20.0,
    batch: Batch = "all",
) -> Coded:
    """The codec. `wait` is what `computer.wait()` means, in seconds; `scroll_unit` clicks for one of its own."""
    resize = Smart(factor, least_pixels, most_pixels)
    family = Family(
        name="opencua",
        about="OpenCUA 7B, 32B, 72B and EvoCUA S1: pyautogui code",
        can=("act", "ask", "locate"),
        space="pixels",
        resize=str(resize),
        pictures=pictures,
        batch=batched(batch),
        scroll_unit=scroll_unit,
        sure=("opencua",),
        source="https://github.com/xlang-ai/OpenCUA",
    )
    return Coded(family=family, resize=resize, wait=wait, triple="computer.triple_click", fractions=True)
