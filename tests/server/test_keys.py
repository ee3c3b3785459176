"""The names of keys, and the keysyms of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs import keys
from envs.errors import Refused


@pytest.mark.parametrize(
    ("name", "canonical", "keysym"),
    [
        ("Return", "enter", 0xFF0D),
        ("enter", "enter", 0xFF0D),
        ("Control_L", "ctrl", 0xFFE3),
        ("CTRL", "ctrl", 0xFFE3),
        ("cmd", "super", 0xFFEB),
        ("Page_Up", "pageup", 0xFF55),
        ("pgdn", "pagedown", 0xFF56),
        ("ArrowLeft", "left", 0xFF51),
        ("esc", "escape", 0xFF1B),
        ("F1", "f1", 0xFFBE),
        ("f24", "f24", 0xFFD5),
        ("KP_0", "kp_0", 0xFFB0),
        ("num9", "kp_9", 0xFFB9),
        ("plus", "+", 0x2B),
        ("minus", "-", 0x2D),
        ("space", "space", 0x20),
        (" ", "space", 0x20),
        ("a", "a", 0x61),
        ("A", "A", 0x41),
        ("é", "é", 0xE9),
        ("ж", "ж", 0x01000436),
        ("😀", "😀", 0x0101F600),
        ("\n", "enter", 0xFF0D),
    ],
)
def test_a_key_goes_by_the_names_of_every_school(name: str, canonical: str, keysym: int) -> None:
    found = keys.find(name)
    assert (found.name, found.keysym) == (canonical, keysym)


@pytest.mark.parametrize(
    ("name", "near"), [("entr", "enter"), ("contrl", "control"), ("PageUpp", "pageup"), ("escap", "escape")]
)
def test_an_unknown_key_is_refused_with_the_near_name(name: str, near: str) -> None:
    with pytest.raises(Refused, match=f"no key named '{name}'; did you mean '{near}'"):
        keys.find(name)


@pytest.mark.parametrize("name", ["", "qqqqqq", "ctrl+c", "\x07"])
def test_what_is_near_to_nothing_is_refused_all_the_same(name: str) -> None:
    with pytest.raises(Refused, match="no key named"):
        keys.find(name)


def test_every_spelling_is_found() -> None:
    assert {keys.find(spelling).keysym for spelling in keys.spellings()} > {0xFF0D, 0xFFE3}


def test_every_canonical_name_names_itself() -> None:
    assert all(keys.find(name).name == name for name in keys.names())


def test_no_two_keys_share_a_keysym() -> None:
    canonical = [keys.find(name) for name in keys.names()]
    assert len({key.keysym for key in canonical}) == len(canonical)


def test_text_is_one_key_a_character() -> None:
    assert keys.of_text("aé\n\t<") == [0x61, 0xE9, 0xFF0D, 0xFF09, 0x3C]


def test_line_ends_of_any_system_are_one_enter() -> None:
    assert keys.of_text("a\r\nb\rc") == [0x61, 0xFF0D, 0x62, 0xFF0D, 0x63]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x85", "\ud800"])
def test_a_control_character_is_refused(character: str) -> None:
    with pytest.raises(Refused, match=r"U\+"):
        keys.of_text(f"good{character}")


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_any_printable_text_has_keysyms_of_its_own(text: str) -> None:
    wanted = keys.of_text(text)
    assert len(wanted) == len(text)
    assert len(set(wanted)) == len(set(text))
