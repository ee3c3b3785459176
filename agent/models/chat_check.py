"""Whether a chat endpoint is one, takes the key and has the model: asked before any desktop starts."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.models.base import About, ContextFull, ProtocolBroken, TooManyPictures, Unspeakable
from agent.models.calling import Patience, Stop, Trouble, patiently
from agent.models.redaction import on_this_machine, scrubbed
from agent.models.troubles import Declined, Missing, judged, kind, said
from envs.errors import AccessLost, BadInput, EndpointFault

if TYPE_CHECKING:
    from agent.models.openai_chat import OpenAIChat

PATIENCE = 30.0
"""Seconds that a server which is just starting, or busy, is given."""


def checked(chat: OpenAIChat) -> About:
    """What the endpoint says of itself. Raises BadInput, in one line, for what would end every episode."""
    model = chat.config.model
    rows = _models(chat)
    names = tuple(sorted(_ids(rows)))
    here = next((row for row in rows if _same(str(row.get("id")), model)), None)
    notes: tuple[str, ...] = ()
    if here is None or not on_this_machine(chat.endpoint):  # some hosted endpoints list their models to anybody
        _spoken(chat, names)
        if here is None:
            notes = ("the endpoint does not list its models",) if not names else ("the model is not in its list",)
    return About(
        endpoint=chat.endpoint,
        model=model,
        models=names,
        context=_context(chat, here or {}),
        most_pictures=chat.most_pictures,
        notes=notes,
    )


def _models(chat: OpenAIChat) -> list[dict[str, Any]]:
    """The rows of GET /models; none where the endpoint has no such list."""
    patience = replace(chat.config.patience, seconds=min(PATIENCE, chat.config.patience.seconds))

    def send() -> object:
        return chat.client.get("/models", cast_to=object, options={"timeout": PATIENCE})

    try:
        found = patiently(
            send,
            endpoint=chat.endpoint,
            judge=lambda err: _judge(chat, err),
            patience=patience,
            model=chat.config.model,
        ).value
    except EndpointFault as fault:
        raise BadInput(f"the endpoint is not ready: {fault}") from None
    except (ProtocolBroken, ContextFull, TooManyPictures, Declined):
        return []
    data = found.get("data") if isinstance(found, dict) else found if isinstance(found, list) else None
    if data is None:
        raise BadInput(f"{chat.endpoint} is not an OpenAI-compatible endpoint: /models answers no list of models")
    return [row for row in data if isinstance(row, dict)]


def _judge(chat: OpenAIChat, err: Exception) -> Trouble | None:
    """As of a call of the model, but a server that is not there is not waited for."""
    import openai

    if isinstance(err, openai.APITimeoutError):
        return Stop(BadInput(f"{chat.endpoint} does not answer: nothing came in {PATIENCE:g} s"))
    if isinstance(err, openai.APIConnectionError):
        return Stop(BadInput(f"nothing answers at {chat.endpoint}: {scrubbed(str(err.__cause__ or err))}"))
    if isinstance(err, UnicodeError) and not isinstance(err, UnicodeDecodeError):
        return Stop(BadInput(f"{chat.endpoint} is not a URL: its host can be none ({err})"))
    if isinstance(err, ValueError | RecursionError | openai.APIResponseValidationError):
        return Stop(BadInput(f"{chat.endpoint} is not an OpenAI-compatible endpoint: /models is not JSON"))
    if not isinstance(err, openai.APIError):
        return None
    told = said(err)
    if kind(told) == "access":
        return Stop(_no_key(chat, told.short))
    if kind(told) == "missing" or told.status in (405, 501):
        return Stop(ProtocolBroken("no list of models"))
    return judged(told, endpoint=chat.endpoint, model=chat.config.model)


def _no_key(chat: OpenAIChat, short: str) -> BadInput:
    env = chat.config.api_key_env
    wanted = f"does not take the key in {env}" if chat.key else f"wants a key: put it into {env}"
    return BadInput(f"{chat.endpoint} {wanted} ({short})")


def _spoken(chat: OpenAIChat, names: tuple[str, ...]) -> None:
    """See that the model answers with a word."""
    body = {"messages": [{"role": "user", "content": "Say yes."}]}
    patience: Patience = replace(chat.config.patience, seconds=min(PATIENCE, chat.config.patience.seconds))
    try:
        chat.patiently(body, 16, patience)
    except Missing:
        raise BadInput(_absent(chat, names)) from None
    except AccessLost as lost:
        raise BadInput(str(lost)) from None
    except EndpointFault as fault:
        raise BadInput(f"the endpoint is not ready: {fault}") from None
    except (ProtocolBroken, Unspeakable, Declined, ContextFull):
        return  # it has let us in, and knows the model


def _absent(chat: OpenAIChat, names: tuple[str, ...]) -> str:
    model = chat.config.model
    if not names:
        slash = "" if chat.endpoint.endswith("/v1") else "; most base URLs end in /v1"
        return f"{chat.endpoint} has neither a list of models nor {model!r}{slash}"
    near = difflib.get_close_matches(model, names, n=3, cutoff=0.4) or names[:5]
    return f"{chat.endpoint} has no model {model!r}; it has {', '.join(near)}"


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows if row.get("id")}


def _same(listed: str, model: str) -> bool:
    """Gemini lists `models/NAME`, Ollama `NAME:latest`."""
    return model in (listed, listed.removeprefix("models/"), listed.removesuffix(":latest"))


def _context(chat: OpenAIChat, row: dict[str, Any]) -> int | None:
    """How many tokens fit, where it is told: by vLLM and SGLang in the model's row, by llama.cpp under /props."""
    import httpx2

    for key in ("max_model_len", "context_length", "context_window", "max_context_length"):
        if isinstance(row.get(key), int):
            return int(row[key])
    if row.get("owned_by") != "llamacpp":
        return None
    try:
        told = chat.get("/props")
    except httpx2.HTTPError:
        return None
    if told.status_code in (401, 403):  # it lists its models to anybody
        raise _no_key(chat, f"{told.status_code} from /props")
    try:
        return int(told.json()["default_generation_settings"]["n_ctx"])
    except (ValueError, KeyError, TypeError):
        return None
