"""The worker: one JSON object a line, in and out. Each part of an evaluator that comes in goes out as its value.

In:   {"func", "result", "expected", "options", "expects", "again", "corrected"}, an answer {"answer": ...}, or
      {"give", "text"}, a file more, to which nothing is said
Out:  {"is": "ready"}, {"is": "value", "value"}, {"is": "missing"}, {"is": "raised", "error"}, or {"ask": ...}

What the release prints goes nowhere: the pipe is ours alone, on numbers of its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, Any  # evaluators are data of the tasks, and the release's functions untyped

from . import ours
from .controller import Controller
from .names import Kind, exported
from .standins import Web, stand_in, unhurried

GIVEN, SCRATCH = Path("/given"), Path("/tmp/scratch")
COMPILED, CACHE = Path("/compiled"), Path("/tmp/compiled")
"""What numba has compiled, and where it looks for it: it uses no folder that it cannot write to."""


def limit(memory: int, seconds: int, file: int) -> None:
    """This process can never again have more than this: bytes of address space, processor time, bytes of a file."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
    ):
        resource.setrlimit(what, (most, most))


class Pipe:
    """Lines to and from handeye."""

    def __init__(self) -> None:
        self._in: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self._out: IO[bytes] = os.fdopen(os.dup(1), "wb", buffering=0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)

    def say(self, what: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(what).encode() + b"\n")

    def hear(self) -> Any:
        line = self._in.readline()
        if not line:
            raise SystemExit(0)
        return json.loads(line)

    def ask(self, question: Mapping[str, Any]) -> Any:
        self.say(question)
        return self.hear()["answer"]


class Evaluators:
    """The release's functions by name, each module loaded when first wanted."""

    def __init__(self, web: Web) -> None:
        root = Path(str(importlib.util.find_spec("desktop_env").submodule_search_locations[0]))  # type: ignore[union-attr,index]  # a package: it is there
        self._web = web
        for name in (
            "desktop_env",
            "desktop_env.evaluators",
            "desktop_env.evaluators.metrics",
            "desktop_env.evaluators.getters",
        ):
            bare = ModuleType(name)
            bare.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
            sys.modules[name] = bare
        self._modules: dict[Kind, dict[str, str]] = {
            "metrics": exported(root / "evaluators", "metrics"),
            "getters": exported(root / "evaluators", "getters"),
        }

    def get(self, kind: Kind, name: str, *, corrected: bool) -> Callable[..., Any]:
        own = ours.MISSING[kind].get(name)
        if own is not None:
            return own
        module = importlib.import_module(f"desktop_env.evaluators.{kind}.{self._modules[kind][name]}")
        for loaded, each in list(sys.modules.items()):
            if loaded.startswith("desktop_env.evaluators.getters.") and hasattr(each, "requests"):
                vars(each)["requests"] = self._web
            elif loaded.startswith("desktop_env.evaluators.metrics."):
                unhurried(each)
        function: Callable[..., Any] = getattr(module, name)
        return ours.CORRECTED[name](function) if corrected and name in ours.CORRECTED else function


class Worker:
    """Evaluates parts as `DesktopEnv.evaluate` does. It keeps the last result, because that keeps it too."""

    def __init__(self, pipe: Pipe) -> None:
        controller = Controller(pipe.ask)
        self._evaluators = Evaluators(Web(controller))
        self._env = SimpleNamespace(
            controller=controller,
            cache_dir=str(SCRATCH),
            vm_ip="desktop",
            server_port=5000,
            chromium_port=9222,
            vlc_port=8080,
            vm_platform="Linux",
            current_use_proxy=False,
        )
        self._env.vm_screen_size = None
        self._result: object = None

    def load(self, names: list[str]) -> None:
        """Import what these functions need before it is asked for, which takes seconds. What fails fails then."""
        for name in names:
            with contextlib.suppress(Exception):
                self._evaluators.get("getters" if name.startswith("get_") else "metrics", name, corrected=False)

    def value(self, part: Mapping[str, Any]) -> float | None:
        """The metric's value. Raises FileNotFoundError only where the getter of the result does."""
        corrected = bool(part["corrected"])
        if not part["again"]:
            self._result = self._got(part["result"], corrected=corrected)
        try:
            given = [self._result]
            if part["expects"]:
                given.append(self._got(part["expected"], corrected=corrected))
            metric = self._evaluators.get("metrics", part["func"], corrected=corrected)
            value = metric(*given, **part["options"])
        except FileNotFoundError as err:
            raise OSError(f"FileNotFoundError: {err}") from err
        return None if value is None else float(value)

    def _got(self, config: Any, *, corrected: bool) -> object:
        if not config:
            raise TypeError("'NoneType' object is not callable")
        return self._evaluators.get("getters", f"get_{config['type']}", corrected=corrected)(self._env, config)


def answer(worker: Worker, part: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a part comes to."""
    try:
        value = worker.value(part)
    except FileNotFoundError:
        return {"is": "missing"}
    except BaseException as err:  # noqa: BLE001 - whatever a foreign function raises is what it comes to
        return {"is": "raised", "error": f"{type(err).__name__}: {err}"[:500]}
    return {"is": "value", "value": value}


def main() -> None:
    memory, seconds, file = (int(word) for word in sys.argv[1:4])
    limit(memory, seconds, file)
    pipe = Pipe()
    shutil.copytree(GIVEN, SCRATCH)
    shutil.copytree(COMPILED, CACHE)
    os.chdir(SCRATCH)
    stand_in()
    worker = Worker(pipe)
    pipe.say({"is": "ready"})
    worker.load(sys.argv[4:])
    while True:
        heard = pipe.hear()
        if "give" in heard:
            path = SCRATCH / heard["give"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(heard["text"])
        else:
            pipe.say(answer(worker, heard))


if __name__ == "__main__":
    main()
