"""A model that acts in its family's way, and can be asked and made to point: provider x codec, one configuration."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from msgspec.structs import replace

from agent.account import Spoken, account, marked, pictures, total
from agent.base import Answer, Card, Decision, Spot
from agent.codecs.base import (
    Codec,
    Consult,
    Invalid,
    Item,
    Look,
    Outcome,
    Pointer,
    Talk,
    Told,
    Turn,
    Wanted,
    Zoom,
)
from agent.frame import Frame
from agent.looking import detail, grey, resized, size_of
from agent.models.base import (
    About,
    ChatModel,
    ContextFull,
    Message,
    Part,
    Picture,
    Text,
    Tool,
    TooManyPictures,
)
from agent.models.cards import GENERIC, family_of
from envs.errors import AgentFault, BadInput, EndpointFault
from envs.types import Action, Called, Observation, Point, Size, Wait

Safety = Literal["ack", "stop"]
"""What to do about a vendor's pending safety checks. Each is recorded in any case."""
HALTED = "Not executed: an earlier computer action in this turn failed."
ALONE = "There is nobody to ask. Decide by yourself, with what the task says."
ASIDES = 5
"""Replies in a row that only look, after which the desktop is asked to look: so that the budget sees it."""


@dataclass
class _Episode:
    """What an episode's conversation has come to. `queue` is what the last reply wants and is not done yet."""

    goal: str
    turns: list[Turn] = field(default_factory=list)
    queue: deque[Wanted] = field(default_factory=deque)
    sent: tuple[Wanted, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)
    pointer: Point | None = None
    pictures: int | None = None


