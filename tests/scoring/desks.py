"""A made desktop with one small program, told as states and pictures, and plays of a task on it.

The task: in the window `Guests`, name the guest Anna, tick `Vegetarian`, and save, which opens the window `Saved`.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from envs.types import Action, Button, Click, Node, Point, Press, Rect, Size, Type, Window
from scoring.state import STATES, State, encoded, packed
from scoring.understanding.trails import Did, Moment, Trail, Trails

SIZE = Size(width=800, height=600)
WHERE = {
    "File": Rect(x=60, y=80, width=60, height=24),
    "Name": Rect(x=200, y=140, width=240, height=30),
    "Vegetarian": Rect(x=200, y=200, width=160, height=24),
    "Save": Rect(x=200, y=420, width=120, height=32),
    "Notes": Rect(x=460, y=140, width=260, height=200),
    "Open": Rect(x=60, y=104, width=120, height=24),
}
MIDDLE = Point(x=400, y=300)
ROLES = {"File": "menu", "Name": "entry", "Vegetarian": "check box", "Save": "button", "Notes": "text"}
GUESTS, SAVED = Rect(x=40, y=40, width=720, height=520), Rect(x=480, y=380, width=200, height=140)


@dataclass(frozen=True)
class Desk:
    """What the program shows. `shade` is of no node: a selection that only the picture shows."""

    name: str = ""
    ticked: bool = False
    notes: str = "Bread\nButter\nTea"
    focus: str = "Notes"
    menu: bool = False
    saved: bool = False
    closed: bool = False
    shade: str = "white"
    greyed: bool = False
    pointer: Point = MIDDLE

    def state(self) -> State:
        """Its tree, hit-tests and windows."""
        nodes = [Node(role="application", name="guests", app="guests", states=("showing",))]
        hits: dict[int, tuple[int, ...]] = {}

        def add(role: str, name: str, box: Rect, parent: int, *states: str, text: str = "") -> int:
            shown = ("showing", "sensitive", "enabled", *states)
            nodes.append(Node(role=role, name=name, states=shown, box=box, parent=parent, text=text, app="guests"))
            hits[len(nodes) - 1] = (len(nodes) - 1,) * 5
            return len(nodes) - 1

        windows = []
        if not self.closed:
            frame = add("frame", "Guests", GUESTS, 0, *(() if self.saved else ("active",)))
            windows.append(Window(id=1, title="Guests", app="guests", box=GUESTS, focused=not self.saved))
            bar = add("menu bar", "", Rect(x=40, y=80, width=720, height=24), frame)
            for name, role in ROLES.items():
                states = ["focused"] if self.focus == name else []
                states += ["checked"] if name == "Vegetarian" and self.ticked else []
                states += ["editable"] if name in ("Name", "Notes") else []
                states += ["multi-line"] if name == "Notes" else []
                text = self.name if name == "Name" else self.notes if name == "Notes" else ""
                place = add(role, "" if name == "Notes" else name, WHERE[name], bar if name == "File" else frame,
                            *states, text=text)  # fmt: skip
                if name == "Save" and self.greyed:
                    nodes[place] = Node(role=role, name=name, states=("showing",), box=WHERE[name], parent=frame,
                                        app="guests")  # fmt: skip
                if name == "File" and self.menu:
                    add("menu item", "Open", WHERE["Open"], place)
        if self.saved:
            top = add("dialog", "Saved", SAVED, 0, "active")
            add("button", "Fine", Rect(x=520, y=460, width=100, height=30), top, "focused")
            windows.append(Window(id=2, title="Saved", app="guests", box=SAVED, focused=True))
        return State(nodes=tuple(nodes), hits=hits, windows=tuple(windows))

    def png(self) -> bytes:
        """What is drawn of it, with the pointer."""
        return _drawn(self)


@cache
def _drawn(desk: Desk) -> bytes:
    image = Image.new("RGB", (SIZE.width, SIZE.height), "#204060")
    pen = ImageDraw.Draw(image)
    for node in desk.state().nodes:
        if node.box is None or node.role == "menu bar":
            continue
        fill = "#d8d8d8" if node.role in ("frame", "dialog") else desk.shade if node.role == "text" else "white"
        box = (node.box.x, node.box.y, node.box.x + node.box.width - 1, node.box.y + node.box.height - 1)
        pen.rectangle(box, fill=fill, outline="#c04000" if "focused" in node.states else "black", width=2)
        mark = "[x] " if "checked" in node.states else ""
        pen.text((node.box.x + 6, node.box.y + 4), f"{mark}{node.name} {node.text}", fill="black")
    pen.polygon([(desk.pointer.x, desk.pointer.y), (desk.pointer.x + 10, desk.pointer.y + 14),
                 (desk.pointer.x, desk.pointer.y + 16)], fill="black")  # fmt: skip
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def moment(run: Path, desk: Desk) -> Moment:
    """The desk as a run's folder keeps it."""
    data, png = encoded(desk.state()), desk.png()
    name, picture = hashlib.sha256(data).hexdigest(), hashlib.sha256(png).hexdigest()
    for path, content in ((run / STATES / name, packed(data)), (run / "frames" / f"{picture}.png", png)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Moment(run=run, picture=picture, size=SIZE, state_name=name)


Told = tuple[str, tuple[Action, ...], Desk]
"""A step: what it is for, what is done, and what the desk is afterwards."""


def trail(run: Path, operator: str, steps: list[Told], score: float, first: Desk | None = None) -> Trail:
    """A play of these steps."""
    desks = [first or Desk(), *(desk for _, _, desk in steps)]
    return Trail(
        name=operator.replace(":", "-").replace(" ", "-"),
        task="made/guests@1",
        seed=0,
        operator=operator,
        moments=tuple(moment(run, desk) for desk in desks),
        steps=tuple(Did(intent=intent, actions=actions) for intent, actions, _ in steps),
        score=score,
        whole=True,
    )


def on(name: str, button: Button = "left") -> tuple[Action, ...]:
    """A click in the middle of a control."""
    return (Click(at=WHERE[name].centre, button=button),)


def keys(*chord: str) -> tuple[Action, ...]:
    """One chord."""
    return (Press(keys=chord),)


AT = WHERE["Name"].centre
FIRST = Desk()
FOCUSED = replace(FIRST, focus="Name", pointer=AT)
NAMED = replace(FOCUSED, name="Anna")
TICKED = replace(NAMED, ticked=True, focus="Vegetarian")
DONE = replace(TICKED, saved=True, focus="")
GO: Told = ("go to the name", on("Name"), FOCUSED)
NAME: Told = ("type 'Anna'", (Type(text="Anna"),), NAMED)
TICK: Told = ("tick the box", (Press(keys=("Tab",)), Press(keys=("space",))), TICKED)
SAVE: Told = ("save the guest", keys("ctrl", "s"), DONE)
SOLUTION = [GO, NAME, TICK, SAVE]


def turns(run: Path) -> dict[int, dict[str, Trail]]:
    """Other things that were done, by the step in whose place: those at 1 leave the pointer where it is."""
    early = replace(FOCUSED, ticked=True, focus="Vegetarian")
    late = replace(early, notes="Bread\nButter\nTea\nAnna")
    saved = replace(NAMED, saved=True, focus="")

    def turn(name: str, steps: list[Told]) -> Trail:
        return trail(run, name, steps, 0.0)

    return {
        1: {
            "value": turn("turn:1:value", [GO, ("", (Type(text="Anne"),), replace(FOCUSED, name="Anne"))]),
            "early": turn("turn:1:early", [GO, (*TICK[:2], early), (*NAME[:2], late)]),
            "escape": turn("turn:1:escape", [GO, ("", keys("Escape"), FOCUSED)]),
            "key": turn("turn:1:key", [GO, ("", keys("ctrl", "a"), replace(FOCUSED, shade="yellow"))]),
            "hasty": turn("turn:1:hasty", [GO, (*SAVE[:2], replace(FOCUSED, saved=True, focus=""))]),
        },
        2: {
            "early": turn("turn:2:early", [GO, NAME, (*SAVE[:2], saved), (*TICK[:2], saved)]),
            "repeat": turn("turn:2:repeat", [GO, NAME, (*NAME[:2], replace(NAMED, name="AnnaAnna"))]),
        },
    }


def plays(run: Path, **more: object) -> Trails:
    """All that was executed of the task; `more` takes the place of fields."""
    solution = more.get("solution") or trail(run, "solution", SOLUTION, 1.0)
    fields: dict[str, object] = {
        "task": "made/guests@1",
        "seed": 0,
        "goal": "Name the guest Anna, tick Vegetarian, and save.",
        "app": "guests",
        "solution": solution,
        "untouched": trail(run, "untouched", [], 0.0),
        "again": (solution,),
        "turns": turns(run),
        **more,
    }
    return Trails(**fields)  # type: ignore[arg-type]  # as the tests give them
