"""What a provider is told and what it says: the one language between backends, codecs and vendors' SDKs.

A provider (`ChatModel`) turns messages into a vendor's request and its answer into a `Reply`. It owns retries,
limits, caching and redaction. What can go wrong with a call, and whose it is:

    reply.stop == "refusal"   the model will not: the backend ends the episode (AgentFault, cause `refused`)
    reply.stop == "length"    cut off by `max_tokens`: the provider has already tried once with twice as many
    ContextFull               too much was sent: the backend sends fewer pictures, then gives up (cause `context`)
    TooManyPictures           the endpoint's limit, as it said: the backend sends so many from then on
    Unspeakable               the server cannot put the model's words in its own format (cause `unreadable`)
    ProtocolBroken            a request that the vendor says is malformed: ours or the backend's (cause `protocol`)
    EndpointFault             overloaded, unreachable, timed out beyond all patience: void, may be run again
    AccessLost                key, credit, model or right is missing: the run stops
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeAlias

from agent.base import Card, Usage
from envs.errors import AgentFault
from envs.types import Closed, Served, Size


@dataclass(frozen=True)
class Text:
    """Words."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A PNG and its size in pixels. The encodings are made once, however often it is sent."""

    png: bytes
    size: Size

    @cached_property
    def base64(self) -> str:
        """For a request's body."""
        return base64.b64encode(self.png).decode("ascii")

    @cached_property
    def sha256(self) -> str:
        """In hex: its name in every record and trace."""
        return hashlib.sha256(self.png).hexdigest()


@dataclass(frozen=True)
class Call:
    """A tool call in a reply. `toolset` is Claude's, empty elsewhere; `arguments` as parsed, `text` as it came.

    OpenAI's `computer_call` is a Call named `computer` with `{"actions": [...]}`, whether it had one or many.
    """

    id: str
    name: str
    arguments: Mapping[str, object]
    toolset: str = ""
    text: str = ""


@dataclass(frozen=True)
class Result:
    """The answer to a Call, for the vendors that want one: `call` is its id; `failed`: it was not carried out.

    `checks` are the safety checks that are acknowledged with it (OpenAI).
    """

    call: str
    parts: tuple[Text | Picture, ...]
    name: str = ""
    toolset: str = ""
    failed: bool = False
    checks: tuple[SafetyCheck, ...] = ()


class SafetyCheck(Closed):
    """OpenAI's pending_safety_checks: recorded always, acknowledged as the backend's `safety` option says."""

    id: str
    code: str = ""
    message: str = ""


Part: TypeAlias = Text | Picture | Result


@dataclass(frozen=True)
class Message:
    """One turn. A model's own is given back as `reply`, and its provider sends back what came, thinking and all.

    A provider that is given another's reply uses its text.
    """

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...] = ()
    reply: Reply | None = None


@dataclass(frozen=True)
class Computer:
    """The vendor's own computer tool, on a screen of the size that is sent. The provider chooses its version."""

    size: Size
    zoom: bool = True


@dataclass(frozen=True)
class Function:
    """A function that the model may call, with a JSON schema."""

    name: str
    about: str
    schema: Mapping[str, object]


Tool: TypeAlias = Computer | Function
Stop = Literal["end", "calls", "length", "refusal", "context", "pause"]


@dataclass(frozen=True)
class Reply:
    """What came back. `text`, `thinking` and `calls` are read alike by codecs: a server may put an action in any.

    `native` is for the provider that made it: what it must send back unchanged. `raw` is the reply as JSON for people
    (no keys, no pictures). `refusal` says the category and reason. `usage` covers every request that was made for it,
    `tries` how many, `waited` the seconds spent waiting to be let in or to try again, `notes` what a reader of the
    record must know: a tool version stepped down, a server's truncation, a safety check.
    """

    text: str = ""
    thinking: str = ""
    calls: tuple[Call, ...] = ()
    stop: Stop = "end"
    usage: Usage = field(default_factory=Usage)
    refusal: str = ""
    checks: tuple[SafetyCheck, ...] = ()
    native: object = None
    raw: str = ""
    seconds: float = 0.0
    tries: int = 1
    waited: float = 0.0
    notes: tuple[str, ...] = ()


class ContextFull(Exception):  # noqa: N818 - what happened, for whoever can send less
    """The request does not fit the model's context."""


class TooManyPictures(Exception):  # noqa: N818 - likewise
    """The endpoint takes fewer pictures than were sent: `limit` is how many it takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the endpoint takes at most {limit} pictures")
        self.limit = limit


class Unspeakable(AgentFault):
    """The same request failed in the server again and again while the server is well: it cannot parse the reply."""

    def __init__(self, why: str) -> None:
        super().__init__(why, cause="unreadable")


class ProtocolBroken(AgentFault):
    """The vendor says that the request is malformed, and no step down mends it."""

    def __init__(self, why: str) -> None:
        super().__init__(why, cause="protocol")


About: TypeAlias = Served
"""What `check` gives: a word of this module, kept where the record can have it."""


class ChatModel(Protocol):
    """A model at an endpoint. One object serves all episodes of a run, from any thread: it keeps no conversation."""

    @property
    def card(self) -> Card:
        """What it is, and where pictures are sent."""
        ...

    def check(self) -> About:
        """Ask the endpoint whether key and model are right. Raises BadInput, in one line, when they are not."""
        ...

    def fit(self, size: Size) -> Size | None:
        """The size at which this model's vendor leaves a picture alone; None when that is for the family to say."""
        ...

    def complete(
        self, messages: Sequence[Message], *, tools: Sequence[Tool] = (), temperature: float | None = None
    ) -> Reply:
        """Ask once, patiently. `temperature` only where a second try is wanted to differ; None: as configured.

        Raises as the module says. Never changes anything on the desktop: it may be tried again.
        """
        ...
