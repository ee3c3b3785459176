"""The agents without a model: what each does, and that each is a proper agent."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence

import pytest
from chores import CORNER, Player

from agent import conformance
from agent.acting import Script
from agent.backends.human import Desk, Human, Seat, desk
from agent.backends.idle import Fail, Idle
from agent.backends.random import Random
from agent.backends.scripted import Scripted
from agent.base import Agent, Answer, Card, Decision, Spot
from agent.cast import decisions
from agent.conformance import SIZES, seen
from envs.types import Called, Click, Drag, Finish, Observation, Point, Press, Scroll, Size, Type
from scoring.record import Acted, Decided, Ended, Episode, Line
from tasks.base import Step


def plays() -> Iterator[Decision]:
    yield Decision(actions=(CORNER,), intent="the corner")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Idle, id="idle"),
        pytest.param(Fail, id="fail"),
        pytest.param(Random, id="random"),
        pytest.param(lambda: Random(seed=7, steps=3, stop=0.5), id="random, impatient"),
        pytest.param(lambda: Scripted(plays()), id="scripted"),
        pytest.param(lambda: Scripted(iter(())), id="scripted, with nothing"),
    ],
)
def test_it_is_a_proper_agent(make: Callable[[], Agent]) -> None:
    assert conformance.check(make) == []


class Remembers(Player):
    """Lets one episode leak into the next."""

    goals: list[str] = []  # noqa: RUF012 - the mistake itself

    def act(self, seen: Observation) -> Decision:
        self.goals.append(self.goal)
        return Decision(actions=(Type(text=str(len(self.goals))), Finish()))


class Outside(Player):
    def act(self, seen: Observation) -> Decision:
        return Decision(actions=(Click(at=Point(x=1000, y=700)), Finish()))


class Wordy(Player):
    def act(self, seen: Observation) -> Decision:
        return "click"  # type: ignore[return-value]


class Nameless(Player):
    name = ""


class Unclosed(Player):
    def begin(self, goal: str) -> None:
        self.made = True

    def close(self) -> None:
        assert self.made


class Curious(Player):
    wants = ("answers",)


class Uncarded(Player):
    cards = ("a model",)


class Boastful(Player):
    cards = (Card(model="m", can=("act", "locate")),)


class Silent(Player):
    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        return Answer(text="")


class Astray(Player):
    def locate(self, png: bytes, description: str) -> Spot:
        return Spot(at=Point(x=1920, y=5))


class Broken(Player):
    def locate(self, png: bytes, description: str) -> Spot:
        raise KeyError("point")


class Miscounting(Player):
    def act(self, seen: Observation) -> Decision:
        return Decision(actions=(Finish(),), calls=(Called(model="m", input_tokens=3),))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(Remembers, "decides otherwise after another episode", id="state leaks"),
        pytest.param(Outside, "it acts at 1000, 700, which is off it", id="it knows one size only"),
        pytest.param(lambda: Player(ValueError("x")), "raised ValueError('x')", id="it raises"),
        pytest.param(lambda: Player(()), "no action", id="it decides on nothing"),
        pytest.param(Wordy, "no Decision", id="it returns something else"),
        pytest.param(Nameless, "name is ''", id="it has no name"),
        pytest.param(Unclosed, "close before begin raised", id="it cannot be closed before it began"),
        pytest.param(Curious, "wants is ('answers',)", id="it wants what no agent is given"),
        pytest.param(Uncarded, "must be a tuple of Card", id="its card is none"),
        pytest.param(Boastful, "it can locate, and it has no method", id="its card says too much"),
        pytest.param(Silent, "does not say why there is none", id="its answer is empty"),
        pytest.param(Astray, "it points at 1920, 5, off it", id="it points beside the picture"),
        pytest.param(Broken, "asked before an episode it raised KeyError", id="it cannot point"),
        pytest.param(Miscounting, "which is not what its calls took", id="it hides what its calls took"),
    ],
)
def test_an_improper_agent_is_found_out(make: Callable[[], Agent], problem: str) -> None:
    assert any(problem in each for each in conformance.check(make)), conformance.check(make)


def acts(agent: Agent, goal: str, count: int = 15, size: Size = SIZES[0]) -> list[object]:
    agent.begin(goal)
    return [agent.act(seen(size)).actions for _ in range(count)]


def test_random_is_the_same_for_the_same_seed_and_goal_and_other_for_another() -> None:
    assert acts(Random(seed=1), "a") == acts(Random(seed=1), "a")
    assert acts(Random(seed=1), "a") != acts(Random(seed=2), "a")
    assert acts(Random(seed=1), "a") != acts(Random(seed=1), "b")


def test_random_ends_within_its_steps_and_tries_all_kinds_of_things() -> None:
    actions = [action for seed in range(40) for each in acts(Random(seed=seed, steps=15), "a", 16) for action in each]
    assert {Click, Drag, Scroll, Type, Press, Finish} <= {type(action) for action in actions}
    assert all(isinstance(acts(Random(seed=seed), "a", 16)[-1][-1], Finish) for seed in range(5))
    assert {action.button for action in actions if isinstance(action, Click)} == {"left", "right"}


def test_a_recording_gives_what_was_done_and_how_it_ended() -> None:
    typed = Type(text="x")
    events = (
        Decided(intent="one", thought="", actions=(typed, CORNER), seconds=0),
        Acted(step=1, action=typed),
        Decided(intent="two", thought="", actions=(Finish(answer="42"),), seconds=0),
        Ended(how="finished", score=1.0, claim="done", answer="42"),
    )
    episode = Episode("e", tuple(Line(seq=number, t=0, event=event) for number, event in enumerate(events)))
    assert [(each.intent, each.actions) for each in decisions(episode)] == [
        ("one", (typed,)),
        ("done", (Finish(answer="42"),)),
    ]


def test_a_script_gives_its_steps_as_decisions_and_keeps_what_went_wrong() -> None:
    def steps() -> Iterator[Step]:
        yield Step(intent="one", actions=(CORNER,))
        raise LookupError("no button")

    script = Script("the play", steps)
    assert next(script) == Decision(actions=(CORNER,), intent="one")
    assert script.fault is None
    with pytest.raises(Exception, match=r"the play raised LookupError\('no button'\)"):
        next(script)
    assert "no button" in str(script.fault)


@pytest.fixture
def page() -> Iterator[tuple[Desk, str]]:
    """A desk and its page's address."""
    made = desk(0, False)
    yield made, made.url
    assert not made.seats


