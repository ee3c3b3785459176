"""What the loop does for agents with a model: how far a decision came, the tree on request, faults with calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from chores import Player, chore
from test_loop import SAVE, SIZE, events, play

from agent.base import Decision
from envs.errors import AccessLost, AgentFault, EndpointFault
from envs.fake import FakeDesktop
from envs.types import Called, Click, Finish, Point, Type, Wait
from scoring.record import Decided, Ended, read

CALL = Called(model="m", seconds=1.5, input_tokens=7, problem="no tool call")


@pytest.mark.parametrize(
    ("actions", "carried"),
    [
        pytest.param((Type(text="milk"), Wait(seconds=0)), 2, id="all of it"),
        pytest.param(
            (Type(text="milk"), Click(at=Point(x=320, y=0)), Wait(seconds=0)), 1, id="the second was refused"
        ),
        pytest.param((Click(at=Point(x=320, y=0)), Wait(seconds=0)), 0, id="the first was refused"),
    ],
)
def test_an_agent_is_told_how_far_its_decision_was_carried_out(tmp_path: Path, actions: tuple, carried: int) -> None:
    agent = Player(actions, (SAVE, Finish()))
    play(tmp_path, chore("milk"), agent)
    assert [seen.carried for seen in agent.seen] == [0, carried]
    assert bool(agent.seen[1].refused) == (carried < len(actions))


def test_the_tree_is_given_to_an_agent_that_wants_it_and_to_no_other(tmp_path: Path) -> None:
    class Reader(Player):
        wants = ("elements",)

    reader, player = Reader((Finish(),)), Player((Finish(),))
    desktop = FakeDesktop(SIZE)
    play(tmp_path / "a", chore("milk"), reader, desktop)
    play(tmp_path / "b", chore("milk"), player)
    assert reader.seen[0].elements == desktop.probe.tree() != ()
    assert player.seen[0].elements == ()


def failing(fault: AgentFault | EndpointFault) -> Player:
    fault.calls = (CALL,)
    return Player((Type(text="milk"),), fault)


def test_a_models_fault_is_a_failure_with_its_cause_and_the_calls_that_led_to_it(tmp_path: Path) -> None:
    ended, episode = play(tmp_path, chore("milk"), failing(AgentFault("it will not", cause="refused")))
    assert (ended.how, ended.score, ended.cause, ended.reason) == ("agent_fault", 0.0, "refused", "it will not")
    last = events(episode, Decided)[-1]
    assert (last.actions, last.calls) == ((), (CALL,))


def test_an_endpoints_fault_makes_the_episode_void_and_keeps_its_calls(tmp_path: Path) -> None:
    ended, episode = play(tmp_path, chore("milk"), failing(EndpointFault("529 for 300 s")))
    assert (ended.how, ended.score, ended.reason) == ("endpoint_fault", None, "529 for 300 s")
    assert events(episode, Decided)[-1].calls == (CALL,)


def test_an_endpoint_that_lets_nobody_in_stops_the_run_and_what_was_recorded_stays(tmp_path: Path) -> None:
    agent = Player((Type(text="milk"),), AccessLost("the key was withdrawn"))
    with pytest.raises(AccessLost, match="withdrawn"):
        play(tmp_path, chore("milk"), agent)
    episode = read(tmp_path / "run" / "episodes" / "one")
    assert episode.ended == Ended(how="stopped", score=None, reason="the key was withdrawn")
    assert agent.closed == 1


def test_the_calls_of_a_decision_are_recorded_with_it(tmp_path: Path) -> None:
    _, episode = play(tmp_path, chore("milk"), Player(Decision(actions=(Finish(),), calls=(CALL, CALL))))
    assert events(episode, Decided)[0].calls == (CALL, CALL)
