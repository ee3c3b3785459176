"""How much of OSWorld runs here, and how that is known. What did not run is never called runnable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from envs.errors import TaskFault
from envs.types import Closed
from scoring.osworld.evaluator import obstacles, parse
from tasks.osworld import assets, needs, steps
from tasks.osworld.example import Example
from tasks.osworld.layout import Library
from tasks.osworld.proofs import Proof

State = Literal[
    "executed", "stand-in", "parts", "expected", "files missing", "left out", "web", "unknown", "unreadable"
]
STATES: dict[State, str] = {
    "executed": "ran",
    "stand-in": "ran with stand-ins",
    "parts": "its parts ran elsewhere",
    "expected": "expected to run, not proved yet",
    "files missing": "files missing",
    "left out": "cannot be judged here",
    "web": "needs the live web",
    "unknown": "not in OSWorld",
    "unreadable": "unreadable",
}
"""With the words for people. `parts`: each step type, getter and metric of it ran in some task that is proved."""


class Row(Closed):
    """A task's state, why, and which of its files are missing, where a folder of them was given."""

    id: str
    domain: str
    state: State
    why: str
    missing: tuple[str, ...] = ()


class Parts(Closed):
    """Of the steps, getters and metrics that tasks use which are not for the web: how many, and what never ran."""

    used: int
    proved: int
    unproved: tuple[str, ...]


class Coverage(Closed):
    """Of all tasks. `by_content` is how many ask for nothing but the desktop and their files: what they ask for, not
    whether they run; `proved` is how many ran, in full or with stand-ins."""

    tasks: int
    by_content: int
    without_files: int
    proved: int
    states: dict[State, int]
    web: dict[str, int]
    domains: dict[str, dict[State, int]]
    parts: dict[str, Parts]
    stale: tuple[str, ...]
    """Tasks with a proof of another content."""
    rows: tuple[Row, ...]


def cover(library: Library, proofs: Iterable[Proof], store: assets.Assets | None = None) -> Coverage:
    """What is known of each task. With a store, a task that is not proved needs its files to be there."""
    by_task = {proof.task: proof for proof in proofs}
    valid = {e.id: by_task[e.id] for e in library.examples if e.id in by_task and by_task[e.id].digest == e.digest}
    ran = {part for example in library.examples if example.id in valid for part in parts(example)}
    sorts = {example.id: needs.sort(example) for example in library.examples}
    rows = [_row(example, sorts[example.id], valid, ran, store) for example in library.examples]
    rows += [Row(id=each.id, domain=each.domain, state="unreadable", why=each.why) for each in library.refused]
    fit = [example for example in library.examples if sorts[example.id].kind in {"offline", "assets"}]
    return Coverage(
        tasks=len(rows),
        by_content=len(fit),
        without_files=sum(sorts[example.id].kind == "offline" for example in fit),
        proved=len(valid),
        states=_counted(rows),
        web=dict(Counter(each.web for each in sorts.values() if each.kind == "web" and each.web).most_common()),
        domains={
            domain: _counted([row for row in rows if row.domain == domain])
            for domain in dict.fromkeys(row.domain for row in rows)
        },
        parts=_parts(fit, ran),
        stale=tuple(e.id for e in library.examples if e.id in by_task and e.id not in valid),
        rows=tuple(rows),
    )


def parts(example: Example) -> frozenset[tuple[str, str]]:
    """The steps, getters and metrics that it is made of, each with its kind."""
    ev = example.evaluator
    return frozenset(
        (
            *(("steps", steps.name(step)) for step in (*example.config, *ev.postconfig)),
            *(("getters", getter.type) for getter in ev.getters),
            *(("metrics", check.metric) for check in ev.checks),
        )
    )


def _row(
    example: Example,
    its: needs.Sorted,
    valid: Mapping[str, Proof],
    ran: set[tuple[str, str]],
    store: assets.Assets | None,
) -> Row:
    missing = store.missing(assets.of(example)) if store else ()
    state, why = _state(example, its, valid.get(example.id), ran, missing)
    return Row(id=example.id, domain=example.domain, state=state, why=why, missing=missing)


def _state(
    example: Example,
    its: needs.Sorted,
    proof: Proof | None,
    ran: set[tuple[str, str]],
    missing: tuple[str, ...],
) -> tuple[State, str]:
    if its.kind == "unknown":
        return "unknown", its.why
    if proof is not None:
        day = f" on {proof.on}" if proof.on else ""
        verdict = "" if proof.how == "executed" else "; with files of ours, so that its verdict says nothing"
        return proof.how, f"ran{day}{verdict}"
    if its.kind == "web":
        return "web", its.why
    reason = unjudged(example)
    if reason:
        return "left out", reason
    if missing:
        return "files missing", f"{len(missing)} of {len(its.assets)} files are missing, as {missing[0]}"
    if parts(example) <= ran:
        return "parts", "did not run itself; each of its steps, getters and metrics ran in another task"
    return "expected", f"expected to run, since it {its.why}; not proved yet"


def unjudged(example: Example) -> str:
    """Why it cannot be judged here; empty where it can."""
    try:
        return "; ".join(obstacles(parse(example.as_written()["evaluator"])))
    except TaskFault as fault:
        return str(fault)


def _parts(fit: Iterable[Example], ran: set[tuple[str, str]]) -> dict[str, Parts]:
    used = sorted({part for example in fit for part in parts(example)})
    return {
        kind: Parts(
            used=len(names := [name for of, name in used if of == kind]),
            proved=len([name for name in names if (kind, name) in ran]),
            unproved=tuple(name for name in names if (kind, name) not in ran),
        )
        for kind in ("steps", "getters", "metrics")
    }


def _counted(rows: Iterable[Row]) -> dict[State, int]:
    counts = Counter(row.state for row in rows)
    return {state: counts[state] for state in STATES}
