"""Whatever a family says is read as it was meant: for every family there is, every action, several screens.

What a family has no words for is a ValueError, and never another action. Places come back to within half of the
family's smallest step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from agent.codecs.base import Codec, Consult, Invalid, Item, Look, Pointer, Zoom
from agent.frame import Frame
from agent.models.base import Reply
from agent.registry import Spec, make, names
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
    Rect,
    Scroll,
    Size,
    Type,
    Wait,
)


def codec_of(family: str) -> Codec:
    made: Codec = make("families", Spec(family))
    return made


FAMILIES = tuple(names("families"))
ACTING = tuple(family for family in FAMILIES if "act" in codec_of(family).family.can)
LOCATING = tuple(family for family in FAMILIES if "locate" in codec_of(family).family.can)
SCREENS = (
    Size(width=1920, height=1080),
    Size(width=1366, height=768),
    Size(width=1024, height=768),
    Size(width=3840, height=2160),
)
COUNTS_TO = 100
"""A family that counts to less than this says fractions, to four places at the least."""
KEYS = (
    "ctrl", "shift", "alt", "super", "enter", "tab", "escape", "space", "backspace", "delete", "pageup", "pagedown",
    "left", "up", "home", "f1", "f12", "printscreen", "menu", "a", "z", "A", "1", "+", "-", "=", ",", ".", "/", "\\",
    "'", '"', "<", "[", "{", "(", "é", "ß", "中", "kp_enter", "volumeup",
)  # fmt: skip
PIECES = (
    "'", '"', "''", '"""', "\\", "\\n", "\n", "\t", "\r\n", " ", "  ", "é", "北京", "🙂", "\u2028", "\u00a0",
    "{", "}", "[", "]", "(", ")", ",", "it's", "C:\\new\\table", "<tool_call>", "</tool_call>", "<function=computer>",
    "</parameter>", "</function>", "<think>", "</think>", "◁think▷", "◁/think▷", "⚗", "📐", "```", "```python\n",
    "<|im_end|>", "<|begin_of_box|>", "<|end_of_box|>", "</s>", "[EOS]", "<point>1 2</point>", "Action: ",
    "Thought: ", '{"action": "wait"}', "click(start_box='(1,2)')", "')", "\\')", "')\n\nclick(", "True", "null",
    "# no", "// no", "ANSWER: ", "INFEASIBLE: ", "&amp;", "%s", "{goal}", "\x1b", "\x00", "\ud800",
)  # fmt: skip
SLOW = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=6).map("".join)
keys = st.sampled_from(KEYS)
chords = st.lists(keys, min_size=1, max_size=4).map(tuple)
held = st.sampled_from(((), (), (), ("ctrl",), ("shift",), ("ctrl", "shift")))
buttons = st.sampled_from(("left", "left", "left", "right", "middle", "back", "forward"))
seconds = st.sampled_from((0.0, 0.5, 1.0, 2.0, 2.5, 5.0, 20.0, 60.0))


def points(screen: Size) -> st.SearchStrategy[Point]:
    """On the screen, its corners among them."""
    return st.builds(Point, x=st.integers(0, screen.width - 1), y=st.integers(0, screen.height - 1))


