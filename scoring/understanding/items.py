"""A bank: questions about screens, each with its pictures, its truth, and how that truth was obtained.

    BANK/bank.json        what it is: a `Bank`, with its content's hash, the audit, and what was left out
    BANK/items.jsonl      one `Item` a line, sorted by id
    BANK/images/<sha256>.png
    BANK/plays/           the run whose records the items were made of (see `scoring.record`); may be deleted

The rungs of the ladder (`L-1` is calibration, `L6` control, and neither has items):

    L0 perceive   what is on this screen           L3 plan     which step is next, in which order, or none can be
    L1 ground     where on this screen it is       L4 verify   is it done; did the last action take effect
    L2 predict    what the next screen will be     L5 act      one step, live

No model writes or grades any of it: truth is read off the machine, or found by executing something on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from envs.errors import BadInput
from envs.types import Closed, Point, Rect, Size

Rung = Literal["L0", "L1", "L2", "L3", "L4", "L5"]
RUNGS: tuple[Rung, ...] = ("L0", "L1", "L2", "L3", "L4", "L5")
FORMAT = 1
NOT_APPLICABLE = "does not apply"
"""What the reason of a `Dropped` begins with where its rung has no meaning for a task, whatever is played."""


class Truth(Closed, tag_field="kind", tag=str.lower):
    """What is right. See `Right` for the union."""


class Choice(Truth):
    """One of the item's options, by its place from 0."""

    option: int


class Words(Truth):
    """One of these texts; case, blanks and punctuation at the ends do not matter."""

    accepted: tuple[str, ...]


class Place(Truth):
    """A point inside one of the boxes, in pixels of the picture; without any: that it is not there."""

    boxes: tuple[Rect, ...]

    def holds(self, point: Point) -> bool:
        """Whether the point is right."""
        return any(box.holds(point) for box in self.boxes)


class Order(Truth):
    """An order of the options in which each pair (before, after) holds; `extensions` is how many orders there are."""

    before: tuple[tuple[int, int], ...]
    extensions: int


class Done(Truth):
    """One step on a live desktop, after the first `step` steps of the solution: the state it must lead to.

    `fingerprint` is of the state before; `facts` are what the solution's own step changed (see `scoring.changes`).
    """

    step: int
    fingerprint: str
    facts: tuple[str, ...]


Right: TypeAlias = Choice | Words | Place | Order | Done


class Item(Closed):
    """One question. `pictures` and, where `pictured`, `options` are SHA-256 of PNGs in `images/`.

    `guess` is the score that chance gets. `how` says how the truth was obtained, in a sentence; `plays` names the
    episodes of the bank's run, each with a step from 0, in which it can be seen. `pair` is the same for items that
    are credited only together. `facet` says what of its rung it is: `value`, `state`, `window`, `absent`; `name`,
    `relation`, `function`; `text`, `image`, `inverse`; `next`, `order`, `feasible`; `done`, `effect`. `tags` are
    app, role, area and whatever else a table may be broken down by.
    """

    id: str
    rung: Rung
    facet: str
    task: str
    """The template: `smoke/budget@1`. Items of a template are a cluster, whatever their seed."""
    seed: int
    question: str
    truth: Right
    pictures: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    pictured: bool = False
    guess: float = 0.0
    pair: str = ""
    hidden: bool = False
    """Whether the truth cannot be seen on the pictures: reported apart."""
    how: str = ""
    plays: tuple[tuple[str, int], ...] = ()
    tags: dict[str, str] = msgspec.field(default_factory=dict)


class Dropped(Closed):
    """A candidate that was not taken, and why: for the table of exclusions."""

    task: str
    seed: int
    rung: Rung
    why: str
    count: int = 1


MARGIN = 0.05
"""How far above chance a solver that does not see the screen may be."""


