"""From `exec` to an answering server in a tenth of a second.

The X server is started before anything else is imported: it, the home folder's copy, the session and the
imports then run side by side. Until `serve` is called there is one thread, so plain `fork` is safe. No pathlib
and no dataclasses before that: together they would delay the X server by 10 ms (measured).
"""
# ruff: noqa: PTH101, PTH103, PTH110, PTH120, PTH123

from __future__ import annotations

import os
import signal
import sys

import msgspec

from envs.server.people import DISPLAY, RUNTIME, USER, Person, become, limit_processes, session_environment

TYPE_CHECKING = False  # as in typing, which need not be loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = "/run/handeye"
TEMPLATE = "/usr/share/handeye/home"
SESSION = "/etc/handeye/session.sh"
BARE_SESSION = f"dbus-daemon --session --address=unix:path={RUNTIME}/bus --nofork --nopidfile & exec openbox"
"""What runs where the image brings no session script."""
ROOT = Person("root", 0, "/root")


class Started:
    """What is already under way when the server proper is imported: two processes and a pipe.

    On `x_up` two bytes arrive when the X server answers; it ends without them if that died.
    """

    def __init__(self, x_server: int, session: int, x_up: int) -> None:
        self.x_server = x_server
        self.session = session
        self.x_up = x_up


def main() -> None:
    """Start everything and serve until SIGTERM."""
    with open(f"{FOLDER}/config.json", "rb") as file:
        config = file.read()
    told = msgspec.json.decode(config)
    limit_processes()
    _make_folders()
    started = _start(int(told["size"]["width"]), int(told["size"]["height"]), str(told.get("clock", "")))
    # A launcher may end the server while it still imports: what was started goes with it.
    signal.signal(signal.SIGTERM, lambda *_: _abandon(started))

    from envs.server.prepare import lend

    lend()
    from envs.server.app import serve

    serve(config, started)


def session_command() -> list[str]:
    """What runs as the desktop's session: the image's script, or a bare window manager."""
    return [SESSION] if os.path.exists(SESSION) else ["/bin/sh", "-c", BARE_SESSION]


def _make_folders() -> None:
    for path, mode, owner in (
        ("/tmp/.X11-unix", 0o1777, ROOT),
        ("/tmp/.ICE-unix", 0o1777, ROOT),
        (f"{FOLDER}/vnc", 0o700, DISPLAY),
        (os.path.dirname(RUNTIME), 0o755, ROOT),
        (RUNTIME, 0o700, USER),
        (USER.home, 0o755, USER),
    ):
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        os.chown(path, owner.uid, owner.uid)


def _start(width: int, height: int, moment: str) -> Started:
    number, number_out = os.pipe()
    up, up_out = os.pipe()
    os.set_inheritable(number_out, True)
    x_server = os.fork()
    if x_server == 0:
        _run(lambda: _x_server(width, height, number_out))
    os.close(number_out)
    session = os.fork()
    if session == 0:
        _run(lambda: _session(number, up_out, moment))
    os.close(number)
    os.close(up_out)
    return Started(x_server, session, up)


def _run(body: Callable[[], None]) -> None:
    """Never returns: a child must not come back into the server's code."""
    try:
        body()
    finally:
        os._exit(127)


def _x_server(width: int, height: int, number_out: int) -> None:
    # From here, by a relative name: the folder above admits root alone, and so nobody but root reaches the view.
    os.chdir(f"{FOLDER}/vnc")
    os.setsid()
    become(DISPLAY)
    shown = ["-geometry", f"{width}x{height}", "-depth", "24", "-dpi", "96"]
    view = ["-rfbunixpath", "./vnc.sock", "-rfbport", "-1", "-SecurityTypes", "None", "-AlwaysShared"]
    # GLX would load LLVM for a software renderer that no application here asks for: half of the server's start.
    quiet = ["-nolisten", "tcp", "-extension", "GLX", "-noreset", "-displayfd", str(number_out)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "TZ": "UTC"}
    os.execve("/usr/bin/Xvnc", ["Xvnc", ":0", *shown, *view, *quiet], environment)


def _session(number: int, up_out: int, moment: str) -> None:
    from envs.server import clock

    clock.put(moment)
    os.setsid()
    os.chdir(USER.home)
    become(USER)
    copy = ["cp", "-a", f"{TEMPLATE}/.", USER.home]
    copying = os.posix_spawn("/bin/cp", copy, {"PATH": "/bin"}) if os.path.exists(TEMPLATE) else 0
    # To the newline: the X server dies if nobody is there to read it.
    said = b""
    while not said.endswith(b"\n"):
        part = os.read(number, 16)
        if not part:
            return
        said += part
    os.write(up_out, b"up")
    if copying:
        os.waitpid(copying, 0)
    command = session_command()
    os.execve(command[0], command, session_environment())


def _abandon(started: Started) -> None:
    for pid in (started.session, started.x_server):
        os.kill(pid, signal.SIGKILL)
    sys.exit(0)
