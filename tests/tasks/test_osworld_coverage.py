"""What of OSWorld is known to run: by what ran, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envs.errors import BadInput
from tasks.osworld import layout, proofs
from tasks.osworld.assets import Assets
from tasks.osworld.coverage import Coverage, cover
from tasks.osworld.layout import Library
from tasks.osworld.proofs import How, Proof
from tests.worlds import ID, download, judged, lay, rule, tabs, task

WEB = tabs("https://birds.example.org/")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    strange = judged("exact_mtach", result={"type": "vm_terminal_output"}, expected=rule(a=1))
    tasks = (
        task(1), task(2, config=[download("os/x/a"), *task()["config"]]), task(3, config=[WEB]),
        task(4, evaluator=strange), task(5, config=0),
    )  # fmt: skip
    return layout.read(lay(tmp_path / "osworld", *tasks))


def states(made: Coverage) -> dict[str, str]:
    return {row.id.removeprefix(ID): row.state for row in made.rows}


def proof(library: Library, number: int, how: How = "executed", **rest: Any) -> Proof:
    example = next(each for each in library.examples if each.id == f"{ID}{number}")
    return Proof(**{"task": example.id, "digest": example.digest, "how": how, **rest})


def test_nothing_is_proved_before_anything_ran(library: Library) -> None:
    made = cover(library, ())
    assert states(made) == {"1": "expected", "2": "expected", "3": "web", "4": "unknown", "5": "unreadable"}
    assert (made.tasks, made.by_content, made.without_files, made.proved) == (5, 2, 1, 0)
    assert made.web == {"website": 1}
    assert all("not proved yet" in row.why for row in made.rows if row.state == "expected")


def test_a_task_whose_metric_is_left_out_of_the_evaluators_is_not_expected_to_run(tmp_path: Path) -> None:
    read = judged("compare_image_text", result={"type": "vm_file", "path": "/a.png", "dest": "a"}, expected=rule(a=1))
    made = cover(layout.read(lay(tmp_path / "osworld", task(1, evaluator=read))), ())
    assert states(made) == {"1": "left out"}
    assert "easyocr" in made.rows[0].why


@pytest.mark.parametrize("how", ["executed", "stand-in"])
def test_what_ran_is_proved_and_said_how(library: Library, how: How) -> None:
    made = cover(library, [proof(library, 2, how, on="2026-11-25")])
    assert states(made)["2"] == how
    assert made.proved == 1
    row = next(row for row in made.rows if row.id.endswith("2"))
    assert row.why.startswith("ran on 2026-11-25")
    assert ("its verdict says nothing" in row.why) == (how == "stand-in")


def test_a_task_whose_parts_all_ran_elsewhere_is_told_apart_from_one_that_ran(library: Library) -> None:
    made = cover(library, [proof(library, 2)])
    assert states(made)["1"] == "parts"
    assert made.proved == 1
    assert made.parts["steps"].unproved == ()
    fewer = cover(library, [proof(library, 1)])
    assert states(fewer)["2"] == "expected"
    assert (fewer.parts["steps"].used, fewer.parts["steps"].unproved) == (2, ("download",))


def test_a_proof_of_another_content_counts_for_nothing(library: Library) -> None:
    made = cover(library, [proof(library, 1, digest="0" * 64)])
    assert (states(made)["1"], made.proved, made.stale) == ("expected", 0, (f"{ID}1",))


def test_a_live_task_that_ran_is_proved_and_a_strange_one_never(library: Library) -> None:
    made = cover(library, [proof(library, 3), proof(library, 4)])
    assert (states(made)["3"], states(made)["4"]) == ("executed", "unknown")


def test_files_that_are_missing_are_told_where_a_folder_is_given(library: Library, tmp_path: Path) -> None:
    store = tmp_path / "files"
    store.mkdir()
    made = cover(library, (), Assets(store))
    row = next(row for row in made.rows if row.id.endswith("2"))
    assert (row.state, row.missing) == ("files missing", ("os/x/a",))
    (store / "os" / "x").mkdir(parents=True)
    (store / "os" / "x" / "a").write_text("heron")
    assert states(cover(library, (), Assets(store)))["2"] == "expected"


def test_the_counts_of_the_domains_add_up(library: Library) -> None:
    made = cover(library, [proof(library, 1)])
    assert sum(sum(counts.values()) for counts in made.domains.values()) == made.tasks == sum(made.states.values())


def test_proofs_are_written_and_read_back_and_the_better_one_stands(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "proofs.json"
    ran, stood = proof(library, 1), proof(library, 1, "stand-in")
    proofs.add(path, stood, proof(library, 2))
    proofs.add(path, ran)
    proofs.add(path, stood)
    assert proofs.read(path) == (ran, proof(library, 2))
    proofs.add(path, proof(library, 1, "stand-in", digest="0" * 64))
    assert proofs.read(path)[0].how == "stand-in"
    assert [each.name for each in path.parent.iterdir()] == ["proofs.json"]


@pytest.mark.parametrize("text", [None, "[{]", '[{"task": "a"}]'], ids=["no file", "torn", "no digest"])
def test_what_holds_no_proofs_is_refused_in_one_line(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "proofs.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInput, match=r"wanted proofs in .*, found"):
        proofs.read(path)


def test_the_proofs_that_come_with_handeye_are_readable() -> None:
    assert isinstance(proofs.read(proofs.usual()), tuple)
    assert all(len(each.digest) == 64 for each in proofs.read(proofs.usual()))
