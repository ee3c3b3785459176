"""A task's `evaluator`, read once and closed, and what it needs that is not here.

OSWorld resolves names when a task is reset and refuses unknown ones; so does `parse`. What an evaluator asks for
and the environment leaves out is known beforehand (`obstacles`), so that it is a reason and never a score.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any  # tasks are JSON in OSWorld's own format

from envs.errors import TaskFault
from envs.types import Closed
from scoring.osworld.wire import Part

INFEASIBLE = "infeasible"
LEFT_OUT: dict[str, str] = {
    "compare_image_text": "easyocr is left out: it needs PyTorch, and its weights come from a network",
    "is_gold_text_included_in_pdf": "pdfplumber is left out: no task without a network uses it",
    "get_googledrive_file": "it needs an account at Google",
    **dict.fromkeys(
        (
            "get_active_tab_html_parse",
            "get_active_tab_info",
            "get_chrome_saved_address",
            "get_gotoRecreationPage_and_get_html_content",
            "get_info_from_website",
            "get_number_of_search_results",
            "get_open_tabs_info",
            "get_page_info",
            "get_pdf_from_url",
        ),
        "it drives the browser on live web pages",
    ),
}
"""By function, why it cannot be had."""


class Evaluator(Closed):
    """The parts in order. `conj` is empty for a single metric, which OSWorld treats apart from a list of one."""

    parts: tuple[Part, ...]
    conj: str = ""
    infeasible: bool = False

    @property
    def functions(self) -> tuple[str, ...]:
        """Every metric and getter it names, once, in order."""
        names: dict[str, None] = {}
        for part in self.parts:
            names[part.func] = None
            for config in (part.result, part.expected):
                if isinstance(config, Mapping) and "type" in config:
                    names[f"get_{config['type']}"] = None
        return tuple(names)

    @property
    def given(self) -> tuple[str, ...]:
        """The files of `cloud_file`, by the names they must be given under."""
        found: dict[str, None] = {}
        for part in self.parts:
            for config in (part.result, part.expected):
                if isinstance(config, Mapping) and config.get("type") == "cloud_file":
                    dest = config["dest"]
                    found.update(dict.fromkeys(dest if config.get("multi", False) else [dest]))
        return tuple(found)


def parse(evaluator: Mapping[str, Any], *, corrected: bool = False) -> Evaluator:
    """Read it, as a copy of its own. Raises TaskFault where its shape is not OSWorld's."""
    it = copy.deepcopy(dict(evaluator))
    func = it.get("func")
    if func == INFEASIBLE:
        return Evaluator(parts=(), infeasible=True)
    if isinstance(func, str):
        expected = it.get("expected")
        part = Part(func, it.get("result"), expected, it.get("options") or {}, bool(expected), corrected=corrected)
        return Evaluator(parts=(part,))
    if not (isinstance(func, list) and func and all(isinstance(name, str) for name in func)):
        raise TaskFault(f"an evaluator's func is a name or a list of names, not {func!r}")
    expects = bool(it.get("expected"))
    results, expecteds = _listed(it, "result", len(func)), _listed(it, "expected", len(func))
    options = _listed(it, "options", len(func))
    parts = tuple(
        Part(name, result, expected, option or {}, expects, corrected=corrected)
        for name, result, expected, option in zip(func, results, expecteds, options, strict=True)
    )
    return Evaluator(parts=parts, conj=str(it.get("conj", "and")))


def _listed(evaluator: Mapping[str, Any], key: str, count: int) -> list[Any]:
    values = evaluator.get(key) or [None] * count
    if not isinstance(values, list) or len(values) != count:
        raise TaskFault(f"an evaluator of {count} metrics needs a list of {count} for {key!r}, not {values!r}")
    return values


def obstacles(evaluator: Evaluator) -> tuple[str, ...]:
    """Why it cannot be evaluated here, one reason a function; empty when it can."""
    return tuple(f"{name}: {LEFT_OUT[name]}" for name in evaluator.functions if name in LEFT_OUT)


def safe(name: str) -> bool:
    """Whether a file's name stays in the folder that it is put in."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts
