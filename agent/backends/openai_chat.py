"""Any model behind an OpenAI-compatible chat endpoint: of vLLM, SGLang, llama.cpp, Ollama, LM Studio and others."""

from __future__ import annotations

import os

from agent.base import takes
from agent.codecs.base import Codec
from agent.models.cards import family_of
from agent.native import Native
from agent.options import fields, size, told
from agent.registry import Spec, make

USUAL = "http://127.0.0.1:8000/v1"
"""vLLM's own default."""


@takes(family="families")
def openai_chat(  # noqa: PLR0913 - the options of a backend
    model: str,
    *,
    base_url: str = "",
    family: Codec | None = None,
    prompt: str = "",
    picture: str = "",
    tries: int = 3,
    stream: bool = True,
    temperature: float | None = 0.0,
    max_tokens: int = 4096,
    timeout: float = 300.0,
    concurrency: int = 8,
    api_key_env: str = "OPENAI_API_KEY",
    extra: str = "",
    force: bool = False,
) -> Native:
    """Any vision-language model at an OpenAI-compatible endpoint, in its family's own dialect.

    `base_url` is that of the API (default: $HANDEYE_BASE_URL, else vLLM's own on this machine). Without `family` the
    model's name says which, else the generic JSON format is used. `prompt` is a file whose text takes the place of
    our system prompt, `picture` a size like 1280x720 at which screens are sent, a `temperature` of none the server's
    own. `extra` is JSON that goes into each request as it is (`{"top_k": 20}`). `force` uses a family that is not
    the model's.
    """
    from agent.models.openai_chat import Config, connect

    codec = family or make("families", Spec(family_of(model) or "json"))
    config = Config(
        base_url=base_url or os.environ.get("HANDEYE_BASE_URL", USUAL),
        model=model,
        api_key_env=api_key_env,
        extra=fields(extra),
        stream=stream,
        temperature=temperature,
        max_tokens=max_tokens,
        timeout=timeout,
        concurrency=concurrency,
    )
    return Native(
        connect(config), codec, name=f"openai_chat:{model}", prompt=told(prompt), tries=tries,
        sent=size(picture), force=force,
    )  # fmt: skip
