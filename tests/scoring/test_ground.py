"""L1: what is to be pointed at is the only one meant, and right is a point that would hit it."""

import hashlib
import zlib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from envs.types import Point, Size
from scoring.understanding.ground import ABSENT, ground
from scoring.understanding.items import NOT_APPLICABLE, Dropped, Item, Place
from scoring.understanding.pixels import drawn
from scoring.understanding.screens import Screen
from scoring.understanding.trails import Moment, Trail, Trails
from tests.scoring.painted import Part, View, trail, trails

SAVE = Part("button", "Save", (200, 200, 90, 30))
CLOSE = Part("button", "Close", (300, 200, 90, 30))
ICON = Part("button", "Extract", (20, 50, 36, 34), drawn="E")
FIELD = Part("entry", "Subject", (200, 100, 300, 30), text="Tents", states=("editable",))


def asked(tmp_path: Path, *views: View, seed: int = 0) -> dict[str, Item]:
    played = trails(trail(tmp_path, "solution", views, 1.0))
    return {each.question: each for each in ground(played, Random(seed)) if isinstance(each, Item)}


def boxes(item: Item) -> list[tuple[int, int, int, int]]:
    assert isinstance(item.truth, Place)
    return [(box.x, box.y, box.width, box.height) for box in item.truth.boxes]


def test_a_button_is_pointed_at_by_its_name_within_its_box(tmp_path: Path) -> None:
    found = asked(tmp_path, View((SAVE, CLOSE, FIELD)))["Point at the button “Save”."]
    assert boxes(found) == [SAVE.box]
    assert (found.facet, found.tags["app"], found.tags["role"], found.tags["look"]) == (
        "name",
        "notes",
        "button",
        "text",
    )
    assert found.guess == pytest.approx(1 / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("box", "area"),
    [((200, 200, 12, 15), "small"), ((200, 200, 90, 26), "middle"), ((200, 200, 200, 20), "large")],
)
def test_targets_are_told_apart_by_their_share_of_the_screen(
    box: tuple[int, int, int, int], area: str, tmp_path: Path
) -> None:
    items = asked(tmp_path, View((replace(SAVE, box=box),))).values()
    assert {each.tags["area"] for each in items} == {area}


def test_a_button_with_a_picture_is_pointed_at_by_what_it_is_for(tmp_path: Path) -> None:
    found = asked(tmp_path, View((ICON, SAVE)))["Point at the button for “Extract”."]
    assert (found.facet, found.tags["look"]) == ("function", "icon")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(SAVE, box=(500, 400, 90, 30), label="second"), id="another of its name"),
        pytest.param(Part("label", "save", (500, 400, 90, 30)), id="a text that says the same"),
        pytest.param(
            replace(SAVE, box=(500, 400, 90, 30), hit="", label="second"), id="one that hit-tests do not find"
        ),
        pytest.param(Part("table cell", "Save", (500, 400, 90, 30), hit=None), id="a cell that was not asked about"),
    ],
)
def test_a_name_that_might_mean_another_is_not_used(other: Part, tmp_path: Path) -> None:
    assert "Point at the button “Save”." not in asked(tmp_path, View((SAVE, CLOSE, other)))


def test_the_menu_bar_that_libreoffice_tells_twice_is_one(tmp_path: Path) -> None:
    bar = Part("menu bar", "", (0, 23, 300, 27), hit=None, label="bar")
    file = Part("menu", "File", (0, 23, 40, 27), inside="bar", label="real")
    again = Part("menu bar", "", (0, 50, 300, 27), hit=None, label="again")
    below = Part("menu", "File", (0, 50, 40, 27), inside="again", hit="Save", drawn="", label="below")
    save = replace(SAVE, box=(0, 50, 90, 34))
    found = asked(tmp_path, View((bar, file, again, save, below)))
    assert boxes(found["Point at the menu “File”."]) == [file.box]


def test_a_row_is_right_beside_its_label_too(tmp_path: Path) -> None:
    row = Part("list item", "", (100, 200, 160, 36), hit=None, label="row")
    label = Part("label", "Documents", (140, 200, 110, 36), inside="row")
    found = asked(tmp_path, View((row, label, CLOSE)))["Point at the entry “Documents”."]
    assert boxes(found) == [row.box]


def test_a_tab_is_not_the_button_that_closes_it(tmp_path: Path) -> None:
    tab = Part("page tab", "Concerts", (20, 40, 200, 40))
    close = Part("button", "Close", (190, 46, 28, 28), inside="Concerts", drawn="x")
    found = asked(tmp_path, View((tab, close)))["Point at the tab “Concerts”."]
    assert isinstance(found.truth, Place)
    assert found.truth.holds(Point(x=100, y=60))
    assert not found.truth.holds(Point(x=200, y=60))


