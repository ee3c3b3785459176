"""OSWorld's setup steps, carried out on a desktop: each as OSWorld's own controller does it, but for its waiting.

Where OSWorld sleeps, here something is waited for, with a deadline: a launched program's window, a screen at rest, a
killed program's end, a port. A deadline that passes is a note, since OSWorld would have gone on too. What fails:

    download, open, upload_file      Failed: OSWorld's setup raises there, too
    launch, execute, activate_window, close_window, change_wallpaper    a note; OSWorld logs it
    proxy, login, googledrive        TaskFault: they need the web
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol, cast  # Any: what an endpoint is told is JSON

import msgspec

from envs.errors import TaskFault
from envs.osworld import titles
from envs.osworld.api import Answer, Api, Asked
from envs.osworld.machine import Machine
from envs.settle import until
from envs.types import Size
from scoring.osworld.shown import Watched
from tasks.osworld import steps
from tasks.osworld.browser import Browser, history, same
from tasks.osworld.steps import Command, Step

PASSWORD: Final = "password"
HISTORY_AT: Final = "/home/user/.config/google-chrome/Default/History"
WINDOW_WITHIN: Final = 30.0
"""Seconds for a launched program's window: on a busy machine an editor has taken more than 15."""
SPLASH_WITHIN: Final = 180.0
"""Seconds for a window after a splash: GIMP asks each of its 123 plug-ins first, a minute on a busy machine."""
OPEN_WITHIN: Final = 180.0
"""Seconds for any window of an opened file, its program's splash past; OSWorld waits for half an hour."""
NAMED_WITHIN: Final = 10.0
"""Seconds for a window that is to be activated."""
GONE_WITHIN: Final = 10.0
"""Seconds for a program or a window to end."""
UNTIL_WITHIN: Final = 120.0
"""Seconds for a command's `until` to come true; OSWorld tries for ever."""
REST_WITHIN: Final = 8.0
STILL: Final = 0.8
"""Seconds of stillness after programs have started, as for scenes."""
SLEPT: Final = 1.0
"""Seconds of stillness that stand for a longer sleep."""
PAUSES: Final = """\
import os, time; _sleep = time.sleep
_busy = min(10, max(1, os.getloadavg()[0] / (os.cpu_count() or 1)))
time.sleep = lambda seconds: _sleep(seconds + min(5, seconds * (_busy - 1)))
"""
"""Before a script of keys and clicks: its pauses are meant for a machine with nothing else to do, and last as much
longer as more programs want a processor than there are; by 5 s at most, for the script has two minutes."""
FAILINGS: Final = 5
WITHOUT_WINDOWS: Final = frozenset((
    "socat", "pulseaudio", "pactl", "gsettings", "xdotool", "wmctrl", "python", "python3", "tar", "mkdir", "cp", "mv",
    "touch", "chmod", "echo", "sleep", "git", "unzip", "ffmpeg", "node", "npm", "pip", "pip3", "sudo", "curl", "wget",
))  # fmt: skip
"""Programs that are launched and never show a window: none is waited for."""
KILLERS: Final = {"pkill": ("pgrep",), "killall": ("pgrep", "-x")}
"""Programs that end others by name, and what finds those that they end."""


class Ground(Machine, Protocol):
    """A machine whose screen can be waited for."""

    def settle(self, deadline: float, still: float) -> bool:
        """Wait until the screen is at rest and has been for `still` seconds, or the deadline; whether it is."""
        ...


class Failed(Exception):  # noqa: N818 - an outcome: whose it is depends on when
    """A step did not succeed, at which OSWorld gives up."""


