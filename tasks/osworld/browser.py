"""Chromium's tabs through its debugging port, and its history's file: what OSWorld does with Playwright and SQLite.

The port's own HTTP endpoints do for tabs; they are asked from inside the desktop, by the program below.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from envs.errors import TaskFault
from envs.osworld.machine import Machine, NotStarted
from envs.settle import until
from tasks.osworld.steps import Visit

PORT: Final = 9222
COMES_WITHIN: Final = 60.0
"""Seconds for the browser to answer; OSWorld tries for 75."""
LOADS_WITHIN: Final = 10.0
"""Seconds for a tab to have its address: a page that does not load is no error."""
ASK: Final = """
import sys, urllib.request
made = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}{sys.argv[3]}", method=sys.argv[2])
sys.stdout.buffer.write(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(made, timeout=10).read())
"""
_1601: Final = datetime(1601, 1, 1, tzinfo=UTC)
_TYPED: Final = 0x30000000
"""Of a visit: the start and the end of a chain of redirections, come to by a link."""


class Tab(msgspec.Struct, frozen=True):
    """A tab as the port lists it; further keys mean nothing here."""

    id: str
    type: str = ""
    url: str = ""


class Browser:
    """The browser that listens on `PORT` inside. Its methods raise TaskFault where none answers."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def tabs(self) -> tuple[Tab, ...]:
        """The tabs with pages, the one in front first."""
        told = until(lambda: self._ask("GET", "/json/list"), deadline=COMES_WITHIN, pause=0.2)
        if told is None:
            raise TaskFault(f"wanted a browser on port {PORT} of the desktop, found none in {COMES_WITHIN:g} s")
        return tuple(tab for tab in msgspec.json.decode(told, type=tuple[Tab, ...]) if tab.type == "page")

    def open(self, url: str) -> bool:
        """A new tab with the page; whether it has come to an address."""
        told = self._ask("PUT", f"/json/new?{quote(url, safe='')}")
        if told is None:
            return False
        made = msgspec.json.decode(told, type=Tab)

        def there() -> bool:
            return any(tab.id == made.id and tab.url not in {"", "about:blank"} for tab in self.tabs())

        return url == "about:blank" or bool(until(there, deadline=LOADS_WITHIN, pause=0.1))

    def close(self, tab: Tab) -> None:
        """It is gone; nothing where it is already."""
        self._ask("GET", f"/json/close/{tab.id}")

    def _ask(self, method: str, path: str) -> bytes | None:
        try:
            ran = self._machine.run("python3", "-c", ASK, str(PORT), method, path, seconds=20.0)
        except (TimeoutError, NotStarted):
            return None
        return ran.stdout if ran.code == 0 and ran.stdout else None


def same(one: str, other: str) -> bool:
    """Whether two addresses are alike to OSWorld: without `www`, the country or kind of domain, and a lone slash."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> tuple[str, ...]:
    at = urlsplit(url if re.match(r"^[a-zA-Z][a-zA-Z0-9+\-.]*://", url) else f"http://{url}")
    host = at.netloc.lower().removeprefix("www.")
    # The endings of two parts are those under which names are registered; a list of them all is not worth having.
    host = re.sub(r"(\.(co|com|org|net|ac|gov|edu))?\.[a-z]{2,}$", "", host)
    return (at.scheme.lower(), host, "" if at.path == "/" else at.path, at.query, at.fragment)


def history(empty: bytes, visits: Sequence[Visit], now: float) -> bytes:
    """The file of a history with these visits in it, counted back from `now` (seconds since 1970).

    Raises TaskFault when `empty` is no history of Chromium's.
    """
    book = sqlite3.connect(":memory:")
    try:
        if not empty:  # at which SQLite raises MemoryError
            raise sqlite3.DatabaseError("an empty file")
        book.deserialize(empty)
        for visit in visits:
            at = datetime.fromtimestamp(now - visit.visit_time_from_now_in_seconds, UTC)
            micros = int((at - _1601).total_seconds() * 1_000_000)
            url = book.execute(
                "INSERT INTO urls (url, title, visit_count, typed_count, last_visit_time, hidden) "
                "VALUES (?, ?, 1, 0, ?, 0)",
                (visit.url, visit.title, micros),
            ).lastrowid
            book.execute(
                "INSERT INTO visits (url, visit_time, from_visit, transition, segment_id, visit_duration) "
                "VALUES (?, ?, 0, ?, 0, 0)",
                (url, micros, _TYPED),
            )
        book.commit()
        return book.serialize()
    except sqlite3.Error as err:
        raise TaskFault(f"wanted an empty history of Chromium's among the files, found: {err}") from err
    finally:
        book.close()
