"""Scaffolds, over whole episodes on the fake desktop: what their models are told, and what is made of the answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from chores import Player, chore
from scripted import FINISH, Model, Says, play, step

from agent import conformance
from agent.backends.planner_grounder import planner_grounder
from agent.codecs.grounders import gta1
from agent.models.base import Call, ContextFull, Reply, TooManyPictures
from agent.native import Native
from agent.planning import Planning
from agent.registry import make, parse
from envs.errors import BadInput, EndpointFault
from envs.types import Action, Click, Drag, Finish, Move, Point, Press, Scroll, Type, Wait

AT = Point(x=300, y=200)
MILK = chore("milk")


def model(*says: Says, name: str = "planner") -> Native:
    """Any model that can be asked, and asked where something is."""
    return Native(Model(list(says), name), gta1(), name=name)


def pair(*plans: Says, points: tuple[Says, ...] = ("(302, 202)",)) -> Planning:
    return planner_grounder(model(*plans), model(*points, name="grounder"))


def test_a_planner_describes_and_a_grounder_points(tmp_path: Path) -> None:
    planner = model(
        step({"action": "type", "text": "milk", "target": "the text field"}, intent="write"),
        step({"action": "press", "keys": "ctrl+s"}, intent="save"),
        step(FINISH),
    )
    points = model("(300, 200)", name="grounder")
    record = play(tmp_path, MILK, planner_grounder(planner, points))
    assert (record.ended.how, record.ended.score) == ("finished", 1.0)
    assert [type(action) for action in record.acted] == [Click, Type, Press]
    assert [(call.part, call.model) for call in record.calls] == [
        ("planner", "planner"), ("grounder", "grounder"), ("planner", "planner"), ("planner", "planner"),
    ]  # fmt: skip
    assert "the text field" in points.model.words()
    assert "1. write [type text='milk' target='the text field']: carried out" in planner.model.words(1)
    assert [decided.intent for decided in record.decided] == ["write", "save", "finish"]
    assert (record.decided[0].input_tokens, record.decided[0].output_tokens) == (200, 20)
    assert [len(planner.model.pictures(call)) for call in range(3)] == [1, 1, 1]


T = {"target": "it"}
ACTIONS = [
    pytest.param({"action": "click", **T}, (Click(at=AT),), (), id="click"),
    pytest.param(
        {"action": "click", **T, "button": "right", "count": 2, "keys": ["Control_L"]},
        (Click(at=AT, button="right", count=2, holding=("ctrl",)),),
        (),
        id="click, with everything",
    ),
    pytest.param({"action": "hover", **T}, (Move(at=AT),), (), id="hover"),
    pytest.param({"action": "drag", "from": "a", "to": "b"}, (Drag(path=(AT, Point(x=10, y=20))),), (), id="drag"),
    pytest.param({"action": "scroll", "direction": "up"}, (Scroll(dy=-5),), (), id="scroll where the pointer is"),
    pytest.param(
        {"action": "scroll", "direction": "right", "clicks": 2, **T}, (Scroll(at=AT, dx=2),), (), id="scroll at it"
    ),
    pytest.param(
        {"action": "type", "text": "é\n北", **T, "clear": True, "enter": True},
        (Click(at=AT), Press(keys=("ctrl", "a")), Type(text="é\n北\n")),
        (),
        id="type, with everything",
    ),
    pytest.param({"action": "press", "keys": ["Return"], "times": 2}, 2 * (Press(keys=("enter",)),), (), id="press"),
    pytest.param({"action": "wait", "seconds": 2}, (Wait(seconds=2),), (), id="wait"),
    pytest.param({"action": "finish", "claim": "infeasible"}, (Finish(claim="infeasible"),), (), id="infeasible"),
    pytest.param(
        {"action": "double_click", "coordinate": "it"},
        (Click(at=AT, count=2),),
        ("read 'double_click' as 'click'", "read 'coordinate' as 'target'"),
        id="other names",
    ),
    pytest.param({"action": "wait", "seconds": 900}, (Wait(seconds=60),), ("seconds cut to 60",), id="too long"),
    pytest.param(
        {"action": "scroll", "direction": "down", "clicks": 1e9},
        (Scroll(dy=30),),
        ("clicks cut to 30",),
        id="too far",
    ),
    pytest.param({"action": "click", **T, "reason": "because"}, (Click(at=AT),), (), id="an action explained"),
    pytest.param({"action": "type", "text": "a\ud800"}, (Type(text="a?"),), (), id="half a surrogate pair"),
]


@pytest.mark.parametrize(("wanted", "actions", "repaired"), ACTIONS)
def test_what_a_planner_asks_for_is_done(
    wanted: dict, actions: tuple[Action, ...], repaired: tuple[str, ...]
) -> None:
    agent = pair(step(wanted), points=("(302, 202)", "(10, 20)"))
    agent.begin("g")
    decision = agent.act(conformance.seen(SIZE))
    assert decision.actions == actions
    assert decision.calls[0].repaired == repaired


SIZE = conformance.SIZES[0]
CLICK = {"action": "click", "target": "it"}
WRAPPED = [
    pytest.param('Well:\n```json\n{"actions": [{"action": "click", "target": "it"}]}\n```', id="in a fence"),
    pytest.param(
        '<think>{"actions": []}</think>{"actions":[{"action":"click","target":"it"}]}', id="after a thought"
    ),
    pytest.param("{'actions': [{'action': 'click', 'target': 'it'},]}", id="as Python"),
    pytest.param('{"action": "click", "target": "it"}', id="one action, bare"),
    pytest.param('{"thought": "x", "action": {"action": "click", "target": "it"}}', id="one action, not in a list"),
    pytest.param(Reply(thinking='so {"actions": [{"action": "click", "target": "it"}]}'), id="only thought"),
    pytest.param(Reply(calls=(Call("1", "act", {"actions": [CLICK]}),)), id="as a tool call"),
]


@pytest.mark.parametrize("says", WRAPPED)
def test_a_plan_is_found_wherever_it_stands(says: Says) -> None:
    agent = pair(says)
    agent.begin("g")
    assert agent.act(conformance.seen(SIZE)).actions == (Click(at=AT),)


MALFORMED = [
    pytest.param("I would click on Save.", "there is no JSON object", id="prose"),
    pytest.param("", "there is no JSON object", id="nothing"),
    pytest.param({"actions": []}, "length >= 1", id="no actions"),
    pytest.param({"thought": "hm"}, 'no "actions"', id="only a thought"),
    pytest.param(step({"action": "clik", "target": "it"}), "clik", id="an action that there is not"),
    pytest.param(step({"action": "click"}), "target", id="a field that is missing"),
    pytest.param(step({"action": "click", "target": "it", "speed": 3}), "speed", id="a field that means nothing"),
    pytest.param(step({"action": "press", "keys": ["entr"]}), "enter", id="a key that there is not"),
    pytest.param(step({"action": "type", "text": "a" * 20_001}), "20000", id="too much text"),
    pytest.param('{"actions": [{"action": "click", "target": "the', "no JSON object", id="cut off"),
]


@pytest.mark.parametrize(("says", "problem"), MALFORMED)
def test_a_model_is_told_what_was_wrong_with_its_answer(tmp_path: Path, says: Says, problem: str) -> None:
    planner = model(says, step(FINISH))
    record = play(tmp_path, MILK, planner_grounder(planner, model("(1, 1)")))
    assert (record.ended.how, record.ended.claim) == ("finished", "done")
    assert problem in planner.model.words()
    assert [problem in call.problem for call in record.calls] == [True, False]


def test_three_answers_that_mean_nothing_end_the_episode(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, pair("hm"))
    assert (record.ended.how, record.ended.cause) == ("agent_fault", "unreadable")
    assert len(record.calls) == 3
    assert all(call.problem for call in record.calls)


def test_an_answer_that_is_cut_off_again_and_again_is_named_so(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, pair(Reply(text='{"actions": [', stop="length")))
    assert record.ended.cause == "truncated"


def test_a_planner_is_told_what_the_grounder_does_not_find(tmp_path: Path) -> None:
    planner = model(step(CLICK), step({"action": "click", "target": "the text field"}), step(FINISH))
    record = play(tmp_path, MILK, planner_grounder(planner, model("I see no such thing", "(300, 200)")))
    assert [type(action) for action in record.acted] == [Click]
    assert "'it' was not found on the screen" in planner.model.words(1)
    assert [call.part or call.model for call in record.calls] == ["planner", "grounder"] * 2 + ["planner"]


def test_what_is_never_found_costs_a_step_and_is_remembered(tmp_path: Path) -> None:
    planner = model(*[step(CLICK)] * 3, step(FINISH))
    record = play(tmp_path, MILK, planner_grounder(planner, model("no")))
    assert record.acted == [Wait(seconds=1)]
    assert "not carried out in full: 'it' was not found" in planner.model.words(3)
    assert record.ended.how == "finished"


def test_actions_before_one_whose_target_is_not_found_are_done(tmp_path: Path) -> None:
    planner = model(step({"action": "type", "text": "mi"}, CLICK, {"action": "type", "text": "x"}), step(FINISH))
    record = play(tmp_path, MILK, planner_grounder(planner, model("no")))
    assert record.acted == [Type(text="mi")]
    assert "not carried out in full: 'it' was not found" in planner.model.words(1)


def test_a_planner_is_told_what_the_desktop_refused(tmp_path: Path) -> None:
    planner = model(step({"action": "type", "text": "a"}, CLICK), step(FINISH))
    record = play(tmp_path, MILK, planner_grounder(planner, Points(Point(x=9000, y=0))))
    assert "off the screen" in planner.model.words(1)
    assert "after 1 of 2 actions" in planner.model.words(1)
    assert record.ended.how == "finished"


class Points:
    """A third party's grounder."""

    name = "points"

    def __init__(self, at: Point) -> None:
        self.at = at

    def locate(self, png: bytes, description: str) -> object:
        from agent.base import Spot

        return Spot(at=self.at)


