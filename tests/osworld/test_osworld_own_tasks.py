"""OSWorld's own tasks that need neither files nor web, all of them: idle, always FAIL, and the ways through them.

They are not ours to bring along: `HANDEYE_OSWORLD_TASKS` says where they lie, or they lie beside the checkout, in
`shared/osworld/evaluation_examples`. Where neither is, there is nothing to hold, and each test says so.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agent.cli import run
from tasks.osworld import layout, needs, solutions
from tasks.osworld.example import Example

Out = pytest.CaptureFixture[str]
Report = dict[str, Any]
"""As a program reads it."""

pytestmark = [pytest.mark.osworld, pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(5400)]

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "osworld" / "evaluation_examples"
JOBS = "3"
SOLVED = 27
"""Feasible tasks that are solved by mouse and keyboard, at least: of 31."""
ALREADY: dict[str, float] = {"b6781586": 1.0}
"""Tasks, by the beginning of their id, that OSWorld's evaluator counts as done before anything is: one asks for the
time zone that the desktop has."""


@pytest.fixture
def where() -> Path:
    folder = Path(os.environ.get("HANDEYE_OSWORLD_TASKS") or BESIDE)
    if not folder.exists():
        pytest.skip(f"OSWorld's tasks are not here: HANDEYE_OSWORLD_TASKS names none, and there is no {BESIDE}")
    return folder


@cache
def offline(folder: Path) -> tuple[Example, ...]:
    return tuple(each for each in layout.read(folder).examples if needs.sort(each).kind == "offline")


def play(folder: Path, examples: tuple[Example, ...], agent: str, out: Path, capsys: Out) -> Report:
    """Play them; the report."""
    only = [word for each in examples for word in ("--task", f"{each.domain}/{each.id}")]
    asked = ["osworld", "run", "--tasks", str(folder), *only, "--agent", agent, "--jobs", JOBS, "--out", str(out)]
    run([*asked, *(("--desktop", name) if (name := os.environ.get("HANDEYE_OSWORLD_DESKTOP")) else ()), "--json"])
    made: Report = json.loads(capsys.readouterr().out)
    return made


def test_all_of_them_are_here_or_a_part_was_meant(where: Path) -> None:
    assert len(offline(where)) >= 48 or "HANDEYE_OSWORLD_TASKS" in os.environ


def test_idle_is_never_void_and_scores_as_osworld_says(where: Path, tmp_path: Path, capsys: Out) -> None:
    made = play(where, offline(where), "idle", tmp_path / "run", capsys)
    assert told(made, void=True) == {}
    assert {name: score for name, score in scores(made).items() if score} == ALREADY


def test_giving_up_scores_exactly_on_what_cannot_be_done(where: Path, tmp_path: Path, capsys: Out) -> None:
    made = play(where, offline(where), "fail", tmp_path / "run", capsys)
    assert scores(made) == {each.id[:8]: float(each.evaluator.infeasible) for each in offline(where)}, told(made)


def test_what_has_a_way_through_it_is_solved_by_mouse_and_keyboard(where: Path, tmp_path: Path, capsys: Out) -> None:
    solved = tuple(each for each in offline(where) if each.evaluator.infeasible or solutions.find(each.id))
    made = play(where, solved, "oracle", tmp_path / "run", capsys)
    assert scores(made) == {each.id[:8]: 1.0 for each in solved}, told(made)
    assert sum(not each.evaluator.infeasible for each in solved) >= min(
        SOLVED, sum(not each.evaluator.infeasible for each in offline(where))
    )


def scores(made: Report) -> dict[str, float | None]:
    return {each["task"].rpartition("/")[2][:8]: each["score"] for each in made["episodes"] if each["counted"]}


def told(made: Report, *, void: bool = False) -> dict[str, str]:
    """Why, of those that were not passed, or are void."""
    return {
        each["task"].rpartition("/")[2][:8]: each["why"]
        for each in made["episodes"]
        if each["counted"] and not each["passed"] and (not void or each["outcome"] not in {"judged", "agent_fault"})
    }
