"""A mailbox of offers as Thunderbird keeps it, and what a draft in it must be. See `tasks.smoke.mail`."""

from __future__ import annotations

import email
import email.policy
import email.utils
import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from random import Random

from envs.desktop import Probe
from scoring.checks import Finding, StateCheck, read, shown
from scoring.documents import parsed

ADDRESS = "user@example.test"
MAIL = "/home/user/.thunderbird/user.default/Mail"
INBOX = f"{MAIL}/mail.example.test/Inbox"
DRAFTS = f"{MAIL}/mail.example.test/Drafts"
SENT = f"{MAIL}/mail.example.test/Sent"
OUTBOX = f"{MAIL}/Local Folders/Unsent Messages"
EXPUNGED = 0x0008  # bit of X-Mozilla-Status: deleted, though it is in the file until the folder is compacted

SHOPS = (("Larsen Print", "larsen-print"), ("Copperplate Press", "copperplate"), ("Quill & Co", "quill-co"))
OTHERS = (("Dorn Paper", "dorn-paper"), ("Mercury Copies", "mercury-copies"), ("Halden Stationers", "halden"))
THINGS = ("programme booklets", "concert posters", "song sheets", "ticket books", "wall calendars", "name badges")
GROUPS = (("Harbour Choir", "harbour-choir"), ("Meadow Singers", "meadow-singers"), ("Hilltop Band", "hilltop-band"))
TITLES = ("Order of {}", "Decision on the {}", "Price of the {}", "Budget for the {}")


@dataclass(frozen=True)
class Offer:
    """A shop's price for some things, in cents, and how it is taken apart in the mail."""

    shop: str
    address: str
    number: int
    net: int
    day: datetime

    @property
    def tax(self) -> int:
        """The VAT, 20 %."""
        return self.net // 5

    @property
    def total(self) -> int:
        """With VAT."""
        return self.net + self.tax


def euros(cents: int) -> str:
    """The price as the mails write it: `1,248.60`."""
    return f"{cents // 100:,}.{cents % 100:02}"


@dataclass(frozen=True)
class Request:
    """What is to be written, and the mails that it is read from."""

    group: str
    things: str
    count: int
    to: str
    subject: str
    first: Offer
    """The shop's earlier offer, which its later one replaces."""
    valid: Offer
    other: Offer
    """Another shop's."""
    inbox: bytes = field(repr=False)

    @property
    def wrong(self) -> frozenset[Decimal]:
        """The prices in the mails that are not the one asked for."""
        cents = {
            price for offer in (self.first, self.valid, self.other) for price in (offer.net, offer.tax, offer.total)
        }
        return frozenset(Decimal(price) / 100 for price in cents - {self.valid.total})


def messages(path: str, data: bytes) -> tuple[EmailMessage, ...]:
    """The messages in the mbox that are not deleted, in the file's order."""
    parts = re.split(rb"(?m)^From [^\n]*\n", data)[1:]
    made = (email.message_from_bytes(part, policy=email.policy.default) for part in parts)
    return tuple(each for each in made if not _status(path, each) & EXPUNGED)


def _status(path: str, message: EmailMessage) -> int:
    return parsed(path, "a folder of mails", lambda: int(str(message.get("X-Mozilla-Status", "0")), 16))


def text_of(message: EmailMessage) -> str:
    """The message's text, with the tags taken out where it has HTML alone."""
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content())
    if body.get_content_subtype() == "html":
        text = re.sub(r"<[^>]*>", " ", re.sub(r"(?is)<(style|script|title).*?</\1>", " ", text)).replace(
            "&nbsp;", " "
        )
    return text.replace("\N{NO-BREAK SPACE}", " ")


