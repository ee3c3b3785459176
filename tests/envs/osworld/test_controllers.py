"""desktop-env's PythonController and SetupController, unmodified, against a desktop of ours."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import av
import pytest
from lxml import etree
from PIL import Image

from envs.launch import EmbeddedDesktop
from envs.osworld.a11y import SPACES
from envs.osworld.bridge import bridge
from envs.osworld.ways import CHROMIUM
from envs.types import Size

pytestmark = [pytest.mark.embedded, pytest.mark.slow]
DRIVER = Path(__file__).with_name("drive_controllers.py")
SIZE = Size(width=1280, height=800)
EVERY = bytes(range(256)) * 4096 + b"\r\n--\r\n\r\n"
STEPS = (
    "upload_file", "download", "execute", "execute shell", "execute until", "command", "sleep", "open", "launch",
    "launch missing", "activate_window", "close_window", "close_window none", "change_wallpaper",
    "update_browse_history", "launch terminal", "chrome_open_tabs", "chrome_close_tabs",
)  # fmt: skip


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the controllers keep their files."""
    return tmp_path_factory.mktemp("controllers")


@pytest.fixture(scope="module")
def told(controllers: Path, scratch: Path) -> dict[str, Any]:
    """What each of their calls gave."""
    desktop = EmbeddedDesktop(SIZE)
    try:
        with bridge(desktop) as serving:
            argv = [controllers, DRIVER, str(serving.port), scratch, str(serving.leading_to(CHROMIUM))]
            ran = subprocess.run(argv, check=False, cwd=scratch, capture_output=True, timeout=240)
    finally:
        desktop.close()
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")[-2000:]
    return {name: each["gave"] for name, each in json.loads(ran.stdout).items()}


def raw(told: dict[str, Any], name: str) -> bytes:
    return base64.b64decode(told[name]["bytes"])


@pytest.mark.parametrize("step", STEPS)
def test_every_setup_step_is_taken(told: dict[str, Any], step: str) -> None:
    assert told[f"setup.{step}"] is True


def test_a_file_arrives_byte_for_byte_both_ways(told: dict[str, Any]) -> None:
    assert raw(told, "file") == EVERY
    assert told["file missing"] is None


def test_paths_may_be_relative_to_the_home_by_its_variable(told: dict[str, Any]) -> None:
    assert raw(told, "file at home") == b"read me\n"


def test_a_commands_output_is_kept_whatever_its_code(told: dict[str, Any], scratch: Path) -> None:
    assert told["execute missing"]["returncode"] == 7
    assert (scratch / "out.txt").read_text() == "640 password\n"
    assert (scratch / "err.txt").read_text() == "wrong\n"
    assert (scratch / "shell.txt").read_text() == "one\n"


def test_what_is_launched_goes_on_beside_what_is_executed(told: dict[str, Any], scratch: Path) -> None:
    assert told["setup.execute until"] is True
    assert (scratch / "until.txt").read_text() == "it\n"


def test_a_verified_command_waits_for_its_window_and_says_when_it_does_not_come(told: dict[str, Any]) -> None:
    assert told["setup.verified"]["verification"] == "passed"
    assert "verification_failed" in told["setup.verified not"]


def test_opening_a_file_brings_its_window_and_a_missing_one_is_not_found(told: dict[str, Any]) -> None:
    assert "readme.txt" in told["active after"]["output"]
    assert "404" in told["setup.open missing"]


def test_the_screenshot_is_the_screen(told: dict[str, Any]) -> None:
    with Image.open(io.BytesIO(raw(told, "screenshot"))) as picture:
        assert picture.size == (SIZE.width, SIZE.height)
        assert len(set(picture.convert("L").tobytes())) > 8
    assert told["screen size"] == {"width": 1280, "height": 800}


def test_the_accessibility_tree_has_the_windows_text_under_osworlds_names(told: dict[str, Any]) -> None:
    root = etree.fromstring(told["accessibility"].encode())
    assert root.tag == "desktop-frame"
    assert root.nsmap == SPACES
    found = root.xpath("//application//text[@st:showing='true']/text()", namespaces=SPACES)
    assert "read me\n" in found
    assert root.xpath("//frame[contains(@name, 'readme.txt')][@cp:screencoord and @cp:size]", namespaces=SPACES)


def test_the_machine_says_what_it_is(told: dict[str, Any]) -> None:
    assert told["platform"] == "Linux"
    assert told["desktop path"] == "/home/user/Desktop"


def test_a_windows_size_is_that_of_its_class_and_none_without_one(told: dict[str, Any]) -> None:
    assert set(told["window size"]) == {"width", "height"}
    assert told["window size"]["width"] > 100
    assert told["window size none"] is None


def test_a_folder_is_listed_with_all_that_is_in_it(told: dict[str, Any]) -> None:
    assert told["directory tree"] == {
        "type": "directory", "name": "Documents", "children": [
            {"type": "file", "name": "a"},
            {"type": "directory", "name": "new folder", "children": [{"type": "file", "name": "grüße & more.bin"}]},
        ],
    }  # fmt: skip
    assert told["directory tree none"] is None


def test_the_wallpaper_is_the_file_that_was_set(told: dict[str, Any]) -> None:
    assert raw(told, "wallpaper") == EVERY


def test_scripts_run_as_the_desktops_user_and_tell_how_they_ended(told: dict[str, Any]) -> None:
    assert (told["python"]["output"], told["python"]["return_code"]) == ("1000\n", 4)
    assert told["python well"]["status"] == "success"
    assert (told["bash"]["output"], told["bash"]["returncode"]) == ("out\nerr\n/tmp\n", 5)
    assert told["bash too long"]["returncode"] == -1


def test_the_terminals_text_is_what_was_typed_and_what_it_answered(told: dict[str, Any]) -> None:
    assert "echo $((6*7))\n42\n" in told["terminal"]


def test_the_hands_move_and_type(told: dict[str, Any]) -> None:
    assert told["at"]["output"] == "300 400\n"
    assert raw(told, "typed").startswith(b"read me\n")
    assert b"typed 'it' \\ \"so\"\n" in raw(told, "typed")


def test_no_action_of_computer_13_raises(told: dict[str, Any]) -> None:
    acts = {name: gave for name, gave in told.items() if name.startswith("act ")}
    assert len(acts) > 15
    assert set(acts.values()) == {None}


def test_history_lies_where_chrome_looks_for_it(told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "History").write_bytes(raw(told, "history"))
    with sqlite3.connect(tmp_path / "History") as found:
        assert found.execute("select url, title from urls").fetchall() == [("http://seen.invalid/", "Seen")]
    found.close()


def test_chromiums_tabs_are_opened_and_closed_through_the_port_that_leads_to_it(told: dict[str, Any]) -> None:
    assert told["tabs"] == ["file:///home/user/Desktop/readme.txt", "file:///home/user/Documents/a"]
    assert told["tabs left"] == ["file:///home/user/Documents/a"]


def test_the_recording_is_a_film_of_the_screen(told: dict[str, Any], scratch: Path) -> None:
    assert told["recorded"] is None
    with av.open(str(scratch / "film.mp4")) as film:
        frame = next(film.decode(video=0))
    assert (frame.width, frame.height) == (SIZE.width, SIZE.height)
    assert not (scratch / "none.mp4").exists()
