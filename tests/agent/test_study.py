"""`handeye study`: its plan and its folder, going on with it where it was left, and the planted truth in it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from chores import Player
from desk import GUESTS, SIZE, guest, suite

from agent import asking, cli
from agent.asking import Ask
from agent.base import Decision, Usage
from agent.budget import Allowance
from agent.conditions import factorial
from agent.preflight import Rules
from agent.questions import Cost as Taken
from agent.study import Wish, study
from agent.study_plan import (
    PROFILES,
    Profile,
    Setting,
    conditions,
    contenders,
    cost,
    known,
    starts,
    unable,
    without,
)
from agent.teleport import Done, Way
from envs.errors import BadInput
from envs.settle import until
from envs.types import Card, Finish, Observation, Size
from scoring.attribution import attribute_tasks, subsets
from scoring.gapreport.aids import aids
from scoring.gapreport.failing import failures
from scoring.metrics import scored
from scoring.record import Decided, read_run
from scoring.study import Contender, Records, read_study
from scoring.study import read as read_records
from scoring.verdicts import build
from tasks.base import Suite
from tasks.suites import made

HERE = Path(__file__).parent
LITTLE = Profile(starts=(0.0, 0.5, 1.0), steps=(0.0, 0.5), trials=1)
CELLS = (*factorial(), "G:placebo", "P:placebo", "V:placebo", "S", "S:placebo")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solutions are remembered in a place of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def ask(**changes: object) -> Ask:
    fields = {"suite": "desk:suite", "agent": "", "desktop": "fake", "size": SIZE, "jobs": 2}
    return Ask(**(fields | changes))  # type: ignore[arg-type]  # as the fields are


def studied(folder: Path, *agents: str, profile: Profile = LITTLE, **changes: object) -> tuple[int, Records]:
    """Do a study without questions; its exit code, and its records."""
    options = {"nulls": False, "asked": False} | {
        key: changes.pop(key) for key in ("nulls", "asked", "only_plan") if key in changes
    }
    code = study(Wish(ask(**changes), agents, folder, profile=profile, **options))  # type: ignore[arg-type]  # as above
    return code, read_records(folder)


def scores(records: Records, condition: str, agent: int = 0) -> list[float]:
    return [scored(story) for story in records.entrants[agent].under(condition).stories]


def keys(folder: Path) -> list[tuple[str, str, str, int, int]]:
    """Every episode that was begun, by its run's folder."""
    found = []
    for path in sorted(folder.glob("control/*/*/run.json")):
        for episode in read_run(path.parent)[1]:
            if episode.started is not None:
                of = episode.started
                found.append((path.parent.name, of.agent, of.task, of.seed, of.repeat))
    return found


def test_an_agent_that_cannot_stop_is_found_out(tmp_path: Path) -> None:
    code, records = studied(tmp_path / "study", "planted(stop=1)")
    assert code == 0
    (contender,) = records.study.agents
    assert contender.truths == {"L6": 0.0, "G": 0.0, "P": 0.0, "V": 1.0, "dissociation": 0.0}
    for condition in CELLS:
        assert scores(records, condition) == [float("V" in condition and ":" not in condition)] * 4, condition
    table = {cell: {s.started.task: [scored(s)] for s in records.entrants[0].under("".join(sorted(cell))).stories}
             for cell in subsets(("G", "P", "V"))}  # fmt: skip
    assert {aid: found.share.mean for aid, found in attribute_tasks(table).aids.items()} == {"G": 0, "P": 0, "V": 1}
    reported = aids(records.entrants[0]).attributed
    assert reported is not None
    assert reported.aids["V"].net is not None
    assert reported.aids["V"].net.mean == 1.0


def test_every_condition_is_an_ordinary_run_of_its_own_folder(tmp_path: Path) -> None:
    _, records = studied(tmp_path / "study", "planted(ground=0.3)")
    folders = {path.parent.name for path in (tmp_path / "study").glob("control/planted-ground-0.3/*/run.json")}
    on_the_way = {"teleport-0", "teleport-2", "teleport-4", "step-0", "step-2"}
    assert folders == {"life", *(each.replace(":", "-") for each in CELLS if each), *on_the_way}
    study_ = read_study(tmp_path / "study")
    assert study_.conditions == (*CELLS, "step:0", "step:2")
    assert study_.teleports == (0, 2, 4)
    assert set(records.entrants[0].played) == {*CELLS, *(each.replace("-", ":") for each in on_the_way)}
    played = records.entrants[0].under("GP")
    assert played.runs[0].options["condition"] == "GP"
    assert played.runs[0].options["every_step"] == "yes"
    assert all(story.milestones for story in played.stories if story.actions)


