"""Our end of the pipe: sends the sandboxed worker one metric at a time and answers what getters ask of the desktop.

A worker serves one episode and ends with it: what an agent's file does to it reaches no other episode. Whose doing an
end is: what the desktop does is raised here as it is; a worker that dies or takes too long was most likely killed by
a file that it was given, so that is an outcome (`Raised`).
"""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import msgspec

from envs.errors import BadInput, TaskFault
from scoring.osworld import wire
from scoring.osworld.environment import Environment
from scoring.osworld.evaluator import safe
from scoring.osworld.guest import Guest
from scoring.osworld.sandbox import Sandbox
from scoring.osworld.wire import Outcome, Part, Raised

SECONDS = 300.0
"""Of its own from the first metric on, whatever it does: comparing two long sheets or tunes takes a minute on a slow
machine. While it waits for the desktop's answer its time stands still: one getter alone asks ninety commands."""
STARTS_WITHIN = 120.0
ANSWERS_WITHIN = 1200.0
"""Seconds of the desktop's, all in all: what an agent left could ask without end."""

_Heard: TypeAlias = wire.Ready | wire.Value | wire.Missing | wire.Raised
_said = msgspec.json.Decoder(_Heard)
_asked = msgspec.json.Decoder(wire.Question)


class _Ended(Exception):  # noqa: N818 - an outcome, not an error
    """The worker says no more."""


class Worker:
    """A worker that has started, to be used as a context. `files` are put where getters look, by name.

    It goes on to load what the `functions` need, so that it can be started while the agent still works; it ends with
    the thread that started it. Raises BadInput where no sandbox can run, TaskFault for a name that leaves its folder.
    """

    def __init__(
        self,
        environment: Environment,
        guest: Guest,
        files: Mapping[str, Path],
        *,
        seconds: float = SECONDS,
        functions: Sequence[str] = (),
    ) -> None:
        for name, path in files.items():
            if not safe(name) or not path.is_file():
                raise TaskFault(f"the evaluator cannot be given {name!r}: {path} is no file, or the name leads away")
        self._guest = guest
        self._late = False
        self._seconds = seconds
        self._patience = ANSWERS_WITHIN
        self._sandbox = Sandbox(environment, files, functions)
        self._timer = self._ticking(STARTS_WITHIN)
        self._measuring = False
        self._why = ""
        try:
            if not isinstance(self._hear(), wire.Ready):
                raise BadInput(f"OSWorld's evaluators did not start: {self._sandbox.words()}")
        except _Ended as err:
            words = self._sandbox.words()
            self.close()
            raise BadInput(f"OSWorld's evaluators did not start: {words}") from err
        except BaseException:
            self.close()
            raise
        self._timer.cancel()

    def _ticking(self, seconds: float) -> threading.Timer:
        self._since = time.monotonic()
        timer = threading.Timer(max(0.0, seconds), self._expire)
        timer.daemon = True
        timer.start()
        return timer

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def give(self, name: str, text: str) -> None:
        """A file more. Raises TaskFault for a name that leaves the folder."""
        if not safe(name):
            raise TaskFault(f"the evaluator cannot be given {name!r}: the name leads away")
        with contextlib.suppress(_Ended):  # `measure` says so
            self._tell(msgspec.json.encode({"give": name, "text": text}))

    def measure(self, part: Part) -> Outcome:
        """What the part comes to. Raises what the guest raises; a worker that has ended gives `Raised` for all."""
        if not self._measuring:
            self._measuring = True
            self._timer = self._ticking(self._seconds)
        try:
            self._tell(msgspec.json.encode(part))
            heard = self._hear()
        except _Ended:
            return Raised(f"its process ended: {self._cause()}")
        if isinstance(heard, wire.Ready):
            self._sandbox.kill()
            return Raised("its process ended: it spoke out of turn")
        return heard

    def close(self) -> None:
        """Nothing of it is left running."""
        self._timer.cancel()
        self._sandbox.close()

    def _expire(self) -> None:
        self._late = True
        self._sandbox.kill()

    def _cause(self) -> str:
        self._why = self._why or (
            "it took too long"
            if self._late
            else "it ran out of memory"
            if self._sandbox.out_of_memory()
            else "it was killed, or left"
        )
        return self._why

    def _hear(self) -> _Heard:
        """The next word that is not a question; questions are answered. Raises _Ended."""
        pipe = self._sandbox.process.stdout
        assert pipe is not None
        while True:
            line = pipe.readline(wire.LONGEST)
            if not line.endswith(b"\n"):
                self._sandbox.kill()
                raise _Ended
            try:
                heard: _Heard = _said.decode(line)
                return heard
            except msgspec.ValidationError:
                pass
            except msgspec.DecodeError as err:
                self._refuse(err)
            try:
                question = _asked.decode(line)
            except msgspec.ValidationError as err:
                self._refuse(err)
            self._tell(msgspec.json.encode({"answer": self._asked(question)}))

    def _asked(self, question: wire.Question) -> object:
        """The desktop's answer, for which the worker is not to blame however long it takes."""
        self._timer.cancel()
        began = time.monotonic()
        self._seconds -= began - self._since
        answer = _answer(self._guest, question)
        self._patience -= time.monotonic() - began
        self._timer = self._ticking(self._seconds if self._patience > 0 else 0.0)
        return answer

    def _refuse(self, err: msgspec.DecodeError) -> None:
        """Hear no more of a worker that says what it should not."""
        self._why = f"it said what is not in the protocol ({err})"
        self._sandbox.kill()
        raise _Ended from err

    def _tell(self, line: bytes) -> None:
        pipe = self._sandbox.process.stdin
        assert pipe is not None
        try:
            pipe.write(line + b"\n")
            pipe.flush()
        except (BrokenPipeError, ValueError) as err:
            raise _Ended from err


def _answer(guest: Guest, question: wire.Question) -> object:
    """What the desktop says to it: text as it is, bytes in base64, the rest as OSWorld's server writes it."""
    match question:
        case wire.File(path):
            return _packed(guest.file(path))
        case wire.Execute(command, shell):
            return msgspec.to_builtins(guest.execute(command, shell=shell))
        case wire.Tree():
            return guest.tree()
        case wire.Terminal():
            return guest.terminal()
        case wire.Screen():
            return msgspec.to_builtins(guest.screen())
        case wire.Window(name):
            return msgspec.to_builtins(guest.window(name))
        case wire.Wallpaper():
            return _packed(guest.wallpaper())
        case wire.Directory(path):
            return guest.directory(path)
        case wire.Page(port, path, password):
            return _packed(guest.page(port, path, password))


def _packed(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")