def test_what_changed_nothing_is_told_as_such(tmp_path: Path) -> None:
    planner = model(step({"action": "wait", "seconds": 0}), step(FINISH))
    play(tmp_path, MILK, planner_grounder(planner, model("no")))
    assert "nothing on the screen changed" in planner.model.words(1)


def test_nothing_is_done_after_a_finish(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, pair(step({"action": "finish", "answer": "42"}, CLICK)))
    assert (record.ended.how, record.ended.answer, record.acted) == ("finished", "42", [])


@pytest.mark.parametrize("too_much", [TooManyPictures(0), ContextFull("no room")], ids=["pictures", "context"])
def test_a_screen_that_does_not_fit_the_model_is_the_models_failure(tmp_path: Path, too_much: Exception) -> None:
    record = play(tmp_path, MILK, pair(too_much))
    assert (record.ended.how, record.ended.cause) == ("agent_fault", "context")


def test_an_endpoint_that_fails_makes_it_void_and_keeps_the_account(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, pair(step(CLICK), points=(EndpointFault("overloaded"),)))
    assert record.ended.how == "endpoint_fault"
    assert [(call.part, call.problem) for call in record.calls] == [("planner", ""), ("grounder", "overloaded")]


def test_a_refusal_ends_the_episode_as_one(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, pair(Reply(stop="refusal", refusal="cyber: no")))
    assert (record.ended.how, record.ended.cause) == ("agent_fault", "refused")