def test_the_same_chance_gives_the_same_study_and_each_cell_has_its_own(tmp_path: Path) -> None:
    spec = "planted(ground=0.3, plan=0.2, stop=0.3)"
    one, other = (studied(tmp_path / name, spec, seeds=(0, 1), jobs=jobs)[1] for name, jobs in (("a", 1), ("b", 3)))
    drawn = {condition: scores(one, condition) for condition in one.entrants[0].played}
    assert drawn == {condition: scores(other, condition) for condition in other.entrants[0].played}
    assert len({tuple(drawn[condition]) for condition in ("", "G:placebo", "P:placebo", "V:placebo")}) > 1


def test_what_is_known_beforehand_comes_out_as_known(tmp_path: Path) -> None:
    _, records = studied(tmp_path / "study", "dissociated(ground=1)", nulls=True)
    named = {entrant.contender.spec: place for place, entrant in enumerate(records.entrants)}
    kinds = {entrant.contender.spec: entrant.contender.kind for entrant in records.entrants}
    assert kinds == {"dissociated(ground=1)": "planted", "oracle": "null", "idle": "null", "random": "null"}
    assert scores(records, "", named["oracle"]) == [1.0] * 4
    assert scores(records, "", named["idle"]) == [0.0] * 4
    assert set(records.entrants[named["oracle"]].played) == {""}
    assert set(records.entrants[named["random"]].played) == {"", "step:0", "step:2"}
    assert records.entrants[0].contender.truths["dissociation"] == 1.0


def test_the_same_command_again_plays_nothing_twice_and_more_agents_may_come(tmp_path: Path) -> None:
    studied(tmp_path / "study", "planted(stop=1)")
    before = keys(tmp_path / "study")
    assert len(before) == len(set(before)) == 4 * (len(CELLS) + 3 + 2)
    studied(tmp_path / "study", "planted(stop=1)")
    assert keys(tmp_path / "study") == before
    _, records = studied(tmp_path / "study", "oracle")
    assert [each.spec for each in records.study.agents] == ["planted(stop=1)", "oracle"]
    assert len(keys(tmp_path / "study")) == len(before) + 4


@pytest.mark.parametrize(
    "changes",
    [{"seeds": (1,)}, {"repeats": 2}, {"size": Size(width=800, height=600)}],
    ids=["seeds", "repeats", "size"],
)
def test_a_folder_of_another_study_is_left_alone(tmp_path: Path, changes: dict[str, object]) -> None:
    studied(tmp_path / "study", "oracle")
    before = (tmp_path / "study" / "study.json").read_bytes()
    with pytest.raises(BadInput, match="choose another --out"):
        studied(tmp_path / "study", "oracle", **changes)
    assert (tmp_path / "study" / "study.json").read_bytes() == before


def test_a_part_of_a_study_is_not_gone_on_with_as_a_run(tmp_path: Path) -> None:
    studied(tmp_path / "study", "oracle")
    with pytest.raises(BadInput, match="the same `handeye study` command"):
        asking.resume(tmp_path / "study" / "control" / "oracle" / "life")


class Costly(Player):
    """Uses ten tokens and a cent for each look; takes words."""

    def act(self, seen: Observation, words: str = "") -> Decision:
        return Decision(actions=(Finish(),), usage=Usage(output_tokens=10, usd=0.01))


def test_a_limit_stops_the_study_counts_what_was_used_before_and_a_higher_one_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = studied(tmp_path / "study", "test_study:Costly", allowance=Allowance(tokens=300), jobs=1)
    assert (code, len(keys(tmp_path / "study"))) == (1, 30)
    assert "300 tokens used, of 300; the same command goes on with it with a higher limit" in capsys.readouterr().err
    code, _ = studied(tmp_path / "study", "test_study:Costly", allowance=Allowance(tokens=400), jobs=1)
    assert (code, len(keys(tmp_path / "study"))) == (1, 40)
    code, _ = studied(tmp_path / "study", "test_study:Costly")
    found = keys(tmp_path / "study")
    assert (code, len(found)) == (0, 72)
    assert len(set(found)) == 72


