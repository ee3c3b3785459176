"""What is particular to the JSON format, to InternVL and Holo: strictness, certain repairs, words for the model."""

from __future__ import annotations

import json
import re

import pytest

from agent.codecs.base import Codec, Invalid, Item, Outcome, Reading, Talk, Told, Turn, Wanted
from agent.models.base import Call, Message, Picture, Reply, Text
from agent.plans import read_plan
from agent.prompts import prompt
from agent.registry import make, parse
from envs.errors import BadInput
from envs.types import Click, Drag, Finish, KeyDown, MouseDown, Move, Point, Press, Scroll, Size, Type, Wait

SCREEN = Size(width=1000, height=1000)
"""On which a thousandth is a pixel."""
ACTING = ("json", "internvl", "holo")


def at(x: int, y: int) -> Point:
    return Point(x=x, y=y)


def codec_of(spec: str) -> Codec:
    made: Codec = make("families", parse(spec))
    return made


def read(spec: str, said: object, *, stop: str = "end", calls: tuple[Call, ...] = ()) -> Reading:
    codec = codec_of(spec)
    text = said if isinstance(said, str) else json.dumps(said)
    reply = Reply(text=text, stop=stop, calls=calls)  # type: ignore[arg-type]  # one of its words
    return codec.read(reply, codec.frame(SCREEN, SCREEN))


def items(reading: Reading) -> list[Item]:
    return [each.item for each in reading.wanted]


def acts(*actions: object) -> dict[str, object]:
    return {"thought": "so", "actions": list(actions)}


CLICK = {"action": "click", "target": [500, 300]}
MEANT: dict[str, tuple[object, list[Item]]] = {
    "a click with all its fields": (
        acts({"action": "click", "target": [5, 6], "button": "right", "count": 2, "keys": ["ctrl", "shift"]}),
        [Click(at=at(5, 6), button="right", count=2, holding=("ctrl", "shift"))],
    ),
    "a click where the pointer is": (acts({"action": "click"}), [Click()]),
    "a field left out by null": (acts({"action": "click", "target": None, "keys": []}), [Click()]),
    "a hover": (acts({"action": "hover", "target": [0, 1000]}), [Move(at=at(0, 999))]),
    "a drag from the pointer": (acts({"action": "drag", "to": [9, 8]}), [Drag(path=(at(9, 8),))]),
    "a drag along a path": (
        acts({"action": "drag", "from": [1, 2], "through": [[3, 4], [5, 6]], "to": [7, 8], "button": "middle"}),
        [Drag(path=(at(1, 2), at(3, 4), at(5, 6), at(7, 8)), button="middle")],
    ),
    "a scroll of five": (acts({"action": "scroll", "direction": "up"}), [Scroll(dy=-5)]),
    "a scroll sideways": (
        acts({"action": "scroll", "direction": "left", "clicks": 3, "target": [9, 9]}),
        [Scroll(at=at(9, 9), dx=-3)],
    ),
    "a text with a newline": (acts({"action": "type", "text": "a\nb"}), [Type(text="a\nb")]),
    "a key three times": (acts({"action": "press", "keys": ["Down"], "times": 3}), [Press(keys=("down",))] * 3),
    "a key held": (acts({"action": "press", "keys": ["a"], "seconds": 2}), [Press(keys=("a",), seconds=2.0)]),
    "a chord in one word": (acts({"action": "press", "keys": "ctrl+s"}), [Press(keys=("ctrl", "s"))]),
    "a key down": (acts({"action": "key_down", "key": "shift"}), [KeyDown(key="shift")]),
    "a button down": (acts({"action": "mouse_down", "target": [1, 2]}), [MouseDown(at=at(1, 2))]),
    "a wait, cut at a minute": (acts({"action": "wait", "seconds": 90}), [Wait(seconds=60.0)]),
    "the end, with a number for an answer": (
        acts({"action": "finish", "claim": "done", "answer": 42}),
        [Finish(answer="42")],
    ),
    "several in order": (
        acts(CLICK, {"action": "type", "text": "x"}),
        [Click(at=at(500, 300)), Type(text="x")],
    ),
}


@pytest.mark.parametrize("case", MEANT)
@pytest.mark.parametrize("family", ["json", "internvl"])
def test_an_action_means_what_the_prompt_says(family: str, case: str) -> None:
    said, meant = MEANT[case]
    assert items(read(family, said)) == meant


