"""A desktop that lives in a sandbox of its own and is reached through `envs.wire`: the only client there is.

Launching is apart from talking: `envs.launch` and `envs.container` start a `Sandbox`, and everything after that
is here. A sandbox is used for one episode; `reset` on a used desktop throws it away and starts another.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from envs import wire
from envs.errors import BadInput, DesktopFault, Gone, TaskFault
from envs.settle import until
from envs.types import (
    About,
    Action,
    Closed,
    Entry,
    Finish,
    HitTest,
    Node,
    Observation,
    Post,
    Ran,
    Scene,
    Size,
    Wait,
    Window,
)

START_WITHIN = 60.0
"""Seconds for a sandbox to answer; a cold disk and eight others starting are within it."""
POLL = 0.003
"""Seconds between two looks at one that is starting: each look takes time from it."""
SETTLE_WITHIN = 8.0
"""Seconds for a scene's windows to come to rest before the first look."""
STILL = 0.8
"""Seconds of stillness that end a scene with programs: LibreOffice puts rulers and side bar off for up to 0.55 s."""
COMMAND_WITHIN = 120.0
"""Seconds for one command of a scene."""
PATIENCE = 45.0
"""Seconds a call may take beyond what it was itself given."""

T = TypeVar("T", bound=Closed)


class Sandbox(Protocol):
    """One started sandbox with our server in it, answering or about to."""

    @property
    def folder(self) -> Path:
        """On the host: where the server puts its sockets."""
        ...

    @property
    def config(self) -> wire.Config:
        """What the server was told."""
        ...

    def cause(self) -> str:
        """Why it no longer runs, in a few words; empty while it does."""
        ...

    def close(self) -> None:
        """Nothing of it is left. May be called twice, and from any thread."""
        ...


class Door:
    """One of the two doors of a desktop's server, over a connection that is kept. Nothing is tried twice."""

    def __init__(self, path: Path, token: str, cause: Callable[[], str]) -> None:
        self._path = path
        self._cause = cause
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/msgpack"}
        self._line: _UnixConnection | None = None
        self._busy = threading.Lock()

    def call(self, name: str, request: Closed, reply: type[T], *, seconds: float = 0.0) -> T:
        """The reply. Raises what the server's Problem means, and Gone when there is no answer.

        `seconds` is what the call itself was given; the server gets `PATIENCE` on top before it counts as gone.
        """
        with self._busy:
            status, body = self._exchange(name, msgspec.msgpack.encode(request), seconds + PATIENCE)
        try:
            if status == 200:
                return msgspec.msgpack.decode(body, type=reply)
            problem = msgspec.msgpack.decode(body, type=wire.Problem)
        except msgspec.MsgspecError as error:
            raise DesktopFault(f"{name}: the server's answer ({status}) cannot be read: {error}") from error
        raise _meaning(name, problem)

    def _exchange(self, name: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        try:
            line = self._line or _UnixConnection(self._path)
            self._line = line
            line.patience(seconds)
            line.request("POST", f"/{name}", body, self._headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            raise Gone(self._why(name, error, seconds)) from error

    def _why(self, name: str, error: Exception, seconds: float) -> str:
        # The end of a process is seen a little after the end of its connections.
        if not isinstance(error, TimeoutError):
            until(lambda: self._cause() or None, deadline=1.0, pause=0.01)
        said = f"no answer within {seconds:g} s" if isinstance(error, TimeoutError) else str(error) or repr(error)
        return f"the desktop is gone: {self._cause() or said} (during {name!r})"

    def close(self) -> None:
        """Hang up, once a call that is under way has ended."""
        with self._busy:
            self._hang_up()

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("desktop")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))

    def patience(self, seconds: float) -> None:
        """Wait that long for each part of an answer."""
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)


def _meaning(name: str, problem: wire.Problem) -> Exception:
    """The error that stands for a problem on the host's side."""
    said = f"{name}: {problem.message}"
    if name == "read_file" and problem.kind == "denied":
        return FileNotFoundError(problem.message)  # a pipe or a device where a file should be: no file
    match problem.kind:
        case "missing":
            return FileNotFoundError(problem.message)
        case "folder":
            return IsADirectoryError(problem.message)
        case "too_big" | "bad_request":
            return ValueError(said)
        case "timeout":
            return TimeoutError(said)
        case "scene":
            return TaskFault(said)
        case _:
            return DesktopFault(said)


