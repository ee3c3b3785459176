"""`handeye osworld export` and `import`: there and back with the same numbers, and others' results as they stand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from agent.cast import decisions
from agent.cli import run
from envs.errors import TaskFault
from scoring.osworld.results.layout import moment, stamp
from scoring.record import Looked, Unread, read_run
from scoring.report import build
from scoring.story import Story, frames, read
from scoring.viewer import serve
from scoring.words import said
from tests.scoring.golden import build as golden
from tests.strangers import ARGUMENTS, BEGUN, BROKEN, INFEASIBLE, MIXED, MODEL, PASSED, lay, line, screen, write

Out = pytest.CaptureFixture[str]


def say(capsys: Out, *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["osworld", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden(tmp_path_factory.mktemp("ours") / "golden")


@pytest.fixture(scope="module")
def exported(ours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "results"
    assert run(["osworld", "export", str(ours), "--out", str(out), "--no-films"]) == 0
    return out


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brought")
    assert run(["osworld", "import", str(lay(folder / "results")), "--out", str(folder / "run")]) == 0
    return folder / "run"


def stories(folder: Path) -> dict[str, Story]:
    return {story.started.task.split("/")[-1]: story for story in read(folder)[1]}


def done(story: Story) -> list[tuple[object, str, bool]]:
    return [(turn.action, turn.after.refused if turn.after else "", turn.leads) for turn in story.turns]


def shown(story: Story) -> list[str]:
    return [look.frame for turn in story.turns for look in (turn.before, turn.after) if look]


def test_there_and_back_the_numbers_the_actions_and_the_pictures_are_the_same(
    ours: Path, exported: Path, tmp_path: Path, capsys: Out
) -> None:
    code, out, _ = say(capsys, "import", exported, "--out", tmp_path / "back")
    assert (code, out) == (0, f"6 tasks, 4 with a result: {tmp_path / 'back'}\n")
    then, now = build(ours), build(tmp_path / "back")
    for name in ("success", "score", "steps", "endings"):
        assert getattr(now.numbers, name) == getattr(then.numbers, name), name
    assert now.numbers.counts.superseded == 0
    counted = {each.task: each for each in then.episodes if each.counted}
    assert {each.task for each in now.episodes} == counted.keys()
    for each in now.episodes:
        was = counted[each.task]
        assert (each.outcome, each.passed, each.score, each.steps) == (was.outcome, was.passed, was.score, was.steps)
    kept = {story.name: story for story in read(ours)[1]}
    back = stories(tmp_path / "back")
    for was in (kept[each.name] for each in counted.values()):
        is_ = back[was.started.task.split("/")[-1]]
        assert done(is_) == done(was)
        assert shown(is_) == shown(was)
        assert (is_.started.goal, is_.started.apps) == (was.started.goal, was.started.apps)
        assert is_.ended is not None
        assert was.ended is not None
        assert (is_.ended.how, is_.ended.claim, is_.ended.answer) == (
            was.ended.how,
            was.ended.claim,
            was.ended.answer,
        )


def test_and_there_again_the_results_are_the_same(exported: Path, tmp_path: Path, capsys: Out) -> None:
    say(capsys, "import", exported, "--out", tmp_path / "back")
    code, _, _ = say(capsys, "export", tmp_path / "back", "--out", tmp_path / "again", "--no-films")
    assert code == 0
    files = {path.relative_to(exported) for path in exported.rglob("result.txt")}
    assert files == {path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("result.txt")}
    assert len(files) == 4
    for file in files:
        assert (tmp_path / "again" / file).read_text() == (exported / file).read_text()
        mine, theirs = (
            [json.loads(row)["action"] for row in (root / file.parent / "traj.jsonl").read_text().splitlines()
             if "Error" not in json.loads(row)]
            for root in (exported, tmp_path / "again")
        )  # fmt: skip
        assert mine == theirs


def test_what_osworld_reads_is_where_it_reads_it(exported: Path) -> None:
    """Its own summary: the numbers of every result.txt two folders below the model's."""
    model = exported / "pyautogui" / "screenshot" / "made"
    found = {path.parent.name: float(path.read_text()) for path in model.glob("*/*/result.txt")}
    assert found == {"budget@1": 1.0, "letter@1": 0.0, "mail@1": 0.0, "picture@1": 1.0}
    lines = [json.loads(row) for row in (model / "golden" / "budget@1" / "traj.jsonl").read_text().splitlines()]
    assert [each["step_num"] for each in lines] == [1, 2, 3, 4, 4, 4, 5]
    assert (lines[-1]["action"], lines[-1]["done"], lines[-1]["info"]["done"]) == ("DONE", True, True)
    assert lines[0]["action"].endswith("pyautogui.moveTo(240, 155)\npyautogui.click(button='left', clicks=1)")
    assert {"action_timestamp", "response", "reward", "screenshot_file"} <= lines[0].keys()
    for each in lines:
        assert each["screenshot_file"] == f"step_{each['step_num']}_{each['action_timestamp']}.png"
        assert (model / "golden" / "budget@1" / each["screenshot_file"]).is_file()
    void = (model / "golden" / "archive@1" / "traj.jsonl").read_text()
    assert json.loads(void.splitlines()[-1])["Error"].startswith("task fault: ")
    summary = json.loads((exported / "summary" / "results.json").read_text())
    assert [(each["status"], each["score"]) for each in summary if each["task_id"] == "letter@1"] == [
        ("success", 0.0)
    ]
    assert [bool(each.get("err_message")) for each in summary if each["status"] == "error"] == [True, True]
    assert json.loads((model / "args.json").read_text())["observation_type"] == "screenshot"


