"""The desktop as getters see it: every call goes over the pipe and is answered by handeye, once and without retries.

The methods and what they give are those of the release's own controller: `None` where the desktop has no answer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any  # what a desktop says is JSON

Ask = Callable[[Mapping[str, Any]], Any]
"""Sends a question and gives its answer."""

_PREFIX = "import pyautogui; import time; pyautogui.FAILSAFE = False; "
"""What the release runs before each command. Only where it is used: it takes a third of a second."""


class Controller:
    """Asks handeye for what getters want of the desktop."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def _data(self, question: Mapping[str, Any]) -> bytes | None:
        answer = self._ask(question)
        return None if answer is None else base64.b64decode(answer)

    def get_file(self, path: str) -> bytes | None:
        return self._data({"ask": "file", "path": path})

    def execute(self, command: str | list[str], shell: object) -> Any:
        # Some tasks write the word; it is as good as the value.
        return self._ask({"ask": "execute", "command": command, "shell": shell in (True, "true", "True")})

    def execute_python_command(self, command: str) -> Any:
        before = _PREFIX if "pyautogui" in command or "time." in command else ""
        return self.execute(["python", "-c", before + command], False)

    def get_accessibility_tree(self) -> str | None:
        text = self._ask({"ask": "tree"})
        return None if text is None else str(text)

    def get_terminal_output(self) -> str | None:
        text = self._ask({"ask": "terminal"})
        return None if text is None else str(text)

    def get_vm_platform(self) -> str:
        return "Linux"

    def get_vm_screen_size(self) -> Any:
        return self._ask({"ask": "screen"})

    def get_vm_window_size(self, app_class_name: str) -> Any:
        return self._ask({"ask": "window", "name": app_class_name})

    def get_vm_wallpaper(self) -> bytes | None:
        return self._data({"ask": "wallpaper"})

    def get_vm_desktop_path(self) -> str:
        return "/home/user/Desktop"

    def get_vm_directory_tree(self, path: str) -> Any:
        text = self._ask({"ask": "directory", "path": path})
        return None if text is None else json.loads(text)

    def page(self, port: int, path: str, password: str) -> bytes | None:
        """A page that a program on the desktop serves."""
        return self._data({"ask": "page", "port": port, "path": path, "password": password})
