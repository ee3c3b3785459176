"""What an episode finds and leaves: told at a bounded cost, and of nothing hidden."""

from __future__ import annotations

import pytest

from agent import home
from envs.fake import FakeDesktop
from envs.types import Put, Scene, Size


def left(*files: Put) -> dict[str, str]:
    desktop = FakeDesktop(Size(width=320, height=200))
    desktop.reset(Scene(files=files))
    told = home.found(desktop.probe)
    assert told is not None
    return told.files


def test_files_are_told_apart_by_what_they_hold_and_hidden_ones_are_left_out() -> None:
    found = left(
        Put(path="/home/user/a.txt", data=b"milk"),
        Put(path="/home/user/Documents/b.txt", data=b"milk"),
        Put(path="/home/user/c.txt", data=b"eggs"),
        Put(path="/home/user/.config/settings", data=b"milk"),
        Put(path="/home/user/Documents/.~lock.b.txt#", data=b"milk"),
    )
    assert set(found) == {"/home/user/a.txt", "/home/user/Documents/b.txt", "/home/user/c.txt"}
    assert found["/home/user/a.txt"] == found["/home/user/Documents/b.txt"] != found["/home/user/c.txt"]


def test_of_files_that_are_too_large_or_too_many_the_size_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "LARGEST", 3)
    monkeypatch.setattr(home, "MOST", 2)
    found = left(*(Put(path=f"/home/user/{name}", data=b"x" * size) for name, size in (("a", 3), ("b", 4), ("c", 3))))
    assert [found[f"/home/user/{name}"] for name in "bc"] == ["4 bytes", "3 bytes"]
    assert "bytes" not in found["/home/user/a"]
