"""What a vendor's API says of a model before any desktop starts, in one line where it cannot be."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from agent.models.base import ContextFull, ProtocolBroken, TooManyPictures
from agent.models.calling import Patience, Stop, Trouble, patiently
from agent.models.redaction import scrubbed
from agent.models.troubles import Cut, Declined, Missing, judged, kind
from agent.models.vendor import plain, told, unanswered
from envs.errors import AccessLost, BadInput, EndpointFault

PATIENCE = 30.0
"""Seconds that an API which is busy is given."""


class Absent(Exception):  # noqa: N818 - an answer
    """There is no such thing at the endpoint."""


@dataclass(frozen=True)
class Catalogue:
    """GET /models and /models/NAME of an API, and whether the model says a word.

    `client` and `sdk` are the vendor's, `key` tells where the key is from (`the key in NAME`), `usual` how a base
    URL of this vendor's ends.
    """

    client: Any  # of either SDK: both have `models.retrieve` and `models.list`
    sdk: ModuleType
    endpoint: str
    model: str
    key: str
    usual: str
    patience: Patience

    def row(self) -> dict[str, Any] | None:
        """What is told of the model; None where the endpoint tells nothing of any. Raises BadInput."""
        try:
            found = self._asked(lambda: self.client.models.retrieve(self.model, timeout=PATIENCE))
        except Absent:
            names = self.names()
        else:
            return found if found.get("id") else None
        if not names or self.model in names:
            return None
        near = difflib.get_close_matches(self.model, names, n=3, cutoff=0.4) or names[:5]
        raise BadInput(f"{self.endpoint} has no model {self.model!r}; it has {', '.join(near)}")

    def names(self) -> tuple[str, ...]:
        """The models that it has, as many as it tells at once; none where it does not tell."""
        try:
            page = self._asked(lambda: self.client.models.list(timeout=PATIENCE))
        except Absent:
            return ()
        data = page.get("data")
        rows = data if isinstance(data, list) else []
        return tuple(str(each["id"]) for each in rows if isinstance(each, dict) and each.get("id"))

    def spoken(self, say: Callable[[Patience], object]) -> None:
        """See that the model answers with a word: credit and rights show only then. Raises BadInput."""
        try:
            say(self._briefly)
        except Missing as missing:
            raise BadInput(
                f"{self.endpoint} does not answer as this vendor's API for {self.model!r}: a base URL of it "
                f"{self.usual}, and a model behind a chat endpoint is for openai_chat ({missing})"
            ) from None
        except AccessLost as lost:
            raise BadInput(f"{lost} ({self.key})") from None
        except EndpointFault as fault:
            raise BadInput(f"the endpoint is not ready: {fault}") from None
        except ProtocolBroken as broken:
            raise BadInput(f"{self.model} does not take what is configured: {broken}") from None
        except (ContextFull, TooManyPictures, Declined):
            return  # it has let us in, and knows the model

    @property
    def _briefly(self) -> Patience:
        return replace(self.patience, seconds=min(PATIENCE, self.patience.seconds))

    def _asked(self, send: Callable[[], Any]) -> dict[str, Any]:
        try:
            return patiently(
                lambda: plain(send()),
                endpoint=self.endpoint,
                judge=self._judge,
                patience=self._briefly,
                model=self.model,
            ).value
        except EndpointFault as fault:
            raise BadInput(f"the endpoint is not ready: {fault}") from None
        except (ProtocolBroken, ContextFull, TooManyPictures, Declined) as other:
            raise Absent from other

    def _judge(self, err: Exception) -> Trouble | None:
        """As of a call of the model, but an API that is not there is not waited for."""
        if isinstance(err, self.sdk.APITimeoutError):
            return Stop(BadInput(f"{self.endpoint} does not answer: nothing came in {PATIENCE:g} s"))
        if isinstance(err, self.sdk.APIConnectionError):
            return Stop(BadInput(f"nothing answers at {self.endpoint}: {scrubbed(str(err.__cause__ or err))}"))
        if isinstance(err, self.sdk.APIResponseValidationError | Cut | ValueError):
            return Stop(BadInput(f"{self.endpoint} is not this vendor's API: what it says of models is not its JSON"))
        if not isinstance(err, self.sdk.APIError):
            return unanswered(err, self.sdk)
        words = told(err)
        meaning = kind(words)
        if meaning == "access" and words.status != 403:  # 403: a key that may speak, but not read of models
            return Stop(BadInput(f"{self.endpoint} does not take {self.key} ({words.short})"))
        if meaning == "missing" or words.status == 403:
            return Stop(Absent())
        return judged(words, endpoint=self.endpoint, model=self.model)
