"""What plays are worth, by logs written by hand: who is believed, what is a turn, what is left out, and masks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from envs.types import About, Click, Finish, Node, Observation, Point, Rect, Size, Type, Window
from scoring.record import FORMAT, Acted, Decided, Ended, EventLog, How, Run, Started, begin_run
from scoring.state import State, encoded
from scoring.understanding.apps import audited, found
from scoring.understanding.collect import CANNOT, LEFT, collected, operators, recorded, without_effect
from scoring.understanding.trails import Trails
from scoring.understanding.volatile import TILE, differing, masks, unsteady

SMALL = Size(width=64, height=48)
SHOWN = ("showing", "visible", "sensitive")
WINDOW = Rect(x=0, y=0, width=64, height=48)
FRAME = Node(role="frame", name="Notes", states=SHOWN, box=WINDOW, app="editor")
OK = Node(role="button", name="OK", states=SHOWN, box=Rect(x=8, y=8, width=16, height=10), parent=0, app="editor")


FILES = Node(role="table", name="Files", states=SHOWN, box=Rect(x=50, y=8, width=10, height=30), parent=0)
ROW = Node(role="table cell", name="a.txt", states=SHOWN, box=Rect(x=50, y=8, width=10, height=6), parent=1)


def state(text: str, button: Node = OK) -> State:
    """A field with the text. A `*` at its end is a crowd of other nodes."""
    crowd = tuple(
        Node(role="label", name=f"{number}", states=SHOWN, box=Rect(x=number, y=44, width=1, height=1), parent=0)
        for number in range(9 * text.endswith("*"))
    )
    field = Node(
        role="text", text=text, states=SHOWN, box=Rect(x=8, y=24, width=40, height=16), parent=0, app="editor"
    )
    return State(nodes=(FRAME, button, field, *crowd), hits={1: (1,) * 5, 2: (2,) * 5}, windows=())


def png(text: str, caret: bool = False, clock: int = 0) -> bytes:
    image = Image.new("RGB", (64, 48), "white")
    draw = ImageDraw.Draw(image)
    draw.point((sum(map(ord, text)) % 48, 24), fill="black")
    if caret:
        draw.point((20, 40), fill="black")
    draw.point((62, clock), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Recorder:
    """A run's folder, into which plays are written as the loop would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        run = Run(
            format=FORMAT, id="r", utc="0", handeye="0", suite="s", agent="plays", desktop="fake", seeds=(0,),
            repeats=1, tasks=("s/t@1",), jobs=1, size=SMALL, options={},
        )  # fmt: skip
        begin_run(folder, run)
        self.count = 0

    def play(
        self,
        name: str,
        texts: Sequence[str],
        score: float | None,
        *,
        spared: int = 0,
        how: How = "finished",
        answer: str = "",
        typing: str = "",
        left: str = "",
        moving: int = -1,
        **drawn: object,
    ) -> None:
        """Each text is typed over the one before; no states are kept of the first `spared` screens.

        A `!`, `?` or `*` at its end is there without having been typed; with `typing`, that is typed each time.
        The screen after `moving` texts had not come to rest.
        """
        self.count += 1
        log = EventLog(self.folder / "episodes" / f"e{self.count:03}")
        about = About(kind="fake", image="fake", code="fake", size=SMALL)
        log.append(
            Started(
                format=FORMAT, utc=f"{self.count:04}", suite="s", task="s/t@1", goal="g", seed=0, repeat=0,
                agent="plays", desktop=about, axes=(), checks=(), apps=("editor",), condition=name,
            )
        )  # fmt: skip
        for at, text in enumerate(texts):
            if at:
                typed = Type(text=typing or text.rstrip("!?*"))
                log.append(Decided(intent=f"type {typed.text}", thought="", actions=(typed,), seconds=0.0))
                log.append(Acted(step=at, action=typed))
            log.look(Observation(png=png(text, **drawn), size=SMALL, settled=at != moving), 0.0)
            if at >= spared:
                log.capture(state(text))
        if how == "finished":
            intent = f"{LEFT}{left}" if left else "done"
            log.append(Decided(intent=intent, thought="", actions=(Finish(answer=answer),), seconds=0.0))
        log.append(Ended(how=how, score=score, reason="" if score is not None else "a reason", answer=answer))


