"""A study's verdicts from its records: what was planted is found, and the same folder gives the same bytes."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import msgspec
import pytest
import studies
from studies import Plant, Shape
from typer.testing import CliRunner

from agent import cli
from envs.errors import BadInput
from envs.types import Click, Node, Point, Rect, Took
from scoring import gap_page, verdicts
from scoring.changes import changed, keys
from scoring.gap_tables import tables
from scoring.published import published
from scoring.record import Acted, Decided, Ended, EventLog, Line, Looked, Run, Started, begin_run
from scoring.state import State, fingerprint
from scoring.study import Contender, Study, condition_folder, read, slug, write_study
from scoring.understanding import items as banks
from scoring.understanding.items import Bank, Done
from scoring.verdicts import Agent, GapReport

PLANTED = (
    Plant("aim", {"ground": 0.25}),
    Plant("plans", {"plan": 0.2, "stop": 0.2}),
    Plant("dissociated", {"hands": 0.25}),
    Plant("trapped", trap=(3, 0.6)),
    Plant("oracle", kind="null"),
    Plant("noop", kind="null", idle=True),
)
LARGE = Shape(tasks=18, lengths=(4,), repeats=3, items=6)


def made(folder: Path) -> GapReport:
    return verdicts.build(read(folder))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return studies.golden(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> GapReport:
    return made(studies.build(tmp_path_factory.mktemp("planted"), PLANTED, LARGE, seed=3))


def test_a_study_s_report_is_the_same_to_the_byte_as_the_one_that_is_kept(small: Path) -> None:
    gap_page.write(small, made(small))
    for name in studies.KEPT:
        kept, new = (folder / name for folder in (studies.GOLDEN, small / "report"))
        assert new.read_bytes() == kept.read_bytes(), f"{name} differs; renew it by python tests/scoring/studies.py"


def test_a_report_is_made_again_from_a_copy_of_the_folder_alone(small: Path, tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in gap_page.write(small, made(small))}
    shutil.copytree(small, tmp_path / "copy", ignore=shutil.ignore_patterns("report"))
    again = {path.name: path.read_bytes() for path in gap_page.write(tmp_path / "copy", made(tmp_path / "copy"))}
    assert again == first


def test_what_an_older_report_left_behind_is_removed(small: Path) -> None:
    (small / "report").mkdir(exist_ok=True)
    (small / "report" / "old.csv").write_text("a\n")
    written = gap_page.write(small, made(small))
    assert sorted((small / "report").iterdir()) == sorted(written)


def test_nearly_all_figures_hold_what_was_planted(planted: GapReport) -> None:
    judged = [each for each in planted.instrument.recovered if each.inside is not None]
    missed = [each for each in judged if not each.inside]
    assert len(judged) > 40
    assert len(missed) <= 0.1 * len(judged), missed


def test_the_aid_that_mends_the_planted_fault_has_the_largest_share(planted: GapReport) -> None:
    found = planted.agent("aim").aids.attributed
    assert found is not None
    shares = {name: aid.share.mean for name, aid in found.aids.items()}
    assert max(shares, key=lambda name: shares[name]) == "G"
    net = found.aids["G"].net
    assert net is not None
    assert net.interval.low > 0


def test_no_aid_surely_helps_hands_that_fail(planted: GapReport) -> None:
    found = planted.agent("dissociated").aids.attributed
    assert found is not None
    assert all(aid.net is not None and aid.net.interval.low <= 0 for aid in found.aids.values())


@pytest.mark.parametrize(("name", "truth"), [("aim", 0.0), ("plans", 0.0), ("dissociated", 1.0)])
def test_dissociation_is_none_for_faulty_channels_and_all_for_faulty_hands(
    planted: GapReport, name: str, truth: float
) -> None:
    own = planted.agent(name).failures.own
    assert own.failures > 10
    assert own.dissociation.value == truth


def test_faulty_hands_show_between_knowing_and_doing(planted: GapReport) -> None:
    split = planted.agent("dissociated").following.split
    assert split is not None
    assert split.parts["knowing_doing"].interval.low > 0.1


def test_the_step_with_the_trap_is_the_one_that_loses_most(planted: GapReport) -> None:
    assert planted.agent("trapped").way.common == 3


def test_work_that_is_undone_at_the_end_was_right_before(planted: GapReport) -> None:
    ended = planted.agent("plans").doing.endings
    assert ended is not None
    assert ended.reached.value > ended.success.value
    assert ended.undone.low <= 0.2 <= ended.undone.high
    assert planted.agent("aim").doing.endings.undone.value == 0  # type: ignore[union-attr]  # it was played


def test_parts_add_up_to_the_whole(planted: GapReport) -> None:
    for agent in planted.agents:
        if agent.following.split is not None:
            mean = agent.following.split.mean
            assert math.isclose(mean.knowing_doing + mean.compounding + mean.closed_loop, mean.u - mean.control)
        if (found := agent.aids.attributed) is not None:
            assert math.isclose(sum(found.raw.shares.values()), found.raw.recovered, abs_tol=1e-12)
        if agent.way.progress is not None:
            curve = agent.way.progress.curve
            assert math.isclose(sum(curve.losses) + curve.stopping, 1 - curve.fitted[0])


def test_a_budget_curve_never_falls_and_ends_where_it_was_ever_right(planted: GapReport) -> None:
    for agent in planted.agents:
        found, ended = agent.doing.budget, agent.doing.endings
        if found is None or ended is None:
            continue
        assert list(found.curve.curve) == sorted(found.curve.curve)
        assert math.isclose(found.curve.curve[-1], ended.reached.value)
        assert math.isclose(found.points[-1].value, ended.reached.value)


def test_survivors_of_the_ladder_never_grow_in_number(planted: GapReport) -> None:
    for agent in planted.agents:
        values = [found.value for found in agent.ladder.survivors.values()]
        assert values == sorted(values, reverse=True)


def test_best_is_chosen_on_one_half_and_estimated_on_the_other(small: Path) -> None:
    report = made(small)
    row = next(row for row in report.parity if row.category == "control" and row.domain == "all")
    assert row.tasks == 2
    assert row.closed is not None
    assert row.open is not None
    tasks = sorted(line.task for line in report.agent("open-model").ladder.tasks)[1::2]
    lines = [line for line in report.agent("open-model").ladder.tasks if line.task in tasks]
    assert math.isclose(row.open.score.value, sum(line.control or 0.0 for line in lines) / 2)
    assert (row.open.weights, row.open.scaffold) == ("open", "planner-grounder")


def test_a_null_result_is_said_with_what_could_have_been_found(small: Path) -> None:
    text = gap_page.markdown(made(small))
    assert "cannot be told from none" in text


def _void(folder: Path, many: int, condition: str = "*") -> None:
    """Turn episodes of the open model into ones that a desktop's fault ended."""
    logs = sorted((folder / "control" / "open-model").glob(f"{condition}/episodes/*/events.jsonl"))[:many]
    for log in logs:
        lines = [msgspec.json.decode(line, type=Line) for line in log.read_bytes().splitlines()]
        ended = Ended(how="desktop_fault", score=None, reason="the desktop died")
        lines[-1] = msgspec.structs.replace(lines[-1], event=ended)
        log.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def test_no_verdict_rests_on_an_agent_that_lost_many_episodes_to_us(small: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small, tmp_path / "study")
    _void(folder, 12)
    report = made(folder)
    assert "12 of" in report.agent("open-model").who.refused
    assert all(row.parity is None for row in report.parity)
    assert "no verdict" in report.parity[0].why
    assert any(each.what == "episode" and "desktop fault" in each.why for each in report.exclusions)


