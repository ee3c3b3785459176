"""What breaks under a desktop is a fault of ours with its cause in one line, and the next reset has a new one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.container import Box, DockerDesktop
from envs.desktop import MakeDesktop
from envs.errors import BadInput, DesktopFault, Gone
from envs.fake import FakeDesktop
from envs.launch import Bubble, EmbeddedDesktop
from envs.remote import RemoteDesktop
from envs.settle import until
from envs.types import Scene, Size, Wait

SMALL = Size(width=800, height=600)


@pytest.fixture
def desktop(real: MakeDesktop) -> Iterator[RemoteDesktop]:
    made = real(SMALL)
    assert isinstance(made, RemoteDesktop)
    made.reset(Scene())
    yield made
    made.close()


@pytest.fixture
def container(engine: str) -> Iterator[RemoteDesktop]:
    made = DockerDesktop(SMALL)
    made.reset(Scene())
    yield made
    made.close()


def kill(desktop: RemoteDesktop) -> None:
    """Kill the sandbox from outside."""
    match desktop.sandbox:
        case Bubble() as bubble:
            bubble.process.send_signal(signal.SIGKILL)
        case Box() as box:
            box.container.kill()


def gone(desktop: RemoteDesktop) -> str:
    """The one line that a step now ends with."""
    with pytest.raises(Gone) as caught:
        desktop.step(Wait(seconds=0.0))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_killed_sandbox_is_named_and_the_next_reset_has_a_new_one(desktop: RemoteDesktop) -> None:
    kill(desktop)
    assert "killed" in gone(desktop)
    with pytest.raises(DesktopFault, match="killed"):
        desktop.probe.windows()
    assert desktop.reset(Scene()).png


def test_a_killed_server_is_named(desktop: RemoteDesktop) -> None:
    """The server alone, as the kernel's OOM killer would choose it."""
    match desktop.sandbox:
        case Bubble() as bubble:
            os.kill(server_of(bubble.process.pid), signal.SIGKILL)
        case Box() as box:
            box.container.reload()
            os.kill(server_of(box.container.attrs["State"]["Pid"]), signal.SIGKILL)
    assert "killed" in gone(desktop)


def server_of(ancestor: int) -> int:
    """The first process below that runs our server."""
    children = Path(f"/proc/{ancestor}/task/{ancestor}/children").read_text(encoding="ascii").split()
    for child in map(int, children):
        if Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0].endswith(b"python3"):
            return child
        return server_of(child)
    raise AssertionError("there is no server")


def test_closing_ends_a_call_that_another_thread_has_under_way(desktop: RemoteDesktop) -> None:
    said: list[str] = []
    waiting = threading.Thread(target=lambda: said.append(gone_during(desktop)))
    waiting.start()
    until(desktop.agent._busy.locked, deadline=5.0)
    desktop.close()
    waiting.join(10.0)
    assert said
    assert "closed" in said[0]


def gone_during(desktop: RemoteDesktop) -> str:
    with pytest.raises(Gone) as caught:
        desktop.step(Wait(seconds=30.0))
    return str(caught.value)


@pytest.mark.docker
def test_a_stopped_container_is_named(container: RemoteDesktop) -> None:
    assert isinstance(container.sandbox, Box)
    container.sandbox.container.stop(timeout=1)
    assert "its container" in gone(container)


@pytest.mark.docker
def test_a_removed_container_is_named(container: RemoteDesktop) -> None:
    assert isinstance(container.sandbox, Box)
    container.sandbox.container.remove(force=True)
    assert "was removed" in gone(container)


@pytest.mark.docker
def test_an_image_of_older_code_is_refused(engine: str) -> None:
    from envs.container import enter, image_of, shared

    image = image_of(shared())
    with pytest.raises(BadInput, match=r"the image holds other code .* rebuild it with \./dev image"):
        RemoteDesktop(lambda: enter(shared(), image, SMALL), code="0" * 64)


@pytest.mark.docker
def test_an_image_that_is_not_there_is_named(engine: str) -> None:
    from envs.container import enter, shared

    with pytest.raises(DesktopFault, match="a container of handeye/nothing:1 could not be started"):
        enter(shared(), "handeye/nothing:1", SMALL)


@pytest.mark.embedded
def test_a_root_filesystem_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_ROOTFS", str(tmp_path / "nothing"))
    with pytest.raises(Gone, match=r"the desktop did not start: .*nothing"):
        EmbeddedDesktop(SMALL)


@pytest.mark.embedded
def test_without_bubblewrap_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BadInput, match="apt-get install bubblewrap"):
        EmbeddedDesktop(SMALL)


def test_without_an_engine_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(BadInput, match=r"no Docker engine answers.*--desktop embedded"):
        DockerDesktop(SMALL)


def test_an_engine_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with pytest.raises(BadInput, match="needs an engine on this machine"):
        DockerDesktop(SMALL)


def test_a_killed_fake_is_gone_until_the_next_reset() -> None:
    fake = FakeDesktop(SMALL)
    fake.reset(Scene())
    fake.kill()
    with pytest.raises(Gone, match="killed"):
        fake.step(Wait())
    with pytest.raises(Gone, match="killed"):
        fake.probe.windows()
    assert fake.reset(Scene()).png
