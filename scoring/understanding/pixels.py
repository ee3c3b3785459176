"""What pictures themselves witness: that something is drawn at a place, and that two screens look different.

A tree can tell of what is not drawn, or of what is drawn elsewhere. So an item's truth must also be in the pixels: a
text's box is not of one colour, and looks otherwise where the text is another.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
from PIL import Image

from envs.types import Rect
from scoring.drawing import width
from scoring.understanding.trails import Moment
from scoring.understanding.volatile import NONE, Mask

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
STEP = 24
"""Of 255: levels by which a channel must differ to count as another colour."""
SHADES = 32
"""Of 255: how far apart the colours of a box must be for something to be drawn in it, be it greyed out."""
SOME = 30
"""Pixels: fewer are no difference that can be seen; a blinking caret has some twenty."""
SMALLEST, NARROWEST, GAP = 13, 0.8, 9
"""Pixels of the type that widths are reckoned in; the part of such a width that a text has at least (measured on the
desktop's applications: 0.81 to 1.3); pixels between words."""
EDGE = 4
"""Pixels before a box's left end where a text that is cut by it would be."""


_ROWS: WeakValueDictionary[bytes, Pixels] = WeakValueDictionary()
"""By their digest: screens that follow one another have most of their rows in common."""


@lru_cache(maxsize=1500)  # the plays of a task and seed have some hundreds, looked at again and again
def _opened(run: Path, picture: str) -> tuple[Pixels, ...]:
    """A picture's rows: those that are alike are one array, so that hundreds of pictures take little room."""
    with Image.open(io.BytesIO((run / "frames" / f"{picture}.png").read_bytes())) as image:
        pixels = np.asarray(image.convert("RGB"))
    return tuple(_one(row) for row in pixels)


def _one(row: Pixels) -> Pixels:
    key = blake2b(row.tobytes(), digest_size=16).digest()
    known = _ROWS.get(key)
    if known is None:
        known = _ROWS[key] = row.copy()  # a row of its own: a view would keep the whole picture
    return known


def crop(moment: Moment, box: Rect) -> Pixels:
    """The part of the picture in the box: rows, columns, channels."""
    rows = _opened(moment.run, moment.picture)[max(0, box.y) : max(0, box.y + box.height)]
    return _cut(rows, box)


def _cut(rows: Sequence[Pixels], box: Rect) -> Pixels:
    """The columns of the box, of these rows."""
    left, right = max(0, box.x), max(0, box.x + box.width)
    if not rows:
        return np.empty((0, max(0, right - left), 3), np.uint8)
    return np.array([row[left:right] for row in rows])


def drawn(moment: Moment, box: Rect) -> bool:
    """Whether something is drawn in the box, whatever the colour of its rim: its inside is not of one colour."""
    return _varied(crop(moment, _inner(box)))


def _inner(box: Rect) -> Rect:
    rim = 3 if min(box.width, box.height) > 12 else 0
    return Rect(x=box.x + rim, y=box.y + rim, width=box.width - 2 * rim, height=box.height - 2 * rim)


def spells(moment: Moment, box: Rect, text: str) -> bool:
    """Whether what is drawn in the box is wide enough to be the text, in the smallest type that desktops use.

    Toolkits name buttons otherwise than they are labelled: `Create a new calendar` for one that says `Calendar`.
    """
    pixels = crop(moment, _inner(box))
    if not pixels.size:
        return False
    colours, counts = np.unique(pixels.astype(np.int32) @ (65536, 256, 1), return_counts=True)
    ground = int(colours[counts.argmax()])
    apart_by = _apart(pixels, np.array((ground >> 16, ground >> 8 & 255, ground & 255), np.uint8)).max(axis=2)
    inked = (apart_by > SHADES).any(axis=0)
    columns = np.nonzero(inked)[0]
    if not len(columns):
        return False
    apart = max(GAP, box.height // 4)  # words of a text are nearer to each other than a text is to a picture
    parts = np.split(columns, np.nonzero(np.diff(columns) > apart)[0] + 1)
    widest = max(int(part[-1] - part[0]) + 1 for part in parts)
    return widest >= NARROWEST * width(text, SMALLEST)


def _apart(one: Pixels, other: Pixels) -> Pixels:
    """How many levels of each channel."""
    return np.maximum(one, other) - np.minimum(one, other)


def whole(moment: Moment, box: Rect) -> bool:
    """Whether a text in the box begins in it: nothing is drawn just before the left end of the box."""
    before = Rect(x=box.x - EDGE, y=box.y + 4, width=EDGE, height=box.height - 8)
    if box.x < EDGE or box.height < 12:
        return True
    return not any(_varied(column) for column in np.swapaxes(crop(moment, before), 0, 1))


def _varied(pixels: Pixels) -> bool:
    flat = pixels.reshape(-1, 3)
    return bool(len(flat)) and bool((flat.max(axis=0) - flat.min(axis=0)).max() > SHADES)


def differ(one: Moment, other: Moment, box: Rect | None = None, mask: Mask = NONE, some: int = SOME) -> bool:
    """Whether two pictures can be told apart, in the box or anywhere, outside what is volatile."""
    if one.picture == other.picture:
        return False
    return one.size != other.size or changed(one, other, box, mask) >= some


def changed(one: Moment, other: Moment, box: Rect | None = None, mask: Mask = NONE) -> int:
    """In how many pixels two pictures of one size differ, in the box or anywhere, outside what is volatile."""
    box = box or Rect(x=0, y=0, width=one.size.width, height=one.size.height)
    mine, others = _opened(one.run, one.picture), _opened(other.run, other.picture)
    lines = [y for y in range(max(0, box.y), min(len(mine), box.y + box.height)) if mine[y] is not others[y]]
    apart = _apart(_cut([mine[y] for y in lines], box), _cut([others[y] for y in lines], box)).max(axis=2) > STEP
    at, start = np.array(lines, int), max(0, box.x)
    for each in mask.boxes:
        covered = (each.y <= at) & (at < each.y + each.height)
        apart[covered, max(0, each.x - start) : max(0, each.x + each.width - start)] = False
    return int(apart.sum())
