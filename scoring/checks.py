"""The few general checks that tasks share; a check that one task needs lives in that task's file.

Each is frozen data: a name of a few words (`the total in B7`), what to look at, and what must be found there.
A file that is missing, half written or of another kind is a verdict of 0 that says so, never an exception.
They read through the probe alone, so they can run after every step.
"""

from __future__ import annotations

import configparser
import glob
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree
from PIL import Image, ImageChops, ImageStat

from envs.desktop import Probe
from scoring.documents import Unfit, Value, archive, paragraphs, parsed, picture, sheet
from scoring.verdict import Axis, Verdict

Spaces = Literal["exact", "trimmed", "folded"]
"""How white space counts. `exact`: every byte; `trimmed`: CRLF is LF, and space at the end of lines and of the
text does not count; `folded`: any run of white space is one space, and none at the ends."""

Finding = tuple[bool, str]
"""Whether it is met, and what was found, in words."""

SHOWN = 400  # characters of a file's text in a verdict: enough to see what went wrong


@dataclass(frozen=True)
class StateCheck(ABC):
    """A check by `find`. `name` says what it looks at; `axis` whether that is doing or understanding."""

    name: str
    axis: Axis = field(default="control", kw_only=True)

    @property
    @abstractmethod
    def expected(self) -> str:
        """What must be found, in words."""

    @abstractmethod
    def find(self, probe: Probe) -> Finding:
        """Look. Raises Unfit when what is there cannot be judged."""

    def __call__(self, probe: Probe, answer: str) -> Verdict:  # noqa: ARG002 - the answer is part of every check's call
        """Judge the state as it is now."""
        try:
            met, actual = self.find(probe)
        except Unfit as found:
            met, actual = False, str(found)
        return Verdict(check=self.name, score=float(met), expected=self.expected, actual=actual, axis=self.axis)


def read(probe: Probe, path: str) -> bytes:
    """The file's bytes. Raises Unfit with the reason when there are none to read."""
    try:
        return probe.read_file(path)
    except FileNotFoundError:
        raise Unfit(f"there is no {path}") from None
    except IsADirectoryError:
        raise Unfit(f"{path} is a folder") from None
    except ValueError as err:
        raise Unfit(f"{path} is too large to read: {err}") from err


def read_text(probe: Probe, path: str) -> str:
    """The file's text, which must be UTF-8. Raises Unfit."""
    data = read(probe, path)
    try:
        return data.decode()
    except UnicodeDecodeError as err:
        raise Unfit(f"{path} is not UTF-8 text: {err.reason} at byte {err.start}") from err


def spaced(text: str, spaces: Spaces) -> str:
    """The text with white space brought to the form in which it is compared."""
    match spaces:
        case "exact":
            return text
        case "trimmed":
            return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).rstrip()
        case "folded":
            return " ".join(text.split())


def shown(text: str) -> str:
    """The text quoted, cut where it is long."""
    return repr(text) if len(text) <= SHOWN else f"{text[:SHOWN]!r} and {len(text) - SHOWN} characters more"


@dataclass(frozen=True)
class FileIs(StateCheck):
    """The text file holds `text` and nothing else."""

    path: str
    text: str
    spaces: Spaces = field(kw_only=True)

    @property
    def expected(self) -> str:
        """The text, and how white space counts."""
        return f"{self.path} holds {shown(self.text)} (white space {self.spaces})"

    def find(self, probe: Probe) -> Finding:
        """Compare the whole file."""
        text = read_text(probe, self.path)
        return spaced(text, self.spaces) == spaced(self.text, self.spaces), f"it holds {shown(text)}"


def _holds(text: str, has: tuple[str, ...], lacks: tuple[str, ...], spaces: Spaces) -> Finding:
    text = spaced(text, spaces)
    missing = [part for part in has if spaced(part, spaces) not in text]
    left = [part for part in lacks if spaced(part, spaces) in text]
    if not missing and not left:
        return True, "all as expected"
    wrong = [f"{part!r} is missing" for part in missing] + [f"{part!r} is there" for part in left]
    return False, f"{', '.join(wrong)}; the text is {shown(text)}"


def _wanted(path: str, has: tuple[str, ...], lacks: tuple[str, ...]) -> str:
    parts = [f"holds {', '.join(map(repr, has))}"] if has else []
    parts += [f"does not hold {', '.join(map(repr, lacks))}"] if lacks else []
    return f"{path} {' and '.join(parts)}"


@dataclass(frozen=True)
class FileHas(StateCheck):
    """The text file holds every text of `has` and none of `lacks`."""

    path: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    spaces: Spaces = field(kw_only=True)

    @property
    def expected(self) -> str:
        """The texts, and how white space counts."""
        return f"{_wanted(self.path, self.has, self.lacks)} (white space {self.spaces})"

    def find(self, probe: Probe) -> Finding:
        """Look for each text anywhere in the file."""
        return _holds(read_text(probe, self.path), self.has, self.lacks, self.spaces)


