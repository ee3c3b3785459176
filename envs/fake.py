"""A desktop made up in memory, for tests of everything above it: milliseconds a step, and always the same.

It has files, an icon that opens an editor, and these programs to launch, here and in a scene:

    editor PATH      a text field on a file; Save or ctrl+s writes it      title: `NAME - Editor`
    dialog TITLE     OK and Cancel; either closes it and adds a line `OK TITLE` or `Cancel TITLE` to `ANSWERS`
    form HOST/PATH   a text field and Send, which posts it to a scene's site    title: `HOST/PATH`
    anything else    a window titled with its own name and arguments

Keys do in the text field what they do in any. `run` knows the few commands of `_COMMANDS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath

from envs import keys
from envs.errors import Gone, Refused, TaskFault
from envs.fake_screen import ICON, TITLE, Kind, Pane, Picture
from envs.types import (
    SCREEN,
    About,
    Action,
    Click,
    Drag,
    Entry,
    Finish,
    HitTest,
    KeyDown,
    KeyUp,
    Launch,
    MouseDown,
    MouseUp,
    Move,
    Node,
    Observation,
    Point,
    Post,
    Press,
    Put,
    Ran,
    Rect,
    Scene,
    Scroll,
    Size,
    Took,
    Type,
    Wait,
    Window,
    inside,
)

HOME = "/home/user"
ANSWERS = f"{HOME}/answers.txt"
LARGEST = 64 << 20
MODIFIERS = {"ctrl", "ctrl_r", "alt", "alt_r", "super", "super_r", "meta", "meta_r"}


class Machine:
    """The state of one episode: what is on the disk, what is on the screen, what was sent, what is held down."""

    def __init__(self, size: Size, clock: str = "") -> None:
        start = datetime.fromisoformat(clock or "2026-01-05 09:00:00").replace(tzinfo=UTC)
        self.now = start.timestamp()
        self.files: dict[str, Put] = {}
        self.picture = Picture(size, pointer=Point(x=size.width // 2, y=size.height // 2))
        self.posts: dict[str, list[Post]] = {}
        self.held: set[str] = set()
        self.clipboard = ""
        self._next = 1

    def write(self, path: str, data: bytes) -> None:
        """The file has these bytes from now on."""
        self.files[path] = Put(path=path, data=data, mtime=self.now)

    def folders(self) -> set[str]:
        """Every folder there is."""
        inside = {str(parent) for path in self.files for parent in PurePosixPath(path).parents}
        return inside | {"/", "/home", HOME, "/tmp"}

    def launch(self, argv: tuple[str, ...]) -> Pane:
        """Open the program's window, on top."""
        program, rest = argv[0].rpartition("/")[2], argv[1:]
        argument = rest[-1] if rest else ""
        kind: Kind = "plain"
        title = " ".join((program, *rest))
        if program in ("editor", "mousepad"):
            kind, argument = "editor", argument or f"{HOME}/Untitled"
            title = f"{PurePosixPath(argument).name} - Editor"
        elif program == "dialog":
            kind, title = "dialog", argument
        elif program == "form":
            kind, title = "form", argument
        pane = Pane(id=self._next, title=title, kind=kind, box=self._place(), target=argument)
        if kind == "editor" and argument in self.files:
            pane.text = self.files[argument].data.decode("utf-8", "replace")
        self._next += 1
        self.picture.panes.append(pane)
        return pane

    def _place(self) -> Rect:
        size, shift = self.picture.size, 24 * ((self._next - 1) % 8)
        width, height = min(640, size.width * 2 // 3), min(420, size.height * 2 // 3)
        x, y = (size.width - width) // 2 + shift, (size.height - height) // 2 + shift
        return Rect(x=min(x, size.width - width), y=min(y, size.height - height), width=width, height=height)

    def press(self, pane: Pane, button: str) -> None:
        """What a button does."""
        if button == "Save":
            self.write(pane.target, pane.text.encode())
            return
        if button in ("OK", "Cancel"):
            before = self.files[ANSWERS].data if ANSWERS in self.files else b""
            self.write(ANSWERS, before + f"{button} {pane.title}\n".encode())
        if button == "Send":
            host, _, path = pane.target.removeprefix("http://").partition("/")
            self.posts.setdefault(host, []).append(Post(path=f"/{path}", fields=(("text", pane.text),)))
        self.picture.panes.remove(pane)

    def click(self, at: Point, count: int) -> None:
        """Press and release the left button."""
        pane = self.picture.at(at)
        if pane is None:
            if ICON.holds(at):
                self.launch(("editor",))
            return
        self.picture.panes.remove(pane)
        self.picture.panes.append(pane)
        button = next((name for name, box in pane.buttons().items() if box.holds(at)), None)
        if button is not None:
            self.press(pane, button)
        elif pane.field is not None and pane.field.holds(at):
            pane.chosen, pane.caret = count == 3, len(pane.text)

    def drag(self, start: Point, end: Point) -> None:
        """Move the window whose title bar is at the start."""
        pane = self.picture.at(start)
        if pane is not None and start.y < pane.box.y + TITLE:
            box = pane.box
            pane.box = Rect(x=box.x + end.x - start.x, y=box.y + end.y - start.y, width=box.width, height=box.height)

    def type(self, text: str) -> None:
        """Characters, into the window on top."""
        pane = self.picture.panes[-1] if self.picture.panes else None
        if pane is not None and pane.field is not None:
            pane.insert(text)

    def chord(self, names: tuple[str, ...]) -> None:
        """Keys pressed together, with those held down."""
        pressed = {*names} | self.held
        plain = [name for name in names if name not in MODIFIERS and "shift" not in name]
        if "alt" in pressed and "f4" in plain and self.picture.panes:
            self.press(self.picture.panes[-1], "Close")
        elif pressed & {"ctrl", "ctrl_r"}:
            for name in plain:
                self._control(name.lower())
        elif not pressed & MODIFIERS:
            for name in plain:
                self._key(name.upper() if len(name) == 1 and pressed & {"shift", "shift_r"} else name)

    def _control(self, name: str) -> None:
        pane = self.picture.panes[-1] if self.picture.panes else None
        if pane is None or pane.field is None:
            return
        if name == "s" and pane.kind == "editor":
            self.press(pane, "Save")
        elif name == "a":
            pane.chosen = True
        elif name in ("c", "x") and pane.chosen:
            self.clipboard = pane.text
            if name == "x":
                pane.insert("")
        elif name == "v":
            pane.insert(self.clipboard)
        elif name in ("home", "end"):
            pane.chosen, pane.caret = False, 0 if name == "home" else len(pane.text)

    def _key(self, name: str) -> None:
        pane = self.picture.panes[-1] if self.picture.panes else None
        if pane is None:
            return
        if pane.field is None:
            answer = {"enter": "OK", "escape": "Cancel"}.get(name)
            if answer in pane.buttons():
                self.press(pane, str(answer))
            return
        if name in ("backspace", "delete"):
            pane.erase(before=name == "backspace", after=name == "delete")
        elif name in ("left", "right", "home", "end"):
            pane.chosen, pane.caret = False, _moved(pane, name)
        else:
            pane.insert({"enter": "\n", "tab": "\t", "space": " "}.get(name, name if len(name) == 1 else ""))


def _moved(pane: Pane, key: str) -> int:
    """Where the caret goes: a character aside, or to an end of its line."""
    start = pane.text.rfind("\n", 0, pane.caret) + 1
    end = pane.text.find("\n", pane.caret)
    return {
        "left": max(0, pane.caret - 1),
        "right": min(len(pane.text), pane.caret + 1),
        "home": start,
        "end": len(pane.text) if end < 0 else end,
    }[key]


class FakeDesktop:
    """See the module. `kill` is what a test does to see how it is borne."""

    def __init__(self, size: Size = SCREEN) -> None:
        self._size = size
        self._machine = Machine(size)
        self._gone = ""
        self._shown: tuple[object, bytes] = (None, b"")
        self._probe = FakeProbe(self)

    @property
    def size(self) -> Size:
        """The screen."""
        return self._size

    @property
    def probe(self) -> FakeProbe:
        """Reads the state."""
        return self._probe

    @property
    def about(self) -> About:
        """The fake."""
        return About(kind="fake", image="fake", code="fake", size=self._size)

    @property
    def machine(self) -> Machine:
        """The state itself, for tests. Raises Gone when the desktop no longer answers."""
        if self._gone:
            raise Gone(f"the desktop is gone: {self._gone}")
        return self._machine

    def kill(self) -> None:
        """From now on it does not answer, as if its server had been killed; `reset` gives a new one."""
        self._gone = self._gone or "it was killed (SIGKILL)"

    def close(self) -> None:
        """See `Desktop.close`."""
        self._gone = "it was closed"

    def reset(self, scene: Scene) -> Observation:
        """See `Desktop.reset`."""
        if self._gone == "it was closed":
            raise Gone(f"the desktop is gone: {self._gone}")
        self._gone = ""
        try:
            self._machine = machine = Machine(self._size, scene.clock)
        except ValueError as error:
            raise TaskFault(f"the scene: clock: {error}") from error
        machine.posts = {site.host: [] for site in scene.sites}
        for put in scene.files:
            if not put.path.startswith("/"):
                raise TaskFault(f"the scene: put: {put.path!r} is not an absolute path")
            machine.files[put.path] = put
        for argv in scene.commands:
            ran = _run(machine, argv)
            if ran.code != 0:
                raise TaskFault(f"the scene's command {' '.join(argv)!r} ended with code {ran.code}")
        for launch in scene.open:
            self._open(launch)
        return self._look()

    def _open(self, launch: Launch) -> None:
        pane = self._machine.launch(launch.argv)
        if launch.window and not re.search(launch.window, pane.title):
            raise TaskFault(
                f"launch: {' '.join(launch.argv)!r} showed no window matching {launch.window!r}; it is {pane.title!r}"
            )

    def step(self, action: Action) -> Observation:
        """See `Desktop.step`."""
        if isinstance(action, Finish):
            raise ValueError("Finish ends an episode; it is not an action of a desktop")
        machine = self.machine
        try:
            _check(action, self._size)
        except Refused as refused:
            return self._look(str(refused))
        machine.now += 1
        _act(machine, action)
        return self._look()

    def _look(self, refused: str = "") -> Observation:
        picture = self.machine.picture
        state = repr(picture)
        if self._shown[0] != state:
            self._shown = (state, picture.png())
        return Observation(png=self._shown[1], size=self._size, refused=refused, took=Took())


class FakeProbe:
    """Reads a fake desktop's state."""

    def __init__(self, desktop: FakeDesktop) -> None:
        self._desktop = desktop

    def read_file(self, path: str) -> bytes:
        """See `Probe.read_file`."""
        machine = self._desktop.machine
        if path in machine.folders():
            raise IsADirectoryError(f"{path!r} is a folder")
        if path not in machine.files:
            raise FileNotFoundError(f"no file {path!r}")
        if len(machine.files[path].data) > LARGEST:
            raise ValueError(f"{path!r} has more than {LARGEST} bytes")
        return machine.files[path].data

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """See `Probe.files`."""
        machine = self._desktop.machine
        wanted = re.compile(_glob(pattern), re.DOTALL)
        entries = [
            Entry(path=path, size=len(put.data), mtime=put.mtime or machine.now, kind="file")
            for path, put in machine.files.items()
        ]
        entries += [Entry(path=path, size=0, mtime=machine.now, kind="folder") for path in machine.folders()]
        return tuple(sorted((each for each in entries if wanted.fullmatch(each.path)), key=lambda each: each.path))

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        """See `Probe.run`."""
        if argv[:1] == ("sleep",) and float(argv[1]) > seconds:
            raise TimeoutError(f"run: {argv!r} had not ended after {seconds:g} s")
        return _run(self._desktop.machine, argv)

    def windows(self) -> tuple[Window, ...]:
        """See `Probe.windows`."""
        return self._desktop.machine.picture.windows()

    def tree(self) -> tuple[Node, ...]:
        """See `Probe.tree`."""
        return self._desktop.machine.picture.tree()

    def hit_test(self) -> HitTest:
        """See `Probe.hit_test`: the last node in the tree whose box holds a point is on top."""
        nodes = self.tree()
        boxes = {place: node.box for place, node in enumerate(nodes) if node.box is not None and node.showing}
        hits = {
            place: tuple(max(top for top, other in boxes.items() if other.holds(point)) for point in inside(box))
            for place, box in boxes.items()
        }
        return HitTest(nodes=nodes, hits=hits)

    def posts(self, host: str) -> tuple[Post, ...]:
        """See `Probe.posts`."""
        return tuple(self._desktop.machine.posts.get(host, ()))


def _glob(pattern: str) -> str:
    """The regular expression for an absolute glob, in which only `**` crosses folders."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.sub(r"\*\*/|\*\*|\*|\?|.", lambda found: parts.get(found[0], re.escape(found[0])), pattern)


def _check(action: Action, size: Size) -> None:
    """Raises Refused as the real one does."""
    points: tuple[Point | None, ...] = ()
    names: tuple[str, ...] = ()
    match action:
        case Drag():
            points, names = action.path, action.holding
        case Click() | Scroll():
            points, names = (action.at,), action.holding
        case Move() | MouseDown() | MouseUp():
            points = (action.at,)
        case Press():
            names = action.keys
        case KeyDown() | KeyUp():
            names = (action.key,)
    for point in points:
        if point is not None and not (0 <= point.x < size.width and 0 <= point.y < size.height):
            raise Refused(f"the point ({point.x}, {point.y}) is off the screen of {size.width}x{size.height}")
    for name in names:
        keys.find(name)


def _act(machine: Machine, action: Action) -> None:
    picture = machine.picture
    if isinstance(action, (Click, Move, Scroll, MouseDown, MouseUp)):
        picture.pointer = action.at or picture.pointer
    match action:
        case Click(button="left"):
            machine.click(picture.pointer, action.count)
        case MouseDown(button="left"):
            machine.click(picture.pointer, 1)
        case Drag():
            start = action.path[0] if len(action.path) > 1 else picture.pointer
            picture.pointer = action.path[-1]
            machine.drag(start, picture.pointer)
        case Type():
            machine.type(action.text)
        case Press():
            machine.chord(tuple(keys.find(name).name for name in action.keys))
        case KeyDown():
            machine.held.add(keys.find(action.key).name)
            machine.chord((keys.find(action.key).name,))
        case KeyUp():
            machine.held.discard(keys.find(action.key).name)
        case Wait():
            machine.now += action.seconds


def _cat(machine: Machine, paths: tuple[str, ...]) -> Ran:
    missing = [path for path in paths if path not in machine.files]
    if missing:
        return Ran(code=1, stderr=f"cat: {missing[0]}: No such file or directory\n".encode())
    return Ran(code=0, stdout=b"".join(machine.files[path].data for path in paths))


def _remove(machine: Machine, paths: tuple[str, ...]) -> Ran:
    found = [machine.files.pop(path, None) for path in paths]
    return Ran(code=0 if all(found) else 1)


def _touch(machine: Machine, paths: tuple[str, ...]) -> Ran:
    for path in paths:
        machine.write(path, machine.files[path].data if path in machine.files else b"")
    return Ran(code=0)


_COMMANDS: dict[str, Callable[[Machine, tuple[str, ...]], Ran]] = {
    "true": lambda _, __: Ran(code=0),
    "false": lambda _, __: Ran(code=1),
    "sleep": lambda _, __: Ran(code=0),
    "echo": lambda _, words: Ran(code=0, stdout=(" ".join(words) + "\n").encode()),
    "cat": _cat,
    "rm": _remove,
    "touch": _touch,
}


def _run(machine: Machine, argv: tuple[str, ...]) -> Ran:
    command = _COMMANDS.get(argv[0].rpartition("/")[2]) if argv else None
    return command(machine, argv[1:]) if command else Ran(code=127, stderr=f"{argv[:1]}: not found".encode())
