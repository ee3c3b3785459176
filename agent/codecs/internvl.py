"""InternVL3 and 3.5: boxes in thousandths when it points; no agent format of its own, so it acts in our JSON's.

The server cuts each picture into tiles of 448 pixels, at most 12 and a small one of the whole: so it is sent as it
is.
"""

from __future__ import annotations

from agent.codecs.base import Batch, Family
from agent.codecs.locating import Plain
from agent.codecs.options import checked
from agent.codecs.plain import Listed, Objects


def internvl(*, divisor: float = 1000.0, edge: int | None = None, pictures: int = 3, batch: Batch = "all") -> Objects:
    """The codec. `edge` is the most pixels that a picture's longer side is sent with; None: as it is."""
    facts = Family(
        name="internvl",
        about="InternVL3 and 3.5: points by boxes in thousandths, acts in our JSON format",
        can=("act", "ask", "locate"),
        space="relative",
        divisor=divisor,
        resize=f"{Plain(edge)}; the server cuts it into tiles of 448 px",
        pictures=pictures,
        batch=batch,
        sure=("internvl",),
        source="https://internvl.readthedocs.io",
    )
    checked(facts)
    return Objects(facts, Plain(edge), Listed())