def test_a_result_that_is_there_is_never_replaced(ours: Path, tmp_path: Path, capsys: Out) -> None:
    there = tmp_path / "pyautogui" / "screenshot" / "made" / "golden" / "letter@1"
    there.mkdir(parents=True)
    (there / "result.txt").write_text("0.25\n")
    code, out, err = say(capsys, "export", ours, "--out", tmp_path, "--no-films")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "1 of the results are there already" in err
    assert (there / "result.txt").read_text() == "0.25\n"
    assert [path.name for path in tmp_path.rglob("traj.jsonl")] == []


def test_an_unfinished_folder_is_begun_anew_as_osworld_does(ours: Path, tmp_path: Path, capsys: Out) -> None:
    there = tmp_path / "pyautogui" / "screenshot" / "made" / "golden" / "letter@1"
    there.mkdir(parents=True)
    for name in ("traj.jsonl", "step_9_20250101@000000000000.png", "notes.md"):
        (there / name).write_text("old")
    assert say(capsys, "export", ours, "--out", tmp_path, "--no-films")[0] == 0
    assert not (there / "step_9_20250101@000000000000.png").exists()
    assert (there / "notes.md").read_text() == "old"
    assert (there / "traj.jsonl").read_text().startswith('{"step_num": 1,')


def test_a_run_with_films_has_recordings(ours: Path, tmp_path: Path, capsys: Out) -> None:
    small = tmp_path / "small"
    shutil.copytree(ours, small, ignore=shutil.ignore_patterns("letter*", "mail*", "picture*", "clip*", "budget*"))
    assert say(capsys, "export", small, "--out", tmp_path / "out")[0] == 0
    recording = next((tmp_path / "out").rglob("recording.mp4"))
    assert recording.read_bytes()[4:8] == b"ftyp"


