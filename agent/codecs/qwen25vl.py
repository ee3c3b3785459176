"""Qwen2.5-VL: absolute pixels of the picture at the size its image processor gives it, which the prompt states."""

from __future__ import annotations

from typing import Final

from agent.codecs.base import Batch, Family
from agent.codecs.hermes import Hermes, resizing
from agent.codecs.hermes_actions import Vocabulary
from agent.codecs.options import checked
from agent.frame import Space

ACTIONS: Final = (
    "key",
    "type",
    "mouse_move",
    "left_click",
    "left_click_drag",
    "right_click",
    "middle_click",
    "double_click",
    "scroll",
    "wait",
    "terminate",
)


def qwen25vl(  # noqa: PLR0913 - a configuration
    *,
    space: Space = "pixels",
    divisor: float = 1000.0,
    factor: int = 28,
    least_pixels: int = 3136,
    most_pixels: int = 12_845_056,
    pictures: int = 4,
    scroll_unit: float = 1.0,
    batch: Batch = "first",
    held: bool = False,
    bare: bool = False,
) -> Hermes:
    """The codec. `least_pixels` and `most_pixels` must be the server's own limits, or coordinates are off.

    `scroll_unit` is wheel clicks for one of its pixels; `held` adds key_down and key_up; `bare` sends the screen and
    the goal and nothing else. Source: the computer use cookbook of Qwen2.5-VL.
    """
    facts = Family(
        name="qwen25vl",
        about="Qwen2.5-VL, and models trained on it that call computer_use (GUI-Owl, Fara)",
        can=("act", "ask", "locate"),
        space=space,
        divisor=divisor,
        resize=resizing(space, factor, least_pixels, most_pixels),
        pictures=1 if bare else pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("qwen2.5-vl", "qwen2_5_vl", "qwen25vl", "qwen2-5-vl", "gui-owl-7b", "gui-owl-32b", "fara-7b"),
        source="Qwen2.5-VL technical report, arXiv 2502.13923",
    )
    checked(facts, factor, least_pixels, most_pixels)
    actions = (*ACTIONS, "key_down", "key_up") if held else ACTIONS
    return Hermes(
        facts, Vocabulary(actions, scroll_unit), "computer_use", factor, least_pixels, most_pixels, stateless=bare
    )
