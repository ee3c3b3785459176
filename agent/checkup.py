"""`handeye doctor --agent`: what an agent's endpoints are, take and cost, and how well its models point.

One call for each cross and one for the pictures a request may hold: that is all that it costs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import median

from rich.text import Text

from agent.account import total
from agent.base import Agent, Usage
from agent.cast import sample
from agent.egress import keep
from agent.listing import as_json, card_table, simple_table
from agent.models import prices
from agent.preflight import Rules, asked, calibrated
from agent.registry import parse
from agent.show import paper
from envs.types import Card, Closed, Served, Size
from scoring.calibrated import Calibration


class Checkup(Closed):
    """What `handeye doctor --agent ... --json` prints. `used` is what finding it out took."""

    agent: str
    right: bool
    """Whether nothing is wired wrongly. A model that points loosely, or not at all, is not."""
    cards: tuple[Card, ...]
    endpoints: tuple[Served, ...]
    prices: tuple[str, ...]
    calibration: tuple[Calibration, ...]
    used: Usage


def agent(spec: str, size: Size, rules: Rules, *, json: bool) -> int:
    """Look at it, and print what was found. 1 when it is wired wrongly; raises BadInput for what cannot be."""
    made = sample(parse(spec))
    try:
        found = look(made, str(parse(spec)), size, rules)
    finally:
        made.close()
    if json:
        as_json(found)
    else:
        show(found)
    return 0 if found.right else 1


def look(made: Agent, spec: str, size: Size, rules: Rules) -> Checkup:
    """Ask its endpoints, and let it point at crosses on a screen of that size."""
    cards = getattr(made, "cards", None)
    if rules.only_local:
        keep(made.name, cards, rules.allowed)
    endpoints = asked(made)
    found = calibrated(made, size, lambda _: None)
    return Checkup(
        agent=spec,
        right=all(each.verdict != "wrong" for each in found),
        cards=tuple(cards or ()),
        endpoints=endpoints,
        prices=tuple(map(_price, cards or ())),
        calibration=found,
        used=total([call for each in found for call in each.calls]),
    )


def _price(card: Card) -> str:
    """What its list says, in words."""
    if not card.endpoint:
        return f"{card.model}: nothing is paid"
    row = prices.find(card.model, card.endpoint)
    if row is None:
        return f"{card.model}: no price is known at {card.endpoint}; tokens are counted, money is not"
    cached = "" if row.read is None else f", {row.read:g} from the cache"
    source = f"{row.source}, {row.as_of}"
    return f"{card.model}: {row.input:g} USD in{cached}, {row.output:g} out, a million tokens ({source})"


def show(found: Checkup) -> None:
    """For people."""
    console = paper()
    if not found.cards:
        sys.stdout.write(f"{found.agent} asks no model\n")
        return
    console.print(card_table(found.cards))
    for each in found.endpoints:
        sys.stdout.write(f"{each.model} at {each.endpoint}: {', '.join(_taken(each)) or 'it answers'}\n")
    for line in dict.fromkeys(found.prices):
        sys.stdout.write(f"price: {line}\n")
    for calibration in found.calibration:
        _pointed(calibration)
    used = found.used
    if found.calibration:
        money = "" if used.usd is None else f", {used.usd:.4f} USD"
        sys.stdout.write(f"this took {used.input_tokens} tokens in, {used.output_tokens} out{money}\n")


def _taken(served: Served) -> Iterator[str]:
    if served.tool:
        yield f"tool {served.tool}"
    if served.context:
        yield f"{served.context} tokens of context"
    if served.most_pictures:
        yield f"{served.most_pictures} pictures"
    yield from served.notes


def _pointed(found: Calibration) -> None:
    table = simple_table("cross at", "found at", "off by", "")
    for cross in found.points:
        at, seen = cross.at, cross.found
        where = f"{seen.x}, {seen.y}" if seen else "nowhere"
        off = f"{seen.x - at.x}, {seen.y - at.y}" if seen else ""
        table.add_row(*map(Text, (f"{at.x}, {at.y}", where, off, cross.why_not)))
    paper().print(table)
    lines = "" if found.scale_x is None else f" (scale {found.scale_x:g}, {found.scale_y:g})"
    seconds = f"{median(call.seconds for call in found.calls):.2f} s a call" if found.calls else "no call"
    sys.stdout.write(f"{found.model}: {found.verdict}{lines}, {seconds}{': ' + found.cause if found.cause else ''}\n")