def test_a_desktop_s_fault_is_in_no_mean(small: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small, tmp_path / "study")
    before = made(folder).agent("open-model").ladder.control.count
    _void(folder, 3, "life")
    assert made(folder).agent("open-model").ladder.control.count == before - 3


def _without(folder: Path, *parts: str) -> Path:
    for part in parts:
        shutil.rmtree(folder / part)
    return folder


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(("control", "ask", "bank", "probes"), id="only what it is"),
        pytest.param(("control", "probes"), id="nothing played"),
        pytest.param(("ask", "probes"), id="nothing asked"),
        pytest.param(("bank",), id="no bank"),
        pytest.param(("probes",), id="no questions about failures"),
    ],
)
def test_a_study_that_is_not_finished_is_reported_as_far_as_it_is(
    small: Path, tmp_path: Path, gone: tuple[str, ...]
) -> None:
    folder = _without(shutil.copytree(small, tmp_path / "study"), *gone)
    report = made(folder)
    names = {path.name for path in gap_page.write(folder, report)}
    assert {"report.html", "t1-parity.csv", "t8-planted.csv"} <= names
    assert all(told.says.endswith((".", "!")) for told in tables(report))


def test_without_questions_about_failures_causes_are_told_from_the_task_s(small: Path, tmp_path: Path) -> None:
    folder = _without(shutil.copytree(small, tmp_path / "study"), "probes")
    failures = made(folder).agent("dissociated").failures
    assert failures.own.failures == 0
    assert failures.task.dissociation.value == 1
    assert all(line.probes == 0 for line in failures.lines)


