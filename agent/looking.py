"""Screenshots as they are sent to a model: at another size, or a part of them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from agent.models.base import Picture
from envs.types import Rect, Size

RESAMPLING = Image.Resampling.BICUBIC
"""As the image processors of the models themselves; Lanczos takes half as long again."""
DETAIL = Size(width=1280, height=800)
"""A detail is enlarged up to this, and up to four times."""


def size_of(png: bytes) -> Size:
    """From the header (PNG specification, IHDR), without decoding."""
    width, height = struct.unpack(">II", png[16:24])
    return Size(width=width, height=height)


def resized(png: bytes, size: Size) -> Picture:
    """The picture at that size; as it is, byte for byte, when it has it already."""
    if size_of(png) == size:
        return Picture(png=png, size=size)
    with Image.open(io.BytesIO(png)) as picture:
        return _made(picture.convert("RGB").resize((size.width, size.height), RESAMPLING))


def detail(png: bytes, region: Rect) -> Picture:
    """A part of the picture, enlarged."""
    wide, high = max(1, region.width), max(1, region.height)
    scale = max(1.0, min(4.0, DETAIL.width / wide, DETAIL.height / high))
    with Image.open(io.BytesIO(png)) as picture:
        part = picture.convert("RGB").crop((region.x, region.y, region.x + wide, region.y + high))
    return _made(part.resize((round(wide * scale), round(high * scale)), RESAMPLING))


def grey(size: Size) -> Picture:
    """A plain picture, for asking what an endpoint takes."""
    return _made(Image.new("RGB", (size.width, size.height), (128, 128, 128)))


def _made(picture: Image.Image) -> Picture:
    """A PNG (ISO/IEC 15948) of 8-bit RGB, its rows as they are: Pillow, which tries filters, takes twice as long.

    Pillow writes rows that are one byte longer than they are: the spare byte is the next row's filter, 0.
    """
    rows = picture.tobytes("raw", "RGB", picture.width * 3 + 1)
    packed = zlib.compress(memoryview(b"\0" + rows)[:-1], 1)  # sent once: tighter costs more than it saves
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    return Picture(png=b"\x89PNG\r\n\x1a\n" + b"".join(parts), size=Size(width=picture.width, height=picture.height))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
