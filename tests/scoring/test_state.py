"""States: kept under their content's name, and alike where a person sees no difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from envs.errors import BadInput
from envs.types import Node, Rect, Window
from scoring.record import EventLog
from scoring.state import State, fingerprint, sorted_, steadily, stored

BOX = Rect(x=10, y=20, width=30, height=40)
SHOWN = ("showing", "visible")
ROOT = Node(role="frame", name="Notes ", states=SHOWN, box=Rect(x=0, y=0, width=100, height=100), app="editor")
TEXT = Node(role="text", text="milk", states=SHOWN, box=BOX, parent=0, app="editor")
MENU = Node(role="menu item", name="Quit", states=("visible",), box=BOX, parent=0, app="editor")
STATE = State(
    nodes=(ROOT, TEXT, MENU),
    hits={0: (0, 1, 1, 0, 0), 1: (1, 1, 1, 1, 1)},
    windows=(Window(id=1, title="Notes", app="Editor", box=BOX, focused=True),),
)


def test_a_state_is_kept_once_and_read_back(tmp_path: Path) -> None:
    for name in ("one", "two"):
        log = EventLog(tmp_path / "episodes" / name)
        log.capture(STATE)
        log.close()
    (kept,) = (tmp_path / "states").iterdir()
    assert stored(tmp_path, kept.name) == STATE


PANEL = Node(role="frame", name="panel", states=SHOWN, box=Rect(x=0, y=90, width=100, height=10), app="panel")
OPEN = replace(MENU, name="Open")


def test_programs_that_register_in_another_order_and_closed_menus_in_any_are_read_the_same() -> None:
    one = State(
        nodes=(PANEL, ROOT, replace(MENU, parent=1), replace(OPEN, parent=1), replace(TEXT, parent=1)),
        hits={0: (0, 0, 0, 0, -1), 1: (1, 4, 4, 1, 1)},
        windows=(),
    )
    other = State(nodes=(ROOT, TEXT, OPEN, MENU, PANEL), hits={0: (0, 1, 1, 0, 0), 4: (4, 4, 4, 4, -1)}, windows=())
    assert sorted_(one) == sorted_(other)
    assert sorted_(one).nodes[:2] == (ROOT, TEXT)
    assert sorted_(one).hits == {0: (0, 1, 1, 0, 0), 4: (4, 4, 4, 4, -1)}


def test_one_that_was_damaged_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "episodes" / "one")
    log.capture(STATE)
    log.close()
    (kept,) = (tmp_path / "states").iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])
    with pytest.raises(BadInput, match="cannot be read"):
        stored(tmp_path, kept.name)
    with pytest.raises(BadInput, match="cannot be read"):
        stored(tmp_path, "0" * 64)


def changed(**changes: object) -> State:
    return replace(STATE, nodes=(ROOT, replace(TEXT, **changes), MENU))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(changed(text="eggs"), id="another text"),
        pytest.param(changed(box=replace(BOX, x=11)), id="another place"),
        pytest.param(changed(states=(*SHOWN, "checked")), id="another state"),
        pytest.param(replace(STATE, nodes=(ROOT, TEXT, replace(MENU, states=SHOWN))), id="a menu that has opened"),
    ],
)
def test_what_a_person_would_see_makes_another_fingerprint(other: State) -> None:
    assert fingerprint(other) != fingerprint(STATE)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            replace(STATE, nodes=(ROOT, TEXT, replace(MENU, box=replace(BOX, x=0)))), id="a closed menu's box"
        ),
        pytest.param(replace(STATE, nodes=(replace(ROOT, name="\tNotes"), TEXT, MENU)), id="blanks around a name"),
        pytest.param(changed(states=("visible", "showing")), id="the order of states"),
        pytest.param(replace(STATE, hits={}), id="hit-tests"),
    ],
)
def test_what_nobody_sees_does_not(other: State) -> None:
    assert fingerprint(other) == fingerprint(STATE)


def test_a_node_is_struck_where_every_hit_finds_it_or_what_is_in_it() -> None:
    assert STATE.struck(0)
    assert STATE.struck(1)
    assert not STATE.struck(2)
    assert not replace(STATE, hits={1: (1, 1, 0, 1, 1)}).struck(1)
    assert not replace(STATE, hits={1: (1, 1, -1, 1, 1)}).struck(1)


def test_a_state_that_moves_is_read_until_it_rests() -> None:
    told = [changed(text="m"), changed(text="mi"), changed(text="milk"), changed(text="milk")]
    assert fingerprint(steadily(lambda: told.pop(0), lambda: told.pop(0).nodes)) == fingerprint(STATE)
    assert told == []


def test_a_tab_that_needs_other_memory_is_the_same_screen() -> None:
    one, other = (
        State(nodes=(replace(ROOT, name=f"Notes - Memory usage - {size} MB"),), hits={}, windows=())
        for size in ("24.9", "131")
    )
    assert fingerprint(one) == fingerprint(other) == fingerprint(State(nodes=(ROOT,), hits={}, windows=()))


@pytest.mark.parametrize(
    ("states", "same"),
    [
        pytest.param(("expandable",), True, id="in a closed list"),
        pytest.param(("expandable", "expanded"), False, id="in an open one"),
        pytest.param((), False, id="in one that does not tell"),
    ],
)
def test_where_the_items_of_a_closed_list_would_be_makes_no_difference(states: tuple[str, ...], same: bool) -> None:
    box = Node(role="combo box", name="Room", states=(*SHOWN, *states), box=BOX, parent=0, app="editor")
    near, far = (
        State(
            nodes=(
                ROOT,
                box,
                Node(role="menu", parent=1),
                replace(MENU, states=SHOWN, box=replace(BOX, x=x), parent=2),
            ),
            hits={},
            windows=(),
        )
        for x in (10, 50)
    )
    assert (fingerprint(near) == fingerprint(far)) == same


@pytest.mark.parametrize(
    ("role", "name", "same"), [("panel", "", True), ("panel", "Tools", False), ("text", "", False)]
)
def test_the_focus_of_a_panel_without_a_name_makes_no_difference(role: str, name: str, same: bool) -> None:
    plain = replace(TEXT, role=role, name=name, text="")
    one, other = (
        State(nodes=(ROOT, node), hits={}, windows=())
        for node in (plain, replace(plain, states=(*plain.states, "focused")))
    )
    assert (fingerprint(one) == fingerprint(other)) == same
