"""Any OpenAI-compatible chat endpoint (vLLM, SGLang, llama.cpp, Ollama, LM Studio, hosted ones), by OpenAI's SDK.

What differs between servers is found out once and remembered: whether it streams, counts tokens in streams, what it
calls the limit of a reply, how many pictures it takes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import msgspec

from agent.base import Card, Usage
from agent.models.base import (
    About,
    ContextFull,
    Message,
    ProtocolBroken,
    Reply,
    Tool,
    TooManyPictures,
    Unspeakable,
)
from agent.models.calling import CONCURRENCY, Again, Changed, Done, Patience, Stop, Trouble, limiter, patiently
from agent.models.cards import card
from agent.models.chat_wire import Failed, Heard, NoMessage, functions, pictures, wire
from agent.models.manner import Manner, lower, room
from agent.models.prices import price
from agent.models.redaction import keyed, on_this_machine, scrubbed, shown, trace
from agent.models.troubles import Cut, Declined, Said, judged, kind, said
from envs.errors import BadInput, Fault
from envs.types import Called, Size

if TYPE_CHECKING:
    import httpx2
    import openai

UNCOUNTED = "the endpoint did not say how many tokens it used"
_EMPTY_TRIES = 3  # a reply without a message is asked for again twice
_LEAST_ROOM = 256  # tokens: a shorter reply would be cut in the middle of most actions


USUAL = Patience()


@dataclass(frozen=True)
class Config:
    """Which model, where, and how it is asked. Times are seconds.

    `base_url` is the API's, mostly ending in /v1. `extra` goes into the body of each request as it is (`top_k`,
    `chat_template_kwargs`). `timeout` is for one request, `patience` for a call with all its tries.
    """

    base_url: str
    model: str
    api_key_env: str = "OPENAI_API_KEY"
    stream: bool = True
    max_tokens: int = 4096
    temperature: float | None = None
    timeout: float = 600.0
    patience: Patience = USUAL
    concurrency: int = CONCURRENCY
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)


@cache
def connect(config: Config) -> OpenAIChat:
    """The one of this process. Raises BadInput for a base URL that is none, and for a key that is missing."""
    return OpenAIChat(config)


class OpenAIChat:
    """A model behind such an endpoint. `transport` takes the network's place in tests."""

    def __init__(self, config: Config, transport: httpx2.BaseTransport | None = None) -> None:
        if not _proper(config.base_url):
            raise BadInput(_improper(config.base_url))
        self.config = config
        self.endpoint = shown(config.base_url)
        self.key = keyed(config.api_key_env, config.base_url)
        self._transport = transport
        self._manner = Manner(stream=config.stream)
        self._knowing = threading.Lock()
        limiter(self.endpoint, config.concurrency)

    @cached_property
    def card(self) -> Card:
        """What the model is, and where pictures are sent."""
        return card(self.config.model, endpoint=self.endpoint)

    @cached_property
    def web(self) -> httpx2.Client:
        """What everything goes through. Raises BadInput for a URL whose host can be none."""
        import httpx2

        from agent.models.web import client

        try:
            httpx2.URL(self.config.base_url)
        except httpx2.InvalidURL as err:
            raise BadInput(f"{_improper(self.config.base_url)} ({err})") from None
        return client(self.config.base_url, timeout=self.config.timeout, transport=self._transport)

    @cached_property
    def client(self) -> openai.OpenAI:
        """The SDK's, without retries of its own. A server of this machine may want no key: it is sent a word."""
        try:
            import openai
        except ImportError as err:
            raise BadInput("a chat endpoint needs OpenAI's SDK: pip install 'handeye[models]'") from err

        return openai.OpenAI(
            api_key=self.key or "none", base_url=self.config.base_url, max_retries=0, http_client=self.web
        )

    def get(self, path: str, *, timeout: float = 5.0) -> httpx2.Response:
        """What the server says under a path of its own, beside the API. Raises as httpx2 does."""
        root = re.sub(r"^(\w+://[^/]+).*", r"\1", self.config.base_url)
        return self.web.get(root + path, headers=self.client.auth_headers, timeout=timeout)

    def fit(self, size: Size) -> Size | None:  # noqa: ARG002 - the vendor is not known
        """For the family to say."""
        return None

    def check(self) -> About:
        """Ask the endpoint whether it is one, takes the key and has the model. Raises BadInput."""
        from agent.models.chat_check import checked

        return checked(self)

    @property
    def most_pictures(self) -> int | None:
        """How many pictures the endpoint takes, once it has said so."""
        return self._manner.pictures

    def complete(
        self, messages: Sequence[Message], *, tools: Sequence[Tool] = (), temperature: float | None = None
    ) -> Reply:
        """Ask once, patiently; a reply that was cut off by its limit once more, with twice as much room."""
        most = self._manner.pictures
        if most is not None and pictures(messages) > most:
            raise TooManyPictures(most)
        began = monotonic()
        body: dict[str, Any] = {"messages": wire(messages, tools)}  # values of many kinds, for the SDK to take apart
        if tools:
            body["tools"] = functions(tools, self.config.model)
        asked = self.config.temperature if temperature is None else temperature
        if asked is not None:
            body["temperature"] = asked
        reply = self._ask(body, self.config.max_tokens)
        if reply.stop == "length":
            reply = self._longer(body, reply)
        return replace(reply, seconds=monotonic() - began)

    def _longer(self, body: dict[str, Any], cut: Reply) -> Reply:
        try:
            reply = self._ask(body, 2 * self.config.max_tokens)
        except (ContextFull, ProtocolBroken):
            return cut  # the context is full, or the endpoint allows no more
        except Fault as fault:
            fault.calls = tuple(_with(cut, called) for called in fault.calls)
            raise
        return replace(
            reply,
            usage=cut.usage + reply.usage,
            tries=cut.tries + reply.tries,
            waited=cut.waited + reply.waited,
            notes=(
                *cut.notes,
                f"cut off at {self.config.max_tokens} tokens, asked again for twice as many",
                *reply.notes,
            ),
        )

    def _ask(self, body: dict[str, Any], most: int) -> Reply:
        try:
            done = self.patiently(body, most)
        except Declined as filtered:
            return Reply(stop="refusal", refusal=str(filtered), raw=str(filtered))
        except TooManyPictures as few:
            limit = few.limit
            self.remember(lambda known: replace(known, pictures=limit))
            raise
        heard = done.value
        reply, usage = heard.reply(), heard.usage or Usage()
        usd = None if heard.usage is None else price(self.config.model, self.endpoint, usage)
        return replace(
            reply,
            usage=msgspec.structs.replace(usage, usd=usd),
            tries=done.tries,
            waited=done.waited,
            notes=done.notes if heard.usage else (*done.notes, UNCOUNTED),
        )

    def patiently(self, body: dict[str, Any], most: int, patience: Patience | None = None) -> Done[Heard]:
        """The reply to a body without its constant parts, of at most `most` tokens."""
        asking = _Asking(self, body, most)
        return patiently(
            asking.send,
            endpoint=self.endpoint,
            judge=asking.judge,
            patience=patience or self.config.patience,
            model=self.config.model,
            healthy=self.healthy,
            doubts=2 if on_this_machine(self.endpoint) else 4,  # of a busy service, some are its own
        )

    def healthy(self) -> bool:
        """Whether the server answers a question that needs no model."""
        import httpx2

        for path in ("/health", f"{urlsplit(self.config.base_url).path.rstrip('/')}/models"):
            try:
                if self.get(path).status_code == 200:
                    return True
            except httpx2.HTTPError:
                return False
        return False

    @property
    def manner(self) -> Manner:
        """What is known of the server now."""
        return self._manner

    def remember(self, change: Callable[[Manner], Manner]) -> None:
        """Remember something of the server."""
        with self._knowing:
            self._manner = change(self._manner)