def command(folder: Path) -> subprocess.Popen[str]:
    words = ("study", "desk:suite", "--agent", "planted(stop=1)", "--out", str(folder), "--desktop", "fake")
    more = ("--no-ask", "--no-nulls", "--size", "640x400", "--jobs", "2")
    return subprocess.Popen(
        [sys.executable, "-m", "agent.main", *words, *more], cwd=HERE, text=True,
        stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(HERE.parent.parent), "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(folder.parent)},
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["Ctrl-C", "ended", "killed"])
def test_a_study_that_is_stopped_is_gone_on_with(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "study"
    process = command(folder)
    assert until(lambda: len(list(folder.glob("control/*/*/episodes/*"))) > 20, deadline=150.0)
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130), said[-3000:]
    if number != signal.SIGKILL:
        assert "the same command goes on with it" in said
    ended = {key for key in keys(folder) if key[0] == "life"}
    again = command(folder)
    out, said = again.communicate(timeout=200)
    assert again.returncode == 0, said
    assert f"study: {folder}" in out
    records = read_records(folder)
    assert {key for key in keys(folder) if key[0] == "life"} >= ended
    counts = {condition: len(played.stories) for condition, played in records.entrants[0].played.items()}
    assert counts == {condition: 12 if condition.startswith("step") else 4 for condition in counts}
    assert len(counts) == len(CELLS) + 5 + 4
    full = [story for played in records.entrants[0].played.values() for story in played.attempts if story.ended]
    counted = [story for story in full if story.ended and story.ended.score is not None]
    assert len(counted) == sum(len(played.stories) for played in records.entrants[0].played.values())


def setting(profile: Profile = LITTLE, ways: dict[tuple[str, int], Way] | None = None) -> Setting:
    tasks = made("desk", suite_of(), (0,))
    return Setting(tasks, profile, ways=ways or {})


def suite_of() -> Suite:
    return suite


@pytest.mark.parametrize(
    ("parts", "last", "found"),
    [
        pytest.param((0.0, 0.5, 1.0), 8, (0, 4, 8), id="both ends and the middle"),
        pytest.param((0.0, 0.25, 0.5, 0.75, 1.0), 2, (0, 1, 2), id="fewer steps than parts"),
        pytest.param(None, 3, (0, 1, 2, 3), id="all"),
        pytest.param((0.0, 0.5, 1.0), 0, (0,), id="no step"),
    ],
)
def test_starts_lie_at_parts_of_the_way(parts: tuple[float, ...] | None, last: int, found: tuple[int, ...]) -> None:
    assert starts(last, parts, last=last) == found


def test_the_full_profile_starts_at_every_step_and_tries_each_three_times() -> None:
    way = Way(tuple(Done(str(n), 1) for n in range(5)), 5)
    ways = {(task.id, 0): way for task in suite(0)}
    (contender,) = contenders(["planted(stop=1)"])
    found = conditions(contender, setting(PROFILES["full"], ways))
    assert [each for each in found if each.startswith("teleport")] == [f"teleport:{n}" for n in range(6)]
    assert [each for each in found if each.startswith("step")] == [f"step:{n}" for n in range(5)]
    assert [part.repeat for part in found["step:0"] if part.task.id == "desk/ada@1"] == [0, 1, 2]
    assert len(found[""]) == 4


class Mute(Player):
    """Cannot be told anything while it acts."""


def test_a_task_alone_has_no_placebos_which_is_said_before_anything_is_played() -> None:
    alone = Setting({0: setting().tasks[0][:1]}, LITTLE)
    planted, idle = contenders(["planted(ground=0.2)", "idle"])
    with pytest.raises(BadInput, match="two tasks of the suite or more"):
        conditions(planted, alone)
    assert set(conditions(idle, alone)) == {""}


def test_an_agent_that_takes_no_words_has_no_aids_but_the_plan() -> None:
    (contender,) = contenders(["test_study:Mute"])
    assert unable(contender)
    assert [each for each in conditions(contender, setting()) if ":" not in each] == ["", "P"]
    assert not unable(contenders(["planted(stop=1)"])[0])


def test_agents_have_folders_of_their_own() -> None:
    same = contenders(["planted(stop=1)", "planted(stop=1)"])
    assert [each.slug for each in same] == ["planted-stop-1"]
    alike = contenders(["planted(stop=1, seed=2)", "planted(stop=1,seed=-2)"])
    assert [each.slug for each in alike] == ["planted-stop-1-seed-2", "planted-stop-1-seed-2~2"]


