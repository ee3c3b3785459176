"""GLM-4.1V to 4.6V: one call in words between box tokens, places in parts of 999, and a memory after it.

Sources: the model cards of GLM-4.5V and 4.6V, and the agents published with them.
"""

from __future__ import annotations

from dataclasses import dataclass

from envs.types import Action, Click, Drag, Finish, Move, Point, Press, Scroll, Type, Wait
from tests.dialects.keyboard import PYAUTOGUI, spelt
from tests.dialects.plan import Limits, Unsayable
from tests.dialects.session import Said, View

CLICKS = {
    ("left", 1): "left_click",
    ("right", 1): "right_click",
    ("middle", 1): "middle_click",
    ("left", 2): "left_double_click",
}
WHOLE = 999
BRACKETS = ("'[{},{}]'", "'[{}, {}]'", "'[[{},{}]]'", "'({},{})'", "'<{},{}>'", "[{},{}]")


@dataclass(frozen=True)
class Glm:
    """One action a reply."""

    name: str = "glm"
    batch: int = 1
    one_message: bool = True
    limits: Limits = Limits(drag="two", triple=False, needs_at=True)  # noqa: RUF009 - frozen

    def say(self, actions: list[Action], view: View) -> Said:
        """The call, boxed or not."""
        return self._speak(self._call(actions[0], view), view)

    def point(self, at: Point, view: View) -> Said:
        """A box's middle, as it grounds."""
        x, y = view.eye.parts(at, WHOLE)
        form = view.rng.choice(("[[{},{},{},{}]]", "[{},{},{},{}]"))
        return Said(f"The place is <|begin_of_box|>{form.format(x - 3, y - 3, x + 3, y + 3)}<|end_of_box|>")

    def nothing(self, view: View) -> Said:
        """A plan, and no call."""
        return Said("I have to find the right menu first.\nMemory:\n[]")

    def _call(self, action: Action, view: View) -> str:
        about = "element_info='Save (Ctrl+S)'" if view.odds(3) else "element_info='the one that is wanted'"
        match action:
            case Click(at=Point() as at, button=button, count=count, holding=()) if (button, count) in CLICKS:
                return f"{CLICKS[button, count]}(start_box={_place(at, view)}, {about})"
            case Move(at=at):
                return f"hover(start_box={_place(at, view)}, {about})"
            case Drag(path=(start, end), button="left", holding=()):
                return f"left_drag(start_box={_place(start, view)}, end_box={_place(end, view)}, {about})"
            case Scroll(at=Point() as at, dx=0, dy=dy):
                way = "down" if dy > 0 else "up"
                return f"scroll(start_box={_place(at, view)}, direction='{way}', step={abs(dy)}, {about})"
            case Press(keys=keys, seconds=0):
                return f"key(keys='{'+'.join(spelt(key, PYAUTOGUI) for key in keys)}')"
            case Type(text=text):
                return f"type(content='{_quoted(text)}')"
            case Wait():
                return "WAIT()"
            case Finish(claim="done", answer=""):
                return "DONE()"
            case Finish(claim="infeasible" | "failed"):
                return "FAIL()"
        raise Unsayable(f"it has no words for {action!r}")

    def _speak(self, call: str, view: View) -> Said:
        thought = view.intent or "Next step."
        boxed = f"<|begin_of_box|>{call}<|end_of_box|>"
        memory = "Memory:\n[{'step': 'one', \"found\": [1, 2]]"
        return view.rng.choice(
            (
                Said(f"{thought}\n{boxed}\nMemory:\n[]"),
                Said(f"<think>{thought} (maybe)</think>\n{boxed}\n{memory}"),
                Said(f"{boxed}\n{memory}", thought),
                Said(f"Action: {call}\nMemory:\n[]"),
                Said(call),
                Said("", f"{thought}\n{boxed}"),
            )
        )


def _place(at: Point, view: View) -> str:
    return view.rng.choice(BRACKETS).format(*view.eye.parts(at, WHOLE))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")


GLM = Glm()
