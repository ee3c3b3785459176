"""A machine in memory: programs that open windows, windows that are closed, a browser that answers on its port."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from envs.errors import Gone
from envs.osworld.machine import NotStarted
from envs.types import Entry, Node, Ran, Rect, Size, Window
from tasks.osworld.browser import ASK

BOX = Rect(x=10, y=20, width=640, height=480)


@dataclass
class Machine:
    """What is started opens the windows that `opens` says of its command line, and runs until it is killed.

    `commands` maps a part of a command line to how it ends; one that is in nothing ends well. `splashes` are titles
    of windows that only say that a program is starting, with their type: empty for neither type nor class. `said` is
    what was asked that changes something, in its order.
    """

    opens: dict[str, tuple[str, ...]] = field(default_factory=dict)
    commands: dict[str, Ran | Exception | list[Ran]] = field(default_factory=dict)
    data: dict[str, bytes] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    splashes: dict[str, str] = field(default_factory=dict)
    tabs: list[dict[str, str]] = field(default_factory=list)
    said: list[tuple[object, ...]] = field(default_factory=list)
    rests: list[tuple[float, float]] = field(default_factory=list)
    refuses: str = ""
    stubborn: bool = False
    gone: bool = False
    size: Size = field(default_factory=lambda: Size(width=1920, height=1080))

    def settle(self, deadline: float, still: float) -> bool:
        self.rests.append((deadline, still))
        self.said.append(("rest",))
        return True

    def windows(self) -> tuple[Window, ...]:
        return tuple(
            Window(id=number, title=title, app="App", box=BOX) for number, title in enumerate(self.titles, 1) if title
        )

    def files(self, pattern: str) -> tuple[Entry, ...]:
        path = re.sub(r"\[(.)\]", r"\1", pattern)
        found = self.data.get(path)
        return () if found is None else (Entry(path=path, size=len(found), mtime=0.0),)

    def read_file(self, path: str) -> bytes:
        return self.data[path]

    def put(self, path: str, data: bytes) -> None:
        if self.refuses and self.refuses in path:
            raise ValueError(f"{path} is a folder")
        self.said.append(("put", path))
        self.data[path] = data

    def launch(self, *argv: str) -> None:
        line = " ".join(argv)
        if self.gone:
            raise Gone("it was closed")
        if self.refuses and self.refuses in line:
            raise NotStarted(f"[Errno 2] No such file or directory: {argv[0]!r}")
        self.said.append(("launch", *argv))
        for part, titles in self.opens.items():
            if part in line:
                self.titles += titles

    def run(self, *argv: str, seconds: float) -> Ran:
        if self.gone:
            raise Gone("it was closed")
        if argv[0] == "wmctrl":
            return self._wmctrl(argv)
        if argv[0] == "xprop":
            return self._xprop(self.titles[int(argv[2]) - 1])
        if argv[:3] == ("python3", "-c", ASK):
            return self._port(argv[4], argv[5])
        self.said.append(("run", *argv))
        line = " ".join(argv)
        ends = next((ran for part, ran in self.commands.items() if part in line), Ran(code=0))
        if isinstance(ends, Exception):
            raise ends
        if isinstance(ends, list):
            return ends.pop(0) if len(ends) > 1 else ends[0]
        return ends

    def _wmctrl(self, argv: tuple[str, ...]) -> Ran:
        if argv[1] == "-lGx":
            lines = (f"0x{each.id:x}  0 10 20 640 480 app.App  desktop {each.title}" for each in self.windows())
            return Ran(code=0, stdout="\n".join(lines).encode())
        number = int(argv[3], 16)
        self.said.append(("wmctrl", argv[2], self.titles[number - 1]))
        if argv[2] == "-c" and not self.stubborn:
            self.titles[number - 1] = ""
        return Ran(code=0)

    def _xprop(self, title: str) -> Ran:
        kind = self.splashes.get(title, "NORMAL")
        about = b'WM_CLASS(STRING) = "app", "App"' if kind else b"WM_CLASS:  not found."
        typed = f"_NET_WM_WINDOW_TYPE(ATOM) = _NET_WM_WINDOW_TYPE_{kind}".encode() if kind else b""
        return (
            Ran(code=0, stdout=typed + b"\n" + about) if title else Ran(code=1, stderr=b"X Error of failed request")
        )

    def _port(self, method: str, path: str) -> Ran:
        if not self.tabs:
            return Ran(code=1, stderr=b"refused")
        if path == "/json/list":
            return Ran(code=0, stdout=json.dumps(self.tabs).encode())
        if path.startswith("/json/new?") and method == "PUT":
            url = unquote(path.partition("?")[2])
            tab = {"id": f"t{len(self.said)}", "type": "page", "url": url, "title": ""}
            self.tabs.insert(0, tab)
            self.said.append(("tab", url))
            return Ran(code=0, stdout=json.dumps(tab).encode())
        if path.startswith("/json/close/"):
            closed = path.rpartition("/")[2]
            self.said.append(("close", next(tab["url"] for tab in self.tabs if tab["id"] == closed)))
            self.tabs = [tab for tab in self.tabs if tab["id"] != closed]
            return Ran(code=0, stdout=b"Target is closing")
        return Ran(code=1)

    def tree(self) -> tuple[Node, ...]:
        return ()