class _Asking:
    """One call: its requests, and what their failures mean."""

    def __init__(self, chat: OpenAIChat, body: dict[str, Any], most: int) -> None:
        self.chat = chat
        self.body = body
        self.most = most
        self.empty = 0
        self.used = chat.manner

    def send(self) -> Heard:
        """Make one request."""
        self.used = used = self.chat.manner
        config = self.chat.config
        body = {"model": config.model, **self.body, used.limit: self.most}
        if not used.temperature:
            body.pop("temperature", None)
        if used.stream:
            body["stream"] = True
            if used.counts:
                body["stream_options"] = {"include_usage": True}
        self._trace("request", {**body, **config.extra})
        heard = self._streamed(body) if used.stream else self._whole(body)
        self._trace("reply", {"heard": vars(heard), "usage": repr(heard.usage)})
        return heard

    def _whole(self, body: dict[str, Any]) -> Heard:
        heard = Heard()
        heard.whole(_plain(self._create(body)))
        return heard

    def _streamed(self, body: dict[str, Any]) -> Heard:
        heard = Heard()
        with self._create(body) as stream:
            if stream.response.headers.get("content-type", "").startswith("application/json"):
                heard.whole(json.loads(stream.response.read()))
                self.chat.remember(
                    lambda known: replace(known, stream=False)
                )  # what it sends all at once is a reply too
                return heard
            for chunk in stream:
                heard.chunk(_plain(chunk))
        heard.end()
        return heard

    def _create(self, body: dict[str, Any]) -> Any:  # a completion or a stream of chunks, by what is in the body
        create: Any = self.chat.client.chat.completions.create  # its overloads cannot take a body made at run time
        return create(**body, extra_body=dict(self.chat.config.extra) or None)

    def judge(self, err: Exception) -> Trouble | None:
        """What the failure of a request means."""
        trouble = self._judged(err)
        if trouble is not None:
            self._trace("trouble", {"error": type(err).__name__, "said": scrubbed(str(err))})
        return trouble

    def _judged(self, err: Exception) -> Trouble | None:
        import openai

        if isinstance(err, NoMessage):
            self.empty += 1
            if self.empty >= _EMPTY_TRIES:
                return Stop(Unspeakable(f"{self.chat.endpoint} sent {self.empty} times {err}"))
            return Again(str(err))
        silent = _unanswered(err)
        if silent or not isinstance(err, openai.APIError | Failed):
            return Again(silent, suspect=_botched(err)) if silent else None
        told = said(err)
        return self._mended(told) or judged(told, endpoint=self.chat.endpoint, model=self.chat.config.model)

    def _mended(self, told: Said) -> Trouble | None:
        """A change of what is sent after which the server may take it."""
        left = room(told.text) if kind(told) == "context" else None
        if left is not None and _LEAST_ROOM <= left < self.most:
            self.most = left
            return Changed(f"only {left} tokens are left for the reply")
        step = lower(self.used, told.text) if kind(told) == "malformed" else None
        if step is None:
            return None
        self.chat.remember(step.change)
        return Changed(step.note)

    def _trace(self, what: Literal["request", "reply", "trouble"], body: object) -> None:
        trace(what, body, endpoint=self.chat.endpoint, model=self.chat.config.model)