def test_what_is_on_a_tabs_page_makes_the_tab_no_wider(tmp_path: Path) -> None:
    tab = Part("page tab", "Selection", (20, 40, 80, 30))
    button = Part("button", "Up", (300, 200, 90, 30), inside="Selection")
    found = asked(tmp_path, View((tab, button)))["Point at the tab “Selection”."]
    assert boxes(found) == [tab.box]


def test_what_holds_other_controls_is_no_target(tmp_path: Path) -> None:
    section = Part("toggle button", "Other options", (100, 100, 500, 300))
    inner = Part("check box", "Match case", (120, 150, 150, 30), inside="Other options")
    found = asked(tmp_path, View((section, inner, SAVE)))
    assert "Point at the check box “Match case”." in found
    assert "Point at the button “Other options”." not in found


def test_a_relation_means_the_next_thing_on_that_side(tmp_path: Path) -> None:
    row = [Part("button", name, (100 + 110 * at, 200, 100, 30)) for at, name in enumerate(("Help", "Back", "Next"))]
    asks = [asked(tmp_path, View(tuple(row)), seed=seed) for seed in range(8)]
    found = {question: item for each in asks for question, item in each.items() if item.facet == "relation"}
    assert boxes(found["Point at the button directly to the right of the button “Help”."]) == [row[1].box]
    assert boxes(found["Point at the button directly to the left of the button “Next”."]) == [row[1].box]
    assert "Point at the button directly to the right of the button “Next”." not in found


def test_half_in_the_next_row_is_no_relation(tmp_path: Path) -> None:
    shifted = replace(CLOSE, box=(300, 218, 90, 30))
    found = [asked(tmp_path, View((SAVE, shifted)), seed=seed) for seed in range(8)]
    assert not [each for one in found for each in one.values() if each.facet == "relation"]


def test_what_may_be_between_two_things_makes_them_no_neighbours(tmp_path: Path) -> None:
    below = replace(CLOSE, box=(200, 320, 90, 30))
    doubtful = Part("heading", "Or else", (200, 260, 90, 30), hit="notes")
    views = (View((SAVE, below)), View((SAVE, below, doubtful)))
    alone, between = ([asked(tmp_path, view, seed=seed) for seed in range(30)] for view in views)
    question = "Point at the button directly below the button “Save”."
    assert any(question in each for each in alone)
    assert not any(question in each for each in between)


def test_a_state_points_at_the_only_one_that_is_in_it(tmp_path: Path) -> None:
    ticked = Part("check box", "Copy", (200, 300, 160, 30), states=("checked",))
    blank = Part("check box", "Draft", (200, 340, 160, 30))
    found = asked(tmp_path, View((ticked, blank)))
    assert boxes(found["Point at the only check box that is ticked."]) == [ticked.box]
    assert boxes(found["Point at the only check box that is not ticked."]) == [blank.box]


def test_a_state_that_two_are_in_points_at_neither(tmp_path: Path) -> None:
    boxes_ = [
        Part("check box", name, (200, 300 + 40 * at, 160, 30), states=("checked",)) for at, name in enumerate("ABC")
    ]
    assert not [each for each in asked(tmp_path, View(tuple(boxes_))).values() if each.facet == "state"]


def test_an_unfolded_entry_is_not_pointed_at_by_its_state_for_its_box_holds_its_children(tmp_path: Path) -> None:
    account = Part("tree item", "Account", (20, 100, 200, 90), states=("selected",))
    inbox = Part("tree item", "Inbox", (40, 130, 180, 30), inside="Account")
    folded = replace(account, box=(20, 100, 200, 30))
    other = replace(inbox, name="Trash", inside="", box=(20, 300, 200, 30))
    question = "Point at the only entry that is selected."
    assert question in asked(tmp_path, View((folded, other)))
    assert question not in asked(tmp_path, View((account, inbox, other)))


def test_some_ask_for_what_is_only_on_another_screen(tmp_path: Path) -> None:
    buttons = [Part("button", f"Button {at}", (50, 40 + 30 * at, 200, 26)) for at in range(18)]
    found = asked(tmp_path, View(tuple(buttons[:9])), View(tuple(buttons[9:])))
    absent = [each for each in found.values() if each.facet == "absent"]
    assert len(absent) == pytest.approx(ABSENT * len(found), abs=1)
    for each in absent:
        step = each.plays[0][1]
        assert not boxes(each)
        assert int(each.question.split()[-1].strip("”.")) // 9 != step


def test_a_name_within_a_text_is_not_absent(tmp_path: Path) -> None:
    hint = Part("label", "Press Save when you are done", (100, 400, 400, 30), hit=None)
    found = asked(tmp_path, View((SAVE, FIELD)), View((FIELD, hint)))
    assert not [each for each in found.values() if each.facet == "absent" and "Save" in each.question]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(replace(SAVE, hit=""), id="not found by hit-tests"),
        pytest.param(replace(SAVE, drawn=""), id="not drawn"),
        pytest.param(replace(SAVE, without=("showing",)), id="not showing"),
        pytest.param(replace(SAVE, box=(790, 590, 90, 30)), id="off the screen but for a corner"),
        pytest.param(Part("icon", "go-down", (200, 200, 30, 30)), id="an icon's name in a theme"),
        pytest.param(Part("button", "AppMenu", (200, 200, 30, 30), drawn="="), id="a toolkit's own name"),
        pytest.param(Part("panel", "Browse Header Stack", (200, 200, 300, 40)), id="a container"),
        pytest.param(Part("label", "Read me", (200, 200, 90, 30)), id="what is only read"),
    ],
)
def test_what_nobody_could_point_at_is_not_asked_for(part: Part, tmp_path: Path) -> None:
    assert not asked(tmp_path, View((part,)))


