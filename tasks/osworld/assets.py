"""The files that tasks bring: which they are, and where they lie on this machine. Nothing here fetches anything.

OSWorld keeps them all in one place of the web, under `<domain>/<task id>/<file>`, percent-encoded: the key. A folder
may hold them by that path, decoded or as it is encoded, or by the names of OSWorld's own cache: what goes into the
desktop as `<task id>/<uuid5 of the address>_<name>`, what it compares with as `<task id>/<dest>`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from envs.errors import BadInput
from envs.types import Closed
from tasks.osworld.example import Example, Getter
from tasks.osworld.steps import Download, GoogleDrive, Step, UpdateBrowseHistory

Part = Literal["config", "postconfig", "expected", "result"]
HISTORY = "chrome/44ee5668-ecd5-4366-a6ce-c1c9b8d4e938/history_empty.sqlite"
"""The empty history that `update_browse_history` begins with; its address is in OSWorld's code, not in a task."""

_IN_THE_STORE = re.compile(r"^(?P<base>.*/resolve/[^/]+/)(?P<key>[^/]+/[^/]+/.+)$")


class Asset(Closed):
    """A file that a task needs. `url` is empty where only OSWorld's code has it, `cached` where it keeps no copy."""

    key: str
    url: str
    part: Part
    cached: str = ""

    @property
    def base(self) -> str:
        """The address of the store, to which keys are put; empty where it is not known from this one."""
        return split(self.url)[0] if self.url else ""


def address(text: str) -> SplitResult:
    """The parts of an address; all of them empty where the text is none, as the paths and patterns of rules are."""
    try:
        return urlsplit(text)
    except ValueError:
        return SplitResult("", "", "", "", "")


def split(url: str) -> tuple[str, str]:
    """The store's address and the key, decoded; two empty words where it is no address of OSWorld's store."""
    at = address(url)
    met = _IN_THE_STORE.match(at.path)
    if at.scheme not in {"http", "https"} or met is None:
        return "", ""
    return f"{at.scheme}://{at.netloc}{met['base']}", unquote(met["key"])


def of(example: Example) -> tuple[Asset, ...]:
    """What a task needs of the store, each key once, in the order of its use."""
    found = (
        *(a for step in example.config for a in _of_step(example, step, "config")),
        *(a for step in example.evaluator.postconfig for a in _of_step(example, step, "postconfig")),
        *(a for check in example.evaluator.checks for a in _of_getter(example, check.expected, "expected")),
        *(a for check in example.evaluator.checks for a in _of_getter(example, check.result, "result")),
    )
    return tuple({(asset.key, asset.cached): asset for asset in reversed(found)}.values())[::-1]


def keys(example: Example) -> tuple[str, ...]:
    """The keys of what it needs, each once."""
    return tuple(dict.fromkeys(asset.key for asset in of(example)))


def _of_step(example: Example, step: Step, part: Part) -> Iterator[Asset]:
    if isinstance(step, UpdateBrowseHistory):
        yield Asset(key=HISTORY, url="", part=part, cached=f"{example.id}/history_new.sqlite")
    if isinstance(step, GoogleDrive):
        for each in step.args:
            if key := split(url := str(each.get("url", "")))[1]:
                yield Asset(key=key, url=url, part=part)
    if isinstance(step, Download):
        for file in step.files:
            name = f"{uuid.uuid5(uuid.NAMESPACE_URL, file.url)}_{PurePosixPath(file.path).name}"
            if key := split(file.url)[1]:
                yield Asset(key=key, url=file.url, part=part, cached=f"{example.id}/{name}")


def _of_getter(example: Example, getter: Getter | None, part: Part) -> Iterator[Asset]:
    if getter is None or getter.type != "cloud_file":
        return
    for url, dest in zip(_listed(getter.params.get("path")), _listed(getter.params.get("dest")), strict=False):
        if key := split(url)[1]:
            yield Asset(key=key, url=url, part=part, cached=f"{example.id}/{dest}")


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []


@dataclass(frozen=True)
class Assets:
    """A folder of them. It finds and never fetches: `handeye osworld fetch` does, when a person asks for it."""

    folder: Path

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise BadInput(
                f"wanted a folder of OSWorld's files, by <domain>/<task id>/<file>; there is no {self.folder}; "
                "fetch them with `handeye osworld fetch`"
            )

    def find(self, asset: Asset) -> Path | None:
        """Where it lies; None where it is missing. What was half fetched, or is empty, is missing."""
        for name in (*names(asset), asset.cached):
            path = within(self.folder, name)
            if path is not None and path.is_file() and path.stat().st_size:
                return path
        return None

    def missing(self, wanted: Iterable[Asset]) -> tuple[str, ...]:
        """The keys of those that are not there, each once."""
        return tuple(dict.fromkeys(asset.key for asset in wanted if self.find(asset) is None))


def names(asset: Asset) -> tuple[str, ...]:
    """The paths by which it may lie in a folder that mirrors the store: decoded first, then as its address has it."""
    met = _IN_THE_STORE.match(address(asset.url).path)
    return (asset.key, met["key"]) if met and met["key"] != asset.key else (asset.key,)


def within(folder: Path, name: str) -> Path | None:
    """The path, where it stays inside the folder: keys come out of files that anybody may have written."""
    path = PurePosixPath(name)
    return None if path.is_absolute() or ".." in path.parts or "\0" in name else folder / path
