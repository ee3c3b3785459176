"""OpenAI's models by the Responses API and its own computer tool.

The API remembers the conversation: after the first call only what is new is sent, so no picture travels twice. Where
it must not remember (`store` off) or no longer does, all of it is sent again, with the encrypted reasoning.
Source: the API reference and the SDK's types (3.57).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from msgspec import structs

from agent.base import Card
from agent.models.base import About, Computer, ContextFull, Message, ProtocolBroken, Reply, Text, Tool
from agent.models.calling import CONCURRENCY, Changed, Patience, Stop, Trouble, limiter, patiently
from agent.models.cards import card
from agent.models.catalogue import Catalogue
from agent.models.prices import price
from agent.models.redaction import keyed, scrubbed, trace
from agent.models.responses_wire import GA, LEGACY, Wire, digest, instructions, items, remembered, reply, tool, usage
from agent.models.troubles import Cut, Declined, Said, kind
from agent.models.vendor import endpoint_of, final, key_of, plain, reading, status_of, told, unanswered
from envs.errors import BadInput
from envs.types import Size

if TYPE_CHECKING:
    import httpx2
    import openai

Effort = Literal["", "none", "minimal", "low", "medium", "high", "xhigh", "max"]
EFFORTS = ("", "none", "minimal", "low", "medium", "high", "xhigh", "max")
SHORTEST = 16  # tokens: the least that the API takes for a limit
_BRIEF = 1024  # tokens for a word, and what may be thought before it


@dataclass(frozen=True)
class Config:
    """Which model, where, and how it is asked. Times are seconds.

    `tool` is `computer` or `computer_use_preview` (empty: found out). `store` lets the API keep the conversation.
    `summary` asks for the reasoning in short. `patience` is for a call with all its tries.
    """

    model: str
    base_url: str = "https://api.openai.com/v1"
    api_key_env: str = "OPENAI_API_KEY"
    max_tokens: int = 8192
    effort: Effort = ""
    summary: bool = True
    tool: str = ""
    store: bool = True
    stream: bool = True
    timeout: float = 600.0
    patience: Patience = field(default_factory=Patience)
    concurrency: int = CONCURRENCY


@dataclass(frozen=True)
class _Manner:
    """What this model and account are known to take. Each step down is made once, and is for good.

    `lost`: the API once did not know a conversation that it should have kept; after another time none is kept.
    """

    tool: str
    store: bool = True
    reasons: bool = True
    summary: bool = True
    detail: str = "original"
    lost: bool = False


@cache
def connect(config: Config) -> Responses:
    """The one of this process. Raises BadInput for a base URL that is none, and for a key that is missing."""
    return Responses(config)


class Responses:
    """A model behind the Responses API. `transport` takes the network's place in tests."""

    def __init__(self, config: Config, transport: httpx2.BaseTransport | None = None) -> None:
        if config.tool not in ("", GA, LEGACY):
            raise BadInput(f"no computer tool {config.tool!r}; there is {GA} and {LEGACY}")
        if config.effort not in EFFORTS:
            raise BadInput(f"no effort {config.effort!r}; there is {', '.join(EFFORTS[1:])}")
        if config.max_tokens < SHORTEST:
            raise BadInput(f"max_tokens must be at least {SHORTEST}, and is {config.max_tokens}")
        self.config = config
        self.endpoint = endpoint_of(config.base_url)
        self.key = keyed(config.api_key_env, config.base_url)
        self._transport = transport
        self._knowing = threading.Lock()
        first = LEGACY if config.model.startswith("computer-use-preview") else GA
        self.manner = _Manner(config.tool or first, store=config.store, summary=config.summary)
        limiter(self.endpoint, config.concurrency)

    @cached_property
    def card(self) -> Card:
        """What the model is, and where pictures are sent."""
        return card(self.config.model, endpoint=self.endpoint)

    @cached_property
    def client(self) -> openai.OpenAI:
        """The SDK's, without retries of its own."""
        try:
            import openai
        except ImportError as err:
            raise BadInput("this backend needs OpenAI's SDK: pip install 'handeye[models]'") from err
        from agent.models.web import client

        return openai.OpenAI(
            api_key=self.key or "none",
            base_url=self.config.base_url,
            max_retries=0,
            http_client=client(self.config.base_url, timeout=self.config.timeout, transport=self._transport),
        )

    def check(self) -> About:
        """Ask the API about key and model. Raises BadInput, in one line."""
        import openai

        catalogue = Catalogue(
            client=self.client,
            sdk=openai,
            endpoint=self.endpoint,
            model=self.config.model,
            key=key_of(self.config.api_key_env, self.key),
            usual="ends in /v1",
            patience=self.config.patience,
        )
        notes = () if catalogue.row() else ("the endpoint does not tell of its models",)
        asking = _Asking(self, (Message("user", (Text("Say yes."),)),), ())
        asking.most, asking.kept = min(_BRIEF, self.config.max_tokens), False
        catalogue.spoken(asking.patiently)
        return About(endpoint=self.endpoint, model=self.config.model, tool=self.manner.tool, notes=notes)

    def fit(self, size: Size) -> Size | None:  # noqa: ARG002 - full detail takes any that the family sends
        """For the family to say."""
        return None

    def remember(self, **found: Any) -> None:  # fields of _Manner
        """Know something of the model from now on."""
        with self._knowing:
            self.manner = replace(self.manner, **found)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Tool] = (),
        temperature: float | None = None,  # noqa: ARG002 - reasoning models take none
    ) -> Reply:
        """Ask once, patiently; a reply that was cut off by its limit once more, with twice as much room."""
        began = monotonic()
        asking = _Asking(self, messages, tools)
        try:
            heard = asking.patiently()
            if heard.stop == "length":
                heard = asking.longer(heard)
        except Declined as filtered:
            heard = Reply(stop="refusal", refusal=str(filtered))
        return replace(asking.account(heard), seconds=monotonic() - began)


