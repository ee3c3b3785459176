"""What the sandboxed worker says, one JSON object a line. Closed: it has run foreign code; nothing else is heard."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

LONGEST = 1 << 20
"""Bytes of a line from the worker: it says little, and what it says may come from an adversary."""


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="is", tag=str.lower):
    """What a part came to."""


class Ready(Said, frozen=True):
    """It has started."""


class Value(Said, frozen=True):
    """The metric's value, None where the metric gave none."""

    value: float | None


class Missing(Said, frozen=True):
    """The getter of the result raised FileNotFoundError."""


class Raised(Said, frozen=True):
    """A getter or the metric raised: what."""

    error: str


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="ask", tag=str.lower):
    """A question about the desktop, see `Guest`."""


class File(Asked, frozen=True):
    path: str


class Execute(Asked, frozen=True):
    command: str | list[str]
    shell: bool


class Tree(Asked, frozen=True):
    pass


class Terminal(Asked, frozen=True):
    pass


class Screen(Asked, frozen=True):
    pass


class Window(Asked, frozen=True):
    name: str


class Wallpaper(Asked, frozen=True):
    pass


class Directory(Asked, frozen=True):
    path: str


class Page(Asked, frozen=True):
    port: int
    path: str
    password: str


Outcome: TypeAlias = Value | Missing | Raised
Question: TypeAlias = File | Execute | Tree | Terminal | Screen | Window | Wallpaper | Directory | Page


class Part(msgspec.Struct, frozen=True):
    """One metric of an evaluator, as it is sent to the worker. `again`: with the result of the part before."""

    func: str
    result: object
    expected: object
    options: dict[str, object]
    expects: bool
    again: bool = False
    corrected: bool = False
