"""`picture`: a part of a picture is cut out in GIMP, made smaller, and exported under another name."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from PIL import Image, ImageDraw

from envs.desktop import Probe
from envs.types import Click, Launch, Point, Press, Put, Rect, Scene, Type
from scoring.checks import FileExists, Finding, PictureIs, StateCheck, read
from scoring.documents import Unfit
from scoring.documents import picture as decoded
from tasks.base import Budget, Play, Step, Task
from tasks.play import act, await_, centre, click_at, drag, find, gone, keys, menu, nodes, route, window, write
from tasks.smoke.files import SomeFileIs

FOLDER = "/home/user/Pictures"
SIZE = (1200, 900)
SUBJECTS = ("market-street", "harbour-row", "orchard-lane", "station-road", "chapel-street", "mill-lane")
USES = (("header", "web page"), ("cover", "yearbook"), ("banner", "newsletter"), ("card", "invitation"))
SETTINGS = "/home/user/.config/GIMP/3.0/gimprc"
# Two plays show other dashes around a layer, by a pixel, and the brush's outline or none.
PLAIN = b"""(config-version "3.0.4")
(show-welcome-dialog no)
(check-updates no)
(show-tips no)
(show-brush-outline no)
(default-view (show-layer-boundary no) (show-canvas-boundary no))
"""
LIKENESS = 0.965  # any scaling filter and JPEG from quality 70 up reach 0.977; two pixels beside it, 0.957
CUTS = (((800, 500), (480, 300)), ((720, 480), (360, 240)), ((640, 480), (400, 300)), ((900, 600), (450, 300)))

CANVAS = r"^Set Image Canvas Size$"
SCALING = r"^Scale Image$"

Encoding = Literal["JPEG", "PNG"]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels of the source; the last two are outside."""


