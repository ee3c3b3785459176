"""One of OSWorld's tasks, read from its file: typed where it is understood, and the file itself kept as it is.

Its evaluator's getters and options stay as they are written, since OSWorld's own functions read them. Those change
what they are given, so `Example.as_written` makes a fresh copy each time.
"""

from __future__ import annotations

import difflib
import hashlib
from functools import cached_property
from typing import Any, Literal

import msgspec

from envs.errors import BadInput
from envs.types import Closed
from tasks.osworld import steps
from tasks.osworld.names import GETTERS, METRICS
from tasks.osworld.steps import Step

Conj = Literal["and", "or"]


class Getter(Closed):
    """Where a value comes from: the `get_TYPE` that is called, and what it is called with, as it is written."""

    type: str
    params: dict[str, Any]  # each getter's own


class Check(Closed):
    """A metric, what it judges and what it compares with; without `expected` it is called with the result alone."""

    metric: str
    result: Getter | None = None
    expected: Getter | None = None
    options: dict[str, Any] = msgspec.field(default_factory=dict)  # each metric's own


class Evaluator(Closed):
    """How it is judged: after `postconfig`, the checks in their order, joined by `conj`."""

    checks: tuple[Check, ...]
    conj: Conj = "and"
    postconfig: tuple[Step, ...] = ()

    @property
    def infeasible(self) -> bool:
        """Whether the task is won by saying that it cannot be done, and by nothing else."""
        return len(self.checks) == 1 and self.checks[0].metric == "infeasible"

    @property
    def getters(self) -> tuple[Getter, ...]:
        """All that are called, results first."""
        both = (*(check.result for check in self.checks), *(check.expected for check in self.checks))
        return tuple(getter for getter in both if getter is not None)


class Example(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A task. `domain` is its folder's name. `others` are keys that OSWorld does not read, kept for the reader."""

    id: str
    domain: str
    instruction: str
    evaluator: Evaluator
    config: tuple[Step, ...] = ()
    snapshot: str = ""
    source: tuple[str, ...] = ()
    related_apps: tuple[str, ...] = ()
    proxy: bool = False
    others: dict[str, Any] = {}  # nobody's
    written: bytes = b""

    def as_written(self) -> dict[str, Any]:
        """The file's content, a new copy: as OSWorld's own code wants it, which changes what it is given."""
        made: dict[str, Any] = msgspec.json.decode(self.written)
        return made

    @cached_property
    def digest(self) -> str:
        """Of its content, whatever the order of keys and the blanks: a changed task has another."""
        return hashlib.sha256(msgspec.json.encode(self.as_written(), order="sorted")).hexdigest()

    @property
    def unknown(self) -> tuple[str, ...]:
        """The steps, metrics and getters that OSWorld does not have, each with its kind. It would raise on them."""
        strange = [
            *(f"step {s.type!r}" for s in (*self.config, *self.evaluator.postconfig) if isinstance(s, steps.Unknown)),
            *(f"metric {c.metric!r}" for c in self.evaluator.checks if c.metric not in METRICS),
            *(f"getter {g.type!r}" for g in self.evaluator.getters if g.type not in GETTERS),
        ]
        return tuple(dict.fromkeys(strange))


class _File(msgspec.Struct, kw_only=True):
    """The keys of a task's file that are known; the rest is looked at apart."""

    id: str
    instruction: str
    evaluator: dict[str, Any]  # read key by key
    config: list[steps.Written] = []
    snapshot: str = ""
    source: str | list[str] = ""
    related_apps: list[str] = []
    proxy: bool = False
    trajectory: str = ""
    fixed_ip: bool = False
    possibility_of_env_change: str = ""


_KEYS = frozenset(_File.__struct_fields__)
_EVALUATOR = frozenset(("func", "result", "expected", "options", "conj", "postconfig"))


def parse(written: bytes, domain: str, where: str) -> Example:
    """The task that a file holds. Raises BadInput with one line: what was wanted, what was found, what to do."""
    try:
        raw: dict[str, Any] = msgspec.json.decode(written, type=dict[str, Any])
        file = msgspec.convert(raw, _File)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise BadInput(f"{where}: wanted a task of OSWorld's, found: {err}; mend the file") from err
    others = {key: value for key, value in raw.items() if key not in _KEYS}
    for key in others:
        # A misspelt `config` would leave the setup out without a word, and the score would be another task's.
        if close := difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.8):
            raise BadInput(f"{where}: wanted OSWorld's keys, found {key!r}; if {close[0]!r} is meant, write that")
    return Example(
        id=file.id, domain=domain, instruction=file.instruction, snapshot=file.snapshot,
        source=(file.source,) if isinstance(file.source, str) else tuple(file.source),
        related_apps=tuple(file.related_apps), proxy=file.proxy,
        config=steps.read(file.config, f"{where}: config"), evaluator=_evaluator(file.evaluator, where),
        others=others, written=written,
    )  # fmt: skip


