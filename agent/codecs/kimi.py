"""Kimi-VL, K2.5 and K2.6: pyautogui code with places from 0 to 1, its thoughts given back to it.

Source: OSWorld's Kimi agent, https://github.com/xlang-ai/OSWorld/tree/main/mm_agents.
"""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.coded import Coded
from agent.codecs.locating import Plain, batched, divided


def kimi(
    *,
    divisor: float = 1.0,
    pictures: int = 3,
    scroll_unit: float = 1.0,
    wait: float = 20.0,
    batch: Batch = "all",
    think: bool = True,
) -> Coded:
    """The codec. `think`: what it thought is put before its words again, between its own marks."""
    resize = Plain()
    family = Family(
        name="kimi",
        about="Kimi-VL, K2.5, K2.6: pyautogui code with shares of the picture",
        can=("act", "ask", "locate"),
        space="relative",
        divisor=divided(divisor),
        resize=str(resize),
        pictures=pictures,
        batch=batched(batch),
        scroll_unit=scroll_unit,
        sure=("kimi",),
        source="https://github.com/MoonshotAI/Kimi-VL",
    )
    thinking = ("◁think▷", "◁/think▷") if think else None
    decimals = 4 if divisor <= 1 else 1
    return Coded(
        family=family,
        resize=resize,
        wait=wait,
        triple="computer.triple_click",
        decimals=decimals,
        thinking=thinking,
    )
