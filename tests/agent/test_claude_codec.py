"""Claude's codec: every member read and written, batches answered, endings, and what cannot be carried out."""

from __future__ import annotations

import pytest

from agent.codecs.base import Invalid, Look, Outcome, Pointer, Reading, Talk, Told, Turn, Wanted, Zoom
from agent.codecs.claude import HALTED, claude
from agent.models.base import Call, Computer, Picture, Reply, Result, Text
from envs.errors import BadInput
from envs.types import (
    SCREEN,
    Click,
    Drag,
    Finish,
    KeyDown,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Rect,
    Scroll,
    Size,
    Type,
    Wait,
)

SENT = Size(width=1456, height=819)
CODEC = claude()
FRAME = CODEC.frame(SCREEN, SENT)
FULL = CODEC.frame(SCREEN, SCREEN)


def call(name, toolset="computer", ident="t1", **arguments):
    return Call(ident, name, arguments, toolset=toolset)


def items(*calls, frame=FULL, stop="calls", codec=CODEC):
    return [wanted.item for wanted in codec.read(Reply(calls=calls, stop=stop), frame).wanted]


def p(x, y):
    return Point(x=x, y=y)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("key", {"text": "ctrl+s"}, [Press(keys=("ctrl", "s"))]),
        ("key", {"text": "Page_Up", "repeat": 3}, [Press(keys=("pageup",))] * 3),
        ("key", {"text": "+"}, [Press(keys=("+",))]),
        ("key", {"text": "ctrl++"}, [Press(keys=("ctrl", "+"))]),
        ("key", {"text": " "}, [Press(keys=("space",))]),
        ("key", {"text": "Down Down"}, [Press(keys=("down",))] * 2),
        ("hold_key", {"text": "shift", "duration": 2}, [Press(keys=("shift",), seconds=2)]),
        ("type", {"text": "grüße\n"}, [Type(text="grüße\n")]),
        ("mouse_move", {"coordinate": [5, 6]}, [Move(at=p(5, 6))]),
        ("left_click", {}, [Click()]),
        (
            "left_click",
            {"coordinate": "[5, 6]", "text": "ctrl+shift"},
            [Click(at=p(5, 6), holding=("ctrl", "shift"))],
        ),
        ("right_click", {"coordinate": [5, 6]}, [Click(at=p(5, 6), button="right")]),
        ("middle_click", {"coordinate": [5, 6]}, [Click(at=p(5, 6), button="middle")]),
        ("double_click", {"coordinate": [5, 6]}, [Click(at=p(5, 6), count=2)]),
        ("triple_click", {"coordinate": [5, 6]}, [Click(at=p(5, 6), count=3)]),
        ("left_click_drag", {"coordinate": [5, 6]}, [Drag(path=(p(5, 6),))]),
        (
            "left_click_drag",
            {"start_coordinate": [1, 2], "coordinate": [5, 6], "text": "alt"},
            [Drag(path=(p(1, 2), p(5, 6)), holding=("alt",))],
        ),
        ("left_mouse_down", {}, [MouseDown()]),
        ("left_mouse_up", {}, [MouseUp()]),
        (
            "scroll",
            {"scroll_direction": "up", "scroll_amount": 3, "coordinate": [5, 6], "text": "ctrl"},
            [Scroll(at=p(5, 6), dy=-3, holding=("ctrl",))],
        ),
        ("scroll", {"scroll_direction": "right", "scroll_amount": "2"}, [Scroll(dx=2)]),
        ("wait", {"duration": 1.5}, [Wait(seconds=1.5)]),
        ("screenshot", {}, [Look()]),
        ("cursor_position", {}, [Pointer()]),
        ("zoom", {"region": [0, 0, 1920, 1080]}, [Zoom(region=Rect(x=0, y=0, width=1920, height=1080))]),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str | dict) else None,
)
def test_a_member_of_the_toolset_and_the_old_action_mean_the_same(name, arguments, expected):
    assert items(call(name, **arguments)) == expected
    assert items(call("computer", toolset="", action=name, **arguments)) == expected


