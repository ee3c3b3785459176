"""What the fake desktop shows: a few windows with buttons and a text field, drawn, listed and described alike."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from envs.types import Node, Point, Rect, Size, Window

TITLE = 26
"""Height of a title bar, and width of its close button."""
LINE = 18
"""Height of a line of text."""
ICON = Rect(x=16, y=16, width=56, height=56)
"""Starts the editor."""
POINTER = ((0, 0), (0, 15), (4, 11), (7, 17), (9, 16), (6, 10), (11, 10))
"""Its outline, from the pixel that it points at."""

Kind = Literal["editor", "dialog", "form", "plain"]
BUTTONS: dict[Kind, tuple[str, ...]] = {
    "editor": ("Save",), "dialog": ("OK", "Cancel"), "form": ("Send",), "plain": (),
}  # fmt: skip

_COLOURS = {
    "wall": (44, 74, 110), "ink": (20, 20, 20), "paper": (255, 255, 255), "bar": (90, 90, 96),
    "focus": (58, 110, 180), "face": (228, 228, 224), "edge": (120, 120, 120), "chosen": (180, 210, 250),
}  # fmt: skip
_INDEX = {name: number for number, name in enumerate(_COLOURS)}


@dataclass
class Pane:
    """A window: `target` is the file an editor edits, or the host and path a form is sent to."""

    id: int
    title: str
    kind: Kind
    box: Rect
    target: str = ""
    text: str = ""
    caret: int = 0
    chosen: bool = False
    """Whether all of the text is selected."""

    @property
    def app(self) -> str:
        """The class part that a window manager would list."""
        return self.kind.capitalize()

    @property
    def field(self) -> Rect | None:
        """Where the text field is."""
        if self.kind not in ("editor", "form"):
            return None
        box = self.box
        return Rect(x=box.x + 8, y=box.y + TITLE + 8, width=box.width - 16, height=box.height - TITLE - 52)

    def buttons(self) -> dict[str, Rect]:
        """Every button by its name."""
        box, top = self.box, self.box.y + self.box.height - 36
        found = {
            name: Rect(x=box.x + 8 + 92 * place, y=top, width=84, height=28)
            for place, name in enumerate(BUTTONS[self.kind])
        }
        return found | {"Close": Rect(x=box.x + box.width - TITLE, y=box.y, width=TITLE, height=TITLE)}

    def insert(self, text: str) -> None:
        """Put the text where the caret is, over the selection if there is one."""
        if self.chosen:
            self.text, self.caret, self.chosen = "", 0, False
        self.text = self.text[: self.caret] + text + self.text[self.caret :]
        self.caret += len(text)

    def erase(self, before: int, after: int) -> None:
        """Remove the selection, else so many characters around the caret."""
        if self.chosen:
            self.insert("")
            return
        start = max(0, self.caret - before)
        self.text = self.text[:start] + self.text[self.caret + after :]
        self.caret = start


@dataclass
class Picture:
    """All that is on the screen. `panes` are ordered bottom first; the last has the focus."""

    size: Size
    panes: list[Pane] = field(default_factory=list)
    pointer: Point = field(default_factory=lambda: Point(x=0, y=0))

    def at(self, point: Point) -> Pane | None:
        """The topmost window there."""
        return next((pane for pane in reversed(self.panes) if pane.box.holds(point)), None)

    def windows(self) -> tuple[Window, ...]:
        """As a window manager lists them."""
        return tuple(
            Window(
                id=pane.id, title=pane.title, app=pane.app, box=pane.box, focused=pane is self.panes[-1], pid=pane.id
            )
            for pane in self.panes
        )

    def tree(self) -> tuple[Node, ...]:
        """As AT-SPI describes it."""
        nodes = [
            Node(role="application", name="desktop", app="desktop"),
            Node(role="icon", name="Editor", states=("showing", "visible"), box=ICON, parent=0, app="desktop"),
        ]
        for pane in self.panes:
            nodes += _described(pane, len(nodes), focused=pane is self.panes[-1])
        return tuple(nodes)

    def png(self) -> bytes:
        """Drawn, lossless, with the pointer."""
        image = Image.new("P", (self.size.width, self.size.height), _INDEX["wall"])
        image.putpalette([part for colour in _COLOURS.values() for part in colour])
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        _button(draw, ICON, "Editor")
        for pane in self.panes:
            _window(draw, pane, focused=pane is self.panes[-1])
        outline = [(self.pointer.x + x, self.pointer.y + y) for x, y in POINTER]
        draw.polygon(outline, fill=_INDEX["ink"], outline=_INDEX["paper"])
        draw.point((self.pointer.x, self.pointer.y), fill=_INDEX["paper"])
        written = io.BytesIO()
        image.save(written, "PNG", compress_level=1)
        return written.getvalue()


def _described(pane: Pane, first: int, *, focused: bool) -> list[Node]:
    shown = ("showing", "visible", "sensitive")
    top = Node(role="application", name=pane.app, app=pane.app)
    role = "dialog" if pane.kind == "dialog" else "frame"
    states = (*shown, "active") if focused else shown
    frame = Node(role=role, name=pane.title, states=states, box=pane.box, parent=first, app=pane.app)
    parts = [
        Node(role="button", name=name, states=shown, box=box, parent=first + 1, app=pane.app)
        for name, box in pane.buttons().items()
    ]
    if pane.field is not None:
        more = ("editable", "focused") if focused else ("editable",)
        lines = () if pane.kind == "dialog" else ("multi-line",)
        parts.append(
            Node(
                role="text",
                states=(*shown, *more, *lines),
                box=pane.field,
                parent=first + 1,
                text=pane.text,
                app=pane.app,
            )
        )
    return [top, frame, *parts]


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=14)


def _fill(draw: ImageDraw.ImageDraw, box: Rect, colour: str, edge: str = "edge") -> None:
    corners = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
    draw.rectangle(corners, fill=_INDEX[colour], outline=_INDEX[edge])


def _button(draw: ImageDraw.ImageDraw, box: Rect, name: str) -> None:
    _fill(draw, box, "face")
    centre = box.centre
    draw.text((centre.x, centre.y), name, fill=_INDEX["ink"], font=_font(), anchor="mm")


def _window(draw: ImageDraw.ImageDraw, pane: Pane, *, focused: bool) -> None:
    box = pane.box
    _fill(draw, box, "face")
    _fill(draw, Rect(x=box.x, y=box.y, width=box.width, height=TITLE), "focus" if focused else "bar")
    draw.text((box.x + 8, box.y + TITLE // 2), pane.title, fill=_INDEX["paper"], font=_font(), anchor="lm")
    for name, where in pane.buttons().items():
        _button(draw, where, "x" if name == "Close" else name)
    if pane.field is not None:
        _text(draw, pane, pane.field)


def _text(draw: ImageDraw.ImageDraw, pane: Pane, where: Rect) -> None:
    _fill(draw, where, "chosen" if pane.chosen else "paper")
    lines = pane.text.split("\n")
    before = pane.text[: pane.caret].split("\n")
    rows = max(1, (where.height - 8) // LINE)
    top = max(0, len(before) - rows)
    for row, line in enumerate(lines[top : top + rows]):
        draw.text((where.x + 6, where.y + 4 + row * LINE), line, fill=_INDEX["ink"], font=_font())
    x = where.x + 6 + int(draw.textlength(before[-1], font=_font()))
    y = where.y + 4 + (len(before) - 1 - top) * LINE
    draw.line((x, y, x, y + LINE - 3), fill=_INDEX["ink"])
