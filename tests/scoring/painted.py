"""Plays made by hand: screens whose tree, hit-tests and picture agree, unless a test wants them not to."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from envs.types import Action, Click, Node, Point, Rect, Size, Window
from scoring.state import STATES, State, encoded, packed
from scoring.understanding.trails import Did, Moment, Trail, Trails

SIZE = Size(width=800, height=600)
SHOWING = ("enabled", "sensitive", "showing", "visible")


@dataclass(frozen=True)
class Part:
    """A node, by default in the window, found by hit-tests, and drawn: a frame, and its text or name in it.

    `inside` is the name of the part it is in; `hit` the name of what hit-tests find, "" nothing, None not asked.
    """

    role: str
    name: str = ""
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    text: str = ""
    states: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    inside: str = ""
    hit: str | None = "itself"
    drawn: str | None = None
    looks: tuple[str, ...] | None = None
    """The states that it is painted in, where they are others."""
    label: str = ""
    """What `inside` and `hit` call it, where that is not its name."""

    @property
    def called(self) -> str:
        """How other parts speak of it."""
        return self.label or self.name


@dataclass(frozen=True)
class View:
    """A screen: one window of an application with parts, and what lies over it."""

    parts: tuple[Part, ...]
    title: str = "Notes"
    over: tuple[tuple[str, tuple[int, int, int, int]], ...] = ()
    app: str = "notes"
    spots: tuple[tuple[int, int, int, int], ...] = field(default=())
    """Further boxes that are painted, of which no node tells."""


def moment(run: Path, view: View) -> Moment:
    """The screen as it would have been recorded."""
    state, png = state_of(view), picture_of(view)
    data = encoded(state)
    name, picture = hashlib.sha256(data).hexdigest(), hashlib.sha256(png).hexdigest()
    for folder, file, content in ((STATES, name, packed(data)), ("frames", f"{picture}.png", png)):
        (run / folder).mkdir(parents=True, exist_ok=True)
        (run / folder / file).write_bytes(content)
    return Moment(run=run, picture=picture, size=SIZE, state_name=name)


def state_of(view: View) -> State:
    """The tree, with an application and a window, and the hit-tests."""
    window = Rect(x=0, y=0, width=SIZE.width, height=SIZE.height)
    nodes = [
        Node(role="application", name=view.app, app=view.app),
        Node(role="frame", name=view.title, states=(*SHOWING, "active"), box=window, parent=0, app=view.app),
    ]
    places = {"": 1, view.app: 0}
    for part in view.parts:
        x, y, width, height = part.box
        states = tuple(state for state in (*SHOWING, *part.states) if state not in part.without)
        box = Rect(x=x, y=y, width=width, height=height)
        places.setdefault(part.called, len(nodes))
        nodes.append(
            Node(
                role=part.role, name=part.name, states=states, box=box, parent=places[part.inside], text=part.text,
                app=view.app,
            )
        )  # fmt: skip
    hits = {}
    for place, part in enumerate(view.parts, 2):
        if part.hit is not None:
            found = place if part.hit == "itself" else places[part.hit] if part.hit else -1
            hits[place] = (found,) * 5
    stack = [("Notes", window) if not view.title else (view.title, window)]
    stack += [(title, Rect(x=x, y=y, width=w, height=h)) for title, (x, y, w, h) in view.over]
    windows = tuple(
        Window(id=at, title=title, app=view.app, box=box, focused=at == len(stack) - 1)
        for at, (title, box) in enumerate(stack)
    )
    return State(nodes=tuple(nodes), hits=hits, windows=windows)


def picture_of(view: View) -> bytes:
    """What of it is drawn: checked and selected things are filled."""
    image = Image.new("RGB", (SIZE.width, SIZE.height), "#f0f0f0")
    draw = ImageDraw.Draw(image)
    draw.text((300, 3), view.title, fill="#000000")
    for part in view.parts:
        x, y, width, height = part.box
        said = part.drawn if part.drawn is not None else part.text or part.name
        if part.role in ("button", "entry", "check box", "toggle button") and said:
            draw.rectangle((x, y, x + width - 1, y + height - 1), outline="#808080")
        looks = part.states if part.looks is None else part.looks
        if {"checked", "selected", "pressed"} & set(looks) and said:
            draw.rectangle((x + 4, y + 4, x + width - 5, y + height - 5), fill="#80a0ff")
        grey = "sensitive" in part.without
        draw.text((x + 5, y + 4), said, fill="#b0b0b0" if grey else "#000000", font=ImageFont.load_default(13))
    for x, y, width, height in (*view.spots, *(box for _, box in view.over)):
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill="#d0b070")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def trail(
    run: Path,
    operator: str,
    views: Sequence[View],
    score: float | None = 0.0,
    actions: Sequence[Action] = (),
) -> Trail:
    """A play that led from view to view."""
    acts = actions or [Click(at=Point(x=10 + at, y=10)) for at in range(len(views) - 1)]
    return Trail(
        name=operator.replace(" ", "-"), task="made/notes@1", seed=0, operator=operator,
        moments=tuple(moment(run, view) for view in views),
        steps=tuple(Did(intent="", actions=(act,)) for act in acts), score=score, whole=True,
    )  # fmt: skip


def trails(solution: Trail, untouched: Trail | None = None, **ways: Trail) -> Trails:
    """All that was played of a task."""
    return Trails(
        task="made/notes@1", seed=0, goal="Write a note and save it.", app="notes", solution=solution,
        untouched=untouched, ways=ways,
    )  # fmt: skip
