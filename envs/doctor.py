"""Which desktops can run here, why the others cannot, what to install, and what dead runs have left."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess

from envs import container, fence, launch, recipe
from envs.errors import BadInput
from envs.server.source import code_digest
from envs.types import Closed

TRIAL = (
    *("bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
    *(
        "--ro-bind",
        "/",
        "/",
        "--overlay-src",
        "/usr",
        "--tmp-overlay",
        "/usr",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "true",
    ),
)
"""What an embedded desktop asks of bubblewrap and the kernel."""
TRIAL_WITHIN = 20.0


class Finding(Closed):
    """Whether one kind of desktop can run here. `problem` says why not and what to do; `notes` what else matters."""

    desktop: str
    works: bool
    problem: str = ""
    install: str = ""
    """Debian packages (or an extra of ours) that are missing, as a command."""
    notes: tuple[str, ...] = ()


class Removed(Closed):
    """What `clean` has removed: the names of sandboxes and of containers."""

    sandboxes: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()


def examine() -> tuple[Finding, ...]:
    """One finding for each desktop of ours, in the order in which to prefer them."""
    return (_docker(), _embedded(), Finding(desktop="fake", works=True, notes=("in memory, for tests",)))


def clean() -> Removed:
    """Remove what dead processes left behind, and only that. An engine that does not answer holds nothing back."""
    sandboxes = launch.clean()
    try:
        client = container.connect()
    except BadInput:
        return Removed(sandboxes=sandboxes)
    with contextlib.closing(client):
        return Removed(sandboxes=sandboxes, containers=container.clean(client))


def _docker() -> Finding:
    if importlib.util.find_spec("docker.errors" if importlib.util.find_spec("docker") else "docker") is None:
        return Finding(desktop="docker", works=False, problem=container.SDK, install="pip install 'handeye[docker]'")
    try:
        client = container.connect()
    except BadInput as error:
        install = "" if shutil.which("dockerd") else "apt-get install docker.io"
        return Finding(desktop="docker", works=False, problem=str(error), install=install)
    with contextlib.closing(client):
        version = client.version().get("Version", "?")
        image = "its image is there" if _image(client) else "its image is made at the first use: minutes, once"
    return Finding(desktop="docker", works=True, notes=(f"engine {version}", image))


def _image(client: object) -> bool:
    name = f"{recipe.IMAGE}:{recipe.recipe_digest()[:12]}-{code_digest()[:12]}"
    return bool(client.images.list(name))  # type: ignore[attr-defined]  # a DockerClient: the SDK is imported late


def _embedded() -> Finding:
    problem = launch.obstacle()
    built = recipe.built() is not None or bool(os.environ.get("HANDEYE_ROOTFS"))
    builders = [] if built else [name for name in ("debootstrap", "npm") if not shutil.which(name)]
    missing = [*([] if shutil.which("bwrap") else ["bubblewrap"]), *builders]
    install = f"apt-get install {' '.join(missing)}" if missing else ""
    problem = problem or _sandbox_trouble()
    if not problem and builders:
        problem = f"building its root filesystem needs {' and '.join(builders)}"
    if problem:
        return Finding(desktop="embedded", works=False, problem=problem, install=install)
    root = "its root filesystem is there" if built else "its root filesystem is made at the first use: minutes, once"
    return Finding(desktop="embedded", works=True, notes=(root, *_unlimited()))


def _sandbox_trouble() -> str:
    """What the kernel, or an old bubblewrap, refuses; empty when a trial works."""
    tried = subprocess.run(TRIAL, capture_output=True, text=True, timeout=TRIAL_WITHIN, check=False)
    if tried.returncode == 0:
        return ""
    said = (tried.stderr.strip().splitlines() or ["it said nothing"])[-1]
    if "Unknown option" in said:
        return "bubblewrap is too old, 0.11 is needed: take it from Debian 13, or use --desktop docker"
    return f"bubblewrap cannot make a sandbox here ({said}): run on a machine or in a container that lets it"


def _unlimited() -> tuple[str, ...]:
    missing = [name for name in ("memory", "pids") if name not in fence.limits()]
    return (f"without a limit on {' and '.join(missing)}: cgroups cannot be written here",) if missing else ()
