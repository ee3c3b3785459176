"""A bank's pictures: encoded anew, so that the same pixels have the same name in every build.

A desktop's PNGs of the same pixels may differ in a few bytes: their deflater is fast, not canonical.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path

from PIL import Image

from scoring.understanding.trails import Moment, Trail, Trails


def renamed(trails: Trails) -> Trails:
    """The trails with the pictures of all their screens encoded anew, beside the old ones."""
    names: dict[str, str] = {}

    def moment(old: Moment) -> Moment:
        if old.picture not in names:
            names[old.picture] = _kept(old.run / "frames", old.png)
        return replace(old, picture=names[old.picture])

    def trail(old: Trail) -> Trail:
        return replace(old, moments=tuple(map(moment, old.moments)))

    made = replace(
        trails,
        solution=trail(trails.solution),
        untouched=trail(trails.untouched) if trails.untouched else None,
        again=tuple(map(trail, trails.again)),
        ways={name: trail(way) for name, way in trails.ways.items()},
        turns={at: {what: trail(turn) for what, turn in some.items()} for at, some in trails.turns.items()},
    )
    return replace(made, odd=frozenset(names[name] for name in trails.odd if name in names))


def _kept(frames: Path, png: bytes) -> str:
    """Store the picture under the name of its new encoding."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(out, "PNG", compress_level=6)
    name = hashlib.sha256(out.getvalue()).hexdigest()
    path = frames / f"{name}.png"
    if not path.exists():
        part = frames / f".{name}.{os.getpid()}"
        part.write_bytes(out.getvalue())
        part.rename(path)
    return name
