"""Stand-ins for files of tasks: of the right type, under the right key, with what metrics look for, always alike."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pptx
import pytest

from scoring.osworld import Judgement, Metric
from scoring.verdict import Verdict
from tasks.osworld import assets, coverage, layout
from tasks.osworld.example import Example, parse
from tests.osworld.opening import KINDS, opened
from tests.osworld.standins import choosing, making, media, standing
from tests.osworld.standins.making import Unmakeable, Wanted
from tests.worlds import download, judged, lay, rule, step, stored, task


def example(number: int = 1, **changes: Any) -> Example:
    return parse(json.dumps(task(number, **changes)).encode(), "os", "a.json")


def cloud(key: str, dest: str = "") -> dict[str, Any]:
    return {"type": "cloud_file", "path": stored(key), "dest": dest or key.rpartition("/")[2]}


def compared(*golds: str, conj: str = "and", metric: str = "compare_text_file", **options: Any) -> dict[str, Any]:
    return judged(
        [metric] * len(golds),
        result=[{"type": "vm_file", "path": "/home/user/a.txt", "dest": "a.txt"}] * len(golds),
        expected=[cloud(gold) for gold in golds],
        options=[options] * len(golds),
        conj=conj,
    )


@pytest.mark.parametrize("kind", [*KINDS, ".jpeg"])
def test_each_kind_opens_with_its_own_library(kind: str, tmp_path: Path) -> None:
    opened(f"a{kind}", making.content(Wanted(name=f"a-1.0-py3-none-any{kind}")), tmp_path)


def test_what_has_no_stand_in_is_named() -> None:
    with pytest.raises(Unmakeable, match=r"'bird\.xyz'"):
        making.content(Wanted(name="bird.xyz"))


@pytest.mark.parametrize("kind", [".docx", ".pptx", ".xlsx"])
def test_an_office_file_does_not_say_when_it_was_made(kind: str) -> None:
    with zipfile.ZipFile(io.BytesIO(making.content(Wanted(name=f"a{kind}")))) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
        said = archive.read("docProps/core.xml").decode()
    assert said.count("2024-01-01T00:00:00Z") == said.count("<dcterms:") >= 1


def test_films_and_tunes_are_the_same_bytes_when_they_are_made_again() -> None:
    assert media.mp4() == media.mp4.__wrapped__()
    assert media.mp3("Heron") == media.mp3.__wrapped__("Heron")


def test_all_files_of_a_task_lie_where_assets_looks_for_them(tmp_path: Path) -> None:
    its = example(
        config=[download("os/x/a%20b.txt"), step("update_browse_history", history=[])],
        evaluator=compared("os/x/gold.txt", "os/x/gold 2.txt"),
    )
    assert making.lay([its], tmp_path) == 4
    assert assets.Assets(tmp_path).missing(assets.of(its)) == ()
    assert (tmp_path / "os/x/a b.txt").is_file()


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    its = example(config=[download("os/x/a.txt")])
    (tmp_path / "os/x").mkdir(parents=True)
    (tmp_path / "os/x/a.txt").write_text("a person's own")
    making.lay([its], tmp_path)
    assert (tmp_path / "os/x/a.txt").read_text() == "a person's own"


def test_a_name_that_says_nothing_is_typed_by_the_place_where_it_goes(tmp_path: Path) -> None:
    its = example(config=[download("os/x/a.data", "/home/user/deck.pptx")])
    opened("deck.pptx", making.content(making.wanted([its])["os/x/a.data"]), tmp_path)


def test_alternatives_differ_and_all_else_is_alike() -> None:
    either = making.wanted(
        [example(config=[download("k/x/a.txt")], evaluator=compared("k/x/b.txt", "k/x/c.txt", conj="or"))]
    )
    both = making.wanted([example(config=[download("k/x/a.txt")], evaluator=compared("k/x/b.txt", "k/x/c.txt"))])
    assert len({making.content(each) for each in either.values()}) == 3
    assert len({making.content(each) for each in both.values()}) == 1


def test_a_file_that_two_tasks_ask_for_is_what_both_need() -> None:
    rules = [{"type": "sheet_data", "sheet_idx0": "RNBirds", "sheet_idx1": "EI3"}]
    named = compared("k/x/b.xlsx", metric="compare_table", rules=rules)
    made = making.wanted([example(1, evaluator=compared("k/x/b.xlsx", conj="or")), example(2, evaluator=named)])
    book = openpyxl.load_workbook(io.BytesIO(making.content(made["k/x/b.xlsx"])))
    assert set(book.sheetnames) == {"Sheet1", "Sheet2", "Sheet3", "Sheet4", "Birds"}


def test_a_deck_has_the_sound_and_the_background_that_a_getter_looks_for() -> None:
    where = {"ppt_file_path": "/home/user/a.pptx"}
    heard = {**where, "type": "audio_in_slide", "slide_index": 2, "dest": "a.wav"}
    seen = {**where, "type": "background_image_in_slide", "slide_index": 1, "dest": "a.png"}
    its = example(
        config=[download("k/x/a.pptx", "/home/user/a.pptx")],
        evaluator=judged(
            ["compare_audios", "compare_images"],
            result=[heard, seen],
            expected=[cloud("k/x/b.wav"), cloud("k/x/b.png")],
        ),
    )
    deck = making.content(making.wanted([its])["k/x/a.pptx"])
    with zipfile.ZipFile(io.BytesIO(deck)) as archive:
        sounding = [n for n in archive.namelist() if n.endswith(".rels") and b"/audio" in archive.read(n)]
        assert sounding == ["ppt/slides/_rels/slide3.xml.rels"]
        assert b"<a:blip " in archive.read("ppt/slides/slide2.xml").partition(b"<p:spTree>")[0]
    assert len(pptx.Presentation(io.BytesIO(deck)).slides) == 8


def test_a_tune_is_tagged_as_its_name_says(tmp_path: Path) -> None:
    made = making.content(Wanted(name="A Heron - The Lake.mp3"))
    assert b"A Heron" in made[:200]
    assert b"The Lake" in made[:200]


def test_the_cover_has_every_part_and_prefers_what_is_quick() -> None:
    slow = example(1, config=[step("sleep", seconds=9), download("k/x/a.txt")])
    quick = example(2, config=[step("sleep", seconds=1), download("k/x/a.txt")])
    other = example(3, evaluator=compared("k/x/b.txt"))
    chosen = choosing.cover([slow, quick, other])
    assert {part for each in chosen for part in coverage.parts(each)} == {
        part for each in (slow, quick, other) for part in coverage.parts(each)
    }
    assert slow not in chosen
    assert choosing.cover([slow, quick], coverage.parts(quick)) == []


def test_what_needs_the_web_or_a_library_that_is_left_out_is_not_run(tmp_path: Path) -> None:
    read = judged("compare_image_text", result={"type": "vm_file", "path": "/a.png", "dest": "a"}, expected=rule(a=1))
    web = step("chrome_open_tabs", urls_to_open=["https://birds.example.org/"])
    library = layout.read(lay(tmp_path / "osworld", task(1), task(2, evaluator=read), task(3, config=[web])))
    assert [each.id[-1] for each in choosing.runnable(library.examples)] == ["1"]


JUDGED = compared("k/x/b.txt", "k/x/c.txt")
MET = Metric(func="compare_text_file", value=1.0)


@pytest.mark.parametrize(
    ("metrics", "missing", "said"),
    [
        pytest.param((MET, MET), [], (), id="all asked"),
        pytest.param((MET, Metric(func="compare_text_file", value=0.0)), ["/home/user/.x"], (), id="another file"),
        pytest.param((MET,), [], ("compare_text_file was not asked",), id="one not asked"),
        pytest.param((MET, MET), ["/home/user/a.txt"], ("/home/user/a.txt was not there",), id="nothing to read"),
        pytest.param(
            (MET, Metric(func="compare_text_file", trouble="raised OSError")),
            [],
            ("compare_text_file raised OSError",),
            id="one raised",
        ),
    ],
)
def test_a_task_ran_through_when_each_metric_was_asked_over_what_it_reads(
    metrics: tuple[Metric, ...], missing: list[str], said: tuple[str, ...]
) -> None:
    judgement = Judgement(score=0.0, value=0.0, metrics=metrics)
    assert standing.holes(example(evaluator=JUDGED), judgement, missing, ()) == said


def test_what_was_not_judged_or_is_settled_by_a_word_is_told_apart() -> None:
    failed = Verdict(check="OSWorld: infeasible", score=0.0, expected="1", actual="before judging, step 1 failed")
    none = Judgement(score=0.0, value=0.0)
    assert standing.holes(example(evaluator=JUDGED), None, [], (failed,)) == ("before judging, step 1 failed",)
    assert standing.holes(example(evaluator=judged("infeasible")), none, [], ()) == ()
