"""The times of files, as the programs of a desktop are told them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from envs.desktop import Desktop, MakeDesktop
from envs.types import Put, Scene, Size

FOLDER = "/home/user/Documents"
SAY = r"""
cd ~/Documents
echo one >old; until echo two >new && [ new -nt old ]; do :; done
cp -p new kept; touch -d '2031-05-05 05:05:05.5' set; mkdir folder
stat -c '%n %y' new old kept set put folder . >told/stat
find . -name new -newer old >told/find
ls -l --time-style=full-iso new >told/ls
"""


@pytest.fixture(scope="module")
def desktop(real: MakeDesktop) -> Iterator[Desktop]:
    """A desktop in which files were made, in a scene of the autumn before."""
    made = real(Size(width=1024, height=768))
    put = Put(path=f"{FOLDER}/put", data=b"put")
    commands = (("mkdir", f"{FOLDER}/told"), ("sh", "-c", SAY))
    made.reset(Scene(files=(put,), commands=commands, clock="2025-10-07 13:30:00"))
    yield made
    made.close()


def told(desktop: Desktop, name: str) -> str:
    """What a program of the user's has said."""
    return desktop.probe.read_file(f"{FOLDER}/told/{name}").decode()


def test_what_is_done_to_files_is_told_in_the_scenes_first_second(desktop: Desktop) -> None:
    lines = [line.split() for line in told(desktop, "stat").splitlines()]
    moments = {name: f"{day} {moment}" for name, day, moment, _zone in lines}
    assert {moments[name][:19] for name in ("new", "old", "kept", "put", "folder", ".")} == {"2025-10-07 13:30:00"}
    assert "2025-10-07 13:30:00" in told(desktop, "ls")


def test_the_order_of_changes_stays(desktop: Desktop) -> None:
    moments = dict(line.split(" ", 1) for line in told(desktop, "stat").splitlines())
    assert moments["put"] < moments["old"] < moments["new"] < moments["."]
    assert told(desktop, "find") == "./new\n"


def test_a_time_that_was_set_is_told_as_set(desktop: Desktop) -> None:
    moments = dict(line.split(" ", 1) for line in told(desktop, "stat").splitlines())
    assert moments["set"].startswith("2031-05-05 05:05:05.500000000")
    assert moments["kept"] == moments["new"]


def test_a_check_sees_the_machines_time(desktop: Desktop) -> None:
    (entry,) = desktop.probe.files(f"{FOLDER}/new")
    assert abs(entry.mtime - time.time()) < 3600
