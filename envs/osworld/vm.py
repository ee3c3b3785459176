"""A machine that answers OSWorld's API, as a desktop of ours: OSWorld's own virtual machine, given its address.

What that API cannot do is said and not imitated: it lays no sites and sets no clock (TaskFault), does not hit-test
(no hits), types only a US keyboard's characters (refused), and does not say when the screen is at rest (it is looked
at until two pictures agree). A machine cannot be made new over it either: `renew` does that, and gives the new
machine's address; without it a second `reset` is a DesktopFault, so that no episode starts on what another left.
"""

from __future__ import annotations

import base64
import glob
import http.client
import io
import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from PIL import Image

from envs.errors import BadInput, DesktopFault, Gone, Refused, TaskFault
from envs.osworld import a11y, hands, inside
from envs.settle import until
from envs.types import (
    SCREEN,
    About,
    Action,
    Closed,
    Entry,
    Finish,
    HitTest,
    Launch,
    Node,
    Observation,
    Post,
    Put,
    Ran,
    Scene,
    Size,
    Wait,
    Window,
)

T = TypeVar("T")
EXECUTE_SECONDS: Final = 110.0
"""What a command may take: OSWorld's server ends it after 120."""
PATIENCE: Final = 30.0
SETTLE_SECONDS: Final = 5.0
LOOK_EVERY: Final = 0.2
LARGEST: Final = 64 << 20
DASHES: Final = str.maketrans("–—‒−", "----")


class Said(NamedTuple):
    """A response."""

    status: int
    body: bytes


class Line:
    """Requests to the machine, each on a connection of its own. Nothing is tried twice. Raises Gone."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address if "//" in address else f"http://{address}")
        if parts.scheme != "http" or not parts.hostname:
            raise BadInput(f"cannot read the address {address!r}: write it as http://HOST:5000")
        self._host, self._port = parts.hostname, parts.port or 5000
        self._closed = False

    def get(self, path: str, *, seconds: float = PATIENCE) -> Said:
        """A GET."""
        return self._ask("GET", path, b"", {}, seconds)

    def json(self, path: str, fields: Mapping[str, object], *, seconds: float = PATIENCE) -> Said:
        """A POST of JSON."""
        return self._ask("POST", path, json.dumps(fields).encode(), {"Content-Type": "application/json"}, seconds)

    def form(self, path: str, fields: Mapping[str, str], *, seconds: float = PATIENCE) -> Said:
        """A POST of a form."""
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", path, urlencode(fields).encode(), {"Content-Type": kind}, seconds)

    def upload(self, path: str, data: bytes, *, seconds: float = PATIENCE) -> Said:
        """The file at `path`."""
        edge = secrets.token_hex(16)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file_path"\r\n\r\n{path}\r\n'
        part = f'--{edge}\r\nContent-Disposition: form-data; name="file_data"; filename="file"\r\n\r\n'
        body = head.encode() + part.encode() + data + f"\r\n--{edge}--\r\n".encode()
        return self._ask(
            "POST", "/setup/upload", body, {"Content-Type": f"multipart/form-data; boundary={edge}"}, seconds
        )

    def close(self) -> None:
        """From now on it is gone."""
        self._closed = True

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Said:
        if self._closed:
            raise Gone("the desktop is gone: it was closed")
        line = http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        try:
            line.request(method, path, body, dict(headers))
            answer = line.getresponse()
            return Said(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            where = f"{self._host}:{self._port}"
            raise Gone(
                f"the OSWorld machine at {where} does not answer: {error or repr(error)} (during {path})"
            ) from error
        finally:
            line.close()


class _Told(Closed):
    """What `inside.RUN` prints."""

    code: int
    stdout: str
    stderr: str
    late: bool


class OsworldProbe:
    """Reads the machine's state by commands and files."""

    def __init__(self, line: Callable[[], Line]) -> None:
        self._line = line

    def read_file(self, path: str) -> bytes:
        """See `Probe.read_file`."""
        said = self._line().form("/file", {"file_path": path}, seconds=120.0)
        if said.status == 200 and len(said.body) > LARGEST:
            raise ValueError(f"{path!r} has {len(said.body)} bytes; the limit is {LARGEST}")
        if said.status == 200:
            return said.body
        if any(entry.kind == "folder" for entry in self.files(glob.escape(path))):
            raise IsADirectoryError(f"{path!r} is a folder")
        raise FileNotFoundError(f"no file {path!r}")

    def files(self, pattern: str) -> tuple[Entry, ...]:
        """See `Probe.files`."""
        if not pattern.startswith("/"):
            raise ValueError(f"{pattern!r} is not an absolute path")
        return self._script(inside.FILES, tuple[Entry, ...], pattern)

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        """See `Probe.run`. At most `EXECUTE_SECONDS`."""
        return self.command(argv, seconds=seconds, display=False)

    def windows(self) -> tuple[Window, ...]:
        """See `Probe.windows`."""
        return self._script(inside.WINDOWS, tuple[Window, ...])

    def tree(self) -> tuple[Node, ...]:
        """See `Probe.tree`; applications have the names that OSWorld gives them."""
        said = self._line().get("/accessibility", seconds=90.0)
        return a11y.nodes(str(_fields("/accessibility", said).get("AT", "")))

    def hit_test(self) -> HitTest:
        """The tree; OSWorld's API has no hit-test, so nothing is known to be hit."""
        return HitTest(nodes=self.tree(), hits={})

    def posts(self, host: str) -> tuple[Post, ...]:  # noqa: ARG002 - the protocol's
        """None: no scene has a site here."""
        return ()

    def command(self, argv: tuple[str, ...], *, seconds: float, display: bool) -> Ran:
        """Run it; with `display`, in the session's environment. Raises TimeoutError."""
        seconds = min(seconds, EXECUTE_SECONDS)
        asked = json.dumps({"argv": argv, "seconds": seconds, "display": display})
        command = ["python3", "-c", inside.RUN, asked]
        said = self._line().json("/execute", {"command": command, "shell": False}, seconds=seconds + PATIENCE)
        told = _decoded(str(_fields("/execute", said).get("output", "")), _Told)
        if told.late:
            raise TimeoutError(f"{argv!r} had not ended after {seconds:g} s")
        return Ran(code=told.code, stdout=base64.b64decode(told.stdout), stderr=base64.b64decode(told.stderr))

    def _script(self, script: str, kind: type[T], *words: str) -> T:
        ran = self.command(("python3", "-c", script, *words), seconds=60.0, display=True)
        if ran.code != 0:
            raise DesktopFault(f"the OSWorld machine cannot tell: {_last(ran.stderr)}")
        return _decoded(ran.stdout.decode(), kind)


