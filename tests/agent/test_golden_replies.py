"""Replies as models of each family write them, and the actions they mean: the table in tests/golden/codecs.json.

Its vocabulary is older than ours: a key's repeat is several presses here, a submit is a newline at the text's end,
`CURSOR` is a path that starts where the pointer is, and an invalid's reason is free text.
"""

from __future__ import annotations

import json
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest

from agent.codecs.base import Codec, Consult, Invalid, Item, Look, Zoom
from agent.models.base import Call, Reply
from agent.registry import make, parse
from envs.keys import find
from envs.types import (
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Scroll,
    Size,
    Type,
    Wait,
)

TABLE = json.loads((Path(__file__).parents[1] / "golden" / "codecs.json").read_text())
CASES: list[dict[str, Any]] = TABLE["cases"]
FAMILY = {"internvl-ground": "internvl"}
POINTS = {"internvl-ground", "gta1", "holo15", "showui", "osatlas"}
STATUS = {"done": "success", "failed": "failure", "infeasible": "infeasible"}


def ids(case: dict[str, Any]) -> str:
    return str(case["id"])


def codec_of(case: dict[str, Any]) -> Codec:
    family = FAMILY.get(case["family"], case["family"])
    made: Codec = make("families", parse(family))
    return made


def reply_of(raw: Any, finish: str) -> Reply:
    stop = "length" if finish == "length" else "end"
    if isinstance(raw, str):
        return Reply(text=raw, stop=stop)
    if isinstance(raw, dict):
        call = Call(id=raw["call_id"], name="computer", arguments={"actions": raw["actions"]})
        return Reply(calls=(call,), stop="calls")
    calls = tuple(
        Call(id=block["id"], name=block["name"], arguments=block["input"], toolset=block.get("toolset_name", ""))
        for block in raw
    )
    return Reply(calls=calls, stop="calls")


def frame_of(codec: Codec, case: dict[str, Any]) -> Any:
    screen = Size(width=case["screen"][0], height=case["screen"][1])
    sent = case.get("sent")
    return codec.frame(screen, Size(width=sent[0], height=sent[1]) if sent else codec.fit(screen))


def at(point: Point | None) -> list[int] | None:
    return None if point is None else [point.x, point.y]


def said(item: Item) -> dict[str, Any]:  # noqa: C901, PLR0911 - one line a kind
    """Our item in the table's words."""
    match item:
        case Click():
            return {
                "type": "click",
                "pos": at(item.at),
                "button": item.button,
                "count": item.count,
                "modifiers": list(item.holding),
            }
        case Move():
            return {"type": "move", "pos": at(item.at)}
        case Drag():
            path: list[Any] = [at(point) for point in item.path]
            return {"type": "drag", "path": ["CURSOR", *path] if len(path) == 1 else path, "button": item.button}
        case Scroll():
            return {"type": "scroll", "pos": at(item.at), "dx": item.dx, "dy": item.dy}
        case Type():
            return {"type": "type", "text": item.text.removesuffix("\n"), "submit": item.text.endswith("\n")}
        case Press() if item.seconds:
            return {"type": "hold_key", "chord": list(item.keys), "seconds": item.seconds}
        case Press():
            return {"type": "key", "chord": list(item.keys)}
        case Wait():
            return {"type": "wait", "seconds": item.seconds}
        case Finish():
            return {"type": "terminate", "status": STATUS[item.claim], "answer": item.answer or None}
        case Consult():
            return {"type": "ask_user", "text": item.text}
        case Zoom():
            box = item.region
            return {"type": "zoom", "region": [box.x, box.y, box.x + box.width, box.y + box.height]}
        case Invalid():
            return {"type": "invalid"}
        case Look() | KeyDown() | KeyUp() | MouseDown() | MouseUp():
            return {"type": type(item).__name__.lower()}
    raise AssertionError(item)


def meant(expected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table's own, with its keys by our names, clicks whole, repeats written out, an answer as the end."""
    means = []
    for each in expected:
        one = dict(each)
        times = one.pop("repeat", 1)
        if one["type"] == "invalid":
            one.pop("reason")
        if one["type"] == "answer":
            one = {"type": "terminate", "status": "success", "answer": one["text"]}
        for name in ("chord", "modifiers"):
            if name in one:
                one[name] = [find(key).name for key in one[name]]
        for name in ("dx", "dy"):
            if name in one:
                one[name] = ceil(one[name]) if one[name] > 0 else floor(one[name])
        means += [one] * times
    return means


@pytest.mark.parametrize("case", [each for each in CASES if each["family"] not in POINTS], ids=ids)
def test_a_reply_means_what_the_table_says(case: dict[str, Any]) -> None:
    codec = codec_of(case)
    reading = codec.read(reply_of(case["raw"], case.get("finish_reason", "")), frame_of(codec, case))
    assert [said(each.item) for each in reading.wanted] == meant(case["expect"])
    assert reading.dropped == case.get("dropped", 0)


@pytest.mark.parametrize("case", [each for each in CASES if each["family"] in POINTS], ids=ids)
def test_a_reply_names_the_point_that_the_table_says(case: dict[str, Any]) -> None:
    codec = codec_of(case)
    found = codec.read_point(reply_of(case["raw"], case.get("finish_reason", "")), frame_of(codec, case))
    (expected,) = case["expect"]
    if expected["type"] == "invalid":
        assert isinstance(found, str)
        assert found
    else:
        assert isinstance(found, Point), found
        assert at(found) == expected["pos"]


def test_the_table_is_whole() -> None:
    assert len(CASES) == 63
    assert len({case["id"] for case in CASES}) == 63
