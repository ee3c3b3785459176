"""The client of the wire, against a server that answers as it is told, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import msgspec
import pytest

from envs import wire
from envs.errors import BadInput, DesktopFault, Gone, TaskFault
from envs.fake import FakeDesktop
from envs.remote import RemoteDesktop
from envs.types import (
    Action,
    Click,
    Closed,
    Finish,
    Launch,
    Move,
    Point,
    Press,
    Put,
    Scene,
    Size,
    Type,
    Wait,
)

SIZE = Size(width=400, height=300)
CONFIG = wire.Config(wire=wire.VERSION, agent_token="a", scorer_token="s", size=SIZE, kind="test", image="none")
HELLO = wire.Hello(wire=wire.VERSION, code="c0de", image="none", kind="test", size=SIZE, ready=True)
Answer = Callable[[str, Closed], Closed | bytes]


class Server(ThreadingMixIn, UnixStreamServer):
    """Answers every call of one door."""

    daemon_threads = True
    answer: Answer


class Call(BaseHTTPRequestHandler):
    """A connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        name = self.path[1:]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.answer(name, msgspec.msgpack.decode(body, type=wire.CALLS[name][0]))
        data = reply if isinstance(reply, bytes) else msgspec.msgpack.encode(reply)
        head = f"HTTP/1.1 {500 if isinstance(reply, wire.Problem) else 200} -\r\nContent-Length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Box:
    """A sandbox with nothing in it but a server on this process's threads."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self.folder = folder
        self.config = CONFIG
        self.died = ""
        self._servers = []
        for name in (wire.AGENT, wire.SCORER):
            (folder / name).unlink(missing_ok=True)
            server = Server(str(folder / name), Call)
            server.answer = answer
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            self._servers.append(server)

    def cause(self) -> str:
        return self.died

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []


class Script:
    """Answers with what was set for a call, else with nothing."""

    def __init__(self) -> None:
        self.replies: dict[str, Closed | bytes] = {"hello": HELLO}
        self.asked: list[tuple[str, Closed]] = []

    def __call__(self, name: str, request: Closed) -> Closed | bytes:
        self.asked.append((name, request))
        return self.replies.get(name, wire.Nothing())


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def desktop(tmp_path: Path, script: Script) -> Iterator[RemoteDesktop]:
    made = RemoteDesktop(lambda: Box(tmp_path, script))
    yield made
    made.close()


def seen(frame: int, png: bytes | None) -> wire.Seen:
    return wire.Seen(frame=frame, png=png, size=SIZE, settled=True)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("missing", FileNotFoundError),
        ("folder", IsADirectoryError),
        ("denied", FileNotFoundError),
        ("too_big", ValueError),
        ("bad_request", ValueError),
        ("timeout", TimeoutError),
        ("scene", TaskFault),
        ("internal", DesktopFault),
    ],
)
def test_a_problem_means_its_error(kind: str, error: type[Exception], desktop: RemoteDesktop, script: Script) -> None:
    script.replies["read_file"] = msgspec.convert({"kind": kind, "message": "it is so"}, wire.Problem)
    with pytest.raises(error, match="it is so"):
        desktop.probe.read_file("/x")


def test_an_image_of_another_wire_version_is_refused(tmp_path: Path, script: Script) -> None:
    script.replies["hello"] = msgspec.structs.replace(HELLO, wire=wire.VERSION + 1)
    with pytest.raises(
        BadInput, match=rf"speaks wire {wire.VERSION + 1}, this is wire {wire.VERSION}: .*\./dev image"
    ):
        RemoteDesktop(lambda: Box(tmp_path, script))


def test_an_image_of_other_code_is_refused(tmp_path: Path, script: Script) -> None:
    with pytest.raises(BadInput, match=r"holds other code .*\./dev image"):
        RemoteDesktop(lambda: Box(tmp_path, script), code="0ther")


def test_a_frame_that_has_not_changed_is_kept(desktop: RemoteDesktop, script: Script) -> None:
    script.replies |= {"look": seen(7, b"PNG"), "step": seen(7, None)}
    script.replies["settle"] = wire.Settled(settled=True, seconds=0.1)
    desktop.reset(Scene())
    assert desktop.step(Wait()).png == b"PNG"
    assert script.asked[-1] == ("step", wire.Step(action=Wait(), have=7))


def test_a_frame_that_was_never_sent_is_a_fault(desktop: RemoteDesktop, script: Script) -> None:
    script.replies["step"] = seen(7, None)
    with pytest.raises(DesktopFault, match="frame 7"):
        desktop.step(Wait())


def test_an_answer_that_cannot_be_read_is_a_fault(desktop: RemoteDesktop, script: Script) -> None:
    script.replies["windows"] = b"\xc1 no msgpack"
    with pytest.raises(DesktopFault, match="windows"):
        desktop.probe.windows()


def test_whatever_the_server_objects_to_in_a_step_is_a_fault_of_ours(desktop: RemoteDesktop, script: Script) -> None:
    script.replies["step"] = wire.Problem(kind="bad_request", message="no field `buton`")
    with pytest.raises(DesktopFault, match="buton"):
        desktop.step(Wait())


def test_a_step_is_never_tried_twice(desktop: RemoteDesktop, script: Script) -> None:
    sandbox = desktop.sandbox
    assert isinstance(sandbox, Box)
    sandbox.close()
    desktop.agent.close()
    sandbox.died = "its container ran out of memory"
    before = len(script.asked)
    with pytest.raises(Gone, match=r"the desktop is gone: its container ran out of memory \(during 'step'\)"):
        desktop.step(Wait())
    assert len(script.asked) == before


def test_a_scene_is_laid_in_its_order(desktop: RemoteDesktop, script: Script) -> None:
    script.replies |= {"look": seen(1, b"PNG"), "settle": wire.Settled(settled=True, seconds=0.1)}
    script.replies["run"] = msgspec.msgpack.encode({"code": 0})
    desktop.reset(
        Scene(
            files=(Put(path="/a", data=b"x"),),
            commands=(("true",),),
            open=(Launch(argv=("mousepad",)),),
            clock="2026-03-02 09:00:00",
        )
    )
    names = [name for name, _ in script.asked if name != "hello"]
    assert names == ["clock", "put", "run", "launch", "settle", "look"]


def test_a_command_that_fails_is_the_tasks_fault(desktop: RemoteDesktop, script: Script) -> None:
    script.replies["run"] = msgspec.msgpack.encode({"code": 3, "stderr": b"no such thing\n"})
    with pytest.raises(TaskFault, match=r"'make it' ended with code 3: no such thing"):
        desktop.reset(Scene(commands=(("make", "it"),)))


def test_finish_does_not_go_on_the_wire(desktop: RemoteDesktop, script: Script) -> None:
    with pytest.raises(ValueError, match="Finish"):
        desktop.step(Finish())
    assert not [name for name, _ in script.asked if name == "step"]


def test_a_desktop_behind_the_wire_is_seen_as_it_is(tmp_path: Path) -> None:
    """The fake, driven in this process and through real HTTP: observation for observation."""
    near, behind = FakeDesktop(SIZE), FakeDesktop(SIZE)

    def answer(name: str, request: Closed) -> Closed:
        match request:
            case wire.Step(action=action):
                observed = behind.step(action)
            case wire.Look():
                observed = behind.reset(Scene())
            case wire.Settle():
                return wire.Settled(settled=True, seconds=0.0)
            case wire.GetTree():
                return wire.Tree(nodes=behind.probe.tree())
            case _:
                return HELLO
        return wire.Seen(
            frame=1, png=observed.png, size=SIZE, settled=True, refused=observed.refused, took=observed.took
        )

    far = RemoteDesktop(lambda: Box(tmp_path, answer))
    assert far.reset(Scene()) == near.reset(Scene())
    actions: tuple[Action, ...] = (
        Click(at=Point(x=40, y=40)),
        Type(text="naïve 北京 😀"),
        Press(keys=("ctrl", "s")),
        Move(at=Point(x=-1, y=0)),
        Press(keys=("entre",)),
    )
    for action in actions:
        assert far.step(action) == near.step(action)
    assert far.probe.tree() == near.probe.tree()
    far.close()
