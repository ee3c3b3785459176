"""The fake desktop does what its programs promise."""

from __future__ import annotations

import pytest

from envs.fake import ANSWERS, FakeDesktop
from envs.types import (
    Action,
    Click,
    Drag,
    KeyDown,
    KeyUp,
    Launch,
    Point,
    Post,
    Press,
    Put,
    Rect,
    Scene,
    Site,
    Size,
    Type,
)

NOTE = "/home/user/note.txt"


@pytest.fixture
def desktop() -> FakeDesktop:
    return FakeDesktop(Size(width=800, height=600))


def button(desktop: FakeDesktop, name: str) -> Click:
    box = next(node.box for node in desktop.probe.tree() if node.name == name)
    assert isinstance(box, Rect)
    return Click(at=box.centre)


def editor(text: str) -> Scene:
    return Scene(files=(Put(path=NOTE, data=text.encode()),), open=(Launch(argv=("editor", NOTE), window="note"),))


@pytest.mark.parametrize("name", ["OK", "Cancel"])
def test_a_dialogs_answer_is_written_down(name: str, desktop: FakeDesktop) -> None:
    desktop.reset(Scene(open=(Launch(argv=("dialog", "Sure?")),)))
    desktop.step(button(desktop, name))
    assert desktop.probe.windows() == ()
    assert desktop.probe.read_file(ANSWERS) == f"{name} Sure?\n".encode()


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        ((Type(text="abc"),), "abcline"),
        ((Press(keys=("end",)), Type(text="!")), "line!"),
        ((Press(keys=("delete",)), Press(keys=("right",)), Press(keys=("backspace",))), "ne"),
        ((Press(keys=("ctrl", "a")), Type(text="new")), "new"),
        ((Press(keys=("ctrl", "a")), Press(keys=("ctrl", "x")), *(Press(keys=("ctrl", "v")),) * 2), "lineline"),
        ((KeyDown(key="shift"), Press(keys=("a",)), KeyUp(key="shift"), Press(keys=("a",))), "Aaline"),
        ((Press(keys=("enter",)), Press(keys=("tab",))), "\n\tline"),
    ],
    ids=[
        "typed at the caret",
        "at the end",
        "erased",
        "over the selection",
        "cut and pasted",
        "shift held",
        "named keys",
    ],
)
def test_the_field_is_edited_as_any(actions: tuple[Action, ...], text: str, desktop: FakeDesktop) -> None:
    desktop.reset(editor("line"))
    for action in (*actions, Press(keys=("ctrl", "s"))):
        assert desktop.step(action).refused == ""
    assert desktop.probe.read_file(NOTE).decode() == text


def test_what_is_not_saved_is_not_in_the_file(desktop: FakeDesktop) -> None:
    desktop.reset(editor("line"))
    desktop.step(Type(text="more"))
    assert desktop.probe.read_file(NOTE) == b"line"
    desktop.step(button(desktop, "Save"))
    assert desktop.probe.read_file(NOTE) == b"moreline"


def test_the_icon_opens_an_editor(desktop: FakeDesktop) -> None:
    desktop.reset(Scene())
    desktop.step(button(desktop, "Editor"))
    assert [window.title for window in desktop.probe.windows()] == ["Untitled - Editor"]


def test_a_form_is_sent(desktop: FakeDesktop) -> None:
    desktop.reset(
        Scene(sites=(Site(host="shop.test", pages={"/": b""}),), open=(Launch(argv=("form", "shop.test/order")),))
    )
    assert desktop.probe.posts("shop.test") == ()
    desktop.step(Type(text="two"))
    desktop.step(button(desktop, "Send"))
    assert desktop.probe.posts("shop.test") == (Post(path="/order", fields=(("text", "two"),)),)


def test_a_title_bar_drags_its_window_and_the_picture_follows(desktop: FakeDesktop) -> None:
    before = desktop.reset(editor("line"))
    box = desktop.probe.windows()[0].box
    start = Point(x=box.x + 20, y=box.y + 5)
    after = desktop.step(Drag(path=(start, Point(x=start.x - 30, y=start.y + 40))))
    moved = desktop.probe.windows()[0].box
    assert (moved.x - box.x, moved.y - box.y) == (-30, 40)
    assert after.png != before.png


def test_a_click_raises_the_window_that_is_there(desktop: FakeDesktop) -> None:
    desktop.reset(Scene(open=(Launch(argv=("one",)), Launch(argv=("two",)))))
    low = desktop.probe.windows()[0].box
    desktop.step(Click(at=Point(x=low.x + 4, y=low.y + 4)))
    assert [window.title for window in desktop.probe.windows()] == ["two", "one"]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/home/user/*.txt", ["/home/user/a.txt"]),
        ("/home/**/*.txt", ["/home/user/a.txt", "/home/user/b/c.txt"]),
        ("/home/user/?", ["/home/user/b"]),
        ("/home/user/b/*", ["/home/user/b/c.txt"]),
        ("/nowhere/*", []),
    ],
)
def test_globs_match_paths(pattern: str, paths: list[str], desktop: FakeDesktop) -> None:
    files = tuple(Put(path=path, data=b"x") for path in ("/home/user/a.txt", "/home/user/b/c.txt"))
    desktop.reset(Scene(files=files))
    assert [entry.path for entry in desktop.probe.files(pattern)] == paths
