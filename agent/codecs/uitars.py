"""UI-TARS 1.0 (2B, 7B, 72B): calls in words, in thousandths of the picture.

Source: the UI-TARS paper, https://arxiv.org/abs/2501.12326, and its README.
"""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.locating import Plain
from agent.codecs.options import checked
from agent.codecs.tars import Tars
from agent.codecs.tars_actions import Words


def uitars(
    *,
    divisor: float = 1000.0,
    pictures: int = 5,
    scroll_unit: float = 5.0,
    batch: Batch = "all",
) -> Tars:
    """The codec. `scroll_unit` is wheel clicks of one scroll."""
    resize = Plain()
    family = Family(
        name="uitars",
        about="UI-TARS 1.0 (2B, 7B, 72B; SFT and DPO): calls in words, in thousandths",
        can=("act", "ask", "locate"),
        space="relative",
        divisor=divisor,
        resize=str(resize),
        pictures=pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("ui-tars-2b", "ui-tars-7b", "ui-tars-72b", "ui-tars-1.0"),
        source="https://arxiv.org/abs/2501.12326",
    )
    checked(family)
    return Tars(family, resize, Words(turn=scroll_unit), "uitars")
