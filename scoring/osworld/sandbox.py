"""Where the evaluators run: a bubblewrap sandbox without network, home or anything to write to but its memory.

Agent-written files are opened, and some of them run, in there. It sees the system's programs and libraries, the
evaluators' environment and the files it is given, all read-only; it has no capability, no address and no other
process to see, and ends with whoever started it. Its memory, processor time and life are limited.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from envs import fence, lease
from envs.errors import DesktopFault
from scoring.osworld.environment import Environment

INSIDE = Path(__file__).parent / "inside"
MEMORY = 4 << 30
PROCESSOR = 240
"""Seconds."""
SCRATCH = 1 << 30
"""Bytes that it can write, all in all, and the most that a file of it can have."""
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/tmp",
    "PYTHONPATH": "/evaluators:/packages",
    "PYTHONDONTWRITEBYTECODE": "1",
    "NUMBA_CACHE_DIR": "/tmp/compiled",
    "MPLCONFIGDIR": "/tmp",
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    # Threads would each take address space, and the machine is the desktops'.
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
}


def obstacle() -> str:
    """Why there can be no sandbox here and what to do, in one line; empty when there can."""
    if shutil.which("bwrap") is None:
        return "OSWorld's evaluators run in a sandbox, and bubblewrap is missing: apt-get install bubblewrap"
    return ""


class Sandbox:
    """A sandbox that has been started, with the worker in it at the other end of `process`'s pipes."""

    def __init__(self, environment: Environment, files: Mapping[str, Path], functions: Sequence[str] = ()) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._fence = fence.fence(f"{lease.me()}-{secrets.token_hex(4)}")
        try:
            self.process = self._start(environment, files, functions)
        except BaseException:
            self._fence.remove()
            self._errors.close()
            raise

    def _start(
        self, environment: Environment, files: Mapping[str, Path], functions: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        told, tell = os.pipe()
        held, release = os.pipe()
        with os.fdopen(told, "rb") as info, os.fdopen(release, "wb") as gate:
            try:
                process = subprocess.Popen(
                    _worker(environment, files, functions, info=tell, hold=held),
                    pass_fds=(tell, held),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                )
            finally:
                os.close(tell)
                os.close(held)
            said = info.read()
            if said:
                self._fence.admit(json.loads(said)["child-pid"])
            gate.write(b"go")
        return process

    def kill(self) -> None:
        """End it at once, with everything in it. May be called from any thread, and twice."""
        self.process.kill()

    def words(self) -> str:
        """The last thing bubblewrap or the interpreter complained of."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][-300:] if lines else "it said nothing"

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed something in it for want of memory."""
        return self._fence.out_of_memory()

    def close(self) -> None:
        """Nothing of it is left running."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                pass  # what it was still to hear
        self._fence.remove()
        self._errors.close()


def _worker(
    environment: Environment, files: Mapping[str, Path], functions: Sequence[str], *, info: int, hold: int
) -> list[str]:
    given = {f"/given/{name}": path for name, path in files.items()}
    seen = [word for inside, path in given.items() for word in ("--ro-bind", str(path), inside)]
    compiled = ("--ro-bind", str(environment.compiled), "/compiled")
    words = (str(MEMORY), str(PROCESSOR), str(SCRATCH), *functions)
    return command(
        environment, [*seen, *compiled], "inside", words, options=("--info-fd", str(info), "--block-fd", str(hold))
    )


def command(
    environment: Environment, mounts: Sequence[str], module: str, words: Sequence[str], options: Sequence[str] = ()
) -> list[str]:
    """What runs a module of `inside` in a sandbox that sees the mounts, too."""
    program, installation, variables = _python(environment)
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--hostname", "evaluators"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", *options),
        *_system(),
        *installation,
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(SCRATCH), "--tmpfs", "/tmp", "--dir", "/given"),
        *("--ro-bind", str(environment.packages), "/packages", "--ro-bind", str(INSIDE), "/evaluators/inside"),
        "--clearenv",
        *(word for name, value in {**_ENVIRONMENT, **variables}.items() for word in ("--setenv", name, value)),
        *mounts,
        *("--remount-ro", "/"),
        *("--chdir", "/tmp", "--", program, "-s", "-P", "-m", module, *words),
    ]


def _system() -> Iterator[str]:
    """The system's programs and libraries, and nothing that tells of this machine."""
    yield from ("--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    for name in ("bin", "sbin", "lib", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))


def _python(environment: Environment) -> tuple[str, list[str], dict[str, str]]:
    """The interpreter as it is called inside, with mounts and variables. One in a home is seen elsewhere."""
    base = environment.base
    if base == Path("/usr") or Path("/usr") in base.parents:
        return str(environment.program), [], {}
    try:
        program = environment.program.relative_to(base)
    except ValueError as err:
        raise DesktopFault(f"the interpreter {environment.program} is not in its installation {base}") from err
    variables = {"PYTHONHOME": "/python", "LD_LIBRARY_PATH": "/python/lib"}
    return f"/python/{program}", ["--ro-bind", str(base), "/python"], variables
