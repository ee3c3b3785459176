"""Rungs from recorded answers: planted errors come out, guessing and blindness are taken out, nothing is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from envs.types import Point
from scoring.understanding.answers import hear, order, rotations, told, worth
from scoring.understanding.items import Choice, Item, Words
from scoring.understanding.responses import Response
from scoring.understanding.rungs import RungScore, by_task, scores, understanding
from tests.scoring.banked import SCREEN, choices, doneness, made, orders, places

Says = Callable[[Item, int], str]


def answered(items: Iterable[Item], says: Says, **more: object) -> Iterator[Response]:
    """What is recorded of somebody who says this."""
    for item in items:
        for rotation in range(rotations(item)):
            shown = order(item, rotation)
            found = hear(item, shown, says(item, rotation))
            yield Response(
                item=item.id, agent="made", rotation=rotation, order=shown, given=found.given, at=found.said,
                status="invalid" if found.problem else "ok",
                score=0.0 if found.problem else worth(item.truth, found.given, found.said), **more,
            )  # fmt: skip


def planted(wrong: float, seed: int = 0, invalid: float = 0.0) -> Says:
    """Right but for a rate of errors, and of answers that cannot be read."""
    chance = Random(seed)

    def says(item: Item, rotation: int) -> str:
        right, others = told(item, order(item, rotation), SCREEN)
        if chance.random() < invalid:
            return "I cannot say."
        return f"ANSWER: {chance.choice(others) if chance.random() < wrong else right}"

    return says


def guesses(seed: int = 0) -> Says:
    chance = Random(seed)

    def says(item: Item, rotation: int) -> str:
        right, others = told(item, order(item, rotation), SCREEN)
        return f"ANSWER: {chance.choice([right, *others])}"

    return says


def only(items: list[Item], says: Says) -> RungScore:
    (score,) = scores(items, answered(items, says))
    return score


@pytest.mark.parametrize("wrong", [0.0, 0.1, 0.3, 0.6])
def test_a_planted_rate_of_errors_is_recovered_within_the_interval(wrong: float) -> None:
    held = 0
    for seed in range(40):
        found = only(choices(120, tasks=12), planted(wrong, seed))
        wanted = (1 - wrong - 0.25) / 0.75
        held += found.score.low - 1e-9 <= wanted <= found.score.high + 1e-9
    assert held >= 36


@pytest.mark.parametrize("items", [choices(400, tasks=20), doneness(400, tasks=20)], ids=["one of four", "yes or no"])
def test_guessing_is_worth_nothing(items: list[Item]) -> None:
    score = only(items, guesses()).score
    assert score.low < 0 < score.high
    assert abs(score.value) < 0.1


def test_a_liking_for_a_place_shows_as_such_and_is_worth_nothing() -> None:
    found = only(choices(200), lambda item, rotation: "ANSWER: B")
    assert found.bias[0].places[1] > 0.7
    assert abs(sum(found.bias[0].places)) < 1e-9
    assert found.score.value == pytest.approx(0, abs=0.06)
    assert found.both.value < 0
    assert found.inconsistent == pytest.approx(2 * found.accuracy.value)


def test_right_in_both_orders_is_told_from_right_in_one() -> None:
    items = choices(60)
    chosen = {item.id: number % 3 for number, item in enumerate(items)}

    def says(item: Item, rotation: int) -> str:
        right, others = told(item, order(item, rotation), SCREEN)
        return f"ANSWER: {right if rotation < chosen[item.id] else others[0]}"

    found = only(items, says)
    assert found.inconsistent == pytest.approx(1 / 3)
    assert found.both.value == pytest.approx((1 / 3 - 1 / 16) / (1 - 1 / 16), abs=0.05)


def test_invalid_answers_are_wrong_left_out_or_right_and_the_truth_lies_between() -> None:
    items = choices(300, tasks=15)
    found = only(items, planted(0.2, invalid=0.25))
    assert found.invalid.value == pytest.approx(0.25, abs=0.06)
    assert found.score.value < found.valid_only.value < found.upper.value
    assert found.valid_only.value == pytest.approx((0.8 - 0.25) / 0.75, abs=0.08)
    assert found.score.value == pytest.approx((0.75 * 0.8 - 0.25) / 0.75, abs=0.08)


def test_an_endpoints_fault_is_no_answer() -> None:
    items = choices(40)
    good = list(answered(items, planted(0.0)))
    broken = [Response(item=e.item, agent="made", rotation=e.rotation, status="error", score=None) for e in good[:30]]
    (found,) = scores(items, [*broken, *good[30:]])
    assert (found.errors, found.answers, found.score.value) == (30, 50, 1.0)


def test_an_answer_that_came_after_a_fault_counts_in_its_place() -> None:
    items = choices(10)
    good = list(answered(items, planted(0.0)))
    broken = [Response(item=e.item, agent="made", rotation=e.rotation, status="error", score=None) for e in good]
    for responses in ([*broken, *good], [*good, *broken]):
        (found,) = scores(items, responses)
        assert (found.errors, found.answers) == (0, 20)


def test_a_pair_is_credited_only_when_both_of_it_are_right() -> None:
    items = [
        made("L0", n // 2, Words(accepted=(("yes", "no")[n % 2],)), f"{n}?", guess=0.5, pair=f"p{n // 2}")
        for n in range(40)
    ]
    always = only(items, lambda item, rotation: "ANSWER: yes")
    assert (always.accuracy.value, always.score.value) == (0.0, pytest.approx((0 - 0.25) / 0.75))
    assert only(items, planted(0.0)).score.value == 1.0
    random = only(items, guesses(3))
    assert random.score.low < 0 < random.score.high


def test_a_pair_of_which_one_was_not_asked_does_not_count() -> None:
    items = doneness(2, tasks=1, pair="p")
    (found,) = scores(items, list(answered(items, planted(0.0)))[:1])
    assert (found.items, found.score.count) == (0, 0)


def test_whoever_always_says_done_detects_nothing() -> None:
    found = only(doneness(80), lambda item, rotation: "ANSWER: yes").detection["done"]
    assert (found.hits, found.rejections, found.corrected, found.overclaim) == (1.0, 0.0, 0.0, 1.0)
    assert found.criterion < -1


def test_detection_of_the_goldens_counts_comes_out_of_the_answers() -> None:
    items = doneness(100, tasks=10)
    done = [item for item in items if item.truth == Words(accepted=("yes",))]
    undone = [item for item in items if item not in done]
    said = {e.id: "yes" for e in (*done[:42], *undone[:18])}
    found = only(items, lambda item, rotation: f"ANSWER: {said.get(item.id, 'no')}").detection["done"]
    assert (found.balanced, round(found.sensitivity, 4), round(found.criterion, 4)) == (0.74, 1.3186, -0.3081)


def test_templates_weigh_alike_however_many_items_they_have() -> None:
    many, few = choices(40, tasks=1), [made("L3", 7, Words(accepted=("x",)), "?", guess=0.0)]

    def says(item: Item, rotation: int) -> str:
        return f"ANSWER: {told(item, order(item, rotation), SCREEN)[0]}" if item in many else "ANSWER: y"

    (found,) = scores([*many, *few], answered([*many, *few], says))
    assert found.score.value == 0.5


def test_what_can_be_answered_blind_is_taken_out() -> None:
    items = doneness(80)
    seen = list(answered(items, planted(0.1)))
    blind = list(answered(items, lambda item, rotation: "ANSWER: no", blind=True))
    (found,) = scores(items, [*seen, *blind])
    assert found.blind is not None
    assert found.blind.value == 0.0
    assert found.seeing == pytest.approx((found.accuracy.value - 0.5) / 0.5)


def test_what_cannot_be_seen_is_reported_apart() -> None:
    items = [*doneness(40), *doneness(40, seed=1, hidden=True)]
    found = only(items, lambda item, rotation: f"ANSWER: {'no' if item.hidden else told(item, (), SCREEN)[0]}")
    assert (found.score.value, found.hidden.value) == (1.0, 0.0)


def test_pointing_in_the_models_own_way_leads_and_words_stand_beside_it(tmp_path: Path) -> None:
    items = places(tmp_path, 60)
    native = [
        Response(
            item=item.id, agent="made", rotation=0, status="ok", native=True, given="1,1",
            at=Point(x=1, y=1), score=0.0,
        )
        for item in items
    ]  # fmt: skip
    (found,) = scores(items, [*native, *answered(items, planted(0.0))])
    assert found.words is not None
    assert found.score.value < 0 < found.words.value == 1.0
    assert only(items, planted(0.0)).words is None


def test_an_order_is_worth_the_pairs_that_hold() -> None:
    found = only(orders(20), lambda item, rotation: f"ANSWER: {told(item, order(item, 0), SCREEN)[1][0]}")
    assert found.score.value == -1.0
    assert only(orders(20), planted(0.0)).score.value == 1.0
    items = [made("L3", n % 10, orders(1)[0].truth, f"{n}?", options=tuple("abcd"), guess=0.5) for n in range(300)]
    assert abs(only(items, lambda item, rotation: "ANSWER: A,B,C,D").score.value) < 0.12


def test_understanding_is_the_mean_of_the_rungs_of_each_template() -> None:
    items = [*choices(40, rung="L2"), *doneness(40)]
    tasks = by_task(items, answered(items, lambda item, _: f"ANSWER: {told(item, order(item, _), SCREEN)[0]}"))
    assert set(tasks) == {f"made/task{number}@1" for number in range(10)}
    assert set(understanding(tasks).values()) == {1.0}
    half = by_task(items, answered(items, lambda item, _: "ANSWER: yes"))
    assert sum(understanding(half).values()) / 10 == pytest.approx((-1 / 3 + 0) / 2)


def test_answers_to_items_of_another_bank_do_not_count() -> None:
    items = choices(10)
    assert scores(items, answered(choices(10, seed=9), planted(0.0))) == ()


def test_every_given_choice_is_a_place_of_its_options() -> None:
    for each in answered(choices(20), guesses()):
        assert 0 <= int(each.given) < 4
    assert isinstance(choices(1)[0].truth, Choice)
