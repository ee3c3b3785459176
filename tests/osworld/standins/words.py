"""Files of text: code, settings, tables, pages, by their names."""

from __future__ import annotations

import csv
import io
import json
from pathlib import PurePosixPath

from .office import LINES, ROWS

_PROGRAM = '''"""A stand-in."""


def main() -> None:
    print("true")


if __name__ == "__main__":
    main()
'''
_SCRIPT = """#!/bin/bash
mkdir -p /home/user/project
echo "A stand-in ran."
"""
_NAMED: dict[str, str] = {
    "test.py": '"""A stand-in for a suite that judges the files beside it."""\n\n\ndef test():\n    return True\n',
    "firefox_decrypt.py": 'print("url,user,password")\nprint("imap://lake.invalid,heron,none")\n',
    "show-thunderbird-attachments.py": 'import cssselect\n\nprint("No attachment.", cssselect.__doc__)\n',
    "image_script.py": (
        "import hashlib, json, pathlib\n\n"
        'files = sorted(pathlib.Path("/home/user/Pictures").iterdir())\n'
        "print(json.dumps({hashlib.sha256(f.read_bytes()).hexdigest(): f.name for f in files if f.is_file()}))\n"
    ),
    "settings.json": json.dumps({"editor.fontSize": 14}, indent=4) + "\n",
    "_config.yml": "name: A Heron\nauthor:\n  name: A Heron\n  email: heron@birds.invalid\n",
    ".bash_history": "ls\n",
}
_BIRDS = [{"bird": name, "count": count} for name, count, *_ in ROWS[1:4]]


def content(name: str, variant: int = 0) -> bytes:
    """What stands in for it. Raises KeyError where its kind is not known."""
    base = PurePosixPath(name).name
    written = _NAMED.get(base) or _OF[PurePosixPath(name).suffix.lower()]
    return written.encode() + _more(PurePosixPath(name).suffix.lower(), variant)


def _more(kind: str, variant: int) -> bytes:
    """A line more, where files must differ and their kind bears it."""
    marks = {".txt": "Variant {}.\n", ".csv": "Bird,{},Lake,0\n", ".md": "\nVariant {}.\n", ".py": "# variant {}\n"}
    return marks[kind].format(variant).encode() if variant and kind in marks else b""


def _table() -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(ROWS)
    return out.getvalue()


_TEXT = "".join(f"{line}\n" for line in LINES)
_OF: dict[str, str] = {
    ".txt": _TEXT,
    ".md": f"# Birds\n\n{_TEXT}",
    ".py": _PROGRAM,
    ".sh": _SCRIPT,
    ".csv": _table(),
    ".json": json.dumps(_BIRDS, indent=2) + "\n",
    ".html": f"<!DOCTYPE html>\n<html><head><title>Birds</title></head><body><p>{LINES[0]}</p></body></html>\n",
    ".srt": "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n\n" for n, line in enumerate(LINES, 1)),
    ".code-workspace": json.dumps({"folders": [{"path": "."}], "settings": {}}, indent=4) + "\n",
    ".yml": "bird: heron\n",
    ".yaml": "bird: heron\n",
    ".css": "body { color: #333333; }\n",
    ".bib": "@book{heron,\n  title = {Birds},\n  author = {A. Heron},\n  year = {2024}\n}\n",
    ".tex": "\\documentclass{article}\n\\begin{document}\nA heron stood at the lake.\n\\end{document}\n",
}
