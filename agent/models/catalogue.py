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
from agent.models.troubles import Declined, judged, kind
from agent.models.vendor import told, unanswered
from envs.errors import BadInput, EndpointFault

PATIENCE = 30.0
"""Seconds that an API which is busy is given."""


class Absent(Exception):  # noqa: N818 - an answer
    """There is no such thing at the endpoint."""


@dataclass(frozen=True)
class Catalogue:
    """GET /models and /models/NAME of an API. `client` and `sdk` are the vendor's, `env` names the key's variable."""

    client: Any  # of either SDK: both have `models.retrieve` and `models.list`
    sdk: ModuleType
    endpoint: str
    model: str
    env: str
    patience: Patience

    def row(self) -> dict[str, Any] | None:
        """What is told of the model; None where the endpoint tells nothing of any. Raises BadInput."""
        try:
            return self._asked(lambda: self.client.models.retrieve(self.model))
        except Absent:
            names = self.names()
        if not names:
            return None
        near = difflib.get_close_matches(self.model, names, n=3, cutoff=0.4) or names[:5]
        raise BadInput(f"{self.endpoint} has no model {self.model!r}; it has {', '.join(near)}")

    def names(self) -> tuple[str, ...]:
        """The models that it has; none where it does not tell."""
        try:
            page = self._asked(self.client.models.list)
        except Absent:
            return ()
        return tuple(str(each["id"]) for each in page.get("data") or () if isinstance(each, dict) and each.get("id"))

    def _asked(self, send: Callable[[], Any]) -> dict[str, Any]:
        patience = replace(self.patience, seconds=min(PATIENCE, self.patience.seconds))
        try:
            found = patiently(
                lambda: send().to_dict(mode="json"),
                endpoint=self.endpoint,
                judge=self._judge,
                patience=patience,
                model=self.model,
            ).value
        except EndpointFault as fault:
            raise BadInput(f"the endpoint is not ready: {fault}") from None
        except (ProtocolBroken, ContextFull, TooManyPictures, Declined) as other:
            raise Absent from other
        return found if isinstance(found, dict) else {}

    def _judge(self, err: Exception) -> Trouble | None:
        """As of a call of the model, but an API that is not there is not waited for."""
        if isinstance(err, self.sdk.APITimeoutError):
            return Stop(BadInput(f"{self.endpoint} does not answer in time"))
        if isinstance(err, self.sdk.APIConnectionError):
            return Stop(BadInput(f"nothing answers at {self.endpoint}: {scrubbed(str(err.__cause__ or err))}"))
        if isinstance(err, self.sdk.APIResponseValidationError | AttributeError | ValueError):
            return Stop(BadInput(f"{self.endpoint} is not this vendor's API: what it says of models is not its JSON"))
        if not isinstance(err, self.sdk.APIError):
            return unanswered(err, self.sdk)
        words = told(err)
        meaning = kind(words)
        if meaning == "access":
            return Stop(BadInput(f"{self.endpoint} does not take the key in {self.env} ({words.short})"))
        if meaning == "missing":
            return Stop(Absent())
        return judged(words, endpoint=self.endpoint, model=self.model)