class Setup:
    """Carries out steps on one desktop. `bring` finds a file by its address, and raises TaskFault where it cannot.

    `kept` is what steps wrote to OSWorld's cache, by name; `notes` what went otherwise than was meant. With `eager`,
    a window that is to be activated is waited for: before the agent's work it has only been started.
    """

    def __init__(self, ground: Ground, bring: Callable[[str], Path], folder: Path | None = None) -> None:
        self._watched = Watched(ground)
        self._ground = cast(Ground, self._watched)  # every attribute of it is the ground's
        self._api = Api(self._ground, open_seconds=WINDOW_WITHIN)
        self._bring = bring
        self._folder = folder
        self._where = ""
        self._moving = self._begun = False
        self._awaited: list[tuple[str, frozenset[tuple[int, str]]]] = []
        self.eager = True
        self.kept: dict[str, str] = {}
        self.notes: list[str] = []

    def carry_out(self, some: Iterable[Step]) -> None:
        """One after another, until they are done and the screen is at rest.

        Raises Failed and TaskFault as the module says, DesktopFault as the machine does.
        """
        for number, step in enumerate(some, 1):
            self._where = f"step {number}, {steps.name(step)}"
            self._one(step)
        self._arrive()

    def _one(self, step: Step) -> None:
        match step:
            case steps.Download():
                for file in step.files:
                    self._upload(self._bring(file.url), file.path)
            case steps.UploadFile():
                for local in step.files:
                    self._upload(self._local(local.local_path), local.path)
            case steps.UpdateBrowseHistory():
                self._history(step)
            case steps.Open():
                self._open(step.path)
            case steps.Launch():
                self._launch(step)
            case steps.Execute() | steps.Run():
                self._rest()
                self._execute(step)
            case steps.ExecuteWithVerification():
                self._verified(step)
            case _:
                self._other(step)

    def _other(self, step: Step) -> None:
        match step:
            case steps.Sleep():
                self._ground.settle(step.seconds, min(step.seconds, SLEPT))
            case steps.ActivateWindow():
                self._activate(step)
            case steps.CloseWindow():
                self._close(step)
            case steps.ChangeWallpaper():
                self._told(self._post("/setup/change_wallpaper", {"path": step.path}))
            case steps.ChromeOpenTabs():
                self._open_tabs(step.urls_to_open)
            case steps.ChromeCloseTabs():
                self._close_tabs(step.urls_to_close)
            case steps.Proxy() | steps.Login() | steps.GoogleDrive():
                raise TaskFault(f"{self._where}: it needs the web, or an account there; it cannot be set up here")
            case _:
                raise TaskFault(f"{self._where}: OSWorld has no such step; mend the task")

    def _post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        return self._asked(path, Asked(body=msgspec.json.encode(fields), json=True))

    def _asked(self, path: str, asked: Asked) -> Answer:
        answer = self._api.answer("POST", path, asked)
        if self._watched.fault is not None:
            raise self._watched.fault
        return answer

    def _note(self, what: str) -> None:
        self.notes.append(f"{self._where}: {what}")

    def _told(self, answer: Answer) -> bool:
        """Note what went wrong, as OSWorld logs it; whether nothing did."""
        if answer.status != 200:
            self._note(_said(answer))
        return answer.status == 200

    def _upload(self, source: Path, path: str) -> None:
        asked = Asked(form={"file_path": path}, files={"file_data": source.read_bytes()})
        answer = self._asked("/setup/upload", asked)
        if answer.status != 200:
            raise Failed(f"{self._where}: {path} cannot be put there: {_said(answer)}")

    def _local(self, name: str) -> Path:
        """A file of the harness's own machine: of the folder of assets, and of no other."""
        path = (self._folder / name).resolve() if self._folder else None
        if path is None or self._folder is None or self._folder.resolve() not in path.parents or not path.is_file():
            raise TaskFault(f"{self._where}: wanted the file {name!r} in the folder of assets, found none; add it")
        return path

    def _history(self, step: steps.UpdateBrowseHistory) -> None:
        empty = self._bring("").read_bytes()
        now = float(self._ground.run("date", "+%s", seconds=20.0).stdout)
        self._ground.put(HISTORY_AT, history(empty, step.history, now))

    def _windows(self) -> frozenset[tuple[int, str]]:
        return frozenset((window.id, window.title) for window in self._ground.windows())

    def _open(self, path: str) -> None:
        before = self._windows()
        answer = self._post("/setup/open_file", {"path": path})
        self._moving = self._begun = True
        if answer.status == 200:
            return
        if answer.status == 404:
            raise Failed(f"{self._where}: {_said(answer)}")
        new = until(lambda: self._staying(before), deadline=OPEN_WITHIN - WINDOW_WITHIN, pause=0.2)
        if not new:
            raise Failed(f"{self._where}: no window came of {path} within {OPEN_WITHIN:g} s")
        shown = ", ".join(sorted(title for _, title in new))
        self._note(f"no window is named after {path}; there came {shown!r}")

    def _launch(self, step: steps.Launch) -> None:
        command: Command = step.command
        if isinstance(command, str) and not step.shell:
            command = tuple(command.split())
        before = self._windows()
        if not self._told(self._post("/setup/launch", {"command": command, "shell": step.shell})):
            return
        words = _program(command)
        if words[:1] and words[0] in KILLERS:
            self._ended(words)
        elif words[:1] and words[0] not in WITHOUT_WINDOWS:
            self._moving = self._begun = True
            if self._come(words[0], before):
                self._awaited.append((words[0], before))

    def _come(self, name: str, before: frozenset[tuple[int, str]]) -> bool:
        """Wait for a window that was not there, or not so named, before, and is no splash; whether one came."""
        came = until(lambda: self._windows() - before, deadline=WINDOW_WITHIN, pause=0.1)
        if not came:
            self._note(f"no window came of {name} within {WINDOW_WITHIN:g} s")
        elif not until(lambda: self._staying(before), deadline=SPLASH_WITHIN, pause=0.2):
            self._note(f"no window of {name} came after its splash within {SPLASH_WITHIN:g} s")
        return bool(came)

    def _staying(self, before: frozenset[tuple[int, str]]) -> frozenset[tuple[int, str]]:
        """The windows that were not there before and do not only say that a program is starting."""
        return frozenset(window for window in self._windows() - before if not self._splash(window[0]))

    def _splash(self, number: int) -> bool:
        """Whether the window is a splash, or gone: GIMP's says so, LibreOffice's belongs to no class."""
        ran = self._ground.run("xprop", "-id", str(number), "_NET_WM_WINDOW_TYPE", "WM_CLASS", seconds=20.0)
        return b"_NET_WM_WINDOW_TYPE_SPLASH" in ran.stdout or b"WM_CLASS(STRING)" not in ran.stdout

    def _ended(self, words: tuple[str, ...]) -> None:
        """Wait for the end of what a killer of programs was told to end, where that is one plain name."""
        if len(words) != 2 or words[1].startswith("-"):
            return
        find = (*KILLERS[words[0]], words[1])
        if not until(lambda: self._ground.run(*find, seconds=20.0).code != 0, deadline=GONE_WITHIN, pause=0.1):
            self._note(f"{words[1]} had not ended after {GONE_WITHIN:g} s")

    def _execute(self, step: steps.Execute | steps.Run) -> None:
        failings = 0
        size = self._ground.size

        def done() -> bool:
            nonlocal failings
            answer = self._post(
                "/setup/execute", {"command": unhurried(filled(step.command, size)), "shell": step.shell}
            )
            if not self._told(answer):
                failings += 1
                return not step.until or failings >= FAILINGS
            told = msgspec.json.decode(answer.body)
            if step.stdout:
                self.kept[step.stdout] = told["output"]
            if step.stderr:
                self.kept[step.stderr] = told["error"]
            return not step.until or _holds(step.until, told)

        if not until(done, deadline=UNTIL_WITHIN, pause=0.3):
            self._note(f"{step.until} had not come true after {UNTIL_WITHIN:g} s")
        words = _program(step.command)
        if words[:1] and words[0] in KILLERS:
            self._ended(words)

    def _verified(self, step: steps.ExecuteWithVerification) -> None:
        fields = {
            "command": step.command, "shell": step.shell, "verification": step.verification or {},
            "max_wait_time": step.max_wait_time, "check_interval": step.check_interval,
        }  # fmt: skip
        answer = self._post("/setup/execute_with_verification", fields)
        if answer.status != 200:
            raise Failed(f"{self._where}: {_said(answer)}")

    def _found(self, step: steps.ActivateWindow | steps.CloseWindow) -> titles.Listed | None:
        ran = self._ground.run("wmctrl", "-lGx", seconds=20.0)
        windows = titles.listed(ran.stdout.decode("utf-8", "replace"))
        return titles.meant(windows, step.window_name, strict=step.strict, by_class=step.by_class)

    def _activate(self, step: steps.ActivateWindow) -> None:
        found = until(lambda: self._found(step), deadline=NAMED_WITHIN if self.eager else 0.0, pause=0.1)
        if not found:
            self._note(f"there is no window named {step.window_name!r}")
            return
        self._told(self._post("/setup/activate_window", _named(step)))

    def _close(self, step: steps.CloseWindow) -> None:
        found = self._found(step)
        if found is None:
            self._note(f"there is no window named {step.window_name!r}")
            return
        self._told(self._post("/setup/close_window", _named(step)))
        number = int(found.id, 16)
        gone = until(
            lambda: all(window.id != number for window in self._ground.windows()), deadline=GONE_WITHIN, pause=0.1
        )
        if not gone:
            self._note(f"the window {found.title!r} was still there after {GONE_WITHIN:g} s")

    def _open_tabs(self, urls: tuple[str, ...]) -> None:
        browser = Browser(self._ground)
        first = browser.tabs()[:1]
        for number, url in enumerate(urls):
            if not browser.open(url):
                self._note(f"{url} did not load")
            for tab in first if number == 0 else ():
                browser.close(tab)
        self._moving = self._begun = True

    def _close_tabs(self, urls: tuple[str, ...]) -> None:
        browser = Browser(self._ground)
        left = list(browser.tabs())
        for url in urls:
            tab = next((tab for tab in left if same(tab.url, url)), None)
            if tab is None:
                self._note(f"no tab shows {url}")
            else:
                left.remove(tab)
                browser.close(tab)
        self._moving = self._begun = True

    def _rest(self) -> None:
        """Let what has been started since the last time come to rest."""
        if self._begun:
            self._ground.settle(REST_WITHIN, 0.0)
            self._begun = False

    def _arrive(self) -> None:
        """At the end every launched program is there: its first window may have been a splash that has gone since."""
        if self._moving:
            self._ground.settle(REST_WITHIN, STILL)
        awaited, self._awaited = self._awaited, []
        for name, before in awaited:
            if not self._windows() - before:
                self._where = "after the last step"
                self._come(name, before)
                self._ground.settle(REST_WITHIN, STILL)
        self._moving = self._begun = False


