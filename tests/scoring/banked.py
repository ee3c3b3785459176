"""Small banks, made by hand: pictures drawn with Pillow, questions whose truth is known by construction."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from envs.types import Rect, Size
from scoring.understanding.items import Bank, Choice, Item, Order, Place, Right, Rung, Words, digest, item, write

SCREEN = Size(width=640, height=400)
_WORDS = "amber bread cloud dune ember frost grove haze iris jade kelp lilac moss north opal pearl quartz river"
WORDS = tuple(_WORDS.split())


def picture(box: Rect | None = None, colour: str = "#d02020", size: Size = SCREEN) -> bytes:
    """A plain screen with a coloured box."""
    image = Image.new("RGB", (size.width, size.height), "#e0e0e0")
    if box is not None:
        corners = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
        ImageDraw.Draw(image).rectangle(corners, fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def stored(folder: Path, png: bytes) -> str:
    """Keep it among a bank's pictures: its name."""
    name = hashlib.sha256(png).hexdigest()
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    (images / f"{name}.png").write_bytes(png)
    return name


def bank(folder: Path, items: list[Item], suite: str = "made") -> Path:
    """Write it."""
    about = Bank(
        format=1, suite=suite, seeds=(0,), size=SCREEN, handeye="0", image="", hash=digest(items), items=len(items),
        apps={},
    )  # fmt: skip
    write(folder, about, items)
    return folder


def made(  # an item with what tests seldom care for filled in
    rung: Rung, task: int, truth: Right, question: str, **more: object
) -> Item:
    given: dict[str, object] = {"facet": "value", "seed": 0, "guess": 0.0, **more}
    return item(rung=rung, task=f"made/task{task}@1", truth=truth, question=question, **given)


def choices(count: int, rung: Rung = "L3", tasks: int = 10, seed: int = 0, **more: object) -> list[Item]:
    """Questions with four options of chance words, the right one anywhere: nothing gives it away."""
    chance = Random(seed)
    found = []
    for number in range(count):
        options = tuple(" ".join(chance.sample(WORDS, 3)) for _ in range(4))
        truth = Choice(option=chance.randrange(4))
        found.append(made(rung, number % tasks, truth, f"Which? {number}", options=options, guess=0.25, **more))
    return found


def told_by_length(count: int, tasks: int = 10, seed: int = 0) -> list[Item]:
    """The right option is the longest of the four."""
    chance = Random(seed)
    found = []
    for number in range(count):
        right = chance.randrange(4)
        lengths = [6 if place == right else 3 for place in range(4)]
        options = tuple(" ".join(chance.sample(WORDS, length)) for length in lengths)
        found.append(
            made("L3", number % tasks, Choice(option=right), f"Which? {number}", options=options, guess=0.25)
        )
    return found


def told_by_words(count: int, tasks: int = 10, seed: int = 0) -> list[Item]:
    """The right option has a word that wrong ones never have."""
    chance = Random(seed)
    found = []
    for number in range(count):
        right = chance.randrange(4)
        options = tuple(
            " ".join((*chance.sample(WORDS[1:], 2), "amber" if place == right else chance.choice(WORDS[1:])))
            for place in range(4)
        )
        found.append(
            made("L3", number % tasks, Choice(option=right), f"Which? {number}", options=options, guess=0.25)
        )
    return found


def doneness(count: int, tasks: int = 10, seed: int = 0, **more: object) -> list[Item]:
    """Questions of yes or no, half of each, of chance words."""
    chance = Random(seed)
    truths = ["yes", "no"] * (count // 2)
    chance.shuffle(truths)
    return [
        made(
            "L4", number % tasks, Words(accepted=(truth,)), f"Is {' '.join(chance.sample(WORDS, 3))} done? {number}",
            facet="done", guess=0.5, **more,
        )
        for number, truth in enumerate(truths)
    ]  # fmt: skip


def places(folder: Path, count: int, tasks: int = 10, seed: int = 0) -> list[Item]:
    """Boxes to be pointed at, and every sixth that is not there."""
    chance = Random(seed)
    found = []
    for number in range(count):
        box = Rect(x=chance.randrange(20, 520), y=chance.randrange(20, 340), width=60, height=30)
        there = number % 6 != 5
        png = picture(box if there else None)
        found.append(
            made(
                "L1", number % tasks, Place(boxes=(box,) if there else ()), f"Point at the red box, case {number}.",
                pictures=(stored(folder, png),), facet="name", guess=0.05,
            )
        )  # fmt: skip
    return found


def orders(count: int, tasks: int = 10) -> list[Item]:
    """Four steps, of which the second and the third can change places."""
    before = ((0, 1), (0, 2), (1, 3), (2, 3), (0, 3))
    return [
        made(
            "L3", number % tasks, Order(before=before, extensions=2), f"In which order, in case {number}?",
            options=("open it", "bold", "italic", "save it"), facet="order", guess=0.5,
        )
        for number in range(count)
    ]  # fmt: skip
