"""Where OSWorld's tasks lie: a checkout, its `evaluation_examples`, an index, a folder of tasks, or a single file.

`evaluation_examples/test_all.json` is `{domain: [id, ...]}`, and each task `examples/<domain>/<id>.json` beside it.
A folder without an index is searched for files that look like tasks; their domain is the name of their folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from envs.errors import BadInput
from envs.types import Closed
from tasks.osworld.example import Example, parse

INDEX = "test_all.json"
EXAMPLES = "examples"
LIKE = "OSWorld's checkout, its evaluation_examples, an index such as test_all.json, or tasks as it writes them"


class Refused(Closed):
    """A task that could not be read, and why: one line."""

    id: str
    domain: str
    why: str


@dataclass(frozen=True)
class Library:
    """What was found: the tasks, in the index's order or by path, and what could not be read."""

    examples: tuple[Example, ...]
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class _Place:
    id: str
    domain: str
    path: Path


def read(where: Path) -> Library:
    """The tasks there. Raises BadInput where there is none at all; a bad one among others is in `refused`."""
    places = list(_places(where))
    if not places:
        raise BadInput(f"wanted {LIKE}; found no task in {where}; give the folder that holds them")
    examples: dict[str, Example] = {}
    refused = []
    for place in places:
        try:
            example = parse(_bytes(place.path), place.domain, str(place.path))
            if example.id in examples:
                raise BadInput(f"{place.path}: wanted an id of its own, found {example.id!r} again; rename one")
        except BadInput as err:
            if len(places) == 1:
                raise
            refused.append(Refused(id=place.id, domain=place.domain, why=str(err)))
        else:
            examples[example.id] = example
    return Library(tuple(examples.values()), tuple(refused))


def _places(where: Path) -> Iterator[_Place]:
    if where.is_dir():
        for base in (where, where / "evaluation_examples"):
            if (base / INDEX).is_file():
                yield from _indexed(base / INDEX)
                return
        for path in sorted(where.rglob("*.json")):
            if _looks_like_one(path):
                yield _Place(path.stem, path.parent.name, path)
    elif not where.is_file():
        raise BadInput(f"wanted {LIKE}; there is no {where}; give the folder that holds them")
    elif _is_index(where):
        yield from _indexed(where)
    else:
        yield _Place(where.stem, where.absolute().parent.name, where)


def _indexed(index: Path) -> Iterator[_Place]:
    try:
        listed = msgspec.json.decode(_bytes(index), type=dict[str, list[str]])
    except msgspec.DecodeError as err:
        raise BadInput(f"{index}: wanted an index, domains with the ids of their tasks; found: {err}") from err
    for domain, ids in listed.items():
        for each in ids:
            yield _Place(each, domain, index.parent / EXAMPLES / domain / f"{each}.json")


def _is_index(path: Path) -> bool:
    try:
        msgspec.json.decode(_bytes(path), type=dict[str, list[str]])
    except msgspec.DecodeError:
        return False
    return True


def _looks_like_one(path: Path) -> bool:
    """Whether it is meant as a task: other files lie about in such folders, and results do too."""
    try:
        raw = msgspec.json.decode(_bytes(path))
    except msgspec.DecodeError:
        return True  # a torn one is told of rather than left out
    return isinstance(raw, dict) and not raw.keys().isdisjoint({"instruction", "evaluator"})


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise BadInput(f"wanted the task {path}, found: {err.strerror}; take it out of the index, or add it") from err
