"""Familiar static sets as banks, so that a model's known number can stand beside those of our own screens.

    questions.parquet   as of MMMU: `id`, `question`, `options`, `answer`, `question_type`, `image_1` to `image_7`
    places.json         as of ScreenSpot: `img_filename`, `bbox`, `instruction`, with a folder of the images

MMMU writes its options as a Python list in a text, the answer as a letter (to an open question as a text, or some),
and `<image 1>` where a picture belongs. Its subject is the cluster, as is the platform of ScreenSpot. ScreenSpot's
boxes are x, y, width, height in pixels; ScreenSpot-Pro's, told by `img_size`, are two corners in pixels; and some
copies have two corners in fractions of the sides.
"""

from __future__ import annotations

import ast
import hashlib
import io
import math
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import msgspec

from envs.errors import BadInput
from envs.types import Rect, Size
from scoring.understanding.answers import SHOWS
from scoring.understanding.items import FORMAT, Bank, Choice, Item, Place, Words, digest, item, write

PYARROW = "a parquet file needs pyarrow: pip install 'handeye[static]'"
IMAGES = tuple(f"image_{number}" for number in range(1, 8))
_TOKEN = re.compile(r"<image (\d)>")
Row = Mapping[str, Any]
"""A row as its file has it: what is needed of it is looked at where it is taken."""


def imported(source: Path, folder: Path, images: Path | None = None) -> Bank:
    """Make a bank of a static set in the folder. `images` is where a JSON set's pictures are (default: beside it).

    Raises BadInput for a file that is neither, or a folder that is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty; choose another --out")
    if source.suffix == ".parquet":
        made, sizes = _questions(_table(source), source, folder)
    elif source.suffix == ".json":
        made, sizes = _places(_json(source), source, images or source.parent, folder)
    else:
        raise BadInput(f"{source} is no .parquet file as MMMU's and no .json file as ScreenSpot's")
    if not made:
        raise BadInput(f"{source} has no questions")
    bank = Bank(
        format=FORMAT,
        suite=source.stem,
        seeds=(0,),
        size=max(set(sizes), key=lambda size: (sizes.count(size), size.width, size.height)),
        handeye=version("handeye"),
        image="",
        hash=digest(made),
        items=len(made),
        apps={},
    )
    write(folder, bank, made)
    return bank


def _table(source: Path) -> list[Row]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as err:
        raise BadInput(PYARROW) from err
    try:
        rows: list[Row] = parquet.read_table(source).to_pylist()
    except (OSError, ArrowException) as err:
        why = str(err) if source.is_file() else "there is no such file"  # pyarrow says no more than its name
        raise BadInput(f"cannot read {source}: {why}") from None
    return rows


def _json(source: Path) -> list[Row]:
    try:
        rows: list[Row] = msgspec.json.decode(source.read_bytes(), type=list[dict[str, Any]])
    except OSError as err:
        raise BadInput(f"cannot read {source}: {err.strerror}") from None
    except msgspec.MsgspecError as err:
        raise BadInput(f"{source} is no list of objects: {err}") from None
    return rows


def _questions(rows: Sequence[Row], source: Path, folder: Path) -> tuple[list[Item], list[Size]]:
    found, sizes = [], list[Size]()
    for number, row in enumerate(rows, 1):
        where = f"{source}, row {number}"
        shown = {name: _picture(row[name], where, folder) for name in IMAGES if row.get(name)}
        if row.get("image"):  # MMMU-Pro's pictures of whole questions
            shown["image_1"] = _picture(row["image"], where, folder)
        sizes += [size for _, size in shown.values()]
        found.append(_question(row, where, source.stem, {name: sha for name, (sha, _) in shown.items()}))
    return found, sizes or [Size(width=1, height=1)]


def _question(row: Row, where: str, source: str, shown: Mapping[str, str]) -> Item:
    """A choice where it has options, else a text."""
    place = {name: at for at, name in enumerate(shown, 1)}

    def told(text: str) -> str:
        return _TOKEN.sub(lambda found: _named(f"image_{found[1]}", place), text).strip()

    options = [told(str(each)) for each in _list(row.get("options"))]
    answer = str(_must(row, "answer", where))
    subject = _subject(str(row.get("id", "")), row)
    common: dict[str, object] = {
        "rung": "L0",
        "facet": "static",
        "task": f"{source}/{subject}@1",
        "seed": 0,
        "question": told(str(row.get("question") or "Answer the question in the picture.")),
        "pictures": tuple(shown.values()),
        "how": f"as {source} has it: {row.get('id', where)}",
        "tags": {SHOWS: "a picture", "area": subject},
    }
    if options and str(row.get("question_type", "")) != "open":
        right = ascii_uppercase.find(answer) if len(answer) == 1 else -1
        if not 0 <= right < len(options):
            raise BadInput(f"{where}: the answer {answer!r} is none of its {len(options)} options")
        return item(truth=Choice(option=right), options=tuple(options), guess=1 / len(options), **common)
    accepted = tuple(str(each) for each in _list(answer)) or (answer,)
    return item(truth=Words(accepted=accepted), **common)


def _named(name: str, place: Mapping[str, int]) -> str:
    return f"picture {place[name]}" if name in place else "a picture that is not there"


def _subject(name: str, row: Row) -> str:
    """`Art_Theory` of `validation_Art_Theory_12`; else its field."""
    found = re.fullmatch(r"[a-z]+_(.+)_\d+", name)
    return found[1] if found else str(row.get("subject") or row.get("subfield") or "all").replace(" ", "_")


def _list(value: object) -> list[object]:
    """A list, also where it is written out as a text."""
    if isinstance(value, str) and value.startswith("["):
        try:
            read = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return []
        return list(read) if isinstance(read, list | tuple) else []
    return list(value) if isinstance(value, list | tuple) else []


def _must(row: Row, name: str, where: str) -> object:
    if row.get(name) in (None, ""):
        raise BadInput(f"{where} has no {name!r}")
    return row[name]


def _picture(value: object, where: str, folder: Path) -> tuple[str, Size]:
    """Keep a picture as a PNG: its name and size. It comes as bytes, alone or beside its path."""
    data = value.get("bytes") if isinstance(value, Mapping) else value
    if not isinstance(data, bytes):
        raise BadInput(f"{where}: wanted the bytes of a picture, found {type(data).__name__}")
    return stored(data, where, folder)


def stored(data: bytes, where: str, folder: Path) -> tuple[str, Size]:
    """Keep a picture of any format as a PNG among the bank's: its name and size. Raises BadInput."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            png = data if image.format == "PNG" else _png(image)
            size = Size(width=image.width, height=image.height)
    except (UnidentifiedImageError, OSError) as err:
        raise BadInput(f"{where}: a picture cannot be read: {err}") from None
    name = hashlib.sha256(png).hexdigest()
    path = folder / "images" / f"{name}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)
    return name, size