class RemoteProbe:
    """Reads a desktop's state through the scorer's door."""

    def __init__(self, door: Callable[[], Door]) -> None:
        self._door = door

    def read_file(self, path: str) -> bytes:
        """See `Probe.read_file`."""
        return self._door().call("read_file", wire.ReadFile(path=path), wire.Bytes).data

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """See `Probe.files`."""
        return self._door().call("files", wire.Files(pattern=pattern), wire.Entries).entries

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        """See `Probe.run`."""
        return self._door().call("run", wire.RunCommand(argv=argv, seconds=seconds), Ran, seconds=seconds)

    def windows(self) -> tuple[Window, ...]:
        """See `Probe.windows`."""
        return self._door().call("windows", wire.GetWindows(), wire.Windows).windows

    def tree(self) -> tuple[Node, ...]:
        """See `Probe.tree`."""
        return self._door().call("tree", wire.GetTree(), wire.Tree).nodes

    def hit_test(self) -> HitTest:
        """See `Probe.hit_test`."""
        return self._door().call("hits", wire.GetHits(), HitTest)

    def posts(self, host: str) -> tuple[Post, ...]:
        """See `Probe.posts`."""
        return self._door().call("posts", wire.GetPosts(host=host), wire.Posts).posts


class RemoteDesktop:
    """A desktop in a sandbox. Made, it is ready: its window manager is up and its server answers.

    `start` starts a sandbox and returns at once. `code` is the digest of the server's code that the host
    expects, empty where the sandbox runs the host's own files. Raises BadInput when the image is of another
    version, Gone when the sandbox does not answer.
    """

    def __init__(self, start: Callable[[], Sandbox], *, code: str = "") -> None:
        self._start = start
        self._code = code
        self._retiring: list[threading.Thread] = []
        self._closed = False
        self._used = False
        self._frame, self._png = -1, b""
        self._lock = threading.Lock()
        self._enter()
        self._probe = RemoteProbe(lambda: self.scorer)

    @property
    def size(self) -> Size:
        """The screen."""
        return self._about.size

    @property
    def about(self) -> About:
        """What this desktop is."""
        return self._about

    @property
    def probe(self) -> RemoteProbe:
        """Reads the state."""
        return self._probe

    @property
    def view(self) -> Path:
        """The VNC server's socket on the host, for a person's live view; another one after each `reset`."""
        return self._sandbox.folder / "vnc" / wire.VNC

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox in use."""
        return self._sandbox

    def reset(self, scene: Scene) -> Observation:
        """See `Desktop.reset`."""
        if self._used:
            self._retire()
            self._enter()
        self._used = True
        try:
            settled = self._lay(scene)
        except (TimeoutError, ValueError) as error:
            raise TaskFault(f"the scene: {error}") from error
        return msgspec.structs.replace(self._observe("look", wire.Look(have=self._frame)), settled=settled)

    def step(self, action: Action) -> Observation:
        """See `Desktop.step`."""
        if isinstance(action, Finish):
            raise ValueError("Finish ends an episode; it is not an action of a desktop")
        self._used = True
        given = action.seconds if isinstance(action, Wait) else 0.0
        return self._observe("step", wire.Step(action=action, have=self._frame), seconds=given)

    def record(self, fps: int = 10) -> None:
        """Record the screen from now on."""
        self.scorer.call("record", wire.StartRecording(fps=fps), wire.Nothing)

    def recorded(self) -> bytes:
        """End the recording: an MP4."""
        return self.scorer.call("recorded", wire.StopRecording(), wire.Bytes).data

    def close(self) -> None:
        """See `Desktop.close`. A call that another thread has under way fails as Gone."""
        with self._lock:
            self._closed = True
            sandbox = self._sandbox
        sandbox.close()
        self._hang_up()
        for each in self._retiring:
            each.join()

    def _hang_up(self) -> None:
        self.agent.close()
        self.scorer.close()

    def _enter(self) -> None:
        """Start a sandbox, and wait until it is ready."""
        if self._closed:
            raise Gone("the desktop is gone: it was closed")
        sandbox = self._start()
        with self._lock:
            self._sandbox = sandbox
            closed = self._closed
        if closed:
            sandbox.close()
            raise Gone("the desktop is gone: it was closed")
        config = sandbox.config
        self.agent = Door(sandbox.folder / wire.AGENT, config.agent_token, self._cause)
        self.scorer = Door(sandbox.folder / wire.SCORER, config.scorer_token, self._cause)
        try:
            hello = self._greet()
        except BaseException:
            sandbox.close()
            self._hang_up()
            raise
        self._about = About(kind=config.kind, image=config.image, code=hello.code, size=hello.size)
        self._frame, self._png, self._used = -1, b"", False

    def _greet(self) -> wire.Hello:
        """The first hello of a server that is ready and ours."""
        doors = (self._sandbox.folder / wire.SCORER, self._sandbox.folder / wire.AGENT)

        def there() -> bool:
            return all(map(Path.exists, doors))

        # An engine takes milliseconds to say that a container runs: it is not asked at every look.
        until(lambda: until(there, deadline=0.2, pause=POLL) or self._cause(), deadline=START_WITHIN, pause=0.0)
        if not there():
            raise Gone(f"the desktop did not start: {self._cause() or f'no answer within {START_WITHIN:g} s'}")
        found = until(self._ready, deadline=START_WITHIN, pause=POLL)
        if found is None:
            raise Gone(f"the desktop did not start: no window manager within {START_WITHIN:g} s")
        return found

    def _ready(self) -> wire.Hello | None:
        try:
            hello = self.scorer.call("hello", wire.Nothing(), wire.Hello)
        except Gone as gone:
            if isinstance(gone.__cause__, ConnectionRefusedError):
                return None  # bound, and not yet listening
            raise
        if hello.wire != wire.VERSION:
            raise BadInput(
                f"the image speaks wire {hello.wire}, this is wire {wire.VERSION}: rebuild it with ./dev image"
            )
        if self._code and hello.code != self._code:
            raise BadInput(
                f"the image holds other code ({hello.code[:12]}) than this checkout ({self._code[:12]}): "
                "rebuild it with ./dev image"
            )
        return hello if hello.ready else None

    def _retire(self) -> None:
        """End the used sandbox, without waiting for it."""
        self._hang_up()
        ending = threading.Thread(target=self._sandbox.close, name="retire", daemon=False)
        ending.start()
        self._retiring = [*(each for each in self._retiring if each.is_alive()), ending]

    def _cause(self) -> str:
        return "it was closed" if self._closed else self._sandbox.cause()

    def _lay(self, scene: Scene) -> bool:
        """Bring the scene about, in the order that `Scene` promises; whether the screen came to rest."""
        scorer = self.scorer
        if scene.clock:
            scorer.call("clock", wire.SetClock(clock=scene.clock), wire.Nothing)
        for site in scene.sites:
            scorer.call("site", wire.StartSite(site=site), wire.Nothing)
        if scene.files:
            scorer.call("put", wire.PutFiles(files=scene.files), wire.Nothing)
        for argv in scene.commands:
            self._command(argv)
        for launch in scene.open:
            scorer.call("launch", wire.StartApp(launch=launch), wire.Nothing, seconds=launch.deadline)
        settle = wire.Settle(deadline=SETTLE_WITHIN, still=STILL if scene.open else 0.0)
        return scorer.call("settle", settle, wire.Settled, seconds=SETTLE_WITHIN).settled

    def _command(self, argv: tuple[str, ...]) -> None:
        request = wire.RunCommand(argv=argv, seconds=COMMAND_WITHIN, display=True)
        ran = self.scorer.call("run", request, Ran, seconds=COMMAND_WITHIN)
        if ran.code != 0:
            said = (ran.stderr or ran.stdout).decode("utf-8", "replace").strip()[-300:]
            raise TaskFault(f"the scene's command {' '.join(argv)!r} ended with code {ran.code}: {said}")

    def _observe(self, name: str, request: Closed, *, seconds: float = 0.0) -> Observation:
        try:
            seen = self.agent.call(name, request, wire.Seen, seconds=seconds)
        except (ValueError, TimeoutError, FileNotFoundError, IsADirectoryError, TaskFault) as error:
            # Closed types on both sides: whatever the server objects to is our own mistake, never the agent's.
            raise DesktopFault(f"{name}: {error}") from error
        if seen.png is None and not self._png:
            raise DesktopFault(f"{name}: the server left out frame {seen.frame}, which this side does not have")
        observation = seen.observation(self._png)
        self._frame, self._png = seen.frame, observation.png
        return observation
