"""What an agent would have left behind, where a task is judged by a file that it was to make: stand-ins, too.

A metric that is given no file at all answers at once and reads nothing. So what getters look for and do not find is
put on the desktop just then; what `postconfig` packs or unpacks is put there before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from tasks.osworld.example import Example

from . import making, packing, papers
from .pictures import picture

_PHOTOS = ("DSC00657.jpg", "DSC00574.jpg", "DSC00554.jpg", "DSC00495.jpg")


def looked_for(example: Example) -> dict[str, bytes]:
    """The files that its getters fetch, by path, but for what programs and archives bring of themselves."""
    paths = [
        path for getter in example.evaluator.getters if getter.type in FETCH for path in making.listed(getter, "path")
    ]
    found = {}
    for path in dict.fromkeys(paths):
        try:
            found[path] = making.content(making.like(example, PurePosixPath(path).name))
        except making.Unmakeable:
            continue  # settings
    return found


FETCH = {"vm_file", "content_from_vm_file"}


def before(example: Example) -> Mapping[str, bytes]:
    """What its postconfig works on, by path."""
    return {
        "82e3c869-49f6-4305-a7ce-f3e64a0618e7": {
            "/home/user/Desktop/presenter.zip": packing.zipped({f"presenter/{n}": picture("jpg") for n in _PHOTOS})
        },
        "5df7b33a-9f77-4101-823e-02f863e1c1ae": {
            f"/home/user/Desktop/book/chapter{n}.pdf": papers.pdf(f"Chapter {n}") for n in (1, 2)
        },
    }.get(example.id, {})
