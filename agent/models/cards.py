"""What a model is: whether its weights are open, under which licence, and the family whose way of speaking it has.

The list is `cards.toml` beside this module. Rows of a person's own come first: from the file that `HANDEYE_CARDS`
names, else from `~/.config/handeye/cards.toml`.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from agent.base import Card
from agent.models.prices import table
from envs.errors import BadInput
from envs.types import Closed

OURS = Path(__file__).with_name("cards.toml")
GENERIC = ("json", "pyautogui")
"""Families for models that have none of their own: they fit any."""


class Row(Closed):
    """What is known of models whose name, in lower case, holds the regular expression `name`."""

    name: str
    source: str
    family: str = ""
    weights: Literal["open", "closed", "unknown"] = "unknown"
    licence: str = ""


def card(model: str, *, endpoint: str, family: str = "") -> Card:
    """The card of a model at a base URL, without a key that may be in it; `family` is the one it is spoken to in.

    Raises BadInput for a list that cannot be read.
    """
    known = find(model)
    named = family or (known.family if known else "")
    where = bare(endpoint)
    if known is None:
        return Card(model=model, family=named, endpoint=where)
    return Card(
        model=model,
        family=named,
        weights=known.weights,
        licence=known.licence,
        endpoint=where,
        source=known.source,
    )


def family_of(model: str) -> str:
    """The family that the model's name tells for certain; empty where it tells none."""
    known = find(model)
    return known.family if known else ""


def find(model: str) -> Row | None:
    """The first row that fits, a person's own before ours."""
    name = model.lower()
    return next((row for row in (*rows(own()), *rows(OURS)) if re.search(row.name, name)), None)


def bare(endpoint: str) -> str:
    """The base URL without user, password, query and fragment: what may be written down."""
    parts = urlsplit(endpoint)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def own() -> Path:
    """Where a person's own cards are, if there are any."""
    return Path(os.environ.get("HANDEYE_CARDS") or Path.home() / ".config" / "handeye" / "cards.toml")


@cache
def rows(path: Path) -> tuple[Row, ...]:
    """The rows of a list, none where there is no file. Raises BadInput, with what is wrong with it."""
    found = table(path, "card", Row)
    for row in found:
        try:
            re.compile(row.name)
        except re.error as err:
            raise BadInput(f"{path}: the name {row.name!r} is no regular expression: {err}") from None
    return found
