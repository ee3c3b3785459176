"""L0: what is asked of a screen is on it for sure, and drawn; yes and no come in pairs."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from envs.types import Node
from scoring.understanding.items import Dropped, Item, Words
from scoring.understanding.nodes import called
from scoring.understanding.perceive import perceive
from tests.scoring.painted import Part, View, trail, trails

FIELD = Part("entry", "Subject", (200, 100, 300, 30), text="Tents for May", states=("editable",))
SAVE = Part("button", "Save", (200, 200, 90, 30))
TICKED = Part("check box", "Send a copy", (200, 300, 160, 30), states=("checked",))
BLANK = Part("check box", "Send a copy", (200, 300, 160, 30))


def asked(tmp_path: Path, *views: View, seed: int = 0) -> list[Item]:
    played = trails(trail(tmp_path, "solution", views, 1.0))
    return [each for each in perceive(played, Random(seed)) if isinstance(each, Item)]


def questions(items: list[Item], facet: str = "") -> set[str]:
    return {each.question for each in items if facet in ("", each.facet)}


def answers(items: list[Item], question: str) -> list[tuple[str, ...]]:
    return [each.truth.accepted for each in items if each.question == question and isinstance(each.truth, Words)]


def test_what_a_field_shows_is_asked_for_with_its_text_as_the_answer(tmp_path: Path) -> None:
    found = asked(tmp_path, View((FIELD,)))
    assert answers(found, "What does the field for “Subject” show?") == [("Tents for May",)]


def test_a_field_without_a_name_is_called_by_the_text_in_front_of_it(tmp_path: Path) -> None:
    label = Part("label", "Width:", (120, 100, 70, 30))
    nameless = Part("spin button", "", (200, 100, 90, 30), text="640.0", states=("editable",), label="width")
    found = asked(tmp_path, View((label, nameless)))
    question = "What does the field directly to the right of the text “Width:” show?"
    assert answers(found, question) == [("640.0", "640")]


COVERED = View((FIELD,), over=(("Above", (150, 50, 200, 200)),))
LID = Part("panel", "Lid", (1, 1, 9, 9))


def field(**other: object) -> Part:
    """The field, but for something."""
    return replace(FIELD, **other)  # type: ignore[arg-type]  # of the fields' types


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(COVERED, id="a window lies over it"),
        pytest.param(View((field(hit=""),)), id="hit-tests find nothing there"),
        pytest.param(View((LID, field(hit="Lid"))), id="hit-tests find another there"),
        pytest.param(View((field(drawn=""),)), id="nothing is drawn there"),
        pytest.param(View((field(box=(0, 0, 300, 30), hit=""),)), id="GTK 4 has it at 0, 0"),
        pytest.param(View((field(without=("showing",)),)), id="it is not showing"),
        pytest.param(View((field(box=(200, 100, 300, 7)),)), id="it is seven pixels high"),
        pytest.param(View((field(text="x" * 90),)), id="its text does not fit"),
    ],
)
def test_what_cannot_be_seen_beyond_doubt_is_not_asked_for(view: View, tmp_path: Path) -> None:
    assert not questions(asked(tmp_path, view), "value")


def test_a_text_that_looks_like_another_text_elsewhere_is_not_asked_for(tmp_path: Path) -> None:
    other = field(text="Chairs for May", drawn=FIELD.text)
    assert not questions(asked(tmp_path, View((FIELD,)), View((other, SAVE))), "value")


def test_a_state_is_asked_for_on_two_screens_that_are_credited_together(tmp_path: Path) -> None:
    found = asked(tmp_path, View((TICKED, SAVE)), View((BLANK, SAVE)))
    pair = [each for each in found if each.question == "Is the check box “Send a copy” ticked?"]
    assert sorted(answers(pair, pair[0].question)) == [("no",), ("yes",)]
    assert len({each.pair for each in pair} - {""}) == 1
    assert [each.guess for each in pair] == [0.5, 0.5]
    assert pair[0].pictures != pair[1].pictures


def test_a_state_that_looks_the_same_is_not_asked_for(tmp_path: Path) -> None:
    assert questions(asked(tmp_path / "seen", View((TICKED, SAVE)), View((BLANK,))), "state")
    unseen = replace(TICKED, looks=())
    assert not questions(asked(tmp_path / "unseen", View((unseen, SAVE)), View((BLANK,))), "state")


def test_greyed_out_is_what_lacks_its_state(tmp_path: Path) -> None:
    grey = replace(SAVE, without=("sensitive", "enabled"))
    found = asked(tmp_path, View((grey,)), View((SAVE, FIELD)))
    pair = {each.truth.accepted[0]: each for each in found if each.question == "Is the button “Save” greyed out?"}
    assert pair["yes"].plays == (("solution", 0),)
    assert pair["no"].plays == (("solution", 1),)


def test_a_thing_is_there_on_one_screen_and_nowhere_on_the_other(tmp_path: Path) -> None:
    found = asked(tmp_path, View((SAVE, FIELD)), View((FIELD,)))
    assert sorted(answers(found, "Is there a button “Save” to be seen?")) == [("no",), ("yes",)]


def test_nothing_is_called_absent_whose_name_is_in_some_text(tmp_path: Path) -> None:
    hint = Part("label", "Press Save when you are done", (200, 400, 400, 30), hit=None)
    found = asked(tmp_path, View((SAVE, FIELD)), View((FIELD, hint)))
    assert "Is there a button “Save” to be seen?" not in questions(found)


def test_a_button_that_says_something_else_than_its_name_is_not_called_by_it(tmp_path: Path) -> None:
    button = Part("button", "Create a new calendar", (200, 200, 160, 30), drawn="Calendar")
    found = asked(tmp_path, View((button, FIELD)), View((FIELD,)))
    assert "Is there a button “Create a new calendar” to be seen?" not in questions(found)


def test_the_lines_of_a_text_are_asked_for_when_all_of_it_can_be_seen(tmp_path: Path) -> None:
    note = Part(
        "text", "", (50, 50, 600, 400), text="Milk\n\nTwo eggs\n", states=("editable", "multi-line"), label="note"
    )
    scrolled = replace(note, text="Milk\n" * 40)
    question = "Of the lines of the text that are not empty, what does the second say?"
    assert answers(asked(tmp_path / "all", View((note,))), question) == [("Two eggs",)]
    assert not questions(asked(tmp_path / "some", View((scrolled,))), "value")


def test_words_of_a_terminal_are_there_or_not(tmp_path: Path) -> None:
    terminal = Part("terminal", "Terminal", (50, 50, 500, 300), text="user:~$ \n\n", states=("multi-line",))
    used = replace(terminal, text="user:~$ zip notes.zip\n\n")
    found = asked(tmp_path, View((terminal,)), View((used,)))
    assert sorted(answers(found, "Does the terminal show the word “notes.zip”?")) == [("no",), ("yes",)]


def test_titles_are_asked_for_where_a_title_bar_can_be_read(tmp_path: Path) -> None:
    found = asked(tmp_path, View((FIELD,), title="May.txt — Notes"), View((FIELD, SAVE), title="June.txt — Notes"))
    question = "What is the title of the window that has the focus, as its title bar gives it?"
    assert ("May.txt — Notes", "May.txt - Notes", "May.txt") in answers(found, question)
    assert sorted(answers(found, "Is a window or dialog with the title “June.txt — Notes” open?")) == [
        ("no",),
        ("yes",),
    ]


def test_a_window_whose_content_begins_at_its_top_has_no_title_bar(tmp_path: Path) -> None:
    bar = Part("tool bar", "Tabs", (0, 0, 800, 40), hit=None)
    assert not questions(asked(tmp_path, View((bar, FIELD))), "window")


def test_a_table_is_asked_by_row_and_heading(tmp_path: Path) -> None:
    heads = [
        Part("column header", name, (100 + 150 * at, 100, 150, 30)) for at, name in enumerate(("Town", "Begins"))
    ]
    rows = [
        Part("table cell", name, (100 + 150 * column, 140 + 40 * row, 150, 30))
        for row, names in enumerate((("Hexham", "18:30"), ("Corby", "20:15")))
        for column, name in enumerate(names)
    ]
    found = asked(tmp_path, View((*heads, *rows)))
    assert answers(found, "In the row of “Corby”, what does the column “Begins” say?") == [("20:15",)]


def test_when_a_file_was_changed_is_nobodys_question(tmp_path: Path) -> None:
    name = Part("table cell", "notes.txt", (100, 140, 150, 30), states=("transient", "selectable"))
    when = Part("table cell", "2026-11-25 10:28:45", (250, 140, 250, 30), states=("transient", "selectable"))
    found = asked(tmp_path, View((name, when)), View((SAVE,)))
    assert not [each for each in found if "10:28" in each.question or "10:28" in repr(each.truth)]


def test_the_same_chance_makes_the_same_items_and_another_chance_others(tmp_path: Path) -> None:
    many = [Part("button", f"Button {at}", (50, 40 + 30 * at, 200, 26)) for at in range(18)]
    views = [View(tuple(many[:at])) for at in (2, 6, 10, 14, 18)]
    first, again, other = (asked(tmp_path, *views, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert {each.id for each in first} != {each.id for each in other}
    assert len(first) >= 12


def test_what_was_left_out_is_counted(tmp_path: Path) -> None:
    covered = View((FIELD, SAVE), over=(("Above", (0, 0, 800, 600)),))
    dropped = perceive(trails(trail(tmp_path, "solution", (covered,), 1.0)), Random(0))
    assert [each.why for each in dropped if isinstance(each, Dropped)] == [
        "not to be seen beyond doubt: covered, not found by hit-tests, or not drawn"
    ]


@pytest.mark.parametrize(
    ("role", "name", "said"),
    [
        pytest.param("menu item", "Close Tab      ", "Close Tab", id="trailing blanks"),
        pytest.param("button", "Mail (Ctrl+1)", "Mail", id="a shortcut in brackets"),
        pytest.param("menu item", "Save\tCtrl+S", "Save", id="a shortcut behind a tab"),
        pytest.param("menu item", "_Open…", "Open…", id="GTK's mnemonic"),
        pytest.param("menu", "&Media", "Media", id="Qt's mnemonic"),
        pytest.param("table cell", "my_file.txt", "my_file.txt", id="an underscore that is none"),
        pytest.param("page tab", "Concerts - Memory usage - 24.9 MB", "Concerts", id="what Chromium adds"),
        pytest.param("label", " --:-- ", "", id="nothing that is said"),
        pytest.param("button", "\ufffc", "", id="an embedded object"),
        pytest.param("label", "x" * 61, "", id="longer than anyone would repeat"),
    ],
)
def test_names_are_as_they_can_be_read(role: str, name: str, said: str) -> None:
    assert called(Node(role=role, name=name)) == said
