"""The names, places and programs that OSWorld's tasks take for granted, on a desktop of ours.

Taken from the setups and evaluators of OSWorld's tasks; `docker/README.md` says what stands behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from envs.desktop import MakeDesktop
from envs.osworld import a11y, titles
from envs.osworld.machine import WireMachine
from envs.remote import RemoteDesktop
from envs.settle import until
from envs.types import Press, Ran, Scene, Size, Type

PROGRAMS = (
    *("apt", "apt-get", "bc", "expect", "gedit", "getent", "gimp", "gio", "git", "gnome-terminal", "google-chrome"),
    *("google-chrome-stable", "gsettings", "jq", "killall", "libreoffice", "nautilus", "pactl", "pip", "pkill"),
    *("pulseaudio", "python", "python3", "sar", "socat", "sudo", "tar", "thunderbird", "timedatectl", "unzip"),
    *("update-desktop-database", "vlc", "wmctrl", "xdg-mime", "xsel", "zip"),
)
PLACES = (
    "/home/user/.config/Code/User",
    "/home/user/.config/GIMP/2.10/gimprc",
    "/home/user/.config/google-chrome/Default/Preferences",
    "/home/user/.config/google-chrome/Local State",
    "/home/user/.config/libreoffice/4/user/registrymodifications.xcu",
    "/home/user/.config/vlc/vlcrc",
    "/usr/bin/google-chrome-stable",
    "/usr/share/applications/google-chrome.desktop",
    "/usr/share/applications/thunderbird.desktop",
    "/usr/share/applications/vim.desktop",
    "/usr/share/applications/vlc.desktop",
)
AS_ROOT = "echo password | sudo -S"


def typed(command: str, *lines: str) -> str:
    """Run it at a terminal of its own, where each line answers a question for the password."""
    sent = "".join(f'expect "user: "; send "{line}\\r"; ' for line in lines)
    return f"expect -c 'spawn sh -c \"{command}\"; {sent}expect eof; exit [lindex [wait] 3]'"


SAY = (
    ("a setup installs jq", f"{AS_ROOT} apt update -y && {AS_ROOT} apt install jq -y", 0, "jq is already"),
    ("a setup installs sysstat", f"{AS_ROOT} apt-get update && {AS_ROOT} apt-get install sysstat", 0, "sysstat is"),
    ("a setup installs xsel", f"{AS_ROOT} apt install xsel && xsel -bc", 0, "xsel is already"),
    ("a setup installs expect", f"{AS_ROOT} apt-get install -y expect", 0, "expect is already"),
    ("a setup installs unzip", f"{AS_ROOT} apt-get update -y && {AS_ROOT} apt-get install unzip -y", 0, "unzip is"),
    ("a setup installs pysrt", f"{AS_ROOT} pip install pysrt", 0, "already satisfied: pysrt"),
    ("a setup installs pygame", "pip install pygame", 0, "already satisfied: pygame"),
    ("a setup installs PyMuPDF", "pip install PyMuPDF", 0, "already satisfied: PyMuPDF"),
    ("pygame and PyMuPDF are used", "SDL_VIDEODRIVER=dummy python -c 'import pygame, fitz, pysrt'", 0, ""),
    ("a setup makes a folder", f"{AS_ROOT} mkdir -p ~/Desktop/todo && stat -c %U ~/Desktop/todo", 0, "user"),
    ("a setup becomes somebody who is not there", f"{AS_ROOT} su - charles", 1, ""),
    ("what is not there is not installed", f"{AS_ROOT} apt-get install -y jq nonesuch", 100, "jq is already"),
    ("the answer is root", f"{AS_ROOT} id -u", 0, "0"),
    ("a wrong password", "echo wrong | sudo -S -k id", 1, ""),
    ("the third password", r"printf 'one\ntwo\npassword\nrest\n' | sudo -S cat", 0, "rest"),
    ("three wrong passwords", r"printf 'one\ntwo\nthree\npassword\n' | sudo -S id", 1, ""),
    ("no password", "sudo id </dev/null", 1, ""),
    ("a password at a terminal", typed("echo rest | sudo cat", "wrong", "password"), 0, "rest"),
    ("it is remembered there", typed("sudo true && sudo -n id -un", "password"), 0, "root"),
    ("and not elsewhere", f"{typed('sudo true', 'password')}; {typed('sudo -n true')}", 1, "a password is required"),
    ("it is forgotten", typed("sudo true && sudo -k && sudo -n true", "password"), 1, "a password is required"),
    ("three wrong ones at a terminal", typed("sudo id", "one", "two", "three"), 1, "3 incorrect password attempts"),
    ("options run together", "echo password | sudo -Skp '' -u root -- env A=1 sh -c 'echo $A$USER'", 0, "1root"),
    ("the place of the bus", "ls $XDG_RUNTIME_DIR/bus && echo $DBUS_SESSION_BUS_ADDRESS", 0, "/run/user/1000/bus"),
    ("the display", "echo $DISPLAY", 0, ":0"),
    ("sound", "pulseaudio --start && pactl info && pactl list short sinks", 0, "module-null-sink"),
    ("the history of a shell", "bash -ic 'echo $PROMPT_COMMAND' 2>/dev/null", 0, "history -a"),
    ("the time zone", "timedatectl status | sed -n 4p", 0, "Time zone: Etc/UTC (UTC, +0000)"),
)
KEYS = (
    "org.gnome.desktop.background picture-uri",
    "org.gnome.desktop.interface text-scaling-factor",
    "org.gnome.desktop.notifications show-banners",
    "org.gnome.desktop.screensaver lock-enabled",
    "org.gnome.settings-daemon.plugins.power idle-dim",
    "org.gnome.shell favorite-apps",
)
FORBIDDEN = (
    f"{AS_ROOT} cat /etc/shadow",
    f"{AS_ROOT} touch /etc/x",
    f"{AS_ROOT} cat /run/handeye/config.json",
    f"{AS_ROOT} sh -c 'cat /proc/1/environ | grep PATH'",
    f"{AS_ROOT} su -c true user",
)


@pytest.fixture(scope="module")
def desktop(real: MakeDesktop) -> Iterator[RemoteDesktop]:
    """A fresh one, with nothing open."""
    made = real(Size(width=1280, height=900))
    assert isinstance(made, RemoteDesktop)
    made.reset(Scene())
    yield made
    made.close()


def shell(desktop: RemoteDesktop, command: str) -> Ran:
    """As OSWorld's server runs a command with `shell`."""
    return WireMachine(desktop).run("sh", "-c", command, seconds=60)


