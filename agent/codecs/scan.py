"""Finding what a reply asks for in whatever stands around it: thoughts, tags, tokens, half a bracket.

Everything here is for families whose actions are text. A repair is made only where the meaning is certain, and is
noted; a reply that was cut off is never completed. Nothing is ever evaluated.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agent.models.base import Reply

LONGEST: Final = 100_000
"""Characters of a reply that are looked at."""
OPENINGS: Final = 32
"""Brackets of a reply at which an object is looked for."""

_THOUGHT = re.compile(r"<(think|thinking|gui_think|seed:think|think_never_used_\w{1,40})>|◁think▷")
_THOUGHT_END = re.compile(r"</(?:think|thinking|gui_think|seed:think|think_never_used_\w{1,40})>|◁/think▷")
_ACTS = re.compile(r"<(?:seed:)?tool_call|<function=|\bAction:|```|\{")
_TOKEN = r"<\|[a-z0-9_]{1,40}\|>|</s>|<s>|\[EOS\]|<eos>"
_TOKENS = re.compile(_TOKEN)


@dataclass(frozen=True)
class Heard:
    """A reply without its tokens, its thoughts apart. `only_thought`: `said` is what it thought, for it said nothing.

    Of several actions in `only_thought` only the last can be meant.
    """

    said: str
    thought: str
    only_thought: bool = False

    @property
    def repaired(self) -> tuple[str, ...]:
        """What had to be put right so far."""
        return ("read from the reasoning: nothing else was said",) if self.only_thought else ()


def hear(reply: Reply) -> Heard:
    """What was said and what was thought, wherever the server put it. A reply with tool calls may say nothing."""
    said, inline = apart(sane(reply.text)[:LONGEST])
    thought = "\n".join(part for part in (sane(reply.thinking)[:LONGEST].strip(), inline) if part)
    if said or reply.calls or not thought:
        return Heard(said=said, thought=thought)
    return Heard(said=trimmed(thought), thought=thought, only_thought=True)


def apart(text: str) -> tuple[str, str]:
    """What is said and what is thought: `<think>`, `<gui_think>`, `◁think▷`, also without opener or closer.

    A tag behind the beginning of an action is part of the action: text that is to be typed, perhaps.
    """
    said, thoughts, rest = [], [], trimmed(text)
    closer = _THOUGHT_END.search(rest)
    opener = _THOUGHT.search(rest)
    if closer and not (opener and opener.start() < closer.start()) and _thinks(rest, closer):
        thoughts.append(rest[: closer.start()])
        rest = rest[closer.end() :]
    while (opener := _THOUGHT.search(rest)) and not _ACTS.search(rest, 0, opener.start()):
        said.append(rest[: opener.start()])
        closer = _THOUGHT_END.search(rest, opener.end())
        thoughts.append(rest[opener.end() : closer.start() if closer else len(rest)])
        rest = rest[closer.end() :] if closer else ""
    said.append(rest)
    return trimmed("".join(said)), "\n".join(thought.strip() for thought in thoughts if thought.strip())


def _thinks(text: str, closer: re.Match[str]) -> bool:
    """Whether a closer without an opener ends a thought: the opener then stood in the prompt."""
    if not _ACTS.search(text, 0, closer.start()):
        return True
    return not _inside(text, closer.start()) and bool(_ACTS.search(text, closer.end()))


def _inside(text: str, at: int) -> bool:
    """Whether a code block, a function's call or an object has begun before this place and ends behind it."""
    before = text[:at]
    if before.count("```") % 2 or before.count("<function=") > before.count("</function>"):
        return True
    start = before.find("{")
    for _ in range(OPENINGS):
        if start < 0:
            return False
        end = closing(text, start)
        if end is not None and end > at:
            return True
        start = before.find("{", end or start + 1)
    return False


def trimmed(text: str) -> str:
    """Without blanks and special tokens (`<|im_end|>`, `</s>`) at both ends."""
    bare = text.strip()
    while found := _TOKENS.match(bare):
        bare = bare[found.end() :].lstrip()
    while bare and _TOKENS.fullmatch(bare, max(bare.rfind("<"), bare.rfind("["), 0)):
        bare = bare[: max(bare.rfind("<"), bare.rfind("["), 0)].rstrip()
    return bare


def without_tokens(text: str) -> str:
    """Without special tokens anywhere. Not for text that is to be typed."""
    return _TOKENS.sub("", text)


