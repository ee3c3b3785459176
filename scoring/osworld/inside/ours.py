"""The evaluators that are ours: names that tasks use and the release lacks, and the corrections of known defects.

Each of the first is written from what the task says and what its neighbours in the release do. A correction takes
the release's function and gives another; it is used only where the caller asked for corrected numbers.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any  # the release's functions take and give whatever their tasks say

Function = Callable[..., Any]


def check_play_and_exit(config: str | None, rule: Mapping[str, Any]) -> float:
    """Whether VLC ends after the last item as the rule's `expected_play_and_exit` says; 0 where nothing is set."""
    if config is None:
        return 0.0
    found = "0"
    for line in Path(config).read_text(encoding="utf-8").splitlines():
        if re.match(r"\s*play-and-exit\s*=", line):
            found = line.partition("=")[2].strip()
    return float(found == str(int(rule["expected_play_and_exit"])))


def check_structure_sim_with_threshold(result: str | None, gold: str | None, **options: Any) -> float:
    """Whether two images are alike in structure (SSIM of their colours) by `ssim_threshold`, 0.85 if not given.

    The result is brought to the gold's size first: an export at another scale is the same picture.
    """
    if result is None or gold is None:
        return 0.0
    image = import_module("PIL.Image")
    array: Function = import_module("numpy").array
    alike: Function = import_module("skimage.metrics").structural_similarity
    with image.open(result) as one, image.open(gold) as other:
        first, second = one.convert("RGB"), other.convert("RGB")
    if first.size != second.size:
        first = first.resize(second.size, image.Resampling.LANCZOS)
    if min(second.size) < 7:  # SSIM's window
        return float(first.tobytes() == second.tobytes())
    return float(alike(array(first), array(second), channel_axis=2) >= options.get("ssim_threshold", 0.85))


def get_chrome_appearance_mode_ui(env: Any, _config: Mapping[str, Any]) -> str:
    """Chrome's appearance mode, `light`, `dark` or `system`, from the profile's preferences; `system` if unset."""
    data = env.controller.get_file("/home/user/.config/google-chrome/Default/Preferences")
    theme = json.loads(data).get("browser", {}).get("theme", {}) if data else {}
    scheme = theme.get("color_scheme2", theme.get("color_scheme", 0))
    return {1: "light", 2: "dark"}.get(scheme, "system")


def check_thunderbird_folder(result: Any, reference: Any, **options: Any) -> float:
    """Whether mailboxes hold the same messages, whatever their order."""
    results, references = ([result], [reference]) if not isinstance(reference, list) else (result, reference)
    for got, gold in zip(results, references, strict=True):
        if got is None or _messages(Path(got), options) != _messages(Path(gold), options):
            return 0.0
    return 1.0


def _messages(mailbox: Path, options: Mapping[str, Any]) -> Sequence[str]:
    """The messages of a mailbox (RFC 4155), without what `options` says does not matter, sorted."""
    text = mailbox.read_text(encoding="utf-8", errors="replace")
    kept = []
    for mail in re.split(r"^From (?:- )?.*$", text, flags=re.MULTILINE)[1:]:
        if options.get("remove_deleted", True) and re.search(r"^X-Mozilla-Status: 000[89]", mail, re.MULTILINE):
            continue
        ignored = ["-"]
        if options.get("ignore_status", False):
            ignored.append("Status2?")
        if options.get("ignore_keys", False):
            ignored.append("Keys")
        kept.append(re.sub(rf"^X-Mozilla-({'|'.join(ignored)}):.*\n?", "", mail, flags=re.MULTILINE).strip())
    return sorted(set(kept) if options.get("remove_duplicate", True) else kept)


def _direct_json(theirs: Function) -> Function:
    """`ignore_list_order` is obeyed where tasks put it: beside `expected`, for its lists."""

    def check(result: Any, rules: dict[str, Any]) -> Any:
        if not rules.get("ignore_list_order") or rules.get("expect_in_result"):
            return theirs(result, rules)
        found = json.loads(result.strip().replace("'", '"')) if isinstance(result, str) else result
        if not isinstance(found, dict):
            return theirs(result, rules)
        return theirs(_sorted(found), {**rules, "expected": _sorted(rules["expected"])})

    return check


def _sorted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: sorted(value, key=str) if isinstance(value, list) else value for key, value in values.items()}


def _favourites(theirs: Function) -> Function:
    """The guest's text is read as a list, never run."""

    def check(apps: str, rule: Mapping[str, Any]) -> Any:
        try:
            return theirs(repr(ast.literal_eval(apps.removeprefix("@as ").strip())), rule)
        except (SyntaxError, ValueError, AttributeError):
            return 0

    return check


def _struck(theirs: Function) -> Function:
    """The last paragraph is the last that says something."""

    def check(result: str | None, gold: str | None) -> Any:
        if not theirs(result, gold):
            return 0
        document: Function = import_module("docx").Document
        written = [paragraph for paragraph in document(result).paragraphs if paragraph.text.strip()]
        return int(bool(written) and all(run.font.strike for run in written[-1].runs))

    return check


def _vlc_config(theirs: Function) -> Function:
    """A configuration that is not there is a missing file, as with other programs."""

    def get(env: Any, config: Mapping[str, Any]) -> Any:
        if env.controller.get_file("/home/user/.config/vlc/vlcrc") is None:
            raise FileNotFoundError("no vlcrc")
        return theirs(env, config)

    return get


MISSING: dict[str, dict[str, Function]] = {
    "metrics": {
        "check_play_and_exit": check_play_and_exit,
        "check_structure_sim_with_threshold": check_structure_sim_with_threshold,
    },
    "getters": {"get_chrome_appearance_mode_ui": get_chrome_appearance_mode_ui},
}
CORRECTED: dict[str, Callable[[Function], Function]] = {
    "check_thunderbird_folder": lambda _theirs: check_thunderbird_folder,
    "check_direct_json_object": _direct_json,
    "check_gnome_favorite_apps": _favourites,
    "evaluate_strike_through_last_paragraph": _struck,
    "get_vlc_config": _vlc_config,
}
