"""Claude by Anthropic's Messages API and its own computer tools.

What the model takes is asked of GET /v1/models/NAME (how it thinks, how long it answers), or found out once and
remembered: the API does not say which version of the computer tool it takes. Newer models refuse `temperature`, so
none is sent. Source: the API reference and the SDK's types (2.13, API version 2026-10-21).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from msgspec import structs

from agent.base import Card
from agent.models.anthropic_wire import BETAS, TOOLSET, Wire, bound, has_computer, reply, system, tool, turns, usage
from agent.models.base import About, ContextFull, Message, ProtocolBroken, Reply, Text, Tool, TooManyPictures
from agent.models.calling import CONCURRENCY, Changed, Patience, Stop, Trouble, limiter, patiently
from agent.models.cards import card
from agent.models.chat_wire import pictures
from agent.models.prices import price
from agent.models.redaction import keyed, scrubbed, trace
from agent.models.troubles import Cut, Declined, Said, kind
from agent.models.vendor import endpoint_of, final, plain, reading, told, unanswered
from envs.errors import BadInput
from envs.types import Size

if TYPE_CHECKING:
    import anthropic
    import httpx2

    from agent.models.anthropic_check import Powers

Thinking = Literal["adaptive", "enabled", "disabled", "between_tools", ""]
Effort = Literal["", "low", "medium", "high", "xhigh", "max"]
EFFORTS = ("", "low", "medium", "high", "xhigh", "max")
SHORTEST = 1100  # tokens: a reply must have room beyond the least that may be thought, which is 1024

MOST_PAUSES = 5
_BINDING = "thinking-binding-controls-2026-08-01"
_CLEARING = "context-management-2025-06-27"


@dataclass(frozen=True)
class Config:
    """Which model, where, and how it is asked. Times are seconds.

    `tool` is a version of the computer tool (empty: found out). `thinking` off: as little as the model lets us.
    `budget`: thinking tokens for models that take only a number. `one_at_a_time`: one action a turn. `clear`: let the
    server forget old tool results (a beta) when the context fills. `picture`: the size that is to be sent, if it was
    said. `patience` is for a call with all its tries.
    """

    model: str
    base_url: str = "https://api.anthropic.com"
    api_key_env: str = "ANTHROPIC_API_KEY"
    max_tokens: int = 8192
    effort: Effort = ""
    thinking: Literal["auto", "off"] = "auto"
    budget: int = 4096
    tool: str = ""
    one_at_a_time: bool = False
    clear: bool = False
    cache: bool = True
    stream: bool = True
    picture: Size | None = None
    timeout: float = 600.0
    patience: Patience = field(default_factory=Patience)
    concurrency: int = CONCURRENCY


@dataclass(frozen=True)
class _Manner:
    """What this model is known to take. `tried` are the tool versions that it refused."""

    tool: str
    thinking: Thinking
    tried: tuple[str, ...] = ()


@cache
def connect(config: Config) -> Anthropic:
    """The one of this process. Raises BadInput for a base URL that is none, and for a key that is missing."""
    return Anthropic(config)


class Anthropic:
    """A Claude. `transport` takes the network's place in tests."""

    def __init__(self, config: Config, transport: httpx2.BaseTransport | None = None) -> None:
        if config.tool and config.tool not in BETAS:
            raise BadInput(f"no computer tool {config.tool!r}; there is {', '.join(BETAS)}")
        if config.effort not in EFFORTS:
            raise BadInput(f"no effort {config.effort!r}; there is {', '.join(EFFORTS[1:])}")
        if config.thinking == "off" and config.effort in ("xhigh", "max"):
            raise BadInput(f"thinking=off goes with an effort of at most high, not {config.effort}")
        if config.max_tokens < SHORTEST:
            raise BadInput(f"max_tokens must be at least {SHORTEST}, and is {config.max_tokens}")
        self.config = config
        self.endpoint = endpoint_of(config.base_url)
        self.key = keyed(config.api_key_env, config.base_url)
        self._transport = transport
        self._knowing = threading.Lock()
        self._powers: Powers | None = None
        self._manner: _Manner | None = None
        limiter(self.endpoint, config.concurrency)

    @cached_property
    def card(self) -> Card:
        """What the model is, and where pictures are sent."""
        return card(self.config.model, endpoint=self.endpoint)

    @cached_property
    def client(self) -> anthropic.Anthropic:
        """The SDK's, without retries of its own."""
        try:
            import anthropic
        except ImportError as err:
            raise BadInput("Claude needs Anthropic's SDK: pip install 'handeye[models]'") from err
        from agent.models.web import client

        return anthropic.Anthropic(
            api_key=self.key or "none",
            base_url=self.config.base_url,
            max_retries=0,
            http_client=client(self.config.base_url, timeout=self.config.timeout, transport=self._transport),
        )

    def check(self) -> About:
        """Ask the API about key and model. Raises BadInput, in one line."""
        from agent.models.anthropic_check import catalogue, checked

        about, powers = checked(self)
        with self._knowing:
            self._powers = powers
        asking = _Asking(self, (Message("user", (Text("Say yes."),)),), (), SHORTEST)
        catalogue(self).spoken(asking.patiently)
        return structs.replace(about, tool=self.manner.tool)

    @property
    def powers(self) -> Powers:
        """What the API says that the model can; asked once."""
        from agent.models.anthropic_check import asked

        with self._knowing:
            if self._powers is None:
                self._powers = asked(self)
            return self._powers

    @property
    def manner(self) -> _Manner:
        """What is known of the model now."""
        powers = self.powers
        with self._knowing:
            if self._manner is None:
                newest = TOOLSET if powers.newest else "computer_20251124"
                self._manner = _Manner(self.config.tool or newest, powers.thinking(self.config.thinking))
            return self._manner

    def remember(self, **found: Any) -> None:  # fields of _Manner
        """Know something of the model from now on."""
        known = self.manner
        with self._knowing:
            self._manner = replace(self._manner or known, **found)

    def fit(self, size: Size) -> Size:
        """The largest size that the API leaves alone: the older models' is smaller."""
        return self.powers.fit(size)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Tool] = (),
        temperature: float | None = None,  # noqa: ARG002 - the newer models take none
    ) -> Reply:
        """Ask once, patiently; a reply that was cut off by its limit once more, with twice as much room."""
        began = monotonic()
        if pictures(messages) > self.powers.most_pictures:
            raise TooManyPictures(self.powers.most_pictures)
        asking = _Asking(self, messages, tools, min(self.config.max_tokens, self.powers.most_tokens))
        try:
            heard = asking.patiently()
            most = min(2 * asking.most, self.powers.most_tokens)
            if heard[-1].get("stop_reason") == "max_tokens" and most > asking.most:
                asking.notes.append(f"cut off at {asking.most} tokens, asked again for {most}")
                asking.most = most
                heard = self._longer(asking, heard)
        except Declined as filtered:
            return replace(asking.account(Reply(stop="refusal", refusal=str(filtered))), seconds=monotonic() - began)
        said = reply(heard, bound=not asking.unbound)
        return replace(asking.account(said), seconds=monotonic() - began)

    def _longer(self, asking: _Asking, cut: list[Wire]) -> list[Wire]:
        try:
            return asking.patiently()
        except ContextFull:
            return cut  # it was the context that was full


