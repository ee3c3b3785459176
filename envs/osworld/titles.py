"""Which window OSWorld's tasks mean: by `wmctrl`'s rules, and by the names that programs have where those run.

LibreOffice here writes a long dash in its titles, Chromium stands for Google Chrome, and both its and Thunderbird's
window classes carry the profile's name.
"""

from __future__ import annotations

import re
from typing import Final

from envs.types import Closed

DASHES: Final = str.maketrans("–—‒−", "----")
LINE: Final = r"^(0x[0-9a-f]+) +-?\d+ +-?\d+ +-?\d+ +(\d+) +(\d+) +(\S.*?) +(?:{host}|N/A) ?(.*)$"
"""A line of `wmctrl -lGx`: window, desktop, x, y, width, height, class, host, title. A class may have blanks."""


class Listed(Closed):
    """A window as `wmctrl` lists it: `klass` is `instance.Class`, and the size is that of its client area."""

    id: str
    klass: str
    title: str
    width: int
    height: int


def listed(text: str, host: str = "desktop") -> tuple[Listed, ...]:
    """The windows in what `wmctrl -lGx` prints on a machine of that name."""
    return tuple(
        Listed(id=found[1], klass=found[4], title=found[5], width=int(found[2]), height=int(found[3]))
        for found in re.finditer(LINE.format(host=re.escape(host)), text, re.MULTILINE)
    )


def meant(windows: tuple[Listed, ...], name: str, *, strict: bool, by_class: bool) -> Listed | None:
    """The first window of that name. Strict: the whole name, and case counts; else a part of it."""
    for window in windows:
        names = (window.klass, _profiled(window.klass)) if by_class else _titles(window.title)
        wanted = name.translate(DASHES)
        if any(wanted == one if strict else wanted.casefold() in one.casefold() for one in names):
            return window
    return None


def classed(windows: tuple[Listed, ...], name: str) -> Listed | None:
    """The first window one of whose two class names that is, whatever its case."""
    for window in windows:
        if name.casefold() in (part.casefold() for part in _parts(window.klass)):
            return window
    return None


def _titles(title: str) -> tuple[str, ...]:
    folded = title.translate(DASHES)
    return folded, re.sub(r"\bChromium$", "Google Chrome", folded)


def _profiled(klass: str) -> str:
    """Without the profile's name, as in `Mail.thunderbird-default`, or its folder, as Chromium has it."""
    return re.sub(r"(\.thunderbird)-[\w-]+$", r"\1", re.sub(r" \(/.*\)(?=\.)", "", klass))


def _parts(klass: str) -> tuple[str, ...]:
    """`org.gnome.Nautilus.org.gnome.Nautilus` is two names as well: whatever stands before or after a dot."""
    cuts = [place for place, letter in enumerate(klass) if letter == "."]
    return tuple({klass, *(klass[:place] for place in cuts), *(klass[place + 1 :] for place in cuts)})
