"""Puts a bank's items to the very agent that acts, and writes down what it answers, one line for each question.

    OUT/sitting.json       which bank, whose model, how it points: see `scoring.understanding.sitting`
    OUT/responses.jsonl    see `scoring.understanding.responses`

The words are the same for every model, and pictures are shown as they are when it acts. A reply whose last line
cannot be read gets one request in words alone to repeat that line; still not to be read, it is invalid, and never
guessed. An endpoint's fault is no answer: it is asked again when the asking is gone on with.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
from msgspec.structs import replace as changed

from agent.base import Agent, Answer, Asked, Spot
from agent.budget import Allowance, Purse
from agent.cast import sample
from agent.frame import Frame, OffScreen, beyond
from agent.looking import size_of
from agent.preflight import Ready, Rules, ready
from agent.questions import Cost, Question, Shown, blank, cost, powers, questions
from agent.registry import parse
from agent.scaffold import grounders_of
from agent.suite import now
from envs.errors import AgentFault, BadInput, EndpointFault
from envs.types import Called, Point, Size
from scoring.record import hold
from scoring.understanding import answers, responses, sitting
from scoring.understanding.answers import NONE, Heard, hear, told, worth
from scoring.understanding.items import Bank, Item, Rung, picture, read
from scoring.understanding.options import alike
from scoring.understanding.responses import Response, Status
from scoring.understanding.sitting import Sitting

FILE = "responses.jsonl"
TOO_MUCH = "too much for the model"
"""What an answer's problem begins with where a question did not fit: no fault of what the model understands."""
NOT_THERE = ("it says that it is not there", "not there", "it is not there", "none", "null")
"""What a model's own words for a thing that is not on the picture come to."""
GRACE = 30.0
"""Seconds that a question under way has when the asking is stopped by hand."""
_QUOTED = re.compile(r"in ['\"](.*)['\"]$", re.DOTALL)


@dataclass(frozen=True)
class Wish:
    """What is to be asked of whom. `most` is the number of items of each rung, None for all."""

    bank: Path
    agent: str
    out: Path
    jobs: int = 1
    blind: bool = False
    rungs: tuple[Rung, ...] = ()
    most: int | None = None
    allowance: Allowance = field(default_factory=Allowance)
    rules: Rules = field(default_factory=Rules)
    seed: int = 0


@dataclass(frozen=True)
class Plan:
    """What is left to ask of whom, and about what that takes. `make` makes one of the agent for each worker."""

    wish: Wish
    bank: Bank
    items: tuple[Item, ...]
    left: tuple[Question, ...]
    all: int
    cost: Cost
    make: Callable[[], Agent]
    purse: Purse


def plan(wish: Wish, make: Callable[[], Agent] | None = None, purse: Purse | None = None) -> Plan:
    """What is left to ask. Nothing is asked or written. Raises BadInput for what cannot be.

    What was used before counts in a purse of its own; a `purse` that is given is its owner's to fill.
    """
    bank, items = read(wish.bank)
    make = make or partial(sample, parse(wish.agent))
    before = list(responses.read(wish.out / FILE))
    if purse is None:
        purse = Purse(wish.allowance)
        for called in (*_calibrated(wish), *(called for each in before for called in each.calls)):
            purse.pay(called)
    _same(wish, bank)
    agent = make()
    try:
        able = powers(agent)
        if not (able.ask or able.locate):
            raise BadInput(f"{wish.agent} answers no questions: it can neither ask nor locate")
        every = questions(items, able, blind=wish.blind, rungs=wish.rungs, most=wish.most, seed=wish.seed)
        have = {each.key for each in before if each.status != "error"}
        left = tuple(each for each in every if each.key not in have)
        taken = cost(left, agent, partial(picture, wish.bank))
    finally:
        agent.close()
    if not every:
        raise BadInput(f"{wish.bank} has nothing that {wish.agent} can be asked; choose other --rungs")
    return Plan(wish, bank, items, left, len(every), taken, make, purse)


def _calibrated(wish: Wish) -> list[Called]:
    begun = sitting.read(wish.out)
    return [called for each in (begun.calibration if begun else ()) for called in each.calls]


def _same(wish: Wish, bank: Bank) -> None:
    """See that answers that are there already are this agent's, to this bank."""
    begun = sitting.read(wish.out)
    if begun is None:
        return
    for what, old, new in (("bank", begun.bank, bank.hash), ("agent", begun.agent, str(parse(wish.agent)))):
        if old != new:
            raise BadInput(f"{wish.out} holds answers of another {what}, {old}; choose another --out")
    if begun.seed != wish.seed:
        raise BadInput(f"{wish.out} was begun with the seed {begun.seed}; go on with it, or choose another --out")


