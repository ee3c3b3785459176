"""What an agent would have left behind, where a task is judged by a file that it was to make: stand-ins, too.

A metric that is given no file at all answers at once and reads nothing. So what getters look for and do not find is
put on the desktop just then; what `postconfig` packs or unpacks is put there before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from tasks.osworld.example import Example

from . import making, packing
from .pictures import picture

BACKGROUND = "/home/user/Pictures/stand-in.png"
_PHOTOS_SHARED = "82e3c869-49f6-4305-a7ce-f3e64a0618e7"
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
"""Getters that fetch a file from a path of theirs."""


def before(example: Example) -> Mapping[str, bytes]:
    """What its postconfig works on, and a picture for the desktop's background where that is judged, by path."""
    if any(getter.type == "vm_wallpaper" for getter in example.evaluator.getters):
        return {BACKGROUND: picture("png")}
    if example.id == _PHOTOS_SHARED:
        photos = {f"presenter/{name}": picture("jpg") for name in _PHOTOS}
        return {"/home/user/Desktop/presenter.zip": packing.zipped(photos)}
    return {}
