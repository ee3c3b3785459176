"""The accessibility tree as text: a numbered line for each thing on the screen, with its box, beside the picture.

Without the picture (`picture=false`) a model that sees nothing will do. Points are the screen's pixels, as boxes are.
"""

from __future__ import annotations

from agent.base import Spot, takes
from agent.elements import from_tree, in_text
from agent.eyes import aimed
from agent.frame import Frame
from agent.models.base import Part, Text
from agent.planning import Batch, Planning, Shown
from agent.plans import Target
from agent.scaffold import Speaker
from envs.errors import BadInput
from envs.types import Observation

NAME = "tree"
LEAST = 500


class Told:
    """Tells what is on the screen, in at most `most` characters, and shows it if there is to be a picture."""

    def __init__(self, model: Speaker, *, picture: bool, most: int) -> None:
        self._model = model
        self._picture = picture
        self._most = most

    def look(self, seen: Observation) -> Shown:
        """See `agent.planning.Eyes`."""
        elements = from_tree(seen.elements, seen.size)
        frame = Frame(screen=seen.size, sent=seen.size)
        size = f"The screen is {seen.size.width} pixels wide and {seen.size.height} high."
        words = Text(f"{size} On it, by the accessibility tree:\n{in_text(elements, self._most)}")
        shown: tuple[Part, ...] = (self._model.show(seen.png),) if self._picture else ()

        def aim(target: Target) -> Spot:
            return aimed(target, elements, frame, "element")

        return Shown(parts=(*shown, words), aim=aim)


@takes(planner="agents")
def tree(planner: Speaker, *, picture: bool = True, most: int = 20_000, batch: Batch = "all") -> Planning:
    """Any model that plans. `most` is the characters of the list; what is left out is counted."""
    if most < LEAST:
        raise BadInput(f"{NAME}: most must be {LEAST} or more characters, found {most!r}")
    return Planning(
        planner,
        Told(planner, picture=picture, most=most),
        name=NAME,
        prompts=("planning", "planning_tree"),
        wants=("elements",),
        batch=batch,
    )
