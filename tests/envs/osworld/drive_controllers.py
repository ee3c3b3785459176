"""Drives desktop-env's own controllers, unmodified, through every call they have: run with their own Python.

Arguments: the API's port, a scratch folder, the port that leads to Chromium's. Prints what each call gave, as JSON,
for the test to judge. The libraries of the metrics and of Google Drive, which no call here uses, are stood in for by
empty ones.
"""

import base64
import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import sys
import time
import types
from pathlib import Path
from unittest import mock

PORT, SCRATCH, CHROMIUM = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
STOOD_IN = ("pydrive", "formulas", "lxml", "xmltodict", "openpyxl", "tldextract")


class StandIn(types.ModuleType):
    """A module in which any name is, and stays, something."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, mock.MagicMock(name=name))
        return vars(self)[name]


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that are stood in for."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in STOOD_IN:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        module.__path__ = []


sys.meta_path.append(Finder())
# Only `metrics.utils` is imported, for one function: not the package's list of all metrics.
import desktop_env  # noqa: E402

metrics = types.ModuleType("desktop_env.evaluators.metrics")
metrics.__path__ = [f"{desktop_env.__path__[0]}/evaluators/metrics"]
evaluators = types.ModuleType("desktop_env.evaluators")
evaluators.__path__ = [f"{desktop_env.__path__[0]}/evaluators"]
sys.modules.update({"desktop_env.evaluators": evaluators, "desktop_env.evaluators.metrics": metrics})

from desktop_env.controllers.python import PythonController  # noqa: E402
from desktop_env.controllers.setup import SetupController  # noqa: E402

told = {}


def wait(condition, seconds):
    """Until it holds, or the time is up: the test then sees what is missing."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)  # noqa: TID251 - a condition and a deadline; none of our code is to be had here


def tell(name, call):
    """Note what it gives, or raises, with what it prints kept off our output."""
    began = time.monotonic()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            given = call()
    except Exception as error:  # noqa: BLE001 - theirs, whatever it is: the test judges it
        given = f"raised {type(error).__name__}: {error}"
    if isinstance(given, bytes):
        given = {"bytes": base64.b64encode(given).decode()}
    told[name] = {"gave": given, "seconds": time.monotonic() - began}


python = PythonController("127.0.0.1", PORT)
python.retry_interval = 0.1  # what fails is tried three times: not five seconds apart
setup = SetupController(
    "127.0.0.1",
    PORT,
    CHROMIUM,
    cache_dir=str(SCRATCH),
    client_password="password",
    screen_width=1280,
    screen_height=800,
)
local = SCRATCH / "local.bin"
EVERY = bytes(range(256)) * 4096 + b"\r\n--\r\n\r\n"
local.write_bytes(EVERY)
AT = "/home/user/Documents/new folder/grüße & more.bin"
URL = "http://assets.invalid/readme.txt"


def step(kind, **parameters):
    return {"type": kind, "parameters": parameters}