def send(url: str, actions: object) -> int:
    request = urllib.request.Request(f"{url}act", data=json.dumps(actions).encode(), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as err:
        with err:
            return err.code


def get(url: str, host: str = "") -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as err:
        with err:
            return err.code, err.read()


def test_what_a_person_does_on_the_page_is_what_the_agent_does(page: tuple[Desk, str]) -> None:
    _, url = page
    human = Human()
    human.begin("Write milk.")
    done: list[Decision] = []
    waiting = threading.Thread(target=lambda: done.append(human.act(seen(SIZES[1]))))
    waiting.start()
    turn = -1
    while True:
        state = json.loads(get(f"{url}state?turn={turn}")[1])
        turn = state["turn"]
        if state["waiting"]:
            break
    assert (state["goal"], state["size"]) == ("Write milk.", [801, 601])
    assert get(f"{url}frame")[1] == seen(SIZES[1]).png
    assert send(url, [{"kind": "click", "at": {"x": 800, "y": 600}, "button": "right", "count": 2}]) == 200
    waiting.join()
    assert done[0].actions == (Click(at=Point(x=800, y=600), button="right", count=2),)
    assert send(url, [{"kind": "finish", "claim": "infeasible", "answer": "no"}]) == 200
    assert human.act(seen(SIZES[1])).actions == (Finish(claim="infeasible", answer="no"),)
    human.close()


def test_the_page_shows_one_episode_after_another(page: tuple[Desk, str]) -> None:
    _, url = page
    first, second = Human(), Human()
    first.begin("one")
    second.begin("two")
    assert json.loads(get(f"{url}state")[1])["goal"] == "one"
    first.close()
    assert json.loads(get(f"{url}state")[1])["goal"] == "two"
    second.close()
    assert json.loads(get(f"{url}state")[1])["goal"] == ""


def test_closing_frees_a_person_who_is_waited_for() -> None:
    of, seat = Desk(), Seat(goal="g")
    of.sit(seat)
    threading.Timer(0.05, of.leave, (seat,)).start()
    with pytest.raises(RuntimeError, match="over"):
        of.ask(seat, seen(SIZES[1]))


def test_the_page_is_nobodys_without_its_token(page: tuple[Desk, str]) -> None:
    made, url = page
    assert get(url)[0] == 200
    assert b"<!doctype html>" in get(url)[1]
    root = url.removesuffix(f"{made.token}/")
    for path in ("", "state", "frame", f"{made.token[:-1]}/", f"x{made.token}/"):
        assert get(root + path)[0] == 404
    assert get(url, host="evil.test:80")[0] == 404
    assert send(root, [{"kind": "finish"}]) == 404


@pytest.mark.parametrize("actions", [[], [{"kind": "clik"}], [{"kind": "click", "buton": "left"}], {}, "x"])
def test_what_the_page_cannot_mean_is_refused(page: tuple[Desk, str], actions: object) -> None:
    assert send(page[1], actions) in (400, 409)
