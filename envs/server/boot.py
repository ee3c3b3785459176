"""From `exec` to an answering server in a tenth of a second.

The X server is started before anything else is imported: it, the home folder's copy, the session and the
imports then run side by side. Nothing here may import more than it must, and until `serve` is called there is
one thread, so plain `fork` is safe.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from envs.server.people import DISPLAY, RUNTIME, USER, become, limit_processes, session_environment

FOLDER = Path("/run/handeye")
TEMPLATE = Path("/usr/share/handeye/home")
SESSION = Path("/etc/handeye/session.sh")
BARE_SESSION = f"dbus-daemon --session --address=unix:path={RUNTIME}/bus --nofork --nopidfile & exec openbox"
"""What runs where the image brings no session script."""


@dataclass(frozen=True)
class Started:
    """What is already under way when the server proper is imported.

    `x_up` is a pipe on which a byte arrives when the X server answers; it ends without one if that died.
    """

    x_server: int
    session: int
    x_up: int


def main() -> None:
    """Start everything and serve until SIGTERM."""
    config = (FOLDER / "config.json").read_bytes()
    told = json.loads(config)
    limit_processes()
    _make_folders()
    started = _start(int(told["size"]["width"]), int(told["size"]["height"]), str(told.get("clock", "")))
    # A launcher may end the server while it still imports: what was started goes with it.
    signal.signal(signal.SIGTERM, lambda *_: _abandon(started))

    from envs.server.app import serve

    serve(config, started)


def session_command() -> list[str]:
    """What runs as the desktop's session: the image's script, or a bare window manager."""
    return [str(SESSION)] if SESSION.exists() else ["/bin/sh", "-c", BARE_SESSION]


def _make_folders() -> None:
    for path, mode, owner in (
        (Path("/tmp/.X11-unix"), 0o1777, 0),
        (Path("/tmp/.ICE-unix"), 0o1777, 0),
        (FOLDER / "vnc", 0o700, DISPLAY.uid),
        (Path(RUNTIME).parent, 0o755, 0),
        (Path(RUNTIME), 0o700, USER.uid),
        (Path(USER.home), 0o755, USER.uid),
    ):
        path.mkdir(exist_ok=True)
        path.chmod(mode)
        os.chown(path, owner, owner)


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
    return Started(x_server=x_server, session=session, x_up=up)


def _run(body: object) -> None:
    """Never returns: a child must not come back into the server's code."""
    try:
        assert callable(body)
        body()
    finally:
        os._exit(127)


def _x_server(width: int, height: int, number_out: int) -> None:
    # From here, by a relative name: the folder above admits root alone, and so nobody but root reaches the view.
    os.chdir(FOLDER / "vnc")
    os.setsid()
    become(DISPLAY)
    screen = ["-geometry", f"{width}x{height}", "-depth", "24", "-dpi", "96"]
    view = ["-rfbunixpath", "./vnc.sock", "-rfbport", "-1", "-SecurityTypes", "None", "-AlwaysShared"]
    quiet = ["-nolisten", "tcp", "-noreset", "-displayfd", str(number_out)]
    os.execve("/usr/bin/Xvnc", ["Xvnc", ":0", *screen, *view, *quiet], {"PATH": "/usr/bin:/bin", "HOME": "/tmp"})


def _session(number: int, up_out: int, moment: str) -> None:
    os.setsid()
    os.chdir(USER.home)
    become(USER)
    copy = ["cp", "-a", f"{TEMPLATE}/.", USER.home]
    copying = os.posix_spawn("/bin/cp", copy, {"PATH": "/bin"}) if TEMPLATE.exists() else 0
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
    environment = session_environment()
    if moment:
        from envs.server.clock import Clock

        clock = Clock()
        clock.set(moment)
        environment |= clock.environment()
    os.execve(command[0], command, environment)


def _abandon(started: Started) -> None:
    for pid in (started.session, started.x_server):
        os.kill(pid, signal.SIGKILL)
    sys.exit(0)
