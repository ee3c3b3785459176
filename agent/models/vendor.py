"""What the providers of the two vendors' own APIs share: what a failed request means, whether an address is one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.models.calling import Again, Trouble
from agent.models.redaction import scrubbed, shown
from agent.models.troubles import Cut, Said, said
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
    if not re.match(r"https?://[^/\s]+", base_url):
        raise BadInput(f"base_url {base_url!r} is not a URL: write it like https://host/path")
    return shown(base_url)


def unanswered(err: Exception, sdk: Any) -> Trouble | None:  # a module: both SDKs name their errors alike
    """What it means that no reply came at all, or none that is whole. None for what the endpoint itself said."""
    if isinstance(err, Cut):
        return Again(str(err))
    if isinstance(err, sdk.APITimeoutError):
        return Again("nothing in time")
    if isinstance(err, sdk.APIResponseValidationError):
        return Again("a reply that is not one of this API")
    if isinstance(err, sdk.APIConnectionError):
        return Again(f"no connection ({scrubbed(str(err.__cause__ or err))})")
    if isinstance(err, ValueError | AssertionError):  # the SDK's accumulators, given events that are none
        return Again("events that are not JSON, or not in order")
    return None


def told(err: Exception) -> Said:
    """What the endpoint said, with the status that it means where that came inside a stream."""
    found = said(err)
    if found.status and found.status != 200:
        return found
    return replace(found, status=next(filter(None, map(status_of, found.code.split())), 0))


def status_of(code: str) -> int:
    """The status that goes with an error's type or code; 0 for one that is not known."""
    return _BY_TYPE.get(code, 0)


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
