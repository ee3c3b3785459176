"""The desktop's user does his worst: the server answers still, or the episode ends with a fault that is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from envs import wire
from envs.desktop import MakeDesktop
from envs.errors import DesktopFault
from envs.remote import Door, RemoteDesktop
from envs.settle import until
from envs.types import SCREEN, Ran, Scene, Type, Wait

SMALL = msgspec.structs.replace(SCREEN, width=1024, height=768)


@pytest.fixture(scope="module")
def calm(real: MakeDesktop) -> Iterator[RemoteDesktop]:
    """One on which nothing is destroyed."""
    made = real(SMALL)
    assert isinstance(made, RemoteDesktop)
    made.reset(Scene())
    yield made
    made.close()


@pytest.fixture(scope="module")
def victim(real: MakeDesktop) -> Iterator[RemoteDesktop]:
    """One for `desktop`."""
    made = real(SMALL)
    assert isinstance(made, RemoteDesktop)
    yield made
    made.close()


@pytest.fixture
def desktop(victim: RemoteDesktop) -> RemoteDesktop:
    """A fresh one for each test."""
    victim.reset(Scene())
    return victim


def user(desktop: RemoteDesktop, script: str, *, seconds: float = 20.0) -> Ran:
    """Run a shell script as the desktop's user in his session, as he could from a terminal."""
    request = wire.RunCommand(argv=("bash", "-c", script), seconds=seconds, display=True)
    return desktop.scorer.call("run", request, Ran, seconds=seconds)


def answers(desktop: RemoteDesktop) -> None:
    """It looks, acts, reads and runs."""
    assert desktop.step(Wait(seconds=0.1)).refused == ""
    assert desktop.probe.read_file("/etc/hostname")
    ran = until(lambda: desktop.probe.run("echo", "there").stdout, deadline=10.0)
    assert ran == b"there\n"


@pytest.mark.parametrize(
    "deed",
    [
        "killall -9 python3; true",
        "pkill -9 -u user; true",
        "kill -9 -1",
        "pkill -9 Xvnc; pkill -9 -f envs.server; true",
        "echo x > /proc/1/oom_score_adj; echo c > /proc/sysrq-trigger; true",
        "ipcrm --all; true",
        "rm -rf /tmp/.X11-unix /tmp/.X0-lock ~ /dev/shm/* 2>/dev/null; true",
    ],
    ids=[
        "killall python3",
        "pkill -u user",
        "kill -1",
        "kill the server by name",
        "the kernel's levers",
        "ipcrm",
        "rm -rf",
    ],
)
def test_the_server_answers_after(deed: str, desktop: RemoteDesktop) -> None:
    user(desktop, deed)
    answers(desktop)


def test_the_session_comes_back_after_the_user_has_ended_it(desktop: RemoteDesktop) -> None:
    user(desktop, "pkill -9 -u user; true")
    found = until(lambda: b"openbox" in desktop.probe.run("ps", "-eo", "comm").stdout, deadline=15.0, pause=0.2)
    assert found


def test_a_fork_bomb_is_borne_or_named(desktop: RemoteDesktop) -> None:
    """Looking needs no new process and goes on; running one may be refused, by name."""
    user(desktop, "(bomb() { bomb | bomb & }; bomb) >/dev/null 2>&1 & sleep 3", seconds=30.0)
    assert desktop.step(Wait(seconds=0.1)).png
    fault = caught(lambda: desktop.probe.run("true"))
    assert fault is None or "limit" in fault or "processes" in fault


def test_a_full_disk_is_borne_and_named(desktop: RemoteDesktop) -> None:
    user(
        desktop,
        "for d in ~ /tmp /var/tmp /dev/shm /run/user/1000; do cat /dev/zero > $d/full 2>/dev/null; done; true",
        seconds=60.0,
    )
    answers(desktop)
    said = user(desktop, "echo more > ~/more")
    assert said.code != 0
    assert b"No space left" in said.stderr


