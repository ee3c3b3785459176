"""What UI-TARS and GLM are sent of a conversation, their options, and that what they say is read as it was meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.codecs.base import Codec, Consult, Item, Outcome, Talk, Told, Turn
from agent.codecs.glm import glm
from agent.codecs.uitars import uitars
from agent.codecs.uitars2 import uitars2
from agent.codecs.uitars15 import uitars15
from agent.looking import grey
from agent.models.base import Message, Picture, Reply, Text
from envs.errors import BadInput
from envs.types import SCREEN, Click, Drag, Finish, KeyDown, Move, Point, Press, Scroll, Size, Type, Wait

CODECS: dict[str, Codec] = {"uitars": uitars(), "uitars15": uitars15(), "uitars2": uitars2(), "glm": glm()}
LEFT = "left_click(start_box='[500,250]')"
BEGIN, END = "<|begin_of_box|>", "<|end_of_box|>"
LOOKED = "<gui_think>so</gui_think>\n<seed:tool_call><function=take_screenshot></function></seed:tool_call>"


def words(messages: tuple[Message, ...]) -> str:
    return "\n".join(part.text for message in messages for part in message.parts if isinstance(part, Text))


def shades(count: int) -> list[Picture]:
    return [grey(Size(width=64 + 2 * at, height=48)) for at in range(count)]


def talk(codec: Codec, replies: list[str], **more: object) -> Talk:
    """A conversation with a screen for each reply and one now, each of another width."""
    screens = [Told(codec.frame(SCREEN, each.size), each) for each in shades(len(replies) + 1)]
    said = [Reply(text=text) for text in replies]
    turns = [Turn(told, reply, codec.read(reply, told.frame)) for told, reply in zip(screens[:-1], said, strict=True)]
    return Talk(goal="Buy {milk}.", told=screens[-1], turns=tuple(turns), **more)  # type: ignore[arg-type]  # a test's


def pictures(messages: tuple[Message, ...]) -> list[Picture]:
    return [part for message in messages for part in message.parts if isinstance(part, Picture)]


def test_ui_tars_is_shown_the_last_five_screens_and_all_of_its_own_words() -> None:
    codec = CODECS["uitars"]
    messages = codec.messages(talk(codec, [f"Thought: step {at}\nAction: wait()" for at in range(7)]))
    assert [picture.size.width for picture in pictures(messages)] == [70, 72, 74, 76, 78]
    assert "Buy {milk}." in words(messages[:1])
    assert [message.role for message in messages] == ["user", *["assistant"] * 3, *["user", "assistant"] * 4, "user"]
    assert all(f"Thought: step {at}\nAction: wait()" in words(messages) for at in range(7))


def test_what_ui_tars_2_thought_is_given_back_to_it() -> None:
    codec = CODECS["uitars2"]
    messages = codec.messages(talk(codec, [LOOKED]))
    assert [message.role for message in messages] == ["system", "user", "user", "assistant", "user"]
    assert words(messages[3:4]) == LOOKED
    assert words(messages[1:2]) == "Buy {milk}."


def test_words_that_came_as_a_thought_are_given_back_as_words() -> None:
    codec = CODECS["uitars"]
    made = talk(codec, [""])
    reply = Reply(thinking="Thought: so\nAction: wait()")
    told = made.turns[0].told
    messages = codec.messages(Talk("x", made.told, (Turn(told, reply, codec.read(reply, told.frame)),)))
    assert words(messages[2:3]) == "Thought: so\nAction: wait()"


def test_glm_is_sent_one_message_with_the_screen_now_whole_and_the_last_four_at_half_size() -> None:
    codec = glm()
    replies = [f"Step {at}.\n{BEGIN}WAIT(){END}\nMemory:\n[{{'at': {at}}}]" for at in range(6)]
    (message,) = codec.messages(talk(codec, replies))
    assert message.role == "user"
    shown = pictures((message,))
    assert [picture.size for picture in shown] == [
        *(Size(width=round((64 + 2 * at) / 2), height=24) for at in (2, 3, 4, 5)),
        Size(width=76, height=48),
    ]
    assert message.parts[-1] is shown[-1]
    told = words((message,))
    assert "Buy {milk}." in told
    assert all(f"step {at + 1}: Step {at}.\nWAIT()" in told for at in range(6))
    assert "Memory:\n[{'at': 5}]\n" in told
    assert "'at': 4" not in told


@pytest.mark.parametrize(
    ("codec", "most", "sizes"),
    [
        pytest.param(glm(), 2, [33, 68], id="the endpoint takes two"),
        pytest.param(glm(pictures=1), None, [68], id="the family is to send one"),
        pytest.param(glm(shrink=1), None, [64, 66, 68], id="not shrunk"),
    ],
)
def test_how_many_screens_glm_is_sent_can_be_said(codec: Codec, most: int | None, sizes: list[int]) -> None:
    messages = codec.messages(talk(codec, [f"{BEGIN}WAIT(){END}"] * 2, pictures=most))
    assert [picture.size.width for picture in pictures(messages)] == sizes


def test_glm_is_told_what_was_wrong_and_what_was_not_done() -> None:
    codec = glm()
    made = talk(codec, [f"{BEGIN}{LEFT}{END}", "hm"])
    refused = Outcome(made.turns[0].reading.wanted[0], said="it is off the screen", failed=True)
    second = made.turns[1]
    turns = (
        made.turns[0],
        Turn(Told(second.told.frame, second.told.picture, (refused,)), second.reply, second.reading),
    )
    now = Told(made.told.frame, None, problem=second.reading.problem, words="Three marks are shown.")
    messages = codec.messages(Talk("x", now, turns))
    told = words(messages)
    assert f"step 1: {LEFT} (not carried out: it is off the screen)" in told
    assert "step 2" not in told
    assert "could not be carried out: there is no action in your reply" in told
    assert "Three marks are shown." in told
    assert [picture.size.width for picture in pictures(messages)] == [32, 66]


@pytest.mark.parametrize("family", CODECS)
def test_a_prompt_of_the_persons_own_takes_the_familys_place(family: str) -> None:
    codec = CODECS[family]
    own = words(codec.messages(talk(codec, [], prompt="Only this, for {goal}")))
    assert own.startswith("Only this, for Buy {milk}.")
    assert "click(" not in own


@pytest.mark.parametrize("family", CODECS)
def test_the_words_of_a_conversation_are_the_same_each_time(family: str) -> None:
    codec = CODECS[family]
    made = talk(codec, ["Action: wait()", "hm"])
    assert codec.messages(made) == codec.messages(made)


BAD = [
    pytest.param(lambda: uitars(divisor=0), "divisor", id="a divisor of nothing"),
    pytest.param(lambda: uitars(batch="some"), "batch", id="a batch of some"),  # type: ignore[arg-type]
    pytest.param(lambda: uitars2(pictures=0), "pictures", id="no pictures"),
    pytest.param(lambda: uitars15(space="feet"), "space", id="a space of feet"),  # type: ignore[arg-type]
    pytest.param(lambda: uitars15(factor=0), "factor", id="a factor of nothing"),
    pytest.param(lambda: uitars15(least_pixels=9, most_pixels=8), "pixels", id="no size between"),
    pytest.param(lambda: glm(shrink=0), "shrink", id="shrunk to nothing"),
    pytest.param(lambda: glm(shrink=2), "shrink", id="made larger"),
    pytest.param(lambda: glm(scroll_unit=-1), "scroll_unit", id="a wheel the other way"),
]


@pytest.mark.parametrize(("made", "why"), BAD)
def test_an_option_out_of_range_is_refused_in_one_line(made, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        made()
    assert "\n" not in str(refused.value)


VARIANTS = {
    **CODECS,
    "uitars, scrolls of three": uitars(scroll_unit=3),
    "uitars15, relative": uitars15(space="relative"),
    "glm, 1000": glm(divisor=1000),
    "glm, steps of two": glm(scroll_unit=2, batch="all"),
}
SIZES = (SCREEN, Size(width=1366, height=768), Size(width=800, height=600))
NASTY = (
    "'", '"', "\\", "\\n", "\n", "\t", "(", ")", "')", "', key='", "Action: ", "\nAction: wait()", "Memory:\n[]",
    "{", "```",
    "</think>", "<gui_think>", "</gui_think>", "</parameter>", "</function>", "<function=wait>", "<|im_end|>",
    BEGIN, END, "wait()", "DONE()", "FAILED: ", "INFEASIBLE:", "é", "北京", "a", " ",
)  # fmt: skip
texts = st.lists(st.sampled_from(NASTY), max_size=7).map("".join)


@st.composite
def wanted(draw: st.DrawFn, size: Size) -> Item:
    at = st.builds(Point, x=st.integers(0, size.width - 1), y=st.integers(0, size.height - 1))
    keys = st.sampled_from(("ctrl", "shift", "a", "+", "left", "pagedown", "space", "f5"))
    made: Item = draw(
        st.builds(Click, at=at, button=st.sampled_from(("left", "right", "middle")), count=st.integers(1, 3))
        | st.builds(Move, at=at)
        | st.builds(Drag, path=st.tuples(at, at))
        | st.builds(Scroll, at=at, dy=st.sampled_from((-5, -3, 2, 3, 4, 5)))
        | st.builds(Scroll, dx=st.sampled_from((-5, 5)))
        | st.builds(Type, text=texts)
        | st.builds(Press, keys=st.lists(keys, min_size=1, max_size=3, unique=True).map(tuple))
        | st.builds(KeyDown, key=keys)
        | st.builds(Wait, seconds=st.just(5.0))
        | st.builds(Finish, claim=st.sampled_from(("done", "failed", "infeasible")), answer=texts)
        | st.builds(Consult, text=texts)
    )
    return made


def places(item: Item) -> list[Point]:
    at = getattr(item, "at", None)
    return [*([at] if at else []), *getattr(item, "path", ())]


def without_places(item: Item) -> tuple[object, ...]:
    return (type(item), *(getattr(item, name) for name in item.__struct_fields__ if name not in ("at", "path")))


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_written_is_read_as_it_was_meant_to_half_a_step(name: str) -> None:
    codec = VARIANTS[name]
    said = []

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        size = data.draw(st.sampled_from(SIZES))
        item, thought = data.draw(wanted(size)), data.draw(texts)
        seen = codec.frame(size, codec.fit(size))
        try:
            reply = codec.write((item,), seen, thought)
        except ValueError:
            return
        said.append(type(item))
        (back,) = (each.item for each in codec.read(reply, seen).wanted)
        assert without_places(back) == without_places(item)
        step = max(size.width / 999, size.height / 999, 1) if seen.space == "relative" else 1
        for mine, theirs in zip(places(item), places(back), strict=True):
            assert max(abs(mine.x - theirs.x), abs(mine.y - theirs.y)) <= step / 2 + 0.5

    holds()
    assert {Click, Move, Drag, Scroll, Type, Press, Wait, Finish} <= set(said)


@pytest.mark.parametrize("family", CODECS)
def test_nothing_follows_the_end_in_what_is_written(family: str) -> None:
    codec = CODECS[family]
    for items in ((Finish(), Wait(seconds=5)), ()):
        with pytest.raises(ValueError, match=r"nothing comes after|things in a reply|nothing|at least one"):
            codec.write(items, codec.frame(SCREEN, codec.fit(SCREEN)))
