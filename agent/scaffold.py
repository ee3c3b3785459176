"""What scaffolds share: parts that can be asked, asking again for what cannot be read, and the account of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from msgspec.structs import replace

from agent.account import Spoken
from agent.base import Card, Grounder
from agent.models.base import About, ContextFull, Message, Part, Picture, Reply, Text, TooManyPictures
from envs.errors import AgentFault, BadInput, Cause, EndpointFault
from envs.types import Called

TRIES = 3
"""How often a reply that means nothing is asked for, at most."""
Value = TypeVar("Value")


class Speaker(Protocol):
    """A model that can be asked in a scaffold's own words: `agent.native.Native`, or another's."""

    def show(self, png: bytes) -> Picture:
        """The PNG as this model is shown one."""
        ...

    def speak(self, messages: Sequence[Message], *, part: str = "") -> Spoken:
        """Ask once. Raises AgentFault for a refusal, and what a model call raises."""
        ...


@dataclass(frozen=True)
class Made(Generic[Value]):
    """What was made of a reply: None when it could not be read at all. `problem` is why the model is asked again.

    `calls` are other models' calls that the making took.
    """

    value: Value | None
    problem: str = ""
    repaired: tuple[str, ...] = ()
    dropped: int = 0
    calls: tuple[Called, ...] = ()


def ask_for(
    model: Speaker,
    part: str,
    messages: Sequence[Message],
    read: Callable[[Reply], Made[Value]],
    calls: list[Called],
    *,
    tries: int = TRIES,
    notes: tuple[str, ...] = (),
) -> Value:
    """Ask until the reply has no problem; of the last try, whatever could be read is taken.

    Each call is added to `calls`. Raises AgentFault when no reply could be read, in so many tries.
    """
    said = list(messages)
    for left in reversed(range(tries)):
        spoken = _spoken(model, part, said)
        place = len(calls)
        calls.append(replace(spoken.called, notes=(*spoken.called.notes, *notes)))
        made = read(spoken.reply)
        calls[place] = replace(calls[place], problem=made.problem, repaired=made.repaired, dropped=made.dropped)
        calls += made.calls
        if made.value is not None and not (made.problem and left):
            return made.value
        said += [_back(spoken.reply), Message("user", (Text(again(made.problem)),))]
    cause: Cause = "truncated" if spoken.reply.stop == "length" else "unreadable"
    raise AgentFault(f"{part}: no reply that means anything in {tries} tries; the last: {made.problem}", cause=cause)


def again(problem: str) -> str:
    """The words in which a model is told that its reply will not do."""
    return f"That could not be carried out: {problem}. Answer again, with one JSON object as described."


def _back(reply: Reply) -> Message:
    """The model's own words, given back. Some vendors refuse an empty turn; a tool call would want a result."""
    if reply.text and not reply.calls:
        return Message("assistant", reply=reply)
    words = reply.text or " ".join(call.text or str(dict(call.arguments)) for call in reply.calls)
    return Message("assistant", (Text(words or "(nothing was said)"),))


def _spoken(model: Speaker, part: str, messages: Sequence[Message]) -> Spoken:
    """Ask once, with fewer pictures where all of them are too many: the earliest go first."""
    while True:
        try:
            return model.speak(messages, part=part)
        except (TooManyPictures, ContextFull) as full:
            fewer = _without_first_picture(messages)
            if fewer is None:
                raise AgentFault(f"{part}: too much for the model: {full}", cause="context") from full
            messages = fewer


def _without_first_picture(messages: Sequence[Message]) -> tuple[Message, ...] | None:
    """None where there is but one, or none."""
    places = [
        (turn, place)
        for turn, message in enumerate(messages)
        for place, part in enumerate(message.parts)
        if isinstance(part, Picture)
    ]
    if len(places) < 2:
        return None
    turn, place = places[0]
    parts: tuple[Part, ...] = (*messages[turn].parts[:place], *messages[turn].parts[place + 1 :])
    return (*messages[:turn], Message(messages[turn].role, parts), *messages[turn + 1 :])


@contextmanager
def gathered(calls: list[Called]) -> Iterator[None]:
    """Whatever ends a decision carries the calls that were made for it."""
    try:
        yield
    except (AgentFault, EndpointFault) as fault:
        fault.calls = (*calls, *fault.calls)
        raise


@contextmanager
def blamed(part: str) -> Iterator[None]:
    """The calls of a fault are this part's."""
    try:
        yield
    except (AgentFault, EndpointFault) as fault:
        fault.calls = labelled(fault.calls, part)
        raise


def labelled(calls: Sequence[Called], part: str) -> tuple[Called, ...]:
    """The calls, as this part's; a part of a part is named after both."""
    return tuple(replace(call, part=f"{part}/{call.part}" if call.part not in ("", part) else part) for call in calls)


def must(thing: object, scaffold: str, part: str, *abilities: str) -> None:
    """See that a part can do what it is for. Raises BadInput, which says what it lacks."""
    name = getattr(thing, "name", "") or repr(thing)
    for ability in abilities:
        if not callable(getattr(thing, ability, None)):
            raise BadInput(f"{scaffold}: its {part} must be a model that can {ability}; {name} cannot")
    if "locate" in abilities and getattr(thing, "grounders", (thing,)) == ():
        raise BadInput(f"{scaffold}: its {part} must be of a family that points; that of {name} does not")


def cards_of(parts: Mapping[str, object], scaffold: str) -> tuple[Card, ...]:
    """Every model's card, with its part in the scaffold."""
    return tuple(
        replace(card, role=f"{part}/{card.role}" if card.role else part, scaffold=scaffold)
        for part, thing in parts.items()
        for card in getattr(thing, "cards", ())
    )


def grounders_of(thing: object) -> tuple[Grounder, ...]:
    """What of a part points."""
    whole: tuple[Any, ...] = (thing,) if callable(getattr(thing, "locate", None)) else ()
    return tuple(getattr(thing, "grounders", whole))


def prepared(parts: Mapping[str, object]) -> tuple[About, ...]:
    """What each part's endpoint says of itself. Raises BadInput for what cannot be."""
    return tuple(about for thing in _once(parts) if hasattr(thing, "prepare") for about in thing.prepare())


def close_all(parts: Mapping[str, object]) -> None:
    """Close what can be closed."""
    for thing in _once(parts):
        if hasattr(thing, "close"):
            thing.close()


def _once(parts: Mapping[str, object]) -> list[Any]:
    """Each thing once, whatever parts it has."""
    return list({id(thing): thing for thing in parts.values()}.values())


def one_of(scaffold: str, option: str, value: str, known: Sequence[str]) -> None:
    """See that an option is one of the known. Raises BadInput."""
    if value not in known:
        raise BadInput(f"{scaffold}: {option} must be {', '.join(known[:-1])} or {known[-1]}; found {value!r}")
