"""Reflection and notes, over whole episodes on the fake desktop."""

from __future__ import annotations

from pathlib import Path

import pytest
from chores import Player, chore
from scripted import FINISH, SCREEN, Model, Says, play, step

from agent import conformance
from agent.backends.reflect import reflect
from agent.codecs.grounders import gta1
from agent.codecs.opencua import opencua
from agent.models.base import Reply
from agent.native import Native
from agent.planning import Planning
from envs.errors import BadInput, EndpointFault
from envs.types import Click, Press, Type, Wait

MILK = chore("milk")
WENT = {"outcome": "as intended", "words": "The text is in the field."}
CLICK = {"action": "click", "target": "the text field"}


def model(*says: Says, name: str = "planner") -> Native:
    return Native(Model(list(says), name), gta1(), name=name)


def three(*plans: Says, points: tuple[Says, ...] = ("(302, 202)",), went: tuple[Says, ...] = (WENT,)) -> Planning:
    """A scaffold of three models."""
    return reflect(model(*plans), grounder=model(*points, name="grounder"), reflector=model(*went, name="reflector"))


def test_a_reflector_says_after_each_step_what_came_of_it(tmp_path: Path) -> None:
    planner = model(
        step({"action": "type", "text": "milk", "target": "the text field"}, intent="write the word"),
        step({"action": "press", "keys": "ctrl+s"}, intent="save"),
        step(FINISH),
    )
    watches = model(WENT, {"outcome": "not as intended", "words": "The title still has a star."}, name="reflector")
    record = play(tmp_path, MILK, reflect(planner, grounder=model("(300, 200)", name="grounder"), reflector=watches))
    assert (record.ended.how, record.ended.score) == ("finished", 1.0)
    assert [type(action) for action in record.acted] == [Click, Type, Press]
    assert [(call.part, call.model) for call in record.calls] == [
        ("planner", "planner"), ("grounder", "grounder"), ("reflector", "reflector"), ("planner", "planner"),
        ("reflector", "reflector"), ("planner", "planner"),
    ]  # fmt: skip
    assert "It went as intended: The text is in the field." in planner.model.words(1)
    assert "It went not as intended: The title still has a star." in planner.model.words(2)
    assert "The last step was to bring about: write the word" in watches.model.words(0)
    assert "What was done: click at=(298, 204); type text='milk'" in watches.model.words(0)
    assert "What the desktop said: carried out" in watches.model.words(0)
    before, after = watches.model.pictures(0)
    assert (before, after) == (watches.show(before.png), watches.show(after.png))
    assert before.png != after.png
    assert (record.decided[1].input_tokens, record.decided[1].output_tokens) == (200, 20)


def test_one_model_plans_points_and_reflects_where_no_other_is_named(tmp_path: Path) -> None:
    alone = model(step(CLICK), "(300, 200)", {"outcome": "unclear", "words": "No telling."}, step(FINISH))
    agent = reflect(alone)
    record = play(tmp_path, MILK, agent)
    assert record.ended.how == "finished"
    assert [call.part for call in record.calls] == ["planner", "grounder", "reflector", "planner"]
    assert "your last step. No telling." in alone.model.words()
    assert [card.role for card in agent.cards] == ["planner", "grounder", "reflector"]
    assert [about.model for about in agent.prepare()] == ["planner"]
    assert [each.name for each in agent.grounders] == ["planner"]


def test_a_plan_and_notes_are_told_until_they_change(tmp_path: Path) -> None:
    wait = {"action": "wait", "seconds": 0}
    planner = model(
        step(wait, plan=["write", "save"], notes=["the list has 3 lines"]),
        step(wait, notes=["the list has 3 lines", "it is empty"]),
        step(wait, plan="save"),
        step(wait, plan=[]),
        step(FINISH),
    )
    agent = reflect(planner, reflector=model(WENT))
    agent.begin("g")
    for _ in range(5):
        agent.act(conformance.seen(SCREEN))
    told = [
        planner.model.words(call).partition("Nothing has been done")[2] or planner.model.words(call)
        for call in range(5)
    ]
    assert "Your plan, as you" not in told[0]
    assert "Your plan, as you last gave it:\n- write\n- save\n\nYour notes:\n- the list has 3 lines" in told[1]
    assert "- write\n- save\n\nYour notes:\n- the list has 3 lines\n- it is empty" in told[2]
    assert "Your plan, as you last gave it:\n- save\n\nYour notes:" in told[3]
    assert "Your plan, as you" not in told[4]
    assert "- it is empty" in told[4]


def test_notes_do_not_grow_without_end() -> None:
    planner = model(*(step({"action": "wait"}, notes=[f"{number} {'x' * 600}"]) for number in range(30)))
    agent = reflect(planner, reflector=model(WENT))
    agent.begin("g")
    for _ in range(30):
        agent.act(conformance.seen(SCREEN))
    notes = planner.model.words().partition("Your notes:")[2]
    assert "28 xxx" in notes
    assert "- 2 xxx" not in notes
    assert len(notes) < 6_500


