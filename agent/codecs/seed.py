"""Calls in tags, as UI-TARS 2 and Seed write them: several functions in one `<seed:tool_call>`.

    <seed:tool_call><function=click><parameter=point><point>1 2</point></parameter></function></seed:tool_call>

A value is taken as it stands; in a value on lines of its own, a line break on either side belongs to the tags. Tags
may also name by an attribute, `<function name="click">`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from agent.codecs.worded import Asked

MOST: Final = 64
"""Functions of a reply that are looked at."""
OPENER: Final = "<seed:tool_call>"
CLOSER: Final = "</seed:tool_call>"

_NAMED = r"(?:=|\s+name\s*=)\s*['\"]?([\w.\-]{1,80})['\"]?[^<>]{0,80}>"
_FUNCTION = re.compile(r"<function" + _NAMED)
_PARAMETER = re.compile(r"\s*<parameter" + _NAMED)
_NEXT = r"\s*(?:<parameter[=\s]|</function>|<function[=\s]|</seed:tool_call>"
_VALUE_END = re.compile(rf"</parameter>(?={_NEXT}|\Z))")
_VALUE_LOST = re.compile(_NEXT + ")")
_FUNCTION_END = re.compile(r"\s*</function>")


def functions(said: str, *, last: bool = False) -> tuple[tuple[Asked, ...], str]:
    """The functions that are called, in order, and the words before them; with `last`, those of the last call."""
    start = said.rfind(OPENER) if last else 0
    asked, at = list[Asked](), max(0, start)
    lead = said
    while (function := _FUNCTION.search(said, at)) is not None and len(asked) < MOST:
        if not asked:
            lead = said[: function.start()].rstrip().removesuffix(OPENER)
        given, at, notes, broken = _parameters(said, function.end())
        end = _FUNCTION_END.match(said, at)
        at = end.end() if end else at
        notes = notes if end else (*notes, "a function without its end")
        asked.append(Asked(function[1], given, said[function.start() : at], repaired=notes, broken=broken))
    return tuple(asked), lead.strip()


def _parameters(said: str, at: int) -> tuple[dict[str, object], int, tuple[str, ...], str]:
    """The parameters from here on, where they end, how they were put right, and why they cannot be."""
    given: dict[str, object] = {}
    notes, broken = list[str](), ""
    while (opener := _PARAMETER.match(said, at)) is not None:
        end = _VALUE_END.search(said, opener.end())
        lost = _VALUE_LOST.search(said, opener.end()) if end is None else None
        if end is not None:
            stop, at = end.start(), end.end()
        elif lost is not None:
            stop = at = lost.start()
            notes.append("a parameter without its end")
        else:
            stop = at = len(said)
            broken = f"the parameter {opener[1]} does not end"
        given[opener[1]] = _unlined(said[opener.end() : stop])
    return given, at, tuple(notes), broken


def _unlined(value: str) -> str:
    own_lines = len(value) > 1 and value.startswith("\n") and value.endswith("\n")
    return value[1:-1] if own_lines else value


def in_tags(name: str, given: Mapping[str, str]) -> str:
    """The function written out."""
    values = "".join(f"<parameter={key}>{_lined(value)}</parameter>" for key, value in given.items())
    return f"<function={name}>{values}</function>"


def _lined(value: str) -> str:
    return f"\n{value}\n" if value.startswith("\n") else value


def call(inside: Sequence[str]) -> str:
    """The functions in one call."""
    return f"{OPENER}{''.join(inside)}{CLOSER}"
