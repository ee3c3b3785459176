"""An OSWorld machine as a desktop of ours: against our own desktop, over its own API."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops

from envs import keys
from envs.desktop import Desktop
from envs.errors import BadInput, DesktopFault, Gone, Refused, TaskFault
from envs.launch import EmbeddedDesktop
from envs.osworld import hands
from envs.osworld.bridge import Bridge, bridge
from envs.osworld.vm import OsworldVm
from envs.types import (
    Action,
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    Launch,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Put,
    Scene,
    Scroll,
    Site,
    Size,
    Type,
    Wait,
)

SIZE = Size(width=800, height=600)
NOTE = "/home/user/Documents/note.txt"
TYPED = "a < b && \"c\" 'd' \\ ~{}|>?\tE\n"
SCENE = Scene(
    files=(
        Put(path=NOTE, data=b"first\n", mode=0o600, mtime=1_700_000_000.0),
        Put(path="/tmp/ü x", data=b"\0\xff\r\n"),
    ),
    commands=(("sh", "-c", "printf '%s' \"$DISPLAY\" > /home/user/display"),),
    open=(Launch(argv=("mousepad", NOTE), window=r"note\.txt", maximised=True),),
)  # fmt: skip


class Recorder:
    """Stands for pyautogui: keeps what is called, in words."""

    FAILSAFE = True
    PAUSE = 0.1

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        def call(*given: object, **named: object) -> None:
            words = [*map(repr, given), *(f"{key}={value!r}" for key, value in named.items())]
            self.calls.append(f"{name}({', '.join(words)})")

        return call


def done(action: Action) -> list[str]:
    """What the code calls, run without its import."""
    recorder = Recorder()
    code = hands.code(action, SIZE).removeprefix("import pyautogui, time; ")

    class Time:
        sleep = staticmethod(lambda seconds: recorder.calls.append(f"sleep({seconds})"))

    exec(code, {"pyautogui": recorder, "time": Time})
    return recorder.calls


@pytest.mark.parametrize(
    ("action", "calls"),
    [
        (Click(at=Point(x=799, y=0)), ["moveTo(799, 0)", "click(button='left', clicks=1)"]),
        (Click(button="right", count=2), ["click(button='right', clicks=2)"]),
        (
            Click(at=Point(x=1, y=2), holding=("ctrl",)),
            ["moveTo(1, 2)", "keyDown('ctrl')", "click(button='left', clicks=1)", "keyUp('ctrl')"],
        ),
        (Move(at=Point(x=3, y=4)), ["moveTo(3, 4)"]),
        (Scroll(dx=2, dy=-3), ["vscroll(3)", "hscroll(2)"]),
        (Scroll(dy=1), ["vscroll(-1)"]),
        (Type(text="a<b\r\n"), ["typewrite('a')", "hotkey('shift', ',')", "typewrite('b\\n')"]),
        (
            Press(keys=("Control_L", "KP_Add")),
            ["keyDown('ctrl')", "keyDown('add')", "sleep(0.0)", "keyUp('add')", "keyUp('ctrl')"],
        ),
        (Press(keys=("<",)), ["keyDown('shift')", "keyDown(',')", "sleep(0.0)", "keyUp(',')", "keyUp('shift')"]),
        (MouseDown(at=Point(x=5, y=6)), ["moveTo(5, 6)", "mouseDown(button='left')"]),
        (MouseUp(), ["mouseUp(button='left')"]),
        (KeyDown(key="A"), ["keyDown('A')"]),
        (KeyUp(key="Return"), ["keyUp('enter')"]),
        (
            Drag(path=(Point(x=1, y=1), Point(x=9, y=9))),
            ["moveTo(1, 1)", "mouseDown(button='left')", "moveTo(9, 9, 0.5)", "mouseUp(button='left')"],
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else "",
)
def test_an_action_is_done_by_these_calls(action: Action, calls: list[str]) -> None:
    assert done(action) == calls


@pytest.mark.parametrize(
    "action",
    [
        Click(at=Point(x=800, y=0)), Drag(path=(Point(x=0, y=0), Point(x=0, y=-1))), Type(text="é"), Type(text="\0"),
        Click(button="back"), Press(keys=("nonesuch",)), Press(keys=("ctrl", "kp_begin")), KeyDown(key="<"),
    ],
    ids=lambda action: repr(action)[:40],
)  # fmt: skip
def test_what_pyautogui_cannot_do_is_refused(action: Action) -> None:
    with pytest.raises(Refused):
        hands.code(action, SIZE)


@pytest.mark.parametrize("name", [name for name in keys.names() if name not in hands.SAME | hands.OTHERS.keys()])
def test_a_key_that_pyautogui_lacks_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="pyautogui"):
        hands.code(Press(keys=(name,)), SIZE)


@pytest.mark.parametrize("address", ["", "https://host:1", "ftp://x"])
def test_an_address_that_is_none_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput, match="address"):
        OsworldVm(SIZE, address=address)


def test_a_machine_that_does_not_answer_is_gone() -> None:
    with pytest.raises(Gone, match=r"127\.0\.0\.1:9"):
        OsworldVm(SIZE, address="http://127.0.0.1:9")


@pytest.fixture(scope="module")
def serving() -> Iterator[Bridge]:
    desktop = EmbeddedDesktop(SIZE)
    with bridge(desktop) as bridged:
        yield bridged
    desktop.close()


@pytest.fixture(scope="module")
def vm(serving: Bridge) -> Iterator[OsworldVm]:
    machine = OsworldVm(SIZE, address=serving.address)
    machine.reset(SCENE)
    yield machine
    machine.close()


@pytest.mark.embedded
class TestOnADesktop:
    def test_it_is_a_desktop(self, vm: OsworldVm) -> None:
        desktop: Desktop = vm
        assert (desktop.size, desktop.about.kind) == (SIZE, "osworld")

    def test_another_size_is_bad_input_that_says_which(self, serving: Bridge) -> None:
        with pytest.raises(BadInput, match="--size 800x600"):
            OsworldVm(Size(width=640, height=480), address=serving.address)

    def test_the_scene_is_laid(self, vm: OsworldVm) -> None:
        assert vm.probe.read_file("/tmp/ü x") == b"\0\xff\r\n"
        assert vm.probe.read_file("/home/user/display") == b":0"
        (note,) = vm.probe.files("/home/user/Documents/*")
        assert (note.path, note.size, note.mtime, note.kind) == (NOTE, 6, 1_700_000_000.0, "file")
        assert vm.probe.run("stat", "-c", "%a", NOTE).stdout == b"600\n"

    def test_the_scenes_window_is_in_front_and_maximised(self, vm: OsworldVm) -> None:
        (window,) = [window for window in vm.probe.windows() if "note.txt" in window.title]
        assert (window.app, window.focused) == ("Mousepad", True)
        assert window.box.width == SIZE.width
        assert window.pid > 0

    def test_pyautogui_has_every_key_that_is_not_refused(self, vm: OsworldVm) -> None:
        names = sorted({*hands.SAME, *hands.OTHERS.values(), *map(chr, range(33, 127))})
        script = (
            f"import pyautogui; print([n for n in {names!r} if not pyautogui.platformModule.keyboardMapping.get(n)])"
        )
        assert vm.probe.command(("python3", "-c", script), seconds=20.0, display=True).stdout == b"[]\n"

    def test_the_tree_tells_of_what_is_in_the_window(self, vm: OsworldVm) -> None:
        found = [node for node in vm.probe.tree() if node.role == "text" and node.text == "first\n"]
        assert found
        assert found[0].box is not None
        assert found[0].app == "mousepad"

    def test_what_is_read_and_run_says_when_it_cannot(self, vm: OsworldVm) -> None:
        with pytest.raises(FileNotFoundError):
            vm.probe.read_file("/home/user/nowhere")
        with pytest.raises(IsADirectoryError):
            vm.probe.read_file("/home/user")
        with pytest.raises(TimeoutError):
            vm.probe.run("sleep", "5", seconds=0.2)
        assert vm.probe.run("nonesuch").code == 127
        ran = vm.probe.run("sh", "-c", 'printf "\\377\\0$DISPLAY"; echo no >&2; exit 3')
        assert (ran.code, ran.stdout, ran.stderr) == (3, b"\xff\0", b"no\n")

    def test_typing_reaches_the_file_character_for_character(self, vm: OsworldVm) -> None:
        vm.step(Press(keys=("ctrl", "End")))
        seen = vm.step(Type(text=TYPED))
        assert seen.refused == ""
        vm.step(Press(keys=("ctrl", "s")))
        assert vm.probe.read_file(NOTE) == b"first\n" + TYPED.encode()

    def test_a_refused_action_changes_nothing_and_says_why(self, vm: OsworldVm) -> None:
        before = vm.step(Wait(seconds=0.1))
        seen = vm.step(Type(text="é"))
        assert "US keyboard" in seen.refused
        assert picture(seen.png) == picture(before.png)

    def test_the_pointer_is_in_the_picture_and_goes_to_the_corners(self, vm: OsworldVm) -> None:
        shots = [
            vm.step(Move(at=Point(x=x, y=y))).png for x, y in ((0, 0), (SIZE.width - 1, SIZE.height - 1), (400, 300))
        ]
        one, two = (Image.open(io.BytesIO(png)).convert("RGB") for png in (shots[0], shots[2]))
        changed = ImageChops.difference(one, two).getbbox()
        assert changed is not None
        assert changed[0] == 0
        assert changed[2] > 400

    def test_the_menu_opens_where_it_is_clicked(self, vm: OsworldVm) -> None:
        before = vm.step(Move(at=Point(x=400, y=300)))
        opened = vm.step(Click(at=Point(x=400, y=300), button="right"))
        assert opened.png != before.png
        vm.step(Press(keys=("esc",)))

    def test_finish_is_no_action(self, vm: OsworldVm) -> None:
        with pytest.raises(ValueError, match="Finish"):
            vm.step(Finish())

    def test_a_second_episode_needs_a_new_machine(self, vm: OsworldVm) -> None:
        with pytest.raises(DesktopFault, match="renew"):
            vm.reset(Scene())

    @pytest.mark.parametrize(
        "scene",
        [
            Scene(sites=(Site(host="a.test", pages={"/": b""}),)),
            Scene(clock="2026-03-02 09:00:00"),
            Scene(commands=(("false",),)),
            Scene(open=(Launch(argv=("nonesuch",)),)),
            Scene(files=(Put(path="/root/x", data=b""),)),
        ],
        ids=["a site", "a clock", "a command that fails", "no such program", "a place not the user's"],
    )
    def test_a_scene_that_cannot_be_laid_is_the_tasks_fault(self, serving: Bridge, scene: Scene) -> None:
        with pytest.raises(TaskFault):
            OsworldVm(SIZE, address=serving.address).reset(scene)

    def test_it_is_made_new_by_what_it_was_given(self, serving: Bridge) -> None:
        asked = []

        def renew() -> str:
            asked.append(1)
            return f"http://{serving.address}"

        machine = OsworldVm(SIZE, address=serving.address, renew=renew)
        machine.reset(Scene())
        assert machine.reset(Scene()).settled
        assert asked == [1]

    def test_after_closing_it_is_gone(self, serving: Bridge) -> None:
        machine = OsworldVm(SIZE, address=serving.address)
        machine.close()
        machine.close()
        with pytest.raises(Gone):
            machine.step(Wait(seconds=0.0))


def picture(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as found:
        return found.convert("RGB").tobytes()