class OsworldVm:
    """The desktop of an OSWorld machine. Raises BadInput when its screen is not of that size, Gone without answer."""

    def __init__(self, size: Size = SCREEN, *, address: str, renew: Callable[[], str] | None = None) -> None:
        self._line = Line(address)
        self._renew = renew
        self._used = False
        try:
            answer = self._line.json("/screen_size", {})
        except Gone as gone:
            raise Gone(f"{gone}; start it, or give another address") from gone
        found = _decoded(answer.body.decode("utf-8", "replace"), Size)
        if found != size:
            raise BadInput(
                f"the machine at {address} has a screen of {found.width}x{found.height}, "
                f"not {size.width}x{size.height}: say --size {found.width}x{found.height}"
            )
        self._size = size
        self._probe = OsworldProbe(lambda: self._line)

    @property
    def size(self) -> Size:
        """The screen."""
        return self._size

    @property
    def about(self) -> About:
        """What it is: nothing is known of its image."""
        return About(kind="osworld", image="unknown", code="osworld", size=self._size)

    @property
    def probe(self) -> OsworldProbe:
        """Reads the state."""
        return self._probe

    def reset(self, scene: Scene) -> Observation:
        """See `Desktop.reset`."""
        if scene.sites or scene.clock:
            raise TaskFault("an OSWorld machine can serve no sites and has the day that it has: use another desktop")
        if self._used:
            if self._renew is None:
                raise DesktopFault(
                    "an OSWorld machine cannot be made new over its API: give it `renew`, or a fresh one"
                )
            self._line = Line(self._renew())
        self._used = True
        for each in scene.files:
            self._place(each)
        for argv in scene.commands:
            self._command(argv)
        for launch in scene.open:
            self._open(launch)
        return self._settled()

    def step(self, action: Action) -> Observation:
        """See `Desktop.step`."""
        if isinstance(action, Finish):
            raise ValueError("Finish ends an episode; it is not an action of a desktop")
        self._used = True
        if isinstance(action, Wait):
            until(lambda: False, deadline=action.seconds)
            return self._settled()
        try:
            code = hands.code(action, self._size)
        except Refused as refused:
            return Observation(png=self._look(), size=self._size, refused=str(refused))
        said = self._line.json("/execute", {"command": ["python3", "-c", code], "shell": False}, seconds=150.0)
        told = _fields("/execute", said)
        if told.get("returncode") != 0:
            raise DesktopFault(f"pyautogui failed on the OSWorld machine: {_last(str(told.get('error')).encode())}")
        return self._settled()

    def close(self) -> None:
        """It is used no more. The machine itself is whoever's started it."""
        self._line.close()

    def _look(self) -> bytes:
        said = self._line.get("/screenshot")
        if said.status != 200:
            raise DesktopFault(f"the OSWorld machine gives no picture: {said.status}")
        return said.body

    def _settled(self) -> Observation:
        """A picture that agrees with the one before, or the last one."""
        last = [_pixels(self._look())]
        png = b""

        def rests() -> bool:
            nonlocal png
            png = self._look()
            last.append(_pixels(png))
            return last[-1] == last[-2]

        until(lambda: False, deadline=LOOK_EVERY)
        settled = until(rests, deadline=SETTLE_SECONDS, pause=LOOK_EVERY)
        return Observation(png=png, size=self._size, settled=bool(settled))

    def _place(self, put: Put) -> None:
        said = self._line.upload(put.path, put.data, seconds=600.0)
        if said.status != 200:
            raise TaskFault(f"the scene: cannot place {put.path!r}: {said.body.decode('utf-8', 'replace')[:300]}")
        self._command(("chmod", f"{put.mode & 0o777:o}", put.path))
        if put.mtime is not None:
            self._command(("touch", "-d", f"@{put.mtime!r}", put.path))

    def _command(self, argv: tuple[str, ...]) -> None:
        try:
            ran = self._probe.command(argv, seconds=EXECUTE_SECONDS, display=True)
        except TimeoutError as error:
            raise TaskFault(f"the scene: {error}") from error
        if ran.code != 0:
            said = _last(ran.stderr or ran.stdout)
            raise TaskFault(f"the scene's command {' '.join(argv)!r} ended with code {ran.code}: {said}")

    def _open(self, launch: Launch) -> None:
        said = self._line.json("/setup/launch", {"command": list(launch.argv), "shell": False})
        if said.status != 200:
            raise TaskFault(
                f"the scene: cannot start {launch.argv[0]!r}: {said.body.decode('utf-8', 'replace')[:300]}"
            )
        if not launch.window:
            return
        wanted = re.compile(launch.window.translate(DASHES))
        window = until(lambda: self._matching(wanted), deadline=launch.deadline, pause=LOOK_EVERY)
        if window is None:
            raise TaskFault(f"the scene: {' '.join(launch.argv)!r} showed no window matching {launch.window!r}")
        if launch.maximised:
            self._command(("wmctrl", "-i", "-r", hex(window.id), "-b", "add,maximized_vert,maximized_horz"))
        self._command(("wmctrl", "-i", "-a", hex(window.id)))

    def _matching(self, wanted: re.Pattern[str]) -> Window | None:
        there = reversed(self._probe.windows())
        return next((window for window in there if wanted.search(window.title.translate(DASHES))), None)


def _pixels(png: bytes) -> bytes:
    """What the picture shows: two encodings of one screen may differ. Raises DesktopFault when it is none."""
    try:
        with Image.open(io.BytesIO(png)) as picture:
            return picture.convert("RGB").tobytes()
    except OSError as error:
        raise DesktopFault(f"the OSWorld machine's picture cannot be read: {error}") from error


def _fields(path: str, said: Said) -> dict[str, object]:
    if said.status != 200:
        raise DesktopFault(f"the OSWorld machine answers {path} with {said.status}: {said.body[:300]!r}")
    return _decoded(said.body.decode("utf-8", "replace"), dict[str, object])


def _decoded(text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise DesktopFault(f"the OSWorld machine's answer cannot be read: {error}: {text[:200]!r}") from error


def _last(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip()[-300:] if lines else "it said nothing"
