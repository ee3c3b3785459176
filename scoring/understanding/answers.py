"""How an item is put to a model in words, how strictly its answer is read, and what the answer is worth.

The words are the same for every model. What counts is the last line of a reply that begins with `ANSWER:`; nothing is
looked for elsewhere, and what cannot be read is never guessed. A record's answers can be scored again by `worth`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from string import ascii_uppercase
from typing import TypeAlias

from envs.types import Point, Size
from scoring.items import ordering
from scoring.understanding.items import Choice, Done, Item, Order, Place, Right, Words
from scoring.understanding.options import alike

NONE = "NONE"
"""The answer that a thing is not there."""
SCREEN = "a screenshot of a Linux desktop"
SHOWS = "shows"
"""The tag that says what an item's pictures are, where they are no screenshots of our desktop."""
ROTATIONS = 2
"""In how many orders of its options a choice is asked."""
LONGEST = 6000
"""Characters of a reply, from its end, that are shown to its model again when it is asked for its last line."""

HOW = {
    Choice: "the letter of the one option that is right",
    Words: "the text that is asked for, and nothing besides",
    Place: "x,y in whole pixels of the picture as you see it, counted from its top left corner; "
    f"or {NONE} if what is asked for is not on it",
    Order: "all letters in the right order, separated by commas",
}
FORM = {Choice: "<letter>", Words: "<text>", Place: f"<x>,<y> or {NONE}", Order: "<letter>,<letter>,..."}
TRUTHS = ("yes", "no")

_LINE = re.compile(r"^[\s*_`>#]*ANSWER\s*:[ \t]*(.*?)[\s*_`]*$")
_LETTER = re.compile(r"\(?([A-Za-z])[).:]?")
_PAIR = re.compile(r"[(\[]?\s*(-?\d{1,6})\s*,\s*(-?\d{1,6})\s*[)\]]?")
_LETTERS = re.compile(r"[A-Za-z](?:(?:\s*(?:,|>|->|→)\s*|\s+)[A-Za-z])*")


@dataclass(frozen=True)
class Heard:
    """What was understood of a reply: see `Response.given`. `said` is a point as it was said, in the picture as sent.

    `problem` says why nothing was, and is empty where something was.
    """

    given: str = ""
    said: Point | None = None
    problem: str = ""


def binary(truth: Right) -> bool:
    """Whether the answer is yes or no."""
    return isinstance(truth, Words) and {alike(each) for each in truth.accepted} <= set(TRUTHS)


def yes_or_no(item: Item) -> bool | None:
    """Whether yes is right; None for an item that is no question of yes or no."""
    if isinstance(item.truth, Words) and binary(item.truth):
        return alike(item.truth.accepted[0]) == "yes"
    if isinstance(item.truth, Choice) and sorted(map(alike, item.options)) == sorted(TRUTHS):
        return alike(item.options[item.truth.option]) == "yes"
    return None


def rotations(item: Item) -> int:
    """How often an item is asked: a choice in two orders, all else once; what is done live, not at all."""
    if isinstance(item.truth, Done):
        return 0
    return ROTATIONS if isinstance(item.truth, Choice) else 1


def order(item: Item, rotation: int, seed: int = 0) -> tuple[int, ...]:
    """How the options are shown in a rotation: the place of the option that is A comes first.

    A choice's are turned by an amount of chance, another one in each rotation. Those of an order are shuffled once:
    turned, they would still stand in much of the order in which they were written down. Empty without options.
    """
    count = len(item.options)
    if count < 2:
        return tuple(range(count))
    chance = Random(f"{seed} {item.id}")
    if isinstance(item.truth, Order):
        return tuple(chance.sample(range(count), count))
    shift = chance.sample(range(count), min(count, ROTATIONS))[rotation % min(count, ROTATIONS)]
    return tuple((place + shift) % count for place in range(count))


def shown(item: Item, places: Sequence[int]) -> tuple[str, ...]:
    """The pictures of a question, in the order in which they are sent: the item's own, then options that are some."""
    return (*item.pictures, *(item.options[place] for place in places if item.pictured))


