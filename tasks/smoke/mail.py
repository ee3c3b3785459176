"""`mail`: a price is read from the right mail in Thunderbird, and passed on in a new one that is kept as a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from envs.desktop import Probe
from envs.types import Launch, Put, Scene
from scoring.checks import FileExists, FileHas
from tasks.base import Budget, Play, Step, Task
from tasks.play import await_, centre, click, click_at, find, gone, keys, menu, nodes, route, window, write
from tasks.smoke.mailbox import (
    ADDRESS,
    DRAFTS,
    INBOX,
    OUTBOX,
    SENT,
    Draft,
    FolderHolds,
    Offer,
    Request,
    euros,
    messages,
    request,
)

PREFS = "/home/user/.thunderbird/user.default/user.js"
# Left to find out by itself whether it is online, Thunderbird's icon of that differs from start to start.
OFFLINE = b"""user_pref("offline.autoDetect", false);
user_pref("network.manage-offline-status", false);
user_pref("offline.startup_state", 3);
"""
# The status bars tell of what is over already, for a while that is another one each time.
STORE = "/home/user/.thunderbird/user.default/xulstore.json"
MAXIMISED = {"screenX": "0", "screenY": "0", "width": "1600", "height": "900", "sizemode": "maximized"}
SHAPE = {
    "chrome://messenger/content/messenger.xhtml": {
        "messengerWindow": MAXIMISED,
        "status-bar": {"hidden": "true"},
    },
    "chrome://messenger/content/messengercompose/messengercompose.xhtml": {"status-bar": {"hidden": "true"}},
}
WRITING = r"^Write: "
TOLD = 90.0  # seconds: a machine with several desktops on it may take ten times the usual one


@dataclass(frozen=True)
class Letter:
    """A mail to write: what is typed into which field."""

    to: tuple[str, ...]
    subject: str
    text: str


def _letter(about: Request, price: str = "") -> Letter:
    named = price or euros(about.valid.total)
    text = f"Good day,\n\nthe {about.things} of {about.valid.shop} cost {named} EUR with VAT.\n"
    return Letter(to=(about.to,), subject=about.subject, text=text)


def _look(offer: Offer) -> Play:
    """Open the Inbox and the offer in it."""

    def play(see: Probe) -> Iterator[Step]:
        yield click(see, "tree item", ADDRESS, intent=f"choose the account {ADDRESS}")
        yield keys("Right", intent="show its folders")
        yield click(see, "tree item", "Inbox.*", intent="open its Inbox")
        # The list says address, day, subject in one name; an offer's number is in no other.
        yield click(see, "list item", f".*Offer {offer.number}:.*", intent=f"read offer {offer.number}")
        # Shown at once, but told by the accessibility tree some 15 s later: after that it is the same in each play.
        find(see, "document web", f"Offer {offer.number}:.*", deadline=TOLD)

    return play


def _write(letter: Letter, *, button: bool = False) -> Play:
    """Open the window to write in, and fill it in."""

    def play(see: Probe) -> Iterator[Step]:
        if button:
            yield click(see, "button", "New Message", intent="write a new message")
        else:
            yield keys("ctrl+n", intent="write a new message")
        window(see, WRITING)
        for address in letter.to:
            yield write(f"{address}\n", intent=f"address it to {address}")
        yield keys("Tab", intent="go to the subject")
        yield write(letter.subject, intent="write the subject")
        yield keys("Tab", intent="go to the text")
        yield write(letter.text, intent="write the text")

    return play


def _save(see: Probe) -> Iterator[Step]:
    """Save the draft by its key, and close the window."""
    yield keys("ctrl+s", intent="save it as a draft")
    await_("the draft to be written", lambda: _kept(see, DRAFTS))
    yield keys("ctrl+w", intent="close the window")
    gone(see, WRITING)


def _save_as_draft(see: Probe) -> Iterator[Step]:
    """Save the draft by the menu, and close the window."""
    yield from menu(see, "File", "Save As", "Draft")
    await_("the draft to be written", lambda: _kept(see, DRAFTS))
    yield keys("ctrl+w", intent="close the window")
    gone(see, WRITING)


def _answer(button: str) -> Play:
    """Close the window unsaved, and answer the question with this button."""

    def play(see: Probe) -> Iterator[Step]:
        yield keys("ctrl+w", intent="close the window")
        row = centre(find(see, "button|push button", "Discard changes")).y
        buttons = nodes(see, "button|push button", button)
        # The window has a button Save of its own.
        at = next(centre(each) for each in buttons if centre(each).y == row)
        yield click_at(at, intent=f"answer: {button}")
        gone(see, WRITING)
        if button == "Save":
            await_("the draft to be written", lambda: _kept(see, DRAFTS))

    return play


def _send_later(see: Probe) -> Iterator[Step]:
    yield keys("ctrl+shift+Return", intent="put it into the Outbox")
    await_("the mail to be in the Outbox", lambda: _kept(see, OUTBOX))


def _kept(see: Probe, path: str) -> bool:
    """Whether the mbox ends with a whole message: Thunderbird ends it with an empty line."""
    try:
        return see.read_file(path).endswith((b"\n\n", b"\r\n\r\n"))
    except FileNotFoundError:
        return False


def _near_misses(about: Request) -> dict[str, Play]:
    letter, offer = _letter(about), about.valid

    def written(changed: Letter, end: Play) -> Play:
        return route(_look(offer), _write(changed), end)

    return {
        "the price of the earlier offer": written(_letter(about, euros(about.first.total)), _save),
        "to the shop as well": written(replace(letter, to=(about.to, offer.address)), _save),
        "closed without saving": written(letter, _answer("Discard changes")),
        "put into the Outbox": written(letter, _send_later),
    }


def mail(rng: Random) -> Task:
    """The price of the offer that counts is read, and passed on in a draft."""
    about = request(rng)
    inbox = frozenset(str(each["Message-ID"]) for each in messages(INBOX, about.inbox))
    return Task(
        id="smoke/mail@2",
        goal=(
            f"In the Inbox of {ADDRESS} in Thunderbird there are two offers of {about.valid.shop} for "
            f"{about.count} {about.things}; the later one replaces the earlier. Write a new mail to {about.to} (and "
            f"nobody else) with the subject '{about.subject}'. Its text must name the total price with VAT of the "
            "later offer, and no other price. Do not send it: save it as a draft in the folder Drafts of that "
            "account, and close the window in which you wrote it. The mails in the Inbox must stay there."
        ),
        checks=(
            Draft("the draft", about.to, about.subject, Decimal(about.valid.total) / 100, about.wrong),
            FolderHolds("nothing on its way out", OUTBOX),
            FolderHolds("nothing sent", SENT),
            FolderHolds("the Inbox as before", INBOX, inbox),
        ),
        scene=Scene(
            files=(
                Put(path=PREFS, data=OFFLINE),
                Put(path=STORE, data=json.dumps(SHAPE).encode()),
                Put(path=INBOX, data=about.inbox),
            ),
            open=(Launch(argv=("thunderbird",), window="Thunderbird", maximised=True),),
        ),
        budget=Budget(steps=40),
        apps=("thunderbird",),
        tags=("mail", "reading"),
        plan=(
            f"click the Inbox of {ADDRESS}, then the later offer of {about.valid.shop}",
            "read the total with VAT",
            f"write a new message to {about.to} with the subject '{about.subject}' and that price",
            "File > Save As > Draft, and close the window",
        ),
        milestones=(
            FileExists("something in Drafts", DRAFTS, 1),
            FileHas("the subject of a draft", DRAFTS, (f"Subject: {about.subject}",), spaces="exact"),
        ),
        solution=route(_look(about.valid), _write(_letter(about), button=True), _save_as_draft),
        equivalents={
            "by the keys": route(_look(about.valid), _write(_letter(about)), _save),
            "saved on closing": route(_write(_letter(about, f"EUR {about.valid.total / 100:.2f}")), _answer("Save")),
        },
        near_misses=_near_misses(about),
    )
