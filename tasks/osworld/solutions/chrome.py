"""Chrome: the settings that need no network. Chromium stands in its place, with the same pages.

What is set stands in the profile's `Preferences` ten seconds later, or when the browser ends. Most tasks end it
before they judge; the plays of two that do not wait until it is written. Bookmarks are written after two and a half
seconds, and are lost when the browser is ended before (measured, Chromium 156): that play waits too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final  # the profile is JSON

from envs.desktop import Probe
from envs.errors import TaskFault
from envs.settle import until
from envs.types import Node
from tasks.base import Play, Step
from tasks.play import await_, centre, click_at, find, keys, nodes, route, write

APP: Final = "[Cc]hromium.*|Google Chrome"
BUTTON: Final = "button|push button"
BAR: Final = "Address and search bar"
BACK: Final = "Go back"
PROFILE: Final = "/home/user/.config/google-chrome/Default"
START, PAGE, KEPT = 180.0, 120.0, 60.0
"""Seconds for the browser to be there, for a page to be, and for a setting to be in the file; ten each when idle."""
TRIES, HEARD = 5, 20.0
"""A browser that is only just there loses keys: how often they are pressed, and how long each time they have.

It may ask something at any time, too: whether to go on to a page without encryption.
"""
PAUSE: Final = 0.4
"""Seconds between two looks: each takes time from the browser, which it needs to come up on a busy machine."""


def visit(address: str, *, role: str, name: str, heard: float = HEARD, comes: float = PAGE) -> Play:
    """The page of that address is in the tab; it is there once it has a node of that role and name."""

    def play(see: Probe) -> Iterator[Step]:
        def came() -> str:
            return "page" if nodes(see, role, name, app=APP) else "question" if _asked(see) else ""

        await_("the browser", lambda: nodes(see, "document web", app=APP) or _asked(see), deadline=START)
        for _ in range(TRIES):
            if _asked(see):
                yield press(see, BUTTON, BACK)
            yield keys("ctrl+l", intent="go to the address bar")
            if not until(lambda: any("focused" in bar.states for bar in _bars(see)), deadline=heard, pause=PAUSE):
                continue
            yield write(address)
            if not until(
                lambda: any(bar.text.startswith(address) for bar in _bars(see)), deadline=heard, pause=PAUSE
            ):
                continue
            if all(bar.text != address for bar in _bars(see)):
                yield keys("Delete", intent="leave out what the browser has added of its own")
            yield keys("Return", intent="go there")
            if until(came, deadline=comes, pause=PAUSE) == "page":
                return
        raise TaskFault(f"the browser did not go to {address!r} in {TRIES} tries")

    return play


def _bars(see: Probe) -> list[Node]:
    return nodes(see, "entry", BAR, app=APP)


def _asked(see: Probe) -> bool:
    """Whether the browser asks if it may go on without encryption; nothing else of its window is seen then."""
    return bool(nodes(see, BUTTON, BACK, app=APP))


def press(see: Probe, role: str, name: str, *, intent: str = "") -> Step:
    """Click the middle of such a node of the browser, once it is there; a page may take its time."""
    until(lambda: nodes(see, role, name, app=APP), deadline=PAGE, pause=PAUSE)
    node = find(see, role, name, app=APP)
    return click_at(centre(node), intent=intent or f"click {node.name.strip()!r}")


def checked(see: Probe, role: str, name: str) -> None:
    """Returns once such a box, switch or button is on."""
    await_(
        f"{name!r} to be on",
        lambda: any({"checked", "pressed"} & set(node.states) for node in nodes(see, role, name, app=APP)),
        deadline=PAGE,
    )


def kept(see: Probe, value: object, *names: str, deadline: float = KEPT) -> None:
    """Returns once the profile's preferences have the value under the names."""

    def stands() -> bool:
        found = _profile(see, "Preferences")
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return bool(found == value)

    await_(f"{'.'.join(names)} = {value!r} in the profile's preferences", stands, deadline=deadline)


def folder_kept(see: Probe, name: str) -> None:
    """Returns once the profile's bookmarks have a folder of that name on the bar."""

    def stands() -> bool:
        bar = _profile(see, "Bookmarks").get("roots", {}).get("bookmark_bar", {}).get("children", [])
        return any(child.get("name") == name and child.get("type") == "folder" for child in bar)

    await_(f"the folder {name!r} in the profile's bookmarks", stands, deadline=KEPT)


