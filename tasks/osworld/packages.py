"""The packages that a task's setup and postconfig ask for: what a desktop without network must have beforehand.

Those that they install, and a few programs that they call and that no desktop has of itself. What the code in a
task's files imports is not seen here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Literal

from envs.types import Closed
from tasks.osworld import steps
from tasks.osworld.example import Example

Source = Literal["apt", "pip", "snap", "editor"]
"""Debian's or Ubuntu's, Python's, Snap's, or an editor's extensions."""


class Package(Closed):
    """One that is asked for, and whether before the agent acts or only to judge it."""

    source: Source
    name: str
    part: Literal["config", "postconfig"]


_INSTALLS: tuple[tuple[Source, re.Pattern[str]], ...] = (
    ("apt", re.compile(r"\bapt(?:-get)?\s+(?:-\S+\s+)*install\s+([^;&|\n]+)")),
    ("pip", re.compile(r"\bpip3?\s+install\s+([^;&|\n]+)")),
    ("snap", re.compile(r"\bsnap\s+install\s+([^;&|\n]+)")),
    ("editor", re.compile(r"\bcode\s+(?:-\S+\s+)*--install-extension\s+([^;&|\n]+)")),
)
_CALLS = re.compile(r"(?:^|[;&|(])\s*(jq|unzip|zip|xsel|expect|bc|sar)\s")
_OF_PROGRAM = {"sar": "sysstat"}


def asked(example: Example) -> tuple[Package, ...]:
    """Each once, in the order of their use."""
    both = (
        *(package for step in example.config for package in _of(step, "config")),
        *(package for step in example.evaluator.postconfig for package in _of(step, "postconfig")),
    )
    return tuple({(package.source, package.name): package for package in reversed(both)}.values())[::-1]


def _of(step: steps.Step, part: Literal["config", "postconfig"]) -> Iterator[Package]:
    line = steps.line(step)
    for source, install in _INSTALLS:
        for words in install.findall(line):
            for name in _words(words):
                if not name.startswith(("-", "/", "~", ".")) and not name.endswith((".whl", ".deb", ".vsix")):
                    yield Package(source=source, name=name, part=part)
    for program in _CALLS.findall(line):
        yield Package(source="apt", name=_OF_PROGRAM.get(program, program), part=part)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # the quotes around the whole command ended after it
        return text.split()
