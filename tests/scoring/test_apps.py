"""The tree audit: what it admits, and that it refuses an application whose boxes lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envs.types import Click, Point, Rect
from scoring.understanding.apps import ADMITTED, Tally, audited, found
from tests.scoring.painted import Part, View, state_of, trail, trails

MENUS = tuple(Part("menu", name, (20 + 90 * at, 20, 80, 26)) for at, name in enumerate(("File", "Edit", "View")))
ROWS = tuple(Part("list item", f"Letter {at}", (200, 100 + 40 * at, 200, 30)) for at in range(8))
PAPER = Part("document text", "Letter", (100, 60, 600, 500), hit="itself", drawn="")
ELSEWHERE = Point(x=730, y=580)


def audit(tmp_path: Path, parts: tuple[Part, ...], *clicks: Point) -> Tally:
    view = View(parts)
    actions = [Click(at=at) for at in clicks]
    played = trail(tmp_path, "solution", [view] * (len(clicks) + 1), 1.0, actions)
    (tally,) = audited([trails(played)]).values()
    return tally


def middle(part: Part) -> Point:
    x, y, width, height = part.box
    return Point(x=x + width // 2, y=y + height // 2)


def at_origin(part: Part) -> Part:
    """As GTK 4 tells it: drawn where it was, and said to be at the window's corner."""
    return replace(part, box=(0, 0, *part.box[2:]), drawn="")


def painted_apart(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The lying nodes, and what is seen, of which no node tells by name."""
    drawn = tuple(Part("filler", "", part.box, hit=None, drawn=part.name) for part in parts)
    return (*drawn, *(at_origin(part) for part in parts))


def test_a_click_on_a_thing_counts_and_a_sample_fills_up(tmp_path: Path) -> None:
    tally = audit(tmp_path, (*MENUS, *ROWS), middle(MENUS[0]), middle(ROWS[2]))
    assert (tally.clicked.points, tally.clicked.named) == (2, 2)
    assert (tally.points, tally.share) == (13, 1.0)


def test_a_click_into_a_documents_text_says_nothing_of_the_tree(tmp_path: Path) -> None:
    tally = audit(tmp_path, (*MENUS, PAPER), middle(PAPER), middle(MENUS[1]))
    assert (tally.clicked.points, tally.clicked.named) == (1, 1)


@pytest.mark.parametrize("clicks", [0, 1, 4])
def test_one_whose_boxes_are_all_at_the_origin_is_refused(clicks: int, tmp_path: Path) -> None:
    parts = painted_apart((*MENUS, *ROWS))
    tally = audit(tmp_path, parts, *(middle(row) for row in ROWS[:clicks]))
    assert tally.points >= 5
    assert tally.share < ADMITTED


def test_one_whose_boxes_are_beside_what_is_drawn_is_refused(tmp_path: Path) -> None:
    def shifted(part: Part) -> Part:
        x, y, width, height = part.box
        return replace(part, box=(x + 250, y, width, height), drawn="")

    parts = (
        *(Part("filler", "", part.box, hit=None, drawn=part.name) for part in (*MENUS, *ROWS)),
        *(shifted(part) for part in ROWS),
    )
    assert audit(tmp_path, parts).share < ADMITTED


def test_one_whose_hit_tests_find_nothing_of_what_it_shows_is_refused(tmp_path: Path) -> None:
    parts = tuple(replace(part, hit="") for part in (*MENUS, *ROWS))
    tally = audit(tmp_path, parts)
    assert (tally.tested.points, tally.share) == (11, 0.0)


def test_a_sample_does_not_speak_for_one_whose_clicks_miss(tmp_path: Path) -> None:
    tally = audit(tmp_path, (*MENUS, *ROWS), ELSEWHERE, Point(x=740, y=560))
    assert (tally.sampled.share, tally.share) == (1.0, 0.0)
    assert tally.missed == ["frame at 730,580", "frame at 740,560"]


def test_an_empty_field_needs_no_name(tmp_path: Path) -> None:
    field = Part("entry", "", (200, 100, 300, 30), states=("editable",), label="field")
    assert audit(tmp_path, (*MENUS, field), middle(field)).clicked.share == 1.0
    button = replace(field, role="button")
    assert audit(tmp_path, (*MENUS, button), middle(button)).clicked.share == 0.0


def test_a_click_on_a_part_without_a_name_is_one_on_its_row(tmp_path: Path) -> None:
    row = Part("list item", "Copperplate Press", (100, 200, 500, 60), hit="inner")
    inner = Part("section", "", (110, 210, 400, 20), inside="Copperplate Press", label="inner", drawn="")
    assert audit(tmp_path, (row, inner), Point(x=300, y=220)).clicked.share == 1.0


def test_of_several_answers_at_a_point_the_deepest_is_taken() -> None:
    state = state_of(View((Part("terminal", "Terminal", (0, 0, 800, 600)),)))
    state = type(state)(nodes=state.nodes, hits={1: (1,) * 5, **state.hits}, windows=state.windows)
    assert state.nodes[found(state, Rect(x=0, y=0, width=800, height=600).centre)].role == "terminal"
