"""OSWorld's setup steps, of `config` and of `postconfig`: one type each, with the parameters that its function takes.

OSWorld calls `_TYPE_setup(**parameters)`: a parameter that it does not know raises there, and is refused here.
A step whose type is not known is kept as `Unknown`, so that it can be named.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any, TypeAlias, get_args

import msgspec

from envs.errors import BadInput
from envs.types import Closed

Command: TypeAlias = str | tuple[str, ...]
"""A line, or words. With `shell` only the first of the words runs: OSWorld hands both to `subprocess` as they are."""
Shell: TypeAlias = bool | str
"""Sometimes the string "true". Every string but the empty one counts as yes, "false" too, as in OSWorld."""


class File(Closed):
    """What is downloaded from where to where; the path is the desktop's, and may be relative to its user's home."""

    url: str
    path: str


class Local(Closed):
    """A file of the machine that runs the benchmark, and where it goes."""

    local_path: str
    path: str


class Visit(Closed):
    """A page in the browser's history."""

    url: str
    title: str
    visit_time_from_now_in_seconds: float


class Download(Closed, tag_field="type", tag="download"):
    """Files put into the desktop."""

    files: tuple[File, ...]


class UploadFile(Closed, tag_field="type", tag="upload_file"):
    """Files of the host put into the desktop."""

    files: tuple[Local, ...]


class ChangeWallpaper(Closed, tag_field="type", tag="change_wallpaper"):
    """The desktop's background."""

    path: str


class Open(Closed, tag_field="type", tag="open"):
    """A file opened by what is usual for it; done when a window's title names it."""

    path: str


class Launch(Closed, tag_field="type", tag="launch"):
    """A program started and not waited for. A line without `shell` is split at blanks."""

    command: Command
    shell: Shell = False


class Execute(Closed, tag_field="type", tag="execute"):
    """A program run to its end, whatever that is; `stdout` and `stderr` name files of the cache."""

    command: Command
    stdout: str = ""
    stderr: str = ""
    shell: Shell = False
    until: dict[str, Any] | None = None  # a returncode, or a text of stdout or stderr


class Run(Closed, tag_field="type", tag="command"):
    """`Execute` by its other name."""

    command: Command
    stdout: str = ""
    stderr: str = ""
    shell: Shell = False
    until: dict[str, Any] | None = None  # as with `Execute`


class ExecuteWithVerification(Closed, tag_field="type", tag="execute_with_verification"):
    """A program run until a window is there, or a second command succeeds."""

    command: Command
    verification: dict[str, Any] | None = None  # window_exists: a name; command_success: a command
    max_wait_time: float = 10
    check_interval: float = 1.0
    shell: Shell = False


class Sleep(Closed, tag_field="type", tag="sleep"):
    """Seconds that OSWorld waits."""

    seconds: float


class ActivateWindow(Closed, tag_field="type", tag="activate_window"):
    """The window of a name to the front; nothing where there is none."""

    window_name: str
    strict: bool = False
    by_class: bool = False


class CloseWindow(Closed, tag_field="type", tag="close_window"):
    """The window of a name closed; nothing where there is none."""

    window_name: str
    strict: bool = False
    by_class: bool = False


class Proxy(Closed, tag_field="type", tag="proxy"):
    """The desktop's way into the network."""

    client_password: str = ""


class ChromeOpenTabs(Closed, tag_field="type", tag="chrome_open_tabs"):
    """Pages in tabs of their own. A page that does not load is no error."""

    urls_to_open: tuple[str, ...]


class ChromeCloseTabs(Closed, tag_field="type", tag="chrome_close_tabs"):
    """The tabs of these pages closed."""

    urls_to_close: tuple[str, ...]


class UpdateBrowseHistory(Closed, tag_field="type", tag="update_browse_history"):
    """Visits written into the browser's history, on top of an empty one that is an asset: see `assets.HISTORY`."""

    history: tuple[Visit, ...]


class GoogleDrive(Closed, tag_field="type", tag="googledrive"):
    """Files of a real account deleted, made and uploaded."""

    settings_file: str
    operation: tuple[str, ...]
    args: tuple[dict[str, Any], ...]  # of each operation its own


class Login(Closed, tag_field="type", tag="login"):
    """A real account logged in to."""

    settings_file: str
    platform: str


class Unknown(Closed):
    """A step that OSWorld does not have: it would raise. `parameters` as they stand in the file."""

    type: str
    parameters: dict[str, Any]  # of nobody knows what


Known: TypeAlias = (
    Download | UploadFile | ChangeWallpaper | Open | Launch | Execute | Run | ExecuteWithVerification | Sleep
    | ActivateWindow | CloseWindow | Proxy | ChromeOpenTabs | ChromeCloseTabs | UpdateBrowseHistory | GoogleDrive
    | Login
)  # fmt: skip
Step: TypeAlias = Known | Unknown

TYPES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Known))


class Written(Closed):
    """A step as it stands in a file."""

    type: str
    parameters: dict[str, Any]  # until the type is known


def read(written: Iterable[Written], where: str) -> tuple[Step, ...]:
    """The steps. Raises BadInput where one has parameters that its type does not take; `where` is put before."""
    return tuple(_read(step, f"{where}[{i}]") for i, step in enumerate(written))


def _read(written: Written, where: str) -> Step:
    if written.type not in TYPES:
        return Unknown(type=written.type, parameters=written.parameters)
    try:
        made: Known = msgspec.convert({**written.parameters, "type": written.type}, Known)
    except msgspec.ValidationError as err:
        wanted = f"a {written.type!r} step with the parameters that OSWorld's takes"
        raise BadInput(f"{where}: wanted {wanted}, found: {err}; mend the task") from err
    return made


def name(step: Step) -> str:
    """Its type, as OSWorld writes it."""
    return step.type if isinstance(step, Unknown) else str(step.__struct_config__.tag)


def line(step: Step) -> str:
    """The command line that a step runs, for reading; empty where it runs none."""
    if not isinstance(step, Launch | Execute | Run | ExecuteWithVerification):
        return ""
    return spelt(step.command)


def spelt(command: Command) -> str:
    """A command as one line, for reading."""
    return command if isinstance(command, str) else shlex.join(command)
