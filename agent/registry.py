"""Names to things: agents, desktops, suites and metrics, built in, installed, or as `module:attribute`.

What a person writes on the command line is a spec: `name`, or `name(key=value, other=nested(key=value))`, with
strings, numbers, true, false, none and further specs as values; a string without blanks, brackets, commas or
quotes needs no quotes. `name:model` is short for `name(model=model)`. A path to a TOML file says the same with
`name = ...` and the rest as keys.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal

from agent.base import PARTS
from envs.errors import BadInput

Kind = Literal["agents", "families", "desktops", "suites", "metrics"]
Thing = Callable[..., Any]
"""Anything that can be called: what it takes and makes is for whoever calls it to know."""


@dataclass(frozen=True)
class Spec:
    """A name and the arguments that go with it, as they were written."""

    name: str
    options: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={_written(value)}" for key, value in self.options.items())
        return f"{self.name}({inside})" if inside else self.name


def _written(value: object) -> str:
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) and _value(value) == value else '"' + value.replace('"', '\\"') + '"'
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


_BARE = re.compile(r"[^\s(),=\"']+")
_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[(),=])|\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s(),=\"']+))"
)


def near(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known name is close, else what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(names)}" if names else ""


def parse(text: str) -> Spec:
    """What was written. Raises BadInput, with the place where it stops making sense."""
    if text.endswith(".toml"):
        return _from_toml(Path(text))
    reader = _Reader(text)
    value = reader.value()
    reader.end()
    return value if isinstance(value, Spec) else Spec(name=text.strip())


def _from_toml(path: Path) -> Spec:
    try:
        read = tomllib.loads(path.read_text())
    except OSError as err:
        raise BadInput(f"cannot read {path}: {err.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} is not TOML: {err}") from None
    made = _nested(read) if isinstance(read.get("name"), str) else None
    if not isinstance(made, Spec):
        raise BadInput(f"{path} must say which it is, by `name = ...`")
    return made


def _nested(value: object) -> object:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return Spec(value["name"], {key: _nested(each) for key, each in value.items() if key != "name"})
    if not isinstance(value, str | int | float):
        raise BadInput(f"an option must be text, a number, true, false, or a table with a name; found {value!r}")
    return value


@dataclass
class _Reader:
    """Reads a spec from left to right."""

    text: str
    at: int = 0

    def value(self) -> object:
        """A spec where a bracket follows, else a plain value."""
        kind, word = self._next()
        if kind in ("quoted", "single"):
            return re.sub(r"\\(.)", r"\1", word) if kind == "quoted" else word
        if kind != "bare":
            raise self._wrong("a name or a value")
        if self._peek() == "(":
            self._next()
            return Spec(word, self._options())
        return _value(word)

    def _options(self) -> dict[str, object]:
        options: dict[str, object] = {}
        while self._peek() != ")":
            kind, key = self._next()
            if kind != "bare" or not key.isidentifier() or self._next()[1] != "=":
                raise self._wrong("key=value")
            if key in options:
                raise BadInput(f"{self.text!r} gives {key!r} twice")
            options[key] = self.value()
            if self._peek() == ",":
                self._next()
            elif self._peek() != ")":
                raise self._wrong("a comma or the closing bracket")
        self._next()
        return options

    def end(self) -> None:
        """Nothing may follow."""
        if self.text[self.at :].strip():
            raise self._wrong("the end")

    def _peek(self) -> str:
        return self.text[self.at :].lstrip()[:1]

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self.text, self.at)
        if found is None or found.lastgroup is None:
            raise self._wrong("more")
        self.at = found.end()
        return found.lastgroup, found[found.lastgroup]

    def _wrong(self, wanted: str) -> BadInput:
        return BadInput(f"cannot read {self.text!r}: expected {wanted} after {self.text[: self.at]!r}")


def _value(word: str) -> object:
    words = {"true": True, "false": False, "none": None}
    if word.lower() in words:
        return words[word.lower()]
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            continue
    return word


def names(kind: Kind) -> dict[str, EntryPoint]:
    """What is installed under `handeye.<kind>`, by name."""
    return {point.name: point for point in sorted(entry_points(group=f"handeye.{kind}"))}


_ONE: Mapping[Kind, str] = {
    "agents": "agent",
    "families": "family",
    "desktops": "desktop",
    "suites": "suite",
    "metrics": "metric",
}


def load(kind: Kind, name: str) -> Thing:
    """The thing of that name. Raises BadInput, with the near name, where there is none or it cannot be imported."""
    known = names(kind)
    if name in known:
        return _resolve(f"{_ONE[kind]} {name!r}", known[name].value)
    if ":" in name:
        return _resolve(f"{_ONE[kind]} {name!r}", name)
    raise BadInput(f"no {_ONE[kind]} named {name!r}{near(name, known)}")


def _resolve(what: str, path: str) -> Thing:
    module_name, _, attribute = path.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:  # the console script's own path lacks the folder it is called from
        sys.path.append(here)
    try:
        thing = importlib.import_module(module_name)
        for part in attribute.split("."):
            thing = getattr(thing, part)
    except ModuleNotFoundError as err:
        raise BadInput(f"{what}: there is no module {err.name!r}") from err
    except AttributeError as err:
        raise BadInput(f"{what}: {module_name} has no {attribute!r}{near(attribute, dir(thing))}") from err
    except Exception as err:
        raise BadInput(f"{what} cannot be imported: {module_name} raised {err!r}") from err
    if not callable(thing):
        raise BadInput(f"{what} is {thing!r}, which cannot be called")
    return thing


def options_of(thing: Thing) -> dict[str, inspect.Parameter]:
    """What it can be given by name."""
    try:
        parameters = inspect.signature(thing).parameters
    except ValueError:
        return {}
    return {
        name: each
        for name, each in parameters.items()
        if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)
    }


def accept(spec: Spec, thing: Thing, *, given: tuple[str, ...] = ()) -> None:
    """See that the thing takes the spec's options. `given` are parameters that do not come from the spec.

    Raises BadInput for an option that it has not, or one that it must have.
    """
    known = {name: each for name, each in options_of(thing).items() if name not in given}
    any_name = any(each.kind is each.VAR_KEYWORD for each in inspect.signature(thing).parameters.values())
    for key in spec.options:
        if key not in known and not any_name:
            raise BadInput(f"{spec.name} has no option {key!r}{near(key, known)}")
    for name, each in known.items():
        if each.default is each.empty and name not in spec.options:
            raise BadInput(f"{spec.name} needs {name}: write {spec.name}({name}=...)")


def full(kind: Kind, spec: Spec) -> Spec:
    """The spec with what was written short in full: `claude:opus` is `claude(model=opus)` where `claude` is known."""
    head, colon, model = spec.name.partition(":")
    if not colon or spec.name in names(kind) or head not in names(kind):
        return spec
    if "model" in spec.options:
        raise BadInput(f"{spec} names its model twice; leave one out")
    return Spec(head, {"model": model, **spec.options})


def make(kind: Kind, spec: Spec) -> Any:
    """Call the thing with the spec's options, specs among them made first. Raises as `load` and `accept` do."""
    spec = full(kind, spec)
    thing = load(kind, spec.name)
    accept(spec, thing)
    return thing(**arguments(kind, spec, thing))


def arguments(kind: Kind, spec: Spec, thing: Thing) -> dict[str, object]:
    """The spec's options, specs among them made. What the thing `takes` is a spec even if only its name is given."""
    parts: Mapping[str, Kind] = getattr(thing, PARTS, {})
    made: dict[str, object] = {}
    for key, value in spec.options.items():
        each = parse(value) if key in parts and isinstance(value, str) else value
        made[key] = make(parts.get(key, kind), each) if isinstance(each, Spec) else each
    return made
