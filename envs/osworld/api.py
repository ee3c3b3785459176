"""What OSWorld's server answers, endpoint by endpoint: the bodies, status codes and words that its clients know.

Kept as it is: a command that fails is a success with its return code; with `shell` and a list only the first element
is a command; `shell` may be the word "true"; activating or closing a window that is not there succeeds. Done better:
`/window_size` of no window is a 404 where OSWorld's server breaks (500), `/run_bash_script` works, `/open_file` looks
for the window every quarter of a second, and `/start_recording` answers at once: that a recording failed is said at
its end.

Not to be had: what `sudo` would really allow (`no_new_privs`: the image's takes the password and runs the command
with the user's rights, see docker/README.md), a file of more than 64 MiB (500), and descriptions and actions in the
accessibility tree: see `a11y`.
"""

from __future__ import annotations

import glob
import re
import secrets
import shlex
import time
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from envs.errors import DesktopFault, TaskFault
from envs.osworld import a11y, titles
from envs.osworld.machine import Machine, NotStarted
from envs.settle import until
from envs.types import Entry

HOME: Final = "/home/user"
EXECUTE_SECONDS: Final = 120.0
PYTHON_SECONDS: Final = 30.0
BASH_SECONDS: Final = 100.0
OPEN_SECONDS: Final = 1800.0
PAUSE: Final = 0.25
FPS: Final = 10
"""OSWorld's server takes 30 frames a second, which costs a core."""
HTML, JSON, PNG, BYTES = "text/html; charset=utf-8", "application/json", "image/png", "application/octet-stream"


class Asked(msgspec.Struct, frozen=True):
    """A request, read. `form` and `files` are of a form or of parts; `body` of JSON is read where it is wanted."""

    body: bytes = b""
    json: bool = False
    form: Mapping[str, str] = {}
    files: Mapping[str, bytes] = {}


class Answer(msgspec.Struct, frozen=True):
    """A response."""

    status: int
    kind: str
    body: bytes


class Bad(Exception):  # noqa: N818 - an answer
    """The request is answered with this status; the text is for whoever asked."""

    def __init__(self, status: int, said: str | dict[str, Any]) -> None:
        super().__init__(str(said))
        self.answer = text(said, status) if isinstance(said, str) else as_json(said, status)


def text(said: str, status: int = 200) -> Answer:
    """Plain words, as Flask sends them."""
    return Answer(status, HTML, said.encode())


def as_json(what: Any, status: int = 200) -> Answer:  # Any: whatever JSON can be
    """JSON."""
    return Answer(status, JSON, msgspec.json.encode(what))


