"""Reading OSWorld's tasks: what is kept as it is written, what is refused, and where tasks are looked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envs.errors import BadInput
from tasks.osworld import layout, steps
from tasks.osworld.example import Example, parse
from tests.worlds import ID, download, judged, lay, rule, step, stored, task

FILE = {"type": "vm_file", "path": "/home/user/a", "dest": "a"}


def read(raw: dict[str, Any]) -> Example:
    return parse(json.dumps(raw).encode(), "os", "a.json")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (step("execute", command="ls ~", shell="true"), steps.Execute(command="ls ~", shell="true")),
        (step("execute", command=["ls", "~"], shell=True), steps.Execute(command=("ls", "~"), shell=True)),
        (step("command", command="a b", stdout="out"), steps.Run(command="a b", stdout="out")),
        (step("launch", command="code"), steps.Launch(command="code")),
        (step("sleep", seconds=2), steps.Sleep(seconds=2.0)),
        (step("close_window", window_name="w", by_class=True), steps.CloseWindow(window_name="w", by_class=True)),
    ],
    ids=["shell as a word", "words", "a command's output kept", "no shell", "whole seconds", "a window by its class"],
)
def test_a_step_is_kept_as_it_is_written(written: dict[str, Any], kept: steps.Step) -> None:
    assert read(task(config=[written])).config == (kept,)


def test_every_step_type_of_osworld_is_known() -> None:
    assert len(steps.TYPES) == 17
    assert {"command", "close_window", "update_browse_history", "execute_with_verification"} < steps.TYPES


def test_what_osworld_does_not_have_is_named_and_not_lost() -> None:
    strange = read(
        task(
            config=[step("teleport", to="mars")],
            evaluator=judged("exact_mtach", result={"type": "vm_flie", "path": "a"}, expected=rule(expected="a")),
        )
    )
    assert strange.unknown == ("step 'teleport'", "metric 'exact_mtach'", "getter 'vm_flie'")
    assert strange.config == (steps.Unknown(type="teleport", parameters={"to": "mars"}),)


@pytest.mark.parametrize(
    ("func", "rest", "metrics", "expects"),
    [
        ("exact_match", {"result": FILE, "expected": rule(a=1)}, ["exact_match"], [True]),
        ("exact_match", {"result": FILE, "expected": {}}, ["exact_match"], [False]),
        ("exact_match", {"result": FILE}, ["exact_match"], [False]),
        ("infeasible", {}, ["infeasible"], [False]),
        (
            ["is_in_list", "check_list"],
            {"result": [FILE, FILE], "conj": "or"},
            ["is_in_list", "check_list"],
            [False] * 2,
        ),
        (
            ["is_in_list", "check_list"],
            {"result": [FILE, FILE], "expected": [rule(a=1), {}], "options": [{"b": 1}, {}]},
            ["is_in_list", "check_list"],
            [True, False],
        ),
    ],
    ids=["one", "expected is empty", "expected is absent", "infeasible", "a list without expected", "a list"],
)
def test_an_evaluator_becomes_its_checks(func: Any, rest: Any, metrics: list[str], expects: list[bool]) -> None:
    made = read(task(evaluator=judged(func, **rest))).evaluator
    assert [check.metric for check in made.checks] == metrics
    assert [check.expected is not None for check in made.checks] == expects
    assert made.conj == rest.get("conj", "and")
    assert [check.options for check in made.checks] == rest.get("options", [{}] * len(metrics))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evaluator": None}, "missing required field `evaluator`"),
        ({"instruction": 3}, "found: Expected `str`, got `int` - at `$.instruction`"),
        ({"confg": []}, "found 'confg'; if 'config' is meant, write that"),
        ({"config": [step("sleep", second=3)]}, "config[0]: wanted a 'sleep' step"),
        ({"config": [step("open", path=["a"])]}, "config[0]: wanted a 'open' step"),
        ({"config": [{"type": "open"}]}, "missing required field `parameters`"),
        ({"evaluator": judged("exact_match", result=FILE, postconfg=[])}, "found 'postconfg'"),
        ({"evaluator": judged("exact_match", result=FILE, conj="xor")}, "wanted in conj 'and' or 'or', found 'xor'"),
        ({"evaluator": judged("exact_match")}, "wanted for the metric 'exact_match' a result to judge, found none"),
        ({"evaluator": judged([], result=[])}, "wanted in func a metric's name or a list of them, found []"),
        ({"evaluator": judged(["a", "b"], result=[FILE])}, "one for each of the 2 metrics, found 1"),
        ({"evaluator": judged(["a"], result=FILE)}, "wanted in result a list of 1, as func is, found dict"),
        ({"evaluator": judged("a", result=[FILE])}, "wanted in result one object, as func is one name, found list"),
        ({"evaluator": judged(["infeasible"], result=[FILE])}, "wanted 'infeasible' as a word, found it in a list"),
        ({"evaluator": judged("a", result={"path": "x"})}, "wanted a getter with its type, found ['path']"),
    ],
    ids=[
        "no evaluator", "a number for a goal", "a misspelt config", "a misspelt parameter", "a list for a path",
        "no parameters", "a misspelt postconfig", "a strange conj", "nothing to judge", "no metric",
        "too few results", "one result for a list", "a list for one metric", "infeasible in a list",
        "a getter without a type",
    ],
)  # fmt: skip
def test_what_would_change_a_score_in_silence_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(task(**changes))
    assert said in str(caught.value)
    assert str(caught.value).startswith("a.json: ")
    assert "\n" not in str(caught.value)


def test_keys_that_nothing_reads_are_kept() -> None:
    made = read(task(hint="look left", env_may_change=True, evaluator=judged("exact_match", result=FILE, _note="x")))
    assert made.others == {"hint": "look left", "env_may_change": True}


def test_a_list_of_sources_and_no_config_are_fine() -> None:
    made = read(task(source=["a", "b"], config=None))
    assert (made.source, made.config) == (("a", "b"), ())


def test_each_copy_of_what_is_written_is_a_new_one() -> None:
    made = read(task())
    made.as_written()["evaluator"]["expected"]["rules"]["expected"] = "changed"
    assert made.as_written() == task()


def test_the_digest_is_the_contents_own() -> None:
    same = parse(json.dumps(task(), indent=4, sort_keys=True).encode(), "chrome", "b.json")
    assert read(task()).digest == same.digest
    assert read(task()).digest != read(task(instruction="Write a word into the file")).digest


@pytest.mark.parametrize("where", ["", "evaluation_examples", "evaluation_examples/test_all.json"])
def test_a_checkout_its_examples_and_an_index_are_read_in_the_indexs_order(tmp_path: Path, where: str) -> None:
    lay(tmp_path / "evaluation_examples", task(2), task(1))
    library = layout.read(tmp_path / where)
    assert [(each.id, each.domain) for each in library.examples] == [(f"{ID}2", "os"), (f"{ID}1", "os")]


def test_a_folder_without_an_index_and_a_single_file_are_read(tmp_path: Path) -> None:
    lay(tmp_path, task(2), task(1), domain="vlc", index=False)
    (tmp_path / "examples" / "settings.json").write_text('{"theme": "dark"}')
    assert [each.id for each in layout.read(tmp_path).examples] == [f"{ID}1", f"{ID}2"]
    one = layout.read(tmp_path / "examples" / "vlc" / f"{ID}1.json").examples
    assert [(each.id, each.domain) for each in one] == [(f"{ID}1", "vlc")]


def test_a_bad_task_among_others_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    lay(tmp_path, task(1), task(2, config=3), task(3))
    (tmp_path / "examples" / "os" / f"{ID}3.json").unlink()
    library = layout.read(tmp_path)
    assert [each.id for each in library.examples] == [f"{ID}1"]
    assert [each.id for each in library.refused] == [f"{ID}2", f"{ID}3"]
    assert "found: Expected `array`" in library.refused[0].why
    assert "found: No such file or directory; take it out of the index, or add it" in library.refused[1].why


def test_a_torn_file_is_told_of(tmp_path: Path) -> None:
    lay(tmp_path, task(1), task(2), index=False)
    path = tmp_path / "examples" / "os" / f"{ID}2.json"
    path.write_bytes(path.read_bytes()[:-9])
    assert [each.id for each in layout.read(tmp_path).refused] == [f"{ID}2"]


def test_two_tasks_of_one_id_are_not_both_read(tmp_path: Path) -> None:
    lay(tmp_path, task(1), domain="os", index=False)
    lay(tmp_path, task(1), domain="vlc", index=False)
    library = layout.read(tmp_path)
    assert len(library.examples) == 1
    assert "wanted an id of its own" in library.refused[0].why


@pytest.mark.parametrize("where", ["empty", "nowhere", "index.json"])
def test_where_there_is_no_task_it_says_what_was_wanted(tmp_path: Path, where: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "index.json").write_text("{}")
    with pytest.raises(BadInput, match=r"wanted OSWorld's checkout, .*; give the folder that holds them"):
        layout.read(tmp_path / where)


def test_the_addresses_of_a_task_stay_what_they_are() -> None:
    made = read(task(config=[download("os/x/a%20b.txt")]))
    assert made.config == (
        steps.Download(files=(steps.File(url=stored("os/x/a%20b.txt"), path="/home/user/a.txt"),)),
    )
