"""The docker desktop: a fresh container of the image for each episode. The only user of the Docker SDK here.

A container has no network but loopback, no capability beyond the few that its server needs, no way to gain any, and
limits on memory, processes and what can be written. It carries its owner as a label (see `envs.lease`), by which
the next run finds and removes what a killed one left.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envs import fence, lease, wire
from envs.errors import BadInput, DesktopFault
from envs.launch import CAPABILITIES, ENVIRONMENT, SERVER, WRITABLE, write_config
from envs.launch import clean as clean_host
from envs.recipe import ROOTFS_LABEL, ensure_image
from envs.remote import RemoteDesktop
from envs.server.source import code_digest
from envs.types import SCREEN, Size

if TYPE_CHECKING:
    from docker.models.containers import Container

    from docker import DockerClient

LABEL = "handeye"
OWNER = "handeye.owner"
SDK = "the docker desktop needs Docker's SDK: pip install 'handeye[docker]'"
ENGINE = "apt-get install docker.io, or use --desktop embedded"
USER_PROCESSES = 4096
"""Linux counts a user's processes over all containers together: room for some twenty of them. Within one,
`fence.PROCESSES` holds."""
TIMEOUT = 120
"""Seconds for one answer of the engine."""


class DockerDesktop(RemoteDesktop):
    """A desktop in a container. The image is built when it is missing. Raises BadInput where none can run."""

    def __init__(self, size: Size = SCREEN, *, settle: wire.Quiet = "strict") -> None:
        client = shared()
        image = image_of(client)
        super().__init__(lambda: enter(client, image, size, settle), code=_expected_code())


SOCKET = "/var/run/docker.sock"


def connect(address: str = "") -> DockerClient:
    """A client of the engine at the address, by default `DOCKER_HOST`'s or the usual one. Raises BadInput."""
    url = address or os.environ.get("DOCKER_HOST") or f"unix://{SOCKET}"
    if url.startswith("unix://"):  # the SDK takes a second to load, and leaks a socket where none answers
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(url.removeprefix("unix://"))
            except OSError as error:
                raise BadInput(_reason(address, error)) from error
    try:
        from docker.errors import DockerException

        import docker
    except ModuleNotFoundError as error:
        raise BadInput(SDK) from error
    try:
        client = (
            docker.DockerClient(base_url=address, timeout=TIMEOUT) if address else docker.from_env(timeout=TIMEOUT)
        )
        client.ping()
    except (DockerException, OSError) as error:
        raise BadInput(_reason(address, error)) from error
    return client


def shared() -> DockerClient:
    """The one client that all of this process's desktops use; what dead processes left is removed at its making."""
    address = os.environ.get("DOCKER_HOST") or f"unix://{SOCKET}"
    if not address.startswith("unix://"):
        raise BadInput(
            f"the docker desktop needs an engine on this machine, and DOCKER_HOST is {address!r}: unset it"
        )
    with _CONNECTING:
        if address not in _CLIENTS:
            _CLIENTS[address] = client = connect(address)
            clean_host()
            clean(client)
        return _CLIENTS[address]


_CONNECTING = threading.Lock()
_CLIENTS: dict[str, DockerClient] = {}
"""By the engine's address."""


def _reason(address: str, error: BaseException) -> str:
    where = f" at {address}" if address else ""
    text = repr(error)
    if "Permission" in text:
        return f"no permission for the Docker engine{where}: run as root, or adduser YOU docker and log in anew"
    if "FileNotFound" in text or "No such file" in text or "refused" in text:
        return f"no Docker engine answers{where}: start it (systemctl start docker); or {ENGINE}"
    return f"the Docker engine{where} does not answer: {error}"


def image_of(client: DockerClient) -> str:
    """The image's name, built when it is missing; asked of an engine once in a process."""
    address = os.environ.get("DOCKER_HOST", "")
    with _BUILDING:
        if address not in _IMAGES:
            _expected_code()
            _IMAGES[address] = ensure_image(client)
        return _IMAGES[address]


_BUILDING = threading.Lock()
_IMAGES: dict[str, str] = {}
"""By the engine's address. A run keeps to the image that it began with."""


@cache
def _expected_code() -> str:
    """The digest of the code that an image must hold, as it was when the first was asked for."""
    return code_digest()


