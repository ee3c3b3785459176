"""A folder of results as OSWorld's own runner writes it, and as runners made after it do: every form that is read."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any  # lines are JSON in whatever form a runner writes

from PIL import Image, ImageDraw

MODEL = Path("pyautogui", "screenshot", "gpt-4o")
PASSED, INFEASIBLE, BROKEN, BEGUN, MIXED = (f"0000000{number}-aaaa-4bbb-8ccc-dddddddddddd" for number in range(1, 6))
ARGUMENTS = {
    "action_space": "pyautogui",
    "observation_type": "screenshot",
    "model": "gpt-4o",
    "max_steps": 15,
    "sleep_after_execution": 3.0,
    "result_dir": "./results",
    "client_password": "hidden",
}


def screen(text: str, kind: str = "PNG") -> bytes:
    """A picture of a desktop that shows a window with a line of text."""
    image = Image.new("RGB", (1920, 1080), "#30424f")
    draw = ImageDraw.Draw(image)
    draw.rectangle((260, 140, 1660, 940), fill="#fafafa", outline="#222")
    draw.rectangle((260, 140, 1660, 188), fill="#d8dde1")
    draw.text((300, 240), text, fill="#222", font_size=34)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def line(step: int | None, stamp: str | None, action: object, **more: Any) -> dict[str, Any]:
    """A line as OSWorld's runner writes it; keys given replace its own."""
    usual = {
        "step_num": step,
        "action_timestamp": stamp,
        "action": action,
        "response": "I go on.",
        "reward": 0,
        "done": False,
        "info": {},
        "screenshot_file": f"step_{step}_{stamp}.png",
    }
    return usual | more


def write(folder: Path, lines: Sequence[object], **files: str | bytes) -> Path:
    """One task's folder: the trajectory, and whatever else. A line of text is written as it stands."""
    folder.mkdir(parents=True)
    rows = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    if rows:
        (folder / "traj.jsonl").write_text("\n".join(rows) + "\n")
    for each in lines:
        if isinstance(each, dict) and isinstance(each.get("screenshot_file"), str):
            (folder / each["screenshot_file"]).write_bytes(screen(f"after {each['screenshot_file']}"))
    for name, data in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def lay(results: Path) -> Path:
    """The whole folder: five tasks of one model. Returns it."""
    model = results / MODEL
    write(
        model / "chrome" / PASSED,
        [
            line(1, "20260301@090000000000", "pyautogui.click(640, 480)", response="I open the menu."),
            line(
                2,
                "20260301@090007500000",
                "import pyautogui\nimport time\npyautogui.moveTo(300, 250)\npyautogui.dragTo(900, 520, duration=1)\n"
                "time.sleep(0.5)\npyautogui.hotkey('ctrl', 'c')",
            ),
            line(2, "20260301@090012250000", "pyautogui.write('hello', interval=0.05)"),
            line(3, "20260301@090020000000", "for place in [1, 2]:\n    pyautogui.scroll(-5)", response="I scroll."),
            line(4, "20260301@090030000000", "DONE", done=True, info={"done": True}),
        ],
        result__txt="1.0\n",
        runtime__log="Step 1\n",
    )
    write(
        model / "os" / INFEASIBLE,
        [
            line(
                1,
                "20260301@091000",
                {"action_type": "CLICK", "parameters": {"x": 100.7, "y": 200, "num_clicks": 2}},
                screenshot_file=None,
            ),
            line(2, "20260301@091010", {"action_type": "SCROLL", "dx": 0, "dy": -3}, screenshot_file="lost.png"),
            line(3, "20260301@091020", {"action_type": "FAIL"}, done=True),
        ],
        result__txt="1",
        instruction__txt="Switch on the Bluetooth.\n",
        step_0__png=screen("before"),
        step_1__png=screen("one", "JPEG"),
    )
    (model / "os" / INFEASIBLE / "lost.png").unlink()
    write(
        model / "os" / BROKEN,
        [
            line(1, "20260301@092000_000001", "WAIT"),
            {"Error": f"Time limit exceeded in os/{BROKEN}"},
        ],
    )
    write(model / "gimp" / BEGUN, [], runtime__log="begun\n")
    write(
        model / "vs_code" / MIXED,
        [
            line(None, None, [{"action_type": "HOTKEY", "keys": ["ctrl", "s"]}, "pyautogui.press('enter')"],
                 screenshot_file=None, response={"text": ["I save."], "usage": 12}),
            {"step_num": 2, "action": {"command": "Agent.click(12)"}, "thought": "I click.", "done": False},
            line(3, "not a time", None, screenshot_file=None),
            '{"step_num": 4, "action": "pyautogui.cli',
        ],
        result__txt="0.5",
    )  # fmt: skip
    (model / "args.json").write_text(json.dumps(ARGUMENTS))
    return results
