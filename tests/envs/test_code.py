"""The editor in VS Code's place: what its command does, and where it keeps its things."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from envs.desktop import Desktop, MakeDesktop
from envs.settle import until
from envs.types import SCREEN, Launch, Press, Put, Scene, Type

NOTE = "/home/user/Documents/note.txt"
VSIX = "/home/user/Downloads/greeting.vsix"
SETTINGS = "/home/user/.config/Code/User/settings.json"
MANIFEST = {"publisher": "handeye", "name": "greeting", "version": "0.1.2", "engines": {"vscode": "^1.60.0"}}
OUTSIDE = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="greeting" Version="0.1.2" Publisher="handeye"/></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
</PackageManifest>"""


def extension() -> bytes:
    """An extension that does nothing, as it is handed on in a file."""
    with io.BytesIO() as whole:
        with zipfile.ZipFile(whole, "w") as parts:
            parts.writestr("extension/package.json", json.dumps(MANIFEST))
            parts.writestr("extension.vsixmanifest", OUTSIDE)
        return whole.getvalue()


@pytest.fixture(scope="module")
def desktop(real: MakeDesktop) -> Iterator[Desktop]:
    """A desktop with an extension installed and a file open in the editor."""
    made = real(SCREEN)
    made.reset(
        Scene(
            files=(Put(path=NOTE, data=b"one\n"), Put(path=VSIX, data=extension())),
            commands=(("code", "--install-extension", VSIX),),
            open=(Launch(argv=("code", NOTE), window=r"^note\.txt - Visual Studio Code$"),),
        )
    )
    yield made
    made.close()


def test_nothing_of_it_runs_before_it_is_called(real: MakeDesktop) -> None:
    made = real(SCREEN)
    made.reset(Scene())
    assert made.probe.run("pgrep", "-x", "node").code == 1
    made.close()


def test_what_was_installed_is_listed_and_lies_where_vs_code_keeps_it(desktop: Desktop) -> None:
    listed = desktop.probe.run("code", "--list-extensions", "--show-versions", "|", "grep", "greeting")
    assert (listed.code, listed.stdout.decode().split()) == (0, ["handeye.greeting@0.1.2"])
    assert desktop.probe.files("/home/user/.vscode/extensions/handeye.greeting-0.1.2*/package.json")


def test_what_cannot_be_fetched_is_said(desktop: Desktop) -> None:
    tried = desktop.probe.run("code", "--install-extension", "ms-python.python")
    assert tried.code == 1
    assert tried.stderr


def test_a_file_is_written_and_saved_and_the_window_says_what_is_open(desktop: Desktop) -> None:
    desktop.step(Press(keys=("ctrl", "End")))
    desktop.step(Type(text="two"))
    desktop.step(Press(keys=("ctrl", "s")))
    assert until(lambda: desktop.probe.read_file(NOTE) == b"one\ntwo", deadline=20.0)
    assert "note.txt - Visual Studio Code" in [window.title for window in desktop.probe.windows()]


def test_a_persons_settings_are_kept_at_vs_codes_path(desktop: Desktop) -> None:
    assert not desktop.probe.files(SETTINGS)
    desktop.step(Press(keys=("ctrl", "shift", "p")))
    desktop.step(Type(text="Preferences: Open User Settings (JSON)\n"))
    assert until(lambda: bool(desktop.probe.files(SETTINGS)), deadline=20.0)
