"""The files of OSWorld's tasks: found by OSWorld's own paths, said to be missing where they are, never fetched."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from envs.errors import BadInput
from tasks.osworld import assets
from tasks.osworld.assets import Asset, Assets
from tasks.osworld.example import Example, parse
from tests.worlds import ID, STORE, download, judged, rule, step, stored, task

KEY = "os/0a1b/a b.txt"
URL = STORE + "os/0a1b/a%20b.txt"


def example(**changes: Any) -> Example:
    return parse(json.dumps(task(**changes)).encode(), "os", "a.json")


@pytest.fixture
def asset() -> Asset:
    return assets.of(example(config=[download("", path="/home/user/a b.txt", url=URL)]))[0]


@pytest.mark.parametrize(
    ("url", "base", "key"),
    [
        (URL, STORE, KEY),
        (STORE + "os/0a1b/a.txt?download=true", STORE, "os/0a1b/a.txt"),
        (STORE.replace("main", "v2") + "os/0a1b/ü.txt", STORE.replace("main", "v2"), "os/0a1b/ü.txt"),
        ("https://example.org/a.txt", "", ""),
        ("ftp://example.org/resolve/main/os/0a1b/a.txt", "", ""),
        ("/home/user/resolve/main/os/0a1b/a.txt", "", ""),
        ("//a[@name='[x]']", "", ""),
    ],
    ids=["encoded", "with a query", "another revision", "elsewhere", "another protocol", "a path", "a pattern"],
)
def test_an_address_of_the_store_has_a_base_and_a_key(url: str, base: str, key: str) -> None:
    assert assets.split(url) == (base, key)


def test_the_files_of_a_task_are_all_found_in_the_order_of_their_use() -> None:
    many = {"type": "cloud_file", "path": [stored("os/x/c"), stored("os/x/d")], "dest": ["c", "d"], "multi": True}
    made = example(
        config=[
            download("os/x/a"),
            step("googledrive", settings_file="s", operation=["upload"], args=[{"url": stored("os/x/u")}]),
        ],
        evaluator=judged(
            ["is_in_list", "compare_text_file"],
            result=[{"type": "cloud_file", "path": stored("os/x/e"), "dest": "e"}, {"type": "vm_terminal_output"}],
            expected=[rule(a=1), many],
            postconfig=[download("os/x/b"), download("os/x/a", path="/elsewhere")],
        ),
    )  # fmt: skip
    assert assets.keys(made) == tuple(f"os/x/{name}" for name in "aubcde")
    parts = {asset.key[-1]: asset.part for asset in reversed(assets.of(made))}
    assert parts == {"a": "config", "u": "config", "b": "postconfig", "c": "expected", "d": "expected", "e": "result"}


@pytest.mark.parametrize(
    "name",
    [KEY, "os/0a1b/a%20b.txt", f"{ID}1/{uuid.uuid5(uuid.NAMESPACE_URL, URL)}_a b.txt"],
    ids=["decoded", "as its address has it", "in OSWorld's cache"],
)
def test_a_file_is_found_by_each_of_its_names(tmp_path: Path, asset: Asset, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("heron")
    assert Assets(tmp_path).find(asset) == path
    assert Assets(tmp_path).missing([asset]) == ()


def test_a_gold_file_is_found_by_the_name_of_osworlds_cache(tmp_path: Path) -> None:
    gold = {"type": "cloud_file", "path": URL, "dest": "gold.txt"}
    result = {"type": "vm_file", "path": "/home/user/a", "dest": "a"}
    made = example(evaluator=judged("compare_text_file", result=result, expected=gold))
    (tmp_path / f"{ID}1").mkdir()
    (tmp_path / f"{ID}1" / "gold.txt").write_text("heron")
    assert Assets(tmp_path).missing(assets.of(made)) == ()


@pytest.mark.parametrize("left", ["", "os/0a1b/a b.txt.part", "os/0a1b/a"], ids=["nothing", "half of it", "another"])
def test_a_missing_file_is_named_by_its_key(tmp_path: Path, asset: Asset, left: str) -> None:
    if left:
        (tmp_path / left).parent.mkdir(parents=True)
        (tmp_path / left).write_text("heron")
    assert Assets(tmp_path).find(asset) is None
    assert Assets(tmp_path).missing([asset, asset]) == (KEY,)


def test_an_empty_file_is_missing(tmp_path: Path, asset: Asset) -> None:
    (tmp_path / "os/0a1b").mkdir(parents=True)
    (tmp_path / KEY).touch()
    assert Assets(tmp_path).missing([asset]) == (KEY,)


@pytest.mark.parametrize("name", ["../secret/a/b", "os/../../secret", "/etc/passwd", "a\0b"])
def test_no_key_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    assert assets.within(tmp_path, name) is None
    assert Assets(tmp_path).missing([Asset(key=name, url="", part="config")]) == (name,)


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no .*; fetch them with `handeye osworld fetch`"):
        Assets(tmp_path / "nowhere")