def test_the_cost_is_a_price_times_the_calls_that_are_left() -> None:
    (contender,) = contenders(["oracle"])
    paid = Card(model="claude-opus-4-5", endpoint="https://api.anthropic.com")
    free = Card(model="nobody-knows", endpoint="http://127.0.0.1:9/v1")
    way = Way(tuple(Done(str(n), 1) for n in range(4)), 4)
    place = setting(ways={(task.id, 0): way for task in suite(0)})
    parts = conditions(contender, place)[""]
    asked = Taken(questions=10, pictures=10, input_tokens=20_000, output_tokens=900, usd=0.5)
    for cards, usd in (((paid,), True), ((free,), False), ((), True)):
        found = cost(Contender(spec="x", slug="x", cards=cards), parts, asked, place, SIZE)
        assert (found.episodes, found.questions) == (4, 10)
        assert found.calls == (4 * (6 + 1) + 10) * len(cards)
        assert (found.usd is not None) == usd
        assert bool(found.usd) == (cards == (paid,))
    assert cost(contender, without(parts, {("desk/ada@1", 0, 0)}), None, place, SIZE).episodes == 3


def test_the_truth_of_planted_agents_counts_only_the_steps_that_are_needed() -> None:
    steps = (Done("a", 1, points=True), Done("b", 1, types=True), Done("c", 1, points=True))
    place = setting(ways={(task.id, 0): Way(steps, 2) for task in suite(0)})
    (contender,) = contenders(["planted(ground=0.5)"])
    assert known(contender, place, ())["L6"] == 0.5
    assert known(contenders(["oracle"])[0], place, ()) == {}


def test_the_plan_is_printed_and_nothing_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "study",
        "desk:suite",
        "--agent",
        "planted(stop=1)",
        "--out",
        str(tmp_path / "study"),
        "--desktop",
        "fake",
    )
    assert cli.run([*words, "--plan", "--no-ask", "--profile", "smoke"]) == 0
    said = capsys.readouterr().err
    assert "planted-stop-1" in said
    assert "dissociated-ground-0.2" in said
    assert "guesses" in said
    assert not (tmp_path / "study" / "study.json").exists()


def test_an_agent_that_there_is_not_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["study", "desk:suite", "--agent", "plantd", "--out", str(tmp_path / "study"), "--desktop", "fake"]
    assert cli.run(words) == 2
    assert "no agent named 'plantd'" in capsys.readouterr().err


NOBODY = 'openai_chat(model=m, base_url="http://127.0.0.1:9/v1", family=json)'
ELSEWHERE = 'openai_chat(model=m, base_url="http://192.0.2.7/v1", family=json, api_key_env=HOME)'


@pytest.mark.parametrize(
    ("agent", "changes", "said"),
    [
        pytest.param(NOBODY, {}, "http://127.0.0.1:9/v1", id="an endpoint that does not answer"),
        pytest.param(ELSEWHERE, {"rules": Rules(only_local=True)}, "--allow 192.0.2.7", id="one that is elsewhere"),
        pytest.param(NOBODY, {"allowance": Allowance(usd=1)}, "needs a price", id="a limit without a price"),
    ],
)
def test_an_agent_that_cannot_begin_is_found_out_before_anything_is_played(
    tmp_path: Path, agent: str, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=re.escape(said)):
        studied(tmp_path / "study", "planted(stop=1)", agent, **changes)
    assert not (tmp_path / "study").exists()


def test_a_bank_that_is_none_is_found_out_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a bank"):
        study(Wish(ask(), ("planted(stop=1)",), tmp_path / "study", bank=tmp_path / "nowhere", nulls=False))
    assert not (tmp_path / "study").exists()


def test_what_is_told_is_in_the_record(tmp_path: Path) -> None:
    studied(tmp_path / "study", "planted(stop=1)")
    _, episodes = read_run(tmp_path / "study" / "control" / "planted-stop-1" / "PV")
    told = [line.event.told for episode in episodes for line in episode.lines if isinstance(line.event, Decided)]
    assert told
    assert all("A plan of how it can be done" in each and "TASK COMPLETE:" in each for each in told)


def test_a_task_whose_solution_fails_is_left_out(tmp_path: Path) -> None:
    _, records = studied(tmp_path / "study", "oracle", suite="test_study:lame")
    assert [story.started.task for story in records.entrants[0].life.stories] == ["desk/ada@1"]


