"""Archives that are the same bytes whenever they are made."""

from __future__ import annotations

import gzip
import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(?=</)")
USER = 1000


def zipped(entries: Mapping[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP of these files, in their order; those in `stored` are not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def steady(package: bytes) -> bytes:
    """An office file without the time at which it was made."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    if core := entries.get("docProps/core.xml"):
        entries["docProps/core.xml"] = _STAMPS.sub(rb"\g<1>2024-01-01T00:00:00Z", core)
    return zipped(entries)


def tarred(entries: Mapping[str, bytes], kind: str) -> bytes:
    """A tar of these files and their folders, of the desktop's user; `kind` is gz or xz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder in dict.fromkeys(str(up) for name in entries for up in reversed(PurePosixPath(name).parents)):
            if folder != ".":
                archive.addfile(_owned(folder, tarfile.DIRTYPE, 0o755))
        for name, data in entries.items():
            info = _owned(name, tarfile.REGTYPE, 0o644)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    if kind == "xz":
        return lzma.compress(out.getvalue())
    return gzip.compress(out.getvalue(), mtime=0)


def _owned(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime = kind, mode, 1704067200
    info.uid = info.gid = USER
    info.uname = info.gname = "user"
    return info