def test_a_user_who_eats_all_memory_meets_a_limit(desktop: RemoteDesktop) -> None:
    """His process is killed, or the desktop is, by name."""
    eat = "python3 -c 'a = [bytearray(1 << 28) for _ in range(40)]'; true"
    fault = caught(lambda: user(desktop, eat, seconds=60.0)) or caught(lambda: desktop.step(Wait(seconds=0.1)))
    assert fault is None or "memory" in fault


def caught(act: Callable[[], object]) -> str | None:
    """What a DesktopFault said; None when there was none."""
    try:
        act()
    except DesktopFault as fault:
        return str(fault)
    return None


@pytest.mark.parametrize(
    "deed",
    [
        "cat /run/handeye/config.json",
        "ls /run/handeye/",
        "cat /proc/1/environ",
        "cat /proc/$(pgrep -of envs.server)/environ",
        "cat /proc/$(pgrep -of envs.server)/mem",
        "echo x > /usr/bin/x",
        "echo x > /etc/x",
        "echo x > /opt/handeye/lib/envs/x",
        "mount -t tmpfs x /mnt",
        "unshare -rm cat /run/handeye/config.json",
        "unshare -rm chroot /proc/1/root cat /run/handeye/config.json",
        "mknod /tmp/disk b 8 0",
        "sudo -n true",
        "su -c true </dev/null",
        "chroot / true",
        "curl -sS --max-time 3 http://192.0.2.1/",
        "ping -c1 -W1 192.0.2.1",
        "ip link add x type dummy",
    ],
)
def test_the_user_cannot(deed: str, calm: RemoteDesktop) -> None:
    ran = user(calm, deed)
    assert ran.code != 0, ran.stdout


def test_only_the_loopback_interface_is_there(calm: RemoteDesktop) -> None:
    found = calm.probe.run("cat", "/proc/net/dev").stdout.decode()
    assert [line.split(":")[0].strip() for line in found.splitlines()[2:]] == ["lo"]


def test_the_hosts_environment_is_not_inside(desktop: RemoteDesktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1234")
    desktop.reset(Scene())
    desktop.step(Wait(seconds=0.0))
    desktop.reset(Scene())
    assert b"SECRET_OF_THE_HOST" not in user(desktop, "cat /proc/*/environ 2>/dev/null; env").stdout


@pytest.mark.parametrize("call", [name for name, (_, _, door) in wire.CALLS.items() if door == "scorer"])
def test_the_agents_door_does_not_give_the_scorers(call: str, calm: RemoteDesktop) -> None:
    """Neither with its own token nor with the scorer's."""
    path = calm.sandbox.folder / wire.AGENT
    for token in (calm.sandbox.config.agent_token, calm.sandbox.config.scorer_token):
        door = Door(path, token, lambda: "")
        with pytest.raises(FileNotFoundError if call == "read_file" else DesktopFault, match="door"):
            door.call(call, wire.Nothing(), wire.Nothing)
        door.close()


def test_a_token_is_needed(calm: RemoteDesktop) -> None:
    door = Door(calm.sandbox.folder / wire.SCORER, "guess", lambda: "")
    with pytest.raises(DesktopFault, match="token"):
        door.call("windows", wire.GetWindows(), wire.Windows)
    door.close()


def test_a_field_too_many_is_not_overlooked(calm: RemoteDesktop) -> None:
    class Misspelt(wire.Closed):
        action: dict[str, object]
        have: int = -1

    with pytest.raises(ValueError, match="buton"):
        calm.agent.call(
            "step", Misspelt(action={"kind": "click", "at": {"x": 1, "y": 1}, "buton": "left"}), wire.Seen
        )


def test_what_the_user_pretends_to_be_a_file_is_none(calm: RemoteDesktop) -> None:
    user(
        calm,
        "mkfifo ~/pipe; ln -s /run/handeye/config.json ~/link; ln -s /dev/zero ~/zero; ln -s /proc/kcore ~/core",
    )
    for name in ("pipe", "link", "zero", "core"):
        with pytest.raises(FileNotFoundError):
            calm.probe.read_file(f"/home/user/{name}")


def test_typing_into_nothing_does_nothing(calm: RemoteDesktop) -> None:
    assert calm.step(Type(text="nobody listens 北京")).refused == ""