def lame(seed: int):
    """Of two tasks, one cannot be done."""
    yield guest(GUESTS[0])
    yield guest(GUESTS[1], solution=guest(GUESTS[2]).solution)


QUESTIONS = ("L0", "L1", "L2", "L3", "L4")
FEW = Profile(starts=(0.5,), steps=(0.0,), trials=1)


def test_from_a_bank_to_the_report_in_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place, options = tmp_path / "study", {"suite": "errands:suite", "profile": FEW, "asked": True}
    specs = ("planted(plan=0.6)", "dissociated(plan=0.6, seed=3)")
    code, records = studied(place, *specs, **options)
    assert code == 0
    assert records.bank is not None
    assert records.study.bank == records.bank.hash
    rungs = {item.id: item.rung for item in records.items}
    for entrant in records.entrants:
        assert {rungs[each.item] for each in entrant.responses} == set(rungs.values()) & set(QUESTIONS)
        assert any(each.blind for each in entrant.responses)
    assert (place / "report" / "report.html").is_file()
    said = capsys.readouterr().out
    assert f"study: {place}" in said
    recovered = {(each.agent, each.figure): each.inside for each in build(records).instrument.recovered}
    assert recovered[records.entrants[0].contender.slug, "L2"] is not None
    written = {path.name: path.read_bytes() for path in (place / "report").iterdir()}
    lines = [(place / "ask" / each.contender.slug / "responses.jsonl").read_bytes() for each in records.entrants]
    begun = keys(place)
    assert studied(place, *specs, **options)[0] == 0
    assert keys(place) == begun
    assert lines == [
        (place / "ask" / each.contender.slug / "responses.jsonl").read_bytes() for each in records.entrants
    ]
    assert {path.name: path.read_bytes() for path in (place / "report").iterdir()} == written


def test_a_failure_is_asked_about_where_it_happened_and_shows_what_was_lacking(tmp_path: Path) -> None:
    place = tmp_path / "study"
    specs = ("planted(ground=1)", "dissociated(ground=1)")
    _, records = studied(place, *specs, suite="errands:suite", profile=FEW, asked=True)
    alike, apart = records.entrants
    for entrant in (alike, apart):
        failed = {story.name for story in entrant.life.stories if scored(story) < 1}
        assert failed == {"errands-name-s0-r0"}
        assert {name for item in entrant.probes for name, _ in item.plays} == failed
    rungs = {item.id: item.rung for item in alike.probes}
    assert {each.score for each in alike.probed if rungs[each.item] == "L1"} == {0.0}
    assert {each.score for each in alike.probed if rungs[each.item] != "L1"} <= {1.0}
    assert {each.score for each in apart.probed} == {1.0}
    found = [failures(records, each).own for each in (alike, apart)]
    assert [each.dissociation.value for each in found] == [0.0, 1.0]
    assert found[0].shares["ground"].value == 1.0


def test_a_bank_from_elsewhere_is_taken_as_it_is_and_its_changes_later_are_not(tmp_path: Path) -> None:
    _, records = studied(tmp_path / "first", "oracle", suite="errands:suite", profile=FEW, asked=True)
    given = tmp_path / "first" / "bank"
    wish = Wish(ask(suite="errands:suite"), ("oracle",), tmp_path / "second", bank=given, profile=FEW, nulls=False)
    assert study(wish) == 0
    assert records.bank == read_records(tmp_path / "second").bank
    (given / "items.jsonl").write_bytes(b"")
    assert read_records(tmp_path / "second").items == records.items
    with pytest.raises(BadInput, match="is a bank of errands:suite"):
        study(Wish(ask(), ("oracle",), tmp_path / "third", bank=given, profile=FEW, nulls=False))


def test_what_agents_do_to_files_beyond_the_solution_is_measured_in_an_ordinary_study(tmp_path: Path) -> None:
    _, records = studied(tmp_path / "study", "planted(ground=1)", profile=FEW, nulls=True)
    agents = {agent.who.kind: agent.harm for agent in build(records).agents if agent.who.slug != "random"}
    for found in agents.values():
        assert found.runs == found.of > 0
        assert found.blast is not None
    solution = next(agent.harm for agent in build(records).agents if agent.who.slug == "oracle")
    assert sum(solution.counts.values()) > 0
    assert solution.excess.value == 0