def test_another_seed_of_a_task_is_another_model_there_and_one_agent_again_here(
    ours: Path, tmp_path: Path, capsys: Out
) -> None:
    two = tmp_path / "two"
    shutil.copytree(ours, two)
    asked = json.loads((two / "run.json").read_text())
    asked["options"] |= {"infeasible": "golden/mail@1", "idle": "0.25"}
    (two / "run.json").write_text(json.dumps(asked))
    log = two / "episodes" / "budget-s0-r0" / "events.jsonl"
    (two / "episodes" / "budget-s1-r0").mkdir()
    (two / "episodes" / "budget-s1-r0" / "events.jsonl").write_text(log.read_text().replace('"seed":0', '"seed":1'))
    assert say(capsys, "export", two, "--out", tmp_path / "out", "--no-films")[0] == 0
    models = {path.name for path in (tmp_path / "out" / "pyautogui" / "screenshot").iterdir()}
    assert models == {"made_s0_r0", "made_s1_r0"}
    assert say(capsys, "import", tmp_path / "out", "--out", tmp_path / "back")[0] == 0
    assert build(tmp_path / "back").numbers.success == build(two).numbers.success
    back = build(tmp_path / "back").run
    assert back.seeds == (0, 1)
    assert (back.options["infeasible"], back.options["idle"]) == ("golden/mail@1", "0.25")


def test_others_results_are_what_they_say(brought: Path) -> None:
    told = {name: story.ended for name, story in stories(brought).items()}
    assert {name: (each.how, each.score, each.claim) for name, each in told.items() if each} == {
        PASSED: ("finished", 1.0, "done"),
        INFEASIBLE: ("finished", 1.0, "infeasible"),
        BROKEN: ("stopped", None, ""),
        BEGUN: ("stopped", None, ""),
        MIXED: ("out_of_budget", 0.5, ""),
    }
    made = build(brought)
    assert (made.run.agent, made.run.desktop, made.run.suite) == ("gpt-4o", "OSWorld", "osworld")
    assert (made.numbers.counts.judged, made.numbers.counts.passed, made.numbers.counts.stopped) == (3, 2, 2)
    why = {each.task.split("/")[-1]: each.why for each in made.episodes}
    assert why[BROKEN] == f"its runner wrote an error: Time limit exceeded in os/{BROKEN}"
    assert why[BEGUN] == "there is no result.txt: unfinished, or its runner failed"
    assert not any("password" in name for name in made.run.options)
    assert made.run.options["args.sleep_after_execution"] == str(ARGUMENTS["sleep_after_execution"])


def test_their_actions_have_places_and_what_cannot_be_read_stands_as_text(brought: Path) -> None:
    told = stories(brought)
    assert [said(turn.action) for turn in told[PASSED].turns] == [
        "click at 640, 480",
        "move to 300, 250",
        "drag to 900, 520",
        "wait 0.5 s",
        "press ctrl + c",
        "type 'hello'",
        "for place in [1, 2]: pyautogui.scroll(-5)",
        "finish: done",
    ]
    assert [turn.leads for turn in told[PASSED].turns] == [True, True, False, False, False, False, True, True]
    assert told[PASSED].turns[6].action == Unread(text="for place in [1, 2]:\n    pyautogui.scroll(-5)")
    assert [said(turn.action) for turn in told[BROKEN].turns] == ["wait 3 s"]
    assert [said(turn.action) for turn in told[MIXED].turns] == [
        "press ctrl + s", "press enter", "Agent.click(12)", '{"step_num": 4, "action": "pyautogui.cli',
    ]  # fmt: skip
    words = [decided.raw for decided in told[MIXED].decisions]
    assert json.loads(words[0].split("\n\n[action]")[0]) == {"text": ["I save."], "usage": 12}
    assert json.loads(words[1].split("\n\n[action]")[0]) == {"thought": "I click."}


def test_times_are_those_of_stamps_and_nothing_is_said_of_where_they_went(brought: Path) -> None:
    told = stories(brought)
    assert [turn.acted for turn in told[PASSED].turns] == [0.0, 7.5, 7.5, 7.5, 7.5, 12.25, 20.0, 30.0]
    assert told[PASSED].started.utc == "2026-03-01T09:00:00.000000"
    assert [turn.acted for turn in told[INFEASIBLE].turns] == [0.0, 10.0, 20.0]
    assert told[MIXED].started.utc == ""
    latency = build(brought).numbers.latency
    assert {latency.step.count, latency.model.count, latency.harness.count, latency.reset.count} == {0}
    seconds = {each.task.split("/")[-1]: each.seconds for each in build(brought).episodes}
    assert seconds[PASSED] == 30.0
    assert str(seconds[MIXED]) == "nan"


