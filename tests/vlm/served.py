"""A model of the tests' own, served on this machine by `transformers serve`."""

from __future__ import annotations

import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envs.settle import until
from envs.venv import ensure

ROOT = Path(__file__).parents[2]
TOYS = Path(__file__).parent / "toy"
NEEDS = ROOT / "requirements" / "vlm.txt"


def environment() -> Path:
    """The folder of the commands of the environment that serves. Made once, and kept in the cache.

    Under Python 3.11 if there is one: the machine may have CPU builds of PyTorch for it.
    """
    return ensure("vlm", NEEDS) / "bin"


@contextmanager
def served(commands: Path, name: str, log: Path) -> Iterator[str]:
    """Serve one of the toys: the base URL of its endpoint. The model's name there is `./NAME`."""
    port = _free()
    argv = [commands / "transformers", "serve", f"./{name}", "--device", "cpu", "--host", "127.0.0.1"]
    surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(log.parent)}
    with log.open("wb") as said:
        server = subprocess.Popen(
            [*argv, "--port", str(port)], cwd=TOYS, env=surroundings, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            until(lambda: server.poll() is not None or well(port), deadline=120, pause=0.2)
            assert well(port), log.read_text(errors="replace")[-2000:]
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def well(port: int) -> bool:
    """Whether it says that it is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
