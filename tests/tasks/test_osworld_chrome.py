"""OSWorld's tasks of Chrome without a desktop: a browser that is slow to listen, and when what was set is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from envs.desktop import Probe
from envs.errors import TaskFault
from envs.types import Click, Entry, HitTest, Node, Post, Press, Ran, Rect, Type, Window
from tasks.base import Step
from tasks.osworld import solutions
from tasks.osworld.example import Evaluator, parse
from tasks.osworld.solutions import chrome
from tasks.osworld.staging import written_after
from tests.worlds import judged, rule, step, task

HERE = "chrome://settings/search"


@dataclass
class Browser(Probe):
    """A window with an address bar; it loses the first `lost` times that somebody goes there, and asks `asking`.

    `adds` is what its bar completes an address by.
    """

    lost: int = 0
    adds: str = ""
    asking: bool = False
    then: bool = False
    """Whether it asks instead of going to the first page that it is told to."""
    text: str = "chrome://newtab"
    focused: bool = False
    page: str = "New Tab"
    profile: dict[str, bytes] = field(default_factory=dict)

    def tree(self) -> tuple[Node, ...]:
        if self.asking:
            return (_node("button", "Go back"),)
        return (_node("entry", chrome.BAR, text=self.text, focused=self.focused), _node("document web", self.page))

    def read_file(self, path: str) -> bytes:
        try:
            return self.profile[path.rpartition("/")[2]]
        except KeyError:
            raise FileNotFoundError(path) from None

    def files(self, pattern: str) -> tuple[Entry, ...]:
        raise NotImplementedError

    def run(self, *argv: str, seconds: float = 20.0) -> Ran:
        raise NotImplementedError

    def windows(self) -> tuple[Window, ...]:
        return ()

    def hit_test(self) -> HitTest:
        raise NotImplementedError

    def posts(self, host: str) -> tuple[Post, ...]:
        raise NotImplementedError

    def follow(self, play: Iterator[Step]) -> list[str]:
        """Do what a play asks for; what was pressed and typed, in order."""
        done: list[str] = []
        for action in (action for asked in play for action in asked.actions):
            match action:
                case Press(keys=("ctrl", "l")):
                    done.append("go")
                    self.focused = self.lost <= 0
                    self.lost -= 1
                case Type(text=text):
                    done.append(text)
                    self.text = text + self.adds
                case Press(keys=("Delete",)):
                    done.append("Delete")
                    self.text = self.text.removesuffix(self.adds)
                case Press(keys=("Return",)):
                    done.append("Return")
                    self.asking, self.then = self.then, False
                    self.page = self.page if self.asking else f"at {self.text}"
                case Click():
                    done.append("click")
                    self.asking = False
                case _:
                    raise AssertionError(action)
        return done


def _node(role: str, name: str, *, text: str = "", focused: bool = False) -> Node:
    states = ("showing", "visible", *(("focused",) if focused else ()))
    box = Rect(x=0, y=0, width=100, height=20)
    return Node(role=role, name=name, text=text, states=states, box=box, app="Chromium")


def visited(browser: Browser) -> list[str]:
    return browser.follow(chrome.visit(HERE, role="document web", name=f"at {HERE}", heard=0.01, comes=0.01)(browser))


@pytest.mark.parametrize(
    ("browser", "done"),
    [
        (Browser(), ["go", HERE, "Return"]),
        (Browser(lost=2), ["go", "go", "go", HERE, "Return"]),
        (Browser(adds="Engines"), ["go", HERE, "Delete", "Return"]),
        (Browser(asking=True), ["click", "go", HERE, "Return"]),
        (Browser(then=True), ["go", HERE, "Return", "click", "go", HERE, "Return"]),
    ],
    ids=["at once", "it loses keys", "it completes the address", "it asks something first", "it asks instead"],
)
def test_an_address_is_visited_as_it_is(browser: Browser, done: list[str]) -> None:
    assert visited(browser) == done
    assert browser.page == f"at {HERE}"


def test_a_bar_that_never_listens_ends_the_play() -> None:
    with pytest.raises(TaskFault, match="did not go"):
        visited(Browser(lost=chrome.TRIES))


def test_every_play_is_of_a_task_by_its_whole_id() -> None:
    assert all(str(UUID(name)) == name and solutions.find(name) is play for name, play in chrome.PLAYS.items())


def profile(**files: Any) -> Browser:
    return Browser(profile={name: json.dumps(held).encode() for name, held in files.items()})


def test_a_setting_that_is_in_the_file_is_kept() -> None:
    chrome.kept(profile(Preferences={"session": {"restore_on_startup": 5}}), 5, "session", "restore_on_startup")


@pytest.mark.parametrize(
    "browser",
    [
        Browser(),
        profile(Preferences={}),
        profile(Preferences={"session": 5}),
        profile(Preferences={"session": {"restore_on_startup": 4}}),
    ],
    ids=["no file yet", "not set", "something else in its place", "the old value"],
)
def test_a_setting_that_is_not_in_the_file_is_waited_for(browser: Browser) -> None:
    with pytest.raises(TaskFault, match="restore_on_startup = 5"):
        chrome.kept(browser, 5, "session", "restore_on_startup", deadline=0.0)


def evaluator(getter: str, *, restarts: bool) -> Evaluator:
    after = [step("launch", command=["pkill", "chrome"])] if restarts else [step("sleep", seconds=1)]
    it = judged("exact_match", result={"type": getter}, expected=rule(expected="a"), postconfig=after)
    return parse(json.dumps(task(evaluator=it)).encode(), "chrome", "a.json").evaluator


@pytest.mark.parametrize(
    ("getter", "restarts", "waits"),
    [
        ("new_startup_page", False, 11.0),
        ("bookmarks", False, 11.0),
        ("bookmarks", True, 4.0),
        ("enable_do_not_track", True, 0.0),
        ("active_url_from_accessTree", False, 0.0),
    ],
)
def test_what_chromium_has_not_written_is_waited_for_unless_its_end_writes_it(
    getter: str, restarts: bool, waits: float
) -> None:
    assert written_after(evaluator(getter, restarts=restarts)) == waits
