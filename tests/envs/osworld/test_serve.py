"""`handeye osworld serve`, from its first line to Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

SERVE = [sys.executable, "-m", "agent.main", "osworld", "serve", "--desktop"]


@pytest.mark.embedded
def test_the_api_is_served_at_the_printed_address_until_ctrl_c() -> None:
    with subprocess.Popen([*SERVE, "embedded", "--size", "640x480"], stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        address, chromium, vlc = (serving.stdout.readline().strip() for _ in range(3))
        try:
            with urllib.request.urlopen(f"{address}/screenshot", timeout=30) as answer:
                assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
        finally:
            serving.send_signal(signal.SIGINT)
            code = serving.wait(30)
    assert code == 130
    assert chromium.startswith("chromium 127.0.0.1:")
    assert vlc.startswith("vlc 127.0.0.1:")
    with socket.socket() as line:
        assert line.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) != 0


def test_a_desktop_without_a_machine_is_refused_in_one_line() -> None:
    ran = subprocess.run([*SERVE, "fake"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "handeye: the desktop 'fake' has no machine to serve; use --desktop embedded or docker\n"
