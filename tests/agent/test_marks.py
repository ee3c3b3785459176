"""Scaffolds that aim at elements: numbered on the picture, or listed; on the fake desktop, and on a real one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from chores import Player, chore, scene
from scripted import FINISH, SCREEN, Model, Says, play, step

from agent import conformance
from agent.backends.marks import marked, marks
from agent.backends.tree import tree
from agent.codecs.grounders import gta1
from agent.codecs.qwen3vl import qwen3vl
from agent.elements import Element
from agent.models.base import Reply
from agent.native import Native
from agent.planning import Planning
from agent.reading import added, pieces
from envs.desktop import Probe
from envs.errors import BadInput, EndpointFault
from envs.fake import FakeDesktop
from envs.types import Click, Launch, Observation, Point, Press, Put, Rect, Scene, Type, Wait
from scoring.verdict import Verdict
from tasks.base import Budget, Task

MILK = chore("milk")
SAVE = {"action": "click", "target": 1}


def model(*says: Says) -> Native:
    return Native(Model(list(says), "planner"), gta1(), name="planner")


def number(words: str, thing: str) -> int:
    """Of a thing in the list that the model was told last."""
    found = re.findall(rf"\[(\d+)\] {re.escape(thing)}", words)
    return int(found[-1])


def at(thing: str, **action: object) -> Callable[[str], dict]:
    """A step that aims at it by its number."""
    return lambda words: step({"action": "click", "target": number(words, thing), **action}, intent=thing)


MAKERS = [pytest.param(marks, id="marks"), pytest.param(tree, id="tree")]
LIST = [at("text", action="type", text="milk"), at('button "Save"'), step(FINISH)]


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_named_by_its_number_is_clicked(tmp_path: Path, make: Callable[..., Planning]) -> None:
    planner = model(*LIST)
    record = play(tmp_path, MILK, make(planner))
    assert (record.ended.how, record.ended.score) == ("finished", 1.0)
    assert [type(action) for action in record.acted] == [Click, Type, Click]
    desktop = FakeDesktop(SCREEN)
    desktop.reset(scene())
    boxes = {node.name or node.role: node.box for node in desktop.probe.tree() if node.box}
    assert [action.at for action in record.acted if isinstance(action, Click)] == [
        boxes["text"].centre, boxes["Save"].centre,
    ]  # fmt: skip
    assert {call.part for call in record.calls} == {"planner"}
    assert (record.decided[0].input_tokens, record.decided[0].output_tokens) == (100, 10)
    assert [len(planner.model.pictures(call)) for call in range(3)] == [1, 1, 1]


def test_marks_are_on_the_picture_and_in_the_list(tmp_path: Path) -> None:
    planner = model(step(FINISH))
    agent = marks(planner)
    desktop = FakeDesktop(SCREEN)
    seen = desktop.reset(scene())
    agent.begin("g")
    agent.act(observed(seen, desktop))
    (picture,) = planner.model.pictures()
    assert picture.png != planner.show(seen.png).png
    assert 'Window: list.txt - Editor\n[1] button "Save"\n[2] button "Close"' in planner.model.words()
    assert "The boxes and tags are not on the real screen" in planner.model.words()


def observed(seen: Observation, desktop: FakeDesktop) -> Observation:
    return Observation(png=seen.png, size=seen.size, elements=desktop.probe.tree())


def test_without_the_picture_a_tree_is_told_in_words_alone(tmp_path: Path) -> None:
    planner = model(*LIST)
    record = play(tmp_path, MILK, tree(planner, picture=False))
    assert record.ended.score == 1.0
    assert [planner.model.pictures(call) for call in range(3)] == [[], [], []]
    assert [call.pictures for call in record.calls] == [0, 0, 0]
    assert "The screen is 640 pixels wide and 400 high" in planner.model.words()
    assert re.search(r'\[\d+\] button "Save" at \d+,\d+ size 84x28', planner.model.words())


TARGETS = [
    pytest.param(2, Point(x=150, y=110), id="a number"),
    pytest.param("2", Point(x=150, y=110), id="a number in quotes"),
    pytest.param("mark #2", Point(x=150, y=110), id="a number with its kind"),
    pytest.param("[2]", Point(x=150, y=110), id="a number in brackets"),
    pytest.param([2], Point(x=150, y=110), id="a number in a list"),
    pytest.param([11, 12], Point(x=11, y=12), id="a point"),
    pytest.param([10, 10, 20, 30], Point(x=15, y=20), id="a box"),
    pytest.param([644, 392], Point(x=639, y=399), id="a point on the far edge of the picture that is sent"),
]
NOWHERE = [
    pytest.param(3, "there is no mark 3: they are numbered 1 to 2", id="a number that there is not"),
    pytest.param(0, "there is no mark 0", id="nought"),
    pytest.param([700, 12], "outside of 0..644, 0..392", id="a point off the picture"),
    pytest.param([1, 2, 3], "a target is the number of a mark, or a point [x, y]", id="three numbers"),
    pytest.param("the Save button", "a target is the number of a mark, or a point [x, y]", id="words"),
]


def lines(png: bytes) -> tuple[Element, ...]:
    """Reads the same two lines off every screen."""
    return tuple(
        Element(role="text", name=name, box=Rect(x=100, y=y, width=100, height=20))
        for name, y in (("Date", 50), ("Town", 100))
    )


def deciding(agent: Planning) -> tuple[object, ...]:
    agent.begin("g")
    return agent.act(conformance.seen(SCREEN)).actions


@pytest.mark.parametrize(("target", "point"), TARGETS)
def test_a_target_is_a_number_or_a_point(target: object, point: Point) -> None:
    agent = marked(model(step({"action": "click", "target": target})), "text", lines)
    assert deciding(agent) == (Click(at=point),)


@pytest.mark.parametrize(("target", "why"), NOWHERE)
def test_a_target_that_is_nowhere_is_told_to_the_model_and_then_waited_for(target: object, why: str) -> None:
    planner = model(step({"action": "click", "target": target}))
    assert deciding(marked(planner, "text", lines)) == (Wait(seconds=1),)
    assert why in planner.model.words()
    assert len(planner.model.sent) == 3


def test_a_point_beside_the_marks_counts_as_the_models_family_does() -> None:
    planner = Native(Model([step({"action": "click", "target": [500, 250]})]), qwen3vl(), name="planner")
    assert deciding(marked(planner, "text", lines)) == (Click(at=Point(x=320, y=100)),)
    assert "both counted from 0 to 1000" in planner.model.words()


def test_a_point_beside_the_tree_counts_in_pixels_of_the_screen_whatever_the_family() -> None:
    planner = Native(Model([step({"action": "click", "target": [500, 250]})]), qwen3vl(), name="planner")
    assert deciding(tree(planner)) == (Click(at=Point(x=500, y=250)),)


def test_a_screen_without_marks_can_still_be_aimed_at() -> None:
    planner = model(step({"action": "click", "target": 1}), step({"action": "click", "target": [5, 6]}))
    assert deciding(marks(planner)) == (Click(at=Point(x=5, y=6)),)
    assert "nothing on this screen has a mark" in planner.model.words(0)
    assert "there is no mark 1: there are none" in planner.model.words(1)


def test_only_the_first_action_is_done_where_one_at_a_time_is_wanted() -> None:
    planner = model(step({"action": "type", "text": "a"}, {"action": "press", "keys": "enter"}))
    agent = marks(planner, batch="first")
    agent.begin("g")
    decision = agent.act(conformance.seen(SCREEN))
    assert decision.actions == (Type(text="a"),)
    assert [call.dropped for call in decision.calls] == [1]
    assert "exactly one action" in planner.model.words()


def test_no_more_things_are_marked_than_is_asked_for(tmp_path: Path) -> None:
    planner = model(step(FINISH))
    play(tmp_path, MILK, marks(planner, most=2))
    assert re.findall(r"^\[(\d+)\]", planner.model.words(), re.MULTILINE) == ["1", "2"]


@pytest.mark.parametrize("make", MAKERS)
def test_three_answers_that_mean_nothing_end_the_episode(tmp_path: Path, make: Callable[..., Planning]) -> None:
    record = play(tmp_path, MILK, make(model("hm")))
    assert (record.ended.how, record.ended.cause, len(record.calls)) == ("agent_fault", "unreadable", 3)


@pytest.mark.parametrize("make", MAKERS)
def test_a_refusal_ends_the_episode_as_one(tmp_path: Path, make: Callable[..., Planning]) -> None:
    record = play(tmp_path, MILK, make(model(Reply(stop="refusal", refusal="cyber: no"))))
    assert (record.ended.how, record.ended.cause) == ("agent_fault", "refused")
    assert [call.part for call in record.calls] == ["planner"]


@pytest.mark.parametrize("make", MAKERS)
def test_an_endpoint_that_fails_makes_it_void(tmp_path: Path, make: Callable[..., Planning]) -> None:
    assert play(tmp_path, MILK, make(model(EndpointFault("overloaded")))).ended.how == "endpoint_fault"


WRONG = [
    pytest.param(lambda: marks(Player()), "planner must be a model that can show", id="a planner without words"),
    pytest.param(lambda: tree(Player()), "planner must be a model that can show", id="likewise, of a tree"),
    pytest.param(lambda: marks(model(""), source="ocr"), "source must be tree, text or both", id="another source"),
    pytest.param(lambda: marks(model(""), batch="some"), "batch must be all or first", id="another batch"),
    pytest.param(lambda: marks(model(""), most=0), "1 or more marks", id="no marks at all"),
    pytest.param(lambda: tree(model(""), most=499), "500 or more characters", id="too short a list"),
]


@pytest.mark.parametrize(("make", "why"), WRONG)
def test_what_cannot_be_is_refused_at_once(make: Callable[[], Planning], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        make()


@pytest.mark.parametrize("source", ["text", "both"])
def test_reading_text_off_the_screen_needs_what_reads_it(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(BadInput, match=r"needs rapidocr.*pip install 'handeye\[ocr\]'"):
        marks(model(""), source=source)


def test_each_is_given_the_tree_only_if_it_needs_it() -> None:
    assert [marked(model(""), source, lines).wants for source in ("tree", "text", "both")] == [
        ("elements",), (), ("elements",),
    ]  # fmt: skip
    assert tree(model("")).wants == ("elements",)


def test_both_sources_are_marked_and_what_is_in_both_once(tmp_path: Path) -> None:
    def read(png: bytes) -> tuple[Element, ...]:
        save = Element(role="text", name="Save", box=Rect(x=155, y=300, width=40, height=14))
        return (save, Element(role="text", name="list.txt - Editor", box=Rect(x=130, y=72, width=120, height=14)))

    planner = model(step(FINISH))
    play(tmp_path, MILK, marked(planner, "both", read))
    words = planner.model.words()
    assert words.count('"Save"') == 1
    assert 'text "list.txt - Editor"' in words


def test_a_line_on_a_large_field_is_a_mark_of_its_own() -> None:
    field = Element(role="text", box=Rect(x=0, y=0, width=600, height=400), states=("editable",))
    line = Element(role="text", name="milk", box=Rect(x=4, y=4, width=60, height=20))
    label = Element(role="label", name="milk", box=line.box, acts=False)
    assert added((field,), (line,)) == (field, line)
    assert added((label,), (line,)) == (label, line)


def word(text: str, x: int, width: int) -> tuple[str, Rect]:
    return text, Rect(x=x, y=10, width=width, height=20)


PIECES = [
    pytest.param((), [], id="nothing"),
    pytest.param((word("Sun", 0, 30), word("cream", 38, 50)), ["Sun cream"], id="words of a text"),
    pytest.param((word("Sun", 0, 30), word("cream", 40, 50)), ["Sun cream"], id="half a line's height apart"),
    pytest.param((word("File", 0, 30), word("Edit", 41, 30)), ["File", "Edit"], id="items of a menu"),
    pytest.param((word("文", 0, 20), word("件", 21, 20)), ["文件"], id="a script without spaces"),
]


@pytest.mark.parametrize(("words", "found"), PIECES)
def test_a_line_is_cut_where_a_wide_gap_parts_it(words: tuple[tuple[str, Rect], ...], found: list[str]) -> None:
    assert [text for text, _ in pieces(words)] == found


def test_a_piece_lies_where_its_words_lie() -> None:
    assert list(pieces((word("Sun", 3, 30), word("cream", 40, 50)))) == [
        ("Sun cream", Rect(x=3, y=10, width=87, height=20))
    ]


PROPER = [
    pytest.param(marks, id="marks"),
    pytest.param(lambda planner: marked(planner, "text", lines), id="marks of text"),
    pytest.param(tree, id="tree"),
    pytest.param(lambda planner: tree(planner, picture=False), id="tree without the picture"),
]


@pytest.mark.parametrize("make", PROPER)
def test_each_is_a_proper_agent(make: Callable[[Native], Planning]) -> None:
    wants = [step({"action": "click", "target": [5, 5]}), step({"action": "type", "text": "x"}), step(FINISH)]
    assert conformance.check(lambda: make(model(*wants))) == []


@pytest.mark.parametrize("make", MAKERS)
def test_its_model_is_named_with_its_part(make: Callable[..., Planning]) -> None:
    agent = make(model(""))
    assert [(card.role, card.scaffold) for card in agent.cards] == [("planner", agent.name)]
    assert agent.grounders == ()
    assert [about.model for about in agent.prepare()] == ["planner"]


LETTER = "/home/user/Documents/letter.txt"


@dataclass(frozen=True)
class Reads:
    """The letter reads so."""

    text: bytes
    name: str = "what the letter reads"

    def __call__(self, probe: Probe, answer: str) -> Verdict:
        found = probe.read_file(LETTER)
        return Verdict(check=self.name, score=float(found == self.text), expected=str(self.text), actual=str(found))


@pytest.mark.embedded
@pytest.mark.parametrize("make", MAKERS)
def test_on_a_real_desktop_the_click_lands_on_what_was_named(tmp_path: Path, make: Callable[..., Planning]) -> None:
    """By the menu only: the text is written over, and saved, because every click met its item."""
    from envs.launch import EmbeddedDesktop

    opens = Launch(argv=("mousepad", LETTER), window="letter")
    task = Task(
        id="real/letter@1",
        goal="Let the letter read: Dear all.",
        scene=Scene(files=(Put(path=LETTER, data=b"Dear"),), open=(opens,)),
        checks=(Reads(b"Dear all"),),
        budget=Budget(steps=20, seconds=120),
    )
    menu, item = 'menu "File"', 'menu item "Save"'
    planner = model(
        step({"action": "press", "keys": "ctrl+end"}),
        at("text", action="type", text=" all"),
        at(menu), at(item), step(FINISH),
    )  # fmt: skip
    desktop = EmbeddedDesktop()
    try:
        record = play(tmp_path, task, make(planner), desktop)
    finally:
        desktop.close()
    assert (record.ended.how, record.ended.score) == ("finished", 1.0)
    assert Press(keys=("ctrl", "end")) in record.acted
    assert [decided.intent for decided in record.decided][2:4] == [menu, item]