@dataclass(frozen=True)
class FileGone(StateCheck):
    """Nothing is at `path`: no file, folder or link."""

    path: str

    @property
    def expected(self) -> str:
        """That nothing is there."""
        return f"nothing at {self.path}"

    def find(self, probe: Probe) -> Finding:
        """List the path itself."""
        there = probe.files(glob.escape(self.path))
        return not there, f"a {there[0].kind} of {there[0].size} bytes" if there else "nothing"


@dataclass(frozen=True)
class FileExists(StateCheck):
    """`count` files (None: at least one) match the absolute glob, none smaller than `least` bytes."""

    pattern: str
    count: int | None = None
    least: int = 1

    @property
    def expected(self) -> str:
        """How many files, where and how large."""
        number = "at least one file" if self.count is None else f"{self.count} file{'s' * (self.count != 1)}"
        return f"{number} at {self.pattern}, of at least {self.least} bytes"

    def find(self, probe: Probe) -> Finding:
        """List what matches; folders do not count."""
        there = [entry for entry in probe.files(self.pattern) if entry.kind == "file"]
        enough = len(there) >= 1 if self.count is None else len(there) == self.count
        met = enough and all(entry.size >= self.least for entry in there)
        return met, ", ".join(f"{entry.path} ({entry.size} bytes)" for entry in there) or "none"


@dataclass(frozen=True)
class Cells(StateCheck):
    """Cells of an xlsx or ods hold `values`, and `formulas` (regular expressions searched in `=SUM(B2:B6)`).

    Numbers may differ by `tolerance`, text by the space around it; a number written as text is not a number.
    None stands for an empty cell. `sheet` is a name; the first sheet without one.
    """

    path: str
    values: Mapping[str, Value]
    formulas: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    tolerance: float = 0.005

    @property
    def expected(self) -> str:
        """Each cell with its value and formula."""
        wanted = [f"{cell} = {value!r}" for cell, value in self.values.items()]
        wanted += [f"{cell} a formula like {pattern}" for cell, pattern in self.formulas.items()]
        return f"{self.path}: {', '.join(wanted)}"

    def find(self, probe: Probe) -> Finding:
        """Compare each cell that is named, and no other."""
        cells = sheet(self.path, read(probe, self.path), self.sheet)
        found: list[str] = []
        met = True
        for name, wanted in self.values.items():
            value = cells[name].value if name in cells else None
            met &= self._same(wanted, value)
            found.append(f"{name} = {value!r}")
        for name, pattern in self.formulas.items():
            formula = cells[name].formula if name in cells else ""
            met &= bool(formula) and re.search(pattern, formula, re.IGNORECASE) is not None
            found.append(f"{name} {formula or 'has no formula'}")
        return met, ", ".join(found)

    def _same(self, wanted: Value, value: Value) -> bool:
        if isinstance(wanted, bool) or isinstance(value, bool):
            return wanted is value
        if isinstance(wanted, float | int) and isinstance(value, float | int):
            return math.isclose(wanted, value, rel_tol=0, abs_tol=self.tolerance)
        if isinstance(wanted, str) and isinstance(value, str):
            return wanted.strip() == value.strip()
        return wanted == value


@dataclass(frozen=True)
class TextOf(StateCheck):
    """The text of a docx, odt, pptx or odp holds every text of `has` and none of `lacks`.

    Paragraphs are joined by newlines; white space is folded, so a text may run over paragraphs.
    """

    path: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """The texts."""
        return _wanted(self.path, self.has, self.lacks)

    def find(self, probe: Probe) -> Finding:
        """Look for each text anywhere in the document."""
        return _holds("\n".join(paragraphs(self.path, read(probe, self.path))), self.has, self.lacks, "folded")


@dataclass(frozen=True)
class Setting(StateCheck):
    """A setting in a file has `value`; None: it is not set.

    `at` leads to it: in `json` keys and indices, in `ini` section and key, in `xcu` (LibreOffice's
    registrymodifications) the item's path and the property. Values of ini and xcu are text.
    """

    path: str
    kind: Literal["json", "ini", "xcu"]
    at: tuple[str | int, ...]
    value: str | float | bool | None

    @property
    def expected(self) -> str:
        """Where the setting is, and its value."""
        return f"{self.path}: {' / '.join(map(str, self.at))} = {self.value!r}"

    def find(self, probe: Probe) -> Finding:
        """Read the one setting."""
        text = read_text(probe, self.path)
        readers = {"json": _json_at, "ini": _ini_at, "xcu": _xcu_at}
        value = parsed(self.path, self.kind, lambda: readers[self.kind](text, self.at))
        same = value == self.value and isinstance(value, bool) == isinstance(self.value, bool)
        return same, "it is not set" if value is None else repr(value)