def test_every_program_is_found_by_the_user(desktop: RemoteDesktop) -> None:
    missing = shell(desktop, f"for name in {' '.join(PROGRAMS)}; do command -v $name >/dev/null || echo $name; done")
    assert missing.stdout == b""


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_there(place: str, desktop: RemoteDesktop) -> None:
    assert desktop.probe.files(place), place


@pytest.mark.parametrize(("command", "code", "said"), [row[1:] for row in SAY], ids=[row[0] for row in SAY])
def test_a_command_of_a_task_does_what_it_expects(command: str, code: int, said: str, desktop: RemoteDesktop) -> None:
    ran = shell(desktop, command)
    assert (ran.code, ran.stderr if ran.code != code else b"") == (code, b"")
    assert said in ran.stdout.decode()


@pytest.mark.parametrize("command", FORBIDDEN)
def test_sudo_gives_no_right(command: str, desktop: RemoteDesktop) -> None:
    assert shell(desktop, command).code != 0


def test_sudo_leaves_no_file_of_roots(desktop: RemoteDesktop) -> None:
    """Outside its namespace the user is the user."""
    shell(desktop, f"{AS_ROOT} touch /tmp/of-whom")
    (entry,) = desktop.probe.files("/tmp/of-whom")
    assert desktop.probe.run("stat", "-c", "%u", entry.path).stdout == b"1000\n"


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_has_a_schema(key: str, desktop: RemoteDesktop) -> None:
    ran = shell(desktop, f"gsettings get {key}")
    assert (ran.code, ran.stderr) == (0, b"")


def test_the_time_zone_can_be_set_and_programs_follow(desktop: RemoteDesktop) -> None:
    ran = shell(desktop, "timedatectl set-timezone Asia/Tokyo && timedatectl | sed -n 4p && date +%z")
    assert ran.stdout.decode().split("\n", 1)[0].endswith("Asia/Tokyo (JST, +0900)")
    assert ran.stdout.endswith(b"\n+0900\n")
    assert shell(desktop, f"{AS_ROOT} timedatectl set-timezone Atlantis/Xeno").code == 1
    assert shell(desktop, f"{AS_ROOT} timedatectl set-timezone UTC; date +%Z").stdout == b"UTC\n"
    names = shell(desktop, "timedatectl list-timezones").stdout.decode().split()
    assert {"UTC", "Asia/Tokyo", "Europe/London"} <= set(names)


def test_google_chrome_answers_and_keeps_its_profile_and_ends_as_chrome(desktop: RemoteDesktop) -> None:
    desktop.reset(Scene())
    machine = WireMachine(desktop)
    machine.launch("google-chrome", "--remote-debugging-port=1337")
    machine.launch("socat", "tcp-listen:9222,fork", "tcp:localhost:1337")
    told: dict[str, Any] = json.loads(
        until(lambda: shell(desktop, "curl -s http://localhost:9222/json/version").stdout, deadline=30.0) or "{}"
    )
    assert told.get("Browser", "").startswith("Chrome/")

    def window() -> titles.Listed | None:
        listed = titles.listed(machine.run("wmctrl", "-lGx", seconds=10).stdout.decode())
        return titles.meant(listed, "Google Chrome", strict=False, by_class=False)

    shown = until(window, deadline=20.0)
    assert shown is not None
    assert shown.klass.endswith(".Google-chrome")
    assert 'application name="Google Chrome"' in a11y.xml(machine.tree())
    assert shell(desktop, "pkill chrome").code == 0
    assert until(lambda: shell(desktop, "pgrep chrome").code == 1, deadline=20.0)
    kept = json.loads(desktop.probe.read_file("/home/user/.config/google-chrome/Default/Preferences"))
    assert kept["profile"]["name"] == "Person 1"
    assert "session" not in kept
    assert kept["profile"]["exit_type"] == "SessionEnded"


def test_the_users_settings_of_osworlds_machine(desktop: RemoteDesktop) -> None:
    """Ctrl+Alt+T opens GNOME's terminal, whose text the API tells, and whose history is there when it is ended."""
    desktop.reset(Scene())
    machine = WireMachine(desktop)
    assert machine.run("sh", "/etc/handeye/osworld-user.sh", seconds=20).code == 0
    asked = "for type in video/mp4 text/html; do xdg-mime query default $type; done"
    assert shell(desktop, asked).stdout == b"ffplay.desktop\ngoogle-chrome.desktop\n"
    desktop.step(Press(keys=("ctrl", "alt", "t")))
    assert until(lambda: a11y.terminal(machine.tree()), deadline=20.0)
    desktop.step(Type(text="stty size\n"))
    assert until(lambda: "24 80" in (a11y.terminal(machine.tree()) or ""), deadline=20.0)
    assert shell(desktop, "killall gnome-terminal-server").code == 0
    assert desktop.probe.read_file("/home/user/.bash_history") == b"stty size\n"
