"""UI-TARS: a thought, then calls in words (1.0, 1.5), or Seed's own tool calls in XML (2).

Sources: the UI-TARS README and its published parser; the Seed documentation of GUI tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from envs.types import Action, Click, Drag, Finish, KeyDown, KeyUp, Move, Point, Press, Scroll, Type, Wait
from tests.dialects.keyboard import SEED, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import Said, View

Call = tuple[str, dict[str, str | Point]]
CLICKS = {("left", 1): "click", ("left", 2): "left_double", ("right", 1): "right_single"}


@dataclass(frozen=True)
class Tars:
    """`version` 1.5 counts in pixels of its processor's picture; the others in thousandths."""

    name: str
    version: Literal["1.0", "1.5", "2"]
    batch: int = 3
    factor: int = 28
    least: int = 100 * 28 * 28
    most: int = 16_384 * 28 * 28

    limits = Limits(drag="two", hold="keys", triple=False, wheel=5, needs_at=True)

    @property
    def absolute(self) -> bool:
        """Whether it counts in pixels."""
        return self.version == "1.5"

    def say(self, actions: list[Action], view: View) -> Said:
        """A thought and the calls."""
        return self._speak([self._call(action) for action in actions], view)

    def point(self, at: Point, view: View) -> Said:
        """A click there."""
        return self._speak([("click", {"start_box": at})], view)

    def nothing(self, view: View) -> Said:
        """A thought without an action."""
        return Said("Thought: I have to think about what to do next.")

    def _call(self, action: Action) -> Call:  # noqa: C901, PLR0911 - a case each
        match action:
            case Click(at=Point() as at, button=button, count=count, holding=()) if (button, count) in CLICKS:
                return CLICKS[button, count], {"start_box": at}
            case Move(at=at):
                return "hover", {"start_box": at}
            case Drag(path=(start, end), button="left", holding=()):
                return "drag", {"start_box": start, "end_box": end}
            case Scroll(dx=dx, dy=dy, at=at):
                way = ("right" if dx > 0 else "left") if dx else ("down" if dy > 0 else "up")
                return "scroll", ({"start_box": at} if at is not None else {}) | {"direction": way}
            case Press(keys=keys, seconds=0):
                return "hotkey", {"key": " ".join(spelt(key, SEED) for key in keys)}
            case KeyDown(key=key):
                return "press", {"key": spelt(key, SEED)}
            case KeyUp(key=key):
                return "release", {"key": spelt(key, SEED)}
            case Type(text=text):
                return "type", {"content": text}
            case Wait():
                return "wait", {}
            case Finish(claim="done", answer=answer):
                return "finished", {"content": answer}
        raise Unsayable(f"it has no words for {action!r}")

    def _speak(self, calls: list[Call], view: View) -> Said:
        thought = view.intent or "Next step."
        if self.version == "2":
            return self._seed(calls, thought, view)
        lines = "\n\n".join(f"{name}({self._inside(arguments, view)})" for name, arguments in calls)
        end = view.rng.choice(("", "", "<|im_end|>"))
        return view.rng.choice(
            (
                Said(f"Thought: {thought}\nAction: {lines}{end}"),
                Said(f"Thought: {thought} First the action: look.\nAction: {lines}{end}"),
                Said(f"Action: {lines}"),
                Said(f"Reflection: as expected.\nThought: {thought}\nAction: {lines}{end}"),
                Said("", f"Thought: {thought}\nAction: {lines}"),
            )
        )

    def _inside(self, arguments: dict[str, str | Point], view: View) -> str:
        point_named = view.odds(4)
        parts = []
        for key, value in arguments.items():
            if isinstance(value, Point):
                name = key.replace("start_box", "point").replace("end_box", "end_point") if point_named else key
                if point_named and "end_box" in arguments and name == "point":
                    name = "start_point"
                parts.append(f"{name}='{self._place(value, view)}'")
            elif view.odds(3):
                parts.append(f"{key}='{_escaped(value, quotes=False)}'")
            else:
                parts.append(f"{key}='{_escaped(value, quotes=True)}'")
        return ", ".join(parts)

    def _place(self, at: Point, view: View) -> str:
        x, y = view.eye.pixels(at) if self.absolute else view.eye.parts(at, 1000)
        forms = [f"({x},{y})", f"({x}, {y})", f"[{x},{y},{x},{y}]"]
        if self.version == "1.5":
            forms += [f"<|box_start|>({x},{y})<|box_end|>", f"<point>{x} {y}</point>"]
        return view.rng.choice(forms)

    def _seed(self, calls: list[Call], thought: str, view: View) -> Said:
        inside = ""
        for name, arguments in calls:
            inside += f"<function={name}>"
            for key, value in arguments.items():
                named, text = key, value
                if isinstance(value, Point):
                    x, y = view.eye.parts(value, 1000)
                    text = f"<point>{x} {y}</point>"
                    named = {"start_box": "start_point" if "end_box" in arguments else "point"}.get(key, "end_point")
                inside += f"<parameter={named}>{text}</parameter>"
            inside += "</function>"
        call = f"<seed:tool_call>{inside}</seed:tool_call>"
        return view.rng.choice(
            (
                Said(f"<gui_think>{thought}</gui_think>\n{call}"),
                Said(f"<gui_think>{thought}</gui_think>{call}<|im_end|>"),
                Said(call, thought),
                Said(f"<gui_think>{thought}\n{call}"),
            )
        )


def _escaped(text: str, *, quotes: bool) -> str:
    """As it writes a string between single quotes; it does not always escape the quotes inside."""
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return text.replace("'", "\\'") if quotes else text


TARS1 = Tars("uitars", "1.0")
TARS15 = Tars("uitars15", "1.5")
TARS2 = Tars("uitars2", "2")
