"""Which metrics and getters a release has, and in which module each is: read from its source, nothing is run.

The release's own `__init__` imports every module and with it every library; here only what is asked for is loaded.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Literal

Kind = Literal["metrics", "getters"]


def exported(evaluators: Path, kind: Kind) -> dict[str, str]:
    """By name the module of `evaluators/KIND` that it comes from. As in Python, the last import of a name wins."""
    module = ast.parse((evaluators / kind / "__init__.py").read_text(encoding="utf-8"))
    imports = (node for node in module.body if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module)
    return {alias.asname or alias.name: str(node.module) for node in imports for alias in node.names}