SOLVED = ("", "a", "ab", "abc")


@pytest.fixture
def run(tmp_path: Path) -> Recorder:
    recorder = Recorder(tmp_path / "run")
    recorder.play("solution", SOLVED, 1.0)
    recorder.play("again:1", SOLVED, 1.0)
    recorder.play("untouched", SOLVED[:1], 0.0)
    return recorder


def only(run: Recorder) -> Trails:
    ((trails,), dropped) = collected(run.folder)
    assert dropped == []
    return trails


def texts(trails: Trails, at: int, what: str) -> list[str]:
    return [moment.state.nodes[-1].text for moment in trails.turns[at][what].moments]


def test_plays_of_a_task_and_seed_are_put_together(run: Recorder) -> None:
    run.play("equivalent otherwise", ("", "abc"), 1.0)
    run.play("near-miss half", ("", "ab"), 0.0)
    run.play("drop:1", ("", "a", "aa"), 0.0)
    run.play("turn:2:double", ("", "a", "ab", "x"), 0.0)
    run.play("wrong-value:1", ("", "a", "ax", "abc"), 1.0)
    trails = only(run)
    assert (trails.task, trails.seed, trails.goal, trails.app) == ("s/t@1", 0, "g", "editor")
    assert [len(trails.solution.moments), len(trails.solution.steps), len(trails.again)] == [4, 3, 1]
    assert trails.untouched is not None
    assert sorted(trails.ways) == ["drop:1", "equivalent otherwise", "near-miss half", "wrong-value:1"]
    assert {at: sorted(turns) for at, turns in trails.turns.items()} == {1: ["value"], 2: ["double"]}
    assert trails.turns[1]["value"].score == 1.0


def test_a_play_whose_first_states_were_spared_has_the_screens_of_the_solution_there(run: Recorder) -> None:
    run.play("turn:2:double", ("", "a", "ab", "x"), 0.0, spared=2)
    trails = only(run)
    assert texts(trails, 2, "double") == ["", "a", "ab", "x"]
    turn = trails.turns[2]["double"]
    assert [did.intent for did in turn.steps] == ["type a", "type ab", "type x"]
    assert turn.moments[1] == trails.solution.moments[1]


@pytest.mark.parametrize("spared", [0, 2])
def test_a_turn_that_was_not_reached_alike_is_left_out(run: Recorder, spared: int) -> None:
    if spared:
        run.play("turn:2:double", ("", "a", "ab?", "x"), 0.0, spared=spared)
    else:
        run.play("drop:2", ("", "a", "ab"), 0.0)  # all states kept: what leads to it is its own
    trails, dropped = collected(run.folder)
    assert trails[0].turns == {}
    assert [each.why[:14] for each in dropped] == (["turn:2:double:"] if spared else [])


def test_a_play_that_strayed_where_no_states_were_kept_is_left_out(run: Recorder) -> None:
    run.play("turn:2:double", ("", "a", "b", "x"), 0.0, spared=2)
    trails, dropped = collected(run.folder)
    assert trails[0].turns == {}
    assert [each.why for each in dropped] == ["turn:2:double: it did not begin as the solution did"]


def test_a_turn_after_another_state_is_left_out(run: Recorder) -> None:
    run.play("turn:2:double", ("", "a", "ab", "x"), 0.0)
    run.play("turn:1:escape", ("?", "a", "x"), 0.0)
    trails, dropped = collected(run.folder)
    assert sorted(trails[0].turns) == [2]
    assert [(each.rung, each.why.partition(": shows")[0]) for each in dropped] == [("L2", "turn:1:escape")]


