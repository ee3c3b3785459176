"""The agent that most scaffolds are: a model is shown the screen, answers with a plan, and is told what came of it.

Each step is one request of its own: the prompt, the goal, the past in words, and the screen as it is now. So a
request has a bounded size, any chat model will do, and no vendor's rules about edited histories apply. What differs
between scaffolds is how the screen is shown and what may be aimed at (`Eyes`), and what else is told (`Advisor`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec.structs import replace

from agent.account import total
from agent.base import Answer, Card, Decision, Grounder, Spot
from agent.models.base import About, Message, Part, Reply, Text
from agent.plans import Lost, Plan, Target, actions_of, in_words, read_plan
from agent.prompts import prompt
from agent.scaffold import (
    Made,
    Speaker,
    ask_for,
    cards_of,
    close_all,
    gathered,
    grounders_of,
    must,
    one_of,
    prepared,
)
from envs.types import Action, Called, Finish, Observation, Point, Wait

Batch = Literal["all", "first"]
"""Of a plan's actions: all that can be done before the next look, or only the first."""
LONGEST_LINE = 600
LONGEST_PAST = 10_000
"""Characters of the past that are told, the latest."""


@dataclass(frozen=True)
class Shown:
    """A screen as a scaffold shows it, and what is meant by an answer's target: a point, or why there is none."""

    parts: tuple[Part, ...]
    aim: Callable[[Target], Spot]


class Eyes(Protocol):
    """How a scaffold shows a screen."""

    def look(self, seen: Observation) -> Shown:
        """What the model is to be shown of it."""
        ...


@dataclass(frozen=True)
class Past:
    """A decision: the screen that led to it, what it was for, what was done, and why not all that was wanted was."""

    seen: Observation
    intent: str
    wanted: str
    actions: tuple[Action, ...]
    trouble: str = ""

    def outcome(self, now: Observation) -> str:
        """What came of it, as the next screen tells."""
        if self.trouble:
            return f"not carried out in full: {self.trouble}"
        if now.refused:
            return f"the desktop refused: {now.refused} (after {now.carried} of {len(self.actions)} actions)"
        return "carried out" if now.png != self.seen.png else "carried out, and nothing on the screen changed"


@dataclass(frozen=True)
class Advice:
    """What else a planner is told. `notes` are for the record."""

    words: str = ""
    notes: tuple[str, ...] = ()


class Advisor(Protocol):
    """What a scaffold knows besides the screen. One for each episode."""

    def advise(self, goal: str, last: Past | None, seen: Observation, calls: list[Called]) -> Advice:
        """For the decision that is due; what models were asked is added to `calls`."""
        ...

    def heed(self, plan: Plan) -> None:
        """Take from the answer what is to be remembered."""
        ...


