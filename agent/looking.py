"""Screenshots as they are sent to a model: at another size, or a part of them."""

from __future__ import annotations

import io
import struct

from PIL import Image

from agent.models.base import Picture
from envs.types import Rect, Size

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
        return _made(picture.convert("RGB").resize((size.width, size.height), Image.Resampling.LANCZOS))


def detail(png: bytes, region: Rect) -> Picture:
    """A part of the picture, enlarged."""
    wide, high = max(1, region.width), max(1, region.height)
    scale = max(1.0, min(4.0, DETAIL.width / wide, DETAIL.height / high))
    with Image.open(io.BytesIO(png)) as picture:
        part = picture.convert("RGB").crop((region.x, region.y, region.x + wide, region.y + high))
    return _made(part.resize((round(wide * scale), round(high * scale)), Image.Resampling.LANCZOS))


def grey(size: Size) -> Picture:
    """A plain picture, for asking what an endpoint takes."""
    return _made(Image.new("RGB", (size.width, size.height), (128, 128, 128)))


def _made(picture: Image.Image) -> Picture:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)  # sent once: packing it tighter costs more than it saves
    return Picture(png=out.getvalue(), size=Size(width=picture.width, height=picture.height))
