"""OpenAI's codec: every action of the computer tool, one picture a call, safety checks, endings."""

from __future__ import annotations

import pytest

from agent.codecs.base import Invalid, Look, Outcome, Reading, Talk, Told, Turn, Wanted
from agent.codecs.openai import openai
from agent.models.base import Call, Picture, Reply, Result, SafetyCheck, Text
from envs.types import SCREEN, Click, Drag, Finish, KeyDown, Move, Point, Press, Scroll, Size, Type, Wait

CODEC = openai()
FRAME = CODEC.frame(SCREEN, SCREEN)


def call(*actions, ident="c1"):
    return Call(ident, "computer", {"actions": list(actions)})


def items(*actions):
    reading = CODEC.read(Reply(calls=(call(*actions),), stop="calls"), FRAME)
    return [wanted.item for wanted in reading.wanted]


def p(x, y):
    return Point(x=x, y=y)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"type": "click", "x": 5, "y": 6, "button": "left"}, Click(at=p(5, 6))),
        (
            {"type": "click", "x": 5, "y": 6, "button": "wheel", "keys": ["CTRL"]},
            Click(at=p(5, 6), button="middle", holding=("ctrl",)),
        ),
        ({"type": "click", "x": 5, "y": 6, "button": "back"}, Click(at=p(5, 6), button="back")),
        ({"type": "click", "x": 5, "y": 6, "button": "forward"}, Click(at=p(5, 6), button="forward")),
        ({"type": "double_click", "x": 5, "y": 6, "keys": None}, Click(at=p(5, 6), count=2)),
        ({"type": "move", "x": 5, "y": 6}, Move(at=p(5, 6))),
        ({"type": "drag", "path": [{"x": 1, "y": 2}, [3, 4]]}, Drag(path=(p(1, 2), p(3, 4)))),
        ({"type": "scroll", "x": 9, "y": 9, "scroll_x": 0, "scroll_y": -250}, Scroll(at=p(9, 9), dy=-3)),
        ({"type": "scroll", "x": 9, "y": 9, "scroll_x": 20, "scroll_y": 700}, Scroll(at=p(9, 9), dx=1, dy=7)),
        ({"type": "keypress", "keys": ["META", "ARROWLEFT"]}, Press(keys=("super", "left"))),
        ({"type": "keypress", "keys": ["CTRL", "A"]}, Press(keys=("ctrl", "a"))),
        ({"type": "keypress", "keys": ["PAGEUP"]}, Press(keys=("pageup",))),
        ({"type": "keypress", "keys": ["+"]}, Press(keys=("+",))),
        ({"type": "type", "text": "hällo\n"}, Type(text="hällo\n")),
        ({"type": "wait"}, Wait(seconds=2)),
        ({"type": "screenshot"}, Look()),
    ],
    ids=lambda value: str(value.get("type")) if isinstance(value, dict) else None,
)
def test_an_action_is_read(action, expected):
    assert items(action) == [expected]


def test_actions_of_a_call_are_kept_in_order_and_the_old_single_action_is_one():
    assert [type(item) for item in items({"type": "wait"}, {"type": "move", "x": 1, "y": 1})] == [Wait, Move]
    old = Reply(calls=(Call("c", "computer", {"action": {"type": "wait"}}),), stop="calls")
    assert [wanted.item for wanted in CODEC.read(old, FRAME).wanted] == [Wait(seconds=2)]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"type": "click", "x": 5000, "y": 1}, "outside"),
        ({"type": "click", "x": 5}, "y is missing"),
        ({"type": "click", "x": 5, "y": 6, "button": "third"}, "third"),
        ({"type": "drag", "path": [{"x": 1, "y": 2}]}, "two points"),
        ({"type": "keypress", "keys": []}, "no key"),
        ({"type": "keypress", "keys": ["BOGUS"]}, "BOGUS"),
        ({"type": "keypress", "keys": "CTRL"}, "list"),
        ({"type": "type", "text": "\0"}, "U+0000"),
        ({"type": "triple_click", "x": 1, "y": 1}, "triple_click"),
        ("click", "click"),
    ],
    ids=str,
)
def test_what_cannot_be_carried_out_says_why(action, reason):
    (item,) = items(action)
    assert isinstance(item, Invalid)
    assert reason in item.reason