def test_pictures_are_found_by_name_stamp_or_number_and_only_what_is_there(brought: Path) -> None:
    told = stories(brought)
    assert told[PASSED].first is None
    assert [look is not None for look in (turn.after for turn in told[PASSED].turns)] == [
        True, False, False, False, True, True, True, False,
    ]  # fmt: skip
    assert isinstance(told[INFEASIBLE].first, Looked)
    assert told[INFEASIBLE].turns[0].after is not None
    assert told[INFEASIBLE].turns[1].after is None
    assert told[INFEASIBLE].started.goal == "Switch on the Bluetooth."
    assert list(frames(told[MIXED])) == []
    for story in told.values():
        for frame in frames(story):
            assert (brought / "frames" / f"{frame}.png").read_bytes().startswith(b"\x89PNG")


def test_instructions_come_from_osworlds_tasks(tmp_path: Path, capsys: Out) -> None:
    from tests.worlds import ID, task
    from tests.worlds import lay as world

    tasks = world(tmp_path / "tasks", task(1))
    write(
        tmp_path / "r" / "pyautogui" / "screenshot" / "m" / "os" / f"{ID}1", [line(1, None, "DONE")], result__txt="0"
    )
    code, out, _ = say(capsys, "import", tmp_path / "r", "--out", tmp_path / "run", "--tasks", tasks)
    assert (code, "--tasks" in out) == (0, False)
    assert [story.started.goal for story in read(tmp_path / "run")[1]] == ["Write a word into the file."]
    assert build(tmp_path / "run").run.options["infeasible"] == "none"


@pytest.mark.parametrize(
    ("text", "score", "why"),
    [
        ("1", 1.0, ""),
        ("0.5\n", 0.5, "OSWorld's evaluator: 0.5 in result.txt"),
        ("True", 1.0, ""),
        ("1.5", 1.0, ""),
        ("", None, "result.txt holds no number but ''"),
        ("nan", None, "result.txt holds no number but 'nan'"),
        ("__import__('os').getpid()", None, "result.txt holds no number but \"__import__('os').getpid()\""),
    ],
)
def test_a_result_is_a_number_or_none(tmp_path: Path, capsys: Out, text: str, score: float | None, why: str) -> None:
    write(tmp_path / "r" / MODEL / "os" / PASSED, [line(1, None, "DONE")], result__txt=text)
    assert say(capsys, "import", tmp_path / "r", "--out", tmp_path / "run")[0] == 0
    (episode,) = build(tmp_path / "run").episodes
    assert (episode.score, episode.why) == (score, why)


