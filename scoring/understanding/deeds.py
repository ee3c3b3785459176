"""What was done in a step, in the words of a person who tells another what to do: with names, never with coordinates.

Things are named by what is found at the point that was clicked on the screen before. What cannot be named so that it
is the only one of that name is not told, and no item is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from envs.types import Action, Click, Move, Point, Press, Scroll, Size, Type, Wait
from scoring.changes import quoted
from scoring.state import State, plain
from scoring.understanding.apps import found
from scoring.understanding.nodes import Thing, things
from scoring.understanding.trails import Did

LONG = 60
"""Characters of a typed text that are told."""
COUNTS = ("", "once", "twice", "three times", "four times", "five times", "six times")
KEYS = {
    "ctrl": "Ctrl", "shift": "Shift", "alt": "Alt", "super": "Super", "Return": "Enter", "Page_Up": "Page Up",
    "Page_Down": "Page Down", "Prior": "Page Up", "Next": "Page Down", "BackSpace": "Backspace", "space": "Space",
    "Left": "Arrow Left", "Right": "Arrow Right", "Up": "Arrow Up", "Down": "Arrow Down",
}  # fmt: skip
HOW = {("left", 1): "click", ("left", 2): "double-click", ("left", 3): "triple-click", ("right", 1): "right-click",
       ("middle", 1): "middle-click"}  # fmt: skip
_COORDINATES = re.compile(r"\d+\s*[,x×]\s*\d+|\bpixel|\bcoordinate")


def told(did: Did, state: State, size: Size, most: int = LONG) -> str:
    """What the step does: `click the button 'Save'`, `press Ctrl+A and type 'x'`; empty where it cannot be told.

    Typed texts are cut to so many characters.
    """
    parts = list[str]()
    for at, alike in enumerate(_runs(did.actions)):
        match alike:
            case [Type(text=text)]:
                part = list(_typed(text, most))
            case _:
                part = _told(alike[0], len(alike), state, size, first=at == 0)
        if not part:
            return ""
        parts += part
    return _joined(parts)


def intended(did: Did, state: State, size: Size) -> str:
    """What the step is for, in its own words, or what it does where those are no more than that; may be empty."""
    text = " ".join(did.intent.split())
    if re.match(r"(menu:|press|type|click) ", text):
        return told(did, state, size)
    return "" if _COORDINATES.search(re.sub(r"'[^']*'", "", text)) else text


def sentence(deed: str) -> str:
    """With a capital letter."""
    return deed[:1].upper() + deed[1:]


def clicked(did: Did) -> Point | None:
    """Where the step's first action clicks or points, if it does."""
    action = did.actions[0] if did.actions else None
    return action.at if isinstance(action, Click | Move | Scroll) else None


def target(state: State, at: Point, size: Size) -> Thing | None:
    """The thing at a point, if it has a name, can be seen, and is the only one of that kind and name."""
    place = found(state, at)
    if place < 0:
        return None
    seen = things(state, size)
    by_place = {thing.place: thing for thing in seen}
    for each in state.chain(place)[:3]:
        thing = by_place.get(each)
        if thing is not None and thing.box.holds(at) and (thing.name or thing.kind == "field"):
            said = phrase(thing, state)
            return thing if [phrase(other, state) for other in seen].count(said) == 1 else None
    return None


def phrase(thing: Thing, state: State) -> str:
    """`the button 'Save'`; for a field without a name `the field that reads 'x'`, `the empty field`."""
    kind = thing.kind
    if kind == "field":
        kind = "text area" if "multi-line" in state.nodes[thing.place].states else kind
    if thing.name:
        return f"the {kind} {quoted(thing.name, LONG)}"
    if kind == "text area":
        return f"the {kind}"
    return f"the {kind} that reads {quoted(thing.text)}" if plain(thing.text) else f"the empty {kind}"


def _runs(actions: Sequence[Action]) -> Iterator[list[Action]]:
    """The actions, those that are repeated together."""
    for _, alike in groupby(actions):
        yield list(alike)


def _told(action: Action, times: int, state: State, size: Size, *, first: bool) -> list[str]:
    """The parts of a sentence for an action done so often; none where it cannot be told."""
    match action:
        case Press(keys=keys):
            return [f"press {chord(keys)}{_times(times)}"]
        case Wait() if first:
            return ["wait"]
        case Click(at=at, button=button, count=count, holding=()) if first and at is not None and times == 1:
            thing, how = target(state, at, size), HOW.get((button, count))
            return [f"{how} {phrase(thing, state)}"] if thing and how else []
        case Move(at=at) if first and times == 1:
            thing = target(state, at, size)
            return [f"move the pointer onto {phrase(thing, state)} without clicking"] if thing else []
        case Scroll(at=at, dx=0, dy=dy, holding=()) if first and at is not None and dy:
            thing = target(state, at, size)
            return [f"scroll {'down' if dy > 0 else 'up'} over {phrase(thing, state)}"] if thing else []
    return []


def chord(keys: Sequence[str]) -> str:
    """`Ctrl+Shift+S`."""
    return "+".join(KEYS.get(key, key.upper() if len(key) == 1 else key) for key in keys)


def _times(count: int) -> str:
    if count == 1:
        return ""
    return f" {COUNTS[count]}" if count < len(COUNTS) else f" {count} times"


def _typed(text: str, most: int) -> Iterator[str]:
    """A typed text as it looks to who types it: line ends and tabs are keys."""
    for ends, piece in ((bool(re.fullmatch(r"[\n\t]", each)), each) for each in re.split(r"([\n\t])", text) if each):
        if ends:
            yield "press Enter" if piece == "\n" else "press Tab"
        elif piece.strip():
            yield f"type {quoted(piece, most)}"
        else:
            yield "press Space"


def _joined(parts: Sequence[str]) -> str:
    """`a, b and c`, with keys that follow keys told as one."""
    pressed = [part.startswith("press ") for part in parts]
    parts = [
        part.removeprefix("press ") if at and pressed[at] and pressed[at - 1] else part
        for at, part in enumerate(parts)
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