def _evaluator(raw: dict[str, Any], where: str) -> Evaluator:
    where = f"{where}: evaluator"
    strange = [key for key in raw if key not in _EVALUATOR and not key.startswith("_")]
    if strange:
        raise BadInput(f"{where}: wanted {', '.join(sorted(_EVALUATOR))}, found {strange[0]!r}; mend the task")
    func = raw.get("func")
    names = func if isinstance(func, list) else [func]
    if not names or not all(isinstance(one, str) and one for one in names):
        raise BadInput(f"{where}: wanted in func a metric's name or a list of them, found {func!r}; mend the task")
    several = isinstance(func, list)
    if several and "infeasible" in names:  # OSWorld asks for the word alone, and would call it as a metric here
        raise BadInput(f"{where}: wanted 'infeasible' as a word, found it in a list; mend the task")
    parts = {key: _each(raw, key, len(names), several, where) for key in ("result", "expected", "options")}
    infeasible = not several and func == "infeasible"
    for metric, result in zip(names, parts["result"], strict=True):
        if not result and not infeasible:
            raise BadInput(f"{where}: wanted for the metric {metric!r} a result to judge, found none; mend the task")
    conj = raw.get("conj", "and")
    if conj != "and" and conj != "or":  # noqa: PLR1714 - what is written may be a list, of which no set can be asked
        raise BadInput(f"{where}: wanted in conj 'and' or 'or', found {conj!r}; mend the task")
    try:
        after = msgspec.convert(raw.get("postconfig", []), list[steps.Written])
    except msgspec.ValidationError as err:
        raise BadInput(f"{where}: wanted in postconfig a list of steps, found: {err}; mend the task") from err
    return Evaluator(
        checks=tuple(
            Check(
                metric=metric,
                result=_getter(result, f"{where}.result"),
                expected=_getter(expected, f"{where}.expected"),
                options=options or {},
            )
            for metric, result, expected, options in zip(
                names, parts["result"], parts["expected"], parts["options"], strict=True
            )
        ),
        conj=conj,
        postconfig=steps.read(after, f"{where}.postconfig"),
    )


def _each(raw: dict[str, Any], key: str, count: int, several: bool, where: str) -> list[Any]:
    """What belongs to each of the metrics; None where there is nothing, or an empty object."""
    value = raw.get(key)
    if not value:
        return [None] * count
    if several != isinstance(value, list):
        wanted = f"a list of {count}, as func is" if several else "one object, as func is one name"
        raise BadInput(f"{where}: wanted in {key} {wanted}, found {type(value).__name__}; mend the task")
    each = value if several else [value]
    if len(each) != count:
        raise BadInput(
            f"{where}: wanted in {key} one for each of the {count} metrics, found {len(each)}; mend the task"
        )
    for one in each:
        if one is not None and not isinstance(one, dict):
            raise BadInput(f"{where}: wanted in {key} objects, found {one!r}; mend the task")
    return [one or None for one in each]


def _getter(raw: dict[str, Any] | None, where: str) -> Getter | None:
    if raw is None:
        return None
    if not isinstance(raw.get("type"), str):
        raise BadInput(f"{where}: wanted a getter with its type, found {sorted(raw)}; mend the task")
    return Getter(type=raw["type"], params={key: value for key, value in raw.items() if key != "type"})
