"""What OSWorld's tasks take: each rule on a task made for it, and none on the task beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import reduce
from operator import getitem
from typing import Any

import pytest

from envs.errors import BadInput
from tasks.osworld import needs
from tasks.osworld.example import parse
from tasks.osworld.needs import Sorted
from tests.worlds import download, judged, rule, step, stored, tabs, task

SITE = "https://birds.example.org/herons/"
TOOL = "https://github.com/someone/a-tool"


def sort(**changes: Any) -> Sorted:
    return needs.sort(parse(json.dumps(task(**changes)).encode(), "os", "a.json"))


def got(kind: str, *, func: str = "exact_match", expected: Any = None, **params: Any) -> dict[str, Any]:
    return judged(func, result={"type": kind, **params}, expected=expected or rule(expected="a"))


def test_a_task_that_stays_inside_the_desktop_takes_nothing() -> None:
    made = sort()
    assert (made.kind, made.web, made.assets, made.packages, made.soft) == ("offline", None, (), (), "")


def test_files_of_the_store_are_what_it_takes() -> None:
    made = sort(
        config=[download("os/one/a%20b.txt"), download("os/one/c.txt")],
        evaluator=judged(
            "compare_text_file",
            result={"type": "vm_file", "path": "/home/user/a", "dest": "a"},
            expected={"type": "cloud_file", "path": stored("os/one/a%20b.txt"), "dest": "gold"},
        ),
    )
    assert (made.kind, made.assets) == ("assets", ("os/one/a b.txt", "os/one/c.txt"))
    assert made.why == "brings 2 files from OSWorld's store and nothing else of the network"


WEB: list[tuple[str, dict[str, Any], str]] = [
    ("a drive is set up", {"config": [step("googledrive", settings_file="s", operation=[], args=[])]}, "drive"),
    ("a drive is judged", {"evaluator": got("googledrive_file", settings_file="s", dest="a")}, "drive"),
    ("an account is logged in to", {"config": [step("login", settings_file="s", platform="p")]}, "login"),
    ("the setup fetches past the store", {"config": [download("", url="https://example.org/a.txt")]}, "content"),
    ("a command fetches", {"config": [step("execute", command=["wget", "-q", "https://example.org/a"])]}, "content"),
    (
        "it is compared with a page",
        {"evaluator": got("vm_file", expected={"type": "cloud_file", "path": SITE, "dest": "a"}, path="a", dest="a")},
        "content",
    ),
    ("a live page is judged", {"evaluator": got("active_tab_info")}, "website"),
    (
        "a page is made a document",
        {"evaluator": got("vm_file", expected={"type": "pdf_from_url", "path": SITE})},
        "website",
    ),
    (
        "a site's address is judged",
        {"evaluator": got("active_url_from_accessTree", expected=rule(url=SITE))},
        "website",
    ),
    ("open tabs are judged", {"evaluator": got("open_tabs_info", expected=rule(urls=[SITE]))}, "url"),
    (
        "a bookmark of an open site",
        {"config": [tabs(SITE)], "evaluator": got("bookmarks", expected=rule(urls=[SITE]))},
        "url",
    ),
    ("a bookmark to be found", {"evaluator": got("bookmarks", expected=rule(urls=[SITE]))}, "website"),
    ("cookies of a site", {"config": [tabs(SITE)], "evaluator": got("cookie_data", dest="c")}, "website"),
    ("a shortcut to a site", {"config": [tabs(SITE)], "evaluator": got("shortcuts_on_desktop")}, "website"),
    ("extensions of the store", {"evaluator": got("find_installed_extension_name")}, "package"),
    (
        "an editor's extension",
        {"evaluator": got("vm_command_line", command=["code", "--list-extensions", "|", "grep", "a.b"])},
        "package",
    ),
    (
        "a package to be imported",
        {"evaluator": got("vm_command_error", command=["python", "-c", "from Heron import Wing;"])},
        "package",
    ),
    ("something to be installed", {"instruction": "I want to install Heron on my system."}, "package"),
    ("a command that is not there", {"instruction": 'It says "heron: command not found". Help me.'}, "package"),
    ("tools to choose from", {"config": [tabs(TOOL, TOOL + "-2")]}, "package"),
    ("a repository in the goal", {"instruction": f"Clone {TOOL} to my home."}, "content"),
    ("a file in the goal", {"instruction": 'Save "https://example.org/heron.jpeg", and crop it.'}, "content"),
    ("a site in the goal", {"instruction": f"Write down what {SITE} says of wings."}, "website"),
    ("a site that is open", {"config": [tabs(SITE)]}, "website"),
    (
        "files of a page that is open",
        {"config": [tabs(SITE)], "instruction": "Please download the PDFs of the other weeks."},
        "content",
    ),
    ("a browser for a file's sake", {"related_apps": ["libreoffice_calc", "Chrome"]}, "website"),
]


@pytest.mark.parametrize(("changes", "web"), [each[1:] for each in WEB], ids=[each[0] for each in WEB])
def test_what_needs_the_live_web_is_told_with_its_reason(changes: dict[str, Any], web: str) -> None:
    made = sort(**changes)
    assert (made.kind, made.web) == ("web", web)
    assert made.why


BESIDE: list[tuple[str, dict[str, Any]]] = [
    (
        "the browser's own page",
        {"evaluator": got("active_url_from_accessTree", expected=rule(url="chrome://settings"))},
    ),
    (
        "a pattern of its own page",
        {"evaluator": got("active_url_from_accessTree", expected=rule(expected=["^chrome://a/?$"]))},
    ),
    (
        "a folder of bookmarks",
        {"related_apps": ["chrome"], "evaluator": got("bookmarks", expected=rule(names=["F"]))},
    ),
    ("a file in a tab", {"evaluator": got("open_tabs_info", expected=rule(urls=["file:///home/user/a.html"]))}),
    ("a page of this machine", {"config": [tabs("http://localhost:8000/a")]}),
    (
        "a command that talks to itself",
        {"config": [step("execute", command="curl http://127.0.0.1:8080/a", shell=True)]},
    ),
    ("a module that Python brings", {"evaluator": got("vm_command_line", command=["python3", "-c", "import json"])}),
    (
        "paths that look like addresses",
        {"evaluator": got("accessibility_tree", expected=rule(xpath="//a[@n='[x]']"))},
    ),
    ("something installed already", {"instruction": "Remove the installed fonts."}),
]


@pytest.mark.parametrize("changes", [each[1] for each in BESIDE], ids=[each[0] for each in BESIDE])
def test_what_only_looks_like_it_runs_offline(changes: dict[str, Any]) -> None:
    made = sort(**changes)
    assert (made.kind, made.needs) == ("offline", ())


def test_an_extension_that_it_brings_is_a_file() -> None:
    command = ["code", "--list-extensions", "|", "grep", "a.b"]
    made = sort(
        instruction="Please install the extension from a.vsix.",
        config=[download("vs_code/one/a.vsix")],
        evaluator=got("vm_command_line", command=command),
    )
    assert made.kind == "assets"


def test_what_cannot_be_done_needs_no_web_but_its_setup_may() -> None:
    cannot = judged("infeasible")
    made = sort(evaluator=cannot, config=[tabs(SITE)], instruction=f"Install what {SITE} sells.")
    assert (made.kind, made.infeasible) == ("offline", True)
    assert made.soft == f"its setup opens {SITE} as a backdrop; a page that does not load is no error"
    assert sort(evaluator=cannot, config=[step("login", settings_file="s", platform="p")]).web == "login"


def test_the_history_that_a_step_begins_with_is_a_file_too() -> None:
    visit = {"url": SITE, "title": "Herons", "visit_time_from_now_in_seconds": 60}
    made = sort(config=[step("update_browse_history", history=[visit])], evaluator=got("history", dest="h"))
    assert (made.kind, len(made.assets)) == ("assets", 1)


def test_what_osworld_does_not_have_comes_before_everything_else() -> None:
    made = sort(evaluator=got("active_tab_info", func="exact_mtach"))
    assert (made.kind, made.why) == ("unknown", "OSWorld has no metric 'exact_mtach'")


@pytest.mark.parametrize(
    ("written", "packages"),
    [
        (
            step("execute", command="echo p | sudo -S apt-get install -y heron egret && heron", shell=True),
            ["apt heron", "apt egret"],
        ),
        (step("command", command="sudo apt install heron", shell="true"), ["apt heron"]),
        (step("command", command=["pip", "install", "heron"]), ["pip heron"]),
        (step("execute", command=["pip", "install", "/home/user/heron.whl"]), []),
        (step("command", command=["code", "--install-extension", "a.heron"]), ["editor a.heron"]),
        (step("execute", command="cd /tmp && jq . a > b", shell=True), ["apt jq"]),
        (step("execute", command="echo 'it''s' \" && pip install heron", shell=True), ["pip heron"]),
        (step("sleep", seconds=1), []),
    ],
    ids=[
        "two with apt-get",
        "with apt",
        "as words",
        "a file",
        "an editor's",
        "a program called",
        "a torn quote",
        "none",
    ],
)
def test_the_packages_that_a_setup_asks_for_are_told(written: dict[str, Any], packages: list[str]) -> None:
    before, after = sort(config=[written]), sort(evaluator={**got("vm_terminal_output"), "postconfig": [written]})
    assert [f"{each.source} {each.name}" for each in before.packages] == packages
    assert [f"{each.source} {each.name}" for each in after.packages] == packages
    assert {each.part for each in before.packages} <= {"config"}
    assert {each.part for each in after.packages} <= {"postconfig"}
    assert before.kind == "offline"


def test_an_extension_that_a_setup_asks_for_and_does_not_need_is_soft() -> None:
    made = sort(config=[step("command", command=["code", "--install-extension", "a.heron"])])
    assert made.soft == "its setup asks for the editor's extension a.heron; that it fails is no error"


def test_a_row_says_what_content_cannot() -> None:
    soft = next(row for row in needs.overrides().values() if not row.web)
    hard = next(row for row in needs.overrides().values() if row.web)
    made = sort(id=soft.id, config=[tabs(SITE)])
    assert (made.kind, made.soft, made.needs) == ("offline", soft.why, ())
    assert (sort(id=hard.id).web, sort(id=hard.id).why) == (hard.web, hard.why)


def test_every_row_has_its_reason_and_its_source() -> None:
    rows = needs.overrides().values()
    assert all(row.why and row.source and len(row.id) == 36 for row in rows)
    assert len(rows) <= 10


STRANGE: tuple[Any, ...] = (None, 0, 1.5, "", "http://[", "\0", [], {}, [1], {"a": 1}, [None], {"type": "rule"}, [[]])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a task."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def why(raw: dict[str, Any]) -> str:
    """Why it takes what it takes, or was refused."""
    try:
        return needs.sort(parse(json.dumps(raw).encode(), "os", "a.json")).why
    except BadInput as err:
        return str(err)


@pytest.mark.parametrize("changes", [each[1] for each in WEB + BESIDE], ids=[each[0] for each in WEB + BESIDE])
def test_whatever_stands_in_a_task_it_is_sorted_or_refused_in_one_line(changes: dict[str, Any]) -> None:
    for path in places(task(**changes)):
        for strange in STRANGE:
            raw = deepcopy(task(**changes))
            reduce(getitem, path[:-1], raw)[path[-1]] = strange
            said = why(raw)
            assert said
            assert "\n" not in said