def test_missing_cells_of_the_factorial_are_named_and_nothing_is_attributed(small: Path, tmp_path: Path) -> None:
    folder = _without(shutil.copytree(small, tmp_path / "study"), "control/open-model/GV")
    aids = made(folder).agent("open-model").aids
    assert aids.attributed is None
    assert aids.missing == ("GV",)
    assert {effect.aid for effect in aids.effects} == {"G", "P", "V", "S"}


def test_a_curve_with_few_starts_finds_the_same_step(tmp_path: Path) -> None:
    folder = studies.build(tmp_path, (Plant("trapped", trap=(3, 1.0)),), Shape(tasks=4, lengths=(4,)))
    for start in (1, 4):
        shutil.rmtree(folder / "control" / "trapped" / condition_folder(f"teleport:{start}"))
    path = made(folder).agent("trapped").way.paths[0]
    assert path.starts == (0, 2, 3)
    assert path.bottleneck == 3


def test_the_founding_claim_s_figures_are_judged_by_their_own_instruments() -> None:
    figures, compared = published()
    assert all(each.source and each.date and 0 < each.value < 1 for each in figures)
    understanding, control = compared[:2]
    assert understanding.parity is not None
    assert understanding.parity.verdict == "non_inferior"
    assert control.parity is None
    assert "two instruments" in control.why
    assert "weights are closed" in control.why


def test_published_figures_are_in_no_measured_row(small: Path) -> None:
    report = made(small)
    names = {figure.name for figure in report.figures}
    sides = {side.slug for row in report.parity for side in (row.open, row.closed) if side is not None}
    assert sides <= {agent.who.slug for agent in report.agents}
    assert not sides & names