def question(item: Item, places: Sequence[int], sizes: Sequence[Size]) -> str:
    """The words of a question. `sizes` are those of its pictures as they are sent, in the order of `shown`.

    Without sizes it says nothing of them. Raises ValueError for an item that cannot be asked.
    """
    if isinstance(item.truth, Done):
        raise ValueError(f"{item.id} is done live, and cannot be asked")
    parts = [_about(item, sizes), item.question, _options(item, places)]
    ending = (
        "Think first if you want to. End with exactly one line of this form, with "
        f"{HOW[type(item.truth)] if not binary(item.truth) else 'yes or no'}:\n"
        f"ANSWER: {FORM[type(item.truth)] if not binary(item.truth) else '<yes or no>'}"
    )
    return "\n\n".join(part for part in (*parts, ending) if part)


def _about(item: Item, sizes: Sequence[Size]) -> str:
    """What is shown."""
    count = len(item.pictures)
    if not count:
        return ""
    what = item.tags.get(SHOWS, SCREEN)
    own = sizes[:count]
    measure = f", {own[0].width}x{own[0].height} pixels" if own and len(set(own)) == 1 else ""
    if count == 1:
        first = f"You are shown {what}{measure}."
    else:
        several = what.removeprefix("a ").replace("screenshot", "screenshots", 1).replace("picture", "pictures", 1)
        first = f"You are shown {count} {several}, in order{measure and measure + ' each'}."
    options = len(item.options) if item.pictured else 0
    more = f" The {options} pictures after {'it' if count == 1 else 'them'} are options." if options else ""
    return f"{first}{more} Answer the question about {'it' if count == 1 else 'them'}."


def _options(item: Item, places: Sequence[int]) -> str:
    if not item.options:
        return ""
    if item.pictured:
        first = len(item.pictures) + 1
        return "\n".join(
            f"{letter}) picture {first + at}" for at, letter in enumerate(ascii_uppercase[: len(places)])
        )
    return "\n".join(
        f"{letter}) {item.options[place]}" for letter, place in zip(ascii_uppercase, places, strict=False)
    )


def again(item: Item, reply: str) -> str:
    """The one request to repeat, in words alone, when a reply's last line cannot be read."""
    form = FORM[type(item.truth)] if not binary(item.truth) else "<yes or no>"
    return (
        f"You answered a question about a picture as follows:\n\n{reply[-LONGEST:]}\n\n"
        f"Its last line was to be of the form\nANSWER: {form}\n"
        "Repeat your final answer as that one line. Change nothing about it, and say nothing else."
    )


def hear(item: Item, places: Sequence[int], reply: str) -> Heard:
    """What the last `ANSWER:` line of a reply says, for options shown in the order `places`."""
    lines = [found[1].strip() for line in reply.splitlines() if (found := _LINE.match(line))]
    if not lines:
        return Heard(problem="it has no line that begins with ANSWER:")
    said = lines[-1]
    if not said:
        return Heard(problem="its ANSWER: line is empty")
    match item.truth:
        case Choice():
            return _choice(item, places, said)
        case Words():
            return _words(item.truth, said)
        case Place():
            return _place(said)
        case Order():
            return _order(places, said)
    raise ValueError(f"{item.id} is done live, and has no answer")


def _choice(item: Item, places: Sequence[int], said: str) -> Heard:
    """A letter; or an option's own words, where they are one option's alone."""
    letter = _LETTER.fullmatch(said)
    if letter and (at := ascii_uppercase.index(letter[1].upper())) < len(places):
        return Heard(given=str(places[at]))
    named = [place for place, text in enumerate(item.options) if not item.pictured and _spelt(said, text)]
    if len(named) == 1:
        return Heard(given=str(named[0]))
    return Heard(problem=f"{said[:80]!r} is none of the letters A to {ascii_uppercase[len(places) - 1]}")


def _spelt(said: str, option: str) -> bool:
    """Whether it is the option's text, with its letter or without."""
    bare = re.sub(r"^\(?[A-Za-z]\)\s*", "", said)
    return bool(alike(option)) and alike(option) in (alike(said), alike(bare))


