"""A planner that is told after each step what came of it, and keeps a plan and notes: in the manner of Agent S2, S3.

Before each step the reflector compares the screens before and after the last one, as in Agent S3 (arXiv:2510.02250).
Subtasks, which Agent S2 (arXiv:2504.00906) leaves to a manager of its own, are a list that the planner keeps.
Whoever does the same three times on a screen that does not change is told so.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from agent.base import Grounder, takes
from agent.eyes import Described
from agent.models.base import Message, Reply, Text
from agent.planning import Advice, Batch, Past, Planning
from agent.plans import Plan, in_words, told
from agent.prompts import prompt
from agent.scaffold import Made, Speaker, ask_for, must
from envs.errors import AgentFault
from envs.types import Action, Called, Observation

NAME = "reflect"
REPEATS = 3
"""As often as the same may be done on an unchanged screen before it is called a loop."""
LONGEST_NOTE = 500
LONGEST_NOTES = 6_000
"""Characters of the notes that are kept: the latest."""
LOOP = (
    "You have done exactly the same {times} times, and the screen has not changed at all. Doing it again will not "
    "help: aim elsewhere, take another way (a menu, a key), or think again about what the screen shows."
)


class Reflected(msgspec.Struct, frozen=True):
    """What the reflector says; further keys mean nothing."""

    outcome: Literal["as intended", "not as intended", "unclear"]
    words: str


class Reflection:
    """One episode's memory: the plan, the notes, and what the reflector says. See `agent.planning.Advisor`."""

    def __init__(self, model: Speaker) -> None:
        self._model = model
        self._plan: tuple[str, ...] = ()
        self._notes: list[str] = []
        self._same: tuple[Action, ...] = ()
        self._times = 0

    def advise(self, goal: str, last: Past | None, seen: Observation, calls: list[Called]) -> Advice:
        """What came of the last step, whether it goes round in circles, and what is to be remembered."""
        words: list[str] = []
        notes: list[str] = []
        if last is not None:
            said = self._reflect(goal, last, seen, calls)
            words += [f"Somebody compared the screens before and after your last step. {said}"] if said else []
            notes += [] if said else ["the reflector said nothing that could be read"]
            if self._repeats(last, seen) >= REPEATS:
                words.append(LOOP.replace("{times}", str(self._times)))
                notes.append(f"loop: the same {self._times} times on an unchanged screen")
        return Advice("\n\n".join((*words, *self._memory())), tuple(notes))

    def heed(self, plan: Plan) -> None:
        """Keep its plan where it gave one, and its notes where they are new."""
        if plan.plan is not None:
            self._plan = plan.plan
        self._notes += [note[:LONGEST_NOTE] for note in plan.notes if note.strip() and note not in self._notes]
        while sum(map(len, self._notes)) > LONGEST_NOTES:
            del self._notes[0]

    def _memory(self) -> tuple[str, ...]:
        plan = "\n".join(("Your plan, as you last gave it:", *(f"- {each}" for each in self._plan)))
        notes = "\n".join(("Your notes:", *(f"- {each}" for each in self._notes)))
        return (*((plan,) if self._plan else ()), *((notes,) if self._notes else ()))

    def _repeats(self, last: Past, seen: Observation) -> int:
        """How often in a row the same has changed nothing."""
        if seen.png != last.seen.png:
            self._times = 0
        elif last.actions == self._same:
            self._times += 1
        else:
            self._times = 1
        self._same = last.actions
        return self._times

    def _reflect(self, goal: str, last: Past, seen: Observation, calls: list[Called]) -> str:
        """In words; empty when nothing that it says can be read: that is no reason to stop."""
        words = (
            f"The task: {goal}\n\nThe last step was to bring about: {last.intent}\nWhat was wanted: {last.wanted}\n"
            f"What was done: {in_words(last.actions)}\nWhat the desktop said: {last.outcome(seen)}\n\nBefore:"
        )
        before, after = self._model.show(last.seen.png), self._model.show(seen.png)
        asked = (
            Message("system", (Text(prompt("reflecting")),)),
            Message("user", (Text(words), before, Text("After:"), after)),
        )
        try:
            made = ask_for(self._model, "reflector", asked, _read, calls)
        except AgentFault as fault:
            if fault.cause not in ("unreadable", "truncated"):
                raise
            calls += fault.calls
            return ""
        return f"It went {made.outcome}: {made.words.strip()}" if made.outcome != "unclear" else made.words.strip()


def _read(reply: Reply) -> Made[Reflected]:
    _, found = told(reply)
    problem = "there is no JSON object in the reply"
    for each in found:
        try:
            return Made(msgspec.convert(each.value, Reflected), repaired=each.repaired)
        except msgspec.ValidationError as wrong:
            problem = str(wrong)
    return Made(None, problem=problem)


@takes(planner="agents", grounder="agents", reflector="agents")
def reflect(
    planner: Speaker,
    *,
    grounder: Grounder | None = None,
    reflector: Speaker | None = None,
    batch: Batch = "first",
) -> Planning:
    """Any model that plans. Without a grounder or a reflector the planner's own model points, and reflects."""
    must(planner, NAME, "planner", "show", "speak")
    if grounder is None:
        must(planner, NAME, "planner (there is no grounder)", "locate")
    points: Grounder = grounder or planner  # type: ignore[assignment]  # just seen to point
    must(points, NAME, "grounder", "locate")
    watches = reflector or planner
    must(watches, NAME, "reflector", "show", "speak")
    return Planning(
        planner,
        Described(planner, points),
        name=NAME,
        prompts=("planning", "planning_words", "planning_memory"),
        also={"grounder": points, "reflector": watches},
        advisor=Reflection(watches),
        batch=batch,
    )
