"""OSWorld's setup steps on a machine in memory: what each does and waits for, and what its failing comes to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from machines import Machine

from envs.errors import Gone, TaskFault
from envs.types import Ran, Window
from tasks.osworld import setup as setting
from tasks.osworld import steps
from tasks.osworld.browser import history, same
from tasks.osworld.setup import Failed, Setup
from tasks.osworld.steps import Visit, Written
from tests.worlds import stored, tabs

KEY = "os/one/a.txt"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WINDOW_WITHIN", "OPEN_WITHIN", "NAMED_WITHIN", "GONE_WITHIN", "UNTIL_WITHIN", "SPLASH_WITHIN"):
        monkeypatch.setattr(setting, name, 0.05)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"kept")
    return tmp_path


def carry(machine: Machine, store: Path, *some: dict[str, Any], eager: bool = True) -> Setup:
    def bring(url: str) -> Path:
        if url not in {"", stored(KEY)}:
            raise TaskFault(f"no {url}")
        return store / "a.txt"

    made = Setup(machine, bring, store)
    made.eager = eager
    made.carry_out(steps.read([Written(**each) for each in some], "config"))
    return made


def do(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": parameters}


def download(path: str = "/home/user/b.txt") -> dict[str, Any]:
    return do("download", files=[{"url": stored(KEY), "path": path}])


def test_a_file_is_put_where_the_step_says(store: Path) -> None:
    machine = Machine()
    carry(machine, store, download("Desktop/b.txt"))
    assert machine.data == {"/home/user/Desktop/b.txt": b"kept"}


def test_a_file_of_the_harness_comes_out_of_the_assets_alone(store: Path) -> None:
    machine = Machine()
    carry(machine, store, do("upload_file", files=[{"local_path": "a.txt", "path": "/home/user/c.txt"}]))
    assert machine.data == {"/home/user/c.txt": b"kept"}
    for name in ("/etc/passwd", "../../etc/passwd", "none.txt"):
        with pytest.raises(TaskFault, match="in the folder of assets"):
            carry(machine, store, do("upload_file", files=[{"local_path": name, "path": "/home/user/c.txt"}]))


FAILS = [
    pytest.param(download("/home/user/folder"), "step 1, download: /home/user/folder cannot be put", id="download"),
    pytest.param(do("open", path="/home/user/none.txt"), "File not found", id="open what is not there"),
    pytest.param(do("open", path="/home/user/there.txt"), "no window came of /home/user/there.txt", id="open"),
    pytest.param(
        do("execute_with_verification", command=["true"], verification={"window_exists": "Never"}, max_wait_time=0.1),
        "verification",
        id="what is verified",
    ),
]


@pytest.mark.parametrize(("step", "why"), FAILS)
def test_what_fails_in_osworld_fails(store: Path, step: dict[str, Any], why: str) -> None:
    machine = Machine(refuses="folder", data={"/home/user/there.txt": b""})
    with pytest.raises(Failed, match=why):
        carry(machine, store, step)


NOTED = [
    pytest.param(do("launch", command=["nothing"]), "launch: [Errno 2] No such file", id="launch"),
    pytest.param(do("launch", command=["windowless"]), "no window came of windowless", id="launch without a window"),
    pytest.param(do("execute", command=["slow"]), "execute: timed out", id="execute"),
    pytest.param(do("activate_window", window_name="None"), "there is no window named 'None'", id="activate"),
    pytest.param(do("close_window", window_name="None"), "there is no window named 'None'", id="close"),
    pytest.param(do("change_wallpaper", path="/home/user/none.png"), "File not found", id="wallpaper"),
    pytest.param(
        do("execute", command=["true"], until={"returncode": 3}), "had not come true after", id="until, never"
    ),
    pytest.param(do("launch", command=["pkill", "deaf"]), "deaf had not ended", id="a program that does not end"),
    pytest.param(do("chrome_close_tabs", urls_to_close=["https://x.org"]), "no tab shows https://x.org", id="tab"),
]


@pytest.mark.parametrize(("step", "note"), NOTED)
def test_what_osworld_only_logs_is_noted_and_gone_on_from(store: Path, step: dict[str, Any], note: str) -> None:
    machine = Machine(refuses="nothing", commands={"slow": TimeoutError("timed out")}, tabs=[page("a")])
    notes = carry(machine, store, step, do("execute", command=["touch", "/tmp/after"])).notes
    assert len(notes) == 1
    assert notes[0].startswith(f"step 1, {step['type']}: ")
    assert note in notes[0]
    assert ("run", "touch", "/tmp/after") in machine.said


def test_everything_that_goes_as_meant_is_without_a_note(store: Path) -> None:
    machine = Machine(
        opens={"gimp": ("GNU Image",), "there.txt": ("there.txt - Editor",)}, data={"/home/user/there.txt": b""},
        commands={"pgrep": Ran(code=1)},
    )  # fmt: skip
    made = carry(
        machine, store, do("launch", command=["gimp"]), do("open", path="/home/user/there.txt"),
        do("activate_window", window_name="GNU Image", strict=True), do("close_window", window_name="there.txt"),
        do("launch", command="pkill vlc"), do("sleep", seconds=0.5),
    )  # fmt: skip
    assert made.notes == []
    assert [each[:2] for each in machine.said if each[0] in {"launch", "wmctrl"}] == [
        ("launch", "gimp"), ("launch", "xdg-open"), ("wmctrl", "-a"), ("wmctrl", "-a"), ("wmctrl", "-c"),
        ("launch", "pkill"),
    ]  # fmt: skip


REACHED = {"none is needed": [Ran(code=7)], "the third try": [Ran(code=0), Ran(code=1), Ran(code=7)]}


@pytest.mark.parametrize("name", REACHED)
def test_a_command_is_run_again_until_what_it_waits_for(store: Path, name: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(setting, "UNTIL_WITHIN", 20.0)
    tries = len(REACHED[name])
    machine = Machine(commands={"look": list(REACHED[name])})
    assert carry(machine, store, do("execute", command=["look"], until={"returncode": 7})).notes == []
    assert machine.said.count(("run", "look")) == tries


def test_a_command_that_does_not_even_start_is_not_tried_for_ever(store: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(setting, "UNTIL_WITHIN", 20.0)
    machine = Machine(commands={"look": TimeoutError("timed out")})
    notes = carry(machine, store, do("command", command=["look"], until={"stdout": "yes"})).notes
    assert len(notes) == setting.FAILINGS


def test_what_commands_say_is_kept_by_the_names_they_give(store: Path) -> None:
    machine = Machine(commands={"look": Ran(code=3, stdout=b"found\r\n", stderr=b"loud")})
    made = carry(machine, store, do("execute", command=["look"], stdout="out.txt", stderr="err.txt"))
    assert made.kept == {"out.txt": "found\n", "err.txt": "loud"}
    assert made.notes == []


FILLED = [
    pytest.param("echo {CLIENT_PASSWORD} | sudo -S ls", True, "echo password | sudo -S ls", id="password, in a line"),
    pytest.param(["c", "{SCREEN_WIDTH_HALF},{SCREEN_HEIGHT_HALF}"], False, "960,540", id="halves, in a word"),
    pytest.param(["c", "{SCREEN_WIDTH}x{SCREEN_HEIGHT}"], False, "1920x1080", id="wholes"),
    pytest.param(["only {SCREEN_WIDTH}", "lost"], "true", "only 1920", id="a shell's, as the word true"),
]


@pytest.mark.parametrize(("command", "shell", "found"), FILLED)
def test_placeholders_stand_for_this_desktops_values(store: Path, command: Any, shell: Any, found: str) -> None:
    machine = Machine()
    carry(machine, store, do("execute", command=command, shell=shell))
    assert machine.said[0][-1] == found or found in machine.said[0]


@pytest.mark.parametrize(("load", "slept"), [(0.5, 0.5), (6.0, 1.5), (900.0, 5.0)], ids=["idle", "busy", "swamped"])
def test_the_pauses_of_a_script_of_keys_grow_with_what_else_runs(load: float, slept: float, store: Path) -> None:
    machine = Machine()
    script = "pyautogui = 0; import time; time.sleep(0.5)"
    carry(machine, store, do("execute", command=["python", "-c", script]))
    (*_, run) = (line for line in machine.said if line[0] == "run")
    told: list[float] = []
    others = {
        "os": SimpleNamespace(getloadavg=lambda: (load,), cpu_count=lambda: 2),
        "time": SimpleNamespace(sleep=told.append),
    }
    exec(str(run[-1]), {"__builtins__": {"__import__": lambda name, *_: others[name], "min": min, "max": max}})
    assert told == [slept]


def test_the_pauses_of_another_script_stay(store: Path) -> None:
    machine = Machine()
    carry(machine, store, do("execute", command=["python", "-c", "import time; time.sleep(0.5)"]))
    assert ("run", "python", "-c", "import time; time.sleep(0.5)") in machine.said


def test_a_launched_line_without_a_shell_is_split_at_blanks(store: Path) -> None:
    machine = Machine(opens={"vlc": ("VLC media player",)})
    carry(machine, store, do("launch", command="vlc --repeat /home/user/a.mp4"))
    assert ("launch", "vlc", "--repeat", "/home/user/a.mp4") in machine.said
    carry(machine, store, do("launch", command="VERBOSE=-1 vlc --no-audio", shell=True))
    assert ("launch", "/bin/sh", "-c", "VERBOSE=-1 vlc --no-audio") in machine.said


def test_a_program_without_windows_is_not_waited_for(store: Path) -> None:
    machine = Machine()
    made = carry(machine, store, do("launch", command=["socat", "tcp-listen:9222,fork", "tcp:localhost:1337"]))
    assert (made.notes, machine.rests) == ([], [])


def test_a_killed_program_has_ended_before_the_next_step(store: Path) -> None:
    machine = Machine(commands={"pgrep": [Ran(code=0), Ran(code=1)]}, opens={"google-chrome": ("Tab",)})
    carry(machine, store, do("launch", command=["pkill", "chrome"]), do("launch", command=["google-chrome"]))
    asked = [each for each in machine.said if each[0] != "rest"]
    assert asked == [
        ("launch", "pkill", "chrome"), ("run", "pgrep", "chrome"), ("run", "pgrep", "chrome"),
        ("launch", "google-chrome"),
    ]  # fmt: skip


def test_a_splash_that_has_gone_is_not_taken_for_the_window(store: Path, monkeypatch: Any) -> None:
    class Splashing(Machine):
        def settle(self, deadline: float, still: float) -> bool:
            if "Splash" in self.titles:
                self.titles = ["", "Document"]
            return super().settle(deadline, still)

    made = carry(
        machine := Splashing(opens={"libreoffice": ("Splash",)}), store, do("launch", command=["libreoffice"])
    )
    assert made.notes == []
    assert machine.titles == ["", "Document"]


SPLASHES = [pytest.param("SPLASH", id="one that says so"), pytest.param("", id="one of no class")]


@pytest.mark.parametrize("kind", SPLASHES)
def test_a_splash_is_waited_out_before_the_next_step(store: Path, kind: str, monkeypatch: Any) -> None:
    class Splashing(Machine):
        looks = 0

        def windows(self) -> tuple[Window, ...]:
            self.looks += bool(self.titles)
            if self.looks == 3:
                self.titles = [""]
            if self.looks == 5:
                self.titles = ["", "Main"]
            return super().windows()

    monkeypatch.setattr(setting, "SPLASH_WITHIN", 20.0)
    machine = Splashing(opens={"gimp": ("Starting",)}, splashes={"Starting": kind})
    made = carry(machine, store, do("launch", command=["gimp"]), do("activate_window", window_name="Main"))
    assert made.notes == []
    assert ("wmctrl", "-a", "Main") in machine.said


@pytest.mark.parametrize("kind", SPLASHES)
def test_a_splash_is_no_window_of_an_opened_file(store: Path, kind: str) -> None:
    there = {"/home/user/there.txt": b""}
    machine = Machine(opens={"xdg-open": ("Starting",)}, splashes={"Starting": kind}, data=there)
    with pytest.raises(Failed, match="no window came of"):
        carry(machine, store, do("open", path="/home/user/there.txt"))


def test_a_splash_that_stays_is_noted(store: Path) -> None:
    machine = Machine(opens={"gimp": ("Starting",)}, splashes={"Starting": "SPLASH"})
    made = carry(machine, store, do("launch", command=["gimp"]))
    assert made.notes == ["step 1, launch: no window of gimp came after its splash within 0.05 s"]


def test_a_window_under_another_name_is_gone_on_from_with_a_note(store: Path) -> None:
    machine = Machine(opens={"xdg-open": ("Something else",)}, data={"/home/user/there.txt": b""})
    notes = carry(machine, store, do("open", path="/home/user/there.txt")).notes
    assert notes == ["step 1, open: no window is named after /home/user/there.txt; there came 'Something else'"]


def test_a_window_that_comes_late_is_activated_before_the_agents_work_and_not_waited_for_after(
    store: Path, monkeypatch: Any
) -> None:
    class Late(Machine):
        def run(self, *argv: str, seconds: float) -> Ran:
            ran = super().run(*argv, seconds=seconds)
            self.titles = ["Late"]
            return ran

    monkeypatch.setattr(setting, "NAMED_WITHIN", 20.0)
    step = do("activate_window", window_name="Late")
    assert carry(before := Late(), store, step).notes == []
    assert ("wmctrl", "-a", "Late") in before.said
    after = Late()
    assert len(carry(after, store, step, eager=False).notes) == 1
    assert after.said == []


def test_a_window_that_stays_though_it_was_closed_is_noted(store: Path) -> None:
    made = carry(Machine(titles=["Mail"], stubborn=True), store, do("close_window", window_name="Mail"))
    assert made.notes == ["step 1, close_window: the window 'Mail' was still there after 0.05 s"]


@pytest.mark.parametrize(
    ("seconds", "rest"),
    [pytest.param(5, (5, 1.0), id="longer than stillness"), pytest.param(0.5, (0.5, 0.5), id="shorter")],
)
def test_a_sleep_lasts_until_the_screen_is_at_rest_and_never_longer(
    store: Path, seconds: float, rest: tuple[float, float]
) -> None:
    machine = Machine()
    carry(machine, store, do("sleep", seconds=seconds))
    assert machine.rests == [rest]


def test_what_was_started_is_at_rest_before_keys_are_pressed_and_at_the_end(store: Path) -> None:
    machine = Machine(opens={"vlc": ("VLC",)})
    press = do("execute", command=["python", "-c", "press"])
    carry(machine, store, do("launch", command=["vlc"]), press, press)
    assert [each[0] for each in machine.said] == ["launch", "rest", "run", "run", "rest"]
    assert machine.rests == [(setting.REST_WITHIN, 0.0), (setting.REST_WITHIN, setting.STILL)]


@pytest.mark.parametrize("kind", ["proxy", "login", "googledrive", "no_such"])
def test_what_needs_the_web_or_is_no_step_is_the_tasks_fault(store: Path, kind: str) -> None:
    settings = {"settings_file": "s", "operation": ["delete"], "args": [{}]}
    parameters: dict[str, Any] = {"login": {"settings_file": "s", "platform": "p"}, "googledrive": settings}
    with pytest.raises(TaskFault, match=f"step 1, {kind}: "):
        carry(Machine(), store, do(kind, **parameters.get(kind, {})))


def test_a_desktop_that_is_gone_is_no_failed_step(store: Path) -> None:
    for step in (do("launch", command=["gimp"]), do("execute", command=["ls"])):
        with pytest.raises(Gone):
            carry(Machine(gone=True), store, step)


def page(name: str, url: str = "chrome://newtab/") -> dict[str, str]:
    return {"id": name, "type": "page", "url": url, "title": "", "devtoolsFrontendUrl": "/x"}


def test_tabs_are_opened_in_their_order_and_the_first_of_all_closed_after_the_first(store: Path) -> None:
    machine = Machine(tabs=[page("a"), {**page("w"), "type": "service_worker"}])
    made = carry(machine, store, tabs("https://x.org/?a=1&b=2#c", "chrome://settings"))
    assert [each for each in machine.said if each[0] != "rest"] == [
        ("tab", "https://x.org/?a=1&b=2#c"), ("close", "chrome://newtab/"), ("tab", "chrome://settings"),
    ]  # fmt: skip
    assert made.notes == []


def test_tabs_are_closed_by_what_they_show(store: Path) -> None:
    machine = Machine(
        tabs=[page("a", "https://www.x.com/"), page("b", "https://y.org/z"), page("c", "https://x.com")]
    )
    made = carry(machine, store, do("chrome_close_tabs", urls_to_close=["https://x.co.uk", "y.org/z"]))
    assert [tab["id"] for tab in machine.tabs] == ["b", "c"]
    assert made.notes == ["step 1, chrome_close_tabs: no tab shows y.org/z"]


def test_no_browser_is_the_tasks_fault(store: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tasks.osworld.browser.COMES_WITHIN", 0.05)
    with pytest.raises(TaskFault, match="wanted a browser on port 9222"):
        carry(Machine(), store, tabs("https://x.org"))


ALIKE = [
    ("https://www.x.org/", "https://x.com", True),
    ("http://x.org", "https://x.org", False),
    ("https://x.org/a", "https://x.org/a/", False),
    ("https://x.org/a?b=1", "https://x.org/a?b=2", False),
    ("x.org", "http://x.org/", True),
    ("https://news.x.co.uk", "https://news.x.org", True),
    ("https://news.x.org", "https://x.org", False),
]


@pytest.mark.parametrize(("one", "other", "alike"), ALIKE)
def test_addresses_are_compared_as_osworld_does(one: str, other: str, alike: bool) -> None:
    assert same(one, other) is alike


def empty() -> bytes:
    with closing(sqlite3.connect(":memory:")) as book:
        book.execute(
            "CREATE TABLE urls(id INTEGER PRIMARY KEY, url, title, visit_count, typed_count, last_visit_time, hidden)"
        )
        book.execute(
            "CREATE TABLE visits(id INTEGER PRIMARY KEY, url, visit_time, from_visit, transition, segment_id, "
            "visit_duration)"
        )
        book.commit()
        return book.serialize()


def test_visits_are_written_into_the_browsers_history(store: Path) -> None:
    (store / "a.txt").write_bytes(empty())
    machine = Machine(commands={"date": Ran(code=0, stdout=b"1000000000\n")})
    visit = {"url": "https://x.org", "title": "X", "visit_time_from_now_in_seconds": 86400}
    carry(machine, store, do("update_browse_history", history=[visit]))
    with closing(sqlite3.connect(":memory:")) as book:
        book.deserialize(machine.data[setting.HISTORY_AT])
        found = book.execute(
            "SELECT urls.url, title, visit_count, visit_time FROM urls JOIN visits ON visits.url = urls.id"
        ).fetchall()
    assert found == [("https://x.org", "X", 1, (1_000_000_000 - 86_400 + 11_644_473_600) * 1_000_000)]


@pytest.mark.parametrize("data", [b"", b"no database" * 100], ids=["empty", "something else"])
def test_a_history_that_is_none_is_the_tasks_fault(data: bytes) -> None:
    with pytest.raises(TaskFault, match="wanted an empty history"):
        history(data, [Visit(url="a", title="b", visit_time_from_now_in_seconds=1)], 0.0)
