"""Items in words, and answers read strictly: the last ANSWER: line, and nothing else."""

from __future__ import annotations

import itertools

import pytest

from envs.types import Point, Rect, Size
from scoring.understanding.answers import NONE, again, hear, order, question, rotations, shown, told, worth
from scoring.understanding.items import Choice, Done, Item, Order, Place, Words
from tests.scoring.banked import SCREEN, choices, made

CHOICE = made("L3", 0, Choice(option=2), "Which?", options=("open", "close", "save", "print"))
YES = made("L4", 0, Words(accepted=("yes",)), "Is it done?")
TEXT = made("L0", 0, Words(accepted=("1,204.50", "1204.50")), "What is the sum?")
BOX = made("L1", 0, Place(boxes=(Rect(x=10, y=20, width=30, height=10),)), "Point at it.", pictures=("a",))
ABSENT = made("L1", 0, Place(boxes=()), "Point at it.", pictures=("a",))
STEPS = made("L3", 0, Order(before=((0, 1), (0, 2), (1, 3), (2, 3)), extensions=2), "?", options=tuple("pqrs"))
PICTURED = made(
    "L2", 0, Choice(option=0), "What comes next?", pictures=("now",), options=("a", "b", "c", "d"), pictured=True
)
PLAIN = (0, 1, 2, 3)

HEARD = [
    pytest.param(CHOICE, "ANSWER: C", "2", id="a letter"),
    pytest.param(CHOICE, "I think A.\nANSWER: B\nNo, wait.\nANSWER: (c)", "2", id="the last of two lines"),
    pytest.param(CHOICE, "**ANSWER: C**", "2", id="in bold"),
    pytest.param(CHOICE, "ANSWER: C.", "2", id="with a full stop"),
    pytest.param(CHOICE, "ANSWER: save", "2", id="an option's own words"),
    pytest.param(CHOICE, "ANSWER: C) Save.", "2", id="an option's own words with its letter"),
    pytest.param(YES, "ANSWER: Yes.", "Yes.", id="yes"),
    pytest.param(TEXT, "ANSWER: 1204.50", "1204.50", id="a text"),
    pytest.param(BOX, "ANSWER: 12, 25", "12,25", id="a point"),
    pytest.param(BOX, "ANSWER: (12,25)", "12,25", id="a point in brackets"),
    pytest.param(BOX, "ANSWER: none", "NONE", id="not there"),
    pytest.param(STEPS, "ANSWER: A, C, B, D", "0,2,1,3", id="an order"),
    pytest.param(STEPS, "ANSWER: A > C > B > D", "0,2,1,3", id="an order with arrows"),
    pytest.param(STEPS, "ANSWER: ACBD", "0,2,1,3", id="an order in one word"),
]


@pytest.mark.parametrize(("item", "reply", "given"), HEARD)
def test_what_the_last_line_says_is_understood(item: Item, reply: str, given: str) -> None:
    found = hear(item, PLAIN[: len(item.options)], reply)
    assert (found.given, found.problem) == (given, "")


UNHEARD = [
    pytest.param(CHOICE, "C", id="no line"),
    pytest.param(CHOICE, "The answer is C.", id="other words for it"),
    pytest.param(CHOICE, "ANSWER: C\nANSWER:", id="an empty last line, though there is a good one before"),
    pytest.param(CHOICE, "ANSWER: E", id="a letter too far"),
    pytest.param(CHOICE, "ANSWER: A or C", id="two letters"),
    pytest.param(CHOICE, "Perhaps ANSWER: C", id="in the middle of a line"),
    pytest.param(YES, "ANSWER: probably", id="neither yes nor no"),
    pytest.param(YES, "ANSWER: Yes, it is done", id="yes and more"),
    pytest.param(BOX, "ANSWER: the middle", id="words for a point"),
    pytest.param(BOX, "ANSWER: 0.5, 0.25", id="fractions"),
    pytest.param(BOX, "ANSWER: 10,20,30,40", id="a box"),
    pytest.param(STEPS, "ANSWER: A, B, C", id="a letter too few"),
    pytest.param(STEPS, "ANSWER: A, B, B, D", id="a letter twice"),
]


@pytest.mark.parametrize(("item", "reply"), UNHEARD)
def test_what_is_not_said_as_asked_is_not_guessed(item: Item, reply: str) -> None:
    found = hear(item, PLAIN[: len(item.options)], reply)
    assert found.problem
    assert (found.given, found.said) == ("", None)


