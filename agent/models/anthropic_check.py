"""What Anthropic's API says of a model, and whether it takes the key: asked before any desktop starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agent.frame import claude_size
from agent.models.base import About
from agent.models.catalogue import Catalogue
from agent.models.vendor import key_of
from envs.errors import BadInput
from envs.types import Size

if TYPE_CHECKING:
    from agent.models.anthropic import Anthropic, Thinking

_OLD = re.compile(r"claude-3|claude-(?:opus|sonnet|haiku)-4(?:-[0-6](?!\d)|-\d{8}|@|$)")
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

    def fit(self, size: Size) -> Size:
        """The largest size of the same shape that the API leaves alone.

        2000 pixels long rather than 2576: a request with more than 20 pictures takes none that is longer.
        """
        return claude_size(size, 2000, 4784) if self.sharp else claude_size(size, 1568, 1568)

    @property
    def most_pictures(self) -> int:
        """How many pictures a request may hold: fewer for the models with a smaller context."""
        large = self.sharp if self.context is None else self.context > 200_000
        return 600 if large else 100

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
    row = catalogue(claude).row()
    powers = _powers(config.model, row)
    if row is not None and row.get("lifecycle") == "retired":
        raise BadInput(f"{config.model} is retired; its successors are listed at the vendor's model page")
    if row is not None and _can(row, "image_input") is False:
        raise BadInput(f"{config.model} takes no pictures")
    if config.effort and powers.efforts is not None and config.effort not in powers.efforts:
        raise BadInput(
            f"{config.model} has no effort {config.effort!r}; it has {', '.join(powers.efforts) or 'none'}"
        )
    largest = powers.fit(config.picture) if config.picture else None
    if largest and largest != config.picture:
        fitting = f"picture={largest.width}x{largest.height}"
        raise BadInput(f"{config.model} would shrink pictures of that size; write {fitting}, or leave picture out")
    about = About(endpoint=claude.endpoint, model=config.model, context=powers.context, notes=powers.notes)
    return about, powers


def asked(claude: Anthropic) -> Powers:
    """The same without complaint: what cannot be learned is guessed from the name."""
    try:
        return _powers(claude.config.model, catalogue(claude).row())
    except BadInput:  # the call itself will say so, in the right words
        return _powers(claude.config.model, None)


def catalogue(claude: Anthropic) -> Catalogue:
    """Where the API tells of its models."""
    import anthropic

    config = claude.config
    return Catalogue(
        client=claude.client,
        sdk=anthropic,
        endpoint=claude.endpoint,
        model=config.model,
        key=key_of(config.api_key_env, claude.key),
        usual="does not end in /v1",
        patience=config.patience,
    )


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