def steps():
    """Every kind of setup step that needs no account, browser or network."""
    import uuid

    (SCRATCH / f"{uuid.uuid5(uuid.NAMESPACE_URL, URL)}_readme.txt").write_text("read me\n")
    tell(
        "setup.upload_file",
        lambda: setup.setup([step("upload_file", files=[{"local_path": str(local), "path": AT}])]),
    )
    tell(
        "setup.download",
        lambda: setup.setup([step("download", files=[{"url": URL, "path": "/home/user/Desktop/readme.txt"}])]),
    )
    tell(
        "setup.execute",
        lambda: setup.setup(
            [
                step(
                    "execute",
                    command=["bash", "-c", "echo {SCREEN_WIDTH_HALF} {CLIENT_PASSWORD}; echo wrong >&2; exit 3"],
                    stdout="out.txt",
                    stderr="err.txt",
                ),
            ]
        ),
    )
    tell(
        "setup.execute shell",
        lambda: setup.setup(
            [step("execute", command="echo one > ~/Documents/a && cat ~/Documents/a", shell=True, stdout="shell.txt")]
        ),
    )
    tell(
        "setup.execute until",
        lambda: setup.setup(
            [
                step("launch", command=["bash", "-c", "sleep 1; echo it >> ~/there"]),
                step("execute", command=["cat", "/home/user/there"], until={"stdout": "it"}, stdout="until.txt"),
            ]
        ),
    )
    tell("setup.command", lambda: setup.setup([step("command", command=["touch", "~/Desktop/made"])]))
    tell("setup.sleep", lambda: setup.setup([step("sleep", seconds=0.1)]))
    tell("setup.open", lambda: setup.setup([step("open", path="/home/user/Desktop/readme.txt")]))
    tell("setup.open missing", lambda: setup.setup([step("open", path="/home/user/nowhere.txt")]))
    tell("setup.launch", lambda: setup.setup([step("launch", command="gnome-terminal --title=Second")]))
    tell("setup.launch missing", lambda: setup.setup([step("launch", command=["no-such-program"])]))
    tell(
        "setup.verified",
        lambda: setup._execute_with_verification_setup(
            command=["true"],
            verification={"window_exists": "second", "command_success": "test -e ~/Desktop/made"},
        ),
    )
    tell(
        "setup.verified not",
        lambda: setup._execute_with_verification_setup(
            command=["true"],
            verification={"window_exists": "No such window"},
            max_wait_time=1,
            check_interval=0.2,
        ),
    )
    tell(
        "setup.activate_window",
        lambda: setup.setup([step("activate_window", window_name="readme.txt", strict=False)]),
    )
    tell(
        "active after",
        lambda: python.execute_python_command(
            "import subprocess; "
            "print(subprocess.getoutput('xprop -id $(xprop -root _NET_ACTIVE_WINDOW | cut -d# -f2) WM_NAME'))"
        ),
    )
    tell("window size", lambda: python.get_vm_window_size("mousepad"))
    tell("window size none", lambda: python.get_vm_window_size("nothing-like-it"))
    tell(
        "setup.close_window",
        lambda: setup.setup(
            [step("close_window", window_name="org.gnome.Terminal.Gnome-terminal", strict=True, by_class=True)]
        ),
    )
    tell("setup.close_window none", lambda: setup.setup([step("close_window", window_name="No such window")]))
    tell("setup.change_wallpaper", lambda: setup.setup([step("change_wallpaper", path=AT)]))


def history():
    """Browsing history, for a browser that is not running: into an empty file that lies in the cache already."""
    import sqlite3

    empty = sqlite3.connect(SCRATCH / "history_new.sqlite")
    empty.execute(
        "create table urls (id integer primary key, url, title, visit_count, typed_count, last_visit_time, hidden)"
    )
    empty.execute("create table visits (url, visit_time, from_visit, transition, segment_id, visit_duration)")
    empty.commit()
    empty.close()
    visit = {"url": "http://seen.invalid/", "title": "Seen", "visit_time_from_now_in_seconds": 60}
    tell("setup.update_browse_history", lambda: setup.setup([step("update_browse_history", history=[visit])]))
    tell("history", lambda: python.get_file("~/.config/google-chrome/Default/History"))


def tabs():
    """Chromium's tabs, through the port that leads to its own; on its own profile of the time."""
    import requests

    argv = ["chromium", "--remote-debugging-port=9222", "--user-data-dir=/tmp/profile", "about:blank"]
    setup.setup([step("launch", command=argv)])
    address = f"http://127.0.0.1:{CHROMIUM}/json/list"

    def there():
        try:
            return requests.get(address, timeout=5).json()
        except requests.RequestException:
            return False

    wait(there, 40)
    urls = ["file:///home/user/Desktop/readme.txt", "file:///home/user/Documents/a"]
    tell("setup.chrome_open_tabs", lambda: setup.setup([step("chrome_open_tabs", urls_to_open=urls)]))
    tell(
        "tabs", lambda: sorted(tab["url"] for tab in requests.get(address, timeout=5).json() if tab["type"] == "page")
    )
    tell("setup.chrome_close_tabs", lambda: setup.setup([step("chrome_close_tabs", urls_to_close=urls[:1])]))
    tell(
        "tabs left", lambda: [tab["url"] for tab in requests.get(address, timeout=5).json() if tab["type"] == "page"]
    )


