"""The browser's empty history: `update_browse_history` writes its visits into a copy of it."""

from __future__ import annotations

from functools import cache

from .mail import database

_URLS = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT", "url LONGVARCHAR", "title LONGVARCHAR",
    "visit_count INTEGER DEFAULT 0 NOT NULL", "typed_count INTEGER DEFAULT 0 NOT NULL",
    "last_visit_time INTEGER NOT NULL", "hidden INTEGER DEFAULT 0 NOT NULL",
)  # fmt: skip
_VISITS = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT", "url INTEGER NOT NULL", "visit_time INTEGER NOT NULL",
    "from_visit INTEGER", "external_referrer_url TEXT", "transition INTEGER DEFAULT 0 NOT NULL", "segment_id INTEGER",
    "visit_duration INTEGER DEFAULT 0 NOT NULL", "incremented_omnibox_typed_score BOOLEAN DEFAULT FALSE NOT NULL",
    "opener_visit INTEGER", "originator_cache_guid TEXT", "originator_visit_id INTEGER",
    "originator_from_visit INTEGER", "originator_opener_visit INTEGER",
    "is_known_to_sync BOOLEAN DEFAULT FALSE NOT NULL", "consider_for_ntp_most_visited BOOLEAN DEFAULT FALSE NOT NULL",
    "visited_link_id INTEGER DEFAULT 0 NOT NULL", "app_id TEXT",
)  # fmt: skip
_MADE = (
    "CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR)",
    "INSERT INTO meta VALUES ('version', '70'), ('last_compatible_version', '16')",
    f"CREATE TABLE urls({', '.join(_URLS)})",
    f"CREATE TABLE visits({', '.join(_VISITS)})",
)
"""Version 70 is what Chromium 156 writes; it adds the tables that are not here."""


@cache
def history() -> bytes:
    """An SQLite file with the browser's tables, and nobody's visits."""
    return database(_MADE)
