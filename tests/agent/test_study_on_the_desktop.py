"""Aids, starts on the way and planted faults on a real desktop, with a real task, in one run of a few episodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.asking import Ask, describe, make_order
from agent.cast import Part, playing
from agent.conditions import HEADINGS
from agent.show import Show
from agent.study_plan import Profile, Setting, job
from agent.suite import Job, run_suite
from agent.teleport import ways
from envs.types import Finish
from scoring.metrics import scored
from scoring.record import begin_run
from scoring.story import Story, read
from tasks import suites
from tasks.smoke import suite

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(900)]

SPEC = "planted(stop=1)"
WANTED = {"": 0.0, "V": 1.0, "V:placebo": 0.0, "GPV": 1.0, "S": 0.0, "teleport:4": 0.0, "step:1": 0.0}
"""Of an agent that cannot stop: each condition, and what it comes to. One step alone is not the whole task."""


def play(folder: Path, jobs: list[Job], parts: list[Part], name: str) -> dict[str, Story]:
    """Play them on one desktop; the episodes by condition."""
    ask = Ask(suite="smoke", agent=name, desktop="embedded", every_step=True)
    order = replace(make_order(ask, describe(ask, name, parts), folder), capture=True)
    begin_run(folder, order.run)
    with Show(len(jobs)) as show:
        assert run_suite(order, jobs, show)
    return {story.started.condition: story for story in read(folder)[1]}


def test_a_planted_fault_is_removed_by_its_aid_on_a_real_desktop(tmp_path: Path) -> None:
    tasks = suites.made("smoke", suite, (0,))
    task = next(each for each in tasks[0] if each.id.startswith("smoke/notes"))
    part = Part(task, 0, 0, "solution")
    solution = Job(part, playing(task, task.solution, "solution"), "solution", condition="solution")  # type: ignore[arg-type]  # it has one
    played = play(tmp_path / "solutions", [solution], [part], "solution")
    assert scored(played["solution"]) == 1.0

    setting = Setting(tasks, Profile(), ways=ways(tmp_path / "solutions"))
    way = setting.ways[task.id, 0]
    assert 4 < way.needed <= len(way.steps)
    jobs = [job(SPEC, Part(task, 0, 0, condition), setting) for condition in WANTED]
    found = play(tmp_path / "study", jobs, [each.part for each in jobs], SPEC)

    assert {condition: scored(story) for condition, story in found.items()} == WANTED
    assert {story.ended.how for story in found.values() if story.ended} == {"finished"}
    told = [each.told for each in found["GPV"].decisions]
    assert all(HEADINGS[aid] in words for aid in "GPV" for words in told)
    assert "mark 1 = (" in told[0]
    assert "TASK COMPLETE: no" in told[0]
    assert "TASK COMPLETE: yes" in told[-1]
    assert task.plan[0] in told[0]
    state = found["S"].decisions[0].told
    assert "Mousepad" in state
    assert "Window:" in state
    lead = [each.intent for each in found["teleport:4"].decisions if each.lead]
    assert lead == [step.intent for step in way.steps[:4]]
    alone = [each for each in found["step:1"].decisions if not each.lead]
    assert [isinstance(each.actions[0], Finish) for each in alone] == [False, True]
    assert found["step:1"].started.goal == way.steps[1].intent