def perform(planned: Plan, heard: Callable[[Response], None] = lambda _: None) -> bool:
    """Ask what is left; False when it was stopped before its end, by hand or by its purse.

    A model that is wired wrongly is not asked: BadInput, as everything that `preflight.ready` raises.
    """
    wish = planned.wish
    if not planned.left:
        return True
    with hold(wish.out):
        _begin(planned)
        with _Desk(planned, heard) as desk:
            return desk.run()


def _begin(planned: Plan) -> None:
    """See that the agent may begin, and write down what is known of it. What was calibrated is not paid for again."""
    wish = planned.wish
    begun = sitting.read(wish.out)
    calibrate = wish.rules.calibrate and not (begun and begun.calibration)
    rules = Rules(wish.rules.only_local, wish.rules.allowed, calibrate, priced=wish.allowance.usd is not None)
    agent = planned.make()
    try:
        known: Ready = ready(agent, planned.bank.size, rules, planned.purse.pay)
    finally:
        agent.close()
    from agent.asking import handeye

    new = Sitting(
        format=sitting.FORMAT, utc=begun.utc if begun else now(), handeye=handeye(), agent=str(parse(wish.agent)),
        bank=planned.bank.hash, seed=wish.seed, cards=known.cards, abouts=known.abouts,
        calibration=known.calibration or (begun.calibration if begun else ()),
    )  # fmt: skip
    sitting.write(wish.out, new)


class _Desk:
    """The workers: each takes the next question, puts it to an agent of its own, and writes the answer down."""

    def __init__(self, planned: Plan, heard: Callable[[Response], None]) -> None:
        self._planned = planned
        self._heard = heard
        self._left: queue.SimpleQueue[Question] = queue.SimpleQueue()
        for each in planned.left:
            self._left.put(each)
        self._stop = threading.Event()
        self._broken: BaseException | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> _Desk:
        path = self._planned.wish.out / FILE
        _mend(path)
        self._file = path.open("ab")
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._file.close()

    def run(self) -> bool:
        """Until all is asked. What a worker raises is raised."""
        number = min(self._planned.wish.jobs, len(self._planned.left))
        workers = [threading.Thread(target=self._work, name=f"question-{at}", daemon=True) for at in range(number)]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        except KeyboardInterrupt:
            self._stop.set()
            for worker in workers:
                worker.join(GRACE)
        if self._broken is not None:
            raise self._broken
        return not self._stop.is_set() and self._left.empty()

    def _work(self) -> None:
        agent: Agent | None = None
        try:
            agent = self._planned.make()
            sizes = Shown(agent)
            wish = self._planned.wish
            while not self._stop.is_set() and not self._planned.purse.spent:
                response = put(
                    agent, self._left.get_nowait(), partial(picture, wish.bank), sizes, str(parse(wish.agent))
                )
                self._keep(response)
        except queue.Empty:
            pass
        except BaseException as err:  # noqa: BLE001 - raised again by the thread that waits for this one
            self._broken = self._broken or err
            self._stop.set()
        finally:
            if agent is not None:
                agent.close()

    def _keep(self, response: Response) -> None:
        line = msgspec.json.encode(response) + b"\n"
        for called in response.calls:
            self._planned.purse.pay(called)
        with self._lock:
            if not self._file.closed:
                self._file.write(line)
                self._file.flush()
                self._heard(response)


def _mend(path: Path) -> None:
    """Cut off a last line that was not written whole."""
    if path.exists():
        data = path.read_bytes()
        if data and not data.endswith(b"\n"):
            path.write_bytes(data[: data.rfind(b"\n") + 1])


# -- one question


def put(
    agent: Agent, question: Question, look: Callable[[str], bytes], sizes: Shown | None = None, name: str = ""
) -> Response:
    """Put one question to the agent. Raises AccessLost where an endpoint no longer lets us in."""
    began = monotonic()
    sizes = sizes or Shown(agent)
    shown = [look(each) for each in question.pictures]
    if question.blind:
        shown = [blank(size_of(png)) for png in shown]
    if callable(getattr(agent, "answer", None)):
        made = _planted(agent, question, shown)
    elif question.native:
        made = _located(agent, question, shown)
    else:
        made = _worded(agent, question, shown, sizes)
    return Response(
        item=question.item.id,
        agent=name or agent.name,
        rotation=question.rotation,
        status=made.status,
        score=made.score(question.item),
        given=made.given,
        at=made.at,
        raw=made.raw,
        order=question.places,
        blind=question.blind,
        native=question.native,
        seconds=round(monotonic() - began, 6),
        calls=tuple(changed(called, raw="") for called in made.calls),
    )


@dataclass(frozen=True)
class _Made:
    """What came of a question: see `Response`."""

    status: Status
    given: str = ""
    at: Point | None = None
    raw: str = ""
    calls: tuple[Called, ...] = ()

    def score(self, item: Item) -> float | None:
        """What it is worth; None for an error."""
        if self.status == "error":
            return None
        return worth(item.truth, self.given, self.at) if self.status != "invalid" else 0.0


