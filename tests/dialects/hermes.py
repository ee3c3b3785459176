"""Qwen's computer use: Hermes tool calls in the text (Qwen2.5-VL, Qwen3-VL), JSON or XML (Qwen3.5 and later).

Sources: Qwen's cookbooks of computer use, and the clean-up code of public harnesses, which shows what goes wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from envs.types import Action, Click, Drag, Finish, MouseDown, MouseUp, Move, Point, Press, Scroll, Type, Wait
from tests.dialects.keyboard import PYAUTOGUI, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import Said, View

CLICKS = {
    ("left", 1): "left_click",
    ("right", 1): "right_click",
    ("middle", 1): "middle_click",
    ("left", 2): "double_click",
    ("left", 3): "triple_click",
}
STATUS = {"done": "success", "failed": "failure", "infeasible": "infeasible"}


@dataclass(frozen=True)
class Qwen:
    """`absolute`: it counts in pixels of the picture its processor makes; else in thousandths."""

    name: str
    absolute: bool = False
    factor: int = 32
    least: int = 65_536
    most: int = 13_107_200
    tool: str = "computer_use"
    xml: bool = False
    batch: int = 1

    @property
    def limits(self) -> Limits:
        """Two and a half can neither click three times nor turn the wheel sideways."""
        if self.xml:
            return Limits(drag="end", hold="click", downs=True, down_at=True)
        return Limits(drag="end", triple=not self.absolute)

    def say(self, actions: list[Action], view: View) -> Said:
        """One tool call, with what usually stands around it."""
        arguments = self._arguments(actions[0], view)
        return self._speak(arguments, view)

    def point(self, at: Point, view: View) -> Said:
        """A click there."""
        return self._speak({"action": "left_click", "coordinate": list(self._at(at, view))}, view)

    def nothing(self, view: View) -> Said:
        """Words without a call."""
        return Said(content=view.rng.choice(("I will look at the screen first.", "The task is done.", "")))

    def _at(self, at: Point, view: View) -> tuple[int, int]:
        return view.eye.pixels(at) if self.absolute else view.eye.parts(at, 1000)

    def _arguments(self, action: Action, view: View) -> dict[str, object]:  # noqa: C901, PLR0911 - a case each
        match action:
            case Click(at=at, button=button, count=count, holding=holding):
                if (button, count) not in CLICKS:
                    raise Unsayable(f"it has no {count} clicks of {button}")
                said: dict[str, object] = {"action": CLICKS[button, count]}
                if at is not None:
                    said["coordinate"] = list(self._at(at, view))
                if holding:
                    said["text"] = "+".join(spelt(key, PYAUTOGUI) for key in holding)
                return said
            case Move(at=at):
                return {"action": "mouse_move", "coordinate": list(self._at(at, view))}
            case Drag(path=(end,), button="left"):
                return {"action": "left_click_drag", "coordinate": list(self._at(end, view))}
            case Scroll(dx=dx, dy=dy, at=at):
                if dx and self.absolute:
                    raise Unsayable("it has no hscroll")
                said = {"action": "hscroll", "pixels": dx} if dx else {"action": "scroll", "pixels": -dy}
                return said | ({"coordinate": list(self._at(at, view))} if at is not None else {})
            case Press(keys=keys, seconds=0):
                return {"action": "key", "keys": [spelt(key, PYAUTOGUI) for key in keys]}
            case Type(text=text):
                return {"action": "type", "text": text}
            case Wait(seconds=seconds):
                return {"action": "wait", "time": seconds}
            case Finish(claim=claim, answer=answer):
                if answer:
                    return {"action": "answer", "text": answer}
                plain = "infeasible" not in view.asked and claim == "infeasible"
                return {"action": "terminate", "status": "failure" if plain else STATUS[claim]}
            case MouseDown(at=at) | MouseUp(at=at) if self.xml and action.button == "left":
                name = "left_mouse_down" if isinstance(action, MouseDown) else "left_mouse_up"
                return {"action": name} | ({"coordinate": list(self._at(at, view))} if at is not None else {})
        raise Unsayable(f"it has no words for {action!r}")

    def _speak(self, arguments: dict[str, object], view: View) -> Said:
        arguments = _spoilt(arguments, view, printed=not self.xml)
        thought = view.intent or "Next step."
        if self.xml:
            return _xml(self, arguments, thought, view)
        call = json.dumps({"name": self.tool, "arguments": arguments}, ensure_ascii=view.odds(2))
        shapes: tuple[Callable[[], Said], ...] = (
            lambda: Said(f"Action: {thought}\n<tool_call>\n{call}\n</tool_call>"),
            lambda: Said(f"<think>\n{thought}\n</think>\n\n<tool_call>\n{call}\n</tool_call><|im_end|>"),
            lambda: Said(f"{thought}\n⚗\n{call}\n⚗"),
            lambda: Said(f"📐\n{call}\n📐"),
            lambda: Said(f"<tool_call>\n{call}"),
            lambda: Said(f"<tool_call>\n{call}\n<tool_call>"),
            lambda: Said(call),
            lambda: Said("", thought, ((self.tool, json.dumps(arguments)),)),
            lambda: Said("", f"{thought}\n<tool_call>\n{call}\n</tool_call>"),
        )
        return view.rng.choice(shapes)()


def _spoilt(arguments: dict[str, object], view: View, *, printed: bool) -> dict[str, object]:
    """Its arguments, now and then in the shapes that harnesses have had to clean up."""
    said = dict(arguments)
    match said.get("coordinate"):
        case [int(x), int(y)] if view.odds(5):
            said["coordinate"] = view.rng.choice(
                (f"[{x}, {y}]", [x - 2, y - 2, x + 2, y + 2], [[x, y]], [x + 0.0, y])
            )
    match said.get("keys"):
        case [*keys] if view.odds(5) and "+" not in keys:
            joined = "+".join(map(str, keys))
            said["keys"] = view.rng.choice((joined, [joined], _printed(keys) if printed else keys))
    return said


def _printed(keys: list[object]) -> list[str]:
    """The list as a bug of the training data prints it: `["keys=['ctrl'", "'s']"]`."""
    parts = [f"'{key}'" for key in keys]
    parts[0] = f"keys=[{parts[0]}"
    parts[-1] = f"{parts[-1]}]"
    return parts


def _xml(family: Qwen, arguments: dict[str, object], thought: str, view: View) -> Said:
    """As Qwen3.5 and later answer: XML or JSON, and native calls where the server parses them."""
    tool = family.tool
    if view.odds(4):
        arguments = {("type" if key == "action" else key): value for key, value in arguments.items()}
    inside = "".join(
        f"<parameter={key}>\n{value if isinstance(value, str) else json.dumps(value)}\n</parameter>\n"
        for key, value in arguments.items()
    )
    xml = f"<tool_call>\n<function={tool}>\n{inside}</function>\n</tool_call>"
    doubled = json.dumps({"name": tool, "arguments": json.dumps(arguments)})
    plain = json.dumps({"name": tool, "arguments": arguments})
    # Where no line ends around values, one at a value's own edge could be taken for such a line's end.
    edged = any(value != value.strip("\n") for value in arguments.values() if isinstance(value, str))
    shapes = (
        Said(f"{thought}\n\n{xml}"),
        Said(f"<think>\n{thought}\n</think>\n\n{xml}<|im_end|>"),
        Said(f"<think>\n{thought}\n\n{xml}"),
        Said(xml if edged else xml.replace(">\n", ">").replace("\n<", "<")),
        Said(f"<tool_call>\n{plain}\n</tool_call>", thought),
        Said(f"<tool_call>\n{doubled}\n</tool_call>"),
        Said("", thought, ((tool, json.dumps(arguments)),)),
        Said("", thought, ((tool, json.dumps(json.dumps(arguments))),)),
    )
    return view.rng.choice(shapes)


QWEN25 = Qwen("qwen25vl", absolute=True, factor=28, least=3136, most=12_845_056)
QWEN3 = Qwen("qwen3vl")
QWEN35 = Qwen("qwen35", tool="computer", xml=True)