def _profile(see: Probe, name: str) -> Any:
    """What a file of the profile says; nothing while there is none."""
    try:
        return json.loads(see.read_file(f"{PROFILE}/{name}"))
    except FileNotFoundError:
        return {}


def bing(see: Probe) -> Iterator[Step]:
    """Bing is made the default in the list of search engines."""
    more = r"More actions for (Microsoft )?Bing"
    yield from visit("chrome://settings/searchEngines", role=BUTTON, name=more)(see)
    yield press(see, BUTTON, more)
    yield press(see, "menu item", "Make default")
    find(see, "table cell", r"(Microsoft )?Bing \(Default\)", app=APP, deadline=PAGE)


def favorites(see: Probe) -> Iterator[Step]:
    """A folder is added to the bookmarks bar in the bookmark manager."""
    yield from visit("chrome://bookmarks", role="tree item", name="Bookmarks bar")(see)
    yield press(see, "tree item", "Bookmarks bar")
    yield press(see, BUTTON, "Organize")
    yield press(see, "menu item", "Add new folder")
    yield press(see, "entry", "Name", intent="go to the folder's name")
    yield keys("ctrl+a", intent="take what may stand there")
    yield write("Favorites")
    await_("the name", lambda: nodes(see, "entry", "Name", app=APP, text="Favorites"))
    yield press(see, BUTTON, "Save")
    folder_kept(see, "Favorites")


def thomas(see: Probe) -> Iterator[Step]:
    """The profile gets another name on its page of the settings."""
    yield from visit("chrome://settings/manageProfile", role="entry", name="Name")(see)
    yield press(see, "entry", "Name", intent="go to the profile's name")
    yield keys("ctrl+a", intent="take the old one")
    yield write("Thomas")
    await_("the name", lambda: nodes(see, "entry", "Name", app=APP, text="Thomas"))
    yield keys("Tab", intent="leave the field: the name is taken")


def light(see: Probe) -> Iterator[Step]:
    """The mode is set to light. A browser that takes its colours from GTK has no mode: it is taken off that first."""
    mode, classic = "Mode", "Use Classic"
    yield from visit("chrome://settings/appearance", role="link", name="Theme.*")(see)
    found = await_("the mode", lambda: nodes(see, name=f"{mode}|{classic}", app=APP), deadline=PAGE)
    if all(node.name.strip() != mode for node in found):
        yield press(see, BUTTON, classic)
    yield press(see, "combo box", mode, intent="open the list of modes")
    yield write("Light")
    yield keys("Return", intent="choose it")
    kept(see, 1, "browser", "theme", "color_scheme2")


def startup(see: Probe) -> Iterator[Step]:
    """The browser begins with a new tab. Where it cannot reach its first page, it asks what to do about that."""
    new = "Open the New Tab page"
    yield from visit("chrome://settings/onStartup", role="radio button", name=new)(see)
    yield press(see, "radio button", new)
    checked(see, "radio button", new)
    kept(see, 5, "session", "restore_on_startup")


def do_not_track(see: Probe) -> Iterator[Step]:
    """The request is switched on, and what the browser then asks is confirmed."""
    role, switch = "toggle button|switch|check box", r'Send a "Do Not Track" request.*'
    yield from visit("chrome://settings/cookies", role=role, name=switch)(see)
    yield press(see, role, switch)
    yield press(see, BUTTON, "Confirm")
    checked(see, role, switch)


def safe_browsing(see: Probe) -> Iterator[Step]:
    """The standard protection is chosen."""
    standard = "Standard protection"
    yield from visit("chrome://settings/security", role="radio button", name=standard)(see)
    yield press(see, "radio button", standard)
    checked(see, "radio button", standard)


PLAYS: Final[Mapping[str, Play]] = {
    "bb5e4c0d-f964-439c-97b6-bdb9747de3f4": bing,
    "2ad9387a-65d8-4e33-ad5b-7580065a27ca": favorites,
    "2ae9ba84-3a0d-4d4c-8338-3a1478dc5fe3": thomas,
    "12086550-11c0-466b-b367-1d9e75b3910e": route(
        visit("chrome://password-manager/passwords", role="heading", name="Passwords")
    ),
    "93eabf48-6a27-4cb6-b963-7d5fe1e0d3a9": light,
    "3299584d-8f11-4457-bf4c-ce98f7600250": startup,
    "030eeff7-b492-4218-b312-701ec99ee0cc": do_not_track,
    "9656a811-9b5b-4ddf-99c7-5117bcef0626": safe_browsing,
}
