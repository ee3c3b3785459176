"""The instrument on two real models: one that sees and points, and one that only speaks the form, in one whole study.

Both are toys, each behind a real endpoint; the windows are real ones. What the report says of them must be what is
known of them: that they part at pointing, and not at form. See README.md beside this file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.cli import run
from scoring import gap_page, verdicts
from scoring.gap_where import mute, parted
from scoring.study import read
from scoring.understanding.rungs import RungScore
from scoring.verdicts import Agent, GapReport

pytestmark = [pytest.mark.vlm, pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(2400)]
Serve = Callable[[str], str]
HERE = Path(__file__).parent
SEES, SPEAKS = "toys-grounded", "toys-ungrounded"
READ = 0.95
"""The least share of replies that can be read where a model is asked in its own way."""


@pytest.fixture(scope="module")
def study(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Bank, questions, control and report, by the one command; both toys, and agents whose results are known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        patch.chdir(tmp_path_factory.mktemp("proof"))
        for name in ("grounded", "ungrounded"):
            patch.setenv(f"TOY_{name.upper()}", serve(name))
        words = "study windows:suite --agent toys:grounded --agent toys:ungrounded --out study --profile smoke"
        more = f"--no-planted --no-calibrate --no-blind --desktop embedded --size 1280x800 --jobs {2 * _cores()}"
        assert run([*words.split(), *more.split()]) == 0
        yield Path.cwd() / "study"


def _cores() -> int:
    """Episodes mostly wait for the screen to come to rest."""
    return min(4, os.cpu_count() or 1)


@pytest.fixture(scope="module")
def report(study: Path) -> GapReport:
    return verdicts.build(read(study))


@pytest.fixture(scope="module")
def sees(report: GapReport) -> Agent:
    return report.agent(SEES)


@pytest.fixture(scope="module")
def speaks(report: GapReport) -> Agent:
    return report.agent(SPEAKS)


def rung(agent: Agent, name: str) -> RungScore:
    return next(each for each in agent.ladder.rungs if each.rung == name)


def test_both_speak_the_form(sees: Agent, speaks: Agent) -> None:
    for agent in (sees, speaks):
        assert rung(agent, "L1").answers >= 12
        assert 1 - rung(agent, "L1").invalid.value >= READ
        assert agent.practice is not None
        assert agent.practice.invalid.value == 0
        assert agent.failures.endings.keys() <= {"out of budget"}


def test_only_one_points_at_what_is_there(sees: Agent, speaks: Agent) -> None:
    one, other = (rung(agent, "L1") for agent in (sees, speaks))
    assert one.score.low > other.score.high
    assert one.facets["function"].value >= 0.7
    assert one.facets["function"].low > other.facets["function"].high
    assert other.accuracy.value <= 0.2  # a square is 5 % of the screen
    if "absent" in one.facets:  # that a thing is not there neither of them has a word for
        assert one.facets["absent"].value == other.facets["absent"].value


def test_only_one_does_the_tasks(report: GapReport, sees: Agent, speaks: Agent) -> None:
    assert sees.ladder.single.low > speaks.ladder.single.value  # it does a step, and then the next: it cannot stop
    assert sees.ladder.control.low > speaks.ladder.control.high
    known = {name: report.agent(name).ladder.control for name in ("oracle", "idle", "random")}
    assert (known["oracle"].value, known["idle"].value) == (1.0, 0.0)
    assert speaks.ladder.control.low <= known["random"].high  # no better than clicking anywhere


def test_the_gap_is_put_at_pointing(report: GapReport, speaks: Agent) -> None:
    (pair,) = report.pairs
    said = parted(report, pair)
    assert said.startswith("The first rung on which their intervals lie apart is L1, pointing: ")
    assert "(not for their form: every answer of both could be read)" in said
    assert said in gap_page.summary(report)
    assert pair.control.mean < 0  # the second's lead over the first
    causes = [line.cause for line in speaks.failures.lines]
    assert causes.count("ground") >= len(causes) / 2 > 0


def test_what_neither_can_say_is_shown_as_unread_and_not_hidden(report: GapReport, sees: Agent) -> None:
    for agent in (sees, report.agent(SPEAKS)):
        for each in agent.ladder.rungs:
            if each.rung != "L1":
                assert each.invalid.value == 1.0, each.rung
        assert {"L3", "L4"} <= {each.rung for each in agent.ladder.rungs}
    said = list(mute(report))
    assert [each.split()[0] for each in said] == [SEES, SPEAKS]
    assert set(said) <= set(gap_page.summary(report))


def test_the_page_says_so_and_is_made_again_to_the_same_bytes(study: Path, report: GapReport) -> None:
    page = (study / "report" / "report.html").read_text()
    assert "The first rung on which their intervals lie apart is L1, pointing" in page
    assert page == gap_page.page(report)
