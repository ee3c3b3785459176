"""What Anthropic's API says of a model, and whether it takes the key: asked before any desktop starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agent.models.base import About
from agent.models.catalogue import Catalogue
from envs.errors import BadInput

if TYPE_CHECKING:
    from agent.models.anthropic import Anthropic, Thinking

_OLD = re.compile(r"claude-3|claude-(?:opus|sonnet|haiku)-4(?:-[0-6])?(?:-\d{8})?$")
"""Names of the models before 4.7, for an endpoint that does not tell what a model can."""


@dataclass(frozen=True)
class Powers:
    """What a model can. `sure`: the API said so; else it is taken from the name.

    `newest`: it takes the toolset in all likelihood. `sharp`: it sees pictures at the higher resolution.
    """

    thinks: tuple[str, ...]
    efforts: tuple[str, ...] | None
    most_tokens: int
    context: int | None
    newest: bool
    sharp: bool
    sure: bool
    notes: tuple[str, ...] = ()

    def thinking(self, wanted: Literal["auto", "off"]) -> Thinking:
        """The way of thinking to ask for; empty where nothing is to be said about it."""
        if wanted == "off" and not self.sure:
            return ""
        auto: tuple[Thinking, ...] = ("adaptive", "enabled")
        off: tuple[Thinking, ...] = ("disabled", "between_tools", "adaptive")
        return next((each for each in (auto if wanted == "auto" else off) if each in self.thinks), "")


def checked(claude: Anthropic) -> tuple[About, Powers]:
    """What the API says of the model. Raises BadInput, in one line, for what would end every episode."""
    config = claude.config
    row = _row(claude)
    powers = _powers(config.model, row)
    if row is not None and row.get("lifecycle") == "retired":
        raise BadInput(f"{config.model} is retired; its successors are listed at the vendor's model page")
    if row is not None and _can(row, "image_input") is False:
        raise BadInput(f"{config.model} takes no pictures")
    if config.effort and powers.efforts is not None and config.effort not in powers.efforts:
        raise BadInput(
            f"{config.model} has no effort {config.effort!r}; it has {', '.join(powers.efforts) or 'none'}"
        )
    about = About(endpoint=claude.endpoint, model=config.model, context=powers.context, notes=powers.notes)
    return about, powers


def asked(claude: Anthropic) -> Powers:
    """The same without complaint: what cannot be learned is guessed from the name."""
    try:
        return _powers(claude.config.model, _row(claude))
    except BadInput:  # the call itself will say so, in the right words
        return _powers(claude.config.model, None)


def _row(claude: Anthropic) -> dict[str, Any] | None:
    import anthropic

    config = claude.config
    return Catalogue(
        client=claude.client,
        sdk=anthropic,
        endpoint=claude.endpoint,
        model=config.model,
        env=config.api_key_env,
        patience=config.patience,
    ).row()


def _can(row: dict[str, Any], *path: str) -> bool | None:
    """Whether a capability is supported; None where the API does not say."""
    found: Any = row.get("capabilities")
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    supported = found.get("supported") if isinstance(found, dict) else None
    return supported if isinstance(supported, bool) else None


def _powers(model: str, row: dict[str, Any] | None) -> Powers:
    row = row or {}
    ways = ("adaptive", "enabled", "disabled", "between_tools")
    told_ways = {way: _can(row, "thinking", "types", way) for way in ways}
    sure = any(each is not None for each in told_ways.values())
    if sure:
        new = told_ways["enabled"] is False and bool(told_ways["adaptive"])
        thinks = tuple(way for way in ways if told_ways[way])
    else:
        new = not _OLD.search(model)
        thinks = ("adaptive", "enabled")
    levels = ("low", "medium", "high", "xhigh", "max")
    efforts = tuple(each for each in levels if _can(row, "effort", each))
    notes = []
    if row.get("lifecycle") == "deprecated":
        notes.append(f"deprecated, to be retired {row.get('retires_at') or 'some day'}")
    if not row:
        notes.append("the endpoint does not tell what its models can")
    most = row.get("max_tokens")
    return Powers(
        thinks=thinks,
        efforts=efforts if _can(row, "effort") is not None else None,
        most_tokens=most if isinstance(most, int) and most > 0 else 64_000,
        context=row.get("max_input_tokens") if isinstance(row.get("max_input_tokens"), int) else None,
        newest=new,
        sharp=new,
        sure=sure,
        notes=tuple(notes),
    )
