"""What a model call costs: money is named only where a dated and sourced row of a list says a price.

The list is `prices.toml` beside this module. Rows of a person's own come first: from the file that `HANDEYE_PRICES`
names, else from `~/.config/handeye/prices.toml`.
"""

from __future__ import annotations

import os
import re
import tomllib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import msgspec

from agent.base import Usage
from envs.errors import BadInput
from envs.types import Closed

OURS = Path(__file__).with_name("prices.toml")
Dollars = Annotated[float, msgspec.Meta(ge=0)]
MILLION = 1_000_000
DATED = re.compile(r"-\d{8}$")


class Price(Closed):
    """A row: US dollars per million tokens. `read` and `write` (of a cache) are None where the list is silent."""

    model: str | tuple[str, ...]
    endpoint: str
    input: Dollars
    output: Dollars
    source: str
    as_of: str
    read: Dollars | None = None
    write: Dollars | None = None

    def fits(self, model: str, host: str) -> bool:
        """Whether this is the price of that model at that host."""
        names = (self.model,) if isinstance(self.model, str) else self.model
        name = DATED.sub("", model.lower())
        return fnmatchcase(host, self.endpoint.lower()) and any(fnmatchcase(name, each.lower()) for each in names)

    def of(self, usage: Usage, written: int = 0) -> float | None:
        """What the usage cost; None where it needs a price that the row does not have."""
        fresh = usage.input_tokens - usage.cached_tokens - written
        counted = (
            (fresh, self.input),
            (usage.cached_tokens, self.read),
            (written, self.write),
            (usage.output_tokens, self.output),
        )
        if any(tokens and each is None for tokens, each in counted):
            return None
        return sum(tokens * (each or 0.0) for tokens, each in counted) / MILLION


def price(model: str, endpoint: str, usage: Usage, *, written: int = 0) -> float | None:
    """What a call cost in US dollars, or None where no row says it.

    `endpoint` is a base URL. `written` are those of the input tokens that were put into a cache, as
    `usage.cached_tokens` are those that were read from one. Raises BadInput for a list that cannot be read.
    """
    row = find(model, endpoint)
    return None if row is None else row.of(usage, written)


def find(model: str, endpoint: str) -> Price | None:
    """The row by which the model is paid at that base URL, a person's own before ours."""
    host = (urlsplit(endpoint).hostname or endpoint).lower()
    return next((row for row in (*rows(own()), *rows(OURS)) if row.fits(model, host)), None)


def own() -> Path:
    """Where a person's own prices are, if there are any."""
    return Path(os.environ.get("HANDEYE_PRICES") or Path.home() / ".config" / "handeye" / "prices.toml")


@cache
def rows(path: Path) -> tuple[Price, ...]:
    """The rows of a list, none where there is no file. Raises BadInput, with what is wrong."""
    return table(path, "price", Price)


Row = TypeVar("Row", bound=Closed)


def table(path: Path, name: str, kind: type[Row]) -> tuple[Row, ...]:
    """The rows `[[name]]` of a TOML file, none where there is no file. Raises BadInput, with what is wrong."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except OSError as err:
        raise BadInput(f"cannot read {path}: {err.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} is not TOML: {err}") from None
    if unknown := sorted(set(read) - {name}):
        raise BadInput(f"{path} has {unknown[0]!r}; its rows are written [[{name}]]")
    try:
        return msgspec.convert(read.get(name, []), tuple[kind, ...])  # type: ignore[valid-type]  # a type at run time
    except msgspec.ValidationError as err:
        raise BadInput(f"{path}: a row [[{name}]] is not as it must be: {err}") from None