def test_coordinates_are_pixels_of_the_picture_that_was_sent():
    assert items(call("left_click", coordinate=[728, 410]), frame=FRAME) == [Click(at=p(960, 541))]


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("left_click", {"coordinate": [9999, 1]}, "outside"),
        ("left_click", {"coordinate": [1]}, "two numbers"),
        ("left_click", {"coordinate": "here"}, "list of numbers"),
        ("left_click", {"coordinate": [float("nan"), 1]}, "number"),
        ("mouse_move", {}, "missing"),
        ("key", {"text": "ctrl+bogus"}, "bogus"),
        ("key", {"text": ""}, "no key"),
        ("key", {"text": "ctrl+"}, "ends where"),
        ("key", {"text": "a", "repeat": 0}, "at least 1"),
        ("key", {"text": "+".join("abcdefghi")}, "at most 8"),
        ("hold_key", {"text": "shift"}, "duration"),
        ("type", {"text": "a\0b"}, "U+0000"),
        ("type", {"text": "\ud800"}, "U+D800"),
        ("type", {"text": "x" * 20_001}, "20000"),
        ("type", {}, "text"),
        ("scroll", {"scroll_direction": "sideways", "scroll_amount": 1}, "sideways"),
        ("scroll", {"scroll_direction": "up", "scroll_amount": -1}, "negative"),
        ("wait", {"duration": -1}, "negative"),
        ("zoom", {"region": [5, 5, 5, 9]}, "region"),
        ("computer_click", {"coordinate": [1, 1]}, "left_click"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_carried_out_says_why(name, arguments, reason):
    (item,) = items(call(name, **arguments))
    assert isinstance(item, Invalid)
    assert reason in item.reason


def test_one_bad_call_in_the_middle_leaves_the_others_as_they_are():
    read = items(call("left_click", coordinate=[1, 2]), call("key", text="bogus"), call("wait", duration=1))
    assert [type(item) for item in read] == [Click, Invalid, Wait]


def test_what_exceeds_a_cap_is_cut_and_noted():
    reply = Reply(calls=(call("wait", duration=500), call("key", text="a", repeat=10**6)))
    reading = CODEC.read(reply, FULL)
    assert reading.wanted[0].item == Wait(seconds=60)
    assert len(reading.wanted) == 101
    assert len(reading.repaired) == 2


def test_the_twenty_first_call_of_a_turn_is_left_out_and_answered():
    calls = tuple(call("wait", ident=f"t{place}", duration=1) for place in range(25))
    reply = Reply(calls=calls, stop="calls")
    reading = CODEC.read(reply, FULL)
    assert (len(reading.wanted), reading.dropped) == (20, 5)
    results = told_after(reply, reading, [Outcome(wanted=each) for each in reading.wanted])
    assert len(results) == 25
    assert not results[19].failed
    assert results[20].failed
    assert results[21].parts == (Text(HALTED),)


def test_a_call_that_was_cut_off_is_not_carried_out():
    assert isinstance(items(call("type", text="rm -r"), stop="length")[0], Invalid)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I saved it.", Finish(answer="I saved it.")),
        ("There it is.\n\nANSWER: 42", Finish(answer="42")),
        (
            "No such file.\nINFEASIBLE: there is no mail program",
            Finish(claim="infeasible", answer="there is no mail program"),
        ),
        ("**FAILED:** it hangs", Finish(claim="failed", answer="it hangs")),
        ("It had failed: I mended it", Finish(answer="It had failed: I mended it")),
    ],
    ids=["plain", "answer", "infeasible", "bold", "inside a sentence"],
)
def test_a_reply_without_a_call_is_the_end(text, expected):
    assert CODEC.read(Reply(text=text), FULL).wanted[0].item == expected


