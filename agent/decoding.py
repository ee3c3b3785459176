"""`handeye decode`: what a reply means in a family's dialect, without a model, a desktop or a network.

The first thing to try when a model "does nothing": the reply as it came, from a log or from curl, on standard input.
"""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from agent.codecs.base import Codec, Invalid, Item
from agent.models import anthropic_wire, chat_wire, responses_wire
from agent.models.base import Reply
from agent.models.chat_wire import NoMessage
from agent.models.troubles import Cut
from agent.registry import make, parse
from envs.errors import BadInput
from envs.types import Closed, Point, Size


class Decoded(Closed):
    """What `handeye decode` prints. Points are pixels of the screen; `why_not` says why there is nothing to do.

    `sent` is the picture that the coordinates were read on.
    """

    family: str
    screen: Size
    sent: Size
    actions: tuple[Item, ...] = ()
    point: Point | None = None
    intent: str = ""
    thought: str = ""
    repaired: tuple[str, ...] = ()
    dropped: int = 0
    why_not: str = ""


def decoded(text: str, family: str, screen: Size, sent: Size | None = None, *, point: bool = False) -> Decoded:
    """What the reply asks for; `point`: which place it names, which is all that a family that only points can say.

    `text` is what the model said, or all of a vendor's JSON around it. Raises BadInput for an unknown family.
    """
    codec: Codec = make("families", parse(family))
    shown = sent or codec.fit(screen)
    frame = codec.frame(screen, shown)
    said = reply(text)
    made = Decoded(family=codec.family.name, screen=screen, sent=shown)
    if point or "act" not in codec.family.can:
        found = codec.read_point(said, frame)
        return replace(made, why_not=found) if isinstance(found, str) else replace(made, point=found)
    reading = codec.read(said, frame)
    return replace(
        made,
        actions=tuple(each.item for each in reading.wanted if not isinstance(each.item, Invalid)),
        intent=reading.intent,
        thought=reading.thought,
        repaired=reading.repaired,
        dropped=reading.dropped,
        why_not="; ".join(each.item.reason for each in reading.wanted if isinstance(each.item, Invalid)),
    )


def reply(text: str) -> Reply:
    """The reply in a vendor's JSON: of a chat completion, of Anthropic's Messages, of OpenAI's Responses; else words.

    A message alone, without what an endpoint puts around it, will do. Raises BadInput for nothing at all.
    """
    if not text.strip():
        raise BadInput(
            "there is nothing to decode: give the reply on standard input, as `handeye decode ... < REPLY`"
        )
    try:
        found = json.loads(text)
    except ValueError:
        return Reply(text=text)
    try:
        return _vendors(found) or Reply(text=text)
    except (AttributeError, KeyError, TypeError, ValueError, Cut, NoMessage) as err:
        raise BadInput(f"it looks like a vendor's JSON and is none: {err or type(err).__name__}") from None


def _vendors(found: Any) -> Reply | None:  # JSON of any shape
    """The reply in a vendor's own shape; None for any other."""
    if isinstance(found, list) and found and all(isinstance(each, dict) and "type" in each for each in found):
        found = {"content": found} if _blocks(found) else {"output": found}
    if not isinstance(found, dict):
        return None
    if isinstance(found.get("choices"), list):
        return _chat(found)
    if isinstance(found.get("output"), list):
        return responses_wire.reply({"status": "completed", **found}, "")
    if _blocks(found.get("content")):
        return anthropic_wire.reply([{"stop_reason": "end_turn", **found}])
    if not _MESSAGE.isdisjoint(found) and ("content" in found or "tool_calls" in found):
        return _chat({"choices": [{"message": found, "finish_reason": found.get("finish_reason")}]})
    return None


def _chat(body: dict[str, Any]) -> Reply:
    heard = chat_wire.Heard()
    heard.whole(body)
    return heard.reply()


def _blocks(content: object) -> bool:
    """Whether it is a list of Anthropic's blocks."""
    return isinstance(content, list) and any(
        isinstance(each, dict) and each.get("type") in ("tool_use", "thinking", "text") for each in content
    )


_MESSAGE = {"role", "tool_calls", "reasoning_content", "reasoning", "finish_reason"}
"""What tells a chat completion's message from a family's own JSON."""
