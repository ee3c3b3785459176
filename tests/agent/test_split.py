"""One reads and checks, another acts: over whole episodes on the fake desktop."""

from __future__ import annotations

from pathlib import Path

import pytest
from chores import Player, chore
from scripted import FINISH, SCREEN, Model, Says, play, step

from agent import conformance
from agent.backends.marks import marks
from agent.backends.planner_grounder import planner_grounder
from agent.backends.split import Split, split
from agent.base import Answer, Decision, Usage
from agent.codecs.grounders import gta1
from agent.codecs.pyautogui import pyautogui
from agent.models.base import Reply
from agent.native import Native
from envs.errors import BadInput, EndpointFault
from envs.types import Finish, Observation, Press, Type

MILK = chore("milk")
TYPES = "```python\npyautogui.write('milk')\n```"
SAVES = "```python\npyautogui.hotkey('ctrl', 's')\n```"
DONE = "```python\nDONE\n```"
WAITS = "```python\nWAIT\n```"


def actor(*says: Says) -> Native:
    """Acts in a dialect of its own."""
    return Native(Model(list(says), "actor"), pyautogui(), name="actor")


def reader(*says: Says) -> Native:
    return Native(Model(list(says), "reader"), gta1(), name="reader")


def test_the_actor_is_told_what_the_reader_reads(tmp_path: Path) -> None:
    acts, reads = actor(TYPES, SAVES, DONE), reader("An empty list.", "It says milk.", "It says milk.", "YES. Saved.")
    record = play(tmp_path, MILK, split(acts, reads))
    assert (record.ended.how, record.ended.score) == ("finished", 1.0)
    assert record.acted == [Type(text="milk"), Press(keys=("ctrl", "s"))]
    assert "An empty list." in acts.model.words(0)
    assert "It says milk." in acts.model.words(1)
    assert "Write milk on the list and save it." in reads.model.words(0)
    assert "They say that it is done" in reads.model.words()
    assert [len(reads.model.pictures(call)) for call in range(len(reads.model.sent))] == [1] * len(reads.model.sent)
    assert {(call.part, call.model) for call in record.calls} == {("actor", "actor"), ("reader", "reader")}
    assert (record.decided[0].input_tokens, record.decided[0].output_tokens) == (200, 20)


def test_a_screen_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    acts, reads = actor(WAITS, WAITS, DONE), reader("An empty list.", "YES")
    record = play(tmp_path, MILK, split(acts, reads))
    assert [call.part for call in record.calls] == ["reader", "actor", "actor", "actor", "reader"]
    assert "An empty list." in acts.model.words(2)


def test_a_claim_is_refused_once_with_the_readers_reason(tmp_path: Path) -> None:
    acts = actor(TYPES, DONE, SAVES, DONE)
    reads = reader("empty", "milk", "NO. The title has a star: it is not saved.", "milk, saved", "YES")
    record = play(tmp_path, MILK, split(acts, reads))
    assert (record.ended.how, record.ended.score) == ("finished", 1.0)
    assert "somebody who checked the screen says that it is not done: NO. The title has a star" in acts.model.words(2)
    assert record.acted == [Type(text="milk"), Press(keys=("ctrl", "s"))]


def test_after_two_objections_the_actors_word_counts(tmp_path: Path) -> None:
    acts, reads = actor(DONE), reader("empty", "NO. It is empty.")
    record = play(tmp_path, MILK, split(acts, reads))
    assert (record.ended.how, record.ended.claim, record.ended.score) == ("finished", "done", 0.0)
    assert [call.part for call in record.calls] == ["reader", "actor", "reader", "actor", "reader", "actor"]


def test_without_checks_the_actors_word_counts_at_once(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, split(actor(DONE), reader("empty"), checks=0))
    assert [call.part for call in record.calls] == ["reader", "actor"]


def test_what_comes_before_a_claim_is_done_before_it_is_checked(tmp_path: Path) -> None:
    acts = Batch((Type(text="milk"), Press(keys=("ctrl", "s")), Finish(answer="yes")))
    reads = reader("empty", "YES")
    record = play(tmp_path, MILK, split(acts, reads))
    assert (record.ended.how, record.ended.score, record.ended.answer) == ("finished", 1.0, "yes")
    assert record.acted == [Type(text="milk"), Press(keys=("ctrl", "s"))]
    assert [len(decided.actions) for decided in record.decided] == [2, 1]
    assert "They answered: yes" in reads.model.words()


def test_a_claim_after_something_that_was_refused_is_forgotten(tmp_path: Path) -> None:
    acts = Batch((Press(keys=("hyperspace",)), Finish()), (Finish(claim="failed"),))
    record = play(tmp_path, MILK, split(acts, reader("empty")))
    assert (record.ended.how, record.ended.claim) == ("finished", "failed")
    assert "hyperspace" in acts.refused[1]


def test_a_refused_claim_after_other_actions_comes_back_to_the_actor(tmp_path: Path) -> None:
    acts = Batch((Type(text="milk"), Finish()), (Press(keys=("ctrl", "s")), Finish()))
    reads = reader("empty", "NO. Not saved.", "milk", "YES")
    record = play(tmp_path, MILK, split(acts, reads))
    assert record.ended.score == 1.0
    assert acts.carried == [0, 1]
    assert "NO. Not saved." in acts.refused[1]


@pytest.mark.parametrize("claim", ["failed", "infeasible"])
def test_only_that_it_is_done_is_checked(tmp_path: Path, claim: str) -> None:
    record = play(tmp_path, MILK, split(Batch((Finish(claim=claim),)), reader("empty", "NO")))
    assert record.ended.claim == claim
    assert [call.part for call in record.calls] == ["reader", "actor"]


