"""Small tasks in OSWorld's format, of ours, and a suite of them with the way through one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from envs.desktop import Probe
from tasks.base import Step, Task
from tasks.osworld import suite as sifting
from tasks.play import keys, window, write
from tests.worlds import ID, download, judged, lay, rule, step, stored, task

WORD = "heron"
AT = "/home/user/Desktop/word.txt"
NOTED, GIVEN, NEVER, EITHER = (f"{ID}{number}" for number in (1, 2, 3, 4))
SAVE = [
    step("activate_window", window_name="word.txt"),
    step("execute", command=["python", "-c", "import pyautogui; pyautogui.hotkey('ctrl', 's')"]),
    step("sleep", seconds=2),
]
"""As OSWorld's own tasks save what the agent has left in an editor."""


def written() -> dict[str, Any]:
    """A word is to be written into an empty file in an editor: the task saves it, and compares what `cat` says."""
    return task(
        1,
        config=[step("execute", command=f"mkdir -p ~/Desktop && touch {AT}", shell=True),
                step("launch", command=["mousepad", AT])],
        evaluator=judged(
            "exact_match", result={"type": "vm_command_line", "command": ["cat", AT]}, expected=rule(expected=WORD),
            postconfig=SAVE,
        ),
    )  # fmt: skip


def compared() -> dict[str, Any]:
    """A file that the task brings, opened, and compared with another that it brings. It says a word too much."""
    return task(
        2,
        config=[download("os/x/word.txt", AT), step("open", path=AT), step("sleep", seconds=5),
                step("execute", command=["wc", "-c", AT], stdout="size.txt")],
        evaluator=judged(
            ["compare_text_file", "exact_match"],
            result=[{"type": "vm_file", "path": AT, "dest": "word.txt"}, {"type": "cache_file", "path": "size.txt"}],
            expected=[{"type": "cloud_file", "path": stored("os/x/gold.txt"), "dest": "gold.txt"}, rule(expected="")],
            conj="or",
            postconfig=SAVE,
        ),
    )  # fmt: skip


def tasks(folder: Path) -> tuple[Path, Path]:
    """Laid out as OSWorld does it: the folder of the tasks, and that of their files."""
    never = task(3, config=[step("launch", command=["mousepad"])], evaluator={"func": "infeasible"})
    web = task(4, config=[download("os/x/none.txt")])
    where = lay(folder / "osworld", written(), compared(), never, web)
    files = folder / "files" / "os" / "x"
    files.mkdir(parents=True)
    (files / "word.txt").write_text(WORD + " and more")
    (files / "gold.txt").write_text(WORD)
    return where, folder / "files"


def types(see: Probe) -> Iterator[Step]:
    window(see, r"word\.txt")
    yield keys("ctrl+a", intent="take all of it")
    yield write(WORD)


def suite(seed: int, tasks: str, assets: str) -> Iterator[Task]:
    """The same tasks, with the way through those that have none of their own."""
    for each in sifting.suite(seed, tasks, assets):
        yield replace(each, solution=each.solution or types)
