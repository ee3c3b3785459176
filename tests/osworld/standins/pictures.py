"""Pictures: one scene in every format, with a thing on a plain ground, and GIMP's own format written by hand."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import cache

from PIL import Image, ImageDraw

SIZE = (640, 512)
_GROUND, _THING, _EDGE = (236, 170, 60), (40, 150, 70), (20, 20, 20)
_TILE = 64


def scene(*, variant: int = 0, ground: bool = True) -> Image.Image:
    """A triangle, a square and a line of dark strokes; `ground` False leaves transparency around them."""
    image = Image.new("RGBA", SIZE, (*_GROUND, 255) if ground else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.polygon([(420, 120), (600, 120), (510, 300 - 40 * variant)], fill=(*_THING, 255))
    draw.rectangle((60, 0, 240, SIZE[1] - 1), fill=(110, 60 + 40 * variant, 160, 255))
    for x in range(280, 400, 12):
        draw.rectangle((x, 400, x + 5, 440), fill=(*_EDGE, 255))
    return image


@cache
def picture(kind: str, variant: int = 0) -> bytes:
    """The scene as png, jpg, gif or webp; `raw` is its bare bytes, three a pixel."""
    image = scene(variant=variant)
    out = io.BytesIO()
    match kind:
        case "raw":
            return image.convert("RGB").tobytes()
        case "png":
            image.convert("RGB").save(out, "PNG", optimize=True)
        case "gif":
            frames = [scene(variant=n).convert("P", palette=Image.Palette.ADAPTIVE) for n in (0, 1)]
            frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=200, loop=0)
        case "webp":
            image.convert("RGB").save(out, "WEBP", quality=60)
        case _:
            image.convert("RGB").save(out, "JPEG", quality=70)
    return out.getvalue()


@cache
def layers() -> bytes:
    """An XCF of two layers, the thing above its ground. Format: GIMP's `devel-docs/xcf.txt`, version 0."""
    width, height = SIZE
    stack = (("thing", scene(ground=False)), ("background", Image.new("RGBA", SIZE, (*_GROUND, 255))))
    out = bytearray(b"gimp xcf file\0" + struct.pack(">3I", width, height, 0))
    out += _property(17, b"\1") + _property(19, struct.pack(">2f", 72.0, 72.0)) + _property(0)
    table = len(out)
    out += bytes(4 * (len(stack) + 2))
    for number, (name, image) in enumerate(stack):
        struct.pack_into(">I", out, table + 4 * number, len(out))
        _layer(out, name, image)
    return bytes(out)


def _property(number: int, payload: bytes = b"") -> bytes:
    return struct.pack(">2I", number, len(payload)) + payload


def _layer(out: bytearray, name: str, image: Image.Image) -> None:
    width, height = image.size
    word = name.encode() + b"\0"
    out += struct.pack(">4I", width, height, 1, len(word)) + word
    out += _property(6, struct.pack(">I", 255)) + _property(8, struct.pack(">I", 1))
    out += _property(15, struct.pack(">2i", 0, 0)) + _property(0)
    pointers = len(out)
    out += bytes(8)  # the hierarchy, and no mask
    struct.pack_into(">I", out, pointers, len(out))
    out += struct.pack(">3I", width, height, 4)
    level = len(out)
    out += bytes(8)
    struct.pack_into(">I", out, level, len(out))
    tiles = list(_tiles(image))
    out += struct.pack(">2I", width, height)
    table = len(out)
    out += bytes(4 * (len(tiles) + 1))
    for number, tile in enumerate(tiles):
        struct.pack_into(">I", out, table + 4 * number, len(out))
        out += tile


def _tiles(image: Image.Image) -> Iterator[bytes]:
    """The picture in squares, row by row, each channel run-length encoded."""
    width, height = image.size
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            part = image.crop((left, top, min(left + _TILE, width), min(top + _TILE, height)))
            yield b"".join(_runs(channel.tobytes()) for channel in part.split())


def _runs(data: bytes) -> bytes:
    """Runs alone, long ones: 127, the length in two bytes, the value."""
    out, at = bytearray(), 0
    while at < len(data):
        end = at
        while end < len(data) and data[end] == data[at]:
            end += 1
        out += b"\x7f" + struct.pack(">H", end - at) + data[at : at + 1]
        at = end
    return bytes(out)
