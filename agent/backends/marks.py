"""Set of marks: what can be clicked has a numbered box on the picture, and the planner answers with numbers.

What is marked comes from the accessibility tree, from text read off the picture, or from both. Neither tells of
everything (a canvas, a title bar, an empty cell of a sheet): there a point will do, as the model's family counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from agent.base import takes
from agent.elements import Element, from_tree, in_text, to_mark
from agent.eyes import aimed, counting, counts
from agent.models.base import Text
from agent.numbering import numbered
from agent.planning import Batch, Planning, Shown
from agent.reading import Read, added, reader
from agent.scaffold import Speaker, one_of
from envs.errors import BadInput
from envs.types import Observation

NAME = "marks"
Source = Literal["tree", "text", "both"]
SOURCES: tuple[Source, ...] = ("tree", "text", "both")
LONGEST = 10_000
"""Characters of the list beside the picture."""


class Marked:
    """Shows the screen with its elements boxed and numbered, and the list of them."""

    def __init__(self, model: Speaker, find: Callable[[Observation], tuple[Element, ...]], most: int) -> None:
        self._model = model
        self._find = find
        self._most = most

    def look(self, seen: Observation) -> Shown:
        """See `agent.planning.Eyes`."""
        marks = to_mark(self._find(seen), self._most)
        picture = self._model.show(seen.png)
        frame = counting(self._model, seen.size, picture.size)
        listed = in_text(marks, LONGEST, places=False) if marks else "(nothing on this screen has a mark)"
        return Shown(
            parts=(
                numbered(picture, [mark.box for mark in marks], seen.size),
                Text(f"The marks:\n{listed}\n\n{counts(frame)}"),
            ),
            aim=lambda target: aimed(target, marks, frame, "mark"),
        )


def finding(source: Source, read: Read) -> Callable[[Observation], tuple[Element, ...]]:
    """What is found on a screen, as a function of it."""
    match source:
        case "tree":
            return lambda seen: from_tree(seen.elements, seen.size)
        case "text":
            return lambda seen: read(seen.png)
    return lambda seen: added(from_tree(seen.elements, seen.size), read(seen.png))


@takes(planner="agents")
def marks(planner: Speaker, *, source: Source = "tree", most: int = 200, batch: Batch = "all") -> Planning:
    """Any model that sees and plans. At most `most` marks: from the tree, from text off the picture, or from both."""
    one_of(NAME, "source", source, SOURCES)
    if most < 1:
        raise BadInput(f"{NAME}: most must be 1 or more marks, found {most!r}")
    read: Read = reader() if source != "tree" else lambda _: ()
    return marked(planner, source, read, most=most, batch=batch)


def marked(planner: Speaker, source: Source, read: Read, *, most: int = 200, batch: Batch = "all") -> Planning:
    """The same, with what reads text."""
    return Planning(
        planner,
        Marked(planner, finding(source, read), most),
        name=NAME,
        prompts=("planning", "planning_marks"),
        wants=() if source == "text" else ("elements",),
        batch=batch,
    )
