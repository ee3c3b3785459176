"""The tasks about files: what their checks say of right, wrong and broken results, and that a seed fixes them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from random import Random

import pytest
from disk import Disk, judged, scene

from tasks.base import Task
from tasks.smoke.concerts import SAVED, download, programmes
from tasks.smoke.files import DOWNLOADS, FolderIs, SomeFileIs, pdf
from tasks.smoke.receipts import Packed, archive, receipts

SEEDS = [str(seed) for seed in range(30)]


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as packed:  # type: ignore[call-overload]  # the mode is one of two
        for name, data in files.items():
            item = tarfile.TarInfo(name)
            item.size = len(data)
            packed.addfile(item, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("template", [download, archive], ids=["download", "archive"])
def test_a_seed_fixes_the_goal_and_every_file(template: Callable[[Random], Task]) -> None:
    one, same, other = (template(Random(seed)) for seed in ("1", "1", "2"))
    assert (one.goal, one.scene) == (same.goal, same.scene)
    assert one.goal != other.goal


@pytest.mark.parametrize("seed", SEEDS)
def test_the_programme_renamed_and_in_its_folder_is_right_and_nothing_done_is_not(seed: str) -> None:
    task, about = download(Random(seed)), programmes(Random(seed))
    start = scene(task)
    assert judged(task, start) == 0
    assert judged(task, {**start, f"{about.folder}/{about.name}": about.wanted.programme}) == 1


def test_the_downloads_that_only_look_right_are_not() -> None:
    task, about = download(Random("3")), programmes(Random("3"))
    start, path = scene(task), f"{about.folder}/{about.name}"
    done = {**start, path: about.wanted.programme}
    assert about.twin.programme != about.wanted.programme
    wrong = {
        "the other concert in the town": {**done, path: about.twin.programme},
        "the programme that was there": {**start, path: about.before["programme.pdf"], SAVED: about.wanted.programme},
        "left in Downloads as well": {**done, SAVED: about.wanted.programme},
        "an older file lost": {name: data for name, data in done.items() if "2025" not in name},
        "half written": {**done, path: about.wanted.programme[:90]},
        "still coming in": {**done, f"{DOWNLOADS}/x.pdf.crdownload": b""},
        "another name": {**start, f"{about.folder}/programme.pdf": about.wanted.programme},
    }
    assert {name for name, held in wrong.items() if judged(task, held)} == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_receipts_packed_are_right_and_nothing_done_is_not(seed: str) -> None:
    task, about = archive(Random(seed)), receipts(Random(seed))
    start = scene(task)
    packed = {name: about.files[name] for name in about.wanted}
    assert judged(task, start) == 0
    assert judged(task, {**start, about.archive: zipped(packed) if about.format == ".zip" else tarred(packed)}) == 1


@pytest.mark.parametrize("format_", [".zip", ".tar.gz"])
def test_the_archives_that_only_look_right_are_not(format_: str) -> None:
    seed = next(seed for seed in SEEDS if receipts(Random(seed)).format == format_)
    task, about = archive(Random(seed)), receipts(Random(seed))
    start = scene(task)
    packed = {name: about.files[name] for name in about.wanted}
    pack, other = (zipped, tarred) if format_ == ".zip" else (tarred, zipped)
    right = pack(packed)
    lost = {path: data for path, data in start.items() if not path.endswith(about.wanted[0])}
    wrong = {
        "another format under that name": {**start, about.archive: other(packed)},
        "not packed but laid together": {**start, about.archive: tarred(packed, "w:")},
        "everything": {**start, about.archive: pack(about.files)},
        "one short": {**start, about.archive: pack({name: packed[name] for name in about.wanted[1:]})},
        "in a folder": {**start, about.archive: pack({f"Receipts/{name}": data for name, data in packed.items()})},
        "torn": {**start, about.archive: right[: len(right) // 2]},
        "empty": {**start, about.archive: b""},
        "another place": {**start, about.archive.replace("Accounting", "Receipts"): right},
        "an original lost": {**lost, about.archive: right},
        "and a spare copy": {**start, about.archive: right, f"{about.archive}.bak": right},
    }
    assert {name for name, held in wrong.items() if judged(task, held)} == set()


def test_a_folder_says_what_is_missing_new_and_changed() -> None:
    found = FolderIs("the folder", "/f", {"a": b"1", "b": b"2", "c": b"3"})(
        Disk({"/f/a": b"1", "/f/b": b"x", "/f/d": b"", "/f/.hidden": b""}), ""
    )
    assert found.actual == "c is missing; d is there; b is a file of other content"
    assert FolderIs("the folder", "/f", {"a": b"1"}, also=("d",))(Disk({"/f/a": b"1", "/f/d": b""}), "").met


def test_a_file_is_found_by_its_bytes_wherever_it_lies() -> None:
    check = SomeFileIs("it", "/home/**/*", b"123")
    assert check(Disk({"/home/a/b": b"123"}), "").met
    assert not check(Disk({"/home/a/b": b"124", "/tmp/a": b"123"}), "").met


def test_an_archive_of_another_kind_is_a_verdict_and_not_an_exception() -> None:
    found = Packed("it", "/a.zip", ".zip")(Disk({"/a.zip": b"not one"}), "")
    assert not found.met
    assert found.actual.startswith("it is not: BadZipFile")
    assert Packed("it", "/a.zip", ".zip")(Disk(), "").actual == "there is no /a.zip"


def test_a_made_pdf_says_where_each_of_its_objects_begins() -> None:
    data = pdf("One (two) \\ three")
    table = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    places = [int(line[:10]) for line in data[table:].split(b"\n")[3:7]]
    assert [data[place : place + 7] for place in places] == [b"%d 0 obj" % number for number in range(1, 5)]
    assert rb"(One \(two\) \\ three) Tj" in data