class _Failed(Exception):  # noqa: N818 - what the response says of itself
    """A response that arrived and says that it failed."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.short)
        self.said = said


class _Asking:
    """One call: its requests, what their failures mean, and what they took."""

    def __init__(self, model: Responses, messages: Sequence[Message], tools: Sequence[Tool]) -> None:
        self.model = model
        self.messages = messages
        self.tools = tools
        self.most = model.config.max_tokens
        self.used = model.manner
        self.chain = self.kept = True
        self.after = digest(messages)
        self.all: list[Wire] = []
        self.notes: list[str] = []
        self.tries = 0
        self.waited = 0.0

    @property
    def acting(self) -> bool:
        """Whether the vendor's own computer tool is wanted."""
        return any(isinstance(each, Computer) for each in self.tools)

    def patiently(self, patience: Patience | None = None) -> Reply:
        """The reply to it, tried as long as patience lasts."""
        done = patiently(
            self._send,
            endpoint=self.model.endpoint,
            judge=self.judge,
            patience=patience or self.model.config.patience,
            model=self.model.config.model,
        )
        self.tries += done.tries
        self.waited += done.waited
        self.notes += done.notes
        self.all.append(done.value)
        return reply(done.value, self.after)

    def longer(self, cut: Reply) -> Reply:
        """The reply with twice as much room; the one that was cut, where that does not fit."""
        self.notes.append(f"cut off at {self.most} tokens, asked again for {2 * self.most}")
        self.most *= 2
        try:
            return self.patiently()
        except ContextFull:
            return cut  # it was the context that was full

    def account(self, heard: Reply) -> Reply:
        """The reply with what all requests for it took."""
        took, stored = usage(self.all)
        config = self.model.config
        usd = price(config.model, self.model.endpoint, took, written=stored) if self.all else None
        return replace(
            heard,
            usage=structs.replace(took, usd=usd),
            tries=max(1, self.tries),
            waited=self.waited,
            notes=(*heard.notes, *self.notes),
        )

    def _send(self) -> Wire:
        self.used = self.model.manner
        body = self._body()
        self._trace("request", body)
        create: Any = self.model.client.responses.create  # its overloads cannot take a body made at run time
        heard = _streamed(create, body) if self.model.config.stream else _whole(create, body)
        self._trace("reply", heard)
        if heard.get("status") not in ("completed", "incomplete"):
            raise _failure(heard.get("error") or {}, str(heard.get("status")))
        return heard

    def _body(self) -> Wire:
        config, legacy = self.model.config, self.used.tool == LEGACY and self.acting
        store = self.used.store and self.kept
        body: Wire = {"model": config.model, "max_output_tokens": self.most, "store": store}
        told_so: Sequence[Message] = self.messages
        if self.used.store and self.chain:
            last, told_so = remembered(self.messages)
            if last:
                body["previous_response_id"] = last
        body["input"] = items(told_so, detail=self.used.detail)
        system = instructions(self.messages)
        if system:
            body["instructions"] = system
        if self.tools:
            body["tools"] = [tool(each, self.used.tool) for each in self.tools]
        if legacy:
            body["truncation"] = "auto"  # the older tool takes nothing else
        reasoning = self._reasoning()
        if reasoning:
            body["reasoning"] = reasoning
        if self.used.reasons:
            body["include"] = ["reasoning.encrypted_content"]
        return body

    def _reasoning(self) -> Wire:
        effort = {"effort": self.model.config.effort} if self.used.reasons and self.model.config.effort else {}
        brief = "concise" if self.model.config.model.startswith("computer-use-preview") else "auto"
        summary = {"summary": brief} if self.used.summary else {}
        return {**effort, **summary}

    def judge(self, err: Exception) -> Trouble | None:
        """What the failure of a request means."""
        import openai

        trouble = None if isinstance(err, _Failed) else unanswered(err, openai)
        if trouble is None and isinstance(err, _Failed | openai.APIError):
            words = err.said if isinstance(err, _Failed) else told(err)
            where = {"endpoint": self.model.endpoint, "model": self.model.config.model}
            trouble = self._mended(words) or final(words, **where)
        if trouble is not None:
            self._trace("trouble", {"error": type(err).__name__, "said": scrubbed(str(err))})
        return trouble

    def _mended(self, words: Said) -> Trouble | None:
        """A change of what is sent after which the API may take it; each is made once."""
        text = f"{words.code} {words.text}".lower()
        if _POLICY.search(words.code.lower()):
            return Stop(Declined(words.text or words.code))
        if self.chain and "previous_response" in text.replace(" ", "_") and words.status in (400, 404):
            self.chain = False
            self.model.remember(store=not self.used.lost and self.used.store, lost=True)
            return Changed("the API no longer knows the conversation: all of it was sent again")
        if kind(words) not in ("malformed", "missing"):
            return None
        if "detail" in text and "original" in text and self.used.detail == "original":
            self.model.remember(detail="auto")
            return Changed("the model does not take pictures in their original detail")
        if "summar" in text and self.used.summary:
            self.model.remember(summary=False)
            return Changed("no summary of the reasoning: the account or model has none")
        if self.acting and all(word in text for word in ("tool", "computer", "support")):
            return self._other_tool(words)
        if ("reasoning" in text or "encrypted" in text) and self.used.reasons and not self.model.config.effort:
            self.model.remember(reasons=False, summary=False)
            return Changed("the model does not reason")
        return None

    def _other_tool(self, words: Said) -> Trouble | None:
        if self.model.manner.tool != self.used.tool:
            return Changed(f"the model takes {self.model.manner.tool}")  # found out meanwhile, by another episode
        if self.model.config.tool or self.used.tool == LEGACY:
            return Stop(ProtocolBroken(f"the model does not take the tool {self.used.tool}: {words.short}"))
        self.model.remember(tool=LEGACY)
        return Changed(f"the model does not take {GA}, {LEGACY} was tried")

    def _trace(self, what: Literal["request", "reply", "trouble"], body: object) -> None:
        trace(what, body, endpoint=self.model.endpoint, model=self.model.config.model)


def _streamed(create: Any, body: Wire) -> Wire:  # the SDK's method
    """The response that the last of the events holds."""
    with create(**body, stream=True) as stream, reading():
        for event in map(plain, stream):
            if event.get("type") in _ENDS:
                return plain(event.get("response"))
            if event.get("type") == "error":
                raise _failure(event, "failed")
    raise Cut("a stream that ends in the middle of a response")


def _whole(create: Any, body: Wire) -> Wire:  # likewise
    answer = create(**body)
    with reading():
        return plain(answer)


def _failure(error: Wire, status: str) -> Exception:
    """What a response says of why it failed."""
    code = str(error.get("code") or "")
    if status != "failed" or not code:
        return Cut(f"a response that is {status}")
    return _Failed(Said(status_of(code), scrubbed(str(error.get("message") or "")), code, {}))


_ENDS = ("response.completed", "response.incomplete", "response.failed")
_POLICY = re.compile(r"policy|content_filter|invalid_prompt")
