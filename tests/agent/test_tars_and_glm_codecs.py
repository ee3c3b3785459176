"""UI-TARS 1.0, 1.5 and 2, and GLM: what their replies mean in every dress, and what they are sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.codecs.base import Codec, Consult, Invalid, Item, Look
from agent.codecs.glm import glm
from agent.codecs.uitars import uitars
from agent.codecs.uitars2 import uitars2
from agent.codecs.uitars15 import uitars15
from agent.frame import Frame
from agent.looking import grey
from agent.models.base import Call, Reply, Text
from envs.types import (
    SCREEN,
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
    Type,
    Wait,
)

CODECS: dict[str, Codec] = {"uitars": uitars(), "uitars15": uitars15(), "uitars2": uitars2(), "glm": glm()}
AT = Point(x=960, y=270)
LEFT = "left_click(start_box='[500,250]')"
BEGIN, END = "<|begin_of_box|>", "<|end_of_box|>"


def frame(codec: Codec) -> Frame:
    return codec.frame(SCREEN, codec.fit(SCREEN))


def items(family: str, reply: Reply | str) -> list[Item]:
    codec = CODECS[family]
    said = Reply(text=reply) if isinstance(reply, str) else reply
    return [each.item for each in codec.read(said, frame(codec)).wanted]


def seed(*functions: str) -> str:
    return f"<gui_think>so</gui_think>\n<seed:tool_call>{''.join(functions)}</seed:tool_call>"


def function(name: str, **values: str) -> str:
    inside = "".join(f"<parameter={key}>{value}</parameter>" for key, value in values.items())
    return f"<function={name}>{inside}</function>"


TARS = {
    "a point in round brackets": ("click(start_box='(500,250)')", [Click(at=AT)]),
    "a point without a comma": ("click(start_box='(500 250)')", [Click(at=AT)]),
    "a point between box tokens": ("click(start_box='<|box_start|>(500,250)<|box_end|>')", [Click(at=AT)]),
    "a point in a tag": ("click(point='<point>500 250</point>')", [Click(at=AT)]),
    "a box in a tag": ("left_double(start_box='<bbox>400 200 600 300</bbox>')", [Click(at=AT, count=2)]),
    "a box in brackets": ("right_single(start_box='[400,200,600,300]')", [Click(at=AT, button="right")]),
    "a start_point for a start_box": ("click(start_point='(500,250)')", [Click(at=AT)]),
    "a value without its name": ("click('(500,250)')", [Click(at=AT)]),
    "a list without quotes": ("click(start_box=[500, 250])", [Click(at=AT)]),
    "a hover": ("hover(start_box='(500,250)')", [Move(at=AT)]),
    "a drag by points": (
        "drag(start_point='<point>500 250</point>', end_point='<point>0 0</point>')",
        [Drag(path=(AT, Point(x=0, y=0)))],
    ),
    "a scroll at a point": ("scroll(start_box='(500,250)', direction='up')", [Scroll(at=AT, dy=-5)]),
    "a scroll where the pointer is": ("scroll(direction='right')", [Scroll(dx=5)]),
    "keys apart by blanks": ("hotkey(key='ctrl shift t')", [Press(keys=("ctrl", "shift", "t"))]),
    "an arrow by a browser's name": ("hotkey(key='arrowleft')", [Press(keys=("left",))]),
    "a mac's key": ("hotkey(key='cmd space')", [Press(keys=("super", "space"))]),
    "a key of two words": ("hotkey(key='page down')", [Press(keys=("pagedown",))]),
    "a key named again and again": ("hotkey(key='down down')", [Press(keys=("down",))] * 2),
    "a key held and released": (
        "press(key='shift')\n\nrelease(key='shift')",
        [KeyDown(key="shift"), KeyUp(key="shift")],
    ),
    "quotes that are escaped": (r"type(content='it\'s')", [Type(text="it's")]),
    "quotes that are not": ("type(content='it's 'so', ok')", [Type(text="it's 'so', ok")]),
    "a quote at the text's end": ("type(content='the dogs'')", [Type(text="the dogs'")]),
    "brackets in the text": ("type(content='=SUM(A1:A9)')", [Type(text="=SUM(A1:A9)")]),
    "an escaped line break at the end": (r"type(content='hello\n')", [Type(text="hello\n")]),
    "a bare line break at the end": ("type(content='hello\n')", [Type(text="hello\n")]),
    "line breaks in the text": ("type(content='one\ntwo')", [Type(text="one\ntwo")]),
    "a path": (r"type(content='C:\\new\\table')", [Type(text="C:\\new\\table")]),
    "text that looks like a reply": (
        "type(content='Action: click(start_box='(1,2)')')",
        [Type(text="Action: click(start_box='(1,2)')")],
    ),
    "actions apart by an empty line": (
        "click(start_box='(500,250)')\n\ntype(content='it's')\n\nwait()",
        [Click(at=AT), Type(text="it's"), Wait(seconds=5)],
    ),
    "actions on one line": ("click(start_box='(500,250)'); wait()", [Click(at=AT), Wait(seconds=5)]),
    "a call told of after the action": ("click(start_box='(500,250)') so that I can wait() then", [Click(at=AT)]),
    "a token left at the end": ("click(start_box='(500,250)')<|im_end|>", [Click(at=AT)]),
    "a code span": ("`click(start_box='(500,250)')`", [Click(at=AT)]),
    "a wait": ("wait()", [Wait(seconds=5)]),
    "a question to the user": ("call_user()", [Consult()]),
    "the end": ("finished()", [Finish()]),
    "the end with an answer": ("finished(content='42')", [Finish(answer="42")]),
    "what nobody could do": (
        "finished(content='INFEASIBLE: no such shop')",
        [Finish(claim="infeasible", answer="no such shop")],
    ),
    "giving up": ("finished(content='FAILED: lost')", [Finish(claim="failed", answer="lost")]),
    "failing only in the answer": (
        "finished(content='2 tests FAILED: a, b')",
        [Finish(answer="2 tests FAILED: a, b")],
    ),
    "what comes after the end": ("finished()\n\nwait()", [Finish()]),
}


@pytest.mark.parametrize(("acts", "meant"), TARS.values(), ids=TARS)
@pytest.mark.parametrize("around", ["Action: {}", "Thought: I look at (1, 2) and wait() first.\nAction: {}"])
def test_a_reply_of_ui_tars_means(around: str, acts: str, meant: list[Item]) -> None:
    assert items("uitars", around.format(acts)) == meant


AROUND = {
    "a reflection before the thought": "Reflection: good.\nThought: go on\nAction: wait()",
    "bold labels": "**Thought:** go on\n**Action:** wait()",
    "all on one line": "Thought: go on Action: wait()",
    "no label at all": "wait()",
    "the last of two actions": "Action: click(start_box='(1,2)')\nThought: no\nAction: wait()",
    "the last one, behind a text without escapes": "Action: type(content='it's')\nAction: wait()",
}


@pytest.mark.parametrize("text", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("part", ["text", "thinking"])
def test_the_action_of_ui_tars_is_found(text: str, part: str) -> None:
    reply = Reply(text=text) if part == "text" else Reply(thinking=text)
    assert items("uitars", reply) == [Wait(seconds=5)]


NOT_TARS = {
    "nothing": ("", "no action"),
    "only a thought": ("Thought: hm", "no action"),
    "a call that is only told of": ("Thought: then finished(content='x') is next", "no action"),
    "an action there is not": ("Action: jump(start_box='(1,2)')", "no action 'jump'"),
    "a near name": ("Action: clik(start_box='(1,2)')", "'click'"),
    "code": ("Action: import os; os.system('true')", "no action"),
    "no place": ("Action: click()", "start_box is missing"),
    "three numbers": ("Action: click(start_box='(1,2,3)')", "two numbers"),
    "words for a place": ("Action: click(start_box='the button')", "two numbers"),
    "a place off the screen": ("Action: click(start_box='(500,2000)')", "outside"),
    "a place left of the screen": ("Action: click(start_box='(-20,5)')", "outside"),
    "an unknown key": ("Action: hotkey(key='hyperspace')", "hyperspace"),
    "two keys to hold": ("Action: press(key='ctrl c')", "one key"),
    "no direction": ("Action: scroll(start_box='(1,2)')", "direction"),
    "a text without its end": ("Action: type(content='hello (wor", "not complete"),
    "a text of which the end is lost": ("Action: type(content='hello (world)", "does not end"),
    "a text that no key gives": ("Action: type(content='a\x07')", "U+0007"),
}


@pytest.mark.parametrize(("text", "why"), NOT_TARS.values(), ids=NOT_TARS)
def test_what_ui_tars_cannot_have_says_why(text: str, why: str) -> None:
    (item,) = items("uitars", text)
    assert isinstance(item, Invalid)
    assert why in item.reason


SEED = {
    "several functions in one call": (
        seed(function("click", point="<point>500 250</point>"), function("type", content="hi\n")),
        [Click(at=AT), Type(text="hi\n")],
    ),
    "several calls": (
        seed(function("wait")) + seed(function("hotkey", key="ctrl c"))[26:],
        [Wait(seconds=5), Press(keys=("ctrl", "c"))],
    ),
    "names in attributes": (
        '<seed:tool_call><function name="click"><parameter name="point" string="true"><point>500 250</point>'
        "</parameter></function></seed:tool_call>",
        [Click(at=AT)],
    ),
    "a thought that does not end": (
        f"<gui_think>I click and wait {seed(function('click', point='500 250'), function('wait', time='2'))[26:]}",
        [Click(at=AT), Wait(seconds=2)],
    ),
    "a value on lines of its own": (seed(function("type", content="\nhi\n")), [Type(text="hi")]),
    "an escaped line break at the end": (seed(function("type", content="hi\\n")), [Type(text="hi\n")]),
    "a path": (seed(function("type", content="C:\\new\\table")), [Type(text="C:\\new\\table")]),
    "tags in the text": (
        seed(function("type", content="</tool_call> <b>x</b> <think>")),
        [Type(text="</tool_call> <b>x</b> <think>")],
    ),
    "a parameter without its end": (
        "<seed:tool_call><function=type><parameter=content>hi</function>",
        [Type(text="hi")],
    ),
    "a call in words": ("Action: click(point='<point>500 250</point>')", [Click(at=AT)]),
    "a move": (seed(function("move_to", point="<point>500 250</point>")), [Move(at=AT)]),
    "a button held": (
        seed(function("mouse_down", point="<point>500 250</point>"), function("mouse_up", button="left")),
        [MouseDown(at=AT), MouseUp()],
    ),
    "a scroll": (seed(function("scroll", direction="down")), [Scroll(dy=5)]),
    "a look": (seed(function("take_screenshot")), [Look()]),
    "a question": (seed(function("call_user", content="Which?")), [Consult(text="Which?")]),
    "the end": (seed(function("finished", content="42")), [Finish(answer="42")]),
}


@pytest.mark.parametrize(("text", "meant"), SEED.values(), ids=SEED)
def test_a_reply_of_ui_tars_2_means(text: str, meant: list[Item]) -> None:
    assert items("uitars2", text) == meant


def test_a_value_that_does_not_end_is_not_typed() -> None:
    (item,) = items("uitars2", "<seed:tool_call><function=type><parameter=content>half of wha")
    assert isinstance(item, Invalid)
    assert "does not end" in item.reason


def test_calls_that_the_server_took_out_of_the_text_are_read() -> None:
    calls = (
        Call("1", "click", {"point": "<point>500 250</point>"}),
        Call("2", "wait", {"time": 2}),
    )
    reading = CODECS["uitars2"].read(Reply(calls=calls, stop="calls"), frame(CODECS["uitars2"]))
    assert [(each.item, each.call) for each in reading.wanted] == [(Click(at=AT), "1"), (Wait(seconds=2), "2")]
    assert reading.wanted[0].raw == function("click", point="<point>500 250</point>")


GLM_AT = Point(x=961, y=270)
GLM = {
    "a box": (f"I click.\n{BEGIN}{LEFT}{END}\nMemory:\n[]", [Click(at=GLM_AT)]),
    "two brackets": (f"{BEGIN}left_double_click(start_box='[[500,250]]'){END}", [Click(at=GLM_AT, count=2)]),
    "round brackets": (f"{BEGIN}right_click(start_box='(500, 250)'){END}", [Click(at=GLM_AT, button="right")]),
    "pointed brackets": (f"{BEGIN}middle_click(start_box='<500,250>'){END}", [Click(at=GLM_AT, button="middle")]),
    "no quotes": (f"{BEGIN}hover(start_box=[500,250]){END}", [Move(at=GLM_AT)]),
    "a bracket in the words about it": (
        f"{BEGIN}left_click(start_box='[500,250]', element_info='Save (Ctrl+S)'){END}",
        [Click(at=GLM_AT)],
    ),
    "a quote in the words about it": (
        f"{BEGIN}left_click(start_box='[500,250]', element_info='it's (so)'){END}\nMemory:\n[(1)]",
        [Click(at=GLM_AT)],
    ),
    "no box": (f"I click.\n{LEFT}\nMemory:\n[]", [Click(at=GLM_AT)]),
    "a label": (f"Action: {LEFT}", [Click(at=GLM_AT)]),
    "amid words": (f"I use {LEFT} now.", [Click(at=GLM_AT)]),
    "the rest of a box": (f"{LEFT}{END}", [Click(at=GLM_AT)]),
    "a memory that is no JSON": (
        f"{BEGIN}WAIT(){END}\nMemory:\n[{{'a': \"left_click(start_box='[1,1]')\"]",
        [Wait(seconds=5)],
    ),
    "a call in a thought and one said": (f"<think>{LEFT}?</think>{BEGIN}WAIT(){END}", [Wait(seconds=5)]),
    "a drag": (
        f"{BEGIN}left_drag(start_box='[500,250]', end_box='[0,0]'){END}",
        [Drag(path=(GLM_AT, Point(x=0, y=0)))],
    ),
    "a scroll of five": (f"{BEGIN}scroll(start_box='[500,250]', direction='down'){END}", [Scroll(at=GLM_AT, dy=5)]),
    "a scroll": (f"{BEGIN}scroll(start_box='[500,250]', direction='up', step=3){END}", [Scroll(at=GLM_AT, dy=-3)]),
    "keys": (f"{BEGIN}key(keys='ctrl+shift+t'){END}", [Press(keys=("ctrl", "shift", "t"))]),
    "a plus": (f"{BEGIN}key(keys='ctrl++'){END}", [Press(keys=("ctrl", "+"))]),
    "a bracket in the text": (f"{BEGIN}type(content='f(x)=1'){END}", [Type(text="f(x)=1")]),
    "quotes in the text": (
        f"{BEGIN}type(content='it's (ok)'){END}\nMemory:\n[{{'a': (1)}}]",
        [Type(text="it's (ok)")],
    ),
    "done": (f"{BEGIN}DONE(){END}", [Finish()]),
    "done with an answer": (f"{BEGIN}DONE(content='42'){END}", [Finish(answer="42")]),
    "what nobody could do": (f"{BEGIN}FAIL(){END}", [Finish(claim="infeasible")]),
    "why nobody could": (f"{BEGIN}FAIL(content='no shop'){END}", [Finish(claim="infeasible", answer="no shop")]),
    "giving up": (f"{BEGIN}FAIL(content='FAILED: lost'){END}", [Finish(claim="failed", answer="lost")]),
}


@pytest.mark.parametrize(("text", "meant"), GLM.values(), ids=GLM)
def test_a_reply_of_glm_means(text: str, meant: list[Item]) -> None:
    assert items("glm", text) == meant


NOT_GLM = {
    "nothing": ("", "no action"),
    "only a memory": ("Memory:\n[left_click(start_box='[1,1]')]", "no action"),
    "an end that is only told of": ("When it is there I say DONE().", "no action"),
    "an action there is not": (f"{BEGIN}leap(start_box='[1,1]'){END}", "no action 'leap'"),
    "no place": (f"{BEGIN}left_click(element_info='Save'){END}", "start_box is missing"),
    "a place off the screen": (f"{BEGIN}left_click(start_box='[5,2000]'){END}", "outside"),
    "a scroll by nothing": (f"{BEGIN}scroll(start_box='[5,5]', direction='up', step=0){END}", "step"),
    "a text without its end": (f"{BEGIN}type(content='hello (wor", "not complete"),
}


@pytest.mark.parametrize(("text", "why"), NOT_GLM.values(), ids=NOT_GLM)
def test_what_glm_cannot_have_says_why(text: str, why: str) -> None:
    (item,) = items("glm", text)
    assert isinstance(item, Invalid)
    assert why in item.reason


CUT = {
    "uitars": "Action: wait()\n\ntype(content='it's hal",
    "uitars2": f"<seed:tool_call>{function('wait')}<function=type><parameter=content>hal",
    "glm": f"{BEGIN}WAIT(){END}\nMemory:\n[{{'a': ",
}


@pytest.mark.parametrize("family", CUT)
def test_of_a_reply_that_was_cut_off_only_what_is_complete_is_done(family: str) -> None:
    first, *rest = items(family, Reply(text=CUT[family], stop="length"))
    assert first == Wait(seconds=5)
    assert all(isinstance(item, Invalid) for item in rest)


@pytest.mark.parametrize("family", CODECS)
def test_a_reply_that_was_cut_off_before_any_action_says_so(family: str) -> None:
    (item,) = items(family, Reply(text="I think that", stop="length"))
    assert isinstance(item, Invalid)
    assert "cut off" in item.reason


def test_only_the_first_of_several_is_done_where_that_is_the_rule() -> None:
    first = uitars(batch="first")
    reading = first.read(Reply(text="Action: wait()\n\nwait()\n\nwait()"), frame(first))
    assert ([each.item for each in reading.wanted], reading.dropped) == ([Wait(seconds=5)], 2)
    reading = glm().read(Reply(text=f"{BEGIN}WAIT(){END}\n{BEGIN}{LEFT}{END}"), frame(glm()))
    assert ([each.item for each in reading.wanted], reading.dropped) == ([Wait(seconds=5)], 1)


def test_what_had_to_be_put_right_is_noted_and_what_is_its_own_form_is_not() -> None:
    def repaired(family: str, text: str) -> tuple[str, ...]:
        return CODECS[family].read(Reply(text=text), frame(CODECS[family])).repaired

    assert repaired("uitars", "Action: click(start_box='(1,2)')\n\nhotkey(key='ctrl c')") == ()
    assert repaired("uitars", "Action: type(content='it's')") == ("quotes not escaped",)
    assert repaired("uitars", "wait()") == ("no Action: before it",)
    assert repaired("uitars", "Action: double_click(start_box='(1,2)')") == ("double_click taken for left_double",)
    assert repaired("uitars2", seed(function("click", point="<point>1 2</point>"))) == ()
    assert repaired("glm", f"{BEGIN}key(keys='ctrl+c'){END}\nMemory:\n[]") == ()
    assert repaired("glm", f"I use {LEFT} now.") == ("a call amid words",)


def test_a_thought_and_an_intent_are_its_own_words() -> None:
    reading = CODECS["uitars"].read(Reply(text="Thought: first\nthen this\nAction: wait()"), frame(CODECS["uitars"]))
    assert (reading.thought, reading.intent) == ("first\nthen this", "then this")
    reading = CODECS["glm"].read(Reply(text=f"I click.\n{BEGIN}{LEFT}{END}", thinking="hm"), frame(CODECS["glm"]))
    assert (reading.thought, reading.intent) == ("hm\nI click.", "I click.")


POINTS = {
    "a click": ("uitars", "Action: click(start_box='(500,250)')", AT),
    "a bare point": ("uitars", "(500,250)", AT),
    "a box between tokens": ("uitars", "<|box_start|>(400,200),(600,300)<|box_end|>", AT),
    "pixels of the resized picture": ("uitars15", "Action: click(start_box='(966,273)')", AT),
    "a function": ("uitars2", seed(function("click", point="<point>500 250</point>")), AT),
    "a point in a tag": ("uitars2", "<point>500 250</point>", AT),
    "GLM's click": ("glm", LEFT, GLM_AT),
    "GLM's box": ("glm", f"There: {BEGIN}[[400,200,600,300]]{END}", GLM_AT),
}


@pytest.mark.parametrize(("family", "text", "meant"), POINTS.values(), ids=POINTS)
def test_a_point_is_read(family: str, text: str, meant: Point) -> None:
    assert CODECS[family].read_point(Reply(text=text), frame(CODECS[family])) == meant


@pytest.mark.parametrize("family", CODECS)
def test_no_point_is_a_reason_and_never_the_corner(family: str) -> None:
    codec = CODECS[family]
    for text in ("", "I see nothing.", "Action: wait()", "Action: click(start_box='(9000,9000)')"):
        found = codec.read_point(Reply(text=text), frame(codec))
        assert isinstance(found, str)
        assert found


@pytest.mark.parametrize("family", CODECS)
def test_it_is_asked_to_point_with_the_picture_before_the_words(family: str) -> None:
    picture = grey(SCREEN)
    messages = CODECS[family].pointing(picture, "the Save button", frame(CODECS[family]))
    assert messages[-1].role == "user"
    assert messages[-1].parts[0] is picture
    assert isinstance(messages[-1].parts[-1], Text)
    assert "the Save button" in messages[-1].parts[-1].text


@pytest.mark.parametrize("family", ["uitars", "glm"])
def test_a_text_with_any_quotes_and_brackets_is_typed_though_nothing_is_escaped(family: str) -> None:
    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(st.text(alphabet="ab'\"(), ;", min_size=1))
    def holds(text: str) -> None:
        before, after = ("Thought: it's (so).\nAction: ", "") if family == "uitars" else (f"It's (so).\n{BEGIN}", END)
        assert items(family, f"{before}type(content='{text}'){after}") == [Type(text=text)]

    holds()
