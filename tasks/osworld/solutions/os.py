"""Ways through OSWorld's tasks about the system, all in a terminal: the desktop here has no GNOME Settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envs.desktop import Probe
from tasks.base import Play, Step
from tasks.play import gone, keys, window, write

TERMINAL = "Terminal"
PROFILE = (
    "org.gnome.Terminal.Legacy.Profile:/org/gnome/terminal/legacy/profiles:/:b1dcc9dd-5262-4d8d-a863-c897e6d979b9/"
)
"""GNOME's terminal's one profile, which it has from the start."""


def in_a_terminal(*lines: str, within: float = 20.0) -> Play:
    """Open a terminal, type the lines, and close it: it is gone once they have been carried out."""

    def play(see: Probe) -> Iterator[Step]:
        yield from _typed(see, *lines)
        yield write("exit\n", intent="close the terminal")
        gone(see, TERMINAL, deadline=within)

    return play


def _typed(see: Probe, *lines: str) -> Iterator[Step]:
    yield keys("ctrl+alt+t", intent="open a terminal")
    window(see, TERMINAL)
    for line in lines:
        yield write(f"{line}\n")


def _wide_terminal(see: Probe) -> Iterator[Step]:
    """The size that new windows have, and this one's too: it stays open, and whoever looks may look at it."""
    wide = f"gsettings set {PROFILE} default-size-columns 132"
    high = f"gsettings set {PROFILE} default-size-rows 43"
    yield from _typed(see, wide, high, r"printf '\e[8;43;132t'")


PLAYS: Mapping[str, Play] = {
    "13584542-872b-42d8-b299-866967b5c3ef": _wide_terminal,
    "a4d98375-215b-4a4d-aee9-3d4370fccc41": in_a_terminal(
        "gsettings set org.gnome.desktop.screensaver lock-enabled true"
    ),
    "b6781586-6346-41cd-935a-a6b1487918fc": in_a_terminal("timedatectl set-timezone UTC"),
    "e0df059f-28a6-4169-924f-b9623e7184cc": in_a_terminal("mv ~/Desktop/todo_list_Jan_1 ~/Desktop/todo_list_Jan_2"),
    "ec4e3f68-9ea4-4c18-a5c9-69f89d1178b3": in_a_terminal(
        "gsettings set org.gnome.shell favorite-apps \"['thunderbird.desktop', 'google-chrome.desktop']\""
    ),
    "f9be0997-4b7c-45c5-b05c-4612b44a6118": in_a_terminal(
        "gsettings set org.gnome.desktop.notifications show-banners false"
    ),
}