@pytest.mark.parametrize(
    "item",
    [
        Click(at=p(0, 1079), button="middle", holding=("ctrl", "shift")),
        Click(at=p(1919, 0), count=2),
        Drag(path=(p(1, 2), p(3, 4), p(5, 6)), holding=("alt",)),
        Scroll(at=p(1, 1), dx=-30, dy=7),
        Press(keys=("super", "left")),
        Press(keys=("ctrl", "+")),
        Press(keys=("enter",)),
        Type(text="ü 💡\n"),
        Wait(seconds=2),
        Look(),
        Finish(claim="infeasible", answer="no printer"),
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_is_written_reads_back(item):
    assert [each.item for each in CODEC.read(CODEC.write([item], FRAME), FRAME).wanted] == [item]


@pytest.mark.parametrize(
    "item",
    [
        Click(at=p(1, 1), count=3),
        Click(),
        KeyDown(key="a"),
        Press(keys=("a",), seconds=1),
        Press(keys=("A",)),
        Press(keys=("meta",)),
        Wait(seconds=1),
        Drag(path=(p(1, 1),)),
    ],
    ids=str,
)
def test_what_the_tool_cannot_say_is_refused(item):
    with pytest.raises(ValueError, match="OpenAI's computer tool"):
        CODEC.write([item], FRAME)


def test_a_message_without_a_call_is_the_end_and_a_cut_one_is_not():
    assert CODEC.read(Reply(text="Saved."), FRAME).wanted[0].item == Finish(answer="Saved.")
    assert CODEC.read(Reply(text="Sav", stop="length"), FRAME).problem
    assert CODEC.read(Reply(calls=(call({"type": "wait"}),), stop="length"), FRAME).problem


def picture(number):
    return Picture(png=b"png %d" % number, size=SCREEN)


def talk(told, reply, reading):
    return Talk(goal="g", told=told, turns=(Turn(Told(frame=FRAME, picture=picture(0)), reply, reading),))


def test_a_call_is_answered_with_one_picture_and_the_acknowledged_checks():
    check = SafetyCheck(id="s1", code="irrelevant_domain")
    reply = Reply(calls=(call({"type": "wait"}, {"type": "screenshot"}),), checks=(check,), stop="calls")
    reading = CODEC.read(reply, FRAME)
    outcomes = tuple(Outcome(wanted=each, picture=picture(7)) for each in reading.wanted)
    messages = CODEC.messages(talk(Told(frame=FRAME, picture=picture(1), outcomes=outcomes), reply, reading))
    assert messages[-1].parts == (Result("c1", (picture(1),), name="computer", checks=(check,)),)
    assert messages[-2].reply is reply


def test_what_was_not_carried_out_is_told_in_words_after_the_picture():
    reply = Reply(
        calls=(call({"type": "wait"}, {"type": "click", "x": 9999, "y": 1}, {"type": "wait"}),), stop="calls"
    )
    reading = CODEC.read(reply, FRAME)
    outcomes = (Outcome(wanted=reading.wanted[0]), Outcome(wanted=reading.wanted[1], said="outside", failed=True))
    parts = CODEC.messages(talk(Told(frame=FRAME, picture=picture(1), outcomes=outcomes), reply, reading))[-1].parts
    assert parts[0].parts == (picture(1),)
    assert "outside" in parts[1].text


def test_a_call_is_answered_with_the_screen_as_it_still_is_when_nothing_was_carried_out():
    reply = Reply(calls=(call({"type": "bogus"}),), stop="calls")
    told = Told(frame=FRAME, picture=None, problem="there is no action 'bogus'")
    parts = CODEC.messages(talk(told, reply, CODEC.read(reply, FRAME)))[-1].parts
    assert parts == (Result("c1", (picture(0),), name="computer"), Text("there is no action 'bogus'"))


def test_fewer_pictures_leave_out_whole_turns_so_that_no_answer_is_without_its_call():
    wanted = Wanted(item=Wait(seconds=2), call="c1")
    turns = tuple(
        Turn(
            Told(frame=FRAME, picture=picture(place), outcomes=(Outcome(wanted=wanted),) if place else ()),
            Reply(calls=(call({"type": "wait"}, ident=f"c{place}"),), stop="calls"),
            Reading(wanted=(wanted,)),
        )
        for place in range(9)
    )
    told = Told(frame=FRAME, picture=picture(9), outcomes=(Outcome(wanted=wanted),))
    messages = CODEC.messages(Talk(goal="g", told=told, turns=turns, pictures=4))
    calls = [each.id for message in messages if message.reply for each in message.reply.calls]
    results = [part for message in messages for part in message.parts if isinstance(part, Result)]
    assert [part.call for part in results] == calls
    assert 1 <= len(results) <= 4
    assert results[-1].parts == (picture(9),)


def test_a_picture_is_sent_as_it_is_up_to_the_limit_of_full_detail():
    assert CODEC.fit(SCREEN) == SCREEN
    shrunk = CODEC.fit(Size(width=5120, height=2880))
    assert shrunk.width * shrunk.height <= 10_240_000