def items(screen: Size) -> st.SearchStrategy[Item]:
    """Everything that there is to be said."""
    at = points(screen)
    perhaps = st.none() | at
    turns = st.integers(-30, 30) | st.sampled_from((5, -5, 100))
    region = st.just(Rect(x=0, y=0, width=screen.width // 2, height=screen.height // 2))
    return st.one_of(
        st.builds(Click, at=perhaps, button=buttons, count=st.integers(1, 3), holding=held),
        st.builds(Move, at=at),
        st.builds(Drag, path=st.lists(at, min_size=1, max_size=4).map(tuple), button=buttons, holding=held),
        st.builds(Scroll, at=perhaps, dy=turns, holding=held),
        st.builds(Scroll, at=perhaps, dx=turns, holding=held),
        st.builds(Scroll, dx=turns, dy=turns),
        st.builds(Type, text=texts),
        st.builds(Press, keys=chords, seconds=seconds | st.just(0.0)),
        st.builds(KeyDown, key=keys),
        st.builds(KeyUp, key=keys),
        st.builds(MouseDown, at=perhaps, button=buttons),
        st.builds(MouseUp, at=perhaps, button=buttons),
        st.builds(Wait, seconds=seconds),
        st.builds(Finish, claim=st.sampled_from(("done", "failed", "infeasible")), answer=texts),
        st.builds(Zoom, region=region),
        st.builds(Consult, text=texts),
        st.sampled_from((Look(), Pointer(), Invalid(reason="so"))),
    )


def frame_of(codec: Codec, screen: Size) -> Frame:
    return codec.frame(screen, codec.fit(screen))


def said(codec: Codec, wanted: Sequence[Item], frame: Frame) -> Reply | None:
    """What the family says for it; None where it has no words."""
    try:
        return codec.write(tuple(wanted), frame, "so it is")
    except ValueError:
        return None


def slack(frame: Frame) -> tuple[float, float]:
    """How far off a place may come back: half of the smallest step across and down, and a pixel's half."""
    across: float = frame.sent.width
    down: float = frame.sent.height
    if frame.space == "relative":
        across = down = frame.divisor if frame.divisor >= COUNTS_TO else 10_000
    return frame.screen.width / across / 2 + 0.5, frame.screen.height / down / 2 + 0.5


def near(one: Any, other: Any, frame: Frame) -> bool:
    """The same, places within the slack."""
    if isinstance(one, Point) and isinstance(other, Point):
        across, down = slack(frame)
        return abs(one.x - other.x) <= across and abs(one.y - other.y) <= down
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(near(a, b, frame) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def same(one: Item, other: Item, frame: Frame) -> bool:
    """The same kind, and each field near."""
    mine, theirs = asdict(one), asdict(other)
    return type(one) is type(other) and all(near(mine[name], theirs[name], frame) for name in mine)


def comes_back(codec: Codec, wanted: Sequence[Item], reply: Reply, frame: Frame) -> None:
    found = [each.item for each in codec.read(reply, frame).wanted]
    assert len(found) == len(wanted), f"{wanted} was said as {reply} and read as {found}"
    for meant, read in zip(wanted, found, strict=True):
        assert same(meant, read, frame), f"{meant} was said as {reply.text or reply.calls} and read as {read}"


@pytest.mark.parametrize("family", ACTING)
def test_what_a_family_says_is_read_as_it_was_meant(family: str) -> None:
    codec = codec_of(family)

    @SLOW
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        screen = data.draw(st.sampled_from(SCREENS))
        frame, wanted = frame_of(codec, screen), [data.draw(items(screen))]
        reply = said(codec, wanted, frame)
        if reply is not None:
            comes_back(codec, wanted, reply, frame)

    holds()


@pytest.mark.parametrize("family", ACTING)
def test_several_actions_of_one_reply_are_read_in_their_order(family: str) -> None:
    codec = codec_of(family)
    several = codec.family.batch == "all"

    @SLOW
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        screen = data.draw(st.sampled_from(SCREENS))
        frame, drawn = frame_of(codec, screen), data.draw(st.lists(items(screen), min_size=2, max_size=6))
        sayable = [each for each in drawn if not isinstance(each, Finish) and said(codec, [each], frame) is not None]
        assume(len(sayable) > 1)
        reply = said(codec, sayable, frame)
        assert (reply is not None) == several, f"{family} {sayable}"
        if reply is not None:
            comes_back(codec, sayable, reply, frame)

    holds()


AT = Point(x=411, y=305)
NEEDED: dict[str, tuple[Item, ...]] = {
    "click": (Click(at=AT),),
    "right click": (Click(at=AT, button="right"),),
    "double click": (Click(at=AT, count=2),),
    "move": (Move(at=AT),),
    "drag": (Drag(path=(AT,)), Drag(path=(Point(x=7, y=9), AT))),
    "scroll": (Scroll(at=AT, dy=5), Scroll(dy=5)),
    "scroll up": (Scroll(at=AT, dy=-5), Scroll(dy=-5)),
    "type": (Type(text="milk, and 'eggs'\n"),),
    "key": (Press(keys=("enter",)),),
    "chord": (Press(keys=("ctrl", "s")),),
    "wait": (Wait(seconds=1.0), Wait(seconds=2.0), Wait(seconds=5.0)),
    "finish": (Finish(),),
    "give up": (Finish(claim="failed"), Finish(claim="infeasible")),
}
"""What every desktop needs, each in the ways that families have."""


@pytest.mark.parametrize("need", NEEDED)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_that_acts_and_no_other_has_words_for_what_a_desktop_needs(family: str, need: str) -> None:
    codec = codec_of(family)
    frame = frame_of(codec, SCREENS[0])
    replies = [said(codec, [each], frame) for each in NEEDED[need]]
    assert any(replies) == ("act" in codec.family.can)


IMPOSSIBLE: dict[str, list[Item]] = {
    "nothing": [],
    "a point right of the screen": [Click(at=Point(x=1920, y=5))],
    "a point above the screen": [Move(at=Point(x=5, y=-1))],
    "a drag off the screen": [Drag(path=(Point(x=5, y=5), Point(x=5, y=1080)))],
    "a text of more than is typed at once": [Type(text="x" * 20_001)],
    "a text that no key gives": [Type(text="\x00")],
    "half a character": [Type(text="\ud800")],
    "a key that there is not": [Press(keys=("hyperspace",))],
    "a key down that there is not": [KeyDown(key="hyperspace")],
    "no key": [Press(keys=())],
    "nine keys at once": [Press(keys=tuple("abcdefghi"))],
    "four clicks": [Click(at=AT, count=4)],
    "no turn of the wheel": [Scroll(at=AT)],
    "31 turns of the wheel": [Scroll(at=AT, dy=31)],
    "both ways at once": [Scroll(at=AT, dx=3, dy=2)],
    "an hour": [Wait(seconds=3600.0)],
    "a time that is no number": [Wait(seconds=float("nan"))],
    "something after the end": [Finish(), Click(at=AT)],
    "what was wrong": [Invalid(reason="so")],
}
CAN = {("openai", "both ways at once")}
"""OpenAI's wheel turns both ways in one action."""


@pytest.mark.parametrize("what", IMPOSSIBLE)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_cannot_be_said_is_a_value_error(family: str, what: str) -> None:
    codec = codec_of(family)
    frame = frame_of(codec, SCREENS[0])
    if (family, what) in CAN:
        comes_back(codec, IMPOSSIBLE[what], codec.write(IMPOSSIBLE[what], frame), frame)
        return
    with pytest.raises(ValueError):  # noqa: PT011 - which words it uses is the family's
        codec.write(IMPOSSIBLE[what], frame)


def tool_call(x: float, y: float) -> str:
    arguments = {"action": "left_click", "coordinate": [x, y]}
    return f"<tool_call>\n{json.dumps({'name': 'computer_use', 'arguments': arguments})}\n</tool_call>"


def box(x: float, y: float) -> str:
    return f"[[{x - 2:g}, {y - 2:g}, {x + 2:g}, {y + 2:g}]]"


def pair(x: float, y: float) -> str:
    return f"({x:g}, {y:g})"


def named(x: float, y: float) -> str:
    return json.dumps({"x": x, "y": y})


POINTS: dict[str, tuple[Callable[[float, float], str], ...]] = {
    "gta1": (pair,),
    "jedi": (tool_call,),
    "uiins": (tool_call, lambda x, y: f"<think>It is blue.</think>\n[{x:g}, {y:g}]"),
    "osatlas": (
        lambda x, y: f"[[{x:g}, {y:g}]]",
        lambda x, y: f"<|box_start|>({x - 2:g},{y - 2:g}),({x + 2:g},{y + 2:g})<|box_end|>",
    ),
    "showui": (lambda x, y: f"[{x:.4f}, {y:.4f}]",),
    "gelato": (pair,),
    "uground": (pair,),
    "holo15": (
        lambda x, y: f"Click{pair(x, y)}",
        lambda x, y: json.dumps({"action": "click_absolute", "x": x, "y": y}),
    ),
    "holo": (named,),
    "internvl": (box, lambda x, y: f"<ref>Save</ref><box>{box(x, y)}</box>"),
    "json": (lambda x, y: json.dumps({"target": [x, y]}),),
    "claude": (named,),
    "openai": (named,),
}
"""How a family says a place when it is asked for one, where that is not a click."""


@pytest.mark.parametrize("family", LOCATING)
def test_a_place_in_its_dialect_is_read_back(family: str) -> None:
    codec = codec_of(family)

    @SLOW
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        screen = data.draw(st.sampled_from(SCREENS))
        frame, at = frame_of(codec, screen), data.draw(points(screen))
        x, y = frame.to_model(at)
        places = (round(x), round(y)) if frame.space == "pixels" or frame.divisor >= COUNTS_TO else (x, y)
        replies = [Reply(text=write(*places)) for write in POINTS.get(family, ())]
        replies += [codec.write([Click(at=at)], frame)] if "act" in codec.family.can and family not in POINTS else []
        assert replies, f"nobody says how {family} points"
        for reply in replies:
            found = codec.read_point(reply, frame)
            assert near(at, found, frame), f"{at} was said as {reply.text} and read as {found}"

    holds()