def _png(image: Any) -> bytes:
    out = io.BytesIO()
    (image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGB")).save(out, "PNG")
    return out.getvalue()


def _places(rows: Sequence[Row], source: Path, images: Path, folder: Path) -> tuple[list[Item], list[Size]]:
    found, sizes = [], list[Size]()
    for number, row in enumerate(rows, 1):
        where = f"{source}, entry {number}"
        path = images / str(_must(row, "img_filename", where))
        try:
            data = path.read_bytes()
        except OSError as err:
            raise BadInput(f"{where}: cannot read {path}: {err.strerror}; say where they are, by --images") from None
        name, size = stored(data, where, folder)
        sizes.append(size)
        found.append(_place(row, where, source.stem, name, size))
    return found, sizes


def _place(row: Row, where: str, source: str, picture: str, size: Size) -> Item:
    box = _box(row, where, size)
    platform = str(row.get("application") or row.get("data_source") or row.get("platform") or "all")
    kind = str(row.get("ui_type") or row.get("data_type") or "")
    told = str(_must(row, "instruction", where)).strip().rstrip(".")
    return item(
        rung="L1",
        facet="static",
        task=f"{source}/{platform}@1",
        seed=0,
        question=f"Point at what this is done with: {told}.",
        truth=Place(boxes=(box,)),
        pictures=(picture,),
        guess=min(box.width * box.height / (size.width * size.height), 0.99),
        how=f"as {source} has it: {row.get('id') or row['img_filename']}",
        tags={SHOWS: "a screenshot", "app": platform, **({"role": kind} if kind else {})},
    )


def _box(row: Row, where: str, size: Size) -> Rect:
    """The pixels that the box touches."""
    given = row.get("bbox")
    if not (isinstance(given, list) and len(given) == 4 and all(isinstance(each, int | float) for each in given)):
        raise BadInput(f"{where}: wanted four numbers as bbox, found {given!r}")
    a, b, c, d = map(float, given)
    if max(given) <= 1 and any(isinstance(each, float) for each in given):
        left, top, right, bottom = a * size.width, b * size.height, c * size.width, d * size.height
    elif "img_size" in row:
        left, top, right, bottom = a, b, c, d
    else:
        left, top, right, bottom = a, b, a + c, b + d
    wide, high = math.ceil(right) - math.floor(left), math.ceil(bottom) - math.floor(top)
    if wide < 1 or high < 1:
        raise BadInput(f"{where}: the box {given!r} has no extent")
    return Rect(x=math.floor(left), y=math.floor(top), width=wide, height=high)
