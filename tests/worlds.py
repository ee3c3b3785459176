"""Small made-up tasks in OSWorld's format, and folders of them. None is OSWorld's, and the store is on no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

STORE = "http://store.invalid/data/resolve/main/"
ID = "0a1b2c3d-0000-4000-8000-00000000000"


def stored(key: str) -> str:
    return STORE + key


def step(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": parameters}


def download(key: str, path: str = "/home/user/a.txt", url: str = "") -> dict[str, Any]:
    return step("download", files=[{"url": url or stored(key), "path": path}])


def tabs(*urls: str) -> dict[str, Any]:
    return step("chrome_open_tabs", urls_to_open=list(urls))


def rule(**rules: Any) -> dict[str, Any]:
    return {"type": "rule", "rules": rules}


def task(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A task that needs nothing: a file is made, and a command tells what is in it."""
    made: dict[str, Any] = {
        "id": f"{ID}{number}",
        "snapshot": "os",
        "instruction": "Write a word into the file.",
        "source": "",
        "config": [step("execute", command=["touch", "/home/user/word.txt"])],
        "trajectory": "trajectories/",
        "related_apps": ["os"],
        "evaluator": {
            "func": "exact_match",
            "result": {"type": "vm_command_line", "command": ["cat", "/home/user/word.txt"]},
            "expected": rule(expected="heron\n"),
        },
        "proxy": False,
        "fixed_ip": False,
        "possibility_of_env_change": "low",
    }
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


def judged(func: Any = "exact_match", **rest: Any) -> dict[str, Any]:
    """An evaluator."""
    return {"func": func, **rest}


def lay(folder: Path, *tasks: dict[str, Any], domain: str = "os", index: bool = True) -> Path:
    """The tasks as OSWorld lays them out. Returns the folder to be given."""
    for each in tasks:
        path = folder / "examples" / domain / f"{each['id']}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(each))
    if index:
        (folder / "test_all.json").write_text(json.dumps({domain: [each["id"] for each in tasks]}))
    return folder