class Api:
    """OSWorld's endpoints over a machine. `answer` may be called by several threads."""

    def __init__(self, machine: Machine, *, open_seconds: float = OPEN_SECONDS) -> None:
        self._machine = machine
        self._open_seconds = open_seconds
        self._closed = False
        self._endpoints: dict[str, tuple[str, Callable[[Asked], Answer]]] = {
            "/screenshot": ("GET", self._screenshot),
            "/accessibility": ("GET", self._accessibility),
            "/terminal": ("GET", self._terminal),
            "/platform": ("GET", lambda _: text("Linux")),
            "/cursor_position": ("GET", self._cursor),
            "/screen_size": ("POST", self._screen_size),
            "/window_size": ("POST", self._window_size),
            "/desktop_path": ("POST", self._desktop_path),
            "/wallpaper": ("POST", self._wallpaper),
            "/list_directory": ("POST", self._list_directory),
            "/file": ("POST", self._file),
            "/execute": ("POST", self._execute),
            "/setup/execute": ("POST", self._execute),
            "/execute_with_verification": ("POST", self._verified),
            "/setup/execute_with_verification": ("POST", self._verified),
            "/setup/launch": ("POST", self._launch),
            "/setup/upload": ("POST", self._upload),
            "/setup/download_file": ("POST", self._download),
            "/setup/open_file": ("POST", self._open),
            "/setup/change_wallpaper": ("POST", self._change_wallpaper),
            "/setup/activate_window": ("POST", lambda asked: self._window(asked, "-a", "activated")),
            "/setup/close_window": ("POST", lambda asked: self._window(asked, "-c", "closed")),
            "/start_recording": ("POST", self._start_recording),
            "/end_recording": ("POST", self._end_recording),
            "/run_python": ("POST", self._run_python),
            "/run_bash_script": ("POST", self._run_bash),
        }

    @property
    def endpoints(self) -> dict[str, str]:
        """Every path with its method."""
        return {path: method for path, (method, _) in self._endpoints.items()}

    def close(self) -> None:
        """What waits for a window waits no longer."""
        self._closed = True

    def answer(self, method: str, path: str, asked: Asked) -> Answer:
        """Do what is asked. Never raises for what the machine or the caller does wrong: that is an answer too."""
        known = self._endpoints.get(path)
        if known is None:
            return text("Not Found", 404)
        if method != known[0] and (method, known[0]) != ("HEAD", "GET"):
            return text("Method Not Allowed", 405)
        try:
            return known[1](asked)
        except Bad as bad:
            return bad.answer
        except (DesktopFault, TaskFault, NotStarted, TimeoutError, ValueError) as error:
            return as_json({"status": "error", "message": str(error), "error": str(error)}, 500)

    def _screenshot(self, _: Asked) -> Answer:
        return Answer(200, PNG, self._machine.screenshot())

    def _accessibility(self, _: Asked) -> Answer:
        return as_json({"AT": a11y.xml(self._machine.tree())})

    def _terminal(self, _: Asked) -> Answer:
        return as_json({"output": a11y.terminal(self._machine.tree()), "status": "success"})

    def _cursor(self, _: Asked) -> Answer:
        ran = self._machine.run("python3", "-c", "import pyautogui; print(*pyautogui.position())", seconds=20.0)
        return as_json([int(word) for word in ran.stdout.split()])

    def _screen_size(self, _: Asked) -> Answer:
        return as_json({"width": self._machine.size.width, "height": self._machine.size.height})

    def _window_size(self, asked: Asked) -> Answer:
        name = asked.form.get("app_class_name")
        if not name:
            raise Bad(400, {"error": "app_class_name is required"})
        found = titles.classed(self._listed(), name)
        if found is None:
            raise Bad(404, {"error": f"no window of class {name!r}"})
        return as_json({"width": found.width, "height": found.height})

    def _listed(self) -> tuple[titles.Listed, ...]:
        ran = self._machine.run("wmctrl", "-lGx", seconds=20.0)
        return titles.listed(ran.stdout.decode("utf-8", "replace"))

    def _desktop_path(self, _: Asked) -> Answer:
        path = f"{HOME}/Desktop"
        if not self._machine.files(path):
            raise Bad(404, {"error": f"Desktop path not found: {path}"})
        return as_json({"desktop_path": path})

    def _wallpaper(self, _: Asked) -> Answer:
        ran = self._machine.run(
            "gsettings", "get", "org.gnome.desktop.background", "picture-uri", seconds=20.0
        )  # fmt: skip
        path = ran.stdout.decode("utf-8", "replace").strip().strip("'").removeprefix("file://")
        try:
            return Answer(200, PNG, self._machine.read_file(path))
        except (FileNotFoundError, IsADirectoryError, ValueError) as error:
            raise Bad(404, f"No wallpaper file: {error}") from error

    def _list_directory(self, asked: Asked) -> Answer:
        path = _string(_fields(asked), "path")
        at = self._whole(path)
        top = self._machine.files(glob.escape(at))
        if not top or top[0].kind != "folder":
            raise Bad(400, {"error": f"The provided path is not a directory: {path}"})
        return as_json({"directory_tree": folder(at, self._machine.files(f"{glob.escape(at.rstrip('/'))}/**/*"))})

    def _file(self, asked: Asked) -> Answer:
        path = asked.form.get("file_path")
        if not path:
            raise Bad(400, {"error": "file_path is required"})
        try:
            return Answer(200, BYTES, self._machine.read_file(self._whole(path)))
        except FileNotFoundError as error:
            raise Bad(404, {"error": "File not found", "path": path}) from error
        except IsADirectoryError as error:
            raise Bad(500, {"error": f"[Errno 21] Is a directory: {path!r}"}) from error

    def _execute(self, asked: Asked) -> Answer:
        return as_json(self._executed(_fields(asked)))

    def _executed(self, fields: dict[str, Any]) -> dict[str, Any]:
        ran = self._machine.run(*words(fields), seconds=EXECUTE_SECONDS)
        return {
            "status": "success", "output": _lines(ran.stdout), "error": _lines(ran.stderr), "returncode": ran.code
        }  # fmt: skip

    def _verified(self, asked: Asked) -> Answer:
        fields = _fields(asked)
        done, wanted = self._executed(fields), fields.get("verification")
        most, pause = _number(fields, "max_wait_time", 10.0), _number(fields, "check_interval", 1.0)
        began = time.monotonic()
        if until(
            lambda: self._holds(wanted if isinstance(wanted, dict) else {}) or self._closed,
            deadline=most,
            pause=pause,
        ):
            return as_json({**done, "verification": "passed", "wait_time": time.monotonic() - began})
        raise Bad(500, {**done, "status": "verification_failed", "verification": "failed", "wait_time": most})

    def _holds(self, wanted: dict[str, Any]) -> bool:
        title, command = wanted.get("window_exists"), wanted.get("command_success")
        if title and titles.meant(self._listed(), str(title), strict=False, by_class=False) is None:
            return False
        if not command:
            return True
        argv = words({"command": command, "shell": isinstance(command, str)})
        return self._machine.run(*argv, seconds=5.0).code == 0

    def _launch(self, asked: Asked) -> Answer:
        fields = _fields(asked)
        self._machine.launch(*words(fields))
        command = fields["command"]
        return text(f"{command if isinstance(command, str) else ' '.join(command)} launched successfully")

    def _upload(self, asked: Asked) -> Answer:
        path, data = asked.form.get("file_path"), asked.files.get("file_data")
        if not path or data is None:
            raise Bad(400, "file_path and file_data are required")
        self._machine.put(self._whole(path), data)
        return text(f"File Uploaded: {len(data)} bytes")

    def _download(self, asked: Asked) -> Answer:
        fields = _fields(asked)
        url, path = _string(fields, "url"), self._whole(_string(fields, "path"))
        argv = ("curl", "-fsSL", "--retry", "2", "--create-dirs", "--max-time", "300", "-o", path, "--", url)
        ran = self._machine.run(*argv, seconds=310.0)
        if ran.code != 0:
            raise Bad(500, f"Failed to download {url}: {_lines(ran.stderr).strip()}")
        return text("File downloaded successfully")

    def _open(self, asked: Asked) -> Answer:
        said = _string(_fields(asked), "path")
        path = self._whole(said)
        if self._machine.files(glob.escape(path)):
            self._machine.launch("xdg-open", path)
        elif "/" not in said and self._machine.run("which", said, seconds=20.0).code == 0:
            self._machine.launch(said)
        else:
            raise Bad(404, f"File not found: {said}")
        names = (PurePosixPath(path).name, PurePosixPath(path).stem)
        found = until(lambda: self._closed or self._called(names), deadline=self._open_seconds, pause=PAUSE)
        if not isinstance(found, titles.Listed):
            raise Bad(500, f"Failed to find window for {names[0]} within {self._open_seconds:g} seconds.")
        self._machine.run("wmctrl", "-i", "-a", found.id, seconds=20.0)
        return text("File opened and window activated successfully")

    def _called(self, names: tuple[str, ...]) -> titles.Listed | None:
        windows = self._listed()
        each = (titles.meant(windows, name, strict=False, by_class=False) for name in names)
        return next((found for found in each if found is not None), None)

    def _change_wallpaper(self, asked: Asked) -> Answer:
        path = self._whole(_string(_fields(asked), "path"))
        if not self._machine.files(glob.escape(path)):
            raise Bad(404, f"File not found: {path}")
        argv = ("gsettings", "set", "org.gnome.desktop.background", "picture-uri", f"file://{path}")
        ran = self._machine.run(*argv, seconds=20.0)
        if ran.code != 0:
            raise Bad(500, f"Failed to change wallpaper. Error: {_lines(ran.stderr).strip()}")
        return text("Wallpaper changed successfully")

    def _window(self, asked: Asked, how: str, done: str) -> Answer:
        fields = _fields(asked)
        name = _string(fields, "window_name")
        strict, by_class = bool(fields.get("strict", False)), bool(fields.get("by_class", False))
        found = titles.meant(self._listed(), name, strict=strict, by_class=by_class)
        if found is not None:
            self._machine.run("wmctrl", "-i", how, found.id, seconds=20.0)
        return text(f"Window {done} successfully")

    def _start_recording(self, _: Asked) -> Answer:
        try:
            self._machine.record(FPS)
        except ValueError as error:
            raise Bad(400, {"status": "error", "message": "Recording is already in progress."}) from error
        return as_json({"status": "success", "message": "Started recording"})

    def _end_recording(self, _: Asked) -> Answer:
        try:
            return Answer(200, "video/mp4", self._machine.recorded())
        except ValueError as error:
            raise Bad(400, {"status": "error", "message": "No recording in progress to stop."}) from error

    def _run_python(self, asked: Asked) -> Answer:
        code = _string(_fields(asked), "code", "Code not supplied!")
        path = self._script(code, "py")
        try:
            ran = self._machine.run("/usr/bin/python3", path, seconds=PYTHON_SECONDS)
        except TimeoutError as error:
            why = f"Execution timed out after {PYTHON_SECONDS:g} seconds"
            raise Bad(500, {"status": "error", "message": why, "output": None, "error": why}) from error
        finally:
            self._machine.run("rm", "-f", path, seconds=20.0)
        said, wrong = _lines(ran.stdout), _lines(ran.stderr)
        if ran.code != 0 and not wrong:
            wrong = f"Process exited with code {ran.code}"
        both = "\n".join(part for part in (said, wrong) if part)
        told = {"status": "success" if ran.code == 0 else "error", "message": both, "need_more": False}
        return as_json({**told, "output": said, "error": wrong, "return_code": ran.code})

    def _run_bash(self, asked: Asked) -> Answer:
        fields = _fields(asked)
        script = _string(fields, "script", "No script provided")
        seconds, at = _number(fields, "timeout", BASH_SECONDS), self._whole(str(fields.get("working_dir") or HOME))
        there = self._machine.files(glob.escape(at))
        if not there or there[0].kind != "folder":
            why = f"Working directory does not exist: {at}"
            raise Bad(400, {"status": "error", "output": why, "error": "", "returncode": -1})
        path = self._script(script, "sh")
        both = 'cd -- "$1" && exec /bin/bash "$2" 2>&1'
        try:
            ran = self._machine.run("/bin/bash", "-c", both, "bash", at, path, seconds=seconds)
        except TimeoutError as error:
            why = f"Script execution timed out after {seconds:g} seconds"
            raise Bad(500, {"status": "error", "output": why, "error": "", "returncode": -1}) from error
        finally:
            self._machine.run("rm", "-f", path, seconds=20.0)
        return as_json({
            "status": "success" if ran.code == 0 else "error", "output": _lines(ran.stdout), "error": "",
            "returncode": ran.code,
        })  # fmt: skip

    def _script(self, code: str, ending: str) -> str:
        path = f"/tmp/script_{secrets.token_hex(8)}.{ending}"
        self._machine.put(path, code.encode())
        return path

    def _whole(self, path: str) -> str:
        """An absolute path: `~` and variables of the session stand for what they are, a relative one is at home."""
        if "$" in path:
            path = self._expanded(path)
        if path == "~" or path.startswith(("~/", "~user/")):
            path = HOME + path.lstrip("~").removeprefix("user")
        return path if path.startswith("/") else f"{HOME}/{path}"

    def _expanded(self, path: str) -> str:
        told = self._machine.run("env", "-0", seconds=20.0).stdout.decode("utf-8", "replace")
        known = {name: value for name, _, value in (line.partition("=") for line in told.split("\0"))}
        return re.sub(r"\$(?:(\w+)|\{(\w+)\})", lambda found: known.get(found[1] or found[2], found[0]), path)


