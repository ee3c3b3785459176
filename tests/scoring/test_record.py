"""The log: one writer, one reader, and what is left when writing is cut off."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from envs.errors import BadInput, DesktopFault
from envs.types import About, Observation, Size
from scoring.record import Ended, EventLog, Judged, Looked, Run, Started, begin_run, hold, read, read_run
from scoring.verdict import Verdict

SIZE = Size(width=4, height=3)
ABOUT = About(kind="fake", image="fake", code="fake", size=SIZE)
ENDED = Ended(how="finished", score=1.0)


def started() -> Started:
    return Started(
        format=1, utc="2026-03-02T09:00:00Z", suite="s", task="s/a@1", goal="g", seed=0, repeat=0, agent="a",
        desktop=ABOUT, axes=("control",), checks=("c",),
    )  # fmt: skip


def judged(number: int, text: str = "x") -> Judged:
    return Judged(verdict=Verdict(check="c", score=0, expected=text, actual=text), final=False, step=number)


def wanted(**changes: object) -> Run:
    fields = {
        "format": 1, "id": "r", "utc": "2026-03-02T09:00:00Z", "handeye": "0", "suite": "s", "agent": "a",
        "desktop": "fake", "seeds": (0,), "repeats": 1, "tasks": ("s/a@1",), "jobs": 1, "size": SIZE, "options": {},
    }  # fmt: skip
    return Run(**(fields | changes))


def write(run: Path, *events: object) -> Path:
    log = EventLog(run / "episodes" / "one")
    for event in events:
        log.append(event)
    log.close()
    return log.folder


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path, started(), judged(1, "naïve 北京 😀 \n \x00"), ENDED)
    episode = read(folder)
    assert [line.event for line in episode.lines] == [started(), judged(1, "naïve 北京 😀 \n \x00"), ENDED]
    assert [line.seq for line in episode.lines] == [0, 1, 2]
    times = [line.t for line in episode.lines]
    assert times == sorted(times)
    assert (episode.started, episode.ended, episode.torn) == (started(), ENDED, False)


def test_a_line_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "episodes" / "one")
    log.append(started())
    assert read(log.folder).started == started()
    log.close()


def test_a_torn_last_line_loses_one_line(tmp_path: Path) -> None:
    folder = write(tmp_path, started(), judged(1), ENDED)
    log = folder / "events.jsonl"
    whole = log.read_bytes()
    for cut in range(len(whole)):
        log.write_bytes(whole[:cut])
        episode = read(folder)
        assert len(episode.lines) == whole[:cut].count(b"\n")
        assert episode.torn == (cut > 0 and whole[cut - 1] != ord("\n"))


@pytest.mark.parametrize("broken", [b"{", b"", b'{"seq":1}', b"\xff", b'{"seq":1,"t":0,"event":{"event":"what"}}'])
def test_a_broken_line_before_the_last_is_an_error_that_names_it(tmp_path: Path, broken: bytes) -> None:
    folder = write(tmp_path, started(), judged(1), ENDED)
    log = folder / "events.jsonl"
    lines = log.read_bytes().split(b"\n")
    log.write_bytes(b"\n".join([lines[0], broken, *lines[2:]]))
    with pytest.raises(BadInput, match=r"events\.jsonl, line 2 cannot be read"):
        read(folder)


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    folder = write(tmp_path, started(), ENDED, judged(1))
    assert read(folder).ended == ENDED
    assert len(read(folder).lines) == 2


def test_an_episodes_folder_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path, started())
    with pytest.raises(DesktopFault, match="File exists"):
        EventLog(tmp_path / "episodes" / "one")


def test_a_picture_is_stored_once(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "episodes" / "one")
    for png in (b"one", b"two", b"one"):
        log.look(Observation(png=png, size=SIZE), 0.1)
    log.close()
    stored = {path.name: path.read_bytes() for path in (tmp_path / "frames").iterdir()}
    assert sorted(stored.values()) == [b"one", b"two"]
    assert {f"{line.event.frame}.png" for line in read(log.folder).lines if isinstance(line.event, Looked)} == set(
        stored
    )


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "episodes" / "one")

    def fill() -> None:
        for number in range(50):
            log.append(judged(number, "x" * 3000))
            log.look(Observation(png=b"same", size=SIZE), 0.0)

    threads = [threading.Thread(target=fill) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert [line.seq for line in read(log.folder).lines] == list(range(800))


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False).returncode
    ):
        pytest.fail("mounting a small disk needs root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_clear_fault_and_loses_nothing(small_disk: Path) -> None:
    log = EventLog(small_disk / "episodes" / "one")
    log.append(started())
    written: list[int] = []

    def fill() -> None:
        for number in range(200):
            log.append(judged(number, "x" * 1000))
            written.append(number)

    with pytest.raises(DesktopFault, match=r"cannot write .*No space left on device; what was recorded before is"):
        fill()
    with pytest.raises(DesktopFault, match="No space left"):
        log.look(Observation(png=b"x" * 70_000, size=SIZE), 0.0)
    episode = read(log.folder)
    assert len(episode.lines) == len(written) + 1
    assert not episode.torn
    assert not list((small_disk / "frames").iterdir())
    log.close()


def test_a_run_is_read_with_its_episodes(tmp_path: Path) -> None:
    begin_run(tmp_path, wanted())
    write(tmp_path, started(), ENDED)
    run, episodes = read_run(tmp_path)
    assert run == wanted()
    assert [episode.name for episode in episodes] == ["one"]


def test_a_folder_with_a_run_takes_no_second_one(tmp_path: Path) -> None:
    begin_run(tmp_path, wanted())
    with pytest.raises(BadInput, match=r"already holds a run; go on with it by `handeye run --resume"):
        begin_run(tmp_path, wanted())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "is not a run: it has no run.json", id="no run"),
        pytest.param(b"{}", "cannot be read", id="not what it should be"),
        pytest.param(b"", "cannot be read", id="empty"),
    ],
)
def test_what_is_no_run_is_said_in_one_line(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        read_run(tmp_path)


def test_a_run_of_a_later_format_is_refused(tmp_path: Path) -> None:
    begin_run(tmp_path, wanted(format=2))
    with pytest.raises(BadInput, match="has format 2, and this handeye reads up to 1"):
        read_run(tmp_path)


HOLDS = """
import sys, pathlib, scoring.record
with scoring.record.hold(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


def test_a_run_is_held_by_one_process_and_let_go_when_that_is_killed(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(BadInput, match=rf"by another handeye \(process {other.pid}\)"), hold(tmp_path):
        pass
    other.kill()
    other.communicate()
    with hold(tmp_path):
        pass
