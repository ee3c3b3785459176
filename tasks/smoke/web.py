"""`form`: a room is requested with the form on a community centre's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from envs.desktop import Probe
from envs.types import Launch, Scene, Site
from scoring.checks import Finding, PostSent, StateCheck
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, click, keys, route, write

HOST = "mill-lane.localhost"
PATH = "/request"
CENTRE = "Mill Lane Community Centre"
ROOMS = ("Garden room", "Kitchen", "Library", "Main hall", "Music room", "Workshop")
TIMES = tuple(f"{hour:02}:{minute:02}" for hour in range(9, 21) for minute in (0, 30))
SEATS = {"rows": "Rows of chairs", "circle": "A circle of chairs", "tables": "Chairs at tables"}
EXTRAS = ("projector", "piano", "microphone")
GROUPS = (
    ("Mill Lane Chess Club", "chess@milllane.example"),
    ("Tuesday Book Circle", "books@tuesday.example"),
    ("Northside Gardeners", "hello@northside.example"),
    ("Riverbank Drama Group", "stage@riverbank.example"),
    ("Allotment Society", "post@allotment.example"),
)
REMARKS = (
    "We bring our own tea and cups.",
    "One of us uses a wheelchair.",
    "Please leave the side door open.",
    "We need twenty minutes to clear up.",
)


@dataclass(frozen=True)
class Request:
    """What is asked for in the form, and so what the browser sends."""

    group: str
    email: str
    phone: str
    room: str
    day: date
    begins: str
    persons: int
    seats: str
    """A key of `SEATS`."""
    extras: tuple[str, ...]
    remarks: str
    news: bool = False

    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields as they are sent: a box that is not ticked is not there."""
        sent = [
            ("group", self.group),
            ("email", self.email),
            ("phone", self.phone),
            ("room", self.room),
            ("day", self.day.isoformat()),
            ("begins", self.begins),
            ("persons", str(self.persons)),
            ("seats", self.seats),
            *((extra, "yes") for extra in self.extras),
            ("remarks", self.remarks),
        ]
        return tuple(sent + [("news", "yes")] * self.news)


@dataclass(frozen=True)
class SentOnce(StateCheck):
    """One form was sent to `path` of the site `host`, with these fields and no others, in any order."""

    host: str
    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def expected(self) -> str:
        """The address and the fields."""
        return f"sent once to http://{self.host}{self.path}, nothing else: {dict(self.fields)!r}"

    def find(self, probe: Probe) -> Finding:
        """Compare all fields, space around their values aside."""
        sent = [post for post in probe.posts(self.host) if post.path == self.path]
        if len(sent) != 1:
            return False, f"sent {len(sent)} times: {[dict(post.fields) for post in sent]!r}"
        held = sorted((name, value.strip()) for name, value in sent[0].fields)
        wanted = sorted(self.fields)
        odd = [each for each in held if each not in wanted]
        missing = [each for each in wanted if each not in held]
        return held == wanted, f"sent {dict(held)!r}; besides what was wanted {odd}, missing {missing}"


def request(rng: Random) -> Request:
    """A request that differs from what the form shows at first in every field."""
    group, email = rng.choice(GROUPS)
    # Days up to the twelfth can be mistaken for months: that is what the near-miss does.
    day = date(2026, rng.randrange(3, 13), rng.randrange(1, 13))
    return Request(
        group=group,
        email=email,
        phone=f"01632 960{rng.randrange(100, 999)}",
        room=rng.choice(ROOMS[1:]),
        day=day if day.month != day.day else day - timedelta(days=1),
        begins=rng.choice(TIMES[2:]),
        persons=rng.randrange(8, 60),
        seats=rng.choice(("circle", "tables")),
        extras=tuple(sorted(rng.sample(EXTRAS, 2))),
        remarks=rng.choice(REMARKS),
    )


def _options(values: tuple[str, ...]) -> str:
    return "".join(f"<option>{value}</option>" for value in values)