def hands():
    """Every action of computer_13, as far as it leaves a trace that can be read."""
    where = "import pyautogui; print(*pyautogui.position())"
    tell("act MOVE_TO", lambda: python.execute_action({"action_type": "MOVE_TO", "parameters": {"x": 300, "y": 400}}))
    tell("at", lambda: python.execute_python_command(where))
    screen = {"x": 640, "y": 400}
    for kind, parameters in (
        ("CLICK", {**screen, "button": "left", "num_clicks": 1}), ("CLICK", {}), ("CLICK", {"button": "left"}),
        ("CLICK", screen), ("DOUBLE_CLICK", screen), ("DOUBLE_CLICK", {}), ("MOUSE_DOWN", {}), ("MOUSE_UP", {}),
        ("MOUSE_DOWN", {"button": "left"}), ("MOUSE_UP", {"button": "left"}), ("DRAG_TO", {"x": 660, "y": 420}),
        ("SCROLL", {"dx": 0, "dy": -1}), ("KEY_DOWN", {"key": "ctrl"}), ("PRESS", {"key": "end"}),
        ("KEY_UP", {"key": "ctrl"}), ("TYPING", {"text": "typed 'it' \\ \"so\""}), ("PRESS", {"key": "enter"}),
        ("HOTKEY", {"keys": ["ctrl", "s"]}),
    ):  # fmt: skip
        name = f"act {kind} {json.dumps(parameters)}"
        tell(
            name,
            lambda kind=kind, parameters=parameters: python.execute_action(
                {"action_type": kind, "parameters": parameters}
            ),
        )
    tell("RIGHT_CLICK", lambda: python.execute_action({"action_type": "RIGHT_CLICK", "parameters": screen}))
    tell("escape", lambda: python.execute_action({"action_type": "PRESS", "key": "esc"}))
    tell("WAIT", lambda: python.execute_action("WAIT"))


def the_rest():
    tell("screenshot", python.get_screenshot)
    tell("accessibility", python.get_accessibility_tree)
    tell("platform", python.get_vm_platform)
    tell("screen size", python.get_vm_screen_size)
    tell("desktop path", python.get_vm_desktop_path)
    tell("wallpaper", python.get_vm_wallpaper)
    tell("directory tree", lambda: python.get_vm_directory_tree("/home/user/Documents"))
    tell("directory tree none", lambda: python.get_vm_directory_tree("/home/user/nowhere"))
    tell("file", lambda: python.get_file(AT))
    tell("file at home", lambda: python.get_file("$HOME/Desktop/readme.txt"))
    tell("file missing", lambda: python.get_file("/home/user/nowhere"))
    tell("python", lambda: python.run_python_script("import os, sys; print(os.getuid()); sys.exit(4)"))
    tell("python well", lambda: python.run_python_script("print('fine')"))
    tell("bash", lambda: python.run_bash_script("echo out; echo err >&2; pwd; exit 5", working_dir="/tmp"))
    tell("bash too long", lambda: python.run_bash_script("sleep 30", timeout=1))
    tell("execute missing", lambda: python.execute_python_command("raise SystemExit(7)"))


tell("recording", python.start_recording)
tell("recording twice", python.start_recording)
steps()
history()
the_rest()
tell("setup.launch terminal", lambda: setup.setup([step("launch", command=["gnome-terminal"])]))
wait(lambda: (python.get_terminal_output() or "").endswith("$"), 20)
python.execute_action({"action_type": "TYPING", "text": "echo $((6*7))"})
python.execute_action({"action_type": "PRESS", "key": "enter"})
wait(lambda: "\n42" in (python.get_terminal_output() or ""), 10)
tell("terminal", python.get_terminal_output)
setup.setup([step("close_window", window_name="Gnome-terminal", by_class=True)])
setup.setup([step("activate_window", window_name="readme.txt")])
hands()
tell("typed", lambda: python.get_file("/home/user/Desktop/readme.txt"))
tabs()
film = str(SCRATCH / "film.mp4")
tell("recorded", lambda: python.end_recording(film))
tell("recorded nothing", lambda: python.end_recording(str(SCRATCH / "none.mp4")))
json.dump(told, sys.stdout)
