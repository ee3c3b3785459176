"""What stands for libraries that are left out, and for the clock and the network where nobody should wait or go.

`standing_in` lets the release's modules be imported without some libraries: each name in them is there, and
raises when it is used. The tasks whose evaluators use one are known beforehand (`scoring.osworld.names`).
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import time
from collections.abc import Mapping, MutableSequence
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn  # a stand-in takes whatever it is called with

from .controller import Controller

LEFT_OUT = ("acoustid", "borb", "easyocr", "pdfplumber", "playwright", "pydrive")
LATE = ("cv2", "formulas", "librosa")
"""Imported by the release whenever one of its neighbours is, and slow to load: not before they are used."""


class Absent:
    """Something of a library that is left out."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise ImportError(f"{self._name} is left out of the evaluators' environment")

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}")


class _Empty(ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012 - as every package has it; nothing is ever in it

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self) -> None:
        self._late = set(LATE)

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in LEFT_OUT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if fullname in self._late:
            self._late.remove(fullname)  # cv2 imports its other half under its own name while it loads: at once
            spec = importlib.machinery.PathFinder.find_spec(fullname)
            if spec is not None and spec.loader is not None:
                spec.loader = importlib.util.LazyLoader(spec.loader)
            return spec
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def stand_in() -> None:
    """From now on the libraries that are left out can be imported, and the slow ones load when used."""
    sys.meta_path.insert(0, _Finder())


def unhurried(module: ModuleType) -> None:
    """A metric waits for nothing: its files do not change, so what is missing or broken now stays so."""
    if hasattr(module, "time"):
        vars(module)["time"] = SimpleNamespace(**{**vars(time), "sleep": lambda _seconds: None})


class Answered:
    """As much of a response of `requests` as getters look at."""

    def __init__(self, status: int, content: bytes, said: object = None) -> None:
        self.status_code, self.content, self._said = status, content, said

    def json(self) -> object:
        return self._said


class Web:
    """What getters take for `requests`: commands and VLC's page go to the controller, all else nowhere."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def post(self, url: str, json: Mapping[str, Any] | None = None, **_: object) -> Answered:
        if url.endswith("/execute") and json is not None:
            said = self._controller.execute(json["command"], json.get("shell", False))
            if said is None:
                return Answered(500, b"", {"status": "error", "message": "it could not be run"})
            return Answered(200, b"", said)
        raise ConnectionError(f"there is no network here: {url}")

    def get(self, url: str, **options: Any) -> Answered:
        host, _, path = url.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        if name != "desktop" or not port:
            raise ConnectionError(f"there is no network here: {url}")
        page = self._controller.page(int(port), f"/{path}", options.get("auth", ("", ""))[1])
        return Answered(404, b"") if page is None else Answered(200, page)
