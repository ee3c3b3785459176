"""The command that lays stand-ins out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from envs.errors import BadInput
from tasks.osworld import layout
from tasks.osworld.example import Example

from . import making


def chosen(where: Path, globs: Sequence[str]) -> list[Example]:
    """The tasks of a folder whose `domain/id` fits one of these, or all."""
    examples = layout.read(where).examples
    found = [each for each in examples if any(fnmatch(f"{each.domain}/{each.id}", glob) for glob in globs or "*")]
    if not found:
        raise BadInput(f"wanted tasks like {globs}, found none of the {len(examples)} in {where}; mend the pattern")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.osworld.standins", description=__doc__)
    parser.add_argument("--tasks", type=Path, required=True, help="OSWorld's tasks, as `handeye osworld` takes them")
    parser.add_argument("--assets", type=Path, required=True, help="the folder to lay stand-ins into")
    parser.add_argument("--task", action="append", default=[], metavar="GLOB", help="for these, by domain/id")
    asked = parser.parse_args()
    try:
        count = making.lay(chosen(asked.tasks, asked.task), asked.assets)
    except (BadInput, making.Unmakeable) as err:
        print(err, file=sys.stderr)
        return 2
    print(f"{count} stand-ins in {asked.assets}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
