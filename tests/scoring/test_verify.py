"""L4: ends that are done and ends that are not, equally many, shown alike; actions that took effect or did not."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

from envs.types import Click, Point, Press, Rect, Wait
from scoring.understanding.items import Dropped, Item, Words
from scoring.understanding.trails import Trails
from scoring.understanding.verify import verify
from scoring.understanding.volatile import Mask
from tests.scoring.painted import Part, View, trail, trails


def view(text: str, *spots: tuple[int, int, int, int]) -> View:
    """A note that says that."""
    return View((Part("text", "Note", (50, 50, 600, 60), text=text, states=("editable",)),), spots=spots)


START, WRITTEN, SAVED, WRONG = (
    view("Nothing yet"),
    view("Milk and bread"),
    view("Milk and bread: saved"),
    view("Milk"),
)


def played(tmp_path: Path) -> Trails:
    return trails(
        trail(tmp_path, "solution", (START, WRITTEN, SAVED), 1.0),
        trail(tmp_path, "untouched", (START,)),
        **{
            "equivalent keys": trail(tmp_path, "equivalent keys", (START, view("Milk, bread"), view("saved!")), 1.0),
            "near-miss one": trail(tmp_path, "near-miss one", (START, WRONG, view("Milk: saved"))),
            "not-saved": trail(tmp_path, "not-saved", (START, WRITTEN, WRITTEN)),
        },
    )


def asked(some: Trails, seed: int = 0, mask: Mask | None = None) -> list[Item]:
    return [each for each in verify(some, Random(seed), mask) if isinstance(each, Item)]


def answer(item: Item) -> str:
    assert isinstance(item.truth, Words)
    return item.truth.accepted[0]


def test_as_many_ends_are_done_as_are_not_in_each_form(tmp_path: Path) -> None:
    ends = [each for each in asked(played(tmp_path)) if each.facet == "done"]
    counts = Counter((len(each.pictures), answer(each)) for each in ends)
    assert len(ends) == 6
    assert {counts[form, "yes"] - counts[form, "no"] for form in (1, 2, 3)} == {0}


def test_an_end_is_right_as_the_tasks_scorer_judged_it(tmp_path: Path) -> None:
    for each in asked(played(tmp_path)):
        if each.facet == "done":
            assert (answer(each) == "yes") == (each.tags["play"] in ("solution", "equivalent keys"))
            assert "Write a note and save it." in each.question
            assert each.guess == 0.5
            assert not each.pair


def test_pictures_are_the_last_the_first_and_last_and_one_between(tmp_path: Path) -> None:
    for each in asked(played(tmp_path)):
        if each.facet == "done" and len(each.pictures) == 3:
            assert [step for _, step in each.plays] == [0, 1, 2]


def test_an_end_that_looks_done_is_hidden_and_makes_no_other_hidden(tmp_path: Path) -> None:
    some = played(tmp_path)
    typed = trail(tmp_path, "near-miss typed", (START, view("by hand"), SAVED))
    some = trails(some.solution, some.untouched, **some.ways, **{"near-miss typed": typed})
    ends = [each for each in asked(some) if each.facet == "done"]
    assert {(each.tags["play"], answer(each)) for each in ends if each.hidden} == {("near-miss typed", "no")}
    assert Counter(answer(each) for each in ends if not each.hidden) == {"yes": 3, "no": 3}


def test_what_is_volatile_makes_no_difference(tmp_path: Path) -> None:
    blinking = view("Milk and bread: saved", (400, 300, 40, 40))
    some = trails(
        trail(tmp_path, "solution", (START, SAVED), 1.0),
        trail(tmp_path, "untouched", (START,)),
        **{"near-miss": trail(tmp_path, "near-miss", (START, blinking))},
    )
    hidden = Mask(boxes=(Rect(x=390, y=290, width=64, height=64),))
    assert not any(each.hidden for each in asked(some))
    assert {each.tags["play"] for each in asked(some, mask=hidden) if each.hidden} == {"near-miss"}


def test_without_a_play_that_is_not_done_no_end_is_asked_for(tmp_path: Path) -> None:
    made = list(verify(trails(trail(tmp_path, "solution", (START, SAVED), 1.0)), Random(0)))
    assert not [each for each in made if isinstance(each, Item) and each.facet == "done"]
    assert [each.why for each in made if isinstance(each, Dropped)]


def test_void_plays_are_neither_done_nor_not(tmp_path: Path) -> None:
    some = trails(trail(tmp_path, "solution", (START, SAVED), 1.0), trail(tmp_path, "untouched", (START,), None))
    assert not [each for each in asked(some) if each.facet == "done"]


def test_an_action_took_effect_where_states_and_pictures_changed(tmp_path: Path) -> None:
    effects = [each for each in asked(played(tmp_path)) if each.facet == "effect"]
    assert Counter(map(answer, effects)) == {"yes": 3, "no": 3}
    for each in effects:
        assert (each.pictures[0] != each.pictures[1]) == (answer(each) == "yes")


def test_every_action_is_asked_about_as_often_with_as_without_effect(tmp_path: Path) -> None:
    effects = [each for each in asked(played(tmp_path)) if each.facet == "effect"]
    questions = Counter(each.question for each in effects)
    assert questions
    for question, count in questions.items():
        answers = Counter(answer(each) for each in effects if each.question == question)
        assert answers == {"yes": count // 2, "no": count // 2}


def test_an_action_without_effect_that_was_executed_comes_before_one_that_was_left_out(tmp_path: Path) -> None:
    save, click = Press(keys=("ctrl", "s")), Click(at=Point(x=5, y=5))
    once = trail(tmp_path, "solution", (START, WRITTEN, SAVED), 1.0, (click, save))
    some = trails(once, **{"near-miss twice": trail(tmp_path, "near-miss twice", (SAVED, SAVED), 0.0, (save,))})
    no = [each for each in asked(some) if each.facet == "effect" and answer(each) == "no"]
    shown = {("ctrl + s" in each.question, each.tags["play"]) for each in no}
    assert shown == {(True, "near-miss twice"), (False, "left out")}


def test_what_never_has_an_effect_is_not_asked_about(tmp_path: Path) -> None:
    actions = (Click(at=Point(x=5, y=5)), Press(keys=("ctrl", "s")))
    some = trails(trail(tmp_path, "solution", (START, WRITTEN, WRITTEN), 1.0, actions))
    assert not [each for each in asked(some) if "ctrl + s" in each.question]


def test_nothing_is_shown_that_another_build_would_not_show(tmp_path: Path) -> None:
    some = played(tmp_path)
    odd = some.solution.moments[1].picture
    assert odd in {name for each in asked(some) for name in each.pictures}
    assert odd not in {name for each in asked(replace(some, odd=frozenset((odd,)))) for name in each.pictures}


def test_a_picture_that_changed_alone_is_no_effect_and_no_lack_of_one(tmp_path: Path) -> None:
    shaded = view("Milk and bread", (400, 300, 40, 40))
    some = trails(trail(tmp_path, "solution", (WRITTEN, shaded), 1.0))
    made = list(verify(some, Random(0)))
    assert not [each for each in made if isinstance(each, Item)]
    assert "the state and the picture do not agree that something changed" in [
        each.why for each in made if isinstance(each, Dropped)
    ]


def test_waiting_is_no_action_to_take_effect(tmp_path: Path) -> None:
    some = trails(trail(tmp_path, "solution", (START, WRITTEN), 1.0, (Wait(seconds=1.0),)))
    assert not asked(some)


def test_the_same_chance_makes_the_same_items_and_another_chance_others(tmp_path: Path) -> None:
    some = played(tmp_path)
    first, again, other = asked(some, 1), asked(some, 1), asked(some, 2)
    assert first == again
    assert {each.id for each in first} != {each.id for each in other}
    assert len(first) == 12
