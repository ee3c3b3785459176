"""What the commands that read studies do: print a study's verdicts, and write its report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from agent.show import paper
from scoring import gap_page
from scoring.study import read
from scoring.verdicts import build, encode


def gap(studies: Sequence[Path], *, json: bool) -> None:
    """Print the verdicts of studies; as JSON one object each, one after another. Raises BadInput for what is none."""
    for folder in studies:
        report = build(read(folder))
        if json:
            sys.stdout.write(encode(report).decode())
        else:
            gap_page.show(report, paper())


def report(study: Path, *, json: bool = False, html: bool = False) -> None:
    """Write STUDY/report/ and print it; with `html` the page's path alone. Raises BadInput when it is no study."""
    made = build(read(study))
    written = gap_page.write(study, made)
    if html:
        sys.stdout.write(f"{study / 'report' / 'report.html'}\n")
    elif json:
        sys.stdout.write(encode(made).decode())
    else:
        gap_page.show(made, paper())
        sys.stdout.write(f"written: {len(written)} files in {study / 'report'}\n")
