"""Reads what OSWorld's runners, and those made after them, left of one task: nothing is guessed, nothing is dropped.

Runners differ: an action is text, an object, or a list of either; a response is text or an object, or is spread over
the line; several actions of one response share a `step_num`; pictures carry a stamp, a number, or both. A line that
is no JSON is kept as text.
"""

from __future__ import annotations

import io
import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final  # a line is JSON in whatever form its runner writes

import msgspec
from PIL import Image

from envs.errors import BadInput
from envs.types import Observation, Size
from scoring.osworld.results.layout import (
    BEFORE,
    INSTRUCTION,
    ORIGIN,
    OWN,
    RESULT,
    TRAJECTORY,
    Origin,
    Own,
    Place,
    moment,
)

MOST: Final = 512 * 2**20
"""Bytes of a trajectory that are read."""
_USUAL: Final = frozenset(
    {
        "step_num",
        "action_timestamp",
        "action",
        "response",
        "reward",
        "done",
        "info",
        "screenshot_file",
        "Error",
        OWN,
    }
)


@dataclass(frozen=True)
class Entry:
    """One line. `step` is None where it has no number, `picture` where there is none.

    `text` is the whole line where it could not be read; `error` what the runner wrote of an exception.
    """

    step: int | None = None
    when: datetime | None = None
    action: object = None
    response: str = ""
    done: bool = False
    picture: Path | None = None
    error: str = ""
    own: Own | None = None
    text: str = ""


@dataclass(frozen=True)
class Stored:
    """All that is known of one task. `score` is None where no result was written; `result` is what was, as it stands.

    `notes` say what could not be read.
    """

    place: Place
    entries: tuple[Entry, ...]
    score: float | None
    result: str
    first: Path | None
    goal: str
    origin: Origin | None
    notes: tuple[str, ...]

    @property
    def error(self) -> str:
        """The last exception that the runner wrote down."""
        return next((entry.error for entry in reversed(self.entries) if entry.error), "")


def read(place: Place) -> Stored:
    """What is in a task's folder. Raises BadInput for a file that cannot be opened."""
    notes: list[str] = []
    pictures = _Pictures(place.folder)
    entries = tuple(_entries(place.folder / TRAJECTORY, pictures, notes))
    result = _text(place.folder / RESULT)
    return Stored(
        place=place,
        entries=entries,
        score=_score(result, notes),
        result="" if result is None else " ".join(result.split())[:200],
        first=next((path for name in BEFORE if (path := place.folder / name).is_file()), None),
        goal=(_text(place.folder / INSTRUCTION) or "").strip(),
        origin=_origin(place.folder / ORIGIN, notes),
        notes=tuple(notes),
    )


def _text(path: Path) -> str | None:
    try:
        if path.stat().st_size > MOST:
            raise BadInput(f"{path} is larger than {MOST} bytes; that is no file of OSWorld's results")
        return path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as err:
        raise BadInput(f"{path} cannot be read: {err.strerror or err}") from err


def _score(text: str | None, notes: list[str]) -> float | None:
    """The number, also where it came as a truth value; OSWorld's own summary takes both."""
    if text is None:
        return None
    word = text.strip()
    try:
        value = {"True": 1.0, "False": 0.0}[word] if word in {"True", "False"} else float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        notes.append(f"{RESULT} holds no number but {word[:80]!r}")
        return None
    if not 0 <= value <= 1:
        notes.append(f"{RESULT} holds {value:g}, which is counted as {min(1.0, max(0.0, value)):g}")
    return min(1.0, max(0.0, value))


def _origin(path: Path, notes: list[str]) -> Origin | None:
    text = _text(path)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Origin)
    except msgspec.DecodeError as err:
        notes.append(f"{ORIGIN} cannot be read and was left out: {err}")
        return None


def _entries(path: Path, pictures: _Pictures, notes: list[str]) -> list[Entry]:
    lines = [line for line in (_text(path) or "").split("\n") if line.strip()]
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            made = json.loads(line)
        except (ValueError, RecursionError):
            notes.append(f"{TRAJECTORY}, line {number} is no JSON{' (cut off?)' if number == len(lines) else ''}")
            entries.append(Entry(text=line))
            continue
        entries.append(_entry(made, pictures) if isinstance(made, dict) else Entry(text=line))
    return entries


def _entry(made: dict[str, Any], pictures: _Pictures) -> Entry:
    number = made.get("step_num")
    step = number if isinstance(number, int) and not isinstance(number, bool) else None
    stamp = made.get("action_timestamp")
    error = made.get("Error")
    acted = made.get("action") is not None or OWN in made
    return Entry(
        step=step,
        when=moment(stamp),
        action=made.get("action"),
        response=_response(made),
        done=made.get("done") is True,
        picture=pictures.of(step, stamp, made.get("screenshot_file")) if acted else None,
        error="" if error is None else str(error),
        own=_own(made.get(OWN)),
    )


def _own(made: object) -> Own | None:
    try:
        return None if made is None else msgspec.convert(made, Own)
    except msgspec.ValidationError:
        return None


def _response(made: dict[str, Any]) -> str:
    """The model's words: under `response`, or whatever else the line has beside OSWorld's own keys."""
    found = made.get("response")
    if found is None:
        found = {key: value for key, value in made.items() if key not in _USUAL} or None
    if found is None or isinstance(found, str):
        return found or ""
    return json.dumps(found, ensure_ascii=False, indent=1)


class _Pictures:
    """Finds a line's picture: by the name that it gives, else by number and stamp, else the next of that number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there = {path.name for path in folder.iterdir() if path.is_file() and not path.is_symlink()}
        self._left = sorted(self._there, key=_in_order)

    def of(self, step: int | None, stamp: object, name: object) -> Path | None:
        """None where there is none."""
        given = Path(name).name if isinstance(name, str) else ""
        for guess in (given, f"step_{step}_{stamp}.png"):
            if guess in self._there:
                self._left = [each for each in self._left if each != guess]
                return self._folder / guess
        if given or step is None:
            return None
        found = next(
            (each for each in self._left if re.fullmatch(rf"step_{step}(?:[_-].*)?\.(?:png|jpe?g)", each)), None
        )
        if found is None:
            return None
        self._left.remove(found)
        return self._folder / found


def _in_order(name: str) -> tuple[object, ...]:
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part)


def seen(path: Path) -> Observation | None:
    """The picture as PNG, with its size; another format is made one. None for what is no picture."""
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            size = Size(width=image.width, height=image.height)
            if image.format != "PNG":
                out = io.BytesIO()
                image.convert("RGB").save(out, "PNG")
                data = out.getvalue()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return Observation(png=data, size=size)