STRICT: dict[str, tuple[object, str]] = {
    "an unknown action": (acts({"action": "clik"}), "no action 'clik'; did you mean 'click'"),
    "an action of another format": (acts({"action": "left_click", "target": [1, 2]}), "no action 'left_click'"),
    "an unknown field": (acts({**CLICK, "speed": 3}), "click has no field 'speed'; its fields are target, button"),
    "a field of another action": (acts({"action": "type", "text": "x", "target": [1, 2]}), "no field 'target'"),
    "an unknown field beside": ({**acts(CLICK), "plan": "x"}, "no field 'plan'; its fields are thought and actions"),
    "a field that is missing": (acts({"action": "type"}), "type needs text, which is missing"),
    "no actions": (acts(), "actions must be a list with an action in it"),
    "an action in words": (acts("click it"), "an action is an object, not 'click it'"),
    "words for a point": (acts({"action": "click", "target": "the OK button"}), "target must be two numbers"),
    "a point off the screen": (acts({"action": "click", "target": [1200, 5]}), "outside of 0..1000"),
    "a key that there is not": (acts({"action": "press", "keys": ["hyperspace"]}), "hyperspace"),
    "two keys down at once": (acts({"action": "key_down", "key": "ctrl+c"}), "one key"),
    "four clicks": (acts({**CLICK, "count": 4}), "count must be a whole number from 1 to 3, and is 4"),
    "a click and a half": (acts({**CLICK, "count": 1.5}), "count must be a whole number"),
    "an unknown button": (acts({**CLICK, "button": "upper"}), "the button is left, middle, right"),
    "an unknown direction": (acts({"action": "scroll", "direction": "north"}), "the direction is up, down"),
    "a scroll by less than nothing": (acts({"action": "scroll", "direction": "up", "clicks": -3}), "above 0"),
    "an unknown claim": (acts({"action": "finish", "claim": "success"}), "the claim is done, failed, infeasible"),
    "an answer that is a list": (acts({"action": "finish", "claim": "done", "answer": [1]}), "answer must be text"),
    "a path from nowhere": (acts({"action": "drag", "through": [[1, 2]], "to": [3, 4]}), "needs from"),
    "a path that is one point": (
        acts({"action": "drag", "from": [1, 2], "through": [3, 4], "to": [5, 6]}),
        "through",
    ),
    "prose": ("I would click on OK.", "there is no JSON object with an action in your reply"),
    "an object without an action": ('{"thought": "hm"}', "there is no JSON object with an action"),
    "a time before now": (acts({"action": "wait", "seconds": -1}), "seconds must not be negative"),
}


@pytest.mark.parametrize("case", STRICT)
def test_what_is_not_in_the_format_is_told_to_the_model(case: str) -> None:
    said, why = STRICT[case]
    assert why in read("json", said).problem


def test_what_is_wrong_in_a_list_stands_where_it_stood() -> None:
    found = items(read("json", acts(CLICK, {"action": "jump"}, CLICK)))
    assert [type(each) for each in found] == [Click, Invalid, Click]


WHOLE = json.dumps(acts(CLICK))
REPAIRED: dict[str, tuple[str, str]] = {
    "a comma too many": (WHOLE.replace("}]", "},]"), "read as a Python literal"),
    "Python's quotes": (str(acts(CLICK)), "read as a Python literal"),
    "a bracket too few": (WHOLE[:-1], "a closing bracket added"),
    "an action without its list": (json.dumps({"thought": "so", "action": CLICK}), "one action without its list"),
    "an action in the list's place": (json.dumps({"actions": CLICK}), "one action without its list"),
    "an action alone": (json.dumps({**CLICK, "thought": "so"}), "one action without its list"),
    "a box for a point": (WHOLE.replace("[500, 300]", "[490, 290, 510, 310]"), "target was a box"),
    "a point as text": (WHOLE.replace("[500, 300]", '"(500, 300)"'), "target came as text"),
}


@pytest.mark.parametrize("case", REPAIRED)
def test_what_is_certain_is_put_right_and_noted(case: str) -> None:
    said, note = REPAIRED[case]
    reading = read("json", said)
    assert items(reading) == [Click(at=at(500, 300))]
    assert any(note in each for each in reading.repaired), reading.repaired


@pytest.mark.parametrize(
    "around",
    ["```json\n{}\n```", "Here it is:\n{}", "<think>Maybe {{x}}?</think>\n{}", "{}<|im_end|>", "{}\n\nDone so far."],
    ids=["a fence", "words before", "a thought", "a token", "words after"],
)
def test_what_stands_around_the_object_does_not_matter(around: str) -> None:
    reading = read("json", around.replace("{{", "{").replace("}}", "}").replace("{}", WHOLE))
    assert items(reading) == [Click(at=at(500, 300))]
    assert not reading.repaired