def prices(text: str) -> frozenset[Decimal]:
    """The numbers with two decimals in the text, however thousands and decimals are marked off."""
    found = re.findall(r"(?<![\d.,])(\d{1,3}(?:[ .,']?\d{3})*)[.,](\d\d)(?!\d)", text)
    return frozenset(Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{part}") for whole, part in found)


@dataclass(frozen=True)
class Draft(StateCheck):
    """The folder Drafts holds one mail: to this address alone, of this subject, that names this price and no other.

    `wrong` are the prices that it must not name; what else it says is free.
    """

    to: str
    subject: str
    price: Decimal
    wrong: frozenset[Decimal] = field(repr=False)

    @property
    def expected(self) -> str:
        """The mail."""
        return f"one draft, to {self.to} alone, with the subject {self.subject!r}, that names the price {self.price}"

    def find(self, probe: Probe) -> Finding:
        """Read the folder's mbox."""
        drafts = messages(DRAFTS, read(probe, DRAFTS))
        if len(drafts) != 1:
            return False, f"{len(drafts)} drafts: {', '.join(repr(str(each.get('Subject', ''))) for each in drafts)}"
        return parsed(DRAFTS, "a mail", lambda: self._judged(drafts[0]))

    def _judged(self, draft: EmailMessage) -> Finding:
        to = [address.lower() for address in addresses(draft, "To")]
        others = addresses(draft, "Cc", "Bcc")
        subject, text = " ".join(str(draft.get("Subject", "")).split()), text_of(draft)
        named = prices(text)
        met = to == [self.to] and not others and subject == self.subject
        met = met and self.price in named and not named & self.wrong
        copies = f", copies to {', '.join(others)}" if others else ""
        return met, f"to {', '.join(to) or 'nobody'}{copies}, subject {subject!r}, text {shown(text.strip())}"


def addresses(message: EmailMessage, *headers: str) -> list[str]:
    """The bare addresses in these headers."""
    values = [str(value) for header in headers for value in message.get_all(header, [])]
    return [address for _, address in email.utils.getaddresses(values) if address]


@dataclass(frozen=True)
class FolderHolds(StateCheck):
    """The mail folder holds these messages by Message-ID, and no others; a folder that is not there holds none."""

    path: str
    """Of its mbox."""
    ids: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def expected(self) -> str:
        """How many."""
        return f"{self.path} holds the {len(self.ids)} mails expected" if self.ids else f"{self.path} holds no mail"

    def find(self, probe: Probe) -> Finding:
        """Read the folder's mbox."""
        held = messages(self.path, read(probe, self.path)) if probe.files(glob.escape(self.path)) else ()
        ids = [str(each.get("Message-ID", "")) for each in held]
        missing, more = self.ids - set(ids), [each for each in ids if each not in self.ids]
        met = not missing and not more and len(ids) == len(self.ids)
        return met, f"it holds {len(ids)}" + (
            f", {len(missing)} are missing and {len(more)} are new" if not met else ""
        )


def _mbox(rng: Random, mails: Iterator[tuple[datetime, str, str, str, str]], to: str) -> bytes:
    """The mails (day, name, address, subject, text) in order of time, as Thunderbird keeps a folder of read ones."""
    out = []
    for day, name, address, subject, text in sorted(mails):
        sent = email.utils.format_datetime(day)
        out.append(
            f"From - {day:%a %b %d %H:%M:%S %Y}\nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"
            f"Message-ID: <{rng.getrandbits(64):016x}@{address.partition('@')[2]}>\nDate: {sent}\n"
            f"From: {name} <{address}>\nTo: {to}\nSubject: {subject}\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n{text.strip()}\n\n"
        )
    return "".join(out).encode()


def _offered(offer: Offer, things: str, count: int, opening: str) -> tuple[datetime, str, str, str, str]:
    text = f"""Good day,

{opening}

{count} {things}
Net price: {euros(offer.net)} EUR
VAT (20 %): {euros(offer.tax)} EUR
Total with VAT: {euros(offer.total)} EUR

Delivery takes ten working days. Please answer to this address.

{offer.shop}
"""
    return offer.day, offer.shop, offer.address, f"Offer {offer.number}: {things}", text


def _around(rng: Random, day: datetime, group: str) -> Iterator[tuple[datetime, str, str, str, str]]:
    """Mails that have nothing to do with it."""
    texts = (
        (
            "Parish hall",
            "hall@parish.example",
            "Heating in the hall",
            "The heating is repaired. You can rehearse on Monday.",
        ),
        ("Town library", "loans@library.example", "Your loans", "Three items are due back at the end of the month."),
        ("Agnes", "agnes@post.example", "Cake on Sunday", f"I bring two cakes for the {group}. Who brings plates?"),
        ("Bus company", "info@coach.example", "Timetable", "The bus leaves at 8:40 from the old market from now on."),
    )
    for name, address, subject, text in rng.sample(texts, 3):
        yield day + timedelta(hours=rng.randrange(-90, 70), minutes=rng.randrange(60)), name, address, subject, text


def request(rng: Random) -> Request:
    """What a seed makes of it."""
    shop, host = rng.choice(SHOPS)
    rival, rival_host = rng.choice(OTHERS)
    group, home = rng.choice(GROUPS)
    things, count = rng.choice(THINGS), rng.randrange(150, 900, 50)
    day = datetime(2026, 1, 5, 9, 12, tzinfo=UTC) + timedelta(days=rng.randrange(12), minutes=rng.randrange(400))
    number = rng.randrange(2100, 9800)
    # Ten-euro steps and a tax of a fifth: all nine prices differ, and none is another one written differently.
    nets = [rng.randrange(61_000, 99_000, 10) for _ in range(3)]
    while len({*nets}) < 3:
        nets = [rng.randrange(61_000, 99_000, 10) for _ in range(3)]
    first = Offer(shop, f"offers@{host}.example", number, nets[0], day)
    later = day + timedelta(days=rng.randrange(3, 6), minutes=rng.randrange(-60, 60))
    valid = Offer(shop, f"offers@{host}.example", number + rng.randrange(20, 80), nets[1], later)
    other = Offer(rival, f"sales@{rival_host}.example", rng.randrange(100, 999), nets[2], later + timedelta(hours=3))
    mails = [
        _offered(first, things, count, f"this is our offer for the {group}."),
        _offered(valid, things, count, f"paper has a new price. This offer replaces our offer {first.number}."),
        _offered(other, things, count, "thank you for asking us. Our offer:"),
        *_around(rng, later, group),
    ]
    return Request(
        group=group,
        things=things,
        count=count,
        to=f"{rng.choice(('treasurer', 'accounts', 'board'))}@{home}.example",
        subject=rng.choice(TITLES).format(things),
        first=first,
        valid=valid,
        other=other,
        inbox=_mbox(rng, iter(mails), ADDRESS),
    )
