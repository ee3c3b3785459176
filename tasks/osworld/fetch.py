"""Fetch the files that tasks bring, into a folder by their keys: only when a person asks for it.

What was begun lies beside its place as `.part` and is gone on with. A file is put in its place when all of it is
there: as many bytes as the server said, and as it was when it was begun (its ETag). What no task names is not asked
for, and the store's address is the one that the tasks' own files have.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from envs.errors import BadInput
from tasks.osworld.assets import Asset, within

CHUNK = 1 << 20
SILENCE = 60.0
"""Seconds without a byte after which a server is given up."""


class OutOfReach(BadInput):
    """The store does not answer: the other files would not come either."""


@dataclass(frozen=True)
class Got:
    """One file that is there now, and how many bytes came for it."""

    key: str
    path: Path
    bytes: int


def addressed(wanted: Iterable[Asset]) -> dict[str, str]:
    """Key to address, of each once. Those of which only OSWorld's code knows it get the address of the others."""
    listed = list(wanted)
    bases = Counter(asset.base for asset in listed if asset.base)
    made: dict[str, str] = {}
    for asset in listed:
        if asset.key in made:
            continue
        if not asset.url and not bases:
            raise BadInput(
                f"wanted the address of {asset.key}, found no task that names the store's; give more tasks than this "
                "one, or put the file there by hand"
            )
        made[asset.key] = _encoded(asset.url or bases.most_common(1)[0][0] + quote(asset.key))
    return made


def _encoded(url: str) -> str:
    """With what no request may hold, as bare letters of other scripts, encoded; what is encoded stays."""
    at = urlsplit(url)
    return urlunsplit(at._replace(path=quote(at.path, safe="/%:@!$&'()*+,;=~"), fragment=""))


def fetch(key: str, url: str, folder: Path) -> Got:
    """Fetch one file. Raises BadInput, in one line, where it cannot be had whole; what came so far is kept."""
    path = within(folder, key)
    if path is None:
        raise BadInput(f"wanted a path as <domain>/<task id>/<file>, found {key!r}; mend the task")
    part, tag = path.with_name(path.name + ".part"), path.with_name(path.name + ".etag")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        had = part.stat().st_size if part.is_file() else 0
        came = _into(part, tag, url, had, key)
        part.replace(path)
        tag.unlink(missing_ok=True)
    except urllib.error.HTTPError as err:
        err.close()  # it is an answer too, with a connection of its own
        raise BadInput(f"wanted {key}, found {err.code} {err.reason} at {url}; {_advice(err.code)}") from err
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as err:
        why = getattr(err, "reason", "") or err
        raise OutOfReach(f"wanted {key}, found no way to {url}: {why}; try again, what came is kept") from err
    except OSError as err:
        raise BadInput(f"wanted to write {path}, found: {err.strerror or err}; make room, or choose another") from err
    return Got(key, path, came)


def _into(part: Path, tag: Path, url: str, had: int, key: str) -> int:
    """Fill the .part. Returns how many bytes came; raises BadInput where they are not all of them."""
    known = tag.read_text(encoding="utf-8") if had and tag.is_file() else ""
    with _answer(url, had if known else 0, known) as answer:
        goes_on = answer.status == 206 and _begins(answer) == had
        if not goes_on:
            had = 0
            with suppress(FileNotFoundError):
                tag.unlink()
            if etag := answer.headers.get("ETag", ""):
                tag.write_text(etag, encoding="utf-8")
        length = answer.headers.get("Content-Length", "")
        came = 0
        with part.open("ab" if goes_on else "wb") as file:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                came += len(chunk)
    if length.isdigit() and came != int(length):
        raise BadInput(f"wanted {int(length) + had} bytes of {key}, found {came + had}; try again, what came is kept")
    if not had + came:
        raise BadInput(f"wanted {key}, found nothing at {url}: 0 bytes; say so to whoever keeps the store")
    return came


def _answer(url: str, begin: int, etag: str) -> HTTPResponse:
    """The server's answer, from that byte on if the file is still the one that was begun."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity", "User-Agent": "handeye"})
    if begin:
        request.add_header("Range", f"bytes={begin}-")
        request.add_header("If-Range", etag)
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=SILENCE)
    except urllib.error.HTTPError as err:
        if err.code != 416 or not begin:  # there is nothing after what we have: it is begun anew
            raise
        err.close()
        return _answer(url, 0, "")
    return answer


def _begins(answer: HTTPResponse) -> int:
    """The first byte of what comes, as `Content-Range: bytes 5-9/10` says; -1 where it does not."""
    begin = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(begin) if begin.isdigit() else -1


def _advice(code: int) -> str:
    if code in {401, 403}:
        return "the store wants to know who asks: fetch it by hand and put it there"
    if code in {404, 410}:
        return "it is gone from the store: put a copy there by hand"
    return "try again later, what came is kept"


def fetch_all(addresses: dict[str, str], folder: Path, each: Callable[[Got | BadInput], None]) -> list[BadInput]:
    """Fetch them one by one, telling `each` of every outcome. Returns why some could not be had.

    Raises OutOfReach where the store does not answer.
    """
    lost: list[BadInput] = []
    for key, url in addresses.items():
        try:
            each(fetch(key, url, folder))
        except OutOfReach:
            raise
        except BadInput as err:
            lost.append(err)
            each(err)
    return lost
