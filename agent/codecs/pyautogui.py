"""Any model that is asked for pyautogui code, in pixels of the picture that it is sent."""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.coded import Coded
from agent.codecs.locating import Plain, batched


def pyautogui(
    *,
    edge: int | None = None,
    pictures: int = 3,
    scroll_unit: float = 1.0,
    wait: float = 2.0,
    batch: Batch = "all",
) -> Coded:
    """The codec. A picture is sent at most `edge` pixels long (None: as it is). `wait` is a wait without a number."""
    resize = Plain(edge)
    family = Family(
        name="pyautogui",
        about="any model that writes pyautogui code",
        can=("act", "ask", "locate"),
        space="pixels",
        resize=str(resize),
        pictures=pictures,
        batch=batched(batch),
        scroll_unit=scroll_unit,
        source="https://pyautogui.readthedocs.io",
    )
    return Coded(family=family, resize=resize, wait=wait, triple="pyautogui.tripleClick")
