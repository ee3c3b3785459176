"""What a killed process left is found and removed, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs import doctor, fence, launch, lease
from envs.settle import until

OPEN = """
    import sys
    from {module} import {name}
    from envs.types import Scene, Size
    desktop = {name}(Size(width=640, height=480))
    desktop.reset(Scene())
    print(desktop.sandbox.home, flush=True)
    sys.stdin.read()
"""


def opened(module: str, name: str) -> tuple[subprocess.Popen[str], Path]:
    """Another process that has a desktop open, and the desktop's folder."""
    script = textwrap.dedent(OPEN.format(module=module, name=name))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    home = process.stdout.readline().strip()
    assert home, "it did not come up"
    return process, Path(home)


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def inside(home: Path) -> list[str]:
    """Command lines of processes that hold the desktop's folder: bubblewrap names it in its own."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(home) in words:
            found.append(words)
    return found


def test_this_process_is_alive_and_another_boot_is_not() -> None:
    me = lease.me()
    assert lease.alive(me)
    assert lease.parse(f"{me}-abcd") == me
    assert not lease.alive(lease.Owner(boot="00000000", pid=me.pid, started=me.started))
    assert not lease.alive(lease.Owner(boot=me.boot, pid=me.pid, started=me.started + 1))
    assert not lease.alive(lease.Owner(boot=me.boot, pid=2**22 + 1, started=1))


@pytest.mark.parametrize("text", ["", "docker", "a-b-c", "12345678-12", "12345678-x-1"])
def test_a_name_that_names_no_owner_is_nobodys(text: str) -> None:
    assert lease.parse(text) is None


def test_only_folders_of_the_dead_are_left_over() -> None:
    mine = lease.take()
    dead = lease.place() / "00000000-1-1-abcd"
    other = lease.place() / "not of this form"
    dead.mkdir(exist_ok=True)
    other.mkdir(exist_ok=True)
    try:
        assert dead in lease.leftovers()
        assert mine not in lease.leftovers()
        assert dead.name in launch.clean()
        assert not dead.exists()
        assert mine.exists()
        assert other.exists()
    finally:
        other.rmdir()
        lease.drop(mine)


@pytest.mark.embedded
def test_kill_9_leaves_no_process_and_the_next_clean_no_folder() -> None:
    process, home = opened("envs.launch", "EmbeddedDesktop")
    alive, kept = opened("envs.launch", "EmbeddedDesktop")
    try:
        assert inside(home)
        end(process)
        assert until(lambda: not inside(home), deadline=10.0), "the sandbox outlives its owner"
        removed = doctor.clean().sandboxes
        assert home.name in removed
        assert kept.name not in removed
        assert not home.exists()
        assert not list(fence.ROOT.glob(f"*/handeye/{home.name}"))
        assert kept.exists()
        assert inside(kept)
    finally:
        end(alive)
        launch.clean()


@pytest.fixture
def client(engine: str) -> Iterator[object]:
    from envs.container import connect

    made = connect()
    yield made
    made.close()


@pytest.mark.docker
def test_kill_9_leaves_a_container_that_the_next_run_removes(client: object) -> None:
    from envs.container import LABEL, DockerDesktop
    from envs.types import Size

    def ours() -> set[str]:
        found = client.containers.list(all=True, filters={"label": f"{LABEL}=1"})  # type: ignore[attr-defined]
        return {container.name for container in found}

    process, home = opened("envs.container", "DockerDesktop")
    alive, kept = opened("envs.container", "DockerDesktop")
    try:
        end(process)
        assert f"handeye-{home.name}" in ours()
        third, fresh = opened("envs.container", "DockerDesktop")
        end(third)
        assert f"handeye-{home.name}" not in ours()
        assert f"handeye-{kept.name}" in ours()
        assert f"handeye-{fresh.name}" in doctor.clean().containers
        assert f"handeye-{kept.name}" in ours()
    finally:
        end(alive)
        doctor.clean()
    before = ours()
    desktop = DockerDesktop(Size(width=640, height=480))
    desktop.close()
    assert ours() == before
    assert not [name for name in ours() if str(os.getpid()) in name]