STYLE = """body { font: 17px sans-serif; margin: 0 auto; width: 900px; color: #222; background: #f6f7f4; }
h1 { color: #2d5b3a; font-size: 30px; } form { background: #fff; padding: 20px 28px; border: 1px solid #c9d1c6; }
.row { display: flex; align-items: center; min-height: 50px; }
.row > label:first-child, .row > span { width: 220px; } .row label { margin-right: 22px; }
input, select, textarea, button { font: inherit; padding: 5px; } input[type=text], input[type=email] { width: 420px; }
textarea { width: 560px; height: 60px; } button { padding: 8px 22px; margin-right: 16px; }"""


def _page(body: str) -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{CENTRE}</title>'
        f"<style>\n{STYLE}\n</style></head><body>\n<h1>{CENTRE}</h1>\n{body}\n</body></html>\n"
    ).encode()


def _field(label: str, name: str, control: str) -> str:
    return f'<div class="row"><label for="{name}">{label}</label>{control}</div>'


def _form() -> bytes:
    seats = "".join(
        f'<label><input type="radio" name="seats" value="{key}"{" checked" * (key == "rows")}> {label}</label>'
        for key, label in SEATS.items()
    )
    extras = "".join(
        f'<label><input type="checkbox" name="{extra}" value="yes"> {extra.capitalize()}</label>' for extra in EXTRAS
    )
    rows = (
        _field(
            "Name of the group", "group", '<input type="text" id="group" name="group" required autocomplete="off">'
        ),
        _field("E-mail", "email", '<input type="email" id="email" name="email" required autocomplete="off">'),
        _field("Telephone", "phone", '<input type="text" id="phone" name="phone" autocomplete="off">'),
        _field("Room", "room", f'<select id="room" name="room">{_options(ROOMS)}</select>'),
        _field("Day", "day", '<input type="date" id="day" name="day" required>'),
        _field("Begins at", "begins", f'<select id="begins" name="begins">{_options(TIMES)}</select>'),
        _field("Number of persons", "persons", '<input type="number" id="persons" name="persons" min="1" max="200">'),
        f'<div class="row"><span>Seats</span>{seats}</div>',
        f'<div class="row"><span>We need</span>{extras}</div>',
        _field("Remarks", "remarks", '<textarea id="remarks" name="remarks"></textarea>'),
        '<div class="row"><label><input type="checkbox" name="news" value="yes" checked> Send us the newsletter'
        "</label></div>",
        '<div class="row"><button type="submit">Send request</button><button type="reset">Clear form</button></div>',
    )
    body = "\n".join(rows)
    return _page(f'<h2>Request a room</h2>\n<form method="post" action="{PATH}">\n{body}\n</form>')


APP = "[Cc]hromium"
ENTRY = "entry|text|spin button"


def fill(label: str, text: str) -> Play:
    """The text field, empty so far, holds the text."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, ENTRY, label, app=APP, intent=f"go to {label!r}")
        yield write(text)

    return play


def choose(label: str, option: str) -> Play:
    """The list shows the option: it is typed, as a list that is open jumps to what is typed."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, "combo box", label, app=APP, intent=f"open the list {label!r}")
        yield write(option)
        yield keys("Return", intent=f"choose {option!r}")

    return play


def pick_day(day: date) -> Play:
    """The day is typed into the three parts of the date field."""

    def play(see: Probe) -> Iterator[Step]:
        for part, text in (("Month", f"{day.month:02}"), ("Day", f"{day.day:02}"), ("Year", str(day.year))):
            yield click(see, "spin button", f"{part}.*", app=APP, intent=f"go to the {part.lower()}")
            yield write(text)

    return play


