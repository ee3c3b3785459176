"""Options that several backends read alike."""

from __future__ import annotations

import json
import re
from pathlib import Path

from envs.errors import BadInput
from envs.types import Size


def told(path: str) -> str:
    """The text of a prompt file; empty for no file. Raises BadInput when it cannot be read or says nothing."""
    if not path:
        return ""
    try:
        text = Path(path).read_text()
    except (OSError, UnicodeDecodeError) as err:
        raise BadInput(f"cannot read the prompt {path}: {getattr(err, 'strerror', None) or err}") from None
    if not text.strip():
        raise BadInput(f"the prompt {path} is empty; write one, or leave prompt out")
    return text


def fields(text: str) -> dict[str, object]:
    """A JSON object; none for nothing. Raises BadInput."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as err:
        raise BadInput(f"extra must be a JSON object, and {text!r} is none: {err}") from None
    if not isinstance(found, dict):
        raise BadInput(f"extra must be a JSON object, not {text!r}")
    return found


def size(text: str) -> Size | None:
    """`1280x720`; None for nothing. Raises BadInput."""
    if not text:
        return None
    found = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text)
    if not found:
        raise BadInput(f"cannot read the picture's size {text!r}; write it as 1280x720")
    return Size(width=int(found[1]), height=int(found[2]))
