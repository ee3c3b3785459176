"""What vendors and servers say when a request fails, and what it means: shared by all providers.

The statuses and words are those of the vendors' API references and of vLLM, SGLang, llama.cpp, Ollama and
`transformers serve`. Both SDKs' errors look alike, so no SDK is imported: `status_code`, `response`, `body`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from agent.models.base import ContextFull, ProtocolBroken, TooManyPictures
from agent.models.calling import Again, Stop, Trouble
from agent.models.redaction import redacted, scrubbed, shown
from envs.errors import AccessLost, EndpointFault

Kind = Literal[
    "rate", "overloaded", "gateway", "server", "access", "credit", "missing", "context", "pictures", "big picture",
    "declined", "elsewhere", "malformed",
]  # fmt: skip


class Declined(Exception):  # noqa: N818 - an answer, not an error
    """The vendor's filter lets the request not reach the model, or its reply not reach us: a refusal."""


class Missing(AccessLost):
    """The endpoint has no such model, or is not where it was looked for."""


class Cut(Exception):  # noqa: N818 - what happened to a reply
    """A reply ended before its end, or is no reply."""


@dataclass(frozen=True)
class Said:
    """What an endpoint said in place of a reply. `text` has neither keys nor pictures in it."""

    status: int
    text: str
    code: str
    headers: Mapping[str, str]

    @property
    def short(self) -> str:
        """Status and words, cut to a line."""
        words = " ".join(self.text.split())
        return f"{self.status} {words[:240]}".rstrip()


def said(err: Exception) -> Said:
    """What a status error of either SDK tells. `status` 0 where the stream itself brought an error."""
    response = getattr(err, "response", None)
    headers = {key.lower(): value for key, value in dict(getattr(response, "headers", {})).items()}
    body = getattr(err, "body", None)
    if isinstance(body, list) and body:
        body = body[0]  # Gemini's compatible endpoint puts its errors into a list
    inner = body.get("error", body) if isinstance(body, dict) else body
    status, code, text = getattr(err, "status_code", 0), "", ""
    if isinstance(inner, dict):
        code = " ".join(str(inner[key]) for key in ("type", "code", "status", "error_code") if inner.get(key))
        message = inner.get("message") or inner.get("detail") or inner.get("error") or inner
        text = message if isinstance(message, str) else json.dumps(redacted(message), ensure_ascii=False)
        if not status and isinstance(inner.get("code"), int):
            status = inner["code"]
    elif isinstance(inner, str):
        text = inner
    return Said(status=status, text=scrubbed(text or str(err)), code=code, headers=headers)


_CONTEXT = re.compile(
    r"maximum context length|context_length_exceeded|context length (?:exceeded|of only)|context window|"
    r"exceeds? the available context|exceed_context_size|prompt is too long|input (?:is )?too long|"
    r"longer than the (?:maximum )?(?:model|context)|max_model_len|too many (?:input )?tokens|"
    r"exceeds the maximum number of tokens|request_too_large|maximum allowed (?:input )?length",
    re.IGNORECASE,
)
_PICTURES = re.compile(
    r"at most (\d+) (?:image|picture)|(?:maximum|limit|max)(?: number)? of (?:images?[^.\d]{0,40})?(\d+) images?|"
    r"(?:set|limit[^.\d]{0,20}) ['\"]?image['\"]?\s*[=:]\s*(\d+)|too many images[^.\d]{0,60}(\d+)|"
    r"no more than (\d+) images?",
    re.IGNORECASE,
)
_BIG = re.compile(
    r"image_dimensions_too_large|image (?:dimensions?|size)[^.]{0,40}(?:exceed|too large)|image exceeds|"
    r"image is too large",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"insufficient_quota|billing|credit balance|payment|exceeded your current quota", re.IGNORECASE)
_MISSING = re.compile(
    r"model_not_found|model[^.]{0,80}(?:does not exist|not found|not exist|not supported|is not available)",
    re.IGNORECASE,
)
_DECLINED = re.compile(r"content_filter|content_policy|content management policy|responsibleai", re.IGNORECASE)
_BUSY = re.compile(r"overloaded|over capacity|rate.?limit|too many requests", re.IGNORECASE)
_KEY = re.compile(r"invalid_api_key|api key (?:not valid|is invalid|expired)|api_key_invalid", re.IGNORECASE)

