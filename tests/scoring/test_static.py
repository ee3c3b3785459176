"""Familiar static sets become banks: MMMU's parquet, ScreenSpot's JSON with images, and what is wrong is said."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from envs.errors import BadInput
from envs.types import Point, Rect, Size
from scoring.understanding.answers import question
from scoring.understanding.items import Choice, Place, Words, picture, read
from scoring.understanding.static import imported
from tests.scoring import banked


def jpeg(colour: str = "#204080") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, "JPEG")
    return out.getvalue()


def row(number: int, **more: object) -> dict[str, object]:
    made: dict[str, object] = {
        "id": f"validation_Art_Theory_{number}",
        "question": "What is shown in <image 1>?",
        "options": "['a blue thing', 'a red thing', '<image 2>', 'nothing']",
        "answer": "A",
        "question_type": "multiple-choice",
        "subfield": "Art",
        **dict.fromkeys(f"image_{place}" for place in range(1, 8)),
        **more,
    }
    return {
        **made,
        **{
            name: {"bytes": made[name], "path": f"{name}.jpg"}
            for name in made
            if name.startswith("image_") and made[name]
        },
    }


def mmmu(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "mmmu.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
    return path


def screenspot(folder: Path, *entries: dict[str, object]) -> Path:
    (folder / "img.png").write_bytes(banked.picture(Rect(x=100, y=50, width=80, height=40)))
    given = {"img_filename": "img.png", "instruction": "close the window.", "data_type": "icon"}
    path = folder / "spots.json"
    path.write_text(json.dumps([{**given, "data_source": "linux", **entry} for entry in entries]))
    return path


def test_a_choice_of_mmmu_has_its_options_its_picture_and_its_subject(tmp_path: Path) -> None:
    bank = imported(mmmu(tmp_path, row(1, image_1=jpeg())), tmp_path / "bank")
    again, (item,) = read(tmp_path / "bank")
    assert again == bank
    assert (item.rung, item.task, item.truth, item.guess) == ("L0", "mmmu/Art_Theory@1", Choice(option=0), 0.25)
    assert item.options == ("a blue thing", "a red thing", "a picture that is not there", "nothing")
    assert item.question == "What is shown in picture 1?"
    assert picture(tmp_path / "bank", item.pictures[0])[:4] == b"\x89PNG"
    assert bank.size == Size(width=320, height=200)


def test_several_pictures_are_numbered_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    asks = row(1, image_1=jpeg(), image_3=jpeg("#ff0000"), question="Is <image 3> redder than <image 1>?")
    imported(mmmu(tmp_path, asks), tmp_path / "bank")
    _, (item,) = read(tmp_path / "bank")
    assert item.question == "Is picture 2 redder than picture 1?"
    assert len(item.pictures) == 2


def test_an_open_question_of_mmmu_accepts_each_of_its_answers(tmp_path: Path) -> None:
    rows = [
        row(1, question_type="open", options="[]", answer="['4', 'four']", image_1=jpeg()),
        row(2, question_type="open", options="[]", answer="9.81", image_1=jpeg()),
    ]
    imported(mmmu(tmp_path, *rows), tmp_path / "bank")
    _, items = read(tmp_path / "bank")
    assert {item.truth for item in items} == {Words(accepted=("4", "four")), Words(accepted=("9.81",))}


def test_a_question_that_is_a_picture_as_in_mmmu_pro_is_asked_as_such(tmp_path: Path) -> None:
    asks = row(1, question=None)
    del asks["image_1"]
    imported(mmmu(tmp_path, {**asks, "image": {"bytes": jpeg(), "path": "q.jpg"}}), tmp_path / "bank")
    _, (item,) = read(tmp_path / "bank")
    assert (len(item.pictures), item.question) == (1, "Answer the question in the picture.")


BOXES = [
    pytest.param({"bbox": [100, 50, 80, 40]}, id="x, y, width, height"),
    pytest.param({"bbox": [100, 50, 180, 90], "img_size": [640, 400]}, id="two corners, of ScreenSpot-Pro"),
    pytest.param({"bbox": [0.15625, 0.125, 0.28125, 0.225]}, id="two corners, in fractions"),
]


@pytest.mark.parametrize("entry", BOXES)
def test_a_place_of_screenspot_is_its_box_in_pixels(entry: dict[str, object], tmp_path: Path) -> None:
    imported(screenspot(tmp_path, entry), tmp_path / "bank")
    _, (item,) = read(tmp_path / "bank")
    assert item.truth == Place(boxes=(Rect(x=100, y=50, width=80, height=40),))
    assert item.truth.holds(Point(x=179, y=89))
    assert item.guess == pytest.approx(80 * 40 / (640 * 400))
    assert (item.rung, item.task, item.tags["role"]) == ("L1", "spots/linux@1", "icon")


def test_what_is_shown_is_not_called_a_linux_desktop(tmp_path: Path) -> None:
    imported(screenspot(tmp_path, {"bbox": [1, 2, 30, 40]}), tmp_path / "bank")
    _, (item,) = read(tmp_path / "bank")
    words = question(item, (), [Size(width=640, height=400)])
    assert "You are shown a screenshot, 640x400 pixels." in words
    assert "Linux" not in words


def test_the_same_set_makes_the_same_bank(tmp_path: Path) -> None:
    source = mmmu(tmp_path, row(1, image_1=jpeg()), row(2, image_1=jpeg(), answer="B"))
    assert imported(source, tmp_path / "one").hash == imported(source, tmp_path / "two").hash


WRONG = [
    pytest.param({"bbox": [1, 2, 3]}, "wanted four numbers as bbox", id="three numbers"),
    pytest.param({"bbox": [10, 10, 0, 5]}, "has no extent", id="no width"),
    pytest.param({"bbox": [1, 2, 3, 4], "img_filename": "none.png"}, "--images", id="no picture"),
    pytest.param({"bbox": [1, 2, 3, 4], "instruction": ""}, "has no 'instruction'", id="no instruction"),
]


@pytest.mark.parametrize(("entry", "said"), WRONG)
def test_what_is_wrong_with_an_entry_is_said(entry: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=said):
        imported(screenspot(tmp_path, entry), tmp_path / "bank")


def test_an_answer_that_is_no_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="row 1: the answer 'E' is none of its 4 options"):
        imported(mmmu(tmp_path, row(1, image_1=jpeg(), answer="E")), tmp_path / "bank")


def test_a_file_that_is_neither_is_refused_and_so_is_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no \.parquet file"):
        imported(tmp_path / "set.csv", tmp_path / "bank")
    with pytest.raises(BadInput, match="there is no such file"):
        imported(tmp_path / "set.parquet", tmp_path / "bank")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(BadInput, match="cannot read"):
        imported(tmp_path / "torn.parquet", tmp_path / "bank")
    with pytest.raises(BadInput, match="not empty"):
        imported(tmp_path / "torn.parquet", tmp_path)