def test_what_could_not_be_played_or_came_to_no_score_is_left_out_with_its_reason(run: Recorder) -> None:
    run.play("wrong-target:0", ("",), 0.0, answer=f"{CANNOT}there is no other")
    run.play("drop:1", ("", "a"), None, how="task_fault")
    run.play("turn:1:right", (), None, how="desktop_fault")
    run.play("turn:3:escape", SOLVED, 0.0)
    trails, dropped = collected(run.folder)
    assert (trails[0].ways, trails[0].turns) == ({}, {})
    assert {each.why: each.rung for each in dropped} == {
        "wrong-target:0: not played: there is no other": "L2",
        "drop:1: task fault: a reason": "L4",
        "turn:1:right: desktop fault: a reason": "L2",
        "turn:3:escape: it ended after 3 steps": "L2",
    }


def test_a_play_that_was_judged_counts_over_attempts_that_were_not(run: Recorder) -> None:
    run.play("drop:1", ("", "a"), None, how="desktop_fault")
    run.play("drop:1", ("", "a", "x"), 0.0)
    run.play("drop:1", ("", "a"), None, how="stopped")
    assert only(run).ways["drop:1"].score == 0.0


@pytest.mark.parametrize(
    ("again", "score", "why"),
    [
        (("!", "a", "ab", "abc"), 1.0, "its solution, played again, shows another state after 0 steps (1 of 4 "),
        (("", "a*", "ab*", "abc"), 1.0, "its solution, played again, shows another state after 1 steps (2 of 4 "),
        (("", "a", "ab"), 1.0, "its solution, played again, took 2 steps, not 3"),
        (SOLVED, 0.0, "its solution, played again: scores 0"),
        (SOLVED, None, "its solution, played again: task fault: a reason"),
    ],
)
def test_a_solution_that_is_not_the_same_each_time_is_not_believed(
    tmp_path: Path, again: Sequence[str], score: float | None, why: str
) -> None:
    run = Recorder(tmp_path)
    run.play("solution", SOLVED, 1.0)
    run.play("again:1", again, score, how="task_fault" if score is None else "finished")
    trails, dropped = collected(tmp_path)
    assert trails == []
    assert [each.rung for each in dropped] == ["L0", "L1", "L2", "L3", "L4", "L5"]
    assert dropped[0].why.startswith(why)


def test_a_screen_that_is_another_now_and_then_is_volatile_and_what_leaves_there_is_still_believed(
    tmp_path: Path,
) -> None:
    run = Recorder(tmp_path)
    run.play("solution", SOLVED, 1.0)
    run.play("again:1", ("", "a", "ab!", "abc"), 1.0)
    run.play("turn:2:escape", ("", "a", "ab!", "x"), 0.0, spared=2)
    run.play("turn:2:hover", ("", "a", "ab?", "x"), 0.0, spared=2)
    (trails,), dropped = collected(tmp_path)
    assert [bool(mask.nodes) for mask in masks(trails)] == [False, False, True, False]
    assert sorted(trails.turns[2]) == ["escape"]
    assert [each.why.partition(" shows")[0] for each in dropped] == ["turn:2:hover:"]
    pictures = {trails.solution.moments[2].picture, trails.again[0].moments[2].picture}
    assert unsteady(trails) == pictures


def test_what_shows_a_time_of_the_kind_that_is_another_each_time_is_unsteady_in_every_play(tmp_path: Path) -> None:
    run = Recorder(tmp_path)
    run.play("solution", ("", "at 9:41", "at 8:00", "abc"), 1.0, typing="now")
    run.play("again:1", ("", "at 9:47", "at 8:00", "abc"), 1.0, typing="now")
    run.play("near-miss late", ("", "at 9:55", "at 8:00", "at noon"), 0.0)
    (trails,), _ = collected(tmp_path)
    odd = unsteady(trails)
    late = trails.ways["near-miss late"].moments
    assert [moment.picture in odd for moment in trails.solution.moments] == [False, True, False, False]
    assert [moment.picture in odd for moment in late] == [False, True, False, False]


