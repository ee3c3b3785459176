"""A planner that says in words what it wants to click, and a grounder that says where on the screen that is."""

from __future__ import annotations

from msgspec.structs import replace

from agent.base import Grounder, Spot, takes
from agent.planning import Planning, Shown
from agent.plans import Target
from agent.scaffold import Speaker, blamed, labelled, must
from envs.types import Observation

NAME = "planner_grounder"


class Described:
    """Shows the plain screen to the planner; what it describes, the grounder finds."""

    def __init__(self, model: Speaker, grounder: Grounder) -> None:
        self._model = model
        self._grounder = grounder

    def look(self, seen: Observation) -> Shown:
        """See `agent.planning.Eyes`."""

        def aim(target: Target) -> Spot:
            if not isinstance(target, str | int):
                return Spot(at=None, why_not="a target is to be described in words")
            with blamed("grounder"):
                spot = self._grounder.locate(seen.png, str(target))
            return replace(spot, calls=labelled(spot.calls, "grounder"))

        return Shown(parts=(self._model.show(seen.png),), aim=aim)


@takes(planner="agents", grounder="agents")
def planner_grounder(planner: Speaker, grounder: Grounder) -> Planning:
    """Any model that plans, and any that points."""
    must(grounder, NAME, "grounder", "locate")
    return Planning(
        planner,
        Described(planner, grounder),
        name=NAME,
        prompts=("planning", "planning_words"),
        also={"grounder": grounder},
    )
