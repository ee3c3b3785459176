"""Pictures of the screen: lossless, pointer drawn in, and only what has changed is read and encoded again.

The pixels arrive in a shared memory segment that is kept (MIT-SHM); XDamage says which bands are stale, and
XFixes gives the pointer, which the X server does not draw into what it hands out. It is drawn into the
segment, so where it was and where it is count as changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import xcffib.damage
import xcffib.xfixes
from PIL import Image

from envs.server import png
from envs.server.display import Display
from envs.server.pixels import Pixels


@dataclass(frozen=True)
class Pointer:
    """The pointer's picture with its box on the screen, which may stick out of it."""

    serial: int
    left: int
    top: int
    width: int
    height: int


class Screen:
    """The screen's frames, numbered from 1; the number rises when a pixel or the pointer has changed."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._source = Pixels(display)
        self._width, self._height, self._stride = self._source.width, self._source.height, self._source.stride
        self._pixels = self._source.memory
        self._png = png.Png(self._width, self._height, self._pixels)
        self._damage = display.x.generate_id()
        self._parts = display.x.generate_id()
        display.damage.Create(self._damage, display.root, xcffib.damage.ReportLevel.NonEmpty)
        display.fixes.CreateRegion(self._parts, 0, [])
        self._stale = set(range(self._png.count))
        self._pointer = Pointer(0, 0, 0, 0, 0)
        self._shape: tuple[Image.Image, Image.Image] | None = None
        self._frame = 0
        self._last = b""

    def look(self, have: int) -> tuple[int, bytes | None]:
        """The frame's number, and its PNG unless the caller holds that number already."""
        display = self._display
        with display.lock:
            display.damage.Subtract(self._damage, 0, self._parts)
            parts = display.fixes.FetchRegion(self._parts)
            cursor = display.fixes.GetCursorImage()
            for box in parts.reply().rectangles:
                self._spoil(box.y, box.height)
            moved = self._follow(cursor.reply())
            if self._stale and self._refresh() | moved:
                self._frame += 1
                self._last = self._png.bytes()
            return self._frame, None if have == self._frame else self._last

    def _spoil(self, top: int, height: int) -> None:
        first = max(0, top) // png.ROWS
        last = min(self._height, top + height) - 1
        self._stale.update(range(first, last // png.ROWS + 1))

    def _follow(self, cursor: xcffib.xfixes.GetCursorImageReply) -> bool:
        """Take note of where the pointer is; whether it has moved or changed."""
        left, top = cursor.x - cursor.xhot, cursor.y - cursor.yhot
        now = Pointer(cursor.cursor_serial, left, top, cursor.width, cursor.height)
        if now == self._pointer:
            return False
        if now.serial != self._pointer.serial:
            self._shape = _unblended(cursor.cursor_image.buf(), (now.width, now.height))
        for pointer in (self._pointer, now):
            self._spoil(pointer.top, pointer.height)
        self._pointer = now
        return True

    def _refresh(self) -> bool:
        stale = sorted(self._stale)
        self._stale.clear()
        if self._overlaps(stale):
            near = range(max(0, self._pointer.top) // png.ROWS, self._bottom_band() + 1)
            stale = sorted({*stale, *near})
        grabs = [self._grab(band, count) for band, count in _runs(stale)]
        for grab in grabs:
            grab.reply()
        if self._overlaps(stale):
            self._draw_pointer()
        return self._png.renew(stale)

    def _bottom_band(self) -> int:
        return (min(self._height, self._pointer.top + self._pointer.height) - 1) // png.ROWS

    def _overlaps(self, bands: list[int]) -> bool:
        first = max(0, self._pointer.top) // png.ROWS
        return any(first <= band <= self._bottom_band() for band in bands)

    def _grab(self, band: int, count: int) -> xcffib.shm.GetImageCookie:
        top = band * png.ROWS
        return self._source.grab(top, min(count * png.ROWS, self._height - top))

    def _draw_pointer(self) -> None:
        """Blend the pointer into the pixels, row by row."""
        box = self._pointer
        left, right = max(0, box.left), min(self._width, box.left + box.width)
        top, bottom = max(0, box.top), min(self._height, box.top + box.height)
        if self._shape is None or left >= right or top >= bottom:
            return
        crop = (left - box.left, top - box.top, right - box.left, bottom - box.top)
        colour, alpha = (part.crop(crop) for part in self._shape)
        rows = slice(top * self._stride, bottom * self._stride)
        whole = png.in_place(self._pixels[rows], self._width, bottom - top)
        under = whole.crop((left, 0, right, bottom - top))
        under.paste(colour, (0, 0), alpha)
        drawn, wide = under.tobytes(), (right - left) * 4
        for row in range(bottom - top):
            start = (top + row) * self._stride + left * 4
            self._pixels[start : start + wide] = drawn[row * wide : (row + 1) * wide]


def _unblended(argb: bytes, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """The pointer's colours (in X's byte order, B G R x) and its opacity, from premultiplied words."""
    premultiplied = Image.frombytes("RGBa", size, argb)
    straight = premultiplied.convert("RGBA")
    alpha = straight.getchannel("A")
    return Image.merge("RGBX", (*straight.split()[:3], alpha)), alpha


def _runs(bands: list[int]) -> list[tuple[int, int]]:
    """Neighbouring bands together: (first, how many)."""
    runs = []
    for _, group in groupby(enumerate(bands), key=lambda pair: pair[1] - pair[0]):
        run = [band for _, band in group]
        runs.append((run[0], len(run)))
    return runs
