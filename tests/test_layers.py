"""Who may know whom, and that there is one loop and one reader of the log."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("agent", "envs", "tasks", "scoring"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def callers(method: str) -> set[str]:
    """The modules in which something's method of that name is called."""
    return {
        name
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    }


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [lint, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert ran.returncode == 0, ran.stdout


def test_nothing_above_the_desktops_steps_one_but_the_loop() -> None:
    assert {name for name in callers("step") if not name.startswith("envs/")} == {"agent/loop.py"}


def test_the_log_is_parsed_in_one_place() -> None:
    readers = {
        name
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("json.decode")
        and any(word.value.id == "Line" for word in node.keywords if isinstance(word.value, ast.Name))
    }
    assert readers == {"scoring/record.py"}


def test_no_recipe_folder_holds_python() -> None:
    assert not list((ROOT / "docker").rglob("*.py"))