@pytest.mark.parametrize(
    "reply",
    [Reply(text="I will now", stop="length"), Reply(stop="pause"), Reply(thinking="hm")],
    ids=["cut", "pause", "empty"],
)
def test_a_reply_that_was_cut_or_is_empty_ends_nothing(reply):
    assert CODEC.read(reply, FULL).problem


@pytest.mark.parametrize(
    "item",
    [
        Press(keys=("ctrl", "+")),
        Press(keys=("+", "ctrl")),
        Press(keys=("pageup",), seconds=1.5),
        Click(at=p(0, 0), count=3, holding=("ctrl",)),
        Drag(path=(p(1, 2), p(1919, 1079))),
        Drag(path=(p(3, 4),)),
        Scroll(at=p(5, 6), dx=-30),
        MouseDown(),
        MouseUp(),
        Type(text='"quoted" {and} \n\ttab ü 💡'),
        Wait(seconds=0.25),
        Look(),
        Pointer(),
        Zoom(region=Rect(x=10, y=20, width=30, height=40)),
        Finish(),
        Finish(claim="failed", answer="no\nluck"),
        Finish(answer="INFEASIBLE: is a word"),
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_is_written_reads_back(item):
    assert [each.item for each in CODEC.read(CODEC.write([item], FULL), FULL).wanted] == [item]


@pytest.mark.parametrize(
    "item",
    [
        KeyDown(key="a"),
        Click(button="back"),
        Click(button="right", count=2),
        Scroll(dx=1, dy=1),
        Scroll(),
        Drag(path=(p(1, 1), p(2, 2), p(3, 3))),
        MouseDown(at=p(1, 1)),
    ],
    ids=str,
)
def test_what_the_tools_cannot_say_is_refused(item):
    with pytest.raises(ValueError, match="Claude's tools"):
        CODEC.write([item], FULL)


def picture(colour=0):
    return Picture(png=b"png %d" % colour, size=SCREEN)


def told_after(reply, reading, outcomes, problem="", shown=None):
    talk = Talk(
        goal="g",
        told=Told(frame=FULL, picture=shown, outcomes=tuple(outcomes), problem=problem),
        turns=(Turn(Told(frame=FULL, picture=picture()), reply, reading),),
    )
    return CODEC.messages(talk)[-1].parts


def batch(*calls):
    reply = Reply(calls=calls, stop="calls")
    return reply, CODEC.read(reply, FULL)


def test_every_call_is_answered_once_and_the_screen_comes_with_the_last():
    reply, reading = batch(
        call("left_click", ident="a"), call("key", ident="b", text="a", repeat=2), call("wait", ident="c")
    )
    parts = told_after(reply, reading, [Outcome(wanted=each) for each in reading.wanted], shown=picture(1))
    assert [part.call for part in parts] == ["a", "b", "c"]
    assert {part.toolset for part in parts} == {"computer"}
    assert [part.parts for part in parts] == [(Text("OK"),), (Text("OK"),), (Text("OK"), picture(1))]


def test_after_a_failure_the_rest_is_not_executed_in_the_vendor_s_own_words():
    reply, reading = batch(
        call("left_click", ident="a"), call("key", ident="b", text="bogus"), call("wait", ident="c")
    )
    one, two = reading.wanted[0], reading.wanted[1]
    parts = told_after(
        reply, reading, [Outcome(wanted=one), Outcome(wanted=two, said="no such key", failed=True)], shown=picture(1)
    )
    assert [(part.failed, part.parts) for part in parts[:3]] == [
        (False, (Text("OK"),)),
        (True, (Text("no such key"),)),
        (True, (Text("Not executed: an earlier computer action in this turn failed."),)),
    ]
    assert parts[3] == picture(1), "a result that is an error may hold no picture"


def test_a_reply_that_could_not_be_read_is_answered_with_what_was_wrong():
    reply, reading = batch(call("key", ident="a", text="bogus"), call("wait", ident="b"))
    parts = told_after(reply, reading, [], problem="no key named 'bogus'")
    assert parts[0] == Result("a", (Text("no key named 'bogus'"),), "key", "computer", failed=True)
    assert parts[1].parts == (Text(HALTED),)


def test_a_picture_that_was_asked_for_comes_with_its_own_result_and_the_screen_only_once():
    reply, reading = batch(call("zoom", ident="a", region=[0, 0, 9, 9]), call("screenshot", ident="b"))
    zoomed, looked = reading.wanted
    outcomes = [Outcome(wanted=zoomed, picture=picture(2)), Outcome(wanted=looked, picture=picture(1))]
    parts = told_after(reply, reading, outcomes, shown=picture(1))
    assert parts[0].parts == (Text("OK"), picture(2))
    assert parts[1].parts == (Text("OK"), picture(1))


def long_talk(turns, pictures=None):
    wanted = Wanted(item=Look(), call="t1")
    turn = [
        Turn(
            Told(frame=FULL, picture=picture(place), outcomes=(Outcome(wanted=wanted),)),
            Reply(calls=(call("screenshot"),), stop="calls"),
            Reading(wanted=(wanted,)),
        )
        for place in range(turns)
    ]
    told = Told(frame=FULL, picture=picture(turns), outcomes=(Outcome(wanted=wanted),))
    return Talk(goal="g", told=told, turns=tuple(turn), pictures=pictures)


def pictures_of(messages):
    parts = [part for message in messages for part in message.parts]
    inner = [each for part in parts for each in (part.parts if isinstance(part, Result) else (part,))]
    return [each for each in inner if isinstance(each, Picture)]


def test_the_history_is_only_appended_to():
    assert CODEC.messages(long_talk(30))[:-2] == CODEC.messages(long_talk(29))
    assert len(pictures_of(CODEC.messages(long_talk(30)))) == 31


def test_old_pictures_go_in_chunks_when_fewer_are_wanted():
    kept = [pictures_of(CODEC.messages(long_talk(turns, pictures=6))) for turns in range(1, 20)]
    assert all(len(each) <= 6 for each in kept)
    assert all(each[-1] == picture(turns) for turns, each in enumerate(kept, 1))
    firsts = [each[0] for each in kept]
    assert len(set(firsts)) <= len(firsts) // 2, "the prefix stays the same for several calls"


def test_it_points_in_pixels_of_the_picture():
    (asked,) = CODEC.pointing(Picture(b"", SENT), "the Save button", FRAME)
    assert "1456" in asked.parts[0].text
    assert CODEC.read_point(Reply(text='Here: {"x": 728, "y": 410}'), FRAME) == p(960, 541)
    assert CODEC.read_point(Reply(text="(728, 410)"), FRAME) == p(960, 541)
    assert CODEC.read_point(Reply(text='{"x": null, "y": null}'), FRAME) == "it says that it is not there"
    assert "outside" in CODEC.read_point(Reply(text='{"x": 7280, "y": 1}'), FRAME)
    assert "no point" in CODEC.read_point(Reply(text="in the corner"), FRAME)


def test_a_long_screen_is_sent_at_a_size_that_an_episode_of_more_than_twenty_pictures_may_have():
    assert CODEC.fit(SCREEN) == SCREEN
    assert max(CODEC.fit(Size(width=3840, height=2160)).width, 1) <= 2000
    assert claude(edge=1568, tokens=1568).fit(SCREEN) == SENT
    assert CODEC.tools(FULL) == (Computer(size=SCREEN),)


def test_one_action_at_a_time_drops_the_others_and_says_so():
    codec = claude(batch="first")
    reply = Reply(calls=(call("wait", ident="a"), call("wait", ident="b")), stop="calls")
    reading = codec.read(reply, FULL)
    assert (len(reading.wanted), reading.dropped) == (1, 1)
    with pytest.raises(BadInput, match="batch"):
        claude(batch="some")