class Planning:
    """See the module. `also` are the scaffold's other models by their parts, `prompts` names our words, in order."""

    def __init__(
        self,
        model: Speaker,
        eyes: Eyes,
        *,
        name: str,
        prompts: tuple[str, ...],
        also: Mapping[str, object] | None = None,
        advisor: Advisor | None = None,
        wants: tuple[str, ...] = (),
        batch: Batch = "all",
    ) -> None:
        must(model, name, "planner", "show", "speak")
        one_of(name, "batch", batch, ("all", "first"))
        self.name = name
        self.wants = wants
        self._model = model
        self._eyes = eyes
        self._advisor = advisor
        self._parts: dict[str, object] = {"planner": model, **(also or {})}
        self._batch = batch
        single = ("planning_single",) if batch == "first" else ()
        self._prompt = "\n\n".join(prompt(each) for each in (*prompts, *single))
        self.begin("")

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every model in it, with its part. Where there is one alone, its card says what the agent can do with it."""
        cards = cards_of(self._parts, self.name)
        alone = tuple(replace(card, can=tuple(can for can in card.can if hasattr(self, can))) for card in cards)
        return alone if len(cards) == 1 else cards

    @property
    def grounders(self) -> tuple[Grounder, ...]:
        """What of it can be calibrated."""
        return grounders_of(self._parts.get("grounder"))

    def prepare(self) -> tuple[About, ...]:
        """Ask each endpoint, before any desktop starts. Raises BadInput for what cannot be."""
        return prepared(self._parts)

    def begin(self, goal: str) -> None:
        """A new episode."""
        self._goal = goal
        self._lines: list[str] = []
        self._last: Past | None = None

    def close(self) -> None:
        """Each part."""
        close_all(self._parts)

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        """As the planner answers."""
        must(self._model, self.name, "planner", "ask")
        answer: Answer = self._model.ask(pictures, question)  # type: ignore[attr-defined]  # just seen to have it
        return answer

    def act(self, seen: Observation, words: str = "") -> Decision:
        """What to do next; `words` are told besides. Raises AgentFault or EndpointFault, with the calls it took."""
        calls: list[Called] = []
        with gathered(calls):
            if self._last is not None:
                self._remember(self._last, self._last.outcome(seen))
            advice = self._advisor.advise(self._goal, self._last, seen, calls) if self._advisor else Advice()
            shown = self._eyes.look(seen)
            plan, actions, trouble = ask_for(
                self._model,
                "planner",
                self._messages((advice.words, words), shown),
                lambda reply: _made(reply, shown.aim, self._batch),
                calls,
                notes=advice.notes,
            )
        if self._advisor is not None:
            self._advisor.heed(plan)
        wanted = in_words(plan.actions)
        self._last = Past(seen, plan.intent or wanted, wanted, actions, trouble)
        return Decision(
            actions=actions, intent=self._last.intent, thought=plan.thought, usage=total(calls), calls=tuple(calls)
        )

    def _remember(self, last: Past, outcome: str) -> None:
        line = f"{len(self._lines) + 1}. {last.intent} [{last.wanted}]"
        self._lines.append(f"{line[:LONGEST_LINE]}: {outcome[:LONGEST_LINE]}")

    def _messages(self, besides: tuple[str, ...], shown: Shown) -> tuple[Message, ...]:
        told = [f"The task: {self._goal}", _past(self._lines), *besides, "The screen now:"]
        words = Text("\n\n".join(each for each in told if each))
        return Message("system", (Text(self._prompt),)), Message("user", (words, *shown.parts))


def _past(lines: Sequence[str]) -> str:
    if not lines:
        return "Nothing has been done yet."
    kept: list[str] = []
    for line in reversed(lines):
        if kept and sum(map(len, kept)) + len(line) > LONGEST_PAST:
            kept.append(f"({len(lines) - len(kept)} earlier steps are left out)")
            break
        kept.append(line)
    return "\n".join(("What was done so far:", *reversed(kept)))


def _made(reply: Reply, aim: Callable[[Target], Spot], batch: Batch) -> Made[tuple[Plan, tuple[Action, ...], str]]:
    """The plan's actions, up to the first whose target cannot be found. When that is the first of all, it waits."""
    plan = read_plan(reply)
    if isinstance(plan, str):
        return Made(None, problem=plan)
    if batch == "first":
        plan = replace(plan, actions=plan.actions[:1], dropped=plan.dropped + len(plan.actions) - 1)
    calls: list[Called] = []

    def point(target: Target) -> Point:
        spot = aim(target)
        calls.extend(spot.calls)
        if spot.at is None:
            raise Lost(f"{target!r} was not found on the screen: {spot.why_not}")
        return spot.at

    actions: list[Action] = []
    trouble = ""
    with gathered(calls):
        for want in plan.actions:
            try:
                actions += actions_of(want, point)
            except Lost as lost:
                trouble = str(lost)
                break
            if isinstance(actions[-1], Finish):
                break
    value = (plan, tuple(actions) or (Wait(seconds=1),), trouble)
    problem = "" if actions else trouble
    return Made(value, problem, plan.repaired, plan.dropped, tuple(calls))