def test_an_object_that_was_cut_off_is_never_completed() -> None:
    assert "cut off" in read("json", WHOLE[:-1], stop="length").problem
    assert "cut off" in read("json", WHOLE[:40], stop="length").problem


def test_of_several_objects_the_first_counts_and_the_others_are_told_of() -> None:
    reading = read("json", f"{WHOLE}\n{json.dumps(acts({'action': 'wait', 'seconds': 1}, CLICK))}")
    assert items(reading) == [Click(at=at(500, 300))]
    assert reading.dropped == 2


def test_of_several_objects_that_were_only_thought_the_last_counts() -> None:
    codec = codec_of("json")
    reply = Reply(thinking=f"Either {json.dumps(acts({'action': 'wait', 'seconds': 1}))} or rather {WHOLE}")
    reading = codec.read(reply, codec.frame(SCREEN, SCREEN))
    assert items(reading) == [Click(at=at(500, 300))]
    assert any("reasoning" in each for each in reading.repaired)


@pytest.mark.parametrize(
    "call",
    [Call("c1", "act", acts(CLICK)), Call("c1", "click", {"target": [500, 300]})],
    ids=["the object as arguments", "the action as a function"],
)
def test_a_server_that_makes_a_tool_call_of_it_is_understood(call: Call) -> None:
    reading = read("json", "", calls=(call,))
    assert reading.wanted[0].item == Click(at=at(500, 300))
    assert reading.wanted[0].call == "c1"
    assert any("tool call" in each for each in reading.repaired)


def test_one_action_at_a_time_when_it_is_asked_for() -> None:
    reading = read("json(batch=first)", acts(CLICK, CLICK, CLICK))
    assert (len(reading.wanted), reading.dropped) == (1, 2)
    with pytest.raises(ValueError, match="1 to 1 things"):
        codec_of("json(batch=first)").write([Wait(), Wait()], codec_of("json").frame(SCREEN, SCREEN))


def test_no_more_than_twenty_actions_are_taken_from_a_reply() -> None:
    reading = read("json", acts(*[CLICK] * 25))
    assert (len(reading.wanted), reading.dropped) == (20, 5)


@pytest.mark.parametrize(
    ("spec", "said", "point"),
    [
        ("json(space=pixels)", [960, 544], at(960, 544)),
        ("json(divisor=999)", [999, 999], at(1919, 1079)),
        ("json(divisor=1)", [0.5, 0.25], at(960, 270)),
        ("json", [500, 250], at(960, 270)),
        ("json(space=pixels,edge=960)", [480, 270], at(960, 540)),
    ],
    ids=["pixels", "999", "fractions", "thousandths", "pixels of a smaller picture"],
)
def test_a_point_counts_as_the_options_say(spec: str, said: list[float], point: Point) -> None:
    codec, screen = codec_of(spec), Size(width=1920, height=1080)
    reply = Reply(text=json.dumps(acts({"action": "hover", "target": said})))
    assert items(codec.read(reply, codec.frame(screen, codec.fit(screen)))) == [Move(at=point)]


@pytest.mark.parametrize(
    "spec", ["json(space=polar)", "json(batch=some)", "json(divisor=0)", "json(edge=0)", "internvl(pictures=0)",
             "holo(factor=0)", "holo15(most_pixels=1)"],
)  # fmt: skip
def test_an_option_out_of_range_is_bad_input(spec: str) -> None:
    with pytest.raises(BadInput):
        codec_of(spec)


@pytest.mark.parametrize(
    "action",
    [
        {**CLICK, "button": "right", "count": 2, "keys": ["ctrl"]},
        {"action": "hover", "target": [1, 2]},
        {"action": "drag", "from": [1, 2], "to": [3, 4], "keys": ["shift"]},
        {"action": "scroll", "direction": "down", "clicks": 3, "target": [1, 2]},
        {"action": "type", "text": "milk"},
        {"action": "press", "keys": ["ctrl", "s"], "times": 2, "seconds": 1},
        {"action": "wait", "seconds": 2},
        {"action": "finish", "claim": "failed", "answer": "no"},
    ],
    ids=lambda action: str(action["action"]),
)
def test_the_words_are_those_of_the_planners(action: dict[str, object]) -> None:
    plan = read_plan(Reply(text=json.dumps(acts(action))))
    assert not isinstance(plan, str), plan
    assert not plan.repaired
    assert not read("json", acts(action)).problem


