"""Items of L2 are true by what was executed, and give themselves away by nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from desks import FIRST, FOCUSED, GO, NAMED, SIZE, WHERE, on, plays, trail, turns

from envs.types import Action, Press
from scoring.understanding.branches import branches
from scoring.understanding.deeds import told
from scoring.understanding.items import Choice, Dropped, Item
from scoring.understanding.predict import BLOCKS, UNCHANGED, predict
from scoring.understanding.trails import Did, Trails


@pytest.fixture
def trails(tmp_path: Path) -> Trails:
    return plays(tmp_path)


def items(trails: Trails, seed: int = 0) -> list[Item]:
    return [each for each in predict(trails, Random(seed)) if isinstance(each, Item)]


def right(item: Item) -> str:
    assert isinstance(item.truth, Choice)
    return item.options[item.truth.option]


def many(trails: Trails) -> list[Item]:
    return [item for seed in range(8) for item in items(trails, seed)]


def test_all_three_forms_are_asked(trails: Trails) -> None:
    assert {item.facet for item in items(trails)} == {"text", "image", "inverse"}


def test_each_option_of_a_block_is_right_once(trails: Trails) -> None:
    blocks = defaultdict[tuple[str, ...], list[str]](list)
    for item in items(trails):
        blocks[item.facet, *sorted(item.options)].append(right(item))
    assert len(blocks) == BLOCKS
    for (_, *options), rights in blocks.items():
        assert sorted(rights) == options


def test_nothing_is_shown_that_another_build_would_not_show(trails: Trails) -> None:
    after = next(each.options[0] for each in items(trails) if each.facet == "image")
    shown = {
        name for each in items(replace(trails, odd=frozenset((after,)))) for name in each.pictures + each.options
    }
    assert shown
    assert after not in shown


def test_what_is_right_is_what_the_action_led_to(trails: Trails) -> None:
    there = branches(trails)
    asked = [item for item in many(trails) if item.facet == "image"]
    assert asked
    for item in asked:
        deed = re.fullmatch(r"On this screen you (.*)\. Which picture.*", item.question)
        assert deed
        (branch,) = [each for each in there[int(item.tags["step"])] if each.deed == deed[1]]
        assert right(item) == branch.after.picture


def test_what_else_was_done_from_the_same_state_is_found_in_words(trails: Trails) -> None:
    deeds = {branch.deed for branch in branches(trails)[1]}
    assert deeds == {
        "type 'Anna'", "type 'Anne'", "press Escape", "press Ctrl+A", "press Ctrl+S", "press Tab and Space"
    }  # fmt: skip


def test_an_action_that_does_nothing_is_said_to_do_nothing(trails: Trails) -> None:
    still = {f"{text[0].upper()}{text[1:]}." for text in UNCHANGED}
    asked = [item for item in many(trails) if item.facet == "text" and "press Escape" in item.question]
    assert asked
    assert all(right(item) in still for item in asked)
    assert not any(right(item) in still for item in many(trails) if "type" in item.question and item.facet == "text")


def test_options_in_words_are_about_equally_long(trails: Trails) -> None:
    for item in many(trails):
        if item.facet == "text":
            lengths = [len(option) for option in item.options]
            assert max(lengths) <= 1.2 * min(lengths)
            assert len({option.count(";") for option in item.options if "othing" not in option}) == 1


def test_pictures_are_compared_only_where_the_pointer_tells_nothing(trails: Trails, tmp_path: Path) -> None:
    away = replace(FOCUSED, ticked=True, pointer=WHERE["Vegetarian"].centre)
    more = turns(tmp_path)
    more[1]["target"] = trail(tmp_path, "turn:1:target", [GO, ("tick", on("Vegetarian"), away)], 0.0)
    there = plays(tmp_path, turns=more)
    clicked = next(branch for branch in branches(there)[1] if "check box" in branch.deed)
    asked = [item for item in many(there) if item.facet != "text"]
    assert asked
    assert all(clicked.after.picture not in (*item.options, *item.pictures) for item in asked)


def test_the_first_screen_is_where_another_action_was_done_from_the_same_state(tmp_path: Path) -> None:
    more = turns(tmp_path)
    elsewhere = trail(tmp_path, "turn:1:lost", [(*GO[:2], FIRST), ("press F5", (Press(keys=("F5",)),), NAMED)], 0.0)
    more[1]["lost"] = elsewhere
    assert not any("F5" in branch.deed for branch in branches(plays(tmp_path, turns=more))[1])


def test_no_question_says_where(trails: Trails) -> None:
    for item in many(trails):
        assert not re.search(r"\d{2,}", item.question + ("" if item.pictured else " ".join(item.options)))


def test_the_same_chance_makes_the_same_items(trails: Trails) -> None:
    assert items(trails, 3) == items(trails, 3)
    assert len({frozenset(item.id for item in items(trails, seed)) for seed in range(8)}) > 1


def test_a_state_with_few_actions_gives_no_item_and_says_so(tmp_path: Path) -> None:
    made = list(predict(plays(tmp_path, turns={}), Random(0)))
    assert made
    assert all(isinstance(each, Dropped) for each in made)
    counts = Counter({each.why: each.count for each in made if isinstance(each, Dropped)})
    assert counts["text: fewer than 3 actions were executed there"] == 4


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        pytest.param(on("Save"), "click the button 'Save'", id="a click"),
        pytest.param(on("Save", button="right"), "right-click the button 'Save'", id="another button"),
        pytest.param(on("Notes"), "click the text area", id="a text area has no name"),
        pytest.param((Press(keys=("Down",)),) * 3, "press Arrow Down three times", id="a key several times"),
        pytest.param(
            (Press(keys=("ctrl", "shift", "s")), Press(keys=("Tab",))), "press Ctrl+Shift+S and Tab", id="keys"
        ),
    ],
)  # fmt: skip
def test_a_step_is_told_with_names(actions: tuple[Action, ...], words: str) -> None:
    assert told(Did(intent="", actions=actions), FIRST.state(), SIZE) == words
