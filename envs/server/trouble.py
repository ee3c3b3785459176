"""A call that could not be fulfilled, named as the wire names it."""

from __future__ import annotations

from typing import Literal

Kind = Literal["refused", "missing", "folder", "too_big", "timeout", "scene", "bad_request", "denied", "internal"]


class Trouble(Exception):  # noqa: N818 - it becomes a `wire.Problem`
    """`kind` is `wire.Problem.kind`; the text says what was wanted and what was found."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind: Kind = kind
