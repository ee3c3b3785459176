"""What the calls of pyautogui mean.

Signatures: pyautogui's documentation. Its wheel turns up for a positive number, `hscroll` to the right. Besides them
`computer.triple_click`, `computer.wait` and `computer.terminate`, as in OpenCUA, and the bare words DONE, FAIL and
WAIT, as in OSWorld.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Final

from agent.codecs.base import Invalid, Item, Wanted
from agent.codecs.code import Said, Value
from agent.codecs.fields import MOST_REPEATS, MOST_SECONDS, Fields, Unclear, key, number
from agent.codecs.scan import sane
from agent.codecs.values import chord_of
from agent.frame import Frame, OffScreen
from envs.types import (
    Button,
    Claim,
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

Place = Callable[[float, float], Point]
"""The screen's pixel for two numbers that the model said. Raises OffScreen."""

_AT: Final = ("x", "y")
_EASED: Final = ("duration", "interval", "tween", "logScreenshot", "_pause", "mouseDownUp")
"""How fast, and with what ease: the desktop does it its own way."""
_PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "pyautogui.click": (*_AT, "clicks", "interval", "button"),
    "pyautogui.leftClick": (*_AT, "interval"),
    "pyautogui.rightClick": (*_AT, "interval"),
    "pyautogui.middleClick": (*_AT, "interval"),
    "pyautogui.doubleClick": (*_AT, "interval", "button"),
    "pyautogui.tripleClick": (*_AT, "interval", "button"),
    "pyautogui.moveTo": (*_AT, "duration"),
    "pyautogui.move": ("xOffset", "yOffset", "duration"),
    "pyautogui.dragTo": (*_AT, "duration", "tween", "button"),
    "pyautogui.drag": ("xOffset", "yOffset", "duration", "tween", "button"),
    "pyautogui.mouseDown": (*_AT, "button"),
    "pyautogui.mouseUp": (*_AT, "button"),
    "pyautogui.scroll": ("clicks", *_AT),
    "pyautogui.hscroll": ("clicks", *_AT),
    "pyautogui.press": ("keys", "presses", "interval"),
    "pyautogui.hotkey": (),
    "pyautogui.write": ("message", "interval"),
    "pyautogui.typewrite": ("message", "interval"),
    "pyautogui.keyDown": ("key",),
    "pyautogui.keyUp": ("key",),
    "pyautogui.sleep": ("seconds",),
    "time.sleep": ("seconds",),
    "computer.triple_click": _AT,
    "computer.wait": ("seconds",),
    "computer.terminate": ("status", "answer"),
    "DONE": (),
    "FAIL": (),
    "WAIT": (),
}
ALLOWED: Final = frozenset(_PARAMETERS)
MODULES: Final = frozenset({"pyautogui", "time", "computer"})
STARTS: Final = ("pyautogui.", "computer.", "time.", "import ")
_CLICKS: Final[dict[str, tuple[Button | None, int]]] = {
    "pyautogui.leftClick": ("left", 1),
    "pyautogui.rightClick": ("right", 1),
    "pyautogui.middleClick": ("middle", 1),
    "pyautogui.doubleClick": (None, 2),
    "pyautogui.tripleClick": (None, 3),
    "computer.triple_click": ("left", 3),
}
_BUTTONS: Final[dict[str, Button]] = {
    "left": "left",
    "primary": "left",
    "1": "left",
    "middle": "middle",
    "2": "middle",
    "right": "right",
    "secondary": "right",
    "3": "right",
}
_CLAIMS: Final[dict[str, Claim]] = {
    "success": "done",
    "done": "done",
    "failure": "failed",
    "fail": "failed",
    "failed": "failed",
    "infeasible": "infeasible",
}


