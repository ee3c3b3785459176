"""OpenAI's models by the Responses API, with the computer tool that they were trained on."""

from __future__ import annotations

from typing import Literal

from agent.base import speaks
from agent.codecs.openai import openai as family
from agent.models.calling import Patience
from agent.native import Native, Safety
from agent.options import size, told
from envs.errors import BadInput


@speaks("openai")
def openai(  # noqa: PLR0913 - the options of a backend
    model: str,
    *,
    base_url: str = "https://api.openai.com/v1",
    api_key_env: str = "OPENAI_API_KEY",
    effort: Literal["", "none", "minimal", "low", "medium", "high", "xhigh", "max"] = "",
    summary: bool = True,
    tool: Literal["", "computer", "computer_use_preview"] = "",
    safety: Safety = "ack",
    store: bool = True,
    one_at_a_time: bool = False,
    pictures: int | None = None,
    picture: str = "",
    prompt: str = "",
    max_tokens: int = 8192,
    tries: int = 3,
    stream: bool = True,
    timeout: float = 300.0,
    concurrency: int = 8,
) -> Native:
    """A model of OpenAI's, with the computer tool that it takes, unless `tool` names one.

    `safety` says what is done about the vendor's pending safety checks, each of which is recorded: acknowledge them
    (ack), or stop. `store` lets the API keep the conversation, so that each screen is sent once; without it all of
    them are sent with each call. `effort` is how hard it thinks (empty: the model's own), `summary` asks for its
    reasoning in short. `one_at_a_time`: only the first action of a turn is carried out. `pictures` is how many
    screens a conversation holds at most (none: all), `picture` a size like 1280x720 at which they are sent. `prompt`
    is a file whose text takes the place of our system prompt. `timeout` is for one request, in seconds.
    """
    from agent.models.responses import Config, connect

    if safety not in ("ack", "stop"):
        raise BadInput(f"safety is 'ack' or 'stop', not {safety!r}")
    codec = family(pictures=pictures, batch="first" if one_at_a_time else "all")
    config = Config(
        model=model,
        base_url=base_url,
        api_key_env=api_key_env,
        max_tokens=max_tokens,
        effort=effort,
        summary=summary,
        tool=tool,
        store=store,
        stream=stream,
        timeout=timeout,
        patience=Patience(seconds=max(Patience.seconds, 2 * timeout)),  # one that timed out is tried again
        concurrency=concurrency,
    )
    return Native(
        connect(config), codec, name=f"openai:{model}", prompt=told(prompt), tries=tries, safety=safety,
        sent=size(picture),
    )  # fmt: skip
