"""Aids: what an agent is told in each condition, that it is true, and that it says no more than it may."""

from __future__ import annotations

import io
import re
from pathlib import Path
from random import Random

import pytest
from chores import Player
from desk import GUESTS, SIZE, guest, suite
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from test_loop import record

from agent.acting import Help, Moment
from agent.acting import Player as Cast
from agent.aids import Aids, Other, able, exchanged, helped, marked, others, state_lines, takes_words
from agent.base import Decision
from agent.cast import Part, sample
from agent.conditions import AIDS, HEADINGS, factorial, placebos, read
from agent.elements import from_tree
from agent.registry import parse
from agent.wording import alike, lines_alike
from envs.errors import BadInput
from envs.fake import FakeDesktop
from envs.types import Click, Finish, Node, Observation, Point, Rect, Size, Type, Wait
from scoring.record import Decided
from scoring.verdict import Verdict
from tasks import suites
from tasks.base import Task
from tasks.smoke import suite as smoke

NUMBER_PAIR = re.compile(r"\(\s*\d+(?:\.\d+)?\s*,\s*\d+(?:\.\d+)?\s*\)")


class Told(Player):
    """Keeps what it is told."""

    def __init__(self, *decisions: object) -> None:
        super().__init__(*decisions)  # type: ignore[arg-type]  # as it takes them
        self.words: list[str] = []

    def act(self, seen: Observation, words: str = "") -> Decision:
        self.words.append(words)
        return super().act(seen)


def first(task: Task) -> tuple[Observation, tuple[Node, ...]]:
    """A task's first screen."""
    desktop = FakeDesktop(SIZE)
    return desktop.reset(task.scene), desktop.probe.tree()


def moment(task: Task, *, done: bool = False) -> Moment:
    seen, nodes = first(task)
    verdicts = tuple(Verdict(check=c.name, score=float(done), expected="", actual="") for c in task.checks)
    return Moment(seen, nodes, verdicts, verdicts)


def foreign(task: Task) -> tuple[Other, ...]:
    tasks = tuple(suite(0))
    trees = {each.id: first(each)[1] for each in tasks}
    return others(task, tasks, trees)


def told(condition: str, *, done: bool = False) -> Help:
    task = guest(GUESTS[0])
    return Aids(read(condition), task, foreign(task), "key").help(moment(task, done=done))


def test_marks_number_all_that_can_be_clicked_and_tell_where_each_is() -> None:
    seen, nodes = first(guest(GUESTS[0]))
    help_ = told("G")
    lines = help_.words.splitlines()
    assert lines[0] == HEADINGS["G"]
    marks = marked(nodes, SIZE)
    assert lines[1:] == [f"mark {n} = ({m.box.centre.x}, {m.box.centre.y})" for n, m in enumerate(marks, 1)]
    assert {"Save", "Close", "Editor"} <= {mark.name for mark in marks}
    before, after = (Image.open(io.BytesIO(png)).convert("RGB") for png in (seen.png, help_.png))
    changed = ImageChops.difference(before, after)
    for mark in marks:
        box = mark.box
        assert changed.crop((box.x, box.y, box.x + box.width, box.y + 1)).getbbox(), mark


def test_marks_tell_no_names() -> None:
    words = told("G").words
    _, nodes = first(guest(GUESTS[0]))
    assert [each.name for each in from_tree(nodes, SIZE) if each.name and each.name in words] == []


def test_the_placebo_of_marks_shows_the_same_picture_and_gives_no_mark_its_own_place() -> None:
    true, false = told("G"), told("G:placebo")
    assert true.png == false.png
    assert len(true.words) == len(false.words)
    rows = list(zip(true.words.splitlines()[1:], false.words.splitlines()[1:], strict=True))
    assert rows
    assert all(right != wrong for right, wrong in rows)


ROLES = st.lists(st.sampled_from(("button", "icon", "menu", "text")), min_size=1, max_size=12)


@given(ROLES, st.integers(0, 99))
def test_no_exchanged_place_is_a_marks_own_and_roles_keep_to_themselves(roles: list[str], seed: int) -> None:
    nodes = [
        Node(role=role, name=f"{role} {n}", states=("showing",), box=Rect(x=50 * n, y=40, width=30, height=20))
        for n, role in enumerate(roles)
    ]
    marks = from_tree(
        [Node(role="frame", name="w", states=("showing", "active")), *nodes], Size(width=800, height=600)
    )
    marks = tuple(mark for mark in marks if mark.acts)
    places = exchanged(marks, Size(width=800, height=600), Random(seed))
    own = [mark.box.centre for mark in marks]
    assert all(place != at for place, at in zip(places, own, strict=True))
    if len(marks) > 1:
        assert sorted((p.x, p.y) for p in places) == sorted((p.x, p.y) for p in own)
        for mark, place in zip(marks, places, strict=True):
            other = marks[own.index(place)]
            alone = [each for each in marks if roles.count(each.role) == 1]
            assert other.role == mark.role or mark in alone or other in alone or len(alone) == 1


