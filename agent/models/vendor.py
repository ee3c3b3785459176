"""What the providers of the two vendors' own APIs share: what a failed request means, whether an address is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from agent.models.base import ProtocolBroken
from agent.models.calling import Again, Stop, Trouble
from agent.models.redaction import scrubbed, shown
from agent.models.troubles import Cut, Said, judged, kind, said
from envs.errors import BadInput

_BY_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "timeout_error": 504,
    "api_error": 500,
    "server_error": 500,
    "overloaded_error": 529,
}
"""The status that goes with an error's type, for an error in the middle of a stream, whose own status was 200."""


def endpoint_of(base_url: str) -> str:
    """The base URL as it may be shown. Raises BadInput for what is none."""
    try:
        parts = urlsplit(base_url)
        proper = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        proper = False
    if not proper or re.search(r"\s", base_url):
        raise BadInput(f"base_url {base_url!r} is not a URL: write it like https://host/path")
    return shown(base_url)


def unanswered(err: Exception, sdk: Any) -> Trouble | None:  # a module: both SDKs name their errors alike
    """What it means that no reply came at all, or none that is whole. None for what the endpoint itself said."""
    import httpx2  # whose own errors Anthropic's SDK lets through while it reads a stream

    if isinstance(err, Cut):
        return Again(str(err))
    if isinstance(err, sdk.APITimeoutError | httpx2.TimeoutException):
        return Again("nothing in time")
    if isinstance(err, sdk.APIResponseValidationError):
        return Again("a reply that is not one of this API")
    if isinstance(err, sdk.APIConnectionError | httpx2.HTTPError):
        return Again(f"no connection ({scrubbed(str(err.__cause__ or err))})")
    return None


@contextmanager
def reading() -> Iterator[None]:
    """What an SDK trips over in a reply that is none of the API's is a Cut: broken JSON, events out of order."""
    try:
        yield
    except (ValueError, LookupError, AttributeError, TypeError, RuntimeError, AssertionError) as err:
        raise Cut(f"a reply that is not one of this API ({type(err).__name__})") from None


def plain(answer: Any) -> dict[str, Any]:  # the SDK's model of what came, or what came where it is none
    """What came, as JSON data. Raises Cut for what is no object."""
    found = answer.to_dict(mode="json", warnings=False) if hasattr(answer, "to_dict") else answer
    if not isinstance(found, dict):
        raise Cut("a reply that is not one of this API")
    return found


def told(err: Exception) -> Said:
    """What the endpoint said, with the status that it means where that came inside a stream."""
    found = said(err)
    if found.status and found.status != 200:
        return found
    return replace(found, status=next(filter(None, map(status_of, found.code.split())), 0))


def final(words: Said, *, endpoint: str, model: str) -> Trouble:
    """What to do about what the endpoint said, where nothing that is sent can be changed."""
    if kind(words) == "big picture":
        return Stop(ProtocolBroken(f"{words.short}; have smaller pictures sent, by picture=1280x720"))
    return judged(words, endpoint=endpoint, model=model)


def key_of(env: str, key: str) -> str:
    """How a key is spoken of, which is never shown."""
    return f"the key in {env}" if key else f"requests without a key: put one into {env}"


def status_of(code: str) -> int:
    """The status that goes with an error's type or code; 0 for one that is not known."""
    wrong = code.startswith(("invalid_", "unsupported_")) or "image" in code
    return _BY_TYPE.get(code, 400 if wrong else 0)


def speakable(value: Any) -> Any:  # JSON data, the same but for halves of surrogate pairs
    """The same without halves of surrogate pairs, which can be neither sent nor recorded."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return _mended(value)
    return value


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_mended(key): _mended(each) for key, each in value.items()}
    return [_mended(each) for each in value] if isinstance(value, list) else value