def test_scorers_are_counted_by_kind_of_play_and_turns_are_not(run: Recorder) -> None:
    run.play("drop:0", ("", "x"), 0.0)
    run.play("drop:1", SOLVED, 1.0)
    run.play("turn:1:escape", SOLVED, 1.0)
    run.play("near-miss half", ("", "ab"), 1.0)
    run.play("wrong-target:0", ("",), 0.0, answer=f"{CANNOT}there is no other")
    run.play("drop:2", ("", "ab"), 1.0)
    assert [(each.operator, each.wanted, each.played, each.right, each.same) for each in operators(run.folder)] == [
        ("again", 1, 1, 1, 0), ("drop", 0, 2, 1, 1), ("near-miss", 0, 1, 0, 0), ("solution", 1, 1, 1, 0),
        ("untouched", 0, 1, 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "ours", "theirs", "nothing"),
    [
        (SOLVED, "", "", True),
        (("", "ab"), "", "", False),
        (("", "ab"), "f1", "f1", True),
        (SOLVED, "f1", "f2", False),
    ],
    ids=["the same screen", "another screen", "another screen, the same files", "the same screen, other files"],
)
def test_a_mutation_that_leaves_what_the_solution_leaves_changed_nothing(
    tmp_path: Path, texts: Sequence[str], ours: str, theirs: str, nothing: bool
) -> None:
    run = Recorder(tmp_path)
    for name in ("solution", "again:1"):
        run.play(name, SOLVED, 1.0, left=ours)
    run.play("drop:0", texts, 1.0, left=theirs)
    plays = recorded(tmp_path)["s/t@1", 0]
    assert without_effect(plays["drop:0"], plays) is nothing


def test_a_mask_has_what_differs_from_play_to_play(tmp_path: Path) -> None:
    run = Recorder(tmp_path)
    run.play("solution", SOLVED, 1.0)
    run.play("again:1", SOLVED, 1.0, caret=True, clock=3)
    first = masks(only(run))[0]
    assert first.boxes == (Rect(x=48, y=0, width=16, height=16), Rect(x=16, y=32, width=16, height=16))
    assert first.holds(Rect(x=0, y=30, width=17, height=3))
    assert not first.holds(Rect(x=0, y=0, width=48, height=32))
    assert not first.nodes
    assert not first.empty


def test_plays_that_are_alike_to_the_pixel_have_empty_masks(run: Recorder) -> None:
    assert [mask.empty for mask in masks(only(run))] == [True] * 4


def test_tiles_of_a_row_are_joined_and_those_at_the_edge_are_cut() -> None:
    def drawn(*points: tuple[int, int]) -> bytes:
        image = Image.new("RGB", (40, 20))
        for point in points:
            image.putpixel(point, (1, 0, 0))
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    boxes = differing(drawn(), drawn((15, 0), (16, 3), (39, 19)))
    assert boxes == (Rect(x=0, y=0, width=2 * TILE, height=TILE), Rect(x=32, y=16, width=8, height=4))
    assert differing(drawn((3, 3)), drawn((3, 3))) == ()


def test_pictures_of_two_sizes_differ_all_over() -> None:
    sizes = [io.BytesIO(), io.BytesIO()]
    for out, width in zip(sizes, (40, 30), strict=True):
        Image.new("RGB", (width, 20)).save(out, "PNG")
    assert differing(*(out.getvalue() for out in sizes)) == (Rect(x=0, y=0, width=40, height=20),)


LABEL = Node(role="label", name="OK", states=SHOWN, box=Rect(x=10, y=9, width=8, height=6), parent=1, app="editor")


@pytest.mark.parametrize(
    ("at", "place"),
    [
        pytest.param(OK.box.centre if OK.box else None, 1, id="as the application says in the middle"),
        pytest.param(Point(x=9, y=9), 1, id="the smallest elsewhere"),
        pytest.param(Point(x=11, y=10), 3, id="the smallest of two"),
        pytest.param(Point(x=60, y=2), 0, id="only the window"),
        pytest.param(Point(x=64, y=2), -1, id="beside everything"),
    ],
)
def test_the_node_at_a_point(at: Point, place: int) -> None:
    there = state("")
    assert found(State(nodes=(*there.nodes, LABEL), hits=there.hits, windows=()), at) == place


