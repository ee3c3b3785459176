"""What must be true of every desktop, ours or another's.

The author of a desktop has one test to write: `assert not failures(check(MyDesktop))`. Each property is a function
that takes a desktop and what makes another, and raises AssertionError with what it found.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image, ImageChops

from envs import keys
from envs.desktop import Desktop, MakeDesktop
from envs.errors import DesktopFault, TaskFault
from envs.settle import until
from envs.types import (
    Action,
    Click,
    Closed,
    Drag,
    Finish,
    Launch,
    MouseDown,
    Move,
    Observation,
    Point,
    Press,
    Put,
    Scene,
    Scroll,
    Size,
    Type,
    Wait,
)

SIZE: Final = Size(width=1280, height=800)
"""Not the usual screen: any size must do."""
NOTE: Final = "/home/user/note.txt"
TEXT: Final = "naïve 北京 😀 \"quotes\" 'single' <tags> & \\ ~ ^ ` {}[]|@#$% Ünïcödé → ½ €"
AT_ONCE: Final = 8
"""Keys in one `Press`."""
SAVED_WITHIN: Final = 10.0
NEAR: Final = 32
"""Pixels: a pointer's picture is smaller."""


class Result(Closed):
    """Whether a property holds; `detail` says what was found where it does not."""

    name: str
    ok: bool
    detail: str = ""


Property = Callable[[Desktop, MakeDesktop], None]


def check(make: MakeDesktop) -> list[Result]:
    """Every property, tried on one desktop that is reset between them, and on others where it takes two."""
    desktop = make(SIZE)
    try:
        return [_tried(each, desktop, make) for each in PROPERTIES]
    finally:
        desktop.close()


def failures(results: list[Result]) -> list[str]:
    """A line for each property that does not hold."""
    return [f"{each.name}: {each.detail}" for each in results if not each.ok]


def _tried(claim: Property, desktop: Desktop, make: MakeDesktop) -> Result:
    name = claim.__name__.replace("_", " ")
    try:
        claim(desktop, make)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was found
        return Result(name=name, ok=False, detail=f"{type(error).__name__}: {error}")
    return Result(name=name, ok=True)


def the_same_scene_gives_the_same_pixels(desktop: Desktop, _: MakeDesktop) -> None:
    """Twice in a row."""
    first, second = (_pixels(desktop.reset(_note("The quick brown fox\n"))) for _ in range(2))
    box = ImageChops.difference(first, second).getbbox()
    assert box is None, f"they differ within {box}"


def the_screen_is_as_large_as_asked(desktop: Desktop, _: MakeDesktop) -> None:
    """In what is said and in the picture."""
    seen = desktop.reset(Scene())
    assert desktop.size == desktop.about.size == seen.size == SIZE, f"{desktop.size}, {desktop.about}, {seen.size}"
    assert _pixels(seen).size == (SIZE.width, SIZE.height)