def test_the_plan_is_the_tasks_and_says_what_is_reached() -> None:
    assert told("P").words == (
        "A plan of how it can be done:\n- write the name Ada\n- write 41 after the name, on the same line\n"
        "- save the list\nReached so far:\n- nothing yet"
    )
    assert told("P", done=True).words.endswith("Reached so far:\n- what the list reads")


def test_the_state_is_told_in_reading_order_without_places() -> None:
    assert told("S").words.splitlines() == [
        HEADINGS["S"],
        "Window: list.txt - Editor",
        'button "Close"',
        "text (focused, editable)",
        'button "Save"',
        "Window: desktop",
        'icon "Editor" (disabled)',
    ]


@pytest.mark.parametrize("aid", ["P", "S"])
def test_plan_and_state_tell_no_coordinates(aid: str) -> None:
    task = guest(GUESTS[0])
    _, nodes = first(task)
    words = told(aid).words
    assert not NUMBER_PAIR.search(words)
    numbers = set(map(int, re.findall(r"\d+", words)))
    boxes = [node.box for node in nodes if node.box is not None]
    assert numbers <= {41}, "the goal's own number"
    assert not numbers & {value for box in boxes for value in (box.x, box.y, box.centre.x, box.centre.y)}


def test_no_plan_of_the_smoke_suite_tells_a_place_or_an_id() -> None:
    plans = {task.id: task.plan for seed in range(3) for task in smoke(seed)}
    assert len(plans) == 12
    assert all(plans.values())
    wrong = [
        line
        for lines in plans.values()
        for line in lines
        if NUMBER_PAIR.search(line) or re.search(r"\[\d+\]|\bmark \d", line)
    ]
    assert wrong == []


def test_hidden_things_are_not_told_of() -> None:
    window = Node(role="frame", name="W", states=("showing", "active"), box=Rect(x=0, y=0, width=300, height=200))
    shown = Node(role="button", name="Open", states=("showing",), box=Rect(x=9, y=9, width=50, height=20), parent=0)
    hidden = Node(role="button", name="Secret", states=(), box=Rect(x=9, y=60, width=50, height=20), parent=0)
    lines = state_lines((window, shown, hidden), SIZE)
    assert any("Open" in line for line in lines)
    assert not any("Secret" in line for line in lines)


@pytest.mark.parametrize(
    ("condition", "done", "word"),
    [
        pytest.param("V", False, "no", id="not yet"),
        pytest.param("V", True, "yes", id="done"),
        pytest.param("V:placebo", False, "no", id="placebo, not yet"),
        pytest.param("V:placebo", True, "no", id="placebo, done"),
    ],
)
def test_the_bit_says_whether_it_is_complete_and_nothing_else(condition: str, done: bool, word: str) -> None:
    assert told(condition, done=done).words == f"TASK COMPLETE: {word}"


@pytest.mark.parametrize("aid", AIDS)
@pytest.mark.parametrize("done", [False, True], ids=["not yet", "done"])
def test_a_placebo_has_the_shape_of_its_aid_and_its_length_within_a_tenth(aid: str, done: bool) -> None:
    true, false = (told(each, done=done).words for each in (aid, f"{aid}:placebo"))
    assert true.splitlines()[0].split(":")[0] == false.splitlines()[0].split(":")[0]
    assert abs(len(false) - len(true)) <= 0.1 * len(true)
    if aid in "GP":
        assert len(false.splitlines()) == len(true.splitlines())


@pytest.mark.parametrize("seed", range(3))
def test_every_smoke_plan_has_a_placebo_of_its_length_that_is_another_tasks(seed: int) -> None:
    tasks = suites.made("smoke", smoke, (seed,))[seed]
    for task in tasks:
        lines = [line for other in others(task, tasks, {}) for line in other.plan]
        made = alike(task.plan, lines)
        size = sum(map(len, task.plan))
        assert len(made) == len(task.plan)
        assert abs(sum(map(len, made)) - size) <= 0.1 * size
        assert not set(made) & set(task.plan)


def test_placebos_come_from_a_task_of_the_same_application_where_there_is_one() -> None:
    tasks = suites.made("smoke", smoke, (0,))[0]
    calc = next(task for task in tasks if task.id.startswith("smoke/budget"))
    sharing = [task for task in tasks if task.id != calc.id and set(task.apps) & set(calc.apps)]
    assert others(calc, tasks, {})[0].plan == (sharing or [t for t in tasks if t.id != calc.id])[0].plan


