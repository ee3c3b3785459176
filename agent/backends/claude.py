"""Claude by Anthropic's own API, with the computer tools that it was trained on."""

from __future__ import annotations

from typing import Literal

from agent.base import speaks
from agent.codecs.claude import claude as family
from agent.models.calling import Patience
from agent.native import Native
from agent.options import size, told
from envs.errors import BadInput


@speaks("claude")
def claude(  # noqa: PLR0913 - the options of a backend
    model: str,
    *,
    base_url: str = "https://api.anthropic.com",
    api_key_env: str = "ANTHROPIC_API_KEY",
    effort: Literal["", "low", "medium", "high", "xhigh", "max"] = "",
    thinking: Literal["auto", "off"] = "auto",
    budget: int = 4096,
    tool: str = "",
    zoom: bool = True,
    one_at_a_time: bool = False,
    pictures: int | None = None,
    picture: str = "",
    prompt: str = "",
    max_tokens: int = 8192,
    tries: int = 3,
    clear: bool = False,
    cache: bool = True,
    stream: bool = True,
    timeout: float = 300.0,
    concurrency: int = 8,
) -> Native:
    """Claude, with the version of the computer tool that the model takes, unless `tool` names one.

    `effort` is how hard it thinks (empty: the model's own), `budget` the thinking tokens of models that take only a
    number. `one_at_a_time`: one action a turn. `pictures` is how many screens are sent at most (none: all, which the
    cache and bound thinking want), `picture` a size like 1280x720 at which they are sent. `clear` lets the server
    forget old screens when its context fills. `prompt` is a file whose text takes the place of our system prompt.
    `timeout` is for one request, in seconds.
    """
    from agent.models.anthropic import Config, connect

    if thinking not in ("auto", "off"):
        raise BadInput(f"thinking is 'auto' or 'off', not {thinking!r}")
    sent = size(picture)
    codec = family(pictures=pictures, batch="first" if one_at_a_time else "all", zoom=zoom)
    config = Config(
        model=model,
        base_url=base_url,
        api_key_env=api_key_env,
        max_tokens=max_tokens,
        effort=effort,
        thinking=thinking,
        budget=budget,
        tool=tool,
        one_at_a_time=one_at_a_time,
        clear=clear,
        cache=cache,
        stream=stream,
        picture=sent,
        timeout=timeout,
        patience=Patience(seconds=max(Patience.seconds, 2 * timeout)),  # one that timed out is tried again
        concurrency=concurrency,
    )
    return Native(connect(config), codec, name=f"claude:{model}", prompt=told(prompt), tries=tries, sent=sent)
