"""Our own prompts, one Markdown file each: words for models are kept apart from the code that sends them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def prompt(name: str) -> str:
    """The text of NAME.md, without the blank line at its end. Fill places with `.replace("{goal}", goal)`."""
    return (HERE / f"{name}.md").read_text().rstrip("\n")
