"""Keys and pictures stay out of every record, trace and message: where keys are read, and how text is cleaned."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import json
import os
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from envs.errors import AccessLost, BadInput

TRACE = "HANDEYE_TRACE"
"""Names a file to which every request and reply is appended, one JSON object a line."""

_SECRETS: set[str] = set()
_SHORTEST = 6  # a server on this machine is given words like `EMPTY`, which are no secrets and occur in other words
_WRITING = threading.Lock()

_PICTURE = re.compile(
    r"(?:data:[\w.+-]+/[\w.+-]+;base64,)([A-Za-z0-9+/_=-]*)"
    r"|(iVBORw0KGgo[A-Za-z0-9+/=]*|/9j/4[A-Za-z0-9+/=]{64,}|UklGR[A-Za-z0-9+/=]{64,})"
    r"|((?<![A-Za-z0-9+/])[A-Za-z0-9+/]{1024,}={0,2})"
)
_HIDDEN = {"authorization", "proxy-authorization", "x-api-key", "api-key", "api_key", "x-goog-api-key", "cookie"}


def keyed(env: str, endpoint: str) -> str:
    """The key that the variable `env` holds; empty where there is none and the endpoint is on this machine.

    From then on `scrubbed` knows it. Raises BadInput, which never holds what may be a key.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", env):
        raise BadInput("api_key_env must be the name of an environment variable; what was given is not one")
    key = os.environ.get(env, "").strip()
    if not key:
        if on_this_machine(endpoint):
            return ""
        raise BadInput(f"{shown(endpoint)} wants a key: put it into the environment variable {env}")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput(f"{env} holds something that cannot be a key: it has blanks or unprintable characters")
    secret(key)
    return key


def secret(text: str) -> None:
    """Let `scrubbed` take it out of whatever it is given from now on."""
    if len(text) >= _SHORTEST:
        _SECRETS.add(text)


def scrubbed(text: str) -> str:
    """The text without known keys, and with each picture in base64 replaced by its digest and size."""
    for key in tuple(_SECRETS):
        text = text.replace(key, "***")
    return _PICTURE.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    return named(next((each for each in found.groups() if each is not None), ""))


def named(encoded: str) -> str:
    """`sha256:DIGEST (N bytes)` of what the base64 text encodes; of the text itself where it is cut."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        data = encoded.encode("utf-8", "surrogatepass")
    return f"sha256:{hashlib.sha256(data).hexdigest()} ({len(data)} bytes)"


def redacted(value: object) -> object:
    """The same as plain JSON data: pictures by digest, keys gone, whatever else it is by its `repr`."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, bytes):
        return f"sha256:{hashlib.sha256(value).hexdigest()} ({len(value)} bytes)"
    if isinstance(value, Mapping):
        inline = value.get("type") == "base64" and isinstance(value.get("data"), str)
        return {
            str(key): named(str(each))
            if inline and key == "data"
            else ("***" if str(key).lower() in _HIDDEN else redacted(each))
            for key, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(each) for each in value]
    dump = getattr(value, "model_dump", None)  # what both SDKs answer with
    return redacted(dump(mode="json")) if dump is not None else scrubbed(repr(value))


def written(value: object) -> str:
    """`redacted`, as one line of JSON."""
    return json.dumps(redacted(value), ensure_ascii=False)


def trace(what: Literal["request", "reply", "trouble"], body: object, *, endpoint: str, model: str) -> None:
    """Append to the file that HANDEYE_TRACE names, if any. Raises AccessLost where it cannot be written."""
    path = os.environ.get(TRACE, "")
    if not path:
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = written({"at": now, "what": what, "endpoint": endpoint, "model": model, "body": body})
    data = (line + "\n").encode("utf-8", "backslashreplace")
    try:
        with _WRITING, Path(path).open("ab") as file:
            file.write(data)
    except OSError as err:  # no episode can be traced as was asked for: the run stops, as when access is lost
        raise AccessLost(f"cannot write {TRACE}={path}: {err.strerror}") from None


def shown(url: str) -> str:
    """The URL without name, password, query and fragment. What is left out is taken for a secret."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return scrubbed(url)
    for each in (parts.password, parts.query):
        if each:
            secret(each)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    return urlunsplit((parts.scheme, host + port, parts.path.rstrip("/"), "", ""))


def on_this_machine(url: str) -> bool:
    """Whether the URL's host is this machine's own loopback, by its name or number. Nothing is looked up."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
