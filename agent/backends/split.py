"""One model reads the screen and checks what was done, another acts: an open one for the many looks, say, and a
proprietary one for the hands.

Before each step the reader says what on the screen matters to the goal; the actor is told so beside the picture.
When the actor says that it is done, the reader looks whether the screen speaks against it. The actor is told so, at
most `checks` times; then its own word counts.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from agent.account import total
from agent.base import Answer, Answerer, Card, Decision, Grounder, takes
from agent.codecs.scan import hear
from agent.models.base import About, Reply
from agent.prompts import prompt
from agent.scaffold import blamed, cards_of, close_all, gathered, grounders_of, labelled, must, prepared
from envs.errors import BadInput
from envs.types import Action, Called, Finish, Observation

NAME = "split"
_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


class Actor(Protocol):
    """An agent that can be told something besides the screen: `agent.native.Native`, a scaffold, or another's."""

    name: str

    def begin(self, goal: str) -> None:
        """See `agent.base.Agent`."""
        ...

    def act(self, seen: Observation, words: str = "") -> Decision:
        """See `agent.native.Native`."""
        ...


@dataclass(frozen=True)
class Held:
    """A claim that it is done, which waits for the actions before it and for the reader's word."""

    finish: Finish
    before: int


class Split:
    """See the module."""

    def __init__(self, actor: Actor, reader: Answerer, *, checks: int) -> None:
        self.name = NAME
        self._actor = actor
        self._reader = reader
        self._checks = checks
        self._parts: dict[str, object] = {"actor": actor, "reader": reader}
        if hasattr(actor, "spelled"):
            self.spelled = actor.spelled  # points are told as the actor writes them
        self.begin("")

    @property
    def wants(self) -> tuple[str, ...]:
        """As the actor."""
        return tuple(getattr(self._actor, "wants", ()))

    @property
    def cards(self) -> tuple[Card, ...]:
        """Both models, with their parts."""
        return cards_of(self._parts, NAME)

    @property
    def grounders(self) -> tuple[Grounder, ...]:
        """What of the actor can be calibrated: the reader never points."""
        return grounders_of(self._actor)

    def prepare(self) -> tuple[About, ...]:
        """Ask both endpoints. Raises BadInput for what cannot be."""
        return prepared(self._parts)

    def begin(self, goal: str) -> None:
        """A new episode."""
        self._goal = goal
        self._left = self._checks
        self._held: Held | None = None
        self._words = ""
        self._read: tuple[bytes, str] = (b"", "")
        self._actor.begin(goal)

    def close(self) -> None:
        """Both."""
        close_all(self._parts)

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        """As the reader answers."""
        return self._reader.ask(pictures, question)

    def act(self, seen: Observation, words: str = "") -> Decision:
        """What the actor does next; it is told `words` too. Raises AgentFault or EndpointFault, with their calls."""
        self._words = words
        calls: list[Called] = []
        with gathered(calls):
            held, self._held = self._held, None
            if held is not None and not seen.refused and seen.carried >= held.before:
                seen, finished = self._checked(seen, held, calls)
                if finished:
                    return _decided(Decision(actions=(held.finish,)), calls)
            decision = self._acted(seen, calls)
            while (held := self._claimed(decision)) is not None and held.before == 0:
                seen, finished = self._checked(seen, held, calls)
                if finished:
                    return _decided(decision, calls)
                decision = self._acted(seen, calls)
        self._held = held
        return _decided(decision, calls, decision.actions[: held.before] if held else ())

    def _claimed(self, decision: Decision) -> Held | None:
        """The claim in it that is to be checked."""
        places = [place for place, action in enumerate(decision.actions) if isinstance(action, Finish)]
        finish = decision.actions[places[0]] if places else None
        if not self._left or not isinstance(finish, Finish) or finish.claim != "done":
            return None
        return Held(finish, places[0])

    def _acted(self, seen: Observation, calls: list[Called]) -> Decision:
        report = self._report(seen, calls)
        read = f"Somebody who reads the screen for you reports:\n{report}" if report else ""
        words = "\n\n".join(each for each in (self._words, read) if each)
        with blamed("actor"):
            decision = self._actor.act(seen, words)
        calls += labelled(decision.calls or _uncounted(decision, self._actor.name), "actor")
        return decision

    def _report(self, seen: Observation, calls: list[Called]) -> str:
        """What the reader reads; on a screen that has not changed, what it read before."""
        png, said = self._read
        if png != seen.png:
            said = self._asked(seen, prompt("reading").replace("{goal}", self._goal), calls)
            self._read = (seen.png, said)
        return said

    def _checked(self, seen: Observation, held: Held, calls: list[Called]) -> tuple[Observation, bool]:
        """Whether it is over; if not, the screen as the actor is to see it: with its claim refused."""
        answer = f"They answered: {held.finish.answer}\n\n" if held.finish.answer else ""
        question = prompt("checking").replace("{goal}", self._goal).replace("{answer}", answer)
        said = self._asked(seen, question, calls)
        verdict = _VERDICT.search(said)
        if verdict is None or verdict[1].lower() == "yes":
            return seen, True
        self._left -= 1
        why = f"somebody who checked the screen says that it is not done: {said}. If it is, finish again"
        return replace(seen, refused=why, carried=held.before), False

    def _asked(self, seen: Observation, question: str, calls: list[Called]) -> str:
        """The reader's answer without its thoughts; empty where it gave none, and its call says why."""
        with blamed("reader"):
            answer = self._reader.ask((seen.png,), question)
        said = "" if answer.problem else hear(Reply(text=answer.text)).said.strip()
        name = getattr(self._reader, "name", "reader")
        given = answer.calls or (Called(model=name),) if answer.problem else answer.calls
        calls += [replace(call, problem=call.problem or answer.problem) for call in labelled(given, "reader")]
        return said


def _decided(decision: Decision, calls: Sequence[Called], actions: tuple[Action, ...] = ()) -> Decision:
    """The decision with all calls that led to it; with other actions, if there are to be others."""
    return dataclasses.replace(decision, actions=actions or decision.actions, usage=total(calls), calls=tuple(calls))


def _uncounted(decision: Decision, name: str) -> tuple[Called, ...]:
    """One call that stands for those of an agent that says only what they took."""
    used = decision.usage
    if not used.input_tokens and not used.output_tokens:
        return ()
    return (
        Called(
            model=name, input_tokens=used.input_tokens, output_tokens=used.output_tokens,
            cached_tokens=used.cached_tokens, usd=used.usd,
        ),
    )  # fmt: skip


@takes(actor="agents", reader="agents")
def split(actor: Actor, reader: Answerer, *, checks: int = 2) -> Split:
    """Any agent that can be told something acts, any model that answers reads. `checks`: how often it may object."""
    must(actor, NAME, "actor", "begin", "act")
    if "words" not in inspect.signature(actor.act).parameters:
        raise BadInput(f"{NAME}: its actor must be told what the reader reads, act(seen, words); {actor.name} cannot")
    must(reader, NAME, "reader", "ask")
    if checks < 0:
        raise BadInput(f"{NAME}: checks must be 0 or more, found {checks!r}")
    return Split(actor, reader, checks=checks)
