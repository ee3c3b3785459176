"""A port of the host's that leads to one inside a desktop."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs import wire
from envs.launch import EmbeddedDesktop
from envs.osworld.bridge import bridge
from envs.osworld.machine import WireMachine
from envs.osworld.ways import Way
from envs.settle import until
from envs.types import Scene, Size

PORT = 8123
ECHO = f"socat tcp-listen:{PORT},fork,reuseaddr,bind=127.0.0.1 exec:cat"
MUCH = bytes(range(256)) * 8192


@pytest.fixture(scope="module")
def desktop() -> Iterator[EmbeddedDesktop]:
    made = EmbeddedDesktop(Size(width=640, height=480))
    yield made
    made.close()


@pytest.fixture
def way(desktop: EmbeddedDesktop) -> Iterator[Way]:
    machine = WireMachine(desktop)
    made = Way(lambda: machine.way(PORT))
    yield made
    made.close()


def echoed(way: Way, data: bytes) -> bytes:
    """What comes back; nothing when the connection ends."""
    with socket.create_connection(("127.0.0.1", way.port), timeout=10) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        got = b""
        while part := line.recv(1 << 16):
            got += part
        return got


def listening(desktop: EmbeddedDesktop) -> None:
    """Something inside sends back what it gets."""
    machine = WireMachine(desktop)
    machine.launch("sh", "-c", ECHO)
    assert until(
        lambda: machine.run("sh", "-c", f"echo | socat - tcp:127.0.0.1:{PORT}", seconds=5).code == 0, deadline=10
    )


@pytest.mark.embedded
def test_where_nobody_listens_the_connection_ends(way: Way) -> None:
    try:
        assert echoed(way, b"") == b""
    except ConnectionResetError:
        return


@pytest.mark.embedded
def test_what_is_sent_arrives_whole_both_ways_and_still_after_a_reset(desktop: EmbeddedDesktop, way: Way) -> None:
    listening(desktop)
    assert echoed(way, MUCH) == MUCH
    desktop.reset(Scene())
    desktop.reset(Scene())
    listening(desktop)
    assert echoed(way, b"again") == b"again"


@pytest.mark.embedded
def test_the_desktops_user_cannot_reach_the_ways_socket(desktop: EmbeddedDesktop) -> None:
    socket_inside = f"{wire.FOLDER}/{wire.way(PORT)}"
    assert WireMachine(desktop).way(PORT).exists()
    ran = desktop.probe.run("socat", "-u", "OPEN:/dev/null", f"UNIX-CONNECT:{socket_inside}")
    assert ran.code != 0
    assert b"Permission denied" in ran.stderr


@pytest.mark.embedded
def test_nothing_inside_can_reach_the_api(desktop: EmbeddedDesktop) -> None:
    with bridge(desktop) as serving:
        for address in (serving.address, f"localhost:{serving.port}", f"127.0.0.1:{serving.leading_to(8080)}"):
            assert desktop.probe.run("curl", "-s", "--max-time", "5", f"http://{address}/platform").code == 7


def test_without_a_desktop_the_connection_ends(tmp_path: Path) -> None:
    way = Way(lambda: tmp_path / "none.sock")
    try:
        assert echoed(way, b"") == b""
    finally:
        way.close()