@dataclass
class Box:
    """A container that has been started. `home` is its folder on the host."""

    home: Path
    config: wire.Config
    container: Container

    def __post_init__(self) -> None:
        self._closing = threading.Lock()
        self._closed = False

    @property
    def folder(self) -> Path:
        """See `Sandbox.folder`."""
        return self.home / "box"

    def cause(self) -> str:
        """See `Sandbox.cause`."""
        from docker.errors import APIError, NotFound

        if self._closed:
            return "it was closed"
        try:
            self.container.reload()
            return _told(self.container)
        except NotFound:
            return "its container was removed"
        except (APIError, OSError) as error:
            return f"the Docker engine does not answer ({type(error).__name__})"

    def close(self) -> None:
        """See `Sandbox.close`."""
        with self._closing:
            self._closed = True
            try:
                remove(self.container)
            finally:
                lease.drop(self.home)


def _told(container: Container) -> str:
    """Why a container does not run."""
    state: dict[str, Any] = container.attrs["State"]  # Any: the engine's JSON
    match state["Status"]:
        case "running" | "created" | "restarting":
            return ""
        case "paused":
            return "its container is paused"
    code = int(state["ExitCode"])
    if state["OOMKilled"]:
        return f"its container ran out of memory ({fence.MEMORY >> 30} GiB)"
    if code in (137, 143):
        return "its container was killed" if code == 137 else "its container was stopped"
    lines = container.logs(tail=1).decode("utf-8", "replace").strip()
    return f"its container ended with code {code}: {lines[-300:] or 'it said nothing'}"


def remove(container: Container) -> None:
    """The container is gone, if it was there."""
    from docker.errors import APIError, NotFound

    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # another call is removing it
            raise DesktopFault(f"the container {container.name} could not be removed: {error}") from error


def enter(client: DockerClient, image: str, size: Size, settle: wire.Quiet = "strict") -> Box:
    """Start a container. Raises DesktopFault when the engine refuses."""
    with _named(f"a container of {image} could not be started"):
        content = _content(client, image)
        home = lease.take()
        try:
            config = write_config(home, kind="docker", image=content, size=size, settle=settle)
            container = client.containers.create(image, list(SERVER), name=f"handeye-{home.name}", **_options(home))
            container.start()
        except BaseException:
            lease.drop(home)
            raise
    return Box(home, config, container)


@contextmanager
def _named(what: str) -> Iterator[None]:
    """The engine's errors become ours."""
    from docker.errors import DockerException

    try:
        yield
    except (DockerException, OSError) as error:
        raise DesktopFault(f"{what}: {error}") from error


@cache
def _content(client: DockerClient, image: str) -> str:
    return str(client.images.get(image).labels.get(ROOTFS_LABEL) or image)


def _options(home: Path) -> dict[str, Any]:  # Any: the SDK's keyword arguments
    from docker.types import Mount, Ulimit

    return {
        "hostname": "desktop",
        "user": "0:0",
        "working_dir": "/",
        "environment": ENVIRONMENT,
        "labels": {LABEL: "1", OWNER: str(lease.me())},
        "network_mode": "none",
        "ipc_mode": "private",
        "init": True,
        "cap_drop": ["ALL"],
        "cap_add": list(CAPABILITIES),
        "security_opt": ["no-new-privileges"],
        "mem_limit": fence.MEMORY,
        "memswap_limit": fence.MEMORY,
        "pids_limit": fence.PROCESSES,
        "ulimits": [
            Ulimit(name="nproc", soft=USER_PROCESSES, hard=USER_PROCESSES),
            Ulimit(name="core", soft=0, hard=0),
        ],
        "shm_size": next(size for path, size, _ in WRITABLE if path == "/dev/shm"),
        "tmpfs": {path: f"size={size},mode={mode},exec" for path, size, mode in WRITABLE if path != "/dev/shm"},
        "mounts": [Mount(wire.FOLDER, str(home / "box"), type="bind")],
        "log_config": {"type": "json-file", "config": {"max-size": "1m"}},
    }


def clean(client: DockerClient) -> tuple[str, ...]:
    """Remove our containers whose process has died: their names."""
    found = leftovers(client)
    for container in found:
        remove(container)
    return tuple(sorted(str(container.name) for container in found))


def leftovers(client: DockerClient) -> tuple[Container, ...]:
    """Our containers whose owner no longer runs."""
    found: list[Container] = client.containers.list(all=True, filters={"label": f"{LABEL}=1"})
    return tuple(each for each in found if _orphaned(each))


def _orphaned(container: Container) -> bool:
    owner = lease.parse(str(container.labels.get(OWNER, "")))
    return owner is not None and not lease.alive(owner)