def test_the_same_three_times_on_an_unchanged_screen_is_a_loop(tmp_path: Path) -> None:
    planner = model(step({"action": "press", "keys": "f5"}))
    record = play(tmp_path, MILK, reflect(planner, reflector=model(WENT, name="reflector")))
    told = [call for call in range(len(planner.model.sent)) if "exactly the same" in planner.model.words(call)]
    assert told == [3, 4, 5]
    assert "the same 3 times" in planner.model.words(3)
    notes = [call.notes for call in record.calls if call.part == "planner"]
    assert notes[:4] == [(), (), (), ("loop: the same 3 times on an unchanged screen",)]


@pytest.mark.parametrize(
    "actions",
    [
        pytest.param([{"action": "type", "text": "a"}] * 5, id="the same, and the screen changes"),
        pytest.param([{"action": "press", "keys": key} for key in ("f5", "f6") * 3], id="not the same"),
    ],
)
def test_what_gets_on_is_no_loop(tmp_path: Path, actions: list[dict]) -> None:
    planner = model(*map(step, actions))
    record = play(tmp_path, MILK, reflect(planner, reflector=model(WENT, name="reflector")))
    assert len(record.decided) == 6
    assert "exactly the same" not in "".join(map(planner.model.words, range(6)))


UNREADABLE = [
    pytest.param("It worked, I think.", "no JSON object", id="prose"),
    pytest.param({"outcome": "fine", "words": "x"}, "fine", id="an outcome that there is not"),
    pytest.param({"outcome": "unclear"}, "words", id="no words"),
]


@pytest.mark.parametrize(("says", "problem"), UNREADABLE)
def test_a_reflector_is_told_what_was_wrong_with_its_answer(tmp_path: Path, says: Says, problem: str) -> None:
    watches = model(says, WENT, name="reflector")
    planner = model(step(CLICK), step(FINISH))
    record = play(tmp_path, MILK, reflect(planner, reflector=watches, grounder=model("(1, 1)")))
    assert problem in watches.model.words()
    assert "It went as intended" in planner.model.words()
    assert [bool(call.problem) for call in record.calls if call.part == "reflector"] == [True, False]


def test_without_a_readable_reflection_it_goes_on_and_the_record_says_so(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, three(step(CLICK), step(FINISH), went=("hm",)))
    assert record.ended.how == "finished"
    assert [call.part for call in record.calls] == ["planner", "grounder", *["reflector"] * 3, "planner"]
    assert record.calls[-1].notes == ("the reflector said nothing that could be read",)


def test_a_reflector_that_takes_one_picture_is_shown_the_screen_after(tmp_path: Path) -> None:
    from agent.models.base import TooManyPictures

    watches = model(TooManyPictures(1), WENT, name="reflector")
    play(tmp_path, MILK, reflect(model(step(CLICK), step(FINISH)), reflector=watches, grounder=model("(1, 1)")))
    two, one = watches.model.pictures(0), watches.model.pictures(1)
    assert one == two[1:]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"plans": (Reply(stop="refusal", refusal="no"),)}, id="the planner"),
        pytest.param({"plans": (step(CLICK),), "went": (Reply(stop="refusal", refusal="no"),)}, id="the reflector"),
    ],
)
def test_a_refusal_ends_the_episode_as_one(tmp_path: Path, where: dict) -> None:
    record = play(tmp_path, MILK, three(*where["plans"], went=where.get("went", (WENT,))))
    assert (record.ended.how, record.ended.cause) == ("agent_fault", "refused")
    assert record.calls[-1].problem == "the model refused: no"


def test_an_endpoint_that_fails_makes_it_void_and_keeps_the_account(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, three(step(CLICK), went=(EndpointFault("overloaded"),)))
    assert record.ended.how == "endpoint_fault"
    assert [(call.part, call.problem) for call in record.calls] == [
        ("planner", ""), ("grounder", ""), ("reflector", "overloaded"),
    ]  # fmt: skip


def test_a_target_that_is_not_found_is_told(tmp_path: Path) -> None:
    planner = model(*[step(CLICK)] * 3, step(FINISH))
    record = play(tmp_path, MILK, reflect(planner, grounder=model("no"), reflector=model(WENT)))
    assert record.acted == [Wait(seconds=1)]
    assert "'the text field' was not found" in planner.model.words(3)


def test_three_answers_that_mean_nothing_end_the_episode(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, three("hm"))
    assert (record.ended.how, record.ended.cause, len(record.calls)) == ("agent_fault", "unreadable", 3)


class Seer(Player):
    """Can be asked, and nothing else."""

    show = speak = lambda *_: None


WRONG = [
    pytest.param({"planner": Player()}, "planner must be a model that can show", id="a planner without words"),
    pytest.param(
        {"planner": Seer()},
        r"planner \(there is no grounder\) must be a model that can locate",
        id="none that points",
    ),
    pytest.param(
        {"planner": Native(Model([""]), opencua(), name="x"), "grounder": Player()},
        "grounder must be a model that can locate",
        id="a grounder that cannot",
    ),
    pytest.param(
        {"planner": model(""), "reflector": Player()},
        "reflector must be a model that can show",
        id="a blind reflector",
    ),
]


@pytest.mark.parametrize(("parts", "why"), WRONG)
def test_a_part_that_cannot_do_its_part_is_refused_at_once(parts: dict, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        reflect(**parts)


def test_it_is_a_proper_agent() -> None:
    assert conformance.check(lambda: three(step(CLICK), step({"action": "type", "text": "x"}), step(FINISH))) == []
