"""Items of L3 and L5: what is wrong was proven to be, and a step taken live is judged by the solution's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from desks import (
    DONE,
    FIRST,
    FOCUSED,
    GO,
    NAME,
    NAMED,
    SAVE,
    SOLUTION,
    TICK,
    TICKED,
    WHERE,
    Desk,
    keys,
    plays,
    trail,
    turns,
)

from envs.types import Rect, Type
from scoring.understanding.act import act, judged
from scoring.understanding.items import Choice, Done, Dropped, Item, Order, Words
from scoring.understanding.steps import plan
from scoring.understanding.trails import Trails
from scoring.understanding.volatile import Mask


def of(trails: Trails, facet: str, seed: int = 0) -> list[Item]:
    return [each for each in plan(trails, Random(seed)) if isinstance(each, Item) and each.facet == facet]


def at(items: list[Item], step: int) -> Item:
    return next(item for item in items if item.tags["step"] == str(step))


def right(item: Item) -> str:
    assert isinstance(item.truth, Choice)
    return item.options[item.truth.option]


# Which step is next.


def test_the_next_step_is_asked_with_steps_that_failed_in_its_place(tmp_path: Path) -> None:
    item = at(of(plays(tmp_path), "next"), 2)
    assert right(item) == "Tick the box."
    assert set(item.options) == {"Tick the box.", "Type 'Anna'.", "Save the guest."}
    assert item.guess == pytest.approx(1 / 3)
    assert item.tags["wrong"] == "done later"


def test_a_later_step_that_can_as_well_be_done_first_is_not_wrong(tmp_path: Path) -> None:
    more = turns(tmp_path)
    more[2]["early"] = replace(more[2]["early"], score=1.0)
    assert all("Save the guest." not in item.options for item in of(plays(tmp_path, turns=more), "next"))


def test_what_another_play_that_scores_does_there_is_not_wrong(tmp_path: Path) -> None:
    typed = trail(tmp_path, "equivalent quick", [GO, ("type 'Anne'", (Type(text="Anne"),), NAMED), TICK, SAVE], 1.0)
    without = at(of(plays(tmp_path), "next"), 1)
    assert any("Anne" in option for option in without.options)
    among = of(plays(tmp_path, ways={"equivalent quick": typed}), "next")
    assert not any("Anne" in option for item in among for option in item.options)


def test_a_step_that_can_be_left_out_is_not_asked_for(tmp_path: Path) -> None:
    more = turns(tmp_path)
    more[1]["escape"] = replace(more[1]["escape"], score=1.0)
    assert "1" not in {item.tags["step"] for item in of(plays(tmp_path, turns=more), "next")}


def test_what_is_due_on_a_screen_that_looks_the_same_is_not_wrong(tmp_path: Path) -> None:
    around = ("look around", keys("shift"), NAMED)
    steps = [GO, NAME, around, TICK, SAVE]
    failed = [(*SAVE[:2], DONE), (*NAME[:2], replace(NAMED, name="AnnaAnna")), (*TICK[:2], TICKED)]
    made = {str(at): trail(tmp_path, f"turn:2:{at}", [GO, NAME, wrong], 0.0) for at, wrong in enumerate(failed)}
    there = plays(tmp_path, solution=trail(tmp_path, "solution", steps, 1.0), turns={2: made})
    item = at(of(there, "next"), 2)
    assert (
        set(item.options) == {"Press Shift.", "Press Ctrl+S.", "Type 'Anna'."} or "Tick the box." not in item.options
    )
    assert len(item.options) == 3


def test_every_wrong_step_can_be_seen_to_have_failed(tmp_path: Path) -> None:
    there = plays(tmp_path)
    scores = {each.name: each.score for some in there.turns.values() for each in some.values()}
    for item in of(there, "next"):
        (_, *others) = item.plays
        assert len(others) == len(item.options) - 1
        assert all(scores[name] == 0.0 for name, _ in others)


# In which order.


def proven(tmp_path: Path, *swaps: int) -> Trails:
    """The task with two guests: in each pair of steps a field is gone to, and typed into."""
    eva = replace(NAMED, notes="Eva", focus="Notes")
    over = replace(NAMED, focus="Notes", shade="yellow")
    steps = [GO, NAME, ("go to the notes", keys("alt", "n"), over), ("type 'Eva'", (Type(text="Eva"),), eva)]
    hasty = trail(tmp_path, "turn:0:early", [(*NAME[:2], replace(FIRST, notes="Anna")), GO], 0.0)
    late = trail(tmp_path, "turn:2:early", [GO, NAME, (*steps[3][:2], replace(NAMED, name="AnnaEva")), steps[2]], 0.0)
    made = {0: {"early": hasty}, 2: {"early": late}}
    return plays(
        tmp_path,
        solution=trail(tmp_path, "solution", steps, 1.0),
        turns={step: made[step] for step in swaps},
    )


def test_only_pairs_that_were_proven_must_hold(tmp_path: Path) -> None:
    (item,) = of(proven(tmp_path, 0, 2), "order")
    assert isinstance(item.truth, Order)
    told = {(item.options[first], item.options[second]) for first, second in item.truth.before}
    assert told == {("Go to the name.", "Type 'Anna'."), ("Go to the notes.", "Type 'Eva'.")}
    assert item.truth.extensions == 6


def test_one_pair_is_no_order(tmp_path: Path) -> None:
    made = list(plan(proven(tmp_path, 0), Random(0)))
    assert not any(isinstance(each, Item) and each.facet == "order" for each in made)
    assert any(isinstance(each, Dropped) and each.why == "order: no order of steps is proven" for each in made)


def test_a_step_that_does_the_same_first_needs_not_come_later(tmp_path: Path) -> None:
    there = proven(tmp_path, 0, 2)
    elsewhere = replace(NAMED, notes="Eva")
    early = trail(tmp_path, "turn:2:early", [GO, NAME, ("type 'Eva'", (Type(text="Eva"),), elsewhere),
                                             ("go to the notes", keys("alt", "n"), elsewhere)], 0.0)  # fmt: skip
    there.turns[2]["early"] = early
    for item in of(there, "order"):
        assert isinstance(item.truth, Order)
        assert len(item.truth.before) < 2


# Whether it can be done.


def test_a_step_is_asked_for_on_a_screen_with_what_it_needs_and_on_one_without(tmp_path: Path) -> None:
    gone = trail(tmp_path, "destroy", [("close it", keys("alt", "F4"), Desk(closed=True))], 0.0)
    found = of(plays(tmp_path, ways={"destroy": gone}), "feasible")
    yes, no = [each for each in found if "click the field 'Name'" in each.question]
    assert yes.question == no.question
    assert (yes.truth, no.truth) == (Words(accepted=("yes",)), Words(accepted=("no",)))
    assert yes.pair == no.pair != ""
    assert (yes.pictures, no.pictures) == ((plays(tmp_path).solution.moments[0].picture,), (gone.end.picture,))


def test_keys_are_asked_about_where_a_play_that_failed_pressed_them_in_vain(tmp_path: Path) -> None:
    trails = plays(tmp_path)
    known = {each.name: each for some in trails.turns.values() for each in some.values()}
    found = of(trails, "feasible")
    assert found
    for yes, no in zip(found[::2], found[1::2], strict=True):
        ((_, step),), ((name, at),) = yes.plays, no.plays
        assert yes.question == no.question
        assert trails.goal in yes.question
        assert (yes.truth, no.truth) == (Words(accepted=("yes",)), Words(accepted=("no",)))
        assert yes.pictures == (trails.solution.moments[step].picture,)
        assert no.pictures == (known[name].moments[at].picture,)
        assert known[name].steps[at].actions == trails.solution.steps[step].actions
        assert known[name].score == 0


def test_keys_are_not_asked_about_where_they_did_what_they_are_for_or_the_play_was_right(tmp_path: Path) -> None:
    more = {
        at: {what: replace(each, score=1.0) for what, each in some.items()} for at, some in turns(tmp_path).items()
    }
    assert of(plays(tmp_path, turns=more), "feasible") == []


def test_without_such_a_screen_nothing_is_asked(tmp_path: Path) -> None:
    made = list(plan(plays(tmp_path, turns={}), Random(0)))
    assert not any(isinstance(each, Item) and each.facet == "feasible" for each in made)
    assert any(isinstance(each, Dropped) and each.why.startswith("feasible: ") for each in made)


# One step, live.


def live(trails: Trails) -> Iterator[tuple[Item, Done]]:
    for each in act(trails, Random(0)):
        if isinstance(each, Item):
            assert isinstance(each.truth, Done)
            yield each, each.truth


def done(tmp_path: Path, step: int) -> Done:
    return next(truth for _, truth in live(plays(tmp_path)) if truth.step == step)


def test_every_step_that_changes_something_is_asked_for_without_where(tmp_path: Path) -> None:
    told = {truth.step: item.question for item, truth in live(plays(tmp_path))}
    assert told == {
        0: "Do this one step, and nothing else: Click the field 'Name'.",
        1: "Do this one step, and nothing else: Type 'Anna'.",
        2: "Do this one step, and nothing else: Press Tab and Space.",
        3: "Do this one step, and nothing else: Press Ctrl+S.",
    }


def test_what_is_to_be_typed_is_told_to_the_last_letter(tmp_path: Path) -> None:
    text = "it's " + "a long story " * 9
    steps = [GO, ("tell", (Type(text=text),), replace(FOCUSED, name=text))]
    there = plays(tmp_path, solution=trail(tmp_path, "solution", steps, 1.0), turns={})
    (asked,) = [item.question for item, truth in live(there) if truth.step == 1]
    opens, closes = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    assert asked == f"Do this one step, and nothing else: Type {opens}{text.strip()}{closes}."


def test_a_step_that_differs_from_play_to_play_is_not_asked_for(tmp_path: Path) -> None:
    other = [GO, NAME, (*TICK[:2], replace(TICKED, notes="Bread")), SAVE]
    there = plays(tmp_path, again=(trail(tmp_path, "again:1", other, 1.0),))
    assert {truth.step for _, truth in live(there)} == {0, 1}


def test_without_a_second_play_nothing_is_asked_live(tmp_path: Path) -> None:
    made = list(act(plays(tmp_path, again=()), Random(0)))
    assert len(made) == len(SOLUTION)
    assert all(isinstance(each, Dropped) for each in made)


@pytest.mark.parametrize(
    ("after", "score"),
    [
        pytest.param(NAMED, 1.0, id="as in the solution"),
        pytest.param(replace(NAMED, focus="Save"), 1.0, id="with the focus elsewhere"),
        pytest.param(replace(NAMED, shade="yellow"), 1.0, id="with another look"),
        pytest.param(FOCUSED, 0.0, id="nothing done"),
        pytest.param(replace(NAMED, name="Anne"), 0.0, id="a slip"),
        pytest.param(replace(NAMED, ticked=True), 0.0, id="and a box ticked"),
        pytest.param(replace(NAMED, notes="Bread"), 0.0, id="and other lines lost"),
        pytest.param(replace(NAMED, menu=True), 0.0, id="and a menu left open"),
        pytest.param(replace(NAMED, saved=True), 0.0, id="and saved already"),
    ],
)
def test_a_step_is_right_when_it_changes_what_it_must_and_nothing_else(
    tmp_path: Path, after: Desk, score: float
) -> None:
    assert judged(done(tmp_path, 1), FOCUSED.state(), after.state()) == score


def test_what_is_volatile_may_change_as_well(tmp_path: Path) -> None:
    after = replace(NAMED, notes="Bread").state()
    mask = Mask(boxes=(Rect(x=480, y=160, width=32, height=16),))
    assert judged(done(tmp_path, 1), FOCUSED.state(), after, mask) == 1.0


def test_a_step_that_only_moves_the_focus_must_move_it(tmp_path: Path) -> None:
    truth = done(tmp_path, 0)
    assert judged(truth, FIRST.state(), FOCUSED.state()) == 1.0
    assert judged(truth, FIRST.state(), replace(FIRST, focus="Save").state()) == 0.0


def test_saving_must_open_what_it_opens(tmp_path: Path) -> None:
    truth = done(tmp_path, 3)
    assert judged(truth, TICKED.state(), DONE.state()) == 1.0
    assert judged(truth, TICKED.state(), TICKED.state()) == 0.0


def test_another_way_to_the_same_change_is_right(tmp_path: Path) -> None:
    clicked = replace(TICKED, focus="Notes", pointer=WHERE["Vegetarian"].centre)
    assert judged(done(tmp_path, 2), NAMED.state(), clicked.state()) == 1.0