def _words(truth: Words, said: str) -> Heard:
    if binary(truth) and alike(said) not in TRUTHS:
        return Heard(problem=f"{said[:80]!r} is neither yes nor no")
    return Heard(given=said)


def _place(said: str) -> Heard:
    if alike(said) == alike(NONE):
        return Heard(given=NONE)
    pair = _PAIR.fullmatch(said)
    if pair is None:
        return Heard(problem=f"{said[:80]!r} is no x,y in whole pixels, and not {NONE}")
    return Heard(given=f"{int(pair[1])},{int(pair[2])}", said=Point(x=int(pair[1]), y=int(pair[2])))


def _order(places: Sequence[int], said: str) -> Heard:
    letters = re.findall(r"[A-Z]", said.upper()) if _LETTERS.fullmatch(said) or said.isalpha() else []
    if sorted(letters) != list(ascii_uppercase[: len(places)]):
        return Heard(problem=f"{said[:80]!r} does not have each of the {len(places)} letters once")
    return Heard(given=",".join(str(places[ascii_uppercase.index(letter)]) for letter in letters))


def worth(truth: Right, given: str, at: Point | None = None) -> float:
    """What an answer as it was recorded is worth: 1 or 0, for an order the part of the pairs that holds.

    `at` is the point in pixels of the item's picture; a point that is off it is None, and wrong.
    """
    match truth:
        case Choice(option=option):
            return float(given == str(option))
        case Words(accepted=accepted):
            return float(_folded(given) in {_folded(each) for each in accepted})
        case Place(boxes=boxes):
            return float(truth.holds(at) if at is not None else given == NONE and not boxes)
        case Order(before=before):
            said = [int(place) for place in given.split(",")]
            return ordering(said, sorted(said), before).kept if before else 1.0
    raise ValueError("what is done live is not scored by an answer")


def _folded(text: str) -> str:
    """As texts are compared; one that is nothing but punctuation is compared as it is."""
    return alike(text) or text.strip()


Told: TypeAlias = tuple[str, tuple[str, ...]]
"""A right answer, and wrong ones."""


def told(item: Item, places: Sequence[int], size: Size) -> Told:
    """A right answer as it would be written after `ANSWER:`, and wrong ones: for agents whose faults are planted.

    Points are in pixels of the item's picture, which is of `size`.
    """
    letters = dict(zip(places, ascii_uppercase, strict=False))
    match item.truth:
        case Choice(option=option):
            return letters[option], tuple(letters[place] for place in sorted(letters) if place != option)
        case Words(accepted=accepted) if binary(item.truth):
            right = alike(accepted[0])
            return right, tuple(each for each in TRUTHS if each != right)
        case Words(accepted=accepted):
            return accepted[0], (f"not {accepted[0]}",)
        case Place():
            return _points(item.truth, size)
        case Order(before=before):
            right_order = _in_order(len(places), before)
            written = [",".join(letters[place] for place in each) for each in (right_order, right_order[::-1])]
            return written[0], (written[1],)
    raise ValueError(f"{item.id} is done live, and has no answer")


def _points(truth: Place, size: Size) -> Told:
    """A box's middle; and of the places around, those that are right by no box."""
    around = [Point(x=size.width * x // 4, y=size.height * y // 4) for x in (1, 2, 3) for y in (1, 2, 3)]
    wrong = tuple(f"{at.x},{at.y}" for at in around if not truth.holds(at))
    if not truth.boxes:
        return NONE, wrong
    middle = truth.boxes[0].centre
    return f"{middle.x},{middle.y}", (*wrong, NONE)


def _in_order(count: int, before: Sequence[tuple[int, int]]) -> list[int]:
    """An order in which every pair holds, the lowest place first wherever several could be next."""
    made: list[int] = []
    while len(made) < count:
        left = [place for place in range(count) if place not in made]
        made.append(next(place for place in left if not any(b == place and a in left for a, b in before)))
    return made
