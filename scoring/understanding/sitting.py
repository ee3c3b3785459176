"""What is written down of an agent's answering a bank, beside its answers: which bank, whose model, how it points.

STUDY/ask/<agent>/sitting.json
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from envs.errors import BadInput
from envs.types import Card, Closed, Served
from scoring.calibrated import Calibration

FORMAT = 1
NAME = "sitting.json"


class Sitting(Closed):
    """`bank` is the bank's hash, `seed` that of the orders in which options were shown, `utc` when it began."""

    format: int
    utc: str
    handeye: str
    agent: str
    bank: str
    seed: int = 0
    cards: tuple[Card, ...] = ()
    abouts: tuple[Served, ...] = ()
    calibration: tuple[Calibration, ...] = ()


def read(folder: Path) -> Sitting | None:
    """What was written down; None where nothing was. Raises BadInput for what cannot be read."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Sitting)
    except (OSError, msgspec.MsgspecError) as err:
        raise BadInput(f"{path} cannot be read: {err}") from None
    if found.format > FORMAT:
        raise BadInput(f"{path} has format {found.format}, and this handeye reads up to {FORMAT}; use a newer one")
    return found


def write(folder: Path, sitting: Sitting) -> None:
    """Write it; what was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(sitting), indent=2) + b"\n")
