"""Qwen3.5 and later, which see by themselves: the tool is `computer`, its calls are in tags or in JSON."""

from __future__ import annotations

from typing import Final

from agent.codecs.base import Batch, Family
from agent.codecs.hermes import Form, Hermes, resizing
from agent.codecs.hermes_actions import Vocabulary
from agent.codecs.hermes_calls import checked_form
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
    "left_mouse_down",
    "left_mouse_up",
    "scroll",
    "hscroll",
    "screenshot",
    "wait",
    "terminate",
    "answer",
)


def qwen35(  # noqa: PLR0913 - a configuration
    *,
    space: Space = "relative",
    divisor: float = 1000.0,
    factor: int = 32,
    least_pixels: int = 65_536,
    most_pixels: int = 13_107_200,
    pictures: int = 4,
    scroll_unit: float = 1.0,
    batch: Batch = "first",
    tool: str = "computer",
    form: Form = "xml",
    native: bool = False,
) -> Hermes:
    """The codec. `form` is how the prompt says that a call looks, xml or json; both are read in any case.

    `native` puts the tool into the request's own field and answers its calls there: for a server that was started
    with the model's tool parser. `tool` is what it is called; `scroll_unit` is wheel clicks for one of its pixels.
    """
    facts = Family(
        name="qwen35",
        about="Qwen3.5, 3.6 and later, with eyes of their own",
        can=("act", "ask", "locate"),
        space=space,
        divisor=divisor,
        resize=resizing(space, factor, least_pixels, most_pixels),
        pictures=pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("qwen3.5", "qwen3_5", "qwen3.6", "qwen3.7", "qwen3.8", "qwen35"),
        source="the tool parsers of vLLM (qwen3_coder) and the loop of cua for these models",
    )
    checked(facts, factor, least_pixels, most_pixels)
    checked_form(form)
    words = Vocabulary(ACTIONS, scroll_unit, modifiers=True)
    return Hermes(facts, words, tool, factor, least_pixels, most_pixels, form=form, native=native)