def sane(text: str) -> str:
    """Without what no record can hold: NUL, and halves of surrogate pairs, which become `?`."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def closing(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at `start`, strings stepped over; None where the text ends before."""
    expected: list[str] = []
    quote = before = ""
    at = start
    while at < len(text):
        character = text[at]
        if quote:
            at += character == "\\"
            quote = "" if character == quote else quote
        elif character in _CLOSER:
            expected.append(_CLOSER[character])
        elif character in "}])":
            if expected.pop() != character:
                return None
            if not expected:
                return at + 1
        elif character == '"' or (character == "'" and before in _BEFORE_A_STRING):
            quote = character
        before = before if character.isspace() else character
        at += 1
    return None


_CLOSER: Final = {"{": "}", "[": "]", "(": ")"}
_BEFORE_A_STRING: Final = ("{", "[", "(", ",", ":", "=")


@dataclass(frozen=True)
class Found:
    """An object in a text: what it says, where it stands (`start` to before `end`), and how it was put right."""

    value: Mapping[str, object]
    start: int
    end: int
    repaired: tuple[str, ...] = ()


def objects(text: str) -> Iterator[Found]:
    """Every JSON object of the text that is not inside another, in order.

    An object whose brackets are not all closed is one if nothing but closing brackets can be missing: see `parsed`.
    """
    at = 0
    for _ in range(OPENINGS):
        at = text.find("{", at)
        if at < 0:
            return
        end = closing(text, at)
        found = None if end is None else parsed(text[at:end])
        if found is None and end is None:
            end = len(text)
            found = _closed(text[at:])
        if found is not None and isinstance(found[0], dict):
            end = end or len(text)
            yield Found(value=found[0], start=at, end=end, repaired=found[1])
            at = end
        else:
            at += 1


def parsed(text: str) -> tuple[object, tuple[str, ...]] | None:
    """What the JSON says, and how it was put right; None where even one repair does not make it readable."""
    try:
        return json.loads(text), ()
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(text, strict=False), ("a bare line break in a string",)
    except (ValueError, RecursionError):
        pass
    literal = _literal(text)
    if literal is not None:
        return literal, ("read as a Python literal",)
    try:
        return json.loads(_mended(text), strict=False), ("broken JSON mended",)
    except (ValueError, RecursionError):
        literal = _literal(_mended(text))
        return None if literal is None else (literal, ("broken JSON mended",))


def _literal(text: str) -> object:
    """The Python literal; None for none. Escapes that Python does not know are taken as they stand."""
    try:
        return ast.literal_eval(re.sub(r"\\(?![\\'\"nrtbfxuUN0-7\n])", r"\\\\", text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


_STRING = re.compile(r'("(?:[^"\\]|\\.)*")', re.DOTALL)
_WORDS: Final = {"True": "true", "False": "false", "None": "null"}


def _mended(text: str) -> str:
    """One small repair, outside strings: curly quotes, comments, commas before a bracket, Python's words."""
    pieces = _STRING.split(text)
    for place in range(0, len(pieces), 2):
        piece = pieces[place].translate({0x201C: '"', 0x201D: '"', 0x201E: '"', 0x2018: "'", 0x2019: "'"})
        piece = re.sub(r"//[^\n]*|/\*[^*]*\*/|#[^\n]*", "", piece)
        pieces[place] = re.sub(r"\b(?:True|False|None)\b", lambda word: _WORDS[word[0]], piece)
    joined = _STRING.split("".join(pieces))
    joined[::2] = [re.sub(r",(\s*[}\]])", r"\1", piece) for piece in joined[::2]]
    return "".join(joined)


def _closed(text: str) -> tuple[object, tuple[str, ...]] | None:
    """An object of which only closing brackets are missing: all that was begun in it has been said."""
    body = _cut_at_tag(trimmed(text)).rstrip()
    missing: list[str] = []
    for piece in _STRING.split(body)[::2]:
        for character in piece:
            if character in "{[":
                missing.append(_CLOSER[character])
            elif character in "}]" and (not missing or missing.pop() != character):
                return None
    if not missing or len(missing) > 4 or body[-1:] not in {"}", "]", '"'} or '"' in _STRING.split(body)[-1]:
        return None
    try:
        return json.loads(body + "".join(reversed(missing))), ("a closing bracket added",)
    except (ValueError, RecursionError):
        return None


def _cut_at_tag(text: str) -> str:
    """Up to a closing tag (or an opener in its place) that stands outside of strings."""
    at = 0
    for place, piece in enumerate(_STRING.split(text)):
        tag = re.search(r"<[/a-z]", piece) if place % 2 == 0 else None
        if tag:
            return text[: at + tag.start()]
        at += len(piece)
    return text
