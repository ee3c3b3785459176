"""UI-TARS 2 and the Seed models that came of it: functions in tags, in thousandths of the picture.

Source: the UI-TARS-2 report, https://arxiv.org/abs/2509.02544.
"""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.locating import Plain
from agent.codecs.options import checked
from agent.codecs.tars import Tars
from agent.codecs.tars_actions import Words


def uitars2(
    *,
    divisor: float = 1000.0,
    pictures: int = 5,
    scroll_unit: float = 5.0,
    batch: Batch = "all",
) -> Tars:
    """The codec. `scroll_unit` is wheel clicks of one scroll."""
    resize = Plain()
    family = Family(
        name="uitars2",
        about="UI-TARS 2 and Seed: functions in tags, in thousandths",
        can=("act", "ask", "locate"),
        space="relative",
        divisor=divisor,
        resize=str(resize),
        pictures=pictures,
        batch=batch,
        scroll_unit=scroll_unit,
        sure=("ui-tars-2", "doubao-seed"),
        source="https://arxiv.org/abs/2509.02544",
    )
    checked(family)
    return Tars(family, resize, Words(turn=scroll_unit, seed=True), "uitars2")