class Shortcut(Closed):
    """How well a solver that does not see the screen does on a rung; `high` is the 95 % bound, `chance` the guess."""

    rung: Rung
    solver: str
    score: float
    high: float
    chance: float
    items: int
    dropped: int = 0

    @property
    def passes(self) -> bool:
        """At most five points above chance, by the upper bound."""
        return self.high <= self.chance + MARGIN

    @property
    def leaks(self) -> bool:
        """Whether what it got is itself more than that above chance; else, not to pass, there are too few items."""
        return self.score > self.chance + MARGIN


class Operator(Closed):
    """How the task's scorer judged the plays of one kind: a mutation, the solution, an equivalent, nothing done.

    `same` are further mutations that changed nothing: they left the machine as the solution does, and prove nothing.
    """

    task: str
    operator: str
    wanted: float
    """The score that each should have: 1 or 0."""
    played: int
    right: int
    same: int = 0


class Bank(Closed):
    """What a bank is. `hash` is of its items and pictures: two builds with one seed have the same."""

    format: int
    suite: str
    seeds: tuple[int, ...]
    size: Size
    handeye: str
    image: str
    """Content digest of the desktop's root filesystem."""
    hash: str
    items: int
    apps: dict[str, float]
    """Of each application, the share of the solutions' own clicks that a hit-test names: below 0.9 there is no L1."""
    shortcuts: tuple[Shortcut, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    operators: tuple[Operator, ...] = ()


def item(**fields: object) -> Item:
    """An item whose id is a digest of all else: the same question has the same id in every build."""
    made = Item(id="", **fields)  # type: ignore[arg-type]  # checked by the encoding below
    body = msgspec.json.encode(msgspec.structs.replace(made, plays=()), order="deterministic")
    short = made.task.rpartition("/")[2].partition("@")[0]
    named = msgspec.structs.replace(made, id=f"{made.rung}-{short}-{hashlib.sha256(body).hexdigest()[:12]}")
    return msgspec.json.decode(msgspec.json.encode(named), type=Item)


def digest(items: Iterable[Item]) -> str:
    """Of what the items say and show, without which episodes they came from."""
    found = hashlib.sha256()
    for each in sorted(items, key=lambda one: one.id):
        found.update(msgspec.json.encode(msgspec.structs.replace(each, plays=()), order="deterministic"))
    return found.hexdigest()


def write(folder: Path, bank: Bank, items: Iterable[Item]) -> None:
    """Write a bank into the folder; its pictures are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [msgspec.json.encode(each) for each in sorted(items, key=lambda one: one.id)]
    (folder / "items.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    (folder / "bank.json").write_bytes(msgspec.json.format(msgspec.json.encode(bank), indent=2) + b"\n")


def read(folder: Path) -> tuple[Bank, tuple[Item, ...]]:
    """A bank and its items. Raises BadInput when the folder is none."""
    path = folder / "bank.json"
    try:
        bank = msgspec.json.decode(path.read_bytes(), type=Bank)
    except OSError:
        raise BadInput(
            f"{folder} is not a bank: it has no bank.json; build one by `handeye bank build SUITE`"
        ) from None
    except msgspec.MsgspecError as err:
        raise BadInput(f"{path} cannot be read: {err}") from None
    if bank.format > FORMAT:
        raise BadInput(f"{path} has format {bank.format}, and this handeye reads up to {FORMAT}; use a newer one")
    return bank, tuple(read_lines(folder / "items.jsonl"))


def read_lines(path: Path) -> Iterator[Item]:
    """The items in a file. Raises BadInput where one cannot be read."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as err:
        raise BadInput(f"cannot read {path}: {err.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            yield msgspec.json.decode(line, type=Item)
        except msgspec.MsgspecError as err:
            raise BadInput(f"{path}, line {number} cannot be read: {err}") from None


def picture(folder: Path, name: str) -> bytes:
    """A picture of a bank. Raises BadInput when it is not there."""
    try:
        return (folder / "images" / f"{name}.png").read_bytes()
    except OSError as err:
        raise BadInput(f"the bank {folder} lacks the picture {name}: {err.strerror}") from None
