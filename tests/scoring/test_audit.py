"""The audit: what can be answered without seeing the screen is caught and dropped; an honest bank is left alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import msgspec
import pytest

from envs.types import Rect
from scoring.understanding.audit import Tried, audit, audited, block
from scoring.understanding.items import Choice, Item, Place, Shortcut, Words, picture
from tests.scoring import banked
from tests.scoring.banked import WORDS, choices, doneness, made, orders, stored, told_by_length, told_by_words


def unseen(name: str) -> bytes:
    raise AssertionError(f"no solver of these items looks at a picture, and {name} was asked for")


def pictured(folder: Path, count: int, *, most_alike: bool) -> list[Item]:
    """What the next screen is: a box that moved. The right one is the most like the screen now, or by chance."""
    chance = Random(5)
    boxes = [Rect(x=x, y=y, width=80, height=60) for x in range(20, 500, 120) for y in range(20, 300, 90)]
    names = [stored(folder, banked.picture(box)) for box in boxes]
    found = []
    for number in range(count):
        now, *options = chance.sample(names, 5)
        right = chance.randrange(4)
        if most_alike:
            options[right] = now
        found.append(
            made(
                "L2", number % 10, Choice(option=right), f"What is next? {number}", facet="image", pictures=(now,),
                options=tuple(options), pictured=True, guess=0.25,
            )
        )  # fmt: skip
    return found


def always_open(count: int) -> list[Item]:
    return [made("L0", n % 10, Words(accepted=("Untitled",)), f"What is its title? {n}") for n in range(count)]


def in_the_middle(count: int) -> list[Item]:
    box = Rect(x=300, y=180, width=40, height=40)
    return [made("L1", n % 10, Place(boxes=(box,)), f"Point at it, {n}.", guess=0.02) for n in range(count)]


def mostly_yes(count: int) -> list[Item]:
    honest = doneness(2 * count)
    return [item for n, item in enumerate(honest) if item.truth == Words(accepted=("yes",)) or n % 2]


def told_by_question(count: int) -> list[Item]:
    """A word of the question says whether it is done."""
    chance = Random(2)
    return [
        made(
            "L4", n % 10, Words(accepted=("yes" if n // 10 % 2 else "no",)), guess=0.5, facet="done",
            question=f"{' '.join(chance.sample(banked.WORDS[2:], 3))} {banked.WORDS[n // 10 % 2]}?",
        )
        for n in range(count)
    ]  # fmt: skip


CAUGHT = [
    pytest.param(told_by_length(200), "longest", id="the longest is right"),
    pytest.param(told_by_words(200), "options", id="a word of the right option"),
    pytest.param(told_by_question(200), "words", id="a word of the question"),
    pytest.param(always_open(150), "usual text", id="always the same text"),
    pytest.param(in_the_middle(100), "centre", id="always in the middle"),
    pytest.param(mostly_yes(200), "majority", id="mostly yes"),
]


@pytest.mark.parametrize(("items", "solver"), CAUGHT)
def test_what_gives_answers_away_is_caught_by_its_solver(items: list[Item], solver: str) -> None:
    caught = {each.solver for each in audit(items, unseen) if not each.passes}
    assert solver in caught


def test_the_picture_most_like_the_screen_is_caught_when_it_is_right(tmp_path: Path) -> None:
    def look(name: str) -> bytes:
        return picture(tmp_path, name)

    (bad,) = [each for each in audit(pictured(tmp_path, 120, most_alike=True), look) if each.solver == "similar"]
    assert (bad.score, bad.passes) == (1.0, False)
    (good,) = [each for each in audit(pictured(tmp_path, 400, most_alike=False), look) if each.solver == "similar"]
    assert abs(good.score - 0.25) < 0.06


MIXED = [
    pytest.param(told_by_length(120), id="length"),
    pytest.param(told_by_words(120), id="words"),
]


@pytest.mark.parametrize("leaky", MIXED)
def test_items_that_give_themselves_away_are_dropped_and_the_others_stay(leaky: list[Item]) -> None:
    honest = choices(400, tasks=20, seed=3)
    kept, shortcuts, dropped = audited([*leaky, *honest], unseen)
    left = {item.id for item in kept}
    assert sum(item.id in left for item in honest) >= 0.75 * len(honest)
    assert sum(item.id in left for item in leaky) <= 0.45 * len(leaky)
    assert sum(each.count for each in dropped) == len(leaky) + len(honest) - len(kept)
    assert all(each.score < 0.33 for each in shortcuts)
    assert sum(each.dropped for each in shortcuts) == sum(each.count for each in dropped)


@pytest.mark.parametrize("seed", [0, 1])
def test_an_honest_bank_passes_and_loses_next_to_nothing(seed: int) -> None:
    items = [*choices(500, tasks=20, seed=seed), *doneness(600, tasks=20, seed=seed), *orders(40)]
    kept, shortcuts, _ = audited(items, unseen)
    assert {(each.rung, each.solver) for each in shortcuts if not each.passes} == set()
    assert len(kept) >= 0.9 * len(items)


def test_a_small_honest_bank_is_kept_whole_though_it_cannot_be_shown_to_be_at_chance() -> None:
    items = choices(40)
    kept, shortcuts, _ = audited(items, unseen)
    assert len(kept) == 40
    assert not all(each.passes for each in shortcuts)


def test_with_an_item_its_pair_goes() -> None:
    leaky = [
        made(
            "L4", n // 2 % 10, Words(accepted=(("yes", "no")[n % 2],)), f"{banked.WORDS[n % 2]}, of {n}?", guess=0.5,
            pair=f"p{n // 2}", facet="done",
        )
        for n in range(200)
    ]  # fmt: skip
    kept, _, _ = audited(leaky, unseen)
    pairs = [item.pair for item in kept]
    assert all(pairs.count(pair) == 2 for pair in pairs)
    assert len(kept) < 60


def test_the_audit_of_the_same_bank_is_the_same_in_any_order_of_its_items() -> None:
    items = [*told_by_length(30), *choices(60, seed=4)]
    shuffled = Random(1).sample(items, len(items))
    assert audited(items, unseen) == audited(shuffled, unseen)


def test_a_bank_without_items_has_no_shortcuts() -> None:
    assert audited([], unseen) == ((), (), ())


def blocks(count: int, *, size: int = 4, liked: bool = False) -> list[Item]:
    """The same options asked for each; with `liked` only the longest is."""
    chance = Random(6 + liked)
    found = []
    for number in range(count):
        options = tuple(" ".join(chance.sample(WORDS, 3 + (place == 0))) for place in range(size))
        for right in range(size):
            truth, question = Choice(option=0 if liked else right), f"What then? {number} {right}"
            found.append(
                made("L2", number % 10, truth, question, facet="text", options=options, guess=1 / size, seed=number)
            )
    return found


def twins(count: int, *, told: bool = False) -> list[Item]:
    """The same question with yes and with no; where `told`, two questions that differ in a word."""
    return [
        made(
            "L4", number % 10, Words(accepted=(answer,)), guess=0.5, facet="effect", seed=number,
            question=f"{WORDS[number % 7]} {WORDS[place] if told else ''} {number}?",
        )
        for number in range(count)
        for place, answer in enumerate(("yes", "no"), 9)
    ]  # fmt: skip


def found(items: list[Item], solver: str) -> Shortcut:
    (one,) = [each for each in audit(items, unseen) if each.solver == solver]
    return one


def test_where_each_of_the_same_options_is_asked_for_few_blocks_show_that_liking_one_gets_nothing() -> None:
    assert found(blocks(20), "longest").passes
    assert not found(choices(80, rung="L2"), "longest").passes


def test_the_same_question_with_yes_and_with_no_leaves_nothing_to_luck() -> None:
    assert found(twins(30), "words").passes
    assert not found(doneness(60), "words").passes


@pytest.mark.parametrize(
    ("items", "solver"),
    [
        pytest.param(blocks(20, liked=True), "longest", id="only the longest is asked for"),
        pytest.param(twins(60, told=True), "words", id="a word tells which of the twins it is"),
    ],
)
def test_blocks_hide_no_leak(items: list[Item], solver: str) -> None:
    one = found(items, solver)
    assert one.score == 1.0
    assert not one.passes


def test_two_or_three_blocks_prove_nothing() -> None:
    assert not found(blocks(3), "longest").passes


def test_right_by_whole_blocks_is_less_sure_than_by_single_items() -> None:
    """Scores that go together within blocks vary more."""
    items = tuple(made("L4", 0, Words(accepted=("yes",)), f"q {n // 4}", facet="done") for n in range(80))
    items = tuple(msgspec.structs.replace(item, id=f"i{n}") for n, item in enumerate(items))
    whole = Tried(items, {item.id: float(n // 4 % 2) for n, item in enumerate(items)})
    mixed = Tried(items, {item.id: float(n % 2) for n, item in enumerate(items)})
    alone = Tried(tuple(msgspec.structs.replace(item, question=item.id) for item in items), mixed.got)
    assert whole.score == mixed.score == alone.score == 0.5
    assert whole.bounds.high > alone.bounds.high > mixed.bounds.high


def test_with_an_item_the_others_of_its_block_go() -> None:
    kept, _, _ = audited([*blocks(40, liked=True), *blocks(40)], unseen)
    sizes = Counter(block(item) for item in kept)
    assert set(sizes.values()) == {4}


def test_what_is_hidden_is_not_audited() -> None:
    unseen_ends = [msgspec.structs.replace(item, hidden=True) for item in mostly_yes(200)]
    assert audit(unseen_ends, unseen) == ()
    assert len(audited(unseen_ends, unseen)[0]) == len(unseen_ends)