def clicking(tmp_path: Path, button: Node) -> Trails:
    """A solution that clicks the button's middle, or where it should be."""
    run = Recorder(tmp_path)
    log = EventLog(run.folder / "episodes" / "c")
    about = About(kind="fake", image="fake", code="fake", size=SMALL)
    log.append(
        Started(
            format=FORMAT, utc="1", suite="s", task="s/t@1", goal="g", seed=0, repeat=0, agent="plays", desktop=about,
            axes=(), checks=(), condition="solution", apps=("editor",),
        )
    )  # fmt: skip
    click = Click(at=Point(x=16, y=13))
    log.look(Observation(png=png(""), size=SMALL), 0.0)
    log.capture(state("", button))
    log.append(Decided(intent="click", thought="", actions=(click,), seconds=0.0))
    log.append(Acted(step=1, action=click))
    log.look(Observation(png=png("a"), size=SMALL), 0.0)
    log.capture(state("a", button))
    log.append(Decided(intent="done", thought="", actions=(Finish(),), seconds=0.0))
    log.append(Ended(how="finished", score=1.0))
    return only(run)


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        pytest.param({}, 1.0, id="a button with a name and a box"),
        pytest.param({"name": " ", "text": "OK"}, 1.0, id="its text is as good"),
        pytest.param({"name": ""}, 0.0, id="no name"),
        pytest.param({"box": Rect(x=0, y=0, width=16, height=10)}, 0.0, id="all boxes at the origin"),
        pytest.param({"box": Rect(x=15, y=12, width=3, height=3)}, 0.0, id="too small to point at"),
    ],
)
def test_an_application_is_audited_by_the_solutions_clicks(
    tmp_path: Path, changes: dict[str, object], share: float
) -> None:
    button = Node(**{key: getattr(OK, key) for key in OK.__struct_fields__} | changes)
    tallies = audited([clicking(tmp_path, button)])
    assert {app: tally.share for app, tally in tallies.items()} == {"editor": share}
    assert tallies["editor"].points == 1


def test_a_play_is_known_until_its_screen_does_not_come_to_rest(run: Recorder) -> None:
    run.play("near-miss moving", ("", "a", "ax", "axy"), 0.0, moving=2)
    run.play("turn:1:right", ("", "a", "ar", "arb"), 0.0, moving=2)
    trails = only(run)
    way = trails.ways["near-miss moving"]
    assert [moment.state.nodes[-1].text for moment in way.moments] == ["", "a"]
    assert not way.whole
    assert 1 not in trails.turns


@pytest.mark.parametrize(("what", "known"), [("menu", ["", "a", "am"]), ("right", ["", "a", "am", "amb"])])
def test_where_text_goes_that_is_typed_into_a_menu_is_not_known(run: Recorder, what: str, known: list[str]) -> None:
    run.play(f"turn:1:{what}", ("", "a", "am", "amb"), 0.0)
    trails = only(run)
    assert texts(trails, 1, what) == known
    assert trails.turns[1][what].score == 0.0
    assert trails.turns[1][what].whole == (what == "right")


@pytest.mark.parametrize(
    ("nodes", "title", "odd"),
    [
        ((FRAME, FILES), "Open", True),
        ((FRAME, FILES, ROW), "Open", False),
        ((FRAME,), "Chart Type", True),
        ((FRAME,), "Open", False),
    ],
)
def test_nothing_is_asked_of_what_is_drawn_by_chance(
    run: Recorder, nodes: tuple[Node, ...], title: str, odd: bool
) -> None:
    window = Window(id=1, title=title, app="editor", box=WINDOW, focused=True)
    log, listed = EventLog(run.folder / "episodes" / "e999"), State(nodes=nodes, hits={}, windows=(window,))
    log.capture(listed)
    log.close()
    trails = only(run)
    shown = replace(trails.solution.moments[0], picture="files", state_name=sha256(encoded(listed)).hexdigest())
    way = replace(trails.solution, moments=(shown,), steps=())
    assert ("files" in unsteady(replace(trails, ways={"near-miss files": way}))) == odd