def _with(cut: Reply, called: Called) -> Called:
    """The call, with what a reply before it took."""
    return msgspec.structs.replace(
        called,
        input_tokens=called.input_tokens + cut.usage.input_tokens,
        output_tokens=called.output_tokens + cut.usage.output_tokens,
        usd=cut.usage.usd,
        tries=called.tries + cut.tries,
        waited=called.waited + cut.waited,
    )


def _unanswered(err: Exception) -> str:
    """What came in place of a reply or of its rest; empty for what the endpoint itself said, or a bug of ours."""
    import httpx2
    import openai

    match err:
        case Cut():
            return str(err)
        case json.JSONDecodeError() | UnicodeDecodeError() | RecursionError():
            return "what is not JSON"
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return "nothing in time"
        case openai.APIResponseValidationError():
            return "a reply that is not one of a chat endpoint"
        case openai.APIConnectionError() | httpx2.HTTPError():
            return f"no connection ({scrubbed(str(err.__cause__ or err))})"
    return ""


def _botched(err: Exception) -> bool:
    """Whether it is an error that the server could not write as JSON, so that it may be about this one reply.

    `transformers serve` 5.24 puts into a stream, unescaped, what its parser says of a call that is malformed.
    """
    return isinstance(err, json.JSONDecodeError) and err.doc.lstrip().startswith('{"error"')


def _plain(answer: Any) -> object:  # the SDK's model of what came, or what came where it knows no model for it
    return answer.to_dict(mode="json", warnings=False) if hasattr(answer, "to_dict") else answer


def _improper(url: str) -> str:
    """What is said of a base URL that is none, without what may be a key in it."""
    bare = re.sub(r"//[^/@]*@", "//***@", url.partition("?")[0])
    return f"base_url {bare!r} is not a URL: write it like http://127.0.0.1:8000/v1"


def _proper(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in url
    except ValueError:
        return False
