"""What host and server say to each other: closed, versioned messages over HTTP on two Unix sockets.

The agent's door (`agent.sock`) can only look and act. The scorer's door (`scorer.sock`) reads the machine and
sets scenes up. Each has its own token, sent as `Authorization: Bearer TOKEN`, and lives in a folder of mode
0700 that the desktop's user cannot enter. A Unix socket rather than a port: the desktop then needs no network
at all, and a round trip is 0.2 ms shorter.

A call is `POST /NAME` with a msgpack body of the request type below and a msgpack reply: the type that `CALLS`
names with status 200, else a `Problem`. Bytes travel as bytes. `VERSION` changes with any change here.

stdlib `http.server` and `http.client`: importing an ASGI server doubles the time until a fresh desktop answers.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from envs.types import (
    Action,
    Closed,
    Entry,
    HitTest,
    Launch,
    Node,
    Observation,
    Post,
    Put,
    Ran,
    Seconds,
    Site,
    Size,
    Took,
    Window,
)

VERSION: Final = 5
FOLDER: Final = "/run/handeye"
"""Where the sockets and `config.json` are, inside the desktop: a bind mount of a folder of the host's."""
CONFIG: Final = "config.json"
AGENT: Final = "agent.sock"
SCORER: Final = "scorer.sock"
VNC: Final = "vnc/vnc.sock"

Quiet = Literal["fast", "strict", "patient"]


class Config(Closed):
    """What the launcher tells the server, in `config.json` (mode 0600), before it starts."""

    wire: int
    agent_token: str
    scorer_token: str
    size: Size
    kind: str
    image: str
    clock: str = ""
    settle: Quiet = "strict"


class Problem(Closed):
    """Why a call was not fulfilled."""

    kind: Literal["refused", "missing", "folder", "too_big", "timeout", "scene", "bad_request", "denied", "internal"]
    message: str


class Nothing(Closed):
    """No content."""


class Hello(Closed):
    """`ready` once the window manager is up. `code` is the digest of the server's own source."""

    wire: int
    code: str
    image: str
    kind: str
    size: Size
    ready: bool


class Look(Closed):
    """Ask for a picture. `have` is the number of the last frame the host holds, or -1."""

    have: int = -1


class Step(Closed):
    """Ask for an action, settling and a picture."""

    action: Action
    have: int = -1


class Seen(Closed):
    """A picture, numbered. `png` is None when frame `have` is still what is on the screen."""

    frame: int
    png: bytes | None
    size: Size
    settled: bool
    refused: str = ""
    took: Took = Took()

    def observation(self, known: bytes) -> Observation:
        """With the bytes the host already holds where the screen has not changed."""
        png = known if self.png is None else self.png
        return Observation(png=png, size=self.size, settled=self.settled, refused=self.refused, took=self.took)


class Settle(Closed):
    """Wait until the screen is at rest, and has been still for at least `still` seconds, or the deadline."""

    deadline: Seconds = 5.0
    still: Seconds = 0.0


class Settled(Closed):
    """Whether it came to rest, and after how many seconds."""

    settled: bool
    seconds: float


class ReadFile(Closed):
    """A file's bytes; see `Probe.read_file`."""

    path: str


class Bytes(Closed):
    """Bytes."""

    data: bytes


class Files(Closed):
    """A glob; see `Probe.files`."""

    pattern: str


class Entries(Closed):
    """What matched."""

    entries: tuple[Entry, ...]


class RunCommand(Closed):
    """A command as the desktop's user. With `display`, in the session's environment; else a clean one without."""

    argv: tuple[str, ...]
    seconds: Seconds = 20.0
    display: bool = False


class GetWindows(Closed):
    """The windows, bottom first."""


class Windows(Closed):
    """Them."""

    windows: tuple[Window, ...]


class GetTree(Closed):
    """The accessibility tree."""


class Tree(Closed):
    """It, flat; see `Node`."""

    nodes: tuple[Node, ...]


class GetHits(Closed):
    """The accessibility tree with hit-tests; the reply is a `HitTest`."""


class GetPosts(Closed):
    """Forms sent to a site."""

    host: str


class Posts(Closed):
    """Them, oldest first."""

    posts: tuple[Post, ...]


class PutFiles(Closed):
    """Place files, making their folders, owned by the desktop's user."""

    files: tuple[Put, ...]


class StartSite(Closed):
    """Serve a site."""

    site: Site


class StartApp(Closed):
    """Launch a program and wait for its window. A Problem of kind `scene` when it does not come."""

    launch: Launch


class SetClock(Closed):
    """The desktop's wall clock, as `2026-03-02 09:00:00` (UTC), for what is started from now on."""

    clock: str


class StartRecording(Closed):
    """Record the screen continuously, to be had with `StopRecording`."""

    fps: int = 10


class StopRecording(Closed):
    """End the recording; the reply is the MP4's `Bytes`."""


class OpenPort(Closed):
    """A way from the host to a port on the desktop's loopback: a Unix socket named `way(port)` beside the doors."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]


def way(port: int) -> str:
    """The socket's name in `FOLDER`."""
    return f"port-{port}.sock"


CALLS: Final[dict[str, tuple[type[Closed], type[Closed], Literal["agent", "scorer", "both"]]]] = {
    "hello": (Nothing, Hello, "both"),
    "look": (Look, Seen, "agent"),
    "step": (Step, Seen, "agent"),
    "settle": (Settle, Settled, "scorer"),
    "read_file": (ReadFile, Bytes, "scorer"),
    "files": (Files, Entries, "scorer"),
    "run": (RunCommand, Ran, "scorer"),
    "windows": (GetWindows, Windows, "scorer"),
    "tree": (GetTree, Tree, "scorer"),
    "hits": (GetHits, HitTest, "scorer"),
    "posts": (GetPosts, Posts, "scorer"),
    "put": (PutFiles, Nothing, "scorer"),
    "site": (StartSite, Nothing, "scorer"),
    "launch": (StartApp, Nothing, "scorer"),
    "clock": (SetClock, Nothing, "scorer"),
    "record": (StartRecording, Nothing, "scorer"),
    "recorded": (StopRecording, Bytes, "scorer"),
    "port": (OpenPort, Nothing, "scorer"),
}
"""Every call: what is sent, what comes back, and at which door."""
