"""The strict JSON format, for any model without a format of its own, and to compare models in one of nobody's."""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.locating import Plain
from agent.codecs.options import checked
from agent.codecs.plain import Listed, Objects
from agent.frame import Space


def json(
    *,
    space: Space = "relative",
    divisor: float = 1000.0,
    edge: int | None = None,
    pictures: int = 3,
    batch: Batch = "all",
) -> Objects:
    """The codec. `edge` is the most pixels that a picture's longer side is sent with; None: as it is.

    The format is ours.
    """
    resize = Plain(edge)
    facts = Family(
        name="json",
        about="any model: one JSON object a reply, of a format that is ours",
        can=("act", "ask", "locate"),
        space=space,
        divisor=divisor,
        resize=str(resize),
        pictures=pictures,
        batch=batch,
    )
    checked(facts)
    return Objects(facts, resize, Listed())
