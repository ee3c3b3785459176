"""Code that a model wrote, as a list of calls: parsed with `ast` and never run.

What may be in it: calls by name with literal arguments, one after the other, and imports of what those names belong
to. Everything else (loops, assignments, other names, expressions) is refused as a whole, before anything is done.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

Value: TypeAlias = "str | int | float | bool | tuple[Value, ...] | None"
"""A literal; lists are tuples."""

LONGEST: Final = 40_000
"""Characters of code that are looked at. Twice what may be typed at once; the parser takes milliseconds for it."""
MOST: Final = 20
"""Statements of one reply that are carried out."""


class NotCode(ValueError):  # noqa: N818 - what is wrong, in words for the model
    """The reply holds no code that may be carried out. The message is for the model."""


@dataclass(frozen=True)
class Said:
    """One call: `name` as written (`pyautogui.click`), its arguments by place and by name, and its source."""

    name: str
    args: tuple[Value, ...]
    named: Mapping[str, Value]
    raw: str


@dataclass(frozen=True)
class Block:
    """The source of a code block, and what had to be put right to find it."""

    source: str
    repaired: tuple[str, ...] = ()


def last_block(text: str, *, starts: tuple[str, ...]) -> Block:
    """The last fenced block. Without any, what follows the last `Code:`, if it begins as code begins (`starts`).

    Raises NotCode when there is none.
    """
    fences = list(_FENCE.finditer(text))
    if fences:
        closed = len(fences) % 2 == 0
        opening = fences[-2 if closed else -1]
        return _fenced(text[opening.end() : fences[-1].start() if closed else None], closed)
    loose = _LOOSE.split(text)[-1].strip()
    if loose.startswith(starts):
        return Block(loose, ("code without a code block",))
    raise NotCode("no code block: put the code between ```python and ```")


_FENCE: Final = re.compile(r"(?m)^[ \t]*```|```[ \t]*$")
_LOOSE: Final = re.compile(r"(?mi)^[#* \t]*\bcode\b[*: \t]*")


def _fenced(inside: str, closed: bool) -> Block:
    first, line, rest = inside.partition("\n")
    if line and rest.strip() and re.fullmatch(r"[A-Za-z0-9_+-]*", first.strip()):
        inside = rest
    else:
        inside = re.sub(r"^(?:python3?|py|code)\b", "", inside)
    if not inside.strip():
        raise NotCode("the code block is empty")
    return Block(inside.strip("\n"), () if closed else ("the code block is not closed",))


def calls(source: str, allowed: frozenset[str], modules: frozenset[str]) -> tuple[tuple[Said, ...], tuple[str, ...]]:
    """The calls in order, and what had to be put right. `allowed` are whole names; `modules` may be imported.

    Raises NotCode for the first thing that is not allowed, and then nothing of it is to be carried out.
    """
    tree, repaired = _parsed(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) not in allowed:
            raise NotCode(f"call not allowed: {_name(node.func) or 'something that is no name'}")
    said = [_call(each, source, allowed) for each in tree.body if not _imports(each, modules)]
    if not said:
        raise NotCode("the code calls nothing")
    if len(said) > MOST:
        repaired += (f"{len(said)} calls: the first {MOST} are kept",)
    return tuple(said[:MOST]), repaired


_PARSING = threading.Lock()  # catch_warnings changes the whole process


def _parse(source: str) -> ast.Module | SyntaxError:
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of '\d' and its like, which Python takes as it stands
            return ast.parse(source)
    except SyntaxError as err:
        return err
    except ValueError as err:  # NUL, or half a surrogate pair
        raise NotCode(f"this is no Python: {err}") from None
    except (RecursionError, MemoryError):
        raise NotCode("the code is nested too deeply") from None


def _parsed(source: str) -> tuple[ast.Module, tuple[str, ...]]:
    if len(source) > LONGEST:
        raise NotCode(f"the code is too long: {len(source)} characters, at most {LONGEST}")
    tree = _parse(source)
    if isinstance(tree, ast.Module):
        return tree, ()
    mended = _requoted(source)
    second = _parse(mended) if mended is not None else tree
    if isinstance(second, ast.Module):
        return second, ("quotes or line ends in the text were not escaped",)
    raise NotCode(f"this is no Python: {tree.msg}, line {tree.lineno}")


_WRITES: Final = re.compile(
    r"(?m)^[ \t]*pyautogui\.(?:write|typewrite)\([ \t]*(?:(?:message|text)[ \t]*=[ \t]*)?(['\"])"
)
_STATEMENT: Final = re.compile(r"(?m)^[ \t]*(?:pyautogui|computer|time|import)\b")


def _requoted(source: str) -> str | None:
    """The source with the texts of its `write` calls quoted anew; None where a text's end is not certain.

    It is certain where the statement ends with the quote and the bracket, and the quote stands nowhere before
    with a bracket, a comma or a semicolon behind it.
    """
    out, done = [], 0
    for opening in _WRITES.finditer(source):
        if opening.start() < done:
            continue
        following = _STATEMENT.search(source, opening.end())
        statement = source[opening.end() : following.start() if following else len(source)]
        quote = opening[1]
        closing = re.search(
            quote + r"[ \t]*(?:,[ \t]*interval[ \t]*=[ \t]*[\d.]+[ \t]*)?\)[ \t]*(?:#[^\n]*)?$", statement.rstrip()
        )
        if closing is None or re.search(quote + r"[ \t]*[),;]", statement[: closing.start()]):
            return None
        text = re.sub(r"\\.|\n|" + quote, _escaped, statement[: closing.start()], flags=re.DOTALL)
        out.append(source[done : opening.end()] + text + statement[closing.start() :])
        done = opening.end() + len(statement)
    return "".join(out) + source[done:] if out else None


def _escaped(found: re.Match[str]) -> str:
    return {"\n": "\\n", "'": "\\'", '"': '\\"'}.get(found[0], found[0])


def _imports(statement: ast.stmt, modules: frozenset[str]) -> bool:
    """Whether the statement only says where the allowed names come from. Raises NotCode for another import."""
    if isinstance(statement, ast.ImportFrom):
        raise NotCode(f"import not allowed: from {statement.module}")
    if not isinstance(statement, ast.Import):
        return False
    for each in statement.names:
        if each.name not in modules or each.asname not in (None, each.name):
            raise NotCode(f"import not allowed: {each.name}")
    return True


def _call(statement: ast.stmt, source: str, allowed: frozenset[str]) -> Said:
    inner = statement.value if isinstance(statement, ast.Expr) else None
    raw = ast.get_source_segment(source, statement) or ""
    if isinstance(inner, ast.Name) and inner.id in allowed:
        return Said(name=inner.id, args=(), named={}, raw=raw)
    if not isinstance(inner, ast.Call):
        raise NotCode(f"only calls are allowed; found {type(inner or statement).__name__} in line {statement.lineno}")
    named: dict[str, Value] = {}
    for each in inner.keywords:
        if each.arg is None:
            raise NotCode("only plain arguments are allowed; found **")
        if each.arg != "tween":  # how the pointer is eased: a function of pyautogui, and nothing we follow
            named[each.arg] = _value(each.value)
    return Said(name=_name(inner.func), args=tuple(_value(each) for each in inner.args), named=named, raw=raw)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


_BUTTONS: Final = ("LEFT", "MIDDLE", "RIGHT", "PRIMARY", "SECONDARY")


def _value(node: ast.expr, depth: int = 0) -> Value:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    if isinstance(node, ast.List | ast.Tuple) and depth < 2:
        return tuple(_value(each, depth + 1) for each in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        inner = node.operand.value
        if isinstance(inner, int | float) and isinstance(node.op, ast.USub | ast.UAdd):
            return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Attribute) and _name(node) in {f"pyautogui.{each}" for each in _BUTTONS}:
        return node.attr.lower()
    if isinstance(node, ast.JoinedStr):
        raise NotCode("f-strings are not allowed: write the text itself")
    raise NotCode(f"only plain values are allowed as arguments; found {type(node).__name__}")
