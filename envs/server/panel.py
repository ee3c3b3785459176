"""The session's panel: it comes up after the window manager and draws its icons at leisure, idle in between.

A scene that starts before they are there would not look the same twice, so its first picture waits for them.
"""

from __future__ import annotations

from typing import Final

import xcffib.xproto

from envs.server.display import Display

LEFT: Final = (420, 40)
"""The part of the bottom left corner, in pixels, that the launchers take up."""
COLOURS: Final = 2000
"""Different colours in that part, at least, once every icon is drawn: 2,556 with all, one without any (measured)."""
WITHIN: Final = 4.0
"""Seconds that are waited at most: an image may have another panel, or none."""


def await_panel(display: Display) -> None:
    """Returns once the panel's icons are drawn, or after `WITHIN`."""
    display.until(lambda: _drawn(display), seconds=WITHIN)


def _drawn(display: Display) -> bool:
    width, height = min(LEFT[0], display.size.width), min(LEFT[1], display.size.height)
    with display.lock:
        shown = display.x.core.GetImage(
            xcffib.xproto.ImageFormat.ZPixmap, display.root, 0, display.size.height - height, width, height, 0xFFFFFF
        ).reply()
    pixels = memoryview(shown.data.buf()).cast("I")
    return len(set(pixels)) >= COLOURS * width // LEFT[0]
