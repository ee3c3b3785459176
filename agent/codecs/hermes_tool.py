"""How `computer_use` is described to a model: the actions of a vocabulary, and how places are counted."""

from __future__ import annotations

from typing import Final

from agent.codecs.hermes_actions import Vocabulary
from agent.frame import Frame

ABOUT: Final = {
    "key": "press the keys in `keys` together, and release them",
    "type": "type `text` where the focus is; a line break presses Enter",
    "mouse_move": "put the pointer at `coordinate`",
    "left_click": "click the left button at `coordinate`",
    "left_click_drag": "hold the left button from where the pointer is now to `coordinate`, and release it there",
    "right_click": "click the right button at `coordinate`",
    "middle_click": "click the middle button at `coordinate`",
    "double_click": "click the left button twice at `coordinate`",
    "triple_click": "click the left button three times at `coordinate`",
    "scroll": "turn the wheel at `coordinate` by `pixels`: a positive number is up, a negative one down",
    "hscroll": "turn the wheel sideways at `coordinate` by `pixels`: a positive number is right, a negative one left",
    "key_down": "press the one key in `keys` and leave it down",
    "key_up": "release the one key in `keys`",
    "left_mouse_down": "press the left button at `coordinate` and leave it down",
    "left_mouse_up": "release the left button at `coordinate`",
    "wait": "wait `time` seconds for something to change",
    "terminate": "end the task with a `status`, and in `text` what was asked for, if anything was",
    "answer": "end the task with the answer in `text`, when the task asks a question",
    "screenshot": "look at the screen without doing anything",
}


def described(frame: Frame) -> str:
    """What the function does, and what a coordinate counts."""
    if frame.space == "pixels":
        counted = (
            f"The screen that you are shown is {frame.sent.width}x{frame.sent.height} pixels; coordinates are its"
        )
        return f"Acts on the desktop with mouse and keyboard. {counted} pixels, from the top left corner."
    side = f"{1000 if frame.divisor in (999, 1000) else frame.divisor:g}"
    counted = f"Coordinates count the screen as {side}x{side}, from the top left corner, whatever its real size."
    return f"Acts on the desktop with mouse and keyboard. {counted}"


def schema(words: Vocabulary) -> dict[str, object]:
    """The function's parameters, as a JSON schema."""
    told = "\n".join(f"* `{name}`: {ABOUT[name]}." for name in words.actions)
    held = " For a click or a scroll: keys that are held meanwhile, as `ctrl+shift`." if words.modifiers else ""
    properties = {
        "action": {"type": "string", "enum": list(words.actions), "description": f"What to do:\n{told}"},
        "keys": {"type": "array", "items": {"type": "string"}, "description": "For the key actions."},
        "text": {"type": "string", "description": f"For type, answer and terminate.{held}"},
        "coordinate": {"type": "array", "items": {"type": "number"}, "description": "[x, y]: where."},
        "pixels": {"type": "number", "description": "How far to scroll, in clicks of the wheel."},
        "time": {"type": "number", "description": "Seconds to wait."},
        "status": {
            "type": "string",
            "enum": ["success", "failure", "infeasible"],
            "description": "For terminate; infeasible: the task cannot be done on this desktop at all.",
        },
    }
    return {"type": "object", "properties": properties, "required": ["action"]}