def filled(command: Command, size: Size) -> Command:
    """The command with OSWorld's placeholders replaced."""
    values = {
        "{CLIENT_PASSWORD}": PASSWORD, "{SCREEN_WIDTH_HALF}": str(size.width // 2),
        "{SCREEN_HEIGHT_HALF}": str(size.height // 2), "{SCREEN_WIDTH}": str(size.width),
        "{SCREEN_HEIGHT}": str(size.height),
    }  # fmt: skip

    def fill(word: str) -> str:
        for name, value in values.items():
            word = word.replace(name, value)
        return word

    return fill(command) if isinstance(command, str) else tuple(map(fill, command))


def unhurried(command: Command) -> Command:
    """The command, with longer pauses on a busy machine where it is a script of keys and clicks."""
    if isinstance(command, str) or len(command) != 3 or command[1] != "-c" or "pyautogui" not in command[2]:
        return command
    return (*command[:2], PAUSES + command[2])


def _program(command: Command) -> tuple[str, ...]:
    """The words of a command from its program on, that one without its folder; none where they cannot be told."""
    try:
        words = shlex.split(command) if isinstance(command, str) else list(command)
        if len(words) == 1 and not isinstance(command, str):
            words = shlex.split(words[0])  # a shell's line, as a list of one
    except ValueError:
        return ()
    while words and "=" in words[0]:
        words = words[1:]
    return (PurePosixPath(words[0]).name, *words[1:]) if words else ()


def _holds(wanted: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    return (
        ("returncode" in wanted and told["returncode"] == wanted["returncode"])
        or ("stdout" in wanted and wanted["stdout"] in told["output"])
        or ("stderr" in wanted and wanted["stderr"] in told["error"])
    )


def _named(step: steps.ActivateWindow | steps.CloseWindow) -> dict[str, Any]:
    return {"window_name": step.window_name, "strict": step.strict, "by_class": step.by_class}


def _said(answer: Answer) -> str:
    """What an endpoint complains of, in one line."""
    text = answer.body.decode("utf-8", "replace")
    if answer.kind == "application/json":
        told = msgspec.json.decode(answer.body)
        text = str(told.get("message") or told.get("error") or told) if isinstance(told, dict) else text
    return " ".join(text.split())[:300]
