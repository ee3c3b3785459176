"""Calls written out in words, `name(key='value', other=(1, 2))`, as UI-TARS and GLM write them.

Models forget to escape: a value in quotes then ends at the last quote that can be its end (before the next known key
or the last bracket), so that `type(content='it's (done)')` types what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agent.codecs.scan import closing, trimmed

MOST: Final = 64
"""Names of a reply at which a call is looked for."""

_ESCAPE = re.compile(r"\\([nt'\"\\])")
_MEANS = {"n": "\n", "t": "\t"}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_KEY = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*")


@dataclass(frozen=True)
class Term:
    """One call: its name, what stands before any key, the values by key, unescaped; `raw` is all of it."""

    name: str
    given: tuple[str, ...]
    named: Mapping[str, str]
    raw: str
    start: int
    end: int
    repaired: tuple[str, ...] = ()


def unescaped(text: str) -> str:
    r"""`\n`, `\t`, `\'`, `\"` and `\\` as what they mean; any other backslash stays."""
    return _ESCAPE.sub(lambda found: _MEANS.get(found[1], found[1]), text)


def escaped(text: str) -> str:
    """As it stands between single quotes: what `unescaped` undoes."""
    backslashed = text.replace("\\", "\\\\").replace("'", "\\'")
    return backslashed.replace("\n", "\\n").replace("\t", "\\t")


def terms(text: str, names: Collection[str], keys: Collection[str]) -> Iterator[Term]:
    """The calls of these names in the text, in order. `keys` are what a value may be given by."""
    name = re.compile(rf"(?<![\w.])({'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})\s*\(")
    at = 0
    for _ in range(MOST):
        found = name.search(text, at)
        if found is None:
            return
        term = _strict(text, found) or _loose(text, found, name, keys)
        if term is None:
            at = found.end()
            continue
        yield term
        at = term.end


def _strict(text: str, found: re.Match[str]) -> Term | None:
    """A call of which every quote is escaped as it should be, with nothing but a line's end behind it."""
    given: list[str] = []
    named: dict[str, str] = {}
    at = _blank(text, found.end())
    while text[at : at + 1] != ")":
        key = _KEY.match(text, at)
        value = _value(text, key.end() if key else at)
        if value is None:
            return None
        words, at = value
        if key:
            named[key[1]] = words
        else:
            given.append(words)
        at = _blank(text, at)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)
        elif text[at : at + 1] != ")":
            return None
    rest = text[at + 1 :].split("\n", 1)[0]
    if re.search(r"['\"]\s*\)", rest) and not re.match(r"\s*[;,]?\s*[a-z_]+\(", rest):
        return None
    return Term(found[1], tuple(given), named, text[found.start() : at + 1], found.start(), at + 1)


def _blank(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _value(text: str, at: int) -> tuple[str, int] | None:
    """The value that begins here, and where it ends: quoted, in brackets, or a plain word."""
    quoted = _QUOTED.match(text, at)
    if quoted:
        return unescaped(quoted[1] if quoted[1] is not None else quoted[2]), quoted.end()
    if text[at : at + 1] in {"[", "(", "{"}:
        end = closing(text, at)
        return None if end is None else (text[at:end], end)
    plain = re.compile(r"[^'\",()\[\]\n]+").match(text, at)
    return (plain[0].strip(), plain.end()) if plain else None


def _loose(text: str, found: re.Match[str], name: re.Pattern[str], keys: Collection[str]) -> Term | None:
    """A call with quotes that are not escaped: it ends at its last bracket, before the next call on a line."""
    following = re.compile(r"\n[ \t]*" + name.pattern).search(text, found.end())
    chunk = trimmed(text[found.start() : following.start() if following else len(text)])
    last = chunk.rfind(")")
    if last < 0:
        return None
    inside = chunk[found.end() - found.start() : last]
    marks = list(re.finditer(rf"(?:^|,)\s*({'|'.join(map(re.escape, keys))})\s*=\s*", inside))
    marks = [mark for mark in marks if mark.start() == 0 or _ends(inside[: mark.start()])]
    ends = [*(mark.start() for mark in marks[1:]), len(inside)][: len(marks)]
    named = {mark[1]: _unquoted(inside[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)}
    given = () if marks or not inside.strip() else (_unquoted(inside),)
    if not named and not given and inside.strip():
        return None
    end = found.start() + last + 1
    return Term(found[1], given, named, text[found.start() : end], found.start(), end, ("quotes not escaped",))


def _ends(text: str) -> bool:
    return text.rstrip()[-1:] in {"'", '"', ")", "]", ">"}


def _unquoted(text: str) -> str:
    bare = text.strip().rstrip(",").strip()
    if bare[:1] in {"'", '"'}:
        last = bare.rfind(bare[0])
        bare = bare[1:last] if last > 0 else bare[1:]
    return unescaped(bare)