def words(messages: tuple[Message, ...]) -> str:
    return "\n".join(part.text for message in messages for part in message.parts if isinstance(part, Text))


def pictures(messages: tuple[Message, ...]) -> int:
    return sum(isinstance(part, Picture) for message in messages for part in message.parts)


def talk(codec: Codec, turns: int) -> Talk:
    """An episode in which it waited so often."""
    frame = codec.frame(SCREEN, SCREEN)
    told = Told(frame, Picture(b"png", SCREEN))
    replies = [codec.write([Wait(seconds=number)], frame, f"thought {number}") for number in range(turns)]
    went = tuple(Turn(told, reply, codec.read(reply, frame)) for reply in replies)
    return Talk(goal="Buy {milk} for {width}", told=told, turns=went)


@pytest.mark.parametrize("family", ACTING)
def test_no_place_of_a_prompt_is_left_open_and_the_goal_is_told_as_it_is(family: str) -> None:
    messages = codec_of(family).messages(talk(codec_of(family), 0))
    assert "Buy {milk} for {width}" in words(messages)
    assert set(re.findall(r"\{[a-z_]+\}", words(messages))) == {"{milk}", "{width}"}


@pytest.mark.parametrize("family", ACTING)
def test_the_example_of_the_prompt_and_of_the_reminder_can_be_read(family: str) -> None:
    codec = codec_of(family)
    frame = codec.frame(SCREEN, SCREEN)
    told = Told(frame, None, problem="there is no call")
    first = talk(codec, 1)
    reminded = words(codec.messages(Talk(first.goal, told, first.turns)))
    example = reminded.rpartition("like this one: ")[2]
    assert items(codec.read(Reply(text=example), frame)) == [Wait(seconds=1.0)]
    if family != "holo":
        (shown,) = re.findall(r'^\{"thought".*$', words(codec.messages(talk(codec, 0))), re.M)
        assert items(codec.read(Reply(text=shown), frame)) == [Click(at=at(500, 500))]


@pytest.mark.parametrize("family", ["json", "internvl"])
def test_every_action_that_the_prompt_names_is_one_and_none_is_left_out(family: str) -> None:
    named = set(re.findall(r'\{"action": "([a-z_]+)"', prompt("json_actions")))
    read_ones = {name for name in named if "no action" not in read(family, acts({"action": name})).problem}
    assert named == read_ones
    asked = {"click", "hover", "drag", "scroll", "type", "press", "wait", "finish"}
    assert named == asked | {"key_down", "key_up", "mouse_down", "mouse_up"}


@pytest.mark.parametrize(("family", "most"), [("json", 3), ("internvl", 3), ("holo", 5)])
def test_only_the_last_screens_are_sent_and_the_older_steps_are_told(family: str, most: int) -> None:
    codec = codec_of(family)
    messages = codec.messages(talk(codec, 8))
    assert pictures(messages) == most
    assert all(f"thought {number}" in words(messages) for number in range(8))


def test_what_was_not_carried_out_is_told_with_the_action() -> None:
    codec = codec_of("json")
    first = talk(codec, 1)
    wanted: Wanted = first.turns[0].reading.wanted[0]
    told = Told(first.told.frame, first.told.picture, (Outcome(wanted, said="the wheel is stuck", failed=True),))
    said = words(codec.messages(Talk(first.goal, told, first.turns)))
    assert 'not carried out: {"action": "wait", "seconds": 0}' in said
    assert "the wheel is stuck" in said


def test_a_prompt_of_ones_own_takes_the_same_places() -> None:
    codec, first = codec_of("json(space=pixels)"), talk(codec_of("json"), 0)
    own = Talk(first.goal, Told(codec.frame(SCREEN, SCREEN), None), prompt="{width}x{height} {several} <{goal}>")
    said = words(codec.messages(own))
    assert said.startswith("1000x1000 Several actions may stand")
    assert "<Buy {milk} for {width}>" in said


HOLO: dict[str, tuple[dict[str, object], Item]] = {
    "a click": ({"action": "click", "element": "OK", "x": 5, "y": 6}, Click(at=at(5, 6))),
    "a drag": (
        {"action": "drag", "element": "it", "x": 1, "y": 2, "to_x": 3, "to_y": 4, "keys": ["ctrl"]},
        Drag(path=(at(1, 2), at(3, 4)), holding=("ctrl",)),
    ),
    "a scroll where the pointer is": ({"action": "scroll", "direction": "down", "clicks": 2}, Scroll(dy=2)),
    "a scroll over something": (
        {"action": "scroll", "direction": "down", "element": "list", "x": 7, "y": 8},
        Scroll(at=at(7, 8), dy=5),
    ),
    "the end": ({"action": "finish", "claim": "infeasible"}, Finish(claim="infeasible")),
}


