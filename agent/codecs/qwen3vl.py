"""Qwen3-VL: coordinates on a grid of 1000x1000, whatever the picture's size."""

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
    "triple_click",
    "scroll",
    "hscroll",
    "wait",
    "terminate",
    "answer",
)


def qwen3vl(  # noqa: PLR0913 - a configuration
    *,
    space: Space = "relative",
    divisor: float = 1000.0,
    factor: int = 32,
    least_pixels: int = 65_536,
    most_pixels: int = 13_107_200,
    pictures: int = 4,
    scroll_unit: float = 1.0,
    batch: Batch = "first",
    held: bool = False,
    bare: bool = False,
) -> Hermes:
    """The codec. `divisor` is what the whole side counts to: 1000 as in the model's cookbook, 999 as in OSWorld.

    `scroll_unit` is wheel clicks for one of its pixels; `held` adds key_down and key_up (EvoCUA); `bare` sends the
    screen and the goal and nothing else. Source: the computer use cookbook of Qwen3-VL.
    """
    facts = Family(
        name="qwen3vl",
        about="Qwen3-VL, and models trained on it that call computer_use (GUI-Owl 1.5, EvoCUA, MAI-UI)",
        can=("act", "ask", "locate"),
        space=space,
        divisor=divisor,
        resize=resizing(space, factor, least_pixels, most_pixels),
        pictures=1 if bare else pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("qwen3-vl", "qwen3_vl", "qwen3vl", "gui-owl-1.5", "evocua", "mai-ui"),
        source="Qwen3-VL technical report, arXiv 2511.21631",
    )
    checked(facts, factor, least_pixels, most_pixels)
    actions = (*ACTIONS, "key_down", "key_up") if held else ACTIONS
    words = Vocabulary(actions, scroll_unit)
    return Hermes(facts, words, "computer_use", factor, least_pixels, most_pixels, lead="Action:", stateless=bare)