class Native:
    """Acts, answers and points. One object per episode; the provider behind it serves all of them.

    `tries` is how often it is asked, at most, for a reply that means something, each time told what was wrong. `sent`
    is the size at which pictures are sent, in place of what the family and the vendor would have. `force`
    uses a family that is not the model's own.
    """

    wants: tuple[str, ...] = ()

    def __init__(
        self,
        model: ChatModel,
        codec: Codec,
        *,
        name: str,
        prompt: str = "",
        tries: int = 3,
        safety: Safety = "ack",
        sent: Size | None = None,
        force: bool = False,
    ) -> None:
        self.name = name
        self.model = model
        self.codec = codec
        self.force = force
        self._prompt = prompt or None
        self._tries = max(1, tries)
        self._safety = safety
        self._sent = sent
        self._now = _Episode("")

    @property
    def cards(self) -> tuple[Card, ...]:
        """What model it is, and where pictures go."""
        family = self.codec.family
        counts = f"0-{family.divisor:g}" if family.space == "relative" else "pixels"
        space = f"{counts}, {family.resize}"
        return (replace(self.model.card, family=family.name, can=family.can, space=space),)

    @property
    def grounders(self) -> tuple[Native, ...]:
        """What of it can be calibrated."""
        return (self,) if "locate" in self.codec.family.can else ()

    def prepare(self) -> tuple[About, ...]:
        """Ask the endpoint before any desktop starts. Raises BadInput for what cannot be."""
        self._suits()
        about = self.model.check()
        wanted = self.codec.family.pictures or 1
        if wanted > 1:
            self._fits(wanted)
        return (about,)

    def _suits(self) -> None:
        """See that the family is the model's, where its name tells which is."""
        name, own = self.codec.family.name, family_of(self.model.card.model)
        if own and own != name and name not in GENERIC and not self.force:
            raise BadInput(
                f"{self.model.card.model} speaks as the family {own}, not as {name}: leave family out, "
                "or give force=true to have it so all the same"
            )

    def _fits(self, wanted: int) -> None:
        """See that so many pictures may be sent at once."""
        blank = grey(Size(width=64, height=64))
        try:
            self.model.complete((Message("user", (*(wanted * (blank,)), Text("Answer with the word yes."))),))
        except TooManyPictures as few:
            raise BadInput(
                f"{self.model.card.endpoint} takes {few.limit} pictures at once, and {self.codec.family.name} sends "
                f"{wanted}; raise the server's limit, or give the family pictures={few.limit}"
            ) from None
        except (EndpointFault, AgentFault, ContextFull) as fault:
            raise BadInput(
                f"{self.model.card.endpoint} does not answer for {self.model.card.model}: {fault}"
            ) from fault

    def begin(self, goal: str) -> None:
        """A new conversation."""
        self._now = _Episode(goal)

    def close(self) -> None:
        """Nothing is held: the provider serves other episodes."""

    def act(self, seen: Observation, words: str = "") -> Decision:
        """What the model does next; `words` are told to it beside the picture.

        Raises AgentFault or EndpointFault, with the calls that led to it.
        """
        self._learn(seen)
        calls: list[Called] = []
        try:
            return self._decide(seen, words, calls)
        except (AgentFault, EndpointFault) as fault:
            fault.calls = (*calls, *fault.calls)
            raise

    def _decide(self, seen: Observation, words: str, calls: list[Called]) -> Decision:
        now, shown, problem, tries, asides = self._now, False, "", 0, 0
        frame = self._frame(seen)
        actions = self._next(seen, frame)
        while not actions:
            picture = None if shown else self.show(seen.png)
            told = Told(frame, picture, tuple(now.outcomes), problem, "" if shown else words)
            turn, called = self._round(told)
            shown, problem = True, turn.reading.problem
            calls.append(called)
            now.turns.append(turn)
            now.outcomes.clear()
            now.queue = deque(turn.reading.wanted)
            if problem:
                tries += 1
                if tries >= self._tries:
                    raise AgentFault(
                        f"no reply that can be carried out in {tries} tries; the last: {problem}",
                        cause="truncated" if turn.reply.stop == "length" else "unreadable",
                    )
            actions = self._next(seen, frame)
            if problem:  # told as such; only a tool call must have its own answer
                now.outcomes = [each for each in now.outcomes if each.wanted.call]
            asides += not actions and not problem
            if asides >= ASIDES:
                actions = (Wait(seconds=0),)
        reading = now.turns[-1].reading if now.turns else None
        fresh = bool(calls) and reading is not None
        return Decision(
            actions=actions,
            intent=reading.intent if reading else "",
            thought=reading.thought if reading and fresh else "",
            usage=total(calls),
            calls=tuple(calls),
        )

    def _learn(self, seen: Observation) -> None:
        """What became of the actions that the desktop was given."""
        now = self._now
        done, rest = now.sent[: seen.carried], now.sent[seen.carried :]
        for wanted in done:
            now.outcomes.append(Outcome(wanted))
            now.pointer = _end(wanted.item) or now.pointer
        if rest and seen.refused:
            now.outcomes.append(Outcome(rest[0], said=seen.refused, failed=True))
            self._halt((*rest[1:], *now.queue))
        now.sent = ()

    def _halt(self, rest: Sequence[Wanted]) -> None:
        self._now.outcomes.extend(Outcome(wanted, said=HALTED, failed=True) for wanted in rest)
        self._now.queue.clear()

    def _next(self, seen: Observation, frame: Frame) -> tuple[Action, ...]:
        """What goes to the desktop next. Questions that come before it are answered from the screen as it is now."""
        now = self._now
        while now.queue:
            if not isinstance(now.queue[0].item, Look | Zoom | Pointer | Consult | Invalid):
                now.sent = tuple(_plain(now.queue))
                return tuple(wanted.item for wanted in now.sent)  # type: ignore[misc]  # asides stay in the queue
            wanted = now.queue.popleft()
            outcome = self._answer(wanted, seen, frame)
            now.outcomes.append(outcome)
            if outcome.failed:
                self._halt(tuple(now.queue))
        return ()

    def _answer(self, wanted: Wanted, seen: Observation, frame: Frame) -> Outcome:
        match wanted.item:
            case Invalid(reason=reason):
                return Outcome(wanted, said=reason, failed=True)
            case Zoom(region=region):
                return Outcome(wanted, picture=detail(seen.png, region))
            case Pointer():
                at = self._now.pointer or Point(x=frame.screen.width // 2, y=frame.screen.height // 2)
                x, y = frame.to_model(at)
                return Outcome(wanted, said=f"X={round(x)},Y={round(y)}")
            case Consult():
                return Outcome(wanted, said=ALONE)
        return Outcome(wanted, picture=self.show(seen.png))

    def _round(self, told: Told) -> tuple[Turn, Called]:
        """Tell the model, and read what it says; with fewer pictures where all of them are too many."""
        now, fewer_of = self._now, list[str]()
        while True:
            talk = Talk(now.goal, told, tuple(now.turns), now.pictures, self._prompt)
            messages = self.codec.messages(talk)
            sent = len(pictures(messages))
            try:
                spoken = self.speak(messages, tools=self.codec.tools(told.frame))
                break
            except TooManyPictures as few:
                fewer, why = min(few.limit, sent - 1), str(few)
            except ContextFull as full:
                fewer, why = sent // 2 if self.codec.family.pictures is None else sent - 1, str(full)
            fewer_of.append(f"{sent} pictures were too many: {why}")
            if fewer < 1:
                fault = AgentFault(f"the conversation is too long for the model: {why}", cause="context")
                fault.calls = (
                    Called(model=self.model.card.model, pictures=sent, problem=str(fault), notes=tuple(fewer_of)),
                )
                raise fault
            now.pictures = fewer
        reading = self.codec.read(spoken.reply, told.frame)
        called = replace(spoken.called, notes=(*spoken.called.notes, *fewer_of))
        return Turn(told, spoken.reply, reading), marked(called, reading)

    def speak(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Tool] = (),
        part: str = "",
        temperature: float | None = None,
    ) -> Spoken:
        """Ask once, and keep account. Raises AgentFault for a refusal, and what a model call raises."""
        name, sent = self.model.card.model, pictures(messages)
        try:
            reply = self.model.complete(messages, tools=tools, temperature=temperature)
        except (AgentFault, EndpointFault) as fault:
            told = fault.calls or (Called(model=name, problem=str(fault)),)
            fault.calls = tuple(replace(each, part=part, pictures=len(sent)) for each in told)
            raise
        called = account(reply, name, part, sent)
        if reply.stop == "context":
            raise ContextFull("the model says that its context is full")
        trouble = f"the model refused: {reply.refusal}" if reply.stop == "refusal" else ""
        if reply.checks and self._safety == "stop":
            trouble = f"stopped at the vendor's safety check {reply.checks[0].code or reply.checks[0].id}"
        if trouble:
            refusal = AgentFault(trouble, cause="refused")
            refusal.calls = (replace(called, problem=trouble),)
            raise refusal
        return Spoken(reply, called)

    def ask(self, pictures: Sequence[bytes], question: str) -> Answer:
        """Answer a question about PNGs, which are shown as they are when it acts."""
        shown: tuple[Part, ...] = tuple(self.show(png) for png in pictures)
        words = Text(question)
        parts = (*shown, words) if self.codec.family.picture_first else (words, *shown)
        try:
            spoken = self._aside((Message("user", parts),))
        except AgentFault as fault:
            return Answer(text="", problem=str(fault), calls=fault.calls)
        text = spoken.reply.text.strip()
        problem = "" if text else "cut off" if spoken.reply.stop == "length" else "no answer"
        return Answer(text=text, problem=problem, calls=(spoken.called,))

    def locate(self, png: bytes, description: str) -> Spot:
        """Where on the PNG, in its own pixels, it says that the thing is."""
        picture = self.show(png)
        frame = self.codec.frame(size_of(png), picture.size)
        try:
            messages = self.codec.pointing(picture, description, frame)
        except ValueError as cannot:
            raise BadInput(f"the family {self.codec.family.name} cannot point: {cannot}") from None
        try:
            spoken = self._aside(messages)
        except AgentFault as fault:
            return Spot(at=None, why_not=str(fault), calls=fault.calls)
        found = self.codec.read_point(spoken.reply, frame)
        if isinstance(found, str):
            return Spot(at=None, why_not=found, calls=(replace(spoken.called, problem=found),))
        return Spot(at=found, calls=(spoken.called,))

    def _aside(self, messages: Sequence[Message]) -> Spoken:
        """A question outside of an episode. Raises AgentFault, with its calls, where it refuses or cannot."""
        try:
            return self.speak(messages)
        except (ContextFull, TooManyPictures) as full:
            fault = AgentFault(f"too much for the model: {full}", cause="context")
            fault.calls = (Called(model=self.model.card.model, problem=str(fault)),)
            raise fault from full

    def show(self, png: bytes) -> Picture:
        """The PNG at the size at which this model is shown one."""
        return resized(png, self._fitted(size_of(png)))

    def spelled(self, seen: Observation, at: Point) -> str:
        """A point of the screen as this family counts, in pixels of the picture as it is sent or in parts of it."""
        frame = self._frame(seen)
        x, y = frame.to_model(at)
        in_parts = frame.space == "relative" and frame.divisor <= 1
        return f"({x:.3f}, {y:.3f})" if in_parts else f"({round(x)}, {round(y)})"

    def _frame(self, seen: Observation) -> Frame:
        return self.codec.frame(seen.size, self._fitted(seen.size))

    def _fitted(self, size: Size) -> Size:
        return self._sent or self.model.fit(size) or self.codec.fit(size)


def _plain(queue: deque[Wanted]) -> Iterator[Wanted]:
    while queue and not isinstance(queue[0].item, Look | Zoom | Pointer | Consult | Invalid):
        yield queue.popleft()


def _end(item: Item) -> Point | None:
    """Where the pointer is after it."""
    path = getattr(item, "path", ())
    return path[-1] if path else getattr(item, "at", None)
