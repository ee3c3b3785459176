"""A desktop of ours as OSWorld's getters see it: through the same endpoints that OSWorld's own controllers use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar, cast  # what an endpoint says is JSON

import msgspec

from envs.errors import DesktopFault
from envs.osworld.api import Answer, Api, Asked
from envs.osworld.machine import Machine, NotStarted
from envs.types import Size
from scoring.osworld.guest import Output

P = ParamSpec("P")
T = TypeVar("T")
_PAGE = """
import base64, sys, urllib.request
request = urllib.request.Request(sys.argv[1])
request.add_header("Authorization", "Basic " + base64.b64encode((":" + sys.argv[2]).encode()).decode())
sys.stdout.buffer.write(urllib.request.urlopen(request, timeout=10).read())
"""


class Watched:
    """The machine, which remembers that the desktop failed: an endpoint makes an answer even of that."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.fault: DesktopFault | None = None

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._machine, name)
        return self._noting(value) if callable(value) else value

    def _noting(self, call: Callable[P, T]) -> Callable[P, T]:
        def noting(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return call(*args, **kwargs)
            except DesktopFault as fault:
                self.fault = fault
                raise

        return noting


class Shown:
    """A `Guest` over a machine. Raises DesktopFault where the machine does."""

    def __init__(self, machine: Machine) -> None:
        self._watched = Watched(machine)
        self._machine = cast(Machine, self._watched)  # every attribute of it is the machine's
        self._api = Api(self._machine)

    def file(self, path: str) -> bytes | None:
        """See `Guest.file`."""
        return self._body("POST", "/file", Asked(form={"file_path": path}))

    def execute(self, command: str | Sequence[str], *, shell: bool) -> Output | None:
        """See `Guest.execute`."""
        words = command if isinstance(command, str) else list(command)
        said = self._json("POST", "/execute", {"command": words, "shell": shell})
        return None if said is None else msgspec.convert(said, Output)

    def tree(self) -> str | None:
        """See `Guest.tree`."""
        said = self._json("GET", "/accessibility")
        return None if said is None else str(said["AT"])

    def terminal(self) -> str | None:
        """See `Guest.terminal`."""
        said = self._json("GET", "/terminal")
        return None if said is None or said["output"] is None else str(said["output"])

    def screen(self) -> Size:
        """See `Guest.screen`."""
        return self._machine.size

    def window(self, name: str) -> Size | None:
        """See `Guest.window`."""
        body = self._body("POST", "/window_size", Asked(form={"app_class_name": name}))
        return None if body is None else msgspec.json.decode(body, type=Size)

    def wallpaper(self) -> bytes | None:
        """See `Guest.wallpaper`."""
        return self._body("POST", "/wallpaper", Asked())

    def directory(self, path: str) -> str | None:
        """See `Guest.directory`."""
        said = self._json("POST", "/list_directory", {"path": path})
        return None if said is None else msgspec.json.encode(said["directory_tree"]).decode()

    def page(self, port: int, path: str, password: str) -> bytes | None:
        """See `Guest.page`."""
        try:
            ran = self._machine.run("python3", "-c", _PAGE, f"http://127.0.0.1:{port}{path}", password, seconds=20.0)
        except (TimeoutError, NotStarted):
            return None
        return ran.stdout if ran.code == 0 else None

    def _json(self, method: str, path: str, fields: dict[str, object] | None = None) -> Any:
        asked = Asked() if fields is None else Asked(body=msgspec.json.encode(fields), json=True)
        body = self._body(method, path, asked)
        return None if body is None else msgspec.json.decode(body)

    def _body(self, method: str, path: str, asked: Asked) -> bytes | None:
        answer: Answer = self._api.answer(method, path, asked)
        if self._watched.fault is not None:
            raise self._watched.fault
        return answer.body if answer.status == 200 else None
