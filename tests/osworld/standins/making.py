"""What a task's files must be, read from the task, and the bytes that stand in for them.

Its type is its name's ending; where the store's name says none, that of the place where it goes to. Files of a task
are alike in content, so that metrics get past what they compare first; alternatives joined by `or` differ, so that
each of them is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from envs.types import Closed
from tasks.osworld import assets, steps
from tasks.osworld.example import Example, Getter

from . import archives, browsing, mail, media, office, papers, pictures, words

SHEETS = ("Sheet1", "Sheet2", "Sheet3")
_SHEET = re.compile(r"^[RE]([IN])(.+)$")
_PICTURES = {".png": "png", ".jpg": "jpg", ".jpeg": "jpg", ".gif": "gif", ".webp": "webp", ".raw": "raw"}
_NAMELESS = {".data", ".file"}
"""Endings that say nothing."""


class Wanted(Closed):
    """A file that stands in. `name` is one that says its type; `tunes` and `grounds` are slides, from 0."""

    name: str
    variant: int = 0
    sheets: tuple[str, ...] = SHEETS
    tunes: Mapping[int, str] = {}
    grounds: tuple[int, ...] = ()


class Unmakeable(Exception):  # noqa: N818 - said of a task, and an answer
    """There is no stand-in of this type."""


def wanted(examples: Iterable[Example]) -> dict[str, Wanted]:
    """By key, what each file of these tasks must be, whichever of them ask for it."""
    found: dict[str, Wanted] = {}
    for example in examples:
        for asset in assets.of(example):
            new = of(example, asset)
            found[asset.key] = _both(found[asset.key], new) if asset.key in found else new
    return found


def _both(one: Wanted, other: Wanted) -> Wanted:
    return msgspec.structs.replace(
        one,
        variant=min(one.variant, other.variant),
        sheets=tuple(dict.fromkeys((*one.sheets, *other.sheets))),
        tunes={**one.tunes, **other.tunes},
        grounds=tuple(sorted({*one.grounds, *other.grounds})),
    )


def of(example: Example, asset: assets.Asset) -> Wanted:
    """What a task's own file must be."""
    name = PurePosixPath(asset.key).name
    if PurePosixPath(name).suffix in _NAMELESS:
        name = PurePosixPath(_place(example, asset)).name
    return like(example, name, _variant(example, asset))


def like(example: Example, name: str, variant: int = 0) -> Wanted:
    """What a file of that name must be in this task."""
    tunes, grounds = _slides(example)
    return Wanted(name=name, variant=variant, sheets=_sheets(example), tunes=tunes, grounds=grounds)


def content(it: Wanted) -> bytes:
    """The stand-in. Raises Unmakeable."""
    kind = PurePosixPath(it.name).suffix.lower()
    if kind in _PICTURES:
        return pictures.picture(_PICTURES[kind], it.variant)
    if kind in _MAKERS:
        return _MAKERS[kind](it)
    try:
        return words.content(it.name, it.variant)
    except KeyError as err:
        raise Unmakeable(f"no stand-in for {it.name!r}: its type is not known; add it to {__name__}") from err


def _song(it: Wanted) -> bytes:
    """Tagged as its name says, `Artist - Title`."""
    artist, _, title = PurePosixPath(it.name).stem.partition(" - ")
    return media.mp3(title, artist if title else "", it.variant)


_MAKERS: dict[str, Callable[[Wanted], bytes]] = {
    ".xlsx": lambda it: office.book(it.sheets, it.variant),
    ".docx": lambda it: office.text(it.variant),
    ".pptx": lambda it: office.deck(it.variant, tunes=it.tunes, grounds=it.grounds),
    ".odt": lambda it: office.odt(it.variant),
    ".ods": lambda it: office.ods(it.variant),
    ".doc": lambda it: office.rtf(),
    ".ppt": lambda it: office.old("PowerPoint Document"),
    ".xls": lambda it: office.old("Workbook"),
    ".pdf": lambda it: papers.pdf(variant=it.variant),
    ".xcf": lambda it: pictures.layers(),
    ".mp3": _song,
    ".mp4": lambda it: media.mp4(it.variant),
    ".wav": lambda it: media.wav(it.variant),
    ".zip": lambda it: archives.content(it.name),
    ".gz": lambda it: archives.content(it.name),
    ".xz": lambda it: archives.content(it.name),
    ".epub": lambda it: archives.epub(PurePosixPath(it.name).stem),
    ".whl": lambda it: archives.wheel(it.name),
    ".vsix": lambda it: archives.vsix(PurePosixPath(it.name).stem, "0.0.1", "undefined_publisher"),
    ".sqlite": lambda it: mail.index() if it.name.startswith("global") else browsing.history(),
    ".eml": lambda it: mail.letter("A note on herons").encode(),
    ".bin": lambda it: mail.mailbox("A note on herons", "A bill of the lake").encode(),
}
"""By a name's ending. Tasks have their mailboxes and nameless downloads as .bin."""


def lay(examples: Iterable[Example], folder: Path) -> int:
    """Write them all into a folder as `Assets` reads it. What is there already stays. Returns how many are there."""
    made = wanted(examples)
    for key, it in made.items():
        path = assets.within(folder, key)
        assert path is not None, key
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(it))
    return len(made)


def _place(example: Example, asset: assets.Asset) -> str:
    """Where a file goes to: the desktop's path, or the name that a metric finds it under."""
    for step in (*example.config, *example.evaluator.postconfig):
        if isinstance(step, steps.Download):
            for file in step.files:
                if file.url == asset.url:
                    return file.path
    return PurePosixPath(asset.cached).name


def _variant(example: Example, asset: assets.Asset) -> int:
    """Alternatives get a number each; what is laid out for the agent is always the plain one."""
    if asset.part != "expected" or example.evaluator.conj != "or":
        return 0
    for number, check in enumerate(example.evaluator.checks, 1):
        if check.expected and asset.url in listed(check.expected, "path"):
            return number
    return 0


def listed(getter: Getter, key: str) -> list[str]:
    """A parameter that is a text or a list of them."""
    value = getter.params.get(key) or []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _sheets(example: Example) -> tuple[str, ...]:
    """The sheets that options ask for by name or number."""
    names, most = list(SHEETS), 0
    for check in example.evaluator.checks:
        for rule in check.options.get("rules", ()) if isinstance(check.options.get("rules"), list) else ():
            for key in ("sheet_idx", "sheet_idx0", "sheet_idx1"):
                met = _SHEET.match(str(rule.get(key, "")))
                if met and met[1] == "N":
                    names.append(met[2])
                elif met or isinstance(rule.get(key), int):
                    most = max(most, int(met[2] if met else rule[key]))
    names += [f"Sheet{number}" for number in range(1, most + 2)]
    return tuple(dict.fromkeys(names))


def _slides(example: Example) -> tuple[dict[int, str], tuple[int, ...]]:
    """The slides whose sound, and those whose background, a getter asks for."""
    tunes, grounds = {}, []
    for getter in example.evaluator.getters:
        if getter.type == "audio_in_slide":
            tunes[int(getter.params["slide_index"])] = PurePosixPath(str(getter.params["dest"])).suffix[1:]
        elif getter.type == "background_image_in_slide":
            grounds.append(int(getter.params["slide_index"]))
    return tunes, tuple(grounds)