VERDICTS = [
    pytest.param("YES", True, id="yes"),
    pytest.param("No, it is empty.", False, id="no"),
    pytest.param("<think>NO? It is there.</think>YES", True, id="after a thought"),
    pytest.param("**NO**", False, id="in bold"),
    pytest.param("I cannot tell. Nothing is known.", True, id="neither"),
    pytest.param(Reply(stop="refusal", refusal="no"), True, id="refused"),
]


@pytest.mark.parametrize(("says", "done"), VERDICTS)
def test_a_verdict_is_yes_or_no_and_what_is_neither_does_not_object(tmp_path: Path, says: Says, done: bool) -> None:
    record = play(tmp_path, MILK, split(Batch((Finish(),)), reader("empty", says), checks=1))
    assert record.ended.how == "finished"
    assert len([call for call in record.calls if call.part == "actor"]) == (1 if done else 2)


def test_a_reader_that_refuses_is_noted_and_the_actor_goes_on(tmp_path: Path) -> None:
    acts = actor(DONE)
    third = Refusing()
    record = play(tmp_path, MILK, split(acts, third))
    assert record.ended.how == "finished"
    assert "Somebody who reads" not in acts.model.words()
    assert [(call.part, call.problem) for call in record.calls] == [
        ("reader", "the model refused"), ("actor", ""), ("reader", "the model refused"),
    ]  # fmt: skip


class Refusing:
    """A third party's reader."""

    name = "refusing"

    def ask(self, pictures: object, question: str) -> Answer:
        return Answer(text="", problem="the model refused")


class Batch(Player):
    """Acts without a model, and keeps what it was told."""

    def __init__(self, *decisions: tuple) -> None:
        super().__init__(
            *(Decision(actions=each, usage=Usage(input_tokens=5, output_tokens=1)) for each in decisions)
        )
        self.refused: list[str] = []
        self.carried: list[int] = []

    def act(self, seen: Observation, words: str = "") -> Decision:
        self.refused.append(seen.refused)
        self.carried.append(seen.carried)
        return super().act(seen)


def test_a_third_partys_actor_is_accounted_for(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, split(Batch((Finish(claim="failed"),)), reader("empty")))
    assert [(call.part, call.input_tokens) for call in record.calls] == [("reader", 100), ("actor", 5)]
    assert record.decided[0].input_tokens == 105


def test_a_scaffold_can_act(tmp_path: Path) -> None:
    planner = Native(
        Model([step({"action": "type", "text": "milk", "target": "the field"}), step(FINISH)]), gta1(), name="p"
    )
    points = Native(Model(["(300, 200)"], "points"), gta1(), name="points")
    agent = split(planner_grounder(planner, points), reader("An empty list."), checks=0)
    record = play(tmp_path, MILK, agent)
    assert record.acted[1:] == [Type(text="milk")]
    assert "Somebody who reads the screen for you reports:\nAn empty list." in planner.model.words(0)
    assert [call.part for call in record.calls][:3] == ["reader", "actor/planner", "actor/grounder"]
    assert [card.role for card in agent.cards] == ["actor/planner", "actor/grounder", "reader"]
    assert [each.name for each in agent.grounders] == ["points"]
    assert split(marks(planner), reader("")).wants == ("elements",)


@pytest.mark.parametrize(
    ("acts", "reads", "part"),
    [
        pytest.param(EndpointFault("overloaded"), "empty", "actor", id="the actor's"),
        pytest.param(DONE, EndpointFault("overloaded"), "reader", id="the reader's"),
    ],
)
def test_an_endpoint_that_fails_makes_it_void_and_its_part_is_named(
    tmp_path: Path, acts: Says, reads: Says, part: str
) -> None:
    record = play(tmp_path, MILK, split(actor(acts), reader(reads)))
    assert record.ended.how == "endpoint_fault"
    assert (record.calls[-1].part, record.calls[-1].problem) == (part, "overloaded")


def test_an_actor_that_refuses_ends_the_episode(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, split(actor(Reply(stop="refusal", refusal="no")), reader("empty")))
    assert (record.ended.cause, [call.part for call in record.calls]) == ("refused", ["reader", "actor"])


def test_an_actor_that_means_nothing_ends_the_episode(tmp_path: Path) -> None:
    record = play(tmp_path, MILK, split(actor("hm"), reader("empty")))
    assert (record.ended.cause, len(record.calls)) == ("unreadable", 4)


def test_its_parts_are_named_and_asked_with_their_roles() -> None:
    agent = split(actor(""), reader("A list."))
    assert [(card.role, card.model, card.scaffold) for card in agent.cards] == [
        ("actor", "actor", "split"), ("reader", "reader", "split"),
    ]  # fmt: skip
    assert [about.model for about in agent.prepare()] == ["actor", "reader"]
    assert agent.ask((conformance.seen(SCREEN).png,), "What is there?").text == "A list."


WRONG = [
    pytest.param(lambda: split(Player(), reader("")), "actor must be told what the reader reads", id="a deaf actor"),
    pytest.param(lambda: split(Refusing(), reader("")), "actor must be a model that can begin", id="no agent at all"),
    pytest.param(
        lambda: split(actor(""), Player()), "reader must be a model that can ask", id="a reader that cannot"
    ),
    pytest.param(
        lambda: split(actor(""), reader(""), checks=-1), "checks must be 0 or more", id="less than no checks"
    ),
]


@pytest.mark.parametrize(("make", "why"), WRONG)
def test_what_cannot_be_is_refused_at_once(make: object, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        make()


def test_it_is_a_proper_agent() -> None:
    def make() -> Split:
        return split(actor(TYPES, SAVES, DONE), reader("A list.", "A list.", "A list.", "YES"))

    assert conformance.check(make) == []
