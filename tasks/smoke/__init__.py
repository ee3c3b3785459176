"""Twelve small jobs that people do at a desk, over eleven applications: the suite that is run first.

Each module holds a few task templates, functions `(rng) -> Task` whose names, numbers, dates and places come
from the generator they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from tasks.base import Task
from tasks.smoke import files, letter, media, sheet, slides, text, web

TEMPLATES: tuple[Callable[[Random], Task], ...] = (
    sheet.budget,
    letter.letter,
    slides.slide,
    text.notes,
    files.download,
    files.archive,
    web.form,
    web.setting,
    media.picture,
    media.mail,
    media.terminal,
    media.snapshot,
)


def suite(seed: int) -> Iterator[Task]:
    """The twelve tasks for a seed: the same seed gives the same tasks to the byte."""
    for template in TEMPLATES:
        yield template(Random(f"{seed}:{template.__name__}"))