def every_corner_is_reachable(desktop: Desktop, _: MakeDesktop) -> None:
    """The pointer is seen there."""
    desktop.reset(Scene())
    away = _pixels(_did(desktop, Move(at=Point(x=SIZE.width // 2, y=SIZE.height // 2))))
    for x, y in ((0, 0), (SIZE.width - 1, 0), (0, SIZE.height - 1), (SIZE.width - 1, SIZE.height - 1)):
        there = _pixels(_did(desktop, Move(at=Point(x=x, y=y))))
        around = (max(0, x - NEAR), max(0, y - NEAR), min(SIZE.width, x + NEAR), min(SIZE.height, y + NEAR))
        changed = ImageChops.difference(away.crop(around), there.crop(around)).getbbox()
        assert changed is not None, f"no pointer is seen around ({x}, {y})"


def a_point_off_the_screen_is_refused(desktop: Desktop, _: MakeDesktop) -> None:
    """With every action that has one, and nothing happens."""
    before = desktop.reset(Scene())
    inside = Point(x=5, y=5)
    for x, y in ((-1, 0), (0, -1), (SIZE.width, 0), (0, SIZE.height), (100_000, -100_000)):
        off = Point(x=x, y=y)
        for action in (
            Move(at=off),
            Click(at=off),
            Scroll(at=off, dy=1),
            MouseDown(at=off),
            Drag(path=(inside, off)),
        ):
            seen = desktop.step(action)
            assert seen.refused, f"{action} was not refused"
            assert seen.png == before.png, f"{action} was refused, and the screen has changed"


def an_unknown_key_is_refused_by_name(desktop: Desktop, _: MakeDesktop) -> None:
    """And none of its chord is pressed."""
    desktop.reset(Scene())
    for action in (Press(keys=("ctrl", "entre")), Click(at=Point(x=5, y=5), holding=("shfit",))):
        assert "did you mean" in desktop.step(action).refused, f"{action} was not refused with the near name"


def text_arrives_whole(desktop: Desktop, _: MakeDesktop) -> None:
    """Any of it: quotes, tags, other scripts, emoji."""
    desktop.reset(_note(""))
    _did(desktop, Type(text=TEXT + "\nsecond\tline"))
    _did(desktop, Press(keys=("ctrl", "s")))
    wanted = (TEXT + "\nsecond\tline").encode()
    # Some editors end the last line.
    found = until(lambda: desktop.probe.read_file(NOTE).rstrip(b"\n") == wanted, deadline=SAVED_WITHIN)
    assert found, f"{desktop.probe.read_file(NOTE).decode()!r} is not {wanted.decode()!r}"


def every_key_of_the_table_is_pressed(desktop: Desktop, _: MakeDesktop) -> None:
    """None is refused."""
    desktop.reset(Scene())
    names = [*keys.names(), *"aZ09!é北😀"]
    for start in range(0, len(names), AT_ONCE):
        _did(desktop, Press(keys=tuple(names[start : start + AT_ONCE])))


def nothing_is_left_after_a_reset(desktop: Desktop, _: MakeDesktop) -> None:
    """No file, no window, no key held down, no character in an editor."""
    desktop.reset(Scene())
    fresh = [entry.path for entry in desktop.probe.files("/home/user/**/*") if entry.kind == "file"]
    desktop.reset(_note("before"))
    _did(desktop, Type(text="left over"))
    _did(desktop, Press(keys=("ctrl", "s")))
    desktop.reset(Scene())
    titles = [window.title for window in desktop.probe.windows()]
    assert not [title for title in titles if "note.txt" in title], f"a window is left: {titles}"
    assert not desktop.probe.files(NOTE), f"{NOTE} is left"
    now = [entry.path for entry in desktop.probe.files("/home/user/**/*") if entry.kind == "file"]
    assert not {*now} - {*fresh} - _late(now), f"files are left: {sorted({*now} - {*fresh})}"


def _late(paths: list[str]) -> set[str]:
    """What a session writes sometime after its start: caches and states of programs that run in every desktop."""
    return {
        path for path in paths if path.startswith(("/home/user/.cache/", "/home/user/.local/", "/home/user/.config/"))
    }


def files_go_in_and_out_byte_by_byte(desktop: Desktop, _: MakeDesktop) -> None:
    """Binary, empty, large, in new folders, with names of any kind."""
    placed = {
        "/home/user/all bytes.bin": bytes(range(256)) * 8192,
        "/home/user/leer": b"",
        "/home/user/Ordner/tief/北京 <&>.txt": b"\xff\xfe\x00",
        "/tmp/elsewhere": b"x",
    }
    desktop.reset(Scene(files=tuple(Put(path=path, data=data) for path, data in placed.items())))
    for path, data in placed.items():
        assert desktop.probe.read_file(path) == data, f"{path!r} came back otherwise"
        entry = desktop.probe.files(path)[0]
        assert (entry.path, entry.size, entry.kind) == (path, len(data), "file"), f"{entry}"


def what_is_no_file_is_named(desktop: Desktop, _: MakeDesktop) -> None:
    """A missing file and a folder each have their error."""
    desktop.reset(Scene())
    with _raises(FileNotFoundError):
        desktop.probe.read_file("/home/user/no such file")
    with _raises(IsADirectoryError):
        desktop.probe.read_file("/home/user")
    assert desktop.probe.files("/home/user/no such*") == ()


def commands_end_with_their_code(desktop: Desktop, _: MakeDesktop) -> None:
    """Or at their deadline."""
    desktop.reset(Scene())
    ran = desktop.probe.run("echo", "a b", "<c>")
    assert (ran.code, ran.stdout) == (0, b"a b <c>\n"), f"{ran}"
    assert desktop.probe.run("false").code == 1
    assert desktop.probe.run("no-such-command").code == 127
    with _raises(TimeoutError):
        desktop.probe.run("sleep", "30", seconds=0.3)


def a_scene_that_cannot_be_is_the_tasks_fault(desktop: Desktop, _: MakeDesktop) -> None:
    """A failing command, a window that does not come; the desktop is of use afterwards."""
    for scene in (
        Scene(commands=(("false",),)),
        Scene(open=(Launch(argv=("mousepad", NOTE), window="no such title", deadline=1.0),)),
        Scene(files=(Put(path="not/absolute", data=b""),)),
    ):
        with _raises(TaskFault):
            desktop.reset(scene)
    desktop.reset(Scene())


def windows_and_tree_tell_of_the_same(desktop: Desktop, _: MakeDesktop) -> None:
    """A window that is listed is in the tree, and where it is on the screen."""
    desktop.reset(_note("hello"))
    window = next(each for each in desktop.probe.windows() if "note.txt" in each.title)
    assert window.focused, f"{window} has not the focus"

    def seen() -> bool:
        nodes = desktop.probe.tree()
        return any("note.txt" in node.name and node.box and window.box.holds(node.box.centre) for node in nodes)

    assert until(seen, deadline=SAVED_WITHIN), f"the tree has no node for {window}"
    nodes = desktop.probe.tree()
    assert any("hello" in node.text for node in nodes), "the tree has not the text in the window"
    for place, node in enumerate(nodes):
        assert node.parent < place, f"the node {place} comes before its parent {node.parent}"
        assert node.parent < 0 or nodes[node.parent].app == node.app, f"the parent of node {place} is another's"


def a_hit_test_finds_what_is_there(desktop: Desktop, _: MakeDesktop) -> None:
    """The text field is found inside itself, and every node that is found is one of the tree's."""
    desktop.reset(_note("hello"))

    def found() -> bool:
        told = desktop.probe.hit_test()
        assert all(-1 <= hit < len(told.nodes) for hits in told.hits.values() for hit in hits)
        assert {len(hits) for hits in told.hits.values()} <= {5}
        fields = [place for place in told.hits if "hello" in told.nodes[place].text]
        return any(told.hits[place] == (place,) * 5 for place in fields)

    assert until(found, deadline=SAVED_WITHIN), "the text field is not found where it is"


def an_unchanged_screen_is_the_same_picture(desktop: Desktop, _: MakeDesktop) -> None:
    """To the byte."""
    first = desktop.reset(_note("still"))
    assert desktop.step(Wait(seconds=0.1)).png == first.png, "the screen has changed by itself"


def finish_is_not_for_a_desktop(desktop: Desktop, _: MakeDesktop) -> None:
    """It ends an episode, which is the loop's business."""
    desktop.reset(Scene())
    with _raises(ValueError):
        desktop.step(Finish())


def two_desktops_do_not_see_each_other(desktop: Desktop, make: MakeDesktop) -> None:
    """Neither files nor windows nor keys."""
    desktop.reset(_note("first"))
    other = make(SIZE)
    try:
        other.reset(Scene())
        assert not other.probe.files(NOTE), "a file of the one is seen in the other"
        assert not [each for each in other.probe.windows() if "note.txt" in each.title], "so is its window"
        _did(other, Type(text="elsewhere"))
        _did(other, Press(keys=("ctrl", "s")))
        assert desktop.probe.read_file(NOTE) == b"first", "what is typed into the one arrives in the other"
    finally:
        other.close()


def closing_twice_is_closing(_: Desktop, make: MakeDesktop) -> None:
    """And what is closed answers with a fault of ours."""
    desktop = make(SIZE)
    desktop.reset(Scene())
    desktop.close()
    desktop.close()
    with _raises(DesktopFault):
        desktop.step(Wait(seconds=0.0))
    with _raises(DesktopFault):
        desktop.probe.windows()
    with _raises(DesktopFault):
        desktop.reset(Scene())


PROPERTIES: Final[tuple[Property, ...]] = (
    the_same_scene_gives_the_same_pixels,
    the_screen_is_as_large_as_asked,
    every_corner_is_reachable,
    a_point_off_the_screen_is_refused,
    an_unknown_key_is_refused_by_name,
    text_arrives_whole,
    every_key_of_the_table_is_pressed,
    nothing_is_left_after_a_reset,
    files_go_in_and_out_byte_by_byte,
    what_is_no_file_is_named,
    commands_end_with_their_code,
    a_scene_that_cannot_be_is_the_tasks_fault,
    windows_and_tree_tell_of_the_same,
    a_hit_test_finds_what_is_there,
    an_unchanged_screen_is_the_same_picture,
    finish_is_not_for_a_desktop,
    two_desktops_do_not_see_each_other,
    closing_twice_is_closing,
)


def _note(text: str) -> Scene:
    """An editor open on a file."""
    return Scene(
        files=(Put(path=NOTE, data=text.encode()),),
        open=(Launch(argv=("mousepad", NOTE), window=r"note\.txt"),),
        clock="2026-03-02 09:00:00",
    )


def _pixels(seen: Observation) -> Image.Image:
    return Image.open(io.BytesIO(seen.png)).convert("RGB")


def _did(desktop: Desktop, action: Action) -> Observation:
    """Step, and insist that it was not refused."""
    seen = desktop.step(action)
    assert not seen.refused, f"{action} was refused: {seen.refused}"
    return seen


@contextmanager
def _raises(kind: type[Exception]) -> Iterator[None]:
    """Insist on the error."""
    try:
        yield
    except kind:
        return
    raise AssertionError(f"no {kind.__name__} was raised")