def _json_at(text: str, at: tuple[str | int, ...]) -> object:
    value: object = json.loads(text)
    for key in at:
        try:
            value = value[key]  # type: ignore[index]  # what JSON holds is unknown: what has no such place is not set
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _ini_at(text: str, at: tuple[str | int, ...]) -> object:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # configparser's documented way to keep case
    parser.read_string(text)
    section, key = map(str, at)
    return parser.get(section, key, fallback=None)


def _xcu_at(text: str, at: tuple[str | int, ...]) -> object:
    oor = "{http://openoffice.org/2001/registry}"
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    path, name = map(str, at)
    found = [
        "".join(str(part) for part in prop.itertext()).strip()
        for item in root.iter("item")
        if item.get(f"{oor}path") == path
        for prop in item.iter("prop")
        if prop.get(f"{oor}name") == name
    ]
    return found[-1] if found else None


@dataclass(frozen=True)
class PostSent(StateCheck):
    """The last form sent to `path` of the site `host` has these fields; other fields do not count."""

    host: str
    path: str
    fields: Mapping[str, str]

    @property
    def expected(self) -> str:
        """The address and the fields."""
        return f"sent to http://{self.host}{self.path}: {dict(self.fields)!r}"

    def find(self, probe: Probe) -> Finding:
        """Compare the fields, space around their values aside."""
        sent = [post for post in probe.posts(self.host) if post.path == self.path]
        if not sent:
            return False, "nothing was sent"
        held = dict(sent[-1].fields)
        met = all(held.get(key, "").strip() == value and key in held for key, value in self.fields.items())
        return met, f"sent {len(sent)} time{'s' * (len(sent) != 1)}, at last {held!r}"


@dataclass(frozen=True)
class PictureIs(StateCheck):
    """The picture has this size in pixels and, where `like` is given (an encoded picture), looks like that.

    Likeness is 1 minus the mean difference of all RGB values as a part of 255: 1 is the same to the pixel.
    """

    path: str
    size: tuple[int, int]
    like: bytes | None = field(default=None, repr=False)
    likeness: float = 0.98

    @property
    def expected(self) -> str:
        """The size, and how like it must be."""
        wanted = f"{self.path} is {self.size[0]}x{self.size[1]} pixels"
        return wanted if self.like is None else f"{wanted} and at least {self.likeness:.3f} like the picture expected"

    def find(self, probe: Probe) -> Finding:
        """Compare sizes, then pixels."""
        image = picture(self.path, read(probe, self.path))
        found = f"{image.width}x{image.height} pixels"
        if image.size != self.size or self.like is None:
            return image.size == self.size, found
        measured = likeness(image, picture("the picture expected", self.like))
        return measured >= self.likeness, f"{found}, {measured:.3f} alike"


def likeness(one: Image.Image, other: Image.Image) -> float:
    """How alike two RGB pictures are, 0 to 1; 0 when their sizes differ."""
    if one.size != other.size:
        return 0.0
    means = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return 1.0 - sum(means) / len(means) / 255.0


@dataclass(frozen=True)
class ArchiveHolds(StateCheck):
    """The zip or tar holds these files by name with these bytes (None: any), and no others when `only`."""

    path: str
    files: Mapping[str, bytes | None]
    only: bool = field(default=True, kw_only=True)

    @property
    def expected(self) -> str:
        """The names."""
        return f"{self.path} holds {', '.join(sorted(self.files))}{' and nothing else' if self.only else ''}"

    def find(self, probe: Probe) -> Finding:
        """Unpack in memory and compare."""
        held = archive(self.path, read(probe, self.path))
        wrong = [f"{name} is missing" for name in sorted(self.files) if name not in held]
        wrong += [
            f"{name} has other content"
            for name, data in sorted(self.files.items())
            if name in held and data is not None and held[name] != data
        ]
        wrong += [f"{name} is there" for name in sorted(held) if self.only and name not in self.files]
        return not wrong, "; ".join(wrong) or f"it holds {', '.join(sorted(held))}"


@dataclass(frozen=True)
class Answer:
    """The whole answer matches the regular expression; case and space around it do not count."""

    name: str
    pattern: str
    axis: Axis = field(default="understanding", kw_only=True)

    def __call__(self, probe: Probe, answer: str) -> Verdict:  # noqa: ARG002 - the probe is part of every check's call
        """Match what the agent said when it finished."""
        met = re.fullmatch(self.pattern, answer.strip(), re.IGNORECASE | re.DOTALL) is not None
        return Verdict(
            check=self.name,
            score=float(met),
            expected=f"an answer like {self.pattern}",
            actual=shown(answer) if answer else "no answer",
            axis=self.axis,
        )
