"""What a step changed is told in words, most striking first, and by keys that are the same in every play."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desks import FIRST, WHERE, Desk

from envs.types import Node, Rect
from scoring.changes import FOCUS, OPENED, PIXELS, STATE, TEXT, changed, keys
from scoring.state import State


@pytest.mark.parametrize(
    ("after", "texts"),
    [
        pytest.param(replace(FIRST, saved=True, focus=""),
                     ["the window 'Saved' opens", "the button 'Fine' gets the focus"],
                     id="a window opens, and not what is in it"),
        pytest.param(replace(FIRST, closed=True), ["the window 'Guests' closes"], id="a window closes"),
        pytest.param(replace(FIRST, menu=True), ["the menu 'File' opens"], id="a menu opens"),
        pytest.param(replace(FIRST, focus="Name"), ["the field 'Name' gets the focus"], id="the focus moves"),
        pytest.param(replace(FIRST, name="Anna"), ["the field 'Name' now reads 'Anna'"], id="a text is typed"),
        pytest.param(replace(FIRST, notes="Bread\nTea"), ["the line 'Butter' is gone"], id="a line goes"),
        pytest.param(replace(FIRST, notes="Bread\nButter\nMilk\nTea"), ["there is a new line 'Milk'"],
                     id="a line comes"),
        pytest.param(replace(FIRST, notes="Bread\nSalt\nTea"), ["the line 'Butter' now reads 'Salt'"],
                     id="a line reads otherwise"),
        pytest.param(replace(FIRST, ticked=True), ["the check box 'Vegetarian' is now ticked"], id="a box is ticked"),
        pytest.param(replace(FIRST, greyed=True), ["the button 'Save' can no longer be used"],
                     id="a button is greyed"),
        pytest.param(replace(FIRST, shade="yellow"), [], id="only the picture changes"),
        pytest.param(FIRST, [], id="nothing"),
    ],
)  # fmt: skip
def test_a_change_is_told_as_a_person_would(after: Desk, texts: list[str]) -> None:
    assert [fact.text for fact in changed(FIRST.state(), after.state())] == texts


def test_what_strikes_most_comes_first() -> None:
    after = replace(FIRST, menu=True, focus="Name", name="Anna", ticked=True)
    assert [fact.rank for fact in changed(FIRST.state(), after.state())] == [OPENED, FOCUS, TEXT, STATE]


def test_only_what_is_drawn_is_told_where_the_tree_says_nothing() -> None:
    (fact,) = changed(FIRST.state(), FIRST.state(), pixels=Rect(x=470, y=150, width=100, height=40))
    assert (fact.rank, fact.text) == (PIXELS, "only the look of the text area changes")


def test_pixels_are_not_told_of_where_the_tree_says_more() -> None:
    facts = changed(FIRST.state(), replace(FIRST, ticked=True).state(), pixels=WHERE["Vegetarian"])
    assert [fact.rank for fact in facts] == [STATE]


def test_a_text_that_is_replaced_as_a_whole_is_one_fact() -> None:
    long = replace(FIRST, notes="\n".join(f"line {number}" for number in range(9)))
    facts = changed(long.state(), replace(long, notes="x").state())
    assert [fact.text for fact in facts] == ["9 lines of the text change or go"]


def test_the_same_change_has_the_same_key_wherever_the_window_is_and_whatever_else_is_there() -> None:
    alone = changed(FIRST.state(), replace(FIRST, ticked=True).state())
    among = changed(replace(FIRST, name="Eva").state(), replace(FIRST, name="Eva", ticked=True).state())
    assert keys(alone) == keys(among)


def test_another_text_has_another_key() -> None:
    one, other = (changed(FIRST.state(), replace(FIRST, name=name).state()) for name in ("Anna", "Anne"))
    assert set(keys(one)).isdisjoint(keys(other))


def test_focus_passes_and_texts_stay() -> None:
    facts = changed(FIRST.state(), replace(FIRST, focus="Name", name="Anna").state())
    assert {fact.rank: fact.passing for fact in facts} == {FOCUS: True, TEXT: False}


@pytest.mark.parametrize("parent", [0, 1], ids=["of its application", "of its window"])
def test_a_dialog_that_closes_is_told_wherever_the_tree_has_it(parent: int) -> None:
    box = Rect(x=0, y=0, width=90, height=60)
    shown = ("showing", "visible")
    app = Node(role="application", name="app", app="app")
    frame = Node(role="frame", name="Page", states=shown, box=box, parent=0, app="app")
    bubble = Node(role="dialog", name="Downloads", states=shown, box=box, parent=parent, app="app")
    before, after = (State(nodes=nodes, hits={}, windows=()) for nodes in ((app, frame, bubble), (app, frame)))
    assert [fact.text for fact in changed(before, after)] == ["the dialog 'Downloads' closes"]
    gone = State(nodes=(app,), hits={}, windows=())
    closed = [fact.text for fact in changed(before, gone)]
    assert ("the dialog 'Downloads' closes" in closed) == (parent == 0)