@pytest.mark.parametrize(
    ("words", "said_"),
    [
        (("export", "nowhere", "--out", "o"), "nowhere is not a run: it has no run.json"),
        (("import", "nowhere", "--out", "o"), "there is no folder nowhere; give OSWorld's result_dir"),
        (("import", "empty", "--out", "o"), "empty holds no results of OSWorld"),
        (("import", "results", "--out", "results/run"), "results/run already holds a run; choose another --out"),
        (("import", "both", "--out", "o"), "both holds results of 2 models: a, b; give one model's folder"),
        (("import", "bad", "--out", "o"), "args.json, found"),
        (("import", "results"), "--out"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said_: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    lay(tmp_path / "results")
    (tmp_path / "results" / "run").mkdir()
    (tmp_path / "results" / "run" / "run.json").write_text("{}")
    for root, model in (("both", "a"), ("both", "b"), ("bad", "m")):
        write(tmp_path / root / "pyautogui" / "screenshot" / model / "os" / PASSED, [], result__txt="1")
    (tmp_path / "bad" / "pyautogui" / "screenshot" / "m" / "args.json").write_text("{")
    code, out, err = say(capsys, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said_ in err
    assert not (tmp_path / "o").exists()


def test_a_picture_of_another_folder_is_not_taken(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "secret.png").write_bytes(screen("secret"))
    folder = write(tmp_path / "r" / MODEL / "os" / PASSED, [], result__txt="1")
    row = line(1, None, "pyautogui.click(1, 1)", screenshot_file="../../../../../../secret.png")
    (folder / "traj.jsonl").write_text(json.dumps(row))
    (folder / "step_1.png").symlink_to(tmp_path / "secret.png")
    assert say(capsys, "import", tmp_path / "r", "--out", tmp_path / "run")[0] == 0
    assert list((tmp_path / "run" / "frames").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("20260301@090000123456", datetime(2026, 3, 1, 9, 0, 0, 123456)),  # noqa: DTZ001 - no zone is written down
        ("20260301@090000_123456", datetime(2026, 3, 1, 9, 0, 0, 123456)),  # noqa: DTZ001
        ("20260301@123000", datetime(2026, 3, 1, 12, 30)),  # noqa: DTZ001
        ("20260399@123000", None),
        ("yesterday", None),
        (20260301, None),
    ],
)
def test_a_stamp_is_a_time_to_the_microsecond_or_to_the_second(text: object, when: datetime | None) -> None:
    assert moment(text) == when
    if when is not None:
        assert moment(stamp(when)) == when


@pytest.fixture(scope="module")
def page_of(brought: Path) -> Iterator[str]:
    viewer = serve(brought, 0)
    yield viewer.url
    viewer.close()


@pytest.mark.browser
def test_the_page_of_an_imported_run_shows_it_and_claims_no_more(page_of: str) -> None:
    chromium = shutil.which("chromium")
    assert chromium, "no chromium: ./dev setup installs it"
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.on("pageerror", lambda err: errors.append(str(err)))
        page.goto(page_of)
        assert page.locator("#latency").is_hidden()
        page.goto(f"{page_of}#chrome-{PASSED}-s0-r0/1")
        assert page.locator("#missing").inner_text() == "There is no picture of this in OSWorld's results."
        assert page.locator("#overlay .spot").count() == 1
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.locator("#frame").is_visible()
        assert page.locator("#overlay polyline").count() == 2
        assert page.locator("#steps .split").count() == 0
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        assert "No action of ours could be read of this" in page.locator("#steps .detail").inner_text()
        assert "OSWorld's results" in page.locator("#about").inner_text()
        page.goto(f"{page_of}#vs_code-{MIXED}-s0-r0/1")
        assert page.locator("#at").inner_text() == "step 1 of 4"
        assert page.locator("#facts").inner_text() == "seed 0, 4 steps"
        browser.close()
    assert errors == []


def test_a_picture_after_the_last_word_is_not_taken_for_what_an_action_led_to(tmp_path: Path, capsys: Out) -> None:
    """Whether the word came in the same response or in one of its own."""
    for step, folder in ((1, PASSED), (2, MIXED)):
        click = line(1, None, "pyautogui.click(1, 1)", screenshot_file="lost.png")
        last = line(step, None, "DONE", done=True, screenshot_file="last.png")
        (write(tmp_path / "r" / MODEL / "os" / folder, [click, last], result__txt="1") / "lost.png").unlink()
    assert say(capsys, "import", tmp_path / "r", "--out", tmp_path / "run")[0] == 0
    for story in read(tmp_path / "run")[1]:
        assert story.turns[0].after is None
        assert (story.ended and story.ended.claim) == "done"


def test_a_recording_that_could_not_all_be_read_is_not_played(brought: Path) -> None:
    _, episodes = read_run(brought)
    told = {each.name: each for each in episodes}
    assert len(list(decisions(told[f"os-{INFEASIBLE}-s0-r0"]))) == 3
    with pytest.raises(TaskFault, match=r"step 3 of the recording cannot be played: no action is"):
        list(decisions(told[f"vs_code-{MIXED}-s0-r0"]))
