"""Which questions of a bank an agent is asked, and about what they will cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from random import Random
from typing import Any

from agent.base import Usage
from agent.looking import grey, size_of
from agent.models import prices
from agent.models.base import Picture
from agent.scaffold import grounders_of
from envs.errors import BadInput
from envs.types import Closed, Size
from scoring.understanding import answers
from scoring.understanding.items import RUNGS, Item, Place, Rung

ASKED: tuple[Rung, ...] = ("L0", "L1", "L2", "L3", "L4")
"""L5 is done live."""
OUT = 250
"""Tokens of an answer with its thoughts, about: for the estimate, before anything is known of the model."""
PATCH = {"qwen3vl": 32, "qwen35": 32, "holo": 32, "openai": 32}
"""Pixels on each side of what a family counts as one token of a picture, where that is not 28."""
TILE, TILE_TOKENS, TILES = 448, 256, 12
"""InternVL's: a picture is cut in tiles of so many pixels, and seen once more as a whole."""


@dataclass(frozen=True)
class Question:
    """One item in one order of its options. `native`: in the model's own way of pointing, not in words."""

    item: Item
    rotation: int
    places: tuple[int, ...]
    blind: bool = False
    native: bool = False

    @property
    def key(self) -> tuple[str, int, bool, bool]:
        """As `Response.key`."""
        return self.item.id, self.rotation, self.blind, self.native

    @property
    def pictures(self) -> tuple[str, ...]:
        """The names of what it shows, in order."""
        return answers.shown(self.item, self.places)


class Cost(Closed):
    """About what questions take. `usd` is None where no price is known, 0 where nothing is paid."""

    questions: int
    pictures: int
    input_tokens: int
    output_tokens: int
    usd: float | None

    def __str__(self) -> str:
        if not self.output_tokens:
            return f"{self.questions} questions with {self.pictures} pictures, and no model is paid"
        money = "no price is known" if self.usd is None else f"about {self.usd:.2f} USD"
        return (
            f"{self.questions} questions with {self.pictures} pictures: about {self.input_tokens:,} tokens in and "
            f"{self.output_tokens:,} out, {money}"
        )


@dataclass(frozen=True)
class Powers:
    """How an agent can be asked: at all, in words about a place of which it says its size, or in its own way."""

    ask: bool
    show: bool
    locate: bool


def powers(agent: object) -> Powers:
    """Of this agent. One whose faults are planted is told the truth, and asked by `answer`."""
    if callable(getattr(agent, "answer", None)):
        return Powers(ask=True, show=True, locate=False)
    family = getattr(getattr(agent, "codec", None), "family", None)
    ask = callable(getattr(agent, "ask", None)) and (family is None or "ask" in family.can)
    return Powers(ask=ask, show=callable(getattr(agent, "show", None)), locate=bool(grounders_of(agent)))


def questions(
    items: Sequence[Item],
    can: Powers,
    *,
    blind: bool = False,
    rungs: Sequence[Rung] = (),
    most: int | None = None,
    seed: int = 0,
) -> list[Question]:
    """What is asked, in the order in which it is: item by item. `most` is how many items of each rung.

    Points are asked for in the model's own way where it has one, and in words where the size of what it is shown is
    known. With `blind` everything is asked with grey pictures, too, if it shows any.
    """
    return [
        Question(item, rotation, answers.order(item, rotation, seed), unseen, native)
        for item in chosen(items, rungs or ASKED, most, seed)
        for rotation in range(answers.rotations(item))
        for native in _ways(item, can)
        for unseen in ((False, True) if blind and answers.shown(item, range(len(item.options))) else (False,))
    ]


def _ways(item: Item, can: Powers) -> list[bool]:
    """Whether in the model's own way of pointing, in words, or both."""
    if isinstance(item.truth, Place):
        return [native for native, able in ((True, can.locate), (False, can.ask and can.show)) if able]
    return [False] if can.ask else []


def chosen(items: Sequence[Item], rungs: Sequence[Rung], most: int | None, seed: int) -> list[Item]:
    """At most so many items of each rung: from all templates alike, and whole pairs."""
    found: list[Item] = []
    for rung in RUNGS:
        own = [item for item in items if item.rung == rung]
        if rung in rungs:
            found += own if most is None else _some(own, most, seed)
    return sorted(found, key=lambda item: (RUNGS.index(item.rung), item.id))


def _some(items: Sequence[Item], most: int, seed: int) -> list[Item]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.id):
        groups[f"pair {item.pair}" if item.pair else item.id].append(item)
    tasks: dict[str, list[list[Item]]] = defaultdict(list)
    for name in sorted(groups):
        tasks[groups[name][0].task].append(groups[name])
    for task in sorted(tasks):
        Random(f"{seed} {task}").shuffle(tasks[task])
    taken: list[Item] = []
    while any(tasks.values()):
        for task in sorted(tasks):
            group = tasks[task].pop() if tasks[task] else []
            if len(taken) + len(group) <= most:
                taken += group
    return taken


def only(text: str) -> tuple[Rung, ...]:
    """`L0,L4`. Raises BadInput for what is not asked."""
    wanted = [each.strip().upper() for each in text.split(",") if each.strip()]
    for each in wanted:
        if each not in ASKED:
            raise BadInput(f"no rung {each!r} is asked; there is {', '.join(ASKED)}")
    return tuple(rung for rung in ASKED if rung in wanted)


class Shown:
    """At which size an agent is shown pictures of a size: itself, or the part of it that points."""

    def __init__(self, agent: object) -> None:
        self._show = getattr(agent, "show", None)
        self._size = cache(self._ask)

    def size(self, size: Size) -> Size:
        """As it is sent; its own where the agent does not say."""
        return self._size(size)

    def _ask(self, size: Size) -> Size:
        if not callable(self._show):
            return size
        shown: Picture = self._show(blank(size))
        return shown.size


@cache
def blank(size: Size) -> bytes:
    """A plain grey PNG of that size."""
    return grey(size).png


def cost(asked: Sequence[Question], agent: object, picture: Callable[[str], bytes]) -> Cost:
    """About what the questions will take. Sizes of pictures are read off their headers, each once."""
    cards: Sequence[Any] = getattr(agent, "cards", None) or ()
    card = next((card for card in cards if card.endpoint), None)
    shown, sizes = Shown(agent), cache(lambda name: size_of(picture(name)))
    inside, pictures = 0, 0
    for each in asked:
        sent = [shown.size(sizes(name)) for name in each.pictures]
        words = answers.question(each.item, each.places, sent)
        pictures += len(sent)
        inside += len(words) // 4 + sum(picture_tokens(card.family if card else "", size) for size in sent)
    used = Usage(input_tokens=inside, output_tokens=OUT * len(asked))
    if card is None:
        return Cost(questions=len(asked), pictures=pictures, input_tokens=0, output_tokens=0, usd=0.0)
    row = prices.find(card.model, card.endpoint)
    return Cost(
        questions=len(asked),
        pictures=pictures,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        usd=None if row is None else row.of(used),
    )


def picture_tokens(family: str, size: Size) -> int:
    """About how many tokens a picture of this size is to a model of the family."""
    if family == "internvl":
        tiles = min(TILES, max(1, round(size.width / TILE)) * max(1, round(size.height / TILE)))
        return TILE_TOKENS * (tiles + (tiles > 1))
    side = PATCH.get(family, 28)
    return ceil(size.width / side) * ceil(size.height / side)