@pytest.mark.parametrize("case", HOLO)
def test_holo_says_one_action_by_its_schema(case: str) -> None:
    action, meant = HOLO[case]
    reading = read("holo", {"note": "remember", "thought": "so", "action": action})
    assert items(reading) == [meant]
    assert reading.intent == "so"
    assert not reading.repaired


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"action": {"action": "click", "x": 5}}, "click needs y"),
        ({"action": {"action": "scroll", "direction": "up", "x": 5}}, "one of x and y"),
        ({"action": {"action": "click", "target": [1, 2]}}, "no field 'target'"),
        ({"action": {"action": "drag", "x": 1, "y": 2}}, "drag needs to_x"),
        ({"action": "click", "element": "OK"}, "click needs x"),
        ({"action": ["click"]}, "action must be an object"),
        ({"note": "", "plan": "", "action": {"action": "wait", "seconds": 1}}, "no field 'plan'"),
    ],
    ids=["half a point", "half a place", "another format's field", "no end", "no place", "a list", "a field beside"],
)
def test_holo_is_told_what_its_schema_does_not_have(said: object, why: str) -> None:
    assert why in read("holo", said).problem


def test_the_schema_of_holos_prompt_has_the_actions_that_are_read() -> None:
    consts = set(re.findall(r'"action": \{"const": "([a-z_]+)"', prompt("holo")))
    enums = {name for found in re.findall(r'"action": \{"enum": \[([^]]+)\]', prompt("holo"))
             for name in re.findall(r"[a-z_]+", found)}  # fmt: skip
    wrong = {name for name in consts | enums if "no action" in read("holo", {"action": {"action": name}}).problem}
    assert not wrong
    assert len(consts | enums) == 12


POINTS: dict[str, tuple[str, str, Point | None]] = {
    "json, its own": ("json", '{"target": [250, 550]}', at(250, 550)),
    "json, a click": ("json", WHOLE, at(500, 300)),
    "json, a pair": ("json", "It is at (250, 550).", at(250, 550)),
    "json, not there": ("json", '{"target": null}', None),
    "json, nothing": ("json", "", None),
    "internvl, a box": ("internvl", "[[250, 500, 350, 600]]", at(300, 550)),
    "internvl, a box with its name": ("internvl", "<ref>OK</ref><box>[[250, 500, 350, 600]]</box>", at(300, 550)),
    "internvl, none": ("internvl", "none", None),
    "holo, a pair": ("holo", '{"x": 250, "y": 550}', at(250, 550)),
    "holo, a brace": ("holo", "{", None),
}


@pytest.mark.parametrize("case", POINTS)
def test_a_place_is_read_in_the_familys_own_form(case: str) -> None:
    family, said, meant = POINTS[case]
    codec = codec_of(family)
    found = codec.read_point(Reply(text=said), codec.frame(SCREEN, SCREEN))
    if meant is None:
        assert isinstance(found, str)
        assert found
    else:
        assert found == meant


@pytest.mark.parametrize("family", ["json", "internvl", "holo", "holo15"])
def test_a_description_is_asked_about_as_it_is(family: str) -> None:
    codec = codec_of(family)
    messages = codec.pointing(Picture(b"png", SCREEN), "the {divisor} button", codec.frame(SCREEN, SCREEN))
    assert "the {divisor} button" in words(messages)
    assert set(re.findall(r"\{[a-z_]+\}", words(messages))) == {"{divisor}"}
    assert [type(part) for part in messages[-1].parts] == [Picture, Text]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Click(966, 546)", at(960, 540)), ('{"action": "click_absolute", "x": 966, "y": 546}', at(960, 540)),
     ("{", "truncated: it says only '{'")],
    ids=["a call", "JSON", "a brace alone"],
)  # fmt: skip
def test_holo15_points_in_pixels_of_the_resized_picture(said: str, meant: Point | str) -> None:
    codec, screen = codec_of("holo15"), Size(width=1920, height=1080)
    assert codec.fit(screen) == Size(width=1932, height=1092)
    assert codec.read_point(Reply(text=said), codec.frame(screen, codec.fit(screen))) == meant
