"""A study: the same agents asked about screens and put to work on them, read from its folder into frozen records.

STUDY/study.json                         what it is: a `Study`
STUDY/bank/                              the bank of items (see `scoring.understanding.items`)
STUDY/ask/<slug>/responses.jsonl         what each agent answered
STUDY/control/<slug>/<condition>/        ordinary runs, one for each condition (see `condition_folder`)
STUDY/report/                            derived: may be deleted, and is made again to the same bytes
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

import msgspec

from envs.errors import BadInput
from envs.types import Card, Closed, Size

FORMAT: Final = 1

Kind = Literal["model", "null", "planted"]


class Contender(Closed):
    """An agent of a study. `slug` is its folder's name; `cards` are its models, as in `Run.cards`.

    `null` agents do nothing, always give up, click at random, or play the solution; `planted` ones play the solution
    with faults of known rates (`faults`, by what they break), and show whether the report finds what was planted.
    """

    spec: str
    slug: str
    kind: Kind = "model"
    faults: dict[str, float] = msgspec.field(default_factory=dict)
    cards: tuple[Card, ...] = ()


class Study(Closed):
    """What a study was asked to do: enough to go on with it. `bank` is the bank's hash, `created` a UTC stamp."""

    format: int
    suite: str
    seeds: tuple[int, ...]
    repeats: int
    size: Size
    bank: str
    agents: tuple[Contender, ...]
    conditions: tuple[str, ...]
    """Those of every agent: "" as in life, aids, placebos, `step:K`; see `Started.condition`."""
    teleports: tuple[int, ...] = ()
    """Starts on the way, in steps of the solution."""
    created: str = ""
    handeye: str = ""


def slug(spec: str) -> str:
    """An agent's name as a folder's: `native(model=x/y)` is `native-model-x-y`."""
    return re.sub(r"[^\w.]+", "-", spec).strip("-.") or "agent"


def condition_folder(condition: str) -> str:
    """A condition's name as a folder's: `life` for none, and no colons."""
    return re.sub(r"[^\w.]+", "-", condition) or "life"


def is_study(folder: Path) -> bool:
    """Whether the folder holds one."""
    return (folder / "study.json").is_file()


def read_study(folder: Path) -> Study:
    """What a study was asked to do. Raises BadInput when the folder is none."""
    path = folder / "study.json"
    try:
        study = msgspec.json.decode(path.read_bytes(), type=Study)
    except OSError:
        raise BadInput(f"{folder} is not a study: it has no study.json") from None
    except msgspec.MsgspecError as err:
        raise BadInput(f"{path} cannot be read: {err}") from None
    if study.format > FORMAT:
        raise BadInput(f"{path} has format {study.format}, and this handeye reads up to {FORMAT}; use a newer one")
    return study


def write_study(folder: Path, study: Study) -> None:
    """Write study.json; what was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.json").write_bytes(msgspec.json.format(msgspec.json.encode(study), indent=2) + b"\n")
