"""Who runs what inside: the X server as `display`, the session and every application as `user`.

A process of theirs is started with `fork` and `exec` by hand while the server has one thread (at boot, where
every millisecond counts) and through `subprocess` afterwards. Both inherit the server's limit on processes:
a fork bomb of the user's meets it, root is exempt. No pathlib and no dataclasses here: see `boot`.
"""
# ruff: noqa: PTH110, PTH123

from __future__ import annotations

import os
import resource

PROCESSES = 4096
"""Most processes and threads of the user's. Linux counts them by uid across desktops that share a kernel, so
it leaves room for some twenty of them; the launcher may have set a lower limit, which then holds."""

ENVIRONMENT = "/etc/handeye/environment"
RUNTIME = "/run/user/1000"


class Person:
    """A user of the system inside, whose group has the same number."""

    def __init__(self, name: str, uid: int, home: str) -> None:
        self.name = name
        self.uid = uid
        self.home = home


USER = Person("user", 1000, "/home/user")
DISPLAY = Person("display", 901, "/nonexistent")


def limit_processes() -> None:
    """Whatever this process starts from now on as another user has at most `PROCESSES` siblings."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    if soft == resource.RLIM_INFINITY or soft > PROCESSES:
        resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES if hard == -1 else min(hard, PROCESSES)))


def become(person: Person) -> None:
    """This process is that person from now on and cannot go back."""
    os.setgroups([])
    os.setgid(person.uid)
    os.setuid(person.uid)


def clean_environment() -> dict[str, str]:
    """For a command that needs no display."""
    return {
        "HOME": USER.home,
        "USER": USER.name,
        "LOGNAME": USER.name,
        "SHELL": "/bin/bash",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def session_environment() -> dict[str, str]:
    """For the session and what is launched in it; the image's own settings, in `ENVIRONMENT`, win.

    The time zone is what `/etc/localtime` leads to, which the user may change.
    """
    found = {name: value for name, value in clean_environment().items() if name != "TZ"} | {
        "DISPLAY": ":0",
        "XDG_RUNTIME_DIR": RUNTIME,
        "XDG_SESSION_TYPE": "x11",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME}/bus",
        "GTK_A11Y": "atspi",
    }
    if os.path.exists(ENVIRONMENT):
        with open(ENVIRONMENT, encoding="utf-8") as file:
            lines = file.read().splitlines()
        for line in lines:
            name, equals, value = line.partition("=")
            if equals and not name.lstrip().startswith("#"):
                found[name.strip()] = value.strip().strip('"')
    return found
