"""The names of keys: what an agent may call a key, and the X11 keysym that it means.

Agents come from different schools: X11 and xdotool (`Return`, `Control_L`, `Page_Up`), pyautogui (`enter`,
`ctrlleft`, `pgup`), browsers (`ArrowUp`, `Meta`) and habit (`cmd`, `esc`, `plus`). All of these are known here,
whatever their case; a single character names itself, and keeps its case. Keysyms: X.Org's keysymdef.h and
XF86keysym.h; a character without one of its own is 0x01000000 plus its code point.
"""

from __future__ import annotations

import difflib
from typing import Final

from envs.errors import Refused
from envs.types import Closed


class Key(Closed):
    """A key by its canonical name, and the keysym it gives without modifiers."""

    name: str
    keysym: int


_NAMED: Final[dict[str, tuple[int, str]]] = {
    "ctrl": (0xFFE3, "control control_l ctrl_l ctrlleft controlleft lctrl left_ctrl"),
    "ctrl_r": (0xFFE4, "control_r ctrlright controlright rctrl right_ctrl"),
    "shift": (0xFFE1, "shift_l shiftleft lshift left_shift"),
    "shift_r": (0xFFE2, "shiftright rshift right_shift"),
    "alt": (0xFFE9, "alt_l altleft lalt left_alt option optionleft opt"),
    "alt_r": (0xFFEA, "altright ralt right_alt optionright"),
    "altgr": (0xFE03, "alt_gr iso_level3_shift"),
    "super": (0xFFEB, "super_l superleft win winleft win_l windows cmd command cmd_l meta_key os lwin left_super"),
    "super_r": (0xFFEC, "superright winright win_r rwin cmd_r right_super"),
    "meta": (0xFFE7, "meta_l metaleft"),
    "meta_r": (0xFFE8, "metaright"),
    "hyper": (0xFFED, "hyper_l"),
    "hyper_r": (0xFFEE, ""),
    "capslock": (0xFFE5, "caps_lock caps"),
    "numlock": (0xFF7F, "num_lock num"),
    "scrolllock": (0xFF14, "scroll_lock"),
    "enter": (0xFF0D, "return ret newline"),
    "tab": (0xFF09, ""),
    "backtab": (0xFE20, "iso_left_tab"),
    "backspace": (0xFF08, "back_space bksp bs back"),
    "delete": (0xFFFF, "del forwarddelete"),
    "insert": (0xFF63, "ins"),
    "escape": (0xFF1B, "esc"),
    "space": (0x20, "spacebar space_bar"),
    "home": (0xFF50, ""),
    "end": (0xFF57, ""),
    "pageup": (0xFF55, "page_up pgup prior"),
    "pagedown": (0xFF56, "page_down pgdn pgdown next"),
    "left": (0xFF51, "arrowleft left_arrow leftarrow arrow_left"),
    "up": (0xFF52, "arrowup up_arrow uparrow arrow_up"),
    "right": (0xFF53, "arrowright right_arrow rightarrow arrow_right"),
    "down": (0xFF54, "arrowdown down_arrow downarrow arrow_down"),
    "printscreen": (0xFF61, "print print_screen prtsc prtscr prntscrn sysrq"),
    "pause": (0xFF13, ""),
    "break": (0xFF6B, ""),
    "menu": (0xFF67, "apps contextmenu context_menu"),
    "help": (0xFF6A, ""),
    "undo": (0xFF65, ""),
    "redo": (0xFF66, ""),
    "find": (0xFF68, ""),
    "cancel": (0xFF69, ""),
    "select": (0xFF60, ""),
    "clear": (0xFF0B, ""),
    "execute": (0xFF62, ""),
    "kp_enter": (0xFF8D, "numpadenter numenter"),
    "kp_add": (0xFFAB, "kp_plus numpadadd"),
    "kp_subtract": (0xFFAD, "kp_minus numpadsubtract"),
    "kp_multiply": (0xFFAA, "numpadmultiply multiply"),
    "kp_divide": (0xFFAF, "numpaddivide divide"),
    "kp_decimal": (0xFFAE, "numpaddecimal decimal"),
    "kp_separator": (0xFFAC, "separator"),
    "kp_equal": (0xFFBD, "numpadequal"),
    "kp_space": (0xFF80, ""),
    "kp_tab": (0xFF89, ""),
    "kp_home": (0xFF95, ""),
    "kp_left": (0xFF96, ""),
    "kp_up": (0xFF97, ""),
    "kp_right": (0xFF98, ""),
    "kp_down": (0xFF99, ""),
    "kp_pageup": (0xFF9A, "kp_prior kp_page_up"),
    "kp_pagedown": (0xFF9B, "kp_next kp_page_down"),
    "kp_end": (0xFF9C, ""),
    "kp_begin": (0xFF9D, ""),
    "kp_insert": (0xFF9E, ""),
    "kp_delete": (0xFF9F, ""),
    "volumeup": (0x1008FF13, "volume_up audiovolumeup xf86audioraisevolume"),
    "volumedown": (0x1008FF11, "volume_down audiovolumedown xf86audiolowervolume"),
    "volumemute": (0x1008FF12, "volume_mute mute audiovolumemute xf86audiomute"),
    "playpause": (0x1008FF14, "play_pause mediaplaypause xf86audioplay"),
    "stop": (0x1008FF15, "mediastop xf86audiostop"),
    "prevtrack": (0x1008FF16, "mediatrackprevious xf86audioprev"),
    "nexttrack": (0x1008FF17, "mediatracknext xf86audionext"),
    "browserback": (0x1008FF26, "browser_back xf86back"),
    "browserforward": (0x1008FF27, "browser_forward xf86forward"),
    "browserrefresh": (0x1008FF29, "browser_refresh xf86reload"),
    "browserstop": (0x1008FF28, "browser_stop xf86stop"),
    "browsersearch": (0x1008FF1B, "browser_search xf86search"),
    "browserhome": (0x1008FF18, "browser_home xf86homepage"),
    "browserfavorites": (0x1008FF30, "browser_favorites xf86favorites"),
    "launchmail": (0x1008FF19, "launch_mail xf86mail"),
    "calculator": (0x1008FF1D, "launchapp2 xf86calculator"),
    "sleep": (0x1008FF2F, "xf86sleep"),
}
"""Canonical name: its keysym, and its other names."""