class TestSingleSteps:
    """L5 from the states that were kept before and after the step."""

    @staticmethod
    def state(text: str) -> State:
        shown = ("enabled", "sensitive", "showing", "visible")
        window = Node(
            role="frame", name="Window", states=shown, box=Rect(x=0, y=0, width=500, height=400), app="gedit"
        )
        box = Rect(x=10, y=50, width=200, height=30)
        entry = Node(role="entry", name="Name", states=shown, box=box, parent=0, text=text, app="gedit")
        return State(nodes=(window, entry), hits={0: (0,) * 5, 1: (1,) * 5}, windows=())

    def study(self, folder: Path, after: State, first: State | None = None) -> GapReport:
        facts = keys(changed(self.state(""), self.state("Ada")))
        item = banks.item(
            rung="L5",
            facet="act",
            task="made/one@1",
            seed=0,
            question="Do it.",
            truth=Done(step=0, fingerprint=fingerprint(self.state("")), facts=facts),
        )
        bank = Bank(
            format=1, suite="made", seeds=(0,), size=studies.SIZE, handeye="", image="", hash="", items=1, apps={}
        )
        banks.write(folder / "bank", bank, [item])
        run = folder / "control" / "one" / "step-0"
        begin_run(
            run,
            Run(
                format=1, id="a", utc="", handeye="", suite="made", agent="one", desktop="fake", seeds=(0,),
                repeats=1, tasks=("made/one@1",), jobs=1, size=studies.SIZE, options={},
            ),
        )  # fmt: skip
        log = EventLog(run / "episodes" / "one-s0-r0")
        log.append(
            Started(
                format=1, utc="2026-03-02T09:00:00Z", suite="made", task="made/one@1", goal="Do it.", seed=0,
                repeat=0, agent="one", desktop=studies.ABOUT, axes=("control",), checks=("done",), condition="step:0",
            )
        )  # fmt: skip
        log.append(Looked(frame=studies.GREY, size=studies.SIZE, settled=True, took=Took()))
        log.capture(first or self.state(""))
        log.append(Decided(intent="", thought="", actions=(Click(at=Point(x=1, y=1)),), seconds=0.0))
        log.append(Acted(step=1, action=Click(at=Point(x=1, y=1))))
        log.append(Looked(frame=studies.GREY, size=studies.SIZE, settled=True, took=Took()))
        log.capture(after)
        log.append(Ended(how="out_of_budget", score=0.0))
        log.close()
        agents = (Contender(spec="one", slug="one"),)
        write_study(
            folder,
            Study(
                format=1,
                suite="made",
                seeds=(0,),
                repeats=1,
                size=studies.SIZE,
                bank="",
                agents=agents,
                conditions=(),
            ),
        )
        return made(folder)

    def single(self, report: GapReport) -> tuple[float, int]:
        agent: Agent = report.agents[0]
        return agent.ladder.single.value, agent.ladder.single.count

    def test_a_step_that_did_what_the_solution_s_does_counts_whatever_the_task_s_checks_say(
        self, tmp_path: Path
    ) -> None:
        assert self.single(self.study(tmp_path, self.state("Ada"))) == (1.0, 1)

    def test_a_step_that_changed_nothing_is_a_failure(self, tmp_path: Path) -> None:
        assert self.single(self.study(tmp_path, self.state(""))) == (0.0, 1)

    def test_a_step_from_another_state_is_in_no_mean_and_listed(self, tmp_path: Path) -> None:
        report = self.study(tmp_path, self.state("Ada"), first=self.state("Else"))
        assert self.single(report)[1] == 0
        assert any("began in another state" in each.why for each in report.exclusions)


@pytest.mark.parametrize(
    ("given", "folder"), [("", "life"), ("G:placebo", "G-placebo"), ("teleport:3", "teleport-3"), ("GPV", "GPV")]
)
def test_a_condition_s_folder_has_no_colon(given: str, folder: str) -> None:
    assert condition_folder(given) == folder


def test_an_agent_s_folder_is_named_after_it() -> None:
    assert slug("native(model=x/y, provider='openai_chat')") == "native-model-x-y-provider-openai_chat"


def test_what_is_no_study_is_refused_with_what_was_wanted(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is not a study: it has no study\.json"):
        read(tmp_path)


class TestCommands:
    runner = CliRunner()

    def test_gap_prints_verdicts_and_tables(self, small: Path) -> None:
        shown = self.runner.invoke(cli.app, ["gap", str(small)])
        assert shown.exit_code == 0
        assert "T1 Parity map: measured here" in shown.output
        assert "T8 Null and planted agents" in shown.output

    def test_gap_prints_the_same_json_as_the_report_holds(self, small: Path) -> None:
        shown = self.runner.invoke(cli.app, ["gap", "--json", str(small)])
        assert shown.exit_code == 0
        assert shown.stdout_bytes == (studies.GOLDEN / "report.json").read_bytes()

    def test_report_writes_a_study_s_and_says_where(self, small: Path) -> None:
        shown = self.runner.invoke(cli.app, ["report", "--html", str(small)])
        assert shown.exit_code == 0
        assert Path(shown.output.strip()) == small / "report" / "report.html"
        assert (small / "report" / "report.html").is_file()
