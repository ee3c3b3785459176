"""What a bank costs: a few light tasks, built from nothing on real desktops, beside plain runs of them.

A plain run is the solution judged at its end, without states: what an episode costs anyhow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

from rows import Row

from scoring.record import read_run
from scoring.understanding.items import read

HANDEYE = str(Path(sys.executable).with_name("handeye"))
TASKS = ("smoke/setting*", "smoke/terminal*")
JOBS = 2 * (os.cpu_count() or 1)
"""Most of an episode's time is waiting."""


def section(count: int) -> list[Row]:
    """Seconds of a play and of an item, alone and against a plain run."""
    with tempfile.TemporaryDirectory() as folder:
        plain, bank = Path(folder) / "plain", Path(folder) / "bank"
        _ran("run", "smoke", "--agent", "oracle", "--seeds", "4", "--out", str(plain))
        plays = _ran("bank", "build", "smoke", "--seeds", "1", "--plays-only", "--out", str(bank))
        items_took = _ran("bank", "build", "smoke", "--seeds", "1", "--out", str(bank))
        alone, played, items = _seconds(plain), _seconds(bank / "plays"), len(read(bank)[1])
    play = sum(played) / len(played)
    ratio = play / (sum(alone) / len(alone))

    def row(what: str, value: float, unit: str, n: int) -> Row:
        return Row(section="bank", what=what, value=value, unit=unit, n=n, note=", ".join(TASKS))

    return [
        row(f"a play, mean, {JOBS} at once", play, "s", len(played)),
        row("a play over a plain run of the solution", ratio, "x", len(alone)),
        row("build time an item, plays and all", (plays + items_took) / items, "s", items),
        row("of which making it of the records", items_took / items, "s", items),
    ]


def _ran(*argv: str) -> float:
    """Seconds that a command took on those tasks; raises where it fails."""
    chosen = [each for task in TASKS for each in ("--task", task)]
    began = monotonic()
    command = [HANDEYE, *argv, *chosen, "--desktop", "embedded", "--jobs", str(JOBS)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return monotonic() - began


def _seconds(run: Path) -> list[float]:
    return [each.ended.seconds for each in read_run(run)[1] if each.ended is not None]
