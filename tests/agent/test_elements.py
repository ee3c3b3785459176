"""What is told of a screen: on trees that real programs gave, and on small ones made for the purpose."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from agent.elements import Element, from_tree, in_text, to_mark
from agent.models.base import Picture
from agent.numbering import COLOURS, numbered
from envs.types import SCREEN, Node, Rect, Size

SCREENS = Path(__file__).with_name("screens")
"""As recorded, without what is not shown: Mousepad's file dialog, a list dropped down in Chromium, a menu of Calc
(there also without the states of cells far off)."""
SHOWN = ("showing", "visible", "sensitive")


def recorded(name: str) -> tuple[Element, ...]:
    nodes = msgspec.json.decode((SCREENS / f"{name}.json").read_bytes(), type=tuple[Node, ...])
    return from_tree(nodes, SCREEN)


def box(x: int, y: int, width: int = 80, height: int = 20) -> Rect:
    return Rect(x=x, y=y, width=width, height=height)


THERE = [
    pytest.param("open_file", "list item", "Downloads", box(413, 281, 167, 36), id="a row that only its label names"),
    pytest.param("open_file", "table cell", "Vosges 2025.txt", box(611, 198, 709, 23), id="a row of a GTK table"),
    pytest.param("open_file", "table column header", "Name", box(581, 172, 737, 25), id="a header that sorts"),
    pytest.param("open_file", "button", "Open", box(1418, 941, 85, 34), id="a dialog's button"),
    pytest.param("open_file", "icon", "", box(33, 1044, 32, 32), id="a panel's icon"),
    pytest.param("drop_down", "menu item", "Library", box(782, 482, 111, 28), id="an item of an open list"),
    pytest.param("drop_down", "combo box", "Room", box(781, 391, 133, 34), id="the list itself"),
    pytest.param("drop_down", "entry", "Remarks", box(781, 683, 572, 73), id="an empty field"),
    pytest.param("drop_down", "check box", "Piano", box(877, 650, 14, 14), id="a box of 14 pixels"),
    pytest.param("sheet_menu", "radio menu item", "Accent 1", box(235, 77, 236, 27), id="an item over a tool bar"),
    pytest.param("sheet_menu", "table cell", "A3", box(33, 225, 82, 17), id="a filled cell"),
    pytest.param("sheet_menu", "panel", "Font Name", box(4, 91, 207, 34), id="a control that is only a panel"),
    pytest.param("sheet_menu", "panel", "", box(260, 135, 1596, 25), id="the formula line"),
]


@pytest.mark.parametrize(("screen", "role", "name", "where"), THERE)
def test_what_can_be_clicked_is_marked_where_it_is(screen: str, role: str, name: str, where: Rect) -> None:
    marks = to_mark(recorded(screen), 500)
    assert [mark.box for mark in marks if (mark.role, mark.name) == (role, name) and mark.box == where] == [where]


ABSENT = [
    pytest.param("open_file", "menu", "Edit", id="what lies under a dialog"),
    pytest.param("open_file", "text", "", id="a field under a dialog"),
    pytest.param("drop_down", "spin button", "Month Day", id="a field under an open list"),
    pytest.param("drop_down", "menu item", "09:00", id="an item of a closed list"),
    pytest.param("drop_down", "menu", "", id="what holds the items of a list"),
    pytest.param("drop_down", "heading", "Request a room", id="what is only read"),
    pytest.param("sheet_menu", "button", "Cut", id="a button under an open menu"),
    pytest.param("sheet_menu", "table cell", "C4", id="a cell under an open menu"),
    pytest.param("sheet_menu", "table cell", "B8", id="an empty cell"),
]


@pytest.mark.parametrize(("screen", "role", "name"), ABSENT)
def test_what_cannot_be_clicked_has_no_mark(screen: str, role: str, name: str) -> None:
    nodes = msgspec.json.decode((SCREENS / f"{screen}.json").read_bytes(), type=tuple[Node, ...])
    assert any(node.role == role and node.name.strip() == name for node in nodes)
    assert not [mark for mark in to_mark(recorded(screen), 500) if (mark.role, mark.name) == (role, name)]


def test_a_menu_bar_that_is_told_of_twice_is_marked_once() -> None:
    marks = to_mark(recorded("sheet_menu"), 500)
    assert [mark.name for mark in marks if mark.role == "menu"] == [
        "File", "Edit", "View", "Insert", "Format", "Styles", "Sheet", "Data", "Tools", "Window", "Help",
    ]  # fmt: skip


def test_the_active_window_comes_first() -> None:
    windows = list(dict.fromkeys(element.window for element in recorded("open_file")))
    assert windows == ["Open File - mousepad", "panel - lxpanel"]


def node(role: str, where: Rect | None, parent: int = 1, **more: object) -> Node:
    return Node(role=role, box=where, parent=parent, **({"states": SHOWN} | more))


def screen(*nodes: Node, size: Size = SCREEN) -> tuple[Element, ...]:
    """A window over all of the screen, with these in it."""
    whole = Rect(x=0, y=0, width=size.width, height=size.height)
    app = Node(role="application", name="pad", app="pad")
    return from_tree(
        (app, node("frame", whole, 0, name="Letter", app="pad", states=(*SHOWN, "active")), *nodes), size
    )


EDGES = [
    pytest.param(node("button", box(1900, 100)), box(1900, 100, 20), id="cut off at the edge"),
    pytest.param(node("button", box(-70, 100)), box(0, 100, 10), id="cut off at the other edge"),
    pytest.param(node("button", box(1916, 100)), None, id="four pixels of it on the screen"),
    pytest.param(node("button", box(1915, 100)), box(1915, 100, 5), id="five pixels of it on the screen"),
    pytest.param(node("button", box(100, 1080)), None, id="below the screen"),
    pytest.param(node("button", None), None, id="nowhere"),
    pytest.param(node("button", box(1, 1), states=("visible",)), None, id="not shown"),
    pytest.param(node("panel", box(1, 1)), None, id="a container"),
    pytest.param(node("label", box(1, 1)), None, id="a label that says nothing"),
    pytest.param(node("button", box(0, 0, 1920, 600)), None, id="more than half of the screen"),
    pytest.param(
        node("text", box(0, 0, 1920, 600), states=(*SHOWN, "editable")),
        box(0, 0, 1920, 600),
        id="more than half of the screen, to be typed into",
    ),
]


@pytest.mark.parametrize(("given", "where"), EDGES)
def test_an_element_is_what_of_it_lies_on_the_screen(given: Node, where: Rect | None) -> None:
    assert [element.box for element in screen(given)] == ([where] if where else [])


def test_a_cell_of_a_web_page_is_read_and_a_cell_that_can_be_chosen_is_clicked() -> None:
    web = node("table cell", box(10, 10), name="19:30", text="19:30")
    gtk = node("table cell", box(10, 50), name="notes.txt", states=(*SHOWN, "selectable"))
    found = screen(web, gtk)
    assert [(element.name, element.acts) for element in found] == [("19:30", False), ("notes.txt", True)]
    assert [mark.name for mark in to_mark(found, 9)] == ["notes.txt"]


def test_what_smaller_things_fill_is_not_marked() -> None:
    row, halves = node("list item", box(0, 100, 200)), (box(0, 100, 100), box(100, 100, 100))
    found = screen(row, *(node("button", half, name=str(half.x)) for half in halves))
    assert [mark.role for mark in to_mark(found, 9)] == ["button", "button"]


def test_no_more_is_marked_than_is_wanted_and_the_first_are_kept() -> None:
    found = screen(*(node("button", box(0, 30 * place), name=str(place)) for place in range(9)))
    assert [mark.name for mark in to_mark(found, 3)] == ["0", "1", "2"]


LINES = [
    pytest.param(node("button", box(5, 6), name="Save"), '[1] button "Save" at 5,6 size 80x20', id="a button"),
    pytest.param(
        node("check box", box(5, 6), name="All", states=(*SHOWN, "checked")),
        '[1] check box "All" at 5,6 size 80x20 (checked)',
        id="its state",
    ),
    pytest.param(
        node("button", box(5, 6), name="Undo", states=("showing",)),
        '[1] button "Undo" at 5,6 size 80x20 (disabled)',
        id="out of use",
    ),
    pytest.param(
        node("text", box(5, 6), text="a\nb￼", states=(*SHOWN, "editable")),
        "[1] text text='a\\nb' at 5,6 size 80x20 (editable)",
        id="its text, on one line",
    ),
    pytest.param(
        node("slider", box(5, 6), name="Size", value=51.0),
        '[1] slider "Size" value=51 at 5,6 size 80x20',
        id="its value",
    ),
    pytest.param(
        node("label", box(5, 6), name="x" * 101),
        f'[1] label "{"x" * 100}… (1 more characters)" at 5,6 size 80x20',
        id="a name that is too long",
    ),
]


@pytest.mark.parametrize(("given", "line"), LINES)
def test_a_line_says_what_it_is(given: Node, line: str) -> None:
    assert in_text(screen(given), 1000) == f"Window: Letter - pad\n{line}"


def test_what_is_left_out_of_the_text_is_counted_and_empty_cells_go_first() -> None:
    cells = [
        node("table cell", box(0, 30 * row), name=f"A{row + 1}", states=(*SHOWN, "selectable")) for row in range(9)
    ]
    found = screen(*cells, node("button", box(500, 500), name="Save"))
    told = in_text(found, 150)
    assert '[10] button "Save"' in told
    assert '[1] table cell "A1"' in told
    assert told.endswith("(7 more elements are left out, 7 of them empty cells)")


def test_a_screen_without_elements_is_told_as_such() -> None:
    assert in_text((), 100) == "(the accessibility tree tells of nothing on the screen)"


def blank(width: int, height: int, colour: str = "white") -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return Picture(png=out.getvalue(), size=Size(width=width, height=height))


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png)).convert("RGB")


def test_a_box_is_drawn_around_the_element_on_a_smaller_picture_too() -> None:
    image = opened(numbered(blank(960, 540), [box(200, 100, 400, 200)], SCREEN))
    colour = tuple(bytes.fromhex(COLOURS[1][1:]))
    assert image.size == (960, 540)
    assert {image.getpixel(at) for at in ((100, 50), (299, 50), (299, 149), (100, 149))} == {colour}
    assert {image.getpixel(at) for at in ((200, 100), (110, 60), (310, 50), (200, 155))} == {(255, 255, 255)}


def test_tags_hide_neither_each_other_nor_their_elements_where_there_is_room() -> None:
    boxes = [box(300, 100 + 60 * place, 200, 30) for place in range(5)]
    image = opened(numbered(blank(800, 500), boxes, Size(width=800, height=500)))
    for number, where in enumerate(boxes, 1):
        inside = image.crop((where.x + 1, where.y + 1, where.x + where.width - 1, where.y + where.height - 1))
        assert inside.getcolors() == [(198 * 28, (255, 255, 255))]
        colour = tuple(bytes.fromhex(COLOURS[number % len(COLOURS)][1:]))
        assert sum(count for count, each in image.getcolors(99999) if each == colour) > 460  # the outline, and a tag


def test_a_tag_stays_on_the_picture() -> None:
    corners = [box(0, 0, 20, 10), box(780, 0, 20, 10), box(0, 490, 20, 10), box(780, 490, 20, 10)]
    image = opened(numbered(blank(800, 500), corners, Size(width=800, height=500)))
    for number in range(1, 5):
        colour = tuple(bytes.fromhex(COLOURS[number][1:]))
        assert sum(count for count, each in image.getcolors(99999) if each == colour) > 60


def test_the_same_screen_gives_the_same_picture() -> None:
    boxes = [mark.box for mark in to_mark(recorded("sheet_menu"), 200)]
    one, other = (numbered(blank(1920, 1080), boxes, SCREEN) for _ in range(2))
    assert one.png == other.png