WORTH = [
    pytest.param(CHOICE, "2", None, 1.0, id="the right option"),
    pytest.param(CHOICE, "1", None, 0.0, id="a wrong option"),
    pytest.param(TEXT, " 1204.50 ", None, 1.0, id="one of the accepted texts"),
    pytest.param(TEXT, "1205.50", None, 0.0, id="another number"),
    pytest.param(YES, "YES.", None, 1.0, id="case and full stops do not matter"),
    pytest.param(BOX, "10,20", Point(x=10, y=20), 1.0, id="the first pixel of the box"),
    pytest.param(BOX, "39,29", Point(x=39, y=29), 1.0, id="the last pixel of the box"),
    pytest.param(BOX, "40,29", Point(x=40, y=29), 0.0, id="one pixel right of the box"),
    pytest.param(BOX, "9999,1", None, 0.0, id="off the picture"),
    pytest.param(BOX, NONE, None, 0.0, id="said not to be there, and is"),
    pytest.param(ABSENT, NONE, None, 1.0, id="not there, and said so"),
    pytest.param(ABSENT, "12,25", Point(x=12, y=25), 0.0, id="a point for what is not there"),
    pytest.param(STEPS, "0,2,1,3", None, 1.0, id="another right order"),
    pytest.param(STEPS, "1,0,2,3", None, 0.75, id="one pair of four the wrong way round"),
    pytest.param(STEPS, "3,2,1,0", None, 0.0, id="backwards"),
]


@pytest.mark.parametrize(("item", "given", "at", "score"), WORTH)
def test_an_answer_is_scored_from_its_record(item: Item, given: str, at: Point | None, score: float) -> None:
    assert worth(item.truth, given, at) == score


@pytest.mark.parametrize("item", [CHOICE, YES, TEXT, BOX, ABSENT, STEPS, PICTURED])
def test_the_right_answer_as_it_is_told_is_right_and_the_wrong_ones_are_wrong(item: Item) -> None:
    places = order(item, 0)
    right, wrong = told(item, places, SCREEN)
    for said, score in [(right, 1.0), *((each, 0.0) for each in wrong)]:
        found = hear(item, places, f"ANSWER: {said}")
        assert (found.problem, worth(item.truth, found.given, found.said)) == ("", score), said
    assert wrong


def test_a_choice_is_asked_in_two_orders_that_differ_and_everything_else_once() -> None:
    for item in choices(40):
        one, other = order(item, 0), order(item, 1)
        assert one != other
        assert sorted(one) == sorted(other) == [0, 1, 2, 3]
        assert all(b == (a + 1) % 4 for a, b in itertools.pairwise(one))
    assert (rotations(CHOICE), rotations(TEXT), rotations(BOX), rotations(STEPS)) == (2, 1, 1, 1)


def test_the_right_option_stands_at_every_place_whatever_place_it_was_written_at() -> None:
    firsts = [order(item, 0)[0] for item in choices(200)]
    assert all(30 < firsts.count(place) < 70 for place in range(4))


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    items = choices(30)
    assert [order(each, 1, seed=1) for each in items] == [order(each, 1, seed=1) for each in items]
    assert [order(each, 1, seed=1) for each in items] != [order(each, 1, seed=2) for each in items]


def test_the_options_of_an_order_are_shuffled_and_not_only_turned() -> None:
    items = [made("L3", 0, STEPS.truth, f"{number}?", options=STEPS.options) for number in range(60)]
    turned = {tuple((place + shift) % 4 for place in range(4)) for shift in range(4)}
    assert sum(order(item, 0) in turned for item in items) < 30


def test_options_are_lettered_in_the_order_in_which_they_are_shown() -> None:
    words = question(CHOICE, (2, 3, 0, 1), ())
    assert "A) save\nB) print\nC) open\nD) close" in words
    assert words.endswith("ANSWER: <letter>")


def test_pictured_options_are_sent_after_the_screen_and_named_by_their_number() -> None:
    assert shown(PICTURED, (1, 2, 3, 0)) == ("now", "b", "c", "d", "a")
    words = question(PICTURED, (1, 2, 3, 0), [SCREEN] * 5)
    assert "A) picture 2\nB) picture 3\nC) picture 4\nD) picture 5" in words
    assert "a screenshot of a Linux desktop, 640x400 pixels. The 4 pictures after it are options." in words


def test_the_size_that_is_named_is_the_one_that_was_sent() -> None:
    words = question(BOX, (), [Size(width=1288, height=728)])
    assert "1288x728" in words
    assert "whole pixels of the picture as you see it" in words


def test_a_request_to_repeat_the_last_line_shows_the_reply_and_neither_options_nor_pictures() -> None:
    words = again(CHOICE, "It must be the third one, C.")
    assert "It must be the third one, C." in words
    assert "print" not in words


def test_what_is_done_live_is_not_asked() -> None:
    item = made("L5", 0, Done(step=0, fingerprint="", facts=()), "Do it.")
    assert rotations(item) == 0
    with pytest.raises(ValueError, match="done live"):
        question(item, (), ())
