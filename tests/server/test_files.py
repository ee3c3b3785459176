"""Reading files that may be traps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envs.server import files
from envs.server.trouble import Trouble


def kind_of(path: Path | str) -> str:
    """Why it cannot be read."""
    with pytest.raises(Trouble) as caught:
        files.read_file(str(path))
    return caught.value.kind


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a b").write_bytes(b"\0\xff")
    assert files.read_file(str(tmp_path / "a b")) == b"\0\xff"


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert files.read_file(str(tmp_path / "b")) == b"x"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert kind_of(tmp_path) == "folder"
    assert kind_of(tmp_path / "nothing") == "missing"
    assert kind_of(tmp_path / "nothing" / "below") == "missing"
    assert kind_of("relative") == "bad_request"
    assert kind_of("/a\0b") == "bad_request"


def test_a_pipe_does_not_hold_the_server_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert kind_of(tmp_path / "pipe") == "denied"


@pytest.mark.parametrize("target", ["/proc/self/environ", "/dev/null", "/sys/kernel/uevent_seqnum"])
def test_a_link_into_the_kernels_folders_is_denied(target: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(target)
    assert kind_of(tmp_path / "link") in {"denied", "missing"}


def test_a_file_too_big_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(files.LARGEST + 1)
    assert kind_of(tmp_path / "big") == "too_big"


def test_a_glob_crosses_folders_and_is_sorted(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "two.txt").write_text("12")
    (tmp_path / "b" / ".one.txt").write_text("1")
    found = files.files(f"{tmp_path}/**/*.txt")
    assert [(Path(each.path).name, each.size, each.kind) for each in found] == [
        (".one.txt", 1, "file"), ("two.txt", 2, "file"),
    ]  # fmt: skip


def test_links_are_listed_and_not_followed_by_a_glob(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "loop").symlink_to(tmp_path)
    found = files.files(f"{tmp_path}/**/loop")
    assert [each.kind for each in found] == ["link"]
