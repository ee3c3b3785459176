"""What any agent must do, ours or another's: `check(lambda: MyAgent())` returns what it does not, in words.

An agent that asks a model is checked with one that answers from a script. What an agent need not have (`wants`,
`cards`, `ask`, `locate`) is checked where it has it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import cache

import msgspec
from PIL import Image

from agent.acting import checked
from agent.base import Agent, Answer, Card, Decision, Spot
from envs.errors import AgentFault
from envs.types import Called, Finish, Observation, Point, Size

GOALS = ("Save the letter as letter.odt in Documents.", "Wie heißt die Hauptstadt? 北京 😀 \"<tag>\" & 'so'")
SIZES = (Size(width=1920, height=1080), Size(width=801, height=601))
MOST = 200
"""Decisions after which an agent that is told of nothing new need not have finished."""

WANTS = ("elements",)
"""What an agent may be given beyond pictures."""


def check(make: Callable[[], Agent], *, goals: tuple[str, ...] = GOALS) -> list[str]:
    """What the agent does not do as it must; empty when it does all of it."""
    problems = [*_named(make)]
    for size in SIZES:
        problems += _lives(make, goals[0], size)
    problems += _apart(make, goals)
    return list(dict.fromkeys(problems))


def seen(size: Size, refused: str = "") -> Observation:
    """A plain grey screen."""
    return Observation(png=_grey(size), size=size, refused=refused)


@cache
def _grey(size: Size) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size.width, size.height), (90, 90, 90)).save(out, "PNG")
    return out.getvalue()


def _named(make: Callable[[], Agent]) -> Iterator[str]:
    agent = make()
    if not isinstance(agent.name, str) or not agent.name:
        yield f"name is {agent.name!r}, and must be text"
    try:
        yield from _known(agent)
        yield from _asked(agent)
    except Exception as err:  # noqa: BLE001 - another's code
        yield f"asked before an episode it raised {err!r}"
    try:
        agent.close()  # as when the desktop broke before the goal was told
    except Exception as err:  # noqa: BLE001 - another's code
        yield f"close before begin raised {err!r}"


def _lives(make: Callable[[], Agent], goal: str, size: Size) -> Iterator[str]:
    agent = make()
    try:
        agent.begin(goal)
        yield from _decides(agent, size)
    except Exception as err:  # noqa: BLE001 - another's code
        yield f"on a screen of {size.width}x{size.height} it raised {err!r}"
    finally:
        agent.close()


def _decides(agent: Agent, size: Size) -> Iterator[str]:
    refused = ""
    for _ in range(MOST):
        decision = agent.act(seen(size, refused))
        try:
            checked(decision)
        except AgentFault as fault:
            yield str(fault)
            return
        if decision.calls and _tokens(decision.calls) != (decision.usage.input_tokens, decision.usage.output_tokens):
            yield f"its usage is {decision.usage!r}, which is not what its calls took"
        off = [point for point in _points(decision) if not _on(point, size)]
        if off:
            yield f"on a screen of {size.width}x{size.height} it acts at {off[0].x}, {off[0].y}, which is off it"
        if any(isinstance(action, Finish) for action in decision.actions):
            return
        refused = "" if refused else "there is no key 'hyperspace'"


def _points(decision: Decision) -> Iterator[Point]:
    for action in decision.actions:
        at = getattr(action, "at", None)
        yield from ((at,) if at is not None else ())
        yield from getattr(action, "path", ())


def _tokens(calls: tuple[Called, ...]) -> tuple[int, int]:
    return sum(call.input_tokens for call in calls), sum(call.output_tokens for call in calls)


def _known(agent: Agent) -> Iterator[str]:
    """What it says of itself."""
    wants, cards = getattr(agent, "wants", ()), getattr(agent, "cards", ())
    if not isinstance(wants, tuple) or set(wants) - set(WANTS):
        yield f"wants is {wants!r}, and must be a tuple of none or some of {', '.join(WANTS)}"
    if not isinstance(cards, tuple) or not all(isinstance(card, Card) for card in cards):
        yield f"cards is {cards!r}, and must be a tuple of Card"
    elif len(cards) == 1:
        lacks = [can for can in cards[0].can if can in ("ask", "locate") and not hasattr(agent, can)]
        yield from (f"its card says that it can {can}, and it has no method {can}" for can in lacks)


def _asked(agent: Agent) -> Iterator[str]:
    """What it answers when it is asked instead of acting."""
    png = seen(SIZES[0]).png
    ask, locate = getattr(agent, "ask", None), getattr(agent, "locate", None)
    if ask is not None:
        answer = ask((png,), "What colour is the screen?")
        if not isinstance(answer, Answer) or not (answer.text or answer.problem):
            yield f"ask returned {answer!r}, which is no answer and does not say why there is none"
    if locate is not None:
        yield from _spotted(locate(png, "the middle of the screen"))


def _spotted(spot: object) -> Iterator[str]:
    if not isinstance(spot, Spot) or (spot.at is None and not spot.why_not):
        yield f"locate returned {spot!r}, which neither names a point nor says why not"
    elif spot.at is not None and not _on(spot.at, SIZES[0]):
        yield f"on a picture of {SIZES[0].width}x{SIZES[0].height} it points at {spot.at.x}, {spot.at.y}, off it"


def _on(point: Point, size: Size) -> bool:
    return 0 <= point.x < size.width and 0 <= point.y < size.height


def _apart(make: Callable[[], Agent], goals: tuple[str, ...]) -> Iterator[str]:
    """An episode must not depend on the one before it: the second is played alone, and after the first."""
    alone = _first(make, goals[1])
    _first(make, goals[0])
    after = _first(make, goals[1])
    if alone != after:
        yield f"it decides otherwise after another episode: {after!r} and not {alone!r}"


def _first(make: Callable[[], Agent], goal: str) -> bytes:
    agent = make()
    try:
        agent.begin(goal)
        return msgspec.json.encode(agent.act(seen(SIZES[0])).actions)
    except Exception as err:  # noqa: BLE001 - another's code; `_lives` names it
        return repr(err).encode()
    finally:
        agent.close()