@dataclass(frozen=True)
class Cutting:
    """A picture, the part of it that is wanted, and what becomes of it."""

    source: str
    target: str
    use: str
    data: bytes = field(repr=False)
    """The source, a PNG."""
    box: Box
    size: tuple[int, int]
    """Of the exported picture, in pixels."""

    @property
    def width(self) -> int:
        """Of the part."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """Of the part."""
        return self.box[3] - self.box[1]

    @property
    def wanted(self) -> bytes:
        """What the exported picture must look like, a PNG."""
        return cut(self.data, self.box, self.size)


def cut(data: bytes, box: Box, size: tuple[int, int]) -> bytes:
    """The part of the picture, scaled, as a PNG."""
    return _png(Image.open(io.BytesIO(data)).crop(box).resize(size, Image.Resampling.BICUBIC))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


def _dark(rng: Random) -> tuple[int, int, int]:
    return rng.randrange(20, 110), rng.randrange(20, 110), rng.randrange(20, 110)


def _light(rng: Random) -> tuple[int, int, int]:
    return rng.randrange(150, 256), rng.randrange(150, 256), rng.randrange(150, 256)


def drawn(rng: Random) -> bytes:
    """A street of houses under balloons. Light and dark lie close everywhere, so that a shift shows as difference."""
    image = Image.new("RGB", SIZE, _light(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(140):
        x, y, r = rng.randrange(SIZE[0]), rng.randrange(460), rng.randrange(12, 40)
        draw.line((x, y + r, x + rng.randrange(-9, 9), y + 3 * r), fill=_dark(rng), width=4)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_dark(rng), outline=_light(rng), width=5)
    left = 0
    while left < SIZE[0]:
        width, top = rng.randrange(110, 190), rng.randrange(380, 520)
        _house(draw, rng, (left, top, left + width, 780))
        left += width
    draw.rectangle((0, 780, *SIZE), fill=_dark(rng))
    for row in range(780, SIZE[1], 24):
        for x in range(rng.randrange(-40, 0), SIZE[0], 48):
            draw.rectangle((x + 3, row + 3, x + 40, row + 18), fill=_light(rng))
    return _png(image)


def _house(draw: ImageDraw.ImageDraw, rng: Random, box: Box) -> None:
    left, top, right, bottom = box
    wall, glass = rng.choice(((_light(rng), _dark(rng)), (_dark(rng), _light(rng))))
    draw.polygon(((left, top), ((left + right) // 2, top - 90), (right, top)), fill=_dark(rng), outline=_light(rng))
    draw.rectangle((left, top, right - 1, bottom), fill=wall, outline=glass)
    for y in range(top + 16, bottom - 40, 44):
        for x in range(left + 14, right - 26, 36):
            draw.rectangle((x, y, x + 20, y + 26), fill=glass)


def cutting(rng: Random) -> Cutting:
    """What a seed makes of it."""
    subject, (use, purpose) = rng.choice(SUBJECTS), rng.choice(USES)
    (width, height), size = rng.choice(CUTS)
    # At least 60 px from every edge, and with left and top as far apart: each wrong place is another picture.
    left, top = rng.randrange(60, SIZE[0] - width - 60, 10), rng.randrange(60, SIZE[1] - height - 60, 10)
    if abs(left - top) < 60:
        left = top + 60 if top + 60 + width <= SIZE[0] - 60 else top - 60
    year = rng.randrange(2019, 2026)
    suffix = rng.choice((".jpg", ".png"))
    return Cutting(
        source=f"{FOLDER}/{subject}-{year}.png",
        target=f"{FOLDER}/Print/{subject}-{use}{suffix}",
        use=f"the {use} of the {purpose}",
        data=drawn(rng),
        box=(left, top, left + width, top + height),
        size=size,
    )


@dataclass(frozen=True)
class Encoded(StateCheck):
    """The file holds a picture of this format, whatever its name says."""

    path: str
    format: Encoding

    @property
    def expected(self) -> str:
        """The path and the format."""
        return f"{self.path} is a {self.format} picture"

    def find(self, probe: Probe) -> Finding:
        """Look at how the file begins."""
        begins = read(probe, self.path)[:8]
        found = {b"\xff\xd8\xff": "JPEG", b"\x89PN": "PNG"}.get(begins[:3], f"a file that begins {begins!r}")
        return found == self.format, found


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _number(at: Rect, value: int, what: str) -> Step:
    """Write a number into a number field."""
    # On its left, away from the buttons that step it up and down.
    inside = Point(x=at.x + at.width // 5, y=at.y + at.height // 2)
    return act(f"the {what}: {value}", Click(at=inside), Press(keys=("ctrl", "a")), Type(text=f"{value}\t"))


def _fields(see: Probe, area: Rect, count: int) -> list[Rect]:
    """The first number fields in a part of the screen, row by row."""

    def look() -> list[Rect] | None:
        boxes = (node.box for node in nodes(see, "spin button") if node.box is not None)
        found = sorted((each for each in boxes if area.holds(each.centre)), key=lambda each: (each.y, each.x))
        return found[:count] if len(found) >= count else None

    return await_(f"{count} number fields", look)


def _press(see: Probe, title: str, button: str) -> Iterator[Step]:
    """Click the button in the window, and wait until the window is gone."""
    box = window(see, title).box
    found = await_(
        f"the button {button}",
        lambda: [node for node in nodes(see, "push button|button", button) if box.holds(centre(node))],
    )
    yield click_at(centre(found[0]), intent=f"click {button}")
    gone(see, title)


def _crop(box: Box) -> Play:
    """Make the canvas as large as the part, and push the picture so that the part lies in it."""
    left, top, right, bottom = box
    numbers = (("width", right - left), ("height", bottom - top), ("offset in x", -left), ("offset in y", -top))

    def play(see: Probe) -> Iterator[Step]:
        yield keys("alt+i", "v", intent="menu: Image, Canvas Size")
        boxes = _fields(see, window(see, CANVAS).box, len(numbers))
        for at, (what, value) in zip(boxes, numbers, strict=True):
            yield _number(at, value, what)
        yield from _press(see, CANVAS, "Resize")

    return play


def _crop_by_tool(box: Box) -> Play:
    """Draw any rectangle with the crop tool, then write its place and size beside it."""
    left, top, right, bottom = box
    numbers = (("x", left), ("y", top), ("width", right - left), ("height", bottom - top))

    def play(see: Probe) -> Iterator[Step]:
        yield keys("shift+c", intent="take the crop tool")
        x, y = (middle := window(see, r"GIMP$").box.centre).x, middle.y
        yield drag(Point(x=x - 60, y=y - 60), Point(x=x - 30, y=y - 30), middle, intent="draw a rectangle")
        label = centre(find(see, "label", "Position:"))
        area = Rect(x=0, y=label.y, width=label.x + 300, height=200)
        for at, (what, value) in zip(_fields(see, area, len(numbers)), numbers, strict=True):
            yield _number(at, value, what)
        yield click_at(middle, intent="cut it out")

    return play


def _scale(size: tuple[int, int], *, by_menu: bool = False, squeezed: bool = False) -> Play:
    """Scale the picture to the width, and its height with it; to width and height when `squeezed`."""

    def play(see: Probe) -> Iterator[Step]:
        if by_menu:
            yield from menu(see, "Image", r"Scale Image.*")
        else:
            yield keys("alt+i", "s", intent="menu: Image, Scale Image")
        box = window(see, SCALING).box
        width, height = _fields(see, box, 2)
        if squeezed:
            chain = next(node for node in nodes(see, "button") if not node.name and box.holds(centre(node)))
            yield click_at(centre(chain), intent="part height from width")
        yield _number(width, size[0], "width")
        if squeezed:
            yield _number(height, size[1], "height")
        yield from _press(see, SCALING, "Scale")

    return play


def _export(path: str, *, by_menu: bool = False) -> Play:
    """Export the picture, with the settings that GIMP proposes."""

    def play(see: Probe) -> Iterator[Step]:
        if by_menu:
            yield from menu(see, "File", r"Export As.*")
        else:
            yield keys("ctrl+shift+e", intent="export")
        window(see, r"^Export Image$")
        yield keys("ctrl+a", intent="select the name that is proposed")
        yield write(f"{path}\n", intent=f"name it {path}")
        yield from _press(see, r"^Export Image as ", "Export")
        await_(f"{path} to be written", lambda: _whole(see, path))

    return play


def _overwrite(path: str) -> Play:
    """Overwrite the file that the picture was read from."""

    def play(see: Probe) -> Iterator[Step]:
        before = see.read_file(path)
        yield from menu(see, "File", r"Overwrite .*")
        await_(f"{path} to be overwritten", lambda: see.read_file(path) != before and _whole(see, path))

    return play


def _forgotten(see: Probe) -> Iterator[Step]:
    """Wait until GIMP no longer says what it wrote, which it does for some seconds."""
    await_("GIMP to say nothing more", lambda: not nodes(see, "label", r"Image exported to .*"))
    yield from ()


def _near_misses(about: Cutting) -> dict[str, Play]:
    left, top, _, _ = box = about.box
    exchanged = (top, left, top + about.width, left + about.height)
    stem, _, suffix = about.target.rpartition(".")
    other = "png" if suffix == "jpg" else "jpg"
    scale, export = _scale(about.size), _export(about.target)
    return {
        "the whole picture squeezed": route(_scale(about.size, squeezed=True), export),
        "left and top exchanged": route(_crop(exchanged), scale, export),
        "in another format": route(_crop(box), scale, _export(f"{stem}.{other}")),
        "the original overwritten as well": route(_crop(box), scale, _overwrite(about.source), _forgotten, export),
    }


def _whole(see: Probe, path: str) -> bool:
    try:
        decoded(path, see.read_file(path))
    except (FileNotFoundError, Unfit):
        return False
    return True


def picture(rng: Random) -> Task:
    """A part of a picture, given in pixels, becomes a smaller picture of its own."""
    about = cutting(rng)
    left, top, _, _ = about.box
    kind: Encoding = "JPEG" if about.target.endswith(".jpg") else "PNG"
    source, target = _name(about.source), _name(about.target)
    return Task(
        id="smoke/picture@1",
        goal=(
            f"The picture '{source}' is open in GIMP; {about.use} is made from it. Cut out the part that is "
            f"{about.width} pixels wide and {about.height} pixels high and whose top left corner lies {left} pixels "
            f"from the left edge and {top} pixels from the top edge of the picture. Scale this part to "
            f"{about.size[0]} x {about.size[1]} pixels and export it as a {kind} picture named '{target}' into the "
            f"folder Print in Pictures of your home folder. The file {source} itself must stay as it is."
        ),
        checks=(
            PictureIs("the exported part", about.target, about.size, about.wanted, LIKENESS),
            Encoded("the exported format", about.target, kind),
            SomeFileIs("the picture as before", about.source, about.data),
        ),
        scene=Scene(
            files=(
                Put(path=about.source, data=about.data),
                Put(path=SETTINGS, data=PLAIN),
                Put(path=f"{FOLDER}/Print/sizes.txt", data=b"Everything in this folder goes to the printer.\n"),
            ),
            open=(Launch(argv=("gimp", about.source), window=re.escape(source.rpartition(".")[0]), maximised=True),),
        ),
        budget=Budget(steps=70),
        apps=("gimp",),
        tags=("picture",),
        plan=(
            f"Image > Canvas Size: {about.width} x {about.height} pixels, offset {-left} and {-top}",
            f"Image > Scale Image: {about.size[0]} x {about.size[1]} pixels",
            f"File > Export As: {about.target}, and accept the format's settings",
        ),
        milestones=(
            FileExists("an export in Print", f"{FOLDER}/Print/*.*g", 1),
            PictureIs("an export of the right size", about.target, about.size),
        ),
        solution=route(_crop(about.box), _scale(about.size), _export(about.target)),
        equivalents={
            "with the crop tool and the menus": route(
                _crop_by_tool(about.box), _scale(about.size, by_menu=True), _export(about.target, by_menu=True)
            ),
        },
        near_misses=_near_misses(about),
    )
