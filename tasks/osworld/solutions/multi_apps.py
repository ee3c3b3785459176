"""Ways through OSWorld's tasks about several applications."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.base import Play
from tasks.osworld.solutions.os import in_a_terminal

VIDEOS = "$(grep -o 'video/[^;]*' /usr/share/applications/vlc.desktop)"
"""Every kind of video that VLC says it plays."""

PLAYS: Mapping[str, Play] = {
    "2373b66a-092d-44cb-bfd7-82e86e7a3b4d": in_a_terminal(
        "sar 1 30 > ~/Desktop/System_Resources_Report.txt", within=60.0
    ),
    "937087b6-f668-4ba6-9110-60682ee33441": in_a_terminal(f"xdg-mime default vlc.desktop {VIDEOS}", within=60.0),
}
