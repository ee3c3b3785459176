"""Twelve small jobs that people do at a desk, over eleven applications: the suite that is run first.

Each module holds a few task templates, functions `(rng) -> Task` whose names, numbers, dates and places come
from the generator they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from tasks.base import Task
from tasks.smoke import concerts, editor, letter, mail, picture, receipts, sheet, slides, terminal, text, video, web

TEMPLATES: tuple[Callable[[Random], Task], ...] = (
    sheet.budget,
    letter.letter,
    slides.slide,
    text.notes,
    concerts.download,
    receipts.archive,
    web.form,
    editor.setting,
    picture.picture,
    mail.mail,
    terminal.terminal,
    video.snapshot,
)


def suite(seed: int) -> Iterator[Task]:
    """The twelve tasks for a seed: the same seed gives the same tasks to the byte."""
    for template in TEMPLATES:
        yield template(Random(f"{seed}:{template.__name__}"))
