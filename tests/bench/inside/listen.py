"""A window that notes when each key and button press reaches it: `NANOSECONDS kind detail` lines on a file.

Runs inside the desktop with its own Python. The monotonic clock is the same inside and outside.
"""

import sys
import time
from pathlib import Path

import xcffib
import xcffib.xproto as x


def main(out: str) -> None:
    connection = xcffib.connect()
    screen = connection.get_setup().roots[0]
    window = connection.generate_id()
    events = x.EventMask.KeyPress | x.EventMask.ButtonPress | x.EventMask.StructureNotify
    connection.core.CreateWindow(
        screen.root_depth,
        window,
        screen.root,
        200,
        200,
        600,
        400,
        0,
        x.WindowClass.InputOutput,
        screen.root_visual,
        x.CW.BackPixel | x.CW.EventMask,
        [screen.white_pixel, events],
    )
    title = b"listen"
    connection.core.ChangeProperty(x.PropMode.Replace, window, x.Atom.WM_NAME, x.Atom.STRING, 8, len(title), title)
    connection.core.MapWindow(window)
    connection.flush()
    with Path(out).open("w", buffering=1) as file:
        while True:
            event = connection.wait_for_event()
            now = time.monotonic_ns()
            if isinstance(event, (x.KeyPressEvent, x.ButtonPressEvent)):
                file.write(f"{now} {type(event).__name__} {event.detail}\n")


main(sys.argv[1])
