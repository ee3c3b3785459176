"""A Thunderbird profile as a tasks' archives hold it: accounts that nobody has, local folders, a filter, an index."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PROFILE = "t5q2a5hp.default-release"
"""Its folder: tasks name it."""
_HOME = f".thunderbird/{PROFILE}"
_INSTALLED = "FDC34C9F024745EB"
"""What Thunderbird makes of /usr/lib/thunderbird, where Debian has it: the profile that an installation goes with."""
_ADDRESS = "anonym-x2024@outlook.com"
_WINDOW = "chrome://messenger/content/messenger.xhtml"
_PREFERENCES: dict[str, object] = {
    "app.update.auto": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mail.rights.version": 1,
    "mailnews.start_page.enabled": False,
    "mailnews.database.global.datastore.id": "00000000-0000-4000-8000-000000000000",
    "mail.account.account1.server": "server1",
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders",
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.type": "none",
    "mail.server.server1.userName": "nobody",
    "mail.server.server1.storeContractID": "@mozilla.org/msgstore/berkeleystore;1",
}
_ACCOUNT: dict[str, object] = {
    "mail.account.account2.identities": "id1",
    "mail.account.account2.server": "server2",
    "mail.accountmanager.accounts": "account2,account1",
    "mail.accountmanager.defaultaccount": "account2",
    "mail.identity.id1.fullName": "Anonym Tester",
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.useremail": _ADDRESS,
    "mail.identity.id1.valid": True,
    "mail.server.server2.check_new_mail": False,
    "mail.server.server2.directory-rel": "[ProfD]ImapMail/outlook.office365.com",
    "mail.server.server2.hostname": "outlook.office365.com",
    "mail.server.server2.login_at_startup": False,
    "mail.server.server2.name": _ADDRESS,
    "mail.server.server2.port": 993,
    "mail.server.server2.socketType": 3,
    "mail.server.server2.type": "imap",
    "mail.server.server2.userName": _ADDRESS,
    "mail.smtpserver.smtp1.hostname": "smtp.office365.com",
    "mail.smtpserver.smtp1.username": _ADDRESS,
    "mail.smtpservers": "smtp1",
}
_FILTERS = """version="9"
logging="no"
name="birds"
enabled="yes"
type="17"
action="Mark read"
condition="AND (subject,contains,heron)"
"""
_INDEX = (
    "CREATE TABLE folderLocations (id INTEGER PRIMARY KEY, folderURI TEXT, name TEXT)",
    "CREATE TABLE messages (id INTEGER PRIMARY KEY, folderID INTEGER, messageKey INTEGER, headerMessageID TEXT)",
    "CREATE TABLE messageAttributes (conversationID INTEGER, messageID INTEGER, attributeID INTEGER, value NUMERIC)",
    "INSERT INTO folderLocations VALUES (13, 'mailbox://nobody@Local%20Folders/Bills', 'Bills')",
    "INSERT INTO messages VALUES (1, 13, 1, 'bill-1@birds.invalid'), (2, 13, 2, 'bill-2@birds.invalid')",
    "INSERT INTO messageAttributes VALUES (1, 1, 58, 0), (1, 2, 58, 0)",
)


@cache
def profile(*, blank: bool = False) -> dict[str, bytes]:
    """Its files, by path in the home. A blank one has local folders only."""
    held = f"[Install{_INSTALLED}]\nDefault={PROFILE}\nLocked=1\n"
    profiles = f"{held}\n[Profile0]\nName=default-release\nIsRelative=1\nPath={PROFILE}\nDefault=1\n"
    files = {
        ".thunderbird/profiles.ini": f"{profiles}\n[General]\nStartWithLastProfile=1\nVersion=2\n",
        ".thunderbird/installs.ini": held.replace("Install", ""),
        f"{_HOME}/prefs.js": _prefs({**_PREFERENCES, **({} if blank else _ACCOUNT)}),
        f"{_HOME}/xulstore.json": json.dumps({_WINDOW: {"folderTree": {"mode": "all"}}}),
        f"{_HOME}/Mail/Local Folders/Trash": "",
        f"{_HOME}/Mail/Local Folders/Unsent Messages": "",
    }  # fmt: skip
    if not blank:
        folders = f"{_HOME}/Mail/Local Folders"
        files[f"{folders}/Bills"] = mailbox("A bill of the lake", "A bill of the wood")
        files[f"{folders}/Notes"] = mailbox("A note on herons")
        files[f"{folders}/Inbox"] = mailbox("A Test E-mail")
        files[f"{_HOME}/ImapMail/outlook.office365.com/msgFilterRules.dat"] = _FILTERS
    made = {name: words.encode() for name, words in files.items()}
    if not blank:
        made[f"{_HOME}/global-messages-db.sqlite"] = index()
    return made


def index() -> bytes:
    """The database of all messages, as far as a task asks it; Thunderbird makes a new one in its place."""
    return database(_INDEX)


def _prefs(values: dict[str, object]) -> str:
    return "".join(f'user_pref("{name}", {json.dumps(value)});\n' for name, value in sorted(values.items()))


def mailbox(*subjects: str) -> str:
    """Messages as Thunderbird keeps them (RFC 4155)."""
    return "".join(
        f"From - Mon Jan  1 08:00:0{number} 2024\nX-Mozilla-Status: 0001\n{letter(each)}\n"
        for number, each in enumerate(subjects)
    )


def letter(subject: str) -> str:
    """A message (RFC 5322)."""
    return (
        f"Message-ID: <{subject.lower().replace(' ', '-')}@birds.invalid>\nDate: Mon, 1 Jan 2024 08:00:00 +0000\n"
        f"From: Anonym Tester <{_ADDRESS}>\nTo: assistant@outlook.com\nSubject: {subject}\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=UTF-8\n\nA heron stood at the lake.\n"
    )


def database(statements: Iterable[str]) -> bytes:
    """An SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.sqlite")
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()