@dataclass
class Hand:
    """Reads calls in order, and remembers where the last one left the pointer: some are relative to it.

    `wait` is how long a wait without a number is, `scroll_unit` wheel clicks for one of the model's. `notes` gathers
    what had to be put right.
    """

    frame: Frame
    place: Place
    wait: float = 1.0
    scroll_unit: float = 1.0
    notes: list[str] = field(default_factory=list)
    at: tuple[float, float] | None = None

    def read(self, said: Sequence[Said]) -> tuple[Wanted, ...]:
        """What they ask for. It ends with the first that cannot be carried out, or that ends the episode."""
        wanted = list[Wanted]()
        for each in said:
            try:
                items = self._items(each)
            except Unclear as unclear:
                items = [Invalid(reason=f"{each.name}: {unclear}")]
            wanted += [Wanted(item=item, raw=each.raw) for item in items]
            if isinstance(items[-1], Invalid | Finish):
                break
        return tuple(wanted)

    def _items(self, said: Said) -> list[Item]:
        given = _bound(said)
        match said.name:
            case "pyautogui.press":
                return self._presses(given)
            case "pyautogui.hotkey":
                return [Press(keys=chord_of(_flat(said.args), self.notes))]
            case "pyautogui.write" | "pyautogui.typewrite":
                return self._typed(given.get("message"))
            case "pyautogui.keyDown" | "pyautogui.keyUp":
                held = _one_key(given.get("key"))
                return [KeyDown(key=held) if said.name.endswith("Down") else KeyUp(key=held)]
            case "DONE" | "FAIL":
                return [Finish(claim="done" if said.name == "DONE" else "infeasible")]
            case "computer.terminate":
                return [_finish(given)]
            case "pyautogui.sleep" | "time.sleep" | "computer.wait" | "WAIT":
                return [Wait(seconds=self._fields(given).capped("seconds", MOST_SECONDS, self._default(said.name)))]
        return [self._pointed(said.name, given)]

    def _default(self, name: str) -> float | None:
        return None if name.endswith("sleep") else self.wait

    def _pointed(self, name: str, given: Mapping[str, Value]) -> Item:
        if name in _CLICKS or name == "pyautogui.click":
            button, count = _CLICKS.get(name, (None, _count(given.get("clicks"))))
            return Click(at=self._point(given), button=button or _button(given), count=count)
        match name:
            case "pyautogui.moveTo":
                return Move(at=self._must(given))
            case "pyautogui.move":
                return Move(at=self._beside(given))
            case "pyautogui.dragTo":
                return Drag(path=(self._must(given),), button=_button(given))
            case "pyautogui.drag":
                return Drag(path=(self._beside(given),), button=_button(given))
            case "pyautogui.mouseDown":
                return MouseDown(at=self._point(given), button=_button(given))
            case "pyautogui.mouseUp":
                return MouseUp(at=self._point(given), button=_button(given))
        fields = self._fields(given)
        clicks = fields.clicks(round(fields.number("clicks") * self.scroll_unit, 6))
        at = self._point(given)
        return Scroll(at=at, dy=-clicks) if name == "pyautogui.scroll" else Scroll(at=at, dx=clicks)

    def _fields(self, given: Mapping[str, Value]) -> Fields:
        return Fields(given, self.frame, self.notes)

    def _point(self, given: Mapping[str, Value]) -> Point | None:
        x, y = given.get("x"), given.get("y")
        if isinstance(x, tuple) and y is None and len(x) == 2:
            x, y = x
        if x is None and y is None:
            return None
        if x is None or y is None:
            raise Unclear("x and y go together")
        return self._put(number(x, "x"), number(y, "y"))

    def _must(self, given: Mapping[str, Value]) -> Point:
        found = self._point(given)
        if found is None:
            raise Unclear("x and y are missing")
        return found

    def _beside(self, given: Mapping[str, Value]) -> Point:
        if self.at is None:
            raise Unclear("where the pointer is, is not said in this code; give the place itself")
        fields = self._fields(given)
        return self._put(self.at[0] + fields.number("xOffset", 0), self.at[1] + fields.number("yOffset", 0))

    def _put(self, x: float, y: float) -> Point:
        try:
            point = self.place(x, y)
        except OffScreen as off:
            raise Unclear(str(off)) from None
        self.at = (x, y)
        return point

    def _presses(self, given: Mapping[str, Value]) -> list[Item]:
        keys = given.get("keys")
        once = [Press(keys=chord_of(each, self.notes)) for each in (keys if isinstance(keys, tuple) else (keys,))]
        times = floor(self._fields(given).number("presses", 1))
        return self._repeated(once, times)

    def _repeated(self, once: Sequence[Item], times: int) -> list[Item]:
        if times < 1 or not once:
            raise Unclear("this presses nothing")
        if times * len(once) > MOST_REPEATS:
            self.notes.append(f"{times * len(once)} keys: the first {MOST_REPEATS} are pressed")
        return (list(once) * min(times, MOST_REPEATS))[:MOST_REPEATS]

    def _typed(self, message: Value) -> list[Item]:
        if isinstance(message, tuple):
            return self._repeated([Press(keys=(_one_key(each),)) for each in message], 1)
        return [Type(text=self._fields({"message": message}).typed("message"))]


def _bound(said: Said) -> dict[str, Value]:
    """The arguments by the names of its parameters. Raises Unclear for one that it does not have."""
    names = _PARAMETERS[said.name]
    if said.name == "pyautogui.hotkey":
        names = tuple(str(each) for each in range(len(said.args)))
    if len(said.args) > len(names):
        raise Unclear(f"it takes at most {len(names)} arguments by place")
    given = dict(zip(names, said.args, strict=False))
    for name, value in said.named.items():
        if name in given:
            raise Unclear(f"{name} is given twice")
        if name not in names and name not in _EASED:
            raise Unclear(f"it has no argument {name!r}")
        given[name] = value
    return given


def _count(clicks: Value) -> int:
    count = 1.0 if clicks is None else number(clicks, "clicks")
    if count not in (1, 2, 3):
        raise Unclear(f"clicks must be 1, 2 or 3, not {count:g}")
    return int(count)


def _button(given: Mapping[str, Value]) -> Button:
    button = given.get("button")
    known = "left" if button is None else str(button).lower()
    if known not in _BUTTONS:
        raise Unclear(f"no button is named {known!r}; there are left, middle and right")
    return _BUTTONS[known]


def _one_key(value: Value) -> str:
    if not isinstance(value, str):
        raise Unclear(f"a key is named by text, not by {value!r}")
    return key(value)


def _flat(values: Sequence[Value]) -> list[Value]:
    return [each for value in values for each in (value if isinstance(value, tuple) else (value,))]


def _finish(given: Mapping[str, Value]) -> Finish:
    status, answer = given.get("status"), given.get("answer")
    if status is None:
        raise Unclear("terminate without status: say status='success' or status='failure'")
    claim = _CLAIMS.get(str(status).strip().lower())
    if claim is None:
        raise Unclear(f"no status is named {status!r}; there are success, failure and infeasible")
    return Finish(claim=claim, answer="" if answer is None else sane(str(answer)))
