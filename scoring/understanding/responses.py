"""What a model answered, as it is kept: one line for each item and rotation that was asked.

    STUDY/ask/<agent>/responses.jsonl

Appended to as answers come in, so that asking can be stopped at any time and gone on with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from envs.errors import BadInput
from envs.types import Called, Closed, Point

Status = Literal["ok", "repaired", "invalid", "error"]
"""`repaired`: right in form only when asked to repeat its last line. `invalid` scores 0 and is never guessed;
`error` is an endpoint's fault, and in no mean."""


class Response(Closed):
    """One answer. `order` is how the options were shown: `order[0]` is the place of the one shown as A.

    `given` is what was understood of it: an option's place, a text, `x,y`, `NONE`, or the options' places in order.
    """

    item: str
    agent: str
    rotation: int
    status: Status
    score: float | None
    """1 or 0 (for an order the part of the pairs that holds); None for an error."""
    given: str = ""
    at: Point | None = None
    raw: str = ""
    order: tuple[int, ...] = ()
    blind: bool = False
    """Whether it was asked with grey pictures."""
    native: bool = False
    """Whether it was asked in the model's own way of pointing, not in words."""
    seconds: float = 0.0
    calls: tuple[Called, ...] = ()

    @property
    def key(self) -> tuple[str, int, bool, bool]:
        """What was asked."""
        return self.item, self.rotation, self.blind, self.native


def read(path: Path) -> Iterator[Response]:
    """The answers in a file, a torn last line left out; none where there is no file. Raises BadInput."""
    if not path.exists():
        return
    *whole, _ = path.read_bytes().split(b"\n")
    for number, line in enumerate(whole, 1):
        try:
            yield msgspec.json.decode(line, type=Response)
        except msgspec.MsgspecError as err:
            raise BadInput(f"{path}, line {number} cannot be read: {err}") from None
