"""The sentences that say where two agents part, and which rungs say nothing of what an agent knows."""

from __future__ import annotations

from pathlib import Path

import pytest
import studies
from studies import Plant, Shape

from scoring import gap_page, verdicts
from scoring.gap_tables import pair_said
from scoring.gap_where import mute, parted
from scoring.study import read

MANY = Shape(tasks=12, lengths=(2,), repeats=1, single=1, helped=("",), starts=False)
SURE = Plant("sure", kind="model")
LOST = Plant("lost", {"ground": 0.95}, kind="model")


def report(folder: Path, *plants: Plant) -> verdicts.GapReport:
    return verdicts.build(read(studies.build(folder, plants, MANY)))


def test_the_first_rung_on_which_two_agents_part_is_named_with_both_scores(tmp_path: Path) -> None:
    made = report(tmp_path, SURE, LOST)
    (pair,) = made.pairs
    said = parted(made, pair)
    assert said.startswith("The first rung on which their intervals lie apart is L1, pointing: sure 100 % (")
    assert "and lost " in said
    assert "(not for their form: every answer of both could be read)" in said
    assert "and then on L5, doing a single step and L6, doing the whole task." in said
    assert said in gap_page.summary(made)


def test_agents_that_are_alike_part_nowhere(tmp_path: Path) -> None:
    made = report(tmp_path, SURE, Plant("sure too", kind="model"))
    assert parted(made, made.pairs[0]) == ""


@pytest.mark.parametrize("plants", [(SURE, LOST), (LOST, SURE)], ids=["named first", "named last"])
def test_who_leads_in_control_is_named_first_whoever_is_asked_for_first(
    tmp_path: Path, plants: tuple[Plant, ...]
) -> None:
    made = report(tmp_path, *plants)
    said = pair_said(made.pairs[0])
    assert said.startswith("sure leads lost by ")
    assert f"{abs(round(100 * made.pairs[0].founding.control))} points in control and " in said


def test_rungs_on_which_nothing_could_be_read_are_said_to_tell_nothing(tmp_path: Path) -> None:
    made = report(tmp_path, SURE, Plant("mumbler", kind="model", invalid=1.0))
    (said,) = mute(made)
    assert said.startswith("mumbler gave no answer that could be read to most questions of L0, L1, L2, L3 and L4: ")
    assert said in gap_page.summary(made)