class _Asking:
    """One call: its requests, what their failures mean, and what they took."""

    def __init__(self, claude: Anthropic, messages: Sequence[Message], tools: Sequence[Tool], most: int) -> None:
        self.claude = claude
        self.tools = tools
        self.most = most
        acting = bool(tools) or sum(message.role == "user" for message in messages) > 1
        cache = claude.config.cache and acting  # one question alone is never read from the cache
        self.system = system(messages, cache=cache)
        self.turns = turns(messages, cache=cache)
        self.used = claude.manner
        self.unbound = self.used.thinking == "adaptive" and not bound(messages)
        self.all: list[Wire] = []
        self.notes: list[str] = []
        self.tries = 0
        self.waited = 0.0

    def patiently(self, patience: Patience | None = None) -> list[Wire]:
        """The message, with those before it where the model paused: each is sent back as it is."""
        heard: list[Wire] = []
        for _ in range(MOST_PAUSES):
            done = patiently(
                partial(self._send, heard),
                endpoint=self.claude.endpoint,
                judge=self.judge,
                patience=patience or self.claude.config.patience,
                model=self.claude.config.model,
            )
            self.tries += done.tries
            self.waited += done.waited
            self.notes += done.notes
            heard = [*heard, done.value]
            self.all.append(done.value)
            if done.value.get("stop_reason") != "pause_turn":
                break
            self.notes.append("paused, and asked to go on")
        return heard

    def account(self, heard: Reply) -> Reply:
        """The reply with what all requests for it took."""
        took, stored = usage(self.all)
        usd = price(self.claude.config.model, self.claude.endpoint, took, written=stored) if self.all else None
        return replace(
            heard,
            usage=structs.replace(took, usd=usd),
            tries=max(1, self.tries),
            waited=self.waited,
            notes=(*heard.notes, *self.notes),
        )

    def _send(self, before: list[Wire]) -> Wire:
        self.used = self.claude.manner
        body = self._body(before)
        betas = self._betas()
        self._trace("request", {**body, "betas": betas})
        messages: Any = self.claude.client.beta.messages if betas else self.claude.client.messages
        more = {"betas": betas} if betas else {}
        heard = _streamed(messages, {**body, **more}) if self.claude.config.stream else _whole(messages, body | more)
        if not heard.get("stop_reason"):
            raise Cut("a reply that ends in its middle")
        self._trace("reply", heard)
        return heard

    def _body(self, before: list[Wire]) -> Wire:
        config = self.claude.config
        paused = [{"role": "assistant", "content": message["content"]} for message in before]
        body: Wire = {"model": config.model, "max_tokens": self.most, "messages": [*self.turns, *paused]}
        if self.system:
            body["system"] = self.system
        if self.tools:
            body["tools"] = [tool(each, self.used.tool) for each in self.tools]
            if config.one_at_a_time:
                body["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}
        thinking = self._thinking()
        if thinking:
            body["thinking"] = thinking
        if config.effort:
            body["output_config"] = {"effort": config.effort}
        if config.clear and self.tools:
            body["context_management"] = {"edits": [{"type": "clear_tool_uses_20250919"}]}
        return body

    def _thinking(self) -> Wire:
        match self.used.thinking:
            case "":
                return {}
            case "enabled":
                budget = max(1024, min(self.claude.config.budget, self.most - 1024))
                return {"type": "enabled", "budget_tokens": budget}
            case "adaptive":
                unbound = {"block_binding": {"prefix_mismatch_behavior": "drop_block"}} if self.unbound else {}
                return {"type": "adaptive", "display": "summarized", **unbound}
        return {"type": self.used.thinking}

    def _betas(self) -> list[str]:
        computer = BETAS[self.used.tool] if has_computer(self.tools) else ""
        clearing = _CLEARING if self.claude.config.clear and self.tools else ""
        return [each for each in (computer, clearing, _BINDING if self.unbound else "") if each]

    def judge(self, err: Exception) -> Trouble | None:
        """What the failure of a request means."""
        import anthropic

        trouble = unanswered(err, anthropic)
        if trouble is None and isinstance(err, anthropic.APIError):
            words = told(err)
            where = {"endpoint": self.claude.endpoint, "model": self.claude.config.model}
            trouble = self._mended(words) or final(words, **where)
        if trouble is not None:
            self._trace("trouble", {"error": type(err).__name__, "said": scrubbed(str(err))})
        return trouble

    def _mended(self, words: Said) -> Trouble | None:
        """A change of what is sent after which the API may take it; each is made once."""
        text = words.text.lower()
        if words.status == 400 and has_computer(self.tools) and _TOOLS.search(text):
            return self._other_tool(words)
        if kind(words) != "malformed":
            return None
        if _BOUND.search(text):
            if self.unbound or self.used.thinking != "adaptive":
                return Stop(ProtocolBroken(f"the history is not what its thinking was bound to: {words.short}"))
            self.unbound = True
            return Changed("thinking that no longer fits its history was left out")
        if _THINKING.search(text) and self.used.thinking in _LESS and not self.claude.powers.sure:
            less = _LESS[self.used.thinking]
            self.claude.remember(thinking=less)
            return Changed(f"the model does not take {self.used.thinking} thinking, {less or 'none'} was asked for")
        return None

    def _other_tool(self, words: Said) -> Trouble | None:
        now = self.claude.manner
        if now.tool != self.used.tool:
            return Changed(f"the model takes {now.tool}")  # found out meanwhile, by another episode
        tried = (*now.tried, now.tool)
        at = list(BETAS).index(now.tool)
        left = [version for version in (*list(BETAS)[at + 1 :], *BETAS) if version not in tried]  # older ones first
        if self.claude.config.tool or not left:
            return Stop(ProtocolBroken(f"the model takes none of {', '.join(tried)}: {words.short}"))
        self.claude.remember(tool=left[0], tried=tried)
        return Changed(f"the model does not take {now.tool}, {left[0]} was tried")

    def _trace(self, what: Literal["request", "reply", "trouble"], body: object) -> None:
        trace(what, body, endpoint=self.claude.endpoint, model=self.claude.config.model)


def _streamed(messages: Any, body: Wire) -> Wire:  # the SDK's resource, plain or beta
    with messages.stream(**body) as stream, reading():
        stream.until_done()
        return plain(stream.current_message_snapshot)


def _whole(messages: Any, body: Wire) -> Wire:  # likewise
    answer = messages.create(**body)
    with reading():
        return plain(answer)


_TOOLS = re.compile(r"does not support tool types|tool types?\b.*not supported|tools\.\d+.*computer")
_BOUND = re.compile(
    r"signature|prefix.mismatch|block_binding|"
    r"thinking.*(?:cannot be modified|(?:was|were|been) (?:modified|changed)|do(?:es)? not match|blocks are invalid)"
)
_THINKING = re.compile(r"thinking")
_LESS: dict[str, Thinking] = {"adaptive": "enabled", "enabled": ""}
