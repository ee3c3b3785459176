"""Agents whose faults are known, for proving that what measures agents finds them: the solution, with planted errors.

Each step of the solution can go wrong in the channels that it needs, each by a coin of its own:

    ground   clicks a random other thing that can be clicked          the aid G removes it
    plan     leaves the step out, or does the one before again        P
    read     types a misread value                                    S
    stop     once an episode: stops one step early; where no step is left, goes on and spoils it   V

After an error it notices nothing and says that it is done, so errors are fatal: with n steps that need a channel of
rate e, q = (1 - e)^n, and success is the product of q over the channels that no aid removes. An aid removes its
channel when it is told, and true. Asked, it is wrong at the rate of the rung's channel; about a screen on which it
acted, exactly where it acted wrongly. Coins differ by task, seed, repeat and condition, and nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.base import Answer, Asked, Decision, Planting, given
from agent.conditions import HEADINGS, Aid
from agent.elements import from_tree, to_mark
from envs.errors import BadInput
from envs.types import Action, Click, Drag, Finish, Observation, Point, Press, Type

CHANNEL_OF_RUNG = {"L0": "read", "L1": "ground", "L2": "plan", "L3": "plan", "L4": "stop", "L5": "ground"}
AID_OF: dict[str, Aid] = {"ground": "G", "plan": "P", "read": "S", "stop": "V"}
MOST = 200
"""Things on a screen among which a wrong one is chosen."""
AWAY = 48
"""Pixels from where it should have clicked, at least, where nothing else can be clicked."""
MORE = (Type(text="0\n"), Press(keys=("ctrl", "s")))
"""What it does who goes on: it writes into whatever has the focus, and saves. As short as the budget at the end."""


@dataclass(frozen=True)
class Rates:
    """How often each channel fails where it is needed, 0 to 1."""

    ground: float = 0.0
    plan: float = 0.0
    read: float = 0.0
    stop: float = 0.0


class Faulty:
    """See the module. `hands` are its errors in acting, `mind` those in answering."""

    cards = ()

    def __init__(self, name: str, play: Planting, hands: Rates, mind: Rates, seed: int) -> None:
        self.name = name
        self.wants = ("elements",) if hands.ground else ()
        self._play = play
        self._hands, self._mind = hands, mind
        self._seed = seed
        self.begin("")

    def begin(self, goal: str) -> None:  # noqa: ARG002 - it knows the way
        """The goal changes nothing."""
        self._step = self._play.begun
        self._last: tuple[Action, ...] = ()
        self._over = False

    def close(self) -> None:
        """There is nothing to close."""

    def act(self, seen: Observation, words: str = "") -> Decision:
        """The next step, with the faults that are due to it."""
        if self._over:
            return _finished()
        decision = next(self._play.decisions, None)
        ending = decision is None or isinstance(decision.actions[0], Finish)
        step, self._step = self._step, self._step + 1
        if decision is None or ending:
            return self._ended(decision or _finished(), words)
        if self._play.steps is not None and step >= self._play.steps:
            return decision  # nothing depends on it any more
        wrong = self._wrong(decision, step, seen, words)
        self._last = decision.actions
        if wrong is None:
            return decision
        self._over = True
        return Decision(actions=(*wrong, Finish()), intent=decision.intent)

    def _wrong(self, decision: Decision, step: int, seen: Observation, words: str) -> tuple[Action, ...] | None:
        """What it does in place of the step; None where it does it right."""
        if self._play.steps == step + 1 and not self._play.alone and self._fails("stop", 0, words):
            return ()
        if self._fails("plan", step, words):
            again = self._coin("instead", step) < 0.5
            return self._last if again else ()
        actions = decision.actions
        place = next((place for place, action in enumerate(actions) if points(action)), None)
        if place is not None and self._fails("ground", step, words):
            return (*actions[:place], Click(at=self._elsewhere(actions[place], step, seen)))
        place = next((place for place, action in enumerate(actions) if types(action)), None)
        if place is not None and self._fails("read", step, words):
            return tuple(self._misread(action, step) if at == place else action for at, action in enumerate(actions))
        return None

    def _ended(self, last: Decision, words: str) -> Decision:
        """At the end of the solution: says so, unless it was to stop early and no step was left for that."""
        self._over = True
        early = self._play.steps is not None and self._play.begun < self._play.steps
        if self._play.alone or early or not self._fails("stop", 0, words):
            return last
        return Decision(actions=(*MORE, Finish()), intent="go on")

    def _fails(self, channel: str, step: int, words: str) -> bool:
        aid = AID_OF[channel]
        helped = aid in self._play.aids and HEADINGS[aid] in words
        return not helped and self._coin(channel, step) < getattr(self._hands, channel)

    def _coin(self, channel: str, step: int) -> float:
        return random.Random(f"{self._seed} {self._play.key} {channel} {step}").random()

    def _elsewhere(self, action: Action, step: int, seen: Observation) -> Point:
        """The middle of something else that can be clicked; where there is nothing else, a pixel some way off."""
        meant = _aim(action)
        chance = random.Random(f"{self._seed} {self._play.key} elsewhere {step}")
        boxes = [each.box for each in to_mark(from_tree(seen.elements, seen.size), MOST)]
        others = [box.centre for box in boxes if not box.holds(meant)]
        if others:
            return chance.choice(others)
        wide, high = seen.size.width, seen.size.height
        corners = [Point(x=x, y=y) for x in (1, wide - 2) for y in (1, high - 2)]
        far = [at for at in corners if abs(at.x - meant.x) + abs(at.y - meant.y) >= AWAY]
        return chance.choice(far or corners)

    def _misread(self, action: Action, step: int) -> Action:
        text = action.text if isinstance(action, Type) else ""
        return Type(text=misread(text, random.Random(f"{self._seed} {self._play.key} misread {step}")))

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:  # noqa: ARG002 - it reads neither
        """It knows nothing without being told: see `answer`."""
        return Answer(text="", problem="an agent with planted faults can only be asked by `answer`")

    def answer(self, asked: Asked) -> Answer:
        """See `agent.base.Planted`. Blind it guesses."""
        chance = random.Random(f"{self._seed} {asked.key} answer")
        if asked.blind:
            return _said(chance.choice((asked.right, *asked.wrong)))
        channel = CHANNEL_OF_RUNG.get(asked.rung, "plan")
        rate = getattr(self._mind, channel)
        if asked.episode:
            step = 0 if channel == "stop" else asked.step
            drawn = random.Random(f"{self._seed} {asked.episode} {channel} {step}").random()
        else:
            drawn = random.Random(f"{self._seed} {asked.key} {channel}").random()
        if drawn < rate and asked.wrong:
            return _said(chance.choice(asked.wrong))
        return _said(asked.right)


def points(action: Action) -> bool:
    """Whether it must be known where on the screen to do it."""
    return (isinstance(action, Click) and action.at is not None) or (
        isinstance(action, Drag) and len(action.path) > 1
    )


def types(action: Action) -> bool:
    """Whether it writes something that can be misread."""
    return isinstance(action, Type) and any(map(str.isalnum, action.text))


def misread(text: str, chance: random.Random) -> str:
    """The text with one letter or digit in place of another."""
    places = [place for place, sign in enumerate(text) if sign.isalnum()]
    if not places:
        return text
    place = chance.choice(places)
    among = "0123456789" if text[place].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    return text[:place] + chance.choice([sign for sign in among if sign != text[place].lower()]) + text[place + 1 :]


def _aim(action: Action) -> Point:
    match action:
        case Click(at=Point() as at):
            return at
        case Drag(path=path):
            return path[0]
    return Point(x=0, y=0)


def _finished() -> Decision:
    return Decision(actions=(Finish(),), intent="done")


def _said(text: str) -> Answer:
    return Answer(text=f"ANSWER: {text}")


def _rates(name: str, given_: Mapping[str, float]) -> Rates:
    for channel, rate in given_.items():
        if not 0 <= rate <= 1:
            raise BadInput(f"{name}: {channel} must be from 0 to 1, found {rate!r}")
    return Rates(**given_)


@given("planting")
def planted(
    play: Planting, *, ground: float = 0.0, plan: float = 0.0, read: float = 0.0, stop: float = 0.0, seed: int = 0
) -> Faulty:
    """Acts and answers with the same errors: what it cannot do is what it does not know."""
    rates = _rates("planted", {"ground": ground, "plan": plan, "read": read, "stop": stop})
    return Faulty("planted", play, rates, rates, seed)


@given("planting")
def dissociated(
    play: Planting, *, ground: float = 0.0, plan: float = 0.0, read: float = 0.0, stop: float = 0.0, seed: int = 0
) -> Faulty:
    """Answers everything right and errs in acting: understanding without control."""
    rates = _rates("dissociated", {"ground": ground, "plan": plan, "read": read, "stop": stop})
    return Faulty("dissociated", play, rates, Rates(), seed)