def tick(label: str) -> Play:
    """A box or a round button is clicked."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, "check box|radio button", label, app=APP)

    return play


def filled(request: Request) -> Play:
    """The form holds the request, top to bottom."""
    return route(
        fill("Name of the group", request.group),
        fill("E-mail", request.email),
        fill("Telephone", request.phone),
        choose("Room", request.room),
        pick_day(request.day),
        choose("Begins at", request.begins),
        fill("Number of persons", str(request.persons)),
        *((tick(SEATS[request.seats]),) if request.seats != "rows" else ()),
        *(tick(extra.capitalize()) for extra in request.extras),
        fill("Remarks", request.remarks),
        *(() if request.news else (tick("Send us the newsletter"),)),
    )


def send(see: Probe) -> Iterator[Step]:
    """The form is sent."""
    before = len(see.posts(HOST))
    yield click(see, "button|push button", "Send request", app=APP)
    await_("the request", lambda: len(see.posts(HOST)) > before)


def by_keyboard(request: Request) -> Play:
    """The form is filled from the bottom up, its boxes and round buttons by the keyboard."""

    def play(see: Probe) -> Iterator[Step]:
        yield from fill("Remarks", request.remarks)(see)
        yield keys("Tab", "space", intent="go on to the newsletter and take it off")
        yield from fill("Number of persons", str(request.persons))(see)
        yield keys("Tab", *["Down"] * list(SEATS).index(request.seats), intent=f"choose {SEATS[request.seats]!r}")
        for extra in EXTRAS:
            yield keys("Tab", *(("space",) if extra in request.extras else ()), intent=f"go on to {extra!r}")
        yield from choose("Begins at", request.begins)(see)
        yield from pick_day(request.day)(see)
        yield from choose("Room", request.room)(see)
        yield from fill("Telephone", request.phone)(see)
        yield from fill("E-mail", request.email)(see)
        yield from fill("Name of the group", request.group)(see)
        yield keys("Return", intent="send the form")
        await_("the request", lambda: see.posts(HOST))

    return play


def _near(request: Request) -> dict[str, Request]:
    """What a careless reader would send."""
    return {
        "day and month swapped": replace(request, day=date(request.day.year, request.day.day, request.day.month)),
        "the newsletter too": replace(request, news=True),
        "all that there is": replace(request, extras=tuple(sorted(EXTRAS))),
    }


def form(rng: Random) -> Task:
    """A room is requested for a group: texts, lists, a day, a choice, boxes, one of them ticked from the start."""
    asked = request(rng)
    first, second = asked.extras
    without = next(extra for extra in EXTRAS if extra not in asked.extras)
    written = f"{asked.day.day} {asked.day:%B %Y}"
    pages = {"/": _form(), f"{PATH}:sent": _page("<h2>Thank you</h2>\n<p>We have your request.</p>")}
    site = Site(host=HOST, pages=pages)
    return Task(
        id="smoke/form@1",
        goal=(
            f"The page of the {CENTRE} is open in Chromium. Request a room with its form for the group "
            f"'{asked.group}' (e-mail {asked.email}, telephone {asked.phone}): the {asked.room} on "
            f"{written}, beginning at {asked.begins}, for {asked.persons} persons, with "
            f"{SEATS[asked.seats].lower()}, a {first} and a {second} but no {without}. Write "
            f"'{asked.remarks}' as remarks. The group does not want the newsletter. Send the request, once."
        ),
        checks=(SentOnce("the request", HOST, PATH, asked.fields()),),
        scene=Scene(
            sites=(site,), open=(Launch(argv=("chromium", f"http://{HOST}/"), window=CENTRE, maximised=True),)
        ),
        budget=Budget(steps=95),
        apps=("chromium",),
        tags=("browser",),
        plan=(
            "fill in the name of the group, the e-mail and the telephone",
            f"choose the {asked.room}, type the day, choose {asked.begins}, and type the number of persons",
            f"click {SEATS[asked.seats]!r}, and tick what is needed",
            "type the remarks, and take the newsletter's tick away",
            "click Send request",
        ),
        solution=route(filled(asked), send),
        near_misses={
            **{name: route(filled(other), send) for name, other in _near(asked).items()},
            "filled in and not sent": filled(asked),
        },
        equivalents={"from the bottom up, by keyboard": by_keyboard(asked)},
        milestones=(
            PostSent("a request for the group", HOST, PATH, {"group": asked.group, "email": asked.email}),
            PostSent("the room and the time", HOST, PATH, {"room": asked.room, "begins": asked.begins}),
        ),
    )
