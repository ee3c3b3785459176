"""A bank is built from the command line or not at all: resumed where it was left, the same each time."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from agent import cli
from agent.asking import Ask
from agent.bank.build import Wish, build
from agent.bank.made import chosen
from agent.bank.plays import Bounds
from envs.errors import BadInput
from envs.types import Size
from scoring.understanding.items import RUNGS, Item, Words, digest, item, read

SOME = Bounds(drops=1, values=1, targets=1, places=2, turns=2, patience=0.2)


def ask(**changes: object) -> Ask:
    usual = {"suite": "errands:suite", "agent": "plays", "desktop": "fake", "size": Size(width=640, height=400)}
    return Ask(**(usual | changes))


def built(folder: Path, **changes: object) -> Path:
    assert build(Wish(ask(**changes), folder, bounds=SOME)) == 0
    return folder


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("bank"))


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in (folder / "plays" / "episodes").iterdir())


def test_two_builds_with_one_seed_are_the_same(bank: Path, tmp_path: Path) -> None:
    other = built(tmp_path, jobs=3)
    assert (other / "items.jsonl").read_bytes() == (bank / "items.jsonl").read_bytes()
    assert read(other)[0].hash == read(bank)[0].hash
    pictures = [sorted(each.name for each in (folder / "images").iterdir()) for folder in (bank, other)]
    assert pictures[0] == pictures[1]


def test_a_bank_says_what_it_is(bank: Path) -> None:
    about, items = read(bank)
    assert (about.suite, about.seeds, about.image) == ("errands:suite", (0,), "fake")
    assert (about.items, about.hash) == (len(items), digest(items))
    assert {each.task for each in about.operators} == {"errands/name@1", "errands/milk@1"}
    assert about.apps == {"editor": 1.0}


def test_a_banks_folder_holds_nothing_else(bank: Path) -> None:
    assert sorted(each.name for each in bank.iterdir()) == ["bank.json", "images", "items.jsonl", "plays"]


def test_every_picture_that_is_asked_about_is_there_and_no_other(bank: Path) -> None:
    _, items = read(bank)
    shown = {name for each in items for name in (*each.pictures, *(each.options if each.pictured else ()))}
    assert items
    assert {each.stem for each in (bank / "images").iterdir()} == shown


def test_what_was_played_is_not_played_again(bank: Path, tmp_path: Path) -> None:
    again = shutil.copytree(bank, tmp_path / "again")
    before = {each: each.stat().st_mtime_ns for each in again.glob("plays/episodes/*/events.jsonl")}
    built(again)
    assert {each: each.stat().st_mtime_ns for each in again.glob("plays/episodes/*/events.jsonl")} == before


def test_a_build_that_was_stopped_goes_on_where_it_was(bank: Path, tmp_path: Path) -> None:
    cut = shutil.copytree(bank, tmp_path / "cut")
    whole = names(cut)
    kept, torn, *gone = sorted((cut / "plays" / "episodes").iterdir())
    for folder in gone:
        shutil.rmtree(folder)
    log = torn / "events.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    for derived in ("bank.json", "items.jsonl"):
        (cut / derived).unlink()
    before = (kept / "events.jsonl").read_bytes()
    built(cut)
    assert names(cut) == sorted([*whole, f"{torn.name}-2"])
    assert (kept / "events.jsonl").read_bytes() == before
    assert read(cut)[0].hash == read(bank)[0].hash


def test_ctrl_c_stops_it_and_the_same_command_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(Wish(ask(suite="errands:halted"), tmp_path, bounds=SOME)) == 130
    assert f"--out {tmp_path}" in capsys.readouterr().err
    assert not (tmp_path / "bank.json").exists()
    before = names(tmp_path)
    built(tmp_path, suite="errands:halted")
    assert set(before) < set(names(tmp_path))
    again = ["errands-halted-near-miss-halted-s0-r0-2"]
    assert [each for each in names(tmp_path) if each.endswith("-2")] == again


def test_what_came_to_no_score_is_played_twice_and_then_left(tmp_path: Path) -> None:
    built(tmp_path, suite="errands:doubtful", globs=("stuck",))
    tries = [name for name in names(tmp_path) if "solution" in name]
    assert len(tries) == 2
    built(tmp_path, suite="errands:doubtful", globs=("stuck",))
    assert [name for name in names(tmp_path) if "solution" in name] == tries
    about, items = read(tmp_path)
    assert (items, about.items) == ((), 0)
    assert {each.rung for each in about.dropped} == set(RUNGS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"seeds": (0, 1)}, "other seeds"), ({"globs": ("milk",)}, "other tasks"), ({"suite": "chores:suite"}, "suite")],
)
def test_the_plays_of_another_bank_are_not_gone_on_with(bank: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        build(Wish(ask(**changes), bank, bounds=SOME))


def test_the_command_builds_and_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["bank", "build", "errands:suite", "--task", "milk", "--desktop", "fake", "--out", str(tmp_path / "bank")]
    assert cli.run([*argv, "--plays-only"]) == 0
    assert not (tmp_path / "bank" / "bank.json").exists()
    assert cli.run(argv) == 0
    capsys.readouterr()
    assert cli.run(["bank", "show", str(tmp_path / "bank")]) == 0
    said = capsys.readouterr().out
    assert "errands/milk@1" in said
    assert "undo-after" in said
    assert read(tmp_path / "bank")[0].hash[:16] in said


def test_to_show_what_is_no_bank_is_refused_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bank", "show", str(tmp_path)]) == 2
    assert "is not a bank" in capsys.readouterr().err


def question(name: str, facet: str = "value", picture: str = "a", pair: str = "") -> Item:
    truth = Words(accepted=(name,))
    return item(rung="L0", facet=facet, task="t", seed=0, question=name, truth=truth, pictures=(picture,), pair=pair)


def test_items_are_chosen_from_every_facet_and_screen() -> None:
    many = [question(f"q{number}", picture=f"p{number % 4}") for number in range(40)]
    few = [question(f"r{number}", facet="window", picture="p9") for number in range(3)]
    taken = chosen([*many, *few], Random(1), 12)
    assert len(taken) == 12
    assert sum(each.facet == "window" for each in taken) == 3
    assert {each.pictures for each in taken if each.facet == "value"} == {(f"p{number}",) for number in range(4)}
    assert taken == chosen([*few, *many[::-1]], Random(1), 12)


def test_a_pair_is_chosen_whole() -> None:
    pairs = [question(f"{side}{number}", pair=f"p{number}") for number in range(9) for side in ("yes", "no")]
    taken = chosen(pairs, Random(0), 7)
    assert len(taken) == 6
    assert len({each.pair for each in taken}) == 3


@pytest.mark.embedded
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_two_builds_on_real_desktops_are_the_same(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "other"):
        folder = tmp_path / name
        real = ask(
            suite="smoke",
            desktop="embedded",
            globs=("setting", "terminal"),
            jobs=4,
            size=Size(width=1920, height=1080),
        )
        assert build(Wish(real, folder, bounds=Bounds(drops=1, values=1, targets=1, places=1, turns=3))) == 0
        about, items = read(folder)
        assert {each.task for each in items} == {"smoke/setting@1", "smoke/terminal@1"}
        hashes.add(about.hash)
    assert len(hashes) == 1