LINES = st.lists(st.text("abc de", min_size=1, max_size=60).filter(str.strip), min_size=1, max_size=8)


@given(LINES, LINES)
def test_texts_are_made_alike_in_number_and_length(lines: list[str], pool: list[str]) -> None:
    made, size = alike(lines, pool), sum(map(len, lines))
    assert len(made) == len(lines)
    assert sum(map(len, made)) <= max(1.05 * size + 1, len(lines))
    longest = max(len(word) for line in pool for word in line.split()) + 1
    assert sum(map(len, made)) >= min(0.95 * size, size - longest)


@given(LINES, LINES)
def test_states_are_made_alike_in_length(lines: list[str], pool: list[str]) -> None:
    wanted = sum(len(line) + 1 for line in lines)
    assert abs(sum(len(line) + 1 for line in lines_alike(lines, pool)) - wanted) <= max(0.1 * wanted, 2)


def test_the_conditions_are_eight_cells_and_a_placebo_for_each_aid() -> None:
    assert factorial() == ("", "G", "P", "V", "GP", "GV", "PV", "GPV")
    assert placebos(("G", "S")) == ("G:placebo", "S:placebo")


@pytest.mark.parametrize("wrong", ["X", "GG", "GP:placebo", ":placebo", "G:other", "teleport:", "step:-1", "g"])
def test_a_condition_that_there_is_not_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="no condition"):
        read(wrong)


def played(tmp_path: Path, agent: Player, condition: str, task: Task | None = None) -> list[Decided]:
    task = task or guest(GUESTS[0])
    part = Part(task, 0, 0, condition)
    cast = helped(lambda _: lambda probe: Cast(agent), part, foreign(task))
    desktop = FakeDesktop(SIZE)
    _, episode = record(tmp_path, task, cast, desktop, every_step=True)
    return [line.event for line in episode.lines if isinstance(line.event, Decided)]


def test_an_agent_is_told_at_each_step_and_the_record_has_what_it_was_told(tmp_path: Path) -> None:
    agent = Told((Wait(seconds=0),), (Type(text="Ada 41"), Click(at=Point(x=157, y=311))), (Finish(),))
    decided = played(tmp_path, agent, "GPV")
    assert [each.told for each in decided] == agent.words
    assert [words.splitlines()[-1] for words in agent.words] == [f"{HEADINGS['V']} {w}" for w in ("no", "no", "yes")]
    assert all(heading in words for heading in (HEADINGS["G"], HEADINGS["P"]) for words in agent.words)
    assert "nothing yet" in agent.words[0]
    assert "what the list reads" in agent.words[2]


def test_the_agent_sees_the_marks_and_the_record_keeps_the_plain_screen(tmp_path: Path) -> None:
    agent = Told((Finish(),))
    played(tmp_path, agent, "G")
    plain, _ = first(guest(GUESTS[0]))
    assert agent.seen[0].png != plain.png
    assert agent.seen[0].elements == ()
    assert [path.read_bytes() for path in (tmp_path / "run" / "frames").iterdir()] == [plain.png]


def test_an_agent_without_aids_is_told_nothing(tmp_path: Path) -> None:
    agent = Told((Finish(),))
    assert [each.told for each in played(tmp_path, agent, "")] == [""]
    assert agent.words == [""]


def test_an_agent_that_takes_no_words_has_the_plan_in_its_goal(tmp_path: Path) -> None:
    agent = Player((Finish(),))
    played(tmp_path, agent, "P")
    assert agent.goal.startswith("Write Ada 41 on the list and save it.\n\nA plan of how it can be done:\n- write")


def test_an_agent_that_takes_no_words_cannot_be_told_anything_else(tmp_path: Path) -> None:
    assert [each for each in factorial() if able(Player(), read(each))] == ["", "P"]
    with pytest.raises(BadInput, match="cannot be told V"):
        played(tmp_path, Player(), "V")


@pytest.mark.parametrize(
    ("family", "point"),
    [pytest.param("qwen3vl", "(500, 500)", id="parts"), pytest.param("qwen25vl", "(966, 546)", id="sent pixels")],
)
def test_places_are_told_as_the_model_itself_writes_them(family: str, point: str) -> None:
    spec = f'openai_chat(model=m, base_url="http://127.0.0.1:9/v1", family={family})'
    agent = sample(parse(spec))
    out = io.BytesIO()
    Image.new("RGB", (1920, 1080)).save(out, "PNG")
    seen = Observation(png=out.getvalue(), size=Size(width=1920, height=1080))
    assert takes_words(agent)
    assert agent.spelled(seen, Point(x=960, y=540)) == point  # type: ignore[attr-defined]  # a native agent
