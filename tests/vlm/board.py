"""Runs inside the desktop: pages of two coloured squares, real buttons in real windows, one page after another.

Called with JSON: `{"apart": bool, "named": COLOUR, "pages": [[[COLOUR, PAINT, X, Y, SIDE], ...], ...]}`. With `apart`
each square has a window of its own, in front of the one that fills the screen; else both are in that. A click on
either leads on, and is sent to the scene's site as a form; the last page says how many were right.
"""

from __future__ import annotations

import json
import sys
import urllib.parse
import urllib.request
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Atk, Gtk  # noqa: E402 - their version is to be said before

HOST = "squares.localhost"
GROUND = "#f0f0f0"
STYLE = """
window { background: %(paint)s }
button, button:hover, button:active, button:focus { background: %(paint)s; border: 8px solid %(rim)s;
  border-radius: 0; box-shadow: none; outline: none; margin: 0; padding: 0; transition: none }
"""


class Board:
    """What is on the screen."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.right = 0
        self.on_top: list[Gtk.Window] = []
        self.window = Gtk.Window()
        self.window.fullscreen()
        painted(self.window, GROUND)
        self.window.show_all()  # before the others, which then are in front of it
        self.show(0)

    def show(self, number: int) -> None:
        """A page, in place of what was there."""
        pages = self.told["pages"]
        old, self.on_top = self.on_top, []
        if self.window.get_child() is not None:
            self.window.get_child().destroy()
        sheet = Gtk.Fixed()
        sheet.get_accessible().set_role(Atk.Role.CANVAS)  # beside the squares there is nothing to click
        self.window.add(sheet)
        if number < len(pages):
            self.window.set_title(f"Squares, page {number + 1} of {len(pages)}")
            for each in pages[number]:
                self.put(sheet, number, *each)
        else:
            self.window.set_title("Squares, result")
            sheet.put(Gtk.Label(label=f"{self.right} of {len(pages)} right"), 560, 380)
        sheet.show_all()
        for each in old:
            each.destroy()

    def put(self, sheet: Gtk.Fixed, number: int, colour: str, paint: str, x: int, y: int, side: int) -> None:
        """A square, with its place on the screen."""
        button = Gtk.Button()
        button.set_size_request(side, side)
        button.get_accessible().set_name(f"{colour} square")
        button.connect("clicked", lambda _: self.clicked(number, colour))
        painted(button, paint)
        if not self.told["apart"]:
            sheet.put(button, x, y)
            return
        own = Gtk.Window(title=f"Card {len(self.on_top) + 1}", transient_for=self.window, decorated=False)
        own.move(x, y)
        own.add(button)
        own.show_all()
        self.on_top.append(own)

    def clicked(self, number: int, colour: str) -> None:
        """It is told, and the next page shown."""
        form = urllib.parse.urlencode({"page": number, "on": colour}).encode()
        urllib.request.urlopen(f"http://{HOST}/click", form, timeout=5).read()
        self.right += colour == self.told["named"]
        self.show(number + 1)


def painted(widget: Gtk.Widget, paint: str) -> None:
    """In a colour, with a rim that is darker."""
    rim = "#" + "".join(f"{int(paint[at : at + 2], 16) * 6 // 10:02x}" for at in (1, 3, 5))
    style = Gtk.CssProvider()
    style.load_from_data((STYLE % {"paint": paint, "rim": rim}).encode())
    widget.get_style_context().add_provider(style, Gtk.STYLE_PROVIDER_PRIORITY_USER)


board = Board(json.loads(sys.argv[1]))
Gtk.main()