_BY_STATUS: dict[int, Kind] = {
    401: "access", 402: "credit", 403: "access", 404: "missing", 408: "gateway", 409: "gateway", 413: "context",
    425: "gateway", 429: "rate", 500: "server", 501: "server", 503: "overloaded", 529: "overloaded",
}  # fmt: skip


def kind(told: Said) -> Kind:
    """What it means. Words count before the status: servers put a full context into a 400, a 422 or a 500."""
    words = f"{told.code} {told.text}"
    if told.status in (0, 400, 413, 422, 500):
        for meaning, pattern in (
            ("pictures", _PICTURES), ("big picture", _BIG), ("context", _CONTEXT), ("declined", _DECLINED),
        ):  # fmt: skip
            if pattern.search(words):
                return meaning  # type: ignore[return-value]  # a literal of the table above
    if told.status in (400, 403, 429) and _CREDIT.search(words) and not _passes(told):
        return "credit"
    if told.status == 400 and _KEY.search(words):
        return "access"
    if told.status in (400, 422) and _MISSING.search(words):
        return "missing"
    if 300 <= told.status < 400:
        return "elsewhere"
    if told.status == 0:
        return "overloaded" if _BUSY.search(words) else "gateway"
    return _BY_STATUS.get(told.status, "gateway" if told.status > 500 else "malformed")


def _passes(told: Said) -> bool:
    """Whether it is a limit that ends by itself: Gemini says `quota` and `billing` of those of a minute, too."""
    return told.status == 429 and "insufficient_quota" not in told.code and _wait(told) is not None


def pictures(told: Said) -> int | None:
    """How many pictures the endpoint says that it takes."""
    found = _PICTURES.search(told.text)
    return int(next(each for each in found.groups() if each)) if found else None


def judged(told: Said, *, endpoint: str, model: str) -> Trouble:
    """What to do about it, where the provider knows no better: it looks at `kind` first for what it can mend."""
    meaning, short = kind(told), told.short
    error = _final(meaning, told, endpoint, model)
    wish = told.headers.get("x-should-retry", "").lower()
    if error is not None and not (meaning == "malformed" and wish == "true"):
        return Stop(error)
    if wish == "false":
        return Stop(EndpointFault(f"{model} at {endpoint} gave no reply and wants no second try: {short}"))
    after = _wait(told)
    everyone = meaning in ("rate", "overloaded") and after is not None
    return Again(short, after=after, everyone=everyone, suspect=meaning == "server")


def _final(meaning: Kind, told: Said, endpoint: str, model: str) -> Exception | None:
    """What the same request would end in again; None where it might not."""
    short = told.short
    match meaning:
        case "access":
            return AccessLost(f"{endpoint} does not let us in, look at the key: {short}")
        case "credit":
            return AccessLost(f"{endpoint} wants to be paid first: {short}")
        case "missing":
            return Missing(f"{endpoint} has no {model!r}: {short}")
        case "elsewhere":
            there = shown(told.headers.get("location", "elsewhere"))
            return AccessLost(f"{endpoint} redirects to {there}: give that as the base URL if it is right")
        case "context":
            return ContextFull(short)
        case "pictures":
            return TooManyPictures(pictures(told) or 0)
        case "declined":
            return Declined(told.text)
        case "big picture" | "malformed":
            return ProtocolBroken(f"{endpoint} takes the request for malformed: {short}")
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `retry-after-ms` or `retry-after` ask for (RFC 9110, 10.2.3: seconds or a date).

    A date is compared with the server's own clock where it tells.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = _number(headers.get(name, ""))
        if value is not None:
            return value / unit
    until, now = _date(headers.get("retry-after", "")), _date(headers.get("date", ""))
    return None if until is None else max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


_SOON = re.compile(r"(?:try again|retry) in (?:(\d+)m(?=\d))?(\d+(?:\.\d+)?)(ms|s)\b", re.IGNORECASE)


def _wait(told: Said) -> float | None:
    """The seconds that the headers ask for, else the words: OpenAI, Groq and Gemini say `try again in 1m2.5s`."""
    after, found = retry_after(told.headers), _SOON.search(told.text)
    if after is not None or found is None:
        return after
    minutes, number, unit = found.groups()
    return int(minutes or 0) * 60 + float(number) / (1000 if unit == "ms" else 1)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