def _planted(agent: Any, question: Question, shown: list[bytes]) -> _Made:
    """An agent that is told the truth, and errs at a known rate."""
    item = question.item
    right, wrong = told(item, question.places, size_of(shown[0]) if shown else Size(width=100, height=100))
    asked = Asked(
        key=f"{item.id} {question.rotation}", rung=item.rung, right=right, wrong=wrong, blind=question.blind,
        episode=item.tags.get("episode", ""), step=int(item.tags.get("step", -1)),
    )  # fmt: skip
    answer = _answered(lambda: agent.answer(asked))
    found = hear(item, question.places, answer.text)
    return _Made("invalid" if found.problem else "ok", found.given, found.said, answer.text, answer.calls)


def _located(agent: Agent, question: Question, shown: list[bytes]) -> _Made:
    """In the model's own way of pointing. What it has no words for, such as that nothing is there, it cannot say."""
    described = question.item.question.removeprefix("Point at ").removesuffix(".")
    grounder = grounders_of(agent)[0]
    try:
        spot = grounder.locate(shown[-1], described)
    except EndpointFault as fault:
        return _Made("error", raw=str(fault), calls=fault.calls)
    except AgentFault as fault:
        spot = Spot(at=None, why_not=str(fault), calls=fault.calls)
    raw = next((called.raw for called in reversed(spot.calls) if called.raw), spot.why_not)
    if spot.at is not None:
        return _Made("ok", f"{spot.at.x},{spot.at.y}", spot.at, raw, spot.calls)
    if spot.why_not.startswith(TOO_MUCH):
        return _Made("error", raw=spot.why_not, calls=spot.calls)
    if _absent(spot.why_not):
        return _Made("ok", NONE, None, raw, spot.calls)
    outside = beyond(spot.why_not) is not None
    return _Made("ok" if outside else "invalid", "outside" if outside else "", None, raw, spot.calls)


def _absent(why_not: str) -> bool:
    """Whether a model that names no point says in its words that the thing is not there."""
    quoted = _QUOTED.search(why_not)
    return alike(quoted[1] if quoted else why_not) in NOT_THERE


def _worded(agent: Any, question: Question, shown: list[bytes], sizes: Shown) -> _Made:
    """In words: asked, and where its last line cannot be read, asked once more for that line."""
    item, places = question.item, question.places
    sent = [sizes.size(size_of(png)) for png in shown]
    words = answers.question(item, places, sent)
    calls: tuple[Called, ...] = ()
    status: Status = "ok"
    try:
        answer = _answered(lambda: agent.ask(shown, words))
        calls, raw = _noted(answer.calls, sent), answer.text
        if answer.problem and not answer.text:
            too_much = answer.problem.startswith(TOO_MUCH)
            return _Made("error" if too_much else "invalid", raw=answer.problem, calls=calls)
        found = hear(item, places, raw)
        if found.problem:
            status, second = "repaired", _answered(lambda: agent.ask((), answers.again(item, raw)))
            found, calls = hear(item, places, second.text), (*calls, *second.calls)
            raw = f"{raw}\n\n---\n\n{second.text or second.problem}"
    except EndpointFault as fault:
        return _Made("error", raw=str(fault), calls=(*calls, *fault.calls))
    if found.problem:
        return _Made("invalid", raw=raw, calls=calls)
    at = _on(found, size_of(shown[-1]), sent[-1]) if shown else None
    return _Made(status, found.given, at, raw, calls)


def _answered(ask: Callable[[], Answer]) -> Answer:
    """The answer; a fault of the agent's is why there is none. Raises EndpointFault, AccessLost."""
    try:
        return ask()
    except (EndpointFault, BadInput):
        raise
    except AgentFault as fault:
        return Answer(text="", problem=str(fault) or "the agent broke", calls=fault.calls)
    except Exception as err:  # noqa: BLE001 - an agent's own code: whatever it raises is its fault
        return Answer(text="", problem=f"it raised {err!r}")


def _noted(calls: tuple[Called, ...], sent: list[Size]) -> tuple[Called, ...]:
    """The calls, with the size at which pictures were sent."""
    if not sent or not calls:
        return calls
    sizes = " and ".join(dict.fromkeys(f"{size.width}x{size.height}" for size in sent))
    first = changed(calls[0], notes=(*calls[0].notes, f"pictures sent at {sizes}"))
    return (first, *calls[1:])


def _on(found: Heard, size: Size, sent: Size) -> Point | None:
    """The picture's pixel for a point of what was sent; None for none, and for one that is off it."""
    if found.said is None:
        return None
    try:
        return Frame(screen=size, sent=sent).to_screen(found.said.x, found.said.y)
    except OffScreen:
        return None