def test_a_long_past_is_told_from_its_end(tmp_path: Path) -> None:
    plans = [step({"action": "wait", "seconds": 0}, intent=f"step {number} " + 500 * "x") for number in range(30)]
    planner = model(*plans, step(FINISH))
    agent = planner_grounder(planner, model("no"))
    agent.begin("g")
    for _ in range(31):
        agent.act(conformance.seen(SIZE))
    words = planner.model.words()
    assert "step 29 " in words
    assert "earlier steps are left out" in words
    assert len(words) < 16_000


def test_its_parts_are_named_with_their_roles() -> None:
    agent = pair("")
    assert [(card.role, card.model, card.scaffold) for card in agent.cards] == [
        ("planner", "planner", "planner_grounder"), ("grounder", "grounder", "planner_grounder"),
    ]  # fmt: skip
    assert [each.name for each in agent.grounders] == ["grounder"]
    assert [about.model for about in agent.prepare()] == ["planner", "grounder"]


@pytest.mark.parametrize(
    ("planner", "points", "why"),
    [
        pytest.param(Player(), model(""), "planner must be a model that can show", id="a planner that has no words"),
        pytest.param(model(""), Player(), "grounder must be a model that can locate", id="a grounder that cannot"),
    ],
)
def test_a_part_that_cannot_do_its_part_is_refused_at_once(planner: object, points: object, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        planner_grounder(planner, points)


def test_a_scaffold_is_a_proper_agent() -> None:
    assert conformance.check(lambda: pair(step(CLICK), step({"action": "type", "text": "x"}), step(FINISH))) == []


SPECS = [
    pytest.param(
        "planner_grounder(planner=openai_chat:qwen3-vl, grounder=openai_chat:gta1)",
        {"planner": "qwen3-vl", "grounder": "gta1"},
        id="planner_grounder",
    ),
    pytest.param("marks(planner=openai_chat:qwen3-vl, most=50)", {"planner": "qwen3-vl"}, id="marks"),
    pytest.param("tree(planner=openai_chat:qwen3-vl, picture=false)", {"planner": "qwen3-vl"}, id="tree"),
    pytest.param(
        "reflect(planner=openai_chat:qwen3-vl, grounder=openai_chat:gta1)",
        {"planner": "qwen3-vl", "grounder": "gta1", "reflector": "qwen3-vl"},
        id="reflect",
    ),
    pytest.param(
        "split(actor=openai_chat:ui-tars-1.5-7b, reader=openai_chat:qwen3-vl, checks=1)",
        {"actor": "ui-tars-1.5-7b", "reader": "qwen3-vl"},
        id="split",
    ),
    pytest.param(
        "split(actor=marks(planner=openai_chat:glm-4.6v), reader=openai_chat:qwen3-vl)",
        {"actor/planner": "glm-4.6v", "reader": "qwen3-vl"},
        id="a scaffold in a scaffold",
    ),
]


@pytest.mark.parametrize(("spec", "parts"), SPECS)
def test_a_scaffold_is_a_line_on_the_command_line(spec: str, parts: dict[str, str]) -> None:
    agent = make("agents", parse(spec))
    assert {card.role: card.model for card in agent.cards} == parts
    assert {card.scaffold for card in agent.cards} == {agent.name}


def test_a_scaffold_is_a_file_that_is_the_record_of_what_ran(tmp_path: Path) -> None:
    told = tmp_path / "agent.toml"
    told.write_text(
        'name = "marks"\nmost = 50\n\n[planner]\nname = "openai_chat"\nmodel = "qwen3-vl"\nfamily = "qwen3vl"\n'
    )
    spec = parse(str(told))
    assert str(spec) == "marks(most=50, planner=openai_chat(model=qwen3-vl, family=qwen3vl))"
    assert [card.family for card in make("agents", spec).cards] == ["qwen3vl"]


def test_what_is_remembered_need_not_be_a_list_and_may_be_nothing() -> None:
    agent = pair({"thought": None, "plan": "save", "notes": None, "actions": [{"action": "wait"}]})
    agent.begin("g")
    assert agent.act(conformance.seen(SIZE)).actions == (Wait(seconds=1),)