_SPELLED: Final[dict[str, str]] = {
    "plus": "+",
    "minus": "-",
    "hyphen": "-",
    "dash": "-",
    "equal": "=",
    "equals": "=",
    "comma": ",",
    "period": ".",
    "dot": ".",
    "slash": "/",
    "forwardslash": "/",
    "backslash": "\\",
    "semicolon": ";",
    "colon": ":",
    "apostrophe": "'",
    "quote": "'",
    "quoteright": "'",
    "singlequote": "'",
    "quotedbl": '"',
    "doublequote": '"',
    "grave": "`",
    "quoteleft": "`",
    "backtick": "`",
    "backquote": "`",
    "asciitilde": "~",
    "tilde": "~",
    "bracketleft": "[",
    "bracketright": "]",
    "braceleft": "{",
    "braceright": "}",
    "parenleft": "(",
    "parenright": ")",
    "less": "<",
    "greater": ">",
    "bar": "|",
    "pipe": "|",
    "exclam": "!",
    "at": "@",
    "numbersign": "#",
    "hash": "#",
    "dollar": "$",
    "percent": "%",
    "asciicircum": "^",
    "caret": "^",
    "ampersand": "&",
    "asterisk": "*",
    "star": "*",
    "underscore": "_",
    "question": "?",
}
"""Names of characters."""


def _table() -> dict[str, Key]:
    named = dict(_NAMED)
    named |= {f"f{number}": (0xFFBD + number, f"function{number}") for number in range(1, 25)}
    named |= {f"kp_{digit}": (0xFFB0 + digit, f"num{digit} numpad{digit}") for digit in range(10)}
    table = {}
    for name, (keysym, others) in named.items():
        for spelling in (name, *others.split()):
            table[spelling] = Key(name=name, keysym=keysym)
    for spelling, character in _SPELLED.items():
        table[spelling] = Key(name=character, keysym=keysym_of(character))
    return table


def keysym_of(character: str) -> int:
    """The keysym of one printable character, or of newline and tab."""
    if character in "\n\r":
        return 0xFF0D
    if character == "\t":
        return 0xFF09
    code = ord(character)
    return code if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF else 0x01000000 | code


_TABLE: Final = _table()
_CONTROLS: Final = {"\n": 0xFF0D, "\t": 0xFF09, "\b": 0xFF08, "\x1b": 0xFF1B, "\x7f": 0xFFFF}


def of_text(text: str) -> list[int]:
    """The keysyms to press for it, one a character; a line's end is Enter, a tab Tab.

    Raises Refused for a character that no key gives: a control character or half a surrogate pair.
    """
    wanted = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        code = ord(character)
        if character in _CONTROLS:
            wanted.append(_CONTROLS[character])
        elif code < 0x20 or 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000:
            raise Refused(f"the control character U+{code:04X} cannot be typed")
        else:
            wanted.append(keysym_of(character))
    return wanted


def names() -> tuple[str, ...]:
    """Every canonical name that is not a single character, sorted."""
    return tuple(sorted({key.name for key in _TABLE.values() if len(key.name) > 1}))


def spellings() -> tuple[str, ...]:
    """Every name that is understood, sorted; besides these, any single character."""
    return tuple(sorted(_TABLE))


def find(name: str) -> Key:
    """The key of that name. Raises Refused, with the near name if there is one."""
    if len(name) == 1 and (name.isprintable() or name in "\n\r\t"):
        return _TABLE["enter"] if name in "\n\r" else _TABLE["tab"] if name == "\t" else _single(name)
    known = _TABLE.get(name.strip().lower())
    if known is not None:
        return known
    near = difflib.get_close_matches(name.strip().lower(), _TABLE, n=1)
    raise Refused(f"no key named {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def _single(character: str) -> Key:
    return Key(name="space" if character == " " else character, keysym=keysym_of(character))
