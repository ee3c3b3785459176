"""OSWorld's API over real sockets, on a machine that is told what to say."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from envs.errors import DesktopFault, TaskFault
from envs.osworld import titles
from envs.osworld.a11y import nodes, terminal, xml
from envs.osworld.api import Api, Bad, folder, words
from envs.osworld.bridge import Bridge
from envs.osworld.machine import NotStarted
from envs.types import Entry, Node, Ran, Rect, Size, Window

WINDOWS = (
    b"0x00600006 -1 672  1040 1248 40   tint2.Tint2  N/A tint2\n"
    b"0x01600006  0 10   20   640  480  mousepad.Mousepad  desktop notes.txt - Mousepad\n"
    b"0x01600007  0 0    0    800  600  libreoffice.libreoffice-calc  desktop a.xlsx \xe2\x80\x94 LibreOffice Calc\n"
    b"0x01600008  0 0    0    800  600  chromium (/home/user/a b).Chromium  desktop New Tab - Chromium\n"
    b"0x01600009  0 0    0    801  600  Mail.thunderbird-default  desktop Inbox - Mozilla Thunderbird\n"
    b"0x0160000a  0 0    0    802  600  org.gnome.Nautilus.org.gnome.Nautilus  desktop \n"
    b"0x0160000b  0 0    0    803  600  google-chrome (/home/user/.config/chrome).Google-chrome  desktop About\n"
)
TREE = (
    Node(role="application", name="Chromium", app="Chromium"),
    Node(role="frame", name="A <b> & \"c\"\x01", states=("active", "visible", "showing"), parent=0,
         box=Rect(x=-1, y=2, width=3, height=4), app="Chromium"),
    Node(role="terminal", states=("focused", "multi-line"), text="$ ls\ufffc\n", parent=1, app="Chromium"),
    Node(role="button", name="Go", parent=1, value=0.5, app="Chromium", box=Rect(x=1, y=2, width=3, height=4)),
)  # fmt: skip


class Told:
    """A machine that answers as it is told, and remembers what was asked of it."""

    size = Size(width=640, height=480)

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.launched: list[tuple[str, ...]] = []
        self.files_there = {"/home/user/a.txt": b"a", "/home/user/grüße": b"\x00\r\n"}
        self.put_there: dict[str, bytes] = {}
        self.replies: dict[str, Ran | Exception] = {"wmctrl": Ran(code=0, stdout=WINDOWS)}
        self.recording = False

    def screenshot(self) -> bytes:
        return b"\x89PNG\r\n\x1a\n"

    def tree(self) -> tuple[Node, ...]:
        return TREE

    def windows(self) -> tuple[Window, ...]:
        return ()

    def read_file(self, path: str) -> bytes:
        if path == "/home/user":
            raise IsADirectoryError(path)
        if path not in self.files_there:
            raise FileNotFoundError(path)
        return self.files_there[path]

    def files(self, pattern: str) -> tuple[Entry, ...]:
        if pattern in ("/home/user", "/home/user/Desktop"):
            return (Entry(path=pattern, size=0, mtime=0, kind="folder"),)
        return tuple(Entry(path=path, size=1, mtime=0) for path in self.files_there if path == pattern)

    def put(self, path: str, data: bytes) -> None:
        if path.startswith("/root/"):
            raise TaskFault(f"cannot place {path!r}: Permission denied")
        self.put_there[path] = data

    def run(self, *argv: str, seconds: float) -> Ran:
        self.ran.append(argv)
        reply = self.replies.get(argv[0], Ran(code=0))
        if isinstance(reply, Exception):
            raise reply
        return reply

    def launch(self, *argv: str) -> None:
        if argv[0] == "nothing":
            raise NotStarted("[Errno 2] No such file or directory: 'nothing'")
        self.launched.append(argv)

    def record(self, fps: int) -> None:
        if self.recording:
            raise ValueError("a recording is under way already")
        self.recording = True

    def recorded(self) -> bytes:
        if not self.recording:
            raise ValueError("no recording is under way")
        return b"film"


@pytest.fixture
def machine() -> Told:
    return Told()


@pytest.fixture
def serving(machine: Told) -> Iterator[Bridge]:
    bridge = Bridge(Api(machine, open_seconds=0.2))
    yield bridge
    bridge.close()


Reply = tuple[int, str, bytes]


def ask(serving: Bridge, method: str, path: str, body: bytes | str = b"", **headers: str) -> Reply:
    line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=10)
    try:
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        line.close()


def post(serving: Bridge, path: str, /, **fields: Any) -> tuple[int, Any]:
    status, kind, body = ask(serving, "POST", path, json.dumps(fields), Content_Type="application/json")
    return status, json.loads(body) if kind == "application/json" else body.decode()


def form(serving: Bridge, path: str, body: str) -> Reply:
    return ask(serving, "POST", path, body, Content_Type="application/x-www-form-urlencoded")


def test_every_endpoint_answers_its_method_alone(serving: Bridge) -> None:
    assert len(serving.api.endpoints) == 26
    for path, method in serving.api.endpoints.items():
        assert ask(serving, "GET" if method == "POST" else "POST", path)[0] == 405
    assert ask(serving, "GET", "/nowhere")[0] == 404


@pytest.mark.parametrize("path", [path for path in Api(Told()).endpoints if path.startswith("/setup/")])
def test_a_setup_call_without_its_fields_fails_and_does_nothing(serving: Bridge, machine: Told, path: str) -> None:
    assert post(serving, path)[0] in (400, 500)
    assert (machine.ran, machine.launched, machine.put_there) == ([], [], {})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"'], ids=["nothing", "a list", "torn", "a word"])
def test_a_body_that_is_no_object_is_a_bad_request(serving: Bridge, body: bytes) -> None:
    assert ask(serving, "POST", "/execute", body, Content_Type="application/json")[0] == 400


def test_json_under_another_type_is_not_taken(serving: Bridge, machine: Told) -> None:
    assert ask(serving, "POST", "/execute", b'{"command": ["id"]}', Content_Type="text/plain")[0] == 415
    assert machine.ran == []


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.invalid"}, {"Origin": "http://evil.invalid"}], ids=["another host's name", "a page"]
)
def test_a_page_in_the_hosts_browser_cannot_use_it(serving: Bridge, machine: Told, headers: dict[str, str]) -> None:
    body = json.dumps({"command": ["id"]})
    assert ask(serving, "POST", "/execute", body, Content_Type="application/json", **headers)[0] == 403
    assert machine.ran == []


def test_a_command_that_fails_is_a_success_with_its_code(serving: Bridge, machine: Told) -> None:
    machine.replies["false"] = Ran(code=1, stdout=b"a\r\nb\xff", stderr=b"no")
    told = {"status": "success", "output": "a\nb\ufffd", "error": "no", "returncode": 1}
    assert post(serving, "/execute", command=["false"]) == (200, told)


@pytest.mark.parametrize(
    "why",
    [NotStarted("[Errno 2] No such file"), TimeoutError("too long"), DesktopFault("the desktop is gone")],
    ids=["no such program", "too long", "no desktop"],
)
def test_a_command_that_cannot_run_is_an_error_that_says_why(serving: Bridge, machine: Told, why: Exception) -> None:
    machine.replies["x"] = why
    status, told = post(serving, "/setup/execute", command="x")
    assert (status, told["status"], told["message"]) == (500, "error", str(why))


@pytest.mark.parametrize(
    ("command", "shell", "argv"),
    [
        (["a b", "c"], False, ("a b", "c")),
        ("a 'b c'", False, ("a", "b c")),
        ("a | b", True, ("/bin/sh", "-c", "a | b")),
        ("a | b", "true", ("/bin/sh", "-c", "a | b")),
        (["echo $0", "x"], True, ("/bin/sh", "-c", "echo $0", "x")),
        (["cat", "~/a", "b~/"], False, ("cat", "/home/user/a", "b~/")),
    ],
    ids=["a list", "a string is split", "shell", "shell as a word", "shell and a list", "the home"],
)
def test_a_command_means_what_subprocess_takes_it_for(command: Any, shell: Any, argv: tuple[str, ...]) -> None:
    assert words({"command": command, "shell": shell}) == argv


@pytest.mark.parametrize("command", [None, [], "", 5, ["a", 1], {"a": 1}])
def test_what_is_no_command_is_refused(command: Any) -> None:
    with pytest.raises(Bad):
        words({"command": command})


def test_launching_says_what_was_launched_or_why_not(serving: Bridge, machine: Told) -> None:
    assert post(serving, "/setup/launch", command=["vlc", "a b"]) == (200, "vlc a b launched successfully")
    assert machine.launched == [("vlc", "a b")]
    status, told = post(serving, "/setup/launch", command=["nothing"])
    assert (status, told["message"]) == (500, "[Errno 2] No such file or directory: 'nothing'")


def test_a_file_is_uploaded_byte_for_byte(serving: Bridge, machine: Told) -> None:
    data = b"--b\r\n\r\nx\r\n--\x00\xff"
    head = '--b0\r\nContent-Disposition: form-data; name="file_path"\r\n\r\n~/grüße.bin\r\n'.encode()
    part = b'--b0\r\nContent-Disposition: form-data; name="file_data"; filename="x"\r\nContent-Type: a/b\r\n\r\n'
    body = head + part + data + b"\r\n--b0--\r\n"
    told = ask(serving, "POST", "/setup/upload", body, Content_Type="multipart/form-data; boundary=b0")
    assert told == (200, "text/html; charset=utf-8", f"File Uploaded: {len(data)} bytes".encode())
    assert machine.put_there == {"/home/user/grüße.bin": data}
    body = head.replace("~/grüße.bin".encode(), b"/root/x") + part + b"\r\n--b0--\r\n"
    assert ask(serving, "POST", "/setup/upload", body, Content_Type="multipart/form-data; boundary=b0")[0] == 500


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        ("file_path=~%2Fa.txt", 200, b"a"), ("file_path=a.txt", 200, b"a"), ("file_path=$HOME/a.txt", 200, b"a"),
        ("file_path=%2Fhome%2Fuser%2Fgr%C3%BC%C3%9Fe", 200, b"\x00\r\n"), ("", 400, b"file_path is required"),
        ("file_path=/nowhere", 404, b"File not found"), ("file_path=/home/user", 500, b"Is a directory"),
    ],
    ids=["home", "relative", "variable", "not ASCII", "nothing", "missing", "a folder"],
)  # fmt: skip
def test_a_file_is_read_where_its_path_leads(
    serving: Bridge, machine: Told, said: str, status: int, body: bytes
) -> None:
    machine.replies["env"] = Ran(code=0, stdout=b"A=1\0HOME=/home/user\0")
    told = form(serving, "/file", said)
    assert told[0] == status
    assert body in told[2]


def test_opening_waits_for_the_window_and_says_when_none_comes(serving: Bridge, machine: Told) -> None:
    machine.files_there |= {"/home/user/notes.txt": b"", "/home/user/none.pdf": b""}
    assert post(serving, "/setup/open_file", path="~/notes.txt")[0] == 200
    assert machine.launched == [("xdg-open", "/home/user/notes.txt")]
    assert machine.ran[-1] == ("wmctrl", "-i", "-a", "0x01600006")
    assert post(serving, "/setup/open_file", path="~/none.pdf")[0] == 500
    machine.replies["which"] = Ran(code=1)
    assert post(serving, "/setup/open_file", path="nowhere")[0] == 404


@pytest.mark.parametrize("path", ["/setup/activate_window", "/setup/close_window"])
def test_a_window_that_is_not_there_is_a_success_without_effect(serving: Bridge, machine: Told, path: str) -> None:
    assert post(serving, path, window_name="nowhere")[0] == 200
    assert machine.ran == [("wmctrl", "-lGx")]


@pytest.mark.parametrize(
    ("name", "strict", "by_class", "found"),
    [
        ("a.xlsx - LibreOffice Calc", True, False, "0x01600007"),
        ("a.xlsx - libreoffice calc", True, False, None),
        ("libreoffice calc", False, False, "0x01600007"),
        ("New Tab - Google Chrome", True, False, "0x01600008"),
        ("Google Chrome", False, False, "0x01600008"),
        ("Mail.thunderbird", True, True, "0x01600009"),
        ("google-chrome.Google-chrome", True, True, "0x0160000b"),
        ("Calc", True, False, None),
    ],
    ids=[
        "a long dash",
        "strict minds case",
        "a part does not",
        "Chromium's title",
        "its name",
        "a profile",
        "a profile's folder",
        "a part",
    ],
)
def test_windows_are_found_under_the_names_osworld_knows(
    name: str, strict: bool, by_class: bool, found: str | None
) -> None:
    window = titles.meant(titles.listed(WINDOWS.decode()), name, strict=strict, by_class=by_class)
    assert (window.id if window else None) == found


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("mousepad", 640),
        ("libreoffice-CALC", 800),
        ("chromium", 800),
        ("google-chrome", 803),
        ("org.gnome.nautilus", 802),
    ],
)
def test_a_windows_size_is_found_by_either_class_name(serving: Bridge, name: str, width: int) -> None:
    status, _, body = form(serving, "/window_size", f"app_class_name={name}")
    assert (status, json.loads(body)["width"]) == (200, width)


def test_a_second_recording_and_the_end_of_none_are_bad_requests(serving: Bridge, machine: Told) -> None:
    assert ask(serving, "POST", "/end_recording")[0] == 400
    assert [ask(serving, "POST", "/start_recording")[0] for _ in range(2)] == [200, 400]
    assert ask(serving, "POST", "/end_recording")[2] == b"film"


def test_a_script_leaves_no_file_even_when_it_takes_too_long(serving: Bridge, machine: Told) -> None:
    machine.replies["/bin/bash"] = TimeoutError("too long")
    status, told = post(serving, "/run_bash_script", script="sleep 9", timeout=1)
    assert (status, told["returncode"]) == (500, -1)
    (path,) = machine.put_there
    assert machine.ran[-1] == ("rm", "-f", path)
    assert post(serving, "/run_bash_script", script="x", working_dir="/nowhere")[0] == 400
    assert post(serving, "/run_bash_script", script="x", timeout="soon")[0] == 400


def test_the_tree_is_written_in_osworlds_words_and_read_back() -> None:
    text = xml(TREE)
    assert '<application name="Google Chrome">' in text
    assert '<push-button name="Go"' in text
    assert 'cp:screencoord="(-1, 2)" cp:size="(3, 4)"' in text
    assert 'st:multi_line="true"' in text
    back = nodes(text)
    assert [node.role for node in back] == [node.role for node in TREE]
    assert [node.parent for node in back] == [node.parent for node in TREE]
    assert back[1].name == 'A <b> & "c"'
    assert (back[1].box, back[1].states) == (TREE[1].box, TREE[1].states)
    assert (back[2].text, back[2].app, back[3].value) == ("$ ls\n", "Google Chrome", 0.5)
    # OSWorld tells places only of what is on the screen.
    assert back[3].box is None


def test_a_torn_tree_is_the_desktops_fault() -> None:
    with pytest.raises(DesktopFault, match="cannot be read"):
        nodes("<desktop-frame><a>")


def test_the_terminals_text_is_that_with_the_focus_in_an_active_window() -> None:
    assert terminal(TREE) == "$ ls\ufffc"
    assert terminal((*TREE[:2], Node(role="terminal", text="x", parent=1))) is None


def test_a_folders_tree_holds_each_entry_once_under_its_own_folder() -> None:
    entries = (
        Entry(path="/a/b-c/x", size=1, mtime=0),
        Entry(path="/a/b", size=1, mtime=0, kind="folder"),
        Entry(path="/a/b-c", size=1, mtime=0, kind="folder"),
        Entry(path="/a/l", size=1, mtime=0, kind="link"),
    )
    assert folder("/a/", entries) == {
        "type": "directory", "name": "a", "children": [
            {"type": "directory", "name": "b", "children": []},
            {"type": "directory", "name": "b-c", "children": [{"type": "file", "name": "x"}]},
            {"type": "file", "name": "l"},
        ],
    }  # fmt: skip