def words(fields: dict[str, Any]) -> tuple[str, ...]:
    """The command to start, as `subprocess` takes OSWorld's `command` and `shell`. Raises Bad for what is none."""
    command, shell = fields.get("command"), fields.get("shell", False)
    if not (isinstance(command, str) or (isinstance(command, list) and all(isinstance(one, str) for one in command))):
        command = None
    if not command:
        raise Bad(
            500,
            {
                "status": "error",
                "message": f"a command is words, not {fields.get('command')!r}",
                "error": "no command",
            },
        )
    if isinstance(command, str):
        command = [command] if shell else shlex.split(command)
    command = [f"{HOME}{word[1:]}" if word.startswith("~/") else word for word in command]
    return ("/bin/sh", "-c", *command) if shell else tuple(command)


def folder(path: str, entries: tuple[Entry, ...]) -> dict[str, Any]:
    """The tree of a folder: every folder with its children, by name."""
    root: dict[str, Any] = {"type": "directory", "name": PurePosixPath(path).name, "children": []}
    known = {str(PurePosixPath(path)): root}
    for entry in sorted(entries, key=lambda entry: PurePosixPath(entry.path).parts):
        at = PurePosixPath(entry.path)
        node: dict[str, Any] = {"type": "file", "name": at.name}
        if entry.kind == "folder":
            node = {"type": "directory", "name": at.name, "children": []}
            known[str(at)] = node
        above = known.get(str(at.parent))
        if above is not None:
            above["children"].append(node)
    return root


def _fields(asked: Asked) -> dict[str, Any]:
    if not asked.json:
        raise Bad(415, "Unsupported Media Type: send application/json")
    try:
        return msgspec.json.decode(asked.body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Bad(400, f"Bad Request: {error}") from error


def _string(fields: dict[str, Any], name: str, missing: str = "") -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        why = missing or f"{name} is required"
        raise Bad(400, {"status": "error", "message": why, "error": why})
    return value


def _number(fields: dict[str, Any], name: str, usual: float) -> float:
    value = fields.get(name)
    if value is None:
        return usual
    if not isinstance(value, (int, float)) or not value > 0:
        raise Bad(400, {"status": "error", "message": f"{name} is a number above 0, not {value!r}", "error": name})
    return float(value)


def _lines(raw: bytes) -> str:
    """Text as Python's `text=True` gives it."""
    return raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