def test_a_text_that_its_box_cuts_is_no_target(tmp_path: Path) -> None:
    cell = Part("table cell", "Cylinder", (200, 200, 300, 26), states=("selectable",))
    assert "Point at the entry “Cylinder”." in asked(tmp_path / "a", View((cell,)))
    shifted = replace(cell, box=(208, 200, 300, 26), drawn="")
    drawn = Part("filler", "", (200, 200, 300, 26), hit=None, drawn="Cylinder")
    assert not asked(tmp_path / "b", View((shifted, drawn)))


def test_an_application_that_is_not_admitted_has_no_items(tmp_path: Path) -> None:
    played = trails(trail(tmp_path, "solution", (View((SAVE, CLOSE)),), 1.0))
    made = list(ground(played, Random(0), admitted=False))
    assert [type(each) for each in made] == [Dropped]


def test_where_nothing_can_be_clicked_the_rung_does_not_apply(tmp_path: Path) -> None:
    canvas = Part("terminal", "Terminal", (0, 20, 400, 300), drawn="$ ")
    (only,) = ground(trails(trail(tmp_path, "solution", (View((canvas,)),), 1.0)), Random(0))
    assert isinstance(only, Dropped)
    assert only.why.startswith(NOT_APPLICABLE)


def test_the_same_chance_makes_the_same_items_and_another_chance_others(tmp_path: Path) -> None:
    many = [Part("button", f"Button {at}", (50 + 220 * (at % 3), 40 + 30 * (at // 3), 200, 26)) for at in range(48)]
    views = [View(tuple(many[:at])) for at in (12, 24, 36, 48)]
    first, again, other = (asked(tmp_path, *views, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.keys() != other.keys()
    assert len(first) >= 12


SCREENS = Path(__file__).parent.parent / "golden" / "states"
"""Recorded: a dialog of xarchiver's with files to add, and Thunderbird as it starts."""


@pytest.mark.parametrize(
    ("name", "written", "pictured", "neither"),
    [
        pytest.param(
            "add_files",
            {"tab Selection", "entry ghent-plan.txt", "button Cancel", "radio button Without parent path"},
            {"button New", "button Extract"},
            {"Up Path", "09:00", "File Chooser Widget", "Places", "Archive tree"},
            id="GTK 3, a dialog over a window",
        ),
        pytest.param(
            "mail",
            {"button New Message", "entry Local Folders", "button Write a new message", "button Account Settings"},
            {"button Create a new calendar", "button Address Book", "button Connect to feeds"},
            {"AppMenu", "Menu Bar", "Spaces Toolbar", "chrome://messenger/content/msgAccountCentral.xhtml"},
            id="Thunderbird, whose buttons say something else than their names",
        ),
    ],
)  # fmt: skip
def test_recorded_screens_show_what_a_person_sees_on_them(
    name: str, written: set[str], pictured: set[str], neither: set[str], tmp_path: Path
) -> None:
    shown, played = recorded(tmp_path, name)
    assert written <= {f"{each.kind} {each.name}" for each in shown.things if each.written}
    assert pictured <= {f"{each.kind} {each.name}" for each in shown.things if not each.written}
    assert not neither & {each.name for each in shown.things}
    items = [each for each in ground(played, Random(0)) if isinstance(each, Item)]
    assert len(items) >= 12
    for each in items:
        assert isinstance(each.truth, Place)
        for box in each.truth.boxes:
            assert drawn(shown.moment, box) or each.tags["role"] in ("text", "entry")


def recorded(run: Path, name: str) -> tuple[Screen, Trails]:
    """A recorded screen as the only one of a play."""
    data, png = (SCREENS / f"{name}.state").read_bytes(), (SCREENS / f"{name}.png").read_bytes()
    state = hashlib.sha256(zlib.decompress(data)).hexdigest()
    for folder, file, content in (("states", state, data), ("frames", f"{name}.png", png)):
        (run / folder).mkdir()
        (run / folder / file).write_bytes(content)
    at = Moment(run=run, picture=name, size=Size(width=1920, height=1080), state_name=state)
    play = Trail(
        name="solution", task="made/one@1", seed=0, operator="solution", moments=(at,), steps=(), score=1.0,
        whole=True,
    )  # fmt: skip
    return Screen(moment=at, plays=(("solution", 0),)), trails(play)
