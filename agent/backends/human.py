"""A person as the agent: a local page shows what an agent sees, and what is done on it becomes typed actions.

A person goes through the same loop as any agent and is recorded in the same way: what people reach is the ceiling
that agents are held against. The page is served on 127.0.0.1 only, under an address that cannot be guessed. One
page serves all of a run's episodes; where several are played at once, one after another.
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
import webbrowser
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from agent.base import Decision
from envs.types import Action, Observation

PAGE = Path(__file__).with_name("human.html")
POLL = 20.0
"""Seconds that the page's question for news is left open."""
LARGEST = 1 << 20
"""Bytes of a request."""


class Human:
    """A person, on a local page whose address is printed; `open` opens it in a browser."""

    name = "human"
    cards = ()

    def __init__(self, port: int = 0, open: bool = False) -> None:  # noqa: A002 - as the option is written
        self._desk = desk(port, open)
        self._seat = Seat()

    def begin(self, goal: str) -> None:
        """Show the goal as soon as it is this episode's turn."""
        self._seat.goal = goal
        self._desk.sit(self._seat)

    def act(self, seen: Observation) -> Decision:
        """What the person does next, for as long as that takes."""
        return Decision(actions=self._desk.ask(self._seat, seen), intent="by hand")

    def close(self) -> None:
        """The page waits for the next episode."""
        self._desk.leave(self._seat)


@dataclass
class Seat:
    """One episode at the desk: `due` are actions that were sent and not yet taken."""

    goal: str = ""
    seen: Observation | None = None
    waiting: bool = False
    due: deque[tuple[Action, ...]] = field(default_factory=deque)


class Desk:
    """What the page shows: the episode that sat down first. `turn` rises with everything that changes on it."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(16)
        self.url = ""
        self.seats: list[Seat] = []
        self._turn = 0
        self._news = threading.Condition()

    def _changed(self) -> None:
        self._turn += 1
        self._news.notify_all()

    def sit(self, seat: Seat) -> None:
        """Take a place in the queue."""
        with self._news:
            self.seats.append(seat)
            self._changed()

    def leave(self, seat: Seat) -> None:
        """Give the place up."""
        with self._news:
            if seat in self.seats:
                self.seats.remove(seat)
            self._changed()

    def ask(self, seat: Seat, seen: Observation) -> tuple[Action, ...]:
        """Show the picture, and wait until there is something to do."""
        with self._news:
            seat.seen, seat.waiting = seen, True
            if seen.refused:
                seat.due.clear()
            self._changed()
            self._news.wait_for(lambda: seat.due or seat not in self.seats)
            if not seat.due:
                raise RuntimeError("the episode is over")
            seat.waiting = False
            self._changed()
            return seat.due.popleft()

    def put(self, actions: tuple[Action, ...]) -> bool:
        """Have these done next; False when no episode waits for anything."""
        with self._news:
            if not self.seats or self.seats[0].seen is None:
                return False
            self.seats[0].due.append(actions)
            self._news.notify_all()
            return True

    def state(self, known: int) -> dict[str, object]:
        """What to show, once it is other than the page knows, or `POLL` seconds have passed."""
        with self._news:
            self._news.wait_for(lambda: self._turn != known, POLL)
            seat = self.seats[0] if self.seats else None
            seen = seat.seen if seat else None
            return {
                "turn": self._turn,
                "goal": seat.goal if seat else "",
                "size": [seen.size.width, seen.size.height] if seen else None,
                "refused": seen.refused if seen else "",
                "settled": seen.settled if seen else True,
                "waiting": bool(seat and seat.waiting),
            }

    def picture(self) -> bytes | None:
        """The latest picture of the episode that is shown."""
        with self._news:
            return self.seats[0].seen.png if self.seats and self.seats[0].seen else None


@cache
def desk(port: int, open_: bool) -> Desk:
    """The process's one desk for a port, with its page being served."""
    made = Desk()

    class Handler(Request):
        of = made

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="human", daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/{made.token}/"
    sys.stderr.write(f"handeye: the person's page is at {made.url}\n")
    sys.stderr.flush()
    if open_:
        webbrowser.open(made.url)
    return made


class Request(BaseHTTPRequestHandler):
    """Answers the page. Whoever does not know the token, or comes under another host's name, finds nothing."""

    protocol_version = "HTTP/1.1"
    of: Desk

    def do_GET(self) -> None:
        """The page, its news and the picture."""
        match self._path():
            case "":
                nonce = secrets.token_urlsafe(16)
                self.nonce = nonce
                self._send(200, "text/html; charset=utf-8", PAGE.read_bytes().replace(b"NONCE", nonce.encode()))
            case "state":
                known = parse_qs(urlsplit(self.path).query).get("turn", ["-1"])[0]
                state = self.of.state(int(known) if known.lstrip("-").isdigit() else -1)
                self._send(200, "application/json", json.dumps(state).encode())
            case "frame":
                picture = self.of.picture()
                self._send(200 if picture else 204, "image/png", picture or b"")  # 204: it has just ended
            case _:
                self._send(404, "text/plain", b"not here")

    def do_POST(self) -> None:
        """Something that was done on the page."""
        length = self.headers.get("Content-Length", "")
        if self._path() != "act" or not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            return self._send(404, "text/plain", b"not here")
        try:
            actions = msgspec.json.decode(self.rfile.read(int(length)), type=tuple[Action, ...])
        except msgspec.MsgspecError as err:
            return self._send(400, "text/plain", str(err).encode())
        taken = bool(actions) and self.of.put(actions)
        return self._send(200 if taken else 409, "text/plain", b"" if taken else b"nothing waits for it")

    def _path(self) -> str | None:
        """What follows the token; None when it is not known."""
        host = self.headers.get("Host", "").rpartition(":")[0]
        token, _, rest = urlsplit(self.path).path.removeprefix("/").partition("/")
        right = secrets.compare_digest(token.encode(), self.of.token.encode())
        return rest if right and host in ("127.0.0.1", "localhost") else None

    def _send(self, status: int, kind: str, body: bytes) -> None:
        nonce = getattr(self, "nonce", "none")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
            f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'",
        )
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the page was closed or loaded anew
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Say nothing: the terminal is the person's."""
