"""Text read off a picture, for screens that tell nothing of themselves: RapidOCR's lines, cut where gaps are wide.

The models come with the package (PP-OCRv6, small): nothing is fetched. One reader serves all episodes, one at a time;
a screen of 1920x1080 takes 2 to 10 seconds on two cores.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from unicodedata import east_asian_width

from PIL import Image

from agent.elements import LEAST, Element
from agent.looking import size_of
from envs.boxes import area, clipped, shared
from envs.errors import BadInput
from envs.types import Rect

Read = Callable[[bytes], tuple[Element, ...]]
NEEDS = ("rapidocr", "onnxruntime")
GAP = 0.5
"""Of a line's height: what is farther apart is not one thing. Words in a text are closer, items of a menu are not."""
SURE = 0.6
"""Words of which the reader is less sure are icons, as a rule."""
SAME = 0.5
"""Of a line: so much of it on an element is that element's own name."""
LARGER = 12.0
"""Times the line: so large an element holds the line, and is not named by it."""
_TURN = threading.Lock()


def reader() -> Read:
    """What reads a PNG. Raises BadInput where it is not installed; it is loaded when it is first used."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise BadInput(
            f"reading text off the screen needs {' and '.join(missing)}, not installed here; "
            "run: pip install 'handeye[ocr]'"
        )
    return _read


@lru_cache(maxsize=8)
def _read(png: bytes) -> tuple[Element, ...]:
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")  # of a palette's picture it would read the numbers
    with _TURN:
        found = _engine()(picture, return_word_box=True)
    lines = found.word_results if found.txts else ()
    size = size_of(png)
    boxed = [(text, clipped(box, size, LEAST)) for line in lines for text, box in pieces(_words(line))]
    return tuple(Element(role="text", name=text, box=box) for text, box in boxed if box is not None)


@cache
def _engine() -> Any:  # RapidOCR has no types
    return import_module("rapidocr").RapidOCR(params={"Global.log_level": "error", "Global.use_cls": False})


def _words(line: Sequence[Any]) -> list[tuple[str, Rect]]:
    """A line's words, each a triple of text, certainty and four corners."""
    return [
        (str(text), _upright(corners)) for text, sure, corners in line if float(sure) >= SURE and str(text).strip()
    ]


def _upright(corners: Sequence[Sequence[float]]) -> Rect:
    across, down = [float(corner[0]) for corner in corners], [float(corner[1]) for corner in corners]
    left, top = round(min(across)), round(min(down))
    return Rect(x=left, y=top, width=round(max(across)) - left, height=round(max(down)) - top)


def pieces(words: Sequence[tuple[str, Rect]]) -> Iterator[tuple[str, Rect]]:
    """A line's words put together, but for where a wide gap parts them: a menu bar is read as one line."""
    text, box = "", Rect(x=0, y=0, width=0, height=0)
    for word, where in words:
        gap = where.x - (box.x + box.width)
        if text and gap <= GAP * where.height:
            text += ("" if _wide(text[-1]) and _wide(word[0]) else " ") + word
            box = _joined(box, where)
            continue
        if text:
            yield text, box
        text, box = word, where
    if text:
        yield text, box


def _wide(letter: str) -> bool:
    """Whether it is of a script that puts no spaces between words, such as Chinese."""
    return east_asian_width(letter) in ("W", "F")


def _joined(one: Rect, other: Rect) -> Rect:
    top = min(one.y, other.y)
    bottom = max(one.y + one.height, other.y + other.height)
    return Rect(x=one.x, y=top, width=other.x + other.width - one.x, height=bottom - top)


def added(elements: Sequence[Element], lines: Sequence[Element]) -> tuple[Element, ...]:
    """The elements of the tree, then the lines that are none of them."""
    acting = [element for element in elements if element.acts]
    return (*elements, *(line for line in lines if not any(_names(line.box, each.box) for each in acting)))


def _names(line: Rect, box: Rect) -> bool:
    return shared(line, box) >= SAME * area(line) and area(box) <= LARGER * area(line)
