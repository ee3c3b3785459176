"""What is seen to before a run's first desktop starts: where pictures go, what endpoints take, how well models point.

Whatever cannot be is BadInput here, in one line, and nothing has been started, written or sent further than the
question that found it out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.base import Agent
from agent.calibration import calibrate, warnings
from agent.egress import keep
from agent.models import prices
from agent.scaffold import grounders_of
from envs.errors import AgentFault, BadInput, EndpointFault
from envs.types import Called, Card, Served, Size
from scoring.calibrated import Calibration


@dataclass(frozen=True)
class Rules:
    """What is insisted on. `only_local`: pictures go nowhere but to this machine and the `allowed` hosts.

    `calibrate`: models that can point show it before they are scored. `priced`: there is a limit in dollars, so
    that every model needs a price.
    """

    only_local: bool = False
    allowed: tuple[str, ...] = ()
    calibrate: bool = True
    priced: bool = False


@dataclass(frozen=True)
class Ready:
    """What is known of an agent that may begin."""

    cards: tuple[Card, ...] = ()
    abouts: tuple[Served, ...] = ()
    calibration: tuple[Calibration, ...] = ()


def ready(agent: Agent, size: Size, rules: Rules, heard: Callable[[Called], None] = lambda _: None) -> Ready:
    """See that the agent may begin on a screen of that size. `heard` is told each model call that this takes.

    Raises BadInput, with what to do.
    """
    cards = getattr(agent, "cards", None)
    if rules.only_local:
        keep(agent.name, cards, rules.allowed)
    if rules.priced:
        _priced(cards or ())
    abouts = asked(agent)
    found = calibrated(agent, size, heard) if rules.calibrate else ()
    for each in found:
        if each.verdict == "wrong":
            raise BadInput(
                f"{each.model} is wired wrongly, so nothing it does would say anything of it: {each.cause}; "
                "`handeye doctor --agent ...` shows each point"
            )
    for warning in warnings(found):
        sys.stderr.write(f"handeye: {warning}\n")
    return Ready(cards=tuple(cards or ()), abouts=abouts, calibration=found)


def asked(agent: Agent) -> tuple[Served, ...]:
    """What its endpoints say of themselves. Raises BadInput for what cannot be, and where one does not answer."""
    prepare = getattr(agent, "prepare", None)
    if prepare is None:
        return ()
    try:
        return tuple(prepare())
    except (AgentFault, EndpointFault) as fault:
        raise BadInput(f"{agent.name} is not ready: {fault}") from fault


def calibrated(agent: Agent, size: Size, heard: Callable[[Called], None]) -> tuple[Calibration, ...]:
    """How well each of its models that can point does so, with one call per cross."""
    return tuple(
        calibrate(grounder, str(getattr(grounder, "name", agent.name)), size, heard)
        for grounder in grounders_of(agent)
    )


def _priced(cards: Sequence[Card]) -> None:
    for card in cards:
        if card.endpoint and prices.find(card.model, card.endpoint) is None:
            raise BadInput(
                f"a limit in dollars needs a price, and no list has one of {card.model} at {card.endpoint}; "
                f"write it into {prices.own()} (0 where it costs nothing), or limit tokens"
            )
