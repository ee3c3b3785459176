"""What is played for a bank: each mutation and turn does what it says, on the fake desktop, through the one loop."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from random import Random

import pytest

from agent.asking import Ask
from agent.bank.build import Wish, build
from agent.bank.instead import MOVING, OPENING, Cannot, mistyped, pressing
from agent.bank.left import left
from agent.bank.plays import Bounds, Share
from envs.desktop import Probe
from envs.fake import FakeDesktop
from envs.types import Action, Click, Move, Node, Press, Put, Rect, Scene, Size, Type
from scoring.record import Judged
from scoring.understanding.collect import Told, collected, operators, recorded
from tasks.base import Step

ALL = Bounds(drops=9, values=9, targets=9, places=9, turns=30, patience=0.2)


def ask(suite: str, **changes: object) -> Ask:
    return Ask(
        **({"suite": suite, "agent": "plays", "desktop": "fake", "size": Size(width=640, height=400)} | changes)
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    assert build(Wish(ask("errands:suite"), folder, only_plays=True, bounds=ALL)) == 0
    return folder / "plays"


@pytest.fixture(scope="module")
def plays(run: Path) -> dict[str, Told]:
    return recorded(run)["errands/name@1", 0]


PLACES = {(320, 195): "text", (157, 311): "Save", (520, 80): "Close"}


def short(action: Action) -> str:
    """An action in a word; a click by what is there."""
    match action:
        case Click(at=at):
            where = PLACES[at.x, at.y] if at else ""
            return f"{'double ' * (action.count == 2)}{'right ' * (action.button == 'right')}{where}"
        case Move(at=at):
            return f"to {PLACES[at.x, at.y]}"
        case Type(text=text):
            return f"<{text}>"
        case Press(keys=keys):
            return "+".join(keys)
    return type(action).__name__


def done(play: Told) -> list[str]:
    return [short(action) for did in play.trail.steps for action in did.actions]


def written(play: Told) -> str:
    """What is in the file at the end."""
    finals = [line.event for line in play.episode.lines if isinstance(line.event, Judged) and line.event.final]
    return finals[0].verdict.actual


NAME = "<plan 7.txt>"
SOLVED = ["text", NAME, "Save"]


@pytest.mark.parametrize(
    ("name", "actions", "file"),
    [
        ("solution", SOLVED, "plan 7.txt"),
        ("again:1", SOLVED, "plan 7.txt"),
        ("untouched", [], ""),
        ("equivalent by the key", [NAME, "ctrl+s"], "plan 7.txt"),
        ("near-miss written twice", ["<plan 7.txtplan 7.txt>", "ctrl+s"], "plan 7.txtplan 7.txt"),
        ("drop:0", [NAME, "Save"], "plan 7.txt"),
        ("drop:1", ["text", "Save"], ""),
        ("not-saved", ["text", NAME], ""),
        ("wrong-file", ["text", "<plan 7 copy.txt>", "Save"], "plan 7 copy.txt"),
        ("wrong-target:2", ["text", NAME, "Close"], ""),
        ("destroy", [*SOLVED, "ctrl+a", "Delete", "ctrl+s"], ""),
        ("turn:0:double", ["double text", NAME, "Save"], "plan 7.txt"),
        ("turn:0:right", ["right text", NAME, "Save"], "plan 7.txt"),
        ("turn:0:hover", ["to text", NAME, "Save"], "plan 7.txt"),
        ("turn:0:ahead", ["Save", NAME, "Save"], "plan 7.txt"),
        ("turn:2:back", ["text", NAME, "text"], ""),
        ("turn:0:early", [NAME, "text", "Save"], "plan 7.txt"),
        ("turn:1:early", ["text", "Save", NAME], ""),
        ("turn:1:repeat", ["text", "text", "Save"], ""),
        ("turn:2:repeat", ["text", NAME, NAME], ""),
    ],
)
def test_a_play_does_what_it_says_and_the_rest_of_the_solution_as_far_as_that_goes(
    plays: dict[str, Told], name: str, actions: list[str], file: str
) -> None:
    assert (done(plays[name]), written(plays[name])) == (actions, file)
    assert plays[name].why_not == ""
    assert plays[name].trail.score == float(file == "plan 7.txt")


def test_another_value_is_typed_in_its_place(run: Path) -> None:
    milk = recorded(run)["errands/milk@1", 0]
    typed, save = done(milk["wrong-value:0"])
    assert (len(typed), save) == (len("<milk>"), "ctrl+s")
    assert typed != "<milk>"
    assert f"<{written(milk['wrong-value:0'])}>" == typed


def test_a_chord_is_pressed_with_another_modifier(run: Path) -> None:
    milk = recorded(run)["errands/milk@1", 0]
    assert (done(milk["turn:1:key"]), written(milk["turn:1:key"])) == (["<milk>", "alt+s"], "")


def test_what_has_nothing_of_its_kind_to_do_is_left_out_with_its_reason_and_is_no_fault(
    run: Path, plays: dict[str, Told]
) -> None:
    _, dropped = collected(run)
    why = {each.why: each.rung for each in dropped if each.task == "errands/name@1"}
    assert why == {
        "turn:0:second: not played: there are 0 other nodes of the role 'text'": "L2",
        "turn:2:second: not played: there are 1 other nodes of the role 'button'": "L2",
        "undo-after: not played: the application cannot undo it": "L4",
        "wrong-target:0: not played: there are 0 other nodes of the role 'text'": "L2",
    }
    assert {play.episode.ended.how for play in plays.values() if play.episode.ended} == {"finished"}


def test_turns_are_found_by_the_steps_of_the_solution_before_them(run: Path) -> None:
    (found,) = [trails for trails in collected(run)[0] if trails.task == "errands/name@1"]
    assert sorted(found.turns) == [0, 1, 2]
    others = set(found.turns[2]) - set(OPENING) - set(MOVING)
    assert others == {"back", "double", "hover", "repeat", "right", "target"}
    assert set(found.turns[2]) - others in (set(OPENING), set(MOVING))
    assert all(turn.moments[at].picture == found.solution.moments[at].picture for at in found.turns
               for turn in found.turns[at].values())  # fmt: skip
    assert "wrong-target:2" in found.ways
    assert not [name for name in found.ways if name.startswith("turn")]


def test_each_kind_of_play_is_held_against_what_it_means(run: Path) -> None:
    counts = {each.operator: (each.wanted, each.played, each.right, each.same) for each in operators(run)
              if each.task == "errands/name@1"}  # fmt: skip
    assert counts == {
        "solution": (1, 1, 1, 0),
        "again": (1, 1, 1, 0),
        "equivalent": (1, 1, 1, 0),
        "untouched": (0, 1, 1, 0),
        "near-miss": (0, 1, 1, 0),
        "drop": (0, 1, 1, 1),  # the field has the focus already: going into it may be left out
        "not-saved": (0, 1, 1, 0),
        "wrong-file": (0, 1, 1, 0),
        "wrong-target": (0, 1, 1, 0),
        "destroy": (0, 1, 1, 0),  # the fake's editor cannot undo: there is no `undo-after`
    }


def test_of_a_task_that_cannot_be_believed_nothing_is_made_and_it_is_said_why(tmp_path: Path) -> None:
    assert build(Wish(ask("errands:doubtful"), tmp_path, only_plays=True, bounds=ALL)) == 0
    found, dropped = collected(tmp_path / "plays")
    assert found == []
    why = {each.task: each.why for each in dropped}
    assert {each.rung for each in dropped} == {"L0", "L1", "L2", "L3", "L4", "L5"}
    assert why["errands/wrong@1"] == "its solution scores 0"
    assert why["errands/stuck@1"].startswith("its solution: task fault: ")
    assert "does something else after 0 steps" in why["errands/fickle@1"]
    names = {each.parent.name for each in (tmp_path / "plays").glob("episodes/*/events.jsonl")}
    assert not [name for name in names if "drop" in name or "turn" in name]


def test_the_last_step_is_dropped_where_it_saves_nothing(tmp_path: Path) -> None:
    build(Wish(ask("errands:hasty"), tmp_path, only_plays=True, bounds=ALL))
    played = recorded(tmp_path / "plays")["errands/hasty@1", 0]
    assert (done(played["drop-last"]), written(played["drop-last"])) == (["<milk>", "ctrl+s"], "milk")
    assert done(played["not-saved"]) == ["<milk>", "ctrl+a"]


@pytest.mark.parametrize("text", ["7", "a", "=SUM(B2:B7)", "Kraków", "0"])
def test_a_mistyped_text_is_another_of_the_same_length(text: str) -> None:
    for seed in range(20):
        wrong = mistyped(text, Random(seed))
        assert wrong != text
        assert len(wrong) == len(text)


def test_what_has_neither_digit_nor_letter_stays_as_it_is() -> None:
    assert mistyped("?!", Random(0)) == "?!"


@pytest.mark.parametrize(
    ("seeds", "part"),
    [
        (1, Bounds()),
        (2, Bounds(drops=2, values=1, targets=2, places=4)),
        (3, Bounds(drops=2, values=1, targets=1, places=3)),
        (4, Bounds(drops=1, values=1, targets=1, places=3)),
        (9, Bounds(drops=1, values=1, targets=1, places=2)),
    ],
)
def test_what_is_tried_at_the_steps_is_shared_among_the_seeds(seeds: int, part: Bounds) -> None:
    assert Bounds().shared(seeds) == part


def test_what_is_not_to_be_played_at_all_is_not_played_for_many_seeds() -> None:
    assert Bounds(drops=0, places=1).shared(3).drops == 0


def test_seeds_are_dealt_other_steps_as_long_as_there_are(tmp_path: Path) -> None:
    first = [Share(number, 3).dealt(range(8), Random("one"))[:2] for number in range(3)]
    assert len({step for steps in first for step in steps}) == 6
    assert all(sorted(Share(number, 3).dealt(range(8), Random("one"))) == list(range(8)) for number in range(3))
    few = Bounds(drops=1, values=1, targets=1, places=1, turns=1, patience=0.2)
    assert build(Wish(ask("errands:suite", seeds=(1, 2, 3)), tmp_path, only_plays=True, bounds=few)) == 0
    told = recorded(tmp_path / "plays")
    dropped = {name for seed in (1, 2, 3) for name in told["errands/name@1", seed] if name.startswith("drop:")}
    assert dropped == {"drop:0", "drop:1"}


def packed(kind: str, name: str, data: bytes, when: int) -> bytes:
    """A file with another in it, packed at a time."""
    whole = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(whole, "w") as office:
            office.writestr(zipfile.ZipInfo("meta.xml", (2026, 3, 2, 9, 0, when)), f"saved {when}")
            office.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 9, 0, when)), data)
        return whole.getvalue()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.mtime = len(data), when
        archive.addfile(member, io.BytesIO(data))
    return gzip.compress(whole.getvalue(), mtime=when)


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(
    ("name", "data", "same"),
    [("a.xml", b"text", True), ("a.xml", b"next", False), ("b.xml", b"text", False)],
    ids=["at another time", "with another text", "under another name"],
)
def test_packed_files_are_the_same_if_what_is_in_them_is(kind: str, name: str, data: bytes, same: bool) -> None:
    one, other = (packed(kind, *told, when) for told, when in ((("a.xml", b"text"), 2), ((name, data), 8)))
    words = [left(home({"/home/user/Documents/x": each})) for each in (one, other)]
    assert (words[0] == words[1]) is same


@pytest.mark.parametrize(
    ("files", "same"),
    [
        ({"/home/user/a": b"text", "/home/user/.config/b": b"1"}, True),
        ({"/home/user/b": b"text"}, False),
        ({"/home/user/a": b"text", "/home/user/Deep/er/c": b""}, False),
        ({}, False),
    ],
    ids=["another hidden file", "another name", "one more", "none"],
)
def test_what_is_left_is_told_by_the_files_that_are_seen(files: dict[str, bytes], same: bool) -> None:
    assert (left(home(files)) == left(home({"/home/user/a": b"text"}))) is same


def home(files: dict[str, bytes]) -> Probe:
    desktop = FakeDesktop(size=Size(width=640, height=400))
    desktop.reset(Scene(files=tuple(Put(path=path, data=data) for path, data in files.items())))
    return desktop.probe


def test_at_each_place_something_of_each_kind_is_done_before_a_second(tmp_path: Path) -> None:
    few = Bounds(drops=0, values=0, targets=0, places=9, turns=4, patience=0.2)
    assert build(Wish(ask("errands:suite"), tmp_path, only_plays=True, bounds=few)) == 0
    turns = [name.split(":")[1:] for name in recorded(tmp_path / "plays")["errands/name@1", 0] if "turn:" in name]
    first, second = ({what for at, what in turns if at == place} for place in "01")
    for here in (first, second):
        assert len(here) == 4
        assert "early" in here
        assert len(here & {*OPENING, *MOVING}) == 1
        assert len(here & {"ahead", "back", "repeat"}) == 1
    assert first & {"target", "right"}
    assert "value" in second


@pytest.mark.parametrize(("what", "chord"), [*OPENING.items(), *MOVING.items()])
def test_a_key_is_pressed_in_place_of_a_step(run: Path, what: str, chord: tuple[str, ...]) -> None:
    found = {name: play for plays in recorded(run).values() for name, play in plays.items() if name.endswith(what)}
    assert found
    for name, play in found.items():
        assert done(play)[int(name.split(":")[1])] == "+".join(chord)


@pytest.mark.parametrize(
    ("roles", "there"), [(("document web",), False), (("document web", "menu bar"), True), (("text",), True)]
)
def test_a_browser_without_a_menu_bar_is_not_asked_for_it(
    monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...], there: bool
) -> None:
    box = Rect(x=0, y=0, width=9, height=9)
    nodes = tuple(Node(role=role, states=("showing",), box=box) for role in roles)
    see = home({})
    monkeypatch.setattr(see, "tree", lambda: nodes)
    steps = pressing(OPENING["menu"])(see, Step(intent="", actions=()))
    if there:
        assert next(steps).actions == (Press(keys=("F10",)),)
    else:
        with pytest.raises(Cannot, match="no menu bar"):
            next(steps)
